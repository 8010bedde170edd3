/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <string.h>

#include "base/err.h"
#include "base/io.h"
#include "base/str.h"
#include "runtime/exec_process.h"

#define PROCESS_MAX (16u << 20)

static int oom(void)
{
	return err_set(-ENOMEM, "prepare the process");
}

static int from_file(struct arena *a, const char *file, struct oci_process **ret)
{
	_cleanup_free_ char *text = NULL;
	size_t len;
	int r = io_slurp_at(AT_FDCWD, file, PROCESS_MAX, false, &text, &len);

	if (r < 0)
		return err_set(r, "read the process file %s", file);
	return oci_parse_process(a, file, text, len, ret);
}

/* old followed by n more strings, NULL-terminated. */
static int append(struct arena *a, struct str_list *l, const char *const *more,
		  size_t n)
{
	char **v = arena_calloc(a, l->n + n + 1, sizeof(*v));

	if (!v)
		return oom();
	if (l->n)
		memcpy(v, l->v, l->n * sizeof(*v));
	for (size_t i = 0; i < n; i++)
		v[l->n + i] = (char *)more[i];
	l->v = v;
	l->n += n;
	return 0;
}

/* --user UID[:GID]: numbers only, never looked up. */
static int set_user(struct oci_user *u, const char *text)
{
	char uid[16];
	const char *colon = strchr(text, ':');
	size_t n = colon ? (size_t)(colon - text) : strlen(text);

	if (n >= sizeof(uid))
		return err_text(-EINVAL, "bad uid: %s", text);
	memcpy(uid, text, n);
	uid[n] = '\0';
	if (str_id(uid, &u->uid) < 0)
		return err_text(-EINVAL, "bad uid: %s", uid);
	if (colon && str_id(colon + 1, &u->gid) < 0)
		return err_text(-EINVAL, "bad gid: %s", colon + 1);
	return 0;
}

static int add_groups(struct arena *a, struct oci_user *u,
		      const struct rt_exec_opts *o)
{
	size_t n = u->additional_gids.n;
	uint32_t *v = arena_calloc(a, n + o->n_additional_gids + 1, sizeof(*v));

	if (!v)
		return oom();
	if (n)
		memcpy(v, u->additional_gids.v, n * sizeof(*v));
	for (size_t i = 0; i < o->n_additional_gids; i++)
		if (str_id(o->additional_gids[i], &v[n + i]) < 0)
			return err_text(-EINVAL,
					"additional-gids must be a positive "
					"number %s",
					o->additional_gids[i]);
	u->additional_gids.v = v;
	u->additional_gids.n = n + o->n_additional_gids;
	return 0;
}

/*
 * --cap: bounding, effective, permitted; ambient only where the configuration
 * already hands capabilities on (inheritable).
 */
static int add_caps(struct arena *a, struct oci_process *p,
		    const struct rt_exec_opts *o)
{
	struct oci_caps *c = arena_alloc(a, sizeof(*c));
	int r;

	if (!c)
		return oom();
	if (p->caps)
		*c = *p->caps;
	p->caps = c;
	r = append(a, &c->bounding, o->caps, o->n_caps);
	if (r >= 0)
		r = append(a, &c->effective, o->caps, o->n_caps);
	if (r >= 0)
		r = append(a, &c->permitted, o->caps, o->n_caps);
	if (r >= 0 && c->inheritable.n)
		r = append(a, &c->ambient, o->caps, o->n_caps);
	return r;
}

static int apply_words(struct oci_process *p, const struct rt_exec_opts *o,
		       struct arena *a)
{
	size_t n = 0;

	p->args = (struct str_list){ 0 };
	while (o->args && o->args[n])
		n++;
	p->terminal = o->tty;
	p->console_size = NULL;
	if (o->cwd)
		p->cwd = (char *)o->cwd;
	if (o->apparmor)
		p->apparmor_profile = (char *)o->apparmor;
	if (o->process_label)
		p->selinux_label = (char *)o->process_label;
	if (o->no_new_privs >= 0)
		p->no_new_privileges = o->no_new_privs;
	return append(a, &p->args, o->args, n);
}

static int from_spec(struct arena *a, const struct rt_exec_opts *o,
		     const struct oci_spec *s, struct oci_process **ret)
{
	struct oci_process *p;
	int r;

	if (!s->process)
		return err_text(-EINVAL, "process property must not be empty");
	p = arena_memdup(a, s->process, sizeof(*p));
	if (!p)
		return oom();
	p->user = s->process->user
			  ? arena_memdup(a, s->process->user, sizeof(*p->user))
			  : arena_alloc(a, sizeof(*p->user));
	if (!p->user)
		return oom();
	r = apply_words(p, o, a);
	if (r >= 0)
		r = append(a, &p->env, o->env, o->n_env);
	if (r >= 0 && o->user)
		r = set_user(p->user, o->user);
	if (r >= 0 && o->n_additional_gids)
		r = add_groups(a, p->user, o);
	if (r >= 0 && o->n_caps)
		r = add_caps(a, p, o);
	if (r < 0)
		return r;
	*ret = p;
	return 0;
}

int exec_process(struct arena *a, const struct rt_exec_opts *o,
		 const struct oci_spec *s, struct oci_process **ret)
{
	struct faults f;
	int r;

	if (o->process_file)
		return from_file(a, o->process_file, ret);
	if (!o->args || !o->args[0])
		return err_text(-EINVAL, "exec args cannot be empty");
	r = from_spec(a, o, s, ret);
	if (r < 0)
		return r;
	faults_init(&f, a);
	oci_check_process(*ret, "process", &f);
	return faults_report(&f, "exec");
}

/* "[CTRL[,CTRL]:]PATH"; without controllers it is meant for all. */
int exec_open_sub(const struct cg_record *r, const struct rt_exec_opts *o,
		  struct cg **ret)
{
	char ctrl[128];
	const char *arg = o->cgroup[0], *colon = strchr(arg, ':');

	if (o->n_cgroup > 1)
		return err_text(-EOPNOTSUPP,
				"--cgroup can be given once: %s, %s", arg,
				o->cgroup[1]);
	if (!colon)
		return cg_open_sub(r, NULL, arg, ret);
	if ((size_t)(colon - arg) >= sizeof(ctrl))
		return err_text(-EINVAL, "invalid --cgroup argument: %s", arg);
	memcpy(ctrl, arg, (size_t)(colon - arg));
	ctrl[colon - arg] = '\0';
	return cg_open_sub(r, ctrl, colon + 1, ret);
}
