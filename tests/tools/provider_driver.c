/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The phases of a provider run by hand, for tests below the session.
 *
 *	provider_driver create NAME [--storage DIR] [--only PATH]... [--apart] [--hold] [--until|--pause PHASE] VOLUME...
 *		Take a set through all phases; a stand-in lies where its document would.  `--apart`: one instant is not asked for.
 *		`--hold`: the freezer ($VSS_FREEZER) holds the file systems over commit.
 *		`--pause PHASE`: stop (SIGSTOP) before that phase.
 *		`--until`: die before that phase (pre_commit, commit, post_commit, post_final_commit, save, done).
 *		For each volume a line: SHADOW PLACE MOUNT INSTANT PROOF EFFORT
 *	provider_driver remove|exists NAME PLACE SHADOW
 *	provider_driver surface|unsurface NAME PLACE SHADOW DEVICE
 *	provider_driver expose NAME PLACE SHADOW DEVICE PATH;  unexpose NAME PLACE SHADOW PATH
 *	provider_driver forget NAME SET		remove the stand-in, tidy
 *	provider_driver reap|places NAME
 */
#include "base/mem.h"
#include "freeze/freeze.h"
#include "os/durable.h"
#include "os/lock.h"
#include "os/volume.h"
#include "provider/provider.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct wish {
	struct vss_provider_set ps;
	struct vss_strv only;
	const char *until, *pause;
	bool apart, hold;
	int ownerfd;
};

static int
fail(const struct vss_err *err)
{
	const char *code = vss_code_name(err->code);
	fprintf(stderr, "provider_driver: %s%s%s%s\n", err->text, code ? " (" : "", code ? code : "", code ? ")" : "");
	return 1;
}

static void
stop_before(const struct wish *w, const char *phase)
{
	if (w->until && strcmp(w->until, phase) == 0)
		raise(SIGKILL);
	if (w->pause && strcmp(w->pause, phase) == 0)
		raise(SIGSTOP);
}

static int
stand_in(struct vss_provider_set *ps, struct vss_err *err)
{
	struct vss_provider_places places = { 0 };
	char id[VSS_UUID_TEXT];
	int r = ps->provider->places_of(ps, &places, err);

	vss_uuid_text(&ps->set_id, id);
	VSS_AUTOFREE char *name = vss_strf("%s.xml", id);
	for (size_t i = 0; r == 0 && i < places.n; i++)
		r = vss_write_file_at(places.v[i].dirfd, name, "", 0, 0600, err);
	vss_provider_places_free(&places);
	return r;
}

static int
call(int (*phase)(struct vss_provider_set *ps, struct vss_err *err), struct vss_provider_set *ps, struct vss_err *err)
{
	return phase ? phase(ps, err) : 0;
}

static int
check_all(struct vss_provider_set *ps, struct vss_err *err)
{
	for (size_t i = 0; i < ps->n && ps->provider->check; i++)
		if (ps->provider->check(ps, ps->v[i].volume, err))
			return -1;
	return 0;
}

/* As the session does before it commits. */
static int
flush(const struct vss_provider_set *ps, struct vss_err *err)
{
	for (size_t i = 0; i < ps->n; i++) {
		VSS_AUTOCLOSE int fd = open(ps->v[i].volume->mount, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (fd < 0 || syncfs(fd))
			return vss_fail(err, VSS_SYSTEM, errno, "%s", ps->v[i].volume->mount);
	}
	return 0;
}

static int
tell(struct vss_freeze *f, enum vss_freeze_command c, struct vss_err *err)
{
	struct pollfd p = { .fd = vss_freeze_fd(f), .events = POLLIN };
	int r = vss_freeze_ask(f, c, err);

	while (r == 0 && (r = vss_freeze_answer(f, err)) == 0)
		poll(&p, 1, -1);
	return r < 0 ? -1 : 0;
}

static int
commit_held(struct vss_provider_set *ps, struct vss_freeze *f, struct vss_err *err)
{
	struct vss_err late = VSS_ERR_INIT;

	if (flush(ps, err) || tell(f, VSS_FREEZE_HOLD, err))
		return -1;
	int r = ps->provider->commit(ps, err);
	if (tell(f, VSS_FREEZE_RELEASE, r ? &late : err))
		return -1;
	return r;
}

static struct vss_freeze *
start_freezer(const struct vss_provider_set *ps, struct vss_err *err)
{
	const struct vss_volume **v = vss_alloc(ps->n * sizeof *v);

	for (size_t i = 0; i < ps->n; i++)
		v[i] = ps->v[i].volume;
	const struct vss_freeze_options o = { .volumes = v, .nvolumes = ps->n, .lockfd = -1 };
	struct vss_freeze *f = vss_freeze_start(&o, err);
	free(v);
	return f;
}

static int
commit(struct wish *w, struct vss_err *err)
{
	if (!w->hold)
		return flush(&w->ps, err) ? -1 : w->ps.provider->commit(&w->ps, err);
	struct vss_freeze *f = start_freezer(&w->ps, err);
	int r = f ? commit_held(&w->ps, f, err) : -1;
	vss_freeze_end(f);
	return r;
}

static int
run_phases(struct wish *w, struct vss_err *err)
{
	struct vss_provider_set *ps = &w->ps;
	const struct vss_provider_ops *p = ps->provider;

	if (call(p->begin_prepare, ps, err))
		return -1;
	stop_before(w, "pre_commit");
	if (call(p->pre_commit, ps, err))
		return -1;
	stop_before(w, "commit");
	if (commit(w, err))
		return -1;
	stop_before(w, "post_commit");
	if (call(p->post_commit, ps, err))
		return -1;
	stop_before(w, "post_final_commit");
	if (call(p->post_final_commit, ps, err))
		return -1;
	stop_before(w, "save");
	if (stand_in(ps, err))
		return -1;
	stop_before(w, "done");
	p->done(ps);
	return 0;
}

static void
print_set(const struct vss_provider_set *ps)
{
	char id[VSS_UUID_TEXT];

	vss_uuid_text(&ps->set_id, id);
	printf("set %s\n", id);
	for (size_t i = 0; i < ps->n; i++) {
		const struct vss_provider_volume *v = &ps->v[i];
		const char *instant = !v->fuzzy ? "instant" : v->still ? "still" : "fuzzy";
		vss_uuid_text(&v->shadow_id, id);
		const struct vss_provider_effort *e = &v->effort;
		printf("%s %s %s %s %s=%llu passes=%u,looked=%llu,changed=%llu,bytes=%llu,us=%llu\n", id, v->place,
			v->volume->mount, instant, v->proof_key ? v->proof_key : "mark",
			(unsigned long long)(v->proof_key ? v->proof_value : v->mark), e->passes,
			(unsigned long long)e->looked, (unsigned long long)e->changed, (unsigned long long)e->bytes,
			(unsigned long long)e->ns / 1000);
	}
}

static int
read_options(struct wish *w, char **args, struct vss_err *err)
{
	for (; *args; args++) {
		if (strcmp(*args, "--apart") == 0) {
			w->apart = true;
		} else if (strcmp(*args, "--hold") == 0) {
			w->hold = true;
		} else if (strcmp(*args, "--storage") == 0 && args[1]) {
			w->ps.storage = *++args;
		} else if (strcmp(*args, "--only") == 0 && args[1]) {
			vss_strv_add(&w->only, *++args);
		} else if (strcmp(*args, "--until") == 0 && args[1]) {
			w->until = *++args;
		} else if (strcmp(*args, "--pause") == 0 && args[1]) {
			w->pause = *++args;
		} else {
			struct vss_volume *v = vss_volume_named(*args, err);
			if (!v)
				return -1;
			w->ps.v = vss_realloc(w->ps.v, w->ps.n + 1, sizeof *w->ps.v);
			w->ps.v[w->ps.n++] = (struct vss_provider_volume){ .volume = v };
		}
	}
	return 0;
}

static void
free_wish(struct wish *w)
{
	for (size_t i = 0; i < w->ps.n; i++) {
		struct vss_provider_volume *v = &w->ps.v[i];
		vss_volume_free((struct vss_volume *)(uintptr_t)v->volume);
		free(v->place);
		free(v->domain);
		free(v->proof_key);
	}
	free(w->ps.v);
	vss_strv_free(&w->only);
	if (w->ownerfd >= 0)
		vss_owner_release(&w->ps.owner, w->ownerfd);
}

static int
create(struct wish *w, char **args, struct vss_err *err)
{
	struct vss_provider_set *ps = &w->ps;
	struct vss_err other = VSS_ERR_INIT;

	w->ownerfd = vss_owner_new(&ps->owner, err);
	if (w->ownerfd < 0 || read_options(w, args, err))
		return -1;
	vss_uuid_random(&ps->set_id);
	for (size_t i = 0; i < ps->n; i++) {
		vss_uuid_random(&ps->v[i].shadow_id);
		ps->v[i].only = w->only.n ? (const char *const *)w->only.v : NULL;
		ps->v[i].nonly = w->only.n;
		ps->v[i].to_hold = w->hold;
	}
	ps->must_be_one = !w->apart && ps->provider->promise(ps) == VSS_INSTANT_ONE;
	if (check_all(ps, err))
		return -1;
	if (run_phases(w, err)) {
		if (ps->provider->abort(ps, &other))
			fail(&other);
		return -1;
	}
	print_set(ps);
	return 0;
}

static int
create_command(const struct vss_provider_ops *p, char **args, struct vss_err *err)
{
	struct wish w = { .ps = { .provider = p }, .ownerfd = -1 };
	int r = create(&w, args, err);
	free_wish(&w);
	return r;
}

static int
forget(const struct vss_provider_ops *p, const char *set, struct vss_err *err)
{
	struct vss_provider_places places = { 0 };
	VSS_AUTOFREE char *name = vss_strf("%s.xml", set);
	int r = p->places(p, &places, err);

	for (size_t i = 0; r == 0 && i < places.n; i++) {
		struct vss_shadow s = { .place = places.v[i].label };
		unlinkat(places.v[i].dirfd, name, 0);
		r = p->tidy(&s, err);
	}
	vss_provider_places_free(&places);
	return r;
}

static int
print_places(const struct vss_provider_ops *p, struct vss_err *err)
{
	struct vss_provider_places places = { 0 };
	int r = p->places(p, &places, err);

	for (size_t i = 0; i < places.n; i++)
		puts(places.v[i].label);
	vss_provider_places_free(&places);
	return r;
}

static int
reap(const struct vss_provider_ops *p, struct vss_err *err)
{
	unsigned removed = 0;
	int r = p->reap(p, &removed, err);

	printf("%u\n", removed);
	return r;
}

static int
with_shadow(const struct vss_provider_ops *p, const char *verb, char **args, struct vss_err *err)
{
	struct vss_shadow s = { .place = args[0], .device = args[1] && args[2] ? args[2] : NULL };

	if (!args[0] || !args[1] || vss_uuid_parse(args[1], &s.id))
		return vss_fail(err, VSS_USAGE, 0, "%s: PLACE SHADOW", verb);
	if (strcmp(verb, "remove") == 0)
		return p->remove(&s, err);
	if (strcmp(verb, "exists") == 0) {
		int there = p->exists(&s, err);
		return there < 0 ? -1 : printf("%d\n", there) < 0;
	}
	if (!s.device)
		return vss_fail(err, VSS_USAGE, 0, "%s: PLACE SHADOW DEVICE|PATH", verb);
	if (strcmp(verb, "surface") == 0)
		return p->surface(&s, s.device, err);
	if (strcmp(verb, "unsurface") == 0)
		return p->unsurface(&s, s.device, err);
	if (strcmp(verb, "unexpose") == 0) {
		const char *path = s.device;
		s.device = args[3];
		return p->unexpose(&s, path, err);
	}
	return args[3] ? p->expose(&s, s.device, args[3], err) : vss_fail(err, VSS_USAGE, 0, "expose: PATH");
}

int
main(int argc, char **argv)
{
	struct vss_err err = VSS_ERR_INIT;
	const struct vss_provider_ops *p = argc > 2 ? vss_provider_named(argv[2], &err) : NULL;
	int r;

	if (argc < 3 || !p)
		return fail(&err);
	if (strcmp(argv[1], "create") == 0)
		r = create_command(p, argv + 3, &err);
	else if (strcmp(argv[1], "forget") == 0)
		r = forget(p, argc > 3 ? argv[3] : "", &err);
	else if (strcmp(argv[1], "places") == 0)
		r = print_places(p, &err);
	else if (strcmp(argv[1], "reap") == 0)
		r = reap(p, &err);
	else
		r = with_shadow(p, argv[1], argv + 3, &err);
	return r ? fail(&err) : 0;
}
