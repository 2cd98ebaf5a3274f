/* SPDX-License-Identifier: BSD-2-Clause */
#include "vssadmin.h"

#include "base/mem.h"
#include "os/interrupt.h"

#include <stdlib.h>
#include <unistd.h>

static const struct vss_opt opts[] = { VSS_END };

/* The options of the program stand before the command: what is behind it is in vssadmin's own grammar. */
static int
program_words(int argc, char **argv)
{
	int n = 1;

	while (n < argc && argv[n][0] == '-' && !vss_str_eq(argv[n], "-?"))
		n++;
	return n;
}

/* A line for each command, for --help. */
static const char *const *
synopsis(struct vss_strv *lines)
{
	for (const struct admin_command *c = admin_commands; c->name; c++)
		vss_strv_take(lines, vss_strf("%s%s%s", c->name, *c->usage ? " " : "", c->usage));
	return (const char *const *)lines->v;
}

static void
print_banner(void)
{
	vss_out("vssadmin %s - shadow copies of volumes, by the commands of the Windows tool\n"
		"(C) The vss-tools authors\n\n",
		VSS_VERSION);
}

static int
run_command(const struct admin_command *c, char *const *words, int n, struct vss_err *err)
{
	struct admin_words said;

	if (admin_read_words(c, words, n, &said, err) < 0)
		return -1;
	if (c->changes && (vss_front_need_root(err) < 0 || vss_interrupt_catch(err) < 0))
		return -1;
	if (c->run(&said, err) < 0)
		return -1;
	return c->changes && admin_was_refused() ? vss_check_interrupt(err) : 0;
}

static int
status_of(const struct vss_err *err)
{
	if (err->code == VSS_OK)
		return vss_front_was_none() || admin_was_refused();
	return err->code == VSS_USAGE || err->code == VSS_INTERRUPTED ? vss_code_status(err->code) : 1;
}

/* The words behind the program's own: a command with its options, or help. */
static int
run(char *const *words, int n)
{
	struct vss_err err = VSS_ERR_INIT;
	bool asked = n > 0 && (vss_str_caseeq(words[0], "help") || admin_is_help(words[0]));
	const struct admin_command *c = admin_command_named(words + asked, n - asked);

	if (!c && n > asked)
		asked = false; /* for what there is not */
	if (!c) {
		vss_out("%s", asked ? "" : "Error: Invalid command.\n \n");
		admin_print_commands();
		return asked ? 0 : vss_code_status(VSS_USAGE);
	}
	for (int i = 2; i < n; i++)
		asked = asked || admin_is_help(words[i]);
	if (!asked)
		(void)run_command(c, words + 2, n - 2, &err);
	if (err.code != VSS_OK)
		admin_print_error(&err);
	if (err.code == VSS_USAGE)
		vss_out("\n");
	if (asked || err.code == VSS_USAGE)
		admin_print_help(c);
	return status_of(&err);
}

int
main(int argc, char **argv)
{
	VSS_AUTOSTRV struct vss_strv lines = VSS_STRV_INIT;
	const struct vss_tool tool = {
		.name = "vssadmin",
		.synopsis = synopsis(&lines),
		.purpose = "Administer shadow copies by the commands of the Windows tool of this name.",
		.opts = opts,
	};
	struct vss_args args;
	int first = program_words(argc, argv), status;

	if (vss_parse(&tool, first, argv, &args, &status))
		return status;
	vss_args_free(&args);
	print_banner();
	status = run(argv + first, argc - first);
	int failed = vss_finish(&(struct vss_err)VSS_ERR_INIT);
	return failed ? failed : status;
}
