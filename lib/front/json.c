/* SPDX-License-Identifier: BSD-2-Clause */
#include "front/json.h"

#include "base/time.h"

void
vss_front_json_uuid(struct vss_jw *w, const char *key, const struct vss_uuid *u)
{
	char text[VSS_UUID_TEXT];
	vss_uuid_text(u, text);
	vss_jw_member_string(w, key, vss_uuid_is_nil(u) ? NULL : text);
}

void
vss_front_json_time(struct vss_jw *w, const char *key, int64_t wall_ns)
{
	char text[40];
	vss_time_rfc3339(wall_ns, text);
	vss_jw_member_string(w, key, wall_ns ? text : NULL);
}

void
vss_front_json_ms(struct vss_jw *w, const char *key, double ms)
{
	vss_jw_key(w, key);
	vss_jw_fixed(w, (int64_t)(ms * 1000 + 0.5), 3);
}

static void
ms_or_null(struct vss_jw *w, const char *key, bool known, int64_t ns)
{
	if (known)
		vss_front_json_ms(w, key, (double)ns / VSS_MS);
	else
		vss_jw_member_string(w, key, NULL);
}

void
vss_front_json_instants(struct vss_jw *w, const struct vss_set *set)
{
	ms_or_null(w, "skew_ms", set->skew_ns >= 0, set->skew_ns);
	ms_or_null(w, "held_ms", set->held_ns > 0, set->held_ns);
	vss_jw_key(w, "held_cgroups");
	vss_jw_begin_array(w);
	for (size_t i = 0; i < set->cgroups.n; i++)
		vss_jw_string(w, set->cgroups.v[i]);
	vss_jw_end_array(w);
}

void
vss_front_json_attributes(struct vss_jw *w, uint32_t attributes)
{
	vss_jw_key(w, "attributes");
	vss_jw_begin_array(w);
	for (unsigned bit = 0; bit < 32; bit++) {
		char label[256] = "";
		vss_attributes_label(attributes & UINT32_C(1) << bit, label, sizeof label);
		if (*label)
			vss_jw_string(w, label);
	}
	vss_jw_end_array(w);
}

void
vss_front_json_code(struct vss_jw *w, const char *key, enum vss_code code)
{
	const char *name = vss_code_name(code);
	vss_jw_member_string(w, key, code == VSS_OK ? NULL : name ? name : "FAILED");
}

void
vss_front_json_error(struct vss_jw *w, const struct vss_err *err)
{
	vss_jw_key(w, "error");
	vss_jw_begin_object(w);
	vss_front_json_code(w, "code", err->code);
	vss_jw_member_string(w, "message", err->text);
	vss_jw_end_object(w);
}

void
vss_front_json_shadow(struct vss_jw *w, const struct vss_shadow *s)
{
	vss_front_json_uuid(w, "id", &s->id);
	vss_jw_path(w, "volume", s->volume);
	vss_jw_member_string(w, "volume_id", s->volume_id);
	vss_jw_member_string(w, "provider", s->provider);
	vss_jw_path(w, "device", s->device);
	vss_jw_member_string(w, "grade", vss_grade_word(s->grade));
	vss_jw_member_bool(w, "held", s->held);
	vss_jw_key(w, "proof");
	if (!s->proof_key) {
		vss_jw_null(w);
		return;
	}
	vss_jw_begin_object(w);
	vss_jw_member_u64(w, s->proof_key, s->proof_value);
	vss_jw_end_object(w);
}

static void
writer(struct vss_jw *w, const struct vss_set_writer *x)
{
	vss_jw_begin_object(w);
	vss_front_json_uuid(w, "id", &x->id);
	vss_jw_member_string(w, "name", x->name);
	vss_jw_member_string(w, "state", vss_writer_state_name(x->state));
	vss_jw_member_string(w, "grade", vss_grade_word(x->grade));
	vss_front_json_code(w, "error", x->error);
	vss_jw_member_string(w, "message", x->message);
	vss_jw_key(w, "evidence");
	vss_jw_begin_object(w);
	for (size_t i = 0; i < x->nevidence; i++)
		vss_jw_member_string(w, x->evidence[i].key, x->evidence[i].value);
	vss_jw_end_object(w);
	vss_jw_end_object(w);
}

void
vss_front_json_writers(struct vss_jw *w, const struct vss_set *set)
{
	vss_jw_key(w, "writers");
	vss_jw_begin_array(w);
	for (size_t i = 0; i < set->nwriters; i++)
		writer(w, &set->writers[i]);
	vss_jw_end_array(w);
}
