/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef DISKSHADOW_VERBS_H
#define DISKSHADOW_VERBS_H

#include "shell.h"

/**
 * The verbs as data: verbs.c has the one table.  A verb takes words and turns them into a request for the same
 * functions and printers that the single tools use.
 */
enum shell_operand { /* what the operand is, for completion */
	OPERAND_NONE,
	OPERAND_VOLUME,
	OPERAND_SHADOW,
	OPERAND_SET,
	OPERAND_WRITER,
	OPERAND_EXPOSED, /* where copies are exposed */
	OPERAND_FILE,
	OPERAND_PROVIDER,
	OPERAND_WORDS /* those of `args` */
};
struct verb {
	const char *name;    /* "DELETE SHADOWS SET" */
	const char *args;    /* "<setID>", as usage lines show them; "" */
	const char *help;    /* a sentence */
	const char *example; /* a whole line, or NULL */
	unsigned min, max;   /* words behind the name; UINT_MAX: any number */
	enum shell_operand first, second;
	int (*run)(struct shell *sh, const struct vss_strv *args, struct vss_err *err);
	bool quick; /* it neither makes nor deletes: not worth a warning when interrupted */
};
extern const struct verb shell_verbs[]; /* up to one without a name */

/* names.c: words of a line against names of the table, without regard to case. */
const char *verb_word(
	const struct verb *v, size_t i, size_t *len); /* the i-th of its name, not NUL-terminated; or NULL */
size_t verb_words(const struct verb *v);	      /* in its name */
size_t verb_common(const struct verb *v, const struct vss_strv *words); /* from the first on */
size_t verb_known(const struct vss_strv *words);			/* the most that any verb has in common */
bool verb_is_group(const struct verb *v);				/* others begin with its whole name */
char *verb_spelled(
	const struct vss_strv *words, size_t n); /* as the table has them, who are known; the caller frees it */
const struct verb *verb_find(const struct vss_strv *words, size_t *named); /* NULL: none; how many words name it */
/** The help of what the first `n` words, which are known, name; 0: the list of all commands. */
void shell_help(const struct vss_strv *words, size_t n);

typedef int shell_verb(struct shell *sh, const struct vss_strv *args, struct vss_err *err);
shell_verb verb_set, verb_set_context, verb_set_option, verb_set_verbose, verb_set_metadata;	    /* settings.c */
shell_verb verb_load_metadata;									    /* metadata.c */
shell_verb verb_writer_verify, verb_writer_exclude;						    /* writer.c */
shell_verb verb_add, verb_add_volume, verb_add_alias, verb_add_shadow;				    /* add.c */
shell_verb verb_create, verb_begin_backup, verb_end_backup;					    /* create.c */
shell_verb verb_begin_restore, verb_end_restore, verb_simulate_restore;				    /* restore.c */
shell_verb verb_exec;										    /* exec.c */
shell_verb verb_list_providers, verb_list_shadows_all, verb_list_shadows_set, verb_list_shadows_id; /* list.c */
shell_verb verb_list_writers;
shell_verb verb_delete_all, verb_delete_volume, verb_delete_oldest, verb_delete_set, verb_delete_id,
	verb_delete_exposed;							 /* delete.c */
shell_verb verb_import;								 /* import.c */
shell_verb verb_expose, verb_unexpose;						 /* expose.c */
shell_verb verb_break, verb_break_writable, verb_mask, verb_revert, verb_resync; /* change.c */
shell_verb verb_reset, verb_exit, verb_help;					 /* session.c */

#endif
