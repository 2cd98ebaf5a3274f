/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_COPIES_MISSING_INTERNAL_H
#define VSS_COPIES_MISSING_INTERNAL_H

#include "copies/copies_internal.h"

/** Fill in `missing` of every copy in `sets`.  What cannot be seen now is not missing. */
void copies_find_missing(struct vss_set_list *sets, const struct copies_places *places);
/** Is something of the copy in a storage of its provider still, be it only the directory that it was in? */
bool copies_has_entry(const struct copies_places *places, const struct vss_shadow *s);

#endif
