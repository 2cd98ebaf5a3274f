/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef DISKSHADOW_SHELL_H
#define DISKSHADOW_SHELL_H

#include "front/front.h"
#include "os/volume.h"
#include "requester/job.h"
#include "requester/metadata.h"
#include "requester/restore_job.h"
#include "script/alias.h"

#include <stdbool.h>
#include <stdint.h>

/**
 * The state of a diskshadow session.  Verbs change it only when they succeed; that one failed is noted of EXEC alone.
 */

/** SET CONTEXT, OPTION, VERBOSE, METADATA. */
struct shell_settings {
	uint32_t context; /* VSS_CTX_*: what was said last; without options */
	uint32_t options; /* VSS_ATTR_* of SET OPTION */
	bool verbose;
	char *metadata; /* absolute; NULL: the default name, chosen when a set is created */
};
struct shell_volume { /* ADD VOLUME */
	char *word;   /* as it was typed */
	struct vss_volume *volume;
	char *alias, *provider; /* or NULL */
};

struct shell {
	struct shell_settings settings;
	struct vss_aliases aliases;
	struct shell_volume *volumes;
	size_t nvolumes, cvolumes;
	struct vss_strv verify, exclude;  /* WRITER VERIFY, WRITER EXCLUDE */
	struct vss_strv resync;		  /* ADD SHADOW: IDs */
	bool backup;			  /* BEGIN BACKUP was given */
	bool completed;			  /* END BACKUP was */
	struct vss_job *job;		  /* after CREATE */
	bool exec_failed;		  /* the last EXEC since then did */
	struct vss_metadata_file *loaded; /* LOAD METADATA */
	struct vss_restore_job *restore;  /* BEGIN RESTORE */
	struct vss_strv parameters;	  /* of the script: DISKSH_PARAM_n */
	bool interactive;
	bool takes_stdin;      /* the script comes from standard input: programs get another one */
	bool leaving;	       /* EXIT */
	struct shell_log *log; /* /l (log.h), or NULL: who reads from a terminal adds what was typed */
};

/** What settings.c, add.c and others ask first: VSS_E_BAD_STATE when there is a set of this shell already. */
int shell_before_create(const struct shell *sh, struct vss_err *err);
/** A word as an absolute, clean path; the caller frees it. */
char *shell_path(const char *word, struct vss_err *err);
/** A text as it stands, backslashes and tabs too; but it cannot play tricks on a terminal.  The caller frees it. */
char *shell_shown(const char *text);

/** What EXIT and RESET do: all that is begun is ended (restores as failed), volatile copies go; parameters stay. */
void shell_reset(struct shell *sh);
/** What needs END BACKUP or END RESTORE and has not got it: said before RESET, and at the end. */
void shell_farewell(struct shell *sh);
/** The value of %name%: an alias, DISKSH_PARAM_n, the environment.  NULL: none. */
const char *shell_value(void *ctx, const char *name);
/** The alias that has this value, or NULL; for vss_front_aliases. */
const char *shell_alias_of(void *ctx, const char *value);
/** VSS_USAGE when there are WRITER lines and the context that is wished has none. */
int shell_check_writers(const struct shell *sh, bool no_writers, struct vss_err *err);
/** The set that this shell has made and uses, or NULL. */
const struct vss_uuid *shell_own_set(const struct shell *sh);
/** What programs of EXEC find: our environment, aliases, parameters; VSS_SHADOW_DEVICE_n, VSS_VOLUME_n of the set. */
void shell_environment(const struct shell *sh, struct vss_strv *out);

/** Run one command line: 0; or -1, and *err says why.  `checking`: only what can be known without doing anything. */
int shell_line(struct shell *sh, const char *line, bool checking, struct vss_err *err);
/** All lines of a descriptor as a script: echo, stop at the first failure, `name:line: ` before its reason. */
int shell_script(struct shell *sh, int fd, const char *name, struct vss_err *err);
/** From a terminal.  Failures are told and the prompt comes back. */
int shell_interact(struct shell *sh, struct vss_err *err);

#endif
