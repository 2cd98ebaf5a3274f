/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_DOC_ELEMENTS_H
#define VSS_DOC_ELEMENTS_H

#include "base/err.h"

#include <stddef.h>

/**
 * To look something up in a small XML document that is none of ours, like the definition of a guest of libvirt.  Elements and
 * attributes are those of no namespace; what has one is passed over.  A document with a type declaration is refused,
 * so there are no entities but those of XML itself, and nothing is fetched.
 */
struct vss_elements;
struct vss_element; /* lives as long as its document */

/** NULL: VSS_INVALID, not such a document, or its root is not called `root`. */
struct vss_elements *vss_elements_read(const char *text, size_t n, const char *root, struct vss_err *err);
void vss_elements_free(struct vss_elements *d); /* NULL is fine */
const struct vss_element *vss_elements_root(const struct vss_elements *d);
/** The first child of this name behind `after` (NULL: from the beginning); NULL: there is none.  Of no element there are none. */
const struct vss_element *vss_element_child(
	const struct vss_element *parent, const char *name, const struct vss_element *after);
/** Copies, to be freed; NULL when absent, or of no element. */
char *vss_element_attribute(const struct vss_element *e, const char *name);
char *vss_element_text(const struct vss_element *e);

#endif
