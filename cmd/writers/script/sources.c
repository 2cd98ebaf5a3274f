/* SPDX-License-Identifier: BSD-2-Clause */
#include "sources.h"

#include "base/mem.h"
#include "base/path.h"
#include "os/trust.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* What editors and package managers leave beside a hook is none: the dispatcher of QEMU's guest agent passes over the same names. */
static bool
is_left_over(const char *name)
{
	static const char *const ends[] = { "~", ".bak", ".orig", ".rpmnew", ".rpmorig", ".rpmsave", ".sample",
		".dpkg-old", ".dpkg-new", ".dpkg-tmp", ".dpkg-dist", ".dpkg-bak", ".dpkg-backup", ".dpkg-remove" };

	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
		if (vss_str_ends(name, ends[i]))
			return true;
	return *name == '.';
}

static int
list_hooks(const char *dir, struct vss_strv *out, struct vss_err *err)
{
	DIR *d = opendir(dir);

	if (!d)
		return vss_fail(err, VSS_SYSTEM, errno, "%s", dir);
	for (const struct dirent *e; (e = readdir(d));) {
		VSS_AUTOFREE char *path = vss_path_join(dir, e->d_name);
		struct stat st;

		if (!is_left_over(e->d_name) && stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0)
			vss_strv_take(out, vss_take(&path));
	}
	closedir(d);
	vss_strv_sort(out);
	return out->n ? 0 : vss_fail(err, VSS_ABSENT, 0, "%s: holds no executable hook", dir);
}

int
load_qemu_hooks(struct pair *p, struct vss_err *err)
{
	VSS_AUTOSTRV struct vss_strv hooks = VSS_STRV_INIT;

	if (list_hooks(p->from, &hooks, err) != 0)
		return -1;
	for (size_t i = 0; i < hooks.n; i++) {
		struct step *s = pair_add_step(p);

		vss_strv_add(&s->freeze, hooks.v[i]);
		vss_strv_add(&s->freeze, "freeze");
		vss_strv_add(&s->thaw, hooks.v[i]);
		vss_strv_add(&s->thaw, "thaw");
	}
	return 0;
}

int
load_google(struct pair *p, struct vss_err *err)
{
	struct step *s = pair_add_step(p);

	(void)err;
	vss_strv_take(&s->freeze, vss_path_join(p->from, "pre.sh"));
	vss_strv_take(&s->thaw, vss_path_join(p->from, "post.sh"));
	return 0;
}
