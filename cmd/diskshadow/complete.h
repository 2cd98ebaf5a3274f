/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef DISKSHADOW_COMPLETE_H
#define DISKSHADOW_COMPLETE_H

#include "candidates.h"

/**
 * What can stand where the cursor is, from the table of verbs: its names word by word, then what its operands are.  Nothing is
 * changed and nothing said by asking.
 */
struct shell_completion {
	const struct shell *sh;
	struct shell_known known;
};
/** For vss_edit_options, with a struct shell_completion. */
void shell_complete(void *ctx, const struct vss_strv *before, const char *start, struct vss_strv *out);

#endif
