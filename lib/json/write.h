/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_JSON_WRITE_H
#define VSS_JSON_WRITE_H

#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

/**
 * Writing JSON row by row: nothing is kept but the nesting, so lists may have any length.
 */

/** Takes the next `n` bytes of output.  0, or -1 with *err set, after which it is not called again. */
typedef int vss_jw_sink(void *ctx, const char *p, size_t n, struct vss_err *err);

#define VSS_JW_DEPTH 16

/**
 * A writer.  Calls must come in the order of the grammar (a key before each value in an object, every begin ended); breaking
 * that is a bug of the caller and asserted.  Each value at the top level is followed by a newline, so several of them make
 * JSON lines.  Calls do not fail: the first failure of the sink is kept, the rest is discarded, vss_jw_finish() tells.
 */
struct vss_jw {
	struct vss_buf *out; /* the caller's, or &own */
	struct vss_buf own;
	vss_jw_sink *sink;
	void *ctx;
	bool pretty, has_key, failed;
	unsigned depth;
	struct {
		bool is_object, has_items;
	} level[VSS_JW_DEPTH + 1];
	struct vss_err err;
};

/** Append to `out`, which outlives the writer. */
void vss_jw_init_buf(struct vss_jw *w, struct vss_buf *out, bool pretty);
/** Send pieces of some kilobytes to `sink`; whatever is left goes out at the end of each top-level value. */
void vss_jw_init_sink(struct vss_jw *w, vss_jw_sink *sink, void *ctx, bool pretty);
/** The end: frees what the writer holds (values may still be open when the caller gives up).  0, or -1 with the sink's failure. */
int vss_jw_finish(struct vss_jw *w, struct vss_err *err);

void vss_jw_begin_object(struct vss_jw *w);
void vss_jw_end_object(struct vss_jw *w);
void vss_jw_begin_array(struct vss_jw *w);
void vss_jw_end_array(struct vss_jw *w);
void vss_jw_key(struct vss_jw *w, const char *key); /* UTF-8 */

/** NULL is written as null; text that is not UTF-8 as vss_escape() shows it (no longer exact: see vss_jw_path()). */
void vss_jw_string(struct vss_jw *w, const char *s);
void vss_jw_u64(struct vss_jw *w, uint64_t v);
void vss_jw_i64(struct vss_jw *w, int64_t v);
/** `v` / 10^`decimals` without floating point: vss_jw_fixed(w, ns, 6) are milliseconds to the nanosecond.  decimals <= 18 */
void vss_jw_fixed(struct vss_jw *w, int64_t v, unsigned decimals);
void vss_jw_bool(struct vss_jw *w, bool v);
void vss_jw_null(struct vss_jw *w);

/** A member of an object in one call. */
void vss_jw_member_string(struct vss_jw *w, const char *key, const char *s);
void vss_jw_member_u64(struct vss_jw *w, const char *key, uint64_t v);
void vss_jw_member_i64(struct vss_jw *w, const char *key, int64_t v);
void vss_jw_member_bool(struct vss_jw *w, const char *key, bool v);

/** Member `key` for a name from a file system.  When it is not UTF-8, `key` holds it escaped and a member KEY_bytes exactly, in base64. */
void vss_jw_path(struct vss_jw *w, const char *key, const char *path);

#endif
