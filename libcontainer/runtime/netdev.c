/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/proc.h"
#include "base/str.h"
#include "runtime/netdev.h"
#include "runtime/netlink.h"

#define DUMP_TRIES 8
#define ADDRS_MAX 1024

/* An address, as the request that gives it to a device. */
struct addr {
	struct addr *next;
	struct nl_request add;
};

struct device {
	const char *name, *new_name;
	int index;	    /* where it is now */
	unsigned int flags; /* IFF_* that it had */
	struct addr *addrs; /* in order */
	bool moved;
};

struct netdevs {
	int own_ns, ns;	 /* the runtime's, the container's */
	int here, there; /* rtnetlink sockets in them */
	struct device *v;
	size_t n;
};

/* --- looking ------------------------------------------------------------ */

static int take_link(const struct nlmsghdr *h, void *arg)
{
	struct ifinfomsg *ret = arg;

	if (h->nlmsg_type != RTM_NEWLINK ||
	    h->nlmsg_len < NLMSG_LENGTH(sizeof(*ret)))
		return -EBADMSG;
	*ret = *(const struct ifinfomsg *)NLMSG_DATA(h);
	return 0;
}

/* -ENODEV when there is no such link. */
static int find_link(int sock, const char *name, struct ifinfomsg *ret)
{
	const struct ifinfomsg any = { .ifi_family = AF_UNSPEC };
	struct nl_request q;
	int r;

	*ret = any;
	nl_begin(&q, RTM_GETLINK, 0, &any, sizeof(any));
	nl_attr_str(&q, IFLA_IFNAME, name);
	r = nl_talk(sock, &q, take_link, ret);
	return r < 0 ? r : ret->ifi_index > 0 ? 0 : -ENODEV;
}

struct collect {
	struct arena *arena;
	int index;
	struct addr **last;
	size_t n;
};

/* What is the address's own, and not how the host came to it. */
static void copy_addr(struct nl_request *q, const struct nlmsghdr *h,
		      const struct ifaddrmsg *m, uint32_t flags)
{
	static const uint16_t kept[] = { IFA_LOCAL, IFA_ADDRESS, IFA_BROADCAST,
					 IFA_RT_PRIORITY };
	const struct ifaddrmsg fresh = { .ifa_family = m->ifa_family,
					 .ifa_prefixlen = m->ifa_prefixlen,
					 .ifa_scope = m->ifa_scope };

	nl_begin(q, RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE, &fresh,
		 sizeof(fresh));
	for (size_t i = 0; i < ARRAY_SIZE(kept); i++) {
		const struct rtattr *a = nl_find(h, sizeof(*m), kept[i]);

		if (a)
			nl_attr(q, kept[i], RTA_DATA(a), RTA_PAYLOAD(a));
	}
	flags &= IFA_F_NODAD | IFA_F_HOMEADDRESS | IFA_F_MANAGETEMPADDR |
		 IFA_F_NOPREFIXROUTE | IFA_F_MCAUTOJOIN;
	nl_attr(q, IFA_FLAGS, &flags, sizeof(flags));
}

static int take_addr(const struct nlmsghdr *h, void *arg)
{
	const struct ifaddrmsg *m = NLMSG_DATA(h);
	struct collect *c = arg;
	const struct rtattr *a;
	struct addr *new;
	uint32_t flags;

	if (h->nlmsg_type != RTM_NEWADDR ||
	    h->nlmsg_len < NLMSG_LENGTH(sizeof(*m)) ||
	    (int)m->ifa_index != c->index)
		return 0;
	flags = m->ifa_flags;
	a = nl_find(h, sizeof(*m), IFA_FLAGS); /* the rest of them */
	if (a && RTA_PAYLOAD(a) >= sizeof(flags))
		memcpy(&flags, RTA_DATA(a), sizeof(flags));
	if (m->ifa_scope != RT_SCOPE_UNIVERSE || !(flags & IFA_F_PERMANENT))
		return 0;
	if (c->n++ >= ADDRS_MAX)
		return -E2BIG;
	new = arena_alloc(c->arena, sizeof(*new));
	if (!new)
		return -ENOMEM;
	copy_addr(&new->add, h, m, flags);
	*c->last = new;
	c->last = &new->next;
	return 0;
}

/* Its permanent addresses of global scope. */
static int find_addrs(struct arena *a, int sock, struct device *d)
{
	const struct ifaddrmsg all = { .ifa_family = AF_UNSPEC };
	int r = -EAGAIN;

	for (int i = 0; i < DUMP_TRIES && r == -EAGAIN; i++) {
		struct collect c = { .arena = a,
				     .index = d->index,
				     .last = &d->addrs };
		struct nl_request q;

		d->addrs = NULL;
		nl_begin(&q, RTM_GETADDR, NLM_F_DUMP, &all, sizeof(all));
		r = nl_talk(sock, &q, take_addr, &c);
	}
	return r;
}

/* --- changing ------------------------------------------------------------ */

/* Into the namespace ns, and renamed on the way unless name is NULL. */
static int send_to(int sock, int index, int ns, const char *name)
{
	const struct ifinfomsg m = { .ifi_index = index };
	uint32_t fd = (uint32_t)ns;
	struct nl_request q;

	nl_begin(&q, RTM_NEWLINK, 0, &m, sizeof(m));
	nl_attr(&q, IFLA_NET_NS_FD, &fd, sizeof(fd));
	if (name)
		nl_attr_str(&q, IFLA_IFNAME, name);
	return nl_talk(sock, &q, NULL, NULL);
}

/* A name with "%d" gets the first number that is free. */
static int rename_to(int sock, int index, const char *name)
{
	const struct ifinfomsg m = { .ifi_index = index };
	struct nl_request q;

	nl_begin(&q, RTM_NEWLINK, 0, &m, sizeof(m));
	nl_attr_str(&q, IFLA_IFNAME, name);
	return nl_talk(sock, &q, NULL, NULL);
}

static int set_up(int sock, int index)
{
	const struct ifinfomsg m = { .ifi_index = index,
				     .ifi_flags = IFF_UP,
				     .ifi_change = IFF_UP };
	struct nl_request q;

	nl_begin(&q, RTM_NEWLINK, 0, &m, sizeof(m));
	return nl_talk(sock, &q, NULL, NULL);
}

static int give_addrs(int sock, const struct device *d)
{
	for (struct addr *a = d->addrs; a; a = a->next) {
		struct ifaddrmsg *m = NLMSG_DATA(&a->add.head);
		int r;

		m->ifa_index = (uint32_t)d->index;
		r = nl_talk(sock, &a->add, NULL, NULL);
		if (r < 0)
			return r;
	}
	return 0;
}

/*
 * The move and the new name are two steps: a device that has its new name in
 * the wrong moment could not be found again where "%d" made it up. A name that
 * is taken over there is avoided by one of our own in between.
 */
static int cross(struct netdevs *n, struct device *d)
{
	char passing[IFNAMSIZ];
	const char *name = d->name;
	struct ifinfomsg m;
	int r = find_link(n->there, name, &m);

	if (r == 0) {
		snprintf(passing, sizeof(passing), "tare%d-%zu",
			 (int)getpid() % 1000000, (size_t)(d - n->v) % 100);
		name = passing;
	} else if (r != -ENODEV) {
		return err_set(r, "look for %s", name);
	}
	r = send_to(n->here, d->index, n->ns, name == passing ? name : NULL);
	if (r < 0)
		return err_set(r, "move it");
	d->moved = true;
	r = find_link(n->there, name, &m);
	if (r < 0)
		return err_set(r, "find it again");
	d->index = m.ifi_index;
	return 0;
}

static int settle(struct netdevs *n, struct device *d)
{
	int r = rename_to(n->there, d->index, d->new_name);

	if (r < 0)
		return err_set(r, "rename it to %s", d->new_name);
	r = give_addrs(n->there, d);
	if (r < 0)
		return err_set(r, "give it its addresses");
	r = set_up(n->there, d->index);
	return r < 0 ? err_set(r, "set it up") : 0;
}

static int move_one(struct arena *a, struct netdevs *n, struct device *d)
{
	struct ifinfomsg m;
	int r = find_link(n->here, d->name, &m);

	if (r < 0)
		return err_set(r,
			       "link not found for interface %s on runtime "
			       "namespace",
			       d->name);
	d->index = m.ifi_index;
	d->flags = m.ifi_flags;
	r = find_addrs(a, n->here, d);
	if (r < 0)
		return err_set(r, "read its addresses");
	r = cross(n, d);
	return r < 0 ? r : settle(n, d);
}

static int go_back(struct netdevs *n, struct device *d)
{
	struct ifinfomsg m;
	int r = send_to(n->there, d->index, n->own_ns, d->name);

	if (r >= 0)
		r = find_link(n->here, d->name, &m);
	if (r < 0)
		return r;
	d->moved = false;
	d->index = m.ifi_index;
	r = give_addrs(n->here, d);
	if (r >= 0 && (d->flags & IFF_UP))
		r = set_up(n->here, d->index);
	return r;
}

/* --- all of them --------------------------------------------------------- */

void netdev_return(struct netdevs *n)
{
	for (size_t i = n ? n->n : 0; i > 0; i--) {
		struct device *d = &n->v[i - 1];
		int r = d->moved ? go_back(n, d) : 0;

		if (r < 0)
			log_warn("get netDevice %s back: %s", d->name,
				 err_str(-r));
	}
}

void netdev_free(struct netdevs *n)
{
	if (!n)
		return;
	close_fdp(&n->own_ns);
	close_fdp(&n->ns);
	close_fdp(&n->here);
	close_fdp(&n->there);
}

static int open_both(struct netdevs *n, const char *path)
{
	struct stat a, b;

	n->own_ns = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	n->ns = open(path, O_RDONLY | O_CLOEXEC);
	if (n->own_ns < 0 || n->ns < 0)
		return err_set(-errno, "open network namespace %s", path);
	if (fstat(n->own_ns, &a) == 0 && fstat(n->ns, &b) == 0 &&
	    a.st_ino == b.st_ino && a.st_dev == b.st_dev)
		return err_text(-EINVAL, "unable to move network devices "
					 "without a NET namespace");
	n->here = nl_open();
	n->there = n->here < 0 ? n->here : nl_open_in(n->ns);
	return n->there < 0
		       ? err_set(n->there, "enter network namespace %s", path)
		       : 0;
}

static int read_devices(struct arena *a, const struct oci_linux *l,
			struct netdevs *n)
{
	n->v = arena_calloc(a, l->net_devices.n, sizeof(*n->v));
	if (!n->v)
		return err_set(-ENOMEM, "move network devices");
	for (; n->n < l->net_devices.n; n->n++) {
		const struct oci_net_device *d = &l->net_devices.v[n->n];

		n->v[n->n].name = d->key;
		n->v[n->n].new_name = d->name && *d->name ? d->name : d->key;
	}
	return 0;
}

int netdev_move(struct arena *a, const struct oci_linux *l, pid_t pid,
		struct netdevs **ret)
{
	struct netdevs *n;
	char path[64];
	int r;

	*ret = NULL;
	if (l->net_devices.n == 0)
		return 0;
	n = arena_alloc(a, sizeof(*n));
	if (!n)
		return err_set(-ENOMEM, "move network devices");
	*n = (struct netdevs){ -EBADF, -EBADF, -EBADF, -EBADF, NULL, 0 };
	proc_ns_path(pid, "net", path, sizeof(path));
	r = read_devices(a, l, n);
	if (r >= 0)
		r = open_both(n, path);
	for (size_t i = 0; r >= 0 && i < n->n; i++) {
		r = move_one(a, n, &n->v[i]);
		if (r < 0)
			err_ctx(r, "move netDevice %s to namespace %s",
				n->v[i].name, path);
	}
	if (r < 0) {
		netdev_return(n);
		netdev_free(n);
		return r;
	}
	*ret = n;
	return 0;
}
