/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The state directory: ROOT/ID/{state.json, config.json, start.sock}, one lock
 * per container (flock on the directory), atomic records. All access is by
 * directory fds. The record is on disk before the thing it names is made, so
 * that delete --force can clean up after a SIGKILL at any instruction.
 */
#ifndef TARE_RUNTIME_STORE_H
#define TARE_RUNTIME_STORE_H

#include "base/arena.h"
#include "cgroups/cgroups.h"
#include "runtime/runtime.h"

#define STORE_SOCKET "start.sock"
#define STORE_FIFO "exec.fifo" /* instead, if runc made it */

/* The part of runc's "config" object that other programs read. */
struct store_config {
	char *rootfs;
	struct str_list labels; /* "key=value", "bundle=DIR" */
};

/*
 * state.json. phase: "creating" until the container is created; without one it
 * is runc's own record, of a container that was there before runc was exchanged
 * for this program.
 */
struct store_state {
	char *oci_version, *id, *phase;
	int32_t pid;
	uint64_t start_time;
	char *boot_id;
	char *created, *bundle, *rootfs;
	struct kv_list annotations;
	struct cg_record *cgroup;
	struct oci_hooks *hooks; /* poststart, poststop are used later */
	bool new_pidns;		 /* init is pid 1: its death ends all */
	bool rootless;
	/* without a mount namespace: the mount that the root's own covers, and
	 * the namespace (its inode) where */
	uint64_t rootfs_below, rootfs_ns;
	/* linux.intelRdt: absolute paths of groups; made by us; by closID */
	char *rdt_path, *rdt_mon_path;
	bool rdt_made, rdt_named;
	/* for other programs that read the file as runc's */
	struct kv_list cgroup_paths, namespace_paths;
	struct store_config *config;
	bool foreign; /* not stored: runc's, see foreign.h */
};
extern const struct record store_state_record;

struct store_dir { /* an open container directory */
	int fd;	   /* ROOT/ID, flock'ed when locked */
	int rootfd;
	const char *id;
};
void store_close(struct store_dir *d);
#define _cleanup_store_ _cleanup_(store_close)
#define STORE_DIR_NONE                         \
	{                                      \
		.fd = -EBADF, .rootfd = -EBADF \
	}

/* "invalid container ID format" etc. Pure. */
int store_check_id(const char *id);

/* Makes ROOT (0700) and ROOT/ID, locked. "container with given ID already
 * exists" when it is there. */
int store_create(const struct rt_global *g, const char *id,
		 struct store_dir *ret);
enum store_lock {
	STORE_LOOK, /* no lock: only looks */
	STORE_LOCK, /* waits for the lock, up to STORE_LOCK_MS */
	STORE_TRY,  /* -EWOULDBLOCK when another command holds it */
};
#define STORE_LOCK_MS 30000
/*
 * Opens ROOT/ID. "container does not exist" (ERR_NO_CONTAINER, -ENOENT).
 * Re-checks after the lock was taken that the directory is still the one of
 * that name.
 */
int store_open(const struct rt_global *g, const char *id, enum store_lock lock,
	       struct store_dir *ret);
int store_unlock(struct store_dir *d);

int store_save(struct store_dir *d, const struct store_state *s);
/* -ENOENT without state.json; -EBADMSG (trail set) when it is not readable. */
int store_load(struct store_dir *d, struct arena *a, struct store_state *ret);
/* Bundle, annotations and cgroup of a record of runc's. 0 or -ENOMEM. */
int store_take_foreign(struct arena *a, struct store_state *s);
/* Removes the directory and everything in it. */
int store_remove(struct store_dir *d);

/* A copy of the configuration for exec; runc has none but the bundle's. */
int store_save_config(struct store_dir *d, const char *text, size_t len);
int store_load_config(struct store_dir *d, const struct store_state *s,
		      struct arena *a, struct oci_spec **ret);

/* Names in ROOT that are directories, sorted; empty when a default root is
 * missing, an error ("open DIR: ...") when a given one is. */
int store_ids(const struct rt_global *g, struct arena *a, struct str_list *ret);

/*
 * The listening socket ROOT/ID/start.sock (SOCK_SEQPACKET). fd. And connecting
 * to it: -ECONNREFUSED when init is gone, -ENOENT when already started.
 */
int store_listen(struct store_dir *d);
int store_connect(struct store_dir *d);

#endif
