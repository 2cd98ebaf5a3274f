/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_TEST_WRITER_SCRIPT_H
#define VSS_TEST_WRITER_SCRIPT_H

#include "base/err.h"
#include "wire/line.h"

#include <stdbool.h>
#include <stddef.h>

/**
 * What a test writer is told to say and to do: lines of the protocol's own form (vss-test-writer(8)).
 *
 *	statement of identify, as it is | hold WORD [commits=stopped] [confirmed=yes] | log FILE | counts FILE
 *	at EVENT ACTION [WORD...] [first=N]
 */
struct script_rule {
	struct vss_line line; /* the whole line: its words 3.. are those of the action */
	const char *event, *action;
	unsigned long first; /* only the first N times; 0: always */
	size_t number;	     /* of its line: its name in the counts file */
};
struct script {
	struct vss_line *statements; /* for identify */
	size_t nstatements, cstatements;
	struct script_rule *rules;
	size_t nrules, crules;
	char *hold, *commits, *confirmed; /* or NULL */
	char *log, *counts;		  /* paths, or NULL */
};

/** `*out` is zeroed memory; on failure it is left for script_free().  VSS_INVALID names the line. */
int script_read(const char *path, struct script *out, struct vss_err *err);
void script_free(struct script *s);
/** Is it (still) the rule's turn?  Counts it when it is. */
bool script_turn(const struct script *s, const struct script_rule *r);

#endif
