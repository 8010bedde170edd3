/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The acting half of create and run. Order: record, cgroup with its limits,
 * init, its sync points, commit. Whatever fails, making_free() undoes it.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/log.h"
#include "base/proc.h"
#include "base/str.h"
#include "runtime/console.h"
#include "runtime/hooks.h"
#include "runtime/making.h"
#include "runtime/notify.h"
#include "runtime/process.h"
#include "runtime/rdt.h"
#include "runtime/rootfs.h"
#include "runtime/sdnotify.h"
#include "spec/extensions.h"

struct hook_state making_hook_state(const struct making *m)
{
	return (struct hook_state){ .id = m->o->id,
				    .bundle = m->state.bundle,
				    .annotations = &m->spec->annotations };
}

/* The caller's error trail is the one to be shown, not the clean-up's. */
static void undo(struct making *m)
{
	struct err_saved saved;

	err_save(&saved);
	if (m->child.pid > 0 && m->state.pid <= 0)
		m->state.pid = 0;
	child_close(&m->child);
	netdev_return(m->netdevs);
	if (container_destroy(&m->dir, &m->state) < 0)
		log_warn("clean up after the failure: %s", err_get());
	if (m->pid_file_written)
		(void)!unlink(m->o->pid_file);
	if (m->hooks_owed) {
		const struct hook_state hs = making_hook_state(m);

		if (hooks_run(m->spec->hooks, OCI_POSTSTOP, &hs, "stopped", 0) <
		    0)
			log_warn("%s", err_get());
	}
	err_restore(&saved);
}

void making_free(struct making *m)
{
	if (m->stored && !m->committed)
		undo(m);
	child_close(&m->child);
	netdev_free(m->netdevs);
	cg_close(m->cg);
	close_fd(m->start_fd);
	store_close(&m->dir);
	plan_free(&m->plan);
	free(m->text);
	arena_free(&m->arena);
}

static int first_record(struct making *m)
{
	static char boot[37], now[40];
	struct store_state *s = &m->state;
	int r = proc_boot_id(boot);

	if (r < 0)
		return err_set(r, "read the boot id");
	proc_now_rfc3339(now, sizeof(now));
	s->oci_version = (char *)OCI_VERSION;
	s->id = (char *)m->o->id;
	s->phase = (char *)"creating";
	s->boot_id = boot;
	s->created = now;
	s->annotations = m->spec->annotations;
	s->hooks = m->spec->hooks;
	s->new_pidns = m->plan.clone_flags & 0x20000000; /* CLONE_NEWPID */
	s->rootless = m->g->rootless > 0;
	s->cgroup_paths = m->cg_record.paths;
	r = rootfs_note(m->spec, s);
	if (r < 0)
		return r;
	r = store_create(m->g, m->o->id, &m->dir);
	if (r < 0)
		return r;
	m->stored = true;
	r = cg_check_vacant(&m->cg_record);
	if (r < 0)
		return r;
	s->cgroup = &m->cg_record;
	r = store_save(&m->dir, s);
	return r < 0 ? r : store_save_config(&m->dir, m->text, m->text_len);
}

static int make_cgroup(struct making *m)
{
	int r = cg_create(&m->cg_host, &m->cg_record,
			  m->spec->linux_->resources, &m->cg);

	/* a group that was there before us is not ours to remove */
	if (r == -EBUSY || r == -EEXIST || (r < 0 && m->cg_record.unit))
		m->state.cgroup = NULL;
	return r;
}

/*
 * Whose the group is to be: of the user that the process is on the host, where
 * the container has a cgroup namespace and sees the file system writable.
 */
static bool group_owner(const struct oci_spec *s, uid_t *ret)
{
	const struct oci_linux *l = s->linux_;
	const uint32_t uid = s->process->user->uid;
	const bool userns = oci_has_ns(s, OCI_NS_USER, NULL);
	bool own_ns, writable = false;
	const char *path;

	own_ns = oci_has_ns(s, OCI_NS_CGROUP, &path) && !path;
	for (size_t i = 0; i < s->mounts.n && own_ns; i++) {
		const struct oci_mount *mount = &s->mounts.v[i];

		writable |= mount->source && streq(mount->source, "cgroup") &&
			    streq(mount->destination, "/sys/fs/cgroup") &&
			    !str_list_has(&mount->options, "ro");
	}
	if (!writable)
		return false;
	*ret = uid;
	for (size_t i = 0; i < l->uid_mappings.n && userns; i++) {
		const struct oci_id_map *map = &l->uid_mappings.v[i];

		*ret = map->host_id + (uid - map->container_id);
		if (uid - map->container_id < map->size)
			return true;
	}
	return !userns;
}

static int give_group(struct making *m)
{
	uid_t owner;

	if (!group_owner(m->spec, &owner) || owner == geteuid())
		return 0;
	return cg_give(m->cg, owner);
}

/* Init's death may have been the limit's doing: say so. */
static int init_failed(struct making *m, int r)
{
	if ((r == -ECHILD || r == -EPIPE || r == -ECONNRESET) && m->cg &&
	    cg_oom_kills(m->cg) > 0)
		err_text(r, "container init was OOM-killed (memory limit too "
			    "low?)");
	return r;
}

static int start_init(struct making *m, bool run)
{
	int r;

	if (!run) {
		m->start_fd = store_listen(&m->dir);
		if (m->start_fd < 0)
			return m->start_fd;
	}
	r = child_spawn(m->plan.clone_flags, cg_clone_fd(m->cg), m->preserve,
			&m->child);
	if (r < 0)
		return r;
	m->hooks_owed = true;
	r = cg_adopt(m->cg, m->child.pid);
	if (!cg_made(m->cg))
		m->state.cgroup = NULL;
	if (r >= 0)
		r = give_group(m);
	if (r >= 0)
		r = process_oom_score(m->child.pid, m->spec->process);
	if (r >= 0)
		r = rdt_apply(&m->arena, m->spec->linux_->intel_rdt, &m->dir,
			      &m->state, m->child.pid);
	if (r < 0)
		return r;
	r = child_send_plan(&m->child, &m->plan, m->start_fd, -EBADF);
	return r < 0 ? init_failed(m, r) : 0;
}

static int sync_userns(struct making *m)
{
	const struct oci_linux *l = m->spec->linux_;
	int r = 0;

	if (m->plan.new_userns)
		r = userns_write_maps(m->child.pid, &l->uid_mappings,
				      &l->gid_mappings);
	return r < 0 ? r : timens_write(m->child.pid, l);
}

static int sync_runtime(struct making *m)
{
	const struct hook_state hs = making_hook_state(m);
	pid_t pid = child_target(&m->child);
	int r = netdev_move(&m->arena, m->spec->linux_, pid, &m->netdevs);

	if (r < 0)
		return r;
	r = hooks_run(m->spec->hooks, OCI_PRESTART, &hs, "creating", pid);
	return r < 0 ? r
		     : hooks_run(m->spec->hooks, OCI_CREATE_RUNTIME, &hs,
				 "creating", pid);
}

static int do_sync(struct making *m, int sync)
{
	switch (sync) {
	case SYNC_USERNS:
		return sync_userns(m);
	case SYNC_RUNTIME:
		return sync_runtime(m);
	case SYNC_RLIMITS:
		return process_rlimits(child_target(&m->child),
				       m->spec->process);
	default:
		return err_text(-EPROTO, "init asked for an unknown step %d",
				sync);
	}
}

int making_build(struct making *m, bool run)
{
	int r;

	r = first_record(m);
	if (r >= 0)
		r = sdnotify_make_dir(&m->dir);
	if (r >= 0)
		r = make_cgroup(m);
	if (r >= 0)
		r = start_init(m, run);
	if (r < 0)
		return r;
	while ((r = child_wait(&m->child)) != SYNC_READY) {
		if (r == CHILD_DONE)
			return err_text(-EPROTO, "init went on unasked");
		if (r < 0)
			return init_failed(m, r);
		if (r == SYNC_NOTIFY) {
			r = notify_send(&m->dir, &m->state, &m->child,
					"creating");
		} else {
			int sync = r;

			r = do_sync(m, sync);
			if (r >= 0)
				r = child_go(&m->child, (unsigned int)sync);
		}
		if (r < 0)
			return r;
	}
	return 0;
}

/* What other programs look for in state.json, besides the namespaces. */
static int outside_config(struct making *m)
{
	const struct kv_list *an = &m->spec->annotations;
	struct store_config *c = arena_alloc(&m->arena, sizeof(*c));
	char **v = arena_calloc(&m->arena, an->n + 2, sizeof(*v));

	if (!c || !v)
		return -ENOMEM;
	for (size_t i = 0; i < an->n; i++)
		v[i] = arena_printf(&m->arena, "%s=%s", an->v[i].key,
				    an->v[i].value);
	v[an->n] = arena_printf(&m->arena, "bundle=%s", m->state.bundle);
	for (size_t i = 0; i <= an->n; i++)
		if (!v[i])
			return -ENOMEM;
	c->rootfs = m->state.rootfs;
	c->labels = (struct str_list){ .v = v, .n = an->n + 1 };
	m->state.config = c;
	return 0;
}

/* Where other programs look for the namespaces in state.json. */
static int namespace_paths(struct making *m, pid_t pid)
{
	static const char *const keys[OCI_NS_COUNT] = {
		[OCI_NS_USER] = "NEWUSER", [OCI_NS_IPC] = "NEWIPC",
		[OCI_NS_UTS] = "NEWUTS",   [OCI_NS_NET] = "NEWNET",
		[OCI_NS_MNT] = "NEWNS",	   [OCI_NS_CGROUP] = "NEWCGROUP",
		[OCI_NS_TIME] = "NEWTIME", [OCI_NS_PID] = "NEWPID",
	};
	struct kv_list *l = &m->state.namespace_paths;

	l->v = arena_calloc(&m->arena, OCI_NS_COUNT, sizeof(*l->v));
	if (!l->v)
		return -ENOMEM;
	for (l->n = 0; l->n < OCI_NS_COUNT; l->n++) {
		l->v[l->n].key = (char *)keys[l->n];
		l->v[l->n].value =
			arena_printf(&m->arena, "/proc/%d/ns/%s", (int)pid,
				     oci_ns_info[l->n].file);
		if (!l->v[l->n].value)
			return -ENOMEM;
	}
	return 0;
}

int making_commit(struct making *m)
{
	const char *pidfd_socket =
		m->o->pidfd_socket ? m->o->pidfd_socket
				   : oci_annotation(&m->spec->annotations,
						    EXT_PIDFD_RECEIVER);
	pid_t pid = child_target(&m->child);
	struct proc_stat ps;
	int r;

	if (m->o->console_socket) {
		if (m->child.console < 0)
			return err_text(-EPROTO, "init made no terminal");
		r = console_send(m->o->console_socket, m->child.console);
		if (r < 0)
			return r;
	}
	r = proc_get_stat(pid, &ps);
	if (r < 0)
		return err_set(r, "look at process %d", (int)pid);
	m->state.pid = pid;
	m->state.start_time = ps.start_time;
	m->state.phase = (char *)"created";
	r = namespace_paths(m, pid);
	if (r >= 0)
		r = outside_config(m);
	if (r < 0)
		return err_set(r, "make the container's record");
	r = store_save(&m->dir, &m->state);
	if (r < 0)
		return r;
	if (pidfd_socket) {
		r = pidfd_send(pidfd_socket, child_target_pidfd(&m->child),
			       "standard");
		if (r < 0)
			return r;
	}
	if (m->o->pid_file) {
		r = container_write_pid_file(m->o->pid_file, pid);
		if (r < 0)
			return r;
		m->pid_file_written = true;
	}
	return child_go(&m->child, SYNC_READY);
}

int rt_create(const struct rt_global *g, const struct rt_create_opts *o)
{
	_cleanup_making_ struct making m = MAKING_NONE;
	int r;

	m.g = g;
	m.o = o;
	r = store_check_id(o->id);
	if (r >= 0)
		r = making_compile(&m, false);
	if (r >= 0)
		r = making_build(&m, false);
	if (r >= 0)
		r = making_commit(&m);
	if (r < 0)
		return r;
	m.committed = true;
	m.child.kept = true;
	return 0;
}
