/* SPDX-License-Identifier: BSD-2-Clause */
#include "scratch.h"

#include "base/mem.h"
#include "base/path.h"
#include "os/durable.h"
#include "tree/copy.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int
make_all(const char *path, struct vss_err *err)
{
	if (mkdir(path, 0700) == 0 || errno == EEXIST)
		return 0;
	if (errno != ENOENT)
		return vss_fail(err, VSS_SYSTEM, errno, "%s", path);
	VSS_AUTOFREE char *above = vss_path_dir(path);
	if (make_all(above, err) != 0)
		return -1;
	return mkdir(path, 0700) == 0 ? 0 : vss_fail(err, VSS_SYSTEM, errno, "%s", path);
}

int
scratch_directory(const char *path, const struct disk *d, struct vss_err *err)
{
	if (make_all(path, err) != 0)
		return -1;
	if (!d)
		return 0;
	mode_t mode = d->file_mode & S_IRGRP ? 0750 : 0700;
	if (chown(path, d->uid, d->gid) != 0 || chmod(path, mode) != 0)
		return vss_fail(err, VSS_SYSTEM, errno, "%s", path);
	return 0;
}

int
scratch_file(const struct disk *d, const char *dir, const char *name, const char *text, struct vss_err *err)
{
	VSS_AUTOFREE char *path = vss_path_join(dir, name);

	if (vss_write_file(path, text, strlen(text), d->file_mode, err) != 0)
		return -1;
	return chown(path, d->uid, d->gid) == 0 ? 0 : vss_fail(err, VSS_SYSTEM, errno, "%s", path);
}

int
scratch_let_go(void *ctx, const char *path, mode_t type, struct vss_err *err)
{
	(void)ctx;
	(void)path;
	(void)type;
	return err->code == VSS_ABSENT ? 0 : -1;
}

/* The copier wants its destination empty. */
static int
copy_into(const char *from, const char *to, const char *name, struct vss_err *err)
{
	VSS_AUTOCLOSE int in = open(from, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	VSS_AUTOCLOSE int out = in < 0 ? -1 : open(to, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const char *const only[] = { name };
	const struct vss_copy_options o = { .only = only, .nonly = *name ? 1 : 0, .trouble = scratch_let_go };
	struct vss_copy_report report = { 0 };

	if (in < 0 || out < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "%s", in < 0 ? from : to);
	if (vss_copy_tree(in, out, &o, &report, err) != 0)
		return vss_wrap(err, "%s", from);
	return faccessat(out, *name ? name : ".", F_OK, 0) == 0 ? 0
								: vss_fail(err, VSS_SYSTEM, errno, "%s/%s", from, name);
}

int
scratch_copy(const char *from, const char *to, const char *name, struct vss_err *err)
{
	return make_all(to, err) == 0 ? copy_into(from, to, name, err) : -1;
}

char *
scratch_config_directory(const struct cluster *k, const char *scratch, size_t i)
{
	VSS_AUTOFREE char *dir = cluster_scratch(k, scratch, "conf-files");

	return vss_strf("%s/%zu", dir, i);
}

int
scratch_configuration(const struct cluster *k, const char *scratch, struct vss_err *err)
{
	VSS_AUTOFREE char *conf = cluster_scratch(k, scratch, "conf");
	int r = k->tree ? scratch_copy(k->tree, conf, "", err) : 0;

	for (size_t i = 0; r == 0 && i < k->config_files.n; i++) {
		VSS_AUTOFREE char *from = vss_path_dir(k->config_files.v[i]);
		VSS_AUTOFREE char *to = scratch_config_directory(k, scratch, i);

		r = scratch_copy(from, to, vss_path_base(k->config_files.v[i]), err);
	}
	return r;
}
