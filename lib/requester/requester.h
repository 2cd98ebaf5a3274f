/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_REQUESTER_REQUESTER_H
#define VSS_REQUESTER_REQUESTER_H

#include "base/err.h"
#include "base/str.h"
#include "model/components.h"
#include "model/set.h"
#include "writer/host.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/**
 * What the tools do, as requests: a struct of wishes in, a result out.  Tools, the shell and other programs
 * call these and nothing below. All requests: zeroed memory is the default; strings are borrowed for the
 * call.
 */

/** How far long work is; `files` and `bytes` of `total` (0: not known yet).  -1 with *err stops the work. */
typedef int vss_request_progress(
	void *ctx, uint64_t files, uint64_t bytes, uint64_t total_files, uint64_t total_bytes, struct vss_err *err);

/* --- create-shadow --- */
struct vss_create_request {
	const struct vss_strv *volumes; /* words as users name volumes */
	const char *const *volume_providers; /* of each of them: the provider that it is to have, or NULL; or NULL */
	uint32_t context; /* default of the tool: VSS_CTX_APP_ROLLBACK; with no_writers VSS_CTX_NAS_ROLLBACK */
	const char *provider, *storage;			  /* or NULL */
	uint64_t storage_size; /* for copies that have a size of their own, in bytes; 0: not said */
	unsigned storage_percent; /* the same in percent of the volume */
	enum vss_backup_type type; /* UNDEFINED: copy */
	const struct vss_strv *writers, *exclude_writers; /* --writer, --exclude-writer */
	/* Writers and components, in the same words, without which no set is made (VSS_GRADE); who takes part is not
	 * narrowed down by it.  Or NULL. */
	const struct vss_strv *verify;
	bool lenient; /* a component to be excluded that its writer has not is left out as well as one that it has */
	const char *leave_out; /* how its user leaves something out, for messages; NULL: "--exclude-writer" */
	bool lists_left; /* the caller reads the plan's `left`: no warning for each component that is left out */
	const struct vss_strv *hold_cgroups; /* whose processes are frozen over the commits; or NULL */
	bool no_writers, skip_failed_writers;
	const char *note, *tag;
	bool hold;
	bool with_nested; /* the subvolumes within the volumes, too */
	enum vss_grade min_grade;
	int wait_s;
	bool dry_run; /* for vss_forecast_shadow (requester/forecast.h), not for vss_create_shadow */
	/**
	 * Called with the finished set while it exists, for `-- CMD`: the set goes after it unless
	 * persistent. Optional.
	 */
	int (*use)(void *ctx, const struct vss_set *set, struct vss_err *err);
	void *ctx;
};
/**
 * *out is set whenever a set was begun, also on failure (writers, ledger); the caller frees it.  VSS_PARTIAL: done, but a writer was left out.
 */
int vss_create_shadow(const struct vss_create_request *r, struct vss_set **out, struct vss_err *err);

/* --- list-writers --- */
struct vss_writer_report {
	struct vss_metadata *metadata; /* NULL when identify failed */
	char *registration;
	enum vss_writer_state state;
	enum vss_code error;
	char *message;
	int64_t when_ns; /* of a remembered failure, 0: now */
	char *absent;	 /* why it has no part on this machine: then all of the above is empty; or NULL */
};
struct vss_writer_reports {
	struct vss_writer_report *v;
	size_t n, cap;
};
/** Ask every writer who it is; states and last errors are those remembered (W52).  Absent ones stand behind the others.
 * Changes nothing. */
int vss_list_writers(struct vss_writer_reports *out, struct vss_err *err);
void vss_writer_reports_free(struct vss_writer_reports *r);

/* --- backup --- */
struct vss_backup_request {
	const struct vss_strv *paths; /* absolute or relative */
	const struct vss_strv *writers, *exclude_writers;
	const struct vss_strv *hold_cgroups; /* see vss_create_request */
	const struct vss_strv *excludes; /* globs */
	bool exclude_caches, exclude_nodump; /* of plain paths: what has a CACHEDIR.TAG, what chattr +d marks */
	bool one_file_system;
	enum vss_backup_type type; /* UNDEFINED: full; not OTHER */
	const char *base; /* what an increment builds on: ARCHIVE or DIR; NULL: the newest in the directory of the output */
	const char *from_shadow; /* the set to archive, which stays; or NULL.  Then the type is copy (UNDEFINED is that) */
	const char *document;	 /* where the documents are kept too: FILE or DIR; or NULL */
	const char *output; /* FILE, DIR or "-" */
	bool replace;
	const struct vss_strv *command; /* after `--`: gets the archive on its stdin; or NULL */
	const char *provider, *storage;
	uint64_t storage_size; /* for copies that have a size of their own, in bytes; 0: not said */
	unsigned storage_percent; /* the same in percent of the volume */
	const char *scratch; /* where writers put dumps and logs; NULL: in the state directory */
	bool no_writers, skip_failed_writers;
	enum vss_grade min_grade;
	int level, threads, wait_s;
	bool dry_run;
	vss_request_progress *progress;
	void *ctx;
};
struct vss_backup_result {
	char *archive; /* path, or "-" */
	struct vss_set *set;
	struct vss_bcd *bcd;
	struct vss_forecast *forecast; /* of a dry run (requester/forecast.h) */
	char *base; /* the archive that it builds on, with its ID; or NULL */
	struct vss_uuid base_id;
	uint64_t files, bytes, archive_bytes;
	uint64_t unchanged_files, unchanged_bytes; /* that are as they were in the base */
	size_t failed; /* files that could not be read; each was named */
};
void vss_backup_result_clear(struct vss_backup_result *r);
int vss_backup(const struct vss_backup_request *r, struct vss_backup_result *out, struct vss_err *err);

/* --- restore --- */
enum vss_existing { VSS_EXISTING_REFUSE, VSS_EXISTING_SKIP, VSS_EXISTING_REPLACE, VSS_EXISTING_KEEP_BOTH };
int vss_existing_by_word(const char *w);
/* What happens, or would happen, to one file of an archive. */
enum vss_restore_action {
	VSS_RESTORE_NEW,	/* made where nothing is */
	VSS_RESTORE_REPLACES,	/* takes the place of what is there */
	VSS_RESTORE_ATTRIBUTES, /* a directory that is there: its attributes */
	VSS_RESTORE_BESIDE,	/* put beside what is there */
	VSS_RESTORE_LEAVES,	/* what is there is left alone */
	VSS_RESTORE_AT_BOOT,	/* put aside, and moved at the next boot */
	VSS_RESTORE_REFUSED,	/* and with it the whole restore */
	VSS_RESTORE_FAILS
};
const char *vss_restore_action_word(enum vss_restore_action a); /* "new", "replaces" ... */
struct vss_restore_row {
	const char *path;	 /* absolute, as it was backed up */
	const char *destination; /* absolute, or below the target */
	mode_t type;
	uint64_t size;
	enum vss_restore_action action;
	const char *why; /* REFUSED and FAILS; else NULL */
};
typedef int vss_restore_row_fn(void *ctx, const struct vss_restore_row *row, struct vss_err *err);
struct vss_restore_request {
	const struct vss_strv *archives; /* one, or a chain in its order; "-": standard input */
	const char *target;		 /* --target DIR, or NULL */
	bool in_place;
	const struct vss_strv *what; /* paths and globs (absolute as they were); none: everything */
	/* WRITER[:/LOGICAL/PATH/NAME], in place */
	const struct vss_strv *writers, *exclude_writers;
	const struct vss_strv *moves; /* OLD=NEW, in place */
	/* For writers, WRITER[:/LOGICAL/PATH/NAME][=TEXT] */
	const struct vss_strv *options, *authoritative, *roll_forward, *restore_names;
	enum vss_existing existing; /* in place: plain paths only */
	bool trusted;
	const char *document; /* that take the place of those of the last archive: FILE or DIR; or NULL */
	const char *spool;
	bool dry_run;
	vss_restore_row_fn *row; /* of a dry run: what would happen to each; or NULL */
	void *row_ctx;
	vss_request_progress *progress;
	void *ctx;
};
struct vss_restore_result {
	uint64_t files, bytes;
	size_t skipped, failed;
};
int vss_restore(const struct vss_restore_request *r, struct vss_restore_result *out, struct vss_err *err);
/** Is it a file that begins as an archive of backup does, or "-"? */
bool vss_is_archive(const char *path);

/* --- list-backups, verify-backup --- */
struct vss_backup_info {
	char *path;
	struct vss_bcd *bcd;   /* NULL when not readable */
	uint64_t size;	       /* of the archive */
	uint64_t files, bytes; /* content */
	bool whole, has_index;
	char *problem; /* why it is not good, or NULL */
};
struct vss_backup_infos {
	struct vss_backup_info *v;
	size_t n, cap;
};
/** A file, or every *.tar.zst of a directory (not recursive), oldest first. */
int vss_list_backups(const char *path, struct vss_backup_infos *out, struct vss_err *err);
void vss_backup_infos_free(struct vss_backup_infos *l);
/** Each line of one archive's manifest: its members, and of an increment what is elsewhere (vss_archive_state_lines). */
struct vss_member;
int vss_list_members(const char *archive, int (*each)(void *ctx, const struct vss_member *m, struct vss_err *err),
	void *ctx, struct vss_err *err);

struct vss_verify {
	/* What it builds on, too, found in its directory by backup ID, and that each has what later ones say it has. */
	bool chain;
	void (*image)(void *ctx, const char *archive); /* of a chain: the one that is read from now on; or NULL */
	void (*bad)(void *ctx, const char *text);      /* each fault, of a chain with the archive's name before it; or NULL */
	vss_request_progress *progress;		       /* or NULL */
	void *ctx;
};
/** 0 good; 1 damaged; -1 could not look. */
int vss_verify_backup(const char *archive, const struct vss_verify *how, struct vss_err *err);

#endif
