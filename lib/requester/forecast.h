/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_REQUESTER_FORECAST_H
#define VSS_REQUESTER_FORECAST_H

#include "base/str.h"
#include "base/uuid.h"
#include "model/grade.h"
#include "requester/requester.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * What a backup or a set would be: what --dry-run tells.  Grades of components are the best that can come of it, since
 * what a writer holds is known when it has frozen; counts are of the live tree and so an estimate.
 *
 *	dry.c		   volumes, providers, instants, and whether that is refused
 *	forecast.c	   paths, writers and components; freeze and room
 *	forecast_count.c   files and bytes, by the same choice that a backup makes
 */
struct vss_forecast_volume {
	char *volume, *id, *provider;
	enum vss_instant instant; /* of this copy alone */
	unsigned group;		  /* copies of one group are one instant; from 0 */
	bool held;		  /* its writes would be held */
	enum vss_grade grade;	  /* of plain files on it */
	bool plain;
	bool in_storage;     /* files are copied one by one into the storage */
	uint64_t used_bytes; /* on the file system that it lies on; 0: not known */
};
struct vss_forecast_component {
	char *path;	  /* full logical path */
	char *brought_by; /* implicit: by this one; NULL: explicit */
	char *outside;	  /* a directory of it on no volume of the set, or NULL */
	bool *on;	  /* for each volume: its files lie there */
	enum vss_instant instant;
	enum vss_grade best;
};
struct vss_forecast_writer {
	struct vss_uuid id;
	char *name;
	struct vss_forecast_component *components;
	size_t ncomponents, ccomponents;
	uint64_t freeze_us; /* median of the last `nfreezes` */
	size_t nfreezes;
};
struct vss_forecast {
	struct vss_uuid from_set; /* the set that would be archived; nil: a new one would be made */
	bool is_backup;
	char *base; /* the archive that an increment would build on, and its ID; or NULL */
	struct vss_uuid base_id;
	struct vss_strv paths;
	struct vss_forecast_volume *volumes;
	size_t nvolumes, cvolumes;
	struct vss_forecast_writer *writers;
	size_t nwriters, cwriters;
	enum vss_instant instant;
	enum vss_grade grade; /* the lowest of plain files */
	enum { VSS_COUNTED_NOT, VSS_COUNTED_PART, VSS_COUNTED_WHOLE } counted;
	uint64_t files, bytes;
	char *archive_dir; /* NULL: a stream */
	uint64_t archive_most, archive_free;
	char *storage_dir; /* NULL: nothing goes there */
	uint64_t storage_most, storage_free;
	uint64_t freeze_us; /* the longest of the medians; of `nfreezes` sets, 0: somebody's is not known */
	size_t nfreezes;
};
void vss_forecast_free(struct vss_forecast *f);

/**
 * What create-shadow would make; the request's dry_run is taken for said.  VSS_GRADE when it would be refused for a
 * grade; then *out is set, too.
 */
int vss_forecast_shadow(const struct vss_create_request *r, struct vss_forecast **out, struct vss_err *err);

#endif
