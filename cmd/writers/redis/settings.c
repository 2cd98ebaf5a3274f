/* SPDX-License-Identifier: BSD-2-Clause */
#include "settings.h"

#include "base/mem.h"
#include "base/path.h"
#include "os/dirs.h"
#include "os/durable.h"
#include "os/lock.h"
#include "wire/config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char directory[] = "writer-redis";

static void
forget_values(struct settings *s)
{
	for (size_t i = 0; i < s->n; i++) {
		free(s->v[i].name);
		free(s->v[i].old);
		free(s->v[i].ours);
	}
	free(s->v);
	s->v = NULL;
	s->n = s->cap = 0;
}

void
settings_clear(struct settings *s)
{
	forget_values(s);
	free(s->record);
	free(s->lock_path);
	if (s->lock >= 0)
		close(s->lock);
	*s = (struct settings)SETTINGS_INIT;
}

static void
add(struct settings *s, const char *name, const char *old, const char *ours)
{
	VSS_PUSH(s->v, s->n, s->cap) = (struct setting){ vss_strdup(name), vss_strdup(old), vss_strdup(ours) };
}

const char *
settings_old(const struct settings *s, const char *name)
{
	for (size_t i = 0; i < s->n; i++)
		if (strcmp(s->v[i].name, name) == 0)
			return s->v[i].old;
	return NULL;
}

static void
set_paths(struct settings *s, const char *instance)
{
	s->record = vss_strf("%s/%s/%s", vss_state_dir(), directory, instance);
	s->lock_path = vss_strf("%s.lock", s->record);
}

static int
take_setting(void *ctx, const struct vss_line *l, struct vss_err *err)
{
	(void)err;
	add(ctx, vss_line_word(l, 1), vss_line_word(l, 2), vss_line_word(l, 3));
	return 0;
}

/* 0, or 1 when there is none. */
static int
read_record(struct settings *s, struct vss_err *err)
{
	static const struct vss_config_key keys[] = { { "set", 3, 3, NULL, take_setting } };

	forget_values(s);
	return vss_config_read(s->record, keys, sizeof keys / sizeof *keys, s, err);
}

static int
write_record(const struct settings *s, struct vss_err *err)
{
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;

	vss_buf_str(&text,
		"# setting, what it was, what a backup made it: put back by the next run when that backup died\n");
	for (size_t i = 0; i < s->n; i++) {
		vss_line_begin(&text, "set");
		vss_line_add(&text, s->v[i].name);
		vss_line_add(&text, s->v[i].old);
		vss_line_add(&text, s->v[i].ours);
		vss_line_end(&text);
	}
	return vss_write_file(s->record, text.data, text.len, 0600, err);
}

static int
remove_record(const struct settings *s, struct vss_err *err)
{
	VSS_AUTOFREE char *dir = vss_path_dir(s->record);
	VSS_AUTOCLOSE int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || (unlinkat(fd, vss_path_base(s->record), 0) != 0 && errno != ENOENT))
		return vss_fail(err, VSS_SYSTEM, errno, "%s", s->record);
	return vss_fsync_dir(fd, err);
}

/* What has another value by now was set by somebody else: it is his. */
static int
put_back(const struct settings *s, struct server *server, struct vss_err *err)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct setting *v = &s->v[i];
		VSS_AUTOFREE char *now = NULL;

		if (server_get(server, v->name, &now, err) != 0)
			return -1;
		if (now && strcmp(now, v->ours) == 0 && server_set(server, v->name, v->old, err) != 0)
			return -1;
	}
	return 0;
}

static int
take_lock(struct settings *s, struct vss_err *err)
{
	s->lock = vss_lock(s->lock_path, 0, err);
	if (s->lock < 0 && err->code == VSS_BUSY)
		return vss_fail(err, VSS_BUSY, 0, "another backup has its settings in hand");
	return s->lock < 0 ? -1 : 0;
}

/* With the lock. */
static int
mend(struct settings *s, struct server *server, struct vss_err *err)
{
	int r = read_record(s, err);

	if (r == 0)
		r = put_back(s, server, err) == 0 ? remove_record(s, err) : -1;
	forget_values(s);
	return r < 0 ? -1 : 0;
}

static int
note(struct settings *s, struct server *server, struct vss_err *err)
{
	VSS_AUTOFREE char *rewrite = NULL, *fsync = NULL;

	if (server_get(server, SETTING_REWRITE, &rewrite, err) != 0 ||
		server_get(server, SETTING_FSYNC, &fsync, err) != 0)
		return -1;
	if (rewrite && strcmp(rewrite, "0") != 0)
		add(s, SETTING_REWRITE, rewrite, "0");
	/* Only with everysec does Redis put off what it has acknowledged (NOTES). */
	if (fsync && strcmp(fsync, "everysec") == 0)
		add(s, SETTING_FSYNC, fsync, "no");
	return s->n > 0 ? write_record(s, err) : 0;
}

int
settings_take(struct settings *s, const char *instance, struct server *server, struct vss_err *err)
{
	set_paths(s, instance);
	if (take_lock(s, err) != 0 || mend(s, server, err) != 0 || note(s, server, err) != 0)
		return vss_wrap(err, "instance %s", instance);
	return settings_old(s, SETTING_REWRITE) ? server_set(server, SETTING_REWRITE, "0", err) : 0;
}

int
settings_give_back(struct settings *s, struct server *server, struct vss_err *err)
{
	if (s->lock < 0)
		return 0;
	if (s->n > 0 && (put_back(s, server, err) != 0 || remove_record(s, err) != 0))
		return -1;
	settings_clear(s);
	return 0;
}

bool
settings_are_left(const char *instance)
{
	struct settings s = SETTINGS_INIT;
	struct vss_err err = VSS_ERR_INIT;

	set_paths(&s, instance);
	bool left = access(s.record, F_OK) == 0 && vss_lock_is_held(s.lock_path, &err) == 0;
	settings_clear(&s);
	return left;
}

int
settings_mend(const char *instance, struct server *server, struct vss_err *err)
{
	struct settings s = SETTINGS_INIT;

	set_paths(&s, instance);
	int r = take_lock(&s, err) == 0 ? mend(&s, server, err) : -1;
	settings_clear(&s);
	return r == 0 ? 0 : vss_wrap(err, "instance %s", instance);
}
