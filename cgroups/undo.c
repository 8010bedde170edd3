/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Taking an update back: what a file held before it was written. An update
 * that fails half way must not leave a container with half of it.
 */
#include <string.h>

#include "base/io.h"
#include "cgroups/group.h"

void cg_undo_note(struct cg_undo *u, int dirfd, const char *file)
{
	char text[1024];
	ssize_t n = io_read_at(dirfd, file, text, sizeof(text));
	struct cg_old *o;

	/* Files with a line for each device cannot be written back whole. */
	if (n <= 1 || strchr(text, '\n') != text + n - 1)
		return;
	if (u->n == CG_UNDO_MAX)
		return;
	o = &u->v[u->n];
	o->dirfd = dirfd;
	o->file = arena_strdup(u->arena, file);
	o->value = arena_strndup(u->arena, text, (size_t)n - 1);
	if (o->file && o->value)
		u->n++;
}

void cg_undo(const struct cg_undo *u)
{
	/* Twice: limits that depend on each other may refuse the first time. */
	for (int round = 0; round < 2; round++)
		for (size_t i = u->n; i-- > 0;)
			(void)io_write_str_at(u->v[i].dirfd, u->v[i].file,
					      u->v[i].value);
}
