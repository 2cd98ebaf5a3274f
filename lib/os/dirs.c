/* SPDX-License-Identifier: BSD-2-Clause */
#include "os/dirs.h"

#include "base/mem.h"
#include "base/path.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Every value of a variable that was ever asked for, made absolute: callers keep the pointers, so none is freed. */
struct place {
	struct place *next;
	char *given, *path;
};

static struct place *places;
static pthread_mutex_t places_lock = PTHREAD_MUTEX_INITIALIZER;

static const char *
known_place(const char *given)
{
	for (const struct place *p = places; p; p = p->next)
		if (strcmp(p->given, given) == 0)
			return p->path;
	VSS_AUTOFREE char *cwd = *given == '/' ? NULL : getcwd(NULL, 0);
	struct place *p = vss_alloc(sizeof *p);
	p->given = vss_strdup(given);
	p->path = vss_path_clean(given, cwd ? cwd : "/");
	p->next = places;
	places = p;
	return p->path;
}

static const char *
place_of(const char *variable, const char *otherwise)
{
	const char *given = secure_getenv(variable);
	if (!given || !*given)
		return otherwise;
	pthread_mutex_lock(&places_lock);
	const char *path = known_place(given);
	pthread_mutex_unlock(&places_lock);
	return path;
}

const char *
vss_state_dir(void)
{
	return place_of("VSS_STATE_DIR", "/var/lib/vss");
}

const char *
vss_run_dir(void)
{
	return place_of("VSS_RUN_DIR", "/run/vss");
}

const char *
vss_limits_dir(void)
{
	return place_of("VSS_LIMITS_DIR", "/etc/vss/limits");
}

/* A new entry unless it is there already: the prefix may be /usr. */
static void
add_once(struct vss_strv *out, const char *dir)
{
	if (!vss_strv_has(out, dir))
		vss_strv_add(out, dir);
}

static void
search_path(const char *variable, const char *const *otherwise, struct vss_strv *out)
{
	const char *given = secure_getenv(variable);
	if (!given) {
		for (; *otherwise; otherwise++)
			add_once(out, *otherwise);
		return;
	}
	while (*given) {
		size_t n = strcspn(given, ":");
		if (n > 0)
			vss_strv_take(out, vss_strndup(given, n));
		given += n + (given[n] == ':');
	}
}

void
vss_writers_path(struct vss_strv *out)
{
	static const char *const otherwise[] = { "/etc/vss/writers.d", VSS_SYSCONFDIR "/writers.d",
		"/usr/lib/vss/writers.d", VSS_LIBDIR "/writers.d", NULL };
	search_path("VSS_WRITERS_PATH", otherwise, out);
}

void
vss_providers_path(struct vss_strv *out)
{
	static const char *const otherwise[] = { "/etc/vss/providers.d", VSS_SYSCONFDIR "/providers.d",
		"/usr/lib/vss/providers.d", VSS_LIBDIR "/providers.d", NULL };
	search_path("VSS_PROVIDERS_PATH", otherwise, out);
}

void
vss_exclude_path(struct vss_strv *out)
{
	static const char *const otherwise[] = { "/etc/vss/exclude.d", VSS_SYSCONFDIR "/exclude.d", NULL };
	search_path("VSS_EXCLUDE_PATH", otherwise, out);
}

void
vss_block_revert_path(struct vss_strv *out)
{
	static const char *const otherwise[] = { "/etc/vss/block-revert.d", VSS_SYSCONFDIR "/block-revert.d", NULL };
	search_path("VSS_BLOCK_REVERT_PATH", otherwise, out);
}

bool
vss_services_path(struct vss_strv *out)
{
	static const char *const otherwise[] = { "/etc/init.d", NULL };
	search_path("VSS_SERVICE_PATH", otherwise, out);
	return secure_getenv("VSS_SERVICE_PATH") != NULL;
}

/* What stands at `path` already must be a directory that only root or we ourselves can give away. */
static int
check_existing(const char *path, struct vss_err *err)
{
	struct stat st;
	if (stat(path, &st) < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "%s", path);
	if (!S_ISDIR(st.st_mode))
		return vss_fail(err, VSS_SYSTEM, ENOTDIR, "%s", path);
	if (st.st_uid != 0 && st.st_uid != geteuid())
		return vss_fail(err, VSS_DENIED, 0, "%s: belongs to another user (%u)", path, st.st_uid);
	return 0;
}

int
vss_make_dirs(const char *path, struct vss_err *err)
{
	if (mkdir(path, 0700) == 0)
		return 0;
	if (errno == EEXIST)
		return check_existing(path, err);
	if (errno != ENOENT || !strchr(path, '/'))
		return vss_fail(err, VSS_SYSTEM, errno, "%s: make directory", path);

	VSS_AUTOFREE char *at = vss_strdup(path);
	for (char *slash = at + strspn(at, "/"); (slash = strchr(slash, '/')); *slash++ = '/') {
		*slash = '\0';
		if (mkdir(at, 0700) < 0 && errno != EEXIST)
			return vss_fail(err, VSS_SYSTEM, errno, "%s: make directory", at);
	}
	if (mkdir(path, 0700) < 0 && errno != EEXIST)
		return vss_fail(err, VSS_SYSTEM, errno, "%s: make directory", path);
	return check_existing(path, err);
}

static char *
path_below(const char *root, const char *dir, const char *name, struct vss_err *err)
{
	VSS_AUTOFREE char *at = vss_path_join(root, dir);
	if (vss_make_dirs(at, err) < 0)
		return NULL;
	return vss_path_join(at, name);
}

char *
vss_run_path(const char *dir, const char *name, struct vss_err *err)
{
	return path_below(vss_run_dir(), dir, name, err);
}

char *
vss_state_path(const char *dir, const char *name, struct vss_err *err)
{
	return path_below(vss_state_dir(), dir, name, err);
}
