/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/metadata.h"

#include "archive/bundle.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/time.h"
#include "doc/doc.h"
#include "doc/manifest.h"
#include "os/durable.h"
#include "provider/provider.h"
#include "requester/metadata_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define TRANSPORT_SUFFIX ".set.xml"

char *
vss_metadata_file_name(const char *dir, const char *host)
{
	char *path = NULL;
	time_t now = (time_t)(vss_now_wall() / VSS_S);
	struct tm tm;
	char when[32];

	localtime_r(&now, &tm);
	strftime(when, sizeof when, "%Y-%m-%d_%H-%M-%S", &tm);
	for (unsigned n = 1; !path || faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0; n++) {
		VSS_AUTOFREE char *more = n > 1 ? vss_strf("_%u", n) : vss_strdup("");
		VSS_AUTOFREE char *name = vss_strf("%s_%s%s.tar", when, vss_path_base(host), more);
		free(path);
		path = vss_path_join(dir, name);
	}
	return path;
}

char *
vss_metadata_file_claim(const char *path, const char *host, struct vss_err *err)
{
	VSS_AUTOFREE char *dir = vss_path_dir(path);
	VSS_AUTOFREE char *at = vss_strdup(path);
	int fd;

	while ((fd = open(at, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600)) < 0 && errno == EEXIST) {
		free(at);
		at = vss_metadata_file_name(dir, host);
	}
	if (fd < 0) {
		vss_fail(err, VSS_SYSTEM, errno, "metadata file: %s", at);
		return NULL;
	}
	close(fd);
	return vss_take(&at);
}

char *
vss_metadata_file_transport(const char *path)
{
	return vss_strf("%s" TRANSPORT_SUFFIX, path);
}

/* What lies there is replaced: a slip of the pen must not cost a file that is something else. */
static int
check_old(const char *path, struct vss_err *err)
{
	VSS_AUTOBUNDLE struct vss_bundle b = VSS_BUNDLE_INIT;
	struct vss_err other = VSS_ERR_INIT;
	struct stat st;

	if (lstat(path, &st) < 0)
		return 0;
	if (!S_ISREG(st.st_mode))
		return vss_fail(err, VSS_INVALID, 0, "%s: is there, and is no file", path);
	if (!st.st_size || (vss_bundle_read(&b, path, &other) == 0 && vss_bundle_find(&b, METADATA_MANIFEST)))
		return 0;
	return vss_fail(err, VSS_EXISTS, 0, "%s: is there, and no metadata file", path);
}

/* Whether a directory can be written to is known best by who has written to it. */
int
vss_metadata_file_check(const char *path, struct vss_err *err)
{
	struct vss_partial p = { .fd = -1 };

	if (check_old(path, err) < 0)
		return -1;
	if (vss_partial_open(path, true, &p, err) < 0)
		return -1;
	vss_partial_abandon(&p);
	return 0;
}

/* --- the manifest --- */

static void
describe_provider(const struct vss_shadow *s, struct vss_uuid *out)
{
	struct vss_err gone = VSS_ERR_INIT; /* then it stays nil */
	const struct vss_provider_ops *ops = vss_provider_named(s->provider, &gone);

	if (ops)
		(void)vss_uuid_parse(ops->id, out);
}

static const char *
alias_of(const struct vss_strv *names, const struct vss_strv *values, const struct vss_uuid *id)
{
	char braced[VSS_UUID_BRACED];

	vss_uuid_braced(id, braced);
	for (size_t i = 0; i < values->n; i++)
		if (vss_str_caseeq(values->v[i], braced))
			return names->v[i];
	return NULL;
}

static void
describe_set(
	struct vss_manifest *m, const struct vss_set *set, const struct vss_strv *names, const struct vss_strv *values)
{
	m->set_id = set->id;
	m->machine = vss_strdup(set->host ? set->host : "");
	for (size_t i = 0; i < set->nshadows; i++) {
		const struct vss_shadow *s = &set->shadows[i];
		struct vss_manifest_shadow *to = vss_manifest_add_shadow(m, &s->id);
		to->alias = vss_strdup(alias_of(names, values, &s->id));
		to->volume = vss_strdup(s->volume);
		describe_provider(s, &to->provider);
	}
	for (size_t i = 0; i < names->n; i++) {
		vss_strv_add(&m->alias_names, names->v[i]);
		vss_strv_add(&m->alias_values, values->v[i]);
	}
}

/* --- the members --- */

/* The set as it was made; what a backup of it needs of its making stands in members of its own. */
static int
add_set(struct vss_bundle *b, struct vss_manifest *m, const struct vss_set *set, struct vss_err *err)
{
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;
	struct vss_set *bare = vss_set_copy(set);

	vss_set_clear_documents(bare);
	m->set = vss_strdup(METADATA_SET);
	int rc = vss_doc_write_set(bare, &text, err);
	vss_set_free(bare);
	return rc < 0 ? -1 : vss_bundle_add(b, METADATA_SET, &text, err);
}

static int
add_components(struct vss_bundle *b, struct vss_manifest *m, const struct vss_bcd *bcd, struct vss_err *err)
{
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;

	if (vss_doc_write_bcd(bcd, &text, err) < 0)
		return -1;
	m->components = vss_strdup(METADATA_COMPONENTS);
	return vss_bundle_add(b, METADATA_COMPONENTS, &text, err);
}

static const struct vss_metadata *
metadata_of(struct vss_writers *ws, const struct vss_bcd_writer *w)
{
	for (size_t i = 0; ws && i < vss_writers_count(ws); i++) {
		const struct vss_metadata *m = vss_writers_at(ws, i)->metadata;
		if (m && vss_uuid_eq(&m->writer_id, &w->writer_id) && vss_uuid_eq(&m->instance_id, &w->instance_id))
			return m;
	}
	return NULL;
}

/* D3: the documents of all that have a component in it. */
static int
add_writers(struct vss_bundle *b, struct vss_manifest *m, const struct vss_job *j, struct vss_err *err)
{
	const struct vss_bcd *bcd = vss_job_bcd(j);

	for (size_t i = 0; i < bcd->nwriters; i++) {
		VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;
		VSS_AUTOFREE char *member = vss_strf(METADATA_WRITER, i);
		const struct vss_metadata *doc = metadata_of(vss_job_writers(j), &bcd->writers[i]);
		if (!doc)
			return vss_fail(
				err, VSS_E_UNEXPECTED, 0, "writer \"%s\": has no document", bcd->writers[i].name);
		if (vss_doc_write_metadata(doc, &text, err) < 0 || vss_bundle_add(b, member, &text, err) < 0)
			return vss_wrap(err, "writer \"%s\"", doc->name);
		vss_manifest_add_writer(m, doc->name, member);
	}
	return 0;
}

static int
add_manifest(struct vss_bundle *b, const struct vss_manifest *m, struct vss_err *err)
{
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;

	return vss_doc_write_manifest(m, &text, err) < 0 ? -1 : vss_bundle_add(b, METADATA_MANIFEST, &text, err);
}

/* The manifest last: a file that was cut short has none. */
static int
collect(struct vss_bundle *b, struct vss_manifest *m, const struct vss_job *j, struct vss_err *err)
{
	const struct vss_bcd *bcd = vss_job_bcd(j);

	if (bcd && bcd->nwriters && (add_components(b, m, bcd, err) < 0 || add_writers(b, m, j, err) < 0))
		return -1;
	return add_set(b, m, vss_job_set(j), err) < 0 ? -1 : add_manifest(b, m, err);
}

void
vss_metadata_file_members(const struct vss_job *j, struct vss_strv *out)
{
	const struct vss_bcd *bcd = vss_job_bcd(j);
	size_t nwriters = bcd ? bcd->nwriters : 0;

	if (nwriters)
		vss_strv_add(out, METADATA_COMPONENTS);
	for (size_t i = 0; i < nwriters; i++)
		vss_strv_take(out, vss_strf(METADATA_WRITER, i));
	vss_strv_add(out, METADATA_SET);
	vss_strv_add(out, METADATA_MANIFEST);
}

int
vss_metadata_file_write(const char *path, const struct vss_job *j, const struct vss_strv *alias_names,
	const struct vss_strv *alias_values, struct vss_err *err)
{
	VSS_AUTOBUNDLE struct vss_bundle b = VSS_BUNDLE_INIT;
	const struct vss_set *set = vss_job_set(j);
	struct vss_manifest *m = vss_manifest_new();

	describe_set(m, set, alias_names, alias_values);
	if (set->context & VSS_ATTR_TRANSPORTABLE)
		m->transport = vss_strf("%s" TRANSPORT_SUFFIX, vss_path_base(path));
	int rc = collect(&b, m, j, err);
	if (rc == 0)
		rc = vss_bundle_write(&b, set->created_ns / VSS_S, path, err);
	vss_manifest_free(m);
	return rc < 0 ? vss_wrap(err, "metadata file") : 0;
}
