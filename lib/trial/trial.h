/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_TRIAL_TRIAL_H
#define VSS_TRIAL_TRIAL_H

#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>

/**
 * A trial of somebody's writer: it is started again and again, led through the events of a backup as a coordinator does it,
 * and treated as badly as a coordinator may come to treat it by dying, stalling or being stopped.  Each check is a sentence
 * of vss-writer(7).
 *
 * Orderly lives are led by the host itself (writer/host.h); where the trial has to misbehave it speaks by itself.
 * What can be seen from outside is judged alone; whether the application is usable is for the probe to say.
 */
struct vss_trial {
	/** The program and its arguments, or one registration file (NAME.writer). */
	const struct vss_strv *writer;
	/** A command that ends with 0 when the application takes writes; empty: nothing is known about that. */
	const struct vss_strv *probe;
	const struct vss_strv *only; /* patterns of the checks that are wanted; empty: all */
	unsigned patience_ms;	     /* for everything that is to happen at all */
	unsigned window_ms;	     /* of a freeze that is left alone; 1 to 60000 */
	bool restore;		     /* the events of a restore too */
};

enum vss_trial_outcome { VSS_TRIAL_OK, VSS_TRIAL_BROKEN, VSS_TRIAL_SKIPPED, VSS_TRIAL_NOTE };
const char *vss_trial_outcome_word(enum vss_trial_outcome o); /* "ok", "not ok", "skip", "note" */

/** A check is over, or (VSS_TRIAL_NOTE) something was seen that is neither right nor wrong.  `text`: why, or NULL. */
typedef void vss_trial_report(void *ctx, const char *check, enum vss_trial_outcome outcome, const char *text);
/**
 * 0 when all checks were made, whatever came of them; -1 when none could be: the writer is refused, the probe fails before
 * anything was done, no check has such a name, interrupted.
 */
int vss_trial_run(const struct vss_trial *t, vss_trial_report *report, void *ctx, struct vss_err *err);

/** Every check, in order: its name and what it asks for. */
void vss_trial_checks(void (*take)(void *ctx, const char *name, const char *what), void *ctx);

#endif
