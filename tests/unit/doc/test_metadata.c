/* SPDX-License-Identifier: BSD-2-Clause */
#include "doc/doc.h"

#include "base/mem.h"
#include "doc/schema.h"

#include <stdlib.h>
#include <string.h>

static struct vss_metadata *
full(void)
{
	struct vss_metadata *m = vss_metadata_new();
	struct vss_err err = VSS_ERR_INIT;
	struct vss_uuid other;
	vss_uuid_random(&m->writer_id);
	vss_uuid_random(&m->instance_id);
	vss_uuid_random(&other);
	m->name = vss_strdup("Books " TROUBLE);
	m->instance_name = vss_strdup("");
	m->version = vss_strdup("1.0");
	m->usage = VSS_UT_USERDATA;
	m->source = VSS_ST_TRANSACTEDDB;
	m->method = VSS_RME_STOP_RESTORE_START;
	m->service = vss_strdup("books.service");
	m->writer_restore = VSS_WRE_IF_REPLACE_FAILS;
	m->reboot = true;
	m->schema = VSS_BS_COPY | VSS_BS_LOG;
	struct vss_component *c = vss_metadata_add_component(m, VSS_CT_DATABASE, "a\\b", "books", &err);
	c->caption = vss_strdup("All " TROUBLE);
	c->restore_metadata = c->selectable = true;
	c->flags = VSS_CF_BACKUP_RECOVERY | VSS_CF_NOT_SYSTEM_STATE;
	vss_component_add_files(c, VSS_DATABASE_FILES, "/var/lib/" TROUBLE, "*.db", false)->mask = 0x101;
	vss_component_add_files(c, VSS_DATABASE_LOGS, "/var/log/books", "*.log", false);
	vss_component_add_dependency(c, &other, "x/y", "z");
	vss_component_add_dependency(c, &other, NULL, "root");
	c = vss_metadata_add_component(m, VSS_CT_FILEGROUP, NULL, "etc", &err);
	c->notify = c->selectable_for_restore = true;
	vss_component_add_files(c, VSS_FILES, "/etc/books", "*", true)->alternate = vss_strdup("/run/spit");
	vss_component_add_dependency(c, &other, "", "empty path");
	vss_metadata_add_component(m, VSS_CT_FILEGROUP, "", "nothing", &err);
	vss_metadata_add_exclude(m, "/var/lib/books", "*.tmp", true);
	vss_metadata_add_snapshot_exclude(m, "/var/cache/books", "*", false);
	vss_metadata_add_location(m, "/etc/books", "*", true, "/srv/alternate");
	return m;
}

static void
everything_comes_back_and_the_bytes_are_stable(void **state)
{
	(void)state;
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOBUF struct vss_buf first = VSS_BUF_INIT, second = VSS_BUF_INIT;
	struct vss_metadata *m = full();
	assert_int_equal(vss_doc_write_metadata(m, &first, &err), 0);
	struct vss_metadata *back = vss_doc_read_metadata(first.data, first.len, &err);
	if (!back)
		fail_msg("%s", err.text);
	assert_int_equal(vss_doc_write_metadata(back, &second, &err), 0);
	assert_string_equal(first.data, second.data);

	assert_true(vss_uuid_eq(&back->writer_id, &m->writer_id));
	assert_true(vss_uuid_eq(&back->instance_id, &m->instance_id));
	assert_string_equal(back->name, m->name);
	assert_string_equal(back->instance_name, "");
	assert_string_equal(back->version, "1.0");
	assert_int_equal(back->usage, m->usage);
	assert_int_equal(back->source, m->source);
	assert_int_equal(back->method, m->method);
	assert_string_equal(back->service, m->service);
	assert_int_equal(back->writer_restore, m->writer_restore);
	assert_true(back->reboot);
	assert_int_equal(back->schema, m->schema);
	assert_int_equal(back->nexcludes, 1);
	assert_string_equal(back->excludes[0].spec, "*.tmp");
	assert_true(back->excludes[0].recursive);
	assert_int_equal(back->nsnapshot_excludes, 1);
	assert_false(back->snapshot_excludes[0].recursive);
	assert_int_equal(back->nlocations, 1);
	assert_string_equal(back->locations[0].to, "/srv/alternate");
	vss_metadata_free(back);
	vss_metadata_free(m);
}

static void
components_come_back_with_all_they_hold(void **state)
{
	(void)state;
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOBUF struct vss_buf doc = VSS_BUF_INIT;
	struct vss_metadata *m = full();
	assert_int_equal(vss_doc_write_metadata(m, &doc, &err), 0);
	struct vss_metadata *back = vss_doc_read_metadata(doc.data, doc.len, &err);
	assert_int_equal(back->ncomponents, 3);
	struct vss_component *c = &back->components[0], *want = &m->components[0];
	assert_int_equal(c->type, VSS_CT_DATABASE);
	assert_string_equal(c->logical_path, "a\\b");
	assert_string_equal(c->caption, want->caption);
	assert_true(c->restore_metadata && c->selectable && !c->notify && !c->selectable_for_restore);
	assert_int_equal(c->flags, want->flags);
	assert_int_equal(c->nfiles, 2);
	assert_string_equal(c->files[0].path, want->files[0].path);
	assert_int_equal(c->files[0].mask, 0x101);
	assert_int_equal(c->files[0].kind, VSS_DATABASE_FILES);
	assert_int_equal(c->files[1].kind, VSS_DATABASE_LOGS);
	assert_int_equal(c->ndeps, 2);
	assert_true(vss_uuid_eq(&c->deps[0].writer, &want->deps[0].writer));
	assert_string_equal(c->deps[0].logical_path, "x/y");
	assert_null(c->deps[1].logical_path);
	c = &back->components[1];
	assert_int_equal(c->type, VSS_CT_FILEGROUP);
	assert_null(c->logical_path);
	assert_true(c->notify && c->selectable_for_restore && !c->selectable);
	assert_string_equal(c->files[0].alternate, "/run/spit");
	assert_true(c->files[0].recursive);
	assert_int_equal(c->files[0].mask, VSS_FSBT_DEFAULT);
	assert_string_equal(c->deps[0].logical_path, "");
	assert_string_equal(back->components[2].logical_path, "");
	assert_int_equal(back->components[2].nfiles, 0);
	vss_metadata_free(back);
	vss_metadata_free(m);
}

static void
written_documents_are_valid(void **state)
{
	(void)state;
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOBUF struct vss_buf doc = VSS_BUF_INIT;
	struct vss_metadata *m = full();
	assert_int_equal(vss_doc_write_metadata(m, &doc, &err), 0);
	assert_valid(&doc, "writer-metadata.rng");
	vss_metadata_free(m);

	m = vss_metadata_new();
	vss_uuid_random(&m->writer_id);
	m->name = vss_strdup("bare");
	assert_int_equal(vss_doc_write_metadata(m, &doc, &err), 0);
	assert_valid(&doc, "writer-metadata.rng");
	vss_metadata_free(m);
}

static void
what_could_not_be_read_again_is_not_written(void **state)
{
	(void)state;
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOBUF struct vss_buf doc = VSS_BUF_INIT;
	struct vss_metadata *m = vss_metadata_new();
	assert_int_equal(vss_doc_write_metadata(m, &doc, &err), -1);
	assert_string_equal(err.text, "document: writerId: missing");
	vss_uuid_random(&m->writer_id);
	assert_int_equal(vss_doc_write_metadata(m, &doc, &err), -1);
	assert_string_equal(err.text, "document: friendlyName: missing");
	m->name = vss_alloc(20000001);
	memset(m->name, '\\', 20000000); /* 80 MB when escaped */
	assert_int_equal(vss_doc_write_metadata(m, &doc, &err), -1);
	assert_int_equal(err.code, VSS_INVALID);
	m->name[12000000] = '\0';
	assert_int_equal(vss_doc_write_metadata(m, &doc, &err), 0);
	struct vss_metadata *back = vss_doc_read_metadata(doc.data, doc.len, &err);
	if (!back)
		fail_msg("%s", err.text);
	assert_int_equal(strlen(back->name), 12000000);
	vss_metadata_free(back);
	vss_metadata_free(m);
}

/* As Windows writes them: GUIDs of any case, braces or none, any order, no escape, attributes and elements that we do
 * not know. */
static const char foreign[] =
	"<WRITER_METADATA xmlns=\"x-schema:#VssWriterMetadataInfo\" version=\"1.2\" backupSchema=\"881\">"
	"<BACKUP_LOCATIONS><FILE_GROUP logicalPath=\"SRV\\x41\" componentName=\"Store\" restoreMetadata=\"no\" "
	"notifyOnBackupComplete=\"yes\" selectable=\"yes\" selectableForRestore=\"no\" componentFlags=\"3\" "
	"icon=\"AAAA\">"
	"<FILE_LIST path=\"%SystemRoot%\\Data\" filespec=\"*.*\" recursive=\"yes\" filespecBackupType=\"3855\"/>"
	"<NEW_THING><FILE_LIST path=\"x\" filespec=\"y\"/></NEW_THING></FILE_GROUP>"
	"<EXCLUDE_FILES path=\"C:\\x5C\" filespec=\"*\" recursive=\"no\"/></BACKUP_LOCATIONS>"
	"<FILE_LIST path=\"wrong\" filespec=\"place\"/>"
	"<RESTORE_METHOD method=\"RESTORE_IF_CAN_REPLACE\" writerRestore=\"always\" rebootRequired=\"no\" "
	"userProcedure=\"\"/>"
	"<IDENTIFICATION writerId=\"{A65FAA63-5ea8-4ebc-9dbd-a0c4db26912a}\" "
	"instanceId=\"dd8d6255-b3bb-4ec1-8249-73cd75c0ee21\" "
	"friendlyName=\"Store Writer\" usage=\"USER_DATA\" dataSource=\"QUANTUM_DB\" majorVersion=\"0\" "
	"minorVersion=\"0\"/>"
	"</WRITER_METADATA>";

static void
check_foreign(const void *data, size_t n)
{
	struct vss_err err = VSS_ERR_INIT;
	struct vss_uuid id;
	struct vss_metadata *m = vss_doc_read_metadata(data, n, &err);
	if (!m)
		fail_msg("%s", err.text);
	vss_uuid_parse("a65faa63-5ea8-4ebc-9dbd-a0c4db26912a", &id);
	assert_true(vss_uuid_eq(&m->writer_id, &id));
	assert_string_equal(m->name, "Store Writer");
	assert_int_equal(m->source, VSS_ST_UNDEFINED);
	assert_int_equal(m->method, VSS_RME_RESTORE_IF_CAN_REPLACE);
	assert_int_equal(m->schema, 881);
	assert_int_equal(m->ncomponents, 1);
	assert_string_equal(m->components[0].logical_path, "SRV\\x41");
	assert_int_equal(m->components[0].nfiles, 1);
	assert_string_equal(m->components[0].files[0].path, "%SystemRoot%\\Data");
	assert_string_equal(m->excludes[0].path, "C:\\x5C");
	vss_metadata_free(m);
}

static void
documents_from_windows_are_read(void **state)
{
	(void)state;
	check_foreign(foreign, strlen(foreign));
}

static void
utf16_is_read_without_mark_and_declaration(void **state)
{
	(void)state;
	char wide[2 * sizeof foreign];
	size_t n = strlen(foreign);
	for (int big = 0; big < 2; big++) {
		memset(wide, 0, sizeof wide);
		for (size_t i = 0; i < n; i++)
			wide[2 * i + (size_t)big] = foreign[i];
		check_foreign(wide, 2 * n);
	}
}

static void
expect_fault(const char *doc, enum vss_code code, const char *text)
{
	struct vss_err err = VSS_ERR_INIT;
	assert_null(vss_doc_read_metadata(doc, strlen(doc), &err));
	assert_int_equal(err.code, code);
	assert_string_equal(err.text, text);
}

#define HEAD "<WRITER_METADATA xmlns=\"x-schema:#VssWriterMetadataInfo\">\n"
#define ESCAPED                                                                                                        \
	"<WRITER_METADATA xmlns=\"x-schema:#VssWriterMetadataInfo\" xmlns:vss=\"urn:x-vss-tools:documents:1\" "        \
	"vss:escape=\"xHH\">\n"
#define TAIL "</WRITER_METADATA>"
#define ID "<IDENTIFICATION writerId=\"a65faa63-5ea8-4ebc-9dbd-a0c4db26912a\" friendlyName=\""

static void
faults_are_named_with_their_place(void **state)
{
	(void)state;
	expect_fault("<a/>", VSS_E_INVALID_XML_DOCUMENT,
		"writer metadata document: line 1: not a writer metadata document: its root is a");
	expect_fault("<WRITER_METADATA xmlns=\"x\"/>", VSS_E_INVALID_XML_DOCUMENT,
		"writer metadata document: line 1: not a writer metadata document: its root is WRITER_METADATA in the namespace x");
	expect_fault(HEAD TAIL, VSS_E_INVALID_XML_DOCUMENT, "writer metadata document: names no writer");
	expect_fault(HEAD "<IDENTIFICATION writerId=\"12\" friendlyName=\"x\"/>" TAIL, VSS_E_INVALID_XML_DOCUMENT,
		"writer metadata document: line 2: IDENTIFICATION: writerId=\"12\": not a GUID");
	expect_fault(HEAD "<IDENTIFICATION writerId=\"a65faa63-5ea8-4ebc-9dbd-a0c4db26912a\"/>" TAIL,
		VSS_E_INVALID_XML_DOCUMENT, "writer metadata document: line 2: IDENTIFICATION: friendlyName: missing");
	expect_fault(HEAD "<RESTORE_METHOD rebootRequired=\"maybe\"/>" TAIL, VSS_E_INVALID_XML_DOCUMENT,
		"writer metadata document: line 2: RESTORE_METHOD: rebootRequired=\"maybe\": neither yes nor no");
	expect_fault(ESCAPED ID "\\x4\"/>" TAIL, VSS_E_INVALID_XML_DOCUMENT,
		"writer metadata document: line 2: IDENTIFICATION: friendlyName: a backslash that starts no \\xHH");
	expect_fault(ESCAPED ID "a\\x00b\"/>" TAIL, VSS_E_INVALID_XML_DOCUMENT,
		"writer metadata document: line 2: IDENTIFICATION: friendlyName: a backslash that starts no \\xHH");
	expect_fault(HEAD "<BACKUP_LOCATIONS><DATABASE componentName=\"a\"/>\n<FILE_GROUP componentName=\"a\"/>"
			  "</BACKUP_LOCATIONS>" TAIL,
		VSS_E_INVALID_XML_DOCUMENT, "writer metadata document: line 3: FILE_GROUP: component /a: given twice");
}

static void
broken_xml_is_told_from_a_wrong_document(void **state)
{
	(void)state;
	struct vss_err err = VSS_ERR_INIT;
	assert_null(vss_doc_read_metadata("", 0, &err));
	assert_int_equal(err.code, VSS_E_CORRUPT_XML_DOCUMENT);
	assert_string_equal(err.text, "writer metadata document: empty");
	for (size_t n = 1; n < strlen(foreign); n++) {
		err = (struct vss_err)VSS_ERR_INIT;
		assert_null(vss_doc_read_metadata(foreign, n, &err));
		if (err.code != VSS_E_CORRUPT_XML_DOCUMENT && err.code != VSS_E_INVALID_XML_DOCUMENT)
			fail_msg("cut at %zu: %s", n, err.text);
	}
	assert_int_equal(err.code, VSS_E_CORRUPT_XML_DOCUMENT);
}

static void
a_document_type_is_refused_so_no_entity_grows(void **state)
{
	(void)state;
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOBUF struct vss_buf doc = VSS_BUF_INIT;
	vss_buf_str(&doc, "<!DOCTYPE a [<!ENTITY e0 \"0123456789\">");
	for (int i = 1; i < 12; i++) {
		vss_buf_fmt(&doc, "<!ENTITY e%d \"", i);
		for (int j = 0; j < 10; j++)
			vss_buf_fmt(&doc, "&e%d;", i - 1);
		vss_buf_str(&doc, "\">");
	}
	vss_buf_str(&doc, "]>" HEAD ID "&e11;\"/>" TAIL);
	assert_null(vss_doc_read_metadata(doc.data, doc.len, &err));
	assert_int_equal(err.code, VSS_E_INVALID_XML_DOCUMENT);
	assert_string_equal(err.text, "writer metadata document: line 1: has a document type declaration");
}

static void
nothing_outside_the_document_is_read(void **state)
{
	(void)state;
	expect_fault("<!DOCTYPE a [<!ENTITY x SYSTEM \"/etc/passwd\">]>" HEAD ID "&x;\"/>" TAIL,
		VSS_E_INVALID_XML_DOCUMENT, "writer metadata document: line 1: has a document type declaration");
	expect_fault("<!DOCTYPE a SYSTEM \"http://127.0.0.1/x.dtd\">" HEAD TAIL, VSS_E_INVALID_XML_DOCUMENT,
		"writer metadata document: line 1: has a document type declaration");
	struct vss_err err = VSS_ERR_INIT;
	static const char undeclared[] = HEAD ID "&x;\"/>" TAIL;
	assert_null(vss_doc_read_metadata(undeclared, strlen(undeclared), &err));
	assert_int_equal(err.code, VSS_E_CORRUPT_XML_DOCUMENT);
}

static void
names_are_bounded_as_each_is_compared_with_each(void **state)
{
	(void)state;
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOBUF struct vss_buf doc = VSS_BUF_INIT;
	vss_buf_str(&doc, "<WRITER_METADATA xmlns=\"x-schema:#VssWriterMetadataInfo\"");
	for (int i = 0; i < 1000000; i++)
		vss_buf_fmt(&doc, " a%d=\"\"", i);
	vss_buf_str(&doc, "/>");
	assert_null(vss_doc_read_metadata(doc.data, doc.len, &err));
	assert_int_equal(err.code, VSS_E_INVALID_XML_DOCUMENT);
	assert_string_equal(err.text, "writer metadata document: too many different names");
}

static void
depth_and_length_are_bounded(void **state)
{
	(void)state;
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOBUF struct vss_buf doc = VSS_BUF_INIT;
	vss_buf_str(&doc, HEAD);
	for (int i = 0; i < 100000; i++)
		vss_buf_str(&doc, "<x>");
	assert_null(vss_doc_read_metadata(doc.data, doc.len, &err));
	assert_int_equal(err.code, VSS_E_INVALID_XML_DOCUMENT);
	assert_string_equal(err.text, "writer metadata document: line 2: more than 256 elements within each other");
	assert_null(vss_doc_read_metadata(doc.data, (size_t)VSS_DOC_LIMIT + 1, &err));
	assert_int_equal(err.code, VSS_E_INVALID_XML_DOCUMENT);
	assert_string_equal(err.text, "writer metadata document: longer than 67108864 bytes");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything_comes_back_and_the_bytes_are_stable),
		cmocka_unit_test(components_come_back_with_all_they_hold),
		cmocka_unit_test(written_documents_are_valid),
		cmocka_unit_test(what_could_not_be_read_again_is_not_written),
		cmocka_unit_test(documents_from_windows_are_read),
		cmocka_unit_test(utf16_is_read_without_mark_and_declaration),
		cmocka_unit_test(faults_are_named_with_their_place),
		cmocka_unit_test(broken_xml_is_told_from_a_wrong_document),
		cmocka_unit_test(a_document_type_is_refused_so_no_entity_grows),
		cmocka_unit_test(nothing_outside_the_document_is_read),
		cmocka_unit_test(names_are_bounded_as_each_is_compared_with_each),
		cmocka_unit_test(depth_and_length_are_bounded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
