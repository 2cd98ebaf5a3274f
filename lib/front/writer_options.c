/* SPDX-License-Identifier: BSD-2-Clause */
#include "front/writer_options.h"

#include "base/mem.h"
#include "base/num.h"

#include <string.h>

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

/* "20%" */
static int
percent_by_word(const char *word, unsigned *out)
{
	VSS_AUTOFREE char *digits = vss_strndup(word, strlen(word) - 1);
	uint64_t n;

	if (vss_parse_u64(digits, &n) || n == 0 || n > 1000)
		return -1;
	*out = (unsigned)n;
	return 0;
}

int
vss_front_storage_size(const struct vss_front_writers *f, uint64_t *bytes, unsigned *percent, struct vss_err *err)
{
	const char *word = f->storage_size;

	*bytes = *percent = 0;
	if (!word)
		return 0;
	if (vss_str_ends(word, "%") ? percent_by_word(word, percent) == 0 : vss_parse_size(word, bytes) == 0 && *bytes)
		return 0;
	return vss_fail(err, VSS_USAGE, 0, "--storage-size: '%s' is no size (500M, 2G) and no share (20%%)", word);
}

void
vss_front_writers_free(struct vss_front_writers *f)
{
	vss_strv_free(&f->names);
	vss_strv_free(&f->exclude);
	vss_strv_free(&f->cgroups);
}
