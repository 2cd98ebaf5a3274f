/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/mem.h"
#include "lib/cm.h"
#include "sdk/sdk_internal.h"
#include "writer/bare.h"

#include <stdlib.h>
#include <string.h>

/* What was said is exactly this, and the host takes each line of it at this event. */
static void
assert_said(struct vss_sdk *w, enum vss_event event, const char *expected)
{
	static const struct vss_metadata able = { .schema = VSS_BS_LAST_MODIFY };

	assert_string_equal(w->said.data, expected);
	for (const char *at = w->said.data; *at; at += strcspn(at, "\n") + 1) {
		struct vss_line l = VSS_LINE_INIT;
		struct vss_err err = VSS_ERR_INIT;
		if (vss_line_parse(at, strcspn(at, "\n"), &l, &err) != 0 ||
			vss_bare_check_statement(&l, event, &able, &err) != 0)
			fail_msg("%s", err.text);
		vss_line_clear(&l);
	}
	vss_buf_free(&w->said);
}

static void
what_a_writer_is(void **state)
{
	struct vss_sdk w = { .nlines = 0 };

	(void)state;
	vss_sdk_backup_schema(&w, "incremental  last-modify timestamped");
	vss_sdk_exclude_from_snapshot(&w, "/srv", "*.tmp", 1);
	vss_sdk_alternate_location(&w, "/srv", "*", 0, "/alt dir");
	assert_said(&w, VSS_EVENT_IDENTIFY,
		"backup-schema incremental last-modify timestamped\n"
		"exclude-from-snapshot /srv *.tmp recursive=yes\n"
		"alternate-location /srv * \"/alt dir\"\n");
}

static void
what_a_backup_needs(void **state)
{
	struct vss_sdk w = { .nlines = 0 };

	(void)state;
	vss_sdk_backup_metadata(&w, NULL, "c", "two words");
	vss_sdk_backup_stamp(&w, "a/b", "c", "");
	vss_sdk_partial_file(&w, &(struct vss_sdk_partial_file){ "a", "c", "/srv", "f", "0:4,8:1", NULL });
	vss_sdk_partial_file(&w, &(struct vss_sdk_partial_file){ "", "c", "/srv", "f", "File=/srv/r", "m" });
	vss_sdk_differenced_files(&w, &(struct vss_sdk_differenced_files){ "", "c", "/srv", "*", 1, 1500000000 });
	vss_sdk_differenced_files(&w, &(struct vss_sdk_differenced_files){ "", "c", "/srv", "*.db", 0, 0 });
	vss_sdk_component_failure(&w, "", "c", "VSS_E_WRITERERROR_NONRETRYABLE", "gone");
	assert_said(&w, VSS_EVENT_POST_SNAPSHOT,
		"backup-metadata \"\" c \"two words\"\n"
		"backup-stamp a/b c \"\"\n"
		"partial-file a c /srv f ranges=0:4,8:1\n"
		"partial-file \"\" c /srv f ranges=File=/srv/r metadata=m\n"
		"differenced-file \"\" c /srv * recursive=yes since=1.500000000\n"
		"differenced-file \"\" c /srv *.db\n"
		"component-failure \"\" c VSS_E_WRITERERROR_NONRETRYABLE gone\n");
}

static void
what_a_restore_needs(void **state)
{
	struct vss_sdk w = { .nlines = 0 };

	(void)state;
	vss_sdk_restore_metadata(&w, "", "c", "mine");
	vss_sdk_restore_target(&w, "", "c", "directed");
	vss_sdk_directed_target(
		&w, &(struct vss_sdk_directed_target){ "", "c", "/srv", "f", "0:8", "/new", "g", "4:4,0:4" });
	assert_said(&w, VSS_EVENT_PRE_RESTORE,
		"restore-metadata \"\" c mine\n"
		"restore-target \"\" c directed\n"
		"directed-target \"\" c /srv f 0:8 /new g 4:4,0:4\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_writer_is),
		cmocka_unit_test(what_a_backup_needs),
		cmocka_unit_test(what_a_restore_needs),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
