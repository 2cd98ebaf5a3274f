/* SPDX-License-Identifier: BSD-2-Clause */
#include "doc/doc.h"

#include "base/mem.h"
#include "doc/schema.h"

#include <stdlib.h>
#include <string.h>

static void
fill_shadow(struct vss_shadow *s)
{
	vss_uuid_random(&s->id);
	s->volume = vss_strdup("/mnt/" TROUBLE);
	s->volume_id = vss_strdup("8a2f");
	s->subpath = vss_strdup("home/" TROUBLE);
	s->source = vss_strdup("/dev/loop0");
	s->fstype = vss_strdup("btrfs");
	s->fs_uuid = vss_strdup("f00f");
	s->provider = vss_strdup("btrfs");
	s->device = vss_strdup("/run/vss/shadows/1");
	s->place = vss_strdup(TROUBLE);
	s->attributes = VSS_CTX_APP_ROLLBACK | VSS_ATTR_DIFFERENTIAL;
	s->grade = VSS_GRADE_CRASH;
	s->instant = VSS_INSTANT_FUZZY;
	s->domain = vss_strdup("btrfs:f00f");
	s->mark = UINT64_MAX;
	s->proof_key = vss_strdup("generation");
	s->proof_value = UINT64_MAX - 1;
	s->held = s->still = true;
}

static void
fill_writer(struct vss_set_writer *w)
{
	vss_uuid_random(&w->id);
	vss_uuid_random(&w->instance);
	w->name = vss_strdup("Books");
	w->state = VSS_WS_FAILED_AT_POST_SNAPSHOT;
	w->error = VSS_TIMEOUT;
	w->message = vss_strdup(TROUBLE);
	w->hold = VSS_HOLD_BRACKET;
	w->grade = VSS_GRADE_RECOVERABLE;
	vss_set_writer_evidence(w, "lsn", "0/3000060");
	vss_set_writer_evidence(w, "empty", "");
}

static struct vss_set *
full(void)
{
	struct vss_set *s = vss_set_new();
	vss_uuid_random(&s->id);
	vss_uuid_random(&s->owner);
	s->created_ns = 1767225599000000001;
	s->host = vss_strdup("here");
	s->context = VSS_CTX_APP_ROLLBACK;
	s->instant = VSS_INSTANT_MANY;
	s->grade = VSS_GRADE_ORDERED;
	s->freeze_ms = 12345678.0 / 1e6;
	s->note = vss_strdup("before the upgrade\n" TROUBLE);
	s->tag = vss_strdup("");
	s->hold = true;
	s->skew_ns = 0;
	s->held_ns = 123456789;
	vss_strv_add(&s->cgroups, "/sys/fs/cgroup/" TROUBLE);
	vss_strv_add(&s->cgroups, "/sys/fs/cgroup/b");
	s->count = 3;
	fill_shadow(vss_set_add_shadow(s));
	struct vss_shadow *bare = vss_set_add_shadow(s);
	vss_uuid_random(&bare->id);
	bare->volume = vss_strdup("/b");
	bare->provider = vss_strdup("fake");
	fill_writer(vss_set_add_writer(s));
	struct vss_set_writer *w = vss_set_add_writer(s);
	vss_uuid_random(&w->id);
	w->name = vss_strdup("Other");
	vss_set_add_document(s, VSS_SET_COMPONENTS, "<?xml version=\"1.0\"?>\n<A b=\"\\x5C &amp;#10; &lt;\"/>\n");
	vss_set_add_document(s, "writers/" TROUBLE ".xml", TROUBLE);
	vss_set_add_stamp(s, "set", "asked", 0);
	vss_set_add_stamp(s, "volume /mnt/" TROUBLE, "committed", 9876543210);
	vss_set_add_stamp(s, "clock", "backwards", -5);
	return s;
}

static struct vss_set *
again(const struct vss_set *s, struct vss_buf *doc)
{
	struct vss_err err = VSS_ERR_INIT;
	if (vss_doc_write_set(s, doc, &err) < 0)
		fail_msg("%s", err.text);
	struct vss_set *back = vss_doc_read_set(doc->data, doc->len, &err);
	if (!back)
		fail_msg("%s", err.text);
	return back;
}

static void
the_set_comes_back_and_the_bytes_are_stable(void **state)
{
	(void)state;
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOBUF struct vss_buf first = VSS_BUF_INIT, second = VSS_BUF_INIT;
	struct vss_set *s = full(), *back = again(s, &first);
	assert_int_equal(vss_doc_write_set(back, &second, &err), 0);
	assert_string_equal(first.data, second.data);

	assert_true(vss_uuid_eq(&back->id, &s->id));
	assert_true(vss_uuid_eq(&back->owner, &s->owner));
	assert_int_equal(back->created_ns, s->created_ns);
	assert_string_equal(back->host, "here");
	assert_int_equal(back->context, s->context);
	assert_int_equal(back->instant, VSS_INSTANT_MANY);
	assert_int_equal(back->grade, VSS_GRADE_ORDERED);
	assert_true(back->freeze_ms == s->freeze_ms);
	assert_string_equal(back->note, s->note);
	assert_string_equal(back->tag, "");
	assert_true(back->hold);
	assert_int_equal(back->skew_ns, 0);
	assert_int_equal(back->held_ns, 123456789);
	assert_int_equal(back->cgroups.n, 2);
	assert_string_equal(back->cgroups.v[0], s->cgroups.v[0]);
	assert_int_equal(back->count, 3);
	vss_set_free(back);
	vss_set_free(s);
}

static void
shadows_come_back(void **state)
{
	(void)state;
	VSS_AUTOBUF struct vss_buf doc = VSS_BUF_INIT;
	struct vss_set *s = full(), *back = again(s, &doc);
	assert_int_equal(back->nshadows, 2);
	const struct vss_shadow *a = &s->shadows[0], *b = &back->shadows[0];
	assert_true(vss_uuid_eq(&a->id, &b->id));
	assert_string_equal(b->volume, a->volume);
	assert_string_equal(b->volume_id, a->volume_id);
	assert_string_equal(b->subpath, a->subpath);
	assert_string_equal(b->source, a->source);
	assert_string_equal(b->fstype, a->fstype);
	assert_string_equal(b->fs_uuid, a->fs_uuid);
	assert_string_equal(b->provider, a->provider);
	assert_string_equal(b->device, a->device);
	assert_string_equal(b->place, a->place);
	assert_int_equal(b->attributes, a->attributes);
	assert_int_equal(b->grade, a->grade);
	assert_int_equal(b->instant, a->instant);
	assert_string_equal(b->domain, a->domain);
	assert_true(b->mark == a->mark);
	assert_string_equal(b->proof_key, a->proof_key);
	assert_true(b->proof_value == a->proof_value);
	b = &back->shadows[1];
	assert_null(b->place);
	assert_null(b->proof_key);
	assert_int_equal(b->grade, VSS_GRADE_NONE);
	vss_set_free(back);
	vss_set_free(s);
}

static void
kept_documents_come_back(void **state)
{
	(void)state;
	VSS_AUTOBUF struct vss_buf doc = VSS_BUF_INIT;
	struct vss_set *s = full(), *back = again(s, &doc);
	assert_int_equal(back->ndocuments, 2);
	for (size_t i = 0; i < 2; i++) {
		assert_string_equal(back->documents[i].name, s->documents[i].name);
		assert_string_equal(back->documents[i].text, s->documents[i].text);
	}
	vss_set_free(back);
	vss_set_free(s);
}

static void
writers_and_ledger_come_back(void **state)
{
	(void)state;
	VSS_AUTOBUF struct vss_buf doc = VSS_BUF_INIT;
	struct vss_set *s = full(), *back = again(s, &doc);
	assert_int_equal(back->nwriters, 2);
	const struct vss_set_writer *a = &s->writers[0], *b = &back->writers[0];
	assert_true(vss_uuid_eq(&a->id, &b->id));
	assert_true(vss_uuid_eq(&a->instance, &b->instance));
	assert_string_equal(b->name, "Books");
	assert_int_equal(b->state, a->state);
	assert_int_equal(b->error, VSS_TIMEOUT);
	assert_string_equal(b->message, a->message);
	assert_int_equal(b->hold, a->hold);
	assert_int_equal(b->grade, a->grade);
	assert_int_equal(b->nevidence, 2);
	assert_string_equal(b->evidence[0].value, "0/3000060");
	assert_string_equal(b->evidence[1].value, "");
	assert_int_equal(back->writers[1].nevidence, 0);
	assert_int_equal(back->writers[1].error, VSS_OK);
	assert_int_equal(back->nledger, 3);
	assert_int_equal(back->ledger[0].at_ns, -5);
	assert_string_equal(back->ledger[2].who, s->ledger[2].who);
	assert_string_equal(back->ledger[2].what, "committed");
	assert_int_equal(back->ledger[2].at_ns, 9876543210);
	vss_set_free(back);
	vss_set_free(s);
}

static void
a_copy_of_a_set_is_its_equal_and_its_own(void **state)
{
	(void)state;
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOBUF struct vss_buf first = VSS_BUF_INIT, second = VSS_BUF_INIT;
	struct vss_set *s = full();
	assert_int_equal(vss_doc_write_set(s, &first, &err), 0);
	struct vss_set *copy = vss_set_copy(s);
	vss_set_free(s);
	assert_int_equal(vss_doc_write_set(copy, &second, &err), 0);
	assert_string_equal(first.data, second.data);
	vss_set_add_stamp(copy, "its arrays", "grow", 1);
	vss_set_free(copy);
}

static void
written_documents_are_valid(void **state)
{
	(void)state;
	VSS_AUTOBUF struct vss_buf doc = VSS_BUF_INIT;
	struct vss_set *s = full();
	vss_set_free(again(s, &doc));
	assert_valid(&doc, "set.rng");
	vss_set_free(s);
	s = vss_set_new();
	vss_uuid_random(&s->id);
	s->created_ns = -1; /* before 1970, and its nanoseconds count forwards */
	struct vss_set *back = again(s, &doc);
	assert_int_equal(back->created_ns, -1);
	assert_valid(&doc, "set.rng");
	vss_set_free(back);
	vss_set_free(s);
}

static void
a_set_without_what_finds_it_again_is_not_written(void **state)
{
	(void)state;
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOBUF struct vss_buf doc = VSS_BUF_INIT;
	struct vss_set *s = full();
	free(s->shadows[1].provider);
	s->shadows[1].provider = NULL;
	assert_int_equal(vss_doc_write_set(s, &doc, &err), -1);
	assert_int_equal(err.code, VSS_INVALID);
	assert_string_equal(err.text, "document: provider: missing");
	vss_set_free(s);
}

#define HEAD "<SHADOW_COPY_SET xmlns=\"urn:x-vss-tools:documents:1\" version=\"1\" "
#define GOOD                                                                                                           \
	HEAD "id=\"a65faa63-5ea8-4ebc-9dbd-a0c4db26912a\" created=\"2026-01-31T12:00:00Z\" grade=\"crash\" "           \
	     "instant=\"one\""
#define TAIL "</SHADOW_COPY_SET>"

static void
expect_fault(const char *doc, const char *text)
{
	struct vss_err err = VSS_ERR_INIT;
	assert_null(vss_doc_read_set(doc, strlen(doc), &err));
	assert_int_equal(err.code, VSS_E_INVALID_XML_DOCUMENT);
	assert_string_equal(err.text, text);
}

static void
faults_are_named(void **state)
{
	(void)state;
	expect_fault(HEAD "/>", "shadow copy set document: line 1: SHADOW_COPY_SET: created: missing");
	expect_fault(HEAD "created=\"2026-01-31T12:00:00Z\" grade=\"crash\" instant=\"one\"/>",
		"shadow copy set document: line 1: SHADOW_COPY_SET: id: missing");
	expect_fault(HEAD "created=\"2026-01-31T12:00:00Z\" grade=\"crash\" instant=\"one\" "
			  "id=\"{00000000-0000-0000-0000-000000000000}\"/>",
		"shadow copy set document: line 1: SHADOW_COPY_SET: id: all zeros");
	expect_fault(GOOD " context=\"4294967296\"/>",
		"shadow copy set document: line 1: SHADOW_COPY_SET: context: number too large");
	expect_fault(GOOD " hold=\"1\"/>",
		"shadow copy set document: line 1: SHADOW_COPY_SET: hold=\"1\": neither yes nor no");
	expect_fault(GOOD " note=\"C:\\dir\"/>",
		"shadow copy set document: line 1: SHADOW_COPY_SET: note: a backslash that starts no \\xHH");
	expect_fault(GOOD "><SHADOW_COPY id=\"a65faa63-5ea8-4ebc-9dbd-a0c4db26912a\" volume=\"/\"/>" TAIL,
		"shadow copy set document: line 1: SHADOW_COPY: provider: missing");
	expect_fault(GOOD "><WRITER id=\"a65faa63-5ea8-4ebc-9dbd-a0c4db26912a\" name=\"a\" state=\"SLEEPY\"/>" TAIL,
		"shadow copy set document: line 1: WRITER: state=\"SLEEPY\": unknown");
	expect_fault(GOOD "><LEDGER><STAMP who=\"a\" what=\"b\" ns=\"c\"/></LEDGER>" TAIL,
		"shadow copy set document: line 1: STAMP: ns=\"c\": not a number");
}

static void
a_newer_version_is_told_from_a_fault(void **state)
{
	(void)state;
	static const char doc[] = "<SHADOW_COPY_SET xmlns=\"urn:x-vss-tools:documents:1\" version=\"2\"/>";
	struct vss_err err = VSS_ERR_INIT;
	assert_null(vss_doc_read_set(doc, strlen(doc), &err));
	assert_int_equal(err.code, VSS_UNSUPPORTED);
	assert_string_equal(err.text, "shadow copy set document: format version 2; this program knows 1");
}

static void
what_is_unknown_is_passed_over(void **state)
{
	(void)state;
	static const char doc[] = GOOD " mood=\"fine\"><LATER><SHADOW_COPY/></LATER><!-- a note --><?a b?>text"
				       "<LEDGER><STAMP who=\"a\" what=\"b\" ns=\"7\"><X/></STAMP></LEDGER>"
				       "<o:WRITER xmlns:o=\"urn:other\"/>" TAIL;
	struct vss_err err = VSS_ERR_INIT;
	struct vss_set *s = vss_doc_read_set(doc, strlen(doc), &err);
	if (!s)
		fail_msg("%s", err.text);
	assert_int_equal(s->nshadows, 0);
	assert_int_equal(s->nwriters, 0);
	assert_int_equal(s->nledger, 1);
	vss_set_free(s);
}

static void
entities_are_refused(void **state)
{
	(void)state;
	expect_fault("<?xml version=\"1.0\"?>\n<!DOCTYPE x [<!ENTITY a SYSTEM \"file:///etc/shadow\">]>" GOOD
		     " note=\"&a;\"/>",
		"shadow copy set document: line 2: has a document type declaration");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_set_comes_back_and_the_bytes_are_stable),
		cmocka_unit_test(shadows_come_back),
		cmocka_unit_test(kept_documents_come_back),
		cmocka_unit_test(writers_and_ledger_come_back),
		cmocka_unit_test(a_copy_of_a_set_is_its_equal_and_its_own),
		cmocka_unit_test(written_documents_are_valid),
		cmocka_unit_test(a_set_without_what_finds_it_again_is_not_written),
		cmocka_unit_test(faults_are_named),
		cmocka_unit_test(a_newer_version_is_told_from_a_fault),
		cmocka_unit_test(what_is_unknown_is_passed_over),
		cmocka_unit_test(entities_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
