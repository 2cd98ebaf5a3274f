/* SPDX-License-Identifier: BSD-2-Clause */
#include "os/durable.h"

#include "lib/box.h"
#include "os/interrupt.h"

#include <pthread.h>
#include <signal.h>
#include <sys/ioctl.h>

static pthread_t writer_thread;

static void
a_file_is_written_whole_with_its_mode(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	struct stat st;
	VSS_AUTOCLOSE int dir = box_open(state);
	assert_ok(vss_write_file_at(dir, "f", "hello", 5, 0640, &err), err);
	assert_string_equal(box_read(dir, "f"), "hello");
	assert_int_equal(fstatat(dir, "f", &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
}

static void
an_old_file_is_replaced_and_not_written_into(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOCLOSE int dir = box_open(state);
	box_write(dir, "f", "the old and longer one");
	assert_int_equal(linkat(dir, "f", dir, "other", 0), 0);
	assert_ok(vss_write_file_at(dir, "f", "new", 3, 0600, &err), err);
	assert_string_equal(box_read(dir, "f"), "new");
	assert_string_equal(box_read(dir, "other"), "the old and longer one");
}

static void
nothing_stays_behind_when_the_rename_fails(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOCLOSE int dir = box_open(state);
	VSS_AUTOCLOSE int in_the_way = box_subdir(dir, "f");
	box_write(in_the_way, "x", "");
	assert_int_equal(vss_write_file_at(dir, "f", "new", 3, 0600, &err), -1);
	assert_int_equal(strncmp(err.text, "f: rename: ", 11), 0);
	assert_int_equal(unlinkat(in_the_way, "x", 0), 0);
	assert_int_equal(unlinkat(dir, "f", AT_REMOVEDIR), 0);
	assert_int_equal(rmdir(*state), 0); /* empty */
	assert_int_equal(mkdir(*state, 0700), 0);
}

static void
a_name_of_255_bytes_can_be_written(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOCLOSE int dir = box_open(state);
	char name[256];
	memset(name, 'n', 255);
	name[255] = '\0';
	assert_ok(vss_write_file_at(dir, name, "x", 1, 0600, &err), err);
	assert_string_equal(box_read(dir, name), "x");
}

static void
reading_appends_and_ends_with_a_nul(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOBUF struct vss_buf b = VSS_BUF_INIT;
	VSS_AUTOCLOSE int dir = box_open(state);
	box_write(dir, "f", "hello");
	vss_buf_str(&b, ">");
	assert_ok(vss_read_file_at(dir, "f", 5, &b, &err), err);
	assert_string_equal(b.data, ">hello");
}

static void
a_file_beyond_the_limit_is_refused_and_nothing_appended(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOBUF struct vss_buf b = VSS_BUF_INIT;
	VSS_AUTOCLOSE int dir = box_open(state);
	box_write(dir, "f", "hello");
	vss_buf_str(&b, ">");
	assert_int_equal(vss_read_file_at(dir, "f", 4, &b, &err), -1);
	assert_int_equal(err.code, VSS_INVALID);
	assert_string_equal(b.data, ">");
}

static void
an_empty_file_reads_as_an_empty_text(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOBUF struct vss_buf b = VSS_BUF_INIT;
	VSS_AUTOFREE char *path = box_path(state, "f");
	assert_ok(vss_write_file(path, "", 0, 0600, &err), err);
	assert_ok(vss_read_file(path, 0, &b, &err), err);
	assert_int_equal(b.len, 0);
	assert_string_equal(b.data, "");
}

static void
links_and_fifos_are_not_read(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOBUF struct vss_buf b = VSS_BUF_INIT;
	VSS_AUTOCLOSE int dir = box_open(state);
	box_write(dir, "f", "hello");
	assert_int_equal(symlinkat("f", dir, "link"), 0);
	assert_int_equal(mkfifoat(dir, "fifo", 0600), 0);
	assert_int_equal(vss_read_file_at(dir, "link", 100, &b, &err), -1);
	assert_int_equal(vss_read_file_at(dir, "fifo", 100, &b, &err), -1);
	assert_string_equal(err.text, "fifo: not a regular file");
	assert_int_equal(vss_read_file_at(dir, "none", 100, &b, &err), -1);
	assert_int_equal(err.code, VSS_ABSENT);
}

static void
reading_exactly_notices_an_early_end(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	char text[8];
	VSS_AUTOCLOSE int dir = box_open(state);
	box_write(dir, "f", "hello");
	VSS_AUTOCLOSE int fd = openat(dir, "f", O_RDONLY | O_CLOEXEC);
	assert_ok(vss_pread_all(fd, text, 4, 1, &err), err);
	assert_memory_equal(text, "ello", 4);
	assert_int_equal(vss_pread_all(fd, text, 5, 1, &err), -1);
	assert_int_equal(err.code, VSS_CORRUPT);
}

static void
a_write_that_fails_is_told(void **state)
{
	(void)state;
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOCLOSE int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
	assert_int_equal(vss_write_all(full, "x", 1, &err), -1);
	assert_int_equal(err.code, VSS_NOSPACE);
}

/* Once the pipe is full, so that the write has taken a part and waits. */
static void *
interrupt_when_full(void *pipe_fd)
{
	int fd = *(int *)pipe_fd, room = fcntl(fd, F_GETPIPE_SZ), there = 0;

	while (ioctl(fd, FIONREAD, &there) == 0 && there < room)
		;
	pthread_kill(writer_thread, SIGTERM);
	return NULL;
}

static void
a_write_that_waits_for_a_reader_ends_with_an_interruption(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	static char much[1 << 20];
	pthread_t other;
	int p[2];

	(void)state;
	assert_ok(vss_interrupt_catch(&err), err);
	assert_int_equal(pipe2(p, O_CLOEXEC), 0);
	writer_thread = pthread_self();
	alarm(20); /* else it would wait for ever */
	assert_int_equal(pthread_create(&other, NULL, interrupt_when_full, &p[1]), 0);
	assert_int_equal(vss_write_all(p[1], much, sizeof much, &err), -1);
	assert_int_equal(err.code, VSS_INTERRUPTED);
	alarm(0);
	pthread_join(other, NULL);
	vss_interrupt_clear();
	close(p[0]);
	close(p[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BOX_TEST(a_file_is_written_whole_with_its_mode),
		BOX_TEST(an_old_file_is_replaced_and_not_written_into),
		BOX_TEST(nothing_stays_behind_when_the_rename_fails),
		BOX_TEST(a_name_of_255_bytes_can_be_written),
		BOX_TEST(reading_appends_and_ends_with_a_nul),
		BOX_TEST(a_file_beyond_the_limit_is_refused_and_nothing_appended),
		BOX_TEST(an_empty_file_reads_as_an_empty_text),
		BOX_TEST(links_and_fifos_are_not_read),
		BOX_TEST(reading_exactly_notices_an_early_end),
		cmocka_unit_test(a_write_that_fails_is_told),
		cmocka_unit_test(a_write_that_waits_for_a_reader_ends_with_an_interruption),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
