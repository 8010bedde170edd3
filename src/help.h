/* SPDX-License-Identifier: Apache-2.0 */
/* Texts made from the tables, appended to a buffer. Cannot fail but for memory. */
#ifndef TARE_SRC_HELP_H
#define TARE_SRC_HELP_H

#include "base/buf.h"
#include "src/cli.h"

/* Help of one command, or of the program (NULL). */
void help_text(struct buf *b, const struct verb *v);
/* "verb --option" a line, the global ones with the verb "-". */
void help_list_options(struct buf *b);
/* `--version`: name and version, commit, OCI spec, libseccomp. */
void help_version(struct buf *b);

#endif
