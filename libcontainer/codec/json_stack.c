/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/json_stack.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

void json_path_of(const struct reader *r, char *buf, size_t size)
{
	size_t n = 0;
	unsigned int i;

	buf[0] = '\0';
	for (i = 0; i < r->depth && n < size; i++) {
		const struct frame *fr = &r->st[i];
		const char *name = fr->kind == FR_MAP ? fr->key
				   : fr->f	      ? fr->f->name
						      : NULL;

		if (fr->kind == FR_LIST)
			n += (size_t)snprintf(buf + n, size - n, "[%zu]",
					      fr->index - 1);
		else if (name)
			n += (size_t)snprintf(buf + n, size - n, "%s%s",
					      n ? "." : "", name);
	}
}

bool json_take_slot(struct reader *r, struct slot *s)
{
	static const uint8_t element_kind[] = {
		[F_STR_LIST] = F_STR,	[F_U32_LIST] = F_U32,
		[F_ENUM_LIST] = F_ENUM, [F_OBJ_LIST] = F_OBJ,
		[F_STR_MAP] = F_STR,	[F_OBJ_MAP] = F_OBJ,
	};
	struct frame *fr = &r->st[r->depth - 1];

	s->fr = fr;
	s->f = fr->f;
	if (fr->kind == FR_OBJECT) {
		if (!fr->f)
			return false;
		fr->got |= UINT64_C(1) << (fr->f - fr->rec->fields);
		s->kind = fr->f->kind;
		return true;
	}
	if (fr->kind == FR_LIST)
		fr->index++;
	else if (fr->drop)
		return false;
	s->kind = element_kind[fr->f->kind];
	if (fr->f->kind == F_U32_LIST && (fr->f->flags & FF_IDS))
		s->kind = F_ID;
	return true;
}

void json_null_slot(struct slot *s)
{
	if (s->fr->kind == FR_OBJECT)
		s->fr->got &= ~(UINT64_C(1) << (s->f - s->fr->rec->fields));
}

static size_t element_size(const struct field *f)
{
	switch (f->kind) {
	case F_U32_LIST:
	case F_ENUM_LIST:
		return sizeof(uint32_t);
	case F_STR_LIST:
		return sizeof(char *);
	case F_STR_MAP:
		return sizeof(struct kv);
	default:
		return f->record->size;
	}
}

/* One more element; one spare, zero one always follows. NULL: stopped. */
static void *list_push(struct reader *r, struct frame *fr)
{
	size_t size = element_size(fr->f), cap = fr->cap ? fr->cap * 2 : 8;
	size_t max = fr->kind == FR_MAP ? MEMBERS_MAX : ELEMENTS_MAX;
	void *v;

	if (fr->list->n == max) {
		json_fault(r, "has more than %zu elements", max);
		json_stop(r, -EINVAL);
		return NULL;
	}
	if (fr->list->n + 1 >= fr->cap) {
		v = arena_calloc(r->a, cap, size);
		if (!v) {
			json_stop(r, -ENOMEM);
			return NULL;
		}
		if (fr->list->n)
			memcpy(v, fr->list->v, fr->list->n * size);
		fr->list->v = v;
		fr->cap = cap;
	}
	return (char *)fr->list->v + size * fr->list->n++;
}

void *json_slot_memory(struct reader *r, struct slot *s)
{
	struct frame *fr = s->fr;
	char *p;

	if (fr->kind == FR_OBJECT)
		return fr->base + fr->f->offset;
	p = list_push(r, fr);
	if (!p || fr->kind == FR_LIST)
		return p;
	*(char **)(void *)p = fr->key; /* of struct kv and of map elements */
	return fr->f->kind == F_STR_MAP ? p + offsetof(struct kv, value) : p;
}

/* A new open container. NULL: stopped. */
static struct frame *push(struct reader *r, enum frame_kind kind)
{
	struct frame *fr;

	if (r->depth + r->skip + r->raw >= DEPTH_MAX) {
		json_fault(r, "nested deeper than %d levels", DEPTH_MAX);
		json_stop(r, -EINVAL);
		return NULL;
	}
	fr = &r->st[r->depth++];
	*fr = (struct frame){ .kind = (uint8_t)kind };
	return fr;
}

int json_push_object(struct reader *r, const struct record *rec, void *base)
{
	struct frame *fr = base ? push(r, FR_OBJECT) : NULL;
	size_t i;

	if (!fr)
		return 0;
	fr->rec = rec;
	fr->base = base;
	for (i = 0; i < rec->n_fields; i++)
		if (rec->fields[i].kind == F_ENUM)
			*(int *)(void *)(fr->base + rec->fields[i].offset) = -1;
	return 1;
}

/* A list or map; its first chunk makes an empty one differ from NULL. */
int json_push_list(struct reader *r, struct slot *s, enum frame_kind kind)
{
	struct any_list *list = json_slot_memory(r, s);
	struct frame *fr = list ? push(r, kind) : NULL;

	if (!fr)
		return 0;
	fr->f = s->f;
	fr->list = list;
	if (!list_push(r, fr))
		return 0;
	list->n = 0;
	return 1;
}

int json_skip_container(struct reader *r)
{
	if (r->depth + r->skip + r->raw >= DEPTH_MAX) {
		json_fault(r, "nested deeper than %d levels", DEPTH_MAX);
		return json_stop(r, -EINVAL);
	}
	r->skip++;
	return 1;
}

static const struct field *find_field(const struct record *rec, const char *key,
				      size_t n)
{
	const struct field *f, *end = rec->fields + rec->n_fields;

	for (f = rec->fields; f < end; f++)
		if (*f->name == *key && strncmp(f->name, key, n) == 0 &&
		    f->name[n] == '\0')
			return f;
	for (f = rec->fields; f < end; f++)
		if (strncasecmp(f->name, key, n) == 0 && f->name[n] == '\0')
			return f;
	return NULL;
}

void json_check_required(struct reader *r, struct frame *fr)
{
	size_t i;

	for (i = 0; i < fr->rec->n_fields; i++) {
		uint64_t bit = UINT64_C(1) << i;

		fr->f = &fr->rec->fields[i];
		if ((fr->f->flags & FF_REQUIRED) && !(fr->got & bit))
			json_fault(r, "is required");
	}
}

static int take_map_key(struct reader *r, struct frame *fr, const char *key,
			size_t n)
{
	size_t i, size = element_size(fr->f);
	char *p = fr->list->v;

	fr->key = arena_strndup(r->a, key, n);
	if (!fr->key)
		return json_stop(r, -ENOMEM);
	fr->drop = true;
	if (n > STRING_MAX || memchr(key, '\0', n)) {
		json_fault(r, "bad key");
		return 1;
	}
	for (i = 0; i < fr->list->n; i++, p += size) {
		if (strcmp(*(char **)(void *)p, fr->key) == 0) {
			json_fault(r, "duplicate key");
			return 1;
		}
	}
	fr->drop = false;
	return 1;
}

int json_take_key(struct reader *r, const char *key, size_t n)
{
	struct frame *fr = &r->st[r->depth - 1];
	uint64_t bit;

	if (fr->kind == FR_MAP)
		return take_map_key(r, fr, key, n);
	fr->f = n ? find_field(fr->rec, key, n) : NULL;
	if (!fr->f) {
		r->faults->unknown_keys++;
		return 1;
	}
	bit = UINT64_C(1) << (fr->f - fr->rec->fields);
	if (fr->seen & bit) {
		json_fault(r, "duplicate key");
		fr->f = NULL;
	}
	fr->seen |= bit;
	return 1;
}
