/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Properties of a container's unit, from the same settings that are written to
 * the files of the group (org.freedesktop.systemd1(5)). Pure.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "cgroups/unit.h"

#define PERIOD_DEFAULT 100000
#define CPUS_MAX 8191

/* --- values ------------------------------------------------------------- */

/* "max" and negative numbers are no limit. False: not one plain number. */
static bool number(const char *text, uint64_t *ret)
{
	char word[32];
	int64_t neg;
	size_t n;

	text += strspn(text, " \t\n");
	n = strcspn(text, " \t\n");
	if (n >= sizeof(word) || text[n + strspn(text + n, " \t\n")])
		return false;
	snprintf(word, sizeof(word), "%.*s", (int)n, text);
	if (streq(word, "max") || (str_i64(word, &neg) == 0 && neg < 0)) {
		*ret = UINT64_MAX;
		return true;
	}
	return str_u64(word, ret) == 0;
}

struct bits {
	uint8_t *v;
	size_t size, used;
};

static int set_bit(unsigned int n, void *arg)
{
	struct bits *b = arg;

	if (n / 8 >= b->size)
		return -ERANGE;
	b->v[n / 8] |= (uint8_t)(1u << n % 8);
	b->used = MAX(b->used, n / 8 + 1);
	return 0;
}

size_t unit_range_bits(const char *list, uint8_t *ret, size_t size)
{
	struct bits b = { .v = ret, .size = size };

	memset(ret, 0, size);
	return str_walk_ranges(list, CPUS_MAX, set_bit, &b) < 0 ? 0 : b.used;
}

/* --- from files to properties ------------------------------------------- */

struct row {
	const char *file, *property;
	unsigned int since;
	void (*add)(const struct cg_settings *all, const struct cg_setting *s,
		    const struct row *row, struct sd_props *l);
};

static void add_number(const struct cg_settings *all, const struct cg_setting *s,
		       const struct row *row, struct sd_props *l)
{
	uint64_t v;

	(void)all;
	if (number(s->value, &v))
		sd_prop1(l, row->since, row->property, "t", "%" PRIu64, v);
}

/* The kernel's idle is a weight of zero to systemd. */
static void add_idle(const struct cg_settings *all, const struct cg_setting *s,
		     const struct row *row, struct sd_props *l)
{
	(void)all;
	if (streq(s->value, "1"))
		sd_prop1(l, row->since, row->property, "t", "0");
}

static void add_cpuset(const struct cg_settings *all, const struct cg_setting *s,
		       const struct row *row, struct sd_props *l)
{
	uint8_t bits[(CPUS_MAX + 1) / 8];
	size_t n = unit_range_bits(s->value, bits, sizeof(bits));

	(void)all;
	if (n == 0)
		return;
	sd_prop1(l, row->since, row->property, "ay", "%zu", n);
	for (size_t i = 0; i < n; i++)
		sd_part(l, "%u", bits[i]);
}

/* Without BFQ the weight goes to io.weight: that is the scale of systemd. */
static void add_io_weight(const struct cg_settings *all,
			  const struct cg_setting *s, const struct row *row,
			  struct sd_props *l)
{
	uint64_t v;

	(void)all;
	if (s->alt_value && str_starts(s->alt_value, "default ") &&
	    number(s->alt_value + strlen("default "), &v))
		sd_prop1(l, row->since, row->property, "t", "%" PRIu64, v);
}

/* Of a device: "8:0 100". */
static void add_blkio_weight(const struct cg_settings *all,
			     const struct cg_setting *s, const struct row *row,
			     struct sd_props *l)
{
	if (!strchr(s->value, ':'))
		add_number(all, s, row, l);
}

/*
 * systemd keeps microseconds for each second and makes a whole percentage of
 * them: rounded up, so that what is below the unit can have what it was
 * promised.
 */
static uint64_t per_second(uint64_t quota, uint64_t period)
{
	uint64_t v;

	if (quota == 0 || period == 0 || quota >= UINT64_MAX / 1000000)
		return UINT64_MAX;
	v = quota * 1000000 / period;
	return (v + 9999) / 10000 * 10000;
}

static void add_quota(struct sd_props *l, uint64_t quota, uint64_t period)
{
	sd_prop1(l, 242, "CPUQuotaPeriodUSec", "t", "%" PRIu64, period);
	sd_prop1(l, 0, "CPUQuotaPerSecUSec", "t", "%" PRIu64,
		 per_second(quota, period));
}

static void add_cpu_max(const struct cg_settings *all,
			const struct cg_setting *s, const struct row *row,
			struct sd_props *l)
{
	uint64_t quota, period = PERIOD_DEFAULT;
	char word[64];
	size_t n = strcspn(s->value, " ");

	(void)all;
	(void)row;
	snprintf(word, sizeof(word), "%.*s", (int)MIN(n, sizeof(word)),
		 s->value);
	if (number(word, &quota) &&
	    (!s->value[n] || number(s->value + n + 1, &period)))
		add_quota(l, quota, period);
}

static const char *value_of(const struct cg_settings *all, const char *file)
{
	for (size_t i = 0; i < all->n; i++)
		if (streq(all->v[i].file, file))
			return all->v[i].value;
	return NULL;
}

/* v1 has two files: what comes first speaks for both. */
static void add_cfs(const struct cg_settings *all, const struct cg_setting *s,
		    const struct row *row, struct sd_props *l)
{
	const char *q = value_of(all, "cpu.cfs_quota_us");
	const char *p = value_of(all, "cpu.cfs_period_us");
	uint64_t quota = UINT64_MAX, period = PERIOD_DEFAULT;

	(void)row;
	if (p && q && s->value == q)
		return;
	if ((q && !number(q, &quota)) || (p && !number(p, &period)))
		return;
	add_quota(l, quota, period);
}

static const struct row rows[] = {
	{ "memory.max", "MemoryMax", 0, add_number },
	{ "memory.high", "MemoryHigh", 0, add_number },
	{ "memory.low", "MemoryLow", 0, add_number },
	{ "memory.min", "MemoryMin", 240, add_number },
	{ "memory.swap.max", "MemorySwapMax", 0, add_number },
	{ "memory.limit_in_bytes", "MemoryLimit", 0, add_number },
	{ "cpu.idle", "CPUWeight", 252, add_idle },
	{ "cpu.weight", "CPUWeight", 0, add_number },
	{ "cpu.shares", "CPUShares", 0, add_number },
	{ "cpu.max", NULL, 0, add_cpu_max },
	{ "cpu.cfs_period_us", NULL, 0, add_cfs },
	{ "cpu.cfs_quota_us", NULL, 0, add_cfs },
	{ "cpuset.cpus", "AllowedCPUs", 244, add_cpuset },
	{ "cpuset.mems", "AllowedMemoryNodes", 244, add_cpuset },
	{ "pids.max", "TasksMax", 0, add_number },
	{ "io.bfq.weight", "IOWeight", 0, add_io_weight },
	{ "blkio.bfq.weight", "BlockIOWeight", 0, add_blkio_weight },
};

void unit_settings(const struct cg_settings *s, struct sd_props *l)
{
	for (size_t i = 0; i < s->n; i++)
		for (size_t k = 0; k < ARRAY_SIZE(rows); k++)
			if (streq(rows[k].file, s->v[i].file))
				rows[k].add(s, &s->v[i], &rows[k], l);
}

/* --- what every unit has ------------------------------------------------ */

void unit_pid(pid_t pid, struct sd_props *l)
{
	sd_prop1(l, 0, "PIDs", "au", "1");
	sd_part(l, "%d", (int)pid);
}

void unit_base(const struct cg_record *rec, struct sd_props *l)
{
	bool v2 = rec->mode == CG_V2;
	const char *const accounting[] = { "MemoryAccounting", "CPUAccounting",
					   v2 ? "IOAccounting"
					      : "BlockIOAccounting",
					   "TasksAccounting" };

	sd_prop1(l, 0, "Description", "s", "%s", rec->description);
	if (str_ends(rec->unit, ".slice")) {
		/* Its name says where it is. */
		sd_prop1(l, 0, "Wants", "as", "1");
		sd_part(l, "%s", rec->slice);
	} else {
		sd_prop1(l, 0, "Slice", "s", "%s", rec->slice);
		sd_prop1(l, 0, "Delegate", "b", "1");
	}
	for (size_t i = 0; i < ARRAY_SIZE(accounting); i++)
		sd_prop1(l, 0, accounting[i], "b", "1");
	sd_prop1(l, 0, "DefaultDependencies", "b", "0");
}

/* --- devices ------------------------------------------------------------ */

/* What is otherwise than the first rule says: allowed, or forbidden. */
struct exceptions {
	bool allowed;
	struct cg_device_rule *v;
	size_t n;
};

static bool covers(const struct cg_device_rule *a,
		   const struct cg_device_rule *b)
{
	return a->type == b->type && (a->major < 0 || a->major == b->major) &&
	       (a->minor < 0 || a->minor == b->minor);
}

static void add_exception(struct exceptions *l, const struct cg_device_rule *r)
{
	for (size_t i = 0; i < l->n; i++)
		if (covers(&l->v[i], r) && covers(r, &l->v[i])) {
			l->v[i].access |= r->access;
			return;
		}
	l->v[l->n++] = *r;
}

static void end_exceptions(struct exceptions *l, const struct cg_device_rule *r)
{
	for (size_t i = 0; i < l->n; i++)
		if (covers(r, &l->v[i]))
			l->v[i].access &= ~r->access;
}

/* One rule for 'a' is one for each type. */
static void apply_rule(struct exceptions *l, struct cg_device_rule r)
{
	char type = r.type;

	for (const char *t = "bc"; *t; t++) {
		if (type != 'a' && type != *t)
			continue;
		r.type = *t;
		if (r.allow == l->allowed)
			add_exception(l, &r);
		else
			end_exceptions(l, &r);
	}
}

static bool any_left(const struct exceptions *l)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->v[i].access)
			return true;
	return false;
}

/* "/dev/char/1:3", "char-136", "char-*"; false for "*:3". */
static bool device_name(const struct cg_device_rule *r, char *buf, size_t size)
{
	const char *type = r->type == 'b' ? "block" : "char";

	if (r->major < 0 && r->minor >= 0)
		return false;
	if (r->major < 0)
		snprintf(buf, size, "%s-*", type);
	else if (r->minor < 0)
		snprintf(buf, size, "%s-%" PRId64, type, r->major);
	else
		snprintf(buf, size, "/dev/%s/%" PRId64 ":%" PRId64, type,
			 r->major, r->minor);
	return true;
}

static size_t count_allowed(const struct exceptions *l)
{
	char name[80];
	size_t n = 0;

	for (size_t i = 0; i < l->n; i++)
		n += l->v[i].access && device_name(&l->v[i], name, sizeof(name));
	return n;
}

static void put_allowed(const struct exceptions *l, struct sd_props *out)
{
	char name[80];

	sd_prop1(out, 0, "DeviceAllow", "a(ss)", "%zu", count_allowed(l));
	for (size_t i = 0; i < l->n; i++) {
		unsigned int access = l->v[i].access;

		if (!access || !device_name(&l->v[i], name, sizeof(name)))
			continue;
		sd_part(out, "%s", name);
		sd_part(out, "%s%s%s", access & 1 ? "r" : "",
			access & 2 ? "w" : "", access & 4 ? "m" : "");
	}
}

bool unit_devices(const struct cg_device_rules *rules, struct sd_props *out)
{
	struct exceptions l = { .allowed = !rules->v[0].allow };
	bool all;

	l.v = arena_calloc(out->arena, 2 * rules->n + 1, sizeof(*l.v));
	if (!l.v) {
		out->err = -ENOMEM;
		return false;
	}
	for (size_t i = 1; i < rules->n; i++)
		apply_rule(&l, rules->v[i]);
	all = !l.allowed && !any_left(&l);
	sd_prop1(out, 0, "DevicePolicy", "s", "%s", all ? "auto" : "strict");
	/* Empties the list: what comes next fills it. */
	sd_prop1(out, 0, "DeviceAllow", "a(ss)", "0");
	if (l.allowed)
		put_allowed(&l, out);
	return !l.allowed && !all;
}
