/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_PROVIDER_FAKE_INTERNAL_H
#define VSS_PROVIDER_FAKE_INTERNAL_H

#include "base/err.h"
#include "model/grade.h"
#include "provider/provider.h"

#include <stdbool.h>

/**
 * Faults on demand: $VSS_FAKE_FAULTS holds words KEY=VALUE, separated by commas (ignored when set-uid).
 *
 *	PHASE=fail[:CODE]    the phase fails with the VSS code of that name (VSS_E_PROVIDER_VETO)
 *	PHASE=stall[:FIFO]   the phase stands still like a stuck system call, which no request to cancel can reach, until
 *	                     somebody opens FIFO for writing (without FIFO: until the process ends), then goes on
 *	instant=one|many|fuzzy   what the volumes of a set are together, promised and delivered (one)
 *	hold=may|wants[:MOUNT]   all volumes, or the one at MOUNT, may be held over the commits; are fuzzy when not held
 *	commit=unequal       no common instant is had: the set is MANY, and fails when it was promised to be ONE
 *	commit=fuzzy         the copies turn out FUZZY, which fails a set that was promised to be more
 *
 * PHASE is check, begin_prepare, pre_commit, commit, post_commit, post_final_commit, surface,
 * expose, remove, revert or detach.  For dying at a point, or standing still there, see base/stop.h; the points are
 * provider.fake.*.
 */
int vss_fake_fault(const char *phase, struct vss_err *err);
/** Is the word KEY=VALUE there? */
bool vss_fake_asked(const char *key, const char *value);
enum vss_instant vss_fake_instant(void);

/* fake_hold.c: what `hold` and `instant` come to. */
enum vss_provider_hold vss_fake_hold(const struct vss_provider_set *ps, const struct vss_provider_volume *v);
enum vss_instant vss_fake_promise(const struct vss_provider_set *ps);
bool vss_fake_is_fuzzy(const struct vss_provider_set *ps, const struct vss_provider_volume *v);

#endif
