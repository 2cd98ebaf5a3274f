/* SPDX-License-Identifier: BSD-2-Clause */
#include "config.h"

#include "base/mem.h"
#include "base/num.h"
#include "base/path.h"
#include "wire/config.h"

#include <stdlib.h>
#include <string.h>

#define DEPTH 3
#define DEPTH_MAX 16

void
config_clear(struct config *c)
{
	for (size_t i = 0; i < c->nexcludes; i++) {
		free(c->excludes[i].dir);
		free(c->excludes[i].spec);
	}
	free(c->excludes);
	vss_strv_free(&c->keep);
	for (size_t i = 0; i < c->ntagged; i++)
		free(c->tagged[i].dir);
	free(c->tagged);
	*c = (struct config)CONFIG_INIT;
}

/* A directory as the protocol can carry it. */
static char *
take_dir(const char *word, struct vss_err *err)
{
	if (*word != '/' || strpbrk(word, "*?\\")) {
		vss_fail(err, VSS_INVALID, 0, "%s: not an absolute path, or a wildcard or backslash in it", word);
		return NULL;
	}
	return vss_path_clean(word, "/");
}

static int
take_exclude(void *ctx, const struct vss_line *l, struct vss_err *err)
{
	struct config *c = ctx;
	const char *spec = vss_line_word(l, 2), *word = vss_line_get(l, "recursive");
	bool recursive = true;

	if (word && vss_config_bool(word, &recursive, err) != 0)
		return -1;
	if (spec && (!*spec || strpbrk(spec, "/\\")))
		return vss_fail(err, VSS_INVALID, 0, "%s: not the name of a file", spec);
	char *dir = take_dir(vss_line_word(l, 1), err);
	if (!dir)
		return -1;
	VSS_PUSH(c->excludes, c->nexcludes, c->cexcludes) =
		(struct config_exclude){ dir, vss_strdup(spec ? spec : "*"), recursive };
	return 0;
}

static int
take_keep(void *ctx, const struct vss_line *l, struct vss_err *err)
{
	struct config *c = ctx;
	char *dir = take_dir(vss_line_word(l, 1), err);

	if (!dir)
		return -1;
	vss_strv_take(&c->keep, dir);
	return 0;
}

static int
take_tagged(void *ctx, const struct vss_line *l, struct vss_err *err)
{
	struct config *c = ctx;
	const char *word = vss_line_get(l, "depth");
	uint64_t depth = DEPTH;

	if (word && (vss_parse_u64(word, &depth) != 0 || depth > DEPTH_MAX))
		return vss_fail(err, VSS_INVALID, 0, "depth=%s: not a number up to %d", word, DEPTH_MAX);
	char *dir = take_dir(vss_line_word(l, 1), err);
	if (!dir)
		return -1;
	VSS_PUSH(c->tagged, c->ntagged, c->ctagged) = (struct config_root){ dir, (unsigned)depth };
	return 0;
}

static int
take_built_in(void *ctx, const struct vss_line *l, struct vss_err *err)
{
	struct config *c = ctx;

	return vss_config_bool(vss_line_word(l, 1), &c->built_in, err);
}

int
config_read(const char *path, struct config *out, struct vss_err *err)
{
	static const char *const exclude_pairs[] = { "recursive", NULL }, *const tagged_pairs[] = { "depth", NULL };
	static const struct vss_config_key keys[] = {
		{ "leave-out", 1, 2, exclude_pairs, take_exclude },
		{ "keep", 1, 1, NULL, take_keep },
		{ "tagged", 1, 1, tagged_pairs, take_tagged },
		{ "built-in", 1, 1, NULL, take_built_in },
	};

	return vss_config_read(path, keys, sizeof keys / sizeof *keys, out, err) < 0 ? -1 : 0;
}
