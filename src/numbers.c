/* SPDX-License-Identifier: Apache-2.0 */
#include "src/numbers.h"

#include <strings.h>

#include "base/str.h"

#define SIGNAL_MAX 64

static const char *const signal_names[] = {
	[1] = "HUP",   [2] = "INT",	[3] = "QUIT",  [4] = "ILL",
	[5] = "TRAP",  [6] = "ABRT",	[7] = "BUS",   [8] = "FPE",
	[9] = "KILL",  [10] = "USR1",	[11] = "SEGV", [12] = "USR2",
	[13] = "PIPE", [14] = "ALRM",	[15] = "TERM", [16] = "STKFLT",
	[17] = "CHLD", [18] = "CONT",	[19] = "STOP", [20] = "TSTP",
	[21] = "TTIN", [22] = "TTOU",	[23] = "URG",  [24] = "XCPU",
	[25] = "XFSZ", [26] = "VTALRM", [27] = "PROF", [28] = "WINCH",
	[29] = "IO",   [30] = "PWR",	[31] = "SYS",
};

static const struct {
	const char *name;
	int64_t ns;
} units[] = {
	{ "ns", 1 },	       { "us", 1000 },
	{ "\xc2\xb5s", 1000 }, /* micro sign */
	{ "\xce\xbcs", 1000 }, /* Greek letter mu */
	{ "ms", 1000000 },     { "s", 1000000000 },
	{ "m", 60000000000 },  { "h", 3600000000000 },
};

int parse_bool(const char *s, bool *ret)
{
	static const char *const words[2][6] = {
		{ "0", "f", "F", "false", "False", "FALSE" },
		{ "1", "t", "T", "true", "True", "TRUE" },
	};

	for (size_t i = 0; i < 2; i++)
		for (size_t j = 0; j < ARRAY_SIZE(words[i]); j++)
			if (streq(s, words[i][j])) {
				*ret = i;
				return 0;
			}
	return -EINVAL;
}

/* The unit at *s, which is moved behind it: nanoseconds, or -EINVAL. */
static int64_t take_unit(const char **s)
{
	size_t len = strcspn(*s, ".0123456789");

	for (size_t i = 0; i < ARRAY_SIZE(units); i++)
		if (strlen(units[i].name) == len &&
		    !memcmp(units[i].name, *s, len)) {
			*s += len;
			return units[i].ns;
		}
	return -EINVAL;
}

/* One "NUMBER[.FRACTION]UNIT", added to *sum. */
static int take_part(const char **s, int64_t *sum)
{
	const char *p = *s, *frac;
	int64_t whole = 0, unit, v, scale;
	bool over = false, any = false;

	for (; *p >= '0' && *p <= '9'; p++, any = true)
		over |= __builtin_mul_overflow(whole, 10, &whole) ||
			__builtin_add_overflow(whole, *p - '0', &whole);
	frac = *p == '.' ? ++p : NULL;
	for (; frac && *p >= '0' && *p <= '9'; p++)
		any = true;
	if (!any)
		return -EINVAL;
	unit = take_unit(&p);
	if (unit < 0)
		return -EINVAL;
	over |= __builtin_mul_overflow(whole, unit, &v);
	for (scale = unit / 10; frac && *frac >= '0' && *frac <= '9' && scale;
	     frac++, scale /= 10)
		over |= __builtin_add_overflow(v, (*frac - '0') * scale, &v);
	*s = p;
	return over || __builtin_add_overflow(*sum, v, sum) ? -ERANGE : 0;
}

int parse_duration(const char *s, int64_t *ret)
{
	bool negative = *s == '-';
	int64_t sum = 0;
	int r = 0;

	if (negative || *s == '+')
		s++;
	if (*s == '\0')
		return -EINVAL;
	if (!streq(s, "0"))
		while (*s && r == 0)
			r = take_part(&s, &sum);
	if (r == 0)
		*ret = negative ? -sum : sum;
	return r;
}

int parse_signal(const char *s, int *ret)
{
	uint32_t n;

	if (str_u32(s, &n) == 0) {
		if (n > SIGNAL_MAX)
			return -ERANGE;
		*ret = (int)n;
		return 0;
	}
	if (strncasecmp(s, "SIG", 3) == 0)
		s += 3;
	for (size_t i = 1; i < ARRAY_SIZE(signal_names); i++)
		if (strcasecmp(s, signal_names[i]) == 0) {
			*ret = (int)i;
			return 0;
		}
	return -EINVAL;
}
