/* SPDX-License-Identifier: BSD-2-Clause */
#include "provider/builtin_internal.h"
#include "provider/external_internal.h"

#include "base/mem.h"
#include "base/str.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* In the order of their names; the fake one apart, because it takes part in trials only. */
static const struct vss_provider_ops *const all[] = { &vss_provider_btrfs, &vss_provider_clone, &vss_provider_fake,
	&vss_provider_lvm, &vss_provider_static, NULL };
static const struct vss_provider_ops *const real[] = { &vss_provider_btrfs, &vss_provider_clone, &vss_provider_lvm,
	&vss_provider_static, NULL };

bool
vss_in_trial(void)
{
	return secure_getenv("VSS_FAKE_VOLUMES") != NULL;
}

const struct vss_provider_ops *const *
vss_built_in_providers(void)
{
	return all;
}

/* External ones before built-in ones: made once for each pair of lists, and kept, as those are. */
struct joined {
	struct joined *next;
	const struct vss_provider_ops *const *external, *const *built_in;
	const struct vss_provider_ops **v;
	size_t n, cap;
};
static struct joined *joins;
static pthread_mutex_t joins_lock = PTHREAD_MUTEX_INITIALIZER;

static void
join(struct joined *j, const struct vss_provider_ops *const *list)
{
	for (; *list; list++)
		VSS_PUSH(j->v, j->n, j->cap) = *list;
}

static const struct vss_provider_ops *const *
joined(const struct vss_provider_ops *const *external, const struct vss_provider_ops *const *built_in)
{
	struct joined *j = joins;

	while (j && (j->external != external || j->built_in != built_in))
		j = j->next;
	if (j)
		return j->v;
	j = vss_alloc(sizeof *j);
	j->external = external;
	j->built_in = built_in;
	join(j, external);
	join(j, built_in);
	VSS_PUSH(j->v, j->n, j->cap) = NULL;
	j->next = joins;
	joins = j;
	return j->v;
}

const struct vss_provider_ops *const *
vss_providers(void)
{
	const struct vss_provider_ops *const *external = vss_externals();
	const struct vss_provider_ops *const *built_in = vss_in_trial() ? all : real;

	if (!*external)
		return built_in;
	pthread_mutex_lock(&joins_lock);
	const struct vss_provider_ops *const *both = joined(external, built_in);
	pthread_mutex_unlock(&joins_lock);
	return both;
}

static bool
is_called(const struct vss_provider_ops *p, const char *word)
{
	struct vss_uuid own, asked;

	if (vss_str_caseeq(p->name, word) || vss_str_caseeq(p->title, word))
		return true;
	return vss_uuid_parse(word, &asked) == 0 && vss_uuid_parse(p->id, &own) == 0 && vss_uuid_eq(&own, &asked);
}

const struct vss_provider_ops *
vss_provider_named(const char *word, struct vss_err *err)
{
	for (const struct vss_provider_ops *const *p = vss_providers(); *p; p++)
		if (is_called(*p, word))
			return *p;
	const char *refused = vss_external_refused(word);
	if (refused)
		vss_fail(err, VSS_E_PROVIDER_NOT_REGISTERED, 0, "%s: this provider is not used: %s", word, refused);
	else
		vss_fail(err, VSS_E_PROVIDER_NOT_REGISTERED, 0, "%s: there is no such provider (see list-providers)",
			word);
	return NULL;
}

/* S62: hardware, software, then what is built in. */
static int
rank(const struct vss_provider_ops *p)
{
	if (!external_is(p))
		return 0;
	return p->type == VSS_PROV_HARDWARE ? 2 : 1;
}

/* One that cannot be asked may be the one that has to make the copy: nobody takes its place without a word. */
static int
ask(const struct vss_provider_ops *p, const struct vss_volume *v, struct vss_err *err)
{
	int score = p->bid(p, v);

	return score < 0 ? vss_external_trouble(p, err) : score;
}

/* NULL and no error: nobody takes it. */
static const struct vss_provider_ops *
best_bid(const struct vss_volume *v, struct vss_err *err)
{
	const struct vss_provider_ops *best = NULL;
	int highest = 0;

	for (const struct vss_provider_ops *const *p = vss_providers(); *p; p++) {
		if (best && rank(*p) < rank(best))
			break;
		int score = ask(*p, v, err);
		if (score < 0)
			return NULL;
		if (score > highest) {
			highest = score;
			best = *p;
		}
	}
	return best;
}

const struct vss_provider_ops *
vss_provider_for(const struct vss_volume *v, const char *wish, struct vss_err *err)
{
	struct vss_err why = VSS_ERR_INIT;
	const struct vss_provider_ops *p = wish ? vss_provider_named(wish, &why) : best_bid(v, &why);
	int score = wish && p ? ask(p, v, &why) : 1;

	if (why.code != VSS_OK) {
		*err = why;
		return NULL;
	}
	if (score == 0) {
		vss_fail(err, VSS_E_VOLUME_NOT_SUPPORTED_BY_PROVIDER, 0,
			"%s: the %s provider cannot copy a volume of type %s; leave the provider out to have one chosen",
			v->mount, p->name, v->fstype);
		return NULL;
	}
	if (!p)
		vss_fail(err, VSS_E_VOLUME_NOT_SUPPORTED, 0,
			"%s: no provider takes a volume of type %s; name a path on a disk file system instead",
			v->mount, v->fstype);
	return p;
}

void
vss_provider_lost_free(struct vss_provider_volume *v)
{
	for (size_t i = 0; i < v->nlost; i++) {
		free(v->lost[i].path);
		free(v->lost[i].why);
	}
	free(v->lost);
	v->lost = NULL;
	v->nlost = v->clost = 0;
}
