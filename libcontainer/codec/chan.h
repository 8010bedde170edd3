/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The typed channel between parent and init: one SOCK_SEQPACKET pair, one
 * fixed header, whole messages. After a seccomp filter is loaded only read(2)
 * and write(2) are used on it. EOF means that the other side is gone or, from
 * init, that execve succeeded (announced by CHAN_EXEC just before).
 */
#ifndef TARE_CODEC_CHAN_H
#define TARE_CODEC_CHAN_H

#include <stddef.h>
#include <stdint.h>

#define CHAN_PAYLOAD_MAX 65536
#define CHAN_FDS_MAX 200

enum chan_type {
	/* parent -> init */
	CHAN_PLAN =
		1, /* val: total bytes, arg: fds in this message; payload: the
			  next piece; as many messages as it takes */
	CHAN_GO,   /* arg: the sync point that is released */
	/* init -> parent */
	CHAN_SYNC,    /* arg: enum plan_sync */
	CHAN_CHILD,   /* val: pid of the late-forked process */
	CHAN_CONSOLE, /* one fd: pty master */
	CHAN_NOTIFY,  /* arg: fd number of the seccomp listener (pidfd_getfd) */
	CHAN_WARN,    /* payload: text for the log */
	CHAN_EXEC,    /* execve comes now: EOF after it is success */
	CHAN_ERROR,   /* arg: errno, val: enum err_class; payload: trail text,
			  NUL, hint text, NUL */
};

struct chan_msg {
	uint32_t type;
	uint32_t arg;
	int64_t val;
	uint32_t len; /* payload bytes that follow the header */
	uint32_t pad;
};

/* Sends one message (len <= CHAN_PAYLOAD_MAX, n <= CHAN_FDS_MAX). With n == 0
 * by one writev/write. 0 or -errno (-EPIPE: other side gone, no signal when
 * SIGPIPE is ignored or MSG_NOSIGNAL is possible). */
int chan_send(int fd, const struct chan_msg *m, const void *payload,
	      const int *fds, size_t n);

/*
 * Receives one message: 1, 0 on EOF, -errno (-EBADMSG: malformed). Payload
 * goes to buf (size bytes; a longer one is -EMSGSIZE). fds: CLOEXEC, owned by
 * the caller; n_fds in: room, out: count; NULL/0 to use plain read(2).
 */
int chan_recv(int fd, struct chan_msg *m, void *buf, size_t size, int *fds,
	      size_t *n_fds);

/* The whole plan with its fds in as many messages as it takes. */
int chan_send_plan(int fd, const void *block, size_t len, const int *fds,
		   size_t n_fds);

#endif
