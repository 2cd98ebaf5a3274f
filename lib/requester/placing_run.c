/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/placing_internal.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/stop.h"
#include "os/interrupt.h"
#include "requester/at_boot.h"
#include "requester/chain.h"
#include "requester/convert.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool
concerns_all(const struct vss_err *err)
{
	return err->code == VSS_NOSPACE || err->code == VSS_INTERRUPTED;
}

static void
item_failed(struct placing_run *r, const struct vss_member *m, const struct vss_err *why)
{
	VSS_AUTOFREE char *shown = vss_escaped(m->path);
	size_t c = vss_wanted_component(r->p->wanted, m->path, m->mode);

	vss_complain("%s: %s", shown, why->text);
	r->p->result->failed++;
	if (c != SIZE_MAX) {
		r->p->component_failed[c] = true;
		r->p->places[c]->spoilt = true;
	}
}

static int
write_piece(void *ctx, uint64_t at, const void *data, size_t n, struct vss_err *err)
{
	struct placing_run *r = ctx;
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
	if (!p->progress)
		return 0;
	uint64_t files = p->chain ? p->chain->total_files : p->total_files;
	uint64_t bytes_of_all = p->chain ? p->chain->total_bytes : p->total_bytes;
	return p->progress(p->ctx, p->result->files, p->result->bytes, files, bytes_of_all, err);
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
note_privileges(struct placing_run *r, const struct vss_member *m)
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
settle_trust(struct placing_run *r, const struct vss_member *m)
{
	struct vss_placing *p = r->p;

	if (!p->is_trusted || !needs_trust(m))
		return;
	p->trusted = p->is_trusted(p->trust);
	p->is_trusted = NULL;
	if (p->trusted)
		vss_put_trust(r->put);
}

int
placing_write_content(struct placing_run *r, const struct vss_member *m, struct vss_err *err)
{
	return m->size ? vss_archive_content(r->p->reader, write_piece, r, err) : 0;
}

static int
put_file(struct placing_run *r, const struct vss_member *m, const char *path, const struct vss_attr *a,
	struct vss_err *err)
{
	int rc = m->partial ? placing_open_over(r, m, path, err) : vss_put_open(r->put, path, &r->fd, err);

	if (rc != 0)
		return rc;
	if (placing_write_content(r, m, err) < 0) {
		vss_put_drop(r->put);
		return -1;
	}
	vss_stop_point("restore.file-written");
	settle_trust(r, m); /* its answer lies in the archive, too: now that the content has been read */
	return vss_put_close(r->put, a, err);
}

static void
set_existing(struct placing_run *r, const struct vss_member *m, const struct vss_destination *d)
{
	static const enum vss_put_existing map[] = {
		[VSS_EXISTING_REFUSE] = VSS_PUT_REFUSE,
		[VSS_EXISTING_SKIP] = VSS_PUT_SKIP,
		[VSS_EXISTING_REPLACE] = VSS_PUT_REPLACE,
		[VSS_EXISTING_KEEP_BOTH] = VSS_PUT_KEEP_BOTH,
	};

	/* What this restore has put there itself was decided about when it came. */
	vss_put_set_existing(r->put, placing_is_layer(r->p, m) ? VSS_PUT_REPLACE : map[d->existing]);
}

/* Where the bytes go now: with a stage, to the place that it keeps for the destination. */
static char *
place_now(const struct vss_destination *d, struct vss_err *err)
{
	if (!d->place || d->place->decision.place != VSS_PLACE_AT_BOOT)
		return vss_strdup(d->path);
	VSS_AUTOFREE char *target = vss_strf("/%s", d->path);
	VSS_AUTOFREE char *place = vss_at_boot_place(d->place->stage, target, err);
	return place ? vss_strdup(place + 1) : NULL;
}

/* The first name of a hard link has gone to where its own file set has. */
static int
put_link(struct placing_run *r, const struct vss_member *m, const char *path, struct vss_err *err)
{
	struct vss_destination first;

	vss_placing_destination(r->p, m->hardlink, m->mode, 0, &first);
	VSS_AUTOFREE char *target = place_now(&first, err);
	free(first.path);
	return target ? vss_put_link(r->put, path, target, err) : -1;
}

static int
put_wanted(struct placing_run *r, const struct vss_member *m, const struct vss_destination *d, const char *path,
	struct vss_err *err)
{
	struct vss_attr a;
	int rc;

	if (m->hardlink)
		return put_link(r, m, path, err);
	vss_attr_of_member(&a, m);
	if (d->in_ranges) {
		rc = placing_put_ranges(r, m, d, &a, err);
	} else if (S_ISREG(m->mode)) {
		rc = put_file(r, m, path, &a, err);
	} else {
		settle_trust(r, m);
		rc = vss_put_entry(r->put, path, &a, err);
	}
	free(a.xattrs);
	return rc;
}

int
placing_put_way(struct placing_run *r, const struct vss_member *m, struct vss_err *err)
{
	struct vss_attr a;

	vss_attr_of_member(&a, m);
	int rc = vss_put_way(r->put, m->path, &a, err);
	free(a.xattrs);
	return rc;
}

static int
put_member(struct placing_run *r, const struct vss_member *m, struct vss_err *err)
{
	struct vss_destination d;

	if (!vss_wanted_takes(r->p->wanted, m->path, m->mode))
		return placing_put_way(r, m, err);
	vss_placing_destination(r->p, m->path, m->mode, m->size, &d);
	set_existing(r, m, &d);
	VSS_AUTOFREE char *path = place_now(&d, err);
	int rc = path ? put_wanted(r, m, &d, path, err) : -1;
	if (rc == 0 && d.files) {
		if (d.place->decision.place != VSS_PLACE_AT_BOOT)
			r->p->component_wrote[d.files->component] = true;
		d.files->used = d.place->decision.place == VSS_PLACE_ALTERNATE && !d.files->moved;
	}
	free(d.path);
	return rc;
}

/* How it went with one member; -1 when no other can go better. */
static int
note_result(struct placing_run *r, const struct vss_member *m, int put, struct vss_err *err)
{
	struct vss_restore_result *result = r->p->result;

	if (put != 0)
		vss_chain_spoil(r->p->chain, m->path);
	if (put < 0 && concerns_all(err)) {
		VSS_AUTOFREE char *shown = vss_escaped(m->path);
		return vss_wrap(err, "%s", shown);
	}
	if (put < 0) {
		item_failed(r, m, err);
	} else if (put == 1) {
		result->skipped++;
	} else if (vss_wanted_takes(r->p->wanted, m->path, m->mode)) {
		result->files += !placing_is_layer(r->p, m);
		note_privileges(r, m);
	}
	return 0;
}

static int
each_member(struct placing_run *r, struct vss_err *err)
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
tell_of_owners(const struct placing_run *r)
{
	size_t n = vss_put_disowned(r->put);

	if (!n)
		return;
	vss_complain("%zu thing%s came back without the owner that the archive names: it cannot be set here", n,
		n == 1 ? "" : "s");
	r->p->result->failed += n;
}

unsigned
placing_apply_flags(const struct vss_placing *p)
{
	unsigned how = VSS_APPLY_XATTR | VSS_APPLY_TIMES | (p->trusted ? VSS_APPLY_TRUSTED : 0);

	return how | (geteuid() == 0 ? VSS_APPLY_OWNER : VSS_APPLY_OWNER_IF_CAN);
}

int
vss_placing_run(struct vss_placing *p, struct vss_err *err)
{
	struct vss_put_options o = { p->rootfd, VSS_PUT_REFUSE, placing_apply_flags(p) };
	struct placing_run r = { .p = p, .fd = -1 };
	struct vss_err late;

	if (p->frame && placing_make_frame(p->frame, err) < 0)
		return -1;
	r.put = vss_put_new(&o);
	int rc = vss_archive_select(p->reader, vss_wanted_selects, p->wanted, err);
	if (rc == 0)
		rc = each_member(&r, err);
	if (rc == 0 && vss_archive_state(p->reader) == VSS_ARCHIVE_STREAM)
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
