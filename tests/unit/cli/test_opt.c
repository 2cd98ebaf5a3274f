/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/opt.h"

#include "cli/capture.h"
#include "lib/cm.h"
#include "model/grade.h"

static struct {
	bool dry_run, one, two;
	const char *output, *also;
	struct vss_strv names;
	uint64_t number, size_bytes, span_s;
	int grade;
} o;

static const struct vss_opt opts[] = {
	VSS_FLAG('n', "dry-run", &o.dry_run, "say what would be done"),
	VSS_ARG('o', "output", "FILE", &o.output, "write there"),
	VSS_ARGS('w', "writer", "NAME", &o.names, "may be repeated"),
	VSS_HEAD("Numbers"),
	VSS_NUM(0, "number", "N", &o.number, "a number"),
	{ VSS_OPT_SIZE, 0, "size", "SIZE", &o.size_bytes, "a size", 0, NULL },
	VSS_SPAN(0, "span", "SPAN", &o.span_s, "a span"),
	VSS_CHOICE(0, "grade", "GRADE", &o.grade, vss_grade_by_word, "a grade"),
	VSS_FLAG_X(0, "one", &o.one, 1, "one"),
	VSS_FLAG_X(0, "two", &o.two, 1, "two"),
	VSS_ARG_X(0, "an-option-with-a-long-name", "ARGUMENT", &o.also, 1, "on a line of its own"),
	VSS_END,
};
static const char *const synopsis[] = { "[OPTION]... FILE...", "--one", NULL };
static struct vss_tool tool = {
	.name = "tool",
	.synopsis = synopsis,
	.purpose = "Do something.",
	.opts = opts,
	.max_operands = 3,
	.command_after = true,
};

/* Parses the words of `line` (single blanks); what was said on stderr is `said`. */
static struct vss_args args;
static int status;
static const char *said;

static int
parse(const char *line)
{
	static char words[512];
	char *argv[32];
	int argc = 0;
	memset(&o, 0, sizeof o);
	status = -1;
	snprintf(words, sizeof words, "%s", line);
	for (char *w = strtok(words, " "); w; w = strtok(NULL, " "))
		argv[argc++] = w;
	struct capture c = capture_begin(STDERR_FILENO);
	int rc = vss_parse(&tool, argc, argv, &args, &status);
	said = capture_end(&c);
	return rc;
}

static int
clean(void **state)
{
	(void)state;
	vss_args_free(&args);
	vss_strv_free(&o.names);
	tool.command_after = true;
	tool.min_operands = 0;
	return 0;
}

static void
long_and_short_options_reach_their_variables(void **state)
{
	(void)state;
	assert_int_equal(parse("/x/vss-tool -n --output=a -w one --writer two -wthree file"), 0);
	assert_true(o.dry_run);
	assert_string_equal(o.output, "a");
	assert_int_equal(o.names.n, 3);
	assert_string_equal(o.names.v[2], "three");
	assert_int_equal(args.operands.n, 1);
	assert_string_equal(args.operands.v[0], "file");
	assert_string_equal(vss_program(), "tool");
}

static void
letters_may_stand_together_and_the_last_takes_the_rest(void **state)
{
	(void)state;
	assert_int_equal(parse("tool -nvvqoout"), 0);
	assert_true(o.dry_run);
	assert_int_equal(args.verbose, 2);
	assert_true(args.quiet);
	assert_string_equal(o.output, "out");
}

static void
numbers_have_units_and_choices_words(void **state)
{
	(void)state;
	assert_int_equal(parse("tool --number 7 --size 2K --span 2h --grade fuzzy"), 0);
	assert_int_equal(o.number, 7);
	assert_int_equal(o.size_bytes, 2048);
	assert_int_equal(o.span_s, 7200);
	assert_int_equal(o.grade, VSS_GRADE_FUZZY);
}

static void
options_and_operands_mix_and_a_lone_dash_is_an_operand(void **state)
{
	(void)state;
	assert_int_equal(parse("tool a -n - b"), 0);
	assert_int_equal(args.operands.n, 3);
	assert_string_equal(args.operands.v[1], "-");
	assert_true(o.dry_run);
}

static void
words_behind_two_dashes_are_a_command_or_operands(void **state)
{
	(void)state;
	assert_int_equal(parse("tool a -- tar -n --one"), 0);
	assert_true(args.has_command);
	assert_int_equal(args.command.n, 3);
	assert_false(o.dry_run);
	vss_args_free(&args);
	tool.command_after = false;
	assert_int_equal(parse("tool a -- -n"), 0);
	assert_false(args.has_command);
	assert_string_equal(args.operands.v[1], "-n");
}

static void
says(const char *line, const char *text)
{
	assert_int_equal(parse(line), 1);
	assert_int_equal(status, 2);
	if (!strstr(said, text))
		fail_msg("'%s' does not say '%s'", said, text);
	assert_ptr_equal(strchr(said, '\n'), said + strlen(said) - 1);
	assert_int_equal(args.operands.n, 0);
	vss_strv_free(&o.names);
}

static void
a_wrong_line_is_one_sentence_and_status_2(void **state)
{
	(void)state;
	says("tool --frob", "tool: unknown option '--frob' (see 'tool --help')");
	says("tool --outpu x", "unknown option '--outpu'");
	says("tool -nZ", "unknown option '-Z'");
	says("tool --output", "--output needs FILE behind it");
	says("tool -o", "-o needs FILE behind it");
	says("tool --dry-run=yes", "--dry-run takes no value");
	says("tool --number x", "--number: 'x' is not a number");
	says("tool --size x", "--size: 'x' is not a size");
	says("tool --span x", "--span: 'x' is not a span of time");
	says("tool --grade best", "--grade: 'best' is none of its words");
	says("tool a b c d", "unexpected operand 'd'");
	says("tool a --", "no command behind '--'");
	tool.min_operands = 1;
	says("tool", "missing operand");
}

static void
options_of_a_group_exclude_each_other_but_not_themselves(void **state)
{
	(void)state;
	says("tool --one --two", "--one and --two exclude each other");
	says("tool --an-option-with-a-long-name=x --one", "exclude each other");
	assert_int_equal(parse("tool --one --one"), 0);
}

static void
help_comes_first_and_ends_well(void **state)
{
	(void)state;
	struct capture c = capture_begin(STDOUT_FILENO);
	assert_int_equal(parse("tool --help --frob"), 1);
	const char *help = capture_end(&c);
	assert_int_equal(status, 0);
	assert_string_equal(help, "Usage: tool [OPTION]... FILE...\n"
				  "       tool --one\n"
				  "Do something.\n"
				  "\n"
				  "Options:\n"
				  "  -n, --dry-run      say what would be done\n"
				  "  -o, --output FILE  write there\n"
				  "  -w, --writer NAME  may be repeated\n"
				  "\n"
				  "Numbers:\n"
				  "      --number N     a number\n"
				  "      --size SIZE    a size\n"
				  "      --span SPAN    a span\n"
				  "      --grade GRADE  a grade\n"
				  "      --one          one\n"
				  "      --two          two\n"
				  "      --an-option-with-a-long-name ARGUMENT\n"
				  "                     on a line of its own\n"
				  "  -q, --quiet        say nothing but errors\n"
				  "  -v, --verbose      say more; twice: everything\n"
				  "  -h, --help         show this help and leave\n"
				  "  -V, --version      show the version and leave\n"
				  "\n"
				  "See tool(8); the tour is vss(7).\n");
}

static void
the_version_names_the_suite(void **state)
{
	(void)state;
	struct capture c = capture_begin(STDOUT_FILENO);
	assert_int_equal(parse("tool -V"), 1);
	assert_string_equal(capture_end(&c), "tool (vss-tools) " VSS_VERSION "\n");
	assert_int_equal(status, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(long_and_short_options_reach_their_variables, clean),
		cmocka_unit_test_teardown(letters_may_stand_together_and_the_last_takes_the_rest, clean),
		cmocka_unit_test_teardown(numbers_have_units_and_choices_words, clean),
		cmocka_unit_test_teardown(options_and_operands_mix_and_a_lone_dash_is_an_operand, clean),
		cmocka_unit_test_teardown(words_behind_two_dashes_are_a_command_or_operands, clean),
		cmocka_unit_test_teardown(a_wrong_line_is_one_sentence_and_status_2, clean),
		cmocka_unit_test_teardown(options_of_a_group_exclude_each_other_but_not_themselves, clean),
		cmocka_unit_test_teardown(help_comes_first_and_ends_well, clean),
		cmocka_unit_test_teardown(the_version_names_the_suite, clean),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
