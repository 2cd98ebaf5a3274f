/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/chain_internal.h"

#include "base/mem.h"

#include <stdint.h>
#include <string.h>

char *
vss_chain_called(const struct vss_bcd_image *i)
{
	char id[VSS_UUID_BRACED];

	vss_uuid_braced(&i->backup_id, id);
	if (!i->archive)
		return vss_strf("%s backup %s", vss_backup_type_word(i->type), id);
	VSS_AUTOFREE char *shown = vss_escaped(i->archive);
	return vss_strf("%s backup %s (%s)", vss_backup_type_word(i->type), id, shown);
}

/* Which archive of the chain that `on` builds on is it?  SIZE_MAX: none. */
static size_t
place_in(const struct vss_bcd *on, const struct vss_uuid *id)
{
	for (size_t i = 0; i < on->nchain; i++)
		if (vss_uuid_eq(&on->chain[i].backup_id, id))
			return i;
	return SIZE_MAX;
}

static int
refuse_order(const struct vss_image *first, const struct vss_image *second, struct vss_err *err)
{
	return vss_fail(err, VSS_USAGE, 0, "%s has to be named before %s", first->path, second->path);
}

/* Each pair: twice the same, or the later one before what it builds on. */
static int
check_pairs(const struct vss_chain *c, struct vss_err *err)
{
	for (size_t i = 0; i < c->n; i++) {
		for (size_t k = i + 1; k < c->n; k++) {
			const struct vss_image *a = &c->v[i], *b = &c->v[k];
			if (vss_uuid_eq(&a->bcd->backup_id, &b->bcd->backup_id))
				return vss_fail(err, VSS_USAGE, 0, "%s and %s are the same backup", a->path, b->path);
			if (place_in(a->bcd, &b->bcd->backup_id) != SIZE_MAX)
				return refuse_order(b, a, err);
		}
	}
	return 0;
}

static const char *
why_nothing_builds_on(enum vss_backup_type type)
{
	switch (type) {
	case VSS_BT_COPY:
		return "is a copy, which nothing builds on";
	case VSS_BT_LOG:
		return "holds logs, which nothing builds on";
	default:
		return NULL;
	}
}

static int
refuse_stranger(const struct vss_image *i, const struct vss_image *last, struct vss_err *err)
{
	const char *why = why_nothing_builds_on(i->bcd->type), *host = last->bcd->host;

	if (!vss_str_eq(i->bcd->host, host))
		return vss_fail(err, VSS_INVALID, 0, "%s is of the machine \"%s\", %s of \"%s\"", i->path,
			i->bcd->host ? i->bcd->host : "", last->path, host ? host : "");
	if (why)
		return vss_fail(err, VSS_INVALID, 0, "%s %s; %s is not its next", i->path, why, last->path);
	if (last->bcd->type == VSS_BT_LOG)
		return vss_fail(err, VSS_INVALID, 0, "%s holds logs and stands by itself: restore it apart from %s",
			last->path, i->path);
	if (why_nothing_builds_on(last->bcd->type))
		return vss_fail(err, VSS_INVALID, 0, "%s stands by itself: it cannot follow %s", last->path, i->path);
	if (!last->bcd->nchain)
		return vss_fail(
			err, VSS_INVALID, 0, "%s is a full backup: it does not build on %s", last->path, i->path);
	return vss_fail(err, VSS_INVALID, 0, "%s does not build on %s", last->path, i->path);
}

static int
check_members(const struct vss_chain *c, const struct vss_image *last, struct vss_err *err)
{
	size_t before = 0;

	for (size_t i = 0; i + 1 < c->n; i++) {
		const struct vss_image *image = &c->v[i];
		size_t place = place_in(last->bcd, &image->bcd->backup_id);
		if (place == SIZE_MAX || !vss_str_eq(image->bcd->host, last->bcd->host))
			return refuse_stranger(image, last, err);
		if (i && place < before)
			return refuse_order(image, &c->v[i - 1], err);
		before = place;
	}
	return 0;
}

static int
check_gaps(const struct vss_chain *c, const struct vss_image *last, struct vss_err *err)
{
	for (size_t k = 0, i = 0; k < last->bcd->nchain; k++) {
		const struct vss_bcd_image *wanted = &last->bcd->chain[k];
		if (i + 1 < c->n && vss_uuid_eq(&c->v[i].bcd->backup_id, &wanted->backup_id)) {
			i++;
			continue;
		}
		VSS_AUTOFREE char *called = vss_chain_called(wanted);
		const struct vss_image *next = &c->v[i];
		return vss_fail(err, VSS_USAGE, 0,
			"%s builds on the %s, too: name it before %s, or name the last one alone", last->path, called,
			next->path);
	}
	return 0;
}

int
vss_chain_order(const struct vss_chain *c, struct vss_err *err)
{
	const struct vss_image *last = &c->v[c->n - 1];

	if (check_pairs(c, err) < 0 || check_members(c, last, err) < 0)
		return -1;
	return check_gaps(c, last, err);
}
