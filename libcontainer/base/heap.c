/* SPDX-License-Identifier: Apache-2.0 */
/*
 * malloc for a program that lives for a millisecond, in place of musl's own
 * (only in a build with musl): no system call and no page touched before its
 * time. What it costs is room: sizes are powers of two, and what is freed
 * serves its own size alone. Not for threads. A block that was overrun, freed
 * twice or never given out ends the program.
 */
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define ALIGN 16
#define MIN_SHIFT 5 /* 32 bytes, with the head */
#define MAX_SHIFT 20
#define POOL (1ul << MAX_SHIFT)
#define FREE 0x66726565u
#define USED 0x75736564u

struct head {
	uintptr_t self; /* own address, mixed with the state */
	size_t size;	/* of the block with its head */
	_Alignas(ALIGN) char data[];
};

struct heap {
	struct head *free[MAX_SHIFT + 1];
	char *at, *end;
};

static _Alignas(ALIGN) char first_pool[POOL];
static struct heap heap = { .at = first_pool, .end = first_pool + POOL };

static uintptr_t seal(const struct head *h, uint32_t state)
{
	return (uintptr_t)h ^ ((uintptr_t)state << 32);
}

static void check(const struct head *h, uint32_t state)
{
	if (h->self != seal(h, state))
		abort();
}

static struct head *used(void *p)
{
	struct head *h =
		(struct head *)((char *)p - offsetof(struct head, data));

	check(h, USED);
	return h;
}

static struct head **next_of(struct head *h)
{
	return (struct head **)(void *)h->data;
}

static void *map(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

/* 0 for what no class holds. */
static unsigned int class_of(size_t size)
{
	unsigned int shift = MIN_SHIFT;

	while (shift <= MAX_SHIFT && ((size_t)1 << shift) < size)
		shift++;
	return shift <= MAX_SHIFT ? shift : 0;
}

/* Memory that nobody had yet, so it is zero. */
static struct head *fresh(size_t size)
{
	char *p = heap.at;

	if ((size_t)(heap.end - p) < size) {
		p = map(POOL);
		if (!p)
			return NULL;
		heap.end = p + POOL;
	}
	heap.at = p + size;
	return (struct head *)(void *)p;
}

static struct head *take(size_t n, bool zero)
{
	size_t size = n + sizeof(struct head);
	unsigned int shift;
	struct head *h;

	if (n > PTRDIFF_MAX - sizeof(struct head)) {
		errno = ENOMEM;
		return NULL;
	}
	shift = class_of(size);
	size = shift ? (size_t)1 << shift : size;
	h = shift ? heap.free[shift] : NULL;
	if (h) {
		check(h, FREE);
		heap.free[shift] = *next_of(h);
		if (zero)
			memset(h->data, 0, n);
	} else {
		h = shift ? fresh(size) : map(size);
	}
	if (!h) {
		errno = ENOMEM;
		return NULL;
	}
	h->size = size;
	h->self = seal(h, USED);
	return h;
}

void *malloc(size_t n)
{
	struct head *h = take(n, false);

	return h ? h->data : NULL;
}

void *calloc(size_t n, size_t size)
{
	struct head *h;
	size_t all;

	if (__builtin_mul_overflow(n, size, &all)) {
		errno = ENOMEM;
		return NULL;
	}
	h = take(all, true);
	return h ? h->data : NULL;
}

void free(void *p)
{
	struct head *h;
	unsigned int shift;

	if (!p)
		return;
	h = used(p);
	shift = class_of(h->size);
	if (!shift) {
		const int kept = errno;

		munmap(h, h->size);
		errno = kept;
		return;
	}
	h->self = seal(h, FREE);
	*next_of(h) = heap.free[shift];
	heap.free[shift] = h;
}

void *realloc(void *p, size_t n)
{
	struct head *h, *to;
	size_t had;

	if (!p)
		return malloc(n);
	h = used(p);
	had = h->size - sizeof(*h);
	if (n <= had)
		return p;
	to = take(n, false);
	if (!to)
		return NULL;
	memcpy(to->data, p, n < had ? n : had);
	free(p);
	return to->data;
}
