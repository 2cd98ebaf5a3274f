/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_PROVIDER_LVM_INTERNAL_H
#define VSS_PROVIDER_LVM_INTERNAL_H

#include "provider/provider.h"

#include <time.h>

/*
 * The lvm provider: lvm.c (what it takes, what it promises), lvm_make.c (the phases), lvm_size.c (how large thick
 * copies are), lvm_command.c (running lvm), lvm_find.c (one copy), lvm_report.c (what lvm says of its volumes), lvm_tags.c (documents in
 * tags), lvm_storage.c (places), lvm_reap.c (what dead runs left), lvm_surface.c (mounts), lvm_life.c (the life of
 * a copy), lvm_probe.c (may an origin be frozen while lvcreate runs), lvm_dm.c (the kernel's calls).
 *
 * A copy is the logical volume vss-SHADOW in the volume group of its origin, with the tags
 *
 *	vss.set.SET	     the set that it belongs to
 *	vss.making.OWNER     until the document of the set has been saved
 *	vss.unsealed	     writers may still write to it
 *	vss.doc....	     a piece of the set's document: on one copy of the set in each volume group (lvm_tags.c)
 *
 * A place is the UUID of a volume group; its directory <run>/lvm/UUID shows what the tags hold.
 */

#define VSS_LVM_PREFIX "vss-"
#define VSS_LVM_NAME (sizeof VSS_LVM_PREFIX + VSS_UUID_TEXT)
#define VSS_LVM_TAG_SET "vss.set."
#define VSS_LVM_TAG_MAKING "vss.making."
#define VSS_LVM_TAG_UNSEALED "vss.unsealed"
#define VSS_LVM_TAG_DOC "vss.doc."

/* lvm_report.c */

/** A logical volume, with what its group has left. */
struct vss_lvm_lv {
	char *name, *uuid, *vg, *vg_uuid;
	char *origin, *origin_uuid, *pool; /* NULL: none */
	uint64_t size;			   /* bytes; of a thick copy: what is set aside for it */
	int data, metadata;		   /* hundredths of a percent in use; -1: not known */
	bool thin, is_pool, is_thick_copy, is_merging, is_invalid, is_active, is_read_only, is_open;
	dev_t dev; /* 0: not active */
	int64_t made_s;
	struct vss_strv tags;
	uint64_t vg_size, vg_free, vg_extent, vg_metadata_free;
};
struct vss_lvm_report {
	struct vss_lvm_lv *v;
	size_t n, cap;
};
/** What `lvm lvs` printed for VSS_LVM_FIELDS; the caller frees it, also after a failure. */
int vss_lvm_report_parse(const struct vss_buf *json, struct vss_lvm_report *out, struct vss_err *err);
void vss_lvm_report_free(struct vss_lvm_report *r);
void vss_lvm_lv_free(struct vss_lvm_lv *lv); /* what it points to */
struct vss_lvm_lv vss_lvm_lv_copy(const struct vss_lvm_lv *lv);
#define VSS_LVM_FIELDS                                                                                                 \
	"lv_name,lv_uuid,vg_name,vg_uuid,vg_size,vg_free,vg_extent_size,vg_mda_free,lv_size,origin,origin_uuid,pool_"  \
	"lv,"                                                                                                          \
	"data_percent,metadata_percent,lv_layout,lv_role,lv_tags,lv_active,lv_permissions,lv_merging,"                 \
	"lv_snapshot_invalid,lv_device_open,lv_kernel_major,lv_kernel_minor,lv_time"
const struct vss_lvm_lv *vss_lvm_by_uuid(const struct vss_lvm_report *r, const char *uuid);
const struct vss_lvm_lv *vss_lvm_by_name(const struct vss_lvm_report *r, const char *vg_uuid, const char *name);
/** The copy `shadow` in the group `vg_uuid`, or NULL. */
const struct vss_lvm_lv *vss_lvm_copy(
	const struct vss_lvm_report *r, const char *vg_uuid, const struct vss_uuid *shadow);
bool vss_lvm_has_group(const struct vss_lvm_report *r, const char *vg_uuid);
/** Is it a copy of ours?  Then *shadow is its ID. */
bool vss_lvm_is_copy(const struct vss_lvm_lv *lv, struct vss_uuid *shadow);
/** The UUID in the first tag that begins with `prefix`: 0 or -1. */
int vss_lvm_tagged(const struct vss_lvm_lv *lv, const char *prefix, struct vss_uuid *out);
void vss_lvm_name(const struct vss_uuid *shadow, char out[VSS_LVM_NAME]);
/** Is it the UUID of a volume group as LVM writes it?  It becomes part of a path. */
bool vss_lvm_is_place(const char *place);

/* lvm_command.c: LVM's own program. */

/** Can there be logical volumes that we may look at: device-mapper, lvm, privilege, no trial. */
bool vss_lvm_is_here(void);
bool vss_lvm_is_installed(void);
/** A command that changes something, without questions; `quietly`: it writes no file and waits for no other service. */
int vss_lvm_run(const struct vss_strv *words, bool quietly, struct vss_err *err);
/** All logical volumes of this machine, as they are now. */
int vss_lvm_look(struct vss_lvm_report *out, struct vss_err *err);
/**
 * A copy as it is now or, not `fresh`, was in the last seconds: 1 with *out, which the caller frees; 0: its group has it
 * not; -1, VSS_ABSENT: the group is not to be seen.
 */
int vss_lvm_find(const struct vss_shadow *s, bool fresh, struct vss_lvm_lv *out, struct vss_err *err);
/** The same, with all that lvm says now: *lv points into *r, which the caller frees always. */
int vss_lvm_look_for(
	const struct vss_shadow *s, struct vss_lvm_report *r, const struct vss_lvm_lv **lv, struct vss_err *err);
/** Something has been changed: what was kept for a moment does not hold any more. */
void vss_lvm_outdate(void);
/** A copy of the configuration in <run>, which vss_lvm_run reads when it runs quietly: nothing it needs is held then. */
int vss_lvm_copy_configuration(struct vss_err *err);
/** "VG/NAME"; the caller frees it. */
char *vss_lvm_path(const char *vg, const char *name);

/* lvm_size.c: pure. */

struct vss_lvm_share {
	uint64_t origin; /* bytes */
	uint64_t size;	 /* out */
};
struct vss_lvm_wish {
	uint64_t bytes;	  /* for each copy; 0: not said */
	unsigned percent; /* of the origin; 0: not said */
};
/**
 * How large the thick copies in one group with `room` free bytes in extents of `extent` bytes become.  -1: they do not fit, and *need
 * is what they would take.
 */
int vss_lvm_share_out(struct vss_lvm_share *v, size_t n, const struct vss_lvm_wish *wish,
	const struct vss_lvm_lv *group, uint64_t *need);

/* lvm_tags.c: pure. */

/** The pieces of a document, as tags; `stamp`: when it was written, in ns. */
void vss_lvm_tags_write(const void *doc, size_t n, int64_t stamp, struct vss_strv *tags);
/**
 * The newest document that is whole in the tags.  VSS_ABSENT: no piece of any; VSS_CORRUPT: none is whole.
 */
int vss_lvm_tags_read(const struct vss_strv *tags, struct vss_buf *doc, int64_t *stamp, struct vss_err *err);
bool vss_lvm_is_piece(const char *tag);
/** Take the writers' documents out of a set document that would be too long for tags; it stays one. */
void vss_lvm_shorten(struct vss_buf *doc);

/* lvm_storage.c */

int vss_lvm_places(const struct vss_provider_ops *self, struct vss_provider_places *out, struct vss_err *err);
/** The directory of a place, made when it is missing.  A descriptor or -1. */
int vss_lvm_open_place(const char *place, struct vss_err *err);
int vss_lvm_carry(const struct vss_provider_place *p, const struct vss_uuid *set, struct vss_err *err);
/** Before `lv` goes: the pieces of a document that it has move to another copy of its set. */
int vss_lvm_pass_on(const struct vss_lvm_report *r, const struct vss_lvm_lv *lv, struct vss_err *err);
/** Remove what the directory of a place says of a copy; the directory too, when it says nothing any more. */
void vss_lvm_forget(const char *place, const struct vss_uuid *shadow);
int vss_lvm_tidy(const struct vss_shadow *s, struct vss_err *err);

/* lvm_reap.c */
int vss_lvm_reap(const struct vss_provider_ops *self, unsigned *removed, struct vss_err *err);
/** Remove a copy, finished or not, and wake its origin should a command that was killed have left it suspended. */
int vss_lvm_drop(const struct vss_lvm_lv *lv, bool quietly, struct vss_err *err);

/* lvm_surface.c */
int vss_lvm_surface(const struct vss_shadow *s, const char *device, struct vss_err *err);
int vss_lvm_unsurface(const struct vss_shadow *s, const char *device, struct vss_err *err);
/** A copy that was shown writable becomes read-only. */
int vss_lvm_show_read_only(const struct vss_uuid *shadow, struct vss_err *err);
bool vss_lvm_can_mount(const char *fstype);

/* lvm_life.c */
int vss_lvm_remove(const struct vss_shadow *s, struct vss_err *err);
int vss_lvm_exists(const struct vss_shadow *s, struct vss_err *err);
int vss_lvm_use(const struct vss_shadow *const *copies, size_t n, struct vss_provider_use *out, struct vss_err *err);
int vss_lvm_revert(const struct vss_shadow *s, struct vss_provider_revert *how, struct vss_err *err);
int vss_lvm_detach(const struct vss_shadow *s, const char *name, bool writable, char **where, struct vss_err *err);

/* lvm_make.c: the phases. */
/** May a copy of `v` be made at all?  By what lvm said a moment ago.  The message names the way out. */
int vss_lvm_check(const struct vss_provider_set *ps, const struct vss_volume *v, struct vss_err *err);
/** The volume group's UUID. */
char *vss_lvm_place_of(const struct vss_volume *v, struct vss_err *err);
int vss_lvm_check_origin(const struct vss_lvm_report *r, const struct vss_volume *v, struct vss_err *err);
int vss_lvm_begin_prepare(struct vss_provider_set *ps, struct vss_err *err);
int vss_lvm_commit(struct vss_provider_set *ps, struct vss_err *err);
int vss_lvm_post_final_commit(struct vss_provider_set *ps, struct vss_err *err);
int vss_lvm_abort(struct vss_provider_set *ps, struct vss_err *err);
void vss_lvm_done(struct vss_provider_set *ps);
int vss_lvm_places_of(struct vss_provider_set *ps, struct vss_provider_places *out, struct vss_err *err);

/* lvm_probe.c */
/** Does the kernel let lvm make a copy of an origin whose file system is frozen?  Tried once after each start of the machine. */
bool vss_lvm_takes_frozen(void);

/* lvm_dm.c: device-mapper's calls.  A device is known by its name. */

/** 1 and what there is to know of the first target, 0: there is no such device, -1. */
struct vss_dm_state {
	bool suspended;
	dev_t dev;
	char status[128]; /* "Invalid", "24/122880 16" ... */
};
int vss_dm_state(const char *name, struct vss_dm_state *out, struct vss_err *err);
/** The kernel's name of a logical volume: "vg-vss--1234"; the caller frees it. */
char *vss_dm_name(const char *vg, const char *lv);
/** Suspend (with its file system) or resume.  VSS_BUSY: the file system is frozen, and this kernel takes that amiss. */
int vss_dm_suspend(const char *name, bool suspend, struct vss_err *err);
/** A device that shows `sectors` of another one from its beginning. */
int vss_dm_create(const char *name, dev_t below, uint64_t sectors, struct vss_err *err);
/** It goes when nobody has it open any more; absence is fine. */
int vss_dm_remove(const char *name, struct vss_err *err);
/** Now, or not at all: one that is part of another device stays, which is no failure. */
int vss_dm_remove_unused(const char *name, struct vss_err *err);

#endif
