/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_FRONT_IMPORT_H
#define VSS_FRONT_IMPORT_H

#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>

/** Sets of another machine become sets of this one, with what is said about it. */
struct vss_front_import {
	const struct vss_strv *documents;
	const char *to;
	bool dry_run, json, quiet;
};
/** The first failure stops; when something was imported by then, it is said and the code is VSS_PARTIAL. */
int vss_front_import_shadow(const struct vss_front_import *i, struct vss_err *err);

#endif
