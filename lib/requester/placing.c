/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/placing_internal.h"

#include "base/mem.h"
#include "base/path.h"
#include "requester/mapping.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Relative to the root directory. */
static char *
below_root(char *absolute)
{
	char *relative = vss_strdup(absolute[1] ? absolute + 1 : ".");

	free(absolute);
	return relative;
}

static char *
directed_path(const struct vss_placing *p, const char *full, mode_t type, uint64_t size, struct vss_destination *out)
{
	const struct vss_bcd_component *c = p->components[out->files->component];

	if (!S_ISREG(type) || !vss_is_directed(c, full))
		return NULL;
	char *whole = vss_directed_whole(c, full, size);
	out->in_ranges = !whole;
	return whole;
}

/* The user's wish beats the writer's (R34), a directed target all that is left (R41). */
static char *
component_path(const struct vss_placing *p, const char *full, mode_t type, uint64_t size, struct vss_destination *out)
{
	const struct vss_wanted_files *f = out->files;

	if (f->moved)
		return vss_path_moved(full, f->files.path, f->moved);
	if (out->place->decision.place == VSS_PLACE_ALTERNATE && f->alternate)
		return vss_path_moved(full, f->files.path, f->alternate);
	if (out->place->decision.place == VSS_PLACE_DIRECTED)
		return directed_path(p, full, type, size, out);
	return NULL;
}

void
vss_placing_destination(
	const struct vss_placing *p, const char *path, mode_t type, uint64_t size, struct vss_destination *out)
{
	VSS_AUTOFREE char *full = strcmp(path, ".") == 0 ? vss_strdup("/") : vss_strf("/%s", path);
	struct vss_wanted_files *f = p->wanted->nfiles ? vss_wanted_files_of(p->wanted, path, type) : NULL;
	char *elsewhere = NULL;

	*out = (struct vss_destination){ .existing = p->existing };
	if (f && f->component != SIZE_MAX) {
		out->files = f;
		out->place = p->places[f->component];
		bool create_only = out->place->decision.create_only && !f->ranges;
		if (!out->place->plain)
			out->existing = create_only ? VSS_EXISTING_REFUSE : VSS_EXISTING_REPLACE;
		elsewhere = component_path(p, full, type, size, out);
	} else if (p->moves) {
		elsewhere = vss_moves_apply(p->moves, full);
	}
	out->path = elsewhere ? below_root(elsewhere) : vss_strdup(path);
}
