/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_WRITER_LIBVIRT_GUEST_H
#define VSS_WRITER_LIBVIRT_GUEST_H

#include "config.h"

#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>

/** A domain of the connection, from its XML. */
struct guest {
	char *name, *uuid;
	char *xml;	       /* the definition that it is started from */
	struct vss_strv files; /* images, what they are based on, firmware variables: absolute paths */
	char *other;	       /* a disk that is no file of this machine, for a message; or NULL */
	char *loose;	       /* an image whose caches do not reach the file by a flush (cache=unsafe); or NULL */
	bool active;	       /* it runs, or is paused: its files may change */
};
struct guests {
	struct guest *v;
	size_t n, cap;
};

/** Ask libvirt for all guests that are not ignored, sorted by name.  -1: it cannot be asked. */
int guests_list(const struct config *c, struct guests *out, struct vss_err *err);
void guests_clear(struct guests *g);
/** Which of them are active now, by their UUIDs: *uuids is filled. */
int guests_active(const struct config *c, struct vss_strv *uuids, struct vss_err *err);

/** Fill in a guest from XML: of the running domain, or of the definition. */
int guest_parse(const char *xml, size_t n, struct guest *out, struct vss_err *err);
void guest_clear(struct guest *g);
/**
 * What a qcow2 image says that it is based on, and that in turn when it says that it is qcow2, too:
 * added to `out`.  As qemu does, the content of an image decides nothing where its kind is not said.
 */
int image_add_backing(const char *path, struct vss_strv *out, struct vss_err *err);

#endif
