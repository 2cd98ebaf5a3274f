/* SPDX-License-Identifier: BSD-2-Clause */
#include "environment.h"
#include "identify.h"
#include "stamp.h"
#include "tools.h"
#include "writer.h"

#include "base/mem.h"
#include "base/path.h"
#include "base/time.h"
#include "os/durable.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char nonretryable[] = "VSS_E_WRITERERROR_NONRETRYABLE";
static const char retryable[] = "VSS_E_WRITERERROR_RETRYABLE";
enum { CONFIG_BYTES = 64 << 20, DUMP_TIMEOUT_MS = 540000 };

static void
end_operation(struct openldap_writer *o)
{
	holders_clear(&o->holders);
	vss_buf_reset(&o->stamp);
	free(o->parts);
	o->parts = NULL;
	o->nparts = o->cparts = 0;
}

void
openldap_writer_clear(struct openldap_writer *o)
{
	end_operation(o);
	vss_buf_free(&o->stamp);
	vss_strv_free(&o->comeback.moved);
	vss_strv_free(&o->comeback.stopped);
	servers_clear(&o->servers);
	config_clear(&o->config);
}

static const char *
component_of(const struct part *p)
{
	return p->database ? p->database->name : OPENLDAP_CONFIG_COMPONENT;
}

static void
fail_part(struct vss_sdk *w, const struct part *p, const char *text)
{
	vss_sdk_say(w, "component-failure");
	vss_sdk_word(w, p->server->name);
	vss_sdk_word(w, component_of(p));
	vss_sdk_word(w, nonretryable);
	vss_sdk_word(w, text);
	vss_sdk_said(w);
	vss_sdk_veto(w, "VSS_E_WRITERERROR_PARTIAL_FAILURE", 0, "%s", text);
}

static int
check_part(const struct part *p, struct vss_err *err)
{
	const struct server *s = p->server;
	VSS_AUTOFREE char *data = p->database ? vss_path_join(p->database->directory, "data.mdb") : NULL;

	if (s->lost)
		return vss_fail(
			err, VSS_ABSENT, 0, "%s: the configuration is not there", s->config ? s->config : s->conf.v[0]);
	if (data && access(data, F_OK) != 0)
		return vss_fail(err, VSS_SYSTEM, errno, "%s", data);
	return 0;
}

static void
take(struct openldap_writer *o, struct vss_sdk *w, const struct part *p)
{
	struct vss_err err = VSS_ERR_INIT;

	if (check_part(p, &err) != 0) {
		fail_part(w, p, err.text);
		return;
	}
	VSS_AUTOFREE char *note = openldap_note(p);
	VSS_PUSH(o->parts, o->nparts, o->cparts) = *p;
	vss_sdk_say(w, "backup-metadata");
	vss_sdk_word(w, p->server->name);
	vss_sdk_word(w, component_of(p));
	vss_sdk_word(w, note);
	vss_sdk_said(w);
}

static void
take_all(struct openldap_writer *o, struct vss_sdk *w)
{
	for (size_t i = 0; i < o->servers.n; i++) {
		const struct server *s = &o->servers.v[i];

		take(o, w, &(struct part){ .server = s });
		for (size_t k = 0; k < s->ndatabases; k++)
			take(o, w, &(struct part){ .server = s, .database = &s->databases[k] });
	}
}

static int
on_prepare_backup(struct vss_sdk *w, void *self)
{
	struct openldap_writer *o = self;
	struct part part;

	end_operation(o);
	for (size_t i = 0; i < vss_sdk_lines(w); i++) {
		const char *mode = vss_sdk_line_get(w, i, "component-mode"), *word = vss_sdk_line_word(w, i, 0);

		if (mode && strcmp(mode, "no") == 0) {
			end_operation(o);
			take_all(o, w);
			return 0;
		}
		if (vss_str_eq(word, "component") && openldap_find_part(o, w, i, &part))
			take(o, w, &part);
	}
	return 0;
}

/* Where the LDIF of a server goes; NULL: nobody wants it. */
static char *
dump_path(struct vss_sdk *w, const struct server *s, const char *component, struct vss_err *err)
{
	if (!vss_sdk_scratch(w))
		return NULL;
	VSS_AUTOFREE char *dir = vss_path_join(vss_sdk_scratch(w), s->name);

	if (mkdir(dir, 0700) != 0 && errno != EEXIST) {
		vss_fail(err, VSS_SYSTEM, errno, "%s", dir);
		return NULL;
	}
	return vss_strf("%s/%s.ldif", dir, component);
}

static int
stamp_all(const struct openldap_writer *o, struct vss_buf *out, struct vss_err *err)
{
	for (size_t i = 0; i < o->nparts; i++)
		if (!o->parts[i].database && stamp_config(o->parts[i].server, out, err) != 0)
			return -1;
	return 0;
}

static int
dump_config(struct vss_sdk *w, const struct server *s, struct vss_err *err)
{
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;
	VSS_AUTOFREE char *path = s->config ? dump_path(w, s, OPENLDAP_CONFIG_COMPONENT, err) : NULL;

	if (!path)
		return err->code == VSS_OK ? 0 : -1;
	if (slapcat_config(s->config, CONFIG_BYTES, &text, err) != 0)
		return -1;
	return vss_write_file(path, text.data ? text.data : "", text.len, 0600, err);
}

static int
on_prepare_snapshot(struct vss_sdk *w, void *self)
{
	struct openldap_writer *o = self;
	struct vss_err err = VSS_ERR_INIT;

	vss_buf_reset(&o->stamp);
	if (stamp_all(o, &o->stamp, &err) != 0)
		return vss_sdk_fail(w, nonretryable, 0, "%s", err.text);
	for (size_t i = 0; i < o->nparts; i++)
		if (!o->parts[i].database && dump_config(w, o->parts[i].server, &err) != 0)
			fail_part(w, &o->parts[i], err.text);
	return 0;
}

/* The LDIF was made of the files that prepare-snapshot saw: they must be the same until thaw. */
static int
check_stamp(const struct openldap_writer *o, struct vss_err *err)
{
	VSS_AUTOBUF struct vss_buf now = VSS_BUF_INIT;

	if (stamp_all(o, &now, err) != 0)
		return -1;
	if (now.len == o->stamp.len && (now.len == 0 || memcmp(now.data, o->stamp.data, now.len) == 0))
		return 0;
	return vss_fail(err, VSS_BUSY, 0, "the configuration of slapd was changed meanwhile");
}

/* Nobody has it open: nobody writes to it, and LMDB needs no shutdown to be whole. */
static int
look_who_is_there(struct openldap_writer *o, struct vss_err *err)
{
	long pid;

	for (size_t i = 0; i < o->nparts; i++) {
		struct part *p = &o->parts[i];
		int used = p->database ? environment_in_use(p->database->directory, &pid, err) : 0;

		if (used < 0)
			return -1;
		p->idle = p->database && !used;
		if (used)
			holders_add(&o->holders, p->database->directory);
	}
	return 0;
}

static void
say_evidence(struct openldap_writer *o, struct vss_sdk *w)
{
	for (size_t i = 0, k = 0; i < o->nparts; i++) {
		const struct database *d = o->parts[i].database;

		if (d && o->parts[i].idle)
			vss_sdk_evidence(w, d->directory, "closed sync=%s", d->sync);
		else if (d)
			vss_sdk_evidence(w, d->directory, "%s sync=%s", holder_evidence(&o->holders.v[k++]), d->sync);
	}
	if (o->holders.n == 0)
		vss_sdk_evidence(w, "stopped", "clean");
}

/* Half of the window at most is for waiting: the other half belongs to those who make the copies. */
static int
on_freeze(struct vss_sdk *w, void *self)
{
	struct openldap_writer *o = self;
	struct vss_err err = VSS_ERR_INIT;
	long window = vss_sdk_window_ms(w), wait = window / 2;

	if (wait > (long)o->config.hold_ms)
		wait = (long)o->config.hold_ms;
	holders_clear(&o->holders);
	if (check_stamp(o, &err) != 0 || look_who_is_there(o, &err) != 0 ||
		holders_hold(&o->holders, vss_now_mono() + wait * VSS_MS, window, &err) != 0)
		return vss_sdk_veto(w, err.code == VSS_BUSY ? retryable : nonretryable, 0, "%s", err.text);
	say_evidence(o, w);
	vss_sdk_hold(w, "files");
	return 0;
}

/* Whoever came in meanwhile may have written. */
static int
check_idle(const struct openldap_writer *o, struct vss_err *err)
{
	long pid;

	for (size_t i = 0; i < o->nparts; i++) {
		const struct part *p = &o->parts[i];
		int used = p->idle ? environment_in_use(p->database->directory, &pid, err) : 0;

		if (used < 0)
			return -1;
		if (used)
			return vss_fail(err, VSS_BUSY, 0, "%s: was opened while it was copied", p->database->directory);
	}
	return 0;
}

static int
on_thaw(struct vss_sdk *w, void *self, enum vss_sdk_thaw_reason reason)
{
	struct openldap_writer *o = self;
	struct vss_err err = VSS_ERR_INIT;
	int released = holders_release(&o->holders, &err);

	if (reason != VSS_SDK_THAW_EVENT || (released == 0 && check_idle(o, &err) == 0 && check_stamp(o, &err) == 0))
		return 0;
	return vss_sdk_fail(w, retryable, 0, "%s", err.text);
}

/* After the thaw, so that it has all that the copy has. */
static int
on_post_snapshot(struct vss_sdk *w, void *self)
{
	struct openldap_writer *o = self;

	for (size_t i = 0; i < o->nparts; i++) {
		const struct part *p = &o->parts[i];
		struct vss_err err = VSS_ERR_INIT;

		if (!p->database || !p->server->ldif)
			continue;
		VSS_AUTOFREE char *path = dump_path(w, p->server, p->database->name, &err);
		if (path && slapcat_data(p->server, p->database, path, DUMP_TIMEOUT_MS, &err) == 0)
			continue;
		if (err.code != VSS_OK)
			fail_part(w, p, err.text);
	}
	return 0;
}

static int
on_end(struct vss_sdk *w, void *self)
{
	(void)w;
	end_operation(self);
	return 0;
}

const struct vss_sdk_ops openldap_writer_ops = {
	.identify = openldap_identify,
	.prepare_backup = on_prepare_backup,
	.prepare_snapshot = on_prepare_snapshot,
	.freeze = on_freeze,
	.thaw = on_thaw,
	.post_snapshot = on_post_snapshot,
	.abort = on_end,
	.backup_shutdown = on_end,
	.pre_restore = openldap_pre_restore,
	.post_restore = openldap_post_restore,
};
