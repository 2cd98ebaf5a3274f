/* SPDX-License-Identifier: BSD-2-Clause */
#include "stage.h"

#include "base/log.h"
#include "writer/registry.h"

static struct vss_registrations found;
static struct vss_buf warnings = VSS_BUF_INIT;

static void
collect(void *ctx, enum vss_log_level level, const char *text)
{
	(void)ctx;
	if (level == VSS_LOG_WARN)
		vss_buf_fmt(&warnings, "%s\n", text);
}

static int
set(void **state)
{
	vss_log_set_sink(collect, NULL);
	return stage_set(state);
}

static int
clear(void **state)
{
	vss_registrations_free(&found);
	vss_buf_free(&warnings);
	vss_log_set_sink(NULL, NULL);
	return stage_clear(state);
}

static struct vss_registration *
read_all(void)
{
	vss_registrations_free(&found);
	assert_int_equal(vss_registrations_read(&found, &stage_err), 0);
	return found.n > 0 ? found.v : NULL;
}

static void
every_key_is_read(void **state)
{
	(void)state;
	stage_write("writers.d/a.writer", "# a comment\n[Other]\nExec=/nowhere\n[Writer]\n"
					  "Exec = /bin/echo \"two words\" a\\ b\nLevel=system\nFreezeTimeout=1500ms\n"
					  "Environment=A=1 \"B=x y\"\nEnvironment=C=3\n");
	struct vss_registration *r = read_all();
	assert_int_equal(found.n, 1);
	assert_null(r->refused);
	assert_string_equal(r->name, "a");
	assert_int_equal(r->exec.n, 3);
	assert_string_equal(r->exec.v[1], "two words");
	assert_string_equal(r->exec.v[2], "a b");
	assert_int_equal(r->level, VSS_APP_SYSTEM);
	assert_int_equal(r->freeze_timeout_ms, 1500);
	assert_int_equal(r->environment.n, 3);
	assert_string_equal(r->environment.v[1], "B=x y");
}

static void
a_socket_stands_in_the_place_of_a_program(void **state)
{
	(void)state;
	stage_write("writers.d/a.writer", "[Writer]\nSocket=/nowhere/socket\nUser=nobody\nLevel=back-end\n");
	struct vss_registration *r = read_all();
	assert_null(r->refused); /* who is behind it shows when it is used */
	assert_string_equal(r->socket, "/nowhere/socket");
	assert_int_equal(r->exec.n, 0);
}

static void
what_is_not_said_has_the_defaults_of_vss(void **state)
{
	(void)state;
	stage_register("a", "/bin/echo", "");
	struct vss_registration *r = read_all();
	assert_int_equal(r->level, VSS_APP_FRONT_END);
	assert_int_equal(r->freeze_timeout_ms, 60000);
	assert_null(r->user);
}

static void
the_first_of_a_name_wins_and_null_masks(void **state)
{
	(void)state;
	VSS_AUTOFREE char *first = stage_path("first"), *second = stage_path("writers.d"),
			  *null = stage_path("first/gone.writer");
	VSS_AUTOFREE char *path = vss_strf("%s:%s:/nowhere/at/all", first, second);
	assert_int_equal(mkdir(first, 0755), 0);
	setenv("VSS_WRITERS_PATH", path, 1);
	stage_write("first/same.writer", "[Writer]\nExec=/bin/true\n");
	stage_register("same", "/bin/false", "");
	stage_register("gone", "/bin/false", "");
	stage_register("also", "/bin/false", "");
	assert_int_equal(symlink("/dev/null", null), 0);
	struct vss_registration *r = read_all();
	assert_int_equal(found.n, 3);
	assert_string_equal(r[0].name, "also");
	assert_string_equal(r[1].name, "gone");
	assert_true(r[1].masked && !r[0].masked);
	assert_null(r[1].exec.v);
	assert_string_equal(r[2].name, "same");
	assert_string_equal(r[2].exec.v[0], "/bin/true");
}

static void
a_bad_file_is_listed_with_its_reason_and_reported(void **state)
{
	static const struct {
		const char *text, *reason;
	} rows[] = {
		{ "[Writer]\n", "no Exec=" },
		{ "Exec=/bin/true\n", "no Exec=" },
		{ "[Writer]\nExec=true\n", "absolute" },
		{ "[Writer]\nExec=/no/such/program\n", "/no/such/program" },
		{ "[Writer]\nExec=/bin/true \"open\n", "quote" },
		{ "[Writer]\nExec=/bin/true\nLevel=middle\n", "Level=" },
		{ "[Writer]\nExec=/bin/true\nFreezeTimeout=61\n", "FreezeTimeout=" },
		{ "[Writer]\nExec=/bin/true\nFreezeTimeout=0\n", "FreezeTimeout=" },
		{ "[Writer]\nExec=/bin/true\nColour=red\n", "Colour=" },
		{ "[Writer]\nExec=/bin/true\nnonsense\n", "line 3" },
		{ "[Writer]\nExec=/bin/true\nEnvironment=A\n", "Environment=" },
		{ "[Writer]\nExec=/bin/true\nSocket=/run/socket\n", "exclude each other" },
		{ "[Writer]\nSocket=run/socket\n", "Socket=: the socket needs an absolute path" },
		{ "[Writer]\nSocket=/run/socket\nEnvironment=A=1\n", "Environment=" },
		{ "[Writer]\nSocket=/0123456789/0123456789/0123456789/0123456789/0123456789/0123456789/0123456789/"
		  "0123456789"
		  "/0123456789/0123456789\n",
			"too long" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		vss_buf_reset(&warnings);
		stage_write("writers.d/bad.writer", rows[i].text);
		struct vss_registration *r = read_all();
		assert_int_equal(found.n, 1);
		if (!r->refused || !strstr(r->refused, rows[i].reason))
			fail_msg("row %zu: %s", i, r->refused ? r->refused : "accepted");
		assert_non_null(strstr(warnings.data, "bad"));
	}
}

/* Make `name` of the stage writable by others, and see the registration `a` refused for it. */
static void
expect_refused_for(const char *name, mode_t mode)
{
	VSS_AUTOFREE char *path = stage_path(name);
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(chmod(path, st.st_mode | mode), 0);
	struct vss_registration *r = read_all();
	assert_int_equal(chmod(path, st.st_mode), 0);
	if (!r->refused || !strstr(r->refused, "writable by others") || !strstr(r->refused, path))
		fail_msg("%s: %s", name, r->refused ? r->refused : "accepted");
}

static void
what_others_may_write_is_never_run(void **state)
{
	(void)state;
	VSS_AUTOFREE char *dir = stage_path("bin"), *program = stage_path("bin/program"), *link = stage_path("link");
	assert_int_equal(mkdir(dir, 0755), 0);
	stage_write("bin/program", "#!/bin/sh\n");
	assert_int_equal(chmod(program, 0755), 0);
	assert_int_equal(symlink("bin/program", link), 0);
	stage_register("a", link, "");
	assert_null(read_all()->refused);
	expect_refused_for("bin/program", S_IWOTH);
	expect_refused_for("bin/program", S_IWGRP);
	expect_refused_for("bin", S_IWOTH);
	expect_refused_for("writers.d", S_IWGRP);
	expect_refused_for("writers.d/a.writer", S_IWOTH);
	expect_refused_for("", S_IWOTH);
}

static void
what_belongs_to_another_user_is_never_run(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	VSS_AUTOFREE char *program = stage_path("program"), *file = stage_path("writers.d/a.writer");
	stage_write("program", "#!/bin/sh\n");
	assert_int_equal(chmod(program, 0755), 0);
	stage_register("a", program, "");
	assert_int_equal(chown(program, 65534, 0), 0);
	assert_non_null(strstr(read_all()->refused, "belongs to user 65534"));
	assert_int_equal(chown(program, 0, 0), 0);
	assert_int_equal(chown(file, 65534, 0), 0);
	assert_non_null(strstr(read_all()->refused, "belongs to user 65534"));
}

static void
a_refused_writer_is_not_started(void **state)
{
	(void)state;
	VSS_AUTOFREE char *file = stage_path("writers.d/a.writer");
	stage_script("a", "", "");
	assert_int_equal(chmod(file, 0666), 0);
	struct vss_writer *w = stage_start();
	assert_false(w->alive);
	assert_int_equal(w->state, VSS_WS_FAILED_AT_IDENTIFY);
	assert_non_null(strstr(w->message, "writable by others"));
	VSS_AUTOFREE char *log = stage_read("log");
	assert_string_equal(log, "");
}

static void
another_user_runs_it_when_root_says_so(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	stage_write("who", "#!/bin/sh\nid >&2; echo \"$USER:$HOME\" >&2\nexit 9\n");
	VSS_AUTOFREE char *who = stage_path("who");
	assert_int_equal(chmod(who, 0755) | chmod(stage_dir, 0755), 0);
	stage_register("a", who, "User=nobody");
	struct vss_writer *w = stage_start();
	assert_string_equal(w->message, "ended with status 9: nobody:/nonexistent");
	vss_writers_end(stage_writers);
	stage_writers = NULL;
	stage_register("a", who, "User=no-such-user");
	assert_non_null(strstr(stage_start()->message, "no such user"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(every_key_is_read, set, clear),
		cmocka_unit_test_setup_teardown(a_socket_stands_in_the_place_of_a_program, set, clear),
		cmocka_unit_test_setup_teardown(what_is_not_said_has_the_defaults_of_vss, set, clear),
		cmocka_unit_test_setup_teardown(the_first_of_a_name_wins_and_null_masks, set, clear),
		cmocka_unit_test_setup_teardown(a_bad_file_is_listed_with_its_reason_and_reported, set, clear),
		cmocka_unit_test_setup_teardown(what_others_may_write_is_never_run, set, clear),
		cmocka_unit_test_setup_teardown(what_belongs_to_another_user_is_never_run, set, clear),
		cmocka_unit_test_setup_teardown(a_refused_writer_is_not_started, set, clear),
		cmocka_unit_test_setup_teardown(another_user_runs_it_when_root_says_so, set, clear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
