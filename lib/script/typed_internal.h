/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_SCRIPT_TYPED_INTERNAL_H
#define VSS_SCRIPT_TYPED_INTERNAL_H

#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>

/** A line that is being typed, up to the cursor, for completion: no terminal is known here. */
struct vss_typed {
	struct vss_strv before; /* whole words */
	char *start;		/* the word under the cursor, quotes taken away; "" */
	size_t at;		/* where in the line it begins */
};
void vss_typed_split(const char *line, size_t n, struct vss_typed *out);
void vss_typed_clear(struct vss_typed *t);

/** Leave those that could stand in place of the word and can be typed at all; sorted, each once. */
void vss_typed_choose(const struct vss_typed *t, struct vss_strv *candidates);
/**
 * What takes the word's place: the only candidate, with a blank behind unless it ends in a slash; or what several have in
 * common when that is more than is there.  NULL: nothing to add.  The caller frees it.
 */
char *vss_typed_fill(const struct vss_typed *t, const struct vss_strv *chosen);
/** How many characters of UTF-8 it has: what libedit counts in. */
size_t vss_typed_characters(const char *s);
/**
 * The candidates in columns, across, `width` wide at most; the part up to the last slash that all have is left out.  A character
 * that is two columns wide costs one of the next.
 */
void vss_typed_list(const struct vss_strv *chosen, size_t width, struct vss_buf *out);

#endif
