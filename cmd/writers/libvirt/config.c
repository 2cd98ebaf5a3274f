/* SPDX-License-Identifier: BSD-2-Clause */
#include "config.h"

#include "base/mem.h"
#include "base/num.h"
#include "wire/config.h"

#include <stdlib.h>
#include <string.h>

enum { TIMEOUT_MS_MAX = 30000 };

void
config_clear(struct config *c)
{
	free(c->uri);
	free(c->virsh);
	for (size_t i = 0; i < c->nguests; i++)
		free(c->guests[i].name);
	free(c->guests);
	vss_strv_free(&c->ignored);
	*c = (struct config)CONFIG_INIT;
}

/* Paths of disks mean something on this machine alone. */
static int
take_uri(void *ctx, const struct vss_line *l, struct vss_err *err)
{
	struct config *c = ctx;
	const char *uri = vss_line_word(l, 1), *rest = strstr(uri, "://"), *plus = strchr(uri, '+');

	if (!rest || rest[3] != '/' || (plus && plus < rest && strncmp(plus, "+unix:", 6) != 0))
		return vss_fail(err, VSS_INVALID, 0, "%s: not a connection to this machine", uri);
	free(c->uri);
	c->uri = vss_strdup(uri);
	return 0;
}

static int
take_virsh(void *ctx, const struct vss_line *l, struct vss_err *err)
{
	struct config *c = ctx;

	if (vss_line_word(l, 1)[0] != '/')
		return vss_fail(err, VSS_INVALID, 0, "%s: not an absolute path", vss_line_word(l, 1));
	free(c->virsh);
	c->virsh = vss_strdup(vss_line_word(l, 1));
	return 0;
}

static int
take_ms(const struct vss_line *l, unsigned *out, struct vss_err *err)
{
	uint64_t n;

	if (vss_parse_u64(vss_line_word(l, 1), &n) != 0 || n == 0 || n > TIMEOUT_MS_MAX)
		return vss_fail(
			err, VSS_INVALID, 0, "%s: not a number of ms up to %d", vss_line_word(l, 1), TIMEOUT_MS_MAX);
	*out = (unsigned)n;
	return 0;
}

static int
take_freeze_timeout(void *ctx, const struct vss_line *l, struct vss_err *err)
{
	return take_ms(l, &((struct config *)ctx)->freeze_ms, err);
}

static int
take_thaw_timeout(void *ctx, const struct vss_line *l, struct vss_err *err)
{
	return take_ms(l, &((struct config *)ctx)->thaw_ms, err);
}

/* One of two words: 0 is the first, 1 the second; *out stays when the line does not say it. */
static int
take_choice(const struct vss_line *l, const char *key, const char *second, int *out, struct vss_err *err)
{
	const char *word = vss_line_get(l, key);

	if (!word)
		return 0;
	if (strcmp(word, "veto") != 0 && strcmp(word, second) != 0)
		return vss_fail(err, VSS_INVALID, 0, "%s: %s: neither veto nor %s", key, word, second);
	*out = strcmp(word, second) == 0;
	return 0;
}

static int
take_guest(void *ctx, const struct vss_line *l, struct vss_err *err)
{
	struct config *c = ctx;
	int crash = -1, skip = -1;

	if (take_choice(l, "no-agent", "crash", &crash, err) != 0 ||
		take_choice(l, "other-disks", "skip", &skip, err) != 0)
		return -1;
	VSS_PUSH(c->guests, c->nguests, c->cguests) =
		(struct config_guest){ vss_strdup(vss_line_word(l, 1)), crash, skip };
	return 0;
}

static int
take_options(void *ctx, const struct vss_line *l, struct vss_err *err)
{
	struct config *c = ctx;
	int crash = c->crash, skip = c->skip;

	if (take_choice(l, "no-agent", "crash", &crash, err) != 0 ||
		take_choice(l, "other-disks", "skip", &skip, err) != 0)
		return -1;
	c->crash = crash;
	c->skip = skip;
	return 0;
}

static int
take_ignore(void *ctx, const struct vss_line *l, struct vss_err *err)
{
	struct config *c = ctx;

	(void)err;
	vss_strv_add(&c->ignored, vss_line_word(l, 1));
	return 0;
}

int
config_read(const char *path, struct config *out, struct vss_err *err)
{
	static const char *const pairs[] = { "no-agent", "other-disks", NULL };
	static const struct vss_config_key keys[] = {
		{ "uri", 1, 1, NULL, take_uri },
		{ "virsh", 1, 1, NULL, take_virsh },
		{ "freeze-timeout", 1, 1, NULL, take_freeze_timeout },
		{ "thaw-timeout", 1, 1, NULL, take_thaw_timeout },
		{ "guest", 1, 1, pairs, take_guest },
		{ "ignore", 1, 1, NULL, take_ignore },
		{ "options", 0, 0, pairs, take_options },
	};

	return vss_config_read(path, keys, sizeof keys / sizeof *keys, out, err) < 0 ? -1 : 0;
}

const char *
config_uri(const struct config *c)
{
	return c->uri ? c->uri : CONFIG_DEFAULT_URI;
}

bool
config_takes_crash(const struct config *c, const char *guest)
{
	for (size_t i = 0; i < c->nguests; i++)
		if (strcmp(c->guests[i].name, guest) == 0 && c->guests[i].crash >= 0)
			return c->guests[i].crash;
	return c->crash;
}

bool
config_skips_others(const struct config *c, const char *guest)
{
	for (size_t i = 0; i < c->nguests; i++)
		if (strcmp(c->guests[i].name, guest) == 0 && c->guests[i].skip >= 0)
			return c->guests[i].skip;
	return c->skip;
}
