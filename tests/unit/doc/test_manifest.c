/* SPDX-License-Identifier: BSD-2-Clause */
#include "doc/manifest.h"

#include "base/mem.h"
#include "doc/schema.h"

#include <stdlib.h>
#include <string.h>

#define SET "{11111111-2222-3333-4444-555555555555}"
#define SHADOW "{AAAAAAAA-2222-3333-4444-555555555555}"
#define NOBODY "{00000000-0000-0000-0000-000000000000}"

static struct vss_manifest *
full(void)
{
	struct vss_manifest *m = vss_manifest_new();
	struct vss_uuid id;

	assert_int_equal(vss_uuid_parse(SET, &m->set_id), 0);
	assert_int_equal(vss_uuid_parse(SHADOW, &id), 0);
	m->machine = vss_strdup("books");
	m->set = vss_strdup("ShadowCopySet.xml");
	m->components = vss_strdup("BCDocument.xml");
	m->transport = vss_strdup("nightly.cab.set.xml");
	struct vss_manifest_shadow *s = vss_manifest_add_shadow(m, &id);
	s->alias = vss_strdup("Data");
	s->volume = vss_strdup("/srv/" TROUBLE);
	vss_strv_add(&m->alias_names, "Data");
	vss_strv_add(&m->alias_values, SHADOW);
	vss_strv_add(&m->alias_names, "Odd");
	vss_strv_add(&m->alias_values, TROUBLE);
	vss_manifest_add_writer(m, "100%sure Writer", "WM0.xml");
	return m;
}

static struct vss_manifest *
read_text(const char *text)
{
	struct vss_err err = VSS_ERR_INIT;
	struct vss_manifest *m = vss_doc_read_manifest(text, strlen(text), &err);
	if (!m)
		fail_msg("%s", err.text);
	return m;
}

static void
it_comes_back_and_the_bytes_are_stable(void **state)
{
	(void)state;
	VSS_AUTOBUF struct vss_buf first = VSS_BUF_INIT, second = VSS_BUF_INIT;
	struct vss_err err = VSS_ERR_INIT;
	struct vss_manifest *m = full();

	assert_int_equal(vss_doc_write_manifest(m, &first, &err), 0);
	assert_valid(&first, "manifest.rng");
	struct vss_manifest *back = read_text(first.data);
	assert_int_equal(vss_doc_write_manifest(back, &second, &err), 0);
	assert_string_equal(first.data, second.data);

	assert_true(vss_uuid_eq(&back->set_id, &m->set_id));
	assert_string_equal(back->machine, "books");
	assert_string_equal(back->set, "ShadowCopySet.xml");
	assert_string_equal(back->components, "BCDocument.xml");
	assert_string_equal(back->transport, "nightly.cab.set.xml");
	assert_int_equal(back->nshadows, 1);
	assert_string_equal(back->shadows[0].volume, m->shadows[0].volume);
	assert_string_equal(back->shadows[0].alias, "Data");
	assert_true(vss_uuid_is_nil(&back->shadows[0].provider));
	assert_int_equal(back->alias_names.n, 2);
	assert_string_equal(back->alias_values.v[1], TROUBLE);
	assert_string_equal(back->writers[0].name, "100%sure Writer");
	vss_manifest_free(back);
	vss_manifest_free(m);
}

static void
the_bytes_are_these(void **state)
{
	(void)state;
	VSS_AUTOBUF struct vss_buf doc = VSS_BUF_INIT;
	struct vss_err err = VSS_ERR_INIT;
	struct vss_manifest *m = vss_manifest_new();

	assert_int_equal(vss_uuid_parse(SET, &m->set_id), 0);
	m->machine = vss_strdup("a");
	assert_int_equal(vss_doc_write_manifest(m, &doc, &err), 0);
	assert_string_equal(doc.data, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
				      "<Manifest xmlns:vss=\"urn:x-vss-tools:documents:1\" vss:version=\"1\" "
				      "vss:escape=\"xHH\">\n"
				      "\t<ShadowCopySet GUID=\"" SET "\" MachineName=\"a\"/>\n"
				      "\t<Aliases/>\n"
				      "\t<Writers Count=\"0\"/>\n"
				      "</Manifest>\n");
	assert_valid(&doc, "manifest.rng");
	vss_manifest_free(m);
}

/* As it is observed: no mark, no declaration, single quotes, blanks before `>`. */
static void
the_one_of_windows_is_read(void **state)
{
	(void)state;
	static const char text[] =
		"<Manifest ><ShadowCopySet GUID = '" SET "' MachineName = 'SRV1' ><ShadowCopy GUID = '" SHADOW
		"' Alias = 'D' OriginalVolume = 'C:\\' Provider = '" NOBODY
		"' ></ShadowCopy></ShadowCopySet><BackupComponents File = 'BCDocument.xml' ></BackupComponents>"
		"<Aliases ><Alias Name = 'D' Value = '" SHADOW "' ></Alias></Aliases><Writers Count = '1' >"
		"<Writer Name = 'Task%sScheduler%sWriter' MetadataFile = 'C:\\Temp\\WM0.xml' ></Writer></Writers>"
		"<Logfile Name = 'DisE54E.tmp' ></Logfile></Manifest>";
	VSS_AUTOBUF struct vss_buf wide = VSS_BUF_INIT;
	struct vss_err err = VSS_ERR_INIT;

	for (const char *p = text; *p; p++)
		vss_buf_add(&wide, (const char[]){ *p, '\0' }, 2);
	struct vss_manifest *m = vss_doc_read_manifest(wide.data, wide.len, &err);
	if (!m)
		fail_msg("%s", err.text);
	assert_string_equal(m->machine, "SRV1");
	assert_string_equal(m->shadows[0].volume, "C:\\");
	assert_string_equal(m->alias_names.v[0], "D");
	assert_string_equal(m->writers[0].name, "Task Scheduler Writer");
	assert_string_equal(m->writers[0].member, "WM0.xml");
	assert_null(m->set);
	vss_manifest_free(m);
}

static void
names_of_files_have_no_directories(void **state)
{
	(void)state;
	struct vss_manifest *m =
		read_text("<Manifest xmlns:v='urn:x-vss-tools:documents:1'><ShadowCopySet GUID='" SET
			  "' MachineName='a' v:File='../../etc/x' v:Transport='/etc/passwd'/></Manifest>");
	assert_string_equal(m->set, "x");
	assert_string_equal(m->transport, "passwd");
	vss_manifest_free(m);
}

static void
what_it_may_not_be_is_refused(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"<Other/>",
		"<Manifest/>",
		"<Manifest><ShadowCopySet MachineName='a'/></Manifest>",
		"<Manifest><ShadowCopySet GUID='" NOBODY "' MachineName='a'/></Manifest>",
		"<Manifest><ShadowCopySet GUID='" SET "'/></Manifest>",
		"<Manifest><ShadowCopySet GUID='x' MachineName='a'/></Manifest>",
		"<Manifest><ShadowCopySet GUID='" SET "' MachineName='a'/><ShadowCopySet GUID='" SET
		"' MachineName='a'/></Manifest>",
		"<Manifest><ShadowCopySet GUID='" SET "' MachineName='a'><ShadowCopy GUID='" SHADOW
		"'/></ShadowCopySet></Manifest>",
		"<Manifest><ShadowCopySet GUID='" SET "' MachineName='a'/><BackupComponents/></Manifest>",
		"<Manifest><ShadowCopySet GUID='" SET "' MachineName='a'/><BackupComponents File='a/..'/></Manifest>",
		"<Manifest><ShadowCopySet GUID='" SET
		"' MachineName='a'/><Aliases><Alias Name='a'/></Aliases></Manifest>",
		"<Manifest><ShadowCopySet GUID='" SET
		"' MachineName='a'/><Writers><Writer Name='a' MetadataFile='C:\\'/></Writers></Manifest>",
		"<!DOCTYPE Manifest [<!ENTITY a 'b'>]><Manifest><ShadowCopySet GUID='" SET
		"' MachineName='&a;'/></Manifest>",
	};

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct vss_err err = VSS_ERR_INIT;
		if (vss_doc_read_manifest(bad[i], strlen(bad[i]), &err))
			fail_msg("taken: %s", bad[i]);
		assert_int_equal(err.code, VSS_E_INVALID_XML_DOCUMENT);
	}
	struct vss_err err = VSS_ERR_INIT;
	assert_null(vss_doc_read_manifest("<Manifest>", 10, &err));
	assert_int_equal(err.code, VSS_E_CORRUPT_XML_DOCUMENT);
}

static void
another_version_is_unsupported(void **state)
{
	(void)state;
	static const char text[] = "<Manifest xmlns:v='urn:x-vss-tools:documents:1' v:version='2'/>";
	struct vss_err err = VSS_ERR_INIT;

	assert_null(vss_doc_read_manifest(text, sizeof text - 1, &err));
	assert_int_equal(err.code, VSS_UNSUPPORTED);
}

static void
there_is_an_end_to_aliases(void **state)
{
	(void)state;
	for (unsigned n = VSS_MANIFEST_ITEMS_MAX; n <= VSS_MANIFEST_ITEMS_MAX + 1; n++) {
		VSS_AUTOBUF struct vss_buf doc = VSS_BUF_INIT;
		struct vss_err err = VSS_ERR_INIT;
		vss_buf_str(&doc, "<Manifest><ShadowCopySet GUID='" SET "' MachineName='a'/><Aliases>");
		for (unsigned i = 0; i < n; i++)
			vss_buf_fmt(&doc, "<Alias Name='a%u' Value='b'/>", i);
		vss_buf_str(&doc, "</Aliases></Manifest>");
		struct vss_manifest *m = vss_doc_read_manifest(doc.data, doc.len, &err);
		assert_int_equal(m != NULL, n == VSS_MANIFEST_ITEMS_MAX);
		vss_manifest_free(m);
	}
}

static void
what_it_cannot_be_without_is_asked_for(void **state)
{
	(void)state;
	VSS_AUTOBUF struct vss_buf doc = VSS_BUF_INIT;
	struct vss_err err = VSS_ERR_INIT;
	struct vss_manifest *m = full();

	free(m->machine);
	m->machine = NULL;
	assert_int_equal(vss_doc_write_manifest(m, &doc, &err), -1);
	assert_int_equal(err.code, VSS_INVALID);
	vss_manifest_free(m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_comes_back_and_the_bytes_are_stable),
		cmocka_unit_test(the_bytes_are_these),
		cmocka_unit_test(the_one_of_windows_is_read),
		cmocka_unit_test(names_of_files_have_no_directories),
		cmocka_unit_test(what_it_may_not_be_is_refused),
		cmocka_unit_test(another_version_is_unsupported),
		cmocka_unit_test(there_is_an_end_to_aliases),
		cmocka_unit_test(what_it_cannot_be_without_is_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
