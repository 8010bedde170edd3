/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/chan.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

/* Up to here a message is copied together, so that plain write(2) does. */
#define SMALL_MAX 4096

union fd_room {
	struct cmsghdr h; /* for alignment */
	char bytes[CMSG_SPACE(sizeof(int) * CHAN_FDS_MAX)];
};

static int send_fds(int fd, struct iovec *iov, const int *fds, size_t n)
{
	union fd_room room;
	struct msghdr msg = {
		.msg_iov = iov,
		.msg_iovlen = 2,
		.msg_control = room.bytes,
		.msg_controllen = CMSG_SPACE(sizeof(int) * n),
	};
	struct cmsghdr *c;
	ssize_t r;

	memset(&room, 0, CMSG_SPACE(sizeof(int) * n));
	c = CMSG_FIRSTHDR(&msg);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int) * n);
	memcpy(CMSG_DATA(c), fds, sizeof(int) * n);
	do
		r = sendmsg(fd, &msg, MSG_NOSIGNAL);
	while (r < 0 && errno == EINTR);
	return r < 0 ? -errno : (int)r;
}

static int send_plain(int fd, struct iovec *iov)
{
	size_t total = iov[0].iov_len + iov[1].iov_len;
	char small[SMALL_MAX];
	ssize_t r;

	if (total <= sizeof(small)) {
		memcpy(small, iov[0].iov_base, iov[0].iov_len);
		if (iov[1].iov_len > 0)
			memcpy(small + iov[0].iov_len, iov[1].iov_base,
			       iov[1].iov_len);
	}
	do
		r = total <= sizeof(small) ? write(fd, small, total)
					   : writev(fd, iov, 2);
	while (r < 0 && errno == EINTR);
	return r < 0 ? -errno : (int)r;
}

int chan_send(int fd, const struct chan_msg *m, const void *payload,
	      const int *fds, size_t n)
{
	struct chan_msg head = *m;
	struct iovec iov[2] = {
		{ &head, sizeof(head) },
		{ (void *)(uintptr_t)payload, m->len },
	};
	int r;

	if (m->len > CHAN_PAYLOAD_MAX || n > CHAN_FDS_MAX)
		return -EMSGSIZE;
	r = n > 0 ? send_fds(fd, iov, fds, n) : send_plain(fd, iov);
	if (r < 0)
		return r;
	return (size_t)r == sizeof(head) + m->len ? 0 : -EIO;
}

/* Takes the fds out of the control data; what has no room is closed. */
static size_t take_fds(struct msghdr *msg, int *fds, size_t room, bool *lost)
{
	size_t got = 0;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c;
	     c = CMSG_NXTHDR(msg, c)) {
		size_t n;
		int fd;

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (size_t i = 0; i < n; i++) {
			memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(fd));
			if (got < room) {
				fds[got++] = fd;
			} else {
				close(fd);
				*lost = true;
			}
		}
	}
	return got;
}

static ssize_t recv_fds(int fd, struct iovec *iov, int *fds, size_t *n_fds,
			bool *lost)
{
	union fd_room room;
	struct msghdr msg = {
		.msg_iov = iov,
		.msg_iovlen = 2,
		.msg_control = room.bytes,
		.msg_controllen = sizeof(room.bytes),
	};
	ssize_t r;

	do
		r = recvmsg(fd, &msg, MSG_CMSG_CLOEXEC);
	while (r < 0 && errno == EINTR);
	if (r < 0)
		return -errno;
	*n_fds = take_fds(&msg, fds, *n_fds, lost);
	if (msg.msg_flags & MSG_CTRUNC)
		*lost = true;
	return r;
}

static ssize_t recv_plain(int fd, struct iovec *iov)
{
	size_t total = iov[0].iov_len + iov[1].iov_len;
	char small[SMALL_MAX];
	ssize_t r;

	do
		r = total <= sizeof(small) ? read(fd, small, total)
					   : readv(fd, iov, 2);
	while (r < 0 && errno == EINTR);
	if (r < 0)
		return -errno;
	if (total <= sizeof(small) && r > 0) {
		size_t head = iov[0].iov_len;
		size_t n = (size_t)r;

		memcpy(iov[0].iov_base, small, n < head ? n : head);
		if (n > head)
			memcpy(iov[1].iov_base, small + head, n - head);
	}
	return r;
}

int chan_recv(int fd, struct chan_msg *m, void *buf, size_t size, int *fds,
	      size_t *n_fds)
{
	const bool with_fds = fds && n_fds && *n_fds > 0;
	struct chan_msg head = { 0 };
	struct iovec iov[2] = { { &head, sizeof(head) }, { buf, size } };
	bool lost = false;
	size_t n = with_fds ? *n_fds : 0;
	ssize_t got;
	int r = 1;

	got = with_fds ? recv_fds(fd, iov, fds, &n, &lost)
		       : recv_plain(fd, iov);
	if (got < 0)
		return (int)got;
	if (got == 0)
		r = 0;
	else if ((size_t)got < sizeof(head))
		r = -EBADMSG;
	else if (head.len > size)
		r = -EMSGSIZE;
	else if ((size_t)got != sizeof(head) + head.len || lost)
		r = -EBADMSG;
	if (r <= 0) {
		for (size_t i = 0; i < n; i++)
			close(fds[i]);
		n = 0;
	} else {
		*m = head;
	}
	if (n_fds)
		*n_fds = n;
	return r;
}

int chan_send_plan(int fd, const void *block, size_t len, const int *fds,
		   size_t n_fds)
{
	const char *p = block;
	size_t sent = 0, sent_fds = 0;
	int r;

	do {
		struct chan_msg m = { .type = CHAN_PLAN, .val = (int64_t)len };
		size_t n = n_fds - sent_fds, piece = len - sent;

		if (n > CHAN_FDS_MAX)
			n = CHAN_FDS_MAX;
		if (piece > CHAN_PAYLOAD_MAX)
			piece = CHAN_PAYLOAD_MAX;
		m.arg = (uint32_t)n;
		m.len = (uint32_t)piece;
		r = chan_send(fd, &m, p + sent, n ? fds + sent_fds : NULL, n);
		if (r < 0)
			return r;
		sent += piece;
		sent_fds += n;
	} while (sent < len || sent_fds < n_fds);
	return 0;
}
