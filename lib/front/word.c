/* SPDX-License-Identifier: BSD-2-Clause */
#include "front/word.h"

#include "base/mem.h"
#include "cli/out.h"

#include <string.h>

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
