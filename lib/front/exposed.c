/* SPDX-License-Identifier: BSD-2-Clause */
#include "front/shadows.h"

#include "base/mem.h"
#include "front/json.h"
#include "front/volumes.h"

static void
print_text(const struct vss_set *set, const struct vss_shadow *s)
{
	char id[VSS_UUID_BRACED], set_id[VSS_UUID_BRACED];
	VSS_AUTOFREE char *volume = vss_front_volume_display(s->volume, s->volume_id);
	VSS_AUTOFREE char *name = vss_out_name(s->share ? s->share : s->exposed);
	vss_uuid_braced(&s->id, id);
	vss_uuid_braced(&set->id, set_id);
	vss_out("Shadow Copy ID: %s\n   Shadow Copy Set ID: %s\n   Original Volume: %s\n   Exposed %s as: %s\n\n", id,
		set_id, volume, s->share ? "remotely" : "locally", name);
}

static void
print_json(struct vss_jw *w, const struct vss_set *set, const struct vss_shadow *s)
{
	vss_jw_begin_object(w);
	vss_front_json_uuid(w, "id", &s->id);
	vss_front_json_uuid(w, "set_id", &set->id);
	vss_jw_path(w, "volume", s->volume);
	vss_jw_path(w, "path", s->exposed);
	vss_jw_member_string(w, "share", s->share);
	vss_jw_end_object(w);
}

void
vss_front_exposed(const struct vss_front_found *found, bool json)
{
	struct vss_jw *w = json ? vss_out_json() : NULL;
	size_t shown = 0;
	if (w)
		vss_jw_begin_array(w);
	for (size_t i = 0; i < found->n; i++) {
		const struct vss_set *set = found->v[i].set;
		const struct vss_shadow *s = &set->shadows[found->v[i].index];
		if (!s->exposed)
			continue;
		shown++;
		if (w)
			print_json(w, set, s);
		else
			print_text(set, s);
	}
	if (w) {
		vss_jw_end_array(w);
		vss_out_json_end(w);
	} else if (!shown) {
		vss_front_none();
	}
}
