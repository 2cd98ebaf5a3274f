/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/requester.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/stop.h"
#include "base/time.h"
#include "copies/copies.h"
#include "copies/scratch.h"
#include "doc/doc.h"
#include "os/dirs.h"
#include "os/interrupt.h"
#include "requester/backup_check.h"
#include "requester/document_copy.h"
#include "requester/documents.h"
#include "requester/from_shadow.h"
#include "requester/output.h"
#include "requester/run.h"
#include "requester/take.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define ARCHIVE_SUFFIX ".tar.zst"

/* One backup on its way. */
struct job {
	const struct vss_backup_request *request;
	struct vss_plan plan;
	struct vss_output output;
	struct vss_document_copy documents;
	struct vss_scratch scratch;
	struct vss_from_shadow from;
	struct vss_session *session;
	struct vss_archive_writer *archive;
	struct vss_take take;
	size_t failed_writers; /* with those that were left out */
	bool undocumented;     /* the archive stands, and the documents beside it do not */
};

void
vss_backup_result_clear(struct vss_backup_result *r)
{
	free(r->archive);
	vss_set_free(r->set);
	vss_bcd_free(r->bcd);
	memset(r, 0, sizeof *r);
}

static int
plan_paths(struct job *j, struct vss_err *err)
{
	const struct vss_backup_request *r = j->request;
	struct vss_choice *c = &j->plan.choice;

	c->leave_caches = r->exclude_caches;
	c->leave_nodump = r->exclude_nodump;
	for (size_t i = 0; r->excludes && i < r->excludes->n; i++)
		vss_choice_add_glob(c, r->excludes->v[i]);
	for (size_t i = 0; r->paths && i < r->paths->n; i++)
		if (!r->from_shadow && vss_plan_add_path(&j->plan, r->paths->v[i], r->one_file_system, err) < 0)
			return -1;
	if (r->from_shadow) /* looked up in the copies */
		return vss_from_shadow_open(&j->from, r->from_shadow, err);
	vss_plan_settle(&j->plan);
	if (!c->npaths && !(r->writers && r->writers->n))
		return vss_fail(err, VSS_USAGE, 0, "nothing to back up: name paths or, with --writer, writers");
	return 0;
}

/* Of standard output nobody tells us whether it arrived: the writers' history must not change. */
static enum vss_backup_type
type_of(const struct job *j)
{
	if (j->request->type == VSS_BT_LOG)
		return VSS_BT_LOG;
	return j->request->type != VSS_BT_COPY && !j->request->from_shadow && vss_output_is_certain(&j->output)
		       ? VSS_BT_FULL
		       : VSS_BT_COPY;
}

/* Never taken: the archive itself, clone storage, our own state (design 10). */
static void
plan_never(struct job *j)
{
	struct vss_strv *never = &j->plan.choice.never;

	vss_strv_take(never, vss_choice_real_path(vss_state_dir()));
	vss_strv_take(never, vss_choice_real_path(vss_run_dir()));
	if (j->request->storage)
		vss_strv_take(never, vss_path_join(j->request->storage, ".vss-shadows"));
	if (j->output.path) {
		vss_strv_add(never, j->output.path);
		vss_strv_take(never, vss_strf("%s.partial", j->output.path));
	}
}

/* Clones lie beside the archive when nobody says otherwise. */
static const char *
storage(const struct job *j)
{
	return j->request->storage ? j->request->storage : j->output.dir;
}

/* What a writer puts there comes into the archive, so a dry run has none. */
static int
make_scratch(struct job *j, struct vss_err *err)
{
	const struct vss_backup_request *r = j->request;

	if (r->dry_run || r->no_writers || r->from_shadow)
		return 0;
	if (vss_scratch_new(&j->scratch, r->scratch, err) < 0)
		return -1;
	vss_strv_add(&j->plan.choice.never, j->scratch.dir);
	return 0;
}

static int
new_session(struct job *j, struct vss_err *err)
{
	const struct vss_backup_request *r = j->request;
	struct vss_session_options o = {
		.context = VSS_CTX_BACKUP | (r->no_writers ? VSS_ATTR_NO_WRITERS : 0),
		.type = type_of(j),
		.storage = storage(j),
		.min_component_grade = r->min_grade,
		.min_path_grade = r->min_grade,
		.no_writers = r->no_writers,
		.skip_failed_writers = r->skip_failed_writers,
		.accept_lost = true, /* vss_take_all names what the copies lack */
		.scratch_dir = j->scratch.dir,
	};

	j->session = vss_session_new(&o, err);
	return j->session ? 0 : -1;
}

static struct vss_plan_wishes
wishes(const struct vss_backup_request *r)
{
	return (struct vss_plan_wishes){
		.writers = r->writers,
		.exclude_writers = r->exclude_writers,
		.provider = r->provider,
		.skip_failed_writers = r->skip_failed_writers,
	};
}

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

/* The archive stands: what fails here is told and costs no more than the status. */
static void
keep_documents(struct job *j)
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
open_archive(struct job *j, struct vss_err *err)
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
note_paths(struct job *j)
{
	struct vss_bcd *bcd = vss_session_bcd(j->session);

	for (size_t i = 0; i < j->plan.choice.npaths; i++)
		vss_strv_add(&bcd->paths, j->plan.choice.paths[i].path);
}

/* The copy stands still, so it can be counted first and the rest is exact. */
static int
count(struct job *j, struct vss_err *err)
{
	struct vss_take *t = &j->take;

	*t = (struct vss_take){ .plan = &j->plan, .session = j->session, .spool_dirfd = -1 };
	if (!j->request->progress)
		return 0;
	if (vss_take_all(t, err) < 0)
		return -1;
	*t = (struct vss_take){ .plan = &j->plan,
		.session = j->session,
		.spool_dirfd = -1,
		.progress = j->request->progress,
		.ctx = j->request->ctx,
		.total_files = t->files,
		.total_bytes = t->bytes };
	return 0;
}

static int
write_archive(struct job *j, struct vss_err *err)
{
	struct vss_take *t = &j->take;

	note_paths(j);
	if (vss_put_head(j->archive, &j->plan, vss_session_bcd(j->session), err) < 0 || count(j, err) < 0)
		return -1;
	t->archive = j->archive;
	t->spool_dirfd = j->output.spool_dirfd;
	if (vss_take_all(t, err) < 0)
		return -1;
	t->failed += vss_choice_missing(&j->plan.choice);
	/* a copy that was deleted under us read as an empty tree: nobody must be told that this went well */
	if (vss_session_check_copies(j->session, err) < 0 || vss_run_mark(j->session, &j->plan, err) < 0)
		return -1;
	if (vss_put_tail(j->archive, vss_session_bcd(j->session), vss_session_set(j->session), err) < 0)
		return -1;
	return vss_archive_finish(j->archive, err);
}

/* "2 files and 1 writer", for a result in part. */
static char *
failures(size_t files, size_t writers)
{
	return vss_strf("%zu file%s and %zu writer%s", files, files == 1 ? "" : "s", writers, writers == 1 ? "" : "s");
}

/* A result in part never takes the place of a whole one. */
static int
make_durable(struct job *j, struct vss_err *err)
{
	j->failed_writers = vss_run_failed_writers(vss_session_set(j->session)) + j->plan.left_out;
	if (j->output.existed && (j->take.failed || j->failed_writers)) {
		VSS_AUTOFREE char *what = failures(j->take.failed, j->failed_writers);
		return vss_fail(err, VSS_SYSTEM, 0, "%s: kept as it was: %s could not be taken into the new one",
			j->output.path, what);
	}
	vss_stop_point("backup.before-durable");
	if (vss_output_commit(&j->output, err) < 0)
		return -1;
	vss_stop_point("backup.durable");
	return 0;
}

static void
report(struct job *j, struct vss_backup_result *out)
{
	struct vss_archive_totals t;
	struct vss_err ignored;
	VSS_AUTOBUF struct vss_buf doc = VSS_BUF_INIT;

	vss_archive_writer_totals(j->archive, &t);
	out->archive = vss_strdup(j->output.path ? j->output.path : "-");
	out->files = j->take.files;
	out->bytes = j->take.bytes;
	out->archive_bytes = t.compressed_bytes;
	out->failed = j->take.failed;
	if (vss_doc_write_bcd(vss_session_bcd(j->session), &doc, &ignored) == 0)
		out->bcd = vss_doc_read_bcd(doc.data, doc.len, &ignored);
}

static int
run(struct job *j, const struct vss_run *with, struct vss_backup_result *out, struct vss_err *err)
{
	if (with && vss_run_to_set(with, err) < 0)
		return -1;
	if (open_archive(j, err) < 0 || write_archive(j, err) < 0 || make_durable(j, err) < 0) {
		vss_output_explain(&j->output, err);
		return -1;
	}
	report(j, out); /* the archive stands, whatever the writers make of it */
	keep_documents(j);
	return with ? vss_session_backup_complete(j->session, err) : 0;
}

/* Archive what was copied earlier: nobody is asked, nobody stands still. */
static int
run_from_shadow(struct job *j, struct vss_backup_result *out, struct vss_err *err)
{
	if (vss_from_shadow_plan(&j->from, j->request, &j->plan, err) < 0)
		return -1;
	j->session = vss_from_shadow_session(&j->from);
	return run(j, NULL, out, err);
}

static int
result_in_part(const struct job *j, struct vss_err *err)
{
	if (!j->take.failed && !j->failed_writers)
		return !j->undocumented
			       ? 0
			       : vss_fail(err, VSS_PARTIAL, 0, "done in part: the documents are in the archive alone");
	VSS_AUTOFREE char *what = failures(j->take.failed, j->failed_writers);
	return vss_fail(err, VSS_PARTIAL, 0, "done in part: %s failed", what);
}

static int
plan_or_run(struct job *j, struct vss_backup_result *out, struct vss_err *err)
{
	const struct vss_backup_request *r = j->request;
	struct vss_plan_wishes w = wishes(r);

	j->plan.choice.type = type_of(j);
	if (r->from_shadow)
		return run_from_shadow(j, out, err);
	if (make_scratch(j, err) < 0 || new_session(j, err) < 0)
		return -1;
	struct vss_run with = { j->session, &j->plan, &w, r->provider, storage(j), r->min_grade, r->wait_s };
	if (r->dry_run)
		return vss_run_dry(&with, &out->set, err);
	return run(j, &with, out, err);
}

int
vss_backup(const struct vss_backup_request *r, struct vss_backup_result *out, struct vss_err *err)
{
	struct job j = { .request = r, .output = VSS_OUTPUT_INIT, .scratch = VSS_SCRATCH_NONE };
	int rc = -1;

	memset(out, 0, sizeof *out);
	if (vss_backup_check(r, err) == 0 && plan_paths(&j, err) == 0 &&
		vss_output_check(&j.output, r->output, r->replace, r->command, err) == 0 &&
		vss_document_copy_check(&j.documents, r->document, r->replace, err) == 0) {
		if (!r->dry_run)
			vss_copies_reap();
		plan_never(&j);
		rc = plan_or_run(&j, out, err);
		if (j.session && vss_session_set(j.session) && !out->set)
			out->set = vss_set_copy(vss_session_set(j.session));
	}
	/* in this order: the archive's threads stop, what was not committed goes, then the copies and writers */
	vss_archive_writer_free(j.archive);
	vss_output_close(&j.output);
	vss_document_copy_clear(&j.documents);
	vss_session_free(j.session);
	vss_from_shadow_close(&j.from);
	vss_scratch_free(&j.scratch);
	if (rc == 0)
		rc = result_in_part(&j, err);
	vss_plan_clear(&j.plan);
	return rc;
}
