/* SPDX-License-Identifier: BSD-2-Clause */
#include "front/copies.h"

#include <string.h>
#include <unistd.h>

/* A host's short name stands for its full one, whichever of both was typed. */
static bool
is_this_host(const char *name, size_t n)
{
	char here[256] = "", asked[256] = "";

	if (n == 0 || n >= sizeof asked)
		return false;
	memcpy(asked, name, n);
	(void)gethostname(here, sizeof here - 1);
	if (vss_str_caseeq(asked, here) || vss_str_caseeq(asked, "localhost"))
		return true;
	if (strchr(asked, '.') && strchr(here, '.'))
		return false;
	asked[strcspn(asked, ".")] = here[strcspn(here, ".")] = '\0';
	return vss_str_caseeq(asked, here);
}

/* \\HOST\NAME, or the name of a share alone. */
static int
share_of(const char *word, const char **share, struct vss_err *err)
{
	if (!vss_str_starts(word, "\\\\")) {
		*share = word;
		return 0;
	}
	const char *host = word + 2;
	size_t n = strcspn(host, "\\");
	if (!is_this_host(host, n))
		return vss_fail(err, VSS_USAGE, 0, "'%s': shares of this machine only", word);
	*share = host[n] ? host + n + 1 : host + n;
	return 0;
}

int
vss_front_where(const char *word, struct vss_front_where *out, struct vss_err *err)
{
	*out = (struct vss_front_where){ NULL, NULL };
	if (strchr(word, '/')) {
		out->path = word;
		return 0;
	}
	return share_of(word, &out->share, err);
}
