/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/placing_internal.h"

#include "base/mem.h"
#include "os/interrupt.h"
#include "requester/convert.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/*
 * Of a chain only the last archive has all directories, and files of the others come before it.  So those that are missing
 * are made first: nobody but us can look into them until they get what the last archive knows of them.
 */

static bool
selects_directory(void *wanted, const char *path, mode_t type)
{
	return S_ISDIR(type) && vss_wanted_selects(wanted, path, type);
}

static struct vss_attr
private_directory(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (struct vss_attr){
		.mode = S_IFDIR | 0700, .uid = geteuid(), .gid = getegid(), .atime_s = now.tv_sec, .mtime_s = now.tv_sec
	};
}

/* What takes the place of something else does so now: files are to come into it. */
static int
make_wanted(struct placing_run *r, const struct vss_member *m, struct vss_err *err)
{
	struct vss_attr a = private_directory();
	struct vss_destination d;

	vss_placing_destination(r->p, m->path, m->mode, m->size, &d);
	VSS_AUTOFREE char *path = d.path;
	if (strcmp(path, ".") == 0 || (d.place && (d.place->pending || d.place->decision.place == VSS_PLACE_AT_BOOT)))
		return 0;
	if (!vss_look_at_room(r->p->rootfd, path, m->mode).there)
		return vss_put_way(r->put, path, &a, err);
	if (d.existing != VSS_EXISTING_REPLACE)
		return 0;
	vss_put_set_existing(r->put, VSS_PUT_REPLACE);
	return vss_put_entry(r->put, path, &a, err);
}

/* What cannot be made is told when it is put, or when files are that cannot be put into it. */
static int
make_directory(struct placing_run *r, const struct vss_member *m, struct vss_err *err)
{
	struct vss_err why = VSS_ERR_INIT;
	bool takes = vss_wanted_takes(r->p->wanted, m->path, m->mode);

	if (vss_check_interrupt(err) < 0)
		return -1;
	if ((takes ? make_wanted(r, m, &why) : placing_put_way(r, m, &why)) < 0 && why.code == VSS_NOSPACE) {
		*err = why;
		return vss_wrap(err, "%s", m->path);
	}
	return 0;
}

int
placing_make_frame(struct vss_placing *p, struct vss_err *err)
{
	struct vss_put_options o = { p->rootfd, VSS_PUT_REFUSE, placing_apply_flags(p) };
	struct placing_run r = { .p = p, .fd = -1, .put = vss_put_new(&o) };
	struct vss_member m = { 0 };
	struct vss_err late;
	int rc = vss_archive_select(p->reader, selects_directory, p->wanted, err), more = 1;

	while (rc == 0 && (more = vss_archive_next(p->reader, &m, err)) == 1)
		rc = make_directory(&r, &m, err);
	vss_member_clear(&m);
	(void)vss_put_finish(r.put, &late); /* the last archive gives them all once more */
	vss_put_free(r.put);
	return more < 0 ? -1 : rc;
}
