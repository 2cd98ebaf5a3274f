/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_ARCHIVE_MANIFEST_INTERNAL_H
#define VSS_ARCHIVE_MANIFEST_INTERNAL_H

#include "archive/digest_internal.h"
#include "archive/format_internal.h"
#include "archive/member.h"
#include "archive/spool_internal.h"
#include "base/buf.h"

/**
 * The manifest: an mtree(5) specification, one line for each member in the archive's order, itself
 * left out.  What mtree has no keyword for travels in `tags`, which every reader of mtree passes
 * over.  mtree(8) wants to know a directory before what lies in it: where the archive has it not,
 * or not yet, a line with its type alone stands in.  Private to this room.
 */
#define VSS_MANIFEST_HEAD "#mtree\n. type=dir\n"

/* Tags: what mtree has no keyword for. */
#define VSS_TAG_IN "vss-in" /* begins the tags of what is not in this archive */
#define VSS_TAG_PARTIAL "vss-partial"
#define VSS_TAG_HARDLINK "vss-hardlink"
#define VSS_TAG_SPARSE "vss-sparse-sha256"
#define VSS_TAG_XATTR "vss-xattr-sha256"
#define VSS_TAG_INODE "vss-inode"
#define VSS_TAG_CTIME "vss-ctime"
#define VSS_TAG_TORN "vss-torn" /* the last of a line; what shows in no header */

/** What the lines so far leave for the next: the path of the last one, and that of the last that is a member's.  A member's
 * lines depend on members alone: who has seen these knows them, whatever else the manifest speaks of. */
struct vss_manifest_state {
	struct vss_buf last, member;
};
void vss_manifest_state_clear(struct vss_manifest_state *s);

/**
 * Append the line of `m`, ended by a newline.  Where the member has content, its digest stands as
 * 64 hexadecimal digits at *digest_at, from m->sha256 (zeros unless m->has_digest: to be filled in
 * later); *digest_at is 0 when it has none. The same members in the same order always give the same
 * bytes.
 */
int vss_manifest_line(struct vss_manifest_state *s, struct vss_buf *out, const struct vss_member *m, size_t *digest_at,
	struct vss_err *err);
/** The content behind this line, which has its newline, was not to be had to its end. */
void vss_manifest_tear(struct vss_buf *line);
/** The line as it was before. */
void vss_manifest_mend(struct vss_buf *line);
/** Does this line speak of what is in another archive (an entry that is as it was, or a directory above one)? */
bool vss_manifest_is_elsewhere(const char *line);
/** The reverse: `line` (NUL-terminated, without its newline) is taken apart in place.  Extents are not in it, and of
 * attributes the digest only.  1; 0 when it speaks of no member; -1 VSS_CORRUPT. */
int vss_manifest_parse(char *line, struct vss_member *m, struct vss_err *err);
/** The digest of a member's attributes. */
int vss_member_xattr_digest(const struct vss_member *m, unsigned char out[VSS_DIGEST], struct vss_err *err);
/** Has this member content of its own, and so a digest? */
bool vss_member_has_content(const struct vss_member *m);
/** Begin the digest of a member's content: over the map first when it has holes. */
void vss_member_digest_start(struct vss_digest *d, const struct vss_member *m);

/**
 * Comparing a manifest with the members that came before it: lines are logged as members are seen,
 * and the stored manifest is then fed in pieces.
 */
struct vss_manifest_check;
struct vss_manifest_check *vss_manifest_check_new(struct vss_err *err);
void vss_manifest_check_free(struct vss_manifest_check *c);
int vss_manifest_check_member(struct vss_manifest_check *c, const struct vss_member *m, struct vss_err *err);
/** VSS_CORRUPT names the first member that does not match. */
int vss_manifest_check_text(struct vss_manifest_check *c, const void *p, size_t n, struct vss_err *err);
int vss_manifest_check_end(struct vss_manifest_check *c, struct vss_err *err);

#endif
