/* SPDX-License-Identifier: Apache-2.0 */
/*
 * exec: one more process in a container. Init joins all namespaces, sheds all
 * privileges outside the pid namespace, and forks the process last.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/log.h"
#include "runtime/console.h"
#include "runtime/container.h"
#include "runtime/exec_process.h"
#include "runtime/facts.h"
#include "runtime/notify.h"
#include "runtime/process.h"
#include "runtime/rootfs.h"
#include "runtime/rdt.h"
#include "security/lsm.h"

struct execing {
	const struct rt_global *g;
	const struct rt_exec_opts *o;
	struct arena arena;
	struct store_dir dir;
	struct store_state state;
	struct oci_spec *spec;
	struct oci_process *process;
	struct plan plan;
	struct cg *cg;
	struct child child;
	int init_pidfd;
};

static void execing_free(struct execing *e)
{
	child_close(&e->child);
	cg_close(e->cg);
	close_fd(e->init_pidfd);
	store_close(&e->dir);
	plan_free(&e->plan);
	arena_free(&e->arena);
}

static int state_error(const char *text)
{
	err_text(-EINVAL, "%s", text);
	err_set_class(ERR_STATE);
	return -EINVAL;
}

static int find_container(struct execing *e)
{
	enum status st;
	int r = container_open(e->g, e->o->id, STORE_LOOK, &e->arena, &e->dir,
			       &e->state, &st);

	if (r < 0)
		return r;
	if (st == ST_PAUSED && !e->o->ignore_paused)
		return state_error("cannot exec in a paused container (use "
				   "--ignore-paused to override)");
	if (st == ST_STOPPED || st == ST_CREATING)
		return state_error("cannot exec in a stopped container");
	e->init_pidfd = container_pidfd(&e->state);
	if (e->init_pidfd == -ESRCH)
		return state_error("cannot exec in a stopped container");
	if (e->init_pidfd < 0)
		return e->init_pidfd;
	return store_load_config(&e->dir, &e->state, &e->arena, &e->spec);
}

static int check_options(const struct execing *e)
{
	const struct rt_exec_opts *o = e->o;
	int r = console_check_options(o->detach, e->process->terminal,
				      o->console_socket, o->preserve_fds);

	return r < 0 ? r
		     : lsm_check(e->process->selinux_label, NULL,
				 e->process->apparmor_profile);
}

static int compile(struct execing *e)
{
	const struct oci_seccomp *sc = e->spec->linux_->seccomp;
	struct seccomp_filter filter = { 0 };
	struct plan_host host;
	char dir[4096];
	int r;

	r = facts_gather(&e->arena, e->g, NULL, NULL, &host);
	if (r >= 0 && sc)
		r = seccomp_compile(&e->arena, sc,
				    facts_cache_dir(dir, sizeof(dir)), &filter);
	if (r < 0)
		return r;
	struct plan_options po = {
		.id = e->o->id,
		.bundle = e->state.bundle,
		.preserve = e->o->preserve_fds,
		.terminal_console = e->process->terminal,
	};
	r = rootfs_of_init(&e->arena, e->spec, &e->state, &po.init_root);
	if (r < 0)
		return r;
	if (e->process->terminal && !e->o->console_socket)
		po.tty = console_caller_size();
	return plan_exec(&e->arena, e->spec, e->process, &host, &po, &filter,
			 &e->plan);
}

/* In a v2 group with children no process may be: use init's own then. */
static int spawn_v2(struct execing *e, int fd)
{
	int r = child_spawn(e->plan.clone_flags, fd, e->o->preserve_fds,
			    &e->child);

	if (r == -EBUSY || r == -ENOENT) {
		_cleanup_close_ int own = cg_open_of_pid(e->state.pid);

		if (own >= 0)
			r = child_spawn(e->plan.clone_flags, own,
					e->o->preserve_fds, &e->child);
	}
	return r;
}

static int spawn_in_sub_group(struct execing *e)
{
	int r = exec_open_sub(e->state.cgroup, e->o, &e->cg);

	if (r >= 0)
		r = child_spawn(e->plan.clone_flags, cg_clone_fd(e->cg),
				e->o->preserve_fds, &e->child);
	return r < 0 ? r : cg_adopt(e->cg, e->child.pid);
}

/* A record without a group: the disabled driver, or rootless. */
static int spawn(struct execing *e)
{
	const struct cg_record *cg = e->state.cgroup;
	_cleanup_close_ int fd = -EBADF;
	int r;

	if (cg && e->o->n_cgroup)
		return spawn_in_sub_group(e);
	if (cg && cg->mode == CG_V2)
		fd = cg_record_fd(cg);
	if (fd >= 0) {
		r = spawn_v2(e, fd);
		/* From a session a user has no way there, but systemd has. */
		if (r != -EACCES || !cg->user)
			return r;
	}
	r = child_spawn(e->plan.clone_flags, -EBADF, e->o->preserve_fds,
			&e->child);
	return r < 0 || !cg ? r : cg_record_join(cg, e->child.pid);
}

static int launch(struct execing *e)
{
	int r = spawn(e);

	if (r >= 0)
		r = process_oom_score(e->child.pid, e->process);
	if (r >= 0)
		r = rdt_join(&e->state, e->child.pid);
	if (r >= 0)
		r = child_send_plan(&e->child, &e->plan, -EBADF, e->init_pidfd);
	if (r < 0)
		return r;
	while ((r = child_wait(&e->child)) != CHILD_DONE) {
		if (r < 0)
			return r;
		if (r == SYNC_NOTIFY) {
			r = notify_send(&e->dir, &e->state, &e->child,
					"running");
		} else if (r == SYNC_RLIMITS) {
			r = process_rlimits(child_target(&e->child), e->process);
			if (r >= 0)
				r = child_go(&e->child, SYNC_RLIMITS);
		} else {
			r = err_text(-EPROTO, "init asked for step %d", r);
		}
		if (r < 0)
			return r;
	}
	return 0;
}

static int hand_over(struct execing *e)
{
	const struct rt_exec_opts *o = e->o;
	const int pidfd = child_target_pidfd(&e->child);
	int r = 0;

	if (o->console_socket) {
		if (e->child.console < 0)
			return err_text(-EPROTO, "init made no terminal");
		r = console_send(o->console_socket, e->child.console);
	}
	if (r >= 0 && o->pidfd_socket)
		r = pidfd_send(o->pidfd_socket, pidfd, "setns");
	if (r >= 0 && o->pid_file)
		r = container_write_pid_file(o->pid_file,
					     child_target(&e->child));
	return r;
}

static int prepare(struct execing *e)
{
	int r = find_container(e);

	if (r >= 0)
		r = exec_process(&e->arena, e->o, e->spec, &e->process);
	if (r >= 0)
		r = check_options(e);
	return r < 0 ? r : compile(e);
}

int rt_exec(const struct rt_global *g, const struct rt_exec_opts *o,
	    int *exit_status)
{
	_cleanup_foreground_ struct foreground f = FOREGROUND_NONE;
	_cleanup_(execing_free) struct execing e = {
		.g = g,
		.o = o,
		.dir = STORE_DIR_NONE,
		.child = CHILD_NONE,
		.init_pidfd = -EBADF,
	};
	int r;

	*exit_status = 0;
	r = prepare(&e);
	if (r >= 0 && !o->detach)
		r = foreground_begin(&f, false);
	if (r >= 0)
		r = launch(&e);
	if (r >= 0)
		r = hand_over(&e);
	if (r < 0)
		return r;
	e.child.kept = true;
	if (o->detach)
		return 0;
	return foreground_wait(&f, child_target(&e.child),
			       child_target_pidfd(&e.child),
			       take_fd(&e.child.console), exit_status);
}
