/* SPDX-License-Identifier: BSD-2-Clause */
#include "config.h"

#include "base/mem.h"
#include "base/num.h"
#include "base/path.h"
#include "wire/config.h"

#include <stdlib.h>
#include <string.h>

enum { BUSY_MS_MAX = 30000 };

void
config_clear(struct config *c)
{
	vss_strv_free(&c->databases);
	for (size_t i = 0; i < c->ndirectories; i++)
		free(c->directories[i].path);
	free(c->directories);
	vss_strv_free(&c->excludes);
	*c = (struct config)CONFIG_INIT;
}

static char *
take_path(const char *word, struct vss_err *err)
{
	if (word[0] != '/') {
		vss_fail(err, VSS_INVALID, 0, "%s: not an absolute path", word);
		return NULL;
	}
	return vss_path_clean(word, "/");
}

static int
take_database(void *ctx, const struct vss_line *l, struct vss_err *err)
{
	struct config *c = ctx;
	char *path = take_path(vss_line_word(l, 1), err);

	if (!path)
		return -1;
	vss_strv_take(&c->databases, path);
	return 0;
}

static int
take_directory(void *ctx, const struct vss_line *l, struct vss_err *err)
{
	struct config *c = ctx;
	bool recursive = false;
	const char *word = vss_line_get(l, "recursive");

	if (word && vss_config_bool(word, &recursive, err) != 0)
		return -1;
	char *path = take_path(vss_line_word(l, 1), err);
	if (!path)
		return -1;
	VSS_PUSH(c->directories, c->ndirectories, c->cdirectories) = (struct config_directory){ path, recursive };
	return 0;
}

static int
take_exclude(void *ctx, const struct vss_line *l, struct vss_err *err)
{
	struct config *c = ctx;
	char *path = take_path(vss_line_word(l, 1), err);

	if (!path)
		return -1;
	vss_strv_take(&c->excludes, path);
	return 0;
}

static int
take_busy_timeout(void *ctx, const struct vss_line *l, struct vss_err *err)
{
	struct config *c = ctx;
	uint64_t n;

	if (vss_parse_u64(vss_line_word(l, 1), &n) != 0 || n > BUSY_MS_MAX)
		return vss_fail(
			err, VSS_INVALID, 0, "%s: not a number of ms up to %d", vss_line_word(l, 1), BUSY_MS_MAX);
	c->busy_ms = (unsigned)n;
	return 0;
}

static int
take_quick_check(void *ctx, const struct vss_line *l, struct vss_err *err)
{
	struct config *c = ctx;

	return vss_config_bool(vss_line_word(l, 1), &c->quick_check, err);
}

int
config_read(const char *path, struct config *out, struct vss_err *err)
{
	static const char *const directory_pairs[] = { "recursive", NULL };
	static const struct vss_config_key keys[] = {
		{ "database", 1, 1, NULL, take_database },
		{ "directory", 1, 1, directory_pairs, take_directory },
		{ "exclude", 1, 1, NULL, take_exclude },
		{ "busy-timeout", 1, 1, NULL, take_busy_timeout },
		{ "quick-check", 1, 1, NULL, take_quick_check },
	};

	return vss_config_read(path, keys, sizeof keys / sizeof *keys, out, err);
}
