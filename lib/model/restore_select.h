/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_MODEL_RESTORE_SELECT_H
#define VSS_MODEL_RESTORE_SELECT_H

#include "model/components.h"

/**
 * Selection for restore (C15..C19), by the stored documents.
 *
 * @how[i]    VSS_SELECT_OUT: nothing of it comes back; _EXPLICIT: SetSelectedForRestore; _SUBCOMPONENT: SetSelectedForRestore of
 *	      component owner[i], then AddRestoreSubcomponent of it below that; _IMPLICIT: comes with what was selected above it
 * @owner[i]  index of the component of the components document that stands for it: itself, or the closest ancestor that was
 *	      included explicitly; SIZE_MAX when out
 *
 * An owner of which only subcomponents come back is itself VSS_SELECT_OUT: none of its own files do (C16).
 */
#define VSS_SELECT_SUBCOMPONENT 3

/**
 * `wanted[i]`: the user's wish for each of m->ncomponents.  VSS_USAGE names a component that was not backed up, or that cannot
 * be restored on its own; `how` and `owner` are then undefined.
 */
int vss_select_for_restore(const struct vss_metadata *m, const struct vss_bcd_writer *stored, const bool *wanted,
	unsigned char *how, size_t *owner, struct vss_err *err);
/** Which component has to be wished for to get component `i` back: itself, or the closest that brings it; SIZE_MAX when it was
 * not backed up. */
size_t vss_restorable_with(const struct vss_metadata *m, const struct vss_bcd_writer *stored, size_t i);

#endif
