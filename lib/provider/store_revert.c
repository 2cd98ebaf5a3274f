/* SPDX-License-Identifier: BSD-2-Clause */
#include "provider/revert_internal.h"

#include "base/mem.h"
#include "base/path.h"
#include "base/stop.h"
#include "base/str.h"
#include "os/dirs.h"
#include "tree/beneath.h"
#include "tree/mirror.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOCK_WAIT_MS 2000

/* File by file: what was done of it stays done, so it can only be completed, by the same work once more. */
struct job {
	const struct vss_shadow *s;
	struct vss_provider_revert *how;
	int store, copy, volume;
};

/* What the mount shows of the volume: the copy has the volume's layout. */
static int
open_copy(int root, const struct vss_shadow *s, struct vss_err *err)
{
	VSS_AUTOFREE char *path = vss_store_copy_path(&s->id);
	VSS_AUTOCLOSE int copy = vss_open_beneath(root, path, O_RDONLY | O_DIRECTORY, 0, err);

	if (copy < 0)
		return vss_wrap(err, "the shadow copy");
	return s->subpath && *s->subpath ? vss_open_beneath(copy, s->subpath, O_RDONLY | O_DIRECTORY, 0, err)
					 : vss_take_fd(&copy);
}

static int
open_volume(const struct vss_provider_revert *how, struct vss_err *err)
{
	if (!how->mount)
		return vss_fail(
			err, VSS_ABSENT, 0, "the volume is not mounted, and is put back file by file: mount it");
	int fd = open(how->mount, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? vss_fail(err, VSS_SYSTEM, errno, "%s", how->mount) : fd;
}

/* Where the state of these tools lies in the volume, or NULL: what they know of other copies is no part of what is put back. */
static char *
own_state(const char *mount)
{
	VSS_AUTOFREE char *volume = realpath(mount, NULL);
	VSS_AUTOFREE char *state = realpath(vss_state_dir(), NULL);
	const char *below = volume && state ? vss_path_below(state, volume) : NULL;

	return below && *below ? vss_strdup(below) : NULL;
}

static int
do_it(const struct job *j, struct vss_err *err)
{
	struct vss_mirror_report report;
	VSS_AUTOFREE char *state = own_state(j->how->mount);

	vss_stop_point("revert.begun");
	if (vss_mirror_tree(j->copy, j->volume, state, &report, err) < 0) {
		vss_wrap(err, "%s", j->how->mount);
		return vss_wrap(err, "put back in part, call revert-shadow again when the reason is gone");
	}
	if (syncfs(j->volume) < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "%s: write it to disk", j->how->mount);
	vss_stop_point("revert.done");
	return 0;
}

static int
record(const struct job *j, struct vss_err *err)
{
	struct vss_revert_record r = {
		.waits = j->how->at_boot,
		.path = vss_strdup(j->how->mount),
		.other = vss_strdup(""),
	};
	int rc = vss_revert_record_write(j->store, &j->s->id, &r, err);

	vss_revert_record_clear(&r);
	return rc;
}

static int
begin(const struct job *j, bool by_path, struct vss_err *err)
{
	const struct vss_revert_claim claim = { .shadow = &j->s->id, .path = j->how->mount };
	struct stat st;

	if (fstat(j->volume, &st) < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "%s", j->how->mount);
	if (vss_revert_refuse_second(j->store, &claim, err) < 0 ||
		vss_revert_check_use(j->how, st.st_dev, by_path ? j->how->mount : NULL, err) < 0 || record(j, err) < 0)
		return -1;
	j->how->pending = j->how->at_boot;
	return j->how->pending ? 0 : do_it(j, err);
}

/*
 * Left to the start of the machine, when nobody uses the volume yet, or to him who asks for it: since the run that
 * was cut short somebody may have gone on working with what he found.
 */
static int
finish(const struct job *j, struct vss_err *err)
{
	struct vss_revert_record r;
	int there = vss_revert_record_read(j->store, &j->s->id, &r, err);

	if (there <= 0)
		return there;
	bool due = j->how->at_boot && vss_revert_is_later_boot(&r), waits = r.waits;
	vss_revert_record_clear(&r);
	if (due)
		return do_it(j, err);
	j->how->pending = waits;
	return waits ? 0
		     : vss_fail(err, VSS_E_REVERT_IN_PROGRESS, 0,
			       "%s: it was put back in part, as that was cut short: call revert-shadow again to "
			       "complete it",
			       j->how->mount);
}

int
vss_store_revert(const struct vss_shadow *s, const struct vss_store_kind *kind, bool by_path,
	struct vss_provider_revert *how, struct vss_err *err)
{
	VSS_AUTOCLOSE int root = kind->open_root(s->place, err);
	VSS_AUTOCLOSE int store = root < 0 ? -1 : vss_store_find(root, kind->provider, err);
	VSS_AUTOCLOSE int lock = store < 0 ? -1 : vss_store_lock(store, LOCK_WAIT_MS, err);
	VSS_AUTOCLOSE int copy = lock < 0 ? -1 : open_copy(root, s, err);

	if (copy < 0)
		return -1;
	VSS_AUTOCLOSE int volume = open_volume(how, err);
	if (volume < 0)
		return -1;
	const struct job j = { s, how, store, copy, volume };
	return how->finish ? finish(&j, err) : begin(&j, by_path, err);
}
