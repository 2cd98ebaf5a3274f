/* SPDX-License-Identifier: BSD-2-Clause */
#include "os/volume_internal.h"

#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"

#include <errno.h>
#include <libmount.h>
#include <stdlib.h>
#include <string.h>

static bool
is_listed(const char *const *list, const char *word)
{
	for (; *list; list++)
		if (strcmp(*list, word) == 0)
			return true;
	return false;
}

/* libmount has lists of its own, but counts tmpfs and overlay among the pseudo file systems: they hold files of users. */
bool
vss_fs_is_pseudo(const char *fstype)
{
	static const char *const types[] = { "autofs", "binfmt_misc", "bpf", "cgroup", "cgroup2", "configfs", "debugfs",
		"devpts", "devtmpfs", "efivarfs", "fuse.gvfsd-fuse", "fuse.lxcfs", "fuse.portal", "fusectl",
		"hugetlbfs", "mqueue", "nfsd", "nsfs", "proc", "pstore", "ramfs", "resctrl", "rootfs", "rpc_pipefs",
		"securityfs", "selinuxfs", "smackfs", "sysfs", "tracefs", NULL };
	return is_listed(types, fstype);
}

bool
vss_fs_is_network(const char *fstype)
{
	static const char *const types[] = { "9p", "afs", "beegfs", "ceph", "cifs", "coda", "davfs", "fuse.ceph",
		"fuse.curlftpfs", "fuse.davfs", "fuse.gcsfuse", "fuse.glusterfs", "fuse.juicefs", "fuse.rclone",
		"fuse.s3fs", "fuse.sshfs", "gfarm", "glusterfs", "lustre", "ncpfs", "nfs", "nfs4", "orangefs", "smb3",
		"smbfs", "vboxsf", "virtiofs", NULL };
	return is_listed(types, fstype);
}

static bool
has_option(const char *options, const char *name)
{
	char *value;
	size_t n;
	return options && mnt_optstr_get_option(options, name, &value, &n) == 0;
}

static char *
text_or(const char *s, const char *otherwise)
{
	return vss_strdup(s ? s : otherwise);
}

static void
add_mount(struct vss_mount_list *out, struct libmnt_fs *fs)
{
	struct vss_mount *m = &VSS_PUSH(out->v, out->n, out->cap);
	*m = (struct vss_mount){
		.target = text_or(mnt_fs_get_target(fs), "/"),
		.root = text_or(mnt_fs_get_root(fs), "/"),
		.source = text_or(mnt_fs_get_source(fs), "none"),
		.fstype = text_or(mnt_fs_get_fstype(fs), "none"),
		.options = text_or(mnt_fs_get_fs_options(fs), ""),
		.dev = mnt_fs_get_devno(fs),
		.id = mnt_fs_get_id(fs),
		.parent = mnt_fs_get_parent_id(fs),
		.read_only = has_option(mnt_fs_get_fs_options(fs), "ro"),
		.mount_read_only = has_option(mnt_fs_get_vfs_options(fs), "ro"),
	};
}

int
vss_mounts_read(const char *file, struct vss_mount_list *out, struct vss_err *err)
{
	errno = 0;
	struct libmnt_table *table = mnt_new_table_from_file(file);
	struct libmnt_iter *it = table ? mnt_new_iter(MNT_ITER_FORWARD) : NULL;
	if (!it) {
		int e = errno ? errno : ENOMEM;
		mnt_unref_table(table);
		return vss_fail(err, VSS_SYSTEM, e, "%s: read the mount table", file);
	}
	*out = (struct vss_mount_list){ NULL, 0, 0 };
	struct libmnt_fs *fs;
	while (mnt_table_next_fs(table, it, &fs) == 0)
		add_mount(out, fs);
	mnt_free_iter(it);
	mnt_unref_table(table);
	return 0;
}

int
vss_mounts(struct vss_mount_list *out, struct vss_err *err)
{
	return vss_mounts_read("/proc/self/mountinfo", out, err);
}

void
vss_mount_list_free(struct vss_mount_list *list)
{
	for (size_t i = 0; i < list->n; i++) {
		free(list->v[i].target);
		free(list->v[i].root);
		free(list->v[i].source);
		free(list->v[i].fstype);
		free(list->v[i].options);
	}
	free(list->v);
	*list = (struct vss_mount_list){ NULL, 0, 0 };
}

const struct vss_mount *
vss_mounts_by_id(const struct vss_mount_list *list, uint64_t id)
{
	for (size_t i = 0; i < list->n; i++)
		if ((uint64_t)list->v[i].id == id)
			return &list->v[i];
	return NULL;
}

/* Is `m` mounted on `parent`?  NULL stands for what is outside of the table: the parent of the root, or of all in a chroot. */
static bool
is_child(const struct vss_mount_list *list, const struct vss_mount *m, const struct vss_mount *parent)
{
	if (parent)
		return m != parent && m->parent == parent->id;
	return m->parent == m->id || !vss_mounts_by_id(list, (uint64_t)m->parent);
}

/* Going down the path, the first child that is come across: the one with the shortest mount point. */
static const struct vss_mount *
next_mount(const struct vss_mount_list *list, const struct vss_mount *from, const char *path)
{
	const struct vss_mount *best = NULL;
	for (size_t i = 0; i < list->n; i++) {
		const struct vss_mount *m = &list->v[i];
		/* In this order: few mounts lie on the path, and asking whose child one is may take the whole table. */
		if (!vss_path_is_below(path, m->target) || !is_child(list, m, from))
			continue;
		/* Mounted on a place above the root of `from`: hidden by `from` itself. */
		if (from && !vss_path_is_below(m->target, from->target))
			continue;
		if (!best || strlen(m->target) < strlen(best->target))
			best = m;
	}
	return best;
}

const struct vss_mount *
vss_mounts_at(const struct vss_mount_list *list, const char *path)
{
	const struct vss_mount *at = NULL, *next;
	while ((next = next_mount(list, at, path)))
		at = next;
	return at;
}

const struct vss_mount *
vss_mounts_network(const struct vss_mount_list *list, const char *path)
{
	const struct vss_mount *m = vss_mounts_at(list, path);

	return m && vss_fs_is_network(m->fstype) ? m : NULL;
}
