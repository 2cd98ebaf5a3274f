/* SPDX-License-Identifier: BSD-2-Clause */
#include "script/alias.h"

#include "base/mem.h"
#include "lib/cm.h"

#include <string.h>

static void
set(struct vss_aliases *a, const char *name, const char *value)
{
	struct vss_err err = VSS_ERR_INIT;

	assert_int_equal(vss_aliases_set(a, name, value, &err), 0);
}

static void
a_name_is_found_in_any_case_and_keeps_the_last_one(void **state)
{
	struct vss_aliases a = VSS_ALIASES_INIT;

	(void)state;
	assert_null(vss_aliases_get(&a, "Data"));
	set(&a, "Data", "1");
	set(&a, "System", "2");
	set(&a, "DATA", "3");
	assert_int_equal(a.n, 2);
	assert_string_equal(a.v[0].name, "DATA");
	assert_string_equal(vss_aliases_get(&a, "data"), "3");
	assert_string_equal(vss_aliases_get(&a, "sYSTEM"), "2");
	assert_null(vss_aliases_get(&a, "Dat"));
	vss_aliases_free(&a);
	assert_null(vss_aliases_get(&a, "data"));
	set(&a, "again", "4");
	vss_aliases_free(&a);
}

static void
the_first_name_of_a_value_is_found_in_any_case(void **state)
{
	struct vss_aliases a = VSS_ALIASES_INIT;

	(void)state;
	set(&a, "x", "{ab}");
	set(&a, "y", "{AB}");
	assert_string_equal(vss_aliases_of(&a, "{Ab}"), "x");
	assert_null(vss_aliases_of(&a, "{abc}"));
	vss_aliases_free(&a);
}

static void
a_value_may_be_taken_from_the_alias_itself(void **state)
{
	struct vss_aliases a = VSS_ALIASES_INIT;

	(void)state;
	set(&a, "x", "value");
	set(&a, "X", vss_aliases_get(&a, "x"));
	assert_string_equal(vss_aliases_get(&a, "x"), "value");
	vss_aliases_free(&a);
}

static void
names_are_fit_for_an_environment(void **state)
{
	static const char *const good[] = { "a", "03_27_2023__21_30_06", "VSS_SHADOW_1", "x-y.z", "path", "Env", "bash",
		"L", "LDAP" };
	static const char *const bad[] = { "", "a b", "a=b", "a%b", "\xC3\xA4", "a\n", "PATH", "LD_PRELOAD", "IFS",
		"ENV", "BASH_ENV", "PYTHONPATH" };
	char name[257];
	struct vss_err err = VSS_ERR_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		if (vss_alias_check(good[i], &err) < 0)
			fail_msg("%s", err.text);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		err = (struct vss_err)VSS_ERR_INIT;
		if (vss_alias_check(bad[i], &err) == 0)
			fail_msg("accepted: %s", bad[i]);
		assert_int_equal(err.code, VSS_USAGE);
	}
	memset(name, 'x', sizeof name);
	name[256] = '\0';
	assert_int_equal(vss_alias_check(name, &err), -1);
	name[255] = '\0';
	assert_int_equal(vss_alias_check(name, &err), 0);
}

static void
a_refused_name_changes_nothing(void **state)
{
	struct vss_aliases a = VSS_ALIASES_INIT;
	struct vss_err err = VSS_ERR_INIT;

	(void)state;
	set(&a, "x", "1");
	assert_int_equal(vss_aliases_set(&a, "x y", "2", &err), -1);
	assert_int_equal(a.n, 1);
	assert_string_equal(vss_aliases_get(&a, "x"), "1");
	vss_aliases_free(&a);
}

static void
an_environment_gets_them_in_place_of_what_has_their_name(void **state)
{
	VSS_AUTOSTRV struct vss_strv env = VSS_STRV_INIT;
	struct vss_aliases a = VSS_ALIASES_INIT;

	(void)state;
	vss_strv_add(&env, "HOME=/root");
	vss_strv_add(&env, "Data=old");
	vss_strv_add(&env, "Database=kept");
	set(&a, "home", "{1}");
	set(&a, "Data", "a=b c");
	vss_aliases_environment(&a, &env);
	assert_int_equal(env.n, 4);
	assert_string_equal(env.v[0], "HOME=/root");
	assert_string_equal(env.v[1], "Database=kept");
	assert_string_equal(env.v[2], "home={1}");
	assert_string_equal(env.v[3], "Data=a=b c");
	assert_null(env.v[4]);
	vss_aliases_free(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_is_found_in_any_case_and_keeps_the_last_one),
		cmocka_unit_test(the_first_name_of_a_value_is_found_in_any_case),
		cmocka_unit_test(a_value_may_be_taken_from_the_alias_itself),
		cmocka_unit_test(names_are_fit_for_an_environment),
		cmocka_unit_test(a_refused_name_changes_nothing),
		cmocka_unit_test(an_environment_gets_them_in_place_of_what_has_their_name),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
