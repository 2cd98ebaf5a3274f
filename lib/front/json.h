/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_FRONT_JSON_H
#define VSS_FRONT_JSON_H

#include "base/err.h"
#include "base/uuid.h"
#include "model/set.h"
#include "json/write.h"

/**
 * Members and objects that several reports have, with the same keys everywhere (vss(7), JSON).
 */
void vss_front_json_uuid(
	struct vss_jw *w, const char *key, const struct vss_uuid *u);	      /* without braces; null when nil */
void vss_front_json_time(struct vss_jw *w, const char *key, int64_t wall_ns); /* RFC 3339; null when 0 */
void vss_front_json_ms(struct vss_jw *w, const char *key, double ms);	      /* to the microsecond */
/** Member `attributes`: a list of vssadmin's words. */
void vss_front_json_attributes(struct vss_jw *w, uint32_t attributes);
/** The VSS name of a code, null for VSS_OK, "FAILED" for a code that is ours alone. */
void vss_front_json_code(struct vss_jw *w, const char *key, enum vss_code code);
/** Member `error`: {code, message}. */
void vss_front_json_error(struct vss_jw *w, const struct vss_err *err);

/** The members `id volume volume_id provider device grade proof` of a shadow copy, in an object that is open. */
void vss_front_json_shadow(struct vss_jw *w, const struct vss_shadow *s);
/** Member `writers`: a list of {id, name, state, grade, error, message, evidence}. */
/** skew_ms (null: not known), held_ms (null: nothing was held), held_cgroups. */
void vss_front_json_instants(struct vss_jw *w, const struct vss_set *set);
void vss_front_json_writers(struct vss_jw *w, const struct vss_set *set);

#endif
