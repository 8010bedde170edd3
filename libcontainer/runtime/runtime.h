/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The life of a container, one function for each command (OCI runtime.md
 * "Operations"). The CLI parses, calls one of these and prints. Every function
 * returns 0 or -errno with the error trail (and class) set; nothing here writes
 * to stdout. A failed create, run or exec leaves nothing behind.
 */
#ifndef TARE_RUNTIME_RUNTIME_H
#define TARE_RUNTIME_RUNTIME_H

#include <sys/types.h>

#include "base/arena.h"
#include "base/buf.h"
#include "cgroups/cgroups.h"
#include "spec/spec.h"

/* Global options, as given; rt_global_init fills the defaults. */
struct rt_global {
	const char *root;     /* --root, NULL: the default (runc-compatible) */
	bool root_given;      /* --root was given */
	bool systemd_cgroup;  /* --systemd-cgroup */
	bool cgroup_disabled; /* --cgroup-manager disabled */
	int rootless;	      /* --rootless: -1 auto, 0, 1 */
	char root_buf[4096];
};
int rt_global_init(struct rt_global *g);

struct rt_create_opts {
	const char *id;
	const char *bundle; /* NULL: current directory */
	const char *config; /* NULL: config.json of the bundle */
	const char *pid_file, *console_socket, *pidfd_socket;
	bool no_pivot, no_new_keyring;
	unsigned int preserve_fds;
	/* run only */
	bool detach, keep, no_subreaper;
};
int rt_create(const struct rt_global *g, const struct rt_create_opts *o);
/* *exit_status: of the process (128 + n for a signal), 0 when detached. */
int rt_run(const struct rt_global *g, const struct rt_create_opts *o,
	   int *exit_status);
int rt_start(const struct rt_global *g, const char *id);

struct rt_exec_opts {
	const char *id;
	const char *process_file; /* --process: then args is empty */
	const char *const *args;  /* NULL-terminated */
	const char *cwd, *user;	  /* "UID[:GID]" */
	const char *const *env, *const *caps, *const *additional_gids;
	size_t n_env, n_caps, n_additional_gids;
	bool tty, detach, ignore_paused;
	int no_new_privs; /* -1 not given, 0, 1 */
	const char *apparmor, *process_label;
	const char *pid_file, *console_socket, *pidfd_socket;
	const char *const *cgroup; /* [CTRL[,CTRL]:]PATH */
	size_t n_cgroup;
	unsigned int preserve_fds;
};
int rt_exec(const struct rt_global *g, const struct rt_exec_opts *o,
	    int *exit_status);

/* sig is a number 0..64. all: "not running" is a success. */
int rt_kill(const struct rt_global *g, const char *id, int sig, bool all);
int rt_delete(const struct rt_global *g, const char *id, bool force);
int rt_pause(const struct rt_global *g, const char *id);
int rt_resume(const struct rt_global *g, const char *id);

/* One container as `state` and `list` show it. */
struct rt_info {
	char *oci_version; /* OCI_VERSION */
	char *id;
	int32_t pid; /* 0 when stopped */
	char *status;
	char *bundle, *rootfs, *created;
	struct kv_list annotations; /* NULL: omitted */
	char *owner;
};
extern const struct record rt_info_record; /* keys in runc's order */
int rt_state(const struct rt_global *g, struct arena *a, const char *id,
	     struct rt_info *ret);
struct rt_info_list {
	struct rt_info *v;
	size_t n;
	char **failed; /* messages "load container X: ...", NULL-terminated */
};
/* The ids alone, whatever state they are in. */
int rt_ids(const struct rt_global *g, struct arena *a, struct str_list *ret);
int rt_list(const struct rt_global *g, struct arena *a,
	    struct rt_info_list *ret);
/* Ids only, for `list -q`. */
int rt_pids(const struct rt_global *g, struct arena *a, const char *id,
	    int32_t **ret, size_t *ret_n);

/*
 * Makes the mounts that the file lists (`mounts` of config.md, or that list
 * alone) in a container that is there; or unmounts their destinations.
 */
int rt_mounts(const struct rt_global *g, const char *id, const char *file,
	      bool take_away);

/*
 * update: res as given; the caller built it from flags or --resources. rdt:
 * l3CacheSchema and memBwSchema; NULL: no change of them.
 */
int rt_update(const struct rt_global *g, const char *id,
	      const struct oci_resources *res, const struct oci_intel_rdt *rdt);

/*
 * events: calls back with one JSON line (no newline) each time; once stops
 * after the first; interval in ms. cb returning < 0 ends it.
 */
int rt_events(const struct rt_global *g, const char *id, bool once,
	      unsigned int interval_ms, int (*cb)(const char *json, void *arg),
	      void *arg);

/*
 * The plan of a bundle as text or JSON, with warnings; changes nothing.
 * systemd: with the unit that its driver would make.
 */
int rt_explain(const char *bundle, bool systemd, bool json, struct buf *out);

#endif
