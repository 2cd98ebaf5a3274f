/* SPDX-License-Identifier: BSD-2-Clause */
#include "provider/builtin_internal.h"
#include "provider/external_internal.h"
#include "provider/store_internal.h"

#include "base/mem.h"
#include "base/num.h"
#include "base/path.h"
#include "base/stop.h"
#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Whose copy it is: registered now, or it cannot be asked about. */
static struct external *
owner_of(const struct vss_shadow *s, struct vss_err *err)
{
	const struct vss_provider_ops *ops = vss_provider_named(s->provider, err);

	return ops ? external_of(ops) : NULL;
}

static void
add(struct vss_buf *line, const char *key, const char *value)
{
	if (value && *value)
		vss_line_add_pair(line, key, value);
}

static void
put_copy(struct external_question *q, const struct vss_shadow *s)
{
	char id[VSS_UUID_TEXT];

	vss_uuid_text(&s->id, id);
	vss_line_begin(&q->lines, "copy");
	vss_line_add(&q->lines, id);
	add(&q->lines, "locator", s->place);
	add(&q->lines, "mount", s->volume);
	add(&q->lines, "id", s->volume_id);
	add(&q->lines, "source", s->source);
	add(&q->lines, "fstype", s->fstype);
	add(&q->lines, "fs-uuid", s->fs_uuid);
	vss_line_end(&q->lines);
}

/* Ask one thing about one copy.  The desk is locked until external_leave(). */
static int
ask_about(struct external *p, enum external_event event, const struct vss_shadow *s, struct vss_err *err)
{
	struct external_question q = { .event = event };

	put_copy(&q, s);
	return external_enter(p, &q, err);
}

/* One whose answer is nothing but yes. */
static int
tell_about(enum external_event event, const struct vss_shadow *s, struct vss_err *err)
{
	struct external *p = owner_of(s, err);

	if (!p)
		return -1;
	int r = ask_about(p, event, s, err);
	external_leave(p);
	return r;
}

/* --- Showing --- */

/* Mounts need root, and no trial makes any. */
static bool
by_link(void)
{
	return geteuid() != 0 || vss_in_trial();
}

static int
show_directory(const char *path, const char *key, const char *device, struct vss_err *err)
{
	if (*path != '/')
		return vss_fail(err, VSS_E_UNEXPECTED_PROVIDER_ERROR, 0, "surface: directory= is not an absolute path");
	VSS_AUTOFREE char *clean = vss_path_clean(path, "/");
	VSS_AUTOCLOSE int fd = open(clean, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "surface: %s", clean);
	return by_link() ? vss_surface_link(clean, device, err) : vss_surface_mount(fd, key, "", device, err);
}

static int
show_device(const char *path, const char *fstype, const char *key, const char *device, struct vss_err *err)
{
	struct stat st;

	if (*path != '/' || stat(path, &st) != 0 || !S_ISBLK(st.st_mode))
		return vss_fail(err, VSS_E_UNEXPECTED_PROVIDER_ERROR, 0, "surface: device= is no block device");
	if (by_link())
		return vss_fail(err, VSS_DENIED, 0, "surface: %s: only root can mount it, and not in a trial", path);
	return vss_surface_device(path, fstype, key, device, err);
}

static int
show(const struct external_talk *t, const struct vss_shadow *s, const char *device, struct vss_err *err)
{
	const char *directory = vss_line_get(&t->answer, "directory"), *block = vss_line_get(&t->answer, "device");
	char key[VSS_UUID_TEXT];

	vss_uuid_text(&s->id, key);
	if (!directory == !block)
		return vss_fail(err, VSS_E_UNEXPECTED_PROVIDER_ERROR, 0,
			"surface: directory= or device= is expected, one of them");
	if (directory)
		return show_directory(directory, key, device, err);
	return show_device(block, s->fstype, key, device, err);
}

int
external_surface(const struct vss_shadow *s, const char *device, struct vss_err *err)
{
	struct external *p = owner_of(s, err);

	if (!p)
		return -1;
	int r = ask_about(p, EXTERNAL_SURFACE, s, err);
	if (r == 0 && show(&p->desk, s, device, err) != 0)
		r = vss_wrap(err, "%s", p->label);
	external_leave(p);
	return r;
}

/* What is mounted goes first: the provider takes away what lies below. */
int
external_unsurface(const struct vss_shadow *s, const char *device, struct vss_err *err)
{
	char key[VSS_UUID_TEXT];

	vss_uuid_text(&s->id, key);
	int r = by_link() ? vss_surface_unlink(device, err) : vss_surface_unmount(key, device, err);
	return r == 0 ? tell_about(EXTERNAL_UNSURFACE, s, err) : -1;
}

int
external_expose(const struct vss_shadow *s, const char *device, const char *path, struct vss_err *err)
{
	return by_link() ? vss_expose_link(device, path, err) : vss_expose_mount(s, device, path, err);
}

int
external_unexpose(const struct vss_shadow *s, const char *path, struct vss_err *err)
{
	return by_link() ? vss_expose_unlink(s->device, path, err) : vss_expose_unmount(s, path, err);
}

/* --- Life --- */

int
external_remove(const struct vss_shadow *s, struct vss_err *err)
{
	vss_stop_point("provider.external.remove");
	return tell_about(EXTERNAL_DELETE, s, err);
}

int
external_exists(const struct vss_shadow *s, struct vss_err *err)
{
	struct external *p = owner_of(s, err);

	if (!p)
		return -1;
	int r = ask_about(p, EXTERNAL_EXISTS, s, err);
	if (r == 0)
		r = external_flag(&p->desk, "there");
	external_leave(p);
	return r;
}

/* The place stays: it is a directory of ours, and nobody's storage. */
int
external_tidy(const struct vss_shadow *s, struct vss_err *err)
{
	(void)s;
	(void)err;
	return 0;
}

/* --- What not every provider can --- */

static int
number(const struct external_talk *t, const char *key, uint64_t *out, struct vss_err *err)
{
	const char *text = vss_line_get(&t->answer, key);

	if (!text || vss_parse_u64(text, out) != 0)
		return vss_fail(err, VSS_E_UNEXPECTED_PROVIDER_ERROR, 0, "use: %s= is no number", key);
	return 0;
}

static int
take_use(const struct external_talk *t, struct vss_provider_use *out, struct vss_err *err)
{
	if (number(t, "used", &out->used, err) != 0)
		return -1;
	out->allocated = out->used;
	out->capacity = UINT64_MAX;
	out->estimated = external_flag(t, "estimated");
	if (vss_line_get(&t->answer, "allocated") && number(t, "allocated", &out->allocated, err) != 0)
		return -1;
	return vss_line_get(&t->answer, "capacity") ? number(t, "capacity", &out->capacity, err) : 0;
}

int
external_use(const struct vss_shadow *const *copies, size_t n, struct vss_provider_use *out, struct vss_err *err)
{
	struct external_question q = { .event = EXTERNAL_USE };
	struct external *p = n > 0 ? owner_of(copies[0], err) : NULL;

	if (!p)
		return n > 0 ? -1 : vss_fail(err, VSS_INVALID, 0, "use: of no copy");
	if (external_meet(p, err) != 0)
		return -1;
	if (!p->can_use)
		return vss_fail(err, VSS_UNSUPPORTED, 0, "%s: does not tell what its copies take", p->label);
	for (size_t i = 0; i < n; i++)
		put_copy(&q, copies[i]);
	int r = external_enter(p, &q, err);
	if (r == 0 && take_use(&p->desk, out, err) != 0)
		r = vss_wrap(err, "%s", p->label);
	external_leave(p);
	return r;
}

int
external_revert(const struct vss_shadow *s, struct vss_provider_revert *how, struct vss_err *err)
{
	struct external *p = owner_of(s, err);
	struct external_question q = { .event = EXTERNAL_REVERT };

	if (!p || external_meet(p, err) != 0)
		return -1;
	if (!p->can_revert)
		return vss_fail(err, VSS_UNSUPPORTED, 0, "%s: cannot revert volumes", p->label);
	add(&q.pairs, "mount", how->mount);
	if (how->at_boot)
		vss_line_add_pair(&q.pairs, "at-boot", "yes");
	put_copy(&q, s);
	int r = external_enter(p, &q, err);
	if (r == 0) {
		how->pending = external_flag(&p->desk, "pending");
		how->copy_gone = external_flag(&p->desk, "copy-gone");
	}
	external_leave(p);
	return r;
}
