/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Field tables: the one description of a JSON object that parsing, writing,
 * checking and documentation walk. A record is a C struct with a table of its
 * fields; all memory of a parsed record lives in one arena. Pure data.
 *
 * Layout conventions of the structs behind the tables:
 *  - an absent string, object or list is NULL; an empty list has v != NULL;
 *  - a number or boolean whose absence matters is a `struct opt_*`;
 *  - nested objects are pointers; lists are LIST(T) (strings NULL-terminated);
 *  - a string map is a LIST(struct kv) in document order; an object map is a
 *    list of objects whose first member is `char *key`.
 */
#ifndef TARE_CODEC_TABLE_H
#define TARE_CODEC_TABLE_H

#include "base/macros.h"

#define LIST(T)           \
	struct {          \
		T *v;     \
		size_t n; \
	}

struct kv {
	char *key;
	char *value;
};

struct opt_bool {
	bool set;
	bool v;
};
struct opt_i64 {
	bool set;
	int64_t v;
};
struct opt_u64 {
	bool set;
	uint64_t v;
};
struct opt_u32 {
	bool set;
	uint32_t v;
};

struct str_list {
	char **v;
	size_t n;
};
struct u32_list {
	uint32_t *v;
	size_t n;
};
struct kv_list {
	struct kv *v;
	size_t n;
};
struct any_list {
	void *v;
	size_t n;
};

enum field_kind {
	F_STR,	     /* char * */
	F_BOOL,	     /* bool */
	F_I32,	     /* int32_t */
	F_U32,	     /* uint32_t */
	F_I64,	     /* int64_t */
	F_U64,	     /* uint64_t */
	F_ID,	     /* uint32_t, never 4294967295 */
	F_OPT_BOOL,  /* struct opt_bool */
	F_OPT_I64,   /* struct opt_i64 */
	F_OPT_U64,   /* struct opt_u64 */
	F_OPT_U32,   /* struct opt_u32 (also F_U16-ranged values by .max) */
	F_ENUM,	     /* int: a value of .names; -1 when absent */
	F_ENUM_LIST, /* u32_list of enum values */
	F_OBJ,	     /* struct X *, .record */
	F_STR_LIST,  /* struct str_list */
	F_U32_LIST,  /* struct u32_list (F_ID-checked if FF_IDS) */
	F_OBJ_LIST,  /* LIST(struct X), .record */
	F_STR_MAP,   /* struct kv_list */
	F_OBJ_MAP,   /* LIST(struct X), first member char *key, .record */
	F_RAW,	     /* char *: the JSON text of any value, compact */
};

/* Flags of a field. */
enum {
	FF_REQUIRED = 1 << 0,	  /* absent or null is a fault */
	FF_IDS = 1 << 1,	  /* list of uids/gids */
	FF_NONEMPTY = 1 << 2,	  /* "" or [] is a fault */
	FF_ABS = 1 << 3,	  /* a string that must be an absolute path */
	FF_OMIT_ZERO = 1 << 4,	  /* writer: leave out when zero/false/"" */
	FF_LENIENT_ENUM = 1 << 5, /* unknown names are dropped (a warning) */
};

struct enum_name {
	const char *name;
	int value;
};

struct field {
	const char *name; /* as in JSON */
	uint8_t kind;	  /* enum field_kind */
	uint8_t flags;
	uint16_t offset; /* in the struct */
	uint64_t max;	 /* numbers: greatest value allowed, 0 = of the type */
	const struct record *record;
	const struct enum_name *names; /* ends with name == NULL */
};

struct record {
	const char *name; /* for messages: "process.user" style prefix is built */
	size_t size;	  /* of the struct */
	const struct field *fields;
	size_t n_fields; /* at most 64 */
};

#define FIELD(T, member, json, k, ...)                                      \
	{                                                                   \
		.name = (json), .kind = (k), .offset = offsetof(T, member), \
		__VA_ARGS__                                                 \
	}
#define RECORD(var, T, table)                          \
	const struct record var = { .name = #T,        \
				    .size = sizeof(T), \
				    .fields = (table), \
				    .n_fields = ARRAY_SIZE(table) }

/* The name of an enum value, or NULL. The value of a name: 0, or -ENOENT. */
const char *enum_to_name(const struct enum_name *names, int value);
int enum_from_name(const struct enum_name *names, const char *name, int *ret);

bool str_list_has(const struct str_list *l, const char *s);

#endif
