/* SPDX-License-Identifier: BSD-2-Clause */
#include "front/revert.h"

#include "base/mem.h"
#include "copies/revert.h"
#include "front/front.h"
#include "front/json.h"
#include "front/volumes.h"

/* The volume, or one that is not mounted now, by the mount point that it had. */
static bool
is_of(const struct vss_open_revert *r, const char *word, const struct vss_volume *v)
{
	return !word || (v ? vss_str_caseeq(r->volume_id, v->id) : vss_str_eq(r->volume, word));
}

static void
print_text(const struct vss_open_revert *r, const struct vss_volume_list *volumes)
{
	char id[VSS_UUID_BRACED];
	VSS_AUTOFREE char *volume =
		vss_front_volume_display(vss_front_volume_at(volumes, r->volume_id, r->volume), r->volume_id);

	vss_uuid_braced(&r->shadow, id);
	vss_out("Revert of volume: %s\n   Shadow Copy ID: %s\n   State: %s\n\n", volume, id,
		r->running ? "Running" : "Waiting");
}

static void
print_json(struct vss_jw *w, const struct vss_open_revert *r)
{
	vss_jw_begin_object(w);
	vss_front_json_uuid(w, "id", &r->shadow);
	vss_front_json_uuid(w, "set_id", &r->set);
	vss_jw_path(w, "volume", r->volume);
	vss_jw_member_string(w, "volume_id", r->volume_id);
	vss_jw_member_bool(w, "running", r->running);
	vss_jw_end_object(w);
}

static void
print(const struct vss_open_reverts *open, const char *word, const struct vss_volume *v, bool json)
{
	struct vss_volume_list volumes = { 0 };
	struct vss_jw *w = json ? vss_out_json() : NULL;
	bool any = false;

	if (w)
		vss_jw_begin_array(w);
	else
		vss_front_volumes_known(&volumes);
	for (size_t i = 0; i < open->n; i++) {
		if (!is_of(&open->v[i], word, v))
			continue;
		any = true;
		if (w)
			print_json(w, &open->v[i]);
		else
			print_text(&open->v[i], &volumes);
	}
	if (w) {
		vss_jw_end_array(w);
		vss_out_json_end(w);
	} else if (!any) {
		vss_front_none();
	}
	vss_volume_list_free(&volumes);
}

/* A word that fits no volume that is there may be that of one that waits, unmounted, to be put back. */
static int
find_volume(const struct vss_open_reverts *open, const char *word, struct vss_volume **v, struct vss_err *err)
{
	struct vss_err why = VSS_ERR_INIT;

	*v = word ? vss_volume_named(word, &why) : NULL;
	for (size_t i = 0; word && !*v && i < open->n; i++)
		if (vss_str_eq(open->v[i].volume, word))
			return 0;
	if (!word || *v)
		return 0;
	*err = why;
	return -1;
}

int
vss_front_open_reverts(const char *volume, bool json, struct vss_err *err)
{
	struct vss_open_reverts open = { 0 };
	struct vss_volume *v = NULL;
	int rc = vss_copies_open_reverts(&open, err);

	if (rc == 0)
		rc = find_volume(&open, volume, &v, err);
	if (rc == 0)
		print(&open, volume, v, json);
	vss_volume_free(v);
	vss_open_reverts_free(&open);
	return rc;
}
