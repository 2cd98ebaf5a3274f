/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_MODEL_GRADE_H
#define VSS_MODEL_GRADE_H

#include <stdbool.h>

/** Consistency grades (design: Consistency grades); higher is better. */
enum vss_grade {
	VSS_GRADE_NONE = 0, /* not graded */
	VSS_GRADE_LIVE,
	VSS_GRADE_FUZZY,
	VSS_GRADE_ORDERED,
	VSS_GRADE_CRASH,
	VSS_GRADE_RECOVERABLE,
	VSS_GRADE_APPLICATION
};
const char *vss_grade_word(enum vss_grade g); /* "application" ... "none" */
int vss_grade_by_word(const char *w);	      /* -1 when unknown */

/** What the volumes of one component are together. */
enum vss_instant { VSS_INSTANT_ONE, VSS_INSTANT_MANY, VSS_INSTANT_FUZZY };
const char *vss_instant_word(enum vss_instant i); /* "one", "many", "fuzzy" */
int vss_instant_by_word(const char *w);

/** What the writer said at freeze (`ok hold=...`). */
enum vss_hold { VSS_HOLD_NONE, VSS_HOLD_FILES, VSS_HOLD_LOG, VSS_HOLD_BRACKET, VSS_HOLD_EXPORT };
const char *vss_hold_word(enum vss_hold h);
int vss_hold_by_word(const char *w);

struct vss_grade_facts {
	enum vss_instant instant;
	bool writer; /* a writer owns it; false: a plain path */
	bool writer_failed;
	enum vss_hold hold;
	bool commits_stopped; /* hold=log: the writer stopped commits (`ok hold=log commits=stopped`) */
	bool in_window;	      /* every instant lies between the writer's freeze and thaw */
	bool confirmed;	      /* bracket, export: confirmed at post-snapshot */
};
/** The one function that grades: pure, total, tested row by row against the table of design section 3. */
enum vss_grade vss_grade_of(const struct vss_grade_facts *f);

/**
 * The volumes' side: one copy; one btrfs generation or all held (at most one btrfs commit inside), or nobody there to
 * write; each an instant; or fuzzy.
 */
struct vss_instant_facts {
	const char *domain;	 /* what makes instants comparable: "btrfs:<fs uuid>"; NULL: alone */
	unsigned long long mark; /* within the domain: equal marks are one instant (btrfs generation) */
	bool fuzzy;		 /* files copied at different times */
	bool held;		 /* writes to the volume were held over all commits of the set */
	bool stopped;		 /* the processes that write, by the user's word, were frozen over all commits of the set */
	bool still;		 /* superblock read-only, or no change was seen over two passes */
};
enum vss_instant vss_instant_of(const struct vss_instant_facts *volumes, unsigned n);
/** A volume that goes with any instant of the others: nothing was, or could be, written to it at the commits. */
bool vss_instant_is_any(const struct vss_instant_facts *v);

#endif
