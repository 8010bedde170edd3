/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/io.h"
#include "plan/hook_state.h"
#include "runtime/notify.h"

static int process_state(struct buf *b, const struct store_state *s, pid_t pid,
			 const char *metadata, const char *status)
{
	const struct hook_state hs = { .id = s->id,
				       .bundle = s->bundle,
				       .annotations = &s->annotations };

	buf_printf(b,
		   "{\"ociVersion\":\"" OCI_VERSION
		   "\",\"fds\":[\"seccompFd\"],\"pid\":%d",
		   (int)pid);
	if (metadata && *metadata) {
		buf_puts(b, ",\"metadata\":");
		json_quote(b, metadata, true);
	}
	buf_puts(b, ",\"state\":");
	hook_state_json(b, &hs, status, s->pid > 0 ? s->pid : (int)pid);
	buf_putc(b, '}');
	return buf_error(b);
}

static int send_to(const char *path, const struct buf *b, int fd)
{
	_cleanup_close_ int sock = io_connect_unix(path);

	if (sock < 0)
		return sock;
	return io_send_fds(sock, b->data, b->len, &fd, 1);
}

int notify_send(struct store_dir *d, const struct store_state *s,
		struct child *c, const char *status)
{
	_cleanup_arena_ struct arena a = { 0 };
	_cleanup_buf_ struct buf b = { 0 };
	struct oci_spec *spec;
	const struct oci_seccomp *sc;
	int r = store_load_config(d, s, &a, &spec);

	if (r < 0)
		return r;
	sc = spec->linux_ ? spec->linux_->seccomp : NULL;
	if (!sc || !sc->listener_path)
		return err_text(-EINVAL, "seccomp listenerPath is not set");
	r = process_state(&b, s, child_target(c), sc->listener_metadata, status);
	if (r < 0)
		return err_set(r, "make the seccomp state");
	r = send_to(sc->listener_path, &b, c->notify);
	if (r < 0)
		return err_set(r, "failed to connect with seccomp agent %s",
			       sc->listener_path);
	close_fdp(&c->notify);
	return child_go(c, SYNC_NOTIFY);
}
