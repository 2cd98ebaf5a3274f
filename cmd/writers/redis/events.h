/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_WRITER_REDIS_EVENTS_H
#define VSS_WRITER_REDIS_EVENTS_H

#include "config.h"
#include "quiet.h"

#include "base/str.h"
#include "sdk/vss-writer.h"

/** The writer between two events. */
struct redis_writer {
	const char *config_path;
	struct config config;
	struct instance *found; /* as identify last saw them, one for each instance of the configuration */
	size_t nfound;
	struct quiet **taken; /* the components of the backup under way */
	size_t ntaken, ctaken;
	struct vss_strv stopped; /* services that a restore has stopped */
};
#define REDIS_WRITER_ID "b9c6c0f3-2a5e-4d0b-8f7a-5e1d9a3c4b26"
#define REDIS_WRITER_NAME "Redis Writer"
#define REDIS_NONRETRYABLE "VSS_E_WRITERERROR_NONRETRYABLE"
#define REDIS_RETRYABLE "VSS_E_WRITERERROR_RETRYABLE"

extern const struct vss_sdk_ops redis_writer_ops;
void redis_writer_clear(struct redis_writer *s);

/**
 * Which instance an argument line `component TYPE LOGICAL-PATH NAME` means: NULL for a line of another
 * kind.
 */
const char *redis_component(const struct vss_sdk *w, size_t line);
/** `component-failure` for this instance. */
void redis_component_failed(struct vss_sdk *w, const char *instance, const char *text);

/** In restore.c. */
int redis_pre_restore(struct vss_sdk *w, void *self);
int redis_post_restore(struct vss_sdk *w, void *self);

#endif
