/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_PROVIDER_STORE_INTERNAL_H
#define VSS_PROVIDER_STORE_INTERNAL_H

#include "provider/provider.h"

/**
 * What the providers that keep copies in a directory share: the storage `.vss-shadows` in a root
 * directory of their own choice.
 *
 *	.vss              the mark: names the provider; locked while a set is being made here (covers containers)
 *	SET.making        there from begin_prepare until the set document is saved: the owner and the copies
 *	SET.xml           the set document (written by catalog)
 *	SHADOW/copy       a shadow copy
 *
 * A set is finished when its document lies in every storage that it has a mark in; whatever else
 * has a mark of a dead owner is half-made and goes.  A `place` is the text by which a provider
 * finds the root directory again.
 */
struct vss_store_kind {
	const char *provider;
	/** The place for the copy of this volume; the caller frees it. */
	char *(*place_for)(const struct vss_provider_set *ps, const struct vss_volume *v);
	/**
	 * The root directory of a place, writable; a descriptor or -1.  VSS_ABSENT when it is not
	 * there now.
	 */
	int (*open_root)(const char *place, struct vss_err *err);
	/** Every place where storage may be, more than once does no harm. */
	int (*candidates)(struct vss_strv *places, struct vss_err *err);
	/** Remove the copy `name` in `dirfd`; absence is fine. */
	int (*drop)(int dirfd, const char *name, struct vss_err *err);
	/** Make drops durable: once after all of an operation.  NULL: nothing to do. */
	int (*settle)(int storefd, struct vss_err *err);
	/**
	 * Remove what the provider itself keeps in the storage; called under the lock when no copy
	 * is left.  NULL: nothing.
	 */
	int (*clear)(int storefd, struct vss_err *err);
	/** The storage at `place` has been removed.  NULL: nothing to do. */
	void (*gone)(const char *place);
};

#define VSS_STORE_COPY "copy"

struct vss_store {
	char *place;
	int rootfd; /* the directory that holds it */
	int fd;	    /* .vss-shadows */
	int lockfd; /* its mark, locked */
	bool fresh; /* made for this set */
};

/** Storage of a set in the making: what `own` of the set is. */
struct vss_stores {
	struct vss_store *v;
	size_t n, cap;
	size_t *of; /* volume i lies in v[of[i]] */
	int *dirfd; /* volume i: its directory SHADOW */
};

/* One storage directory (store.c). */

/**
 * Open the storage in `rootfd` if it is there and this provider's.  VSS_ABSENT; VSS_DENIED when it
 * is not to be trusted.
 */
int vss_store_find(int rootfd, const char *provider, struct vss_err *err);
/**
 * Open it, make it if missing, and lock it for a set: VSS_E_SNAPSHOT_SET_IN_PROGRESS. `s->rootfd`
 * and `s->place` are given.
 */
int vss_store_claim(struct vss_store *s, const char *provider, struct vss_err *err);
void vss_store_close(struct vss_store *s);
/**
 * The lock of the storage `fd`: VSS_BUSY while a set is being made there, VSS_ABSENT when it has
 * just been removed.  -1.
 */
int vss_store_lock(int fd, int wait_ms, struct vss_err *err);
/**
 * Without copies and marks of sets: remove what the provider keeps there; without documents too:
 * the storage.  Else 0.
 */
int vss_store_tidy(int rootfd, const char *place, const struct vss_store_kind *kind, struct vss_err *err);

/** A SET.making file. */
struct vss_making {
	struct vss_uuid set, owner;
	struct vss_uuid *shadows;
	size_t n, cap;
};
int vss_making_write(int storefd, const struct vss_making *m, struct vss_err *err);
int vss_making_read(int storefd, const struct vss_uuid *set, struct vss_making *out, struct vss_err *err);
int vss_making_remove(int storefd, const struct vss_uuid *set, struct vss_err *err);
void vss_making_clear(struct vss_making *m);
/** SET.making or SET.xml. */
void vss_store_set_name(const struct vss_uuid *set, const char *suffix, char out[VSS_UUID_TEXT + 8]);

/* A set (store_set.c): the parts of the phases that are the same for every kind. */
int vss_stores_begin(struct vss_provider_set *ps, const struct vss_store_kind *kind, struct vss_err *err);
int vss_stores_abort(struct vss_provider_set *ps, const struct vss_store_kind *kind, struct vss_err *err);
void vss_stores_done(struct vss_provider_set *ps);
int vss_stores_places_of(struct vss_provider_set *ps, struct vss_provider_places *out, struct vss_err *err);
/**
 * Put an empty file without permissions in the place of what could not be copied to `path` of the copy
 * `copyfd`; a directory that is there already is left.
 */
int vss_store_stand_in(int copyfd, const char *path, struct vss_err *err);

/* Finished copies (store_copies.c). */
/** ".vss-shadows/SHADOW/copy", relative to the root; the caller frees it. */
char *vss_store_copy_path(const struct vss_uuid *shadow);
int vss_store_places(const struct vss_store_kind *kind, struct vss_provider_places *out, struct vss_err *err);
int vss_store_remove_copy(const struct vss_shadow *s, const struct vss_store_kind *kind, struct vss_err *err);
int vss_store_copy_exists(const struct vss_shadow *s, const struct vss_store_kind *kind, struct vss_err *err);
int vss_store_tidy_place(const char *place, const struct vss_store_kind *kind, struct vss_err *err);
/** Remove copy and directory SHADOW from the storage `fd`; absence is fine. */
int vss_store_drop_copy(int fd, const struct vss_uuid *shadow, const struct vss_store_kind *kind, struct vss_err *err);
/**
 * A place that cannot be looked at must not hide the others: name it and go on.  Absence is not
 * worth a word.
 */
void vss_store_leave_out(const char *place, const struct vss_err *err);

/* What copies take (store_use.c). */
/** Of copies that are trees of files, all in one place: their blocks, without those that they share with other files. */
int vss_store_use(const struct vss_shadow *const *copies, size_t n, const struct vss_store_kind *kind,
	struct vss_provider_use *out, struct vss_err *err);
/** How big the file system of `fd` is; copies may fill it. */
void vss_store_capacity(int fd, struct vss_provider_use *out);

/** A copy that is a directory leaves the storage and becomes `name` in the root of it; *where is its path, the caller frees it. */
int vss_store_detach(const struct vss_shadow *s, const struct vss_store_kind *kind, const char *name, char **where,
	struct vss_err *err);

/* What dead runs left (store_reap.c). */
int vss_store_reap(const struct vss_store_kind *kind, unsigned *removed, struct vss_err *err);

/* Showing copies (surface.c). */

/** `device` becomes a symbolic link to `target`; its directory is made.  Already so is fine. */
int vss_surface_link(const char *target, const char *device, struct vss_err *err);
int vss_surface_unlink(const char *device, struct vss_err *err);
/** One read-only mount of the tree `rootfd` at <run>/fs/KEY, `device` a link to `sub` in it. */
int vss_surface_mount(int rootfd, const char *key, const char *sub, const char *device, struct vss_err *err);
/** The same of the file system on the block device `source`, which is the copy itself; already mounted is fine. */
int vss_surface_device(
	const char *source, const char *fstype, const char *key, const char *device, struct vss_err *err);
/** The same of a detached mount; one that is there already stays. */
int vss_surface_tree(int mountfd, const char *key, const char *device, struct vss_err *err);
/** Remove the link; unmount <run>/fs/KEY when no other device needs it. */
int vss_surface_unmount(const char *key, const char *device, struct vss_err *err);
/** The operations expose and unexpose of providers that mount: what `device` shows, read-only at `path`, an empty directory, made when absent. */
int vss_expose_mount(const struct vss_shadow *s, const char *device, const char *path, struct vss_err *err);
int vss_expose_unmount(const struct vss_shadow *s, const char *path, struct vss_err *err);
/** Without privilege there is no mount: a link to `device` takes the place of the empty directory. */
int vss_expose_link(const char *device, const char *path, struct vss_err *err);
int vss_expose_unlink(const char *device, const char *path, struct vss_err *err);
/** Make sure that `path` is an empty directory, making it when absent: VSS_EXISTS. */
int vss_expose_target(const char *path, struct vss_err *err);

#endif
