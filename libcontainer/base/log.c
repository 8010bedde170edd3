/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/io.h"

static struct log_config conf = {
	.fd = 2,
	.format = LOG_TEXT,
	.max = LOG_INFO,
};
static time_t started;
static signed char colour = -1; /* -1 = not asked yet */

static const struct {
	const char *name;
	unsigned char colour;
} levels[] = {
	[LOG_ERROR] = { "error", 31 },
	[LOG_WARN] = { "warning", 33 },
	[LOG_INFO] = { "info", 36 },
	[LOG_DEBUG] = { "debug", 37 },
};

void log_init(const struct log_config *c)
{
	conf = *c;
	started = time(NULL);
	colour = -1;
}

bool log_to_file(void)
{
	return conf.fd != 2;
}

/*
 * Reads one code point (valid UTF-8 without surrogates and overlong forms);
 * its length, or 0 for a byte that is none. s is NUL-terminated.
 */
static size_t utf8_get(const unsigned char *s, uint32_t *ret)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t n = s[0] < 0x80		   ? 1
		   : (s[0] & 0xe0) == 0xc0 ? 2
		   : (s[0] & 0xf0) == 0xe0 ? 3
		   : (s[0] & 0xf8) == 0xf0 ? 4
					   : 0;
	uint32_t cp;

	if (n < 2) {
		*ret = s[0];
		return n;
	}
	cp = s[0] & (0x7fu >> n);
	for (size_t i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		cp = cp << 6 | (s[i] & 0x3f);
	}
	if (cp < least[n] || cp > 0x10ffff || (cp >= 0xd800 && cp <= 0xdfff))
		return 0;
	*ret = cp;
	return n;
}

/* The letter after the backslash, or 0. */
static char short_escape(uint32_t cp, const char *chars, const char *letters)
{
	const char *p = cp > 0 && cp < 0x80 ? strchr(chars, (int)cp) : NULL;

	return p ? letters[p - chars] : 0;
}

/* What a terminal or a line parser must not get raw. */
static bool unprintable(uint32_t cp)
{
	return cp < 0x20 || (cp >= 0x7f && cp <= 0xa0) || cp == 0xad ||
	       (cp >= 0x200b && cp <= 0x200f) ||
	       (cp >= 0x2028 && cp <= 0x202e) ||
	       (cp >= 0x2060 && cp <= 0x206f) ||
	       (cp >= 0xe000 && cp <= 0xf8ff) || cp == 0xfeff ||
	       (cp & 0xfffe) == 0xfffe || cp >= 0xe0000;
}

/* As Go's %q. */
static void add_quoted(struct buf *b, const char *text)
{
	const unsigned char *s = (const unsigned char *)text;

	buf_putc(b, '"');
	while (*s) {
		uint32_t cp;
		size_t n = utf8_get(s, &cp);
		char e = n ? short_escape(cp, "\a\b\f\n\r\t\v\\\"",
					  "abfnrtv\\\"")
			   : 0;

		if (e)
			buf_printf(b, "\\%c", e);
		else if (n == 0 || (cp < 0x80 && unprintable(cp)))
			buf_printf(b, "\\x%02x", *s);
		else if (unprintable(cp))
			buf_printf(b, cp > 0xffff ? "\\U%08x" : "\\u%04x", cp);
		else
			buf_add(b, s, n);
		s += n ? n : 1;
	}
	buf_putc(b, '"');
}

/* As Go's encoding/json with HTML escapes. */
static void add_json(struct buf *b, const char *text)
{
	const unsigned char *s = (const unsigned char *)text;

	buf_putc(b, '"');
	while (*s) {
		uint32_t cp;
		size_t n = utf8_get(s, &cp);
		char e =
			n ? short_escape(cp, "\b\f\n\r\t\\\"", "bfnrt\\\"") : 0;

		if (e)
			buf_printf(b, "\\%c", e);
		else if (n == 0)
			buf_puts(b, "\\ufffd");
		else if (cp < 0x20 || cp == '<' || cp == '>' || cp == '&' ||
			 cp == 0x2028 || cp == 0x2029)
			buf_printf(b, "\\u%04x", cp);
		else
			buf_add(b, s, n);
		s += n ? n : 1;
	}
	buf_putc(b, '"');
}

static void add_value(struct buf *b, const char *text)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789-._/@^+";

	if (text[strspn(text, plain)] == '\0')
		buf_puts(b, text);
	else
		add_quoted(b, text);
}

static void now_local(char *buf, size_t size)
{
	time_t t = time(NULL);
	struct tm tm = { 0 };
	long off;

	localtime_r(&t, &tm);
	off = tm.tm_gmtoff / 60;
	if (off == 0) {
		strftime(buf, size, "%Y-%m-%dT%H:%M:%SZ", &tm);
		return;
	}
	size_t n = strftime(buf, size, "%Y-%m-%dT%H:%M:%S", &tm);

	snprintf(buf + n, size - n, "%c%02ld:%02ld", off < 0 ? '-' : '+',
		 labs(off) / 60, labs(off) % 60);
}

static bool use_colour(void)
{
	const char *off, *force;

	if (colour >= 0)
		return colour;
	off = getenv("CLICOLOR");
	force = getenv("CLICOLOR_FORCE");
	if (force)
		colour = strcmp(force, "0") != 0;
	else if (off && strcmp(off, "0") == 0)
		colour = 0;
	else
		colour = isatty(conf.fd) == 1;
	return colour;
}

static void add_record(struct buf *b, enum log_level l, const char *msg)
{
	char when[64];

	if (conf.format == LOG_TEXT && use_colour()) {
		long age = started ? (long)(time(NULL) - started) : 0;

		buf_printf(b, "\x1b[%dm", levels[l].colour);
		/* The level's first four letters, in capitals. */
		for (int i = 0; i < 4; i++)
			buf_putc(b, (char)(levels[l].name[i] & ~0x20));
		buf_printf(b, "\x1b[0m[%04ld] %-44s \n", age, msg);
		return;
	}
	now_local(when, sizeof(when));
	if (conf.format == LOG_JSON) {
		buf_printf(b, "{\"level\":\"%s\",\"msg\":", levels[l].name);
		add_json(b, msg);
		buf_printf(b, ",\"time\":\"%s\"}\n", when);
		return;
	}
	buf_printf(b, "time=\"%s\" level=%s msg=", when, levels[l].name);
	add_value(b, msg);
	buf_putc(b, '\n');
}

void log_at(enum log_level l, const char *fmt, ...)
{
	_cleanup_buf_ struct buf msg = { 0 }, rec = { 0 };
	int saved = errno;
	va_list ap;

	if (l > conf.max)
		return;
	va_start(ap, fmt);
	buf_vprintf(&msg, fmt, ap);
	va_end(ap);
	add_record(&rec, l, buf_str(&msg));
	/* One write: records of several processes do not mix. */
	if (!buf_error(&rec))
		(void)io_write_all(conf.fd, rec.data, rec.len);
	errno = saved;
}
