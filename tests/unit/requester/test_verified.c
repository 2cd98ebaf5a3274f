/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/parts.h"

#include "base/mem.h"
#include "model/components.h"

#include "lib/box.h"

#include <string.h>

static struct vss_component components[] = {
	{ .name = "data", .selectable = true },
	{ .logical_path = "x/y", .name = "both", .selectable = true },
	{ .logical_path = "x/y", .name = "log", .selectable = true },
};
static struct vss_metadata odd = { .name = "Odd Writer", .components = components, .ncomponents = 3 };
static struct vss_metadata bare = { .name = "Bare Writer" };

/* Two instances of the odd writer, of which the second is out; one that owns nothing, one that failed, one that is excluded. */
static struct vss_writer writers[] = {
	{ .registration = "odd-1", .metadata = &odd },
	{ .registration = "odd-2", .metadata = &odd },
	{ .registration = "bare", .metadata = &bare },
	{ .registration = "ill", .message = "it has died" },
	{ .registration = "left", .metadata = &odd },
};
enum { IN = VSS_SELECT_EXPLICIT, WITH = VSS_SELECT_IMPLICIT, OUT = VSS_SELECT_OUT };
static unsigned char first[] = { IN, WITH, OUT }, none[] = { OUT, OUT, OUT };
static bool barred[] = { false, false, true }, free_of_bars[] = { false, false, false };
static struct vss_part parts[] = {
	{ .writer = &writers[0], .how = first, .barred = barred },
	{ .writer = &writers[1], .how = none, .barred = free_of_bars },
	{ .writer = &writers[2] },
	{ .writer = &writers[3] },
	{ .writer = &writers[4], .how = none, .barred = free_of_bars, .out = true },
};

static void
a_word_is_in_the_set_or_the_reason_is_said(void **state)
{
	static const struct {
		const char *word, *why; /* NULL: it is in */
	} rows[] = {
		{ "Odd Writer", NULL }, /* one instance will do */
		{ "ODD-1", NULL },
		{ "odd-1:/data", NULL },
		{ "Odd Writer:\\x\\y\\both", NULL }, /* it comes with another */
		{ "{00000000-0000-0000-0000-000000000000}:data", "there is no such writer here" },
		{ "odd-1:/x/y/log", "component /x/y/log is excluded" },
		{ "odd-1:/x", "component /x/y/log is excluded" }, /* all that the word means */
		{ "odd-1:/nothing", "the writer has no such component" },
		{ "odd-2", "component /data has no files on the volumes of the set" },
		{ "odd-2:/x/y/both", "component /x/y/both has no files on the volumes of the set" },
		{ "bare", "it owns nothing" },
		{ "bare:/x", "the writer has no such component" },
		{ "ill", "it has died" },
		{ "ill:/x", "it has died" },
		{ "left", "it is excluded" },
		{ "left:/data", "it is excluded" },
		{ "nobody", "there is no such writer here" },
		{ "Nobody Else:/x", "there is no such writer here" },
	};
	struct vss_plan plan = { .nvolumes = 0 };

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		VSS_AUTOSTRV struct vss_strv words = VSS_STRV_INIT;
		struct vss_plan_wishes wishes = { .verify = &words };
		const struct vss_parts ps = { &plan, &wishes, parts, sizeof parts / sizeof *parts };
		struct vss_err err = VSS_ERR_INIT;
		vss_strv_add(&words, "odd-1"); /* is in: the next one counts */
		vss_strv_add(&words, rows[i].word);
		assert_int_equal(vss_parts_verify(&ps, NULL, &err), rows[i].why ? -1 : 0);
		assert_int_equal(err.code, rows[i].why ? VSS_GRADE : VSS_OK);
		if (rows[i].why) {
			assert_memory_equal(err.text, rows[i].word, strlen(rows[i].word));
			assert_string_equal(strstr(err.text, "required: ") + strlen("required: "), rows[i].why);
		}
	}
}

static void
what_is_out_is_listed_with_the_user_s_part_in_it(void **state)
{
	struct vss_plan plan = { .nvolumes = 0 };
	struct vss_plan_wishes wishes = { .lists_left = true };
	const struct vss_parts ps = { &plan, &wishes, parts, sizeof parts / sizeof *parts };

	(void)state;
	vss_parts_list_left(&ps);
	assert_int_equal(plan.nleft, 1 + 3 + 3);
	assert_ptr_equal(plan.left[0].component, &components[2]);
	assert_true(plan.left[0].excluded);
	assert_ptr_equal(plan.left[1].writer, &writers[1]);
	assert_false(plan.left[1].excluded);
	assert_null(plan.left[1].needs);
	assert_ptr_equal(plan.left[6].writer, &writers[4]);
	assert_true(plan.left[6].excluded);
	vss_plan_clear(&plan);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_word_is_in_the_set_or_the_reason_is_said),
		cmocka_unit_test(what_is_out_is_listed_with_the_user_s_part_in_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
