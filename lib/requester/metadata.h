/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_REQUESTER_METADATA_H
#define VSS_REQUESTER_METADATA_H

#include "requester/job.h"

/**
 * A metadata file (vss-metadata(5)): the documents of a shadow copy set in one file, for the process that restores, imports
 * or cleans up later.  It is a tar archive; a cabinet as Windows writes it is read too.
 */
struct vss_stored_writer {
	char *name; /* as the manifest has it */
	struct vss_metadata *metadata;
};
struct vss_metadata_file {
	char *path;    /* where it was read from, absolute */
	bool trusted;  /* nobody but root and the caller could have written it */
	char *machine; /* that it was made on */
	struct vss_uuid set_id;
	struct vss_set *set; /* NULL: it was made elsewhere, without a set document */
	struct vss_bcd *bcd; /* NULL: no writer took part */
	struct vss_stored_writer *writers;
	size_t nwriters, cwriters;
	struct vss_strv alias_names, alias_values; /* side by side */
	char *transport; /* of a transportable set: the document that an import reads, absolute; or NULL */
};
void vss_metadata_file_free(struct vss_metadata_file *f); /* NULL is fine */

/**
 * Where it would be written by default: DIR/YYYY-MM-DD_HH-MM-SS_HOST.tar, of now and here, with _2 behind HOST when one of this
 * second is there, and so on; the caller frees it.
 */
char *vss_metadata_file_name(const char *dir, const char *host);
/**
 * Just before it is written: have `path`, such a name that was chosen a while ago, or a new one if somebody else has it by now.
 * An empty file is there then; the caller frees the name.
 */
char *vss_metadata_file_claim(const char *path, const char *host, struct vss_err *err);
/**
 * Can it be written?  For asking before a set is made: the directory is there, and the file is not, or is empty, or a metadata
 * file; anything else is VSS_EXISTS, or VSS_INVALID.
 */
int vss_metadata_file_check(const char *path, struct vss_err *err);
/**
 * Where the document of a transportable set stands (vss_transport_write): PATH.set.xml, beside the metadata file, which names
 * it.  The caller frees it.
 */
char *vss_metadata_file_transport(const char *path);
/**
 * Write it durably (0600), in place of one that is there; on failure that one stays.  Of a set whose context has
 * VSS_ATTR_TRANSPORTABLE it names vss_metadata_file_transport(path), which need not be there yet.
 */
int vss_metadata_file_write(const char *path, const struct vss_job *j, const struct vss_strv *alias_names,
	const struct vss_strv *alias_values, struct vss_err *err);
/** The members that it has, or will have. */
void vss_metadata_file_members(const struct vss_job *j, struct vss_strv *out);
/** VSS_INVALID for what is no metadata file, VSS_E_CORRUPT_XML_DOCUMENT ...; within limits whatever it holds. */
struct vss_metadata_file *vss_metadata_file_read(const char *path, struct vss_err *err);

#endif
