/* SPDX-License-Identifier: Apache-2.0 */
/* The words of a mount that are for its file system. */
#include <sys/mount.h>

#include "plan/build.h"
#include "security/lsm.h"

/* What a remount takes from the superblock, as words for the file system. */
static const struct {
	uint64_t flag;
	const char *word;
} cleared[] = {
	{ MS_SYNCHRONOUS, "async" },
	{ MS_MANDLOCK, "nomand" },
	{ 1u << 25, "nolazytime" }, /* MS_LAZYTIME */
};

void build_data(struct build *b, struct plan_op *op,
		const struct mount_request *rq, const char *type)
{
	const char *label = b->s->linux_->mount_label;
	const char *context = b->s->linux_->mount_context;
	char **v = arena_calloc(b->a, rq->data.n + ARRAY_SIZE(cleared) + 2,
				sizeof(*v));
	size_t n = 0;

	if (!v) {
		b->failed = true;
		return;
	}
	for (size_t i = 0; i < rq->data.n; i++)
		v[n++] = rq->data.v[i];
	for (size_t i = 0; rq->remount && i < ARRAY_SIZE(cleared); i++)
		if (rq->sb_clr & cleared[i].flag)
			v[n++] = (char *)cleared[i].word;
	if (label && *label && lsm_mount_context_applies(type)) {
		v[n] = arena_printf(b->a, "%s=%s",
				    context ? context : "context", label);
		b->failed |= !v[n++];
	}
	build_list(b, op, v, n);
}
