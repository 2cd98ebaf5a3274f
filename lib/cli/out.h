/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_CLI_OUT_H
#define VSS_CLI_OUT_H

#include "base/err.h"
#include "base/str.h"
#include "json/write.h"

#include <stdbool.h>
#include <stddef.h>

/**
 * Results on stdout: text lines, rows, JSON; and progress on stderr.  A failure to write is kept for vss_finish()
 * to tell.
 */
void vss_out(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/** From now on what vss_out() and messages print goes to `tee`, too (NULL: no more); for a log of what was seen. */
void vss_out_tee(void (*tee)(void *ctx, const char *p, size_t n), void *ctx);
/** Flush stdout: 0, or the errno of the first write that failed since the program began. */
int vss_out_flush(void);
/** A name from outside as text shows it, so that it can neither disturb a terminal nor break a line: vss_escape().
 * NULL gives "". */
char *vss_out_name(const char *name); /* the caller frees it */
/** The same with backslashes as they are: for a sentence, in which names may be escaped already, as vss_say() shows it, and for words
 * that may have those of Windows.  Not NULL; the caller frees it. */
char *vss_out_sentence(const char *text);

/** The JSON writer on stdout, indented on a terminal.  One at a time; each value at the top level ends its line. */
struct vss_jw *vss_out_json(void);
void vss_out_json_end(struct vss_jw *w);

/**
 * Rows for --columns.  `columns` are those that the list knows, `chosen` the keys of those that are wanted, in
 * order, with commas between.  An unknown key fails with VSS_USAGE, naming those there are.  On a terminal the rows
 * are aligned below a line of headings; elsewhere there is no heading, and one TAB between two cells.  Cells are
 * escaped.
 */
struct vss_column {
	const char *key, *heading;
};
struct vss_rows;
struct vss_rows *vss_rows_new(const struct vss_column *columns, unsigned n, const char *chosen, struct vss_err *err);
/** `key` must be one of the list's; when it was not chosen the value is dropped.  NULL or "" is shown as "-". */
void vss_rows_cell(struct vss_rows *r, const char *key, const char *value);
void vss_rows_next(struct vss_rows *r);
void vss_rows_print(struct vss_rows *r); /* and frees */

/**
 * Progress on stderr for work longer than a second: on a terminal one line that is rewritten, with
 * VSS_PROGRESS_JSON one object a line twice a second, else nothing.  One at a time; messages take the line away.
 * Times are ms, sizes bytes.
 */
enum vss_progress_style { VSS_PROGRESS_AUTO, VSS_PROGRESS_JSON, VSS_PROGRESS_NEVER };
int vss_progress_style_by_word(const char *word); /* "auto", "json", "never"; -1 */
/** NULL when nothing would be shown: then the work need not be counted either. */
struct vss_progress *vss_progress_new(const char *what, enum vss_progress_style style);
/** How far it is, of what there is in all (0: not counted yet). */
void vss_progress_at(
	struct vss_progress *p, uint64_t files, uint64_t bytes, uint64_t total_files, uint64_t total_bytes);
void vss_progress_end(struct vss_progress *p); /* takes the line away, frees; NULL is fine */

#endif
