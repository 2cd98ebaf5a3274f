/* SPDX-License-Identifier: BSD-2-Clause */
#include "front/backup.h"

#include "base/mem.h"
#include "base/num.h"
#include "front/forecast.h"
#include "front/front.h"
#include "front/json.h"
#include "front/report.h"
#include "front/word_file.h"
#include "os/interrupt.h"
#include "requester/documents.h"

#include <inttypes.h>

enum { LEVEL_MOST = 22, THREADS_MOST = 256 };

int
vss_front_progress(
	void *ctx, uint64_t files, uint64_t bytes, uint64_t total_files, uint64_t total_bytes, struct vss_err *err)
{
	vss_progress_at(ctx, files, bytes, total_files, total_bytes);
	return vss_check_interrupt(err);
}

int
vss_front_backup_type_by_word(const char *word)
{
	int type = vss_backup_type_by_word(word);
	return type == VSS_BT_UNDEFINED || type == VSS_BT_OTHER ? -1 : type;
}

static int
read_word_files(const struct vss_strv *files, struct vss_strv *out, struct vss_err *err)
{
	for (size_t i = 0; i < files->n; i++)
		if (vss_front_word_file(files->v[i], out, err))
			return -1;
	return 0;
}

static int
check(const struct vss_front_backup *b, const struct vss_args *args, struct vss_err *err)
{
	const char *output = b->request.output;
	bool stream = args->has_command || vss_str_eq(output, "-");
	if (b->level > LEVEL_MOST)
		return vss_fail(err, VSS_USAGE, 0, "--level: 1 to %d", LEVEL_MOST);
	if (b->threads > THREADS_MOST)
		return vss_fail(err, VSS_USAGE, 0, "--threads: 1 to %d", THREADS_MOST);
	if (b->request.replace && stream)
		return vss_fail(err, VSS_USAGE, 0, "--replace needs --output FILE or DIR");
	if (b->json && stream && !args->has_command)
		return vss_fail(
			err, VSS_USAGE, 0, "--json and --output - exclude each other: both want standard output");
	return vss_front_writers_check(&b->writers, b->request.no_writers, err);
}

static int
fill_in(struct vss_front_backup *b, struct vss_args *args, struct vss_err *err)
{
	struct vss_backup_request *r = &b->request;
	if (check(b, args, err) || read_word_files(&b->files_from, &args->operands, err) ||
		read_word_files(&b->exclude_from, &b->excludes, err))
		return -1;
	r->paths = &args->operands;
	r->writers = &b->writers.names;
	r->exclude_writers = &b->writers.exclude;
	r->hold_cgroups = &b->writers.cgroups;
	r->excludes = &b->excludes;
	r->command = args->has_command ? &args->command : NULL;
	r->type = (enum vss_backup_type)b->type;
	if (vss_front_storage_size(&b->writers, &r->storage_size, &r->storage_percent, err))
		return -1;
	r->min_grade = (enum vss_grade)b->writers.min_grade;
	r->level = (int)b->level;
	r->threads = (int)b->threads;
	r->wait_s = vss_front_writers_wait(&b->writers);
	return 0;
}

static void
json_volumes(struct vss_jw *w, const struct vss_set *set)
{
	vss_jw_key(w, "volumes");
	vss_jw_begin_array(w);
	for (size_t i = 0; set && i < set->nshadows; i++) {
		vss_jw_begin_object(w);
		vss_jw_path(w, "volume", set->shadows[i].volume);
		vss_jw_member_string(w, "volume_id", set->shadows[i].volume_id);
		vss_jw_member_string(w, "provider", set->shadows[i].provider);
		vss_jw_member_string(w, "grade", vss_grade_word(set->shadows[i].grade));
		vss_jw_end_object(w);
	}
	vss_jw_end_array(w);
}

static void
json_base(struct vss_jw *w, const struct vss_backup_result *x)
{
	if (x->base)
		vss_front_json_uuid(w, "base_id", &x->base_id);
	else
		vss_jw_member_string(w, "base_id", NULL);
	vss_jw_member_u64(w, "unchanged_files", x->unchanged_files);
	vss_jw_member_u64(w, "unchanged_bytes", x->unchanged_bytes);
}

static void
print_json(const struct vss_backup_result *x, const struct vss_err *err)
{
	struct vss_jw *w = vss_out_json();
	vss_jw_begin_object(w);
	if (x->archive)
		vss_jw_path(w, "archive", x->archive);
	else
		vss_jw_member_string(w, "archive", NULL);
	if (x->bcd) {
		vss_front_json_uuid(w, "backup_id", &x->bcd->backup_id);
		vss_jw_member_string(w, "type", vss_backup_type_word(x->bcd->type));
	}
	if (x->set) {
		vss_front_json_uuid(w, "set_id", &x->set->id);
		vss_front_json_time(w, "created", x->set->created_ns);
		vss_jw_member_string(w, "grade", vss_grade_word(x->set->grade));
		vss_front_json_ms(w, "freeze_ms", x->set->freeze_ms);
	}
	vss_jw_member_u64(w, "files", x->files);
	vss_jw_member_u64(w, "bytes", x->bytes);
	vss_jw_member_u64(w, "archive_bytes", x->archive_bytes);
	vss_jw_member_u64(w, "failed", x->failed);
	json_base(w, x);
	json_volumes(w, x->set);
	if (x->set) {
		vss_front_json_writers(w, x->set);
		vss_put_ledger(w, x->set);
	}
	if (err->code != VSS_OK)
		vss_front_json_error(w, err);
	vss_jw_end_object(w);
	vss_out_json_end(w);
}

static void
print_base(const struct vss_backup_result *x)
{
	char bytes[32];
	VSS_AUTOFREE char *base = vss_out_name(x->base);
	vss_format_size(bytes, x->unchanged_bytes);
	vss_out("    Type: %s, on '%s'\n", vss_backup_type_word(x->bcd->type), base);
	vss_out("    Unchanged: %" PRIu64 " file%s (%s)\n", x->unchanged_files, x->unchanged_files == 1 ? "" : "s",
		bytes);
}

static void
print_text(const struct vss_backup_result *x, int verbose)
{
	char bytes[32], archive_bytes[32], id[VSS_UUID_BRACED];
	VSS_AUTOFREE char *archive = vss_out_name(x->archive);
	vss_format_size(bytes, x->bytes);
	vss_format_size(archive_bytes, x->archive_bytes);
	vss_out("Successfully backed up %" PRIu64 " file%s (%s) to '%s' (%s)\n", x->files, x->files == 1 ? "" : "s",
		bytes, archive, archive_bytes);
	if (x->bcd) {
		vss_uuid_braced(&x->bcd->backup_id, id);
		vss_out("    Backup ID: %s\n", id);
	}
	if (x->bcd && x->base)
		print_base(x);
	if (!x->set)
		return;
	for (size_t i = 0; i < x->set->nshadows; i++) {
		const struct vss_shadow *s = &x->set->shadows[i];
		VSS_AUTOFREE char *volume = vss_out_name(s->volume);
		vss_out("    Volume: %s: provider %s, %s\n", volume, s->provider, vss_grade_word(s->grade));
	}
	vss_front_report_writers(x->set, 4);
	vss_front_report_grade(x->set, 4);
	if (verbose)
		vss_front_report_ledger(x->set, 4);
}

/* A failure without a set is told by its sentence alone. */
static void
report(const struct vss_front_backup *b, const struct vss_args *args, const struct vss_backup_result *x,
	const struct vss_err *err)
{
	bool done = err->code == VSS_OK || err->code == VSS_PARTIAL;
	bool stream = args->has_command || vss_str_eq(b->request.output, "-");
	if (x->forecast && b->json)
		vss_front_forecast_json(x->forecast, err);
	else if (x->forecast)
		vss_front_forecast(x->forecast);
	else if (b->json && (done || x->set))
		print_json(x, err);
	else if (done && !stream && !b->json && !args->quiet)
		print_text(x, args->verbose);
}

int
vss_front_backup(struct vss_front_backup *b, struct vss_args *args, struct vss_err *err)
{
	struct vss_backup_result result = { 0 };
	if (fill_in(b, args, err))
		return -1;
	struct vss_progress *p =
		vss_progress_new("backup", args->quiet ? VSS_PROGRESS_NEVER : (enum vss_progress_style)b->progress);
	b->request.progress = p ? vss_front_progress : NULL;
	b->request.ctx = p;
	int rc = vss_backup(&b->request, &result, err);
	vss_progress_end(p);
	report(b, args, &result, err);
	vss_backup_result_clear(&result);
	return rc;
}

void
vss_front_backup_free(struct vss_front_backup *b)
{
	vss_front_writers_free(&b->writers);
	vss_strv_free(&b->excludes);
	vss_strv_free(&b->exclude_from);
	vss_strv_free(&b->files_from);
}
