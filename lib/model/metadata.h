/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_MODEL_METADATA_H
#define VSS_MODEL_METADATA_H

#include "base/str.h"
#include "base/uuid.h"
#include "model/vocabulary.h"

#include <stddef.h>

/**
 * What a writer says about itself at identify: the Writer Metadata Document as a value (D4, D7).  Fixed once made.
 * All strings are owned; NULL means absent.  Logical paths use '/' or '\\' between elements as given; compare with
 * model/logical.h. The items stand in growing arrays: a pointer into one is good until the next item is added to it.
 */
#define VSS_COMPONENTS_MAX 16384 /* of one writer: every pair of them is compared */

struct vss_fileset {
	char *path; /* absolute directory */
	char *spec; /* "*", "*.db" ... names only (C30) */
	bool recursive;
	char *alternate; /* alternate path, or NULL (C36) */
	uint32_t mask;	 /* filespecBackupType, default VSS_FSBT_DEFAULT */
	enum vss_fileset_kind { VSS_FILES, VSS_DATABASE_FILES, VSS_DATABASE_LOGS } kind;
};
struct vss_dependency {
	struct vss_uuid writer;
	char *logical_path, *name;
};
struct vss_component {
	enum vss_component_type type;
	char *logical_path; /* NULL or "" at the root */
	char *name;
	char *caption;
	bool restore_metadata, notify, selectable, selectable_for_restore;
	uint32_t flags; /* VSS_CF_* */
	struct vss_fileset *files;
	size_t nfiles, cfiles;
	struct vss_dependency *deps;
	size_t ndeps, cdeps;
};
struct vss_alternate_location {
	struct vss_fileset from;
	char *to;
};
struct vss_metadata {
	struct vss_uuid writer_id, instance_id;
	char *name, *instance_name, *version;
	enum vss_usage usage;
	enum vss_source source;
	enum vss_restore_method method;
	char *service;
	enum vss_writer_restore writer_restore;
	bool reboot;
	uint32_t schema; /* VSS_BS_* */
	struct vss_component *components;
	size_t ncomponents, ccomponents;
	struct vss_fileset *excludes, *snapshot_excludes;
	size_t nexcludes, cexcludes, nsnapshot_excludes, csnapshot_excludes;
	struct vss_alternate_location *locations;
	size_t nlocations, clocations;
};

struct vss_metadata *vss_metadata_new(void);
void vss_metadata_free(struct vss_metadata *m);
/** The component with this identity (paths compared by element, C4), or NULL. */
struct vss_component *vss_metadata_find(const struct vss_metadata *m, const char *logical_path, const char *name);
/** Add one; VSS_E_OBJECT_ALREADY_EXISTS when the identity is taken (C5), VSS_INVALID past VSS_COMPONENTS_MAX. The
 * strings are copied. */
struct vss_component *vss_metadata_add_component(struct vss_metadata *m, enum vss_component_type type,
	const char *logical_path, const char *name, struct vss_err *err);
/** The adders below copy their strings; the new file set has the mask VSS_FSBT_DEFAULT and no alternate path. They do
 * not judge: see check. */
struct vss_fileset *vss_component_add_files(
	struct vss_component *c, enum vss_fileset_kind kind, const char *path, const char *spec, bool recursive);
void vss_component_add_dependency(
	struct vss_component *c, const struct vss_uuid *writer, const char *logical_path, const char *name);
struct vss_fileset *vss_metadata_add_exclude(
	struct vss_metadata *m, const char *path, const char *spec, bool recursive);
struct vss_fileset *vss_metadata_add_snapshot_exclude(
	struct vss_metadata *m, const char *path, const char *spec, bool recursive);
struct vss_alternate_location *vss_metadata_add_location(
	struct vss_metadata *m, const char *path, const char *spec, bool recursive, const char *to);
/**
 * Rules that a writer's document must keep: ID, name, usage, source, restore method and participation (D5), a service
 * for the methods that stop one, at least one component or an exclude (W5, I5), schema bits that go together (B29),
 * names and paths in shape (C29, C30, D7: no separator in a component's name), no recursion in databases (C2), no
 * dependency on itself (C42), alternate locations for whole file sets of components (D15).  VSS_INVALID; the message names the
 * first breach.
 */
int vss_metadata_check(const struct vss_metadata *m, struct vss_err *err);
/** File sets of one writer that could take the same file (C35), each pair to `found`, a sentence; returns how many.  That is
 * a fault of the writer, but files are archived once all the same. */
size_t vss_metadata_overlaps(const struct vss_metadata *m, void (*found)(void *ctx, const char *text), void *ctx);

/** Does the file set take the file `name` in directory `dir` (clean, absolute)?  C29..C31; `*.*` means all. */
bool vss_fileset_matches(const struct vss_fileset *f, const char *dir, const char *name);
/** Could anything below or at `dir` match? (for pruning a walk) */
bool vss_fileset_may_match_below(const struct vss_fileset *f, const char *dir);
/** The same path, specification and recursion (D15)? */
bool vss_fileset_same(const struct vss_fileset *a, const struct vss_fileset *b);
/** Could one file be taken by both (C35)?  When in doubt, yes. */
bool vss_fileset_overlaps(const struct vss_fileset *a, const struct vss_fileset *b);

/** Is the file set taken in a backup of this type (B34), and from the shadow copy (B35)? */
bool vss_fileset_is_in_backup(const struct vss_fileset *f, enum vss_backup_type t);
bool vss_fileset_needs_snapshot(const struct vss_fileset *f, enum vss_backup_type t);
/** What a backup of this type is for the writer: one that cannot do it is backed up in full (B31, Q8). */
enum vss_backup_type vss_metadata_backup_type(const struct vss_metadata *m, enum vss_backup_type wanted);

#endif
