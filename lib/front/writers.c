/* SPDX-License-Identifier: BSD-2-Clause */
#include "front/writers.h"

#include "base/mem.h"
#include "base/time.h"
#include "cli/items.h"
#include "doc/doc.h"

#include <stdlib.h>

static const char *
name_of(const struct vss_writer_report *r)
{
	return r->metadata && r->metadata->name ? r->metadata->name : r->registration;
}

/* A writer that did not say who it is has the nil ID. */
static void
ids_of(const struct vss_writer_report *r, char id[VSS_UUID_BRACED], char instance[VSS_UUID_BRACED])
{
	const struct vss_uuid nil = { { 0 } };
	vss_uuid_braced(r->metadata ? &r->metadata->writer_id : &nil, id);
	vss_uuid_braced(r->metadata ? &r->metadata->instance_id : &nil, instance);
}

static void
print_state(const struct vss_writer_report *r)
{
	VSS_AUTOFREE char *absent = vss_out_name(r->absent);
	VSS_AUTOFREE char *message = vss_out_name(r->message);

	if (r->absent)
		vss_out("   State: [%d] Absent (%s)\n", (int)r->state, absent);
	else
		vss_out("   State: [%d] %s\n", (int)r->state, vss_writer_state_label(r->state));
	vss_out("   Last error: %s", vss_writer_error_label(r->error));
	if (r->error != VSS_OK && r->message)
		vss_out(" (%s)", message);
	vss_out("\n\n");
}

static void
print_text(const struct vss_writer_reports *reports)
{
	for (size_t i = 0; i < reports->n; i++) {
		const struct vss_writer_report *r = &reports->v[i];
		char id[VSS_UUID_BRACED], instance[VSS_UUID_BRACED];
		VSS_AUTOFREE char *name = vss_out_name(name_of(r));
		ids_of(r, id, instance);
		vss_out("Writer name: '%s'\n   Writer Id: %s\n   Writer Instance Id: %s\n", name, id, instance);
		print_state(r);
	}
	if (!reports->n)
		vss_front_none();
}

static const struct vss_column columns[] = {
	{ "name", "NAME" },
	{ "registration", "REGISTRATION" },
	{ "id", "ID" },
	{ "instance_id", "INSTANCE ID" },
	{ "instance_name", "INSTANCE" },
	{ "version", "VERSION" },
	{ "state", "STATE" },
	{ "error", "LAST ERROR" },
	{ "message", "MESSAGE" },
	{ "failed_at", "FAILED AT" },
	{ "absent", "ABSENT" },
	{ "components", "COMPONENTS" },
};

static void
print_item(struct vss_items *it, const struct vss_writer_report *r)
{
	const struct vss_metadata *m = r->metadata;
	char id[VSS_UUID_TEXT] = "", instance[VSS_UUID_TEXT] = "", when[40];
	const char *code = vss_code_name(r->error);
	if (m) {
		vss_uuid_text(&m->writer_id, id);
		vss_uuid_text(&m->instance_id, instance);
	}
	vss_time_rfc3339(r->when_ns, when);
	vss_items_begin(it);
	vss_items_string(it, "name", name_of(r));
	vss_items_string(it, "registration", r->registration);
	vss_items_string(it, "id", m ? id : NULL);
	vss_items_string(it, "instance_id", m ? instance : NULL);
	vss_items_string(it, "instance_name", m ? m->instance_name : NULL);
	vss_items_string(it, "version", m ? m->version : NULL);
	vss_items_string(it, "state", vss_writer_state_name(r->state));
	vss_items_string(it, "error", r->error == VSS_OK ? NULL : code ? code : "FAILED");
	vss_items_string(it, "message", r->message);
	vss_items_string(it, "failed_at", r->when_ns ? when : NULL);
	vss_items_string(it, "absent", r->absent);
	vss_items_u64(it, "components", m ? m->ncomponents : 0);
	vss_items_end(it);
}

int
vss_front_writers_list(const struct vss_writer_reports *reports, const struct vss_front_list *how, struct vss_err *err)
{
	if (!how->columns && !how->json) {
		print_text(reports);
		return 0;
	}
	struct vss_items *it = vss_items_new(columns, sizeof columns / sizeof *columns, how->columns, err);
	if (!it)
		return -1;
	for (size_t i = 0; i < reports->n; i++)
		print_item(it, &reports->v[i]);
	vss_items_print(it);
	return 0;
}

static const char *
why_none(const struct vss_writer_report *r)
{
	if (r->absent)
		return r->absent;
	return r->message ? r->message : "it did not say what it is";
}

int
vss_front_writers_document(const struct vss_writer_reports *reports, struct vss_err *err)
{
	VSS_AUTOBUF struct vss_buf xml = VSS_BUF_INIT;
	if (reports->n > 1)
		return vss_fail(err, VSS_USAGE, 0, "--metadata: there are %zu writers: name one", reports->n);
	if (!reports->n || !reports->v[0].metadata)
		return vss_fail(err, VSS_ABSENT, 0, "%s: no document: %s",
			reports->n ? name_of(&reports->v[0]) : "writers",
			reports->n ? why_none(&reports->v[0]) : "there is no writer");
	if (vss_doc_write_metadata(reports->v[0].metadata, &xml, err))
		return -1;
	vss_out("%s", xml.data);
	return 0;
}

static bool
is_meant(const struct vss_writer_report *r, const char *word)
{
	struct vss_uuid id;
	if (vss_str_caseeq(word, name_of(r)) || vss_str_caseeq(word, r->registration))
		return true;
	return r->metadata && vss_uuid_parse(word, &id) == 0 &&
	       (vss_uuid_eq(&id, &r->metadata->writer_id) || vss_uuid_eq(&id, &r->metadata->instance_id));
}

static void
drop(struct vss_writer_report *r)
{
	vss_metadata_free(r->metadata);
	free(r->registration);
	free(r->message);
	free(r->absent);
}

/* The absent ones stand last, so one of two instances that is here is found first. */
static int
check_word(const struct vss_writer_reports *reports, const char *word, bool absent, struct vss_err *err)
{
	for (size_t i = 0; i < reports->n; i++) {
		const struct vss_writer_report *r = &reports->v[i];
		if (!is_meant(r, word))
			continue;
		if (!r->absent || absent)
			return 0;
		return vss_fail(err, VSS_E_OBJECT_NOT_FOUND, 0, "%s: not on this machine: %s", word, r->absent);
	}
	return vss_fail(err, VSS_E_OBJECT_NOT_FOUND, 0, "%s: no such writer", word);
}

static bool
is_wanted(const struct vss_writer_report *r, const struct vss_strv *words, bool absent)
{
	if (r->absent && !absent)
		return false;
	for (size_t i = 0; i < words->n; i++)
		if (is_meant(r, words->v[i]))
			return true;
	return words->n == 0;
}

int
vss_front_writers_choose(
	struct vss_writer_reports *reports, const struct vss_strv *words, bool absent, struct vss_err *err)
{
	size_t kept = 0;
	for (size_t i = 0; i < words->n; i++)
		if (check_word(reports, words->v[i], absent, err))
			return -1;
	for (size_t k = 0; k < reports->n; k++) {
		if (is_wanted(&reports->v[k], words, absent))
			reports->v[kept++] = reports->v[k];
		else
			drop(&reports->v[k]);
	}
	reports->n = kept;
	return 0;
}
