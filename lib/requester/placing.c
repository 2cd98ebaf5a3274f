/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/restore_files.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/stop.h"
#include "os/durable.h"
#include "os/interrupt.h"
#include "requester/convert.h"
#include "tree/beneath.h"
#include "tree/put.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct run {
	struct vss_placing *p;
	struct vss_put *put;
	int fd;		 /* of the file in the making */
	size_t stripped; /* members that lost a privilege, because the archive is not trusted */
};

static bool
concerns_all(const struct vss_err *err)
{
	return err->code == VSS_NOSPACE || err->code == VSS_INTERRUPTED;
}

static void
item_failed(struct run *r, const struct vss_member *m, const struct vss_err *why)
{
	VSS_AUTOFREE char *shown = vss_escaped(m->path);
	size_t c = vss_wanted_component(r->p->wanted, m->path, m->mode);

	vss_complain("%s: %s", shown, why->text);
	r->p->result->failed++;
	if (c != SIZE_MAX && r->p->component_failed)
		r->p->component_failed[c] = true;
}

/* --- before the first write --- */

struct check {
	struct vss_placing *p;
	uint64_t there;
	char *first;
};

/* Is something where this member is to be, or where a directory on the way to it is to be? */
static bool
is_in_the_way(const struct vss_placing *p, const struct vss_member *m)
{
	struct vss_err why = VSS_ERR_INIT;
	const char *base;
	struct stat st;

	if (p->rootfd < 0 || strcmp(m->path, ".") == 0)
		return false;
	VSS_AUTOCLOSE int parent = vss_open_parent(p->rootfd, m->path, false, &base, &why);
	if (parent < 0)
		return why.code != VSS_ABSENT;
	if (fstatat(parent, base, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno != ENOENT;
	return !S_ISDIR(m->mode) || !S_ISDIR(st.st_mode);
}

static int
refuse_guarded(const struct vss_member *m, struct vss_err *err)
{
	VSS_AUTOFREE char *shown = vss_escaped(m->path);

	return vss_fail(err, VSS_DENIED, 0,
		"%s: belongs to a writer that is running here: restore it with --writer, or elsewhere with --target",
		shown);
}

static int
check_member(void *ctx, const struct vss_member *m, struct vss_err *err)
{
	struct check *c = ctx;
	struct vss_placing *p = c->p;

	if (vss_check_interrupt(err) < 0)
		return -1;
	if (!vss_wanted_takes(p->wanted, m->path, m->mode))
		return 0;
	p->total_files++;
	p->total_bytes += m->size;
	size_t owner = vss_wanted_component(p->wanted, m->path, m->mode);
	if (!S_ISDIR(m->mode) && owner == SIZE_MAX && vss_wanted_component(p->guarded, m->path, m->mode) != SIZE_MAX)
		return refuse_guarded(m, err);
	bool may_be_there = owner == SIZE_MAX ? p->existing != VSS_EXISTING_REFUSE
					      : !p->component_if_not_there[owner] || p->component_makes_room[owner];
	if (!may_be_there && is_in_the_way(p, m) && !c->there++)
		c->first = vss_escaped(m->path);
	return 0;
}

static int
check_room(void *ctx, const struct vss_member *m, struct vss_err *err)
{
	struct check *c = ctx;
	struct vss_placing *p = c->p;

	if (vss_check_interrupt(err) < 0)
		return -1;
	size_t owner = vss_wanted_component(p->wanted, m->path, m->mode);
	if (owner != SIZE_MAX && p->component_if_not_there[owner] && is_in_the_way(p, m) && !c->there++)
		c->first = vss_escaped(m->path);
	return 0;
}

static int
refuse_existing(const struct check *c, struct vss_err *err)
{
	VSS_AUTOFREE char *more = c->there > 1 ? vss_strf(", and %" PRIu64 " more", c->there - 1) : vss_strdup("");

	return vss_fail(err, VSS_EXISTS, 0,
		"%s: is there already%s; nothing was changed: choose --existing skip, replace or keep-both", c->first,
		more);
}

static int
refuse_unmatched(const struct vss_wanted *w, struct vss_err *err)
{
	size_t from = 0;
	const char *wish = vss_wanted_unmatched(w, &from);

	if (!wish)
		return 0;
	VSS_AUTOFREE char *shown = vss_escaped(wish);
	return vss_fail(err, VSS_E_OBJECT_NOT_FOUND, 0, "%s: not in the archive", shown);
}

int
vss_placing_check(struct vss_placing *p, struct vss_err *err)
{
	struct check c = { .p = p };
	int rc = vss_archive_each(p->reader, check_member, &c, err);

	if (rc == 0)
		rc = refuse_unmatched(p->wanted, err);
	if (rc == 0 && !p->total_files)
		rc = vss_fail(err, VSS_E_OBJECT_NOT_FOUND, 0, "the archive holds nothing of what was asked for");
	if (rc == 0 && c.there)
		rc = refuse_existing(&c, err);
	free(c.first);
	return rc;
}

int
vss_placing_check_room(struct vss_placing *p, struct vss_err *err)
{
	struct check c = { .p = p };
	int rc = vss_archive_each(p->reader, check_room, &c, err);

	if (rc == 0 && c.there)
		rc = vss_fail(err, VSS_EXISTS, 0,
			"%s: is there already, and its writer restores only where nothing is: no file was restored",
			c.first);
	free(c.first);
	return rc;
}

/* --- putting --- */

static int
write_piece(void *ctx, uint64_t at, const void *data, size_t n, struct vss_err *err)
{
	struct run *r = ctx;
	struct vss_placing *p = r->p;
	const char *bytes = data;

	while (n) {
		ssize_t w = pwrite(r->fd, bytes, n, (off_t)at);
		if (w < 0 && errno == EINTR)
			continue;
		if (w < 0)
			return vss_fail(err, VSS_SYSTEM, errno, "write");
		bytes += w;
		at += (uint64_t)w;
		n -= (size_t)w;
		p->result->bytes += (uint64_t)w;
	}
	if (vss_check_interrupt(err) < 0)
		return -1;
	return p->progress
		       ? p->progress(p->ctx, p->result->files, p->result->bytes, p->total_files, p->total_bytes, err)
		       : 0;
}

static bool
has_privileges(const struct vss_member *m)
{
	if (S_ISREG(m->mode) && (m->mode & (S_ISUID | S_ISGID)))
		return true;
	for (size_t i = 0; i < m->nxattrs; i++)
		if (strcmp(m->xattrs[i].name, "security.capability") == 0 ||
			vss_str_starts(m->xattrs[i].name, "trusted."))
			return true;
	return false;
}

/* After the member was put: it is said what it did not get. */
static void
note_privileges(struct run *r, const struct vss_member *m)
{
	if (r->p->trusted || m->hardlink || !has_privileges(m))
		return;
	VSS_AUTOFREE char *shown = vss_escaped(m->path);
	vss_info("%s: without its set-id bits, capabilities and trusted attributes", shown);
	r->stripped++;
}

/* Does it need more than anybody's word? */
static bool
needs_trust(const struct vss_member *m)
{
	if (S_ISCHR(m->mode) || S_ISBLK(m->mode) || has_privileges(m))
		return true;
	for (size_t i = 0; i < m->nxattrs; i++)
		if (vss_str_starts(m->xattrs[i].name, "security."))
			return true;
	return false;
}

static void
settle_trust(struct run *r, const struct vss_member *m)
{
	struct vss_placing *p = r->p;

	if (!p->is_trusted || !needs_trust(m))
		return;
	p->trusted = p->is_trusted(p->trust);
	p->is_trusted = NULL;
	if (p->trusted)
		vss_put_trust(r->put);
}

static int
put_file(struct run *r, const struct vss_member *m, const struct vss_attr *a, struct vss_err *err)
{
	int rc = vss_put_open(r->put, m->path, &r->fd, err);

	if (rc != 0)
		return rc;
	if (m->size && vss_archive_content(r->p->reader, write_piece, r, err) < 0) {
		vss_put_drop(r->put);
		return -1;
	}
	vss_stop_point("restore.file-written");
	settle_trust(r, m); /* its answer lies in the archive, too: now that the content has been read */
	return vss_put_close(r->put, a, err);
}

/* Files of a writer's component take the place of what is there: its restore method has allowed it. */
static enum vss_put_existing
existing_for(const struct vss_placing *p, const struct vss_member *m)
{
	static const enum vss_put_existing map[] = {
		[VSS_EXISTING_REFUSE] = VSS_PUT_REFUSE,
		[VSS_EXISTING_SKIP] = VSS_PUT_SKIP,
		[VSS_EXISTING_REPLACE] = VSS_PUT_REPLACE,
		[VSS_EXISTING_KEEP_BOTH] = VSS_PUT_KEEP_BOTH,
	};

	return vss_wanted_component(p->wanted, m->path, m->mode) != SIZE_MAX ? VSS_PUT_REPLACE : map[p->existing];
}

static int
put_member(struct run *r, const struct vss_member *m, struct vss_err *err)
{
	struct vss_attr a;
	int rc;

	vss_put_set_existing(r->put, existing_for(r->p, m));
	if (m->hardlink)
		return vss_put_link(r->put, m->path, m->hardlink, err);
	vss_attr_of_member(&a, m);
	if (!vss_wanted_takes(r->p->wanted, m->path, m->mode)) {
		rc = vss_put_way(r->put, m->path, &a, err);
	} else if (S_ISREG(m->mode)) {
		rc = put_file(r, m, &a, err);
	} else {
		settle_trust(r, m);
		rc = vss_put_entry(r->put, m->path, &a, err);
	}
	free(a.xattrs);
	return rc;
}

/* How it went with one member; -1 when no other can go better. */
static int
note_result(struct run *r, const struct vss_member *m, int put, struct vss_err *err)
{
	struct vss_restore_result *result = r->p->result;

	if (put < 0 && concerns_all(err)) {
		VSS_AUTOFREE char *shown = vss_escaped(m->path);
		return vss_wrap(err, "%s", shown);
	}
	if (put < 0) {
		item_failed(r, m, err);
	} else if (put == 1) {
		result->skipped++;
	} else if (vss_wanted_takes(r->p->wanted, m->path, m->mode)) {
		result->files++;
		note_privileges(r, m);
	}
	return 0;
}

static int
each_member(struct run *r, struct vss_err *err)
{
	struct vss_member m = { 0 };
	int rc;

	while ((rc = vss_archive_next(r->p->reader, &m, err)) == 1) {
		struct vss_err why = VSS_ERR_INIT;
		if (note_result(r, &m, put_member(r, &m, &why), &why) < 0) {
			*err = why;
			rc = -1;
			break;
		}
	}
	vss_member_clear(&m);
	return rc;
}

/* What was asked for and did not come by: only of a stream, the index of others was looked at before. */
static void
complain_unmatched(struct vss_placing *p)
{
	const char *wish;

	for (size_t from = 0; (wish = vss_wanted_unmatched(p->wanted, &from));) {
		VSS_AUTOFREE char *shown = vss_escaped(wish);
		vss_complain("%s: not in the archive", shown);
		p->result->failed++;
	}
}

/* On a file system without owners, or in a container that does not have these. */
static void
tell_of_owners(const struct run *r)
{
	size_t n = vss_put_disowned(r->put);

	if (!n)
		return;
	vss_complain("%zu thing%s came back without the owner that the archive names: it cannot be set here", n,
		n == 1 ? "" : "s");
	r->p->result->failed += n;
}

static unsigned
apply_flags(const struct vss_placing *p)
{
	unsigned how = VSS_APPLY_XATTR | VSS_APPLY_TIMES | (p->trusted ? VSS_APPLY_TRUSTED : 0);

	return how | (geteuid() == 0 ? VSS_APPLY_OWNER : VSS_APPLY_OWNER_IF_CAN);
}

int
vss_placing_run(struct vss_placing *p, struct vss_err *err)
{
	struct vss_put_options o = { p->rootfd, VSS_PUT_REFUSE, apply_flags(p) };
	struct run r = { .p = p, .fd = -1 };
	struct vss_err late;

	r.put = vss_put_new(&o);
	int rc = vss_archive_select(p->reader, vss_wanted_selects, p->wanted, err);
	if (rc == 0)
		rc = each_member(&r, err);
	if (rc == 0)
		complain_unmatched(p);
	if (r.stripped)
		vss_warn("the archive is not this machine's own: %zu file%s came back without set-id bits, "
			 "capabilities or "
			 "trusted attributes; --trusted keeps them",
			r.stripped, r.stripped == 1 ? "" : "s");
	if (vss_put_finish(r.put, &late) < 0) /* also after a failure: what was put is to be whole */
		p->result->failed++;
	tell_of_owners(&r);
	if (rc == 0)
		rc = vss_put_sync(r.put, err);
	vss_put_free(r.put);
	return rc;
}
