/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config-linux.md, "Control groups". Only what no hierarchy can take, or what
 * would make a file name or a line of something else; the drivers and the
 * kernel judge the numbers.
 */
#include <ctype.h>
#include <stdio.h>

#include "base/str.h"
#include "spec/check.h"

static bool number_good(const struct opt_i64 *v)
{
	return !v->set || (v->v >= -1 && v->v <= UINT32_MAX);
}

static void check_rules(const struct check_at *at, const struct oci_resources *r)
{
	char elem[64];
	size_t i;

	for (i = 0; i < r->devices.n; i++) {
		const struct oci_device_rule *d = &r->devices.v[i];

		snprintf(elem, sizeof(elem), "devices[%zu]", i);
		if (d->type && *d->type &&
		    (strlen(d->type) != 1 || !strchr("abc", *d->type)))
			check_add(at, elem, "invalid cgroup device type \"%s\"",
				  d->type);
		if (d->access && !*d->access)
			check_add(at, elem,
				  "device access at %zu field cannot be empty",
				  i);
		else if (d->access && d->access[strspn(d->access, "rwm")])
			check_add(at, elem, "invalid device access \"%s\"",
				  d->access);
		if (!number_good(&d->major) || !number_good(&d->minor))
			check_add(at, elem, "a device number is out of range");
	}
}

static void check_memory(const struct check_at *at, const struct oci_memory *m)
{
	const struct {
		const char *name;
		const struct opt_i64 *v;
	} sizes[] = {
		{ "memory.limit", &m->limit },
		{ "memory.reservation", &m->reservation },
		{ "memory.swap", &m->swap },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++)
		if (sizes[i].v->set && sizes[i].v->v < -1)
			check_add(at, sizes[i].name, "must be -1 or more");
}

/* "64KB" "2MB" "1GB": part of a file name. */
static bool page_size_good(const char *s)
{
	size_t n = strspn(s, "0123456789");

	return n > 0 &&
	       (streq(s + n, "KB") || streq(s + n, "MB") || streq(s + n, "GB"));
}

static void check_hugepages(const struct check_at *at,
			    const struct oci_resources *r)
{
	char elem[64];
	size_t i, j;

	for (i = 0; i < r->hugepages.n; i++) {
		const char *size = r->hugepages.v[i].page_size;

		if (!size)
			continue; /* has its fault */
		snprintf(elem, sizeof(elem), "hugepageLimits[%zu]", i);
		if (!page_size_good(size))
			check_add(at, elem, "invalid page size \"%s\"", size);
		for (j = 0; j < i; j++)
			if (r->hugepages.v[j].page_size &&
			    streq(size, r->hugepages.v[j].page_size))
				break;
		if (j < i)
			check_add(at, elem, "page size %s is given twice", size);
	}
}

/* Is it a word that keeps its place in a line, and no path? */
static bool token_good(const char *s)
{
	if (!*s || streq(s, ".") || streq(s, ".."))
		return false;
	for (; *s; s++)
		if (*s == '/' || isspace((unsigned char)*s))
			return false;
	return true;
}

static void check_tokens(const struct check_at *at,
			 const struct oci_resources *r)
{
	char elem[CHECK_PATH_MAX];
	size_t i;

	for (i = 0; i < r->rdma.n; i++) {
		if (token_good(r->rdma.v[i].key))
			continue;
		snprintf(elem, sizeof(elem), "rdma.%s", r->rdma.v[i].key);
		check_add(at, elem, "is no name of a device");
	}
	for (i = 0; i < r->unified.n; i++) {
		if (token_good(r->unified.v[i].key))
			continue;
		snprintf(elem, sizeof(elem), "unified.%s", r->unified.v[i].key);
		check_add(at, elem, "must be a file name");
	}
	for (i = 0; r->network && i < r->network->priorities.n; i++) {
		const char *name = r->network->priorities.v[i].name;

		if (!name || token_good(name))
			continue;
		snprintf(elem, sizeof(elem), "network.priorities[%zu]", i);
		check_add(at, elem, "invalid network device name \"%s\"", name);
	}
}

void check_resources(const struct oci_resources *r, const char *prefix,
		     struct faults *f)
{
	struct check_at at = { prefix, f };

	check_rules(&at, r);
	if (r->memory)
		check_memory(&at, r->memory);
	check_hugepages(&at, r);
	check_tokens(&at, r);
}
