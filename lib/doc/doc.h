/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_DOC_DOC_H
#define VSS_DOC_DOC_H

#include "base/buf.h"
#include "base/err.h"
#include "model/components.h"
#include "model/metadata.h"
#include "model/set.h"

/**
 * The XML documents: values of `model` to and from bytes.  Written documents are byte-stable for the same value and valid under
 * the RELAX NG schemas beside this file.  Read with libxml2 without network, without entities, at most VSS_DOC_LIMIT bytes.
 * Bytes that XML cannot hold are written \xHH and a backslash as \x5C.
 */
#define VSS_DOC_LIMIT (64u << 20)

int vss_doc_write_metadata(const struct vss_metadata *m, struct vss_buf *out, struct vss_err *err);
struct vss_metadata *vss_doc_read_metadata(const void *data, size_t n, struct vss_err *err);

int vss_doc_write_bcd(const struct vss_bcd *b, struct vss_buf *out, struct vss_err *err);
struct vss_bcd *vss_doc_read_bcd(const void *data, size_t n, struct vss_err *err);

/** The set document, vss-set(5). */
int vss_doc_write_set(const struct vss_set *s, struct vss_buf *out, struct vss_err *err);
struct vss_set *vss_doc_read_set(const void *data, size_t n, struct vss_err *err);

#endif
