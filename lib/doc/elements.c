/* SPDX-License-Identifier: BSD-2-Clause */
#include "doc/elements.h"

#include "base/mem.h"

#include <libxml/parser.h>
#include <libxml/tree.h>
#include <string.h>

enum { DOCUMENT_MAX = 16 << 20 };

static const xmlNode *
node_of(const struct vss_element *e)
{
	return (const xmlNode *)e;
}

struct vss_elements *
vss_elements_read(const char *text, size_t n, const char *root, struct vss_err *err)
{
	const int quiet = XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING;
	xmlDoc *doc = n > 0 && n <= DOCUMENT_MAX ? xmlReadMemory(text, (int)n, NULL, NULL, quiet) : NULL;
	const xmlNode *top = doc ? xmlDocGetRootElement(doc) : NULL;

	if (top && !xmlGetIntSubset(doc) && !top->ns && strcmp((const char *)top->name, root) == 0)
		return (struct vss_elements *)doc;
	xmlFreeDoc(doc);
	vss_fail(err, VSS_INVALID, 0, "not an XML document of the kind %s", root);
	return NULL;
}

void
vss_elements_free(struct vss_elements *d)
{
	xmlFreeDoc((xmlDoc *)d);
}

const struct vss_element *
vss_elements_root(const struct vss_elements *d)
{
	return (const struct vss_element *)xmlDocGetRootElement((const xmlDoc *)d);
}

const struct vss_element *
vss_element_child(const struct vss_element *parent, const char *name, const struct vss_element *after)
{
	const xmlNode *n = after ? node_of(after)->next : parent ? node_of(parent)->children : NULL;

	while (n && (n->type != XML_ELEMENT_NODE || n->ns || strcmp((const char *)n->name, name) != 0))
		n = n->next;
	return (const struct vss_element *)n;
}

/* Out of libxml's memory. */
static char *
own(xmlChar *value)
{
	char *copy = vss_strdup((const char *)value);

	xmlFree(value);
	return copy;
}

char *
vss_element_attribute(const struct vss_element *e, const char *name)
{
	return e ? own(xmlGetNoNsProp(node_of(e), (const xmlChar *)name)) : NULL;
}

char *
vss_element_text(const struct vss_element *e)
{
	return e ? own(xmlNodeGetContent(node_of(e))) : NULL;
}
