/* SPDX-License-Identifier: BSD-2-Clause */
#include "provider/revert_internal.h"

#include "base/mem.h"
#include "base/num.h"
#include "base/str.h"
#include "os/boot.h"
#include "os/durable.h"
#include "tree/walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LIMIT (1 << 20)
#define NAME_ROOM (VSS_UUID_TEXT + sizeof VSS_PROVIDER_REVERT_SUFFIX)

static void
record_name(const struct vss_uuid *shadow, char out[NAME_ROOM])
{
	char id[VSS_UUID_TEXT];

	vss_uuid_text(shadow, id);
	snprintf(out, NAME_ROOM, "%s" VSS_PROVIDER_REVERT_SUFFIX, id);
}

void
vss_revert_record_clear(struct vss_revert_record *r)
{
	free(r->path);
	free(r->other);
	for (size_t i = 0; i < r->nmounts; i++) {
		free(r->mounts[i].target);
		free(r->mounts[i].source);
		free(r->mounts[i].part);
	}
	free(r->mounts);
	*r = (struct vss_revert_record){ 0 };
}

static void
add_text(struct vss_buf *out, const char *key, const char *value)
{
	vss_buf_fmt(out, "%s=", key);
	if (value)
		vss_base64(out, value, strlen(value));
	vss_buf_fmt(out, "\n");
}

int
vss_revert_record_write(int storefd, const struct vss_uuid *shadow, struct vss_revert_record *r, struct vss_err *err)
{
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;
	char name[NAME_ROOM], boot[VSS_UUID_TEXT];

	if (vss_boot_id(&r->boot, err) < 0)
		return -1;
	vss_uuid_text(&r->boot, boot);
	record_name(shadow, name);
	vss_buf_fmt(&text, "boot=%s\nwaits=%d\nold=%" PRIu64 "\n", boot, r->waits, r->old);
	add_text(&text, "path", r->path);
	add_text(&text, "other", r->other);
	for (size_t i = 0; i < r->nmounts; i++) {
		vss_buf_fmt(&text, "mount=%u\n", r->mounts[i].attributes);
		add_text(&text, "target", r->mounts[i].target);
		add_text(&text, "source", r->mounts[i].source);
		add_text(&text, "part", r->mounts[i].part);
	}
	return vss_write_file_at(storefd, name, text.data, text.len, 0600, err);
}

static int
read_text(const char *value, char **out)
{
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;

	if (*out || vss_base64_decode(&text, value, strlen(value)) < 0)
		return -1;
	*out = text.len ? vss_buf_take(&text) : vss_strdup("");
	return 0;
}

static int
read_number(const char *value, uint64_t *out)
{
	char *end;

	errno = 0;
	*out = strtoull(value, &end, 10);
	return errno || end == value || *end ? -1 : 0;
}

static int
read_mount(struct vss_revert_record *r, const char *value)
{
	uint64_t attributes;

	if (read_number(value, &attributes) < 0)
		return -1;
	VSS_PUSH(r->mounts, r->nmounts, r->cmounts) = (struct vss_revert_mount){ .attributes = (unsigned)attributes };
	return 0;
}

static int
read_line(struct vss_revert_record *r, const char *key, const char *value)
{
	struct vss_revert_mount *m = r->nmounts ? &r->mounts[r->nmounts - 1] : NULL;

	if (strcmp(key, "boot") == 0)
		return vss_uuid_parse(value, &r->boot);
	if (strcmp(key, "waits") == 0)
		r->waits = strcmp(value, "1") == 0;
	else if (strcmp(key, "old") == 0)
		return read_number(value, &r->old);
	else if (strcmp(key, "path") == 0)
		return read_text(value, &r->path);
	else if (strcmp(key, "other") == 0)
		return read_text(value, &r->other);
	else if (strcmp(key, "mount") == 0)
		return read_mount(r, value);
	else if (m && strcmp(key, "target") == 0)
		return read_text(value, &m->target);
	else if (m && strcmp(key, "source") == 0)
		return read_text(value, &m->source);
	else if (m && strcmp(key, "part") == 0)
		return read_text(value, &m->part);
	else
		return -1;
	return 0;
}

static int
parse(struct vss_revert_record *r, char *text)
{
	for (char *line = text, *end; line && (end = strchr(line, '\n')); line = end + 1) {
		char *equals = strchr(line, '=');
		*end = '\0';
		if (!equals || equals > end)
			return -1;
		*equals = '\0';
		if (read_line(r, line, equals + 1) < 0)
			return -1;
	}
	for (size_t i = 0; i < r->nmounts; i++)
		if (!r->mounts[i].target || !r->mounts[i].source || !r->mounts[i].part)
			return -1;
	return r->path && r->other ? 0 : -1;
}

int
vss_revert_record_read(int storefd, const struct vss_uuid *shadow, struct vss_revert_record *out, struct vss_err *err)
{
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;
	struct vss_err why = VSS_ERR_INIT;
	char name[NAME_ROOM];

	*out = (struct vss_revert_record){ 0 };
	record_name(shadow, name);
	if (vss_read_file_at(storefd, name, LIMIT, &text, &why) < 0) {
		if (why.code == VSS_ABSENT)
			return 0;
		*err = why;
		return -1;
	}
	if (text.len && parse(out, text.data) == 0)
		return 1;
	vss_revert_record_clear(out);
	return vss_fail(err, VSS_CORRUPT, 0, "%s: it is no record of ours", name);
}

int
vss_revert_record_remove(int storefd, const struct vss_uuid *shadow, struct vss_err *err)
{
	char name[NAME_ROOM];

	record_name(shadow, name);
	if (unlinkat(storefd, name, 0) < 0 && errno != ENOENT)
		return vss_fail(err, VSS_SYSTEM, errno, "remove %s", name);
	return 0;
}

static int
refuse_if_other(int storefd, const char *name, const struct vss_revert_claim *c, struct vss_err *err)
{
	struct vss_revert_record r;
	struct vss_uuid other;
	char id[VSS_UUID_TEXT];

	if (strlen(name) != NAME_ROOM - 2 || !vss_str_ends(name, VSS_PROVIDER_REVERT_SUFFIX))
		return 0;
	snprintf(id, sizeof id, "%.36s", name);
	if (vss_uuid_parse(id, &other) < 0 || (c->shadow && vss_uuid_eq(&other, c->shadow)))
		return 0;
	int there = vss_revert_record_read(storefd, &other, &r, err);
	bool same = there > 0 && (vss_str_eq(r.path, c->path) || (c->old && r.old == c->old));
	vss_revert_record_clear(&r);
	if (there < 0)
		return -1;
	return same ? vss_fail(err, VSS_E_REVERT_IN_PROGRESS, 0,
			      "the volume is being put back to shadow copy {%s}, and that is not over", id)
		    : 0;
}

int
vss_revert_refuse_second(int storefd, const struct vss_revert_claim *claim, struct vss_err *err)
{
	VSS_AUTOCLOSE int again = openat(storefd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = again < 0 ? NULL : fdopendir(again);
	int rc = 0;

	if (!d)
		return vss_fail(err, VSS_SYSTEM, errno, "read " VSS_SHADOW_STORAGE);
	vss_take_fd(&again);
	for (struct dirent *e; rc == 0 && (e = readdir(d));)
		rc = refuse_if_other(storefd, e->d_name, claim, err);
	closedir(d);
	return rc;
}

bool
vss_revert_is_later_boot(const struct vss_revert_record *r)
{
	struct vss_uuid now;
	struct vss_err ignored = VSS_ERR_INIT;

	return vss_boot_id(&now, &ignored) == 0 && !vss_uuid_eq(&now, &r->boot);
}
