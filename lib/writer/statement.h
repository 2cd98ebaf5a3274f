/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_WRITER_STATEMENT_H
#define VSS_WRITER_STATEMENT_H

#include "wire/line.h"

#include <stddef.h>
#include <stdint.h>

/**
 * Values of statements that a writer made behind identify (vss-writer(7)), where they are more than text.  For statements
 * that the host has let pass: it has looked at all of this.
 */

/** Word `i`, a directory, in its shortest form; the caller frees it. */
char *vss_statement_dir(const struct vss_line *l, size_t i);
/** `since=SECONDS[.FRACTION]` of a differenced file, in ns since 1970; 0 when it does not stand there (B43). */
int64_t vss_statement_since(const struct vss_line *l);

#endif
