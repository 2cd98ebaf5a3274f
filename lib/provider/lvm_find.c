/* SPDX-License-Identifier: BSD-2-Clause */
#include "provider/lvm_internal.h"

#include "base/mem.h"
#include "base/time.h"

#include <pthread.h>
#include <unistd.h>

/*
 * One copy of many: what lvm said is kept for a moment, so that a list of five hundred copies asks it once.  A worker that
 * the session has given up may still be here, hence the lock.
 */

#define KEEP_NS (2 * VSS_S)

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct vss_lvm_report kept;
static int64_t kept_until;

void
vss_lvm_outdate(void)
{
	pthread_mutex_lock(&mutex);
	kept_until = 0;
	pthread_mutex_unlock(&mutex);
}

static int
renew(bool fresh, struct vss_err *err)
{
	struct vss_lvm_report r;

	if (!fresh && vss_now_mono() < kept_until)
		return 0;
	if (vss_lvm_look(&r, err)) {
		vss_lvm_report_free(&r);
		return -1;
	}
	vss_lvm_report_free(&kept);
	kept = r;
	kept_until = vss_now_mono() + KEEP_NS;
	return 0;
}

static int
find(const struct vss_shadow *s, bool fresh, struct vss_lvm_lv *out, struct vss_err *err)
{
	if (renew(fresh, err))
		return -1;
	const struct vss_lvm_lv *lv = vss_lvm_copy(&kept, s->place, &s->id);
	if (lv) {
		*out = vss_lvm_lv_copy(lv);
		return 1;
	}
	if (!fresh)
		return find(s, true, out, err);
	if (!vss_lvm_has_group(&kept, s->place))
		return vss_fail(err, VSS_ABSENT, 0, "volume group %s is not to be seen", s->place);
	return 0;
}

int
vss_lvm_check(const struct vss_provider_set *ps, const struct vss_volume *v, struct vss_err *err)
{
	(void)ps;
	if (geteuid() != 0)
		return vss_fail(err, VSS_DENIED, 0, "%s: only root may take LVM snapshots", v->mount);
	pthread_mutex_lock(&mutex);
	int rc = renew(false, err);
	if (rc == 0)
		rc = vss_lvm_check_origin(&kept, v, err);
	pthread_mutex_unlock(&mutex);
	return rc;
}

char *
vss_lvm_place_of(const struct vss_volume *v, struct vss_err *err)
{
	char *place = NULL;

	pthread_mutex_lock(&mutex);
	int rc = renew(false, err);
	const struct vss_lvm_lv *lv = rc ? NULL : vss_lvm_by_uuid(&kept, v->id);
	if (lv)
		place = vss_strdup(lv->vg_uuid);
	else if (rc == 0)
		vss_fail(err, VSS_ABSENT, 0, "%s: lvm does not know its logical volume", v->mount);
	pthread_mutex_unlock(&mutex);
	return place;
}

/* Can the place be looked at at all? */
static int
check_place(const struct vss_shadow *s, struct vss_err *err)
{
	if (!s->place || !vss_lvm_is_place(s->place))
		return vss_fail(err, VSS_INVALID, 0, "%s: it is not the UUID of a volume group",
			s->place ? s->place : "no place");
	if (geteuid() != 0)
		return vss_fail(
			err, VSS_DENIED, 0, "volume group %s: only root may work with its shadow copies", s->place);
	if (!vss_lvm_is_here())
		return vss_fail(err, VSS_ABSENT, 0, "volume group %s is not to be seen", s->place);
	return 0;
}

int
vss_lvm_find(const struct vss_shadow *s, bool fresh, struct vss_lvm_lv *out, struct vss_err *err)
{
	*out = (struct vss_lvm_lv){ 0 };
	if (check_place(s, err))
		return -1;
	pthread_mutex_lock(&mutex);
	int rc = find(s, fresh, out, err);
	pthread_mutex_unlock(&mutex);
	return rc;
}

int
vss_lvm_look_for(
	const struct vss_shadow *s, struct vss_lvm_report *r, const struct vss_lvm_lv **lv, struct vss_err *err)
{
	*r = (struct vss_lvm_report){ 0 };
	if (check_place(s, err) || vss_lvm_look(r, err))
		return -1;
	*lv = vss_lvm_copy(r, s->place, &s->id);
	if (*lv)
		return 1;
	return vss_lvm_has_group(r, s->place)
		       ? 0
		       : vss_fail(err, VSS_ABSENT, 0, "volume group %s is not to be seen", s->place);
}
