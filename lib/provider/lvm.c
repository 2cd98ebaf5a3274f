/* SPDX-License-Identifier: BSD-2-Clause */
#include "provider/builtin_internal.h"
#include "provider/lvm_internal.h"
#include "provider/store_internal.h"

/* btrfs on a logical volume is the btrfs provider's: it makes one instant of many subvolumes, and LVM of none. */
static int
bid(const struct vss_provider_ops *self, const struct vss_volume *v)
{
	(void)self;
	if (vss_in_trial() || v->pseudo || v->network || v->read_only || !vss_lvm_is_place(v->id) ||
		!vss_lvm_can_mount(v->fstype))
		return 0;
	return vss_lvm_is_installed() ? 50 : 0;
}

/*
 * Where it is refused, lvm would fail for as long as the hold lasts, and leave half a copy.  Where it is not, a copy that was held
 * needs no replay of its journal.
 */
static enum vss_provider_hold
hold(const struct vss_provider_set *ps, const struct vss_provider_volume *v)
{
	(void)ps;
	(void)v;
	return vss_lvm_takes_frozen() ? VSS_PROVIDER_HOLD_WANTS : VSS_PROVIDER_HOLD_NEVER;
}

/* lvm makes one copy after the other: they are one instant when nobody writes meanwhile. */
static enum vss_instant
promise(const struct vss_provider_set *ps)
{
	bool all = true;

	for (size_t i = 0; i < ps->n; i++)
		all = all && ps->v[i].to_hold;
	return ps->n == 1 || all || ps->cgroups ? VSS_INSTANT_ONE : VSS_INSTANT_MANY;
}

const struct vss_provider_ops vss_provider_lvm = {
	.name = "lvm",
	.title = "vss-tools LVM provider",
	.id = "9b0d5f1e-63c4-4f0b-8d5e-2f7c1a4be803",
	.version = "1.0",
	.type = VSS_PROV_SOFTWARE,
	.atomic_set = true,
	.differential = true,
	.writable = true,
	.keeps_identity = true,
	.self_made = true,
	.grace_ms = 60 * 1000, /* a command of lvm's is never cut short */
	.bid = bid,
	.hold = hold,
	.promise = promise,
	.check = vss_lvm_check,
	.begin_prepare = vss_lvm_begin_prepare,
	.commit = vss_lvm_commit,
	.post_final_commit = vss_lvm_post_final_commit,
	.abort = vss_lvm_abort,
	.done = vss_lvm_done,
	.places_of = vss_lvm_places_of,
	.places = vss_lvm_places,
	.carry = vss_lvm_carry,
	.surface = vss_lvm_surface,
	.unsurface = vss_lvm_unsurface,
	.expose = vss_expose_mount,
	.unexpose = vss_expose_unmount,
	.remove = vss_lvm_remove,
	.tidy = vss_lvm_tidy,
	.exists = vss_lvm_exists,
	.reap = vss_lvm_reap,
	.place_of = vss_lvm_place_of,
	.use = vss_lvm_use,
	.revert = vss_lvm_revert,
	.detach = vss_lvm_detach,
};
