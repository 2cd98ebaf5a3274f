/* SPDX-License-Identifier: BSD-2-Clause */
#include "identify.h"

#include "base/mem.h"
#include "base/path.h"
#include "model/logical.h"
#include "wire/line.h"

#include <string.h>

#define DUMPS "/var/backups/vss/openldap"

/* LDIF that goes beside the files: made in the scratch directory, archived below DUMPS. */
static void
say_dump(struct vss_sdk *w, const struct server *s, const char *component)
{
	if (!vss_sdk_scratch(w))
		return;
	VSS_AUTOFREE char *dir = vss_path_join(DUMPS, s->name);
	VSS_AUTOFREE char *spec = vss_strf("%s.ldif", component);
	VSS_AUTOFREE char *alternate = vss_path_join(vss_sdk_scratch(w), s->name);

	vss_sdk_files(w, &(struct vss_sdk_files){ .kind = "file",
				 .logical_path = s->name,
				 .name = component,
				 .dir = dir,
				 .spec = spec,
				 .alternate = alternate });
}

static void
say_conf_file(struct vss_sdk *w, const struct server *s, const char *path)
{
	VSS_AUTOFREE char *dir = vss_path_dir(path);

	vss_sdk_files(w, &(struct vss_sdk_files){ .kind = "file",
				 .logical_path = s->name,
				 .name = OPENLDAP_CONFIG_COMPONENT,
				 .dir = dir,
				 .spec = vss_path_base(path) });
}

static void
say_config(struct vss_sdk *w, const struct server *s)
{
	vss_sdk_component(w, "filegroup", s->name, OPENLDAP_CONFIG_COMPONENT, s->config ? s->config : s->conf.v[0]);
	for (size_t i = 0; i < s->conf.n; i++)
		say_conf_file(w, s, s->conf.v[i]);
	if (!s->config)
		return;
	VSS_AUTOFREE char *root = vss_path_join(s->config, "cn=config.ldif");
	VSS_AUTOFREE char *below = vss_path_join(s->config, "cn=config");
	say_conf_file(w, s, root);
	vss_sdk_files(w, &(struct vss_sdk_files){ .kind = "file",
				 .logical_path = s->name,
				 .name = OPENLDAP_CONFIG_COMPONENT,
				 .dir = below,
				 .spec = "*",
				 .recursive = 1 });
	say_dump(w, s, OPENLDAP_CONFIG_COMPONENT);
}

static void
say_database(struct vss_sdk *w, const struct server *s, const struct database *d)
{
	vss_sdk_component(w, "filegroup", s->name, d->name, d->directory);
	vss_sdk_files(w, &(struct vss_sdk_files){ .kind = "file",
				 .logical_path = s->name,
				 .name = d->name,
				 .dir = d->directory,
				 .spec = "data.mdb" });
	vss_sdk_exclude(w, d->directory, "lock.mdb", 0);
	if (s->ldif)
		say_dump(w, s, d->name);
}

/*
 * While an operation is under way its parts point into what was found, and the answer is to be the same
 * anyway.
 */
static int
search(struct openldap_writer *o, struct vss_err *err)
{
	if (o->nparts > 0)
		return 0;
	servers_clear(&o->servers);
	config_clear(&o->config);
	if (config_read(o->config_path, &o->config, err) != 0)
		return -1;
	return servers_find(&o->config, &o->servers, &o->installed, err);
}

int
openldap_identify(struct vss_sdk *w, void *self)
{
	struct openldap_writer *o = self;
	struct vss_err err = VSS_ERR_INIT;

	if (search(o, &err) != 0)
		return vss_sdk_fail(w, "VSS_E_WRITERERROR_NONRETRYABLE", 0, "%s", err.text);
	if (o->servers.n == 0 && !(o->installed && o->config.discover)) {
		vss_sdk_absent(w, o->installed ? "no instance is configured" : "no slapd is installed");
		return 0;
	}
	vss_sdk_writer(w, OPENLDAP_WRITER_ID, OPENLDAP_WRITER_NAME, "USER_DATA", "TRANSACTION_DB");
	vss_sdk_restore_method(w, "RESTORE_IF_CAN_REPLACE", "always", NULL);
	vss_sdk_say(w, "backup-schema");
	vss_sdk_word(w, "copy");
	vss_sdk_said(w);
	for (size_t i = 0; i < o->servers.n; i++) {
		const struct server *s = &o->servers.v[i];

		say_config(w, s);
		for (size_t k = 0; k < s->ndatabases; k++)
			say_database(w, s, &s->databases[k]);
	}
	return 0;
}

bool
openldap_find_part(const struct openldap_writer *o, const struct vss_sdk *w, size_t line, struct part *out)
{
	const char *path = vss_sdk_line_word(w, line, 2), *name = vss_sdk_line_word(w, line, 3);

	for (size_t i = 0; name && i < o->servers.n; i++) {
		const struct server *s = &o->servers.v[i];

		if (!vss_logical_same(s->name, path))
			continue;
		*out = (struct part){ .server = s };
		if (vss_str_caseeq(name, OPENLDAP_CONFIG_COMPONENT))
			return true;
		for (size_t k = 0; k < s->ndatabases; k++)
			if (vss_str_caseeq(s->databases[k].name, name)) {
				out->database = &s->databases[k];
				return true;
			}
	}
	return false;
}

char *
openldap_note(const struct part *p)
{
	const struct server *s = p->server;
	struct vss_buf out = VSS_BUF_INIT;

	vss_line_begin(&out, p->database ? "database" : "config");
	vss_line_add(&out, p->database ? p->database->directory : s->config ? s->config : s->conf.v[0]);
	for (size_t i = 0; !p->database && i < s->ndatabases; i++)
		vss_line_add(&out, s->databases[i].directory);
	return vss_buf_take(&out);
}
