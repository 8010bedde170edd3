/* SPDX-License-Identifier: Apache-2.0 */
#include "base/err.h"

#include <string.h>

#include "base/fmt.h"

#define FRAME_MAX 1024

static _Thread_local struct {
	char text[ERR_TEXT_MAX];
	char hint[ERR_HINT_MAX];
	int code;
	enum err_class cls;
} trail;

/*
 * glibc's texts in lower case, as clients match them, whatever libc there is.
 * A table of (errno, text) pairs, as the numbers differ between machines.
 */
static const struct {
	int num;
	const char *text;
} errnos[] = {
	{ EPERM, "operation not permitted" },
	{ ENOENT, "no such file or directory" },
	{ ESRCH, "no such process" },
	{ EINTR, "interrupted system call" },
	{ EIO, "input/output error" },
	{ ENXIO, "no such device or address" },
	{ E2BIG, "argument list too long" },
	{ ENOEXEC, "exec format error" },
	{ EBADF, "bad file descriptor" },
	{ ECHILD, "no child processes" },
	{ EAGAIN, "resource temporarily unavailable" },
	{ ENOMEM, "cannot allocate memory" },
	{ EACCES, "permission denied" },
	{ EFAULT, "bad address" },
	{ ENOTBLK, "block device required" },
	{ EBUSY, "device or resource busy" },
	{ EEXIST, "file exists" },
	{ EXDEV, "invalid cross-device link" },
	{ ENODEV, "no such device" },
	{ ENOTDIR, "not a directory" },
	{ EISDIR, "is a directory" },
	{ EINVAL, "invalid argument" },
	{ ENFILE, "too many open files in system" },
	{ EMFILE, "too many open files" },
	{ ENOTTY, "inappropriate ioctl for device" },
	{ ETXTBSY, "text file busy" },
	{ EFBIG, "file too large" },
	{ ENOSPC, "no space left on device" },
	{ ESPIPE, "illegal seek" },
	{ EROFS, "read-only file system" },
	{ EMLINK, "too many links" },
	{ EPIPE, "broken pipe" },
	{ EDOM, "numerical argument out of domain" },
	{ ERANGE, "numerical result out of range" },
	{ EDEADLK, "resource deadlock avoided" },
	{ ENAMETOOLONG, "file name too long" },
	{ ENOLCK, "no locks available" },
	{ ENOSYS, "function not implemented" },
	{ ENOTEMPTY, "directory not empty" },
	{ ELOOP, "too many levels of symbolic links" },
	{ ENODATA, "no data available" },
	{ ETIME, "timer expired" },
	{ ENOLINK, "link has been severed" },
	{ EPROTO, "protocol error" },
	{ EBADMSG, "bad message" },
	{ EOVERFLOW, "value too large for defined data type" },
	{ EBADFD, "file descriptor in bad state" },
	{ EILSEQ, "invalid or incomplete multibyte or wide character" },
	{ ERESTART, "interrupted system call should be restarted" },
	{ EUSERS, "too many users" },
	{ ENOTSOCK, "socket operation on non-socket" },
	{ EDESTADDRREQ, "destination address required" },
	{ EMSGSIZE, "message too long" },
	{ EPROTOTYPE, "protocol wrong type for socket" },
	{ ENOPROTOOPT, "protocol not available" },
	{ EPROTONOSUPPORT, "protocol not supported" },
	{ EOPNOTSUPP, "operation not supported" },
	{ EAFNOSUPPORT, "address family not supported by protocol" },
	{ EADDRINUSE, "address already in use" },
	{ EADDRNOTAVAIL, "cannot assign requested address" },
	{ ENETDOWN, "network is down" },
	{ ENETUNREACH, "network is unreachable" },
	{ ECONNABORTED, "software caused connection abort" },
	{ ECONNRESET, "connection reset by peer" },
	{ ENOBUFS, "no buffer space available" },
	{ EISCONN, "transport endpoint is already connected" },
	{ ENOTCONN, "transport endpoint is not connected" },
	{ ETIMEDOUT, "connection timed out" },
	{ ECONNREFUSED, "connection refused" },
	{ EHOSTUNREACH, "no route to host" },
	{ EALREADY, "operation already in progress" },
	{ EINPROGRESS, "operation now in progress" },
	{ ESTALE, "stale file handle" },
	{ EREMOTEIO, "remote I/O error" },
	{ EDQUOT, "disk quota exceeded" },
	{ ECANCELED, "operation canceled" },
	{ ENOKEY, "required key not available" },
	{ EKEYEXPIRED, "key has expired" },
	{ EKEYREVOKED, "key has been revoked" },
	{ EKEYREJECTED, "key was rejected by service" },
};

const char *err_str(int errnum)
{
	static _Thread_local char other[24];

	if (errnum < 0)
		errnum = -errnum;
	if (errnum == 0)
		return "Success";
	for (size_t i = 0; i < ARRAY_SIZE(errnos); i++)
		if (errnos[i].num == errnum)
			return errnos[i].text;
	fmt_print(other, sizeof(other), "errno %d", errnum);
	return other;
}

/* Start anew; what is formatted may point into the old trail. */
static void start(int r, const char *suffix, const char *fmt, va_list ap)
{
	char tmp[ERR_TEXT_MAX];
	size_t n = fmt_vprint(tmp, sizeof(tmp), fmt, ap);

	n = MIN(n, sizeof(tmp) - 1);
	if (suffix)
		fmt_print(tmp + n, sizeof(tmp) - n, "%s%s", n ? ": " : "",
			  suffix);
	memcpy(trail.text, tmp, strlen(tmp) + 1);
	trail.hint[0] = '\0';
	trail.cls = ERR_GENERIC;
	trail.code = r;
}

int err_set(int r, const char *fmt, ...)
{
	int saved = errno;
	va_list ap;

	va_start(ap, fmt);
	start(r, r ? err_str(r) : NULL, fmt, ap);
	va_end(ap);
	errno = saved;
	return r;
}

int err_text(int r, const char *fmt, ...)
{
	int saved = errno;
	va_list ap;

	va_start(ap, fmt);
	start(r, NULL, fmt, ap);
	va_end(ap);
	errno = saved;
	return r;
}

int err_ctx(int r, const char *fmt, ...)
{
	char frame[FRAME_MAX];
	int saved = errno;
	size_t n, old;
	va_list ap;

	va_start(ap, fmt);
	n = fmt_vprint(frame, sizeof(frame) - 2, fmt, ap);
	va_end(ap);
	n = MIN(n, sizeof(frame) - 3);
	if (trail.text[0] == '\0') {
		/* Nobody told the cause: the errno is all there is. */
		fmt_print(trail.text, sizeof(trail.text), "%s",
			  r ? err_str(r) : "");
		trail.code = r;
	}
	memcpy(frame + n, ": ", 2);
	n += 2;
	old = MIN(strlen(trail.text), sizeof(trail.text) - 1 - n);
	memmove(trail.text + n, trail.text, old);
	memcpy(trail.text, frame, n);
	trail.text[n + old] = '\0';
	errno = saved;
	return r;
}

void err_hint(const char *fmt, ...)
{
	int saved = errno;
	va_list ap;

	if (trail.hint[0] != '\0')
		return;
	va_start(ap, fmt);
	fmt_vprint(trail.hint, sizeof(trail.hint), fmt, ap);
	va_end(ap);
	errno = saved;
}

void err_set_class(enum err_class c)
{
	trail.cls = c;
}

enum err_class err_get_class(void)
{
	return trail.cls;
}

const char *err_get(void)
{
	return trail.text;
}

const char *err_get_hint(void)
{
	return trail.hint;
}

int err_get_code(void)
{
	return trail.code;
}

void err_clear(void)
{
	trail.text[0] = '\0';
	trail.hint[0] = '\0';
	trail.code = 0;
	trail.cls = ERR_GENERIC;
}

void err_save(struct err_saved *s)
{
	memcpy(s->text, trail.text, sizeof(s->text));
	memcpy(s->hint, trail.hint, sizeof(s->hint));
	s->code = trail.code;
	s->cls = trail.cls;
}

void err_restore(const struct err_saved *s)
{
	memcpy(trail.text, s->text, sizeof(trail.text));
	memcpy(trail.hint, s->hint, sizeof(trail.hint));
	trail.code = s->code;
	trail.cls = s->cls;
}
