/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_TESTS_DOC_SCHEMA_H
#define VSS_TESTS_DOC_SCHEMA_H

#include "base/buf.h"
#include "lib/cm.h"

#include <libxml/relaxng.h>

/* Fails the test unless `doc` is valid under lib/doc/<schema>. */
static inline void
assert_valid(const struct vss_buf *doc, const char *schema)
{
	char path[4096];
	snprintf(path, sizeof path, "%s/lib/doc/%s", VSS_SOURCE_DIR, schema);
	xmlRelaxNGParserCtxtPtr parser = xmlRelaxNGNewParserCtxt(path);
	xmlRelaxNGPtr rng = xmlRelaxNGParse(parser);
	assert_non_null(rng);
	xmlRelaxNGValidCtxtPtr valid = xmlRelaxNGNewValidCtxt(rng);
	xmlDocPtr tree = xmlReadMemory(doc->data, (int)doc->len, NULL, NULL, XML_PARSE_NONET);
	assert_non_null(tree);
	if (xmlRelaxNGValidateDoc(valid, tree) != 0)
		fail_msg("not valid under %s:\n%s", schema, doc->data);
	xmlFreeDoc(tree);
	xmlRelaxNGFreeValidCtxt(valid);
	xmlRelaxNGFree(rng);
	xmlRelaxNGFreeParserCtxt(parser);
}

/* A byte string of every kind of trouble: markup, white space, controls, bytes that are no UTF-8, what looks like an
 * escape. */
#define TROUBLE                                                                                                        \
	"<&>\"' \t\n\r \x01\x1f\x7f \xff\xfe \xc3\xa4 \xc3 \xed\xa0\x80 \xef\xbf\xbf \xf0\x9f\x98\x80 \\ \\x41 &amp; " \
	"]]> "

#endif
