/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/items.h"

#include "base/mem.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

struct vss_items {
	struct vss_rows *rows; /* one of both */
	struct vss_jw *json;
};

struct vss_items *
vss_items_new(const struct vss_column *columns, unsigned n, const char *chosen, struct vss_err *err)
{
	struct vss_items it = { 0 };
	if (chosen) {
		it.rows = vss_rows_new(columns, n, chosen, err);
		if (!it.rows)
			return NULL;
	} else {
		it.json = vss_out_json();
		vss_jw_begin_array(it.json);
	}
	return vss_memdup(&it, sizeof it);
}

void
vss_items_begin(struct vss_items *it)
{
	if (it->json)
		vss_jw_begin_object(it->json);
}

void
vss_items_string(struct vss_items *it, const char *key, const char *value)
{
	if (it->json)
		vss_jw_member_string(it->json, key, value);
	else
		vss_rows_cell(it->rows, key, value);
}

void
vss_items_path(struct vss_items *it, const char *key, const char *path)
{
	if (it->json && path)
		vss_jw_path(it->json, key, path);
	else
		vss_items_string(it, key, path);
}

void
vss_items_u64(struct vss_items *it, const char *key, uint64_t value)
{
	char text[24];
	if (it->json) {
		vss_jw_member_u64(it->json, key, value);
		return;
	}
	snprintf(text, sizeof text, "%" PRIu64, value);
	vss_rows_cell(it->rows, key, text);
}

void
vss_items_bool(struct vss_items *it, const char *key, bool value)
{
	if (it->json)
		vss_jw_member_bool(it->json, key, value);
	else
		vss_rows_cell(it->rows, key, value ? "yes" : "no");
}

void
vss_items_list(struct vss_items *it, const char *key, const struct vss_strv *values)
{
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;
	if (!it->json) {
		for (size_t i = 0; i < values->n; i++)
			vss_buf_fmt(&text, "%s%s", i ? "," : "", values->v[i]);
		vss_rows_cell(it->rows, key, text.data);
		return;
	}
	vss_jw_key(it->json, key);
	vss_jw_begin_array(it->json);
	for (size_t i = 0; i < values->n; i++)
		vss_jw_string(it->json, values->v[i]);
	vss_jw_end_array(it->json);
}

void
vss_items_end(struct vss_items *it)
{
	if (it->json)
		vss_jw_end_object(it->json);
	else
		vss_rows_next(it->rows);
}

void
vss_items_print(struct vss_items *it)
{
	if (it->json) {
		vss_jw_end_array(it->json);
		vss_out_json_end(it->json);
	} else {
		vss_rows_print(it->rows);
	}
	free(it);
}
