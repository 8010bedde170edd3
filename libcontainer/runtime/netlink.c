/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/fd.h"
#include "runtime/netlink.h"

/* The kernel answers at once; but its lock may be held for long. */
#define TIMEOUT_S 30
/* A link with many virtual functions says much. */
#define ANSWER_MAX 65536

void nl_begin(struct nl_request *q, uint16_t type, uint16_t flags,
	      const void *body, size_t len)
{
	*q = (struct nl_request){ .head = {
					  .nlmsg_len =
						  (uint32_t)NLMSG_LENGTH(len),
					  .nlmsg_type = type,
					  .nlmsg_flags = flags | NLM_F_REQUEST,
				  } };
	/* other requests share the bits of this one */
	if ((flags & NLM_F_DUMP) != NLM_F_DUMP)
		q->head.nlmsg_flags |= NLM_F_ACK;
	memcpy(NLMSG_DATA(&q->head), body, len);
}

void nl_attr(struct nl_request *q, uint16_t type, const void *data, size_t len)
{
	size_t at = NLMSG_ALIGN(q->head.nlmsg_len);
	const struct rtattr a = { .rta_len = (uint16_t)RTA_LENGTH(len),
				  .rta_type = type };

	if (len > NL_REQUEST_MAX || at + RTA_SPACE(len) > NL_REQUEST_MAX) {
		q->full = true;
		return;
	}
	memcpy(q->data + at, &a, sizeof(a));
	memcpy(q->data + at + RTA_LENGTH(0), data, len);
	q->head.nlmsg_len = (uint32_t)(at + RTA_LENGTH(len));
}

void nl_attr_str(struct nl_request *q, uint16_t type, const char *s)
{
	nl_attr(q, type, s, strlen(s) + 1);
}

int nl_open(void)
{
	const struct timeval t = { .tv_sec = TIMEOUT_S };
	_cleanup_close_ int fd = -EBADF;

	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof(t)) < 0)
		return -errno;
	return take_fd(&fd);
}

int nl_open_in(int nsfd)
{
	_cleanup_close_ int own = -EBADF, fd = -EBADF;

	own = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	if (own < 0 || setns(nsfd, CLONE_NEWNET) < 0)
		return -errno;
	fd = nl_open();
	if (setns(own, CLONE_NEWNET) < 0)
		return -errno;
	return take_fd(&fd);
}

static int judge(const struct nlmsghdr *h)
{
	const struct nlmsgerr *e = NLMSG_DATA(h);

	if (h->nlmsg_len < NLMSG_LENGTH(sizeof(*e)))
		return -EBADMSG;
	return e->error > 0 ? -EBADMSG : e->error;
}

struct answers {
	uint32_t seq; /* of the request: others are left from earlier ones */
	int (*cb)(const struct nlmsghdr *h, void *arg);
	void *arg;
};

/* NLMSG_OK and NLMSG_NEXT without their mix of signs. */
static bool is_whole(const struct nlmsghdr *h, size_t len)
{
	return len >= sizeof(*h) && h->nlmsg_len >= sizeof(*h) &&
	       h->nlmsg_len <= len;
}

static const struct nlmsghdr *next_message(const struct nlmsghdr *h, size_t *len)
{
	size_t n = MIN((size_t)NLMSG_ALIGN(h->nlmsg_len), *len);

	*len -= n;
	return (const void *)((const char *)h + n);
}

/* The messages of one datagram: 1 when the last answer was among them. */
static int take(const struct nlmsghdr *h, size_t len, const struct answers *a)
{
	int r = 0;

	for (; r == 0 && is_whole(h, len); h = next_message(h, &len)) {
		if (h->nlmsg_seq != a->seq)
			continue;
		if (h->nlmsg_flags & NLM_F_DUMP_INTR)
			return -EAGAIN;
		if (h->nlmsg_type == NLMSG_DONE)
			return 1;
		if (h->nlmsg_type == NLMSG_ERROR) {
			r = judge(h);
			return r < 0 ? r : 1;
		}
		r = a->cb ? a->cb(h, a->arg) : 0;
	}
	return r;
}

/* One datagram of the kernel; in a namespace of others they may write too. */
static ssize_t receive(int fd, char *buf, size_t size)
{
	struct sockaddr_nl from = { 0 };
	ssize_t n;

	do {
		socklen_t len = sizeof(from);

		n = recvfrom(fd, buf, size, MSG_TRUNC, (struct sockaddr *)&from,
			     &len);
	} while (n < 0 ? errno == EINTR : from.nl_pid != 0);
	if (n < 0)
		return errno == EAGAIN ? -ETIMEDOUT : -errno;
	return (size_t)n > size ? -EMSGSIZE : n;
}

int nl_talk(int fd, struct nl_request *q,
	    int (*cb)(const struct nlmsghdr *h, void *arg), void *arg)
{
	static char buf[ANSWER_MAX] __attribute__((aligned(NLMSG_ALIGNTO)));
	static uint32_t seq;
	struct answers a = { .seq = ++seq, .cb = cb, .arg = arg };
	int r = 0;

	if (q->full)
		return -E2BIG;
	q->head.nlmsg_seq = a.seq;
	if (send(fd, q->data, q->head.nlmsg_len, 0) < 0)
		return -errno;
	while (r == 0) {
		ssize_t n = receive(fd, buf, sizeof(buf));

		if (n < 0)
			return (int)n;
		r = take((const struct nlmsghdr *)(const void *)buf, (size_t)n,
			 &a);
	}
	return r < 0 ? r : 0;
}

const struct rtattr *nl_find(const struct nlmsghdr *h, size_t body,
			     uint16_t type)
{
	size_t off = NLMSG_SPACE(body);
	const struct rtattr *a;
	int len;

	if (h->nlmsg_len < off || h->nlmsg_len > ANSWER_MAX)
		return NULL;
	len = (int)(h->nlmsg_len - off);
	a = (const struct rtattr *)(const void *)((const char *)h + off);
	for (; RTA_OK(a, len); a = RTA_NEXT(a, len))
		if ((a->rta_type & NLA_TYPE_MASK) == type)
			return a;
	return NULL;
}
