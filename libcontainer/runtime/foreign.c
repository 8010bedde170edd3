/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/log.h"
#include "runtime/container.h"
#include "runtime/foreign.h"

#define RELEASE_MS 10000

void foreign_hooks(struct store_dir *d, struct arena *a, struct store_state *s)
{
	struct oci_spec *spec;

	if (store_load_config(d, s, a, &spec) == 0)
		s->hooks = spec->hooks;
	else
		log_warn("poststop hooks are left out: %s", err_get());
}

/* Init opens the other end, writes a byte and executes the program. */
int foreign_release(struct store_dir *d, const struct store_state *s)
{
	_cleanup_close_ int init = container_pidfd(s), fd = -EBADF;
	char byte;
	int r;

	if (init < 0)
		return err_set(init, "look at process %d", s->pid);
	fd = openat(d->fd, STORE_FIFO,
		    O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return err_set(-errno, "open %s", STORE_FIFO);
	r = io_wait(fd, POLLIN, RELEASE_MS);
	if (r > 0)
		r = read(fd, &byte, 1) == 1 ? 1 : -ESRCH;
	if (r <= 0)
		return err_set(r < 0 ? r : -ETIMEDOUT, "wait for init at %s",
			       STORE_FIFO);
	if (unlinkat(d->fd, STORE_FIFO, 0) < 0)
		return err_set(-errno, "remove %s", STORE_FIFO);
	return 0;
}
