/* SPDX-License-Identifier: Apache-2.0 */
/*
 * explain: the plan of a bundle, as it would be carried out, without doing it
 * and without rights. What is missing on this machine is a warning.
 */
#include <sys/stat.h>

#include "base/err.h"
#include "base/io.h"
#include "plan/plan.h"
#include "runtime/facts.h"
#include "runtime/making.h"

struct explained {
	struct str_list audit, parent;
	char *missing[64];
	size_t n_missing;
};

static void miss(struct making *m, struct explained *e, const char *where,
		 const char *path)
{
	struct stat st;

	if (e->n_missing < ARRAY_SIZE(e->missing) && stat(path, &st) < 0)
		e->missing[e->n_missing++] = arena_printf(
			&m->arena, "%s: %s: %s", where, path, err_str(errno));
}

static void look_around(struct making *m, struct explained *e)
{
	const struct oci_spec *s = m->spec;

	if (s->root && s->root->path)
		miss(m, e, "root.path", s->root->path);
	for (size_t i = 0; i < s->mounts.n; i++) {
		const char *src = s->mounts.v[i].source;

		if (src && *src == '/')
			miss(m, e,
			     arena_printf(&m->arena, "mounts[%zu].source", i),
			     src);
	}
	for (size_t i = 0; i < s->linux_->namespaces.n; i++)
		if (s->linux_->namespaces.v[i].path)
			miss(m, e,
			     arena_printf(&m->arena,
					  "linux.namespaces[%zu].path", i),
			     s->linux_->namespaces.v[i].path);
}

static void strings_json(struct buf *out, char *const *v, size_t n)
{
	buf_putc(out, '[');
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			buf_putc(out, ',');
		json_quote(out, v[i], false);
	}
	buf_putc(out, ']');
}

static int as_json(struct making *m, const struct explained *e, struct buf *out)
{
	int r;

	buf_puts(out, "{\"clone\":");
	plan_dump_clone_json(m->plan.clone_flags, out);
	buf_puts(out, ",\"plan\":");
	r = plan_dump_json(m->plan.block.data, m->plan.block.len, out);
	if (r < 0)
		return r;
	buf_puts(out, ",\"parent\":");
	strings_json(out, e->parent.v, e->parent.n);
	buf_puts(out, ",\"open\":");
	strings_json(out, e->audit.v, e->audit.n);
	buf_puts(out, ",\"ignored\":");
	strings_json(out, m->plan.warnings.v, m->plan.warnings.n);
	buf_puts(out, ",\"missing\":");
	strings_json(out, e->missing, e->n_missing);
	buf_puts(out, "}\n");
	return 0;
}

static void section(struct buf *out, const char *title, char *const *v, size_t n)
{
	if (n == 0)
		return;
	buf_printf(out, "\n%s:\n", title);
	for (size_t i = 0; i < n; i++) {
		size_t start = out->len;

		buf_printf(out, "  - %s\n", v[i]);
		/* nothing of the configuration speaks to the terminal */
		for (; start + 1 < out->len; start++)
			if (out->data[start] == 0x7f ||
			    (unsigned char)out->data[start] < ' ')
				out->data[start] = '?';
	}
}

static int as_text(struct making *m, const struct explained *e, struct buf *out)
{
	int r;

	plan_dump_clone_text(m->plan.clone_flags, out);
	r = plan_dump_text(m->plan.block.data, m->plan.block.len, out);
	if (r < 0)
		return r;
	section(out, "done by tare itself, beside these", e->parent.v,
		e->parent.n);
	section(out, "left open by the configuration", e->audit.v, e->audit.n);
	section(out, "read but not used here", m->plan.warnings.v,
		m->plan.warnings.n);
	section(out, "missing on this machine", e->missing, e->n_missing);
	return 0;
}

static int compile(struct making *m)
{
	struct seccomp_filter filter = { 0 };
	const struct plan_options po = {
		.id = m->o->id,
		.bundle = m->state.bundle,
		.terminal_console = m->spec->process->terminal,
	};
	struct plan_host host;
	struct faults f;
	int r;

	facts_neutral(&host);
	faults_init(&f, &m->arena);
	if (m->spec->linux_->seccomp)
		seccomp_check(m->spec->linux_->seccomp, &f);
	r = faults_report(&f, "config.json");
	if (r >= 0 && m->spec->linux_->seccomp)
		r = seccomp_compile(&m->arena, m->spec->linux_->seccomp, NULL,
				    &filter);
	return r < 0 ? r
		     : plan_create(&m->arena, m->spec, &host, &po, &filter,
				   &m->plan);
}

/* The unit that the systemd driver makes, in front of what the parent does. */
static int explain_unit(struct making *m, struct explained *e)
{
	static const struct oci_resources none;
	const struct oci_linux *l = m->spec->linux_;
	const struct str_list parent = e->parent;
	struct str_list unit, all = { 0 };
	int r = cg_explain_unit(&m->arena, l->cgroups_path, m->o->id,
				&m->spec->annotations,
				l->resources ? l->resources : &none, &unit);

	if (r < 0)
		return r;
	all.v = arena_calloc(&m->arena, unit.n + parent.n + 1, sizeof(*all.v));
	if (!all.v)
		return err_set(-ENOMEM, "explain the unit");
	for (size_t i = 0; i < unit.n; i++) {
		all.v[all.n] =
			arena_printf(&m->arena, "systemd: %s", unit.v[i]);
		if (!all.v[all.n++])
			return err_set(-ENOMEM, "explain the unit");
	}
	for (size_t i = 0; i < parent.n; i++)
		all.v[all.n++] = parent.v[i];
	e->parent = all;
	return 0;
}

int rt_explain(const char *bundle, bool systemd, bool json, struct buf *out)
{
	_cleanup_making_ struct making m = MAKING_NONE;
	const struct rt_create_opts o = { .id = "ID", .bundle = bundle };
	struct explained e = { 0 };
	int r;

	m.o = &o;
	r = making_read(&m);
	if (r < 0)
		return r;
	if (!m.spec->process || !m.spec->root || !m.spec->root->path)
		return err_text(-EINVAL, "process and root must be specified");
	if (m.spec->root->path[0] != '/')
		m.spec->root->path = arena_printf(
			&m.arena, "%s/%s", m.state.bundle, m.spec->root->path);
	r = compile(&m);
	if (r >= 0)
		r = plan_audit(&m.arena, m.spec, &m.plan, &e.audit);
	if (r >= 0)
		r = plan_parent(&m.arena, m.spec, &e.parent);
	if (r >= 0 && systemd)
		r = explain_unit(&m, &e);
	if (r < 0)
		return r;
	look_around(&m, &e);
	r = json ? as_json(&m, &e, out) : as_text(&m, &e, out);
	return r < 0 ? err_set(r, "print the plan") : 0;
}
