/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_PROVIDER_PROVIDER_H
#define VSS_PROVIDER_PROVIDER_H

#include "base/err.h"
#include "base/str.h"
#include "base/uuid.h"
#include "model/grade.h"
#include "model/set.h"
#include "os/volume.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/**
 * A provider makes shadow copies of volumes: a const struct of functions with the VSS phase names.
 * NULL members have the default that stands beside them.  The session calls the phases of one set
 * on one worker thread, one after the other; a phase may block. Nothing here prints, and between
 * pre_commit and post_commit a provider writes no file but the copies.
 */

/** Something that could not be read: an empty file, or a directory without its content, stands in its place in the copy. */
struct vss_provider_lost {
	char *path;  /* clean, relative to the mount point, "" for the root; raw bytes */
	mode_t type; /* S_IFREG ...; 0: not known */
	char *why;   /* without the path */
};
#define VSS_PROVIDER_LOST_MAX 1000 /* of one volume; one more fails the set */

/** What a provider says of a hold of writes (FIFREEZE of the file system) while it commits. */
enum vss_provider_hold {
	VSS_PROVIDER_HOLD_NEVER, /* it must not be: a snapshot would wait for the thaw */
	VSS_PROVIDER_HOLD_MAY, /* it commits as well while held: the session holds where that makes a set one instant */
	VSS_PROVIDER_HOLD_WANTS /* without it the copy is fuzzy, or may not be readable */
};

/** What a provider that copies did, for the ledger. */
struct vss_provider_effort {
	unsigned passes; /* over the source, the last one included; 0: nothing to say */
	/* The last pass: */
	uint64_t looked;  /* files and directories that were looked at */
	uint64_t changed; /* of these: not in the copy as they were, or gone */
	uint64_t bytes;	  /* of content that it took */
	int64_t ns;	  /* that it took; while held: of the hold */
	uint64_t memory;  /* what it took had to be kept in memory, and may have been that many bytes; 0: it had not */
};

struct vss_provider_volume { /* one volume of a set in the making */
	const struct vss_volume *volume;
	struct vss_uuid shadow_id;
	/**
	 * Said by the session before `promise`: the file system will be held over all commits of the set.  It is held
	 * from before commit until commit has returned, or commit is not called.
	 */
	bool to_hold;
	/*
	 * clone: only what lies at or below these clean paths relative to the mount point ("" =
	 * all); NULL: all
	 */
	const char *const *only;
	size_t nonly;
	/* Filled by the provider by the end of commit; strings become the shadow's. */
	char *place;  /* see vss_shadow.place */
	char *domain; /* see vss_instant_facts */
	uint64_t mark;
	char *proof_key;
	uint64_t proof_value;
	bool fuzzy, still;
	bool held;	      /* filled by the session: it was held, and nobody broke the hold */
	int64_t committed_ns; /* monotonic */
	uint32_t attributes;  /* VSS_ATTR_DIFFERENTIAL or VSS_ATTR_PLEX */
	struct vss_provider_effort effort;
	struct vss_provider_lost *lost; /* only where the set accepts losses */
	size_t nlost, clost;
	void *own; /* the provider's */
};

void vss_provider_lost_free(struct vss_provider_volume *v); /* empties the list */

struct vss_provider_ops;
struct vss_provider_set {
	const struct vss_provider_ops *provider;
	struct vss_uuid set_id;
	struct vss_uuid owner; /* goes into the `making` marks: who reaps may see whether it lives */
	const char *storage;   /* --storage DIR, or NULL */
	bool accept_lost; /* what cannot be read may be missing from a copy, and is noted in `lost`; else it fails the commit */
	bool must_be_one; /* all volumes of this provider were promised to be one instant: deliver or fail */
	bool cgroups; /* the processes that write were named by the user and are frozen over the commits (--hold-cgroup) */
	bool writable; /* copies must be writable from commit to post_final_commit: writers recover in them (S23) */
	bool transportable; /* the copies are to be sent to another machine (S39) */
	uint64_t
		storage_size; /* --storage-size for what has a size of its own, in bytes for each copy; 0: the provider's policy */
	unsigned storage_percent; /* the same in percent of the volume; 0: not said */
	struct vss_provider_volume *v;
	size_t n;
	/* Every volume of the whole set, of whatever provider, whose file system will be held; said with `to_hold`. */
	const struct vss_volume *const *held;
	size_t nheld;
	atomic_bool cancelled; /* set by the session when it has given up: stop soon */
	void *own;
};

/** A directory in which set documents lie, and whose sub-directories are shadow copies of this provider. */
struct vss_provider_place {
	int dirfd;   /* ".vss-shadows" */
	char *label; /* for messages */
	const struct vss_provider_ops *provider;
};
struct vss_provider_places {
	struct vss_provider_place *v;
	size_t n, cap;
};
void vss_provider_places_free(struct vss_provider_places *p); /* closes */
/** All of `from`, which are places of `of`, go to the end of `to`; `from` is empty then. */
void vss_provider_places_move(
	struct vss_provider_places *to, struct vss_provider_places *from, const struct vss_provider_ops *of);
/** The document of `set` in each of them has been written or removed: see carry() below.  The first failure ends it. */
int vss_provider_places_carry(const struct vss_provider_places *p, const struct vss_uuid *set, struct vss_err *err);

/** What the copies of one volume in one place take. */
struct vss_provider_use {
	uint64_t used;	    /* bytes that only these copies keep */
	uint64_t allocated; /* bytes that are set aside for them; the same as used where nothing is */
	uint64_t
		capacity; /* they cannot grow beyond it, whatever limit was set; UINT64_MAX: as far as the storage has room */
	uint64_t size;	/* of the whole storage, for shares of it; 0: not known */
	bool estimated; /* `used` is an estimate */
};

/** How a volume is put back to a copy. */
struct vss_provider_revert {
	const char *mount; /* where the volume is mounted now, or NULL */
	bool at_boot;	   /* only prepare it: it happens when the machine starts next */
	bool force;	   /* although it is in use */
	bool finish; /* only end what an earlier call has left that was cut short, or that waited for this start */
	/* Filled by the provider: */
	bool pending;	/* it will be complete after the next start, or activation, of the volume */
	bool copy_gone; /* it went into the volume: it has to leave the set */
	bool undone;	/* with `finish`: the volume is as it was before */
	char *new_id;	/* the volume has another ID from now on; the caller frees it */
};
/**
 * The record of a revert that is not over, in the place of the copy: the provider writes it before it changes anything.
 * Whoever called revert removes it once that has returned 0, nothing is pending, and the documents have the new ID.
 */
#define VSS_PROVIDER_REVERT_SUFFIX ".revert" /* behind the ID of the shadow copy */

enum vss_provider_type { VSS_PROV_SYSTEM = 1, VSS_PROV_SOFTWARE, VSS_PROV_HARDWARE };

struct vss_provider_ops {
	const char *name;    /* "btrfs": what --provider takes */
	const char *title;   /* "vss-tools btrfs provider" */
	const char *id;	     /* UUID text, fixed for ever */
	const char *version; /* "1.0" */
	enum vss_provider_type type;
	bool atomic_set;      /* volumes of one domain can be one instant */
	bool differential;    /* else a full copy */
	bool writable;	      /* a copy can be written between commit and post_final_commit */
	bool keeps_identity;  /* what is in a copy has the inode number and change time that it has on the volume */
	bool still;	      /* what it copies does not change: its copies go with any instant */
	bool records_reverts; /* SHADOW.revert lies in its places while a volume is being put back */
	bool self_made;	      /* copies of a volume that is there are found by scan alone (no --storage needed) */
	int grace_ms; /* told to stop it gets this long to come back from a phase, also from its abort; 0: 3 s */

	/**
	 * 0: cannot; else how well it suits; the highest wins, external ones before built-in ones (required).  -1: an
	 * external one that could not be asked; vss_provider_for() says why.
	 */
	int (*bid)(const struct vss_provider_ops *self, const struct vss_volume *v);
	/** May, or must, the file system of this volume be held over commit?  Asked before promise.  NULL: never. */
	enum vss_provider_hold (*hold)(const struct vss_provider_set *ps, const struct vss_provider_volume *v);
	/**
	 * What the volumes of `ps` will be together, decided before any writer is asked: ONE means
	 * commit delivers one instant or fails. Required.
	 */
	enum vss_instant (*promise)(const struct vss_provider_set *ps);
	/**
	 * May a copy of this volume be made now?  (storage named, room, not read-only ...). NULL:
	 * yes. The message names the way out.
	 */
	int (*check)(const struct vss_provider_set *ps, const struct vss_volume *v, struct vss_err *err);

	/* The phases.  NULL: nothing to do.  On failure the session calls abort. */
	int (*begin_prepare)(struct vss_provider_set *ps, struct vss_err *err); /* long work, before writers freeze */
	int (*pre_commit)(struct vss_provider_set *ps, struct vss_err *err); /* writers are frozen; a second or two */
	int (*commit)(struct vss_provider_set *ps, struct vss_err *err);     /* required: all volumes of the set */
	int (*post_commit)(struct vss_provider_set *ps, struct vss_err *err);
	int (*post_final_commit)(
		struct vss_provider_set *ps, struct vss_err *err); /* after PostSnapshot: seal read-only */
	/** Remove everything half-made of this set; idempotent; may be called after any phase. Required. */
	int (*abort)(struct vss_provider_set *ps, struct vss_err *err);
	/** The set document has been saved: remove the `making` marks; free `own`. Required. */
	void (*done)(struct vss_provider_set *ps);

	/** The places of this set in the making (after begin_prepare). Required. */
	int (*places_of)(struct vss_provider_set *ps, struct vss_provider_places *out, struct vss_err *err);
	/**
	 * Every place that can be seen on this machine now. Needs privilege as the storage does.
	 * Required.
	 */
	int (*places)(const struct vss_provider_ops *self, struct vss_provider_places *out, struct vss_err *err);
	/**
	 * The document of `set` was written into this place of the provider, or removed from it: carry that to where it
	 * outlasts the machine's run (LV tags).  NULL: the place is the storage.
	 */
	int (*carry)(const struct vss_provider_place *p, const struct vss_uuid *set, struct vss_err *err);

	/* Finished copies, known by their vss_shadow.  All required. */
	/**
	 * Make the root of the copy readable at `device` (a link into a mount or directory of
	 * ours); already there is fine.
	 */
	int (*surface)(const struct vss_shadow *s, const char *device, struct vss_err *err);
	/** Undo it; unmount what no other copy needs. Absent is fine. */
	int (*unsurface)(const struct vss_shadow *s, const char *device, struct vss_err *err);
	/** Show it read-only at `path` (an empty directory; made when absent). */
	int (*expose)(const struct vss_shadow *s, const char *device, const char *path, struct vss_err *err);
	int (*unexpose)(const struct vss_shadow *s, const char *path, struct vss_err *err);
	/** Delete the copy (it is not surfaced any more); a set document beside it stays.  Absent: 0. */
	int (*remove)(const struct vss_shadow *s, struct vss_err *err);
	/**
	 * After `remove`, when the set document has gone too: remove the storage if nothing is left
	 * in it.
	 */
	int (*tidy)(const struct vss_shadow *s, struct vss_err *err);
	/** Is the copy still there?  1, 0, -1 (VSS_ABSENT: its storage is not to be seen now; VSS_CORRUPT: what it held is lost). */
	int (*exists)(const struct vss_shadow *s, struct vss_err *err);
	/**
	 * Remove what dead runs left half-made (`making` marks whose owner is not alive). *removed
	 * counts.
	 */
	int (*reap)(const struct vss_provider_ops *self, unsigned *removed, struct vss_err *err);

	/**
	 * Where copies of this volume lie, in the words of vss_shadow.place, whatever the user says; he frees it.  NULL: where he says
	 * (--storage), or nobody can tell beforehand.
	 */
	char *(*place_of)(const struct vss_volume *v, struct vss_err *err);

	/* What not every provider can.  NULL: VSS_UNSUPPORTED. */
	/** What copies of one volume in one place take; `n` of them, the oldest first. */
	int (*use)(const struct vss_shadow *const *copies, size_t n, struct vss_provider_use *out, struct vss_err *err);
	/** S51: put the volume back to what the copy shows.  VSS_E_VOLUME_IN_USE names who has it open. */
	int (*revert)(const struct vss_shadow *s, struct vss_provider_revert *how, struct vss_err *err);
	/**
	 * S45: the copy leaves the storage and becomes a volume of its own, `name` beside its origin (a subvolume's
	 * path, an LV's name, a directory); *where is what it is found by, the caller frees it.
	 */
	int (*detach)(const struct vss_shadow *s, const char *name, bool writable, char **where, struct vss_err *err);
	/** Write the copy to `fd` in a form that `receive` of the same provider reads on any machine. */
	int (*send)(const struct vss_shadow *s, int fd, struct vss_err *err);
	/**
	 * In place of begin_prepare and commit: make the copy of volume `i` of `ps`, whose volume is only where it is to be kept, from
	 * what `send` wrote to the file `fd`.  Volumes come in order; places_of, abort and done follow as ever.
	 */
	int (*receive)(struct vss_provider_set *ps, size_t i, int fd, struct vss_err *err);
};

/**
 * External providers, hardware before software, then the built-in ones, each in name order; NULL-terminated.  "fake" takes part
 * only while $VSS_FAKE_VOLUMES is set; then of external ones only what $VSS_PROVIDERS_PATH registers.
 */
const struct vss_provider_ops *const *vss_providers(void);
/** By name, title or ID (braces allowed); VSS_E_PROVIDER_NOT_REGISTERED (S64). */
const struct vss_provider_ops *vss_provider_named(const char *word, struct vss_err *err);
/**
 * The best bid; VSS_E_VOLUME_NOT_SUPPORTED with the way out when nobody takes it. `wish` NULL or a
 * provider's name: VSS_E_VOLUME_NOT_SUPPORTED_BY_PROVIDER when that one cannot.
 */
const struct vss_provider_ops *vss_provider_for(const struct vss_volume *v, const char *wish, struct vss_err *err);
/**
 * What an external provider can do (atomic_set, differential, version) stands in its ops once it was asked: by a bid, or by this.
 * 0 for all others.
 */
int vss_provider_meet(const struct vss_provider_ops *p, struct vss_err *err);
/**
 * Take away what was mounted for copies whose device paths are gone, as a run that was killed
 * leaves it.
 */
int vss_providers_tidy_mounts(struct vss_err *err);

#endif
