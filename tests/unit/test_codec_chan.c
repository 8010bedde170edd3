/* SPDX-License-Identifier: Apache-2.0 */
/* The channel: messages whole or refused, descriptors owned by one side. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "codec/chan.h"

static int pair[2];

static int open_pair(void **state)
{
	return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair);
}

static int close_pair(void **state)
{
	close(pair[0]);
	close(pair[1]);
	return 0;
}

/* How many fds are open, to find those that leak. */
static int count_fds(void)
{
	int n = 0;

	for (int fd = 0; fd < 512; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

static void carries_header_and_payload(void **state)
{
	const struct chan_msg m = {
		.type = CHAN_ERROR, .arg = ENOENT, .val = -7, .len = 6
	};
	struct chan_msg got;
	char buf[16];

	assert_int_equal(chan_send(pair[0], &m, "hello", NULL, 0), 0);
	assert_int_equal(chan_recv(pair[1], &got, buf, sizeof(buf), NULL, NULL),
			 1);
	assert_memory_equal(&got, &m, sizeof(m));
	assert_string_equal(buf, "hello");
}

static void carries_the_largest_payload(void **state)
{
	const struct chan_msg m = { .type = CHAN_WARN, .len = CHAN_PAYLOAD_MAX };
	static char out[CHAN_PAYLOAD_MAX], in[CHAN_PAYLOAD_MAX];
	struct chan_msg got;

	memset(out, 'x', sizeof(out));
	assert_int_equal(chan_send(pair[0], &m, out, NULL, 0), 0);
	assert_int_equal(chan_recv(pair[1], &got, in, sizeof(in), NULL, NULL),
			 1);
	assert_memory_equal(in, out, sizeof(in));
}

static void refuses_what_is_too_large_to_send(void **state)
{
	const struct chan_msg m = { .len = CHAN_PAYLOAD_MAX + 1 };
	static char out[CHAN_PAYLOAD_MAX + 1];

	assert_int_equal(chan_send(pair[0], &m, out, NULL, 0), -EMSGSIZE);
}

static void refuses_what_has_no_room(void **state)
{
	const struct chan_msg m = { .type = CHAN_WARN, .len = 100 };
	char out[100] = "", in[10];
	struct chan_msg got;

	assert_int_equal(chan_send(pair[0], &m, out, NULL, 0), 0);
	assert_int_equal(chan_recv(pair[1], &got, in, sizeof(in), NULL, NULL),
			 -EMSGSIZE);
	/* and the next message is whole again */
	assert_int_equal(chan_send(pair[0], &m, out, NULL, 0), 0);
	assert_int_equal(chan_recv(pair[1], &got, out, sizeof(out), NULL, NULL),
			 1);
}

static void refuses_malformed_messages(void **state)
{
	struct chan_msg m = { .type = CHAN_GO, .len = 8 };
	struct chan_msg got;
	char in[64];

	assert_int_equal(write(pair[0], &m, sizeof(m) - 1), sizeof(m) - 1);
	assert_int_equal(chan_recv(pair[1], &got, in, sizeof(in), NULL, NULL),
			 -EBADMSG);
	assert_int_equal(write(pair[0], &m, sizeof(m)), sizeof(m));
	assert_int_equal(chan_recv(pair[1], &got, in, sizeof(in), NULL, NULL),
			 -EBADMSG);
}

static void tells_eof(void **state)
{
	struct chan_msg got;

	close(pair[0]);
	assert_int_equal(chan_recv(pair[1], &got, NULL, 0, NULL, NULL), 0);
}

static void tells_that_nobody_reads(void **state)
{
	const struct chan_msg m = { .type = CHAN_GO };
	int fd = 0;

	signal(SIGPIPE, SIG_IGN);
	close(pair[1]);
	assert_int_equal(chan_send(pair[0], &m, NULL, NULL, 0), -EPIPE);
	assert_int_equal(chan_send(pair[0], &m, NULL, &fd, 1), -EPIPE);
}

static void carries_fds(void **state)
{
	const struct chan_msg m = { .type = CHAN_CONSOLE };
	struct chan_msg got;
	int out[2], fds[4];
	size_t n = 4;

	assert_int_equal(pipe(out), 0);
	assert_int_equal(chan_send(pair[0], &m, NULL, out, 2), 0);
	assert_int_equal(chan_recv(pair[1], &got, NULL, 0, fds, &n), 1);
	assert_int_equal(n, 2);
	assert_true(fcntl(fds[0], F_GETFD) & FD_CLOEXEC);
	assert_int_equal(write(fds[1], "x", 1), 1);
	for (int i = 0; i < 2; i++) {
		close(fds[i]);
		close(out[i]);
	}
}

static void closes_fds_that_it_refuses(void **state)
{
	const struct chan_msg m = { .type = CHAN_CONSOLE };
	const int out[3] = { pair[0], pair[0], pair[0] };
	int before = count_fds(), fds[1];
	struct chan_msg got;
	size_t n = 1;

	assert_int_equal(chan_send(pair[0], &m, NULL, out, 3), 0);
	assert_int_equal(chan_recv(pair[1], &got, NULL, 0, fds, &n), -EBADMSG);
	assert_int_equal(n, 0);
	assert_int_equal(count_fds(), before);
	/* nobody asked for fds: read(2) drops them */
	assert_int_equal(chan_send(pair[0], &m, NULL, out, 3), 0);
	assert_int_equal(chan_recv(pair[1], &got, NULL, 0, NULL, NULL), 1);
	assert_int_equal(count_fds(), before);
}

static void cuts_a_plan_into_messages(void **state)
{
	const size_t len = 2 * CHAN_PAYLOAD_MAX + 5;
	char *plan = test_malloc(len), *got = test_malloc(len);
	static char piece[CHAN_PAYLOAD_MAX];
	int size = 1 << 20, fds[CHAN_FDS_MAX], out[CHAN_FDS_MAX + 3];
	size_t have = 0, n_fds = 0;
	struct chan_msg m;

	setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	for (size_t i = 0; i < len; i++)
		plan[i] = (char)(i * 7);
	for (size_t i = 0; i < CHAN_FDS_MAX + 3; i++)
		out[i] = 0;
	assert_int_equal(
		chan_send_plan(pair[0], plan, len, out, CHAN_FDS_MAX + 3), 0);
	while (have < len || n_fds < CHAN_FDS_MAX + 3) {
		size_t n = CHAN_FDS_MAX;

		assert_int_equal(chan_recv(pair[1], &m, piece, sizeof(piece),
					   fds, &n),
				 1);
		assert_int_equal(m.type, CHAN_PLAN);
		assert_int_equal(m.val, len);
		assert_int_equal(m.arg, n);
		memcpy(got + have, piece, m.len);
		have += m.len;
		n_fds += n;
		while (n > 0)
			close(fds[--n]);
	}
	assert_int_equal(have, len);
	assert_memory_equal(plan, got, len);
	test_free(plan);
	test_free(got);
}

#define CHAN_TEST(f) cmocka_unit_test_setup_teardown(f, open_pair, close_pair)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CHAN_TEST(carries_header_and_payload),
		CHAN_TEST(carries_the_largest_payload),
		CHAN_TEST(refuses_what_is_too_large_to_send),
		CHAN_TEST(refuses_what_has_no_room),
		CHAN_TEST(refuses_malformed_messages),
		CHAN_TEST(tells_eof),
		CHAN_TEST(tells_that_nobody_reads),
		CHAN_TEST(carries_fds),
		CHAN_TEST(closes_fds_that_it_refuses),
		CHAN_TEST(cuts_a_plan_into_messages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
