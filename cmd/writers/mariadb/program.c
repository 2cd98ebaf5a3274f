/* SPDX-License-Identifier: BSD-2-Clause */
#include "program.h"

#include "base/mem.h"
#include "base/str.h"
#include "os/child.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ANSWER_BYTES = 65536, ANSWER_MS = 5000 };

const char *
program_find(void)
{
	static const char *const places[] = { "/usr/sbin/mariadbd", "/usr/libexec/mariadbd", "/usr/bin/mariadbd",
		"/usr/sbin/mysqld", "/usr/libexec/mysqld", "/usr/bin/mysqld", "/usr/local/bin/mariadbd",
		"/usr/local/mysql/bin/mysqld" };

	for (size_t i = 0; i < sizeof places / sizeof *places; i++)
		if (access(places[i], X_OK) == 0)
			return places[i];
	return NULL;
}

/* "mariadbd  Ver 10.11.19-MariaDB-0+deb12u1 for debian-linux-gnu on x86_64 (Debian 12)" */
char *
program_version(const char *program)
{
	const char *const argv[] = { program, "--no-defaults", "--version", NULL };
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;
	struct vss_err err = VSS_ERR_INIT;
	struct version v;

	if (vss_run(argv, ANSWER_MS, ANSWER_BYTES, &text, &err) != 0 || text.len == 0)
		return NULL;
	const char *ver = strstr(text.data, "Ver ");
	if (!ver || version_parse(ver + 4, &v) != 0)
		return NULL;
	return vss_strndup(ver + 4, strcspn(ver + 4, " \n"));
}

int
version_parse(const char *text, struct version *out)
{
	char *end;

	if (!isdigit((unsigned char)*text))
		return -1;
	out->major = (unsigned)strtoul(text, &end, 10);
	if (*end != '.' || !isdigit((unsigned char)end[1]))
		return -1;
	out->minor = (unsigned)strtoul(end + 1, NULL, 10);
	out->mariadb = strstr(text, "MariaDB") != NULL;
	return 0;
}
