/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_JSON_READ_H
#define VSS_JSON_READ_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * Reading JSON (RFC 8259): the whole document is built, so this is for small ones of bounded size.
 */

/** A value.  Whoever loads a document frees it; every value reached from it is borrowed and lives as long. */
struct vss_json;

/**
 * Read the document in the `n` bytes at `text`.  Duplicate keys, bytes that are not UTF-8, U+0000 and anything behind the
 * document are refused.  The caller frees it with vss_json_free().
 * NULL with VSS_INVALID (line and column are in the text) on failure.
 */
struct vss_json *vss_json_parse(const char *text, size_t n, struct vss_err *err);

/** The same from a file of at most `max` bytes.  Fails with VSS_ABSENT, VSS_INVALID (also when too long), VSS_SYSTEM. */
struct vss_json *vss_json_load(const char *path, size_t max, struct vss_err *err);

void vss_json_free(struct vss_json *doc); /* NULL is fine */

/** The member `key` of an object; NULL when `v` is NULL, no object, or has none. */
const struct vss_json *vss_json_get(const struct vss_json *v, const char *key);
/** The text of string member `key`; NULL when there is none or it is something else.  Borrowed. */
const char *vss_json_str(const struct vss_json *v, const char *key);
/** Integer and boolean members.  0, or -1 when absent, of another type or out of range (*out stays): integers are read up to 2^63-1. */
int vss_json_i64(const struct vss_json *v, const char *key, int64_t *out);
int vss_json_u64(const struct vss_json *v, const char *key, uint64_t *out);
int vss_json_bool(const struct vss_json *v, const char *key, bool *out);
/** The number of elements of array `v`; 0 when it is none or NULL. */
size_t vss_json_count(const struct vss_json *v);
/** Element `i` < vss_json_count(v). */
const struct vss_json *vss_json_at(const struct vss_json *v, size_t i);
/** The text of a string value itself (an element of an array), or NULL. */
const char *vss_json_text(const struct vss_json *v);
/** The key of member `i` of an object, in the order of the document; NULL when there are fewer.  Borrowed. */
const char *vss_json_key(const struct vss_json *v, size_t i);
bool vss_json_is_object(const struct vss_json *v);

#endif
