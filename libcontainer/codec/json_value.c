/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/json_stack.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define NUMBER(k, text, m, s) [k] = { .want = (text), .max = (m), .sgn = (s) }
const struct kind_info json_kinds[] = {
	[F_STR] = { "a string" },
	[F_BOOL] = { "true or false" },
	[F_OPT_BOOL] = { "true or false" },
	NUMBER(F_I32, "a signed 32-bit integer", INT32_MAX, true),
	NUMBER(F_U32, "an unsigned 32-bit integer", UINT32_MAX, false),
	NUMBER(F_OPT_U32, "an unsigned 32-bit integer", UINT32_MAX, false),
	NUMBER(F_I64, "a signed 64-bit integer", INT64_MAX, true),
	NUMBER(F_OPT_I64, "a signed 64-bit integer", INT64_MAX, true),
	NUMBER(F_U64, "an unsigned 64-bit integer", UINT64_MAX, false),
	NUMBER(F_OPT_U64, "an unsigned 64-bit integer", UINT64_MAX, false),
	NUMBER(F_ID, "a user or group ID", UINT32_MAX - 1, false),
	[F_ENUM] = { "a name" },
	[F_OBJ] = { "an object" },
	[F_STR_MAP] = { "an object" },
	[F_OBJ_MAP] = { "an object" },
	[F_STR_LIST] = { "an array of strings" },
	[F_ENUM_LIST] = { "an array of names" },
	[F_U32_LIST] = { "an array of integers" },
	[F_OBJ_LIST] = { "an array of objects" },
	[F_RAW] = { "a value" },
};

int json_wrong_type(struct reader *r, const struct slot *s, const char *got)
{
	json_fault(r, "expected %s, got %s", json_kinds[s->kind].want, got);
	return 1;
}

static int store_number(void *p, uint8_t kind, uint64_t v)
{
	switch (kind) {
	case F_I32:
		*(int32_t *)p = (int32_t)v;
		return 1;
	case F_U32:
	case F_ID:
		*(uint32_t *)p = (uint32_t)v;
		return 1;
	case F_I64:
	case F_U64:
		*(uint64_t *)p = v;
		return 1;
	case F_OPT_U32:
		*(struct opt_u32 *)p = (struct opt_u32){ true, (uint32_t)v };
		return 1;
	case F_OPT_I64:
		*(struct opt_i64 *)p = (struct opt_i64){ true, (int64_t)v };
		return 1;
	default:
		*(struct opt_u64 *)p = (struct opt_u64){ true, v };
		return 1;
	}
}

/* Exact: digits only, no wrap. 0, -EINVAL no integer, -ERANGE. */
static int parse_integer(const char *t, size_t n, const struct kind_info *k,
			 uint64_t max, uint64_t *ret)
{
	bool neg = *t == '-';
	uint64_t v = 0, top = max ? MIN(max, k->max) : k->max;
	size_t i;

	for (i = neg; i < n; i++)
		if (t[i] < '0' || t[i] > '9')
			return -EINVAL;
	if (neg)
		top = k->sgn ? k->max + 1 : 0;
	for (i = neg; i < n; i++) {
		uint64_t digit = (uint64_t)(t[i] - '0');

		if (v > (UINT64_MAX - digit) / 10)
			return -ERANGE;
		v = v * 10 + digit;
	}
	if (v > top || (neg && !k->sgn))
		return -ERANGE;
	*ret = neg ? -v : v;
	return 0;
}

static int store_enum(struct reader *r, struct slot *s, const char *t, size_t n)
{
	const struct enum_name *e = s->f->names;
	int *p;

	while (e->name && (strncmp(e->name, t, n) != 0 || e->name[n]))
		e++;
	if (e->name) {
		p = json_slot_memory(r, s);
		if (p)
			*p = e->value;
		return p ? 1 : 0;
	}
	if (s->f->flags & FF_LENIENT_ENUM)
		r->faults->unknown_keys++;
	else
		json_fault(r, "%s \"%.*s\" is not known", s->f->name,
			   (int)MIN(n, 100u), t);
	return 1;
}

/* Is the string acceptable for the field? Adds the fault if not. */
static bool string_good(struct reader *r, const struct slot *s, const char *t,
			size_t n)
{
	if (n > STRING_MAX)
		json_fault(r, "longer than %u bytes", STRING_MAX);
	else if (memchr(t, '\0', n))
		json_fault(r, "contains nul byte (\\x00)");
	else if ((s->f->flags & FF_NONEMPTY) && n == 0)
		json_fault(r, "must not be empty");
	else if ((s->f->flags & FF_ABS) && (n == 0 || *t != '/'))
		json_fault(r, "must be an absolute path");
	else
		return true;
	return false;
}

int json_put_number(struct reader *r, struct slot *s, const char *t, size_t n)
{
	const struct kind_info *k = &json_kinds[s->kind];
	int e, width = (int)MIN(n, 40u);
	uint64_t v;
	void *p;

	if (!k->max)
		return json_wrong_type(r, s, "a number");
	e = parse_integer(t, n, k, s->f->max, &v);
	if (e == -ERANGE && s->f->max)
		json_fault(r, "%.*s is out of range (at most %llu)", width, t,
			   (unsigned long long)s->f->max);
	else if (e == -ERANGE)
		json_fault(r, "%.*s is out of range for %s", width, t, k->want);
	else if (e < 0)
		json_fault(r, "expected %s, got %.*s", k->want, width, t);
	if (e < 0)
		return 1;
	p = json_slot_memory(r, s);
	return p ? store_number(p, s->kind, v) : 0;
}

int json_put_string(struct reader *r, struct slot *s, const char *t, size_t n)
{
	char **p, *copy;

	if (s->kind != F_STR && s->kind != F_ENUM)
		return json_wrong_type(r, s, "a string");
	if (!string_good(r, s, t, n))
		return 1;
	if (s->kind == F_ENUM)
		return store_enum(r, s, t, n);
	p = json_slot_memory(r, s);
	if (!p)
		return 0;
	copy = arena_strndup(r->a, t, n);
	if (!copy)
		return json_stop(r, -ENOMEM);
	*p = copy;
	return 1;
}
