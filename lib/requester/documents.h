/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_REQUESTER_DOCUMENTS_H
#define VSS_REQUESTER_DOCUMENTS_H

#include "archive/reader.h"
#include "archive/writer.h"
#include "base/err.h"
#include "model/components.h"
#include "requester/plan.h"
#include "json/write.h"

/**
 * The documents of an archive (vss-archive(5)): what stands before the data and what stands behind it.
 */
#define VSS_DOC_INITIAL "components-initial.xml"
#define VSS_DOC_FINAL "backup-components.xml"
#define VSS_DOC_LEDGER "ledger.json"
#define VSS_DOC_RECOVER "RECOVER.txt"
#define VSS_DOC_BUILDS_ON "BUILDS-ON.txt" /* an increment has it: that it is there can be told without reading a frame */

/** Writers' documents, the initial components document, how to restore with stock tools, what it builds on. */
int vss_put_head(
	struct vss_archive_writer *a, const struct vss_plan *p, const struct vss_bcd *bcd, struct vss_err *err);
/** The final components document and the ledger. */
int vss_put_tail(
	struct vss_archive_writer *a, const struct vss_bcd *bcd, const struct vss_set *set, struct vss_err *err);

/** Member `ledger` of a set in JSON, in an object that is open: a list of {who, what, at_ns}. */
void vss_put_ledger(struct vss_jw *w, const struct vss_set *set);

/** The components document of an archive: the final one, or of a stream the initial one. */
struct vss_bcd *vss_read_bcd(struct vss_archive_reader *r, struct vss_err *err);
/** The stored document of one writer of the backup, or NULL; *registration is its name then, which the caller frees. */
struct vss_metadata *vss_read_metadata(
	struct vss_archive_reader *r, const struct vss_bcd_writer *writer, char **registration, struct vss_err *err);

#endif
