/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_UNIT_PROVIDER_STAGE_H
#define VSS_UNIT_PROVIDER_STAGE_H

#include "lib/box.h"

#include "model/set.h"
#include "os/durable.h"
#include "os/lock.h"
#include "os/volume.h"
#include "provider/provider.h"

/* A box with two fake volumes "one" and "two", each with a file, and a set of both in the making. */
struct stage {
	void *box;
	int fd;
	const struct vss_provider_ops *p;
	struct vss_provider_set ps;
	struct vss_provider_volume v[2];
	int ownerfd;
};

static inline void
stage_environment(const char *box)
{
	char *volumes = vss_strf("%s/one:%s/two", box, box), *run = vss_strf("%s/run", box),
	     *state = vss_strf("%s/state", box);
	setenv("VSS_FAKE_VOLUMES", volumes, 1);
	setenv("VSS_RUN_DIR", run, 1);
	setenv("VSS_STATE_DIR", state, 1);
	unsetenv("VSS_FAKE_FAULTS");
	free(volumes);
	free(run);
	free(state);
}

static inline void
stage_write(struct stage *s, const char *dir, const char *name, const char *text)
{
	int fd = openat(s->fd, dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	box_write(fd, name, text);
	close(fd);
}

/* A set of the first `n` volumes by the provider of that name. */
static inline void
stage_set(struct stage *s, const char *provider, size_t n)
{
	static const char *const names[] = { "one", "two" };
	struct vss_err err = VSS_ERR_INIT;

	s->p = vss_provider_named(provider, &err);
	assert_non_null(s->p);
	s->ps = (struct vss_provider_set){
		.provider = s->p, .v = s->v, .n = n, .must_be_one = strcmp(provider, "fake") == 0
	};
	s->ownerfd = vss_owner_new(&s->ps.owner, &err);
	assert_true(s->ownerfd >= 0);
	vss_uuid_random(&s->ps.set_id);
	for (size_t i = 0; i < n; i++) {
		char *path = box_path(&s->box, names[i]);
		s->v[i] = (struct vss_provider_volume){ .volume = vss_volume_of(path, &err) };
		assert_non_null(s->v[i].volume);
		vss_uuid_random(&s->v[i].shadow_id);
		free(path);
	}
}

static inline void
stage_clear_set(struct stage *s)
{
	struct vss_err err = VSS_ERR_INIT;

	if (s->p)
		assert_int_equal(s->p->abort(&s->ps, &err), 0);
	for (size_t i = 0; i < s->ps.n; i++) {
		vss_volume_free((struct vss_volume *)(uintptr_t)s->v[i].volume);
		free(s->v[i].place);
		free(s->v[i].domain);
		free(s->v[i].proof_key);
		vss_provider_lost_free(&s->v[i]);
	}
	if (s->ownerfd >= 0)
		vss_owner_release(&s->ps.owner, s->ownerfd);
	s->ownerfd = -1;
	s->p = NULL;
	s->ps.n = 0;
}

static inline int
stage_open(void **state)
{
	struct stage *s = vss_alloc(sizeof *s);

	s->ownerfd = -1;
	*state = s;
	if (box_make(&s->box))
		return -1;
	s->fd = box_open(&s->box);
	box_mkdir(s->fd, "one");
	box_mkdir(s->fd, "two");
	stage_environment(s->box);
	stage_write(s, "one", "file", "1");
	stage_write(s, "two", "file", "2");
	return 0;
}

static inline int
stage_close(void **state)
{
	struct stage *s = *state;

	stage_clear_set(s);
	close(s->fd);
	int r = box_drop(&s->box);
	free(s);
	return r;
}

#define STAGE_TEST(f) cmocka_unit_test_setup_teardown(f, stage_open, stage_close)

/* All phases up to and with commit. */
static inline int
stage_commit(struct stage *s, struct vss_err *err)
{
	if (s->p->begin_prepare(&s->ps, err))
		return -1;
	if (s->p->pre_commit && s->p->pre_commit(&s->ps, err))
		return -1;
	return s->p->commit(&s->ps, err);
}

/* A stand-in for the set document, in the storage of the volumes from `first` to before `last`. */
static inline void
stage_document(struct stage *s, size_t first, size_t last)
{
	static const char *const stores[] = { "one/.vss-shadows", "two/.vss-shadows" };
	char id[VSS_UUID_TEXT];

	vss_uuid_text(&s->ps.set_id, id);
	char *name = vss_strf("%s.xml", id);
	for (size_t i = first; i < last; i++)
		stage_write(s, stores[i], name, "");
	free(name);
}

/*
 * The owner dies, and with it all that it had open: what `own` held is closed as the end of a
 * process would.
 */
static inline void
stage_die(struct stage *s)
{
	/* done() closes and removes the marks; they are put back as they were. */
	char owner[VSS_UUID_TEXT], shadow[VSS_UUID_TEXT], set[VSS_UUID_TEXT];
	static const char *const stores[] = { "one/.vss-shadows", "two/.vss-shadows" };

	s->p->done(&s->ps);
	vss_uuid_text(&s->ps.owner, owner);
	vss_uuid_text(&s->ps.set_id, set);
	for (size_t i = 0; i < s->ps.n; i++) {
		vss_uuid_text(&s->v[i].shadow_id, shadow);
		char *text = vss_strf("owner=%s\nshadow=%s\n", owner, shadow), *name = vss_strf("%s.making", set);
		stage_write(s, stores[i], name, text);
		free(text);
		free(name);
	}
	vss_owner_release(&s->ps.owner, s->ownerfd);
	s->ownerfd = -1;
}

static inline bool
stage_has(const struct stage *s, const char *path)
{
	return box_has(s->fd, path);
}

/*
 * A finished copy as the set document would have it; its strings are borrowed, but `device`, which
 * the caller frees.
 */
static inline struct vss_shadow
stage_shadow(const struct stage *s, size_t i)
{
	char id[VSS_UUID_TEXT];
	vss_uuid_text(&s->v[i].shadow_id, id);
	return (struct vss_shadow){ .id = s->v[i].shadow_id,
		.place = s->v[i].place,
		.device = vss_strf("%s/run/shadows/%s", (char *)s->box, id) };
}

#endif
