/* SPDX-License-Identifier: BSD-2-Clause */
#include "archive/arc.h"

/* Every attribute goes into an archive and comes out again, through the index and through a pipe
 * alike. */

#define MAX 32

struct sample {
	struct vss_member m[MAX];
	const char *data[MAX];
	size_t n;
};

static struct vss_member *
add(struct sample *s, const char *path, mode_t mode, const char *data)
{
	struct vss_member *m = &s->m[s->n];

	assert_true(s->n < MAX);
	*m = arc_plain(path, mode);
	m->size = data ? strlen(data) : 0;
	s->data[s->n++] = data;
	return m;
}

static char *
repeat(const char *s, size_t times)
{
	struct vss_buf b = VSS_BUF_INIT;

	while (times--)
		vss_buf_str(&b, s);
	return vss_buf_take(&b);
}

static int
write_sample(const struct sample *s)
{
	int fd = arc_memory();
	struct vss_archive_writer *w = arc_begin(fd, 0);

	for (size_t i = 0; i < s->n; i++)
		arc_member(w, &s->m[i], s->data[i] ? s->data[i] : "");
	arc_finish(w);
	return fd;
}

static void
same_text(const char *a, const char *b)
{
	if (!a || !b)
		assert_ptr_equal(a, b);
	else
		assert_string_equal(a, b);
}

static void
same_attributes(const struct vss_member *a, const struct vss_member *b)
{
	assert_int_equal(a->nxattrs, b->nxattrs);
	for (size_t i = 0; i < a->nxattrs; i++) {
		assert_string_equal(a->xattrs[i].name, b->xattrs[i].name);
		assert_int_equal(a->xattrs[i].size, b->xattrs[i].size);
		assert_memory_equal(a->xattrs[i].value, b->xattrs[i].value, a->xattrs[i].size);
	}
	assert_int_equal(a->nextents, b->nextents);
	assert_int_equal(a->sparse, b->sparse);
	for (size_t i = 0; i < a->nextents; i++) {
		assert_int_equal(a->extents[i].at, b->extents[i].at);
		assert_int_equal(a->extents[i].len, b->extents[i].len);
	}
}

static void
same_member(const struct vss_member *a, const struct vss_member *b)
{
	assert_string_equal(a->path, b->path);
	assert_int_equal(a->mode, b->mode);
	assert_int_equal(a->uid, b->uid);
	assert_int_equal(a->gid, b->gid);
	same_text(a->uname, b->uname);
	same_text(a->gname, b->gname);
	assert_int_equal(a->rdev, b->rdev);
	assert_int_equal(a->size, b->size);
	assert_int_equal(a->mtime_s, b->mtime_s);
	assert_int_equal(a->mtime_ns, b->mtime_ns);
	assert_int_equal(a->has_atime, b->has_atime);
	assert_int_equal(a->atime_s, b->atime_s);
	assert_int_equal(a->atime_ns, b->atime_ns);
	assert_int_equal(a->has_ctime, b->has_ctime);
	assert_int_equal(a->ctime_s, b->ctime_s);
	assert_int_equal(a->ctime_ns, b->ctime_ns);
	same_text(a->link, b->link);
	same_text(a->hardlink, b->hardlink);
	same_attributes(a, b);
}

static int
pieces(void *ctx, uint64_t at, const void *data, size_t n, struct vss_err *err)
{
	(void)at;
	(void)err;
	vss_buf_add(ctx, data, n);
	return 0;
}

static void
read_sample(const struct sample *s, int fd)
{
	struct vss_archive_reader *r = arc_open(fd);
	struct vss_err err = VSS_ERR_INIT;
	struct vss_member m = { 0 };

	for (size_t i = 0; i < s->n; i++) {
		VSS_AUTOBUF struct vss_buf b = VSS_BUF_INIT;

		if (vss_archive_next(r, &m, &err) != 1)
			fail_msg("%s: %s", s->m[i].path, err.text);
		same_member(&s->m[i], &m);
		assert_ok(vss_archive_content(r, pieces, &b, &err), err);
		assert_string_equal(b.data ? b.data : "", s->data[i] ? s->data[i] : "");
	}
	assert_ok(vss_archive_next(r, &m, &err), err);
	assert_null(m.path);
	vss_archive_reader_free(r);
}

/* The archive as it comes out of a pipe; what feeds it is a child. */
static int
piped(int fd, pid_t *child)
{
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	*child = fork();
	assert_true(*child >= 0);
	if (!*child) {
		char room[3000];
		ssize_t n;

		close(ends[0]);
		for (off_t at = 0; (n = pread(fd, room, sizeof room, at)) > 0; at += n)
			if (write(ends[1], room, (size_t)n) != n)
				_exit(1);
		_exit(0);
	}
	close(ends[1]);
	return ends[0];
}

static void
comes_back(const struct sample *s)
{
	VSS_AUTOCLOSE int fd = write_sample(s);
	struct vss_err err = VSS_ERR_INIT;
	pid_t child;
	int in, status;

	read_sample(s, fd);
	in = piped(fd, &child);
	read_sample(s, in);
	close(in);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_int_equal(vss_archive_verify(fd, NULL, NULL, NULL, &err), 0);
}

static void
every_type_of_file_comes_back(void **state)
{
	struct sample s = { .n = 0 };

	(void)state;
	add(&s, ".", S_IFDIR | 0755, NULL);
	add(&s, "blk", S_IFBLK | 0660, NULL)->rdev = makedev(259, 1048575);
	add(&s, "chr", S_IFCHR | 0666, NULL)->rdev = makedev(4095, 0);
	add(&s, "dir", S_IFDIR | 01777, NULL);
	add(&s, "dir/file", S_IFREG | 06755, "content");
	add(&s, "dir/hard", S_IFREG | 06755, NULL)->hardlink = arc_word("dir/file");
	add(&s, "empty", S_IFREG, "");
	add(&s, "fifo", S_IFIFO | 0600, NULL);
	add(&s, "link", S_IFLNK | 0777, NULL)->link = arc_word("/no/where \n");
	add(&s, "link2", S_IFLNK | 0777, NULL)->hardlink = arc_word("link");
	add(&s, "pipe2", S_IFIFO | 0600, NULL)->hardlink = arc_word("fifo");
	comes_back(&s);
}

static void
names_of_any_bytes_and_length_come_back(void **state)
{
	VSS_AUTOFREE char *n255 = repeat("n", 255), *x100 = repeat("x", 100), *x101 = repeat("x", 101),
			  *bad = repeat("\xfe", 255);
	VSS_AUTOFREE char *dirs = repeat("0123456789abcdef/", 250), *prefix = repeat("p", 155);
	VSS_AUTOFREE char *deep = vss_strf("%sz", dirs), *fits = vss_strf("%s/%s", prefix, x100);
	VSS_AUTOFREE char *fits_not = vss_strf("%s/%s", prefix, x101), *over = vss_strf("%sp/%s", prefix, x100);
	VSS_AUTOFREE char *wide = repeat("\xc3\xa9", 127), *huge = repeat("d/", 32000), *hugest = vss_strf("%sf", huge);
	const char *names[] = { "a\nb", "a'b\"c", "back\\slash", " ", "*?[x]#=,", "caf\xc3\xa9", "bad\xff\xfe", n255,
		bad, wide, x100, x101, deep, fits, fits_not, over, hugest, "\x01\x7f", "..a", "a..", ".vssx", "-rf" };
	struct sample s = { .n = 0 };

	(void)state;
	assert_true(strlen(deep) > 4000 && strlen(hugest) > 64000);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		add(&s, names[i], S_IFREG | 0644, "x");
	comes_back(&s);
}

static void
directories_whose_names_just_fit_and_just_do_not_come_back(void **state)
{
	struct sample s = { .n = 0 };
	char *names[8];

	(void)state;
	for (size_t i = 0; i < 8; i++) {
		names[i] = repeat("d", 97 + i);
		add(&s, names[i], S_IFDIR | 0755, NULL);
	}
	comes_back(&s);
	for (size_t i = 0; i < 8; i++)
		free(names[i]);
}

static void
links_of_any_target_come_back(void **state)
{
	VSS_AUTOFREE char *l100 = repeat("l", 100), *l101 = repeat("l", 101), *l4000 = repeat("\xff/", 2000);
	struct sample s = { .n = 0 };

	(void)state;
	add(&s, l101, S_IFREG | 0644, "x");
	add(&s, "hard", S_IFREG | 0644, NULL)->hardlink = l101;
	add(&s, "s1", S_IFLNK | 0777, NULL)->link = l100;
	add(&s, "s2", S_IFLNK | 0777, NULL)->link = l101;
	add(&s, "s3", S_IFLNK | 0777, NULL)->link = l4000;
	comes_back(&s);
}

static void
owners_of_any_number_and_name_come_back(void **state)
{
	VSS_AUTOFREE char *u31 = repeat("u", 31), *u32 = repeat("u", 32), *u200 = repeat("\xfc", 200);
	struct sample s = { .n = 0 };
	struct vss_member *m;

	(void)state;
	m = add(&s, "a", S_IFREG | 0644, "");
	m->uid = 2097151;
	m->gid = 2097152;
	m = add(&s, "b", S_IFREG | 0644, "");
	m->uid = UINT32_MAX - 1;
	m->uname = u31;
	m->gname = u32;
	m = add(&s, "c", S_IFDIR | 0755, NULL);
	m->uid = m->gid = 0;
	m->uname = u200;
	m->gname = arc_word("domain users");
	comes_back(&s);
}

static void
times_come_back_to_the_nanosecond(void **state)
{
	static const struct {
		int64_t s;
		uint32_t ns;
	} times[] = { { 0, 0 }, { 0, 1 }, { -1, 500000000 }, { -2, 1 }, { -1, 0 }, { 1700000000, 999999999 },
		{ 8589934591, 0 }, { 8589934592, 0 }, { INT64_MAX, 0 }, { INT64_MAX, 999999999 }, { INT64_MIN, 0 },
		{ INT64_MIN, 1 } };
	struct sample s = { .n = 0 };
	char names[32][8];

	(void)state;
	for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
		struct vss_member *m;

		snprintf(names[i], sizeof names[i], "t%02zu", i);
		m = add(&s, names[i], S_IFREG | 0644, "");
		m->mtime_s = m->atime_s = m->ctime_s = times[i].s;
		m->mtime_ns = m->atime_ns = m->ctime_ns = times[i].ns;
		m->has_atime = m->has_ctime = true;
	}
	comes_back(&s);
}

static void
attributes_acls_and_capabilities_come_back(void **state)
{
	static unsigned char acl[] = { 2, 0, 0, 0, 1, 0, 7, 0, 255, 255, 255, 255, 2, 0, 4, 0, 0xd2, 4, 0, 0, 4, 0, 5,
		0, 255, 255, 255, 255, 16, 0, 5, 0, 255, 255, 255, 255, 32, 0, 0, 0, 255, 255, 255, 255 };
	static unsigned char odd_acl[] = { 3, 0, 0, 0, 1, 0, 7, 0 }, cap[20] = { 1, 0, 0, 2, 0, 0x20 };
	static char binary[] = "nul\0 newline\n equals= ";
	VSS_AUTOFREE char *big = repeat("v", 65536), *name255 = vss_strf("user.%s", big + 65536 - 250);
	struct vss_member_xattr file[] = { { arc_word("security.capability"), cap, sizeof cap },
		{ arc_word("system.posix_acl_access"), acl, sizeof acl }, { arc_word("trusted.x"), arc_word(""), 0 },
		{ arc_word("user.bin"), binary, sizeof binary }, { arc_word("user.big"), big, 65536 },
		{ name255, binary, 3 }, { arc_word("user.a=b%c%3D%25\n"), binary, 1 } };
	struct vss_member_xattr dir[] = { { arc_word("system.posix_acl_access"), odd_acl, sizeof odd_acl },
		{ arc_word("system.posix_acl_default"), acl, sizeof acl } };
	struct sample s = { .n = 0 };
	struct vss_member *m;

	(void)state;
	m = add(&s, "d", S_IFDIR | 0755, NULL);
	m->xattrs = dir;
	m->nxattrs = 2;
	m = add(&s, "f", S_IFREG | 0644, "x");
	m->xattrs = file;
	m->nxattrs = 7;
	m = add(&s, "l", S_IFLNK | 0777, NULL);
	m->link = arc_word("f");
	m->xattrs = &file[2];
	m->nxattrs = 1;
	comes_back(&s);
}

static void
holes_come_back_where_they_were_and_fast(void **state)
{
	struct vss_member_extent middle[] = { { 4096, 512 }, { (1ULL << 40) - 4096, 512 } },
				 end[] = { { (16ULL << 40) - 512, 512 } };
	struct vss_member_extent begin[] = { { 0, 512 } }, whole[] = { { 0, 3 } };
	VSS_AUTOFREE char *one = repeat("a", 512), *two = repeat("ab", 512);
	struct sample s = { .n = 0 };
	struct vss_member *m;

	(void)state;
	const struct {
		const char *name, *data;
		struct vss_member_extent *x;
		size_t n;
		uint64_t size;
	} files[] = { { "all-hole", "", NULL, 0, 1ULL << 40 }, { "begin", one, begin, 1, 10ULL << 30 },
		{ "end", one, end, 1, 16ULL << 40 }, { "middle", two, middle, 2, 1ULL << 40 },
		{ "none", "", NULL, 0, 0 }, { "whole", "abc", whole, 1, 3 } };
	for (size_t i = 0; i < 6; i++) {
		m = add(&s, files[i].name, S_IFREG | 0644, files[i].data);
		m->sparse = true;
		m->extents = files[i].x;
		m->nextents = files[i].n;
		m->size = files[i].size;
	}
	comes_back(&s);
}

static void
a_file_of_many_pieces_comes_back(void **state)
{
	size_t n = 100000;
	struct vss_member_extent *x = vss_alloc(n * sizeof *x);
	VSS_AUTOFREE char *data = repeat("y", n * 512);
	struct sample s = { .n = 0 };
	struct vss_member *m = add(&s, "f", S_IFREG | 0644, data);

	(void)state;
	for (size_t i = 0; i < n; i++)
		x[i] = (struct vss_member_extent){ i * 8192, 512 };
	m->sparse = true;
	m->extents = x;
	m->nextents = n;
	m->size = n * 8192;
	comes_back(&s);
	free(x);
}

/* Bytes at odd places: a reader finds whole blocks of 512 there, and the same content. */
static void
odd_pieces_are_widened_and_keep_their_content(void **state)
{
	struct vss_member_extent odd[] = { { 1, 3 }, { 10, 2 }, { 600, 1 }, { 5000, 700 }, { 9998, 2 } };
	VSS_AUTOFREE char *data = repeat("0123456789", 71), *want = vss_alloc(10001);
	VSS_AUTOBUF struct vss_buf b = VSS_BUF_INIT;
	VSS_AUTOCLOSE int fd = arc_memory();
	struct vss_archive_writer *w = arc_begin(fd, 0);
	struct vss_member m = arc_plain("f", S_IFREG | 0644), got = { 0 };
	struct vss_archive_reader *r;
	struct vss_err err = VSS_ERR_INIT;
	size_t from = 0;

	(void)state;
	m.sparse = true;
	m.extents = odd;
	m.nextents = 5;
	m.size = 10000;
	for (size_t i = 0; i < 5; from += odd[i++].len)
		memcpy(want + odd[i].at, data + from, odd[i].len);
	arc_member(w, &m, data);
	arc_finish(w);
	r = arc_open(fd);
	assert_int_equal(vss_archive_next(r, &got, &err), 1);
	assert_ok(vss_archive_content(r, arc_gather, &b, &err), err);
	assert_int_equal(got.nextents, 3);
	assert_int_equal(got.extents[0].len, 1024);
	assert_int_equal(got.extents[1].at, 4608);
	assert_int_equal(got.extents[1].len, 1536);
	assert_int_equal(got.extents[2].at, 9728);
	assert_int_equal(got.extents[2].len, 272);
	assert_memory_equal(b.data, want, b.len);
	assert_int_equal(b.len, 10000);
	vss_member_clear(&got);
	vss_archive_reader_free(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_type_of_file_comes_back),
		cmocka_unit_test(names_of_any_bytes_and_length_come_back),
		cmocka_unit_test(directories_whose_names_just_fit_and_just_do_not_come_back),
		cmocka_unit_test(links_of_any_target_come_back),
		cmocka_unit_test(owners_of_any_number_and_name_come_back),
		cmocka_unit_test(times_come_back_to_the_nanosecond),
		cmocka_unit_test(attributes_acls_and_capabilities_come_back),
		cmocka_unit_test(holes_come_back_where_they_were_and_fast),
		cmocka_unit_test(a_file_of_many_pieces_comes_back),
		cmocka_unit_test(odd_pieces_are_widened_and_keep_their_content),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
