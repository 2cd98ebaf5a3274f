/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/box.h"

#include "freeze/page.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* A cgroup of our own, or NULL where there is no cgroup v2 that we may write to; the caller frees it. */
static char *
make_cgroup(void)
{
	static const char *const tops[] = { "/sys/fs/cgroup", "/sys/fs/cgroup/unified" };

	for (size_t i = 0; i < sizeof tops / sizeof *tops; i++) {
		char *path = vss_strf("%s/vss-test-%d", tops[i], getpid());
		VSS_AUTOFREE char *freeze = vss_strf("%s/cgroup.freeze", path);
		if (mkdir(path, 0755) == 0 && access(freeze, W_OK) == 0)
			return path;
		rmdir(path);
		free(path);
	}
	return NULL;
}

static void
a_cgroup_that_was_removed_meanwhile_is_not_held_any_more(void **state)
{
	static struct vss_hold_page p;
	VSS_AUTOFREE char *path = make_cgroup();
	VSS_AUTOFREE char *freeze = path ? vss_strf("%s/cgroup.freeze", path) : NULL;

	(void)state;
	if (!path)
		skip();
	p.ncgroups = 1;
	p.cgroups[0].before = '0';
	p.cgroups[0].freeze = open(freeze, O_RDWR | O_CLOEXEC);
	int removed = rmdir(path);
	assert_int_equal(removed, 0);
	atomic_store(&p.cgroups[0].set, true);
	vss_hold_restore(&p);
	assert_false(vss_hold_touched(&p));
	close(p.cgroups[0].freeze);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_cgroup_that_was_removed_meanwhile_is_not_held_any_more),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
