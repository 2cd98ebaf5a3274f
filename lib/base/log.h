/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_BASE_LOG_H
#define VSS_BASE_LOG_H

#include <stdbool.h>

/**
 * Messages for people, from anywhere in the library.  The library never prints: cli sets the sink.  Without a sink messages
 * are dropped.  While a set is being held the session calls vss_log_hold(): messages then wait in memory (bounded, the oldest
 * are kept and the loss is counted) until vss_log_release().  Safe from any thread; lines never mix.  A sink must not log.
 */
enum vss_log_level { VSS_LOG_ERROR, VSS_LOG_WARN, VSS_LOG_INFO, VSS_LOG_DEBUG };

typedef void vss_log_sink(void *ctx, enum vss_log_level level, const char *text);

void vss_log_set_sink(vss_log_sink *sink, void *ctx);
void vss_log(enum vss_log_level level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void vss_log_hold(void);
void vss_log_release(void);
/** Drop messages while it is on: for a look at things that nobody asked for (completion on a terminal). */
void vss_log_mute(bool on);

/** A part of what was asked for failed (status 3): said also when told to be quiet. */
#define vss_complain(...) vss_log(VSS_LOG_ERROR, __VA_ARGS__)
#define vss_warn(...) vss_log(VSS_LOG_WARN, __VA_ARGS__)
#define vss_info(...) vss_log(VSS_LOG_INFO, __VA_ARGS__)
#define vss_debug(...) vss_log(VSS_LOG_DEBUG, __VA_ARGS__)

#endif
