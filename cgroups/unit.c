/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The acting half of the systemd driver. A scope needs a process when it is
 * made, so there is no group before the process: unit_prepare() checks and
 * decides, unit_start() makes the unit around a process that still waits, and
 * writes what systemd cannot express.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/io.h"
#include "base/log.h"
#include "base/proc.h"
#include "base/str.h"
#include "cgroups/unit.h"

#define SYSTEM_BUS "unix:path=/run/dbus/system_bus_socket"

/* --- the bus ------------------------------------------------------------ */

/* In a D-Bus address all but these characters are written as %xx. */
static void put_escaped(struct buf *b, const char *path)
{
	for (; *path; path++)
		if (strchr("abcdefghijklmnopqrstuvwxyz"
			   "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_/.\\*",
			   *path))
			buf_putc(b, *path);
		else
			buf_printf(b, "%%%02x", (unsigned char)*path);
}

/* Who owns this process outside of its user namespace. */
static uint32_t owner(void)
{
	unsigned int inside, outside, n;
	char text[256];

	if (geteuid() == 0 && !proc_in_init_userns() &&
	    io_read_at(AT_FDCWD, "/proc/self/uid_map", text, sizeof(text)) > 0 &&
	    sscanf(text, "%u %u %u", &inside, &outside, &n) == 3 && inside == 0)
		return outside;
	return geteuid();
}

static const char *user_bus(struct arena *a)
{
	const char *given = getenv("DBUS_SESSION_BUS_ADDRESS");
	const char *run = getenv("XDG_RUNTIME_DIR");
	_cleanup_buf_ struct buf b = { 0 };

	if (given && *given)
		return arena_strdup(a, given);
	buf_puts(&b, "unix:path=");
	if (run && *run == '/')
		put_escaped(&b, run);
	else
		buf_printf(&b, "/run/user/%u", owner());
	buf_puts(&b, "/bus");
	return buf_error(&b) < 0 ? NULL : arena_strdup(a, buf_str(&b));
}

static int ask(struct arena *a, bool user, struct sd_request *q,
	       struct sd_reply *ret)
{
	q->address = user ? user_bus(a) : SYSTEM_BUS;
	if (!q->address)
		return err_set(-ENOMEM, "systemd");
	return sd_call(a, q, ret);
}

int unit_manager_group(struct arena *a, char **ret)
{
	struct sd_request q = { .verb = SD_QUERY };
	struct sd_reply reply;
	int r = ask(a, true, &q, &reply);

	if (r < 0)
		return err_ctx(r, "systemd of the user");
	*ret = (char *)reply.cgroup;
	return 0;
}

/* --- create ------------------------------------------------------------- */

static int settings_of(struct arena *a, const struct cg *g,
		       const struct oci_resources *res, bool update,
		       struct cg_settings *ret)
{
	return g->mode == CG_V2 ? cg_settings_v2(a, res, update, ret)
				: cg_settings_v1(a, res, update, ret);
}

static int devices_of(struct arena *a, const struct oci_resources *res,
		      struct sd_props *l)
{
	struct cg_device_rules rules;
	int r = cg_device_rules(a, res, &rules);

	if (r == 0 && unit_devices(&rules, l))
		log_warn("systemd has no list of forbidden devices: it forbids "
			 "all of them until the rules are written");
	return r;
}

/* What is wrong with the configuration is told before anything runs. */
int unit_prepare(const struct cg_host *h, const struct cg_record *rec,
		 const struct oci_resources *res, struct cg *g)
{
	struct sd_props *l = arena_alloc(&g->arena, sizeof(*l));
	struct cg_settings s;
	int r = 0;

	if (!l)
		return err_set(-ENOMEM, "systemd");
	l->arena = &g->arena;
	unit_base(rec, l);
	if (rec->annotations)
		r = unit_annotations(rec->annotations, l);
	if (r == 0)
		r = devices_of(&g->arena, res, l);
	if (r == 0)
		r = settings_of(&g->arena, g, res, false, &s);
	if (r < 0)
		return r;
	unit_settings(&s, l);
	*g->unit = (struct cg_unit){ .name = g->unit->name,
				     .user = g->unit->user,
				     .props = l,
				     .host = h,
				     .record = rec,
				     .res = res };
	return l->err < 0 ? err_set(l->err, "systemd") : 0;
}

int unit_start(struct cg *g, pid_t pid)
{
	struct cg_unit *u = g->unit;
	struct sd_request q = { .verb = SD_START, .unit = u->name };
	struct sd_reply reply = { 0 };
	int r;

	unit_pid(pid, u->props);
	if (u->props->err < 0)
		return err_set(u->props->err, "systemd");
	q.props = u->props->v;
	q.n_props = u->props->n;
	u->made = true;
	r = ask(&g->arena, u->user, &q, &reply);
	if (r < 0) {
		u->made = reply.made;
		return err_ctx(r, "unable to start unit \"%s\"", u->name);
	}
	r = cg_fill(g, u->host, u->record, u->res);
	return r < 0 ? err_ctx(r, "cgroup") : 0;
}

/* --- update, remove ----------------------------------------------------- */

/*
 * Of quota and period an update may name one alone; the unit needs both. The
 * files have them by now.
 */
static void as_it_is(struct cg *g, struct arena *a, struct cg_setting *s)
{
	const struct cg_dir *d = cg_find(g, g->mode == CG_V2 ? "" : "cpu");
	char text[128];

	if (!d || io_read_at(d->fd, s->file, text, sizeof(text)) <= 0)
		return;
	text[strcspn(text, "\n")] = '\0';
	s->value = arena_strdup(a, text);
}

static const char *const cpu_files[] = { "cpu.max", "cpu.cfs_quota_us",
					 "cpu.cfs_period_us" };

static bool is_cpu_file(const char *file)
{
	for (size_t i = 0; i < ARRAY_SIZE(cpu_files); i++)
		if (streq(file, cpu_files[i]))
			return true;
	return false;
}

/* The settings with cpu.max, or both files of v1, if one of these is there. */
static int complete_cpu(struct cg *g, struct arena *a, struct cg_settings *s)
{
	struct cg_setting *v = arena_calloc(a, s->n + 3, sizeof(*v));
	size_t n = 0;
	bool any;

	if (!v)
		return -ENOMEM;
	for (size_t i = 0; i < s->n; i++)
		if (!is_cpu_file(s->v[i].file))
			v[n++] = s->v[i];
	any = n < s->n;
	for (size_t i = 0; any && i < ARRAY_SIZE(cpu_files); i++) {
		struct cg_setting one = { .file = cpu_files[i] };

		as_it_is(g, a, &one);
		if (one.value)
			v[n++] = one;
	}
	*s = (struct cg_settings){ .v = v, .n = n };
	return 0;
}

static int new_props(struct cg *g, const struct oci_resources *res,
		     struct sd_props *l)
{
	struct cg_settings s;
	int r = settings_of(l->arena, g, res, true, &s);

	if (r < 0)
		return r;
	r = complete_cpu(g, l->arena, &s);
	if (r == 0)
		unit_settings(&s, l);
	r = r < 0 ? r : l->err;
	return r < 0 ? err_set(r, "systemd") : 0;
}

int unit_update(struct cg *g, const struct oci_resources *res)
{
	struct sd_props l = { .arena = &g->arena };
	struct sd_request q = { .verb = SD_SET, .unit = g->unit->name };
	struct sd_reply reply;
	int r = new_props(g, res, &l);

	if (r < 0 || l.n == 0)
		return r;
	q.props = l.v;
	q.n_props = l.n;
	r = ask(&g->arena, g->unit->user, &q, &reply);
	return r < 0 ? err_ctx(r, "unit \"%s\"", g->unit->name) : 0;
}

int unit_attach(const struct cg_record *rec, pid_t pid)
{
	_cleanup_arena_ struct arena a = { 0 };
	struct sd_props l = { .arena = &a };
	struct sd_request q = { .verb = SD_ATTACH, .unit = rec->unit };
	struct sd_reply reply;
	int r;

	unit_pid(pid, &l);
	if (l.err < 0)
		return err_set(l.err, "systemd");
	q.props = l.v;
	q.n_props = l.n;
	r = ask(&a, rec->user, &q, &reply);
	return r < 0 ? err_ctx(r, "unit \"%s\"", rec->unit) : 0;
}

int unit_stop(const struct cg_record *rec)
{
	_cleanup_arena_ struct arena a = { 0 };
	const char *path = rec->path;
	const struct sd_prop group = {
		.name = "ControlGroup", .sig = "s", .n = 1, .v = &path
	};
	struct sd_request q = { .verb = SD_STOP,
				.unit = rec->unit,
				.props = &group,
				.n_props = 1 };
	struct sd_reply reply;
	int r = ask(&a, rec->user, &q, &reply);

	return r < 0 ? err_ctx(r, "unit \"%s\"", rec->unit) : 0;
}
