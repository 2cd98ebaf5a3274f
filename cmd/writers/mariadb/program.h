/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_WRITER_MARIADB_PROGRAM_H
#define VSS_WRITER_MARIADB_PROGRAM_H

#include <stdbool.h>

#define USUAL_DATADIR "/var/lib/mysql"
#define USUAL_SOCKET "/run/mysqld/mysqld.sock"

/** Where the server's executable is, when it is at one of the usual places; NULL otherwise. */
const char *program_find(void);
/** "10.11.19-MariaDB-0+deb12u1": what it says of itself; NULL when it says nothing that can be read.  To be freed. */
char *program_version(const char *program);
/** A version as one text says it. */
struct version {
	unsigned major, minor;
	bool mariadb;
};
/** 0 or -1 when it is none. */
int version_parse(const char *text, struct version *out);

#endif
