/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The helper's side of the systemd driver: one request, carried out over a
 * D-Bus connection of its own by libsystemd. Every wait ends.
 */
#ifndef TARE_CGROUPS_SD_BUS_H
#define TARE_CGROUPS_SD_BUS_H

#include <systemd/sd-bus.h>

#include "cgroups/sd_wire.h"

#define MANAGER "org.freedesktop.systemd1"
#define MANAGER_PATH "/org/freedesktop/systemd1"
#define MANAGER_IFACE MANAGER ".Manager"

struct session {
	sd_bus *bus;
	const struct sd_request *q;
	struct sd_reply *reply;
	struct arena *arena;
	unsigned int version; /* of the manager; 0: not asked for */
	const char *job;      /* that is waited for */
	const char *result;   /* "done", once it has come */
};

/* Fills reply.text, err. Negative errno, never 0. */
int session_fail(struct session *s, int r, const char *fmt, ...) _printf_(3, 4);
/* The same from an error that the bus brought. */
int session_fail_bus(struct session *s, int r, const sd_bus_error *e,
		     const char *what);

int session_connect(struct session *s);
/* Version of the manager, asked for once. */
int session_version(struct session *s);
int session_query(struct session *s);
int session_start(struct session *s);
int session_set(struct session *s);
int session_stop(struct session *s);
int session_attach(struct session *s);

/* The request's properties that this manager knows, as a(sv). */
int props_append(sd_bus_message *m, const struct sd_request *q,
		 unsigned int version);
/* The value of a property alone. */
int prop_append_value(sd_bus_message *m, const struct sd_prop *prop);

#endif
