/* SPDX-License-Identifier: BSD-2-Clause */
#include "freeze/freeze_internal.h"

#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "os/dirs.h"
#include "os/trust.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define START_MS 10000

static char *
own_directory(void)
{
	char exe[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);
	if (n <= 0)
		return NULL;
	exe[n] = '\0';
	return vss_path_dir(exe);
}

/* The first of `candidates` that can be executed; the caller frees it. */
static char *
first_program(const struct vss_strv *candidates)
{
	for (size_t i = 0; i < candidates->n; i++)
		if (access(candidates->v[i], X_OK) == 0)
			return vss_strdup(candidates->v[i]);
	return NULL;
}

static char *
find_freezer(void)
{
	const char *given = secure_getenv("VSS_FREEZER");
	VSS_AUTOSTRV struct vss_strv places = VSS_STRV_INIT;
	VSS_AUTOFREE char *own = own_directory();
	if (given && *given)
		return vss_strdup(given);
	if (own)
		vss_strv_take(&places, vss_strf("%s/../libexec/vss/freezer", own));
	vss_strv_add(&places, VSS_LIBEXECDIR "/freezer");
	return first_program(&places);
}

char *
vss_freeze_program(struct vss_err *err)
{
	VSS_AUTOFREE char *found = find_freezer();
	if (!found)
		vss_fail(err, VSS_ABSENT, 0, "%s: the freezer is not there", VSS_LIBEXECDIR "/freezer");
	else if (vss_check_trust(found, err) == 0)
		return vss_take(&found);
	return NULL;
}

char *
vss_freeze_systemd_run(void)
{
	VSS_AUTOSTRV struct vss_strv dirs = VSS_STRV_INIT, places = VSS_STRV_INIT;
	if (!vss_services_path(&dirs)) {
		if (access("/run/systemd/system", F_OK) < 0)
			return NULL;
		vss_strv_add(&dirs, "/usr/bin");
		vss_strv_add(&dirs, "/bin");
	}
	for (size_t i = 0; i < dirs.n; i++)
		vss_strv_take(&places, vss_path_join(dirs.v[i], "systemd-run"));
	return first_program(&places);
}

/* thaw-volumes lies beside the tools: ours, or those of the installation that the freezer belongs to. */
static char *
find_repair(const char *freezer)
{
	static const char *const names[] = { "%s/vss-thaw-volumes", "%s/thaw-volumes", "%s/../../sbin/vss-thaw-volumes",
		"%s/../../bin/thaw-volumes" };
	VSS_AUTOSTRV struct vss_strv places = VSS_STRV_INIT;
	VSS_AUTOFREE char *own = own_directory();
	VSS_AUTOFREE char *dir = vss_path_dir(freezer);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (i >= 2 || own)
			vss_strv_take(&places, vss_path_join(i < 2 ? own : dir, names[i] + strlen("%s/")));
	VSS_AUTOFREE char *found = first_program(&places);
	return found ? realpath(found, NULL) : NULL;
}

int
vss_freeze_start_service(const char *run, const char *program, pid_t pid, int page, struct vss_err *err)
{
	VSS_AUTOFREE char *unit = vss_strf("--unit=vss-sentinel-%d-%d", getpid(), pid);
	VSS_AUTOFREE char *place = vss_strf("--setenv=VSS_RUN_DIR=%s", vss_run_dir());
	VSS_AUTOFREE char *real = realpath(program, NULL);
	VSS_AUTOFREE char *repair = find_repair(program);
	/* "-": a repair that finds nothing to do, or fails, does not make the unit a failed one; '%' is systemd's. */
	VSS_AUTOFREE char *after = vss_strf("--property=ExecStopPost=-%s --quiet", repair ? repair : "/bin/true");
	VSS_AUTOFREE char *pid_word = vss_strf("%d", pid);
	VSS_AUTOFREE char *page_word = vss_strf("%d", page);
	const char *const argv[] = { run, "--quiet", "--collect", "--no-ask-password", unit, place, after,
		"--property=Type=exec", "--property=OOMScoreAdjust=-1000", "--property=LimitMEMLOCK=infinity",
		"--property=DefaultDependencies=no", real ? real : program, "sentinel", page_word, pid_word, NULL };
	return vss_run(argv, START_MS, 65536, NULL, err);
}
