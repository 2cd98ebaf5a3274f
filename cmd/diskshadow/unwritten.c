/* SPDX-License-Identifier: BSD-2-Clause */
#include "verbs.h"

/* Each of these goes when its file is there. */
#define UNWRITTEN(name)                                                                                                \
	int name(struct shell *sh, const struct vss_strv *args, struct vss_err *err)                                   \
	{                                                                                                              \
		(void)sh, (void)args;                                                                                  \
		return vss_fail(err, VSS_UNSUPPORTED, 0, #name);                                                       \
	}
UNWRITTEN(verb_begin_backup)
UNWRITTEN(verb_begin_restore)
UNWRITTEN(verb_break)
UNWRITTEN(verb_break_writable)
UNWRITTEN(verb_create)
UNWRITTEN(verb_delete_all)
UNWRITTEN(verb_delete_exposed)
UNWRITTEN(verb_delete_id)
UNWRITTEN(verb_delete_oldest)
UNWRITTEN(verb_delete_set)
UNWRITTEN(verb_delete_volume)
UNWRITTEN(verb_end_backup)
UNWRITTEN(verb_end_restore)
UNWRITTEN(verb_expose)
UNWRITTEN(verb_import)
UNWRITTEN(verb_list_providers)
UNWRITTEN(verb_list_shadows_all)
UNWRITTEN(verb_list_shadows_id)
UNWRITTEN(verb_list_shadows_set)
UNWRITTEN(verb_list_writers)
UNWRITTEN(verb_load_metadata)
UNWRITTEN(verb_mask)
UNWRITTEN(verb_resync)
UNWRITTEN(verb_revert)
UNWRITTEN(verb_simulate_restore)
UNWRITTEN(verb_unexpose)
UNWRITTEN(verb_writer_exclude)
UNWRITTEN(verb_writer_verify)
