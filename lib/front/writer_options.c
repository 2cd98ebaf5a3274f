/* SPDX-License-Identifier: BSD-2-Clause */
#include "front/writer_options.h"

int
vss_front_writers_check(const struct vss_front_writers *f, bool no_writers, struct vss_err *err)
{
	if (no_writers && f->names.n)
		return vss_fail(err, VSS_USAGE, 0, "--writer and --no-writers exclude each other");
	for (size_t i = 0; i < f->names.n; i++)
		if (vss_strv_has(&f->exclude, f->names.v[i]))
			return vss_fail(err, VSS_USAGE, 0, "writer '%s' is both wanted and excluded", f->names.v[i]);
	return 0;
}

int
vss_front_grade_by_word(const char *word)
{
	int grade = vss_grade_by_word(word);
	return grade == VSS_GRADE_NONE ? -1 : grade;
}

int
vss_front_writers_wait(const struct vss_front_writers *f)
{
	const int most = INT_MAX / 1000; /* it is counted in ms further on */
	return f->wait_s > (uint64_t)most ? most : (int)f->wait_s;
}

void
vss_front_writers_free(struct vss_front_writers *f)
{
	vss_strv_free(&f->names);
	vss_strv_free(&f->exclude);
}
