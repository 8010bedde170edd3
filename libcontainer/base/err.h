/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The error trail: one fixed-size, thread-local record of what went wrong.
 * Whoever meets a failure sets it (err_set), callers add frames (err_ctx),
 * the top prints it once. Functions return 0 or -errno. The record never
 * allocates, so reporting cannot fail; text beyond its size is cut. libc only:
 * the init program uses it too and sends the text over the channel.
 */
#ifndef TARE_BASE_ERR_H
#define TARE_BASE_ERR_H

#include <stdarg.h>

#include "base/macros.h"

#define ERR_TEXT_MAX 3072
#define ERR_HINT_MAX 256

/* What kind of failure a caller sees: decides exit code and wording. */
enum err_class {
	ERR_GENERIC = 0,
	ERR_USAGE,	  /* command line */
	ERR_CONFIG,	  /* config.json is wrong */
	ERR_UNSUPPORTED,  /* read but not carried out */
	ERR_NO_CONTAINER, /* "container does not exist" */
	ERR_STATE,	  /* wrong state for the operation */
	ERR_EXEC,	  /* the container's program cannot be executed */
};

/*
 * Start a new trail: "WHAT: strerror(-r)"; with r == 0 or -EBADMSG-like
 * self-explaining text use err_text(). Returns r (a negative errno), so
 * `return err_set(-errno, "open %s", p);` reads well. An earlier trail is
 * replaced.
 */
int err_set(int r, const char *fmt, ...) _printf_(2, 3);

/* Like err_set, but the text stands alone: no strerror is appended. */
int err_text(int r, const char *fmt, ...) _printf_(2, 3);

/* Put "FRAME: " in front of the trail; returns r. */
int err_ctx(int r, const char *fmt, ...) _printf_(2, 3);

/* One line of advice, printed after the error; the first one stays. */
void err_hint(const char *fmt, ...) _printf_(1, 2);

void err_set_class(enum err_class c);
enum err_class err_get_class(void);

/* The trail as text ("" when none), its hint ("" when none), its errno. */
const char *err_get(void);
const char *err_get_hint(void);
int err_get_code(void);
void err_clear(void);

/* Sets the whole trail aside while a clean-up runs that may fail itself. */
struct err_saved {
	char text[ERR_TEXT_MAX], hint[ERR_HINT_MAX];
	int code;
	enum err_class cls;
};
void err_save(struct err_saved *s);
void err_restore(const struct err_saved *s);

/* strerror in lower case ("no such file or directory"), the same everywhere. */
const char *err_str(int errnum);

#endif
