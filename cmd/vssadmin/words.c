/* SPDX-License-Identifier: BSD-2-Clause */
#include "vssadmin.h"

#include "base/mem.h"
#include "base/num.h"
#include "base/str.h"
#include "front/word.h"

#include <string.h>
#include <strings.h>

enum kind { KIND_FLAG, KIND_TEXT, KIND_PLACE, KIND_MINUTES };

static const struct option {
	const char *name, *arg; /* "For", "VOLUME" */
	enum admin_option bit;
	enum kind kind;
	size_t to; /* within struct admin_words */
	const char *help;
} options[] = {
	{ "For", "VOLUME", ADMIN_FOR, KIND_PLACE, offsetof(struct admin_words, volume),
		"the volume: a mount point, a path on it, its ID" },
	{ "On", "STORAGE", ADMIN_ON, KIND_PLACE, offsetof(struct admin_words, on),
		"where its shadow copies lie: a volume or a directory" },
	{ "MaxSize", "SIZE", ADMIN_MAX_SIZE, KIND_TEXT, offsetof(struct admin_words, max_size),
		"40GB, 20% or UNBOUNDED; at least 320MB; no size: no limit" },
	{ "Oldest", NULL, ADMIN_OLDEST, KIND_FLAG, offsetof(struct admin_words, oldest), "only the oldest one" },
	{ "All", NULL, ADMIN_ALL, KIND_FLAG, offsetof(struct admin_words, all), "all that there are" },
	{ "Shadow", "ID", ADMIN_SHADOW, KIND_TEXT, offsetof(struct admin_words, shadow),
		"this shadow copy: its ID, or 8 or more of its digits" },
	{ "Set", "ID", ADMIN_SET, KIND_TEXT, offsetof(struct admin_words, set), "those of this shadow copy set" },
	{ "AutoRetry", "MINUTES", ADMIN_AUTO_RETRY, KIND_MINUTES, offsetof(struct admin_words, auto_retry),
		"wait so long while another one is being made" },
	{ "ForceDismount", NULL, ADMIN_FORCE_DISMOUNT, KIND_FLAG, offsetof(struct admin_words, force_dismount),
		"although processes use the volume" },
	{ "Quiet", NULL, ADMIN_QUIET, KIND_FLAG, offsetof(struct admin_words, quiet), "ask nothing, say nothing" },
};
enum { OPTIONS = sizeof options / sizeof *options };

const struct admin_command *
admin_command_named(char *const *words, int n)
{
	for (const struct admin_command *c = admin_commands; n >= 2 && c->name; c++) {
		size_t first = strcspn(c->name, " ");
		if (strlen(words[0]) == first && strncasecmp(words[0], c->name, first) == 0 &&
			vss_str_caseeq(words[1], c->name + first + 1))
			return c;
	}
	return NULL;
}

/* Behind the sign: "/For=C" and "-for=C" and "--for=C" are one. */
static const char *
behind_sign(const char *word)
{
	if (vss_str_starts(word, "--"))
		return word + 2;
	return *word == '/' || *word == '-' ? word + 1 : NULL;
}

bool
admin_is_help(const char *word)
{
	const char *name = behind_sign(word);

	return name && (strcmp(name, "?") == 0 || vss_str_caseeq(name, "help") || vss_str_caseeq(name, "h"));
}

static const struct option *
find(const struct admin_command *c, const char *name, size_t len)
{
	for (size_t i = 0; i < OPTIONS; i++)
		if (strlen(options[i].name) == len && strncasecmp(options[i].name, name, len) == 0)
			return options[i].bit & c->takes ? &options[i] : NULL;
	return NULL;
}

static int
take_value(const struct option *o, const char *value, struct admin_words *out, struct vss_err *err)
{
	char *to = (char *)out + o->to;
	const uint64_t most = UINT64_MAX / 60; /* it is counted in seconds further on */

	if (o->kind == KIND_FLAG && value)
		return vss_fail(err, VSS_USAGE, 0, "/%s takes no value", o->name);
	if (o->kind != KIND_FLAG && !(value && *value))
		return vss_fail(err, VSS_USAGE, 0, "/%s needs a value: /%s=%s", o->name, o->name, o->arg);
	if (o->kind == KIND_PLACE && vss_front_no_drive(value, err) < 0)
		return -1;
	if (o->kind == KIND_FLAG)
		*(bool *)(void *)to = true;
	else if (o->kind != KIND_MINUTES)
		*(const char **)(void *)to = value;
	else if (vss_parse_u64(value, (uint64_t *)(void *)to) < 0 || *(uint64_t *)(void *)to > most)
		return vss_fail(err, VSS_USAGE, 0, "/%s: '%s' is not a number of minutes", o->name, value);
	return 0;
}

static int
take(const struct admin_command *c, const char *word, unsigned *said, struct admin_words *out, struct vss_err *err)
{
	const char *name = behind_sign(word);
	size_t len = name ? strcspn(name, "=") : 0;
	const struct option *o = name ? find(c, name, len) : NULL;

	if (!o)
		return vss_fail(err, VSS_USAGE, 0, "'%s' is no option of %s", word, c->name);
	if (*said & o->bit)
		return vss_fail(err, VSS_USAGE, 0, "/%s is said twice", o->name);
	*said |= o->bit;
	return take_value(o, name[len] ? name + len + 1 : NULL, out, err);
}

/* "/For, /All, /Shadow" */
static char *
names_of(unsigned bits)
{
	struct vss_buf text = VSS_BUF_INIT;

	for (size_t i = 0; i < OPTIONS; i++)
		if (options[i].bit & bits)
			vss_buf_fmt(&text, "%s/%s", text.len ? ", " : "", options[i].name);
	return vss_buf_take(&text);
}

static int
check(const struct admin_command *c, unsigned said, struct vss_err *err)
{
	unsigned both = said & c->excludes;
	VSS_AUTOFREE char *missing = names_of(c->needs & ~said);
	VSS_AUTOFREE char *choices = names_of(c->needs_one);
	VSS_AUTOFREE char *apart = names_of(both);

	if (*missing)
		return vss_fail(err, VSS_USAGE, 0, "%s needs %s", c->name, missing);
	if (c->needs_one && !(said & c->needs_one))
		return vss_fail(err, VSS_USAGE, 0, "%s needs one of %s", c->name, choices);
	if (both & (both - 1))
		return vss_fail(err, VSS_USAGE, 0, "%s exclude each other", apart);
	return 0;
}

int
admin_read_words(const struct admin_command *c, char *const *words, int n, struct admin_words *out, struct vss_err *err)
{
	unsigned said = 0;

	*out = (struct admin_words){ 0 };
	for (int i = 0; i < n; i++)
		if (take(c, words[i], &said, out, err) < 0)
			return -1;
	return check(c, said, err);
}

void
admin_print_options(const struct admin_command *c)
{
	for (size_t i = 0; i < OPTIONS; i++) {
		const struct option *o = &options[i];
		if (!(o->bit & c->takes))
			continue;
		VSS_AUTOFREE char *form = vss_strf("/%s%s%s", o->name, o->arg ? "=" : "", o->arg ? o->arg : "");
		vss_out("    %-20s  %s\n", form, o->help);
	}
}
