/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A list of sentences that grows in an arena. Out of memory is sticky and told
 * by sentences_give(). Pure.
 */
#ifndef TARE_PLAN_SENTENCES_H
#define TARE_PLAN_SENTENCES_H

#include "base/arena.h"
#include "codec/table.h"

struct sentences {
	struct arena *a;
	struct str_list list;
	size_t cap;
	bool failed;
};

void sentence(struct sentences *s, const char *fmt, ...) _printf_(2, 3);
/* One line of text, whatever the configuration has in it; never NULL. */
const char *sentence_quote(struct sentences *s, const char *text);
/* 0 or -ENOMEM. */
int sentences_give(const struct sentences *s, struct str_list *ret);

#endif
