/* SPDX-License-Identifier: BSD-2-Clause */
#include "verbs.h"

#include "base/mem.h"

/* Names of writers have blanks, and many scripts no quotes. */
static char *
joined(const struct vss_strv *words)
{
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;

	for (size_t i = 0; i < words->n; i++) {
		vss_buf_str(&text, i ? " " : "");
		vss_buf_str(&text, words->v[i]);
	}
	return vss_strdup(text.data ? text.data : "");
}

int
shell_check_writers(const struct shell *sh, bool no_writers, struct vss_err *err)
{
	if (!no_writers || (!sh->verify.n && !sh->exclude.n))
		return 0;
	return vss_fail(err, VSS_USAGE, 0, "WRITER and a context without writers exclude each other");
}

/* Twice is once. */
static int
note(struct shell *sh, const struct vss_strv *args, struct vss_strv *to, const struct vss_strv *other,
	struct vss_err *err)
{
	VSS_AUTOFREE char *word = joined(args);

	if (!*word)
		return vss_fail(err, VSS_USAGE, 0, "WRITER: an empty name");
	if (sh->settings.context & VSS_ATTR_NO_WRITERS)
		return vss_fail(err, VSS_USAGE, 0, "WRITER: no writer takes part in this context (SET CONTEXT)");
	if (shell_before_create(sh, err) < 0)
		return -1;
	if (vss_strv_has(other, word))
		return vss_fail(err, VSS_USAGE, 0, "%s: must take part and is excluded", word);
	if (!vss_strv_has(to, word))
		vss_strv_add(to, word);
	return 0;
}

int
verb_writer_verify(struct shell *sh, const struct vss_strv *args, struct vss_err *err)
{
	return note(sh, args, &sh->verify, &sh->exclude, err);
}

int
verb_writer_exclude(struct shell *sh, const struct vss_strv *args, struct vss_err *err)
{
	return note(sh, args, &sh->exclude, &sh->verify, err);
}
