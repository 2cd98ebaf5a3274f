/* SPDX-License-Identifier: BSD-2-Clause */
#include "candidates.h"

#include "base/mem.h"
#include "base/path.h"
#include "copies/copies.h"
#include "model/logical.h"
#include "os/volume.h"
#include "provider/provider.h"
#include "requester/requester.h"

#include <dirent.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

/* A file or a name as it has to be typed, so that no part of it is taken for a variable. */
static char *
typed(const char *text)
{
	struct vss_buf b = VSS_BUF_INIT;

	for (vss_buf_str(&b, ""); *text; text++)
		vss_buf_str(&b, *text == '%' ? "%%" : (const char[]){ *text, '\0' });
	return vss_buf_take(&b);
}

static char *
meant(const char *text)
{
	struct vss_buf b = VSS_BUF_INIT;

	for (vss_buf_str(&b, ""); *text; text++) {
		vss_buf_ch(&b, *text);
		text += text[0] == '%' && text[1] == '%';
	}
	return vss_buf_take(&b);
}

static void
add_typed(struct vss_strv *out, const char *text)
{
	vss_strv_take(out, typed(text));
}

static void
add_volumes(struct vss_strv *out)
{
	struct vss_volume_list volumes = { 0 };
	struct vss_err unasked = VSS_ERR_INIT;

	if (vss_volumes(false, &volumes, &unasked) == 0)
		for (size_t i = 0; i < volumes.n; i++)
			add_typed(out, volumes.v[i]->mount);
	vss_volume_list_free(&volumes);
}

static void
know_writer(struct shell_known *k, const struct vss_metadata *m)
{
	add_typed(&k->writers, m->name);
	for (size_t i = 0; i < m->ncomponents; i++) {
		VSS_AUTOFREE char *path = vss_logical_full(m->components[i].logical_path, m->components[i].name, '\\');
		VSS_AUTOFREE char *component = vss_strf("%s:%s", m->name, path);
		add_typed(&k->components, component);
	}
}

static void
ask_writers(struct shell_known *k)
{
	struct vss_writer_reports reports = { 0 };
	struct vss_err unasked = VSS_ERR_INIT;

	if (vss_list_writers(&reports, &unasked) == 0) {
		k->asked = true;
		for (size_t i = 0; i < reports.n; i++)
			if (reports.v[i].metadata)
				know_writer(k, reports.v[i].metadata);
	}
	vss_writer_reports_free(&reports);
}

/* Components for who has typed the colon: there may be many. */
static void
add_writers(struct shell_known *k, const char *start, struct vss_strv *out)
{
	if (!k->asked)
		ask_writers(k);
	const struct vss_strv *names = strchr(start, ':') ? &k->components : &k->writers;
	for (size_t i = 0; i < names->n; i++)
		vss_strv_add(out, names->v[i]);
}

static void
add_id(const struct vss_uuid *id, struct vss_strv *out)
{
	char text[VSS_UUID_BRACED];

	vss_uuid_braced(id, text);
	vss_strv_add(out, text);
}

static void
add_shadow(const struct vss_shadow *s, enum shell_operand kind, struct vss_strv *out)
{
	if (kind == OPERAND_SHADOW || (kind == OPERAND_EXPOSED && (s->exposed || s->share)))
		add_id(&s->id, out);
	if (kind == OPERAND_EXPOSED && (s->share || s->exposed))
		add_typed(out, s->share ? s->share : s->exposed);
}

static void
add_copies(enum shell_operand kind, struct vss_strv *out)
{
	struct vss_set_list sets = { 0 };
	struct vss_err unasked = VSS_ERR_INIT;

	if (vss_copies_list(&sets, &unasked) < 0)
		return;
	for (size_t i = 0; i < sets.n; i++) {
		if (kind == OPERAND_SET)
			add_id(&sets.v[i]->id, out);
		for (size_t k = 0; k < sets.v[i]->nshadows; k++)
			add_shadow(&sets.v[i]->shadows[k], kind, out);
	}
	vss_set_list_free(&sets);
}

static void
add_file(DIR *dir, const char *name, const char *above, struct vss_strv *out)
{
	struct stat st;
	bool is_dir = fstatat(dirfd(dir), name, &st, 0) == 0 && S_ISDIR(st.st_mode);
	VSS_AUTOFREE char *path = vss_strf("%s%s%s", above, name, is_dir ? "/" : "");

	add_typed(out, path);
}

/* Names that begin with a dot only for who types one. */
static bool
is_offered(const char *name, const char *start)
{
	if (vss_str_eq(name, ".") || vss_str_eq(name, ".."))
		return false;
	return vss_str_starts(name, start) && (*start == '.') == (*name == '.');
}

static void
add_files(const char *start, struct vss_strv *out)
{
	VSS_AUTOFREE char *path = meant(start);
	const char *base = vss_path_base(path);
	VSS_AUTOFREE char *above = vss_strndup(path, (size_t)(base - path));
	DIR *dir = opendir(*above ? above : ".");

	if (!dir)
		return;
	for (const struct dirent *e; (e = readdir(dir));)
		if (is_offered(e->d_name, base))
			add_file(dir, e->d_name, above, out);
	closedir(dir);
}

static bool
any_begins(const struct vss_strv *words, const char *start)
{
	for (size_t i = 0; i < words->n; i++)
		if (vss_str_starts(words->v[i], start))
			return true;
	return false;
}

static void
add_providers(struct vss_strv *out)
{
	for (const struct vss_provider_ops *const *p = vss_providers(); *p; p++)
		add_typed(out, (*p)->name);
}

void
shell_candidates(struct shell_known *k, enum shell_operand kind, const char *start, struct vss_strv *out)
{
	if (kind == OPERAND_VOLUME)
		add_volumes(out);
	if (kind == OPERAND_WRITER)
		add_writers(k, start, out);
	if (kind == OPERAND_SHADOW || kind == OPERAND_SET || kind == OPERAND_EXPOSED)
		add_copies(kind, out);
	if (kind == OPERAND_PROVIDER)
		add_providers(out);
	/* A volume may be named by any path on it. */
	if (kind == OPERAND_FILE || (kind == OPERAND_VOLUME && !any_begins(out, start)))
		add_files(start, out);
}

void
shell_known_clear(struct shell_known *k)
{
	vss_strv_free(&k->writers);
	vss_strv_free(&k->components);
	k->asked = false;
}
