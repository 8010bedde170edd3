/* SPDX-License-Identifier: Apache-2.0 */
/* The document itself, names of the host, hooks. */
#include "spec/check.h"

#include <ctype.h>
#include <stdio.h>

#include "base/str.h"

#define UTS_NAME_MAX 64 /* __NEW_UTS_LEN */

void check_path(char buf[CHECK_PATH_MAX], const char *prefix, const char *name)
{
	snprintf(buf, CHECK_PATH_MAX, "%s%s%s", prefix, *prefix ? "." : "",
		 name);
}

bool check_word(const char *word, const char *const *words, size_t n)
{
	while (n--)
		if (streq(word, words[n]))
			return true;
	return false;
}

static int count_one(unsigned int n, void *arg)
{
	++*(int *)arg;
	return 0;
}

int check_ranges(const char *s, unsigned int max)
{
	char list[4096];
	size_t n = 0;
	int r, count = 0;

	for (; *s; s++) {
		if (*s == ' ')
			continue;
		if (n == sizeof(list) - 1)
			return -EINVAL;
		list[n++] = *s;
	}
	list[n] = '\0';
	if (n == 0)
		return 0;
	r = str_walk_ranges(list, max, count_one, &count);
	return r < 0 ? r : count;
}

/* "1.MINOR[.PATCH][-pre][+build]": config.md, "Specification version". */
static bool version_known(const char *v)
{
	int parts = 0;

	if (!str_starts(v, "1."))
		return false;
	for (v += 2;; v++) {
		if (!isdigit((unsigned char)*v))
			return false;
		while (isdigit((unsigned char)*v))
			v++;
		if (++parts == 2 || *v != '.')
			break;
	}
	if (!*v)
		return true;
	if ((*v != '-' && *v != '+') || !v[1])
		return false;
	for (; *v; v++)
		if (!isalnum((unsigned char)*v) && !strchr(".-+", *v))
			return false;
	return true;
}

static void check_uts_name(const struct oci_spec *s, const char *name,
			   const char *value, struct faults *f)
{
	if (!value || !*value)
		return;
	if (!oci_has_ns(s, OCI_NS_UTS, NULL))
		faults_add(f, 0, name,
			   "unable to set %s without a private UTS namespace",
			   name);
	if (strlen(value) > UTS_NAME_MAX)
		faults_add(f, 0, name, "longer than %d bytes", UTS_NAME_MAX);
}

static void check_hooks(const struct oci_hooks *h, struct faults *f)
{
	char path[CHECK_PATH_MAX];
	size_t point, i;

	for (point = 0; point < OCI_HOOK_POINTS; point++) {
		for (i = 0; i < h->at[point].n; i++) {
			const struct oci_hook *hook = &h->at[point].v[i];

			if (!hook->timeout.set || hook->timeout.v > 0)
				continue;
			snprintf(path, sizeof(path), "hooks.%s[%zu].timeout",
				 oci_hook_names[point], i);
			faults_add(f, 0, path, "must be greater than zero");
		}
	}
}

void oci_check(const struct oci_spec *s, struct faults *f)
{
	size_t i;

	if (s->version && !version_known(s->version))
		faults_add(f, 0, "ociVersion", "version %s is not supported",
			   s->version);
	if (!s->root)
		faults_add(f, 0, "root", "root must be specified");
	else if (!s->root->path || !*s->root->path)
		faults_add(f, 0, "root.path", "root must be specified");
	if (s->process)
		oci_check_process(s->process, "process", f);
	check_uts_name(s, "hostname", s->hostname, f);
	check_uts_name(s, "domainname", s->domainname, f);
	for (i = 0; i < s->annotations.n; i++)
		if (!*s->annotations.v[i].key)
			faults_add(f, 0, "annotations", "a key is empty");
	check_mounts(s, f);
	if (s->hooks)
		check_hooks(s->hooks, f);
	if (s->linux_)
		check_linux(s, f);
}
