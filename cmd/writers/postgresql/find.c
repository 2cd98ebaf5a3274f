/* SPDX-License-Identifier: BSD-2-Clause */
#include "cluster.h"

#include "pgconf.h"

#include "base/mem.h"
#include "base/path.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void
cluster_clear(struct cluster *k)
{
	cluster_end(k);
	free(k->label);
	free(k->logical);
	free(k->name);
	free(k->directory);
	free(k->tree);
	disk_clear(&k->disk);
	vss_strv_free(&k->config_files);
	vss_strv_free(&k->databases);
}

void
clusters_clear(struct clusters *cs)
{
	for (size_t i = 0; i < cs->n; i++)
		cluster_clear(&cs->v[i]);
	free(cs->v);
	*cs = (struct clusters){ 0 };
}

static struct cluster *
find(const struct clusters *cs, const char *label)
{
	for (size_t i = 0; i < cs->n; i++)
		if (strcmp(cs->v[i].label, label) == 0)
			return &cs->v[i];
	return NULL;
}

/* The label without its last element is the logical path. */
static struct cluster *
add(struct clusters *cs, const char *label)
{
	struct cluster *k = &VSS_PUSH(cs->v, cs->n, cs->cap);

	*k = (struct cluster){ .label = vss_strdup(label), .name = vss_strdup(vss_path_base(label)) };
	k->logical = vss_strndup(label, strlen(label) - strlen(k->name));
	size_t n = strlen(k->logical);
	if (n > 0)
		k->logical[n - 1] = '\0';
	return k;
}

/* --- Debian's tree: VERSION/NAME/postgresql.conf --- */

static int
add_found(const struct config *c, const char *label, const char *tree, struct clusters *cs, struct vss_err *err)
{
	VSS_AUTOFREE char *conf = vss_path_join(tree, "postgresql.conf");
	VSS_AUTOFREE char *data = NULL;

	if (vss_strv_has(&c->ignored, label) || access(conf, F_OK) != 0)
		return 0;
	if (pgconf_get(conf, "data_directory", &data, err) != 0)
		return -1;
	if (!data || data[0] != '/')
		return vss_fail(err, VSS_INVALID, 0,
			"%s: names no data_directory; say it in a line cluster %s data=DIR, or ignore %s", conf, label,
			label);
	struct cluster *k = add(cs, label);
	k->directory = vss_path_clean(data, "/");
	k->tree = vss_strdup(tree);
	return 0;
}

/* Each entry of `dir` that does not begin with a dot, sorted. */
static int
entries_of(const char *dir, struct vss_strv *out, struct vss_err *err)
{
	DIR *d = opendir(dir);

	if (!d)
		return errno == ENOENT || errno == ENOTDIR ? 0 : vss_fail(err, VSS_SYSTEM, errno, "%s", dir);
	for (const struct dirent *e; (e = readdir(d));)
		if (e->d_name[0] != '.')
			vss_strv_add(out, e->d_name);
	closedir(d);
	vss_strv_sort(out);
	return 0;
}

static int
find_in_version(const struct config *c, const char *version, struct clusters *cs, struct vss_err *err)
{
	VSS_AUTOFREE char *dir = vss_path_join(c->discover, version);
	VSS_AUTOSTRV struct vss_strv names = VSS_STRV_INIT;
	int r = entries_of(dir, &names, err);

	for (size_t i = 0; r == 0 && i < names.n; i++) {
		VSS_AUTOFREE char *label = vss_path_join(version, names.v[i]);
		VSS_AUTOFREE char *tree = vss_path_join(dir, names.v[i]);

		r = add_found(c, label, tree, cs, err);
	}
	return r;
}

static int
find_in_tree(const struct config *c, struct clusters *cs, struct vss_err *err)
{
	VSS_AUTOSTRV struct vss_strv versions = VSS_STRV_INIT;
	int r = entries_of(c->discover, &versions, err);

	for (size_t i = 0; r == 0 && i < versions.n; i++)
		if (isdigit((unsigned char)versions.v[i][0]))
			r = find_in_version(c, versions.v[i], cs, err);
	return r;
}

/* --- the configuration --- */

static int
apply(const struct config *c, const struct config_cluster *o, struct clusters *cs, struct vss_err *err)
{
	struct cluster *k = find(cs, o->name);

	if (vss_strv_has(&c->ignored, o->name))
		return 0;
	if (!k && !o->data)
		return vss_fail(err, VSS_INVALID, 0, "cluster %s: there is none of that name: say data=DIR", o->name);
	if (!k)
		k = add(cs, o->name);
	k->options = o;
	if (o->data) {
		free(k->directory);
		k->directory = vss_strdup(o->data);
	}
	return 0;
}

static int
by_label(const void *a, const void *b)
{
	const struct cluster *x = a, *y = b;

	return strcmp(x->label, y->label);
}

static int
find_all(const struct config *c, struct clusters *cs, struct vss_err *err)
{
	if (c->discover && find_in_tree(c, cs, err) != 0)
		return -1;
	for (size_t i = 0; i < c->nclusters; i++)
		if (apply(c, &c->clusters[i], cs, err) != 0)
			return -1;
	if (cs->n > 0)
		qsort(cs->v, cs->n, sizeof *cs->v, by_label);
	return 0;
}

int
clusters_find(const struct config *c, int64_t deadline, struct clusters *out, struct vss_err *err)
{
	if (find_all(c, out, err) != 0)
		return -1;
	for (size_t i = 0; i < out->n; i++) {
		struct cluster *k = &out->v[i];

		k->dumps = k->options && k->options->dumps_said ? k->options->dumps : c->dumps;
		if (cluster_begin(k, deadline, err) != 0)
			return vss_wrap(err, "cluster %s", k->label);
		cluster_end(k);
	}
	return 0;
}
