/* SPDX-License-Identifier: Apache-2.0 */
/*
 * linux.resources that v1 and v2 have in files of the same kind.
 */
#include <inttypes.h>
#include <stdio.h>

#include "base/err.h"
#include "base/macros.h"
#include "cgroups/settings_list.h"

void set_cpuset(struct set_list *l, const struct oci_cpu *c)
{
	if (c->cpus && *c->cpus)
		set_add(l, "cpuset", "cpuset.cpus", RES "cpu.cpus", 0, "%s",
			c->cpus);
	if (c->mems && *c->mems)
		set_add(l, "cpuset", "cpuset.mems", RES "cpu.mems", 0, "%s",
			c->mems);
}

int set_hugepages(struct set_list *l, const struct oci_resources *res,
		  const char *file)
{
	for (size_t i = 0; i < res->hugepages.n; i++) {
		const struct oci_hugepage *h = &res->hugepages.v[i];
		char name[128], json[64];

		snprintf(json, sizeof(json), RES "hugepageLimits[%zu]", i);
		if (!set_name_ok(h->page_size))
			return err_text(-EINVAL, "%s.pageSize: not a page size",
					json);
		snprintf(name, sizeof(name), "hugetlb.%s.%s", h->page_size,
			 file);
		set_add(l, "hugetlb", name, json, 0, "%" PRIu64, h->limit);
		snprintf(name, sizeof(name), "hugetlb.%s.rsvd.%s", h->page_size,
			 file);
		set_add(l, "hugetlb", name, json, CG_OPTIONAL, "%" PRIu64,
			h->limit);
	}
	return 0;
}

void set_rdma(struct set_list *l, const struct oci_resources *res)
{
	for (size_t i = 0; i < res->rdma.n; i++) {
		const struct oci_rdma *d = &res->rdma.v[i];
		char handles[32] = "", objects[32] = "";

		if (d->hca_handles.set)
			snprintf(handles, sizeof(handles), " hca_handle=%u",
				 d->hca_handles.v);
		if (d->hca_objects.set)
			snprintf(objects, sizeof(objects), " hca_object=%u",
				 d->hca_objects.v);
		if (*handles || *objects)
			set_add(l, "rdma", "rdma.max", RES "rdma", 0, "%s%s%s",
				d->key, handles, objects);
	}
}

void set_pids(struct set_list *l, const struct oci_pids *p, bool update)
{
	if (!p->limit.set || (update && p->limit.v == 0))
		return;
	if (p->limit.v < 0)
		set_add(l, "pids", "pids.max", RES "pids.limit", 0, "max");
	else
		set_add(l, "pids", "pids.max", RES "pids.limit", 0, "%" PRId64,
			MAX(p->limit.v, (int64_t)1));
}
