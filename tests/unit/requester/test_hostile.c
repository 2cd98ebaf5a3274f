/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/requester.h"

#include "archive/arc.h"

#include "base/uuid.h"
#include "doc/doc.h"

/* Archives that no backup makes, written with our own writer, and what a restore of them leaves in a box with `r` and `outside`. */
struct hostile {
	int box, fd;
	struct vss_archive_writer *w;
	char *archive, *target;
};

static void
begin(struct hostile *h, void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOBUF struct vss_buf doc = VSS_BUF_INIT;
	struct vss_bcd *bcd = vss_bcd_new();

	h->box = box_open(state);
	h->archive = box_path(state, "x.tar.zst");
	h->target = box_path(state, "r");
	box_mkdir(h->box, "outside");
	box_write(h->box, "outside/secret", "secret");
	h->fd = open(h->archive, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	h->w = arc_begin(h->fd, 0);
	vss_uuid_random(&bcd->backup_id);
	bcd->host = vss_strdup("another");
	assert_ok(vss_doc_write_bcd(bcd, &doc, &err), err);
	assert_ok(vss_archive_put_document(h->w, "components-initial.xml", doc.data, doc.len, &err), err);
	vss_bcd_free(bcd);
}

static void
link_to(struct hostile *h, const char *path, const char *target)
{
	struct vss_member m = arc_plain(path, S_IFLNK | 0777);

	m.link = arc_word(target);
	arc_member(h->w, &m, NULL);
}

static void
hard_link(struct hostile *h, const char *path, const char *first)
{
	struct vss_member m = arc_plain(path, S_IFREG | 0644);

	m.hardlink = arc_word(first);
	arc_member(h->w, &m, NULL);
}

/* Finish and restore; nothing may have come outside. */
static void
restore(struct hostile *h, enum vss_existing existing, struct vss_restore_result *out, struct vss_err *err)
{
	VSS_AUTOSTRV struct vss_strv archives = VSS_STRV_INIT;
	struct vss_restore_request r = { .archives = &archives, .target = h->target, .existing = existing };
	struct stat st;

	vss_strv_add(&archives, h->archive);
	arc_finish(h->w);
	close(h->fd);
	(void)vss_restore(&r, out, err);
	assert_string_equal(box_read(h->box, "outside/secret"), "secret");
	assert_int_equal(fstatat(h->box, "outside/secret", &st, 0), 0);
	assert_int_equal(st.st_nlink, 1);
	assert_int_equal(st.st_mode & 07777, 0644);
	assert_int_equal(fstatat(h->box, "outside", &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0755);
	assert_int_equal(st.st_nlink, 2);
	assert_false(box_has(h->box, "outside/f"));
}

static void
end(struct hostile *h)
{
	close(h->box);
	free(h->archive);
	free(h->target);
}

static void
a_link_is_not_followed_by_what_comes_below_it(void **state)
{
	struct vss_restore_result out;
	struct vss_err err = VSS_ERR_INIT;
	struct hostile h;
	VSS_AUTOFREE char *absolute = box_path(state, "outside");

	begin(&h, state);
	link_to(&h, "absolute", absolute);
	arc_file(h.w, "absolute/f", "x", 1);
	arc_dir(h.w, "absolute/sub");
	link_to(&h, "relative", "../outside");
	arc_file(h.w, "relative/f", "x", 1);
	arc_file(h.w, "relative/secret", "gone", 4);
	arc_file(h.w, "zebra", "good", 4);
	restore(&h, VSS_EXISTING_REPLACE, &out, &err);
	assert_int_equal(err.code, VSS_PARTIAL);
	assert_int_equal(out.failed, 4);
	assert_string_equal(box_read(h.box, "r/zebra"), "good");
	end(&h);
}

static void
a_hard_link_leads_to_nothing_but_what_came_with_it(void **state)
{
	struct vss_restore_result out;
	struct vss_err err = VSS_ERR_INIT;
	struct hostile h;

	begin(&h, state);
	link_to(&h, "l", "../outside/secret");
	hard_link(&h, "m", "l"); /* another name of the link, not of what it leads to */
	arc_file(h.w, "zebra", "good", 4);
	restore(&h, VSS_EXISTING_REFUSE, &out, &err);
	assert_true(box_has(h.box, "r/zebra"));
	end(&h);
}

static void
a_hard_link_to_what_was_there_before_is_refused(void **state)
{
	struct vss_restore_result out;
	struct vss_err err = VSS_ERR_INIT;
	struct hostile h;

	begin(&h, state);
	arc_file(h.w, "first", "mine", 4);
	hard_link(&h, "second", "first");
	box_mkdir(h.box, "r");
	box_write(h.box, "r/first", "theirs");
	restore(&h, VSS_EXISTING_SKIP, &out, &err);
	assert_int_equal(err.code, VSS_PARTIAL);
	assert_int_equal(out.skipped, 1);
	assert_int_equal(out.failed, 1);
	assert_false(box_has(h.box, "r/second"));
	end(&h);
}

static void
a_file_that_has_files_below_it_stays_a_file(void **state)
{
	struct vss_restore_result out;
	struct vss_err err = VSS_ERR_INIT;
	struct hostile h;

	begin(&h, state);
	arc_file(h.w, "d", "a file", 6);
	arc_file(h.w, "d/f", "x", 1);
	arc_dir(h.w, "d/e");
	restore(&h, VSS_EXISTING_REFUSE, &out, &err);
	assert_int_equal(err.code, VSS_PARTIAL);
	assert_int_equal(out.failed, 2);
	assert_string_equal(box_read(h.box, "r/d"), "a file");
	end(&h);
}

static void
privileges_of_another_machine_are_not_given(void **state)
{
	struct vss_restore_result out;
	struct vss_err err = VSS_ERR_INIT;
	char net_raw[20] = { 1, 0, 0, 2, 0, 32 };
	struct vss_member_xattr x = { arc_word("security.capability"), net_raw, sizeof net_raw };
	struct vss_member m = arc_plain("set-uid", S_IFREG | 06755), n = arc_plain("null", S_IFCHR | 0666);
	struct stat st;
	struct hostile h;

	begin(&h, state);
	m.xattrs = &x;
	m.nxattrs = 1;
	arc_member(h.w, &m, "");
	n.rdev = makedev(1, 3);
	arc_member(h.w, &n, NULL);
	restore(&h, VSS_EXISTING_REFUSE, &out, &err);
	assert_int_equal(err.code, VSS_PARTIAL);
	assert_int_equal(out.failed, 1); /* the device */
	assert_false(box_has(h.box, "r/null"));
	assert_int_equal(fstatat(h.box, "r/set-uid", &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0755);
	end(&h);
}

static void
a_path_as_deep_as_a_path_can_be_comes_back(void **state)
{
	struct vss_restore_result out;
	struct vss_err err = VSS_ERR_INIT;
	struct vss_buf path = VSS_BUF_INIT;
	struct hostile h;

	begin(&h, state);
	for (int i = 0; i < 3000; i++) /* 5,999 bytes: more than PATH_MAX */
		vss_buf_str(&path, i ? "/d" : "d");
	arc_file(h.w, path.data, "deep", 4);
	restore(&h, VSS_EXISTING_REFUSE, &out, &err);
	assert_ok(err.code == VSS_OK ? 0 : -1, err);
	assert_int_equal(out.files, 1);
	vss_buf_free(&path);
	end(&h);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BOX_TEST(a_link_is_not_followed_by_what_comes_below_it),
		BOX_TEST(a_hard_link_leads_to_nothing_but_what_came_with_it),
		BOX_TEST(a_hard_link_to_what_was_there_before_is_refused),
		BOX_TEST(a_file_that_has_files_below_it_stays_a_file),
		BOX_TEST(privileges_of_another_machine_are_not_given),
		BOX_TEST(a_path_as_deep_as_a_path_can_be_comes_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
