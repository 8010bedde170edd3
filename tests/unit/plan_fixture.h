/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A configuration compiled for a made-up host, and the plan as text: what the
 * tests of the builder look at.
 */
#ifndef TARE_TESTS_PLAN_FIXTURE_H
#define TARE_TESTS_PLAN_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "plan/plan.h"

struct sock_filter { /* linux/filter.h */
	uint16_t code;
	uint8_t jt, jf;
	uint32_t k;
};

struct fixture {
	struct arena a;
	struct plan_host host;
	struct plan_options options;
	struct oci_spec *spec;
	struct plan plan;
	struct buf text;
};

/* A v2 host, root, all capabilities: no fact of this machine. */
static inline void fixture_init(struct fixture *f)
{
	static const struct plan_cgroup unified = { "", "/sys/fs/cgroup",
						    "/tare/ID" };

	*f = (struct fixture){
		.host = { .cgroup_mode = 3,
			  .selinux = true,
			  .apparmor = true,
			  .kcore = true,
			  .cap_last = 40,
			  .cap_bounding = (1ULL << 41) - 1 },
		.options = { .id = "ID", .bundle = "/bundle" },
	};
	f->host.cgroups.v = arena_memdup(&f->a, &unified, sizeof(unified));
	f->host.cgroups.n = 1;
}

static inline void fixture_free(struct fixture *f)
{
	plan_free(&f->plan);
	buf_free(&f->text);
	arena_free(&f->a);
}

static inline const char *fixture_text(struct fixture *f)
{
	buf_free(&f->text);
	plan_dump_clone_text(f->plan.clone_flags, &f->text);
	assert_int_equal(plan_dump_text(f->plan.block.data, f->plan.block.len,
					&f->text),
			 0);
	return buf_str(&f->text);
}

/* Three instructions stand for any filter: compiling is another room's. */
static inline struct seccomp_filter fixture_filter(const struct oci_spec *s)
{
	static struct sock_filter insns[3];
	struct seccomp_filter filter = { 0 };

	if (s->linux_->seccomp) {
		filter.insns = insns;
		filter.n = 3;
	}
	return filter;
}

static inline int fixture_parse(struct fixture *f, const char *json, size_t len)
{
	int r = oci_parse(&f->a, "config.json", json, len, &f->spec);

	if (r < 0)
		print_error("%s\n", err_get());
	return r;
}

/* 0 or what plan_create says. */
static inline int fixture_create(struct fixture *f)
{
	struct seccomp_filter filter = fixture_filter(f->spec);

	plan_free(&f->plan);
	f->plan = (struct plan){ 0 };
	return plan_create(&f->a, f->spec, &f->host, &f->options, &filter,
			   &f->plan);
}

/* The text of the configuration; %s parts are put into a minimal one. */
#define CONFIG(process, namespaces, linux_more, more)                      \
	"{\"ociVersion\":\"1.2.0\",\"root\":{\"path\":\"/r\"},"            \
	"\"process\":{\"user\":{\"uid\":0,\"gid\":0},\"args\":[\"sh\"],"   \
	"\"cwd\":\"/\"" process "},\"linux\":{\"namespaces\":[" namespaces \
	"]" linux_more "}" more "}"
#define NS_MNT "{\"type\":\"mount\"}"
#define NS(t) ",{\"type\":\"" t "\"}"
#define NS_AT(t, p) ",{\"type\":\"" t "\",\"path\":\"" p "\"}"
#define MAPS                                                    \
	",\"uidMappings\":[{\"containerID\":0,\"hostID\":1000," \
	"\"size\":10}],\"gidMappings\":[{\"containerID\":0,"    \
	"\"hostID\":1000,\"size\":10}]"

/* Compiles and returns the text. */
static inline const char *fixture_plan(struct fixture *f, const char *json)
{
	assert_int_equal(fixture_parse(f, json, strlen(json)), 0);
	if (fixture_create(f) < 0)
		fail_msg("%s", err_get());
	return fixture_text(f);
}

/* The text of one configuration, for a test that looks at nothing else. */
static inline char *plan_of(const char *json)
{
	struct fixture f;
	char *text;

	fixture_init(&f);
	text = strdup(fixture_plan(&f, json));
	fixture_free(&f);
	return text;
}

/* Do the lines of the text hold these, in this order? Ends with NULL. */
static inline void assert_order(const char *text, ...)
{
	const char *p = text, *want;
	va_list ap;

	va_start(ap, text);
	while ((want = va_arg(ap, const char *))) {
		const char *at = strstr(p, want);

		if (!at)
			fail_msg("\"%s\" is not, or not there, in\n%s", want,
				 text);
		p = at + strlen(want);
	}
	va_end(ap);
}

#define assert_has(text, part) assert_order(text, part, NULL)
static inline void assert_lacks(const char *text, const char *part)
{
	if (strstr(text, part))
		fail_msg("\"%s\" should not be in\n%s", part, text);
}

#endif
