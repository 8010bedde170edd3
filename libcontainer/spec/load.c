/* SPDX-License-Identifier: Apache-2.0 */
/* From config.json to a checked struct, or to the list of all its faults. */
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/log.h"
#include "spec/check.h"
#include "spec/extensions.h"
#include "spec/fields.h"
#include "spec/spec.h"

/*
 * Checks know paths, not lines. What is missing has no line: that of the
 * object around it is the next best.
 */
static void find_lines(struct faults *f, const char *text, size_t len)
{
	char path[512], *cut;
	size_t i;

	for (i = 0; i < f->n; i++) {
		struct fault *v = &f->v[i];

		if (v->line)
			continue;
		snprintf(path, sizeof(path), "%s", v->path);
		while (path[0] && !v->line) {
			v->line = json_line_of(text, len, path);
			cut = strrchr(path, '.');
			if (!cut)
				break;
			*cut = '\0';
		}
	}
}

static int finish(struct faults *f, int r, const char *file, const char *text,
		  size_t len)
{
	if (r == -ENOMEM)
		return err_set(r, "%s", file);
	if (f->unknown_keys)
		log_debug("%s: %zu unknown keys ignored", file, f->unknown_keys);
	find_lines(f, text, len);
	if (faults_report(f, file) < 0)
		return -EINVAL;
	return r < 0 ? err_set(r, "%s", file) : 0;
}

static int fill_process(struct arena *a, struct oci_process *p)
{
	if (p && !p->user)
		p->user = arena_alloc(a, sizeof(*p->user));
	return !p || p->user ? 0 : -ENOMEM;
}

static int fill_spec(struct arena *a, struct oci_spec *s)
{
	if (!s->linux_)
		s->linux_ = arena_alloc(a, sizeof(*s->linux_));
	return s->linux_ ? fill_process(a, s->process) : -ENOMEM;
}

int oci_parse(struct arena *a, const char *file, const char *text, size_t len,
	      struct oci_spec **ret)
{
	struct oci_spec *s = arena_alloc(a, sizeof(*s));
	struct faults f;
	int r;

	if (!s)
		return err_set(-ENOMEM, "%s", file);
	faults_init(&f, a);
	r = json_parse(a, text, len, &oci_spec_record, s, &f);
	if (r == 0)
		r = fill_spec(a, s);
	if (r == 0) {
		oci_apply_extensions(a, s, &f);
		oci_check(s, &f);
	}
	r = finish(&f, r, file, text, len);
	if (r == 0)
		*ret = s;
	return r;
}

int oci_parse_process(struct arena *a, const char *file, const char *text,
		      size_t len, struct oci_process **ret)
{
	struct oci_process *p = arena_alloc(a, sizeof(*p));
	struct faults f;
	int r;

	if (!p)
		return err_set(-ENOMEM, "%s", file);
	faults_init(&f, a);
	r = json_parse(a, text, len, &oci_process_record, p, &f);
	if (r == 0)
		r = fill_process(a, p);
	if (r == 0)
		oci_check_process(p, "", &f);
	r = finish(&f, r, file, text, len);
	if (r == 0)
		*ret = p;
	return r;
}

int oci_parse_resources(struct arena *a, const char *file, const char *text,
			size_t len, struct oci_resources **ret)
{
	struct oci_resources *res = arena_alloc(a, sizeof(*res));
	struct faults f;
	int r;

	if (!res)
		return err_set(-ENOMEM, "%s", file);
	faults_init(&f, a);
	r = json_parse(a, text, len, &oci_resources_record, res, &f);
	if (r == 0)
		check_resources(res, "", &f);
	r = finish(&f, r, file, text, len);
	if (r == 0)
		*ret = res;
	return r;
}

int oci_parse_mounts(struct arena *a, const char *file, const char *text,
		     size_t len, bool places_only, struct oci_spec *s)
{
	struct oci_spec *alone = arena_alloc(a, sizeof(*alone));
	bool list = text[strspn(text, " \t\r\n")] == '[';
	char *whole = list ? arena_printf(a, "{\"mounts\":%s}", text)
			   : arena_strndup(a, text, len);
	struct faults f;
	int r;

	if (!whole || !alone)
		return err_set(-ENOMEM, "%s", file);
	faults_init(&f, a);
	r = json_parse(a, whole, strlen(whole), &oci_mounts_record, alone, &f);
	memcpy(&s->mounts, &alone->mounts, sizeof(s->mounts));
	if (r == 0 && !places_only)
		check_mounts(s, &f);
	return finish(&f, r, file, whole, strlen(whole));
}

bool oci_has_ns(const struct oci_spec *s, enum oci_ns ns, const char **ret_path)
{
	size_t i;

	if (ret_path)
		*ret_path = NULL;
	for (i = 0; s->linux_ && i < s->linux_->namespaces.n; i++) {
		const struct oci_namespace *n = &s->linux_->namespaces.v[i];

		if (n->type != (int)ns)
			continue;
		if (ret_path && n->path && *n->path)
			*ret_path = n->path;
		return true;
	}
	return false;
}

const char *oci_annotation(const struct kv_list *l, const char *key)
{
	for (size_t i = 0; l && i < l->n; i++)
		if (strcmp(l->v[i].key, key) == 0)
			return l->v[i].value;
	return NULL;
}
