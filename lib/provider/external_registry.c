/* SPDX-License-Identifier: BSD-2-Clause */
#include "provider/builtin_internal.h"
#include "provider/external_internal.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "os/dirs.h"
#include "wire/registration.h"

#include <stdlib.h>
#include <string.h>

#define TIMEOUT_MAX_MS (60 * 60 * 1000u)
enum { NAME_MAX_BYTES = 63, TITLE_MAX_BYTES = 200 };

/* --- One file --- */

static int
set_exec(void *item, const char *value, struct vss_err *err)
{
	struct external *p = item;
	return vss_registration_exec(&p->exec, value, err);
}

static int
set_environment(void *item, const char *value, struct vss_err *err)
{
	struct external *p = item;
	return vss_registration_environment(&p->environment, value, err);
}

static int
set_timeout(void *item, const char *value, struct vss_err *err)
{
	struct external *p = item;
	return vss_registration_time(&p->timeout_ms, value, TIMEOUT_MAX_MS, err);
}

static int
set_text(char **to, const char *value, struct vss_err *err)
{
	if (!*value || strlen(value) > TITLE_MAX_BYTES || !vss_utf8_valid(value, strlen(value)))
		return vss_fail(err, VSS_INVALID, 0, "1 to %d bytes of text are expected", TITLE_MAX_BYTES);
	free(*to);
	*to = vss_escaped(value);
	return 0;
}

static int
set_title(void *item, const char *value, struct vss_err *err)
{
	struct external *p = item;
	return set_text(&p->title, value, err);
}

static int
set_user(void *item, const char *value, struct vss_err *err)
{
	struct external *p = item;
	return set_text(&p->user, value, err);
}

static int
set_id(void *item, const char *value, struct vss_err *err)
{
	struct external *p = item;
	struct vss_uuid id;
	char text[VSS_UUID_TEXT];

	if (vss_uuid_parse(value, &id) != 0 || vss_uuid_is_nil(&id))
		return vss_fail(err, VSS_INVALID, 0, "%s is not a UUID", value);
	vss_uuid_text(&id, text);
	free(p->id);
	p->id = vss_strdup(text);
	return 0;
}

static int
set_type(void *item, const char *value, struct vss_err *err)
{
	struct external *p = item;

	if (strcmp(value, "hardware") != 0 && strcmp(value, "software") != 0)
		return vss_fail(err, VSS_INVALID, 0, "%s is neither hardware nor software", value);
	p->ops.type = *value == 'h' ? VSS_PROV_HARDWARE : VSS_PROV_SOFTWARE;
	return 0;
}

static const struct vss_registration_key keys[] = {
	{ "Exec", set_exec },
	{ "Title", set_title },
	{ "Id", set_id },
	{ "Type", set_type },
	{ "Timeout", set_timeout },
	{ "User", set_user },
	{ "Environment", set_environment },
	{ NULL, NULL },
};

static bool
is_built_in(const char *name)
{
	for (const struct vss_provider_ops *const *b = vss_built_in_providers(); *b; b++)
		if (vss_str_caseeq((*b)->name, name))
			return true;
	return false;
}

static bool
is_name(const char *name)
{
	size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-");

	return n > 0 && n <= NAME_MAX_BYTES && name[n] == '\0' && *name != '-';
}

static int
check_name(const struct external *p, struct vss_err *err)
{
	if (!is_name(p->name))
		return vss_fail(err, VSS_INVALID, 0, "%s: a name of a provider is a-z, 0-9 and -", p->file);
	if (is_built_in(p->name))
		return vss_fail(err, VSS_INVALID, 0, "%s: a built-in provider has this name", p->file);
	return 0;
}

static int
load(struct external *p, struct vss_err *err)
{
	if (check_name(p, err) != 0 || vss_registration_read(p->file, "[Provider]", keys, p, err) != 0)
		return -1;
	if (p->exec.n == 0 || !p->id)
		return vss_fail(err, VSS_INVALID, 0, "%s: no %s= in a section [Provider]", p->file,
			p->exec.n == 0 ? "Exec" : "Id");
	return vss_registration_check_program(p->exec.v[0], err);
}

/* --- All of them --- */

/* For one value of the search path: a provider is known by its address, so none of them ever goes. */
struct externals {
	struct externals *next;
	char *path;
	struct external **v;
	size_t n, cap;
	const struct vss_provider_ops **used;
	size_t nused, cused;
};
static struct externals *known;
static pthread_mutex_t known_lock = PTHREAD_MUTEX_INITIALIZER;

static void
add(void *ctx, const char *name, const char *file, bool masked)
{
	struct externals *all = ctx;
	struct vss_err err = VSS_ERR_INIT;

	if (masked)
		return;
	struct external *p = vss_alloc(sizeof *p);
	*p = (struct external){ .ops = vss_external_ops,
		.name = vss_strdup(name),
		.file = vss_strdup(file),
		.label = vss_strf("provider %s", name),
		.timeout_ms = TIMEOUT_MAX_MS,
		.desk = EXTERNAL_TALK_NONE };
	pthread_mutex_init(&p->lock, NULL);
	if (load(p, &err) != 0)
		p->refused = vss_strdup(err.text);
	VSS_PUSH(all->v, all->n, all->cap) = p;
}

static int
by_type_and_name(const void *a, const void *b)
{
	const struct external *x = *(struct external *const *)a, *y = *(struct external *const *)b;

	if (x->ops.type != y->ops.type)
		return x->ops.type == VSS_PROV_HARDWARE ? -1 : 1;
	return strcmp(x->name, y->name);
}

/* An ID names one provider. */
static void
refuse_double(const struct externals *all, size_t i)
{
	struct external *p = all->v[i];

	for (size_t k = 0; k < i && !p->refused; k++)
		if (!all->v[k]->refused && strcmp(all->v[k]->id, p->id) == 0)
			p->refused = vss_strf("%s: has the Id= of provider %s", p->file, all->v[k]->name);
	for (const struct vss_provider_ops *const *b = vss_built_in_providers(); *b && !p->refused; b++)
		if (strcmp((*b)->id, p->id) == 0)
			p->refused = vss_strf("%s: has the Id= of provider %s", p->file, (*b)->name);
}

static void
use(struct externals *all, struct external *p)
{
	p->ops.name = p->name;
	p->ops.title = p->title ? p->title : p->name;
	p->ops.id = p->id;
	VSS_PUSH(all->used, all->nused, all->cused) = &p->ops;
}

static struct externals *
read_all(char *path)
{
	VSS_AUTOSTRV struct vss_strv dirs = VSS_STRV_INIT;
	struct vss_err err = VSS_ERR_INIT;
	struct externals *all = vss_alloc(sizeof *all);

	all->path = path;
	vss_providers_path(&dirs);
	if (vss_registration_scan(&dirs, ".provider", add, all, &err) != 0)
		vss_warn("providers: %s", err.text);
	if (all->n > 0)
		qsort(all->v, all->n, sizeof *all->v, by_type_and_name);
	for (size_t i = 0; i < all->n; i++) {
		refuse_double(all, i);
		if (!all->v[i]->refused)
			use(all, all->v[i]);
		else
			vss_warn("provider %s: not used: %s", all->v[i]->name, all->v[i]->refused);
	}
	VSS_PUSH(all->used, all->nused, all->cused) = NULL;
	return all;
}

/* In a trial the machine's own are left alone: arrays, clouds.  What the trial itself registers takes part. */
static char *
search_path(void)
{
	const char *given = secure_getenv("VSS_PROVIDERS_PATH");

	if (given)
		return vss_strdup(given);
	return vss_in_trial() ? NULL : vss_strdup("/");
}

static struct externals *
find(void)
{
	char *path = search_path();

	if (!path)
		return NULL;
	pthread_mutex_lock(&known_lock);
	struct externals *all = known;
	while (all && strcmp(all->path, path) != 0)
		all = all->next;
	if (!all) {
		all = read_all(path);
		all->next = known;
		known = all;
		path = NULL;
	}
	pthread_mutex_unlock(&known_lock);
	free(path);
	return all;
}

const struct vss_provider_ops *const *
vss_externals(void)
{
	static const struct vss_provider_ops *const none[] = { NULL };
	const struct externals *all = find();

	return all ? all->used : none;
}

const char *
vss_external_refused(const char *name)
{
	const struct externals *all = find();

	for (size_t i = 0; all && i < all->n; i++)
		if (all->v[i]->refused && vss_str_caseeq(all->v[i]->name, name))
			return all->v[i]->refused;
	return NULL;
}

/* A desk that somebody is still waiting at is seen to by the end of its input. */
static void
end_desks(void)
{
	for (const struct externals *all = known; all; all = all->next)
		for (size_t i = 0; i < all->n; i++) {
			struct external *p = all->v[i];
			if (pthread_mutex_trylock(&p->lock) != 0)
				continue;
			external_talk_end(&p->desk);
			pthread_mutex_unlock(&p->lock);
		}
}

void
external_end_with_us(void)
{
	(void)atexit(end_desks);
}
