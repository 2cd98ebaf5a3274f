/* SPDX-License-Identifier: BSD-2-Clause */
#include "copies/copies_internal.h"

#include "base/buf.h"
#include "base/str.h"
#include "os/child.h"

#include <stdlib.h>
#include <string.h>

#define NAME_MAX_LENGTH 80
#define TIMEOUT_MS 30000
#define OUTPUT_LIMIT 65536

/* The words that Samba refuses are many; these go into a path and onto a command line, too. */
int
copies_share_check(const char *name, struct vss_err *err)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.$";
	size_t n = strlen(name);

	if (n == 0 || n > NAME_MAX_LENGTH || strspn(name, allowed) != n || *name == '-' || *name == '.')
		return vss_fail(err, VSS_USAGE, 0,
			"'%s': a share is named by up to %d letters, digits and - _ . $, no - or . in front", name,
			NAME_MAX_LENGTH);
	return 0;
}

/* `net -s FILE usershare WORDS...`; trials have a configuration of their own. */
static int
usershare(const char *const *words, struct vss_buf *out, struct vss_err *err)
{
	const char *argv[16] = { "net" };
	const char *conf = secure_getenv("VSS_SMB_CONF");
	size_t n = 1;

	if (conf) {
		argv[n++] = "-s";
		argv[n++] = conf;
	}
	argv[n++] = "usershare";
	while (*words && n < sizeof argv / sizeof *argv - 1)
		argv[n++] = *words++;
	argv[n] = NULL;
	if (vss_run(argv, TIMEOUT_MS, OUTPUT_LIMIT, out, err) == 0)
		return 0;
	if (err->code == VSS_ABSENT)
		return vss_fail(err, VSS_UNSUPPORTED, 0, "shares are Samba's, and its program net is not here");
	return -1;
}

/* 1: there is one, 0: none. */
static int
is_there(const char *name, struct vss_err *err)
{
	VSS_AUTOBUF struct vss_buf out = VSS_BUF_INIT;

	if (usershare((const char *const[]){ "info", name, NULL }, &out, err) < 0)
		return -1;
	return out.len > 0;
}

int
copies_share_add(const char *name, const char *path, struct vss_err *err)
{
	/* Everyone may read, as far as the files' own permissions go; guests may not. */
	const char *const words[] = { "add", name, path, "Shadow copy", "S-1-1-0:R", "guest_ok=n", NULL };
	int there = is_there(name, err);

	if (there > 0) /* `add` would replace it without a word */
		return vss_fail(err, VSS_EXISTS, 0, "%s: there is a share of this name", name);
	if (there < 0 || usershare(words, NULL, err) < 0)
		return err->code == VSS_UNSUPPORTED ? -1 : vss_wrap(err, "share %s", name);
	return 0;
}

int
copies_share_remove(const char *name, struct vss_err *err)
{
	int there = is_there(name, err);

	if (there <= 0)
		return there;
	return usershare((const char *const[]){ "delete", name, NULL }, NULL, err) < 0 ? vss_wrap(err, "share %s", name)
										       : 0;
}
