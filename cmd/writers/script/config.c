/* SPDX-License-Identifier: BSD-2-Clause */
#include "config.h"

#include "sources.h"

#include "base/mem.h"
#include "base/num.h"
#include "base/path.h"
#include "wire/config.h"

#include <stdlib.h>
#include <string.h>

#define TIMEOUT_S 20
#define TIMEOUT_MAX_S 60
#define MAX_DIRS 64

static int
take_timeout(struct pair *p, const struct vss_line *l, struct vss_err *err)
{
	const char *word = vss_line_get(l, "timeout");
	uint64_t s = TIMEOUT_S;

	if (word && (vss_parse_u64(word, &s) != 0 || s == 0 || s > TIMEOUT_MAX_S))
		return vss_fail(
			err, VSS_INVALID, 0, "timeout=%s: not a number of seconds from 1 to %d", word, TIMEOUT_MAX_S);
	p->timeout_ms = (unsigned)s * 1000;
	return 0;
}

static int
take_hold(struct pair *p, const struct vss_line *l, struct vss_err *err)
{
	static const char *const words[] = { [HOLD_NONE] = "none", [HOLD_LOG] = "log", [HOLD_FILES] = "files" };
	const char *word = vss_line_get(l, "hold");

	for (unsigned i = 0; word && i < sizeof words / sizeof *words; i++)
		if (strcmp(word, words[i]) == 0) {
			p->hold = i;
			return 0;
		}
	return word ? vss_fail(err, VSS_INVALID, 0, "hold=%s: neither files, log nor none", word) : 0;
}

/* They are named to the tools, where a wildcard would mean other files. */
static int
take_dirs(struct pair *p, const struct vss_line *l, size_t from, struct vss_err *err)
{
	for (size_t i = from; i < l->nwords; i++) {
		if (*l->words[i] != '/' || strpbrk(l->words[i], "*?\\"))
			return vss_fail(err, VSS_INVALID, 0,
				"%s: not an absolute path, or a wildcard or backslash in it", l->words[i]);
		vss_strv_take(&p->dirs, vss_path_clean(l->words[i], "/"));
	}
	return 0;
}

static bool
is_known(const struct pairs *ps, const char *name)
{
	for (size_t i = 0; i < ps->n; i++)
		if (ps->v[i].name && strcmp(ps->v[i].name, name) == 0)
			return true;
	return false;
}

/* A new pair with all that may stand in any line; NULL on failure, the pair is then freed with the others. */
static struct pair *
take_pair(struct pairs *ps, const struct vss_line *l, const char *name, size_t dirs, struct vss_err *err)
{
	struct pair *p = &VSS_PUSH(ps->v, ps->n, ps->cap);

	*p = (struct pair){ 0 };
	if (is_known(ps, name)) {
		vss_fail(err, VSS_INVALID, 0, "%s: named twice", name);
		return NULL;
	}
	p->name = vss_strdup(name);
	if (take_timeout(p, l, err) != 0 || take_hold(p, l, err) != 0 || take_dirs(p, l, dirs, err) != 0)
		return NULL;
	return p;
}

static int
take_source(void *ctx, const struct vss_line *l, struct vss_err *err)
{
	static const struct {
		const char *name, *from;
		int (*load)(struct pair *p, struct vss_err *err);
	} sources[] = { { "qemu-hooks", QEMU_HOOKS, load_qemu_hooks }, { "azure", AZURE_FILE, load_azure },
		{ "google", GOOGLE_DIR, load_google } };
	struct pair *p = take_pair(ctx, l, l->words[0], 1, err);
	const char *from = vss_line_get(l, "from"), *go_on = vss_line_get(l, "continue-on-failure");
	size_t i = 0;

	if (!p || (go_on && vss_config_bool(go_on, &p->may_go_on, err) != 0))
		return -1;
	if (from && *from != '/')
		return vss_fail(err, VSS_INVALID, 0, "from=%s: not an absolute path", from);
	while (strcmp(sources[i].name, l->words[0]) != 0)
		i++;
	p->load = sources[i].load;
	p->from = vss_path_clean(from ? from : sources[i].from, "/");
	return 0;
}

static int
take_own(void *ctx, const struct vss_line *l, struct vss_err *err)
{
	const char *name = l->words[1], *hook = vss_line_get(l, "hook");
	const char *freeze = vss_line_get(l, "freeze"), *thaw = vss_line_get(l, "thaw");
	struct pair *p = take_pair(ctx, l, name, 2, err);

	if (!p)
		return -1;
	if (strpbrk(name, "/\\\"*?"))
		return vss_fail(err, VSS_INVALID, 0, "%s: not fit for the name of a component", name);
	if (hook ? freeze || thaw : !freeze || !thaw)
		return vss_fail(err, VSS_INVALID, 0, "%s: takes freeze= and thaw=, or hook= for both", name);
	struct step *s = pair_add_step(p);
	vss_strv_add(&s->freeze, hook ? hook : freeze);
	vss_strv_add(&s->thaw, hook ? hook : thaw);
	if (hook) {
		vss_strv_add(&s->freeze, "freeze");
		vss_strv_add(&s->thaw, "thaw");
	}
	return 0;
}

/* All scripts at once: half of a pair is worse than none. */
static int
look_at_scripts(struct pairs *ps, struct vss_err *err)
{
	for (size_t i = 0; i < ps->n; i++) {
		struct pair *p = &ps->v[i];

		if (p->load && p->load(p, err) != 0)
			return vss_wrap(err, "%s", p->name);
		for (size_t j = 0; j < p->nsteps; j++)
			if (check_script(p->steps[j].freeze.v[0], err) != 0 ||
				check_script(p->steps[j].thaw.v[0], err) != 0)
				return vss_wrap(err, "%s", p->name);
	}
	return 0;
}

int
config_read(const char *path, struct pairs *out, struct vss_err *err)
{
	static const char *const plain[] = { "from", "timeout", "hold", NULL };
	static const char *const azure[] = { "from", "hold", "continue-on-failure", NULL };
	static const char *const own[] = { "freeze", "thaw", "hook", "timeout", "hold", NULL };
	static const struct vss_config_key keys[] = {
		{ "qemu-hooks", 1, MAX_DIRS, plain, take_source },
		{ "google", 1, MAX_DIRS, plain, take_source },
		{ "azure", 1, MAX_DIRS, azure, take_source },
		{ "pair", 2, MAX_DIRS, own, take_own },
	};
	int r = vss_config_read(path, keys, sizeof keys / sizeof *keys, out, err);

	return r == 0 ? look_at_scripts(out, err) : r;
}
