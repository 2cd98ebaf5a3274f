/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_MODEL_NAMED_H
#define VSS_MODEL_NAMED_H

#include "model/metadata.h"

#include <stdbool.h>

/**
 * WRITER[:/LOGICAL/PATH/NAME] as users write it: a writer by name, registration or ID, and one of its components.  The
 * first ':' with a '/' or '\\' behind it divides the two, so a writer's name may hold others.
 */
struct vss_named {
	char *writer;	 /* owned */
	char *component; /* full logical path; NULL: the whole writer */
};
void vss_named_parse(struct vss_named *out, const char *text);
void vss_named_clear(struct vss_named *n);

/**
 * Which components of `m` does the full path mean: the one that has it, else those below it that have no selectable
 * ancestor below it themselves (a path element need not be a component, C7).  Sets marks[i] for them and leaves the others
 * as they are; false when there is none.
 */
bool vss_named_mark(const struct vss_metadata *m, const char *component, bool *marks);

#endif
