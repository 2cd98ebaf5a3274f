/* SPDX-License-Identifier: BSD-2-Clause */
#include "os/volume_internal.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "base/uuid.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static struct vss_volume *
fake_volume(char *path, dev_t dev)
{
	struct vss_volume *v = vss_alloc(sizeof *v);
	VSS_AUTOFREE char *seed = vss_strf("fake %s", path);
	struct vss_uuid u;
	char id[VSS_UUID_TEXT];
	vss_uuid_of_bytes(&u, seed, strlen(seed));
	vss_uuid_text(&u, id);
	*v = (struct vss_volume){
		.mount = path,
		.source = vss_strdup(path),
		.fstype = vss_strdup("fake"),
		.id = vss_strdup(id),
		.fs_root = vss_strdup("/"),
		.subpath = vss_strdup(""),
		.dev = dev,
	};
	return v;
}

static void
add_fake(const char *word, struct vss_volume_list *out)
{
	struct stat st;
	char *path = realpath(word, NULL);
	if (*word != '/' || !path || stat(path, &st) < 0 || !S_ISDIR(st.st_mode)) {
		vss_warn("VSS_FAKE_VOLUMES: %s: not the absolute path of a directory", word);
		free(path);
		return;
	}
	VSS_PUSH(out->v, out->n, out->cap) = fake_volume(path, st.st_dev);
}

void
vss_fake_volumes(struct vss_volume_list *out)
{
	const char *given = secure_getenv("VSS_FAKE_VOLUMES");
	while (given && *given) {
		size_t n = strcspn(given, ":");
		VSS_AUTOFREE char *word = vss_strndup(given, n);
		if (n > 0)
			add_fake(word, out);
		given += n + (given[n] == ':');
	}
}
