/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_FRONT_WRITERS_H
#define VSS_FRONT_WRITERS_H

#include "front/front.h"
#include "requester/requester.h"

#include <stdbool.h>

/** vssadmin's `list writers`, rows, or JSON. */
int vss_front_writers_list(
	const struct vss_writer_reports *reports, const struct vss_front_list *how, struct vss_err *err);
/** diskshadow's `list writers detailed`, without `files` its `list writers metadata`; a writer that did not identify itself is
 * named with its error. */
void vss_front_writers_detailed(const struct vss_writer_reports *reports, bool files);
/** diskshadow's `list writers status`. */
void vss_front_writers_status(const struct vss_writer_reports *reports);
/** Of that the two lines of one writer's state and error. */
void vss_front_writer_status(const struct vss_writer_report *r, const char *indent);
/** Those that take part in a job: how they are in it now, instead of what is remembered. */
void vss_front_writers_current(struct vss_writer_reports *reports, struct vss_writers *job);
/** The XML document of the one writer that there is; VSS_USAGE when there are several, VSS_ABSENT when none said
 * what it is. */
int vss_front_writers_document(const struct vss_writer_reports *reports, struct vss_err *err);

/** A stored document, of a writer or of a backup, or a metadata file, as if its writers had reported; their state is unknown. */
int vss_front_writers_read(const char *file, struct vss_writer_reports *out, struct vss_err *err);
/** Keep those that are meant by one of `words`: name, registration, ID or instance ID; without words, all that are not
 * absent, or with `absent` all.  VSS_E_OBJECT_NOT_FOUND for a word that fits none, or, without `absent`, one that is
 * absent, which says why. */
int vss_front_writers_choose(
	struct vss_writer_reports *reports, const struct vss_strv *words, bool absent, struct vss_err *err);

#endif
