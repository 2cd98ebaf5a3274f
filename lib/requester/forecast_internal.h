/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_REQUESTER_FORECAST_INTERNAL_H
#define VSS_REQUESTER_FORECAST_INTERNAL_H

#include "requester/forecast.h"
#include "requester/plan.h"

/** Paths, writers and components of the plan; the volumes are there, in the plan's order. */
void vss_forecast_describe(struct vss_forecast *f, const struct vss_plan *p);
/** From what earlier sets took. */
void vss_forecast_freeze(struct vss_forecast *f);
/** How much would go where, behind the counting. `archive_dir` NULL: a stream; `storage` NULL: there is none. */
void vss_forecast_room(struct vss_forecast *f, const char *archive_dir, const char *storage);
/**
 * Count what a backup would take, on the copies of `set`, or with NULL on the volumes themselves.  Ends early after
 * VSS_FORECAST_COUNT_S seconds; what cannot be read is passed over.
 */
#define VSS_FORECAST_COUNT_S 60
struct vss_forecast_counting {
	const struct vss_set *set;
	vss_request_progress *progress;
	void *ctx;
};
int vss_forecast_count(
	struct vss_forecast *f, struct vss_plan *p, const struct vss_forecast_counting *how, struct vss_err *err);

#endif
