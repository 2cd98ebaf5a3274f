/* SPDX-License-Identifier: BSD-2-Clause */
#include "front/command.h"

#include "cli/capture.h"
#include "front/sets.h"
#include "lib/cm.h"

#include <stdlib.h>

#define SET "11111111-0000-4000-8000-000000000001"
#define A "aaaaaaaa-0000-4000-8000-000000000001"

static struct vss_set_list sets;
static struct vss_set *set;

static int
begin(void **state)
{
	(void)state;
	set = new_set(&sets, SET);
	new_shadow(set, A, "/mnt/it's $HOME\n", "x");
	return 0;
}

static int
end(void **state)
{
	(void)state;
	vss_set_list_free(&sets);
	return 0;
}

static int
run(const char *script, const char **said, struct vss_err *err)
{
	VSS_AUTOSTRV struct vss_strv words = VSS_STRV_INIT;
	vss_strv_add(&words, "sh");
	vss_strv_add(&words, "-c");
	vss_strv_add(&words, script);
	VSS_AUTOSTRV struct vss_strv env = VSS_STRV_INIT;
	vss_front_environment(set, &env);
	*err = (struct vss_err)VSS_ERR_INIT;
	struct capture c = capture_begin(STDOUT_FILENO);
	int rc = vss_front_run(&(struct vss_front_command){ &words, &env, STDIN_FILENO, STDOUT_FILENO }, err);
	*said = capture_end(&c);
	return rc;
}

static void
a_command_has_the_set_in_its_environment(void **state)
{
	(void)state;
	struct vss_err err;
	const char *said;
	setenv("VSS_SHADOW_9", "left over", 1);
	setenv("OF_MINE", "kept", 1);
	assert_int_equal(
		run("echo \"$VSS_SHADOW_SET $VSS_SHADOW_1 $VSS_SHADOW_DEVICE_1 ${VSS_SHADOW_9-unset} $OF_MINE\"", &said,
			&err),
		0);
	assert_string_equal(said, "{" SET "} {" A "} /run/vss/shadows/" A " unset kept\n");
	assert_int_equal(run("printf %s \"$VSS_VOLUME_1\"", &said, &err), 0);
	assert_string_equal(said, "/mnt/it's $HOME\n");
}

static void
the_end_of_a_command_is_told(void **state)
{
	(void)state;
	struct vss_err err;
	const char *said;
	assert_int_equal(run("exit 3", &said, &err), -1);
	assert_string_equal(err.text, "sh: ended with status 3");
	assert_int_equal(run("kill -KILL $$", &said, &err), -1);
	assert_string_equal(err.text, "sh: ended by signal 9");
}

static void
a_shell_reads_back_what_was_written(void **state)
{
	(void)state;
	struct vss_err err = VSS_ERR_INIT;
	char dir[] = "/tmp/vss-env-XXXXXX";
	const char *said;
	assert_non_null(mkdtemp(dir));
	VSS_AUTOFREE char *path = vss_strf("%s/env", dir);
	VSS_AUTOFREE char *script =
		vss_strf("unset VSS_VOLUME_1; . %s; printf '%%s %%s' \"$VSS_VOLUME_1\" \"$VSS_SHADOW_1\"", path);
	assert_int_equal(vss_front_write_env(set, path, &err), 0);
	assert_int_equal(run(script, &said, &err), 0);
	unlink(path);
	rmdir(dir);
	assert_string_equal(said, "/mnt/it's $HOME\n {" A "}");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_command_has_the_set_in_its_environment, begin, end),
		cmocka_unit_test_setup_teardown(the_end_of_a_command_is_told, begin, end),
		cmocka_unit_test_setup_teardown(a_shell_reads_back_what_was_written, begin, end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
