/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef DISKSHADOW_CANDIDATES_H
#define DISKSHADOW_CANDIDATES_H

#include "verbs.h"

/** What there is on this machine that an operand can name.  Asking changes nothing. */
struct shell_known {
	struct vss_strv writers; /* their names; asked for once, since each writer has to be started for it */
	bool asked;
};
/** Each as it has to be typed (%% for a percent sign); of files those that `start` begins. */
void shell_candidates(struct shell_known *k, enum shell_operand kind, const char *start, struct vss_strv *out);

#endif
