/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tare-sd: what the systemd cgroup driver asks of systemd. tare is static and
 * cannot be linked to libsystemd, so this small program is, which is embedded
 * in tare and executed from memory when that driver is used, and never
 * otherwise. A request comes by the standard input, the reply goes out by the
 * standard output; both are those of sd_wire.h.
 */
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "cgroups/sd/bus.h"

/* More than all of its waits together: nothing of this may stay behind. */
#define LIFE_SEC 270

static int carry_out(struct session *s)
{
	static int (*const verbs[])(struct session * s) = {
		[SD_QUERY] = session_query,   [SD_START] = session_start,
		[SD_SET] = session_set,	      [SD_STOP] = session_stop,
		[SD_ATTACH] = session_attach,
	};
	int r = session_connect(s);

	return r < 0 ? r : verbs[s->q->verb](s);
}

static int read_request(struct buf *in)
{
	char part[16384];
	ssize_t n;

	while ((n = io_read_all(STDIN_FILENO, part, sizeof(part))) > 0 &&
	       in->len < SD_MAX)
		buf_add(in, part, (size_t)n);
	return n < 0 ? (int)n : buf_error(in);
}

int main(void)
{
	_cleanup_buf_ struct buf in = { 0 }, out = { 0 };
	_cleanup_arena_ struct arena a = { 0 };
	struct sd_request q;
	struct sd_reply reply = { 0 };
	struct session s = { .q = &q, .reply = &reply, .arena = &a };
	int r;

	alarm(LIFE_SEC);
	r = read_request(&in);
	if (r >= 0)
		r = sd_get_request(&a, in.data, in.len, &q);
	if (r < 0)
		session_fail(&s, r, "read the request: %s", strerror(-r));
	else
		(void)carry_out(&s);
	/* No flush: all calls were answered. */
	if (s.bus)
		sd_bus_close(s.bus);
	sd_bus_unref(s.bus);
	sd_put_reply(&out, &reply);
	if (buf_error(&out) < 0)
		return 1;
	return io_write_all(STDOUT_FILENO, out.data, out.len) < 0;
}
