/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_WRITER_CONTAINERS_WRITER_H
#define VSS_WRITER_CONTAINERS_WRITER_H

#include "config.h"
#include "container.h"

#include "os/undo.h"
#include "sdk/vss-writer.h"

/** The writer between two events. */
struct containers_writer {
	const char *config_path;
	struct config config;
	struct containers containers; /* as identify last found them; left alone while a backup is under way */
	bool under_way;
	struct vss_undo undo;	 /* open from freeze to thaw */
	struct vss_strv stopped; /* before a restore, by us: IDs */
};
#define CONTAINERS_WRITER_ID "c1f4b2a6-6a0b-4d0e-9f57-2b7f0f5d8e31"
#define CONTAINERS_WRITER_NAME "Containers Writer"

extern const struct vss_sdk_ops containers_writer_ops;
void containers_writer_clear(struct containers_writer *s);

/** The container that an argument line `component TYPE LOGICAL-PATH NAME` means; NULL: none that we know. */
struct container *containers_named(struct containers_writer *s, const struct vss_sdk *w, size_t line);

/* restore.c */
int containers_pre_restore(struct vss_sdk *w, void *self);
int containers_post_restore(struct vss_sdk *w, void *self);

#endif
