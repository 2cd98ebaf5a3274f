/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_MODEL_SET_H
#define VSS_MODEL_SET_H

#include "base/str.h"
#include "base/uuid.h"
#include "model/grade.h"
#include "model/vocabulary.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * A shadow copy set as a value: what the set document (vss-set(5)) holds and what create-shadow and list-shadows
 * report. All strings are owned; NULL means absent.  The items stand in growing arrays: a pointer into one is good
 * until the next is added.
 */
struct vss_shadow {
	struct vss_uuid id;
	char *volume;	 /* mount point of the original volume at creation */
	char *volume_id; /* UUID text */
	char *subpath;	 /* what that mount showed of the volume: "" or NULL for all, else the path of a part */
	char *source;	 /* "/dev/loop0" */
	char *fstype;
	char *fs_uuid;	      /* or NULL */
	char *provider;	      /* "btrfs" */
	char *device;	      /* <run>/shadows/<id>: where its root can be read; no trailing slash (M14) */
	char *place;	      /* provider's private locator of the storage: enough to find the copy again on a scan */
	uint32_t attributes;  /* VSS_ATTR_* */
	enum vss_grade grade; /* of the volume as a plain path */
	enum vss_instant instant; /* of this copy alone: ONE or FUZZY */
	char *domain;		  /* see vss_instant_facts */
	uint64_t mark;		  /* btrfs: generation */
	char *proof_key;	  /* "generation", or NULL when there is no proof */
	uint64_t proof_value;
	bool held;  /* its writes were held over all commits of the set */
	bool still; /* it could not change, or was not seen to */
	/* Not part of the document: */
	char *exposed; /* path where it is exposed now, or NULL */
	char *share;   /* the share that shows it there, or NULL */
	bool lost;     /* there, but what it held is not (VSS_CORRUPT); found when sets are listed, likewise */
	bool missing;  /* somebody else deleted it; found when sets are listed, not part of the document */
};

struct vss_set_writer { /* how each writer that took part ended */
	struct vss_uuid id, instance;
	char *name;
	enum vss_writer_state state;
	enum vss_code error; /* VSS_OK: no error */
	char *message;
	enum vss_hold hold;
	enum vss_grade grade; /* the lowest of its components */
	struct vss_evidence {
		char *key, *value;
	} * evidence; /* LSN, GTID ... as the writer gave it */
	size_t nevidence, cevidence;
};

struct vss_set_document { /* what a backup of a set that stays needs of its making */
	char *name; /* as in an archive (vss-archive(5)): "components-initial.xml", "writers/NAME.xml" */
	char *text; /* XML */
};

struct vss_ledger_entry { /* one monotonic stamp */
	char *who;	  /* "set", "writer NAME", "volume /mnt/a" */
	char *what;	  /* "asked", "frozen", "held", "committed", "released", "thawed" ... */
	int64_t at_ns;	  /* since the first entry */
};

struct vss_set {
	struct vss_uuid id;
	int64_t created_ns; /* wall clock at commit */
	char *host;
	uint32_t context;
	enum vss_instant instant; /* of all its volumes together */
	enum vss_grade grade;	  /* the lowest of volumes and components */
	int64_t skew_ns;  /* from the earliest of its volumes' instants to the latest; -1: not known */
	int64_t held_ns;  /* the longest hold of a volume's writes; 0: nothing was held */
	struct vss_strv cgroups; /* whose processes were frozen over the commits, as the user named them */
	double freeze_ms; /* from the first freeze asked to the last thaw answered; 0 without writers: the commit */
	char *note, *tag;
	bool hold;	       /* never expired by retention */
	struct vss_uuid owner; /* of an auto-release set, else nil */
	unsigned count;	       /* shadow copies at creation */
	struct vss_shadow *shadows;
	size_t nshadows, cshadows;
	struct vss_set_writer *writers;
	size_t nwriters, cwriters;
	struct vss_set_document *documents;
	size_t ndocuments, cdocuments;
	struct vss_ledger_entry *ledger;
	size_t nledger, cledger;
	int64_t ledger_zero; /* monotonic ns of the first entry while the set is made; not stored */
};

struct vss_set *vss_set_new(void);
void vss_set_free(struct vss_set *s);
/** A copy of everything; the caller frees it. */
struct vss_set *vss_set_copy(const struct vss_set *from);
struct vss_shadow *vss_set_add_shadow(struct vss_set *s);
struct vss_set_writer *vss_set_add_writer(struct vss_set *s);
void vss_set_writer_evidence(struct vss_set_writer *w, const char *key, const char *value);
#define VSS_SET_COMPONENTS "components-initial.xml"
void vss_set_add_document(struct vss_set *s, const char *name, const char *text);
void vss_set_clear_documents(struct vss_set *s);
/** Stamp now (monotonic); the first stamp is the zero of the ledger.  Allocates memory. */
void vss_set_stamp(struct vss_set *s, const char *who, const char *what);
/** An entry whose moment is known already; the ledger stays in the order of time. */
void vss_set_add_stamp(struct vss_set *s, const char *who, const char *what, int64_t at_ns);
void vss_set_remove_shadow(struct vss_set *s, size_t i);

struct vss_set_list {
	struct vss_set **v;
	size_t n, cap;
};
void vss_set_list_free(struct vss_set_list *l);
void vss_set_list_sort(struct vss_set_list *l); /* oldest first, then by ID */

#endif
