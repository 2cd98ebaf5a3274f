/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_TEST_PROVIDER_SCRIPT_H
#define VSS_TEST_PROVIDER_SCRIPT_H

#include "base/err.h"
#include "base/str.h"
#include "wire/line.h"

#include <stdbool.h>
#include <stddef.h>

/**
 * What a test provider is told to be and to do: lines of the protocol's own form (vss-test-provider(8)).
 *
 *	keep DIR | volume MOUNT | bid N | can KEY=VALUE... | instant WORD | log FILE | device PATH
 *	at EVENT ACTION [WORD...] [when=before|after] [unless=FILE]
 */
struct script_rule {
	struct vss_line line; /* the whole line: its words 3.. are those of the action */
	const char *event, *action, *unless;
	bool after; /* the work was done; else before it */
};
struct script {
	char *keep, *bid, *instant, *log, *device; /* or NULL */
	struct vss_strv volumes;		   /* none: all */
	struct vss_line can;
	struct script_rule *rules;
	size_t nrules, crules;
};

/** `*out` is zeroed memory; on failure it is left for script_free().  VSS_INVALID names the line. */
int script_read(const char *path, struct script *out, struct vss_err *err);
void script_free(struct script *s);

#endif
