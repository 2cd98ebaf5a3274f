/* SPDX-License-Identifier: BSD-2-Clause */
#include "environment.h"
#include "writer.h"

#include "base/mem.h"
#include "base/path.h"
#include "base/time.h"
#include "os/service.h"
#include "wire/line.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static const char nonretryable[] = "VSS_E_WRITERERROR_NONRETRYABLE";
enum { SERVICE_TIMEOUT_MS = 120000 };

/* What the backup noted of the component; else what is known of it now. */
static int
read_note(const struct openldap_writer *o, const struct vss_sdk *w, size_t line, struct vss_line *out,
	struct vss_err *err)
{
	const char *noted = vss_sdk_line_get(w, line, "backup-metadata");
	const char *name = vss_sdk_line_word(w, line, 3);
	struct part part;
	VSS_AUTOFREE char *known = !noted && openldap_find_part(o, w, line, &part) ? openldap_note(&part) : NULL;
	const char *text = noted ? noted : known;

	if (!text)
		return vss_fail(
			err, VSS_INVALID, 0, "%s: is not known here", name ? name : "a component without a name");
	if (vss_line_parse(text, strlen(text), out, err) != 0)
		return -1;
	if (out->nwords < 2)
		return vss_fail(err, VSS_INVALID, 0, "%s: the backup's note cannot be read", text);
	return 0;
}

static bool
is_config(const struct vss_line *note)
{
	return strcmp(vss_line_word(note, 0), "config") == 0;
}

/* A directory that somebody has open.  NULL: none, or *err is set. */
static const char *
directory_in_use(const struct vss_line *note, long *pid, struct vss_err *err)
{
	for (size_t i = is_config(note) ? 2 : 1; i < note->nwords; i++) {
		int used = environment_in_use(note->words[i], pid, err);

		if (used != 0)
			return used > 0 ? note->words[i] : NULL;
	}
	return NULL;
}

static int
refuse_use(const struct vss_line *note, struct vss_err *err)
{
	long pid;
	const char *directory = directory_in_use(note, &pid, err);

	if (directory)
		return vss_fail(err, VSS_BUSY, 0,
			"%s: is in use by process %ld: stop slapd first, or let it be stopped (stop-service=yes)",
			directory, pid);
	return err->code == VSS_OK ? 0 : -1;
}

static int
stop_service(struct openldap_writer *o, const char *name, struct vss_err *err)
{
	enum vss_service_state state;

	if (vss_strv_has(&o->comeback.stopped, name))
		return 0;
	if (vss_service_look(name, &state, err) != 0)
		return -1;
	if (state != VSS_SERVICE_RUNNING)
		return 0;
	if (vss_service_stop(name, SERVICE_TIMEOUT_MS, err) != 0)
		return -1;
	vss_strv_add(&o->comeback.stopped, name);
	return 0;
}

/* A server whose configuration is lost, and that no line of ours names, is as the options say. */
static int
close_server(struct openldap_writer *o, const struct vss_sdk *w, size_t line, const struct vss_line *note,
	struct vss_err *err)
{
	long pid;
	struct part part;
	bool known = openldap_find_part(o, w, line, &part);
	bool may_stop = known ? part.server->stop_service : o->config.stop_service;
	const char *service = known ? part.server->service : o->config.service ? o->config.service : "slapd";

	if (may_stop && directory_in_use(note, &pid, err) && stop_service(o, service, err) != 0)
		return -1;
	return err->code == VSS_OK ? refuse_use(note, err) : -1;
}

/* In the same directory, under a name that no component takes in. */
static int
set_aside(struct openldap_writer *o, const char *path, struct vss_err *err)
{
	char stamp[32];
	time_t now = (time_t)(vss_now_wall() / VSS_S);
	struct tm tm;

	gmtime_r(&now, &tm);
	strftime(stamp, sizeof stamp, "%Y%m%dT%H%M%SZ", &tm);
	VSS_AUTOFREE char *to = vss_strf("%s.before-restore.%s", path, stamp);
	if (renameat2(AT_FDCWD, path, AT_FDCWD, to, RENAME_NOREPLACE) != 0)
		return errno == ENOENT ? 0 : vss_fail(err, VSS_SYSTEM, errno, "%s: set aside", path);
	vss_strv_add(&o->comeback.moved, path);
	vss_strv_add(&o->comeback.moved, to);
	return 0;
}

/* The files of slapd.conf are replaced one by one: those that are not in the backup belong to nobody here. */
static int
set_component_aside(struct openldap_writer *o, const struct vss_line *note, struct vss_err *err)
{
	VSS_AUTOFREE char *data = vss_path_join(vss_line_word(note, 1), "data.mdb");
	VSS_AUTOFREE char *root = vss_path_join(vss_line_word(note, 1), "cn=config.ldif");
	VSS_AUTOFREE char *below = vss_path_join(vss_line_word(note, 1), "cn=config");

	if (!is_config(note))
		return set_aside(o, data, err);
	if (vss_str_ends(vss_line_word(note, 1), ".conf"))
		return 0;
	return set_aside(o, root, err) == 0 ? set_aside(o, below, err) : -1;
}

/* All servers are seen to be closed before anything is moved. */
int
openldap_pre_restore(struct vss_sdk *w, void *self)
{
	struct openldap_writer *o = self;
	struct vss_err err = VSS_ERR_INIT;
	int r = 0;

	for (int moving = 0; moving < 2; moving++)
		for (size_t i = 0; i < vss_sdk_lines(w) && r == 0; i++) {
			struct vss_line note = VSS_LINE_INIT;

			if (!vss_str_eq(vss_sdk_line_word(w, i, 0), "component"))
				continue;
			r = read_note(o, w, i, &note, &err);
			if (r == 0)
				r = moving ? set_component_aside(o, &note, &err) : close_server(o, w, i, &note, &err);
			vss_line_clear(&note);
		}
	return r == 0 ? 0 : vss_sdk_fail(w, nonretryable, 0, "%s", err.text);
}

/* What nothing has come in the place of is put back. */
static void
put_back(struct openldap_writer *o)
{
	for (size_t i = 0; i + 1 < o->comeback.moved.n; i += 2)
		if (renameat2(AT_FDCWD, o->comeback.moved.v[i + 1], AT_FDCWD, o->comeback.moved.v[i],
			    RENAME_NOREPLACE) != 0 &&
			errno != EEXIST)
			fprintf(stderr, "%s: put back: %s\n", o->comeback.moved.v[i + 1], strerror(errno));
}

/* A server whose files came back in part is left for somebody to look at. */
int
openldap_post_restore(struct vss_sdk *w, void *self)
{
	struct openldap_writer *o = self;
	struct vss_err err = VSS_ERR_INIT;
	bool whole = true;
	int r = 0;

	for (size_t i = 0; i < vss_sdk_lines(w); i++) {
		const char *status = vss_sdk_line_get(w, i, "status");

		whole = whole && !vss_str_eq(status, "failed");
	}
	put_back(o);
	for (size_t i = 0; i < o->comeback.stopped.n && r == 0; i++) {
		const char *service = o->comeback.stopped.v[i];

		if (!whole)
			r = vss_fail(&err, VSS_PARTIAL, 0, "%s: was stopped, and is not started: not all came back",
				service);
		else
			r = vss_service_start(service, SERVICE_TIMEOUT_MS, &err);
	}
	vss_strv_free(&o->comeback.moved);
	vss_strv_free(&o->comeback.stopped);
	return r == 0 ? 0 : vss_sdk_fail(w, nonretryable, 0, "%s", err.text);
}
