/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_DOC_MANIFEST_H
#define VSS_DOC_MANIFEST_H

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "base/uuid.h"

#include <stddef.h>

/**
 * Manifest.xml of a metadata file (vss-metadata(5)): which set, which aliases, which member has which document.  Written as
 * the other documents are; read as Windows writes it, too: UTF-16LE without a mark, blanks of writers' names as `%s`.  All
 * strings are owned; NULL means absent.
 */
#define VSS_MANIFEST_ITEMS_MAX 4096 /* shadow copies, aliases, writers: of each */

struct vss_manifest {
	struct vss_uuid set_id;
	char *machine;
	struct vss_manifest_shadow {
		struct vss_uuid id, provider; /* provider: nil when it is not known; Windows says so of its default */
		char *alias, *volume;
	} * shadows;
	size_t nshadows, cshadows;
	/* Members; of what another program wrote without its directories. */
	char *components, *set;			   /* set: our set document */
	char *transport;			   /* a file beside the metadata file: what an import reads */
	struct vss_strv alias_names, alias_values; /* side by side */
	struct vss_manifest_writer {
		char *name, *member;
	} * writers;
	size_t nwriters, cwriters;
};

struct vss_manifest *vss_manifest_new(void);
void vss_manifest_free(struct vss_manifest *m); /* NULL is fine */
struct vss_manifest_shadow *vss_manifest_add_shadow(struct vss_manifest *m, const struct vss_uuid *id);
/** Copied. */
void vss_manifest_add_writer(struct vss_manifest *m, const char *name, const char *member);

/* As doc/doc.h: byte-stable and valid under manifest.rng; what can go wrong in either direction stands there. */
int vss_doc_write_manifest(const struct vss_manifest *m, struct vss_buf *out, struct vss_err *err);
struct vss_manifest *vss_doc_read_manifest(const void *data, size_t n, struct vss_err *err);

#endif
