/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_ARCHIVE_CHECKSUM_H
#define VSS_ARCHIVE_CHECKSUM_H

#include "base/err.h"

#define VSS_CHECKSUM_TEXT 65 /* 64 hexadecimal digits and NUL */

/** SHA-256 of a whole file, as sha256sum(1) prints it; the offset of `fd` is not used.  Ended by an interruption. */
int vss_checksum_file(int fd, char out[VSS_CHECKSUM_TEXT], struct vss_err *err);

#endif
