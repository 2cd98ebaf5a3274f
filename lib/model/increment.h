/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_MODEL_INCREMENT_H
#define VSS_MODEL_INCREMENT_H

#include "model/components.h"
#include "model/metadata.h"

#include <stdint.h>

/**
 * What a backup of a type takes of one file of a component (C14, B32..B38, B42..B56, Z8): first the differenced files, then the
 * partial ones, then the mask.  A full backup or a copy has no base that holds the rest: it takes such files whole, and ranges
 * only of those that no file set in it takes.
 */
enum vss_file_take {
	VSS_FILE_OUT, /* not in this type: what the base has of it stays what a restore brings back */
	VSS_FILE_WHOLE,
	VSS_FILE_CHANGED, /* if it was modified after since_ns; 0: if it differs from the base */
	VSS_FILE_PARTS,	  /* the ranges of `partial` only */
};
struct vss_file_taken {
	enum vss_file_take take;
	const struct vss_bcd_partial *partial; /* with PARTS */
	int64_t since_ns;		       /* with CHANGED */
};
/**
 * @dir, @name  of the file, by its default path
 * @set	 the file set of the component that takes it, or NULL: only the document may speak for it (B46, B54)
 * `type` is what the backup is for this writer (vss_metadata_backup_type).
 */
struct vss_file_taken vss_file_take_of(const struct vss_bcd_component *c, const struct vss_fileset *set,
	enum vss_backup_type type, const char *dir, const char *name);
/**
 * What is wrong in a component's partial and differenced files (B42, B45, B49, B55, D15): each to `bad`, a sentence.  Returns how
 * many.  Whether new files lie on a volume of the set (B46) is not looked at. `m` is the writer's document, `c` the component in it.
 */
size_t vss_increment_check(const struct vss_metadata *m, const struct vss_component *c,
	const struct vss_bcd_component *stored, void (*bad)(void *ctx, const char *text), void *ctx);

#endif
