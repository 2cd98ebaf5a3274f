/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/documents.h"

#include "base/mem.h"
#include "base/time.h"
#include "doc/doc.h"
#include "json/write.h"

#include <stdlib.h>
#include <string.h>

static const char recover_text[] =
	"This archive was made by vss-tools' backup.  Their restore is the best way to bring it back:\n"
	"\n"
	"\tverify-backup ARCHIVE\n"
	"\tlist-backups ARCHIVE\n"
	"\trestore ARCHIVE --target DIR\n"
	"\trestore ARCHIVE --in-place\n"
	"\n"
	"Where they are not at hand, any tar that reads zstd will do.  It is a plain pax archive:\n"
	"\n"
	"\ttar --zstd --numeric-owner --acls --xattrs --xattrs-include='*' -xpf ARCHIVE -C DIR\n"
	"\tbsdtar --numeric-owner -xpf ARCHIVE -C DIR\n"
	"\n"
	"Files lie below DIR under their original absolute paths.  The directory .vss is not data:\n"
	"\n"
	"\t.vss/manifest.mtree         every path with its attributes and a sha256 of its content;\n"
	"\t                            without it the archive is incomplete: the backup did not end well\n"
	"\t.vss/backup-components.xml  what was backed up, for which writers, how consistent it is\n"
	"\t.vss/writers/               what each writer said about its files and how to restore them\n"
	"\t.vss/ledger.json            when each volume and writer stood still\n"
	"\t.vss/BUILDS-ON.txt          only in one that has changes alone: what is to be extracted before it\n"
	"\n"
	"Stop a service before its files are put back, and keep a database's files together: all or none.\n";

static int
put_xml(struct vss_archive_writer *a, const char *name, const struct vss_bcd *bcd, struct vss_err *err)
{
	VSS_AUTOBUF struct vss_buf doc = VSS_BUF_INIT;

	if (vss_doc_write_bcd(bcd, &doc, err) < 0)
		return -1;
	return vss_archive_put_document(a, name, doc.data, doc.len, err);
}

static int
put_writer(struct vss_archive_writer *a, const struct vss_writer *w, struct vss_err *err)
{
	VSS_AUTOBUF struct vss_buf doc = VSS_BUF_INIT;
	VSS_AUTOFREE char *name = vss_strf("writers/%s.xml", w->registration);

	if (vss_doc_write_metadata(w->metadata, &doc, err) < 0)
		return vss_wrap(err, "writer \"%s\"", w->metadata->name);
	return vss_archive_put_document(a, name, doc.data, doc.len, err);
}

/* Those that own nothing and had files left out: what is not in the archive can be read there. */
static int
put_sparing_writers(struct vss_archive_writer *a, const struct vss_choice *c, struct vss_err *err)
{
	for (size_t i = 0; i < c->nspared; i++) {
		size_t first = 0;
		while (c->spared[first].writer != c->spared[i].writer)
			first++;
		if (first == i && put_writer(a, c->spared[i].writer, err) < 0)
			return -1;
	}
	return 0;
}

/* For people, who may have lost the machine; programs read the components document. */
static int
put_builds_on(struct vss_archive_writer *a, const struct vss_bcd *bcd, struct vss_err *err)
{
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;

	if (!bcd->nchain)
		return 0;
	vss_buf_str(&text, "This archive has only what changed since the backups that it builds on:\n\n");
	for (size_t i = 0; i < bcd->nchain; i++) {
		const struct vss_bcd_image *image = &bcd->chain[i];
		char id[VSS_UUID_BRACED];
		vss_uuid_braced(&image->backup_id, id);
		vss_buf_str(&text, "\t");
		vss_buf_str(&text, vss_backup_type_word(image->type));
		vss_buf_str(&text, " ");
		vss_buf_str(&text, id);
		vss_buf_str(&text, " ");
		vss_escape(&text, image->archive ? image->archive : "", image->archive ? strlen(image->archive) : 0);
		vss_buf_str(&text, "\n");
	}
	vss_buf_str(&text,
		"\nrestore finds them when they lie in one directory with it; else name all, this one last.\n"
		"With tar they are extracted in this order, this one last.  What was removed in between is not\n"
		"in .vss/manifest.mtree; a directory that became a file or a link has to be moved away first,\n"
		"and files below .vss/partial are ranges to be laid over the files.\n");
	return vss_archive_put_document(a, VSS_DOC_BUILDS_ON, text.data, text.len, err);
}

int
vss_put_head(struct vss_archive_writer *a, const struct vss_plan *p, const struct vss_bcd *bcd, struct vss_err *err)
{
	const struct vss_writer *last = NULL;

	for (size_t i = 0; i < p->choice.ncomponents; i++) {
		const struct vss_writer *w = p->choice.components[i].writer;
		if (w != last && put_writer(a, w, err) < 0)
			return -1;
		last = w; /* the components of one writer stand together */
	}
	if (put_sparing_writers(a, &p->choice, err) < 0 || put_xml(a, VSS_DOC_INITIAL, bcd, err) < 0)
		return -1;
	if (vss_archive_put_document(a, VSS_DOC_RECOVER, recover_text, sizeof recover_text - 1, err) < 0)
		return -1;
	return put_builds_on(a, bcd, err);
}

void
vss_put_ledger(struct vss_jw *w, const struct vss_set *set)
{
	vss_jw_key(w, "ledger");
	vss_jw_begin_array(w);
	for (size_t i = 0; i < set->nledger; i++) {
		vss_jw_begin_object(w);
		vss_jw_member_string(w, "who", set->ledger[i].who);
		vss_jw_member_string(w, "what", set->ledger[i].what);
		vss_jw_member_i64(w, "at_ns", set->ledger[i].at_ns);
		vss_jw_end_object(w);
	}
	vss_jw_end_array(w);
}

static void
write_instants(struct vss_jw *w, const struct vss_set *set)
{
	char id[VSS_UUID_BRACED], created[40];

	vss_uuid_braced(&set->id, id);
	vss_time_rfc3339(set->created_ns, created);
	vss_jw_begin_object(w);
	vss_jw_member_string(w, "set_id", id);
	vss_jw_member_string(w, "created", created);
	vss_jw_member_string(w, "grade", vss_grade_word(set->grade));
	vss_jw_member_string(w, "instant", vss_instant_word(set->instant));
	vss_put_ledger(w, set);
	vss_jw_end_object(w);
}

int
vss_put_tail(struct vss_archive_writer *a, const struct vss_bcd *bcd, const struct vss_set *set, struct vss_err *err)
{
	VSS_AUTOBUF struct vss_buf json = VSS_BUF_INIT;
	struct vss_jw w;

	if (put_xml(a, VSS_DOC_FINAL, bcd, err) < 0)
		return -1;
	vss_jw_init_buf(&w, &json, true);
	write_instants(&w, set);
	if (vss_jw_finish(&w, err) < 0)
		return -1;
	return vss_archive_put_document(a, VSS_DOC_LEDGER, json.data, json.len, err);
}

struct vss_bcd *
vss_read_bcd(struct vss_archive_reader *r, struct vss_err *err)
{
	VSS_AUTOBUF struct vss_buf doc = VSS_BUF_INIT;
	int rc = 1;

	if (vss_archive_state(r) != VSS_ARCHIVE_STREAM)
		rc = vss_archive_document(r, VSS_DOC_FINAL, VSS_DOC_LIMIT, &doc, err);
	if (rc == 1)
		rc = vss_archive_document(r, VSS_DOC_INITIAL, VSS_DOC_LIMIT, &doc, err);
	if (rc == 1)
		vss_fail(err, VSS_INVALID, 0, "the archive has no components document");
	return rc == 0 ? vss_doc_read_bcd(doc.data, doc.len, err) : NULL;
}

struct search {
	struct vss_archive_reader *reader;
	const struct vss_bcd_writer *writer;
	struct vss_metadata *found;
	char *registration;
};

static int
look_at(void *ctx, const char *name, struct vss_err *err)
{
	struct search *s = ctx;
	VSS_AUTOBUF struct vss_buf doc = VSS_BUF_INIT;

	if (s->found || !vss_str_starts(name, "writers/"))
		return 0;
	int rc = vss_archive_document(s->reader, name, VSS_DOC_LIMIT, &doc, err);
	if (rc != 0)
		return rc < 0 ? -1 : 0;
	struct vss_metadata *m = vss_doc_read_metadata(doc.data, doc.len, err);
	if (!m)
		return vss_wrap(err, ".vss/%s", name);
	if (!vss_uuid_eq(&m->writer_id, &s->writer->writer_id) ||
		!vss_uuid_eq(&m->instance_id, &s->writer->instance_id)) {
		vss_metadata_free(m);
		return 0;
	}
	const char *base = name + strlen("writers/");
	s->found = m;
	s->registration = vss_strndup(base, strlen(base) - (vss_str_ends(base, ".xml") ? strlen(".xml") : 0));
	return 0;
}

struct vss_metadata *
vss_read_metadata(
	struct vss_archive_reader *r, const struct vss_bcd_writer *writer, char **registration, struct vss_err *err)
{
	struct search s = { .reader = r, .writer = writer };
	int rc = vss_archive_documents(r, look_at, &s, err);

	*registration = s.registration;
	if (rc < 0) {
		vss_metadata_free(s.found);
		return NULL;
	}
	if (!s.found) /* D3: a components document alone cannot be restored */
		vss_fail(err, VSS_INVALID, 0, "the archive does not hold the document of a writer that it names");
	return s.found;
}
