/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/backup_internal.h"

#include "base/mem.h"
#include "base/path.h"
#include "base/stop.h"
#include "copies/copies.h"
#include "doc/doc.h"
#include "os/dirs.h"
#include "requester/backup_check.h"
#include "requester/forecast_internal.h"
#include "requester/run.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

void
vss_backup_result_clear(struct vss_backup_result *r)
{
	free(r->archive);
	free(r->base);
	vss_set_free(r->set);
	vss_bcd_free(r->bcd);
	vss_forecast_free(r->forecast);
	memset(r, 0, sizeof *r);
}

static int
plan_paths(struct vss_backup_job *j, struct vss_err *err)
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
type_of(const struct vss_backup_job *j)
{
	if (j->request->type == VSS_BT_LOG || vss_is_increment(j->request->type))
		return j->request->type;
	return j->request->type != VSS_BT_COPY && !j->request->from_shadow && vss_output_is_certain(&j->output)
		       ? VSS_BT_FULL
		       : VSS_BT_COPY;
}

/* Never taken: the archive itself, clone storage, our own state (design 10). */
static void
plan_never(struct vss_backup_job *j)
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
storage(const struct vss_backup_job *j)
{
	return j->request->storage ? j->request->storage : j->output.dir;
}

/* What a writer puts there comes into the archive, so a dry run has none. */
static int
make_scratch(struct vss_backup_job *j, struct vss_err *err)
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
new_session(struct vss_backup_job *j, struct vss_err *err)
{
	const struct vss_backup_request *r = j->request;
	struct vss_session_options o = {
		.context = VSS_CTX_BACKUP | (r->no_writers ? VSS_ATTR_NO_WRITERS : 0),
		.type = type_of(j),
		.storage = storage(j),
		.storage_size = j->request->storage_size,
		.storage_percent = j->request->storage_percent,
		.min_component_grade = r->min_grade,
		.min_path_grade = r->min_grade,
		.no_writers = r->no_writers,
		.partial_files = vss_is_increment(r->type),
		.skip_failed_writers = r->skip_failed_writers,
		.hold_cgroups = r->hold_cgroups,
		.accept_lost = true, /* vss_take_all names what the copies lack */
		.only_ask = r->dry_run,
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

/* "2 files and 1 writer", for a result in part. */
static char *
failures(size_t files, size_t writers)
{
	return vss_strf("%zu file%s and %zu writer%s", files, files == 1 ? "" : "s", writers, writers == 1 ? "" : "s");
}

/* A result in part never takes the place of a whole one. */
static int
make_durable(struct vss_backup_job *j, struct vss_err *err)
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
report(struct vss_backup_job *j, struct vss_backup_result *out)
{
	struct vss_archive_totals t;
	struct vss_err ignored;
	VSS_AUTOBUF struct vss_buf doc = VSS_BUF_INIT;

	vss_archive_writer_totals(j->archive, &t);
	out->archive = vss_strdup(j->output.path ? j->output.path : "-");
	out->files = j->take.files;
	out->bytes = j->take.bytes;
	out->archive_bytes = t.compressed_bytes;
	out->unchanged_files = j->take.kept_files;
	out->unchanged_bytes = j->take.kept_bytes;
	out->failed = j->take.failed;
	if (vss_doc_write_bcd(vss_session_bcd(j->session), &doc, &ignored) == 0)
		out->bcd = vss_doc_read_bcd(doc.data, doc.len, &ignored);
}

static int
run(struct vss_backup_job *j, const struct vss_run *with, struct vss_backup_result *out, struct vss_err *err)
{
	if (with && vss_run_to_set(with, err) < 0)
		return -1;
	if (vss_backup_write(j, err) < 0 || make_durable(j, err) < 0) {
		vss_output_explain(&j->output, err);
		return -1;
	}
	report(j, out); /* the archive stands, whatever the writers make of it */
	vss_backup_keep_documents(j);
	return with ? vss_session_backup_complete(j->session, err) : 0;
}

/* Refused or not, the plan is told. */
static int
foretell(struct vss_backup_job *j, const struct vss_run *with, struct vss_backup_result *out, struct vss_err *err)
{
	struct vss_forecast_counting how = {
		.set = with ? NULL : vss_session_set(j->session),
		.progress = j->request->progress,
		.ctx = j->request->ctx,
	};
	struct vss_err late = VSS_ERR_INIT;
	int rc = with ? vss_run_dry(with, &out->forecast, err) : vss_from_shadow_dry(&j->from, &j->plan, &out->forecast);
	struct vss_forecast *f = out->forecast;

	if (!f)
		return -1;
	f->is_backup = true;
	f->base = vss_strdup(out->base);
	f->base_id = out->base_id;
	if (vss_forecast_count(f, &j->plan, &how, rc == 0 ? err : &late) < 0)
		rc = -1;
	vss_forecast_room(f, j->output.dir, storage(j));
	return rc;
}

/* Archive what was copied earlier: nobody is asked, nobody stands still. */
static int
run_from_shadow(struct vss_backup_job *j, struct vss_backup_result *out, struct vss_err *err)
{
	if (vss_from_shadow_plan(&j->from, j->request, &j->plan, err) < 0)
		return -1;
	j->session = vss_from_shadow_session(&j->from);
	return j->request->dry_run ? foretell(j, NULL, out, err) : run(j, NULL, out, err);
}

static int
result_in_part(const struct vss_backup_job *j, struct vss_err *err)
{
	if (!j->take.failed && !j->failed_writers)
		return !j->undocumented
			       ? 0
			       : vss_fail(err, VSS_PARTIAL, 0, "done in part: the documents are in the archive alone");
	VSS_AUTOFREE char *what = failures(j->take.failed, j->failed_writers);
	return vss_fail(err, VSS_PARTIAL, 0, "done in part: %s failed", what);
}

/* What it builds on is looked at before anybody is asked. */
static int
open_base(struct vss_backup_job *j, struct vss_backup_result *out, struct vss_err *err)
{
	struct vss_increment *i = vss_backup_increment(j);

	if (!i)
		return 0;
	if (vss_increment_open(i, j->request, &j->output, err) < 0)
		return -1;
	i->plan = &j->plan;
	out->base = vss_strdup(i->base.path);
	out->base_id = i->base.bcd->backup_id;
	return 0;
}

static int
plan_or_run(struct vss_backup_job *j, struct vss_backup_result *out, struct vss_err *err)
{
	const struct vss_backup_request *r = j->request;
	struct vss_plan_wishes w = wishes(r);

	j->plan.choice.type = type_of(j);
	if (r->from_shadow)
		return run_from_shadow(j, out, err);
	if (open_base(j, out, err) < 0 || make_scratch(j, err) < 0 || new_session(j, err) < 0)
		return -1;
	j->increment.session = j->session;
	struct vss_run with = { j->session, &j->plan, &w, r->provider, storage(j), r->min_grade, r->wait_s,
		vss_backup_increment(j), r->hold_cgroups && r->hold_cgroups->n };
	if (r->dry_run)
		return foretell(j, &with, out, err);
	return run(j, &with, out, err);
}

/* Before anybody is asked to stand still for it. */
static int
check_places(struct vss_backup_job *j, struct vss_err *err)
{
	const struct vss_backup_request *r = j->request;

	if (vss_output_check(&j->output, r->output, r->replace, r->command, err) < 0 ||
		vss_document_copy_check(&j->documents, r->document, r->replace, err) < 0)
		return -1;
	if (r->document && vss_str_eq(j->output.path, j->documents.path))
		return vss_fail(err, VSS_USAGE, 0, "--output and --document name one file");
	return 0;
}

int
vss_backup(const struct vss_backup_request *r, struct vss_backup_result *out, struct vss_err *err)
{
	struct vss_backup_job j = {
		.request = r, .output = VSS_OUTPUT_INIT, .scratch = VSS_SCRATCH_NONE, .increment = VSS_INCREMENT_NONE
	};
	int rc = -1;

	memset(out, 0, sizeof *out);
	if (vss_backup_check(r, err) == 0 && plan_paths(&j, err) == 0 && check_places(&j, err) == 0) {
		if (!r->dry_run)
			vss_copies_reap();
		plan_never(&j);
		rc = plan_or_run(&j, out, err);
		if (!r->dry_run && j.session && vss_session_set(j.session))
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
	vss_increment_clear(&j.increment);
	vss_plan_clear(&j.plan);
	return rc;
}
