/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_ARCHIVE_USTAR_INTERNAL_H
#define VSS_ARCHIVE_USTAR_INTERNAL_H

#include "archive/format_internal.h"

#include <stdbool.h>
#include <sys/types.h>

/** A ustar header block (POSIX.1-1988).  Private to this room. */
struct vss_ustar {
	char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], checksum[8], type, linkname[100];
	char magic[6], version[2], uname[32], gname[32], devmajor[8], devminor[8], prefix[155], padding[12];
};
_Static_assert(sizeof(struct vss_ustar) == VSS_TAR_BLOCK, "a ustar header is one block");

#define VSS_USTAR_ID_MAX 07777777u
#define VSS_USTAR_BIG_MAX 077777777777u /* sizes and times */

/** Fields are cut down to what fits: the whole value then travels as a pax record, and that is the
 * caller's to see. */
void vss_ustar_number(char *field, size_t width, uint64_t value);
void vss_ustar_text(char *field, size_t width, const char *value);
/** Put a path into name and prefix.  false: it does not fit; then only the beginning is there. */
bool vss_ustar_path(struct vss_ustar *h, const char *path, size_t n);
void vss_ustar_seal(struct vss_ustar *h); /* magic, version, checksum: last */

/** The letter of a file's type, 0 when tar has none; and the reverse, 0 when it is none of those. */
char vss_ustar_letter(mode_t mode);
mode_t vss_ustar_type(char letter);

/** 0, or -1 when checksum or magic are wrong. */
int vss_ustar_check(const struct vss_ustar *h);
int vss_ustar_to_number(
	const char *field, size_t width, uint64_t *out);  /* octal digits, ended by NUL, blank or the width */
char *vss_ustar_to_text(const char *field, size_t width); /* the caller frees it */
char *vss_ustar_to_path(const struct vss_ustar *h);	  /* the caller frees it */

#endif
