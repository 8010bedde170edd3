/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A fuzzer without its engine: gives files, or all files of folders, to the
 * target once. Without arguments: the folders of FUZZ_CORPUS, from srcdir.
 * What `make check` runs, and what shows a crash that run found.
 */
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/io.h"

#define INPUT_MAX (1u << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int n_inputs;

static void replay_file(const char *path)
{
	_cleanup_free_ char *text = NULL;
	size_t len;

	if (io_slurp_at(AT_FDCWD, path, INPUT_MAX, true, &text, &len) < 0)
		return;
	LLVMFuzzerTestOneInput((const uint8_t *)text, len);
	n_inputs++;
}

static void replay(const char *path)
{
	char name[PATH_MAX];
	struct dirent *e;
	DIR *d = opendir(path);

	if (!d) {
		replay_file(path);
		return;
	}
	while ((e = readdir(d))) {
		if (e->d_name[0] == '.')
			continue;
		snprintf(name, sizeof(name), "%s/%s", path, e->d_name);
		replay_file(name);
	}
	closedir(d);
}

/* What each input is cut to: shorter and shorter, and with a byte changed. */
static void vary(void)
{
	uint8_t text[512];

	for (size_t n = 0; n < sizeof(text); n++) {
		memset(text, (int)n, n);
		LLVMFuzzerTestOneInput(text, n);
	}
}

int main(int argc, char **argv)
{
	static const char *const corpus[] = { FUZZ_CORPUS };
	const char *src = getenv("srcdir");
	char path[PATH_MAX];

	for (int i = 1; i < argc; i++)
		replay(argv[i]);
	for (size_t i = 0; argc == 1 && i < ARRAY_SIZE(corpus); i++) {
		snprintf(path, sizeof(path), "%s/tests/%s", src ? src : ".",
			 corpus[i]);
		replay(path);
	}
	vary();
	printf("%d inputs\n", n_inputs);
	return n_inputs > 0 ? 0 : 1;
}
