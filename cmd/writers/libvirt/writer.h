/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_WRITER_LIBVIRT_WRITER_H
#define VSS_WRITER_LIBVIRT_WRITER_H

#include "config.h"
#include "guest.h"
#include "keeper.h"

#include "sdk/vss-writer.h"

#define LIBVIRT_WRITER_ID "b2c94d1e-7a06-4f38-9d53-0e8f6a1c72b5"
#define LIBVIRT_WRITER_NAME "Libvirt Guests Writer"

/** The writer between two events. */
struct libvirt_writer {
	const char *config_path;
	struct config config;
	struct guests guests; /* as identify last said them; kept while `taken` points into them */
	const struct guest **taken;
	size_t ntaken, ctaken;
	bool one_instant;	/* all volumes of the set are */
	struct targets targets; /* the active ones of those taken, from freeze on */
	struct keeper keeper;
	struct vss_buf stamp; /* of the images that must not change */
	bool log_hold;	      /* changes to images of frozen guests do not matter */
};

extern const struct vss_sdk_ops libvirt_writer_ops;
void libvirt_writer_clear(struct libvirt_writer *o);

int libvirt_identify(struct vss_sdk *w, void *self);
/** The name of a guest's component: its own, or its UUID where that cannot be one. */
const char *libvirt_component(const struct guest *g);
/** The guest that an argument line `component TYPE LOGICAL-PATH NAME` means; NULL: none that is known. */
const struct guest *libvirt_named_guest(const struct libvirt_writer *o, const struct vss_sdk *w, size_t line);

#endif
