/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_MODEL_RESTORE_SELECT_H
#define VSS_MODEL_RESTORE_SELECT_H

#include "model/components.h"

/**
 * Selection for restore (C15..C19), by the stored documents.
 *
 * @how[i]    VSS_SELECT_OUT; _EXPLICIT: SetSelectedForRestore; _SUBCOMPONENT: AddRestoreSubcomponent under component owner[i],
 *	      which is selected, too, but of which nothing else comes back (C16); _IMPLICIT: comes with owner[i]
 * @owner[i]  index of the explicit component that stands for it: itself, the closest explicit ancestor; SIZE_MAX when out
 */
#define VSS_SELECT_SUBCOMPONENT 3

/**
 * `wanted[i]`: the user's wish for each of m->ncomponents.  VSS_USAGE names a component that was not backed up, or that cannot
 * be restored on its own.
 */
int vss_select_for_restore(const struct vss_metadata *m, const struct vss_bcd_writer *stored, const bool *wanted,
	unsigned char *how, size_t *owner, struct vss_err *err);

#endif
