/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/opt.h"

#include "base/num.h"
#include "cli/cli_internal.h"

#include <string.h>

enum { GROUPS = 16 };

struct parse {
	const struct vss_tool *tool;
	int argc, at; /* at: the next word */
	char **argv;
	struct vss_args *out;
	const char *chosen[GROUPS]; /* the option given of each exclusive group */
	bool help, version;
	struct vss_err *err;
};

static bool
is_end(const struct vss_opt *o)
{
	return o->kind == VSS_OPT_HEAD && !o->help;
}

static const struct vss_opt *
find_in(const struct vss_opt *o, const char *name, size_t len, char letter)
{
	for (; !is_end(o); o++) {
		if (o->kind == VSS_OPT_HEAD)
			continue;
		if (name ? strlen(o->name) == len && memcmp(o->name, name, len) == 0 : o->letter == letter)
			return o;
	}
	return NULL;
}

static const struct vss_opt *
find(const struct parse *p, const char *name, size_t len, char letter)
{
	const struct vss_opt *o = find_in(p->tool->opts, name, len, letter);
	return o ? o : find_in(vss_common_opts, name, len, letter);
}

static bool
takes_value(const struct vss_opt *o)
{
	return o->kind != VSS_OPT_FLAG && o->kind != VSS_OPT_COUNT;
}

/* The options that all tools have go where every tool finds them. */
static void
take_common(struct parse *p, const struct vss_opt *o)
{
	switch (o->letter) {
	case 'q':
		p->out->quiet = true;
		break;
	case 'v':
		p->out->verbose++;
		break;
	case 'V':
		p->version = true;
		break;
	default:
		p->help = true;
	}
}

static int
take_number(const struct vss_opt *o, const char *value)
{
	if (o->kind == VSS_OPT_SIZE)
		return vss_parse_size(value, o->to);
	if (o->kind == VSS_OPT_SPAN)
		return vss_parse_span(value, o->to);
	return vss_parse_u64(value, o->to);
}

static const char *
number_word(enum vss_opt_kind kind)
{
	if (kind == VSS_OPT_SIZE)
		return "size";
	return kind == VSS_OPT_SPAN ? "span of time" : "number";
}

static int
take_value(struct parse *p, const struct vss_opt *o, const char *value)
{
	int chosen;
	switch (o->kind) {
	case VSS_OPT_FLAG:
		*(bool *)o->to = true;
		return 0;
	case VSS_OPT_COUNT:
		++*(int *)o->to;
		return 0;
	case VSS_OPT_STRING:
		*(const char **)o->to = value;
		return 0;
	case VSS_OPT_LIST:
		vss_strv_add(o->to, value);
		return 0;
	case VSS_OPT_CHOICE:
		chosen = o->by_word(value);
		if (chosen < 0)
			return vss_fail(p->err, VSS_USAGE, 0, "--%s: '%s' is none of its words", o->name, value);
		*(int *)o->to = chosen;
		return 0;
	default:
		if (take_number(o, value))
			return vss_fail(p->err, VSS_USAGE, 0, "--%s: '%s' is not a %s", o->name, value,
				number_word(o->kind));
		return 0;
	}
}

static int
take(struct parse *p, const struct vss_opt *o, const char *value)
{
	if (o->group > 0 && o->group < GROUPS) {
		const char *other = p->chosen[o->group];
		if (other && strcmp(other, o->name) != 0)
			return vss_fail(p->err, VSS_USAGE, 0, "--%s and --%s exclude each other", other, o->name);
		p->chosen[o->group] = o->name;
	}
	if (!o->to) {
		take_common(p, o);
		return 0;
	}
	return take_value(p, o, value);
}

static int
take_long(struct parse *p, const char *word)
{
	const char *equals = strchr(word, '=');
	size_t len = equals ? (size_t)(equals - word) : strlen(word);
	const struct vss_opt *o = find(p, word, len, 0);
	if (!o)
		return vss_fail(p->err, VSS_USAGE, 0, "unknown option '--%.*s'", (int)len, word);
	if (!takes_value(o))
		return equals ? vss_fail(p->err, VSS_USAGE, 0, "--%s takes no value", o->name) : take(p, o, NULL);
	if (equals)
		return take(p, o, equals + 1);
	if (p->at == p->argc)
		return vss_fail(p->err, VSS_USAGE, 0, "--%s needs %s behind it", o->name, o->arg);
	return take(p, o, p->argv[p->at++]);
}

/* "-nv", "-oFILE", "-o FILE" */
static int
take_letters(struct parse *p, const char *letters)
{
	for (; *letters; letters++) {
		const struct vss_opt *o = find(p, NULL, 0, *letters);
		if (!o)
			return vss_fail(p->err, VSS_USAGE, 0, "unknown option '-%c'", *letters);
		if (takes_value(o)) {
			if (letters[1])
				return take(p, o, letters + 1);
			if (p->at == p->argc)
				return vss_fail(p->err, VSS_USAGE, 0, "-%c needs %s behind it", *letters, o->arg);
			return take(p, o, p->argv[p->at++]);
		}
		if (take(p, o, NULL))
			return -1;
	}
	return 0;
}

static int
take_rest(struct parse *p)
{
	bool command = p->tool->command_after;
	p->out->has_command = command;
	for (; p->at < p->argc; p->at++)
		vss_strv_add(command ? &p->out->command : &p->out->operands, p->argv[p->at]);
	if (command && !p->out->command.n)
		return vss_fail(p->err, VSS_USAGE, 0, "no command behind '--'");
	return 0;
}

static int
take_words(struct parse *p)
{
	while (p->at < p->argc) {
		const char *word = p->argv[p->at++];
		int failed = 0;
		if (word[0] != '-' || !word[1])
			vss_strv_add(&p->out->operands, word);
		else if (strcmp(word, "--") == 0)
			return take_rest(p);
		else if (word[1] == '-')
			failed = take_long(p, word + 2);
		else
			failed = take_letters(p, word + 1);
		if (failed)
			return -1;
		if (p->help || p->version)
			return 0;
	}
	return 0;
}

static int
check_operands(const struct parse *p)
{
	const struct vss_strv *given = &p->out->operands;
	if (given->n < p->tool->min_operands)
		return vss_fail(p->err, VSS_USAGE, 0, "missing operand: %s %s", p->tool->name, p->tool->synopsis[0]);
	if (given->n > p->tool->max_operands)
		return vss_fail(p->err, VSS_USAGE, 0, "unexpected operand '%s'", given->v[p->tool->max_operands]);
	return 0;
}

static int
print_and_leave(const struct parse *p)
{
	if (p->help)
		vss_help_print(p->tool);
	else
		vss_version_print(p->tool);
	return vss_finish(&(struct vss_err)VSS_ERR_INIT);
}

int
vss_parse(const struct vss_tool *tool, int argc, char **argv, struct vss_args *out, int *status)
{
	struct vss_err err = VSS_ERR_INIT;
	struct parse p = { .tool = tool, .argc = argc, .at = 1, .argv = argv, .out = out, .err = &err };
	vss_out_guard();
	memset(out, 0, sizeof *out);
	vss_program_set(argc > 0 ? argv[0] : NULL, tool->name);
	int failed = take_words(&p);
	if (!failed && !p.help && !p.version)
		failed = check_operands(&p);
	if (!failed && !p.help && !p.version) {
		vss_say_log(out->quiet, out->verbose);
		return 0;
	}
	*status = failed ? vss_code_status(VSS_USAGE) : print_and_leave(&p);
	if (failed)
		vss_say("%s (see '%s --help')", err.text, tool->name);
	vss_args_free(out);
	return 1;
}

void
vss_args_free(struct vss_args *a)
{
	vss_strv_free(&a->operands);
	vss_strv_free(&a->command);
}
