/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The little of rtnetlink(7) that moving a network device takes: a request is
 * built in a buffer of its own, sent, and answered before the call returns.
 * A socket belongs to the network namespace in which it was made, for good.
 * Silent: 0, a descriptor or -errno, the kernel's own where it answered.
 */
#ifndef TARE_RUNTIME_NETLINK_H
#define TARE_RUNTIME_NETLINK_H

#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include "base/macros.h"

#define NL_REQUEST_MAX 512

struct nl_request {
	union {
		struct nlmsghdr head;
		char data[NL_REQUEST_MAX];
	};
	bool full; /* something did not fit: nl_talk refuses it */
};

/* A request of this kind with its fixed part; flags beside NLM_F_REQUEST. */
void nl_begin(struct nl_request *q, uint16_t type, uint16_t flags,
	      const void *body, size_t len);
void nl_attr(struct nl_request *q, uint16_t type, const void *data, size_t len);
/* The same for text, with its NUL. */
void nl_attr_str(struct nl_request *q, uint16_t type, const char *s);

/* A socket of the namespace that this process is in, or of another one. */
int nl_open(void);
int nl_open_in(int nsfd);

/*
 * Sends it and calls back for every answer; a negative result of the callback
 * ends it. -EAGAIN: what a dump walked over has changed meanwhile.
 */
int nl_talk(int fd, struct nl_request *q,
	    int (*cb)(const struct nlmsghdr *h, void *arg), void *arg);

/* An attribute of an answer with a fixed part of `body` bytes, or NULL. */
const struct rtattr *nl_find(const struct nlmsghdr *h, size_t body,
			     uint16_t type);

#endif
