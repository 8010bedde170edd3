/* SPDX-License-Identifier: Apache-2.0 */
/*
 * checkpoint, restore: every option of runc's is understood, and the answer is
 * one clear error. Engines ask with `checkpoint --help`, which therefore fails.
 */
#include "src/commands.h"

#include "base/err.h"

/* No value is used: options of one kind share a place. */
struct unused {
	bool flag;
	const char *text;
	struct str_list list;
	struct opt_i64 number;
};
#define FLAG(name) OPTION(struct unused, flag, 0, name, OPT_BOOL, NULL, "")
#define TEXT(letter, name) \
	OPTION(struct unused, text, letter, name, OPT_STR, "value", "")
#define COMMON                                                                \
	TEXT(0, "image-path"), TEXT(0, "work-path"), FLAG("tcp-established"), \
		FLAG("tcp-close"), FLAG("ext-unix-sk"), FLAG("shell-job"),    \
		FLAG("lazy-pages"), FLAG("file-locks"), FLAG("auto-dedup"),   \
		TEXT(0, "manage-cgroups-mode"),                               \
		OPTION(struct unused, list, 0, "empty-ns", OPT_LIST, "ns", "")

static const struct opt_def checkpoint_options[] = {
	COMMON,
	TEXT(0, "parent-path"),
	FLAG("leave-running"),
	FLAG("tcp-skip-in-flight"),
	FLAG("link-remap"),
	OPTION(struct unused, number, 0, "status-fd", OPT_INT, "n", ""),
	TEXT(0, "page-server"),
	FLAG("pre-dump"),
};

static const struct opt_def restore_options[] = {
	COMMON,
	TEXT(0, "console-socket"),
	TEXT('b', "bundle"),
	OPTION(struct unused, flag, 'd', "detach", OPT_BOOL, NULL, ""),
	TEXT(0, "pid-file"),
	FLAG("no-subreaper"),
	FLAG("no-pivot"),
	FLAG("no-new-keyring"),
	TEXT(0, "lsm-profile"),
	TEXT(0, "lsm-mount-context"),
};

static int refuse(struct cli_call *c)
{
	err_text(-ENOTSUP, "%s is not supported by this build", c->verb->name);
	err_set_class(ERR_UNSUPPORTED);
	return -ENOTSUP;
}

const struct verb verb_checkpoint = {
	.name = "checkpoint",
	.operands = "ID",
	.summary = "not supported by this build",
	.min_args = 1,
	.max_args = 1,
	.flags = VERB_HIDDEN | VERB_ALONE,
	.options = TABLE(checkpoint_options),
	.size = sizeof(struct unused),
	.run = refuse,
	.run_help = refuse,
};

const struct verb verb_restore = {
	.name = "restore",
	.operands = "ID",
	.summary = "not supported by this build",
	.min_args = 1,
	.max_args = 1,
	.flags = VERB_HIDDEN | VERB_ALONE,
	.options = TABLE(restore_options),
	.size = sizeof(struct unused),
	.run = refuse,
	.run_help = refuse,
};
