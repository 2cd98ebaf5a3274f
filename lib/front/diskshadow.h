/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_FRONT_DISKSHADOW_H
#define VSS_FRONT_DISKSHADOW_H

#include "front/select.h"
#include "model/set.h"

#include <stddef.h>

/**
 * Lists in diskshadow's shape: what scripts of its users look for, label for label, tabs and blanks too.
 */

/** What IDs are called: the aliases of a shell. */
struct vss_front_aliases {
	const char *(*of)(void *ctx, const char *value); /* the name that has this value, an ID in braces; NULL: none */
	void *ctx;
};

/** Shadow copies, and how many there are; "No shadow copies found in system." when there is none.  `aliases` may be NULL. */
void vss_front_diskshadow_shadows(const struct vss_front_found *found, const struct vss_front_aliases *aliases);
/** A set that was just made or imported: what it is asked for, and its shadow copies. */
void vss_front_diskshadow_set(const struct vss_set *set, const struct vss_front_aliases *aliases);
/** Those of this machine that are meant.  No copies are no failure; one that was named and is not there is
 * VSS_E_OBJECT_NOT_FOUND. */
int vss_front_diskshadow_list(
	const struct vss_front_wish *wish, const struct vss_front_aliases *aliases, struct vss_err *err);

void vss_front_diskshadow_providers(void);

#endif
