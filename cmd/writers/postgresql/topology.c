/* SPDX-License-Identifier: BSD-2-Clause */
#include "topology.h"

#include "base/mem.h"
#include "base/path.h"
#include "os/volume.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct set_volume {
	char *id;
	const char *group;
	bool one;
};
struct judging {
	struct set_volume *volumes;
	size_t n, cap;
	const char *group; /* of the first directory; NULL: none yet */
	enum topology verdict;
};

static void
read_set(const struct vss_sdk *w, struct judging *j)
{
	for (size_t i = 0; i < vss_sdk_lines(w); i++) {
		const char *word = vss_sdk_line_word(w, i, 0), *mount = vss_sdk_line_word(w, i, 1);
		const char *instant = vss_sdk_line_get(w, i, "instant"), *group = vss_sdk_line_get(w, i, "group");
		struct vss_err ignored = VSS_ERR_INIT;

		if (!mount || strcmp(word, "volume") != 0)
			continue;
		struct vss_volume *v = vss_volume_near(mount, &ignored);
		if (v)
			VSS_PUSH(j->volumes, j->n, j->cap) = (struct set_volume){
				.id = vss_strdup(v->id), .group = group ? group : "", .one = vss_str_eq(instant, "one")
			};
		vss_volume_free(v);
	}
}

static void
judge(struct judging *j, const struct vss_volume *v, const char *dir, struct vss_err *err)
{
	size_t i = 0;

	while (i < j->n && strcmp(j->volumes[i].id, v->id) != 0)
		i++;
	if (i == j->n) {
		j->verdict = TOPOLOGY_MISSING;
		vss_fail(err, VSS_ABSENT, 0, "%s lies on %s, which is not in the set", dir, v->mount);
		return;
	}
	if (!j->group)
		j->group = j->volumes[i].group;
	if (j->verdict == TOPOLOGY_ONE && (!j->volumes[i].one || strcmp(j->group, j->volumes[i].group) != 0))
		j->verdict = TOPOLOGY_MANY;
}

static void
judge_directory(struct judging *j, const char *dir, struct vss_err *err)
{
	struct vss_volume *v = vss_volume_near(dir, err);

	if (v)
		judge(j, v, dir, err);
	else
		j->verdict = TOPOLOGY_MISSING;
	vss_volume_free(v);
}

/* Subdirectories that are something else than the directory they are in. */
static void
judge_entries(struct judging *j, const char *dir, struct vss_err *err)
{
	DIR *d = opendir(dir);
	struct stat top, st;

	if (!d || fstat(dirfd(d), &top) != 0) {
		vss_fail(err, VSS_SYSTEM, errno, "%s", dir);
		j->verdict = TOPOLOGY_MISSING;
	}
	for (const struct dirent *e; d && j->verdict != TOPOLOGY_MISSING && (e = readdir(d));) {
		VSS_AUTOFREE char *path = vss_path_join(dir, e->d_name);

		if (strcmp(e->d_name, "..") != 0 && lstat(path, &st) == 0 && S_ISDIR(st.st_mode) &&
			st.st_dev != top.st_dev)
			judge_directory(j, path, err);
	}
	if (d)
		closedir(d);
}

/* What is mounted within it belongs to it. */
static void
judge_tree(struct judging *j, const struct vss_volume_list *mounted, const char *dir, struct vss_err *err)
{
	if (j->verdict != TOPOLOGY_MISSING)
		judge_directory(j, dir, err);
	if (j->verdict != TOPOLOGY_MISSING)
		judge_entries(j, dir, err);
	for (size_t i = 0; j->verdict != TOPOLOGY_MISSING && i < mounted->n; i++) {
		const struct vss_volume *v = mounted->v[i];

		if (!v->pseudo && strcmp(v->mount, dir) != 0 && vss_path_is_below(v->mount, dir))
			judge(j, v, v->mount, err);
	}
}

enum topology
topology_of(const struct vss_sdk *w, const struct disk *d, struct vss_err *err)
{
	struct judging j = { .verdict = TOPOLOGY_ONE };
	struct vss_volume_list mounted = { 0 };

	if (vss_volumes_mounted(&mounted, err) != 0)
		return TOPOLOGY_MISSING;
	read_set(w, &j);
	judge_tree(&j, &mounted, d->data, err);
	judge_tree(&j, &mounted, d->wal, err);
	for (size_t i = 0; i < d->tablespaces.n; i++)
		judge_tree(&j, &mounted, d->tablespaces.v[i], err);
	for (size_t i = 0; i < j.n; i++)
		free(j.volumes[i].id);
	free(j.volumes);
	vss_volume_list_free(&mounted);
	return j.verdict;
}
