/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_BASE_TIME_H
#define VSS_BASE_TIME_H

#include <stdint.h>

#define VSS_MS 1000000LL	/* in ns */
#define VSS_S 1000000000LL	/* in ns */

int64_t vss_now_mono(void); /* CLOCK_MONOTONIC, ns */
int64_t vss_now_boot(void); /* CLOCK_BOOTTIME, ns */
int64_t vss_now_wall(void); /* CLOCK_REALTIME, ns since 1970 */
/** RFC 3339 in UTC with milliseconds: 2026-01-31T12:00:00.123Z.  `out` of 40 bytes. */
void vss_time_rfc3339(int64_t wall_ns, char out[40]);
int vss_time_parse_rfc3339(const char *s, int64_t *wall_ns);
/** Local date and time as people read it: 2026-01-31 12:00:00 */
void vss_time_local(int64_t wall_ns, char out[40]);
/** Milliseconds from now until the monotonic `deadline`, for poll(2): 0 when past, -1 when deadline is INT64_MAX, rounded up. */
int vss_time_poll_ms(int64_t deadline);

#endif
