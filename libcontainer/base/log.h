/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The log: one destination, set once by the CLI. Text or JSON records as
 * engines parse them (time RFC 3339). Nothing at info level is ever written
 * in normal operation: engines read the file as one record.
 */
#ifndef TARE_BASE_LOG_H
#define TARE_BASE_LOG_H

#include <stdarg.h>

#include "base/macros.h"

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };
enum log_format { LOG_TEXT, LOG_JSON };

struct log_config {
	int fd; /* owned by the log from here on; 2 = stderr */
	enum log_format format;
	enum log_level max; /* LOG_INFO default, LOG_DEBUG with --debug */
};
void log_init(const struct log_config *c);
bool log_to_file(void); /* a --log file is in use */
void log_at(enum log_level l, const char *fmt, ...) _printf_(2, 3);
/* Exactly the bytes of one record, for tests. */
#define log_error(...) log_at(LOG_ERROR, __VA_ARGS__)
#define log_warn(...) log_at(LOG_WARN, __VA_ARGS__)
#define log_debug(...) log_at(LOG_DEBUG, __VA_ARGS__)

#endif
