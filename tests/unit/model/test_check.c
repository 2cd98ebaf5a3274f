/* SPDX-License-Identifier: BSD-2-Clause */
#include "model/metadata.h"

#include "base/mem.h"
#include "lib/cm.h"

#include <stdlib.h>
#include <string.h>

/* A document without a fault: each test spoils one thing. */
static int
set_up(void **state)
{
	struct vss_metadata *m = vss_metadata_new();
	struct vss_err err = VSS_ERR_INIT;
	assert_int_equal(vss_uuid_parse("2a40fd15-dfca-4aa8-a654-1f8c654603f6", &m->writer_id), 0);
	m->name = vss_strdup("Test Writer");
	m->usage = VSS_UT_USERDATA;
	m->source = VSS_ST_TRANSACTEDDB;
	m->method = VSS_RME_RESTORE_IF_CAN_REPLACE;
	m->writer_restore = VSS_WRE_ALWAYS;
	struct vss_component *c = vss_metadata_add_component(m, VSS_CT_DATABASE, "main", "books", &err);
	vss_component_add_files(c, VSS_DATABASE_FILES, "/var/lib/books", "*.db", false);
	vss_component_add_files(c, VSS_DATABASE_LOGS, "/var/log/books", "*", false);
	c = vss_metadata_add_component(m, VSS_CT_FILEGROUP, NULL, "etc", &err);
	vss_component_add_files(c, VSS_FILES, "/etc/books", "*", true);
	vss_metadata_add_exclude(m, "/var/lib/books", "*.tmp", true);
	assert_int_equal(vss_metadata_check(m, &err), 0);
	*state = m;
	return 0;
}

static int
tear_down(void **state)
{
	vss_metadata_free(*state);
	return 0;
}

static void
expect_breach(const struct vss_metadata *m, const char *text)
{
	struct vss_err err = VSS_ERR_INIT;
	assert_int_equal(vss_metadata_check(m, &err), -1);
	assert_int_equal(err.code, VSS_INVALID);
	assert_string_equal(err.text, text);
}

static void
what_every_writer_must_say_is_asked_for(void **state)
{
	struct vss_metadata *m = *state;
	m->writer_restore = VSS_WRE_UNDEFINED;
	expect_breach(m, "restore method: not said whether the writer takes part");
	m->method = VSS_RME_UNDEFINED;
	expect_breach(m, "no restore method");
	m->source = VSS_ST_UNDEFINED;
	expect_breach(m, "no source type");
	m->usage = VSS_UT_UNDEFINED;
	expect_breach(m, "no usage type");
	m->name[0] = '\0';
	expect_breach(m, "no writer name");
	m->writer_id = (struct vss_uuid){ { 0 } };
	expect_breach(m, "no writer id");
}

static void
a_method_that_stops_a_service_names_it(void **state)
{
	struct vss_metadata *m = *state;
	struct vss_err err = VSS_ERR_INIT;
	m->method = VSS_RME_STOP_RESTORE_START;
	expect_breach(m, "restore method: names no service to stop");
	m->method = VSS_RME_RESTORE_STOP_START;
	expect_breach(m, "restore method: names no service to stop");
	m->service = vss_strdup("books.service");
	assert_int_equal(vss_metadata_check(m, &err), 0);
}

static void
schema_flags_must_go_together(void **state)
{
	struct vss_metadata *m = *state;
	struct vss_err err = VSS_ERR_INIT;
	m->schema = VSS_BS_INCREMENTAL | VSS_BS_EXCLUSIVE_INCREMENTAL_DIFFERENTIAL;
	expect_breach(m, "backup schema: exclusive needs both incremental and differential");
	m->schema = VSS_BS_TIMESTAMPED;
	expect_breach(m, "backup schema: timestamped needs incremental or differential");
	m->schema = VSS_BS_LAST_MODIFY | VSS_BS_COPY;
	expect_breach(m, "backup schema: last-modify needs incremental or differential");
	m->schema = VSS_BS_LOG | VSS_BS_DIFFERENTIAL | VSS_BS_TIMESTAMPED;
	assert_int_equal(vss_metadata_check(m, &err), 0);
	m->components[0].files[1].kind = VSS_DATABASE_FILES;
	expect_breach(m, "backup schema: log needs a component with log files");
}

static void
names_and_paths_are_in_shape(void **state)
{
	struct vss_metadata *m = *state;
	char relative[] = "etc", glob[] = "/etc/b*", spec[] = "a/b", empty[] = "", name[] = "a/b";
	struct vss_fileset *f = &m->components[1].files[0];
	char *path = f->path, *old_spec = f->spec, *old_name = m->components[1].name;

	f->path = relative;
	expect_breach(m, "component /etc: etc: not an absolute path");
	f->path = glob;
	expect_breach(m, "component /etc: /etc/b*: wildcards belong into the file specification");
	f->path = path;
	f->spec = spec;
	expect_breach(m, "component /etc: /etc/books: file specification a/b holds a directory");
	f->spec = empty;
	expect_breach(m, "component /etc: /etc/books: no file specification");
	f->spec = old_spec;
	m->components[1].name = name;
	expect_breach(m, "component /a/b: a separator in the name; it belongs into the logical path");
	m->components[1].name = empty;
	expect_breach(m, "component /: has no name");
	m->components[1].name = old_name;
	free(m->excludes[0].path);
	m->excludes[0].path = NULL;
	expect_breach(m, "exclude: : not an absolute path");
}

static void
kinds_of_files_fit_their_component(void **state)
{
	struct vss_metadata *m = *state;
	m->components[1].files[0].kind = VSS_DATABASE_FILES;
	expect_breach(m, "component /etc: /etc/books: not the kind of files of a filegroup");
	m->components[1].files[0].kind = VSS_FILES;
	m->components[0].files[0].recursive = true;
	expect_breach(
		m, "component /main/books: /var/lib/books: files of a database are neither recursive nor alternate");
	m->components[0].files[0].recursive = false;
	m->components[0].type = VSS_CT_UNDEFINED;
	expect_breach(m, "component /main/books: neither database nor file group");
}

static void
a_writer_does_not_depend_on_itself(void **state)
{
	struct vss_metadata *m = *state;
	struct vss_err err = VSS_ERR_INIT;
	struct vss_uuid other;
	vss_uuid_random(&other);
	vss_component_add_dependency(&m->components[0], &other, "a", "b");
	assert_int_equal(vss_metadata_check(m, &err), 0);
	vss_component_add_dependency(&m->components[0], &m->writer_id, NULL, "etc");
	expect_breach(m, "component /main/books: depends on its own writer");
}

static void
a_writer_without_data_may_exist_for_its_excludes(void **state)
{
	(void)state;
	struct vss_metadata *m = *state;
	struct vss_err err = VSS_ERR_INIT;
	size_t n = m->ncomponents, x = m->nexcludes;
	m->ncomponents = 0;
	assert_int_equal(vss_metadata_check(m, &err), 0);
	m->nexcludes = 0;
	expect_breach(m, "no component");
	m->ncomponents = n;
	m->nexcludes = x;
}

static void
alternate_locations_are_checked(void **state)
{
	struct vss_metadata *m = *state;
	struct vss_err err = VSS_ERR_INIT;
	vss_metadata_add_location(m, "/etc/books", "*", true, "/srv/alt");
	assert_int_equal(vss_metadata_check(m, &err), 0);
	vss_metadata_add_location(m, "/etc/books", "*", true, "srv");
	expect_breach(m, "alternate location: srv: not an absolute path");
}

static void
an_alternate_location_is_for_a_whole_file_set(void **state)
{
	static const struct {
		const char *path, *spec;
		bool recursive;
		const char *breach; /* NULL: none */
	} rows[] = {
		{ "/etc/books", "*", true, NULL },
		{ "/etc/books/", "*", true, NULL },
		{ "/var/lib/books", "*.db", false, NULL },
		{ "/etc/books", "*", false, "/etc/books *" },
		{ "/etc/books", "a*", true, "/etc/books a*" },
		{ "/etc/books/sub", "*", true, "/etc/books/sub *" },
		{ "/etc", "*", true, "/etc *" },
	};
	struct vss_metadata *m = *state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct vss_err err = VSS_ERR_INIT;
		vss_metadata_add_location(m, rows[i].path, rows[i].spec, rows[i].recursive, "/srv/alt");
		if (!rows[i].breach) {
			assert_int_equal(vss_metadata_check(m, &err), 0);
			continue;
		}
		VSS_AUTOFREE char *text =
			vss_strf("alternate location: %s: not a file set of a component, with the same recursion",
				rows[i].breach);
		expect_breach(m, text);
		struct vss_alternate_location *l = &m->locations[--m->nlocations];
		free(l->from.path);
		free(l->from.spec);
		free(l->to);
	}
}

static void
note_text(void *ctx, const char *text)
{
	vss_strv_add(ctx, text);
}

static void
overlapping_file_sets_are_told_and_no_breach(void **state)
{
	struct vss_metadata *m = *state;
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOSTRV struct vss_strv said = VSS_STRV_INIT;
	assert_int_equal(vss_metadata_overlaps(m, note_text, &said), 0);
	vss_component_add_files(&m->components[1], VSS_FILES, "/var/lib/books", "a*", false);
	vss_component_add_files(&m->components[1], VSS_FILES, "/etc/books/x", "*.conf", false);
	assert_int_equal(vss_metadata_check(m, &err), 0);
	assert_int_equal(vss_metadata_overlaps(m, note_text, &said), 2);
	assert_string_equal(said.v[0],
		"file sets overlap: /var/lib/books *.db of component /main/books, /var/lib/books a* of component /etc");
	assert_string_equal(
		said.v[1], "file sets overlap: /etc/books * of component /etc, /etc/books/x *.conf of component /etc");
}

static void
an_identity_is_given_once(void **state)
{
	struct vss_metadata *m = *state;
	struct vss_err err = VSS_ERR_INIT;
	assert_null(vss_metadata_add_component(m, VSS_CT_FILEGROUP, "\\main/", "books", &err));
	assert_int_equal(err.code, VSS_E_OBJECT_ALREADY_EXISTS);
	assert_string_equal(err.text, "component /main/books: given twice");
	assert_ptr_equal(vss_metadata_find(m, "/main", "books"), &m->components[0]);
	assert_null(vss_metadata_find(m, NULL, "books"));
	assert_non_null(vss_metadata_add_component(m, VSS_CT_FILEGROUP, "other", "books", &err));
}

int
main(void)
{
#define TEST(t) cmocka_unit_test_setup_teardown(t, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(what_every_writer_must_say_is_asked_for),
		TEST(a_method_that_stops_a_service_names_it),
		TEST(schema_flags_must_go_together),
		TEST(names_and_paths_are_in_shape),
		TEST(kinds_of_files_fit_their_component),
		TEST(a_writer_does_not_depend_on_itself),
		TEST(a_writer_without_data_may_exist_for_its_excludes),
		TEST(alternate_locations_are_checked),
		TEST(an_alternate_location_is_for_a_whole_file_set),
		TEST(overlapping_file_sets_are_told_and_no_breach),
		TEST(an_identity_is_given_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
