/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_CLI_CLI_INTERNAL_H
#define VSS_CLI_CLI_INTERNAL_H

#include "cli/opt.h"

/** Take the program's name from argv[0], or `fallback` where there is none. */
void vss_program_set(const char *argv0, const char *fallback);
/** Open the log to stderr as far as -q and -v say. */
void vss_say_log(bool quiet, int verbose);

/** Print --help, --version, on stdout. */
void vss_help_print(const struct vss_tool *tool);
void vss_version_print(const struct vss_tool *tool);

/** The options that every tool has, up to VSS_END; their `to` is NULL. */
extern const struct vss_opt vss_common_opts[];

/**
 * Standard descriptors that the caller has closed are opened, so that no file of ours becomes one of them and gets what is
 * printed; using them fails as it did.  Before anything else is opened.
 */
void vss_out_guard(void);

/** Hand what is printed to whoever wants it, too. */
void vss_out_to_tee(const char *p, size_t n);

/** Take the progress line off the terminal before a message; it comes back with the next report. */
void vss_progress_hide(void);

/** `text` with control bytes and broken UTF-8 as \ooo but backslashes as they are: for sentences, where a name may
 * have been escaped before. */
void vss_say_clean(struct vss_buf *out, const char *text);

#endif
