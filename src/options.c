/* SPDX-License-Identifier: Apache-2.0 */
#include "src/options.h"

#include <limits.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "src/numbers.h"

#define NAMES_MAX 64

struct parser {
	struct arena *arena;
	const struct opt_table *table;
	char *out; /* the command's struct */
	struct opt_result *result;
};

static int usage(int r)
{
	err_set_class(ERR_USAGE);
	return r;
}

static const struct opt_def *find(const struct opt_table *t, const char *name,
				  size_t len)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct opt_def *d = &t->v[i];

		if (len == 1 && d->letter && *name == d->letter)
			return d;
		if (strlen(d->name) == len && !memcmp(d->name, name, len))
			return d;
	}
	return NULL;
}

static int unknown(const struct opt_table *t, const char *name, size_t len)
{
	const char *names[NAMES_MAX], *near;
	char word[64];
	size_t n = 0;

	err_text(-EINVAL, "flag provided but not defined: -%.*s", (int)len,
		 name);
	if (len < sizeof(word)) {
		memcpy(word, name, len);
		word[len] = '\0';
		for (size_t i = 0; i < t->n && n < NAMES_MAX; i++)
			if (!(t->v[i].flags & OPT_HIDDEN))
				names[n++] = t->v[i].name;
		near = str_nearest(word, names, n);
		if (near)
			err_hint("did you mean --%s?", near);
	}
	return usage(-EINVAL);
}

static int bad_value(const struct opt_def *d, const char *value, int r)
{
	err_text(-EINVAL, "invalid value \"%s\" for flag -%s: %s", value,
		 d->name, r == -ERANGE ? "value out of range" : "parse error");
	return usage(-EINVAL);
}

static int add_to_list(struct arena *a, struct str_list *l, char *value)
{
	/* Lists are short: a new array each time keeps the arena simple. */
	char **v = arena_calloc(a, l->n + 2, sizeof(*v));

	if (!v)
		return err_set(-ENOMEM, "read the command line");
	if (l->n)
		memcpy(v, l->v, l->n * sizeof(*v));
	v[l->n++] = value;
	l->v = v;
	return 0;
}

static int set_bool(const struct opt_def *d, const char *value, void *member)
{
	bool on = true;

	if (value && parse_bool(value, &on) < 0) {
		err_text(-EINVAL,
			 "invalid boolean value \"%s\" for -%s: parse error",
			 value, d->name);
		return usage(-EINVAL);
	}
	if (d->kind == OPT_BOOL)
		*(bool *)member = on;
	else
		*(struct opt_bool *)member =
			(struct opt_bool){ .set = true, .v = on };
	return 0;
}

static int set_number(const struct opt_def *d, const char *value, void *member)
{
	int64_t v = 0;
	int r = d->kind == OPT_DURATION ? parse_duration(value, &v)
					: str_go_int(value, &v);

	if (r >= 0 && d->kind == OPT_COUNT && (v < 0 || v > INT_MAX))
		r = -ERANGE;
	if (r < 0)
		return bad_value(d, value, r);
	if (d->kind == OPT_COUNT)
		*(unsigned int *)member = (unsigned int)v;
	else
		*(struct opt_i64 *)member =
			(struct opt_i64){ .set = true, .v = v };
	return 0;
}

static int set_value(struct parser *p, const struct opt_def *d, char *value)
{
	void *member = p->out + d->offset;

	switch ((enum opt_kind)d->kind) {
	case OPT_STR:
		*(const char **)member = *value ? value : NULL;
		return 0;
	case OPT_LIST:
		return add_to_list(p->arena, member, value);
	default:
		return set_number(d, value, member);
	}
}

/* One option at argv[0]: how many arguments it took, or -errno. */
static int one(struct parser *p, char **argv)
{
	char *name = argv[0] + (argv[0][1] == '-' ? 2 : 1);
	size_t len = strcspn(name, "=");
	char *value = name[len] == '=' ? name + len + 1 : NULL;
	const struct opt_def *d = find(p->table, name, len);
	int r, took = 1;

	if (!d && ((len == 1 && *name == 'h') ||
		   (len == 4 && !memcmp(name, "help", 4)))) {
		p->result->help = true;
		return 1;
	}
	if (!d)
		return unknown(p->table, name, len);
	if (d->kind == OPT_BOOL || d->kind == OPT_TRISTATE) {
		r = set_bool(d, value, p->out + d->offset);
		return r < 0 ? r : 1;
	}
	if (!value) {
		value = argv[1];
		took = 2;
	}
	if (!value) {
		err_text(-EINVAL, "flag needs an argument: -%.*s", (int)len,
			 name);
		return usage(-EINVAL);
	}
	r = set_value(p, d, value);
	return r < 0 ? r : took;
}

int opt_parse(struct arena *a, const struct opt_table *t, bool stop,
	      char **argv, void *out, struct opt_result *ret)
{
	struct parser p = { a, t, out, ret };
	size_t argc = 0;
	int r;

	*ret = (struct opt_result){ 0 };
	while (argv[argc])
		argc++;
	ret->args = arena_calloc(a, argc + 1, sizeof(*ret->args));
	if (!ret->args)
		return err_set(-ENOMEM, "read the command line");
	while (*argv) {
		if (argv[0][0] != '-' || argv[0][1] == '\0') {
			if (stop)
				break;
			ret->args[ret->n_args++] = *argv++;
			continue;
		}
		if (streq(*argv, "--")) {
			argv++;
			break;
		}
		r = one(&p, argv);
		if (r < 0)
			return r;
		argv += r;
	}
	while (*argv)
		ret->args[ret->n_args++] = *argv++;
	return 0;
}
