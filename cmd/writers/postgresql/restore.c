/* SPDX-License-Identifier: BSD-2-Clause */
#include "restore.h"

#include "wal.h"

#include "base/mem.h"
#include "base/path.h"
#include "model/logical.h"
#include "os/child.h"
#include "os/service.h"
#include "tree/aside.h"
#include "wire/line.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SERVICE_MS = 300000, VERSION_MS = 5000 };

struct returning {
	char *logical, *name;
	char *version, *data;
	struct vss_strv dirs; /* all that it lies in: tablespaces, the log if it lies elsewhere, the data directory */
	size_t ntablespaces;
	struct vss_strv aside; /* for each that was emptied: where its content is, "" for nothing */
	const struct config_cluster *options;
	bool stopped; /* its service, by us */
};

/* --- the note --- */

char *
restore_note(const struct disk *d)
{
	struct vss_buf out = VSS_BUF_INIT;

	vss_line_begin(&out, "cluster");
	for (size_t i = 0; i < d->tablespaces.n; i++)
		if (!vss_path_is_below(d->tablespaces.v[i], d->data))
			vss_line_add(&out, d->tablespaces.v[i]);
	vss_line_add_pair(&out, "version", d->version);
	vss_line_add_pair(&out, "data", d->data);
	vss_line_add_pair(&out, "log", d->wal);
	return vss_buf_take(&out);
}

static int
take_note(struct returning *x, const struct vss_line *l, struct vss_err *err)
{
	const char *data = vss_line_get(l, "data"), *log = vss_line_get(l, "log"),
		   *version = vss_line_get(l, "version");

	if (strcmp(vss_line_word(l, 0), "cluster") != 0 || !data || !log || !version)
		return vss_fail(
			err, VSS_INVALID, 0, "the backup does not say what its cluster was: restore it with --target");
	x->version = vss_strdup(version);
	x->data = vss_path_clean(data, "/");
	for (size_t i = 1; i < l->nwords; i++)
		vss_strv_take(&x->dirs, vss_path_clean(l->words[i], "/"));
	x->ntablespaces = x->dirs.n;
	VSS_AUTOFREE char *wal = vss_path_clean(log, "/");
	if (!vss_path_is_below(wal, x->data))
		vss_strv_add(&x->dirs, wal);
	vss_strv_add(&x->dirs, x->data);
	return 0;
}

static void
returning_clear(struct returning *x)
{
	free(x->logical);
	free(x->name);
	free(x->version);
	free(x->data);
	vss_strv_free(&x->dirs);
	vss_strv_free(&x->aside);
}

void
restore_clear(struct restore *r)
{
	for (size_t i = 0; i < r->n; i++)
		returning_clear(&r->v[i]);
	free(r->v);
	*r = (struct restore){ 0 };
}

static const struct config_cluster *
options_of(const struct config *c, const struct returning *x)
{
	VSS_AUTOFREE char *label = vss_logical_full(x->logical, x->name, '/');

	return config_find(c, label + 1);
}

/*
 * An argument line `component TYPE LOGICAL-PATH NAME backup-metadata=...`; those without a note are dumps
 * and archived log.
 */
static int
take_component(struct restore *r, const struct config *c, const struct vss_sdk *w, size_t line, struct vss_err *err)
{
	const char *word = vss_sdk_line_word(w, line, 0), *path = vss_sdk_line_word(w, line, 2);
	const char *name = vss_sdk_line_word(w, line, 3), *note = vss_sdk_line_get(w, line, "backup-metadata");
	struct vss_line l = VSS_LINE_INIT;

	if (!name || strcmp(word, "component") != 0 || !note || strcmp(note, RESTORE_NOTHING) == 0)
		return 0;
	struct returning *x = &VSS_PUSH(r->v, r->n, r->cap);
	*x = (struct returning){ .logical = vss_strdup(path), .name = vss_strdup(name) };
	x->options = options_of(c, x);
	int rc = vss_line_parse(note, strlen(note), &l, err);
	if (rc == 0)
		rc = take_note(x, &l, err);
	vss_line_clear(&l);
	return rc;
}

/* --- looking --- */

static bool
stays(const char *name)
{
	return name[0] == '.' || strcmp(name, "lost+found") == 0 || vss_str_starts(name, "before-restore.");
}

/* What is set aside is this engine's, and not what happens to lie where the backup's cluster was. */
static int
check_content(const char *dir, bool (*belongs)(const char *name), struct vss_err *err)
{
	DIR *d = opendir(dir);
	int rc = 0;

	if (!d)
		return errno == ENOENT ? 0 : vss_fail(err, VSS_SYSTEM, errno, "%s", dir);
	for (const struct dirent *e; rc == 0 && (e = readdir(d));)
		if (!stays(e->d_name) && !belongs(e->d_name))
			rc = vss_fail(err, VSS_EXISTS, 0, "%s: holds something else than a cluster (%s): move it away",
				dir, e->d_name);
	closedir(d);
	return rc;
}

static bool
nothing_belongs(const char *name)
{
	(void)name;
	return false;
}

/* Directories of databases are numbers. */
static bool
tablespace_belongs(const char *name)
{
	return strspn(name, "0123456789") == strlen(name) || vss_str_starts(name, "pgsql_tmp");
}

static int
check_data(const struct returning *x, struct vss_err *err)
{
	VSS_AUTOFREE char *version = disk_version(x->data);

	if (!version)
		return check_content(x->data, nothing_belongs, err);
	if (strcmp(version, x->version) == 0)
		return 0;
	return vss_fail(err, VSS_INVALID, 0,
		"%s: holds a cluster of version %s, the backup is of version %s: move it away", x->data, version,
		x->version);
}

static int
check_directories(const struct returning *x, struct vss_err *err)
{
	for (size_t i = 0; i + 1 < x->dirs.n; i++)
		if (check_content(x->dirs.v[i], i < x->ntablespaces ? tablespace_belongs : wal_belongs, err) != 0)
			return -1;
	return check_data(x, err);
}

/* Files of one version are of no use to the programs of another. */
static int
check_programs(const struct returning *x, struct vss_err *err)
{
	VSS_AUTOFREE char *found =
		x->options && x->options->bindir ? vss_strdup(x->options->bindir) : disk_bindir(x->version);
	VSS_AUTOBUF struct vss_buf said = VSS_BUF_INIT;

	if (!found)
		return vss_fail(err, VSS_ABSENT, 0,
			"the backup is of PostgreSQL %s, which is not installed here: install it first, or restore "
			"with --target",
			x->version);
	VSS_AUTOFREE char *program = vss_path_join(found, "pg_controldata");
	const char *const argv[] = { program, "--version", NULL };
	if (vss_run(argv, VERSION_MS, 4096, &said, err) != 0)
		return -1;
	const char *number = said.len > 0 ? strstr(said.data, "(PostgreSQL) ") : NULL;
	size_t n = strlen(x->version);
	if (number && strncmp(number + 13, x->version, n) == 0 && !strchr("0123456789", number[13 + n]))
		return 0;
	return vss_fail(err, VSS_INVALID, 0, "the backup is of PostgreSQL %s, and %s is not of that version",
		x->version, found);
}

static int
check_server(const struct returning *x, struct vss_err *err)
{
	pid_t pid = disk_server(x->data, NULL);

	if (!pid || (x->options && x->options->stop_service))
		return 0;
	return vss_fail(err, VSS_BUSY, 0,
		"%s: its server runs (process %ld): stop it first, or let it be stopped with service=NAME "
		"stop-service=yes",
		x->data, (long)pid);
}

static int
check(const struct returning *x, struct vss_err *err)
{
	if (check_programs(x, err) != 0 || check_directories(x, err) != 0)
		return -1;
	return check_server(x, err);
}

/* --- doing --- */

static int
stop_server(struct returning *x, struct vss_err *err)
{
	enum vss_service_state state = VSS_SERVICE_ABSENT;

	if (!disk_server(x->data, NULL))
		return 0;
	if (vss_service_look(x->options->service, &state, err) != 0)
		return -1;
	if (state == VSS_SERVICE_RUNNING && vss_service_stop(x->options->service, SERVICE_MS, err) != 0)
		return -1;
	x->stopped = state == VSS_SERVICE_RUNNING;
	if (disk_server(x->data, NULL))
		return vss_fail(err, VSS_BUSY, 0, "%s: its server runs on, though service %s is stopped", x->data,
			x->options->service);
	return 0;
}

static int
set_aside(struct returning *x, struct vss_err *err)
{
	for (size_t i = 0; i < x->dirs.n; i++) {
		VSS_AUTOBUF struct vss_buf where = VSS_BUF_INIT;

		if (vss_tree_set_aside(x->dirs.v[i], &where, err) != 0)
			return -1;
		vss_strv_add(&x->aside, where.len > 0 ? where.data : "");
		if (where.len > 0)
			fprintf(stderr, "%s: what was there is in %s\n", x->dirs.v[i], where.data);
	}
	return 0;
}

/* Nothing came: what was there stays there. */
static int
put_back(const char *dir, const char *aside, struct vss_err *err)
{
	DIR *d = opendir(aside);
	int rc = d ? 0 : vss_fail(err, VSS_SYSTEM, errno, "%s", aside);

	for (const struct dirent *e; d && (e = readdir(d));) {
		VSS_AUTOFREE char *from = vss_path_join(aside, e->d_name);
		VSS_AUTOFREE char *to = vss_path_join(dir, e->d_name);

		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0 && rename(from, to) != 0)
			rc = vss_fail(err, VSS_SYSTEM, errno, "%s: put back", from);
	}
	if (d)
		closedir(d);
	if (rc == 0 && rmdir(aside) != 0)
		rc = vss_fail(err, VSS_SYSTEM, errno, "%s", aside);
	return rc;
}

static int
undo(struct returning *x, struct vss_err *err)
{
	int rc = 0;

	for (size_t i = 0; i < x->aside.n; i++)
		if (*x->aside.v[i] && put_back(x->dirs.v[i], x->aside.v[i], err) != 0)
			rc = -1;
	vss_strv_free(&x->aside);
	return rc;
}

static int
start_again(struct returning *x, struct vss_err *err)
{
	bool due = x->stopped;

	x->stopped = false;
	return due ? vss_service_start(x->options->service, SERVICE_MS, err) : 0;
}

int
restore_begin(struct restore *r, const struct config *c, const struct vss_sdk *w, struct vss_err *err)
{
	int rc = 0;

	restore_clear(r);
	for (size_t i = 0; rc == 0 && i < vss_sdk_lines(w); i++)
		rc = take_component(r, c, w, i, err);
	for (size_t i = 0; rc == 0 && i < r->n; i++)
		rc = check(&r->v[i], err);
	for (size_t i = 0; rc == 0 && i < r->n; i++)
		rc = stop_server(&r->v[i], err);
	for (size_t i = 0; rc == 0 && i < r->n; i++)
		rc = set_aside(&r->v[i], err);
	if (rc == 0)
		return 0;
	for (size_t i = 0; i < r->n; i++) {
		struct vss_err why = VSS_ERR_INIT;

		if (undo(&r->v[i], &why) != 0 || start_again(&r->v[i], &why) != 0)
			fprintf(stderr, "%s\n", why.text);
	}
	restore_clear(r);
	return -1;
}

/* --- afterwards --- */

static const char *
status_of(const struct returning *x, const struct vss_sdk *w)
{
	for (size_t i = 0; i < vss_sdk_lines(w); i++) {
		const char *path = vss_sdk_line_word(w, i, 2), *name = vss_sdk_line_word(w, i, 3);

		if (name && vss_logical_same(path, x->logical) && strcmp(name, x->name) == 0)
			return vss_sdk_line_get(w, i, "status");
	}
	return NULL;
}

static int
settle(struct returning *x, const char *status, struct vss_err *err)
{
	bool none = vss_str_eq(status, "none"), all = vss_str_eq(status, "all");

	if (none && undo(x, err) != 0)
		return -1;
	if (none || all)
		return start_again(x, err);
	if (x->stopped)
		fprintf(stderr, "%s: not all of it came back: service %s stays stopped\n", x->data,
			x->options->service);
	return 0;
}

int
restore_end(struct restore *r, const struct vss_sdk *w, struct vss_err *err)
{
	int rc = 0;

	for (size_t i = 0; i < r->n; i++) {
		struct vss_err why = VSS_ERR_INIT;

		if (settle(&r->v[i], status_of(&r->v[i], w), &why) == 0)
			continue;
		if (rc == 0)
			*err = why;
		rc = -1;
	}
	restore_clear(r);
	return rc;
}
