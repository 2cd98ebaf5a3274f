/* SPDX-License-Identifier: BSD-2-Clause */
#include "os/service.h"

#include "lib/box.h"

#define WAIT_MS 60000

/* A script for `demo` in the box, which keeps the state in files: "up" is there while it runs. */
static void
put_script(void **state, const char *name, const char *body)
{
	VSS_AUTOCLOSE int dir = box_open(state);
	VSS_AUTOFREE char *text = vss_strf("#!/bin/sh\ncd %s\necho \"$*\" >>calls\n%s\n", (char *)*state, body);
	box_write(dir, name, text);
	assert_int_equal(fchmodat(dir, name, 0755, 0), 0);
	assert_int_equal(setenv("VSS_SERVICE_PATH", *state, 1), 0);
}

#define PLAIN                                                                                                          \
	"case $1 in start) touch up;; stop) rm -f up;; status) test -e up || exit 3;; "                                \
	"*) exit 2;; esac"

static enum vss_service_state
look(const char *name)
{
	struct vss_err err = VSS_ERR_INIT;
	enum vss_service_state s;
	assert_ok(vss_service_look(name, &s, &err), err);
	return s;
}

static void
a_script_is_started_and_stopped(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	put_script(state, "demo", PLAIN);
	assert_int_equal(look("demo"), VSS_SERVICE_STOPPED);
	assert_ok(vss_service_start("demo", WAIT_MS, &err), err);
	assert_int_equal(look("demo"), VSS_SERVICE_RUNNING);
	assert_ok(vss_service_stop("demo", WAIT_MS, &err), err);
	assert_int_equal(look("demo"), VSS_SERVICE_STOPPED);
}

static void
what_is_as_wanted_is_left_alone(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOCLOSE int dir = box_open(state);
	put_script(state, "demo", PLAIN);
	assert_ok(vss_service_stop("demo", WAIT_MS, &err), err);
	assert_string_equal(box_read(dir, "calls"), "status\n");
}

static void
a_service_that_is_not_there_is_absent(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	put_script(state, "demo", PLAIN);
	assert_int_equal(look("other"), VSS_SERVICE_ABSENT);
	assert_int_equal(vss_service_stop("other", WAIT_MS, &err), -1);
	assert_int_equal(err.code, VSS_ABSENT);
}

static void
a_name_cannot_lead_elsewhere(void **state)
{
	enum vss_service_state s;
	static const char *const bad[] = { "", "../demo", "/bin/sh", "-h", ".demo", "a b", "a\nb", "a;b", "*" };
	put_script(state, "demo", PLAIN);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct vss_err err = VSS_ERR_INIT;
		assert_int_equal(vss_service_look(bad[i], &s, &err), -1);
		assert_int_equal(err.code, VSS_INVALID);
	}
	assert_int_equal(look("postgresql@15-main.service"), VSS_SERVICE_ABSENT);
}

static void
a_script_that_others_can_write_is_not_run(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	enum vss_service_state s;
	VSS_AUTOCLOSE int dir = box_open(state);
	put_script(state, "demo", PLAIN);
	assert_int_equal(fchmodat(dir, "demo", 0777, 0), 0);
	assert_int_equal(vss_service_look("demo", &s, &err), -1);
	assert_int_equal(err.code, VSS_DENIED);
	assert_false(box_has(dir, "calls"));
}

static void
a_stop_that_does_nothing_is_seen(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	put_script(state, "demo", "exit 0");
	assert_int_equal(vss_service_stop("demo", WAIT_MS, &err), -1);
	assert_int_equal(err.code, VSS_BUSY);
	assert_string_equal(err.text, "demo: still running");
}

static void
a_stop_that_fails_says_its_last_line(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	put_script(state, "demo", "[ $1 = status ] && exit 0; echo first; echo no way >&2; exit 7");
	assert_int_equal(vss_service_stop("demo", WAIT_MS, &err), -1);
	assert_string_equal(err.text, "service demo: stop ended with status 7: no way");
}

static void
a_script_that_hangs_is_killed(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	put_script(state, "demo", "[ $1 = status ] && exit 0; exec sleep 1000");
	assert_int_equal(vss_service_stop("demo", 50, &err), -1);
	assert_int_equal(err.code, VSS_TIMEOUT);
}

static void
an_unknown_state_is_an_error(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	enum vss_service_state s;
	put_script(state, "demo", "exit 4");
	assert_int_equal(vss_service_look("demo", &s, &err), -1);
	assert_int_equal(err.code, VSS_SYSTEM);
}

/* A daemon keeps what its script had for output: that must not break under it. */
static void
what_a_script_starts_lives_on_and_can_write(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOCLOSE int dir = box_open(state);
	put_script(state, "demo",
		"case $1 in start) touch up; setsid sh -c 'read x <go; echo hello && echo fine >said' & ;; "
		"status) test -e up || exit 3;; esac");
	assert_int_equal(mkfifoat(dir, "go", 0600), 0);
	assert_int_equal(mkfifoat(dir, "said", 0600), 0);
	assert_ok(vss_service_start("demo", WAIT_MS, &err), err);
	box_write(dir, "go", "\n");
	assert_string_equal(box_read(dir, "said"), "fine\n");
}

static void
systemd_is_asked_by_unit(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOCLOSE int dir = box_open(state);
	put_script(state, "systemctl",
		"say() { printf 'LoadState=%s\\nActiveState=%s\\n' $1 $2; }\n"
		"case \"$*\" in *' none') say not-found inactive;; show*) [ -e up ] && say loaded active || say loaded "
		"failed;;\n"
		"'start -- demo') touch up;; 'stop -- demo') rm up;; *) exit 5;; esac");
	assert_int_equal(look("none"), VSS_SERVICE_ABSENT);
	assert_int_equal(look("demo"), VSS_SERVICE_STOPPED);
	assert_ok(vss_service_start("demo", WAIT_MS, &err), err);
	assert_int_equal(look("demo"), VSS_SERVICE_RUNNING);
	assert_ok(vss_service_stop("demo", WAIT_MS, &err), err);
	assert_int_equal(look("demo"), VSS_SERVICE_STOPPED);
	assert_non_null(strstr(box_read(dir, "calls"), "show --property=LoadState,ActiveState -- demo\n"));
}

static void
a_unit_on_its_way_counts_as_running(void **state)
{
	put_script(state, "systemctl", "printf 'ActiveState=deactivating\\nLoadState=loaded\\n'");
	assert_int_equal(look("demo"), VSS_SERVICE_RUNNING);
}

static void
a_systemctl_that_says_nothing_is_an_error(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	enum vss_service_state s;
	put_script(state, "systemctl", "echo 'Failed to connect to bus' >&2; exit 1");
	assert_int_equal(vss_service_look("demo", &s, &err), -1);
	assert_int_equal(err.code, VSS_SYSTEM);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BOX_TEST(a_script_is_started_and_stopped),
		BOX_TEST(what_is_as_wanted_is_left_alone),
		BOX_TEST(a_service_that_is_not_there_is_absent),
		BOX_TEST(a_name_cannot_lead_elsewhere),
		BOX_TEST(a_script_that_others_can_write_is_not_run),
		BOX_TEST(a_stop_that_does_nothing_is_seen),
		BOX_TEST(a_stop_that_fails_says_its_last_line),
		BOX_TEST(a_script_that_hangs_is_killed),
		BOX_TEST(an_unknown_state_is_an_error),
		BOX_TEST(what_a_script_starts_lives_on_and_can_write),
		BOX_TEST(systemd_is_asked_by_unit),
		BOX_TEST(a_unit_on_its_way_counts_as_running),
		BOX_TEST(a_systemctl_that_says_nothing_is_an_error),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
