/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef DISKSHADOW_CANDIDATES_H
#define DISKSHADOW_CANDIDATES_H

#include "verbs.h"

/** What there is on this machine that an operand can name.  Asking changes nothing. */
struct shell_known {
	bool asked;			     /* for what follows: once, since each writer has to be started for it */
	struct vss_strv writers, components; /* NAME and NAME:\path\component */
};
void shell_known_clear(struct shell_known *k);
/** Each as it has to be typed (%% for a percent sign); of files those that `start` begins. */
void shell_candidates(struct shell_known *k, enum shell_operand kind, const char *start, struct vss_strv *out);

#endif
