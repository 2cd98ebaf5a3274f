/* SPDX-License-Identifier: BSD-2-Clause */
#include "verbs.h"

/* Each of these goes when its file is there. */
#define UNWRITTEN(name)                                                                                                \
	int name(struct shell *sh, const struct vss_strv *args, struct vss_err *err)                                   \
	{                                                                                                              \
		(void)sh, (void)args;                                                                                  \
		return vss_fail(err, VSS_UNSUPPORTED, 0, #name);                                                       \
	}
UNWRITTEN(verb_begin_restore)
UNWRITTEN(verb_end_restore)
UNWRITTEN(verb_import)
UNWRITTEN(verb_load_metadata)
UNWRITTEN(verb_simulate_restore)
