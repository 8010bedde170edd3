/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Private to reading: the stack of open objects, lists and maps that the
 * parser's events walk, and the storing of values. Knows field tables and the
 * arena, not the parser. Event functions answer as the parser wants it: 1 go
 * on, 0 stop (reader.err says why).
 */
#ifndef TARE_CODEC_JSON_STACK_H
#define TARE_CODEC_JSON_STACK_H

#include "codec/json.h"

#define TEXT_MAX (16u << 20)
#define STRING_MAX (1u << 20)
#define DEPTH_MAX 64
#define ELEMENTS_MAX 65536
#define MEMBERS_MAX 4096 /* of a map; looked through for duplicates */
#define PATH_TEXT_MAX 512

enum frame_kind { FR_OBJECT, FR_LIST, FR_MAP };

struct frame {
	uint8_t kind;
	bool drop;		  /* map: the value belongs to no new key */
	const struct field *f;	  /* object: of the last key, NULL unknown */
	const struct record *rec; /* object */
	char *base;		  /* object: the struct */
	struct any_list *list;	  /* list, map */
	size_t cap, index;
	char *key;	    /* map: the last key */
	uint64_t seen, got; /* object: keys met, values stored */
};

struct reader {
	struct arena *a;
	struct faults *faults;
	const struct record *root;
	void *out;
	unsigned int line;
	int err;	    /* stops the walk */
	unsigned int depth; /* open frames */
	unsigned int skip;  /* open containers of a value nobody wants */
	unsigned int raw;   /* open containers of a F_RAW value */
	bool raw_comma;
	char **raw_slot;
	struct buf raw_text;
	struct frame st[DEPTH_MAX];
};

/* Where the next value goes. */
struct slot {
	uint8_t kind; /* enum field_kind of the value itself */
	const struct field *f;
	struct frame *fr;
};

struct kind_info {
	const char *want;
	uint64_t max; /* numbers only: greatest magnitude above zero */
	bool sgn;
};
extern const struct kind_info json_kinds[]; /* by enum field_kind */

void json_path_of(const struct reader *r, char *buf, size_t size);

/* A fault at the place of the last key or element. */
#define json_fault(r, ...)                                              \
	do {                                                            \
		char path_[PATH_TEXT_MAX];                              \
		json_path_of(r, path_, sizeof(path_));                  \
		faults_add((r)->faults, (r)->line, path_, __VA_ARGS__); \
	} while (0)

static inline int json_stop(struct reader *r, int err)
{
	r->err = err;
	return 0;
}

/* Names the next value's place; false when nobody wants it. */
bool json_take_slot(struct reader *r, struct slot *s);
/* The slot's value is null: as if the key were not there. */
void json_null_slot(struct slot *s);
/* Memory for the value that was found good. NULL: stopped. */
void *json_slot_memory(struct reader *r, struct slot *s);

/* Opens the containers of the text. */
int json_push_object(struct reader *r, const struct record *rec, void *base);
int json_push_list(struct reader *r, struct slot *s, enum frame_kind kind);
int json_skip_container(struct reader *r);

/* A key of the innermost object or map; the end of the innermost object. */
int json_take_key(struct reader *r, const char *key, size_t n);
void json_check_required(struct reader *r, struct frame *fr);

/* Storing checked scalars; a fault is added for what does not fit. */
int json_wrong_type(struct reader *r, const struct slot *s, const char *got);
int json_put_number(struct reader *r, struct slot *s, const char *t, size_t n);
int json_put_string(struct reader *r, struct slot *s, const char *t, size_t n);

/*
 * F_RAW values: their text, put together again from the events. The slot is
 * given for the value itself, NULL inside of it.
 */
int json_raw_open(struct reader *r, struct slot *s, char c);
int json_raw_close(struct reader *r, char c);
int json_raw_key(struct reader *r, const char *key, size_t n);
int json_raw_string(struct reader *r, struct slot *s, const char *t, size_t n);
int json_raw_text(struct reader *r, struct slot *s, const char *t, size_t n);

#endif
