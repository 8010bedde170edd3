/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON text <-> structs, driven by field tables, over yajl's event parser and
 * generator. Parsing reports every fault at once, with JSON path and line;
 * unknown keys are skipped (as OCI config.md "Extensibility" demands) and
 * counted. Caps: 16 MiB a text, 1 MiB a string, depth 64, 65536 elements an
 * array, 4096 members a map. Keys match exactly, else case-insensitively; a
 * duplicate key is a fault; integers are exact (no fraction, no exponent, no
 * wrap); text is strict UTF-8 and no string holds a NUL. Trailing text after
 * the first value is a fault. `null` means absent.
 */
#ifndef TARE_CODEC_JSON_H
#define TARE_CODEC_JSON_H

#include "base/arena.h"
#include "base/buf.h"
#include "codec/table.h"

struct fault {
	char *path; /* "process.user.uid", "mounts[3].type"; "" = document */
	unsigned int line; /* 1-based; 0 = not known */
	char *text; /* "expected an unsigned 32-bit integer, got a string" */
};

/* All faults found; lives in the arena given to faults_init. */
struct faults {
	struct arena *arena;
	struct fault *v;
	size_t n, cap; /* at most 64 are kept, the rest counted */
	size_t dropped;
	size_t unknown_keys;
};

void faults_init(struct faults *f, struct arena *a);
void faults_add(struct faults *f, unsigned int line, const char *path,
		const char *fmt, ...) _printf_(4, 5);
/*
 * Sets the error trail from the faults: "FILE:LINE: PATH: TEXT; ..." (all of
 * them, ERR_CONFIG). Returns -EINVAL, or 0 when there are none.
 */
int faults_report(const struct faults *f, const char *file);

/*
 * Parses text into *out (rec->size bytes, zeroed by the callee). Returns 0 when
 * it could be walked to the end (faults may have been added), -EINVAL when the
 * text is no JSON object (a fault was added), -ENOMEM.
 */
int json_parse(struct arena *a, const char *text, size_t len,
	       const struct record *rec, void *out, struct faults *f);

/*
 * Line of a JSON path in the text, for faults found later by checks: 0 when
 * not found. Walks the text again: only for error reports.
 */
unsigned int json_line_of(const char *text, size_t len, const char *path);

/* Writer flags. */
enum {
	JSON_COMPACT = 0,
	JSON_INDENT2 = 2,
	JSON_INDENT4 = 4,
	JSON_TAB = 8,
	JSON_HTML_ESCAPE = 16, /* < > & as \u003c ..., as Go does */
};

/* Appends the object as JSON; no final newline. 0 or -ENOMEM. */
int json_write(struct buf *b, const struct record *rec, const void *obj,
	       unsigned int flags);
/* Appends a quoted JSON string. */
void json_quote(struct buf *b, const char *s, bool html);

#endif
