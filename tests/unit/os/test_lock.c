/* SPDX-License-Identifier: BSD-2-Clause */
#include "os/lock.h"

#include "base/time.h"
#include "lib/box.h"
#include "os/interrupt.h"

#include <signal.h>
#include <sys/wait.h>

static void
a_lock_excludes_until_its_descriptor_is_closed(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	struct stat st;
	VSS_AUTOFREE char *path = box_path(state, "d/lock");
	int fd = vss_lock(path, 0, &err);
	assert_ok(fd, err);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(vss_lock_is_held(path, &err), 1);
	assert_int_equal(vss_lock(path, 0, &err), -1);
	assert_int_equal(err.code, VSS_BUSY);
	close(fd);
	assert_int_equal(vss_lock_is_held(path, &err), 0);
	fd = vss_lock(path, 0, &err);
	assert_ok(fd, err);
	close(fd);
}

static void
an_absent_lock_is_free(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOFREE char *path = box_path(state, "none");
	assert_int_equal(vss_lock_is_held(path, &err), 0);
}

static void
a_lock_passed_to_a_child_outlives_us(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	int pipe_fd[2];
	VSS_AUTOFREE char *path = box_path(state, "lock");
	int fd = vss_lock(path, 0, &err);
	assert_ok(fd, err);
	assert_int_equal(pipe(pipe_fd), 0);
	pid_t pid = fork();
	if (pid == 0) {
		char c;
		close(pipe_fd[1]);
		_exit(read(pipe_fd[0], &c, 1) == 0 ? 0 : 1);
	}
	close(fd);
	assert_int_equal(vss_lock_is_held(path, &err), 1);
	close(pipe_fd[0]);
	close(pipe_fd[1]);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(vss_lock_is_held(path, &err), 0);
}

static void
waiting_gets_the_lock_once_it_is_free(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	int ready[2], go[2];
	char c = 0;
	VSS_AUTOFREE char *path = box_path(state, "lock");
	assert_int_equal(pipe(ready) + pipe(go), 0);
	pid_t pid = fork();
	if (pid == 0) {
		int fd = vss_lock(path, 0, &err);
		bool ok = fd >= 0 && write(ready[1], &c, 1) == 1 && read(go[0], &c, 1) == 1;
		_exit(ok ? 0 : 1);
	}
	assert_int_equal(read(ready[0], &c, 1), 1);
	assert_int_equal(vss_lock(path, 60, &err), -1);
	assert_int_equal(err.code, VSS_BUSY);
	assert_int_equal(write(go[1], &c, 1), 1);
	int fd = vss_lock(path, 20000, &err);
	assert_ok(fd, err);
	close(fd);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	for (int i = 0; i < 2; i++) {
		close(ready[i]);
		close(go[i]);
	}
}

static void
an_interruption_ends_the_waiting(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOFREE char *path = box_path(state, "lock");
	VSS_AUTOCLOSE int fd = vss_lock(path, 0, &err);
	assert_ok(fd, err);
	assert_ok(vss_interrupt_catch(&err), err);
	raise(SIGTERM);
	int64_t start = vss_now_mono();
	assert_int_equal(vss_lock(path, 60000, &err), -1);
	assert_int_equal(err.code, VSS_INTERRUPTED);
	assert_true(vss_now_mono() - start < 20 * VSS_S);
	vss_interrupt_clear();
}

static void
a_link_is_not_a_lock(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOCLOSE int dir = box_open(state);
	VSS_AUTOFREE char *path = box_path(state, "link");
	assert_int_equal(symlinkat("elsewhere", dir, "link"), 0);
	assert_int_equal(vss_lock(path, 0, &err), -1);
	assert_false(box_has(dir, "elsewhere"));
}

static void
an_owner_lives_as_long_as_its_descriptor(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	struct vss_uuid id, other;
	VSS_AUTOCLOSE int dir = box_open(state);
	setenv("VSS_RUN_DIR", *state, 1);
	int fd = vss_owner_new(&id, &err);
	assert_ok(fd, err);
	vss_uuid_random(&other);
	assert_true(vss_owner_is_alive(&id));
	assert_false(vss_owner_is_alive(&other));

	char name[VSS_UUID_TEXT];
	vss_uuid_text(&id, name);
	VSS_AUTOFREE char *path = vss_strf("owners/%s", name);
	VSS_AUTOFREE char *pid = vss_strf("pid=%d\n", getpid());
	assert_non_null(strstr(box_read(dir, path), pid));
	assert_non_null(strstr(box_read(dir, path), "\nboot="));

	close(fd);
	assert_false(vss_owner_is_alive(&id));
	vss_owner_release(&id, -1);
	assert_false(box_has(dir, path));
	unsetenv("VSS_RUN_DIR");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BOX_TEST(a_lock_excludes_until_its_descriptor_is_closed),
		BOX_TEST(an_absent_lock_is_free),
		BOX_TEST(a_lock_passed_to_a_child_outlives_us),
		BOX_TEST(waiting_gets_the_lock_once_it_is_free),
		BOX_TEST(an_interruption_ends_the_waiting),
		BOX_TEST(a_link_is_not_a_lock),
		BOX_TEST(an_owner_lives_as_long_as_its_descriptor),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
