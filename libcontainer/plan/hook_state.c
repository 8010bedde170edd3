/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/json.h"
#include "plan/hook_state.h"
#include "spec/spec.h"

static void head(struct buf *b, const struct hook_state *s, const char *status)
{
	buf_puts(b, "{\"ociVersion\":\"" OCI_VERSION "\",\"id\":");
	json_quote(b, s->id, true);
	buf_puts(b, ",\"status\":");
	json_quote(b, status, true);
}

static void tail(struct buf *b, const struct hook_state *s)
{
	buf_puts(b, ",\"bundle\":");
	json_quote(b, s->bundle, true);
	if (s->annotations && s->annotations->n > 0) {
		buf_puts(b, ",\"annotations\":{");
		for (size_t i = 0; i < s->annotations->n; i++) {
			if (i > 0)
				buf_putc(b, ',');
			json_quote(b, s->annotations->v[i].key, true);
			buf_putc(b, ':');
			json_quote(b, s->annotations->v[i].value, true);
		}
		buf_putc(b, '}');
	}
	buf_putc(b, '}');
}

int hook_state_json(struct buf *b, const struct hook_state *s,
		    const char *status, int pid)
{
	head(b, s, status);
	if (pid > 0)
		buf_printf(b, ",\"pid\":%d", pid);
	tail(b, s);
	return buf_error(b);
}

int hook_state_split(struct buf *before, struct buf *after,
		     const struct hook_state *s, const char *status)
{
	head(before, s, status);
	buf_puts(before, ",\"pid\":");
	tail(after, s);
	return buf_error(before) < 0 ? buf_error(before) : buf_error(after);
}
