/* SPDX-License-Identifier: Apache-2.0 */
#include "src/commands.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/io.h"

#define CONFIG "config.json"

struct spec_args {
	const char *bundle, *file;
	bool rootless;
};
static const struct opt_def options[] = {
	OPTION(struct spec_args, bundle, 'b', "bundle", OPT_STR, "dir",
	       "where to write it; the current directory by default"),
	OPTION(struct spec_args, file, 'f', "file", OPT_STR, "file",
	       "its name there; config.json by default"),
	OPTION(struct spec_args, rootless, 0, "rootless", OPT_BOOL, NULL,
	       "for a caller without root"),
};

/* Creates it, so that nothing is ever overwritten. */
static int write_new(const char *dir, const char *name, const struct buf *b)
{
	_cleanup_close_ int dirfd = -EBADF, fd = -EBADF;
	int r;

	dirfd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dirfd < 0)
		return err_set(-errno, "open %s", dir);
	fd = openat(dirfd, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (fd < 0 && errno == EEXIST)
		return err_text(-EEXIST, "File %s exists. Remove it first",
				name);
	if (fd < 0)
		return err_set(-errno, "create %s/%s", dir, name);
	r = io_write_all(fd, b->data, b->len);
	if (r < 0) {
		unlinkat(dirfd, name, 0);
		return err_set(r, "write %s/%s", dir, name);
	}
	return 0;
}

static bool pure_v2(bool rootless)
{
	_cleanup_arena_ struct arena a = { 0 };
	struct cg_host h;
	bool v2 = cg_host_detect(&a, rootless, &h) >= 0 && h.mode == CG_V2;

	err_clear();
	return v2;
}

static int run_spec(struct cli_call *c)
{
	_cleanup_buf_ struct buf b = { 0 };
	const struct spec_args *o = c->opts;
	int r;

	r = oci_default_spec(&b, o->rootless, pure_v2(o->rootless), geteuid(),
			     getegid());
	return r < 0 ? r
		     : write_new(o->bundle ? o->bundle : ".",
				 o->file ? o->file : CONFIG, &b);
}

const struct verb verb_spec = {
	.name = "spec",
	.operands = "",
	.summary = "write a default config.json",
	.help = "   An existing file is not replaced.\n",
	.flags = VERB_ALONE,
	.options = TABLE(options),
	.size = sizeof(struct spec_args),
	.run = run_spec,
};
