/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What tare asks of its systemd helper (cgroups/sd/) and what that answers, as
 * bytes: a list of NUL-terminated strings each way. Values of D-Bus properties
 * are told by their signature and their basic parts as text, in order; an array
 * is led by its number of elements. Pure; the base floor only, as the helper is
 * linked to this too.
 */
#ifndef TARE_CGROUPS_SD_WIRE_H
#define TARE_CGROUPS_SD_WIRE_H

#include <sys/types.h>

#include "base/arena.h"
#include "base/buf.h"

struct sd_prop {
	const char *name, *sig;
	unsigned int since; /* version of systemd that knows it; 0: any */
	const char **v;	    /* the parts */
	size_t n;
};
struct sd_props {
	struct arena *arena;
	struct sd_prop *v;
	size_t n, cap;
	int err; /* sticky */
};

/* Adds a property without parts; sd_part adds one to the last property. */
void sd_prop(struct sd_props *l, unsigned int since, const char *name,
	     const char *sig);
void sd_part(struct sd_props *l, const char *fmt, ...) _printf_(2, 3);
/* A property with one part. */
void sd_prop1(struct sd_props *l, unsigned int since, const char *name,
	      const char *sig, const char *fmt, ...) _printf_(5, 6);

/* Length of the complete type that sig begins with, 0 when there is none. */
size_t sd_type_len(const char *sig);

enum sd_verb {
	SD_QUERY,  /* version and cgroup of the manager */
	SD_START,  /* StartTransientUnit */
	SD_SET,	   /* SetUnitProperties */
	SD_STOP,   /* StopUnit, ResetFailedUnit; with a property ControlGroup
			of the unit of that group alone */
	SD_ATTACH, /* AttachProcessesToUnit; the one property is PIDs */
};
struct sd_request {
	enum sd_verb verb;
	const char *address; /* of the bus */
	const char *unit;
	const struct sd_prop *props;
	size_t n_props;
};
struct sd_reply {
	int err;   /* a positive errno, or 0 */
	bool made; /* the manager took the order to start */
	const char *text;
	const char *version, *cgroup; /* SD_QUERY */
};

#define SD_MAX (4u << 20)

/* buf_error() tells about memory. */
void sd_put_request(struct buf *out, const struct sd_request *q);
void sd_put_reply(struct buf *out, const struct sd_reply *p);
/*
 * 0, or -EBADMSG for anything but what the two above write: every value fits
 * its signature. The strings stay in `data`.
 */
int sd_get_request(struct arena *a, const char *data, size_t len,
		   struct sd_request *ret);
int sd_get_reply(const char *data, size_t len, struct sd_reply *ret);

#endif
