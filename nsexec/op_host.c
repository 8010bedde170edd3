/* SPDX-License-Identifier: Apache-2.0 */
/* What belongs to the new namespaces: names, sysctls, the loopback device. */
#include <fcntl.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "base/fmt.h"
#include "base/path.h"
#include "nsexec/init.h"
#include "nsexec/kernel.h"

int op_hostname(struct init *in, const struct plan_op *op)
{
	const char *name = OP_STR(in, op->s1);

	if (sethostname(name, strlen(name)) < 0)
		return err_set(-errno, "sethostname");
	return 0;
}

int op_domainname(struct init *in, const struct plan_op *op)
{
	const char *name = OP_STR(in, op->s1);

	if (setdomainname(name, strlen(name)) < 0)
		return err_set(-errno, "setdomainname");
	return 0;
}

int op_sysctl(struct init *in, const struct plan_op *op)
{
	const char *name = OP_STR(in, op->s1), *value = OP_STR(in, op->s2);
	int proc = procfs_open(in, true), fd;
	char path[256];
	ssize_t n;

	if (proc < 0)
		return proc;
	if (fmt_print(path, sizeof(path), "sys/%s", name) >= sizeof(path))
		return err_set(-ENAMETOOLONG, "sysctl %s", name);
	fd = fd_tmp(in, path_open_strict(proc, path, O_WRONLY));
	if (fd < 0)
		return err_set(fd, "open sysctl %s", name);
	n = write(fd, value, strlen(value));
	if (n < 0)
		return err_set(-errno, "write \"%s\" to sysctl %s", value, name);
	return (size_t)n == strlen(value)
		       ? 0
		       : err_set(-EIO, "write \"%s\" to sysctl %s", value, name);
}

int op_loopback(struct init *in, const struct plan_op *op)
{
	struct ifreq req = { .ifr_name = "lo" };
	int fd = fd_tmp(in, socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));

	if (fd < 0)
		return err_set(-errno, "open a socket");
	/* any socket knows the devices; the other flags are fixed for lo */
	req.ifr_flags = IFF_UP;
	if (ioctl(fd, SIOCSIFFLAGS, &req) < 0)
		return err_set(-errno, "bring up lo");
	return 0;
}
