/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_MODEL_DECIDE_H
#define VSS_MODEL_DECIDE_H

#include "model/vocabulary.h"

#include <stdbool.h>
#include <stddef.h>

/**
 * Where the files of one component set go (R16, R25..R28, Q3, Q4): all of them to one kind of place, or none.
 *
 * The facts are looked up after PreRestore (R9), over all files of the set that are to be restored.
 */
struct vss_restore_facts {
	bool none_there;      /* of the files in their original places */
	bool replaceable;     /* each one that is there can be replaced, each that is not can be made */
	bool mapped;	      /* each has an alternate location */
	bool mapped_writable; /* each mapped place can be replaced or made */
	bool mapped_none_there;
	bool directed;		/* each has directed targets that name it */
	bool service_stoppable; /* it can be stopped, or is */
};
enum vss_placement {
	VSS_PLACE_REFUSED,
	VSS_PLACE_ORIGINAL,
	VSS_PLACE_ALTERNATE,
	VSS_PLACE_DIRECTED,
	VSS_PLACE_AT_BOOT, /* staged now, moved at the next boot */
};
struct vss_restore_decision {
	enum vss_placement place;
	bool create_only;     /* nothing may be overwritten: R19 */
	bool stop_service;    /* after PreRestore, started again before PostRestore; not told of REFUSED */
	bool restart_service; /* after PostRestore */
	const char *why;   /* REFUSED: what is to be said of the component ("is there already; ..."); constant text */
	bool writer_error; /* REFUSED: the writer's fault */
};
/**
 * The table.  VSS_RT_UNDEFINED as ORIGINAL.  Methods at the next boot and CUSTOM do not heed targets (R28); files that methods
 * 1 and 4 bring to an alternate location never replace any there (Q3), whoever named the location.
 */
struct vss_restore_decision vss_decide_restore(
	enum vss_restore_method method, enum vss_restore_target target, const struct vss_restore_facts *facts);
/** Does the method ask for the service to be stopped before the decision can be made (STOP_RESTORE_START)? */
bool vss_method_stops_first(enum vss_restore_method method);
/** Is PostRestore raised (R23, R24)?  `failed`: methods 1 or 2 could not use the original places. */
bool vss_wants_post_restore(enum vss_writer_restore w, enum vss_restore_method method, bool failed);

#endif
