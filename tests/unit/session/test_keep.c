/* SPDX-License-Identifier: BSD-2-Clause */
#include "session/session_internal.h"

#include "base/mem.h"
#include "doc/doc.h"
#include "lib/cm.h"

#include <string.h>

/* A set in the making with one writer, in whose document each of `excludes` paths is a kilobyte long. */
static struct keeping {
	struct vss_metadata *m;
	struct vss_writer writer;
	struct vss_session session;
	struct session_part part;
} k;

static void
begin(size_t excludes)
{
	char path[1024];

	memset(path, 'x', sizeof path - 1);
	path[0] = '/';
	path[sizeof path - 1] = '\0';
	k.m = vss_metadata_new();
	vss_uuid_random(&k.m->writer_id);
	vss_uuid_random(&k.m->instance_id);
	k.m->name = vss_strdup("Books");
	k.m->usage = VSS_UT_USERDATA;
	k.m->source = VSS_ST_OTHER;
	for (size_t i = 0; i < excludes; i++)
		vss_metadata_add_exclude(k.m, path, "*", false);
	k.writer = (struct vss_writer){ .registration = "books", .metadata = k.m };
	k.part = (struct session_part){ .writer = &k.writer };
	k.session = (struct vss_session){ .set = vss_set_new(), .bcd = vss_bcd_new(), .parts = &k.part, .nparts = 1 };
	vss_uuid_random(&k.session.bcd->backup_id);
	vss_bcd_add_writer(k.session.bcd, k.m);
}

static void
end(void)
{
	vss_set_free(k.session.set);
	vss_bcd_free(k.session.bcd);
	vss_metadata_free(k.m);
}

static void
the_components_and_each_writer_are_kept_under_their_names_in_archives(void **state)
{
	(void)state;
	struct vss_err err = VSS_ERR_INIT;

	begin(3);
	assert_int_equal(session_keep_documents(&k.session, &err), 0);
	const struct vss_set *set = k.session.set;
	assert_int_equal(set->ndocuments, 2);
	assert_string_equal(set->documents[0].name, "components-initial.xml");
	assert_string_equal(set->documents[1].name, "writers/books.xml");
	struct vss_bcd *bcd = vss_doc_read_bcd(set->documents[0].text, strlen(set->documents[0].text), &err);
	struct vss_metadata *m = vss_doc_read_metadata(set->documents[1].text, strlen(set->documents[1].text), &err);
	assert_non_null(bcd);
	assert_non_null(m);
	assert_true(vss_uuid_eq(&bcd->backup_id, &k.session.bcd->backup_id));
	assert_int_equal(m->nexcludes, 3);
	vss_bcd_free(bcd);
	vss_metadata_free(m);
	end();
}

static void
what_is_too_long_together_is_left_out_as_a_whole(void **state)
{
	(void)state;
	struct vss_err err = VSS_ERR_INIT;

	begin(9000);
	assert_int_equal(session_keep_documents(&k.session, &err), 0);
	assert_int_equal(k.session.set->ndocuments, 0);
	end();
}

static void
without_writers_nothing_is_kept(void **state)
{
	(void)state;
	struct vss_err err = VSS_ERR_INIT;

	begin(0);
	k.session.nparts = 0;
	assert_int_equal(session_keep_documents(&k.session, &err), 0);
	assert_int_equal(k.session.set->ndocuments, 0);
	end();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_components_and_each_writer_are_kept_under_their_names_in_archives),
		cmocka_unit_test(what_is_too_long_together_is_left_out_as_a_whole),
		cmocka_unit_test(without_writers_nothing_is_kept),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
