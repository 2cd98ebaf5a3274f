/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/choice.h"

#include "lib/box.h"

/* A component of /no/data with a file set that is laid over it from scratch. */
struct laid {
	char data[16], all[2], label[8], name[4], scratch[32], alternate[48];
	struct vss_fileset files[2];
	struct vss_component component;
	struct vss_metadata metadata;
	struct vss_writer writer;
	struct vss_choice choice;
};

static void
lay(struct laid *l, const char *alternate)
{
	*l = (struct laid){
		.data = "/no/data", .all = "*", .label = "label*", .name = "db", .scratch = "/no/scratch/one"
	};
	assert_true(strlen(alternate) < sizeof l->alternate);
	memcpy(l->alternate, alternate, strlen(alternate) + 1);
	l->files[0] = (struct vss_fileset){
		.path = l->data, .spec = l->all, .recursive = true, .mask = VSS_FSBT_DEFAULT, .kind = VSS_FILES
	};
	l->files[1] = (struct vss_fileset){ .path = l->data,
		.spec = l->label,
		.alternate = l->alternate,
		.mask = VSS_FSBT_DEFAULT,
		.kind = VSS_FILES };
	l->component = (struct vss_component){ .name = l->name, .files = l->files, .nfiles = 2 };
	l->writer = (struct vss_writer){ .metadata = &l->metadata, .scratch = l->scratch, .taking_part = true };
	vss_choice_add_component(&l->choice, &l->writer, &l->component, SIZE_MAX);
}

static void
only_the_writers_own_scratch_is_an_overlay(void **state)
{
	static const struct {
		const char *alternate, *overlay;
	} cases[] = {
		{ "/no/scratch/one/label", "label" },
		{ "/no/scratch/one", "" },
		{ "/no/scratch/one/a/../b/", "b" },
		{ "/no/scratch/one/../two", NULL },
		{ "/no/scratch/one-and-more", NULL },
		{ "/no/elsewhere", NULL },
	};
	struct laid l;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		lay(&l, cases[i].alternate);
		if (cases[i].overlay)
			assert_string_equal(l.choice.files[1].overlay, cases[i].overlay);
		else
			assert_null(l.choice.files[1].overlay);
		vss_choice_clear(&l.choice);
	}
}

static void
what_the_copy_has_comes_from_it_unless_scratch_has_it(void **state)
{
	const struct vss_choice_place at = { "/", false };
	struct laid l;

	(void)state;
	lay(&l, "/no/scratch/one/label");
	assert_true(vss_choice_asks(&l.choice, "/no/data/label", S_IFREG, at) & VSS_TAKE);
	vss_choice_clear(&l.choice);
	/* of an ordinary alternate path nothing is read where it lies */
	lay(&l, "/no/elsewhere");
	assert_int_equal(vss_choice_asks(&l.choice, "/no/data/label", S_IFREG, at), 0);
	vss_choice_clear(&l.choice);
}

static void
excludes_of_the_writer_do_not_hold_in_scratch(void **state)
{
	const struct vss_choice_place at = { "/", false };
	struct laid l;
	char path[] = "/no/data", spec[] = "label";
	struct vss_fileset exclude = { .path = path, .spec = spec };
	struct vss_metadata m = { .excludes = &exclude, .nexcludes = 1 };

	(void)state;
	lay(&l, "/no/scratch/one/label");
	vss_choice_add_excludes(&l.choice, &m);
	assert_int_equal(vss_choice_asks(&l.choice, "/no/data/label", S_IFREG, at), 0);
	assert_int_equal(vss_choice_asks_overlay(&l.choice, &l.choice.files[1], "/no/data/label", S_IFREG), VSS_TAKE);
	assert_int_equal(vss_choice_asks_overlay(&l.choice, &l.choice.files[1], "/no/data/stray", S_IFREG), 0);
	vss_strv_add(&l.choice.never, "/no/data/label");
	assert_int_equal(vss_choice_asks_overlay(&l.choice, &l.choice.files[1], "/no/data/label", S_IFREG), 0);
	vss_choice_clear(&l.choice);
}

static void
nothing_has_to_be_in_scratch_and_what_is_there_is_not_missing(void **state)
{
	struct laid l;
	char single[] = "control";

	(void)state;
	lay(&l, "/no/scratch/one/label");
	free(l.choice.files[1].files.spec);
	l.choice.files[1].files.spec = vss_strdup("control");
	assert_int_equal(vss_choice_missing(&l.choice), 0);
	free(l.choice.files[0].files.spec);
	l.choice.files[0].files.spec = vss_strdup(single);
	(void)vss_choice_asks_overlay(&l.choice, &l.choice.files[1], "/no/data/control", S_IFREG);
	assert_int_equal(vss_choice_missing(&l.choice), 0);
	l.choice.files[0].matched = false;
	assert_int_equal(vss_choice_missing(&l.choice), 1);
	vss_choice_clear(&l.choice);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_the_writers_own_scratch_is_an_overlay),
		cmocka_unit_test(what_the_copy_has_comes_from_it_unless_scratch_has_it),
		cmocka_unit_test(excludes_of_the_writer_do_not_hold_in_scratch),
		cmocka_unit_test(nothing_has_to_be_in_scratch_and_what_is_there_is_not_missing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
