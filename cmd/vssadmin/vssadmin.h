/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSSADMIN_VSSADMIN_H
#define VSSADMIN_VSSADMIN_H

#include "front/front.h"

#include <stdbool.h>
#include <stdint.h>

/**
 * vssadmin: its grammar, output and statuses in front of what the single tools do.  A command turns its words into their
 * requests; nothing else is decided here.
 */

/** What the options of a command line say. */
struct admin_words {
	const char *volume, *on, *max_size, *shadow, *set;
	uint64_t auto_retry; /* minutes */
	bool oldest, all, quiet, force_dismount;
};

/** Options as bits, for what a command takes. */
enum admin_option {
	ADMIN_FOR = 1,
	ADMIN_ON = 2,
	ADMIN_MAX_SIZE = 4,
	ADMIN_SHADOW = 8,
	ADMIN_SET = 16,
	ADMIN_OLDEST = 32,
	ADMIN_ALL = 64,
	ADMIN_AUTO_RETRY = 128,
	ADMIN_FORCE_DISMOUNT = 256,
	ADMIN_QUIET = 512
};

/** The commands as data: commands.c has the one table. */
struct admin_command {
	const char *name;  /* "List Shadows"; any case is taken */
	const char *usage; /* its options; "" */
	const char *help;  /* a sentence */
	const char *example;
	unsigned takes;
	unsigned needs;	    /* all of these */
	unsigned needs_one; /* at least one of these; 0: none */
	unsigned excludes;  /* at most one of these */
	bool changes;	    /* it needs root, and is undone when interrupted */
	int (*run)(const struct admin_words *w, struct vss_err *err);
};
extern const struct admin_command admin_commands[]; /* up to one without a name */

typedef int admin_run(const struct admin_words *w, struct vss_err *err);
admin_run admin_list_providers, admin_list_shadows, admin_list_storage, admin_list_volumes, admin_list_writers,
	admin_query_reverts;						  /* list.c */
admin_run admin_create_shadow, admin_delete_shadows, admin_revert_shadow; /* shadows.c */
admin_run admin_add_storage, admin_delete_storage, admin_resize_storage;  /* storage.c */

/* words.c */
/** The command that the first two of `words` name, or NULL. */
const struct admin_command *admin_command_named(char *const *words, int n);
/** Is it a question for help: /?, -h, --help ...? */
bool admin_is_help(const char *word);
/** The options behind the command's name.  VSS_USAGE with one sentence. */
int admin_read_words(
	const struct admin_command *c, char *const *words, int n, struct admin_words *out, struct vss_err *err);
/** Each option of the command with what it means, for help. */
void admin_print_options(const struct admin_command *c);

/* help.c */
/** All commands. */
void admin_print_commands(void);
void admin_print_help(const struct admin_command *c);
/** `Error: Why it failed.` on stdout, as there. */
void admin_print_error(const struct vss_err *err);

/* ask.c */
/**
 * `Do you really want to WHAT (Y/N): [N]? `, and what is answered on standard input: only y or yes, in any case, are a yes.  The
 * answer of the whole run, as a command asks once.
 */
bool admin_ask(const char *what);
/** A question was asked and not answered with yes. */
bool admin_was_refused(void);

#endif
