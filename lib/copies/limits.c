/* SPDX-License-Identifier: BSD-2-Clause */
#include "copies/limits.h"

#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/path.h"
#include "base/str.h"
#include "base/uuid.h"
#include "model/vocabulary.h"
#include "os/dirs.h"
#include "os/durable.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILE_LIMIT 65536
#define SUFFIX ".limit"

void
vss_limit_clear(struct vss_limit *l)
{
	free(l->volume_id);
	free(l->volume);
	free(l->place);
	free(l->on);
	*l = (struct vss_limit)VSS_LIMIT_INIT;
}

void
vss_limits_free(struct vss_limits *l)
{
	for (size_t i = 0; i < l->n; i++)
		vss_limit_clear(&l->v[i]);
	free(l->v);
	*l = (struct vss_limits){ 0 };
}

/* A volume ID may be any word and a place any path: the name is made from both. */
static char *
path_of(const char *volume_id, const char *place)
{
	VSS_AUTOBUF struct vss_buf key = VSS_BUF_INIT;
	struct vss_uuid id;
	char text[VSS_UUID_TEXT];

	vss_buf_fmt(&key, "%s%c%s", volume_id, 0, place);
	vss_uuid_of_bytes(&id, key.data, key.len);
	vss_uuid_text(&id, text);
	return vss_strf("%s/%s" SUFFIX, vss_limits_dir(), text);
}

/* --- reading --- */

static int
read_size(struct vss_limit *l, const char *text)
{
	uint64_t n;
	size_t len = strlen(text);

	if (strcmp(text, "unbounded") == 0)
		return 0;
	if (len && text[len - 1] == '%') {
		VSS_AUTOFREE char *digits = vss_strndup(text, len - 1);
		if (vss_parse_u64(digits, &n) || n == 0 || n > 100)
			return -1;
		l->percent = (unsigned)n;
		return 0;
	}
	return vss_parse_size(text, &l->max_bytes);
}

static int
read_line(struct vss_limit *l, const char *line)
{
	const char *value = strchr(line, '=');

	if (!value)
		return -1;
	value++;
	if (vss_str_starts(line, "volume-id="))
		l->volume_id = (free(l->volume_id), vss_strdup(value));
	else if (vss_str_starts(line, "volume="))
		l->volume = (free(l->volume), vss_strdup(value));
	else if (vss_str_starts(line, "storage="))
		l->place = (free(l->place), vss_strdup(value));
	else if (vss_str_starts(line, "storage-volume="))
		l->on = (free(l->on), vss_strdup(value));
	else if (vss_str_starts(line, "max-size="))
		return read_size(l, value);
	else if (vss_str_starts(line, "max-copies="))
		return vss_parse_u64(value, &l->max_copies);
	else
		return -1;
	return 0;
}

static int
read_limit(const char *path, struct vss_limit *out, struct vss_err *err)
{
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;

	if (vss_read_file(path, FILE_LIMIT, &text, err) < 0)
		return -1;
	for (char *line = text.data, *end; line && (end = strchr(line, '\n')); line = end + 1) {
		*end = '\0';
		if (*line && *line != '#' && read_line(out, line) < 0)
			return vss_fail(err, VSS_INVALID, 0, "%s: '%s' is no line of a limit", path, line);
	}
	if (!out->place)
		out->place = vss_strdup("");
	return out->volume_id ? 0 : vss_fail(err, VSS_INVALID, 0, "%s: it names no volume", path);
}

static int
by_volume(const void *a, const void *b)
{
	const struct vss_limit *x = a, *y = b;
	int order = strcmp(x->volume ? x->volume : "", y->volume ? y->volume : "");

	if (!order)
		order = strcmp(x->volume_id, y->volume_id);
	return order ? order : strcmp(x->place, y->place);
}

int
vss_limits_read(struct vss_limits *out, struct vss_err *err)
{
	DIR *d = opendir(vss_limits_dir());

	if (!d)
		return errno == ENOENT ? 0 : vss_fail(err, VSS_SYSTEM, errno, "%s", vss_limits_dir());
	for (struct dirent *e; (e = readdir(d));) {
		VSS_AUTOFREE char *path = vss_path_join(vss_limits_dir(), e->d_name);
		struct vss_limit l = VSS_LIMIT_INIT;
		struct vss_err why = VSS_ERR_INIT;
		if (!vss_str_ends(e->d_name, SUFFIX))
			continue;
		if (read_limit(path, &l, &why) == 0) {
			VSS_PUSH(out->v, out->n, out->cap) = l;
			continue;
		}
		vss_warn("%s; it limits nothing", why.text);
		vss_limit_clear(&l);
	}
	closedir(d);
	if (out->n)
		qsort(out->v, out->n, sizeof *out->v, by_volume);
	return 0;
}

const struct vss_limit *
vss_limits_for(const struct vss_limits *l, const char *volume_id, const char *place)
{
	const struct vss_limit *any = NULL;

	for (size_t i = 0; i < l->n; i++) {
		if (!vss_str_caseeq(l->v[i].volume_id, volume_id))
			continue;
		if (strcmp(l->v[i].place, place) == 0)
			return &l->v[i];
		if (!*l->v[i].place)
			any = &l->v[i];
	}
	return any;
}

const struct vss_limit *
vss_limits_association(const struct vss_limits *l, const char *volume_id)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->v[i].on && vss_str_caseeq(l->v[i].volume_id, volume_id))
			return &l->v[i];
	return NULL;
}

/* --- writing --- */

static void
write_size(struct vss_buf *b, const struct vss_limit *l)
{
	if (l->percent)
		vss_buf_fmt(b, "max-size=%u%%\n", l->percent);
	else if (l->max_bytes != VSS_LIMIT_NONE)
		vss_buf_fmt(b, "max-size=%llu\n", (unsigned long long)l->max_bytes);
	else
		vss_buf_fmt(b, "max-size=unbounded\n");
}

int
vss_limit_write(const struct vss_limit *l, struct vss_err *err)
{
	VSS_AUTOFREE char *path = path_of(l->volume_id, l->place);
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;

	if (strchr(l->place, '\n'))
		return vss_fail(
			err, VSS_INVALID, 0, "%s: a storage whose path has a line break cannot be limited", l->place);
	vss_buf_fmt(&text, "# Kept by resize-storage(8) and vssadmin(8).\nvolume-id=%s\n", l->volume_id);
	if (l->volume && !strchr(l->volume, '\n'))
		vss_buf_fmt(&text, "volume=%s\n", l->volume);
	vss_buf_fmt(&text, "storage=%s\n", l->place);
	if (l->on)
		vss_buf_fmt(&text, "storage-volume=%s\n", l->on);
	write_size(&text, l);
	if (l->max_copies != VSS_LIMIT_NONE)
		vss_buf_fmt(&text, "max-copies=%llu\n", (unsigned long long)l->max_copies);
	if (vss_make_dirs(vss_limits_dir(), err) < 0)
		return -1;
	return vss_write_file(path, text.data, text.len, 0644, err);
}

int
vss_limit_remove(const char *volume_id, const char *place, struct vss_err *err)
{
	VSS_AUTOFREE char *path = path_of(volume_id, place);

	if (unlink(path) < 0 && errno != ENOENT)
		return vss_fail(err, VSS_SYSTEM, errno, "remove %s", path);
	return 0;
}

static bool
rename_id(char **id, const char *old_id, const char *new_id)
{
	if (!*id || !vss_str_caseeq(*id, old_id))
		return false;
	free(*id);
	*id = vss_strdup(new_id);
	return true;
}

/* The new file is there before the old one goes. */
static int
follow(struct vss_limit *l, const char *old_id, const char *new_id, struct vss_err *err)
{
	VSS_AUTOFREE char *was = vss_strdup(l->volume_id); /* as its file is named */
	bool moved = rename_id(&l->on, old_id, new_id);
	bool renamed = rename_id(&l->volume_id, old_id, new_id);

	if (!moved && !renamed)
		return 0;
	if (vss_limit_write(l, err) < 0)
		return -1;
	return renamed ? vss_limit_remove(was, l->place, err) : 0;
}

int
vss_limits_follow(const char *old_id, const char *new_id, struct vss_err *err)
{
	struct vss_limits all = { 0 };
	int rc = vss_str_caseeq(old_id, new_id) ? 0 : vss_limits_read(&all, err);

	for (size_t i = 0; rc == 0 && i < all.n; i++)
		rc = follow(&all.v[i], old_id, new_id, err);
	vss_limits_free(&all);
	return rc;
}

/* --- what they mean --- */

uint64_t
vss_limit_bytes(const struct vss_limit *l, uint64_t size)
{
	if (!l->percent)
		return l->max_bytes;
	return size ? size / 100 * l->percent + size % 100 * l->percent / 100 : VSS_LIMIT_NONE;
}

int
vss_limit_parse_size(const char *word, struct vss_limit *out, struct vss_err *err)
{
	struct vss_limit l = VSS_LIMIT_INIT;
	char least[32];

	if (!vss_str_caseeq(word, "unbounded") && read_size(&l, word) < 0)
		return vss_fail(err, VSS_USAGE, 0,
			"'%s' is neither a size (40G), nor a share of the storage (20%%), nor UNBOUNDED", word);
	if (!l.percent && l.max_bytes && l.max_bytes < VSS_LIMIT_MIN) {
		vss_format_size(least, VSS_LIMIT_MIN);
		return vss_fail(err, VSS_USAGE, 0, "'%s' is less than %s, the least there is", word, least);
	}
	out->percent = l.percent;
	out->max_bytes = l.max_bytes;
	return 0;
}

static int
too_many(const char *volume, size_t most, const char *kind, struct vss_err *err)
{
	return vss_fail(err, VSS_E_MAXIMUM_NUMBER_OF_SNAPSHOTS_REACHED, 0,
		"%s: has %zu %sshadow copies, and no more are kept: delete some (delete-shadow --for %s --oldest), or "
		"let "
		"them go by themselves (resize-storage --for %s --max-copies %zu)",
		volume, most, kind, volume, volume, most);
}

int
vss_limit_check_number(const struct vss_limit *l, const char *volume, size_t copies, size_t client_accessible,
	uint32_t context, struct vss_err *err)
{
	uint64_t most = l ? l->max_copies : VSS_LIMIT_NONE;

	if (copies >= VSS_COPIES_MAX && most > VSS_COPIES_MAX)
		return too_many(volume, VSS_COPIES_MAX, "", err);
	if (context & VSS_ATTR_CLIENT_ACCESSIBLE && client_accessible >= VSS_CLIENT_ACCESSIBLE_MAX &&
		most > VSS_CLIENT_ACCESSIBLE_MAX)
		return too_many(volume, VSS_CLIENT_ACCESSIBLE_MAX, "client-accessible ", err);
	return 0;
}
