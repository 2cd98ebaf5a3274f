/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_ARCHIVE_BUNDLE_H
#define VSS_ARCHIVE_BUNDLE_H

#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * A few small files in one: a plain tar archive, which is also read from a cabinet of Windows.  Members are whole in memory
 * and have names in ASCII without directories, each once, whatever their case.
 */
#define VSS_BUNDLE_MEMBERS_MAX 4096
#define VSS_BUNDLE_MEMBER_MAX (64u << 20) /* bytes */
#define VSS_BUNDLE_MAX (128u << 20)	  /* bytes of all members, and of the file */
#define VSS_BUNDLE_NAME_MAX 255

struct vss_bundle {
	struct vss_bundle_member {
		char *name;
		struct vss_buf data;
	} * v;
	size_t n, cap;
	size_t bytes; /* of all members */
};
#define VSS_BUNDLE_INIT                                                                                                \
	{                                                                                                              \
		NULL, 0, 0, 0                                                                                          \
	}
#define VSS_AUTOBUNDLE __attribute__((cleanup(vss_bundle_clear)))
void vss_bundle_clear(struct vss_bundle *b); /* leaves it empty and usable */

/** Takes what `data` holds.  VSS_INVALID for a name that is none, is there already, or past a limit. */
int vss_bundle_add(struct vss_bundle *b, const char *name, struct vss_buf *data, struct vss_err *err);
/** Case does not matter; NULL: there is none. */
const struct vss_buf *vss_bundle_find(const struct vss_bundle *b, const char *name);

/** The bytes of the archive, the same for the same members; `time_s` (since 1970) is when they were made. */
int vss_bundle_format(const struct vss_bundle *b, int64_t time_s, struct vss_buf *out, struct vss_err *err);
/** Write it durably as `path` (0600), in place of one that is there. */
int vss_bundle_write(const struct vss_bundle *b, int64_t time_s, const char *path, struct vss_err *err);

/** Does it begin as one of the two? */
bool vss_bundle_is(const void *data, size_t n);
/** Add the members of a tar archive or a cabinet that has nothing but plain files.  VSS_INVALID; then *b is undefined. */
int vss_bundle_parse(struct vss_bundle *b, const void *data, size_t n, struct vss_err *err);
int vss_bundle_read(struct vss_bundle *b, const char *path, struct vss_err *err);

#endif
