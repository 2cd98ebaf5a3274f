/* SPDX-License-Identifier: BSD-2-Clause */
#include "tools.h"

#include "base/mem.h"
#include "base/path.h"
#include "base/time.h"
#include "os/child.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CONFIG_TIMEOUT_MS = 8000 };

/* The words that make a command run as the owner of `path`; none when that is us, or we could not. */
static int
as_owner_of(const char *path, struct vss_strv *argv, struct vss_err *err)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return vss_fail(err, VSS_SYSTEM, errno, "%s", path);
	if (geteuid() != 0 || st.st_uid == 0)
		return 0;
	vss_strv_add(argv, "setpriv");
	vss_strv_take(argv, vss_strf("--reuid=%u", (unsigned)st.st_uid));
	vss_strv_take(argv, vss_strf("--regid=%u", (unsigned)st.st_gid));
	vss_strv_add(argv, getpwuid(st.st_uid) ? "--init-groups" : "--clear-groups");
	vss_strv_add(argv, "--");
	return 0;
}

int
slapcat_config(const char *config, size_t limit, struct vss_buf *out, struct vss_err *err)
{
	VSS_AUTOSTRV struct vss_strv argv = VSS_STRV_INIT;
	VSS_AUTOFREE char *root = vss_path_join(config, "cn=config.ldif");

	if (as_owner_of(root, &argv, err) != 0)
		return -1;
	vss_strv_add(&argv, "slapcat");
	vss_strv_add(&argv, "-n0");
	vss_strv_add(&argv, "-F");
	vss_strv_add(&argv, config);
	return vss_run((const char *const *)argv.v, CONFIG_TIMEOUT_MS, limit, out, err) == 0
		       ? 0
		       : vss_wrap(err, "%s: slapcat", config);
}

/* Its complaints go where ours go: they are logged. */
static int
run_into(const char *const *argv, int fd, int timeout_ms, struct vss_err *err)
{
	const struct vss_child_spec spec = {
		.argv = argv, .search_path = true, .in = -1, .out = fd, .errfd = STDERR_FILENO
	};
	struct vss_child child = VSS_CHILD_NONE;
	int status = 0, ended = vss_child_spawn(&spec, &child, err);

	if (ended == 0)
		ended = vss_child_wait(&child, vss_now_mono() + timeout_ms * VSS_MS, &status, err);
	if (ended == 0) {
		vss_child_end(&child, 1000);
		return vss_fail(err, VSS_TIMEOUT, 0, "slapcat: did not end within %d s", timeout_ms / 1000);
	}
	if (ended < 0)
		return -1;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	return vss_fail(err, VSS_SYSTEM, 0, "slapcat: %s %d", WIFSIGNALED(status) ? "ended by signal" : "status",
		WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
}

int
slapcat_data(const struct server *s, const struct database *d, const char *path, int timeout_ms, struct vss_err *err)
{
	VSS_AUTOSTRV struct vss_strv argv = VSS_STRV_INIT;

	if (as_owner_of(d->directory, &argv, err) != 0)
		return -1;
	vss_strv_add(&argv, "slapcat");
	vss_strv_add(&argv, s->config ? "-F" : "-f");
	vss_strv_add(&argv, s->config ? s->config : s->conf.v[0]);
	vss_strv_add(&argv, "-b");
	vss_strv_add(&argv, d->suffix);
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "%s", path);
	int r = run_into((const char *const *)argv.v, fd, timeout_ms, err);
	if (r == 0 && fsync(fd) != 0)
		r = vss_fail(err, VSS_SYSTEM, errno, "%s", path);
	if (close(fd) != 0 && r == 0)
		r = vss_fail(err, VSS_SYSTEM, errno, "%s", path);
	return r == 0 ? 0 : vss_wrap(err, "database %s", d->suffix);
}
