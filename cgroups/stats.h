/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Between the files that make the data of a stats event: a small writer that
 * knows which members are left out when zero, and readers of cgroup files. A
 * file that is missing counts as zero: controllers come and go.
 */
#ifndef TARE_CGROUPS_STATS_H
#define TARE_CGROUPS_STATS_H

#include "base/buf.h"
#include "cgroups/group.h"

struct json_out {
	struct buf *b;
};
struct json_mark {
	size_t before, inside;
};
/* A member that is an object; out_end takes it back when nothing came. */
struct json_mark out_begin(struct json_out *o, const char *key);
void out_end(struct json_out *o, struct json_mark m, bool keep_empty);
/* A list, taken back when nothing came. */
struct json_mark out_begin_list(struct json_out *o, const char *key);
void out_end_list(struct json_out *o, struct json_mark m);
void out_key(struct json_out *o, const char *key);
/* Left out when zero. */
void out_num(struct json_out *o, const char *key, uint64_t v);
void out_num_always(struct json_out *o, const char *key, uint64_t v);
/* "a": [1, 2, ...], left out when empty. */
struct u64_list {
	uint64_t v[1024];
	size_t n;
};
void out_list(struct json_out *o, const char *key, const struct u64_list *l);

/* Number in a file, 0 when there is none. */
uint64_t stat_u64(int dirfd, const char *file);
/* Value of "KEY value" in text with lines, 0 when missing. */
uint64_t stat_key(const char *text, const char *key);
/* The whole file in malloc'd memory, NULL when missing. */
char *stat_text(int dirfd, const char *file);

/* Every page size of hugetlb: calls back with "2MB". */
void stat_page_sizes(void (*fn)(const char *size, void *arg), void *arg);
/* raw: memory.stat as an object. */
void out_memory_raw(struct json_out *o, const char *text);
void out_pids(struct json_out *o, const struct cg_dir *d);

/* One entry of a blkio list. */
struct io_entry {
	uint64_t major, minor, value;
	char op[16];
};
void out_io_entry(struct json_out *o, const struct io_entry *e);

int cg_stats_v1(struct cg *g, struct json_out *o);
void cg_stats_v2_memory(struct json_out *o, int dirfd);
int cg_stats_v2(struct cg *g, struct json_out *o);

#endif
