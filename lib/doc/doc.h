/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_DOC_DOC_H
#define VSS_DOC_DOC_H

#include "base/buf.h"
#include "base/err.h"
#include "model/components.h"
#include "model/metadata.h"
#include "model/set.h"

/**
 * The XML documents: values of `model` to and from bytes.  Written documents are byte-stable for the same value and
 * valid under the RELAX NG schemas beside this file.  Read with libxml2 without network, without entities, at most
 * VSS_DOC_LIMIT bytes. Bytes that XML cannot hold are written \xHH and a backslash as \x5C, which the document says of
 * itself: others are read as they stand.
 *
 * Writers empty `out` first and fail with VSS_INVALID when a value that the document cannot be without is missing or
 * the document would exceed the limit; `out` is then undefined.  Readers take elements and attributes in any order and
 * pass over those that they do not know. They fail with VSS_E_CORRUPT_XML_DOCUMENT when it is not well-formed XML, and
 * with VSS_E_INVALID_XML_DOCUMENT when it is another document, has a document type declaration, lacks what it cannot be
 * without, or a value is not what its place may hold.
 */
#define VSS_DOC_LIMIT (64u << 20)

/** Unknown usages, sources, restore methods and participations are read as undefined; vss_metadata_check() is not
 * called. */
int vss_doc_write_metadata(const struct vss_metadata *m, struct vss_buf *out, struct vss_err *err);
struct vss_metadata *vss_doc_read_metadata(const void *data, size_t n, struct vss_err *err);

/** Has it the root of a backup components document?  What comes behind is not looked at. */
bool vss_doc_is_bcd(const void *data, size_t n);
/** Private metadata of documents that are not ours may be any bytes: it is read as the base64 that stands there. */
int vss_doc_write_bcd(const struct vss_bcd *b, struct vss_buf *out, struct vss_err *err);
struct vss_bcd *vss_doc_read_bcd(const void *data, size_t n, struct vss_err *err);

/** The set document, vss-set(5).  Reading one of another version fails with VSS_UNSUPPORTED. */
int vss_doc_write_set(const struct vss_set *s, struct vss_buf *out, struct vss_err *err);
struct vss_set *vss_doc_read_set(const void *data, size_t n, struct vss_err *err);

#endif
