/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/str.h"
#include "codec/json.h"
#include "runtime/rdt_schemata.h"
#include "runtime/rdt_stats.h"

#define FILE_MAX (1u << 20)
#define DOMAIN "mon_L3_"
#define DOMAINS_MAX 256

/* --- the object --------------------------------------------------------- */

struct l3_info {
	char *cbm_mask;
	uint64_t min_cbm_bits, num_closids;
};
#define N(T, member) \
	FIELD(struct T, member, #member, F_U64, .flags = FF_OMIT_ZERO)
static const struct field l3_info_fields[] = {
	FIELD(struct l3_info, cbm_mask, "cbm_mask", F_STR,
	      .flags = FF_OMIT_ZERO),
	N(l3_info, min_cbm_bits),
	N(l3_info, num_closids),
};
static RECORD(l3_info_record, struct l3_info, l3_info_fields);

struct mb_info {
	uint64_t bandwidth_gran, delay_linear, min_bandwidth, num_closids;
};
static const struct field mb_info_fields[] = {
	N(mb_info, bandwidth_gran),
	N(mb_info, delay_linear),
	N(mb_info, min_bandwidth),
	N(mb_info, num_closids),
};
static RECORD(mb_info_record, struct mb_info, mb_info_fields);

struct mbm {
	uint64_t total, local;
};
static const struct field mbm_fields[] = {
	FIELD(struct mbm, total, "mbm_total_bytes", F_U64),
	FIELD(struct mbm, local, "mbm_local_bytes", F_U64),
};
static RECORD(mbm_record, struct mbm, mbm_fields);

struct cmt {
	uint64_t occupancy;
};
static const struct field cmt_fields[] = {
	FIELD(struct cmt, occupancy, "llc_occupancy", F_U64),
};
static RECORD(cmt_record, struct cmt, cmt_fields);

struct stats {
	struct l3_info *l3_info;
	struct mb_info *mb_info;
	char *l3_root, *l3, *mb_root, *mb;
	struct str_list schemata;
	LIST(struct mbm) mbm;
	LIST(struct cmt) cmt;
};
#define S(member, json, kind, ...) \
	FIELD(struct stats, member, json, kind, __VA_ARGS__)
static const struct field stats_fields[] = {
	S(l3_info, "l3_cache_info", F_OBJ, .record = &l3_info_record),
	S(l3_root, "l3_cache_schema_root", F_STR, ),
	S(l3, "l3_cache_schema", F_STR, ),
	S(mb_info, "mem_bw_info", F_OBJ, .record = &mb_info_record),
	S(mb_root, "mem_bw_schema_root", F_STR, ),
	S(mb, "mem_bw_schema", F_STR, ),
	S(schemata, "schemata", F_STR_LIST, .flags = FF_OMIT_ZERO),
	S(mbm, "mbm_stats", F_OBJ_LIST, .record = &mbm_record),
	S(cmt, "cmt_stats", F_OBJ_LIST, .record = &cmt_record),
};
static RECORD(stats_record, struct stats, stats_fields);

/* --- what it is made from ----------------------------------------------- */

static char *word(struct arena *a, int dirfd, const char *file)
{
	char text[256];

	if (io_read_at(dirfd, file, text, sizeof(text)) < 0)
		return NULL;
	text[strcspn(text, "\n")] = '\0';
	return arena_strdup(a, text);
}

/* Counters of a domain may be "Unavailable": 0. */
static uint64_t number(int dirfd, const char *file)
{
	char text[256];
	uint64_t v;

	if (io_read_at(dirfd, file, text, sizeof(text)) < 0)
		return 0;
	text[strcspn(text, "\n")] = '\0';
	return str_u64(text, &v) < 0 ? 0 : v;
}

static int open_dir(int rootfd, const char *path)
{
	int fd = openat(rootfd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

static int get_info(struct arena *a, int rootfd, struct stats *s)
{
	_cleanup_close_ int l3 = open_dir(rootfd, "info/L3");
	_cleanup_close_ int mb = open_dir(rootfd, "info/MB");

	if (l3 >= 0) {
		s->l3_info = arena_alloc(a, sizeof(*s->l3_info));
		if (!s->l3_info)
			return -ENOMEM;
		*s->l3_info = (struct l3_info){
			.cbm_mask = word(a, l3, "cbm_mask"),
			.min_cbm_bits = number(l3, "min_cbm_bits"),
			.num_closids = number(l3, "num_closids"),
		};
	}
	if (mb >= 0) {
		s->mb_info = arena_alloc(a, sizeof(*s->mb_info));
		if (!s->mb_info)
			return -ENOMEM;
		*s->mb_info = (struct mb_info){
			.bandwidth_gran = number(mb, "bandwidth_gran"),
			.delay_linear = number(mb, "delay_linear"),
			.min_bandwidth = number(mb, "min_bandwidth"),
			.num_closids = number(mb, "num_closids"),
		};
	}
	return 0;
}

static int get_lines(struct arena *a, int dirfd, const char *path,
		     struct str_list *ret)
{
	_cleanup_free_ char *text = NULL;
	size_t len;
	int r = io_slurp_at(dirfd, path, FILE_MAX, false, &text, &len);

	return r < 0 ? r : rdt_schemata_lines(a, text, ret);
}

static int get_schemata(struct arena *a, int rootfd, const char *group,
			struct stats *s)
{
	struct str_list root;
	char path[PATH_MAX];
	int r = get_lines(a, rootfd, "schemata", &root);

	snprintf(path, sizeof(path), "%s/schemata", group);
	if (r >= 0)
		r = get_lines(a, rootfd, path, &s->schemata);
	if (r < 0)
		return r;
	if (s->l3_info) {
		s->l3_root = rdt_schemata_find(&root, "L3");
		s->l3 = rdt_schemata_find(&s->schemata, "L3");
	}
	if (s->mb_info) {
		s->mb_root = rdt_schemata_find(&root, "MB");
		s->mb = rdt_schemata_find(&s->schemata, "MB");
	}
	return 0;
}

struct domains {
	char name[DOMAINS_MAX][32];
	size_t n;
};

static int by_name(const void *a, const void *b)
{
	return strcmp(a, b);
}

static int list_domains(int fd, struct domains *ret)
{
	struct dirent *e;
	DIR *d = fdopendir(fd);

	if (!d) {
		close_fd(fd);
		return -ENOMEM;
	}
	while (ret->n < DOMAINS_MAX && (e = readdir(d)))
		if (str_starts(e->d_name, DOMAIN) &&
		    strlen(e->d_name) < sizeof(ret->name[0]))
			strcpy(ret->name[ret->n++], e->d_name);
	closedir(d);
	qsort(ret->name, ret->n, sizeof(ret->name[0]), by_name);
	return 0;
}

static int read_domains(struct arena *a, int dirfd, const struct domains *d,
			const char *features, struct stats *s)
{
	if (strstr(features, "mbm_")) {
		s->mbm.v = arena_calloc(a, d->n + 1, sizeof(*s->mbm.v));
		s->mbm.n = d->n;
	}
	if (strstr(features, "llc_occupancy")) {
		s->cmt.v = arena_calloc(a, d->n + 1, sizeof(*s->cmt.v));
		s->cmt.n = d->n;
	}
	if ((s->mbm.n && !s->mbm.v) || (s->cmt.n && !s->cmt.v))
		return -ENOMEM;
	for (size_t i = 0; i < d->n; i++) {
		_cleanup_close_ int fd = open_dir(dirfd, d->name[i]);

		if (s->mbm.n) {
			s->mbm.v[i].total = number(fd, "mbm_total_bytes");
			s->mbm.v[i].local = number(fd, "mbm_local_bytes");
		}
		if (s->cmt.n)
			s->cmt.v[i].occupancy = number(fd, "llc_occupancy");
	}
	return 0;
}

static int get_counters(struct arena *a, int rootfd, const char *group,
			struct stats *s)
{
	_cleanup_close_ int data = -EBADF;
	struct domains all = { .n = 0 };
	char features[512], path[PATH_MAX];
	int fd, r;

	if (io_read_at(rootfd, "info/L3_MON/mon_features", features,
		       sizeof(features)) < 0)
		return 0;
	snprintf(path, sizeof(path), "%s/mon_data", group);
	data = open_dir(rootfd, path);
	fd = data < 0 ? data : open_dir(data, ".");
	r = fd < 0 ? fd : list_domains(fd, &all);
	return r < 0 ? r : read_domains(a, data, &all, features, s);
}

int rdt_stats_json(struct arena *a, int rootfd, const char *group,
		   const char *mon, struct buf *out)
{
	struct stats s = { 0 };
	int r = get_info(a, rootfd, &s);

	if (r >= 0)
		r = get_schemata(a, rootfd, group, &s);
	if (r >= 0)
		r = get_counters(a, rootfd, mon ? mon : group, &s);
	if (r >= 0)
		r = json_write(out, &stats_record, &s, JSON_COMPACT);
	return r < 0 ? err_set(r, "read the statistics of group %s", group) : 0;
}
