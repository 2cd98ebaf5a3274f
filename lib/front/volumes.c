/* SPDX-License-Identifier: BSD-2-Clause */
#include "front/volumes.h"

#include "base/mem.h"
#include "cli/items.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

char *
vss_front_volume_name(const char *id)
{
	return vss_strf("\\\\?\\Volume{%s}\\", id);
}

char *
vss_front_volume_display(const char *mount, const char *id)
{
	VSS_AUTOFREE char *shown = vss_out_name(mount ? mount : "?");
	return vss_volume_display(shown, id);
}

void
vss_front_volumes_known(struct vss_volume_list *out)
{
	struct vss_err ignored = VSS_ERR_INIT;

	(void)vss_volumes(false, out, &ignored);
	for (size_t i = 0, mounted = out->n; i < mounted; i++)
		(void)vss_volume_nested(out->v[i], out, &ignored);
}

const char *
vss_front_volume_at(const struct vss_volume_list *volumes, const char *id, const char *recorded)
{
	const char *at = NULL;

	for (size_t i = 0; i < volumes->n; i++) {
		const struct vss_volume *v = volumes->v[i];
		if (!vss_str_caseeq(v->id, id))
			continue;
		if (recorded && strcmp(v->mount, recorded) == 0)
			return v->mount;
		if (!at)
			at = v->mount;
	}
	return at;
}

/* A server that does not answer must not stop a list: network volumes are not asked. */
static bool
free_bytes(const struct vss_volume *v, uint64_t *bytes)
{
	struct vss_err ignored = VSS_ERR_INIT;
	if (v->network || v->pseudo)
		return false;
	VSS_AUTOCLOSE int fd = open(v->mount, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK);
	return fd >= 0 && vss_free_bytes(fd, bytes, &ignored) == 0;
}

/* Which provider would take it; NULL: none. */
static const char *
taker(const struct vss_volume *v)
{
	struct vss_err ignored = VSS_ERR_INIT;
	const struct vss_provider_ops *p = vss_provider_for(v, NULL, &ignored);
	return p ? p->name : NULL;
}

static void
print_text(const struct vss_volume_list *volumes)
{
	for (size_t i = 0; i < volumes->n; i++) {
		VSS_AUTOFREE char *mount = vss_out_name(volumes->v[i]->mount);
		VSS_AUTOFREE char *name = vss_front_volume_name(volumes->v[i]->id);
		vss_out("Volume path: %s\n    Volume name: %s\n", mount, name);
	}
	if (!volumes->n)
		vss_front_none();
}

static const struct vss_column columns[] = {
	{ "path", "PATH" },
	{ "name", "NAME" },
	{ "id", "ID" },
	{ "type", "TYPE" },
	{ "source", "SOURCE" },
	{ "provider", "PROVIDER" },
	{ "read_only", "READ ONLY" },
	{ "free", "FREE" },
};

static void
print_item(struct vss_items *it, const struct vss_volume *v)
{
	VSS_AUTOFREE char *name = vss_front_volume_name(v->id);
	uint64_t bytes;
	vss_items_begin(it);
	vss_items_path(it, "path", v->mount);
	vss_items_string(it, "name", name);
	vss_items_string(it, "id", v->id);
	vss_items_string(it, "type", v->fstype);
	vss_items_path(it, "source", v->source);
	vss_items_string(it, "provider", taker(v));
	vss_items_bool(it, "read_only", v->read_only);
	if (free_bytes(v, &bytes))
		vss_items_u64(it, "free", bytes);
	else
		vss_items_string(it, "free", NULL);
	vss_items_end(it);
}

int
vss_front_volumes(const struct vss_volume_list *volumes, const struct vss_front_list *how, struct vss_err *err)
{
	if (!how->columns && !how->json) {
		print_text(volumes);
		return 0;
	}
	struct vss_items *it = vss_items_new(columns, sizeof columns / sizeof *columns, how->columns, err);
	if (!it)
		return -1;
	for (size_t i = 0; i < volumes->n; i++)
		print_item(it, volumes->v[i]);
	vss_items_print(it);
	return 0;
}
