/* SPDX-License-Identifier: BSD-2-Clause */
#include "provider/builtin_internal.h"
#include "provider/lvm_internal.h"

#include "base/mem.h"
#include "base/path.h"
#include "os/child.h"
#include "os/dirs.h"
#include "tree/copy.h"
#include "tree/walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * lvm is always told that nobody answers questions (--yes, and its standard input is /dev/null), and is given time: one
 * that is killed while it has an origin suspended leaves it so.
 */
#define LOOK_MS (60 * 1000)
#define CHANGE_MS (24 * 3600 * 1000)
#define OUTPUT_LIMIT (64u << 20)

#define SYSTEM_DIR "/etc/lvm"
#define OUR_DIR "lvm-conf" /* below the run directory */

/*
 * While file systems are held a command writes no file of its own (archives, backups), and asks nobody who may be held.  Nor
 * does it wait for udev, which takes longer than all that lvm does itself: what nodes it needs it makes, and udev comes
 * by later.
 */
static const char quiet_config[] = "backup{archive=0 backup=0} log{syslog=0} global{notify_dbus=0 use_lvmpolld=0} "
				   "activation{monitoring=0 udev_sync=0 verify_udev_operations=1} "
				   "devices{hints=\"none\"}";
/* The time of making, in seconds. */
static const char look_config[] = "report{time_format=\"%s\"} log{report_command_log=0}";

bool
vss_lvm_is_installed(void)
{
	static const char *const where[] = { "/usr/sbin/lvm", "/sbin/lvm", "/usr/local/sbin/lvm" };

	for (size_t i = 0; i < sizeof where / sizeof *where; i++)
		if (access(where[i], X_OK) == 0)
			return true;
	return false;
}

bool
vss_lvm_is_here(void)
{
	return geteuid() == 0 && !vss_in_trial() && access("/sys/class/misc/device-mapper", F_OK) == 0 &&
	       vss_lvm_is_installed();
}

/* Our copy of the configuration only where it must be: another process may be renewing it. */
static void
make_environment(bool quietly, struct vss_strv *env)
{
	vss_child_environment(env);
	vss_strv_add(env, "LVM_SUPPRESS_FD_WARNINGS=1");
	if (quietly)
		vss_strv_take(env, vss_strf("LVM_SYSTEM_DIR=%s/" OUR_DIR, vss_run_dir()));
}

int
vss_lvm_run(const struct vss_strv *words, bool quietly, struct vss_err *err)
{
	VSS_AUTOSTRV struct vss_strv argv = VSS_STRV_INIT, env = VSS_STRV_INIT;

	vss_strv_add(&argv, "lvm");
	for (size_t i = 0; i < words->n; i++) {
		vss_strv_add(&argv, words->v[i]);
		if (i == 0)
			vss_strv_add(&argv, "--yes");
		if (i == 0 && quietly) {
			vss_strv_add(&argv, "--config");
			vss_strv_add(&argv, quiet_config);
		}
	}
	make_environment(quietly, &env);
	const struct vss_run_spec spec = {
		.argv = (const char *const *)argv.v,
		.env = (const char *const *)env.v,
		.timeout_ms = CHANGE_MS,
		.limit = OUTPUT_LIMIT,
	};
	int rc = vss_run_spec(&spec, NULL, err);
	vss_lvm_outdate();
	return rc < 0 ? vss_wrap(err, "%s", words->v[0]) : 0;
}

int
vss_lvm_look(struct vss_lvm_report *out, struct vss_err *err)
{
	static const char *const argv[] = { "lvm", "lvs", "--reportformat", "json", "--units", "b", "--nosuffix",
		"--config", look_config, "-o", VSS_LVM_FIELDS, NULL };
	VSS_AUTOSTRV struct vss_strv env = VSS_STRV_INIT;
	VSS_AUTOBUF struct vss_buf json = VSS_BUF_INIT;

	*out = (struct vss_lvm_report){ 0 };
	make_environment(false, &env);
	const struct vss_run_spec spec = {
		.argv = argv, .env = (const char *const *)env.v, .timeout_ms = LOOK_MS, .limit = OUTPUT_LIMIT
	};
	if (vss_run_spec(&spec, &json, err) < 0)
		return vss_wrap(err, "lvs");
	return vss_lvm_report_parse(&json, out, err);
}

char *
vss_lvm_path(const char *vg, const char *name)
{
	return vss_strf("%s/%s", vg, name);
}

/* --- The configuration --- */

static int
copy_file(int from, int to, const char *name, struct vss_err *err)
{
	struct stat st;
	VSS_AUTOCLOSE int in = openat(from, name, O_RDONLY | O_CLOEXEC);

	if (in < 0)
		return errno == ENOENT ? 0 : vss_fail(err, VSS_SYSTEM, errno, SYSTEM_DIR "/%s", name);
	VSS_AUTOCLOSE int out = openat(to, name, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (out < 0 || fstat(in, &st))
		return vss_fail(err, VSS_SYSTEM, errno, OUR_DIR "/%s", name);
	if (vss_copy_data(in, out, (uint64_t)st.st_size, err))
		return vss_wrap(err, OUR_DIR "/%s", name);
	return 0;
}

static bool
is_file(int dirfd, const char *name)
{
	struct stat st;
	return fstatat(dirfd, name, &st, 0) == 0 && S_ISREG(st.st_mode);
}

/* The files of a directory, without what lies deeper (old versions that lvm has put aside). */
static int
copy_files(int in, int out, const char *name, struct vss_err *err)
{
	VSS_AUTOCLOSE int again = openat(in, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = again < 0 ? NULL : fdopendir(again);
	int rc = 0;

	if (!d)
		return vss_fail(err, VSS_SYSTEM, errno, SYSTEM_DIR "/%s", name);
	vss_take_fd(&again);
	for (struct dirent *e; rc == 0 && (e = readdir(d));)
		if (is_file(in, e->d_name))
			rc = copy_file(in, out, e->d_name, err);
	closedir(d);
	return rc;
}

/* It need not be there. */
static int
copy_directory(int from, int to, const char *name, struct vss_err *err)
{
	VSS_AUTOCLOSE int in = openat(from, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (in < 0)
		return errno == ENOENT ? 0 : vss_fail(err, VSS_SYSTEM, errno, SYSTEM_DIR "/%s", name);
	if (mkdirat(to, name, 0700))
		return vss_fail(err, VSS_SYSTEM, errno, OUR_DIR "/%s", name);
	VSS_AUTOCLOSE int out = openat(to, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (out < 0)
		return vss_fail(err, VSS_SYSTEM, errno, OUR_DIR "/%s", name);
	return copy_files(in, out, name, err);
}

int
vss_lvm_copy_configuration(struct vss_err *err)
{
	static const char *const files[] = { "lvm.conf", "lvmlocal.conf" };
	static const char *const dirs[] = { "profile", "devices" };
	VSS_AUTOFREE char *path = vss_strf("%s/" OUR_DIR, vss_run_dir());
	VSS_AUTOCLOSE int run = -1;
	VSS_AUTOCLOSE int from = open(SYSTEM_DIR, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (vss_make_dirs(path, err))
		return -1;
	run = open(vss_run_dir(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (run < 0 || vss_remove_tree(run, OUR_DIR, err) || mkdirat(run, OUR_DIR, 0700))
		return vss_fail(err, VSS_SYSTEM, errno, "%s", path);
	VSS_AUTOCLOSE int to = openat(run, OUR_DIR, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (to < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "%s", path);
	for (size_t i = 0; from >= 0 && i < sizeof files / sizeof *files; i++)
		if (copy_file(from, to, files[i], err))
			return -1;
	for (size_t i = 0; from >= 0 && i < sizeof dirs / sizeof *dirs; i++)
		if (copy_directory(from, to, dirs[i], err))
			return -1;
	return 0;
}
