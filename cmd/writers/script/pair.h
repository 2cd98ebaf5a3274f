/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_WRITER_SCRIPT_PAIR_H
#define VSS_WRITER_SCRIPT_PAIR_H

#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Two commands that belong together: the second undoes the first. */
struct step {
	struct vss_strv freeze, thaw; /* argument vectors; [0] is an absolute path */
	unsigned freeze_tries, thaw_tries;
	bool begun; /* its freeze was begun and its thaw has not gone well yet */
};

/** What a pair's scripts make true, in the words of vss-writer(7); the weakest first. */
enum hold { HOLD_NONE, HOLD_LOG, HOLD_FILES };

/** A line of the configuration: scripts, and the directories that they speak for. */
struct pair {
	char *name;					  /* of the component */
	char *from;					  /* where the scripts are said to be, or NULL: in the line */
	int (*load)(struct pair *p, struct vss_err *err); /* reads `from` into steps; NULL: they are there */
	struct vss_strv dirs;				  /* absolute, clean */
	struct step *steps;
	size_t nsteps, csteps;
	unsigned timeout_ms; /* for all that is run to freeze it, and as much again to thaw it */
	enum hold hold;
	bool may_go_on; /* the administrator honours what the source says about failures */
	bool goes_on;	/* and it says: go on */
	bool chosen;	/* takes part in the backup under way */
};

/** In the order of the configuration: frozen in this order, thawed in the reverse. */
struct pairs {
	struct pair *v;
	size_t n, cap;
};

void pairs_clear(struct pairs *ps);
/** A new step; what was there may move. */
struct step *pair_add_step(struct pair *p);
/** Is the script there, trusted, executable?  The path is absolute. */
int check_script(const char *path, struct vss_err *err);

/**
 * Run all freezes of the pair in order, until `deadline` (monotonic) at the latest.  `note` is called before each, with the step
 * marked as begun.  At the first that fails: -1, and what was begun stays so.
 */
int pair_freeze(
	struct pair *p, int64_t deadline, int (*note)(void *ctx, struct vss_err *err), void *ctx, struct vss_err *err);
/** Run the thaws of all steps that were begun, the last first; -1 with the first failure, after all were tried. */
int pair_thaw(struct pair *p, struct vss_err *err);
/** One command, up to `tries` times until it ends with 0. */
int run_script(const struct vss_strv *argv, unsigned tries, int64_t deadline, struct vss_err *err);

#endif
