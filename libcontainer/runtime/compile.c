/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The deciding half of create and run: from a bundle directory to a plan.
 */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/log.h"
#include "base/proc.h"
#include "base/str.h"
#include "runtime/console.h"
#include "runtime/facts.h"
#include "runtime/listen.h"
#include "runtime/making.h"
#include "runtime/rdt.h"
#include "runtime/sdnotify.h"
#include "security/lsm.h"
#include "spec/sysctl.h"

#define CONFIG_MAX (16u << 20)

/* The path is that of the bundle. */
static bool config_path(const char *given, char path[PATH_MAX])
{
	const char *name = given ? given : "/config.json";
	size_t len = given ? 0 : strlen(path);

	if (strlen(name) >= PATH_MAX - len)
		return false;
	strcpy(path + len, name);
	return true;
}

int making_read(struct making *m)
{
	char path[PATH_MAX];
	const char *bundle = m->o->bundle ? m->o->bundle : ".";
	int r;

	if (!realpath(bundle, path))
		return err_set(-errno, "find the bundle %s", bundle);
	m->state.bundle = arena_strdup(&m->arena, path);
	if (!m->state.bundle)
		return err_set(-ENOMEM, "read the bundle");
	if (!config_path(m->o->config, path))
		return err_set(-ENAMETOOLONG, "find the bundle %s", bundle);
	r = io_slurp_at(AT_FDCWD, path, CONFIG_MAX, true, &m->text,
			&m->text_len);
	if (r == -ENOENT && !m->o->config) {
		r = err_text(r,
			     "JSON specification file config.json not found "
			     "in %s",
			     m->state.bundle);
		err_hint("make one with: tare spec --bundle %s", bundle);
		return r;
	}
	if (r < 0)
		return err_set(r, "read %s", path);
	return oci_parse(&m->arena, path, m->text, m->text_len, &m->spec);
}

/* root.path -> absolute; it must be a directory and no link. */
static int find_rootfs(struct making *m)
{
	const char *p;
	struct stat st;

	if (!m->spec->root || !m->spec->root->path)
		return err_text(-EINVAL, "root must be specified");
	p = m->spec->root->path;
	if (*p != '/')
		p = arena_printf(&m->arena, "%s/%s", m->state.bundle, p);
	if (!p)
		return err_set(-ENOMEM, "find the rootfs");
	if (lstat(p, &st) < 0)
		return err_text(-errno, "invalid rootfs: stat %s: %s", p,
				err_str(errno));
	if (!S_ISDIR(st.st_mode))
		return err_text(-ENOTDIR,
				"invalid rootfs %s: not a directory, or a "
				"symlink",
				p);
	m->spec->root->path = m->state.rootfs =
		arena_strndup(&m->arena, p, strlen(p));
	return m->state.rootfs ? 0 : -ENOMEM;
}

static int check_options(const struct making *m, bool run)
{
	const struct rt_create_opts *o = m->o;

	return console_check_options(!run || o->detach,
				     m->spec->process->terminal,
				     o->console_socket, o->preserve_fds);
}

/*
 * A namespace given by path may be the host's own: then its settings are the
 * host's too, and no container may change them.
 */
static int check_sysctls(const struct making *m)
{
	const struct oci_linux *l = m->spec->linux_;
	char own[64];
	struct stat a, b;

	for (size_t i = 0; i < l->sysctl.n; i++) {
		int ns = oci_sysctl_ns(l->sysctl.v[i].key);
		const char *path;

		if (ns < 0 || !oci_has_ns(m->spec, (enum oci_ns)ns, &path) ||
		    !path)
			continue;
		snprintf(own, sizeof(own), "/proc/self/ns/%s",
			 oci_ns_info[ns].file);
		if (stat(path, &a) == 0 && stat(own, &b) == 0 &&
		    a.st_ino == b.st_ino && a.st_dev == b.st_dev)
			return err_text(-EINVAL,
					"sysctl \"%s\" not allowed in host "
					"%s namespace",
					l->sysctl.v[i].key,
					oci_ns_info[ns].name);
	}
	return 0;
}

static int check_host(struct making *m)
{
	const struct oci_process *p = m->spec->process;
	struct faults f;
	int r;

	faults_init(&f, &m->arena);
	if (m->spec->linux_->seccomp)
		seccomp_check(m->spec->linux_->seccomp, &f);
	r = faults_report(&f, "config.json");
	if (r < 0)
		return r;
	r = rdt_check(m->spec->linux_->intel_rdt);
	if (r >= 0)
		r = check_sysctls(m);
	return r < 0 ? r
		     : lsm_check(p->selinux_label, m->spec->linux_->mount_label,
				 p->apparmor_profile);
}

static int decide_cgroup(struct making *m)
{
	enum cg_driver d = m->g->cgroup_disabled  ? CG_DISABLED
			   : m->g->systemd_cgroup ? CG_SYSTEMD
						  : CG_CGROUPFS;
	int r = cg_host_detect(&m->arena, m->g->rootless > 0, &m->cg_host);

	if (r < 0)
		return r;
	return cg_decide(&m->arena, &m->cg_host, d,
			 m->spec->linux_->cgroups_path, m->o->id,
			 &m->spec->annotations, &m->cg_record);
}

static int compile_filter(struct making *m, struct seccomp_filter *f)
{
	char dir[PATH_MAX];

	*f = (struct seccomp_filter){ 0 };
	if (!m->spec->linux_->seccomp)
		return 0;
	return seccomp_compile(&m->arena, m->spec->linux_->seccomp,
			       facts_cache_dir(dir, sizeof(dir)), f);
}

int making_compile(struct making *m, bool run)
{
	struct seccomp_filter filter;
	struct plan_host host;
	struct plan_options po;
	int r;

	r = making_read(m);
	if (r < 0)
		return r;
	if (!m->spec->process)
		return err_text(-EINVAL,
				"%s/config.json: process: process property "
				"must not be empty",
				m->state.bundle);
	r = find_rootfs(m);
	if (r >= 0)
		r = check_options(m, run);
	if (r >= 0)
		r = decide_cgroup(m);
	if (r >= 0)
		r = facts_gather(&m->arena, m->g, &m->cg_host, &m->cg_record,
				 &host);
	if (r >= 0)
		r = check_host(m);
	if (r >= 0)
		r = compile_filter(m, &filter);
	if (r < 0)
		return r;
	po = (struct plan_options){
		.id = m->o->id,
		.bundle = m->state.bundle,
		.no_pivot = m->o->no_pivot,
		.no_new_keyring = m->o->no_new_keyring,
		.run = run,
		.preserve = m->o->preserve_fds,
		.terminal_console = m->spec->process->terminal,
	};
	if (po.terminal_console && !m->o->console_socket)
		po.tty = console_caller_size();
	listen_fds(&po, &m->arena);
	r = sdnotify_plan(&m->arena, m->spec, m->g->root, m->o->id);
	if (r >= 0)
		r = plan_create(&m->arena, m->spec, &host, &po, &filter,
				&m->plan);
	if (r < 0)
		return r;
	m->preserve = po.preserve;
	for (size_t i = 0; i < m->plan.warnings.n; i++)
		log_warn("%s", m->plan.warnings.v[i]);
	return 0;
}
