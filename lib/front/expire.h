/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_FRONT_EXPIRE_H
#define VSS_FRONT_EXPIRE_H

#include "cli/opt.h"
#include "front/select.h"
#include "model/retention.h"

/**
 * Retention of shadow copies: the options, and what they leave of what was found.
 */
struct vss_front_keep { /* VSS_FRONT_KEEP_UNSET: not said */
	uint64_t last, hourly, daily, weekly, monthly, yearly, within;
};
#define VSS_FRONT_KEEP_UNSET UINT64_MAX
/* clang-format off */
#define VSS_FRONT_KEEP_NONE \
	{ VSS_FRONT_KEEP_UNSET, VSS_FRONT_KEEP_UNSET, VSS_FRONT_KEEP_UNSET, VSS_FRONT_KEEP_UNSET, \
	  VSS_FRONT_KEEP_UNSET, VSS_FRONT_KEEP_UNSET, VSS_FRONT_KEEP_UNSET }
#define VSS_FRONT_KEEP_OPTIONS(k) \
	VSS_NUM(0, "keep-last", "N", &(k).last, "keep the newest N, and delete the others"), \
	VSS_NUM(0, "keep-hourly", "N", &(k).hourly, "keep the newest of each of the last N hours that have one"), \
	VSS_NUM(0, "keep-daily", "N", &(k).daily, "the same for days"), \
	VSS_NUM(0, "keep-weekly", "N", &(k).weekly, "for weeks"), \
	VSS_NUM(0, "keep-monthly", "N", &(k).monthly, "for months"), \
	VSS_NUM(0, "keep-yearly", "N", &(k).yearly, "for years"), \
	VSS_SPAN(0, "keep-within", "SPAN", &(k).within, "keep what was made within it before the newest")
/* clang-format on */

/** 1: rules were said, 0: none, -1 (VSS_USAGE): one that would keep nothing. */
int vss_front_keep_rules(const struct vss_front_keep *k, struct vss_retention *out, struct vss_err *err);

/** Copies that stay, and why: `why` for each of `found`. */
struct vss_front_kept {
	struct vss_front_found found;
	unsigned *why;
};
void vss_front_kept_free(struct vss_front_kept *k);
/**
 * Apply the rules to each volume's copies by themselves: `found` has what is to be deleted afterwards, *kept what a rule keeps.
 * Only copies with this tag (NULL: with none) are looked at; those that are held or exposed are neither deleted nor counted.
 */
void vss_front_expire(
	const struct vss_retention *rules, const char *tag, struct vss_front_found *found, struct vss_front_kept *kept);

#endif
