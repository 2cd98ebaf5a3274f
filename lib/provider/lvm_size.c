/* SPDX-License-Identifier: BSD-2-Clause */
#include "provider/lvm_internal.h"

/*
 * A thick copy keeps what the origin loses: twenty parts of a hundred are enough for a backup and for most days, and
 * all of the origin, with the tables, for ever.  Defaults leave a fifth of what is free to others.
 */

#define MIB (1024ull * 1024)
#define DEFAULT_PERCENT 20
#define LEAST_PERCENT 5
#define DEFAULT_LEAST (256 * MIB)
#define LEAST (32 * MIB)
#define DEFAULT_ROOM_PERCENT 80

static uint64_t
rounded_up(uint64_t bytes, uint64_t extent)
{
	return (bytes + extent - 1) / extent * extent;
}

static uint64_t
percent_of(uint64_t bytes, unsigned percent)
{
	return bytes / 100 * percent + bytes % 100 * percent / 100;
}

/* More than this is never needed: every chunk changed, 16 bytes for each of 4 KiB, and the header. */
static uint64_t
cover(uint64_t origin, uint64_t extent)
{
	return rounded_up(origin + origin / 128 + 64 * 1024, extent);
}

/* `percent` of the origin, at least `least`, in whole extents; never more than what covers it. */
static uint64_t
part(uint64_t origin, unsigned percent, uint64_t least, uint64_t extent)
{
	uint64_t bytes = rounded_up(percent_of(origin, percent), extent);

	if (bytes < rounded_up(least, extent))
		bytes = rounded_up(least, extent);
	return bytes < cover(origin, extent) ? bytes : cover(origin, extent);
}

/* As it was wished: no less and, beyond what covers the origin, no more. */
static uint64_t
wished(const struct vss_lvm_wish *wish, uint64_t origin, uint64_t extent)
{
	uint64_t bytes = wish->bytes ? wish->bytes : percent_of(origin, wish->percent);

	if (bytes >= cover(origin, extent))
		return cover(origin, extent);
	return bytes ? rounded_up(bytes, extent) : extent;
}

static uint64_t
sum_of(const struct vss_lvm_share *v, size_t n)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += v[i].size;
	return sum;
}

/* Each gets its part of the room, by what it would have got; none below what makes sense. */
static void
share_room(struct vss_lvm_share *v, size_t n, uint64_t room, uint64_t extent)
{
	double factor = (double)room / (double)sum_of(v, n);

	for (size_t i = 0; i < n; i++) {
		uint64_t least = part(v[i].origin, LEAST_PERCENT, LEAST, extent);
		uint64_t fair = (uint64_t)((double)v[i].size * factor) / extent * extent;
		v[i].size = fair > least ? fair : least;
	}
}

int
vss_lvm_share_out(struct vss_lvm_share *v, size_t n, const struct vss_lvm_wish *wish, const struct vss_lvm_lv *group,
	uint64_t *need)
{
	uint64_t extent = group->vg_extent ? group->vg_extent : 4 * MIB;
	uint64_t room = percent_of(group->vg_free, DEFAULT_ROOM_PERCENT);
	bool said = wish->bytes || wish->percent;

	for (size_t i = 0; i < n; i++)
		v[i].size = said ? wished(wish, v[i].origin, extent)
				 : part(v[i].origin, DEFAULT_PERCENT, DEFAULT_LEAST, extent);
	if (!said && sum_of(v, n) > room)
		share_room(v, n, room, extent);
	*need = sum_of(v, n);
	return *need <= group->vg_free ? 0 : -1;
}
