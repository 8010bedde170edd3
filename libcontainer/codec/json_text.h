/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON as bytes, private to the codec: is the text well-formed UTF-8, where
 * does a member stand. Pure; owns nothing.
 */
#ifndef TARE_CODEC_JSON_TEXT_H
#define TARE_CODEC_JSON_TEXT_H

#include "base/macros.h"

/* Length 1..4 of the UTF-8 sequence at p (n > 0 bytes left), 0 when bad. */
size_t utf8_len(const char *p, size_t n);
bool utf8_valid(const char *s, size_t n);

/*
 * Checks what the parser behind lets pass: overlong and surrogate UTF-8, and
 * \uD800 escapes without their other half. Returns NULL, or what is wrong
 * with *ret_at pointing to it.
 */
const char *json_text_check(const char *text, size_t len, const char **ret_at);

/* Line number, from 1, of a place in the text. */
unsigned int json_line_at(const char *text, const char *at);

#endif
