/* SPDX-License-Identifier: BSD-2-Clause */
#include "doc/doc.h"

#include "base/mem.h"
#include "doc/schema.h"

#include <stdlib.h>
#include <string.h>

/* A document whose one component has everything that an increment and a restore may note, and more than once. */
static struct vss_bcd *
full(void)
{
	struct vss_bcd *b = vss_bcd_new();
	struct vss_err err = VSS_ERR_INIT;
	struct vss_metadata m = { .writer_id = { { 1 } }, .schema = VSS_BS_INCREMENTAL | VSS_BS_LAST_MODIFY };
	const struct vss_component identity = { .type = VSS_CT_FILEGROUP, .name = (char[]){ "c" } };

	b->type = VSS_BT_INCREMENTAL;
	b->restore_type = VSS_RTYPE_IMPORT;
	vss_bcd_add_image(b, &(struct vss_uuid){ { 1 } }, VSS_BT_FULL, "full " TROUBLE);
	vss_bcd_add_image(b, &(struct vss_uuid){ { 2 } }, VSS_BT_INCREMENTAL, NULL);
	struct vss_bcd_component *c = vss_bcd_add_component(vss_bcd_add_writer(b, &m), &identity, &err);
	assert_non_null(c);
	c->backup_options = vss_strdup("options " TROUBLE);
	c->restore_options = vss_strdup("\"Authoritative\"=\"All\"");
	c->selected_for_restore = c->additional_restores = c->authoritative = true;
	c->rollforward = VSS_RF_PARTIAL;
	c->rollforward_point = vss_strdup("point " TROUBLE);
	c->restore_name = vss_strdup("name " TROUBLE);
	c->target = VSS_RT_DIRECTED;
	struct vss_bcd_partial *p = vss_bcd_add_partial(c, "/srv/" TROUBLE, "main " TROUBLE, "0:4,0x10:8");
	p->metadata = vss_strdup(TROUBLE);
	p->ranges_file = vss_strdup("/else/" TROUBLE);
	vss_bcd_add_partial(c, "/srv", "log", "File=/srv/ranges");
	vss_bcd_add_differenced(c, "/srv/" TROUBLE, "*.db", true, 1767225599123456789);
	vss_bcd_add_differenced(c, "/srv", "*", false, 0);
	vss_bcd_add_subcomponent(c, "c\\" TROUBLE, "sub");
	vss_bcd_add_subcomponent(c, "c", "sub2");
	vss_bcd_add_new_target(c, "/srv/" TROUBLE, "*", true, "/new/" TROUBLE);
	vss_bcd_add_new_target(c, "/srv", "?", false, "/new");
	vss_bcd_add_used_location(c, "/srv/" TROUBLE, "*", true, "/alt/" TROUBLE);
	vss_bcd_add_directed(c, &(struct vss_bcd_directed){ (char[]){ "/a" }, (char[]){ "f" }, (char[]){ "0:8" },
					(char[]){ "/b" }, (char[]){ TROUBLE }, (char[]){ "8:4,0:4" } });
	vss_bcd_add_component(&b->writers[0], &(struct vss_component){ .name = (char[]){ "bare" } }, &err);
	return b;
}

static struct vss_bcd *
there_and_back(const struct vss_bcd *b, struct vss_buf *doc)
{
	struct vss_err err = VSS_ERR_INIT;

	assert_int_equal(vss_doc_write_bcd(b, doc, &err), 0);
	struct vss_bcd *back = vss_doc_read_bcd(doc->data, doc->len, &err);
	if (!back)
		fail_msg("%s", err.text);
	return back;
}

static void
what_concerns_the_whole_comes_back(void **state)
{
	(void)state;
	VSS_AUTOBUF struct vss_buf doc = VSS_BUF_INIT, again = VSS_BUF_INIT;
	struct vss_bcd *b = full(), *back = there_and_back(b, &doc), *third = there_and_back(back, &again);
	assert_string_equal(doc.data, again.data);
	assert_valid(&doc, "backup-components.rng");
	assert_int_equal(back->restore_type, VSS_RTYPE_IMPORT);
	assert_int_equal(back->nchain, 2);
	assert_true(vss_uuid_eq(&back->chain[0].backup_id, &b->chain[0].backup_id));
	assert_int_equal(back->chain[0].type, VSS_BT_FULL);
	assert_string_equal(back->chain[0].archive, b->chain[0].archive);
	assert_int_equal(back->chain[1].type, VSS_BT_INCREMENTAL);
	assert_null(back->chain[1].archive);
	vss_bcd_free(b);
	vss_bcd_free(back);
	vss_bcd_free(third);
}

static void
wishes_of_a_component_come_back(void **state)
{
	(void)state;
	VSS_AUTOBUF struct vss_buf doc = VSS_BUF_INIT;
	struct vss_bcd *b = full(), *back = there_and_back(b, &doc);
	const struct vss_bcd_component *want = &b->writers[0].components[0], *c = &back->writers[0].components[0];
	assert_string_equal(c->backup_options, want->backup_options);
	assert_string_equal(c->restore_options, want->restore_options);
	assert_true(c->additional_restores && c->authoritative && c->selected_for_restore);
	assert_int_equal(c->rollforward, VSS_RF_PARTIAL);
	assert_string_equal(c->rollforward_point, want->rollforward_point);
	assert_string_equal(c->restore_name, want->restore_name);
	assert_int_equal(c->target, VSS_RT_DIRECTED);
	c++;
	assert_null(c->backup_options);
	assert_false(c->additional_restores || c->authoritative || c->selected_for_restore);
	assert_int_equal(c->rollforward, VSS_RF_UNDEFINED);
	assert_int_equal(c->target, VSS_RT_ORIGINAL);
	vss_bcd_free(b);
	vss_bcd_free(back);
}

static void
files_and_file_sets_of_a_component_come_back(void **state)
{
	(void)state;
	VSS_AUTOBUF struct vss_buf doc = VSS_BUF_INIT;
	struct vss_bcd *b = full(), *back = there_and_back(b, &doc);
	const struct vss_bcd_component *want = &b->writers[0].components[0], *c = &back->writers[0].components[0];
	assert_int_equal(c->npartials, 2);
	assert_string_equal(c->partials[0].path, want->partials[0].path);
	assert_string_equal(c->partials[0].name, want->partials[0].name);
	assert_string_equal(c->partials[0].ranges, "0:4,0x10:8");
	assert_string_equal(c->partials[0].metadata, TROUBLE);
	assert_string_equal(c->partials[0].ranges_file, want->partials[0].ranges_file);
	assert_string_equal(c->partials[1].ranges, "File=/srv/ranges");
	assert_null(c->partials[1].metadata);
	assert_null(c->partials[1].ranges_file);
	assert_int_equal(c->ndifferenced, 2);
	assert_string_equal(c->differenced[0].path, want->differenced[0].path);
	assert_string_equal(c->differenced[0].spec, "*.db");
	assert_true(c->differenced[0].recursive && !c->differenced[1].recursive);
	assert_int_equal(c->differenced[0].since_ns, 1767225599123456789);
	assert_int_equal(c->differenced[1].since_ns, 0);
	assert_int_equal(c->nsubcomponents, 2);
	assert_string_equal(c->subcomponents[0].logical_path, want->subcomponents[0].logical_path);
	assert_string_equal(c->subcomponents[1].name, "sub2");
	assert_int_equal(c->nnew_targets, 2);
	assert_string_equal(c->new_targets[0].path, want->new_targets[0].path);
	assert_string_equal(c->new_targets[0].to, want->new_targets[0].to);
	assert_true(c->new_targets[0].recursive && !c->new_targets[1].recursive);
	assert_string_equal(c->new_targets[1].spec, "?");
	assert_int_equal(c->nused_locations, 1);
	assert_string_equal(c->used_locations[0].to, want->used_locations[0].to);
	assert_int_equal(c->ndirected, 1);
	assert_string_equal(c->directed[0].path, "/a");
	assert_string_equal(c->directed[0].name, "f");
	assert_string_equal(c->directed[0].ranges, "0:8");
	assert_string_equal(c->directed[0].to_path, "/b");
	assert_string_equal(c->directed[0].to_name, TROUBLE);
	assert_string_equal(c->directed[0].to_ranges, "8:4,0:4");
	vss_bcd_free(b);
	vss_bcd_free(back);
}

static void
every_word_of_every_vocabulary_comes_back(void **state)
{
	(void)state;
	struct vss_bcd *b = full();
	struct vss_bcd_component *c = &b->writers[0].components[0];
	for (int i = 0; i < VSS_BT_COUNT; i++) {
		VSS_AUTOBUF struct vss_buf doc = VSS_BUF_INIT;
		b->type = b->chain[0].type = (enum vss_backup_type)i;
		c->target = (enum vss_restore_target)(i < VSS_RT_COUNT ? i : VSS_RT_UNDEFINED);
		c->rollforward = (enum vss_rollforward)(i < VSS_RF_COUNT ? i : VSS_RF_UNDEFINED);
		b->restore_type = (enum vss_restore_type)(i < VSS_RTYPE_COUNT ? i : VSS_RTYPE_UNDEFINED);
		struct vss_bcd *back = there_and_back(b, &doc);
		assert_valid(&doc, "backup-components.rng");
		assert_int_equal(back->type, b->type);
		assert_int_equal(back->chain[0].type, b->type);
		assert_int_equal(back->restore_type, b->restore_type);
		assert_int_equal(back->writers[0].components[0].target, c->target);
		assert_int_equal(back->writers[0].components[0].rollforward, c->rollforward);
		vss_bcd_free(back);
	}
	vss_bcd_free(b);
}

static void
expect_fault(const char *inner, const char *text)
{
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOBUF struct vss_buf doc = VSS_BUF_INIT;
	vss_buf_fmt(&doc,
		"<BACKUP_COMPONENTS xmlns=\"x-schema:#VssComponentMetadata\" xmlns:vss=\"urn:x-vss-tools:documents:1\" "
		"vss:escape=\"xHH\"><WRITER_COMPONENTS writerId=\"a65faa63-5ea8-4ebc-9dbd-a0c4db26912a\">"
		"<COMPONENT componentName=\"c\" %s</WRITER_COMPONENTS></BACKUP_COMPONENTS>",
		inner);
	assert_null(vss_doc_read_bcd(doc.data, doc.len, &err));
	assert_int_equal(err.code, VSS_E_INVALID_XML_DOCUMENT);
	VSS_AUTOFREE char *expected = vss_strf("backup components document: line 1: %s", text);
	assert_string_equal(err.text, expected);
}

static void
faults_are_named(void **state)
{
	(void)state;
	expect_fault("><vss:PARTIAL_FILE path=\"/a\" fileName=\"f\"/></COMPONENT>", "PARTIAL_FILE: ranges: missing");
	expect_fault("><vss:DIFFERENCED_FILES path=\"/a\"/></COMPONENT>", "DIFFERENCED_FILES: filespec: missing");
	expect_fault("><vss:DIFFERENCED_FILES path=\"/a\" filespec=\"*\" since=\"now\"/></COMPONENT>",
		"DIFFERENCED_FILES: since=\"now\": not a time");
	expect_fault("><vss:SUBCOMPONENT logicalPath=\"c\"/></COMPONENT>", "SUBCOMPONENT: componentName: missing");
	expect_fault("><vss:NEW_TARGET path=\"/a\" filespec=\"*\"/></COMPONENT>", "NEW_TARGET: to: missing");
	expect_fault("><vss:DIRECTED_TARGET path=\"/a\" fileName=\"f\" ranges=\"0:1\" toPath=\"/b\" "
		     "toFileName=\"g\"/></COMPONENT>",
		"DIRECTED_TARGET: toRanges: missing");
	expect_fault("vss:restoreTarget=\"away\"/>", "COMPONENT: vss:restoreTarget=\"away\": unknown");
	expect_fault("vss:rollforward=\"back\"/>", "COMPONENT: vss:rollforward=\"back\": unknown");
	expect_fault("/></WRITER_COMPONENTS><vss:IMAGE backupType=\"full\"/><WRITER_COMPONENTS>",
		"IMAGE: backupId: missing");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_concerns_the_whole_comes_back),
		cmocka_unit_test(wishes_of_a_component_come_back),
		cmocka_unit_test(files_and_file_sets_of_a_component_come_back),
		cmocka_unit_test(every_word_of_every_vocabulary_comes_back),
		cmocka_unit_test(faults_are_named),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
