/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/placing_internal.h"

#include "base/mem.h"
#include "os/interrupt.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

const char *
vss_restore_action_word(enum vss_restore_action a)
{
	static const char *const words[] = { "new", "replaces", "attributes", "beside", "leaves", "at-boot", "refused",
		"fails" };

	return words[a];
}

struct tell {
	struct vss_placing *p;
	vss_restore_row_fn *row;
	void *ctx;
	struct vss_strv replaced; /* see vss_look_at_room_in_turn */
};

static enum vss_restore_action
action_for(const struct vss_destination *d, const struct vss_room *room, mode_t type)
{
	static const enum vss_restore_action there[] = {
		[VSS_EXISTING_SKIP] = VSS_RESTORE_LEAVES,
		[VSS_EXISTING_KEEP_BOTH] = VSS_RESTORE_BESIDE,
	};

	if (d->place && d->place->decision.place == VSS_PLACE_REFUSED)
		return VSS_RESTORE_REFUSED;
	if (d->place && d->place->decision.place == VSS_PLACE_AT_BOOT)
		return VSS_RESTORE_AT_BOOT;
	if (room->there && d->existing == VSS_EXISTING_REFUSE)
		return VSS_RESTORE_REFUSED;
	if (room->blocked || (room->there && S_ISDIR(type) && d->existing != VSS_EXISTING_REPLACE))
		return VSS_RESTORE_FAILS;
	if (room->there && d->existing != VSS_EXISTING_REPLACE)
		return there[d->existing];
	if (room->why)
		return VSS_RESTORE_FAILS;
	if (room->there)
		return VSS_RESTORE_REPLACES;
	return S_ISDIR(type) && room->kept ? VSS_RESTORE_ATTRIBUTES : VSS_RESTORE_NEW;
}

static const char *
why_of(const struct vss_destination *d, const struct vss_room *room, enum vss_restore_action a)
{
	if (a == VSS_RESTORE_REFUSED)
		return d->place && d->place->decision.why ? d->place->decision.why : "something is there already";
	if (a != VSS_RESTORE_FAILS)
		return NULL;
	return room->why ? room->why : "what is there is no directory";
}

static struct vss_room
look(struct tell *t, const struct vss_destination *d, mode_t type)
{
	if (d->existing == VSS_EXISTING_REPLACE)
		return vss_look_at_room_in_turn(&t->replaced, t->p->rootfd, d->path, type);
	return vss_look_at_room(t->p->rootfd, d->path, type);
}

static void
count(struct vss_restore_result *r, enum vss_restore_action a, uint64_t size)
{
	if (a == VSS_RESTORE_FAILS) {
		r->failed++;
	} else if (a == VSS_RESTORE_LEAVES) {
		r->skipped++;
	} else if (a != VSS_RESTORE_REFUSED) {
		r->files++;
		r->bytes += size;
	}
}

static int
tell_member(void *ctx, const struct vss_member *m, struct vss_err *err)
{
	struct tell *t = ctx;
	struct vss_destination d;

	if (vss_check_interrupt(err) < 0)
		return -1;
	if (!vss_wanted_takes(t->p->wanted, m->path, m->mode) || placing_is_layer(t->p, m))
		return 0; /* of what comes in layers the first has told */
	vss_placing_destination(t->p, m->path, m->mode, m->size, &d);
	struct vss_room room = look(t, &d, m->mode);
	enum vss_restore_action action = action_for(&d, &room, m->mode);
	VSS_AUTOFREE char *path = vss_strf("/%s", strcmp(m->path, ".") == 0 ? "" : m->path);
	VSS_AUTOFREE char *destination =
		t->p->in_place ? vss_strf("/%s", strcmp(d.path, ".") == 0 ? "" : d.path) : vss_strdup(d.path);
	struct vss_restore_row row = { path, destination, m->mode, m->size, action, why_of(&d, &room, action) };
	free(d.path);
	count(t->p->result, action, m->size);
	return t->row ? t->row(t->ctx, &row, err) : 0;
}

/* A restore makes these directories before the files of this archive. */
static int
note_frame(void *ctx, const struct vss_member *m, struct vss_err *err)
{
	struct tell *t = ctx;
	const struct vss_placing *frame = t->p->frame;
	struct vss_destination d;

	(void)err;
	if (!S_ISDIR(m->mode) || !vss_wanted_takes(frame->wanted, m->path, m->mode))
		return 0;
	vss_placing_destination(frame, m->path, m->mode, m->size, &d);
	bool waits = d.place && (d.place->pending || d.place->decision.place == VSS_PLACE_AT_BOOT);
	if (!waits && d.existing == VSS_EXISTING_REPLACE)
		(void)vss_look_at_room_in_turn(&t->replaced, frame->rootfd, d.path, m->mode);
	free(d.path);
	return 0;
}

int
vss_placing_tell(struct vss_placing *p, vss_restore_row_fn *row, void *ctx, struct vss_err *err)
{
	struct tell t = { .p = p, .row = row, .ctx = ctx };
	int rc = p->frame ? vss_archive_each(p->frame->reader, note_frame, &t, err) : 0;

	if (rc == 0)
		rc = vss_archive_each(p->reader, tell_member, &t, err);
	vss_strv_free(&t.replaced);
	return rc;
}
