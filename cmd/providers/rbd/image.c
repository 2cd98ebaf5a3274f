/* SPDX-License-Identifier: BSD-2-Clause */
#include "image.h"

#include "base/mem.h"
#include "base/path.h"
#include "base/uuid.h"
#include "os/durable.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MARK "vss."
enum { ATTRIBUTE_BYTES = 4096 };

void
image_clear(struct image *i)
{
	free(i->spec);
	free(i->group);
	*i = (struct image){ 0 };
}

/* One line of a file of sysfs; NULL: it is not there.  The caller frees it. */
static char *
attribute(const char *dir, const char *name)
{
	VSS_AUTOFREE char *path = vss_path_join(dir, name);
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;
	struct vss_err ignored = VSS_ERR_INIT;

	if (vss_read_file(path, ATTRIBUTE_BYTES, &text, &ignored) != 0 || text.len == 0)
		return NULL;
	text.data[strcspn(text.data, "\n")] = '\0';
	return vss_buf_take(&text);
}

/* The image of <sysfs>/bus/rbd/devices/ID; NULL for a snapshot. */
static char *
spec_of(const char *sysfs, const char *id)
{
	VSS_AUTOFREE char *dir = vss_strf("%s/bus/rbd/devices/%s", sysfs, id);
	VSS_AUTOFREE char *pool = attribute(dir, "pool");
	VSS_AUTOFREE char *ns = attribute(dir, "pool_ns");
	VSS_AUTOFREE char *name = attribute(dir, "name");
	VSS_AUTOFREE char *snap = attribute(dir, "current_snap");

	if (!pool || !name || (snap && strcmp(snap, "-") != 0))
		return NULL;
	return ns && *ns ? vss_strf("%s/%s/%s", pool, ns, name) : vss_strf("%s/%s", pool, name);
}

int
image_of_device(const char *sysfs, const char *number, struct image *out, struct vss_err *err)
{
	VSS_AUTOFREE char *link = vss_strf("%s/dev/block/%s", sysfs, number);
	char target[PATH_MAX];
	ssize_t n = readlink(link, target, sizeof target - 1);

	if (n < 0)
		return errno == ENOENT ? 1 : vss_fail(err, VSS_SYSTEM, errno, "%s", link);
	target[n] = '\0';
	const char *name = vss_path_base(target);
	/* rbd0p1 is a part of a device, whose other parts are not ours to copy. */
	if (strncmp(name, "rbd", 3) != 0 || name[3 + strspn(name + 3, "0123456789")] != '\0')
		return 1;
	out->spec = spec_of(sysfs, name + 3);
	return out->spec ? 0 : 1;
}

int
images_mapped(const char *sysfs, struct vss_strv *specs, struct vss_err *err)
{
	VSS_AUTOFREE char *path = vss_strf("%s/bus/rbd/devices", sysfs);
	DIR *d = opendir(path);

	if (!d)
		return errno == ENOENT ? 0 : vss_fail(err, VSS_SYSTEM, errno, "%s", path);
	for (const struct dirent *e; (e = readdir(d));) {
		if (e->d_name[0] == '.')
			continue;
		VSS_AUTOFREE char *spec = spec_of(sysfs, e->d_name);
		if (spec && !vss_strv_has(specs, spec))
			vss_strv_add(specs, spec);
	}
	closedir(d);
	vss_strv_sort(specs);
	return 0;
}

int
image_find_group(const struct command *c, struct image *i, struct vss_err *err)
{
	const char *const words[] = { "info", i->spec, NULL };
	struct vss_json *info = command_json(c, words, err);

	if (!info)
		return -1;
	free(i->group);
	i->group = vss_strdup(vss_json_str(info, "group"));
	vss_json_free(info);
	return 0;
}

int
mark_set(const struct command *c, const char *spec, const char *shadow, const char *snapshot, struct vss_err *err)
{
	VSS_AUTOFREE char *key = vss_strf(MARK "%s", shadow);
	const char *const words[] = { "image-meta", "set", spec, key, snapshot, NULL };

	return command_run(c, words, NULL, err);
}

int
marks_of(const struct command *c, const char *spec, struct vss_strv *out, struct vss_err *err)
{
	const char *const words[] = { "image-meta", "list", spec, NULL };
	struct vss_json *all = command_json(c, words, err);
	struct vss_uuid id;
	const char *key;

	if (!all)
		return -1;
	for (size_t i = 0; (key = vss_json_key(all, i)); i++) {
		const char *value = vss_json_str(all, key);
		if (!value || !vss_str_starts(key, MARK) || vss_uuid_parse(key + strlen(MARK), &id) != 0)
			continue;
		vss_strv_add(out, key + strlen(MARK));
		vss_strv_add(out, value);
	}
	vss_json_free(all);
	return 0;
}

int
mark_remove(const struct command *c, const char *spec, const char *shadow, struct vss_err *err)
{
	VSS_AUTOSTRV struct vss_strv marks = VSS_STRV_INIT;
	VSS_AUTOFREE char *key = vss_strf(MARK "%s", shadow);
	const char *const words[] = { "image-meta", "remove", spec, key, NULL };

	if (marks_of(c, spec, &marks, err) != 0)
		return -1;
	return vss_strv_has(&marks, shadow) ? command_run(c, words, NULL, err) : 0;
}
