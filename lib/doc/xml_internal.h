/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_DOC_XML_INTERNAL_H
#define VSS_DOC_XML_INTERNAL_H

#include "base/buf.h"
#include "base/err.h"
#include "base/uuid.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * What the three documents share: writing elements and attributes into a buffer, and reading them as a stream of
 * elements. Everything is in attributes; there is no character data.
 */
#define XML_OURS "urn:x-vss-tools:documents:1" /* our additions to VSS's documents, and the set document */
#define XML_OURS_PREFIX "vss:"
#define XML_ESCAPE "xHH" /* value of the root's `vss:escape`: bytes that XML cannot hold are written \xHH */

/* --- writing (xml_out.c) --- */

/** A document in the making.  The first fault is kept and told by vss_xml_finish(); what is written after it is of no
 * use. */
struct vss_xml_out {
	struct vss_buf *buf;
	unsigned depth;
	bool open; /* the last start tag may still take attributes */
	struct vss_err err;
};

/** Start a document in `buf`, which is emptied. */
void vss_xml_begin(struct vss_xml_out *x, struct vss_buf *buf);
/** 0 or -1: a required value was missing, or the whole is too long to be read again (VSS_INVALID). */
int vss_xml_finish(struct vss_xml_out *x, struct vss_err *err);

void vss_xml_start(struct vss_xml_out *x, const char *name);
void vss_xml_end(struct vss_xml_out *x, const char *name);
/** Attributes of the element just started.  A NULL text, a nil UUID and a NULL or empty blob are left out. */
void vss_xml_plain(
	struct vss_xml_out *x, const char *name, const char *value); /* value needs no escape: names, numbers */
void vss_xml_text(struct vss_xml_out *x, const char *name, const char *value);
void vss_xml_text_required(struct vss_xml_out *x, const char *name, const char *value);
void vss_xml_blob(struct vss_xml_out *x, const char *name, const char *value); /* base64 */
void vss_xml_uuid(struct vss_xml_out *x, const char *name, const struct vss_uuid *u);
void vss_xml_uuid_required(struct vss_xml_out *x, const char *name, const struct vss_uuid *u);
void vss_xml_u64(struct vss_xml_out *x, const char *name, uint64_t v);
void vss_xml_i64(struct vss_xml_out *x, const char *name, int64_t v);
void vss_xml_bool(struct vss_xml_out *x, const char *name, bool v);		/* "yes", "no" */
void vss_xml_time(struct vss_xml_out *x, const char *name, int64_t wall_ns);	/* RFC 3339 in UTC with nanoseconds */
void vss_xml_code(struct vss_xml_out *x, const char *name, enum vss_code code); /* left out for VSS_OK */

/* --- reading (xml_in.c, xml_attr.c) --- */

struct vss_xml_in;
struct vss_xml_element; /* one start tag, alive during the call that gets it */

/** An element that a document may hold, at its place.  Names with the prefix "vss:" are those of our namespace. */
struct vss_xml_kind {
	const char *name;
	int parent; /* index of the kind that it stands in; -1: the root */
	void (*open)(struct vss_xml_element *e, void *value);
};
struct vss_xml_grammar {
	const char *space; /* namespace of the names without a prefix */
	const char *what;  /* "writer metadata", for messages */
	const struct vss_xml_kind *kinds;
	int n;
};

/**
 * Read a whole document: each known element at a known place is given to its kind's open(); everything else is passed
 * over. A document type declaration is refused, so there are no entities but the five of XML itself. Fails with
 * VSS_E_CORRUPT_XML_DOCUMENT when it is not well-formed XML, with VSS_E_INVALID_XML_DOCUMENT when it is another
 * document, is too long, or a value is not what its attribute may hold; `value` may have been filled in part then.
 */
int vss_xml_read(const void *data, size_t n, const struct vss_xml_grammar *g, void *value, struct vss_err *err);

/** The document is invalid for this reason; the first one is kept. */
void vss_xml_refuse(struct vss_xml_element *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/** The document may be good, but is of a version that this program does not know (VSS_UNSUPPORTED). */
void vss_xml_refuse_version(struct vss_xml_element *e, const char *found, const char *known);
/** Was the document written with our escapes? */
bool vss_xml_is_ours(const struct vss_xml_element *e);

/** An attribute's text, owned by the caller; NULL when there is none (or the document was refused for it). */
char *vss_xml_get(struct vss_xml_element *e, const char *name);
/** The setters leave the target alone when there is no such attribute; text that was there before is freed. */
void vss_xml_get_text(struct vss_xml_element *e, const char *name, char **out);
void vss_xml_get_blob(struct vss_xml_element *e, const char *name, char **out);
void vss_xml_get_uuid(struct vss_xml_element *e, const char *name, struct vss_uuid *out);
/** One that has to be there, and not nil: else the document is refused. */
void vss_xml_get_id(struct vss_xml_element *e, const char *name, struct vss_uuid *out);
void vss_xml_get_u64(struct vss_xml_element *e, const char *name, uint64_t *out);
void vss_xml_get_u32(struct vss_xml_element *e, const char *name, uint32_t *out);
void vss_xml_get_i64(struct vss_xml_element *e, const char *name, int64_t *out);
void vss_xml_get_bool(struct vss_xml_element *e, const char *name, bool *out);
void vss_xml_get_time(struct vss_xml_element *e, const char *name, int64_t *out);
void vss_xml_get_code(struct vss_xml_element *e, const char *name, enum vss_code *out);
/** A word of an enumeration, through its by_word function.  Number 0 stands for an absent one.  XML_TOLERANT: also for
 * an unknown one, which else refuses the document. */
enum vss_xml_strictness { XML_STRICT, XML_TOLERANT };
int vss_xml_get_word(
	struct vss_xml_element *e, const char *name, int (*by_word)(const char *), enum vss_xml_strictness how);
/** Refuse the document when one of these is missing. */
void vss_xml_require(struct vss_xml_element *e, const char *name);

#endif
