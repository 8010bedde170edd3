/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/io.h"
#include "runtime/console.h"

static int send_one(const char *path, const char *payload, int what)
{
	_cleanup_close_ int fd = io_connect_unix(path);

	if (fd < 0)
		return fd;
	return io_send_fds(fd, payload, strlen(payload), &what, 1);
}

int console_send(const char *socket_path, int master)
{
	int r = send_one(socket_path, "/dev/pts/ptmx", master);

	return r < 0 ? err_set(r, "send the terminal to console socket %s",
			       socket_path)
		     : 0;
}

int pidfd_send(const char *socket_path, int pidfd, const char *kind)
{
	int r = send_one(socket_path, kind, pidfd);

	return r < 0 ? err_set(r, "send the pidfd to socket %s", socket_path)
		     : 0;
}

struct oci_box console_caller_size(void)
{
	struct winsize w;

	for (int fd = 0; fd < 3; fd++)
		if (ioctl(fd, TIOCGWINSZ, &w) == 0)
			return (struct oci_box){ .height = w.ws_row,
						 .width = w.ws_col };
	return (struct oci_box){ 0 };
}

int console_check_options(bool detached, bool tty, const char *socket,
			  unsigned int preserve)
{
	if (detached && tty && !socket)
		return err_text(-EINVAL,
				"cannot allocate tty if tare will detach "
				"without setting console socket");
	if (socket && (!detached || !tty))
		return err_text(-EINVAL, "cannot use console socket if tare "
					 "will not detach or allocate tty");
	for (unsigned int i = 3; i < 3 + preserve; i++)
		if (!fd_is_open((int)i))
			return err_text(-EBADF,
					"unable to stat preserved-fd %u (of "
					"%u): bad file descriptor",
					i - 3, preserve);
	return 0;
}
