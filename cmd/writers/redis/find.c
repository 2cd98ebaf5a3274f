/* SPDX-License-Identifier: BSD-2-Clause */
#include "find.h"

#include "base/mem.h"
#include "base/num.h"
#include "base/path.h"
#include "os/durable.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char suffix[] = ".conf";

static int
add(struct config *c, const char *name, const char *path, struct vss_err *err)
{
	struct redisconf own = { 0 };

	if (redisconf_read(path, &own, err) != 0) {
		redisconf_clear(&own);
		return -1;
	}
	bool sentinel = own.sentinel;
	redisconf_clear(&own);
	if (sentinel)
		return 0;
	for (size_t i = 0; i < c->ninstances; i++) {
		struct config_instance *known = &c->instances[i];

		if (strcmp(known->name, name) != 0)
			continue;
		if (!known->conf)
			known->conf = vss_strdup(path);
		return 0;
	}
	VSS_PUSH(c->instances, c->ninstances, c->cinstances) =
		(struct config_instance){ .name = vss_strdup(name), .conf = vss_strdup(path) };
	return 0;
}

static int
is_conf(const struct dirent *e)
{
	size_t n = strlen(e->d_name);

	return n > sizeof suffix - 1 && e->d_name[0] != '.' && vss_str_ends(e->d_name, suffix);
}

int
find_instances(struct config *c, const char *dir, struct vss_err *err)
{
	struct dirent **entries;
	int n = scandir(dir, &entries, is_conf, alphasort), r = 0;

	if (n < 0)
		return errno == ENOENT ? 0 : vss_fail(err, VSS_SYSTEM, errno, "%s", dir);
	for (int i = 0; i < n; i++) {
		VSS_AUTOFREE char *path = vss_path_join(dir, entries[i]->d_name);
		VSS_AUTOFREE char *name =
			vss_strndup(entries[i]->d_name, strlen(entries[i]->d_name) - (sizeof suffix - 1));

		if (r == 0 && !vss_strv_has(&c->ignores, name))
			r = add(c, name, path, err);
		free(entries[i]);
	}
	free(entries);
	return r;
}

int
process_works_in(pid_t pid, const char *dir)
{
	VSS_AUTOFREE char *link = vss_strf("/proc/%d/cwd", (int)pid);
	struct stat a, b;

	if (stat(dir, &a) != 0)
		return 0;
	if (stat(link, &b) != 0)
		return errno == EACCES || errno == EPERM ? -1 : 0;
	return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

static bool
is_redis(pid_t pid)
{
	VSS_AUTOFREE char *path = vss_strf("/proc/%d/comm", (int)pid);
	VSS_AUTOBUF struct vss_buf name = VSS_BUF_INIT;
	struct vss_err err = VSS_ERR_INIT;

	return vss_read_file(path, 64, &name, &err) == 0 && name.len > 0 &&
	       (vss_str_starts(name.data, "redis-") || vss_str_starts(name.data, "valkey-") ||
		       vss_str_starts(name.data, "keydb-"));
}

pid_t
find_process(const char *dir)
{
	DIR *proc = opendir("/proc");
	pid_t found = 0;
	uint64_t n;

	for (struct dirent *e; proc && !found && (e = readdir(proc));)
		if (vss_parse_u64(e->d_name, &n) == 0 && is_redis((pid_t)n) && process_works_in((pid_t)n, dir) > 0)
			found = (pid_t)n;
	if (proc)
		closedir(proc);
	return found;
}

bool
pidfile_lives(const char *path)
{
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;
	struct vss_err err = VSS_ERR_INIT;
	uint64_t n;

	if (vss_read_file(path, 64, &text, &err) != 0 || text.len == 0)
		return false;
	text.data[strcspn(text.data, "\n")] = '\0';
	return vss_parse_u64(text.data, &n) == 0 && n > 0 && (kill((pid_t)n, 0) == 0 || errno == EPERM) &&
	       is_redis((pid_t)n);
}
