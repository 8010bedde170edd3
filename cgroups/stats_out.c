/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Of the data object of a stats event: the writer and what both versions share.
 */
#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/io.h"
#include "base/str.h"
#include "cgroups/stats.h"
#include "codec/json.h"

#define STAT_FILE_MAX (4u << 20)

static void comma(struct json_out *o)
{
	char last = o->b->len > 0 ? o->b->data[o->b->len - 1] : '{';

	if (last != '{' && last != '[' && last != ':')
		buf_putc(o->b, ',');
}

void out_key(struct json_out *o, const char *key)
{
	comma(o);
	json_quote(o->b, key, false);
	buf_putc(o->b, ':');
}

static struct json_mark begin(struct json_out *o, const char *key, char open)
{
	struct json_mark m = { .before = o->b->len };

	if (key)
		out_key(o, key);
	else
		comma(o);
	buf_putc(o->b, open);
	m.inside = o->b->len;
	return m;
}

static void end(struct json_out *o, struct json_mark m, bool keep_empty,
		char close)
{
	if (keep_empty || o->b->len > m.inside)
		buf_putc(o->b, close);
	else if (buf_error(o->b) == 0)
		o->b->len = m.before;
}

struct json_mark out_begin(struct json_out *o, const char *key)
{
	return begin(o, key, '{');
}

void out_end(struct json_out *o, struct json_mark m, bool keep_empty)
{
	end(o, m, keep_empty, '}');
}

struct json_mark out_begin_list(struct json_out *o, const char *key)
{
	return begin(o, key, '[');
}

void out_end_list(struct json_out *o, struct json_mark m)
{
	end(o, m, false, ']');
}

void out_num_always(struct json_out *o, const char *key, uint64_t v)
{
	out_key(o, key);
	buf_printf(o->b, "%" PRIu64, v);
}

void out_num(struct json_out *o, const char *key, uint64_t v)
{
	if (v != 0)
		out_num_always(o, key, v);
}

void out_list(struct json_out *o, const char *key, const struct u64_list *l)
{
	if (l->n == 0)
		return;
	out_key(o, key);
	for (size_t i = 0; i < l->n; i++)
		buf_printf(o->b, "%c%" PRIu64, i ? ',' : '[', l->v[i]);
	buf_putc(o->b, ']');
}

void out_io_entry(struct json_out *o, const struct io_entry *e)
{
	struct json_mark m = out_begin(o, NULL);

	out_num(o, "major", e->major);
	out_num(o, "minor", e->minor);
	if (*e->op) {
		out_key(o, "op");
		json_quote(o->b, e->op, false);
	}
	out_num(o, "value", e->value);
	out_end(o, m, true);
}

uint64_t stat_u64(int dirfd, const char *file)
{
	uint64_t v = 0;

	return cg_read_u64(dirfd, file, &v) < 0 ? 0 : v;
}

char *stat_text(int dirfd, const char *file)
{
	char *text;
	size_t len;

	return io_slurp_at(dirfd, file, STAT_FILE_MAX, false, &text, &len) < 0
		       ? NULL
		       : text;
}

uint64_t stat_key(const char *text, const char *key)
{
	size_t n = strlen(key);

	for (const char *l = text; l && *l; l = strchr(l, '\n'), l += l != NULL)
		if (strncmp(l, key, n) == 0 && l[n] == ' ')
			return strtoull(l + n + 1, NULL, 10);
	return 0;
}

void stat_page_sizes(void (*fn)(const char *size, void *arg), void *arg)
{
	static const char units[] = "KMGT";
	DIR *d = opendir("/sys/kernel/mm/hugepages");
	struct dirent *e;

	if (!d)
		return;
	while ((e = readdir(d))) {
		uint64_t kb;
		size_t unit = 0;
		char name[40];

		if (sscanf(e->d_name, "hugepages-%" SCNu64 "kB", &kb) != 1)
			continue;
		for (; kb % 1024 == 0 && kb > 0 && unit < 3; unit++)
			kb /= 1024;
		snprintf(name, sizeof(name), "%" PRIu64 "%cB", kb, units[unit]);
		fn(name, arg);
	}
	closedir(d);
}

struct raw_key {
	const char *name;
	size_t len;
	uint64_t value;
};

static int by_name(const void *a, const void *b)
{
	const struct raw_key *x = a, *y = b;
	int r = memcmp(x->name, y->name, MIN(x->len, y->len));

	return r ? r : (x->len > y->len) - (x->len < y->len);
}

/* Sorted: a Go map is written that way. */
void out_memory_raw(struct json_out *o, const char *text)
{
	struct raw_key keys[192];
	struct json_mark m;
	size_t n = 0;

	for (const char *l = text; l && *l && n < ARRAY_SIZE(keys);) {
		const char *blank = strchr(l, ' ');

		if (!blank)
			break;
		keys[n++] = (struct raw_key){ l, (size_t)(blank - l),
					      strtoull(blank + 1, NULL, 10) };
		l = strchr(blank, '\n');
		l += l != NULL;
	}
	if (n == 0)
		return;
	qsort(keys, n, sizeof(keys[0]), by_name);
	m = out_begin(o, "raw");
	for (size_t i = 0; i < n; i++) {
		char name[96];

		snprintf(name, sizeof(name), "%.*s", (int)keys[i].len,
			 keys[i].name);
		out_num_always(o, name, keys[i].value);
	}
	out_end(o, m, false);
}

void out_pids(struct json_out *o, const struct cg_dir *d)
{
	struct json_mark m = out_begin(o, "pids");
	uint64_t max;

	if (d) {
		max = stat_u64(d->fd, "pids.max");
		out_num(o, "current", stat_u64(d->fd, "pids.current"));
		out_num(o, "limit", max == UINT64_MAX ? 0 : max);
	}
	out_end(o, m, true);
}
