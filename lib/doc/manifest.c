/* SPDX-License-Identifier: BSD-2-Clause */
#include "doc/manifest.h"

#include "base/mem.h"
#include "doc/xml_internal.h"

#include <stdlib.h>
#include <string.h>

#define FORMAT_VERSION "1"

/* --- the value --- */

struct vss_manifest *
vss_manifest_new(void)
{
	return vss_alloc(sizeof(struct vss_manifest));
}

void
vss_manifest_free(struct vss_manifest *m)
{
	if (!m)
		return;
	for (size_t i = 0; i < m->nshadows; i++) {
		free(m->shadows[i].alias);
		free(m->shadows[i].volume);
	}
	for (size_t i = 0; i < m->nwriters; i++) {
		free(m->writers[i].name);
		free(m->writers[i].member);
	}
	free(m->shadows);
	free(m->writers);
	free(m->machine);
	free(m->components);
	free(m->set);
	free(m->transport);
	vss_strv_free(&m->alias_names);
	vss_strv_free(&m->alias_values);
	free(m);
}

struct vss_manifest_shadow *
vss_manifest_add_shadow(struct vss_manifest *m, const struct vss_uuid *id)
{
	struct vss_manifest_shadow *s = &VSS_PUSH(m->shadows, m->nshadows, m->cshadows);

	*s = (struct vss_manifest_shadow){ .id = *id };
	return s;
}

void
vss_manifest_add_writer(struct vss_manifest *m, const char *name, const char *member)
{
	VSS_PUSH(m->writers, m->nwriters, m->cwriters) =
		(struct vss_manifest_writer){ vss_strdup(name), vss_strdup(member) };
}

/* --- writing --- */

static void
put_braced(struct vss_xml_out *x, const char *name, const struct vss_uuid *u)
{
	char text[VSS_UUID_BRACED];

	vss_uuid_braced(u, text);
	vss_xml_plain(x, name, text);
}

static void
put_set(struct vss_xml_out *x, const struct vss_manifest *m)
{
	vss_xml_start(x, "ShadowCopySet");
	put_braced(x, "GUID", &m->set_id);
	vss_xml_text_required(x, "MachineName", m->machine);
	vss_xml_text(x, "vss:File", m->set);
	vss_xml_text(x, "vss:Transport", m->transport);
	for (size_t i = 0; i < m->nshadows; i++) {
		const struct vss_manifest_shadow *s = &m->shadows[i];
		vss_xml_start(x, "ShadowCopy");
		put_braced(x, "GUID", &s->id);
		vss_xml_text(x, "Alias", s->alias);
		vss_xml_text_required(x, "OriginalVolume", s->volume);
		put_braced(x, "Provider", &s->provider);
		vss_xml_end(x, "ShadowCopy");
	}
	vss_xml_end(x, "ShadowCopySet");
}

static void
put_components(struct vss_xml_out *x, const struct vss_manifest *m)
{
	if (!m->components)
		return;
	vss_xml_start(x, "BackupComponents");
	vss_xml_text(x, "File", m->components);
	vss_xml_end(x, "BackupComponents");
}

static void
put_aliases(struct vss_xml_out *x, const struct vss_manifest *m)
{
	vss_xml_start(x, "Aliases");
	for (size_t i = 0; i < m->alias_names.n; i++) {
		vss_xml_start(x, "Alias");
		vss_xml_text(x, "Name", m->alias_names.v[i]);
		vss_xml_text(x, "Value", m->alias_values.v[i]);
		vss_xml_end(x, "Alias");
	}
	vss_xml_end(x, "Aliases");
}

static void
put_writers(struct vss_xml_out *x, const struct vss_manifest *m)
{
	vss_xml_start(x, "Writers");
	vss_xml_u64(x, "Count", m->nwriters);
	for (size_t i = 0; i < m->nwriters; i++) {
		vss_xml_start(x, "Writer");
		vss_xml_text_required(x, "Name", m->writers[i].name);
		vss_xml_text_required(x, "MetadataFile", m->writers[i].member);
		vss_xml_end(x, "Writer");
	}
	vss_xml_end(x, "Writers");
}

int
vss_doc_write_manifest(const struct vss_manifest *m, struct vss_buf *out, struct vss_err *err)
{
	struct vss_xml_out x;

	vss_xml_begin(&x, out);
	vss_xml_start(&x, "Manifest");
	vss_xml_plain(&x, "xmlns:vss", XML_OURS);
	vss_xml_plain(&x, "vss:version", FORMAT_VERSION);
	vss_xml_plain(&x, "vss:escape", XML_ESCAPE);
	put_set(&x, m);
	put_components(&x, m);
	put_aliases(&x, m);
	put_writers(&x, m);
	vss_xml_end(&x, "Manifest");
	return vss_xml_finish(&x, err);
}

/* --- reading --- */

static bool
has_room(struct vss_xml_element *e, size_t n)
{
	if (n < VSS_MANIFEST_ITEMS_MAX)
		return true;
	vss_xml_refuse(e, "more than %d of them", VSS_MANIFEST_ITEMS_MAX);
	return false;
}

/* The name of a file out of a path of either kind: where it lay when it was written means nothing here. */
static void
get_file(struct vss_xml_element *e, const char *name, char **out)
{
	VSS_AUTOFREE char *path = vss_xml_get(e, name);

	if (!path)
		return;
	const char *base = path;
	for (const char *p = path; *p; p++)
		if (*p == '/' || *p == '\\')
			base = p + 1;
	if (!*base || strcmp(base, ".") == 0 || strcmp(base, "..") == 0)
		vss_xml_refuse(e, "%s: not the name of a file", name);
	free(*out);
	*out = vss_strdup(base);
}

static void
open_manifest(struct vss_xml_element *e, void *value)
{
	VSS_AUTOFREE char *version = vss_xml_get(e, "vss:version");

	(void)value;
	if (version && !vss_str_eq(version, FORMAT_VERSION))
		vss_xml_refuse_version(e, version, FORMAT_VERSION);
}

static void
open_set(struct vss_xml_element *e, void *value)
{
	struct vss_manifest *m = value;

	if (!vss_uuid_is_nil(&m->set_id))
		vss_xml_refuse(e, "there are two");
	vss_xml_get_id(e, "GUID", &m->set_id);
	vss_xml_require(e, "MachineName");
	vss_xml_get_text(e, "MachineName", &m->machine);
	get_file(e, "vss:File", &m->set);
	get_file(e, "vss:Transport", &m->transport);
}

static void
open_shadow(struct vss_xml_element *e, void *value)
{
	const struct vss_uuid none = { { 0 } };
	struct vss_manifest *m = value;

	if (!has_room(e, m->nshadows))
		return;
	struct vss_manifest_shadow *s = vss_manifest_add_shadow(m, &none);
	vss_xml_get_id(e, "GUID", &s->id);
	vss_xml_get_uuid(e, "Provider", &s->provider);
	vss_xml_get_text(e, "Alias", &s->alias);
	vss_xml_require(e, "OriginalVolume");
	vss_xml_get_text(e, "OriginalVolume", &s->volume);
}

static void
open_components(struct vss_xml_element *e, void *value)
{
	vss_xml_require(e, "File");
	get_file(e, "File", &((struct vss_manifest *)value)->components);
}

static void
open_alias(struct vss_xml_element *e, void *value)
{
	struct vss_manifest *m = value;
	VSS_AUTOFREE char *name = vss_xml_get(e, "Name");
	VSS_AUTOFREE char *text = vss_xml_get(e, "Value");

	vss_xml_require(e, "Name");
	vss_xml_require(e, "Value");
	if (!name || !text || !has_room(e, m->alias_names.n))
		return;
	vss_strv_add(&m->alias_names, name);
	vss_strv_add(&m->alias_values, text);
}

/* Windows writes each blank as %s. */
static void
undo_blanks(char *name)
{
	char *to = name;

	for (const char *from = name; *from; from++) {
		*to = *from;
		if (from[0] == '%' && from[1] == 's') {
			*to = ' ';
			from++;
		}
		to++;
	}
	*to = '\0';
}

static void
open_writer(struct vss_xml_element *e, void *value)
{
	struct vss_manifest *m = value;
	VSS_AUTOFREE char *name = vss_xml_get(e, "Name");
	VSS_AUTOFREE char *member = NULL;

	vss_xml_require(e, "Name");
	vss_xml_require(e, "MetadataFile");
	get_file(e, "MetadataFile", &member);
	if (!name || !member || !has_room(e, m->nwriters))
		return;
	if (!vss_xml_is_ours(e))
		undo_blanks(name);
	vss_manifest_add_writer(m, name, member);
}

enum { ROOT, SET, SHADOW, COMPONENTS, ALIASES, ALIAS, WRITERS, WRITER, KINDS };

static const struct vss_xml_kind kinds[KINDS] = {
	[ROOT] = { "Manifest", -1, open_manifest },
	[SET] = { "ShadowCopySet", ROOT, open_set },
	[SHADOW] = { "ShadowCopy", SET, open_shadow },
	[COMPONENTS] = { "BackupComponents", ROOT, open_components },
	[ALIASES] = { "Aliases", ROOT, NULL },
	[ALIAS] = { "Alias", ALIASES, open_alias },
	[WRITERS] = { "Writers", ROOT, NULL },
	[WRITER] = { "Writer", WRITERS, open_writer },
};

/* Without a set there is nothing to come back to. */
static int
check(const struct vss_manifest *m, struct vss_err *err)
{
	return vss_uuid_is_nil(&m->set_id)
		       ? vss_fail(err, VSS_E_INVALID_XML_DOCUMENT, 0, "manifest document: names no shadow copy set")
		       : 0;
}

struct vss_manifest *
vss_doc_read_manifest(const void *data, size_t n, struct vss_err *err)
{
	static const struct vss_xml_grammar grammar = { "", "manifest", kinds, KINDS };
	struct vss_manifest *m = vss_manifest_new();

	if (vss_xml_read(data, n, &grammar, m, err) == 0 && check(m, err) == 0)
		return m;
	vss_manifest_free(m);
	return NULL;
}
