/* SPDX-License-Identifier: BSD-2-Clause */
#include "doc/xml_in_internal.h"

#include "base/mem.h"
#include "base/str.h"
#include "doc/doc.h"

#include <libxml/parserInternals.h>
#include <stdarg.h>
#include <string.h>

enum { NEST_MAX = 8, DEPTH_MAX = 256, NAMES_BYTES = 256 << 10, NO_KIND = -1 };

struct vss_xml_in {
	const struct vss_xml_grammar *grammar;
	void *value;
	xmlParserCtxtPtr parser;
	int nest[NEST_MAX]; /* the kinds of the elements that are open */
	int depth;
	unsigned skipped; /* elements open below an unknown one, itself included */
	bool escaped;	  /* the document says that it uses our escapes */
	struct vss_err err;
};

static bool
is(const xmlChar *a, const char *b)
{
	return a && strcmp((const char *)a, b) == 0;
}

void
vss_xml_refuse_at(struct vss_xml_in *in, const char *fmt, ...)
{
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;
	va_list ap;

	if (in->err.code != VSS_OK)
		return;
	va_start(ap, fmt);
	vss_buf_vfmt(&text, fmt, ap);
	va_end(ap);
	vss_fail(&in->err, VSS_E_INVALID_XML_DOCUMENT, 0, "line %d: %s", xmlSAX2GetLineNumber(in->parser), text.data);
}

void
vss_xml_refuse_version(struct vss_xml_element *e, const char *found, const char *known)
{
	if (e->in->err.code == VSS_OK)
		vss_fail(&e->in->err, VSS_UNSUPPORTED, 0, "format version %.20s; this program knows %s", found, known);
}

bool
vss_xml_is_ours(const struct vss_xml_element *e)
{
	return e->in->escaped;
}

/* Does the name of a kind (with or without our prefix) mean this name in this namespace?  VSS's own writers leave the
 * namespace out here and there (xmlns=""), so none is as good as the right one. */
static bool
means(const struct vss_xml_in *in, const char *kind, const xmlChar *name, const xmlChar *space)
{
	size_t prefix = strlen(XML_OURS_PREFIX);
	if (strncmp(kind, XML_OURS_PREFIX, prefix) == 0)
		return is(name, kind + prefix) && is(space, XML_OURS);
	return is(name, kind) && (!space || is(space, in->grammar->space));
}

static int
kind_of(const struct vss_xml_in *in, const xmlChar *name, const xmlChar *space)
{
	int parent = in->depth ? in->nest[in->depth - 1] : NO_KIND;

	for (int i = 0; i < in->grammar->n; i++)
		if (in->grammar->kinds[i].parent == parent && means(in, in->grammar->kinds[i].name, name, space))
			return i;
	return NO_KIND;
}

static void
open_root(struct vss_xml_element *e, int kind, const xmlChar *space)
{
	struct vss_xml_in *in = e->in;

	if (kind == NO_KIND) {
		VSS_AUTOFREE char *shown = vss_escaped(space ? (const char *)space : "");
		vss_xml_refuse_at(in, "not a %s document: its root is %.100s%s%.100s", in->grammar->what, e->name,
			space ? " in the namespace " : "", shown);
		return;
	}
	VSS_AUTOFREE char *escape = vss_xml_get(e, XML_OURS_PREFIX "escape");
	in->escaped = strcmp(in->grammar->space, XML_OURS) == 0 || (escape && strcmp(escape, XML_ESCAPE) == 0);
}

static void
enter(struct vss_xml_in *in, struct vss_xml_element *e, const xmlChar *space)
{
	int kind = in->skipped ? NO_KIND : kind_of(in, (const xmlChar *)e->name, space);

	if (!in->skipped && !in->depth)
		open_root(e, kind, space);
	/* The parser keeps a stack of names for what we pass over. */
	if (in->skipped == DEPTH_MAX)
		vss_xml_refuse_at(in, "more than %d elements within each other", DEPTH_MAX);
	if (kind == NO_KIND || in->depth == NEST_MAX) {
		in->skipped++;
		return;
	}
	in->nest[in->depth++] = kind;
	if (in->err.code == VSS_OK && in->grammar->kinds[kind].open)
		in->grammar->kinds[kind].open(e, in->value);
}

/* The parameters are libxml2's. */
static void
start_element(void *ctx, const xmlChar *name, const xmlChar *prefix, const xmlChar *space, int nspaces,
	const xmlChar **spaces, int nattrs, int ndefaulted, const xmlChar **attrs)
{
	struct vss_xml_in *in = ctx;
	struct vss_xml_element e = { in, (const char *)name, attrs, nattrs };
	(void)prefix, (void)nspaces, (void)spaces, (void)ndefaulted;

	if (in->err.code == VSS_OK)
		enter(in, &e, space);
	if (in->err.code != VSS_OK)
		xmlStopParser(in->parser); /* last: it may free what the attributes point into */
}

static void
end_element(void *ctx, const xmlChar *name, const xmlChar *prefix, const xmlChar *space)
{
	struct vss_xml_in *in = ctx;
	(void)name, (void)prefix, (void)space;

	if (in->skipped)
		in->skipped--;
	else
		in->depth--;
}

/* A document type may declare entities: nested ones that grow without bound, or ones that name files and addresses. */
static void
refuse_type(void *ctx, const xmlChar *name, const xmlChar *external, const xmlChar *system)
{
	(void)name, (void)external, (void)system;
	struct vss_xml_in *in = ctx;
	vss_xml_refuse_at(in, "has a document type declaration");
	xmlStopParser(in->parser);
}

static void
quiet(void *ctx, xmlErrorPtr error)
{
	(void)ctx, (void)error; /* asked for when the parser is done */
}

/* libxml2 knows UTF-16 by its mark or by "<?xml" only, and documents of VSS may have neither. */
static void
tell_encoding(xmlParserCtxtPtr parser, const unsigned char *data, size_t n)
{
	if (n >= 4 && data[0] == '<' && !data[1] && data[2] && !data[3])
		xmlSwitchEncoding(parser, XML_CHAR_ENCODING_UTF16LE);
	else if (n >= 4 && !data[0] && data[1] == '<' && !data[2] && data[3])
		xmlSwitchEncoding(parser, XML_CHAR_ENCODING_UTF16BE);
}

static int
outcome(const struct vss_xml_in *in, struct vss_err *err)
{
	if (in->err.code != VSS_OK) {
		*err = in->err;
		return vss_wrap(err, "%s document", in->grammar->what);
	}
	if (in->parser->wellFormed)
		return 0;
	if (xmlDictGetUsage(in->parser->dict) > NAMES_BYTES / 4) /* it grows fourfold, or, as here, not at all */
		return vss_fail(
			err, VSS_E_INVALID_XML_DOCUMENT, 0, "%s document: too many different names", in->grammar->what);
	const xmlError *e = xmlCtxtGetLastError(in->parser);
	const char *text = e && e->message ? e->message : "broken off";
	return vss_fail(err, VSS_E_CORRUPT_XML_DOCUMENT, 0, "%s document: line %d: %.*s", in->grammar->what,
		e ? e->line : 0, (int)strcspn(text, "\n"), text);
}

int
vss_xml_read(const void *data, size_t n, const struct vss_xml_grammar *g, void *value, struct vss_err *err)
{
	static const xmlSAXHandler handler = {
		.initialized = XML_SAX2_MAGIC,
		.internalSubset = refuse_type,
		.startElementNs = start_element,
		.endElementNs = end_element,
		.serror = quiet,
	};
	struct vss_xml_in in = { .grammar = g, .value = value, .err = VSS_ERR_INIT };

	if (n > VSS_DOC_LIMIT)
		return vss_fail(err, VSS_E_INVALID_XML_DOCUMENT, 0, "%s document: longer than %u bytes", g->what,
			VSS_DOC_LIMIT);
	if (n == 0)
		return vss_fail(err, VSS_E_CORRUPT_XML_DOCUMENT, 0, "%s document: empty", g->what);
	in.parser = xmlCreateMemoryParserCtxt(data, (int)n);
	if (!in.parser)
		return vss_fail(err, VSS_E_UNEXPECTED, 0, "%s document: no parser", g->what);
	/* NOENT: without it "&amp;" in an attribute arrives as "&#38;"; there are no other entities.  HUGE: without it
	 * nothing beyond 10 MB is read; what it allows is bounded by the length of the document, and no tree is built.
	 */
	xmlCtxtUseOptions(in.parser,
		XML_PARSE_NOENT | XML_PARSE_HUGE | XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
	/* All names of a document, which are a few hundred bytes: the parser compares each attribute of an element with
	 * each, and 200000 of them would hold it up for minutes. */
	xmlDictSetLimit(in.parser->dict, NAMES_BYTES);
	*in.parser->sax = handler;
	in.parser->userData = &in;
	tell_encoding(in.parser, data, n);
	xmlParseDocument(in.parser);
	int rc = outcome(&in, err);
	xmlFreeParserCtxt(in.parser);
	return rc;
}
