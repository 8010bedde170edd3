/* SPDX-License-Identifier: Apache-2.0 */
/* The pure part of path.h: text only. */
#include "base/path.h"

#include <string.h>

/* Moves text to its next name; the name's length, 0 at the end. */
static size_t next_name(const char **text)
{
	*text += strspn(*text, "/");
	return strcspn(*text, "/");
}

static bool is_dotdot(const char *p, size_t n)
{
	return n == 2 && p[0] == '.' && p[1] == '.';
}

/* Length of dst after its last name is gone; base is the root's length. */
static size_t drop_name(const char *dst, size_t len, size_t base)
{
	while (len > base && dst[len - 1] != '/')
		len--;
	return len > base ? len - 1 : len;
}

int path_clean(const char *src, char *dst, size_t size)
{
	const size_t base = src[0] == '/';
	size_t len = base, ups = base; /* below ups only ".." stand */
	size_t n;

	if (size < 2)
		return -ENAMETOOLONG;
	if (base)
		dst[0] = '/';
	while ((n = next_name(&src)) > 0) {
		const char *name = src;
		const bool up = is_dotdot(src, n);

		src += n;
		if (n == 1 && name[0] == '.')
			continue;
		if (up && len > ups) {
			len = drop_name(dst, len, ups);
			continue;
		}
		if (up && base)
			continue;
		if (len + (len > base) + n + 1 > size)
			return -ENAMETOOLONG;
		if (len > base)
			dst[len++] = '/';
		memmove(dst + len, name, n);
		len += n;
		if (up)
			ups = len;
	}
	if (len == 0)
		dst[len++] = '.';
	dst[len] = '\0';
	return 0;
}

bool path_below(const char *path, const char *dir)
{
	size_t n = strlen(dir);

	if (n == 1 && dir[0] == '/')
		return path[0] == '/';
	return strncmp(path, dir, n) == 0 && (path[n] == '/' || path[n] == '\0');
}

bool path_has_dotdot(const char *path)
{
	size_t n;

	while ((n = next_name(&path)) > 0) {
		if (is_dotdot(path, n))
			return true;
		path += n;
	}
	return false;
}
