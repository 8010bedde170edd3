/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The unit of a container as text, for explain. Pure.
 */
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "cgroups/unit.h"

/* Bit by bit: processors and nodes. */
static void put_bits(struct buf *b, const struct sd_prop *p)
{
	const char *blank = "";

	for (size_t i = 1; i < p->n; i++)
		for (unsigned int k = 0; k < 8; k++)
			if (strtoul(p->v[i], NULL, 10) >> k & 1) {
				buf_printf(b, "%s%zu", blank, 8 * (i - 1) + k);
				blank = " ";
			}
}

/* The parts of a value, without the numbers of elements of its lists. */
static void put_value(struct buf *b, const struct sd_prop *p)
{
	bool list = *p->sig == 'a';

	if (streq(p->sig, "b")) {
		buf_puts(b, streq(p->v[0], "1") ? "yes" : "no");
		return;
	}
	if (streq(p->sig, "t") && streq(p->v[0], "18446744073709551615")) {
		buf_puts(b, "infinity");
		return;
	}
	if (streq(p->sig, "ay")) {
		put_bits(b, p);
		return;
	}
	for (size_t i = list; i < p->n; i++)
		buf_printf(b, "%s%s", i > list ? " " : "", p->v[i]);
}

static int put_lines(struct arena *a, const struct sd_props *l,
		     struct str_list *ret)
{
	ret->v = arena_calloc(a, l->n + 1, sizeof(*ret->v));
	if (!ret->v)
		return -ENOMEM;
	for (size_t i = 0; i < l->n; i++) {
		_cleanup_buf_ struct buf b = { 0 };

		/* An empty list only makes place for the next. */
		if (*l->v[i].sig == 'a' && l->v[i].n == 1)
			continue;
		buf_printf(&b, "%s = ", l->v[i].name);
		put_value(&b, &l->v[i]);
		if (l->v[i].since > 0)
			buf_printf(&b, " (systemd >= %u)", l->v[i].since);
		if (buf_error(&b) < 0)
			return -ENOMEM;
		ret->v[ret->n] = arena_strdup(a, buf_str(&b));
		if (!ret->v[ret->n++])
			return -ENOMEM;
	}
	return 0;
}

static int add_resources(struct arena *a, const struct oci_resources *res,
			 struct sd_props *l)
{
	struct cg_device_rules rules;
	struct cg_settings s;
	int r = cg_device_rules(a, res, &rules);

	if (r == 0)
		r = cg_settings_v2(a, res, false, &s);
	if (r < 0)
		return r;
	(void)unit_devices(&rules, l);
	unit_settings(&s, l);
	return 0;
}

int cg_explain_unit(struct arena *a, const char *cgroups_path, const char *id,
		    const struct kv_list *annotations,
		    const struct oci_resources *res, struct str_list *ret)
{
	struct cg_record rec = { .mode = CG_V2 };
	struct sd_props l = { .arena = a };
	struct str_list out = { 0 };
	int r = unit_decide(a, cgroups_path, id, false, &rec);

	if (r < 0)
		return r;
	sd_prop1(&l, 0, "Unit", "s", "%s", rec.unit);
	unit_base(&rec, &l);
	r = unit_annotations(annotations, &l);
	if (r == 0)
		r = add_resources(a, res, &l);
	if (r == 0 && (l.err < 0 || put_lines(a, &l, &out) < 0))
		r = err_set(-ENOMEM, "systemd");
	if (r == 0)
		*ret = out;
	return r;
}
