/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_DOC_XML_IN_INTERNAL_H
#define VSS_DOC_XML_IN_INTERNAL_H

#include "doc/xml_internal.h"

#include <libxml/parser.h>

/** One start tag as the parser gives it: five pointers for each attribute (name, prefix, namespace, value, end of
 * value). */
struct vss_xml_element {
	struct vss_xml_in *in;
	const char *name;
	const xmlChar **attrs;
	int nattrs;
};

/** The document is invalid for this reason, here; the first one is kept.  The parser stops when the element has been
 * dealt with. */
void vss_xml_refuse_at(struct vss_xml_in *in, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
