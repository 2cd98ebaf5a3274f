/* SPDX-License-Identifier: BSD-2-Clause */
#include "doc/doc.h"

#include "base/mem.h"
#include "doc/schema.h"

#include <stdlib.h>
#include <string.h>

static void
fill_component(struct vss_bcd_component *c)
{
	c->succeeded_known = true;
	c->backup_metadata = vss_strdup("binary " TROUBLE);
	c->restore_metadata = vss_strdup("");
	c->stamp = vss_strdup("stamp " TROUBLE);
	c->previous_stamp = vss_strdup("");
	c->failure = VSS_E_WRITERERROR_PARTIAL_FAILURE;
	c->failure_message = vss_strdup("it broke\non two lines");
	c->grade = VSS_GRADE_RECOVERABLE;
	c->selected_for_restore = true;
	c->restore_status = VSS_RS_FAILED;
}

static struct vss_bcd *
full(void)
{
	struct vss_bcd *b = vss_bcd_new();
	struct vss_err err = VSS_ERR_INIT;
	struct vss_metadata m = { .name = NULL };
	char path[] = "a\\b", name[] = "c";
	const struct vss_component deep = { .type = VSS_CT_DATABASE, .logical_path = path, .name = name },
				   top = { .type = VSS_CT_FILEGROUP, .name = name };
	vss_uuid_random(&b->backup_id);
	vss_uuid_random(&b->set_id);
	b->type = VSS_BT_COPY;
	b->component_mode = b->bootable = b->partial_files = true;
	b->host = vss_strdup("host " TROUBLE);
	b->created_ns = 1767225599123456789;
	vss_strv_add(&b->paths, "/mnt/a");
	vss_strv_add(&b->paths, "/mnt/" TROUBLE);
	struct vss_bcd_volume *v = vss_bcd_add_volume(b, "/mnt/a");
	v->id = vss_strdup("id");
	v->fstype = vss_strdup("btrfs");
	v->provider = vss_strdup("btrfs");
	v->grade = VSS_GRADE_CRASH;
	vss_uuid_random(&v->shadow);
	vss_bcd_add_volume(b, "/");
	vss_uuid_random(&m.writer_id);
	vss_uuid_random(&m.instance_id);
	m.schema = VSS_BS_COPY;
	struct vss_bcd_writer *w = vss_bcd_add_writer(b, &m);
	w->name = vss_strdup("Books");
	w->instance_name = vss_strdup("first");
	fill_component(vss_bcd_add_component(w, &deep, &err));
	vss_bcd_add_component(w, &top, &err);
	vss_bcd_add_writer(b, &m);
	return b;
}

static void
everything_comes_back_and_the_bytes_are_stable(void **state)
{
	(void)state;
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOBUF struct vss_buf first = VSS_BUF_INIT, second = VSS_BUF_INIT;
	struct vss_bcd *b = full();
	assert_int_equal(vss_doc_write_bcd(b, &first, &err), 0);
	struct vss_bcd *back = vss_doc_read_bcd(first.data, first.len, &err);
	if (!back)
		fail_msg("%s", err.text);
	assert_int_equal(vss_doc_write_bcd(back, &second, &err), 0);
	assert_string_equal(first.data, second.data);

	assert_true(vss_uuid_eq(&back->backup_id, &b->backup_id));
	assert_true(vss_uuid_eq(&back->set_id, &b->set_id));
	assert_int_equal(back->type, VSS_BT_COPY);
	assert_true(back->component_mode && back->bootable && back->partial_files);
	assert_string_equal(back->host, b->host);
	assert_int_equal(back->created_ns, b->created_ns);
	assert_int_equal(back->paths.n, 2);
	assert_string_equal(back->paths.v[1], b->paths.v[1]);
	assert_int_equal(back->nvolumes, 2);
	assert_string_equal(back->volumes[0].id, "id");
	assert_string_equal(back->volumes[0].fstype, "btrfs");
	assert_string_equal(back->volumes[0].provider, "btrfs");
	assert_int_equal(back->volumes[0].grade, VSS_GRADE_CRASH);
	assert_true(vss_uuid_eq(&back->volumes[0].shadow, &b->volumes[0].shadow));
	assert_null(back->volumes[1].id);
	vss_bcd_free(back);
	vss_bcd_free(b);
}

static void
components_come_back_with_all_that_was_noted(void **state)
{
	(void)state;
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOBUF struct vss_buf doc = VSS_BUF_INIT;
	struct vss_bcd *b = full();
	assert_int_equal(vss_doc_write_bcd(b, &doc, &err), 0);
	struct vss_bcd *back = vss_doc_read_bcd(doc.data, doc.len, &err);
	assert_int_equal(back->nwriters, 2);
	struct vss_bcd_writer *w = &back->writers[0];
	assert_true(vss_uuid_eq(&w->writer_id, &b->writers[0].writer_id));
	assert_true(vss_uuid_eq(&w->instance_id, &b->writers[0].instance_id));
	assert_string_equal(w->name, "Books");
	assert_string_equal(w->instance_name, "first");
	assert_int_equal(w->schema, VSS_BS_COPY);
	assert_int_equal(w->ncomponents, 2);
	struct vss_bcd_component *c = &w->components[0], *want = &b->writers[0].components[0];
	assert_int_equal(c->type, VSS_CT_DATABASE);
	assert_string_equal(c->logical_path, "a\\b");
	assert_true(c->succeeded_known && !c->succeeded);
	assert_string_equal(c->backup_metadata, want->backup_metadata);
	assert_string_equal(c->restore_metadata, "");
	assert_string_equal(c->stamp, want->stamp);
	assert_string_equal(c->previous_stamp, "");
	assert_int_equal(c->failure, VSS_E_WRITERERROR_PARTIAL_FAILURE);
	assert_string_equal(c->failure_message, want->failure_message);
	assert_int_equal(c->grade, VSS_GRADE_RECOVERABLE);
	assert_true(c->selected_for_restore);
	assert_int_equal(c->restore_status, VSS_RS_FAILED);
	c = &w->components[1];
	assert_null(c->logical_path);
	assert_false(c->succeeded_known);
	assert_null(c->backup_metadata);
	assert_int_equal(c->failure, VSS_OK);
	vss_bcd_free(back);
	vss_bcd_free(b);
}

static void
written_documents_are_valid(void **state)
{
	(void)state;
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOBUF struct vss_buf doc = VSS_BUF_INIT;
	struct vss_bcd *b = full();
	assert_int_equal(vss_doc_write_bcd(b, &doc, &err), 0);
	assert_valid(&doc, "backup-components.rng");
	vss_bcd_free(b);
	b = vss_bcd_new();
	assert_int_equal(vss_doc_write_bcd(b, &doc, &err), 0);
	assert_valid(&doc, "backup-components.rng");
	vss_bcd_free(b);
}

static void
every_code_has_a_spelling(void **state)
{
	(void)state;
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOBUF struct vss_buf doc = VSS_BUF_INIT;
	struct vss_bcd *b = full();
	for (int code = VSS_OK; code < VSS_CODE_COUNT; code++) {
		b->writers[0].components[0].failure = (enum vss_code)code;
		assert_int_equal(vss_doc_write_bcd(b, &doc, &err), 0);
		struct vss_bcd *back = vss_doc_read_bcd(doc.data, doc.len, &err);
		assert_non_null(back);
		assert_int_equal(back->writers[0].components[0].failure, code);
		vss_bcd_free(back);
	}
	vss_bcd_free(b);
}

static void
documents_from_windows_are_read(void **state)
{
	(void)state;
	static const char doc[] =
		"<BACKUP_COMPONENTS xmlns=\"x-schema:#VssComponentMetadata\" version=\"1.2\" "
		"bootableSystemStateBackup=\"yes\" "
		"selectComponents=\"yes\" backupType=\"full\" partialFileSupport=\"no\" "
		"snapshotSetId=\"4ad2e8b1-faf2-4aca-a010-2c3f939cef62\">"
		"<SNAPSHOT_SET_DESCRIPTION><COMPONENT componentName=\"none\"/></SNAPSHOT_SET_DESCRIPTION>"
		"<WRITER_COMPONENTS writerId=\"{A65FAA63-5EA8-4EBC-9DBD-A0C4DB26912A}\" backupSchema=\"881\" "
		"instanceId=\"dd8d6255-b3bb-4ec1-8249-73cd75c0ee21\">"
		"<COMPONENT logicalPath=\"SRV\\x41\" componentName=\"local\" componentType=\"filegroup\" "
		"backupStamp=\"CAAA\">"
		"<BACKUP_METADATA xmlns=\"\" metadata=\"AAECAw==\"></BACKUP_METADATA></COMPONENT>"
		"<COMPONENT componentName=\"odd\" componentType=\"hologram\" backupSucceeded=\"yes\"></COMPONENT>"
		"</WRITER_COMPONENTS></BACKUP_COMPONENTS>\n";
	struct vss_err err = VSS_ERR_INIT;
	struct vss_bcd *b = vss_doc_read_bcd(doc, strlen(doc), &err);
	if (!b)
		fail_msg("%s", err.text);
	assert_int_equal(b->type, VSS_BT_FULL);
	assert_true(b->bootable && b->component_mode && !b->partial_files);
	assert_int_equal(b->nwriters, 1);
	assert_int_equal(b->writers[0].ncomponents, 2);
	assert_string_equal(b->writers[0].components[0].logical_path, "SRV\\x41");
	assert_string_equal(b->writers[0].components[0].stamp, "CAAA");
	assert_string_equal(b->writers[0].components[0].backup_metadata, "AAECAw=="); /* bytes, of no meaning here */
	assert_int_equal(b->writers[0].components[1].type, VSS_CT_UNDEFINED);
	assert_true(b->writers[0].components[1].succeeded);
	vss_bcd_free(b);
}

static void
expect_fault(const char *inner, const char *text)
{
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOBUF struct vss_buf doc = VSS_BUF_INIT;
	vss_buf_fmt(&doc,
		"<BACKUP_COMPONENTS xmlns=\"x-schema:#VssComponentMetadata\" xmlns:vss=\"urn:x-vss-tools:documents:1\" "
		"vss:escape=\"xHH\"><WRITER_COMPONENTS writerId=\"a65faa63-5ea8-4ebc-9dbd-a0c4db26912a\">%s"
		"</WRITER_COMPONENTS></BACKUP_COMPONENTS>",
		inner);
	assert_null(vss_doc_read_bcd(doc.data, doc.len, &err));
	assert_int_equal(err.code, VSS_E_INVALID_XML_DOCUMENT);
	assert_string_equal(err.text, text);
}

static void
faults_are_named(void **state)
{
	(void)state;
	expect_fault("<COMPONENT/>", "backup components document: line 1: COMPONENT: componentName: missing");
	expect_fault("<COMPONENT componentName=\"a\"/><COMPONENT componentName=\"a\"/>",
		"backup components document: line 1: COMPONENT: component /a: added twice");
	expect_fault("<COMPONENT componentName=\"a\"><BACKUP_METADATA metadata=\"?\"/></COMPONENT>",
		"backup components document: line 1: BACKUP_METADATA: metadata: not text in base64");
	expect_fault("<COMPONENT componentName=\"a\"><BACKUP_METADATA metadata=\"AAEC\"/></COMPONENT>",
		"backup components document: line 1: BACKUP_METADATA: metadata: not text in base64");
	expect_fault("<COMPONENT componentName=\"a\" vss:grade=\"fine\"/>",
		"backup components document: line 1: COMPONENT: vss:grade=\"fine\": unknown");
	expect_fault("<COMPONENT componentName=\"a\" vss:failure=\"OOPS\"/>",
		"backup components document: line 1: COMPONENT: vss:failure=\"OOPS\": no such code");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything_comes_back_and_the_bytes_are_stable),
		cmocka_unit_test(components_come_back_with_all_that_was_noted),
		cmocka_unit_test(written_documents_are_valid),
		cmocka_unit_test(every_code_has_a_spelling),
		cmocka_unit_test(documents_from_windows_are_read),
		cmocka_unit_test(faults_are_named),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
