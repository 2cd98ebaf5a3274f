/* SPDX-License-Identifier: BSD-2-Clause */
#include "front/diskshadow.h"

#include "base/mem.h"
#include "base/time.h"
#include "copies/copies.h"
#include "front/volumes.h"

#include <unistd.h>

/* What stands behind an ID: a tab for each of `tabs`, and its name; nothing for one that has none. */
static void
print_alias(const struct vss_front_aliases *aliases, const char *id, const char *tabs)
{
	const char *name = aliases ? aliases->of(aliases->ctx, id) : NULL;
	VSS_AUTOFREE char *shown = vss_out_name(name);

	if (name)
		vss_out("%s%%%s%%", tabs, shown);
	vss_out("\n");
}

static void
print_ids(const struct vss_set *set, const struct vss_shadow *s, const struct vss_front_aliases *aliases)
{
	char id[VSS_UUID_BRACED], set_id[VSS_UUID_BRACED];

	vss_uuid_braced(&s->id, id);
	vss_uuid_braced(&set->id, set_id);
	vss_out("\t* Shadow copy ID = %s", id);
	print_alias(aliases, id, "\t\t");
	vss_out("\t\t- Shadow copy set: %s", set_id);
	print_alias(aliases, set_id, "\t");
	vss_out("\t\t- Original count of shadow copies = %u\n", set->count);
}

static void
print_origin(const struct vss_set *set, const struct vss_shadow *s, const struct vss_volume_list *volumes)
{
	char created[40];
	VSS_AUTOFREE char *name = vss_front_volume_name(s->volume_id);
	const char *at = vss_front_volume_at(volumes, s->volume_id, s->volume);
	VSS_AUTOFREE char *mount = vss_out_name(at ? at : "volume not on this machine");
	VSS_AUTOFREE char *device = vss_out_name(s->device);

	vss_time_local(set->created_ns, created);
	vss_out("\t\t- Original volume name: %s [%s]\n", name, mount);
	vss_out("\t\t- Creation time: %s\n", created);
	vss_out("\t\t- Shadow copy device name: %s\n", device);
}

static void
print_exposure(const struct vss_shadow *s)
{
	VSS_AUTOFREE char *path = vss_out_name(s->exposed);
	VSS_AUTOFREE char *share = vss_out_name(s->share);

	if (s->share)
		vss_out("\t\t- Exposed remotely as %s\n\t\t- Path exposed: %s\n", share, path);
	else if (s->exposed)
		vss_out("\t\t- Exposed locally as: %s\n", path);
	else
		vss_out("\t\t- Not exposed\n");
}

static void
print_attributes(uint32_t attributes)
{
	static const struct {
		uint32_t bit;
		const char *set, *clear;
	} words[] = {
		{ VSS_ATTR_TRANSPORTABLE, " Transportable", "" },
		{ VSS_ATTR_NO_AUTO_RELEASE, " No_Auto_Release", " Auto_Release" },
		{ VSS_ATTR_PERSISTENT, " Persistent", "" },
		{ VSS_ATTR_CLIENT_ACCESSIBLE, " Client_accessible", "" },
		{ VSS_ATTR_HARDWARE_ASSISTED, " Hardware", "" },
		{ VSS_ATTR_NO_WRITERS, " No_Writers", "" },
		{ VSS_ATTR_IMPORTED, " Imported", "" },
		{ VSS_ATTR_PLEX, " Plex", "" },
		{ VSS_ATTR_DIFFERENTIAL, " Differential", "" },
		{ VSS_ATTR_FILE_SHARE, " FileShare", "" },
	};

	vss_out("\t\t- Attributes: ");
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		vss_out("%s", attributes & words[i].bit ? words[i].set : words[i].clear);
	vss_out("\n");
}

/* Of a provider that is not here only the name is known. */
static void
print_provider(const char *name)
{
	struct vss_err unknown = VSS_ERR_INIT;
	const struct vss_provider_ops *p = vss_provider_named(name, &unknown);
	VSS_AUTOFREE char *shown = p ? vss_strf("{%s}", p->id) : vss_out_name(name);

	vss_out("\t\t- Provider ID: %s\n", shown);
}

static void
print_copy(const struct vss_set *set, const struct vss_shadow *s, const struct vss_volume_list *volumes,
	const struct vss_front_aliases *aliases)
{
	char here[256] = "";
	VSS_AUTOFREE char *host = vss_out_name(set->host);

	(void)gethostname(here, sizeof here - 1);
	print_ids(set, s, aliases);
	print_origin(set, s, volumes);
	vss_out("\t\t- Originating machine: %s\n\t\t- Service machine: %s\n", host, here);
	print_exposure(s);
	print_provider(s->provider);
	print_attributes(s->attributes);
	if (s->missing)
		vss_out("\t\t- State: missing: another tool has deleted it\n");
	if (s->lost)
		vss_out("\t\t- State: lost: its storage was too small for what was changed\n");
	vss_out("\n");
}

void
vss_front_diskshadow_shadows(const struct vss_front_found *found, const struct vss_front_aliases *aliases)
{
	struct vss_volume_list volumes = { 0 };

	if (!found->n) {
		vss_out("No shadow copies found in system.\n");
		return;
	}
	vss_front_volumes_known(&volumes);
	for (size_t i = 0; i < found->n; i++)
		print_copy(found->v[i].set, &found->v[i].set->shadows[found->v[i].index], &volumes, aliases);
	vss_out("Number of shadow copies listed: %zu\n", found->n);
	vss_volume_list_free(&volumes);
}

void
vss_front_diskshadow_set(const struct vss_set *set, const struct vss_front_aliases *aliases)
{
	struct vss_set *copy = vss_set_copy(set);
	struct vss_front_found all = { 0 };
	char id[VSS_UUID_BRACED];

	for (size_t i = 0; i < copy->nshadows; i++)
		VSS_PUSH(all.v, all.n, all.cap) = (struct vss_front_pick){ copy, i };
	vss_uuid_braced(&set->id, id);
	vss_out("\nQuerying all shadow copies with the shadow copy set ID %s\n\n", id);
	vss_front_diskshadow_shadows(&all, aliases);
	vss_front_found_free(&all);
	vss_set_free(copy);
}

int
vss_front_diskshadow_list(
	const struct vss_front_wish *wish, const struct vss_front_aliases *aliases, struct vss_err *err)
{
	struct vss_set_list sets = { 0 };
	struct vss_front_found found = { 0 };
	const char *word = wish->shadow ? wish->shadow : wish->set;
	int rc = vss_copies_list(&sets, err);

	if (rc == 0)
		rc = vss_front_find(&sets, wish, &found, err);
	if (rc == 0 && word && !found.n)
		rc = vss_fail(err, VSS_E_OBJECT_NOT_FOUND, 0, "%s: there is no such shadow copy%s", word,
			wish->set ? " set" : "");
	if (rc == 0)
		vss_front_diskshadow_shadows(&found, aliases);
	vss_front_found_free(&found);
	vss_set_list_free(&sets);
	return rc;
}
