/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_FRONT_WORD_H
#define VSS_FRONT_WORD_H

#include "base/err.h"

/**
 * A component's `/path/name` as it is named in words, "\path\name": its separators are not escaped, all else is as
 * vss_out_name() has it.  The caller frees it.
 */
char *vss_front_component(const char *full);
/** The path as it is from the working directory on, clean and absolute; the caller frees it. */
char *vss_front_absolute(const char *path, struct vss_err *err);
/** VSS_USAGE for a word that names a drive of Windows (`C:`, `C:\path`), saying what to give. */
int vss_front_no_drive(const char *word, struct vss_err *err);

#endif
