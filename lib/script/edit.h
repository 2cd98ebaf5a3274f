/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_SCRIPT_EDIT_H
#define VSS_SCRIPT_EDIT_H

#include "base/err.h"
#include "base/str.h"

/**
 * Lines from a terminal: editing, history, completion.  The only file that knows libedit is edit.c.
 */
struct vss_edit_options {
	const char *program; /* for the user's editrc */
	const char *editrc;  /* the user's own keys, editrc(5): a file; or NULL */
	const char *history; /* a file, kept 0600; or NULL */
	int stop_fd;	     /* readable once a signal asked to stop; or -1 */
	/**
	 * Words that could stand in place of `start`, the word that is being typed (never NULL, quotes taken away); `before` are
	 * those in front of it.  They are whole words: those with blanks are put into quotes by the editor.  Or NULL.
	 */
	void (*complete)(void *ctx, const struct vss_strv *before, const char *start, struct vss_strv *out);
	void *ctx;
};
struct vss_edit;
/** A history that cannot be read is told by vss_warn and forgotten. */
struct vss_edit *vss_edit_new(const struct vss_edit_options *o, struct vss_err *err);
void vss_edit_free(struct vss_edit *e); /* NULL is fine; the terminal is as it was */
/**
 * 1: *line is what was typed, without its end, and is in the history; 0: end of input; -1: VSS_INTERRUPTED when stop_fd
 * became readable or Ctrl-C was typed, which is no signal here (what was typed is gone, the cursor stands on a new line), VSS_INVALID for a line that is too long.
 */
int vss_edit_line(struct vss_edit *e, const char *prompt, struct vss_buf *line, struct vss_err *err);

#endif
