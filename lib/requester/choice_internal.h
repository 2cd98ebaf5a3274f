/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_REQUESTER_CHOICE_INTERNAL_H
#define VSS_REQUESTER_CHOICE_INTERNAL_H

#include "requester/choice.h"

/**
 * What the files of the choice share.
 *
 *	choice.c	 what is chosen; plain paths and patterns
 *	choice_asks.c	 the answer for one entry: file sets, and all the rest of it
 *	choice_spared.c	 what writers that own nothing leave out	choice_listed.c	 what the administrator lists, what marks itself
 *	choice_missing.c what failed, and what was not there
 */

/** The plain path that is exactly the first `n` bytes of `path`, or NULL. */
const struct vss_choice_path *vss_choice_named(const struct vss_choice *c, const char *path, size_t n);
bool vss_choice_is_never(const struct vss_choice *c, const char *path);
bool vss_choice_writer_excludes(const struct vss_choice *c, const char *dir, const char *name);
/** Do plain paths take the entry that a walk has come to? */
bool vss_choice_plain_takes(const struct vss_choice *c, const char *path, struct vss_choice_place at);
/** Does a plain path lie below this directory? */
bool vss_choice_leads_to_plain(const struct vss_choice *c, const char *dir);

#endif
