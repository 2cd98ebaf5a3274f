/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_FRONT_IMPORT_H
#define VSS_FRONT_IMPORT_H

#include "base/err.h"
#include "base/str.h"
#include "requester/metadata.h"

#include <stdbool.h>

/** Sets of another machine become sets of this one, with what is said about it. */
struct vss_front_import {
	const struct vss_strv *documents;
	const char *to;
	bool dry_run, json, quiet;
};
/** The first failure stops; when something was imported by then, it is said and the code is VSS_PARTIAL. */
int vss_front_import_shadow(const struct vss_front_import *i, struct vss_err *err);
/**
 * The set that a metadata file describes, by what was written beside that file; `to`: where its copies are kept, NULL: in the
 * directory of the file.  VSS_INVALID when it is not transportable.  The caller frees *out.
 */
int vss_front_import_metadata(
	const struct vss_metadata_file *f, const char *to, struct vss_set **out, struct vss_err *err);

#endif
