/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/requester.h"

#include "base/log.h"
#include "base/mem.h"
#include "os/durable.h"
#include "os/interrupt.h"
#include "requester/documents.h"
#include "requester/restore_writers.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int
vss_existing_by_word(const char *w)
{
	static const char *const words[] = { "refuse", "skip", "replace", "keep-both" };

	for (int i = 0; i < 4; i++)
		if (strcmp(words[i], w) == 0)
			return i;
	return -1;
}

/* Standard input that cannot seek. */
static bool
is_pipe(const struct vss_restore_request *r)
{
	struct stat st;

	return strcmp(r->archive, "-") == 0 && !(fstat(STDIN_FILENO, &st) == 0 && S_ISREG(st.st_mode));
}

static int
check_request(const struct vss_restore_request *r, struct vss_err *err)
{
	if (!r->archive)
		return vss_fail(err, VSS_USAGE, 0, "name the archive");
	if (!r->target == !r->in_place)
		return vss_fail(err, VSS_USAGE, 0, "say where to: --target DIR, or --in-place");
	if (is_pipe(r) && isatty(STDIN_FILENO))
		return vss_fail(err, VSS_USAGE, 0, "standard input is a terminal");
	if (is_pipe(r) && !r->spool && (r->in_place || r->dry_run))
		return vss_fail(err, VSS_USAGE, 0,
			"from a pipe this needs the whole archive first: name a directory for it with --spool");
	return 0;
}

/* The pipe into a file without a name: what needs the end of the archive first can then seek. */
static int
spool_input(const char *dir, struct vss_err *err)
{
	VSS_AUTOFREE char *buffer = vss_alloc(1u << 20);
	VSS_AUTOCLOSE int dirfd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	VSS_AUTOCLOSE int fd = dirfd < 0 ? vss_fail(err, VSS_SYSTEM, errno, "open") : vss_unlinked_file(dirfd, err);
	ssize_t n;

	if (fd < 0)
		return vss_wrap(err, "%s", dir);
	while ((n = read(STDIN_FILENO, buffer, 1u << 20)) != 0) {
		if (n < 0 && errno != EINTR)
			return vss_fail(err, VSS_SYSTEM, errno, "standard input");
		if (vss_check_interrupt(err) < 0 || (n > 0 && vss_write_all(fd, buffer, (size_t)n, err) < 0))
			return vss_wrap(err, "%s: spool", dir);
	}
	return vss_take_fd(&fd);
}

static int
open_archive(const struct vss_restore_request *r, struct vss_err *err)
{
	if (is_pipe(r) && r->spool)
		return spool_input(r->spool, err);
	if (strcmp(r->archive, "-") == 0)
		return fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
	int fd = open(r->archive, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		vss_fail(err, VSS_SYSTEM, errno, "%s", r->archive);
	return fd;
}

/* The machine's own archive: it says so, and nobody but root or us could have written it. */
static bool
is_own(int fd, const struct vss_bcd *bcd)
{
	struct stat st;
	char host[256] = "";

	if (gethostname(host, sizeof host - 1) < 0 || !vss_str_eq(bcd->host, host) || fstat(fd, &st) < 0)
		return false;
	return S_ISREG(st.st_mode) && (st.st_uid == 0 || st.st_uid == geteuid()) && !(st.st_mode & 022) &&
	       st.st_nlink > 0;
}

/* In a dry run p->rootfd stays -1 when the target is not there: then nothing is in the way either. */
static int
open_root(const struct vss_restore_request *r, struct vss_placing *p, bool *made, struct vss_err *err)
{
	const char *dir = r->in_place ? "/" : r->target;

	*made = !r->in_place && !r->dry_run && mkdir(dir, 0700) == 0;
	if (!*made && !r->in_place && !r->dry_run && errno != EEXIST)
		return vss_fail(err, VSS_SYSTEM, errno, "%s", dir);
	p->rootfd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (p->rootfd >= 0 || (r->dry_run && errno == ENOENT))
		return 0;
	return vss_fail(err, VSS_SYSTEM, errno, "%s", dir);
}

static void
only_count(const struct vss_placing *p)
{
	p->result->files = p->total_files;
	p->result->bytes = p->total_bytes;
}

/*
 * In place, with the writers; elsewhere it is a private copy that no writer sees (R35).  What can be refused is refused
 * before a writer has closed or moved anything.
 */
static int
restore_in_place(
	const struct vss_placing *all, const struct vss_restore_request *r, struct vss_bcd *bcd, struct vss_err *err)
{
	struct vss_placing p = *all;
	struct vss_comeback c;
	struct vss_err late;
	bool touched = false;
	int rc = vss_comeback_new(&c, p.reader, bcd, r, p.wanted, err);

	p.guarded = &c.guarded;
	p.component_failed = c.failed;
	p.component_if_not_there = c.if_not_there;
	p.component_makes_room = c.makes_room;
	if (rc == 0)
		rc = vss_comeback_check(&c, err);
	if (rc == 0)
		rc = vss_placing_check(&p, err);
	if (rc == 0 && r->dry_run) {
		only_count(&p);
	} else if (rc == 0 && vss_comeback_begin(&c, err) == 0 && vss_placing_check_room(&p, err) == 0) {
		touched = true;
		rc = vss_placing_run(&p, err);
	} else {
		rc = -1;
	}
	if (vss_comeback_end(&c, rc == 0, touched, rc == 0 ? err : &late) < 0)
		rc = -1;
	vss_comeback_clear(&c);
	return rc;
}

/* Below a target the components document is read for this alone, so only when it matters. */
struct source {
	int fd;
	struct vss_archive_reader *reader;
};

static bool
source_is_own(void *source)
{
	const struct source *s = source;
	struct vss_err why = VSS_ERR_INIT;

	if (vss_archive_state(s->reader) == VSS_ARCHIVE_STREAM)
		return false;
	struct vss_bcd *bcd = vss_read_bcd(s->reader, &why);
	if (!bcd)
		vss_warn("nobody knows whose archive it is: %s", why.text);
	bool own = bcd && is_own(s->fd, bcd);
	vss_bcd_free(bcd);
	return own;
}

static int
restore_to_target(struct vss_placing *p, const struct vss_restore_request *r, struct vss_err *err)
{
	if (r->writers && r->writers->n)
		return vss_fail(
			err, VSS_UNSUPPORTED, 0, "--writer goes with --in-place; below a target name the paths");
	if (vss_archive_state(p->reader) != VSS_ARCHIVE_STREAM && vss_placing_check(p, err) < 0)
		return -1;
	if (!r->dry_run)
		return vss_placing_run(p, err);
	only_count(p);
	return 0;
}

static int
restore_anywhere(struct vss_placing *p, const struct vss_restore_request *r, struct source *s, struct vss_err *err)
{
	p->trusted = r->trusted;
	if (!r->in_place) {
		p->is_trusted = r->trusted ? NULL : source_is_own;
		p->trust = s;
		return restore_to_target(p, r, err);
	}
	struct vss_bcd *bcd = vss_read_bcd(p->reader, err);
	if (!bcd)
		return -1;
	p->trusted = r->trusted || is_own(s->fd, bcd);
	return restore_in_place(p, r, bcd, err);
}

static void
tell_reads(const struct vss_archive_reader *reader)
{
	struct vss_archive_reads x;

	vss_archive_reader_reads(reader, &x);
	vss_info("read %" PRIu64 " frame%s (%" PRIu64 " bytes) and %" PRIu64 " bytes of index", x.frames,
		x.frames == 1 ? "" : "s", x.compressed_bytes, x.index_bytes);
}

static int
restore_from(int fd, const struct vss_restore_request *r, struct vss_restore_result *out, struct vss_err *err)
{
	struct vss_wanted wanted, nothing = { 0 };
	struct vss_placing p = { .result = out,
		.existing = r->existing,
		.wanted = &wanted,
		.guarded = &nothing,
		.progress = r->progress,
		.ctx = r->ctx,
		.rootfd = -1 };
	bool made = false;
	int rc = -1;

	p.reader = vss_archive_open(fd, err);
	if (!p.reader)
		return -1;
	struct source s = { fd, p.reader };
	vss_wanted_init(&wanted, r->what);
	wanted.ways = r->in_place; /* elsewhere they are of no use, and each may cost a frame */
	if (open_root(r, &p, &made, err) == 0) {
		rc = restore_anywhere(&p, r, &s, err);
		tell_reads(p.reader);
	}
	if (p.rootfd >= 0)
		close(p.rootfd);
	if (rc < 0 && made)
		rmdir(r->target); /* stays when there is something in it */
	vss_wanted_clear(&wanted);
	vss_archive_reader_free(p.reader);
	return rc;
}

int
vss_restore(const struct vss_restore_request *r, struct vss_restore_result *out, struct vss_err *err)
{
	memset(out, 0, sizeof *out);
	if (check_request(r, err) < 0)
		return -1;
	VSS_AUTOCLOSE int fd = open_archive(r, err);
	if (fd < 0)
		return -1;
	if (restore_from(fd, r, out, err) < 0)
		return vss_wrap(err, "%s", strcmp(r->archive, "-") == 0 ? "archive" : r->archive);
	if (out->failed)
		return vss_fail(err, VSS_PARTIAL, 0, "done in part: %zu thing%s could not be restored", out->failed,
			out->failed == 1 ? "" : "s");
	return 0;
}
