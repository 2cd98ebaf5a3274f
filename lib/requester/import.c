/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/transport.h"
#include "requester/transport_internal.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/stop.h"
#include "catalog/catalog.h"
#include "copies/copies.h"
#include "os/dirs.h"
#include "os/lock.h"
#include "os/volume.h"

#include <stdlib.h>
#include <unistd.h>

#define CREATION_WAIT_MS 10000

/* A set in the making, of copies that come from elsewhere: one provider's. */
struct import {
	const struct vss_import_request *r;
	struct vss_transport t;
	const struct vss_provider_ops *ops;
	struct vss_volume *volume; /* where the copies are kept */
	struct vss_provider_set ps;
	int lockfd, ownerfd;
	size_t ours; /* so many copies are described as ours; what a document says of the others is another machine's */
};

static int
check_new(const struct vss_set *set, struct vss_err *err)
{
	struct vss_set_list known = { 0 };
	char id[VSS_UUID_BRACED];
	bool here = false;

	if (vss_copies_list(&known, err) < 0)
		return -1;
	for (size_t i = 0; i < known.n; i++)
		here = here || vss_uuid_eq(&known.v[i]->id, &set->id);
	vss_set_list_free(&known);
	vss_uuid_braced(&set->id, id);
	return here ? vss_fail(err, VSS_E_OBJECT_ALREADY_EXISTS, 0,
			      "shadow copy set %s is here already: a set is imported once", id)
		    : 0;
}

static int
check_wanted(const struct import *im, struct vss_err *err)
{
	char id[VSS_UUID_BRACED], wanted[VSS_UUID_BRACED];

	if (!im->r->set_id || vss_uuid_eq(im->r->set_id, &im->t.set->id))
		return 0;
	vss_uuid_braced(&im->t.set->id, id);
	vss_uuid_braced(im->r->set_id, wanted);
	return vss_fail(
		err, VSS_INVALID, 0, "%s: is of shadow copy set %s, and not of %s", im->r->document, id, wanted);
}

static int
choose_provider(struct import *im, struct vss_err *err)
{
	const struct vss_set *set = im->t.set;

	im->ops = vss_provider_named(set->shadows[0].provider, err);
	if (!im->ops)
		return -1;
	for (size_t i = 1; i < set->nshadows; i++)
		if (!vss_str_eq(set->shadows[i].provider, set->shadows[0].provider))
			return vss_fail(err, VSS_UNSUPPORTED, 0, "the copies of the set are of several providers");
	if (!im->ops->receive)
		return vss_fail(err, VSS_UNSUPPORTED, 0, "provider %s imports no shadow copies", im->ops->name);
	im->volume = vss_volume_of(im->r->to, err);
	if (!im->volume)
		return -1;
	return im->ops->bid(im->ops, im->volume) ? 0
						 : vss_fail(err, VSS_E_VOLUME_NOT_SUPPORTED_BY_PROVIDER, 0,
							   "%s: copies of the provider %s cannot be kept on %s",
							   im->r->to, im->ops->name, im->volume->fstype);
}

static int
lock_creation(struct import *im, struct vss_err *err)
{
	VSS_AUTOFREE char *path = vss_path_join(vss_run_dir(), "creation.lock");

	im->lockfd = vss_lock(path, CREATION_WAIT_MS, err);
	if (im->lockfd < 0 && err->code == VSS_BUSY)
		return vss_fail(err, VSS_E_SNAPSHOT_SET_IN_PROGRESS, 0, "another shadow copy set is in creation");
	if (im->lockfd < 0)
		return -1;
	im->ownerfd = vss_owner_new(&im->ps.owner, err);
	return im->ownerfd < 0 ? -1 : 0;
}

static int
receive_all(struct import *im, struct vss_err *err)
{
	const struct vss_set *set = im->t.set;

	im->ps.provider = im->ops;
	im->ps.set_id = set->id;
	im->ps.storage = im->r->to;
	im->ps.n = set->nshadows;
	im->ps.v = vss_alloc(im->ps.n * sizeof *im->ps.v);
	for (size_t i = 0; i < im->ps.n; i++)
		im->ps.v[i] = (struct vss_provider_volume){ .volume = im->volume, .shadow_id = set->shadows[i].id };
	for (size_t i = 0; i < im->ps.n; i++) {
		if (im->ops->receive(&im->ps, i, im->t.fds[i], err) < 0)
			return vss_wrap(err, "shadow copy of %s", set->shadows[i].volume);
		vss_stop_point("import.received");
	}
	return 0;
}

/* What it was made of stays as it is; where it is now is ours. */
static int
describe(struct import *im, struct vss_err *err)
{
	struct vss_set *set = im->t.set;

	set->owner = (struct vss_uuid){ 0 };
	for (size_t i = 0; i < set->nshadows; i++) {
		struct vss_shadow *s = &set->shadows[i];
		char id[VSS_UUID_TEXT];
		vss_uuid_text(&s->id, id);
		free(s->place);
		free(s->device);
		s->place = vss_strdup(im->ps.v[i].place);
		s->device = vss_run_path("shadows", id, err);
		if (!s->device)
			return -1;
		s->attributes &= ~(VSS_ATTR_TRANSPORTABLE | VSS_ATTR_NOT_SURFACED);
		s->attributes |= VSS_ATTR_IMPORTED | VSS_ATTR_PERSISTENT | VSS_ATTR_NO_AUTO_RELEASE;
		im->ours++;
		if (im->ops->surface(s, s->device, err) < 0)
			return -1;
	}
	return 0;
}

static int
save(struct import *im, struct vss_err *err)
{
	struct vss_provider_places places = { 0 };
	int rc = im->ops->places_of(&im->ps, &places, err);
	struct vss_catalog_place *v = vss_alloc(places.n * sizeof *v);

	for (size_t i = 0; i < places.n; i++) {
		places.v[i].provider = im->ops;
		v[i] = (struct vss_catalog_place){ places.v[i].dirfd, places.v[i].label };
	}
	vss_stop_point("import.before-save");
	if (rc == 0)
		rc = vss_catalog_save(im->t.set, v, places.n, err);
	if (rc == 0)
		rc = vss_provider_places_carry(&places, &im->t.set->id, err);
	free(v);
	vss_provider_places_free(&places);
	return rc;
}

static void
take_back(struct import *im)
{
	struct vss_err err = VSS_ERR_INIT;

	for (size_t i = 0; i < im->ours; i++)
		if (im->ops->unsurface(&im->t.set->shadows[i], im->t.set->shadows[i].device, &err) < 0)
			vss_warn("%s", err.text);
	if (im->ops->abort(&im->ps, &err) < 0)
		vss_warn("%s: %s", im->ops->title, err.text);
}

static int
make(struct import *im, struct vss_err *err)
{
	if (lock_creation(im, err) < 0)
		return -1;
	if (receive_all(im, err) < 0 || describe(im, err) < 0 || save(im, err) < 0) {
		take_back(im);
		return -1;
	}
	vss_stop_point("import.saved");
	im->ops->done(&im->ps);
	return 0;
}

static void
clear(struct import *im)
{
	for (size_t i = 0; i < im->ps.n; i++)
		free(im->ps.v[i].place);
	free(im->ps.v);
	if (im->ownerfd >= 0)
		vss_owner_release(&im->ps.owner, im->ownerfd);
	if (im->lockfd >= 0)
		close(im->lockfd);
	vss_volume_free(im->volume);
	vss_transport_clear(&im->t);
}

int
vss_import_set(const struct vss_import_request *r, struct vss_set **out, struct vss_err *err)
{
	struct import im = { .r = r, .lockfd = -1, .ownerfd = -1 };

	atomic_init(&im.ps.cancelled, false);
	int rc = vss_transport_read(r->document, &im.t, err);
	if (rc == 0)
		rc = check_wanted(&im, err);
	if (rc == 0)
		rc = check_new(im.t.set, err);
	if (rc == 0)
		rc = choose_provider(&im, err);
	if (rc == 0 && !r->dry_run)
		rc = make(&im, err);
	*out = rc == 0 ? vss_set_copy(im.t.set) : NULL;
	clear(&im);
	return rc;
}
