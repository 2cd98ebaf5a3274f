/* SPDX-License-Identifier: BSD-2-Clause */
#include "command_line.h"

#include <string.h>
#include <sys/stat.h>

static const char *script_file, *log_file;

static const struct vss_opt opts[] = {
	VSS_ARG('s', "script", "FILE", &script_file, "or /s: run this file; the words behind it are its parameters"),
	VSS_ARG('l', "log", "FILE", &log_file, "or /l: write what is shown there too, in UTF-16LE"),
	VSS_END,
};
static const char *const synopsis[] = { "[/s SCRIPT [PARAMETER]...] [/l LOG]", NULL };
static const struct vss_tool tool = {
	.name = "diskshadow",
	.synopsis = synopsis,
	.purpose = "Make and manage shadow copies by commands, typed or from a script.",
	.opts = opts,
	.max_operands = UINT_MAX,
	.changes = true,
};

/* Spellings, in whatever case. */
static const char *const script_words[] = { "/s", "-s", "/script", "-script", "--script", NULL };
static const char *const log_words[] = { "/l", "-l", "/log", "-log", "--log", NULL };
static const char *const help_words[] = { "/?", "-?", "/h", "/help", "-help", NULL };

static bool
is_one_of(const char *const *words, const char *word)
{
	while (*words && !vss_str_caseeq(*words, word))
		words++;
	return *words != NULL;
}

/* Words on their way to the form that vss_parse() knows. */
struct translation {
	char **next; /* up to a NULL */
	struct vss_strv *options, parameters;
	bool script;	/* it was named: what comes is its own, whatever it looks like, but for the log */
	bool no_option; /* `--` was behind it: no log either */
};

static void
take_option(struct translation *t, const char *option)
{
	vss_strv_add(t->options, option);
	if (*t->next)
		vss_strv_add(t->options, *t->next++);
}

static void
take_word(struct translation *t, const char *word)
{
	if (!t->no_option && is_one_of(log_words, word)) {
		take_option(t, "--log");
	} else if (t->script) {
		if (t->no_option || strcmp(word, "--") != 0)
			vss_strv_add(&t->parameters, word);
		t->no_option = t->no_option || strcmp(word, "--") == 0;
	} else if (is_one_of(script_words, word)) {
		take_option(t, "--script");
		t->script = true;
	} else {
		vss_strv_add(t->options, is_one_of(help_words, word) ? "--help" : word);
		t->script = vss_str_starts(word, "--script=") || vss_str_starts(word, "-s");
	}
}

/* Returns how many parameters there are. */
static size_t
translate(char **argv, struct vss_strv *out)
{
	struct translation t = { .next = argv, .options = out };

	if (*t.next)
		vss_strv_add(out, *t.next++);
	while (*t.next)
		take_word(&t, *t.next++);
	if (t.parameters.n)
		vss_strv_add(out, "--");
	for (size_t i = 0; i < t.parameters.n; i++)
		vss_strv_add(out, t.parameters.v[i]);
	size_t n = t.parameters.n;
	vss_strv_free(&t.parameters);
	return n;
}

static bool
is_same_file(const char *a, const char *b)
{
	struct stat x, y;
	return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

static int
check(const struct command_line *c, size_t parameters, struct vss_err *err)
{
	if (c->args.operands.n > parameters)
		return vss_fail(err, VSS_USAGE, 0, "unexpected operand '%s'", c->args.operands.v[0]);
	if (c->script && c->log && is_same_file(c->script, c->log))
		return vss_fail(err, VSS_USAGE, 0, "'%s' is the script: the log would take its place", c->log);
	return 0;
}

int
command_line_read(struct command_line *c, int argc, char **argv, int *status)
{
	struct vss_err err = VSS_ERR_INIT;

	(void)argc;
	*c = (struct command_line){ 0 };
	size_t parameters = translate(argv, &c->words);
	if (vss_front_parse(&tool, (int)c->words.n, c->words.v, &c->args, status)) {
		vss_strv_free(&c->words);
		return 1;
	}
	c->script = script_file;
	c->log = log_file;
	if (check(c, parameters, &err) == 0)
		return 0;
	vss_say("%s (see 'diskshadow --help')", err.text);
	*status = vss_code_status(VSS_USAGE);
	command_line_free(c);
	return 1;
}

void
command_line_free(struct command_line *c)
{
	vss_args_free(&c->args);
	vss_strv_free(&c->words);
}
