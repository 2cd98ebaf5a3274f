/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_FRONT_REPORT_H
#define VSS_FRONT_REPORT_H

#include "model/set.h"

/**
 * Lines of text about a set, shared by the reports of create-shadow and backup; each is indented by `indent`
 * blanks.
 */
void vss_front_report_grade(const struct vss_set *set, int indent); /* grade, instant, time frozen */
void vss_front_report_writers(const struct vss_set *set, int indent);
void vss_front_report_ledger(const struct vss_set *set, int indent);
const char *vss_front_instant_text(enum vss_instant i); /* "one instant" ... */

#endif
