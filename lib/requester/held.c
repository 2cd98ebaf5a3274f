/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/held.h"

#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "model/logical.h"

#include <stdint.h>
#include <string.h>

/* A name with wildcards may have matched nothing (C33), a file of another type of backup is in another archive (B34). */
static bool
must_be_there(const struct vss_restore_image *i, const struct vss_wanted_files *f)
{
	const struct vss_returning *r = &i->comeback.v[f->component];
	enum vss_backup_type type = i->chain->v[i->at].bcd->type;

	if (strpbrk(f->files.spec, "*?") || f->files.recursive || (f->files.mask & VSS_FSBT_CREATED_DURING_BACKUP))
		return false;
	if (!r->component->succeeded_known || !r->component->succeeded)
		return false;
	return vss_fileset_is_in_backup(&f->files, vss_metadata_backup_type(r->metadata, type));
}

/* The writers' own excludes win over their components (C39). */
static bool
is_excluded(const struct vss_restore_image *i, const struct vss_wanted_files *f)
{
	for (size_t k = 0; k < i->comeback.nstored; k++) {
		const struct vss_metadata *m = i->comeback.stored[k].metadata;
		for (size_t x = 0; x < m->nexcludes; x++)
			if (vss_fileset_matches(&m->excludes[x], f->files.path, f->files.spec))
				return true;
	}
	return false;
}

/* An increment speaks of files that are in the archives before it. */
static bool
has_another(const struct vss_restore_image *i, const char *path)
{
	for (size_t at = 0; i->chain->n > 1 && at < i->chain->n; at++)
		if (vss_chain_has(i->chain, at, path))
			return true;
	return false;
}

int
vss_held_check(const struct vss_restore_image *i, struct vss_err *err)
{
	for (size_t k = 0; k < i->wanted.nfiles; k++) {
		const struct vss_wanted_files *f = &i->wanted.files[k];
		if (f->component == SIZE_MAX || f->matched || !must_be_there(i, f) || is_excluded(i, f))
			continue;
		const struct vss_returning *r = &i->comeback.v[f->component];
		VSS_AUTOFREE char *path = vss_path_join(f->files.path, f->files.spec);
		if (has_another(i, path + 1))
			continue;
		VSS_AUTOFREE char *full = vss_logical_full(r->component->logical_path, r->component->name, '/');
		VSS_AUTOFREE char *shown = vss_escaped(path);
		return vss_fail(err, VSS_INVALID, 0,
			"writer \"%s\": component %s names %s, which the archive does not hold", r->writer->name, full,
			shown);
	}
	return 0;
}
