/* SPDX-License-Identifier: BSD-2-Clause */
#include "front/shadows.h"

#include "base/mem.h"
#include "base/time.h"
#include "cli/items.h"
#include "front/json.h"
#include "front/volumes.h"
#include "provider/provider.h"

#include <unistd.h>

static const char *
provider_title(const char *name)
{
	struct vss_err unknown = VSS_ERR_INIT;
	const struct vss_provider_ops *p = vss_provider_named(name, &unknown);
	return p ? p->title : name;
}

static void
print_head(const struct vss_set *set)
{
	char id[VSS_UUID_BRACED], created[40];
	vss_uuid_braced(&set->id, id);
	vss_time_local(set->created_ns, created);
	vss_out("Contents of shadow copy set ID: %s\n   Contained %u shadow copies at creation time: %s\n", id,
		set->count, created);
}

/* What is true of it now belongs to its attributes (S6). */
static uint32_t
attributes_of(const struct vss_shadow *s)
{
	return s->attributes | (s->exposed ? VSS_ATTR_EXPOSED_LOCALLY : 0) | (s->share ? VSS_ATTR_EXPOSED_REMOTELY : 0);
}

static void
print_copy(const struct vss_set *set, const struct vss_shadow *s, const struct vss_volume_list *volumes)
{
	char id[VSS_UUID_BRACED], attributes[256], here[256] = "";
	VSS_AUTOFREE char *volume =
		vss_front_volume_display(vss_front_volume_at(volumes, s->volume_id, s->volume), s->volume_id);
	VSS_AUTOFREE char *device = vss_out_name(s->device);
	VSS_AUTOFREE char *host = vss_out_name(set->host);
	vss_uuid_braced(&s->id, id);
	vss_attributes_label(attributes_of(s), attributes, sizeof attributes);
	(void)gethostname(here, sizeof here - 1);
	vss_out("      Shadow Copy ID: %s\n", id);
	vss_out("         Original Volume: %s\n", volume);
	vss_out("         Shadow Copy Volume: %s\n", device);
	vss_out("         Originating Machine: %s\n", host);
	vss_out("         Service Machine: %s\n", here);
	vss_out("         Provider: '%s'\n", provider_title(s->provider));
	vss_out("         Type: %s\n", vss_context_label(s->attributes));
	vss_out("         Attributes: %s\n", attributes);
	if (s->missing)
		vss_out("         State: missing: another tool has deleted it; delete-shadow takes it off this list\n");
	if (s->lost)
		vss_out("         State: lost: its storage was too small for what was changed; it can only be deleted\n");
}

static void
print_text(const struct vss_front_found *found)
{
	struct vss_volume_list volumes = { 0 };

	vss_front_volumes_known(&volumes);
	for (size_t i = 0; i < found->n; i++) {
		const struct vss_set *set = found->v[i].set;
		if (i == 0 || found->v[i - 1].set != set)
			print_head(set);
		print_copy(set, &set->shadows[found->v[i].index], &volumes);
		if (i + 1 == found->n || found->v[i + 1].set != set)
			vss_out("\n");
	}
	if (!found->n)
		vss_front_none();
	vss_volume_list_free(&volumes);
}

static void
json_copy(struct vss_jw *w, const struct vss_shadow *s)
{
	vss_jw_begin_object(w);
	vss_front_json_shadow(w, s);
	vss_jw_path(w, "source", s->source);
	vss_jw_member_string(w, "fs_type", s->fstype);
	vss_jw_member_string(w, "type", vss_context_label(s->attributes));
	vss_front_json_attributes(w, attributes_of(s));
	vss_jw_member_bool(w, "missing", s->missing);
	vss_jw_member_bool(w, "lost", s->lost);
	if (s->exposed)
		vss_jw_path(w, "exposed", s->exposed);
	else
		vss_jw_member_string(w, "exposed", NULL);
	vss_jw_end_object(w);
}

static void
json_set(struct vss_jw *w, const struct vss_set *set)
{
	vss_front_json_uuid(w, "set_id", &set->id);
	vss_front_json_time(w, "created", set->created_ns);
	vss_jw_member_string(w, "host", set->host);
	vss_jw_member_string(w, "context", vss_context_word(set->context));
	vss_jw_member_string(w, "instant", vss_instant_word(set->instant));
	vss_jw_member_string(w, "grade", vss_grade_word(set->grade));
	vss_front_json_ms(w, "freeze_ms", set->freeze_ms);
	vss_front_json_instants(w, set);
	vss_jw_member_string(w, "note", set->note);
	vss_jw_member_string(w, "tag", set->tag);
	vss_jw_member_bool(w, "hold", set->hold);
	vss_jw_member_u64(w, "count", set->count);
	vss_front_json_writers(w, set);
}

static void
print_json(const struct vss_front_found *found)
{
	struct vss_jw *w = vss_out_json();
	vss_jw_begin_array(w);
	for (size_t i = 0; i < found->n;) {
		const struct vss_set *set = found->v[i].set;
		vss_jw_begin_object(w);
		json_set(w, set);
		vss_jw_key(w, "shadows");
		vss_jw_begin_array(w);
		for (; i < found->n && found->v[i].set == set; i++)
			json_copy(w, &set->shadows[found->v[i].index]);
		vss_jw_end_array(w);
		vss_jw_end_object(w);
	}
	vss_jw_end_array(w);
	vss_out_json_end(w);
}

static const struct vss_column columns[] = {
	{ "id", "ID" },
	{ "set_id", "SET ID" },
	{ "created", "CREATED" },
	{ "volume", "VOLUME" },
	{ "volume_id", "VOLUME ID" },
	{ "device", "DEVICE" },
	{ "provider", "PROVIDER" },
	{ "type", "TYPE" },
	{ "grade", "GRADE" },
	{ "host", "HOST" },
	{ "exposed", "EXPOSED" },
	{ "missing", "MISSING" },
	{ "lost", "LOST" },
	{ "tag", "TAG" },
	{ "hold", "HOLD" },
	{ "note", "NOTE" },
};

static void
print_row(struct vss_items *it, const struct vss_set *set, const struct vss_shadow *s)
{
	char id[VSS_UUID_BRACED], set_id[VSS_UUID_BRACED], created[40];
	vss_uuid_braced(&s->id, id);
	vss_uuid_braced(&set->id, set_id);
	vss_time_rfc3339(set->created_ns, created);
	vss_items_begin(it);
	vss_items_string(it, "id", id);
	vss_items_string(it, "set_id", set_id);
	vss_items_string(it, "created", created);
	vss_items_path(it, "volume", s->volume);
	vss_items_string(it, "volume_id", s->volume_id);
	vss_items_path(it, "device", s->device);
	vss_items_string(it, "provider", s->provider);
	vss_items_string(it, "type", vss_context_label(s->attributes));
	vss_items_string(it, "grade", vss_grade_word(s->grade));
	vss_items_string(it, "host", set->host);
	vss_items_path(it, "exposed", s->exposed);
	vss_items_bool(it, "missing", s->missing);
	vss_items_bool(it, "lost", s->lost);
	vss_items_string(it, "tag", set->tag);
	vss_items_bool(it, "hold", set->hold);
	vss_items_string(it, "note", set->note);
	vss_items_end(it);
}

int
vss_front_shadows(const struct vss_front_found *found, const struct vss_front_list *how, struct vss_err *err)
{
	if (!how->columns) {
		(how->json ? print_json : print_text)(found);
		return 0;
	}
	struct vss_items *it = vss_items_new(columns, sizeof columns / sizeof *columns, how->columns, err);
	if (!it)
		return -1;
	for (size_t i = 0; i < found->n; i++)
		print_row(it, found->v[i].set, &found->v[i].set->shadows[found->v[i].index]);
	vss_items_print(it);
	return 0;
}
