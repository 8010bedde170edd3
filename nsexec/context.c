/* SPDX-License-Identifier: Apache-2.0 */
/* What operations share: warnings and the descriptors of this process. */
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/fmt.h"
#include "base/sys.h"
#include "nsexec/init.h"

#define MANY_FDS 4096u

void init_warn(struct init *in, const char *fmt, ...)
{
	char text[512];
	struct chan_msg m = { .type = CHAN_WARN };
	va_list ap;
	size_t n;

	va_start(ap, fmt);
	n = fmt_vprint(text, sizeof(text), fmt, ap);
	va_end(ap);
	m.len = (uint32_t)MIN(n, sizeof(text) - 1);
	chan_send(in->chan, &m, text, NULL, 0);
}

int fd_tmp(struct init *in, int fd)
{
	in->last_tmp = MAX(in->last_tmp, fd);
	return fd;
}

void fd_sweep(struct init *in)
{
	if (in->last_tmp >= in->first_tmp)
		sys_close_range((unsigned int)in->first_tmp,
				(unsigned int)in->last_tmp, 0);
	in->last_tmp = -1;
	for (size_t i = 0; i < ARRAY_SIZE(in->proc); i++)
		if (in->proc[i] >= in->first_tmp)
			in->proc[i] = -EBADF;
}

/* The container's filter may know of no close_range(2). */
static void close_some(unsigned int first, unsigned int last)
{
	if (sys_close_range(first, last, 0) >= 0)
		return;
	for (unsigned int fd = first; fd <= MIN(last, MANY_FDS); fd++)
		close_fd((int)fd);
}

void procfs_forget(struct init *in)
{
	in->proc[0] = in->proc[1] = -EBADF;
}

void fd_close_all(struct init *in, int but)
{
	const unsigned int first = in->keep, stay = (unsigned int)but;

	in->root = -EBADF;
	in->last_tmp = -1;
	procfs_forget(in);
	for (uint32_t i = 0; i < in->head->n_slots; i++)
		if (in->slots[i] != but)
			in->slots[i] = -EBADF;
	if (but < 0 || stay < first) {
		close_some(first, ~0u);
		return;
	}
	if (stay > first)
		close_some(first, stay - 1);
	close_some(stay + 1, ~0u);
}

int root_fd(struct init *in)
{
	if (in->root < 0) {
		int fd =
			openat(AT_FDCWD, "/", O_PATH | O_DIRECTORY | O_CLOEXEC);

		if (fd < 0)
			return err_set(-errno, "open /");
		in->root = fd;
		in->first_tmp = MAX(in->first_tmp, fd + 1);
	}
	return in->root;
}
