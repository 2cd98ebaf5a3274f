/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_CLI_OPT_H
#define VSS_CLI_OPT_H

#include "base/err.h"
#include "base/str.h"

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

/**
 * Options as a table.  A tool describes itself in a `struct vss_tool`; parsing, --help, --version, exclusive
 * groups, messages and exit statuses are the table's work.  Long options for everything, in full; no optional
 * arguments; `--` ends options; options and operands may be mixed.  Where `command_after` is set, the words after
 * `--` are a command.
 */
enum vss_opt_kind {
	VSS_OPT_FLAG,	/* bool * : set true */
	VSS_OPT_STRING, /* const char ** : points into argv; the last one counts */
	VSS_OPT_LIST,	/* struct vss_strv * : may be repeated; copied */
	VSS_OPT_U64,	/* uint64_t * */
	VSS_OPT_SIZE,	/* uint64_t * : bytes, with units */
	VSS_OPT_SPAN,	/* uint64_t * : seconds, with units */
	VSS_OPT_CHOICE, /* int * : what by_word() gives for the word */
	VSS_OPT_COUNT,	/* int * : counts up (-v) */
	VSS_OPT_HEAD	/* a heading in --help (`help`), or with help NULL the end of the table */
};
struct vss_opt {
	enum vss_opt_kind kind;
	char letter; /* 0: none */
	const char *name;
	const char *arg; /* "FILE"; NULL for flags */
	void *to;
	const char *help;		  /* one line, lower case, no full stop */
	int group;			  /* options with the same number > 0 exclude each other */
	int (*by_word)(const char *word); /* CHOICE: -1 unknown */
};
/* clang-format off */
#define VSS_FLAG(c, n, to, help) { VSS_OPT_FLAG, c, n, NULL, to, help, 0, NULL }
#define VSS_FLAG_X(c, n, to, g, help) { VSS_OPT_FLAG, c, n, NULL, to, help, g, NULL }
#define VSS_ARG(c, n, a, to, help) { VSS_OPT_STRING, c, n, a, to, help, 0, NULL }
#define VSS_ARG_X(c, n, a, to, g, help) { VSS_OPT_STRING, c, n, a, to, help, g, NULL }
#define VSS_ARGS(c, n, a, to, help) { VSS_OPT_LIST, c, n, a, to, help, 0, NULL }
#define VSS_NUM(c, n, a, to, help) { VSS_OPT_U64, c, n, a, to, help, 0, NULL }
#define VSS_SPAN(c, n, a, to, help) { VSS_OPT_SPAN, c, n, a, to, help, 0, NULL }
#define VSS_CHOICE(c, n, a, to, fn, help) { VSS_OPT_CHOICE, c, n, a, to, help, 0, fn }
#define VSS_HEAD(help) { VSS_OPT_HEAD, 0, NULL, NULL, NULL, help, 0, NULL }
#define VSS_END { VSS_OPT_HEAD, 0, NULL, NULL, NULL, NULL, 0, NULL }
/* clang-format on */

struct vss_tool {
	const char *name;		     /* "create-shadow" */
	const char *const *synopsis;	     /* lines behind the name, NULL-terminated */
	const char *purpose;		     /* one sentence */
	const struct vss_opt *opts;	     /* up to VSS_END; --help, --version, -q, -v are added */
	unsigned min_operands, max_operands; /* max 0: none taken; UINT_MAX: any number */
	bool command_after;		     /* words after `--` go to vss_args.command; there must be one then */
	bool changes;			     /* it changes something: see vss_front_parse() */
};
struct vss_args {
	struct vss_strv operands, command;
	bool has_command;
	bool quiet;
	int verbose;
};

/**
 * Parse argv, and let messages of the library through to stderr: errors only with -q, else warnings too, notes with
 * -v, all with -vv.
 *
 * 0: go on; *out is the caller's, to be freed with vss_args_free().
 * 1: leave with *status.  --help or --version was printed (0, or 1 when stdout failed), or the line is wrong and one
 * sentence on stderr said so (2).  *out is then empty.
 */
int vss_parse(const struct vss_tool *tool, int argc, char **argv, struct vss_args *out, int *status);
void vss_args_free(struct vss_args *a);

/**
 * The end of a program: say `program: text (VSS_E_...)` on stderr when *err is a failure, flush and check stdout,
 * and return the exit status for the code; 1 when all was well but stdout could not be written.
 */
int vss_finish(const struct vss_err *err);
/** The line that it says, for a program that goes on; *err is a failure. */
void vss_say_failure(const struct vss_err *err);
/** One message line on stderr: `program: text`; bytes that could disturb a terminal become \ooo. */
void vss_say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/** The name that messages begin with: what the program was called as, without directory and "vss-". */
const char *vss_program(void);

#endif
