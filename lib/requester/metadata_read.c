/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/metadata.h"

#include "archive/bundle.h"
#include "base/mem.h"
#include "base/path.h"
#include "doc/doc.h"
#include "doc/manifest.h"
#include "os/trust.h"
#include "requester/metadata_internal.h"

#include <errno.h>
#include <stdlib.h>

void
vss_metadata_file_free(struct vss_metadata_file *f)
{
	if (!f)
		return;
	for (size_t i = 0; i < f->nwriters; i++) {
		free(f->writers[i].name);
		vss_metadata_free(f->writers[i].metadata);
	}
	free(f->writers);
	free(f->path);
	free(f->machine);
	free(f->transport);
	vss_set_free(f->set);
	vss_bcd_free(f->bcd);
	vss_strv_free(&f->alias_names);
	vss_strv_free(&f->alias_values);
	free(f);
}

static const struct vss_buf *
member(const struct vss_bundle *b, const char *name, struct vss_err *err)
{
	const struct vss_buf *text = vss_bundle_find(b, name);

	if (!text)
		vss_fail(err, VSS_INVALID, 0, "member \"%s\": is missing", name);
	return text;
}

/* --- what the manifest and the documents say of the same thing --- */

static int
other_set(const struct vss_uuid *says, const struct vss_uuid *manifest, struct vss_err *err)
{
	char a[VSS_UUID_BRACED], b[VSS_UUID_BRACED];

	vss_uuid_braced(says, a);
	vss_uuid_braced(manifest, b);
	return vss_fail(err, VSS_INVALID, 0, "is of shadow copy set %s, and the manifest of %s", a, b);
}

static bool
names_shadow(const struct vss_manifest *m, const struct vss_uuid *id)
{
	size_t times = 0;

	for (size_t i = 0; i < m->nshadows; i++)
		times += vss_uuid_eq(&m->shadows[i].id, id);
	return times == 1;
}

static int
check_set(const struct vss_manifest *m, const struct vss_set *set, struct vss_err *err)
{
	bool same = m->nshadows == set->nshadows;

	if (!vss_uuid_eq(&m->set_id, &set->id))
		return other_set(&set->id, &m->set_id, err);
	for (size_t i = 0; same && i < set->nshadows; i++)
		same = names_shadow(m, &set->shadows[i].id);
	return same ? 0 : vss_fail(err, VSS_INVALID, 0, "has other shadow copies than the manifest");
}

/* --- the members --- */

static int
read_set(struct vss_metadata_file *f, const struct vss_bundle *b, const struct vss_manifest *m, struct vss_err *err)
{
	const struct vss_buf *text = m->set ? member(b, m->set, err) : NULL;

	if (!text)
		return m->set ? -1 : 0;
	f->set = vss_doc_read_set(text->data, text->len, err);
	return f->set && check_set(m, f->set, err) == 0 ? 0 : vss_wrap(err, "%s", m->set);
}

static int
read_components(
	struct vss_metadata_file *f, const struct vss_bundle *b, const struct vss_manifest *m, struct vss_err *err)
{
	const struct vss_buf *text = m->components ? member(b, m->components, err) : NULL;

	if (!text)
		return m->components ? -1 : 0;
	f->bcd = vss_doc_read_bcd(text->data, text->len, err);
	if (!f->bcd)
		return vss_wrap(err, "%s", m->components);
	if (vss_uuid_is_nil(&f->bcd->set_id) || vss_uuid_eq(&f->bcd->set_id, &m->set_id))
		return 0;
	other_set(&f->bcd->set_id, &m->set_id, err);
	return vss_wrap(err, "%s", m->components);
}

static int
read_writer(struct vss_metadata_file *f, const struct vss_bundle *b, const struct vss_manifest_writer *w,
	struct vss_err *err)
{
	const struct vss_buf *text = member(b, w->member, err);
	struct vss_metadata *doc = text ? vss_doc_read_metadata(text->data, text->len, err) : NULL;

	if (!doc)
		return vss_wrap(err, "writer \"%s\": %s", w->name, w->member);
	VSS_PUSH(f->writers, f->nwriters, f->cwriters) =
		(struct vss_stored_writer){ .name = vss_strdup(w->name), .metadata = doc };
	return 0;
}

/* It is the name of a file without a directory: the manifest's reader has seen to that. */
static char *
transport_beside(const char *path, const char *name)
{
	VSS_AUTOFREE char *dir = vss_path_dir(path);

	return name ? vss_path_join(dir, name) : NULL;
}

static int
fill(struct vss_metadata_file *f, const struct vss_bundle *b, struct vss_manifest *m, struct vss_err *err)
{
	if (read_set(f, b, m, err) < 0 || read_components(f, b, m, err) < 0)
		return -1;
	for (size_t i = 0; i < m->nwriters; i++)
		if (read_writer(f, b, &m->writers[i], err) < 0)
			return -1;
	f->set_id = m->set_id;
	f->machine = vss_strdup(m->machine);
	f->transport = transport_beside(f->path, m->transport);
	f->alias_names = m->alias_names;
	f->alias_values = m->alias_values;
	m->alias_names = m->alias_values = (struct vss_strv)VSS_STRV_INIT;
	return 0;
}

static int
read_all(struct vss_metadata_file *f, struct vss_err *err)
{
	VSS_AUTOBUNDLE struct vss_bundle b = VSS_BUNDLE_INIT;

	if (vss_bundle_read(&b, f->path, err) < 0)
		return -1;
	const struct vss_buf *text = member(&b, METADATA_MANIFEST, err);
	struct vss_manifest *m = text ? vss_doc_read_manifest(text->data, text->len, err) : NULL;
	int rc = m ? fill(f, &b, m, err) : -1;
	vss_manifest_free(m);
	return rc < 0 ? vss_wrap(err, "%s", f->path) : 0;
}

struct vss_metadata_file *
vss_metadata_file_read(const char *path, struct vss_err *err)
{
	struct vss_metadata_file *f = vss_alloc(sizeof *f);
	struct vss_err stranger = VSS_ERR_INIT;

	f->path = realpath(path, NULL);
	if (!f->path)
		vss_fail(err, VSS_SYSTEM, errno, "%s", path);
	f->trusted = f->path && vss_check_trust(f->path, &stranger) == 0;
	if (f->path && read_all(f, err) == 0)
		return f;
	vss_metadata_file_free(f);
	return NULL;
}
