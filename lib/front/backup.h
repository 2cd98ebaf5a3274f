/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_FRONT_BACKUP_H
#define VSS_FRONT_BACKUP_H

#include "cli/opt.h"
#include "cli/out.h"
#include "front/writer_options.h"
#include "requester/requester.h"

#include <stdbool.h>

/**
 * backup and restore: from words to requests, and the reports.
 */
struct vss_front_backup {
	struct vss_backup_request request; /* the options write here; the words are added by the call below */
	struct vss_front_writers writers;
	struct vss_strv excludes, exclude_from, files_from;
	uint64_t level, threads;
	int type;     /* enum vss_backup_type */
	int progress; /* enum vss_progress_style */
	bool json;
};
int vss_front_backup_type_by_word(const char *word); /* -1 for what nobody can ask for */
/** Back up args->operands, to which the words of --files-from are added; args->command gets the archive on its
 * stdin.  JSON is one object (backup(8)). */
int vss_front_backup(struct vss_front_backup *b, struct vss_args *args, struct vss_err *err);
void vss_front_backup_free(struct vss_front_backup *b);

struct vss_front_restore {
	struct vss_restore_request request;
	struct vss_strv archives, writers, exclude_writers, moves;
	struct vss_strv options, authoritative, roll_forward, restore_names;
	int existing; /* enum vss_existing */
	int progress;
	bool json;
};
/** Restore from the archive that is the first operand what the others say. */
int vss_front_restore(struct vss_front_restore *r, const struct vss_args *args, struct vss_err *err);
void vss_front_restore_free(struct vss_front_restore *r);

/** A vss_request_progress; `ctx` is a struct vss_progress.  Stops the work when we are interrupted. */
int vss_front_progress(
	void *ctx, uint64_t files, uint64_t bytes, uint64_t total_files, uint64_t total_bytes, struct vss_err *err);
/* clang-format off */
#define VSS_FRONT_PROGRESS_OPTION(p) \
	VSS_CHOICE(0, "progress", "WHEN", &(p), vss_progress_style_by_word, "auto, json or never; on standard error")
/* clang-format on */

#endif
