/* SPDX-License-Identifier: BSD-2-Clause */
/* Ranges and restore options of any bytes: what is read of ranges holds what the header says, in normal form too. */
#include "model/ranges.h"
#include "model/restore_options.h"

#include "base/mem.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t n);

static void
require(int holds)
{
	if (!holds)
		abort();
}

static int
count(void *ctx, uint64_t from, uint64_t to, uint64_t len, struct vss_err *err)
{
	(void)err;
	require(from == to && len > 0);
	*(uint64_t *)ctx += len;
	return 0;
}

static void
look_at(struct vss_ranges *r)
{
	struct vss_err err = VSS_ERR_INIT;
	uint64_t total = vss_ranges_total(r), mapped = 0;

	require(r->n <= VSS_RANGES_MAX);
	for (size_t i = 0; i < r->n; i++)
		require(r->v[i].len > 0 && r->v[i].at <= (uint64_t)INT64_MAX - r->v[i].len);
	require(vss_ranges_map(r, r, count, &mapped, &err) == (total == UINT64_MAX ? -1 : 0));
	require(total == UINT64_MAX || mapped == total);
	vss_ranges_normalise(r);
	require(vss_ranges_total(r) <= total);
	for (size_t i = 1; i < r->n; i++)
		require(r->v[i - 1].at + r->v[i - 1].len < r->v[i].at);
	vss_ranges_clear(r);
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t n)
{
	VSS_AUTOFREE char *text = vss_strndup((const char *)data, n);
	struct vss_err err = VSS_ERR_INIT;
	struct vss_restore_options options;
	struct vss_ranges r;

	if (vss_ranges_parse(text, &r, &err) == 0)
		look_at(&r);
	if (vss_ranges_read(data, n, &r, &err) == 0)
		look_at(&r);
	if (vss_restore_options_parse(text, &options, &err) == 0)
		vss_restore_options_clear(&options);
	return 0;
}
