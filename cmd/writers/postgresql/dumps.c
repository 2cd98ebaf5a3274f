/* SPDX-License-Identifier: BSD-2-Clause */
#include "dumps.h"

#include "program.h"
#include "scratch.h"

#include "base/mem.h"
#include "base/path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* As its owner, without a question for a password. */
static int
run_as_owner(const struct cluster *k, const char *name, const char *const *words, int out, int64_t deadline,
	struct vss_err *err)
{
	VSS_AUTOFREE char *program = vss_path_join(k->disk.bindir, name);
	VSS_AUTOFREE char *uid = vss_strf("--reuid=%lu", (unsigned long)k->disk.uid);
	VSS_AUTOFREE char *gid = vss_strf("--regid=%lu", (unsigned long)k->disk.gid);
	VSS_AUTOFREE char *host = vss_strf("--host=%s", PQhost(k->conn));
	VSS_AUTOFREE char *port = vss_strf("--port=%s", PQport(k->conn));
	VSS_AUTOFREE char *user = vss_strf("--username=%s", PQuser(k->conn));
	const char *argv[16] = { "setpriv", uid, gid, "--init-groups", "--" };
	size_t n = geteuid() == 0 ? 5 : 0;

	argv[n++] = program;
	argv[n++] = host;
	argv[n++] = port;
	argv[n++] = user;
	argv[n++] = "--no-password";
	for (; *words; words++)
		argv[n++] = *words;
	argv[n] = NULL;
	return program_run(argv, out, deadline, NULL, err);
}

static int
dump(const struct cluster *k, const char *scratch, const char *file, const char *const *words, int64_t deadline,
	struct vss_err *err)
{
	VSS_AUTOFREE char *dir = cluster_scratch(k, scratch, "dumps");
	VSS_AUTOFREE char *path = vss_path_join(dir, file);

	if (!k->disk.bindir)
		return vss_fail(
			err, VSS_ABSENT, 0, "pg_dump of version %s: not found: say bindir=DIR", k->disk.version);
	if (scratch_directory(dir, NULL, err) != 0)
		return -1;
	VSS_AUTOCLOSE int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "%s", path);
	const char *name = vss_str_eq(file, DUMPS_GLOBALS) ? "pg_dumpall" : "pg_dump";
	if (run_as_owner(k, name, words, fd, deadline, err) != 0)
		return -1;
	return fsync(fd) == 0 ? 0 : vss_fail(err, VSS_SYSTEM, errno, "%s", path);
}

int
dump_globals(const struct cluster *k, const char *scratch, int64_t deadline, struct vss_err *err)
{
	static const char *const words[] = { "--globals-only", NULL };

	return dump(k, scratch, DUMPS_GLOBALS, words, deadline, err);
}

/* A name that holds = or :// would be read as more than a name: so it is put as what it is. */
static char *
connection_word(const char *database)
{
	struct vss_buf out = VSS_BUF_INIT;

	vss_buf_str(&out, "--dbname=dbname='");
	for (const char *p = database; *p; p++) {
		if (*p == '\'' || *p == '\\')
			vss_buf_ch(&out, '\\');
		vss_buf_ch(&out, *p);
	}
	vss_buf_ch(&out, '\'');
	return vss_buf_take(&out);
}

int
dump_database(const struct cluster *k, const char *database, const char *scratch, int64_t deadline, struct vss_err *err)
{
	VSS_AUTOFREE char *name = cluster_dump_name(database);
	VSS_AUTOFREE char *file = vss_strf("%s.dump", name);
	VSS_AUTOFREE char *target = connection_word(database);
	const char *const words[] = { "--format=custom", target, NULL };

	return dump(k, scratch, file, words, deadline, err);
}
