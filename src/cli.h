/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command line: what a call is made of, and the commands. A command is
 * one `struct verb` in its own cmd_*.c; verbs.c lists them; parsing, help and
 * completion walk the same tables. main.c sets the process up, parses,
 * dispatches and reports the one error at the end.
 */
#ifndef TARE_SRC_CLI_H
#define TARE_SRC_CLI_H

#include "runtime/runtime.h"
#include "src/options.h"

struct cli_global {
	bool debug, systemd_cgroup, version, list_options;
	const char *log, *log_format, *root, *rootless, *criu, *cgroup_manager;
};
extern const struct opt_table cli_global_options;

struct cli_call {
	struct cli_global global;
	const struct verb *verb; /* NULL: help of the program */
	void *opts;		 /* the verb's struct, filled */
	char **args;		 /* operands, NULL-terminated */
	size_t n_args;
	bool help;

	struct rt_global rt; /* ready for those that need it */
	int status;	     /* exit status of a success */
};

enum {
	VERB_STOP = 1 << 0,   /* the first operand ends the options */
	VERB_HIDDEN = 1 << 1, /* in no help and no list */
	VERB_ALONE = 1 << 2,  /* needs no state root */
};
#define ANY_ARGS SIZE_MAX

struct verb {
	const char *name, *alias;
	const char *operands; /* for the usage line */
	const char *summary;
	const char *help;	   /* more text, or NULL */
	size_t min_args, max_args; /* of operands */
	unsigned int flags;
	struct opt_table options;
	size_t size;	 /* of the struct behind the options */
	int fail_status; /* exit status of its failures, 0: 1 */
	int (*run)(struct cli_call *c);
	/* What `--help` gives instead of the help text; NULL: help. */
	int (*run_help)(struct cli_call *c);
};

extern const struct verb *const verbs[];
extern const size_t n_verbs;

/* By name or alias, or NULL. */
const struct verb *verb_find(const char *name);

#define TABLE(array)                     \
	{                                \
		array, ARRAY_SIZE(array) \
	}

/*
 * Fills *ret from argv (argv[0] skipped). 0, or -errno with the trail set:
 * class ERR_USAGE for a usage error, -ENOENT for an unknown command. The
 * global options are filled as far as they were read even then.
 */
int cli_parse(struct arena *a, char **argv, struct cli_call *ret);

/*
 * Fewer or more operands than the verb takes: runc's text, ERR_USAGE. Not part
 * of cli_parse, since the usage error looks different.
 */
int cli_check_args(const struct cli_call *c);

/* Unknown command: runc's text, and what may have been meant. -ENOENT. */
int cli_no_topic(const char *word);

/* `main`: everything; returns the exit status. */
int cli_main(char **argv);

#endif
