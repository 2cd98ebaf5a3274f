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
#define VSS_BCD_FILES_MAX                                                                                              \
	16384 /* partial files, differenced ones, directed ones of a component: each is compared with each */

struct vss_bcd_partial { /* B49: only these ranges of the file are in this backup */
	char *path, *name;
	char *ranges; /* "OFFSET:LENGTH,..." or "File=/absolute/path" (model/ranges.h) */
	char *metadata;
	char *ranges_file; /* where the ranges file lies at restore, when it was moved (R40); or NULL */
};
struct vss_bcd_differenced { /* B42: of these files what changed since then */
	char *path, *spec;
	bool recursive;
	int64_t since_ns; /* UTC; 0: since the base of this backup (B43) */
};
struct vss_bcd_directed { /* R37: ranges of the file as it was backed up, and where they go */
	char *path, *name, *ranges;
	char *to_path, *to_name, *to_ranges;
};
struct vss_bcd_moved { /* a file set that goes (new target, R34), or went (alternate location, R32), somewhere else */
	char *path, *spec;
	bool recursive;
	char *to;
};
struct vss_bcd_subcomponent { /* C16: only the listed ones of the component's set are restored */
	char *logical_path, *name;
};
struct vss_bcd_component {
	enum vss_component_type type;
	char *logical_path, *name;
	bool succeeded, succeeded_known;
	char *backup_metadata, *restore_metadata; /* writer's private text */
	char *stamp, *previous_stamp;
	char *backup_options, *restore_options; /* B57, R43: the requester's text for the writer */
	enum vss_code failure;
	char *failure_message;
	enum vss_grade grade;
	struct vss_bcd_partial *partials;
	size_t npartials, cpartials;
	struct vss_bcd_differenced *differenced;
	size_t ndifferenced, cdifferenced;
	/* restore */
	bool selected_for_restore;
	struct vss_bcd_subcomponent *subcomponents;
	size_t nsubcomponents, csubcomponents;
	bool additional_restores; /* R49: more images of the chain follow */
	bool authoritative;
	enum vss_rollforward rollforward;
	char *rollforward_point; /* with VSS_RF_PARTIAL */
	char *restore_name;
	struct vss_bcd_moved *new_targets;
	size_t nnew_targets, cnew_targets;
	enum vss_restore_target target; /* the writer's, at PreRestore */
	struct vss_bcd_directed *directed;
	size_t ndirected, cdirected;
	struct vss_bcd_moved *used_locations;
	size_t nused_locations, cused_locations;
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
	enum vss_restore_type restore_type;
	struct vss_bcd_image { /* the archives that this one builds on, the full one first; empty: it stands alone */
		struct vss_uuid backup_id;
		enum vss_backup_type type;
		char *archive; /* its file name without directory when it was used, as a hint; or NULL */
	} * chain;
	size_t nchain, cchain;
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
struct vss_bcd_image *vss_bcd_add_image(
	struct vss_bcd *b, const struct vss_uuid *id, enum vss_backup_type type, const char *archive);
/* The adders copy their strings and do not judge. */
struct vss_bcd_partial *vss_bcd_add_partial(
	struct vss_bcd_component *c, const char *path, const char *name, const char *ranges);
struct vss_bcd_differenced *vss_bcd_add_differenced(
	struct vss_bcd_component *c, const char *path, const char *spec, bool recursive, int64_t since_ns);
struct vss_bcd_subcomponent *vss_bcd_add_subcomponent(
	struct vss_bcd_component *c, const char *logical_path, const char *name);
struct vss_bcd_directed *vss_bcd_add_directed(struct vss_bcd_component *c, const struct vss_bcd_directed *from);
struct vss_bcd_moved *vss_bcd_add_new_target(
	struct vss_bcd_component *c, const char *path, const char *spec, bool recursive, const char *to);
struct vss_bcd_moved *vss_bcd_add_used_location(
	struct vss_bcd_component *c, const char *path, const char *spec, bool recursive, const char *to);
/** A restore begins with what the backup noted, and with nothing that a restore before did. */
void vss_bcd_forget_restore(struct vss_bcd *b);

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
