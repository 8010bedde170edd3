/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Option tables. One table describes what a command takes: parsing, help and
 * `--list-options` (which the manual page and the completions are compared
 * with) walk it. The grammar is that of runc: one dash is as good as two, a
 * value follows as the next argument or after '=', letters are not bundled, a
 * repeated option overrides (lists grow), "--" ends the options. Values point
 * into argv; lists live in the arena.
 */
#ifndef TARE_SRC_OPTIONS_H
#define TARE_SRC_OPTIONS_H

#include "base/arena.h"
#include "codec/table.h"

enum opt_kind {
	OPT_BOOL,     /* bool; also --x=true, --x=false */
	OPT_TRISTATE, /* struct opt_bool: whether it was given matters */
	OPT_STR,      /* const char *; an empty value counts as not given */
	OPT_LIST,     /* struct str_list, one element each time */
	OPT_INT,      /* struct opt_i64, Go syntax (0x10, 0o7, 1_000) */
	OPT_COUNT,    /* unsigned int, the same syntax, 0..INT_MAX */
	OPT_DURATION, /* struct opt_i64, nanoseconds; "5s", "1m30s" */
};

enum {
	OPT_HIDDEN = 1 << 0, /* taken, but in no help and no list */
};

struct opt_def {
	const char *name;
	char letter; /* 0 = none */
	uint8_t kind, flags;
	uint16_t offset; /* in the command's struct */
	const char *arg; /* what help calls the value */
	const char *help;
};

#define OPTION(T, member, l, nm, k, argname, text)               \
	{                                                        \
		.name = (nm), .letter = (l), .kind = (k),        \
		.offset = offsetof(T, member), .arg = (argname), \
		.help = (text)                                   \
	}
#define HIDDEN_OPTION(T, member, l, nm, k, argname, text)                      \
	{                                                                      \
		.name = (nm), .letter = (l), .kind = (k), .flags = OPT_HIDDEN, \
		.offset = offsetof(T, member), .arg = (argname),               \
		.help = (text)                                                 \
	}

struct opt_table {
	const struct opt_def *v;
	size_t n;
};

struct opt_result {
	char **args; /* operands in order, NULL-terminated; in the arena */
	size_t n_args;
	bool help; /* -h or --help */
};

/*
 * Parses argv (NULL-terminated) into out, which the caller has zeroed. With
 * `stop` the first operand ends the options. 0, or -EINVAL with runc's text
 * and class ERR_USAGE, or -ENOMEM.
 */
int opt_parse(struct arena *a, const struct opt_table *t, bool stop,
	      char **argv, void *out, struct opt_result *ret);

#endif
