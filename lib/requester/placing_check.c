/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/placing_internal.h"

#include "base/mem.h"
#include "os/interrupt.h"

#include <inttypes.h>
#include <stdlib.h>
#include <sys/stat.h>

struct check {
	struct vss_placing *p;
	uint64_t there;
	char *first;
};

static int
refuse_guarded(const struct vss_member *m, struct vss_err *err)
{
	VSS_AUTOFREE char *shown = vss_escaped(m->path);

	return vss_fail(err, VSS_DENIED, 0,
		"%s: belongs to a writer that is running here: restore it with --writer, or elsewhere with --target",
		shown);
}

/* R57: live data of a writer is not touched behind its back; whose file it was does not matter where it goes elsewhere. */
static int
check_plain(struct check *c, const struct vss_member *m, const struct vss_destination *d, struct vss_err *err)
{
	const struct vss_placing *p = c->p;

	if (!S_ISDIR(m->mode) && p->in_place && vss_wanted_files_of(p->guarded, d->path, m->mode))
		return refuse_guarded(m, err);
	if (placing_is_layer(p, m))
		return placing_check_layer(p, d, err);
	if (d->existing != VSS_EXISTING_REFUSE || !vss_look_at_room(p->rootfd, d->path, m->mode).there)
		return 0;
	if (!c->there++)
		c->first = vss_escaped(d->path);
	return 0;
}

static int
check_member(void *ctx, const struct vss_member *m, struct vss_err *err)
{
	struct check *c = ctx;
	struct vss_placing *p = c->p;
	struct vss_destination d;

	if (vss_check_interrupt(err) < 0)
		return -1;
	if (!vss_wanted_takes(p->wanted, m->path, m->mode))
		return 0;
	if (!placing_is_layer(p, m)) {
		p->total_files++;
		p->total_bytes += m->size;
	}
	vss_placing_destination(p, m->path, m->mode, m->size, &d);
	if (d.files && !S_ISDIR(m->mode))
		d.files->matched = true;
	int rc = d.place && !d.place->plain ? 0 : check_plain(c, m, &d, err);
	free(d.path);
	return rc;
}

static int
refuse_existing(const struct check *c, struct vss_err *err)
{
	VSS_AUTOFREE char *more = c->there > 1 ? vss_strf(", and %" PRIu64 " more", c->there - 1) : vss_strdup("");

	return vss_fail(err, VSS_EXISTS, 0,
		"%s: is there already%s; nothing was changed: choose --existing skip, replace or keep-both", c->first,
		more);
}

int
vss_placing_check(struct vss_placing *p, struct vss_err *err)
{
	struct check c = { .p = p };
	int rc = vss_archive_each(p->reader, check_member, &c, err);

	if (rc == 0 && c.there)
		rc = refuse_existing(&c, err);
	free(c.first);
	return rc;
}
