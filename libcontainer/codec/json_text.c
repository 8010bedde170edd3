/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/json_text.h"

#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "codec/json.h"

size_t utf8_len(const char *s, size_t n)
{
	const unsigned char *p = (const unsigned char *)s;
	unsigned char low = 0x80, high = 0xbf;
	size_t len, i;

	if (p[0] < 0x80)
		return 1;
	if (p[0] < 0xc2 || p[0] > 0xf4)
		return 0;
	len = p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	if (n < len)
		return 0;
	/* No overlong form, no surrogate, nothing beyond U+10FFFF. */
	if (p[0] == 0xe0)
		low = 0xa0;
	else if (p[0] == 0xed)
		high = 0x9f;
	else if (p[0] == 0xf0)
		low = 0x90;
	else if (p[0] == 0xf4)
		high = 0x8f;
	if (p[1] < low || p[1] > high)
		return 0;
	for (i = 2; i < len; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	return len;
}

/* The first byte that is no UTF-8, or NULL. */
static const char *utf8_bad(const char *p, size_t n)
{
	const char *end = p + n;
	uint64_t word;
	size_t len;

	while (p < end) {
		if ((size_t)(end - p) >= sizeof(word)) {
			memcpy(&word, p, sizeof(word));
			if (!(word & 0x8080808080808080u)) {
				p += sizeof(word);
				continue;
			}
		}
		len = utf8_len(p, (size_t)(end - p));
		if (len == 0)
			return p;
		p += len;
	}
	return NULL;
}

bool utf8_valid(const char *s, size_t n)
{
	return !utf8_bad(s, n);
}

/* The code unit of the escape at p, or -1 when there is none. */
static long unicode_escape(const char *p, const char *end)
{
	long v = 0;
	int i;

	if (end - p < 6 || p[0] != '\\' || p[1] != 'u')
		return -1;
	for (i = 2; i < 6; i++) {
		int c = p[i] | 0x20;

		if (p[i] >= '0' && p[i] <= '9')
			v = v * 16 + (p[i] - '0');
		else if (c >= 'a' && c <= 'f')
			v = v * 16 + (c - 'a' + 10);
		else
			return -1;
	}
	return v;
}

const char *json_text_check(const char *text, size_t len, const char **ret_at)
{
	const char *end = text + len, *p = text;
	long unit, next;

	*ret_at = utf8_bad(text, len);
	if (*ret_at)
		return "invalid UTF-8";
	while (p < end && (p = memchr(p, '\\', (size_t)(end - p)))) {
		unit = unicode_escape(p, end);
		if (unit < 0xd800 || unit > 0xdfff) {
			p += 2; /* also over the second of two backslashes */
			continue;
		}
		next = unicode_escape(p + 6, end);
		if (unit > 0xdbff || next < 0xdc00 || next > 0xdfff) {
			*ret_at = p;
			return "half a surrogate pair";
		}
		p += 12;
	}
	return NULL;
}

unsigned int json_line_at(const char *text, const char *at)
{
	unsigned int line = 1;

	while (text < at && (text = memchr(text, '\n', (size_t)(at - text)))) {
		line++;
		text++;
	}
	return line;
}

/* How many bytes at s need no escape. */
static size_t plain_run(const char *s, const char *end, bool html)
{
	const char *p = s;
	size_t len;

	for (; p < end; p += len) {
		unsigned char c = (unsigned char)*p;

		len = utf8_len(p, (size_t)(end - p));
		if (len == 0 || c < 0x20 || c == '"' || c == '\\')
			break;
		if (html && (c == '<' || c == '>' || c == '&'))
			break;
		/* U+2028 and U+2029 end a line in JavaScript. */
		if (html && len == 3 &&
		    (memcmp(p, "\xe2\x80\xa8", 3) == 0 ||
		     memcmp(p, "\xe2\x80\xa9", 3) == 0))
			break;
	}
	return (size_t)(p - s);
}

/* Writes the one character at s as an escape; returns its length. */
static size_t add_escape(struct buf *b, const char *s, const char *end)
{
	static const char named[] = "\"\"\\\\\bb\ff\nn\rr\tt";
	size_t len = utf8_len(s, (size_t)(end - s));
	const char *name;

	if (len == 0) {
		buf_puts(b, "\\ufffd");
		return 1;
	}
	if (len > 1) {
		buf_printf(b, "\\u202%c", s[2] & 1 ? '9' : '8');
		return len;
	}
	name = memchr(named, *s, sizeof(named) - 1);
	if (name)
		buf_printf(b, "\\%c", name[1]);
	else
		buf_printf(b, "\\u%04x", (unsigned int)*s);
	return 1;
}

void json_quote(struct buf *b, const char *s, bool html)
{
	const char *end = s + strlen(s);
	size_t n;

	buf_putc(b, '"');
	while (s < end) {
		n = plain_run(s, end, html);
		buf_add(b, s, n);
		s += n;
		if (s < end)
			s += add_escape(b, s, end);
	}
	buf_putc(b, '"');
}
