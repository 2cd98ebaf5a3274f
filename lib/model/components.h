/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_MODEL_COMPONENTS_H
#define VSS_MODEL_COMPONENTS_H

#include "base/str.h"
#include "base/uuid.h"
#include "model/grade.h"
#include "model/metadata.h"
#include "model/vocabulary.h"

/**
 * The Backup Components Document as a value (D11): what takes part in one operation and what both sides noted about it.
 * All strings are owned; NULL means absent.  The items stand in growing arrays: a pointer into one is good until the
 * next item is added to it.
 */
struct vss_bcd_component {
	enum vss_component_type type;
	char *logical_path, *name;
	bool succeeded, succeeded_known;
	char *backup_metadata, *restore_metadata; /* writer's private text */
	char *stamp, *previous_stamp;
	enum vss_code failure;
	char *failure_message;
	enum vss_grade grade;
	bool selected_for_restore;
	enum vss_file_restore_status restore_status;
};
struct vss_bcd_writer {
	struct vss_uuid writer_id, instance_id;
	char *name, *instance_name;
	uint32_t schema;
	struct vss_bcd_component *components;
	size_t ncomponents, ccomponents;
};
struct vss_bcd {
	struct vss_uuid backup_id, set_id;
	enum vss_backup_type type;
	bool component_mode, bootable, partial_files;
	char *host;
	int64_t created_ns;
	struct vss_strv paths; /* plain paths that were asked for (absolute, clean) */
	struct vss_bcd_volume {
		char *mount, *id, *fstype, *provider;
		struct vss_uuid shadow;
		enum vss_grade grade;
	} * volumes;
	size_t nvolumes, cvolumes;
	struct vss_bcd_writer *writers;
	size_t nwriters, cwriters;
};

struct vss_bcd *vss_bcd_new(void);
void vss_bcd_free(struct vss_bcd *b);
struct vss_bcd_writer *vss_bcd_find_writer(
	const struct vss_bcd *b, const struct vss_uuid *writer_id, const struct vss_uuid *instance_or_null);
/** The strings of `m` are copied; a writer instance is added once: look with find first. */
struct vss_bcd_writer *vss_bcd_add_writer(struct vss_bcd *b, const struct vss_metadata *m);
struct vss_bcd_component *vss_bcd_find_component(
	const struct vss_bcd_writer *w, const char *logical_path, const char *name);
/** VSS_E_OBJECT_ALREADY_EXISTS on a repeat (C11), VSS_INVALID past VSS_COMPONENTS_MAX. */
struct vss_bcd_component *vss_bcd_add_component(
	struct vss_bcd_writer *w, const struct vss_component *c, struct vss_err *err);
struct vss_bcd_volume *vss_bcd_add_volume(struct vss_bcd *b, const char *mount);

#define VSS_SELECT_OUT 0
#define VSS_SELECT_EXPLICIT 1 /* goes into the components document */
#define VSS_SELECT_IMPLICIT 2 /* taken with an explicit ancestor */
/**
 * Selection for backup (C9): mark which components of `m` take part when the wish of the user is `wanted[i]` for each.
 * out[i]: VSS_SELECT_OUT, _EXPLICIT or _IMPLICIT; both arrays have m->ncomponents members.  Compulsory ones are added
 * whenever anything is chosen.  A wish for a component that can never be chosen on its own fails with VSS_USAGE; `out`
 * is then undefined.
 */
int vss_select_for_backup(const struct vss_metadata *m, const bool *wanted, unsigned char *out, struct vss_err *err);
/** Is `a` an ancestor of `b`? By path elements (C6). */
bool vss_component_is_ancestor(const struct vss_component *a, const struct vss_component *b);

#endif
