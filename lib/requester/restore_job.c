/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/restore_job_internal.h"

#include "base/log.h"
#include "base/mem.h"
#include "doc/doc.h"
#include "model/decide.h"
#include "model/logical.h"

#include <stdlib.h>
#include <string.h>

static void
free_writer(struct restore_writer *w)
{
	for (size_t k = 0; k < w->stored->ncomponents; k++) {
		free(w->parts[k].why);
		free(w->parts[k].told);
	}
	free(w->parts);
	free(w->excluded);
}

static void
free_job(struct vss_restore_job *j)
{
	for (size_t i = 0; i < j->nwriters; i++)
		free_writer(&j->writers[i]);
	free(j->writers);
	vss_services_clear(&j->around);
	vss_services_clear(&j->after);
	vss_session_free(j->session);
	free(j);
}

/* Documents of Windows name writers by their IDs alone. */
static void
name_writers(struct vss_bcd *bcd, const struct vss_metadata_file *f)
{
	for (size_t i = 0; i < bcd->nwriters; i++) {
		struct vss_bcd_writer *w = &bcd->writers[i];
		char id[VSS_UUID_BRACED];
		for (size_t k = 0; !w->name && k < f->nwriters; k++)
			if (vss_uuid_eq(&f->writers[k].metadata->writer_id, &w->writer_id))
				w->name = vss_strdup(f->writers[k].metadata->name);
		vss_uuid_braced(&w->writer_id, id);
		if (!w->name)
			w->name = vss_strdup(id);
	}
}

/* A session edits its document, and the file may be restored from again. */
static struct vss_bcd *
copy_of(const struct vss_bcd *bcd, struct vss_err *err)
{
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;

	return vss_doc_write_bcd(bcd, &text, err) < 0 ? NULL : vss_doc_read_bcd(text.data, text.len, err);
}

static struct vss_session *
new_session(const struct vss_metadata_file *f, bool only_ask, struct vss_err *err)
{
	const struct vss_session_options o = { .context = VSS_CTX_BACKUP, .only_ask = only_ask };

	if (!f->bcd || !f->bcd->nwriters) {
		vss_fail(err, VSS_E_OBJECT_NOT_FOUND, 0, "%s: no writer took part in what it describes", f->path);
		return NULL;
	}
	struct vss_bcd *bcd = copy_of(f->bcd, err);
	if (!bcd)
		return NULL;
	name_writers(bcd, f);
	struct vss_session *s = vss_session_new_for_restore(&o, bcd, err);
	if (!s)
		vss_bcd_free(bcd);
	return s;
}

static int
open_job(const struct vss_restore_job_request *r, bool only_ask, struct vss_restore_job **out, struct vss_err *err)
{
	struct vss_session *s = new_session(r->from, only_ask, err);

	if (!s)
		return -1;
	if (vss_session_gather_writer_metadata(s, err) < 0) {
		vss_session_free(s);
		return -1;
	}
	struct vss_restore_job *j = vss_alloc(sizeof *j);
	*j = (struct vss_restore_job){ .session = s, .around = VSS_SERVICES_NONE, .after = VSS_SERVICES_NONE };
	*out = j;
	return 0;
}

int
vss_restore_job_simulate(
	const struct vss_restore_job_request *r, vss_restore_component_fn *each, void *ctx, struct vss_err *err)
{
	struct vss_restore_job *j;

	if (open_job(r, true, &j, err) < 0)
		return -1;
	int rc = restore_job_choose(j, r, each, ctx, err);
	free_job(j);
	return rc;
}

/* --- the events --- */

/* Each part of which its writer hears. */
typedef int part_fn(
	struct vss_restore_job *j, struct restore_writer *w, struct restore_part *p, void *ctx, struct vss_err *err);

static int
each_part(struct vss_restore_job *j, part_fn *fn, void *ctx, struct vss_err *err)
{
	for (size_t i = 0; i < j->nwriters; i++) {
		struct restore_writer *w = &j->writers[i];
		for (size_t k = 0; k < w->stored->ncomponents; k++)
			if (w->parts[k].hears && fn(j, w, &w->parts[k], ctx, err) < 0)
				return -1;
	}
	return 0;
}

static int
select_part(struct vss_restore_job *j, struct restore_writer *w, struct restore_part *p, void *ctx, struct vss_err *err)
{
	(void)ctx;
	j->raised = true;
	return vss_session_set_selected_for_restore(
		j->session, &w->stored->writer_id, p->component->logical_path, p->component->name, err);
}

/* What its writer has to say, each thing once; what is said anyhow by `ctx`, a failure, is not said again. */
static int
tell_message(
	struct vss_restore_job *j, struct restore_writer *w, struct restore_part *p, void *ctx, struct vss_err *err)
{
	const char *text = p->component->failure_message, *said = ctx;

	(void)j;
	(void)err;
	if (!text || strstr(said, text) || vss_str_eq(text, p->told))
		return 0;
	VSS_AUTOFREE char *full = vss_logical_full(p->component->logical_path, p->component->name, '\\');
	vss_complain("writer \"%s\": component %s: %s", w->stored->name, full, text);
	free(p->told);
	p->told = vss_strdup(text);
	return 0;
}

/* R26: a writer may have sent its files elsewhere, which whoever copies them has to know. */
static int
tell_target(struct vss_restore_job *j, struct restore_writer *w, struct restore_part *p, void *ctx, struct vss_err *err)
{
	enum vss_restore_target target = p->component->target;

	(void)j;
	(void)ctx;
	(void)err;
	if (target == VSS_RT_UNDEFINED || target == VSS_RT_ORIGINAL)
		return 0;
	VSS_AUTOFREE char *full = vss_logical_full(p->component->logical_path, p->component->name, '\\');
	vss_warn("writer \"%s\": component %s: its writer chose where its files go: %s", w->stored->name, full,
		vss_restore_target_word(target));
	return 0;
}

static int
set_status(struct vss_restore_job *j, struct restore_writer *w, struct restore_part *p, void *ctx, struct vss_err *err)
{
	const enum vss_file_restore_status *status = ctx;

	return vss_session_set_file_restore_status(
		j->session, &w->stored->writer_id, p->component->logical_path, p->component->name, *status, err);
}

/* R24: some want to hear how it ended only when it did not go well. */
static int
spare_writers(struct vss_restore_job *j, bool failed, struct vss_err *err)
{
	for (size_t i = 0; i < j->nwriters; i++) {
		const struct vss_metadata *m = j->writers[i].metadata;
		bool hears = false;
		for (size_t k = 0; k < j->writers[i].stored->ncomponents; k++)
			hears = hears || j->writers[i].parts[k].hears;
		if (hears && !vss_wants_post_restore(m->writer_restore, m->method, failed) &&
			vss_session_spare_post_restore(j->session, &m->writer_id, err) < 0)
			return -1;
	}
	return 0;
}

static int
post_restore(struct vss_restore_job *j, enum vss_file_restore_status status, struct vss_err *err)
{
	if (!j->raised)
		return 0;
	if (each_part(j, set_status, &status, err) < 0 || spare_writers(j, status != VSS_RS_ALL, err) < 0)
		return -1;
	int rc = vss_session_post_restore(j->session, err);
	if (status == VSS_RS_ALL)
		(void)each_part(j, tell_message, rc < 0 ? err->text : "", err);
	return rc;
}

static int
pre_restore(struct vss_restore_job *j, struct vss_err *err)
{
	int rc = j->raised ? vss_session_pre_restore(j->session, err) : 0;

	(void)each_part(j, tell_message, rc < 0 ? err->text : "", err);
	if (rc < 0 || vss_services_stop(&j->around, err) < 0)
		return -1;
	return each_part(j, tell_target, NULL, err);
}

/* R15: PostRestore is what ends it; of no component was anything written.  What was wrong before is wrong still, and told. */
static void
take_back(struct vss_restore_job *j, const struct vss_err *err)
{
	struct vss_err again = VSS_ERR_INIT;

	if (err->code == VSS_INTERRUPTED)
		vss_warn("interrupted: waiting for the writers that have heard of the restore to end it");
	(void)post_restore(j, VSS_RS_NONE, &again);
}

int
vss_restore_job_begin(const struct vss_restore_job_request *r, vss_restore_component_fn *each, void *ctx,
	struct vss_restore_job **out, struct vss_err *err)
{
	struct vss_restore_job *j;

	vss_services_repair();
	if (open_job(r, false, &j, err) < 0)
		return -1;
	int rc = restore_job_choose(j, r, each, ctx, err) < 0 || each_part(j, select_part, NULL, err) < 0 ? -1 : 0;
	if (rc == 0 && pre_restore(j, err) < 0) {
		take_back(j, err);
		rc = -1;
	}
	if (rc == 0)
		*out = j;
	else
		free_job(j);
	return rc;
}

/* The first failure is the caller's; those behind it are told. */
static void
note_failure(int failed, const struct vss_err *why, int *rc, struct vss_err *err)
{
	if (failed == 0)
		return;
	if (*rc < 0)
		vss_complain("%s", why->text);
	else
		*err = *why;
	*rc = -1;
}

/* R62: it is told and never done. */
static void
tell_of_reboot(const struct vss_restore_job *j)
{
	for (size_t i = 0; i < j->nwriters; i++) {
		const struct restore_writer *w = &j->writers[i];
		bool hears = false;
		for (size_t k = 0; k < w->stored->ncomponents; k++)
			hears = hears || w->parts[k].hears;
		if (hears && w->metadata->reboot)
			vss_warn("writer \"%s\": the machine must be restarted before what was restored is used",
				w->stored->name);
	}
}

/* Nobody here knows whether something was written before it failed: then it may be half there (R52). */
int
vss_restore_job_end(struct vss_restore_job *j, bool ok, struct vss_err *err)
{
	struct vss_err why = VSS_ERR_INIT;
	int rc = 0;

	note_failure(vss_services_start(&j->around, &why), &why, &rc, err);
	note_failure(post_restore(j, ok ? VSS_RS_ALL : VSS_RS_FAILED, &why), &why, &rc, err);
	if (ok)
		note_failure(vss_services_stop(&j->after, &why), &why, &rc, err);
	note_failure(vss_services_start(&j->after, &why), &why, &rc, err);
	if (ok)
		tell_of_reboot(j);
	free_job(j);
	return rc;
}
