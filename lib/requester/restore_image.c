/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/restore_image.h"

#include "base/log.h"
#include "requester/documents.h"

#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct vss_image *
image(const struct vss_restore_image *i)
{
	return &i->chain->v[i->at];
}

/* The machine's own archive: it says so, and nobody but root or us could have written it. */
static bool
is_own(const struct vss_image *image)
{
	struct stat st;
	char host[256] = "";

	if (gethostname(host, sizeof host - 1) < 0 || !vss_str_eq(image->bcd->host, host) || fstat(image->fd, &st) < 0)
		return false;
	return S_ISREG(st.st_mode) && (st.st_uid == 0 || st.st_uid == geteuid()) && !(st.st_mode & 022) &&
	       st.st_nlink > 0;
}

/* Below a target the components document is read for this alone, so only when it matters. */
static bool
source_is_own(void *source)
{
	struct vss_image *image = source;
	struct vss_err why = VSS_ERR_INIT;

	if (vss_archive_state(image->reader) == VSS_ARCHIVE_STREAM)
		return false;
	if (!image->bcd && !(image->bcd = vss_read_bcd(image->reader, &why)))
		vss_warn("nobody knows whose archive it is: %s", why.text);
	return image->bcd && is_own(image);
}

/* Of a chain each file comes from the archive that has it as the last one describes it. */
static bool
is_held(void *ctx, const char *path)
{
	const struct vss_restore_image *i = ctx;

	return vss_chain_has(i->chain, i->at, path);
}

static void
begin(struct vss_restore_image *i)
{
	const struct vss_restore_request *r = i->request;

	vss_wanted_init(&i->wanted, r->what);
	i->wanted.ways = r->in_place; /* elsewhere they are of no use, and each may cost a frame */
	if (i->chain->n > 1) {
		i->wanted.holds = is_held;
		i->wanted.ctx = i;
	}
	i->placing = (struct vss_placing){ .reader = image(i)->reader,
		.result = i->result,
		.existing = r->existing,
		.wanted = &i->wanted,
		.guarded = &i->nothing,
		.progress = r->progress,
		.ctx = r->ctx,
		.trusted = r->trusted,
		.rootfd = i->rootfd };
}

/* A private copy that no writer sees (R35). */
static int
check_for_target(struct vss_restore_image *i, struct vss_err *err)
{
	const struct vss_restore_request *r = i->request;

	if (r->writers && r->writers->n)
		return vss_fail(
			err, VSS_UNSUPPORTED, 0, "--writer goes with --in-place; below a target name the paths");
	i->placing.is_trusted = r->trusted ? NULL : source_is_own;
	i->placing.trust = image(i);
	if (vss_archive_state(image(i)->reader) == VSS_ARCHIVE_STREAM)
		return 0;
	return vss_placing_check(&i->placing, err);
}

/* What can be refused is refused before a writer has closed or moved anything. */
static int
check_in_place(struct vss_restore_image *i, struct vss_err *err)
{
	struct vss_image *from = image(i);
	struct vss_placing *p = &i->placing;
	struct vss_comeback *c = &i->comeback;

	if (!from->bcd && !(from->bcd = vss_read_bcd(from->reader, err)))
		return -1;
	p->trusted = i->request->trusted || is_own(from);
	struct vss_bcd *edited = vss_read_bcd(from->reader, err); /* the session's own: writers note things in it */
	if (!edited || vss_comeback_new(c, from->reader, edited, i->request, p->wanted, err) < 0)
		return -1;
	p->guarded = &c->guarded;
	p->component_failed = c->failed;
	p->component_if_not_there = c->if_not_there;
	p->component_makes_room = c->makes_room;
	return vss_comeback_check(c, err) < 0 ? -1 : vss_placing_check(p, err);
}

int
vss_restore_image_check(struct vss_restore_image *i, struct vss_err *err)
{
	begin(i);
	return i->request->in_place ? check_in_place(i, err) : check_for_target(i, err);
}

static int
run_in_place(struct vss_restore_image *i, struct vss_err *err)
{
	struct vss_comeback *c = &i->comeback;
	struct vss_err late;
	bool touched = false;
	int rc = -1;

	if (vss_comeback_begin(c, err) == 0 && vss_placing_check_room(&i->placing, err) == 0) {
		touched = true;
		rc = vss_placing_run(&i->placing, err);
	}
	if (vss_comeback_end(c, rc == 0, touched, rc == 0 ? err : &late) < 0)
		rc = -1;
	return rc;
}

int
vss_restore_image_run(struct vss_restore_image *i, struct vss_err *err)
{
	if (i->request->dry_run) {
		i->result->files += i->placing.total_files;
		i->result->bytes += i->placing.total_bytes;
		return 0;
	}
	return i->request->in_place ? run_in_place(i, err) : vss_placing_run(&i->placing, err);
}

static void
tell_reads(const struct vss_archive_reader *reader)
{
	struct vss_archive_reads x;

	vss_archive_reader_reads(reader, &x);
	vss_info("read %" PRIu64 " frame%s (%" PRIu64 " bytes) and %" PRIu64 " bytes of index", x.frames,
		x.frames == 1 ? "" : "s", x.compressed_bytes, x.index_bytes);
}

void
vss_restore_image_clear(struct vss_restore_image *i)
{
	if (i->placing.reader)
		tell_reads(i->placing.reader);
	vss_comeback_clear(&i->comeback);
	vss_wanted_clear(&i->wanted);
	memset(i, 0, sizeof *i);
}
