/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The other half of a container's making, for explain: what the parent does at
 * the sync points and around them. Sentences as data; pure.
 */
#include <stdio.h>

#include "base/err.h"
#include "cgroups/settings.h"
#include "plan/plan.h"
#include "plan/sentences.h"

struct lines {
	struct sentences out;
	const struct oci_spec *s;
};

#define line(l, ...) sentence(&(l)->out, __VA_ARGS__)

static void device_rule(struct lines *l, const struct cg_device_rule *d)
{
	char major[24] = "*", minor[24] = "*";

	if (d->major >= 0)
		snprintf(major, sizeof(major), "%lld", (long long)d->major);
	if (d->minor >= 0)
		snprintf(minor, sizeof(minor), "%lld", (long long)d->minor);
	line(l, "cgroup: devices %s %c %s:%s %s%s%s",
	     d->allow ? "allow" : "deny", d->type, major, minor,
	     d->access & 1 ? "r" : "", d->access & 2 ? "w" : "",
	     d->access & 4 ? "m" : "");
}

static void cgroup(struct lines *l)
{
	static const struct oci_resources none;
	const struct oci_linux *x = l->s->linux_;
	const struct oci_resources *res = x->resources ? x->resources : &none;
	struct cg_settings set = { 0 };
	struct cg_device_rules rules = { 0 };

	line(l, "cgroup: %s",
	     x->cgroups_path ? sentence_quote(&l->out, x->cgroups_path)
			     : "named by the ID");
	if (cg_settings_v2(l->out.a, res, false, &set) < 0 ||
	    cg_device_rules(l->out.a, res, &rules) < 0)
		line(l, "cgroup: refused on v2: %s", err_get());
	for (size_t i = 0; i < set.n; i++)
		line(l, "cgroup: %s = %s", set.v[i].file,
		     sentence_quote(&l->out, set.v[i].value));
	for (size_t i = 0; i < rules.n; i++)
		device_rule(l, &rules.v[i]);
}

static void maps(struct lines *l, const char *file, const oci_id_maps *m)
{
	for (size_t i = 0; i < m->n; i++)
		line(l, "namespaces: %s %u %u %u", file, m->v[i].container_id,
		     m->v[i].host_id, m->v[i].size);
}

static void namespaces(struct lines *l)
{
	const struct oci_linux *x = l->s->linux_;
	const char *path;

	if (oci_has_ns(l->s, OCI_NS_USER, &path) && !path) {
		maps(l, "uid_map", &x->uid_mappings);
		maps(l, "gid_map", &x->gid_mappings);
	}
	for (size_t i = 0; i < x->time_offsets.n; i++)
		line(l, "namespaces: timens_offsets %s %lld %u",
		     x->time_offsets.v[i].key,
		     (long long)x->time_offsets.v[i].secs,
		     x->time_offsets.v[i].nanosecs);
}

static void process(struct lines *l)
{
	const struct oci_process *p = l->s->process;
	const char *path;

	if (!p)
		return;
	if (p->oom_score_adj.set)
		line(l, "process: oom_score_adj = %lld",
		     (long long)p->oom_score_adj.v);
	for (size_t i = 0;
	     oci_has_ns(l->s, OCI_NS_USER, &path) && i < p->rlimits.n; i++)
		line(l, "rlimits: %s soft=%llu hard=%llu", p->rlimits.v[i].type,
		     (unsigned long long)p->rlimits.v[i].soft,
		     (unsigned long long)p->rlimits.v[i].hard);
}

static void devices(struct lines *l)
{
	const struct oci_linux *x = l->s->linux_;

	if (x->intel_rdt)
		line(l, "resctrl: %s",
		     x->intel_rdt->clos_id
			     ? sentence_quote(&l->out, x->intel_rdt->clos_id)
			     : "named by the ID");
	for (size_t i = 0; i < x->net_devices.n; i++)
		line(l, "network: %s moves in",
		     sentence_quote(&l->out, x->net_devices.v[i].key));
}

static void hooks(struct lines *l)
{
	static const struct {
		enum oci_hook_point at;
		const char *when;
	} points[] = {
		{ OCI_PRESTART, "runtime-hooks" },
		{ OCI_CREATE_RUNTIME, "runtime-hooks" },
		{ OCI_POSTSTART, "after start" },
		{ OCI_POSTSTOP, "after delete" },
	};

	for (size_t n = 0; l->s->hooks && n < ARRAY_SIZE(points); n++) {
		const oci_hook_list *h = &l->s->hooks->at[points[n].at];

		for (size_t i = 0; i < h->n; i++)
			line(l, "%s: hooks.%s[%zu] %s", points[n].when,
			     oci_hook_names[points[n].at], i,
			     sentence_quote(&l->out, h->v[i].path));
	}
}

static void (*const parts[])(struct lines *l) = {
	cgroup, namespaces, process, devices, hooks,
};

int plan_parent(struct arena *a, const struct oci_spec *s, struct str_list *ret)
{
	struct lines l = { .out = { .a = a }, .s = s };

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		parts[i](&l);
	return sentences_give(&l.out, ret);
}
