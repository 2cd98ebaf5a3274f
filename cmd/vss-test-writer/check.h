/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_TEST_WRITER_CHECK_H
#define VSS_TEST_WRITER_CHECK_H

#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

/** How somebody's writer is to be checked: the options behind --check. */
struct check_options {
	bool check, list, json, restore;
	struct vss_strv only, probe;
	uint64_t patience_s, window_ms;
};
/** Check the writer of `words` (EXEC ARG..., or one NAME.writer) and print a line for each check; the status to leave with. */
int check_run(const struct check_options *o, const struct vss_strv *words);
/** Print the names of the checks. */
int check_list(const struct check_options *o);

#endif
