/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_FRONT_FORECAST_H
#define VSS_FRONT_FORECAST_H

#include "base/err.h"
#include "requester/forecast.h"

/** What --dry-run of create-shadow and backup prints: text, or one object of JSON (backup(8)). */
void vss_front_forecast(const struct vss_forecast *f);
void vss_front_forecast_json(const struct vss_forecast *f, const struct vss_err *err);

#endif
