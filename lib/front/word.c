/* SPDX-License-Identifier: BSD-2-Clause */
#include "front/word.h"

#include "base/mem.h"
#include "base/path.h"
#include "cli/out.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

char *
vss_front_component(const char *full)
{
	char *shown = vss_out_name(full);

	for (char *p = shown; *p; p++)
		if (*p == '/')
			*p = '\\';
	return shown;
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
