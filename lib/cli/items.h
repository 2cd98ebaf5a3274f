/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_CLI_ITEMS_H
#define VSS_CLI_ITEMS_H

#include "cli/out.h"

#include <stdint.h>

/**
 * A list of flat items that is written once and printed as rows (--columns) or as a JSON array of objects (--json):
 * the key of a column and of a member are the same.  Whoever prints it says each key of an item once, in any order.
 */
struct vss_items;

/** `chosen`: the columns wanted, as vss_rows_new() takes them; NULL: JSON.  Fails as vss_rows_new() does. */
struct vss_items *vss_items_new(const struct vss_column *columns, unsigned n, const char *chosen, struct vss_err *err);
void vss_items_begin(struct vss_items *it);
void vss_items_string(struct vss_items *it, const char *key, const char *value); /* NULL: null, "-" */
void vss_items_path(struct vss_items *it, const char *key, const char *path);	 /* as vss_jw_path() */
void vss_items_u64(struct vss_items *it, const char *key, uint64_t value);
void vss_items_bool(struct vss_items *it, const char *key, bool value); /* true, false; yes, no */
/** An array; with commas between. */
void vss_items_list(struct vss_items *it, const char *key, const struct vss_strv *values);
void vss_items_end(struct vss_items *it);
void vss_items_print(struct vss_items *it); /* and frees */

#endif
