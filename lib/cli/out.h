/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_CLI_OUT_H
#define VSS_CLI_OUT_H

#include "base/err.h"
#include "base/str.h"
#include "json/write.h"

#include <stdbool.h>

/**
 * Results on stdout: text lines, rows, JSON.
 */
void vss_out(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/** A JSON writer on stdout; close with vss_out_json_end, which adds a newline. */
struct vss_jw *vss_out_json(void);
void vss_out_json_end(struct vss_jw *w);

/**
 * Rows for --columns: the columns a list knows (key, heading), the chosen ones by name (comma-separated; an unknown one fails with VSS_USAGE naming those there are),
 * printed as aligned text, first line the headings (none when stdout is not a terminal).
 */
struct vss_column {
	const char *key, *heading;
};
struct vss_rows;
struct vss_rows *vss_rows_new(const struct vss_column *columns, unsigned n, const char *chosen, struct vss_err *err);
void vss_rows_cell(struct vss_rows *r, const char *key, const char *value); /* NULL: "-" */
void vss_rows_next(struct vss_rows *r);
void vss_rows_print(struct vss_rows *r); /* and frees */

/**
 * Progress on stderr for work longer than a second: on a terminal one line that is rewritten, with --progress json one object a line; else nothing.
 */
struct vss_progress;
struct vss_progress *vss_progress_new(const char *what, bool json, bool quiet);
/** The whole, once it has been counted: gives the ETA. */
void vss_progress_total(struct vss_progress *p, unsigned long long files, unsigned long long bytes);
void vss_progress_at(struct vss_progress *p, unsigned long long files, unsigned long long bytes);
void vss_progress_end(struct vss_progress *p); /* wipes the line, frees */

#endif
