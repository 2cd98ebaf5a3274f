/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_FREEZE_RECORD_H
#define VSS_FREEZE_RECORD_H

#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/**
 * What a freezer may hold, for whoever comes after it is dead: `<run>/freeze/<id>`, 0600, locked while freezer or sentinel
 * lives.  Lines of words with single blanks between; in a word blank, backslash and control bytes are \ooo:
 *
 *	vss-freeze 1 waiting               or holding, of the same length: from the first command on
 *	boot ID                            /proc/sys/kernel/random/boot_id: no freeze survives a start of the machine
 *	fs MAJOR:MINOR UUID TYPE DEVICE    in the order of freezing; - for a UUID that is not known
 *	cgroup VALUE PATH                  what its cgroup.freeze said before
 *	end
 */
struct vss_freeze_record {
	bool holding;
	char *boot;
	struct vss_freeze_fs {
		dev_t dev;
		char *uuid; /* text in lower case, or NULL */
		char *fstype, *source;
	} * fs;
	size_t nfs, fs_cap;
	struct vss_freeze_slice {
		char before;
		char *path;
	} * cgroups;
	size_t ncgroups, cgroup_cap;
};

#define VSS_FREEZE_RECORD_LIMIT (256 << 10)
/** Where `waiting` begins. */
#define VSS_FREEZE_RECORD_STATE (sizeof "vss-freeze 1 " - 1)

void vss_freeze_record_free(struct vss_freeze_record *r);
void vss_freeze_record_write(const struct vss_freeze_record *r, struct vss_buf *out);
/** The text of a whole record: VSS_CORRUPT for anything else. */
int vss_freeze_record_parse(const char *text, struct vss_freeze_record *out, struct vss_err *err);
/** This start of the machine; the caller frees it. */
char *vss_freeze_boot_id(void);

/** UUID of the file system of `fstype` on block device `dev` (open descriptor of a directory on it, or -1); NULL: not known. */
char *vss_freeze_fs_uuid(int dirfd, dev_t dev, const char *fstype);
/** A node of that block device to open; NULL: none. */
char *vss_freeze_device_node(dev_t dev, const char *source);

#endif
