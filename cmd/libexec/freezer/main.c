/* SPDX-License-Identifier: BSD-2-Clause */
#include "freezer.h"

#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

/*
 * freezer PAGE                 the freezer; descriptor PAGE and all that it names are inherited
 * freezer sentinel PAGE        the sentinel as its child
 * freezer sentinel PAGE PID    the sentinel as a service: fetches everything from process PID
 * Not for people: lib/freeze starts it.
 */
static int
number(const char *text)
{
	char *end;
	long n = strtol(text, &end, 10);
	return *text && !*end && n > 0 && n <= INT32_MAX ? (int)n : -1;
}

int
main(int argc, char **argv)
{
	bool sentinel = argc > 1 && strcmp(argv[1], "sentinel") == 0;
	int fd = argc > 1 + sentinel ? number(argv[1 + sentinel]) : -1;
	int pid = argc > 3 ? number(argv[3]) : 0;
	if (fd < 0 || pid < 0)
		return 2;
	struct vss_hold_page *p = pid > 0 ? adopt(pid, fd) : vss_hold_map(fd);
	if (!p || prepare_process() < 0)
		return 1;
	prctl(PR_SET_NAME, sentinel ? "vss-sentinel" : "vss-freezer");
	return sentinel ? run_sentinel(p) : run_freezer(p);
}
