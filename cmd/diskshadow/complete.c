/* SPDX-License-Identifier: BSD-2-Clause */
#include "complete.h"

#include "base/log.h"
#include "base/mem.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

/* Small letters, unless capitals are what is being typed. */
static void
add_word(const char *word, size_t n, bool small, struct vss_strv *out)
{
	char *copy = vss_strndup(word, n);

	for (char *p = copy; small && *p; p++)
		*p = (char)tolower((unsigned char)*p);
	vss_strv_take(out, copy);
}

static bool
wants_small(const struct vss_strv *before, const char *start)
{
	const char *last = *start ? start : before->n ? before->v[0] : "";
	return !isupper((unsigned char)*last);
}

static void
add_names(const struct vss_strv *words, bool small, struct vss_strv *out)
{
	size_t n;

	for (const struct verb *v = shell_verbs; v->name; v++) {
		const char *next = verb_common(v, words) == words->n ? verb_word(v, words->n, &n) : NULL;
		if (next)
			add_word(next, n, small, out);
	}
}

struct option {
	const char *word; /* in the usage, `n` bytes */
	size_t n;
	bool optional;	   /* in square brackets */
	const char *value; /* "<name>" that has to follow it; or NULL */
};

/* The next word in capitals of a usage line. */
static const char *
next_option(const char *usage, int *depth, struct option *o)
{
	for (size_t n; *usage; usage += n ? n : 1) {
		*depth += (*usage == '[') - (*usage == ']');
		n = *usage == '<' ? strcspn(usage, ">") : strspn(usage, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
		if (*usage == '<' || !n)
			continue;
		const char *behind = usage + n + (usage[n] == ' ');
		*o = (struct option){ usage, n, *depth > 0, *behind == '<' ? behind : NULL };
		return usage + n;
	}
	return NULL;
}

static bool
is_word(const struct option *o, const char *word)
{
	return strlen(word) == o->n && strncasecmp(o->word, word, o->n) == 0;
}

static bool
was_given(const struct option *o, const struct vss_strv *args)
{
	for (size_t i = 0; i < args->n; i++)
		if (is_word(o, args->v[i]))
			return true;
	return false;
}

/* What has to be there comes first, what may be there behind it, none twice. */
static void
add_options(const struct verb *v, const struct vss_strv *args, bool small, struct vss_strv *out)
{
	struct option o;
	bool needed = false;
	int depth = 0;

	for (const char *p = v->args; (p = next_option(p, &depth, &o));)
		needed |= !o.optional;
	depth = 0;
	for (const char *p = v->args; (p = next_option(p, &depth, &o));)
		if (o.optional == (!needed || args->n > 0) && !was_given(&o, args))
			add_word(o.word, o.n, small, out);
}

/* The value that the last word asks for (ALIAS <name>), or NULL. */
static const char *
awaited_value(const struct verb *v, const struct vss_strv *args)
{
	struct option o;
	int depth = 0;

	for (const char *p = v->args; args->n && (p = next_option(p, &depth, &o));)
		if (o.value && is_word(&o, args->v[args->n - 1]))
			return o.value;
	return NULL;
}

static enum shell_operand
operand_of(const char *value)
{
	if (vss_str_starts(value, "<directory>"))
		return OPERAND_FILE;
	return vss_str_starts(value, "<provider>") ? OPERAND_PROVIDER : OPERAND_NONE;
}

static void
add_aliases(const struct shell *sh, struct vss_strv *out)
{
	for (size_t i = 0; i < sh->aliases.n; i++)
		vss_strv_take(out, vss_strf("%%%s%%", sh->aliases.v[i].name));
	for (size_t i = 0; i < sh->parameters.n; i++)
		vss_strv_take(out, vss_strf("%%DISKSH_PARAM_%zu%%", i + 1));
}

static bool
may_be_alias(enum shell_operand kind, const char *start)
{
	return kind == OPERAND_SHADOW || kind == OPERAND_SET || kind == OPERAND_EXPOSED || *start == '%';
}

/* Where the cursor is. */
struct spot {
	const struct verb *verb; /* or NULL: its name is not whole */
	struct vss_strv args;	 /* whole words behind it */
	const char *start;
	bool small;
};

static void
add_operand(struct shell_completion *c, const struct spot *at, struct vss_strv *out)
{
	const char *value = awaited_value(at->verb, &at->args);
	enum shell_operand kind = at->args.n ? at->verb->second : at->verb->first;

	if (at->args.n >= at->verb->max)
		return;
	if (value)
		kind = operand_of(value);
	if (kind == OPERAND_WORDS)
		add_options(at->verb, &at->args, at->small, out);
	else
		shell_candidates(&c->known, kind, at->start, out);
	if (may_be_alias(kind, at->start))
		add_aliases(c->sh, out);
}

void
shell_complete(void *ctx, const struct vss_strv *before, const char *start, struct vss_strv *out)
{
	struct spot at = { .start = start, .small = wants_small(before, start) };
	size_t named;

	at.verb = verb_find(before, &named);
	for (size_t i = named; i < before->n; i++)
		vss_strv_add(&at.args, before->v[i]);
	vss_log_mute(true);
	add_names(at.verb && at.verb->run == verb_help ? &at.args : before, at.small, out);
	if (at.verb)
		add_operand(ctx, &at, out);
	vss_log_mute(false);
	vss_strv_free(&at.args);
}
