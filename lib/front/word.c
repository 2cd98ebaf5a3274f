/* SPDX-License-Identifier: BSD-2-Clause */
#include "front/word.h"

#include "base/mem.h"
#include "base/path.h"
#include "cli/out.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

char *
vss_front_word(const char *word)
{
	static const char escaped[] = "\\134";
	VSS_AUTOFREE char *shown = vss_out_name(word);
	struct vss_buf b = VSS_BUF_INIT;

	for (const char *p = shown; *p; p++) {
		vss_buf_ch(&b, *p);
		if (vss_str_starts(p, escaped))
			p += strlen(escaped) - 1;
	}
	return b.len ? vss_buf_take(&b) : vss_strdup("");
}

char *
vss_front_absolute(const char *path, struct vss_err *err)
{
	VSS_AUTOFREE char *cwd = getcwd(NULL, 0);
	if (!cwd) {
		vss_fail(err, VSS_SYSTEM, errno, "current directory");
		return NULL;
	}
	return vss_path_clean(path, cwd);
}

int
vss_front_no_drive(const char *word, struct vss_err *err)
{
	if (isalpha((unsigned char)word[0]) && word[1] == ':' && (!word[2] || word[2] == '\\' || word[2] == '/'))
		return vss_fail(
			err, VSS_USAGE, 0, "'%s': drives have no letters here: give the mount point, or a path", word);
	return 0;
}
