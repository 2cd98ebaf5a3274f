/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_MODEL_RETENTION_H
#define VSS_MODEL_RETENTION_H

#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * Which of several things of one kind, shadow copies of a volume or archives of a directory, are kept, by the times they were
 * made.  A rule for a period keeps the newest of each of the last N hours, days, weeks (ISO 8601), months or years in which there
 * is one, by local time.  What one rule keeps is kept, whatever the others say.
 */
enum vss_keep {
	VSS_KEEP_LAST,
	VSS_KEEP_HOURLY,
	VSS_KEEP_DAILY,
	VSS_KEEP_WEEKLY,
	VSS_KEEP_MONTHLY,
	VSS_KEEP_YEARLY,
	VSS_KEEP_COUNT
};

struct vss_retention {
	uint64_t n[VSS_KEEP_COUNT]; /* 0: no such rule */
	uint64_t within_s;	    /* all that was made so long before the newest, or later; 0: no such rule */
};

/** No rule at all: nothing may be deleted by it. */
bool vss_retention_is_empty(const struct vss_retention *r);
/**
 * `made` are n times in ns since 1970, the newest first; why[i] gets the rules that keep it, 0: none does.  With a rule the newest is
 * always kept.
 */
void vss_retention_apply(const struct vss_retention *r, const int64_t *made, size_t n, unsigned *why);
/** The rules of `why` as words: last, hourly, daily, weekly, monthly, yearly, within. */
void vss_retention_words(unsigned why, struct vss_strv *out);

#endif
