/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_FRONT_WORD_FILE_H
#define VSS_FRONT_WORD_FILE_H

#include "base/err.h"
#include "base/str.h"

/**
 * Add the words of a file ("-": stdin) to *out: one a line, or, where the file has a NUL byte, each ended by one.
 * Empty ones are passed over.  Fails with VSS_ABSENT, VSS_DENIED, VSS_SYSTEM.
 */
int vss_front_word_file(const char *path, struct vss_strv *out, struct vss_err *err);

#endif
