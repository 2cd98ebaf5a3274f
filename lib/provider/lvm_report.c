/* SPDX-License-Identifier: BSD-2-Clause */
#include "provider/lvm_internal.h"

#include "base/mem.h"
#include "base/num.h"
#include "base/str.h"
#include "json/read.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

#define UUID_CHARS 38 /* 6-4-4-4-4-4-6 */

void
vss_lvm_lv_free(struct vss_lvm_lv *lv)
{
	free(lv->name);
	free(lv->uuid);
	free(lv->vg);
	free(lv->vg_uuid);
	free(lv->origin);
	free(lv->origin_uuid);
	free(lv->pool);
	vss_strv_free(&lv->tags);
	*lv = (struct vss_lvm_lv){ 0 };
}

struct vss_lvm_lv
vss_lvm_lv_copy(const struct vss_lvm_lv *lv)
{
	struct vss_lvm_lv c = *lv;

	c.name = vss_strdup(lv->name);
	c.uuid = vss_strdup(lv->uuid);
	c.vg = vss_strdup(lv->vg);
	c.vg_uuid = vss_strdup(lv->vg_uuid);
	c.origin = vss_strdup(lv->origin);
	c.origin_uuid = vss_strdup(lv->origin_uuid);
	c.pool = vss_strdup(lv->pool);
	c.tags = (struct vss_strv)VSS_STRV_INIT;
	for (size_t i = 0; i < lv->tags.n; i++)
		vss_strv_add(&c.tags, lv->tags.v[i]);
	return c;
}

void
vss_lvm_report_free(struct vss_lvm_report *r)
{
	for (size_t i = 0; i < r->n; i++)
		vss_lvm_lv_free(&r->v[i]);
	free(r->v);
	*r = (struct vss_lvm_report){ 0 };
}

/* --- Fields: lvm writes every value as a string, and an empty one for none --- */

static char *
text(const struct vss_json *row, const char *key)
{
	const char *s = vss_json_str(row, key);
	return s && *s ? vss_strdup(s) : NULL;
}

static uint64_t
bytes(const struct vss_json *row, const char *key)
{
	const char *s = vss_json_str(row, key);
	uint64_t n;

	return s && vss_parse_u64(s, &n) == 0 ? n : 0;
}

/* "17.40" as 1740, "" as -1. */
static int
hundredths(const struct vss_json *row, const char *key)
{
	const char *s = vss_json_str(row, key);
	unsigned whole, part;

	if (!s || sscanf(s, "%5u.%2u", &whole, &part) != 2)
		return -1;
	return (int)(whole * 100 + part);
}

static bool
is_word(const struct vss_json *row, const char *key, const char *word)
{
	return vss_str_eq(vss_json_str(row, key), word);
}

/* Is `word` one of the list "public,origin,thickorigin"? */
static bool
has_word(const struct vss_json *row, const char *key, const char *word)
{
	const char *s = vss_json_str(row, key);
	size_t n = strlen(word);

	for (; s && *s; s += *s == ',') {
		size_t len = strcspn(s, ",");
		if (len == n && memcmp(s, word, n) == 0)
			return true;
		s += len;
	}
	return false;
}

static dev_t
device(const struct vss_json *row)
{
	const char *x = vss_json_str(row, "lv_kernel_major"), *y = vss_json_str(row, "lv_kernel_minor");
	uint64_t hi, lo;

	if (!x || !y || vss_parse_u64(x, &hi) || vss_parse_u64(y, &lo)) /* "-1": not active */
		return 0;
	return makedev((unsigned)hi, (unsigned)lo);
}

static void
split_tags(const char *s, struct vss_strv *out)
{
	for (; s && *s; s += *s == ',') {
		size_t len = strcspn(s, ",");
		vss_strv_take(out, vss_strndup(s, len));
		s += len;
	}
}

static void
read_row(const struct vss_json *row, struct vss_lvm_lv *lv)
{
	*lv = (struct vss_lvm_lv){
		.name = text(row, "lv_name"),
		.uuid = text(row, "lv_uuid"),
		.vg = text(row, "vg_name"),
		.vg_uuid = text(row, "vg_uuid"),
		.origin = text(row, "origin"),
		.origin_uuid = text(row, "origin_uuid"),
		.pool = text(row, "pool_lv"),
		.size = bytes(row, "lv_size"),
		.data = hundredths(row, "data_percent"),
		.metadata = hundredths(row, "metadata_percent"),
		.thin = has_word(row, "lv_layout", "thin") && !has_word(row, "lv_layout", "pool"),
		.is_pool = has_word(row, "lv_layout", "pool"),
		.is_thick_copy = has_word(row, "lv_role", "thicksnapshot"),
		.is_merging = is_word(row, "lv_merging", "merging"),
		.is_invalid = is_word(row, "lv_snapshot_invalid", "snapshot invalid"),
		.is_active = is_word(row, "lv_active", "active"),
		.is_read_only = is_word(row, "lv_permissions", "read-only"),
		.is_open = is_word(row, "lv_device_open", "open"),
		.dev = device(row),
		.made_s = (int64_t)bytes(row, "lv_time"),
		.vg_size = bytes(row, "vg_size"),
		.vg_free = bytes(row, "vg_free"),
		.vg_extent = bytes(row, "vg_extent_size"),
		.vg_metadata_free = bytes(row, "vg_mda_free"),
	};
	split_tags(vss_json_str(row, "lv_tags"), &lv->tags);
}

static int
read_rows(const struct vss_json *rows, struct vss_lvm_report *out, struct vss_err *err)
{
	for (size_t i = 0; i < vss_json_count(rows); i++) {
		struct vss_lvm_lv *lv = &VSS_PUSH(out->v, out->n, out->cap);
		read_row(vss_json_at(rows, i), lv);
		if (!lv->name || !lv->uuid || !lv->vg || !lv->vg_uuid || !vss_lvm_is_place(lv->vg_uuid))
			return vss_fail(err, VSS_INVALID, 0, "lvm: a logical volume without name or UUID");
	}
	return 0;
}

int
vss_lvm_report_parse(const struct vss_buf *json, struct vss_lvm_report *out, struct vss_err *err)
{
	*out = (struct vss_lvm_report){ 0 };
	struct vss_json *doc = vss_json_parse(json->len ? json->data : "", json->len, err);
	if (!doc)
		return vss_wrap(err, "lvm");
	const struct vss_json *reports = vss_json_get(doc, "report");
	int rc = 0;
	if (!reports)
		rc = vss_fail(err, VSS_INVALID, 0, "lvm: it printed no report");
	for (size_t i = 0; rc == 0 && i < vss_json_count(reports); i++)
		rc = read_rows(vss_json_get(vss_json_at(reports, i), "lv"), out, err);
	vss_json_free(doc);
	return rc;
}

/* --- Finding --- */

const struct vss_lvm_lv *
vss_lvm_by_uuid(const struct vss_lvm_report *r, const char *uuid)
{
	for (size_t i = 0; i < r->n; i++)
		if (strcmp(r->v[i].uuid, uuid) == 0)
			return &r->v[i];
	return NULL;
}

const struct vss_lvm_lv *
vss_lvm_by_name(const struct vss_lvm_report *r, const char *vg_uuid, const char *name)
{
	for (size_t i = 0; i < r->n; i++)
		if (strcmp(r->v[i].vg_uuid, vg_uuid) == 0 && strcmp(r->v[i].name, name) == 0)
			return &r->v[i];
	return NULL;
}

void
vss_lvm_name(const struct vss_uuid *shadow, char out[VSS_LVM_NAME])
{
	char id[VSS_UUID_TEXT];

	vss_uuid_text(shadow, id);
	snprintf(out, VSS_LVM_NAME, VSS_LVM_PREFIX "%s", id);
}

const struct vss_lvm_lv *
vss_lvm_copy(const struct vss_lvm_report *r, const char *vg_uuid, const struct vss_uuid *shadow)
{
	char name[VSS_LVM_NAME];

	vss_lvm_name(shadow, name);
	return vss_lvm_by_name(r, vg_uuid, name);
}

bool
vss_lvm_has_group(const struct vss_lvm_report *r, const char *vg_uuid)
{
	for (size_t i = 0; i < r->n; i++)
		if (strcmp(r->v[i].vg_uuid, vg_uuid) == 0)
			return true;
	return false;
}

bool
vss_lvm_is_copy(const struct vss_lvm_lv *lv, struct vss_uuid *shadow)
{
	return vss_str_starts(lv->name, VSS_LVM_PREFIX) &&
	       vss_uuid_parse(lv->name + strlen(VSS_LVM_PREFIX), shadow) == 0;
}

int
vss_lvm_tagged(const struct vss_lvm_lv *lv, const char *prefix, struct vss_uuid *out)
{
	for (size_t i = 0; i < lv->tags.n; i++)
		if (vss_str_starts(lv->tags.v[i], prefix) && vss_uuid_parse(lv->tags.v[i] + strlen(prefix), out) == 0)
			return 0;
	return -1;
}

bool
vss_lvm_is_place(const char *place)
{
	static const unsigned char dashes[] = { 6, 11, 16, 21, 26, 31 };
	size_t n = place ? strlen(place) : 0;

	for (size_t i = 0; i < n; i++) {
		bool dash = memchr(dashes, (int)i, sizeof dashes) != NULL;
		if (dash ? place[i] != '-' : !isalnum((unsigned char)place[i]))
			return false;
	}
	return n == UUID_CHARS;
}
