/* SPDX-License-Identifier: BSD-2-Clause */
#include "provider/external_internal.h"
#include "provider/store_internal.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/stop.h"
#include "base/str.h"
#include "base/time.h"
#include "os/dirs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * A set in the making.  Its mark lies in the place of the provider from before the provider hears of it until the document
 * is saved, so that whoever comes after a run that died knows what to have aborted (store_internal.h, SET.making).
 */
struct own {
	int dirfd;
	bool told; /* the provider has heard of the set */
	struct external_talk talk;
};

/* --- The place --- */

int
external_open_place(const struct external *p, bool make, struct vss_err *err)
{
	VSS_AUTOFREE char *below = vss_strf("external/%s", p->name);
	VSS_AUTOFREE char *dir = make ? vss_state_path(below, "", err) : vss_strf("%s/%s", vss_state_dir(), below);

	if (!dir)
		return -1;
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? vss_fail(err, VSS_SYSTEM, errno, "%s", dir) : fd;
}

void
external_place(const struct external *p, int fd, struct vss_provider_places *out)
{
	VSS_PUSH(out->v, out->n, out->cap) = (struct vss_provider_place){ .dirfd = fd, .label = vss_strdup(p->label) };
}

int
external_places_of(struct vss_provider_set *ps, struct vss_provider_places *out, struct vss_err *err)
{
	const struct external *p = external_of(ps->provider);
	int fd = external_open_place(p, true, err);

	if (fd < 0)
		return -1;
	external_place(p, fd, out);
	return 0;
}

static int
write_mark(const struct vss_provider_set *ps, struct vss_err *err)
{
	const struct own *o = ps->own;
	struct vss_making m = { .set = ps->set_id, .owner = ps->owner };

	for (size_t i = 0; i < ps->n; i++)
		VSS_PUSH(m.shadows, m.n, m.cap) = ps->v[i].shadow_id;
	int r = vss_making_write(o->dirfd, &m, err);
	vss_making_clear(&m);
	return r;
}

/* --- Questions --- */

static void
put_set(struct external_question *q, const struct vss_uuid *set)
{
	char id[VSS_UUID_TEXT];

	vss_uuid_text(set, id);
	vss_line_add_pair(&q->pairs, "set", id);
}

/* The volumes of the set, each by the copy that it is to have. */
static void
put_copies(struct external_question *q, const struct vss_provider_set *ps)
{
	char id[VSS_UUID_TEXT];

	for (size_t i = 0; i < ps->n; i++) {
		vss_uuid_text(&ps->v[i].shadow_id, id);
		vss_line_begin(&q->lines, "copy");
		vss_line_add(&q->lines, id);
		external_describe(&q->lines, ps->v[i].volume);
		if (ps->v[i].to_hold)
			vss_line_add_pair(&q->lines, "hold", "yes");
		vss_line_end(&q->lines);
	}
}

static int
tell(struct vss_provider_set *ps, enum external_event event, struct vss_err *err)
{
	struct own *o = ps->own;
	struct external_question q = { .event = event, .cancelled = &ps->cancelled };

	put_set(&q, &ps->set_id);
	return external_ask(&o->talk, &q, err);
}

static int
ask_begin(struct vss_provider_set *ps, struct vss_err *err)
{
	struct own *o = ps->own;
	struct external_question q = { .event = EXTERNAL_BEGIN, .cancelled = &ps->cancelled };
	VSS_AUTOFREE char *limit = vss_strf("%d", EXTERNAL_HOLD_MS);

	put_set(&q, &ps->set_id);
	vss_line_add_pair(&q.pairs, "limit-ms", limit);
	vss_line_add_pair(&q.pairs, "instant", ps->must_be_one ? "one" : "many");
	put_copies(&q, ps);
	return external_ask(&o->talk, &q, err);
}

int
external_begin(struct vss_provider_set *ps, struct vss_err *err)
{
	const struct external *p = external_of(ps->provider);
	struct own *o = vss_alloc(sizeof *o);

	*o = (struct own){ .dirfd = external_open_place(p, true, err), .talk = EXTERNAL_TALK_NONE };
	ps->own = o;
	if (o->dirfd < 0 || write_mark(ps, err) != 0 || external_talk_start(p, &o->talk, err) != 0)
		return -1;
	vss_stop_point("provider.external.marked");
	o->told = true;
	if (ask_begin(ps, err) != 0)
		return -1;
	vss_stop_point("provider.external.begun");
	if (tell(ps, EXTERNAL_PREPARE, err) != 0)
		return -1;
	vss_stop_point("provider.external.prepared");
	return 0;
}

int
external_pre_commit(struct vss_provider_set *ps, struct vss_err *err)
{
	if (tell(ps, EXTERNAL_PRE_COMMIT, err) != 0)
		return -1;
	vss_stop_point("provider.external.pre-committed");
	return 0;
}

/* --- Commit --- */

static struct vss_provider_volume *
volume_of(struct vss_provider_set *ps, const struct vss_line *l)
{
	struct vss_uuid id;

	if (vss_uuid_parse(vss_line_word(l, 1), &id) != 0)
		return NULL;
	for (size_t i = 0; i < ps->n; i++)
		if (vss_uuid_eq(&ps->v[i].shadow_id, &id))
			return &ps->v[i];
	return NULL;
}

static int
take_copy(struct vss_provider_set *ps, const struct vss_line *l, struct vss_err *err)
{
	struct vss_provider_volume *v = volume_of(ps, l);
	const char *locator = vss_line_get(l, "locator");

	if (!v || v->place)
		return vss_fail(err, VSS_E_UNEXPECTED_PROVIDER_ERROR, 0, "a copy that is not expected");
	if (!locator || !*locator || strlen(locator) > EXTERNAL_LOCATOR_MAX)
		return vss_fail(err, VSS_E_UNEXPECTED_PROVIDER_ERROR, 0, "locator= is not 1 to %d bytes long",
			EXTERNAL_LOCATOR_MAX);
	v->place = vss_strdup(locator);
	return 0;
}

static void
note_instant(struct vss_provider_set *ps, bool one, int64_t at)
{
	char set[VSS_UUID_TEXT];

	vss_uuid_text(&ps->set_id, set);
	for (size_t i = 0; i < ps->n; i++) {
		struct vss_provider_volume *v = &ps->v[i];
		/* What it did in another set is another instant. */
		v->domain = vss_strf("%s %s", ps->provider->name, set);
		v->mark = one ? 1 : i + 1;
		v->fuzzy = external_of(ps->provider)->hold == VSS_PROVIDER_HOLD_WANTS && !v->to_hold;
		v->committed_ns = at;
		v->attributes = ps->provider->differential ? VSS_ATTR_DIFFERENTIAL : VSS_ATTR_PLEX;
	}
}

/* Every copy is there, and they are what was promised. */
static int
take_commit(struct vss_provider_set *ps, struct vss_err *err)
{
	const struct own *o = ps->own;
	const char *instant = vss_line_get(&o->talk.answer, "instant");
	bool one = ps->n == 1 || vss_str_eq(instant, "one");

	for (size_t i = 0; i < o->talk.nsaid; i++)
		if (take_copy(ps, &o->talk.said[i], err) != 0)
			return -1;
	for (size_t i = 0; i < ps->n; i++)
		if (!ps->v[i].place)
			return vss_fail(
				err, VSS_E_UNEXPECTED_PROVIDER_ERROR, 0, "no copy of %s", ps->v[i].volume->mount);
	note_instant(ps, one, vss_now_mono());
	return 0;
}

static bool
are_held(const struct vss_provider_set *ps)
{
	for (size_t i = 0; i < ps->n; i++)
		if (!ps->v[i].to_hold)
			return ps->cgroups;
	return true;
}

int
external_commit(struct vss_provider_set *ps, struct vss_err *err)
{
	vss_stop_point("provider.external.commit");
	if (tell(ps, EXTERNAL_COMMIT, err) != 0 || take_commit(ps, err) != 0)
		return -1;
	if (ps->must_be_one && ps->v[0].mark != ps->v[ps->n - 1].mark && !are_held(ps))
		return vss_fail(err, VSS_E_PROVIDER_VETO, 0, "the copies are not one instant");
	vss_stop_point("provider.external.committed");
	return 0;
}

int
external_post_commit(struct vss_provider_set *ps, struct vss_err *err)
{
	if (tell(ps, EXTERNAL_POST_COMMIT, err) != 0)
		return -1;
	vss_stop_point("provider.external.post-committed");
	return 0;
}

int
external_final_commit(struct vss_provider_set *ps, struct vss_err *err)
{
	if (tell(ps, EXTERNAL_FINAL_COMMIT, err) != 0)
		return -1;
	vss_stop_point("provider.external.final-committed");
	return 0;
}

/* --- The end --- */

static int
ask_abort(struct vss_provider_set *ps, struct vss_err *err)
{
	struct own *o = ps->own;
	struct external_question q = { .event = EXTERNAL_ABORT };

	put_set(&q, &ps->set_id);
	put_copies(&q, ps);
	return external_ask(&o->talk, &q, err);
}

/* By the process that began it, or where that is of no use, by another: S78, any process knows any set. */
static int
undo(struct vss_provider_set *ps, struct vss_err *err)
{
	struct own *o = ps->own;
	struct vss_err first = VSS_ERR_INIT;

	if (o->talk.open && ask_abort(ps, &first) == 0)
		return 0;
	external_talk_end(&o->talk);
	if (external_talk_start(external_of(ps->provider), &o->talk, err) != 0)
		return -1;
	return ask_abort(ps, err);
}

static void
free_own(struct vss_provider_set *ps)
{
	struct own *o = ps->own;

	external_talk_end(&o->talk);
	if (o->dirfd >= 0)
		close(o->dirfd);
	free(o);
	ps->own = NULL;
}

/* The mark stays when the provider could not undo it: whoever reaps asks again. */
int
external_abort(struct vss_provider_set *ps, struct vss_err *err)
{
	const struct own *o = ps->own;
	int r = 0;

	if (!o)
		return 0;
	vss_stop_point("provider.external.abort");
	if (o->told)
		r = undo(ps, err);
	if (r == 0 && o->dirfd >= 0)
		r = vss_making_remove(o->dirfd, &ps->set_id, err);
	free_own(ps);
	return r;
}

void
external_done(struct vss_provider_set *ps)
{
	const struct own *o = ps->own;
	struct vss_err err = VSS_ERR_INIT;

	vss_stop_point("provider.external.done");
	if (vss_making_remove(o->dirfd, &ps->set_id, &err) != 0)
		vss_warn("%s: %s", external_of(ps->provider)->label, err.text);
	free_own(ps);
}
