/* SPDX-License-Identifier: BSD-2-Clause */
#include "environment.h"

#include "base/mem.h"
#include "base/path.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <lmdb.h>
#include <poll.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAMED_DATABASES = 4 }; /* that we may open: one is wanted */

int
environment_in_use(const char *directory, long *pid, struct vss_err *err)
{
	VSS_AUTOFREE char *path = vss_path_join(directory, "lock.mdb");
	VSS_AUTOCLOSE int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 1 };

	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0 || fcntl(fd, F_GETLK, &lock) != 0)
		return vss_fail(err, VSS_SYSTEM, errno, "%s", path);
	*pid = lock.l_pid;
	return lock.l_type != F_UNLCK;
}

static int
failed(const char *what, const char *reason)
{
	printf("failed %s: %s\n", what, reason);
	fflush(stdout);
	return 1;
}

/* Root is not needed for what follows, and a file that were made now would be root's. */
static int
become_owner(const char *data)
{
	struct stat st;

	if (stat(data, &st) != 0)
		return -1;
	if (geteuid() != 0 || st.st_uid == 0)
		return 0;
	const struct passwd *user = getpwuid(st.st_uid);
	int groups = user ? initgroups(user->pw_name, st.st_gid) : setgroups(0, NULL);
	if (groups != 0 || setresgid(st.st_gid, st.st_gid, st.st_gid) != 0)
		return -1;
	return setresuid(st.st_uid, st.st_uid, st.st_uid);
}

/* What slapd has committed last; the number of entries where its table of them can be read. */
static void
say_held(MDB_env *env, MDB_txn *txn)
{
	MDB_envinfo info;
	MDB_stat stat;
	MDB_dbi entries;

	mdb_env_info(env, &info);
	mdb_env_stat(env, &stat);
	printf("held txnid=%zu pages=%zu page_size=%u", info.me_last_txnid, info.me_last_pgno + 1, stat.ms_psize);
	if (mdb_dbi_open(txn, "id2e", 0, &entries) == 0 && mdb_stat(txn, entries, &stat) == 0)
		printf(" entries=%zu", stat.ms_entries);
	printf("\n");
	fflush(stdout);
}

static int
hold(MDB_env *env, const char *directory, long ms)
{
	struct pollfd in = { STDIN_FILENO, POLLIN, 0 };
	MDB_txn *txn;
	int rc = mdb_env_set_maxdbs(env, NAMED_DATABASES);

	if (rc == 0)
		rc = mdb_env_open(env, directory, 0, 0600);
	if (rc == 0)
		rc = mdb_txn_begin(env, NULL, 0, &txn);
	if (rc != 0)
		return failed(directory, mdb_strerror(rc));
	say_held(env, txn);
	int ended = poll(&in, 1, (int)ms);
	mdb_txn_abort(txn);
	return ended > 0 ? 0 : 1;
}

int
environment_hold(const char *directory, long ms)
{
	VSS_AUTOFREE char *data = vss_path_join(directory, "data.mdb");
	MDB_env *env;

	if (become_owner(data) != 0)
		return failed(data, "cannot become its owner");
	int rc = mdb_env_create(&env);
	if (rc != 0)
		return failed(directory, mdb_strerror(rc));
	int status = hold(env, directory, ms);
	mdb_env_close(env);
	return status;
}
