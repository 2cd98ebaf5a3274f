/* SPDX-License-Identifier: BSD-2-Clause */
#include "os/service.h"

#include "base/mem.h"
#include "base/str.h"
#include "base/time.h"
#include "os/child.h"
#include "os/dirs.h"
#include "os/trust.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOOK_MS 30000
#define SETTLE_MS 5000 /* a script may return a little before its server is up or gone */
#define SETTLE_STEP_MS 50

/* Who manages the services here: the path of a systemctl, or a script. */
struct manager {
	char *systemctl, *script;
};

static void
free_manager(struct manager *m)
{
	free(m->systemctl);
	free(m->script);
}
#define AUTO_MANAGER __attribute__((cleanup(free_manager)))

static int
check_name(const char *name, struct vss_err *err)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789@_.:-";
	if (*name && !strchr("-.", *name) && strspn(name, allowed) == strlen(name))
		return 0;
	VSS_AUTOFREE char *shown = vss_escaped(name);
	return vss_fail(err, VSS_INVALID, 0, "%s: not the name of a service", shown);
}

/* The first `name` of the path; NULL when there is none. */
static char *
in_path(const struct vss_strv *path, const char *name)
{
	struct stat st;
	for (size_t i = 0; i < path->n; i++) {
		char *file = vss_strf("%s/%s", path->v[i], name);
		if (stat(file, &st) == 0 && S_ISREG(st.st_mode))
			return file;
		free(file);
	}
	return NULL;
}

static int
find_manager(const char *name, struct manager *out, struct vss_err *err)
{
	VSS_AUTOSTRV struct vss_strv path = VSS_STRV_INIT;
	if (check_name(name, err) < 0)
		return -1;
	if (vss_services_path(&path))
		out->systemctl = in_path(&path, "systemctl");
	else if (access("/run/systemd/system", F_OK) == 0)
		out->systemctl = vss_strdup("systemctl");
	if (!out->systemctl)
		out->script = in_path(&path, name);
	const char *file = out->script ? out->script : out->systemctl;
	return file && *file == '/' ? vss_check_trust(file, err) : 0;
}

/* `Property=value` lines of systemctl show. */
static bool
has_line(const char *text, const char *line)
{
	size_t n = strlen(line);
	for (const char *at = text; (at = strstr(at, line)); at += n)
		if ((at == text || at[-1] == '\n') && (at[n] == '\n' || at[n] == '\0'))
			return true;
	return false;
}

static int
look_at_unit(const struct manager *m, const char *name, enum vss_service_state *out, struct vss_err *err)
{
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;
	const char *const argv[] = { m->systemctl, "show", "--property=LoadState,ActiveState", "--", name, NULL };
	int status = vss_run_leaving(argv, LOOK_MS, &text, err);
	if (status < 0)
		return -1;
	if (status != 0 || !strstr(text.data, "ActiveState="))
		return vss_fail(err, VSS_SYSTEM, 0, "%s: systemctl does not say its state (status %d)", name, status);
	if (has_line(text.data, "ActiveState=inactive") || has_line(text.data, "ActiveState=failed"))
		*out = has_line(text.data, "LoadState=not-found") ? VSS_SERVICE_ABSENT : VSS_SERVICE_STOPPED;
	else
		*out = VSS_SERVICE_RUNNING;
	return 0;
}

/* The exit statuses of `status` are those of the Linux Standard Base; 4 is "unknown". */
static int
look_by_script(const struct manager *m, const char *name, enum vss_service_state *out, struct vss_err *err)
{
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;
	const char *const argv[] = { m->script, "status", NULL };
	int status = vss_run_leaving(argv, LOOK_MS, &text, err);
	if (status < 0)
		return -1;
	if (status > 3)
		return vss_fail(err, VSS_SYSTEM, 0, "%s: %s status does not say its state (status %d)", name, m->script,
			status);
	*out = status == 0 ? VSS_SERVICE_RUNNING : VSS_SERVICE_STOPPED;
	return 0;
}

static int
look(const struct manager *m, const char *name, enum vss_service_state *out, struct vss_err *err)
{
	if (m->systemctl)
		return look_at_unit(m, name, out, err);
	if (m->script)
		return look_by_script(m, name, out, err);
	*out = VSS_SERVICE_ABSENT;
	return 0;
}

int
vss_service_look(const char *name, enum vss_service_state *out, struct vss_err *err)
{
	AUTO_MANAGER struct manager m = { NULL, NULL };
	return find_manager(name, &m, err) < 0 ? -1 : look(&m, name, out, err);
}

static int
command(const struct manager *m, const char *verb, const char *name, int timeout_ms, struct vss_err *err)
{
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;
	const char *const unit[] = { m->systemctl, verb, "--", name, NULL };
	const char *const script[] = { m->script, verb, NULL };
	int status = vss_run_leaving(m->systemctl ? unit : script, timeout_ms, &text, err);
	if (status < 0)
		return vss_wrap(err, "%s", name);
	if (status == 0)
		return 0;
	VSS_AUTOFREE char *said = vss_last_line(&text);
	return vss_fail(err, VSS_SYSTEM, 0, "service %s: %s ended with status %d%s%s", name, verb, status,
		said ? ": " : "", said ? said : "");
}

/* Until it is as wanted. */
static int
settle(const struct manager *m, const char *name, enum vss_service_state wanted, struct vss_err *err)
{
	int64_t deadline = vss_now_mono() + SETTLE_MS * VSS_MS;
	enum vss_service_state now = VSS_SERVICE_ABSENT;
	for (;;) {
		if (look(m, name, &now, err) < 0)
			return -1;
		if (now == wanted)
			return 0;
		if (vss_now_mono() >= deadline)
			return vss_fail(err, VSS_BUSY, 0, "%s: still %s", name,
				now == VSS_SERVICE_RUNNING ? "running" : "stopped");
		poll(NULL, 0, SETTLE_STEP_MS);
	}
}

static int
change(const char *name, const char *verb, enum vss_service_state wanted, int timeout_ms, struct vss_err *err)
{
	AUTO_MANAGER struct manager m = { NULL, NULL };
	enum vss_service_state now = VSS_SERVICE_ABSENT;
	if (find_manager(name, &m, err) < 0 || look(&m, name, &now, err) < 0)
		return -1;
	if (now == VSS_SERVICE_ABSENT)
		return vss_fail(err, VSS_ABSENT, 0, "%s: no such service", name);
	if (now == wanted)
		return 0;
	return command(&m, verb, name, timeout_ms, err) < 0 ? -1 : settle(&m, name, wanted, err);
}

int
vss_service_stop(const char *name, int timeout_ms, struct vss_err *err)
{
	return change(name, "stop", VSS_SERVICE_STOPPED, timeout_ms, err);
}

int
vss_service_start(const char *name, int timeout_ms, struct vss_err *err)
{
	return change(name, "start", VSS_SERVICE_RUNNING, timeout_ms, err);
}
