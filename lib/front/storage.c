/* SPDX-License-Identifier: BSD-2-Clause */
#include "front/storage.h"

#include "base/mem.h"
#include "base/num.h"
#include "cli/items.h"
#include "front/storage_find.h"
#include "front/volumes.h"

#include <stdlib.h>
#include <string.h>

/* --- text --- */

/* Of what does the storage stand on: by the directory that it is in, or by the file system that is the volume's own. */
static char *
storage_display(const struct vss_storage_area *a, const char *mount)
{
	struct vss_err ignored = VSS_ERR_INIT;

	if (*a->place != '/')
		return vss_front_volume_display(mount, *a->place ? a->place : a->volume_id);
	struct vss_volume *v = vss_volume_near(a->place, &ignored);
	char *shown = vss_front_volume_display(a->place, v ? v->id : "?");
	vss_volume_free(v);
	return shown;
}

/* As vssadmin: "22.1 GB (4%)". */
static void
print_space(const char *label, uint64_t bytes, uint64_t size)
{
	char text[32];

	vss_format_size(text, bytes);
	if (bytes == VSS_LIMIT_NONE)
		vss_out("   %s Shadow Copy Storage space: UNBOUNDED (100%%)\n", label);
	else if (size == 0 && bytes)
		vss_out("   %s Shadow Copy Storage space: %s\n", label, text);
	else
		vss_out("   %s Shadow Copy Storage space: %s (%.0f%%)\n", label, text,
			size ? 100.0 * (double)bytes / (double)size : 0.0);
}

static void
print_area(const struct vss_storage_area *a, const struct vss_volume_list *volumes, enum vss_front_shape shape)
{
	const char *mount = vss_front_volume_at(volumes, a->volume_id, a->volume);
	VSS_AUTOFREE char *volume = vss_front_volume_display(mount, a->volume_id);
	VSS_AUTOFREE char *storage = storage_display(a, mount);

	vss_out("Shadow Copy Storage association\n   For volume: %s\n   Shadow Copy Storage volume: %s\n", volume,
		storage);
	if (a->known) {
		print_space("Used", a->use.used, a->use.size);
		print_space("Allocated", a->use.allocated, a->use.size);
	} else {
		VSS_AUTOFREE char *why = vss_out_name(a->why);
		vss_out("   Used Shadow Copy Storage space: unknown: %s\n", why);
		vss_out("   Allocated Shadow Copy Storage space: unknown\n");
	}
	if (a->percent && a->max_bytes == VSS_LIMIT_NONE)
		vss_out("   Maximum Shadow Copy Storage space: unknown (%u%%)\n", a->percent);
	else
		print_space("Maximum", a->max_bytes, a->use.size);
	if (a->max_copies != VSS_LIMIT_NONE && shape == VSS_SHAPE_OWN)
		vss_out("   Maximum number of shadow copies: %llu\n", (unsigned long long)a->max_copies);
	vss_out("\n");
}

static void
print_text(const struct vss_storage_areas *areas, const struct vss_front_whose *whose, enum vss_front_shape shape)
{
	struct vss_volume_list volumes = { 0 };
	bool any = false;

	vss_front_volumes_known(&volumes);
	for (size_t i = 0; i < areas->n; i++) {
		if (!vss_front_is_whose(whose, &areas->v[i]))
			continue;
		print_area(&areas->v[i], &volumes, shape);
		any = true;
	}
	if (!any)
		vss_front_none();
	vss_volume_list_free(&volumes);
}

/* --- rows and JSON --- */

static const struct vss_column columns[] = {
	{ "volume", "VOLUME" },
	{ "volume_id", "VOLUME ID" },
	{ "provider", "PROVIDER" },
	{ "storage", "STORAGE" },
	{ "used", "USED" },
	{ "allocated", "ALLOCATED" },
	{ "maximum", "MAXIMUM" },
	{ "size", "SIZE" },
	{ "copies", "COPIES" },
	{ "max_copies", "MAX COPIES" },
	{ "estimated", "ESTIMATED" },
	{ "chosen", "CHOSEN" },
};

static void
number_or_null(struct vss_items *it, const char *key, bool known, uint64_t n)
{
	if (known)
		vss_items_u64(it, key, n);
	else
		vss_items_string(it, key, NULL);
}

static void
print_item(struct vss_items *it, const struct vss_storage_area *a)
{
	vss_items_begin(it);
	vss_items_path(it, "volume", a->volume);
	vss_items_string(it, "volume_id", a->volume_id);
	vss_items_string(it, "provider", *a->provider ? a->provider : NULL);
	vss_items_path(it, "storage", *a->place ? a->place : NULL);
	number_or_null(it, "used", a->known, a->use.used);
	number_or_null(it, "allocated", a->known, a->use.allocated);
	number_or_null(it, "maximum", a->max_bytes != VSS_LIMIT_NONE, a->max_bytes);
	number_or_null(it, "size", a->use.size != 0, a->use.size);
	vss_items_u64(it, "copies", a->ncopies);
	number_or_null(it, "max_copies", a->max_copies != VSS_LIMIT_NONE, a->max_copies);
	vss_items_bool(it, "estimated", a->use.estimated);
	vss_items_bool(it, "chosen", a->chosen);
	vss_items_end(it);
}

static int
print_items(const struct vss_storage_areas *areas, const struct vss_front_whose *whose,
	const struct vss_front_list *how, struct vss_err *err)
{
	struct vss_items *it = vss_items_new(columns, sizeof columns / sizeof *columns, how->columns, err);
	if (!it)
		return -1;
	for (size_t i = 0; i < areas->n; i++)
		if (vss_front_is_whose(whose, &areas->v[i]))
			print_item(it, &areas->v[i]);
	vss_items_print(it);
	return 0;
}

int
vss_front_storage_list(const struct vss_front_storage *which, const struct vss_front_list *how, struct vss_err *err)
{
	struct vss_front_known known = { 0 };
	struct vss_front_whose whose = { 0 };
	int rc = vss_front_known_read(&known, err);

	if (rc == 0) {
		vss_storage_areas(&known.sets, &known.limits, &known.areas);
		rc = vss_front_whose(which, &known.areas, &whose, err);
	}
	if (rc == 0 && (how->columns || how->json))
		rc = print_items(&known.areas, &whose, how, err);
	else if (rc == 0)
		print_text(&known.areas, &whose, which->shape);
	vss_front_whose_free(&whose);
	vss_front_known_free(&known);
	return rc;
}
