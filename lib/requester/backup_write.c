/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/backup_internal.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/time.h"
#include "os/interrupt.h"
#include "requester/documents.h"
#include "requester/run.h"

#include <inttypes.h>
#include <string.h>

#define ARCHIVE_SUFFIX ".tar.zst"

/* HOST-20261121T090807Z-SET8.tar.zst: sorts by host and time, and leads back to the set. */
static char *
archive_name(const struct vss_set *set)
{
	char id[VSS_UUID_TEXT], when[40];
	size_t n = 0;

	vss_uuid_text(&set->id, id);
	vss_time_rfc3339(set->created_ns, when);
	when[19] = '\0'; /* without the fraction */
	for (size_t i = 0; when[i]; i++)
		if (when[i] != '-' && when[i] != ':')
			when[n++] = when[i];
	when[n] = '\0';
	return vss_strf("%s-%sZ-%.8s" ARCHIVE_SUFFIX, set->host, when, id);
}

static int
poll_archive(void *ctx, uint64_t bytes, struct vss_err *err)
{
	(void)ctx;
	(void)bytes;
	return vss_check_interrupt(err);
}

void
vss_backup_keep_documents(struct vss_backup_job *j)
{
	VSS_AUTOFREE char *archive = archive_name(vss_session_set(j->session));
	VSS_AUTOFREE char *name = vss_strndup(archive, strlen(archive) - strlen(ARCHIVE_SUFFIX));
	struct vss_err why = VSS_ERR_INIT;

	if (vss_document_copy_write(&j->documents, name, &j->plan, vss_session_bcd(j->session), &why) == 0)
		return;
	vss_complain("%s", why.text);
	j->undocumented = true;
}

static int
open_archive(struct vss_backup_job *j, struct vss_err *err)
{
	VSS_AUTOFREE char *name = archive_name(vss_session_set(j->session));

	if (vss_output_open(&j->output, name, err) < 0)
		return -1;
	struct vss_archive_write_options o = {
		.fd = j->output.fd,
		.spool_dirfd = j->output.spool_dirfd,
		.level = j->request->level,
		.threads = (unsigned)j->request->threads,
		.poll = poll_archive,
	};
	j->archive = vss_archive_writer_new(&o, err);
	return j->archive ? 0 : -1;
}

static void
note_paths(struct vss_backup_job *j)
{
	struct vss_bcd *bcd = vss_session_bcd(j->session);

	for (size_t i = 0; i < j->plan.choice.npaths; i++)
		vss_strv_add(&bcd->paths, j->plan.choice.paths[i].path);
}

/* The copy stands still, so it can be counted first and the rest is exact. */
static int
count(struct vss_backup_job *j, struct vss_err *err)
{
	struct vss_take *t = &j->take;
	const struct vss_take fresh = {
		.plan = &j->plan, .session = j->session, .spool_dirfd = -1, .increment = vss_backup_increment(j)
	};

	*t = fresh;
	if (!j->request->progress)
		return 0;
	if (vss_take_all(t, err) < 0)
		return -1;
	uint64_t files = t->files, bytes = t->bytes;
	*t = fresh;
	t->progress = j->request->progress;
	t->ctx = j->request->ctx;
	t->total_files = files;
	t->total_bytes = bytes;
	return 0;
}

/* Everything that goes in, and of an increment what is said of the rest. */
static int
take(struct vss_backup_job *j, struct vss_err *err)
{
	struct vss_take *t = &j->take;
	struct vss_increment *i = vss_backup_increment(j);
	size_t faults = i ? vss_increment_listen(i) : 0;

	if (count(j, err) < 0)
		return -1;
	t->archive = j->archive;
	t->spool_dirfd = j->output.spool_dirfd;
	if (vss_take_all(t, err) < 0 || (i && vss_increment_carry(i, j->archive, err) < 0))
		return -1;
	if (i)
		vss_info("compared %" PRIu64 " files with %s, read %" PRIu64, t->compared, i->base.path, t->read);
	t->failed += faults + vss_choice_missing(&j->plan.choice);
	return 0;
}

int
vss_backup_write(struct vss_backup_job *j, struct vss_err *err)
{
	if (open_archive(j, err) < 0)
		return -1;
	note_paths(j);
	if (vss_put_head(j->archive, &j->plan, vss_session_bcd(j->session), err) < 0 || take(j, err) < 0)
		return -1;
	/* a copy that was deleted under us read as an empty tree: nobody must be told that this went well */
	if (vss_session_check_copies(j->session, err) < 0 || vss_run_mark(j->session, &j->plan, err) < 0)
		return -1;
	if (vss_put_tail(j->archive, vss_session_bcd(j->session), vss_session_set(j->session), err) < 0)
		return -1;
	return vss_archive_finish(j->archive, err);
}
