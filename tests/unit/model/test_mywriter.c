/* SPDX-License-Identifier: BSD-2-Clause */
/* The test vector of the documentation ("MyWriter", C9..C23), all rows of it, for backup and restore. */
#include "model/restore_select.h"

#include "base/mem.h"

#include "lib/cm.h"

#include <string.h>

static const struct {
	const char *name, *path;
	bool selectable, selectable_for_restore;
} my_writer[] = {
	{ "Executables", "", false, false },
	{ "ConfigFiles", "Executables", false, false }, /* explicit: Q1 */
	{ "LicenseInfo", NULL, true, false },
	{ "Security", "", true, false },
	{ "UserInfo", "Security", false, false },
	{ "Certificates", "Security", false, false },
	{ "writerData", "", true, true },
	{ "Set1", "writerData", false, true },
	{ "Jan", "writerData\\Set1", false, false },
	{ "Dec", "writerData\\Set1", false, false },
	{ "Set2", "writerData", false, true },
	{ "Jan", "writerData\\Set2", false, false },
	{ "Dec", "writerData\\Set2", false, false },
	{ "Query", "writerData\\QueryLogs", false, false },
	{ "Usage", "writerData", true, true },
	{ "Jan", "writerData\\Usage", false, false },
	{ "Dec", "writerData\\Usage", false, false },
};
#define COMPONENTS (sizeof my_writer / sizeof *my_writer)

/*
 * A letter for each component, in the order of the table above, with blanks between the branches:
 * Executables ConfigFiles | LicenseInfo | Security UserInfo Certificates | writerData | Set1 Jan Dec | Set2 Jan Dec | Query |
 * Usage Jan Dec.  e: explicit, i: implicit, s: subcomponent of an explicit one, -: out.
 */
static const struct {
	const char *backup;  /* the wishes, "path/name", separated by blanks */
	const char *saved;   /* what takes part; or the sentence of the refusal */
	const char *restore; /* NULL: backup only */
	const char *back;
} rows[] = {
	/* C10: nothing of the writer, or something and all that is compulsory */
	{ "", "-- - --- - --- --- - ---", NULL, NULL },
	{ "Executables", "ee - --- - --- --- - ---", NULL, NULL },
	{ "Executables/ConfigFiles", "ee - --- - --- --- - ---", NULL, NULL },
	/* C21 */
	{ "LicenseInfo", "ee e --- - --- --- - ---", NULL, NULL },
	{ "Security", "ee - eii - --- --- - ---", NULL, NULL },
	{ "Security/UserInfo", "component /Security/UserInfo: cannot be chosen on its own, only with /Security", NULL,
		NULL },
	{ "Security/Certificates", "component /Security/Certificates: cannot be chosen on its own, only with /Security",
		NULL, NULL },
	{ "Security Security/UserInfo", "ee - eii - --- --- - ---", NULL, NULL },
	/* C22 */
	{ "writerData", "ee - --- e iii iii i iii", NULL, NULL },
	{ "writerData writerData/Usage", "ee - --- e iii iii i iii", NULL, NULL },
	{ "writerData/Usage", "ee - --- - --- --- - eii", NULL, NULL },
	{ "writerData/Set1", "component /writerData/Set1: cannot be chosen on its own, only with /writerData", NULL,
		NULL },
	{ "writerData/Set1/Jan", "component /writerData/Set1/Jan: cannot be chosen on its own, only with /writerData",
		NULL, NULL },
	{ "writerData/Set2", "component /writerData/Set2: cannot be chosen on its own, only with /writerData", NULL,
		NULL },
	{ "writerData/Set2/Dec", "component /writerData/Set2/Dec: cannot be chosen on its own, only with /writerData",
		NULL, NULL },
	{ "writerData/QueryLogs/Query",
		"component /writerData/QueryLogs/Query: cannot be chosen on its own, only with /writerData", NULL,
		NULL },
	{ "LicenseInfo Security writerData", "ee e eii e iii iii i iii", NULL, NULL },
	/* C15, first row, and C18: what is in the document may always be restored by itself, whatever it says of restore */
	{ "Security", "ee - eii - --- --- - ---", "", "-- - --- - --- --- - ---" },
	{ "Security", "ee - eii - --- --- - ---", "Executables", "e- - --- - --- --- - ---" },
	{ "Security", "ee - eii - --- --- - ---", "Executables/ConfigFiles", "-e - --- - --- --- - ---" },
	{ "LicenseInfo", "ee e --- - --- --- - ---", "LicenseInfo", "-- e --- - --- --- - ---" },
	{ "Security", "ee - eii - --- --- - ---", "Security", "-- - eii - --- --- - ---" },
	{ "writerData", "ee - --- e iii iii i iii", "writerData", "-- - --- e iii iii i iii" },
	{ "writerData/Usage", "ee - --- - --- --- - eii", "writerData/Usage", "-- - --- - --- --- - eii" },
	/* C23, C16: only the listed subcomponents, not the rest of the set */
	{ "writerData", "ee - --- e iii iii i iii", "writerData/Set1", "-- - --- - sii --- - ---" },
	{ "writerData", "ee - --- e iii iii i iii", "writerData/Set1 writerData/Set2", "-- - --- - sii sii - ---" },
	{ "writerData", "ee - --- e iii iii i iii", "writerData/Usage", "-- - --- - --- --- - sii" },
	{ "writerData", "ee - --- e iii iii i iii", "writerData writerData/Set1", "-- - --- e iii iii i iii" },
	{ "writerData", "ee - --- e iii iii i iii", "writerData/Set1 writerData/Set1/Jan", "-- - --- - sii --- - ---" },
	/* C15, third row: it comes with an ancestor that is selectable for restore */
	{ "writerData", "ee - --- e iii iii i iii", "writerData/Set1/Jan",
		"component /writerData/Set1/Jan: cannot be restored on its own, only with /writerData/Set1" },
	{ "writerData", "ee - --- e iii iii i iii", "writerData/Set2/Dec",
		"component /writerData/Set2/Dec: cannot be restored on its own, only with /writerData/Set2" },
	{ "writerData", "ee - --- e iii iii i iii", "writerData/Usage/Jan",
		"component /writerData/Usage/Jan: cannot be restored on its own, only with /writerData/Usage" },
	{ "writerData/Usage", "ee - --- - --- --- - eii", "writerData/Usage/Jan",
		"component /writerData/Usage/Jan: cannot be restored on its own, only with /writerData/Usage" },
	/* C15, last row: with the explicit ancestor or not at all */
	{ "Security", "ee - eii - --- --- - ---", "Security/UserInfo",
		"component /Security/UserInfo: cannot be restored on its own, only with /Security" },
	{ "writerData", "ee - --- e iii iii i iii", "writerData/QueryLogs/Query",
		"component /writerData/QueryLogs/Query: cannot be restored on its own, only with /writerData" },
	/* what was not backed up */
	{ "LicenseInfo", "ee e --- - --- --- - ---", "Security", "component /Security: was not backed up" },
	{ "LicenseInfo", "ee e --- - --- --- - ---", "writerData/Set1",
		"component /writerData/Set1: was not backed up" },
	{ "writerData/Usage", "ee - --- - --- --- - eii", "writerData", "component /writerData: was not backed up" },
	{ "writerData/Usage", "ee - --- - --- --- - eii", "writerData/Set1/Jan",
		"component /writerData/Set1/Jan: was not backed up" },
};

static struct vss_metadata *
make_writer(void)
{
	struct vss_metadata *m = vss_metadata_new();
	struct vss_err err = VSS_ERR_INIT;

	for (size_t i = 0; i < COMPONENTS; i++) {
		struct vss_component *c =
			vss_metadata_add_component(m, VSS_CT_FILEGROUP, my_writer[i].path, my_writer[i].name, &err);
		assert_non_null(c);
		c->selectable = my_writer[i].selectable;
		c->selectable_for_restore = my_writer[i].selectable_for_restore;
	}
	return m;
}

static void
read_wishes(const struct vss_metadata *m, const char *names, bool wanted[COMPONENTS])
{
	VSS_AUTOFREE char *copy = vss_strdup(names);

	memset(wanted, 0, COMPONENTS * sizeof *wanted);
	for (char *name = strtok(copy, " "); name; name = strtok(NULL, " ")) {
		char *slash = strrchr(name, '/');
		if (slash)
			*slash = '\0';
		struct vss_component *c = vss_metadata_find(m, slash ? name : NULL, slash ? slash + 1 : name);
		assert_non_null(c);
		wanted[c - m->components] = true;
	}
}

static void
assert_letters(const unsigned char how[COMPONENTS], const char *expected)
{
	static const size_t first_of_branch[] = { 2, 3, 6, 7, 10, 13, 14 };
	char letters[2 * COMPONENTS], *at = letters;

	for (size_t i = 0, branch = 0; i < COMPONENTS; i++) {
		if (branch < sizeof first_of_branch / sizeof *first_of_branch && first_of_branch[branch] == i) {
			*at++ = ' ';
			branch++;
		}
		*at++ = "-eis"[how[i]];
	}
	*at = '\0';
	assert_string_equal(letters, expected);
}

static void
assert_refused(int result, const struct vss_err *err, const char *sentence)
{
	assert_int_equal(result, -1);
	assert_int_equal(err->code, VSS_USAGE);
	assert_string_equal(err->text, sentence);
}

/* What was explicit goes into the document, and nothing else (Z4). */
static void
store(struct vss_bcd *b, const struct vss_metadata *m, const unsigned char how[COMPONENTS])
{
	struct vss_err err = VSS_ERR_INIT;
	struct vss_bcd_writer *w = vss_bcd_add_writer(b, m);

	for (size_t i = 0; i < COMPONENTS; i++)
		if (how[i] == VSS_SELECT_EXPLICIT)
			assert_non_null(vss_bcd_add_component(w, &m->components[i], &err));
}

/* Every one that comes back stands under the explicit component that brought it at backup. */
static void
assert_owners(const struct vss_metadata *m, const struct vss_bcd_writer *stored, const unsigned char how[COMPONENTS],
	const size_t owner[COMPONENTS])
{
	for (size_t i = 0; i < COMPONENTS; i++) {
		if (how[i] == VSS_SELECT_OUT) {
			assert_true(owner[i] == SIZE_MAX);
			continue;
		}
		const struct vss_component *o = &m->components[owner[i]];
		assert_non_null(vss_bcd_find_component(stored, o->logical_path, o->name));
		assert_true(owner[i] == i ? how[i] == VSS_SELECT_EXPLICIT
					  : vss_component_is_ancestor(o, &m->components[i]));
	}
}

static void
check_restore(
	const struct vss_metadata *m, const struct vss_bcd_writer *stored, const char *wishes, const char *expected)
{
	struct vss_err err = VSS_ERR_INIT;
	bool wanted[COMPONENTS];
	unsigned char how[COMPONENTS];
	size_t owner[COMPONENTS];

	read_wishes(m, wishes, wanted);
	int result = vss_select_for_restore(m, stored, wanted, how, owner, &err);
	if (strncmp(expected, "component ", strlen("component ")) == 0) {
		assert_refused(result, &err, expected);
		return;
	}
	assert_int_equal(result, 0);
	assert_letters(how, expected);
	assert_owners(m, stored, how, owner);
}

static void
all_rows_of_my_writer_hold_for_backup_and_restore(void **state)
{
	struct vss_metadata *m = make_writer();
	(void)state;

	for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
		struct vss_err err = VSS_ERR_INIT;
		bool wanted[COMPONENTS];
		unsigned char how[COMPONENTS];

		print_message(
			"backup of {%s}, restore of {%s}\n", rows[r].backup, rows[r].restore ? rows[r].restore : "");
		read_wishes(m, rows[r].backup, wanted);
		int result = vss_select_for_backup(m, wanted, how, &err);
		if (strncmp(rows[r].saved, "component ", strlen("component ")) == 0) {
			assert_refused(result, &err, rows[r].saved);
			continue;
		}
		assert_int_equal(result, 0);
		assert_letters(how, rows[r].saved);
		if (!rows[r].restore)
			continue;
		struct vss_bcd *b = vss_bcd_new();
		store(b, m, how);
		check_restore(m, &b->writers[0], rows[r].restore, rows[r].back);
		vss_bcd_free(b);
	}
	vss_metadata_free(m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_rows_of_my_writer_hold_for_backup_and_restore),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
