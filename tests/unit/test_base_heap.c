/* SPDX-License-Identifier: Apache-2.0 */
/* The allocator of a build with musl, under names of its own. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

void *heap_malloc(size_t n);
void *heap_calloc(size_t n, size_t size);
void *heap_realloc(void *p, size_t n);
void heap_free(void *p);

#define malloc heap_malloc
#define calloc heap_calloc
#define realloc heap_realloc
#define free heap_free
#include "libcontainer/base/heap.c"

static const size_t sizes[] = { 0,	 1,	  15,	   16,	    17,
				100,	 4080,	  4096,	   65536,   1048560,
				1048561, 1048576, 3000000, 20000000 };
#define N (sizeof(sizes) / sizeof(sizes[0]))

static void gives_room_of_its_own(void **state)
{
	unsigned char *p[N];

	for (size_t i = 0; i < N; i++) {
		p[i] = malloc(sizes[i]);
		assert_non_null(p[i]);
		assert_int_equal((uintptr_t)p[i] % 16, 0);
		memset(p[i], (int)i + 1, sizes[i]);
	}
	for (size_t i = 0; i < N; i++)
		for (size_t k = 0; k < sizes[i]; k += 1000)
			assert_int_equal(p[i][k], i + 1);
	for (size_t i = 0; i < N; i++)
		free(p[i]);
	free(NULL);
}

static void uses_again_what_was_freed(void **state)
{
	char *first = malloc(100), *p;

	free(first);
	p = malloc(90); /* of the same class */
	assert_ptr_equal(p, first);
	free(p);
	/* a program that runs for days does not grow */
	first = malloc(50000);
	free(first);
	for (int i = 0; i < 100000; i++) {
		p = malloc(50000);
		assert_ptr_equal(p, first);
		free(p);
	}
}

static void clears_for_calloc(void **state)
{
	char *p = malloc(1000);

	memset(p, 0xff, 1000);
	free(p);
	p = calloc(10, 100);
	for (int i = 0; i < 1000; i++)
		assert_int_equal(p[i], 0);
	free(p);
	assert_null(calloc(SIZE_MAX / 2, 3));
	assert_int_equal(errno, ENOMEM);
}

static void keeps_what_realloc_moves(void **state)
{
	char *p = realloc(NULL, 1);

	p[0] = 'a';
	for (size_t n = 2; n < 5000000; n = n * 3 / 2 + 1) {
		p = realloc(p, n);
		assert_non_null(p);
		assert_int_equal(p[0], 'a');
		p[n - 1] = 'z';
	}
	p = realloc(p, 1);
	assert_int_equal(p[0], 'a');
	free(p);
	assert_null(realloc(NULL, SIZE_MAX - 8));
}

static int status_of(void (*fn)(void))
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		signal(SIGABRT, SIG_DFL);
		fn();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void twice(void)
{
	void *volatile p = malloc(10);

	free(p);
	free(p);
}

static void within(void)
{
	char *volatile p = malloc(100);

	free(p + 16);
}

static void beyond(void)
{
	char *p = malloc(16), *q = malloc(16);

	while (q != p + 32) { /* neighbours */
		p = q;
		q = malloc(16);
	}
	for (int i = 0; i < 20; i++)
		((char *volatile)p)[i] = 'x'; /* over the head of q */
	free(q);
}

static void ends_at_misuse(void **state)
{
	assert_int_equal(status_of(twice), SIGABRT);
	assert_int_equal(status_of(within), SIGABRT);
	assert_int_equal(status_of(beyond), SIGABRT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gives_room_of_its_own),
		cmocka_unit_test(uses_again_what_was_freed),
		cmocka_unit_test(clears_for_calloc),
		cmocka_unit_test(keeps_what_realloc_moves),
		cmocka_unit_test(ends_at_misuse),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
