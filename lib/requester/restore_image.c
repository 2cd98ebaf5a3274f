/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/restore_image.h"

#include "base/log.h"
#include "requester/decided.h"
#include "requester/documents.h"
#include "requester/held.h"

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

static int
begin(struct vss_restore_image *i, struct vss_err *err)
{
	const struct vss_restore_request *r = i->request;

	vss_wanted_init(&i->wanted, r->what);
	/* Elsewhere they are of no use, and each may cost a frame; of a chain the last archive knows all directories. */
	i->wanted.ways = r->in_place && i->at + 1 == i->chain->n;
	if (i->chain->n > 1) {
		i->wanted.holds = is_held;
		i->wanted.ctx = i;
	}
	i->placing = (struct vss_placing){ .reader = image(i)->reader,
		.result = i->result,
		.existing = r->existing,
		.wanted = &i->wanted,
		.guarded = &i->nothing,
		.moves = &i->moves,
		.progress = r->progress,
		.ctx = r->ctx,
		.trusted = r->trusted,
		.chain = i->chain->tree ? i->chain : NULL,
		.at = i->at,
		.in_place = r->in_place,
		.rootfd = i->rootfd };
	return vss_moves_parse(&i->moves, r->moves, err);
}

/* --- before the first write --- */

static bool
is_stream(const struct vss_restore_image *i)
{
	return vss_archive_state(image(i)->reader) == VSS_ARCHIVE_STREAM;
}

/* A dry run has more to say before it ends with that. */
static int
check_files(struct vss_restore_image *i, struct vss_err *err)
{
	if (vss_placing_check(&i->placing, err) == 0)
		return 0;
	if (!i->request->dry_run || err->code != VSS_EXISTS)
		return -1;
	i->refusal = *err;
	return vss_forgive(err);
}

/* Moves that none of the images had a use for. */
static int
refuse_unused(const struct vss_restore_image *last, struct vss_err *err)
{
	for (size_t k = 0; k < last->moves.n; k++) {
		bool used = false;
		for (size_t at = 0; at <= last->at; at++)
			used = used || last->first[at].moves.v[k].used;
		if (!used)
			return vss_fail(err, VSS_E_OBJECT_NOT_FOUND, 0, "--to: nothing of what is restored lies in %s",
				last->moves.v[k].from);
	}
	return 0;
}

/* A private copy that no writer sees (R35): nothing that is for them has a meaning. */
static int
refuse_for_target(const struct vss_restore_request *r, struct vss_err *err)
{
	const struct {
		const struct vss_strv *words;
		const char *option;
	} v[] = {
		{ r->exclude_writers, "--exclude-writer" },
		{ r->moves, "--to" },
		{ r->options, "--restore-options" },
		{ r->authoritative, "--authoritative" },
		{ r->roll_forward, "--roll-forward" },
		{ r->restore_names, "--restore-name" },
	};

	if (r->writers && r->writers->n)
		return vss_fail(
			err, VSS_UNSUPPORTED, 0, "--writer goes with --in-place; below a target name the paths");
	for (size_t i = 0; i < sizeof v / sizeof *v; i++)
		if (v[i].words && v[i].words->n)
			return vss_fail(err, VSS_USAGE, 0, "%s goes with --in-place", v[i].option);
	return 0;
}

static int
check_for_target(struct vss_restore_image *i, struct vss_err *err)
{
	if (refuse_for_target(i->request, err) < 0)
		return -1;
	i->placing.is_trusted = i->request->trusted ? NULL : source_is_own;
	i->placing.trust = image(i);
	return is_stream(i) ? 0 : check_files(i, err);
}

static int
open_comeback(struct vss_restore_image *i, struct vss_err *err)
{
	struct vss_image *from = image(i);
	struct vss_placing *p = &i->placing;
	struct vss_comeback *c = &i->comeback;
	struct vss_bcd *edited = vss_read_bcd(from->reader, err); /* the session's own: writers note things in it */

	c->more = i->at + 1 < i->chain->n;
	if (!edited || vss_comeback_new(c, from->reader, edited, i->request, p->wanted, err) < 0)
		return -1;
	vss_decide_follow(i);
	p->guarded = &c->guarded;
	p->places = c->places;
	p->components = c->live;
	p->component_failed = c->failed;
	p->component_wrote = c->wrote;
	return vss_comeback_map(c, &i->moves, p->wanted, err);
}

/* Whose files come from a later archive is not asked for this one. */
static int
leave_to_later(struct vss_restore_image *i, struct vss_err *err)
{
	if (check_files(i, err) < 0)
		return -1;
	vss_comeback_leave(&i->comeback, i->placing.wanted);
	return 0;
}

/* What can be refused is refused before a writer has closed or moved anything. */
static int
check_in_place(struct vss_restore_image *i, struct vss_err *err)
{
	struct vss_image *from = image(i);
	bool more = i->at + 1 < i->chain->n;

	if (i->at == 0 && !i->request->dry_run)
		vss_services_repair();
	if (!from->bcd && !(from->bcd = vss_read_bcd(from->reader, err)))
		return -1;
	i->placing.trusted = i->request->trusted || is_own(from);
	if (open_comeback(i, err) < 0 || (more && leave_to_later(i, err) < 0) ||
		(!i->placing.trusted && vss_comeback_trust(&i->comeback, i->placing.wanted, err) < 0) ||
		vss_comeback_check(&i->comeback, i->request, i->placing.wanted, err) < 0)
		return -1;
	return more || (check_files(i, err) == 0 && vss_held_check(i, err) == 0) ? 0 : -1;
}

int
vss_restore_image_check(struct vss_restore_image *i, struct vss_err *err)
{
	if (begin(i, err) < 0 || (i->request->in_place ? check_in_place(i, err) : check_for_target(i, err)) < 0)
		return -1;
	return i->at + 1 == i->chain->n ? refuse_unused(i, err) : 0;
}

/* --- the run --- */

static int
put_files(struct vss_restore_image *i, struct vss_err *err)
{
	bool last = i->at + 1 == i->chain->n;
	struct vss_err late;
	int rc = vss_placing_run(&i->placing, err);

	if (vss_comeback_record(&i->comeback, i->placing.wanted, rc == 0 ? err : &late) < 0)
		return -1;
	return rc == 0 && last ? vss_decide_seal(i, err) : rc;
}

static int
run_in_place(struct vss_restore_image *i, struct vss_err *err)
{
	struct vss_comeback *c = &i->comeback;
	int rc = vss_decide_places(i, VSS_DECIDE_EARLY, err);

	if (rc < 0)
		return -1;
	rc = vss_comeback_begin(c, err);
	if (rc == 0)
		rc = vss_decide_places(i, VSS_DECIDE_LATE, err);
	if (rc == 0)
		rc = put_files(i, err);
	return vss_comeback_end(c, rc, err);
}

static int
run_dry(struct vss_restore_image *i, struct vss_err *err)
{
	const struct vss_restore_request *r = i->request;
	struct vss_err refusal = i->refusal;

	if (r->in_place && vss_decide_places(i, VSS_DECIDE_DRY, err) < 0) {
		if (err->code != VSS_GRADE)
			return -1;
		refusal = *err;
		vss_forgive(err);
	}
	if (vss_placing_tell(&i->placing, r->row, r->row_ctx, err) < 0)
		return -1;
	if (i->at + 1 == i->chain->n)
		vss_comeback_tell(&i->comeback);
	if (refusal.code == VSS_OK)
		return 0;
	*i->result = (struct vss_restore_result){ 0 };
	*err = refusal;
	return -1;
}

int
vss_restore_image_run(struct vss_restore_image *i, struct vss_err *err)
{
	if (i->request->dry_run)
		return run_dry(i, err);
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
	vss_moves_clear(&i->moves);
	vss_wanted_clear(&i->wanted);
	memset(i, 0, sizeof *i);
}
