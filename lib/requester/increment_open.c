/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/increment.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

/* Who builds on something must be able to say on what, later too. */
static const char *
wish_of(const struct vss_backup_request *r, const struct vss_output *o, struct vss_err *err)
{
	const char *type = vss_backup_type_word(r->type);

	if (!vss_output_is_certain(o)) {
		vss_fail(err, VSS_USAGE, 0, "--type %s and --output - exclude each other", type);
		return NULL;
	}
	if (!r->base && !o->named_here)
		vss_fail(err, VSS_USAGE, 0,
			"--type %s: say with --base what it builds on, or with --output in which directory that lies",
			type);
	return r->base ? r->base : o->named_here ? o->dir : NULL;
}

/* Is this what the archive is to take the place of? */
static bool
is_output(const struct vss_output *o, const char *path)
{
	struct stat a, b;

	return o->path && stat(o->path, &a) == 0 && stat(path, &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

static int
refuse_replacing(const struct vss_increment *i, const struct vss_output *o, struct vss_err *err)
{
	const struct vss_bcd *bcd = i->base.bcd;
	VSS_AUTOFREE char *dir = vss_path_dir(i->base.path);
	bool replaces = is_output(o, i->base.path);

	for (size_t k = 0; k < bcd->nchain && !replaces; k++) {
		VSS_AUTOFREE char *path =
			bcd->chain[k].archive ? vss_path_join(dir, vss_path_base(bcd->chain[k].archive)) : NULL;
		replaces = path && is_output(o, path);
	}
	if (!replaces)
		return 0;
	return vss_fail(err, VSS_USAGE, 0, "%s: cannot take the place of what it builds on", o->path);
}

static int
read_base(struct vss_increment *i, const struct vss_output *o, struct vss_err *err)
{
	if (o->dir) {
		i->spool_dirfd = open(o->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (i->spool_dirfd < 0)
			return vss_fail(err, VSS_SYSTEM, errno, "%s", o->dir);
	}
	return vss_base_read(&i->base, i->spool_dirfd, err);
}

int
vss_increment_open(
	struct vss_increment *i, const struct vss_backup_request *r, const struct vss_output *o, struct vss_err *err)
{
	const char *wish = wish_of(r, o, err);

	i->type = r->type;
	if (!wish || vss_base_open(&i->base, wish, r->type, err) < 0 || refuse_replacing(i, o, err) < 0)
		return -1;
	vss_info("builds on %s", i->base.path);
	return r->dry_run ? 0 : read_base(i, o, err);
}
