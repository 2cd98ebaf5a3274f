/* SPDX-License-Identifier: BSD-2-Clause */
#include "events.h"

#include "dump.h"

#include "base/mem.h"
#include "base/path.h"
#include "model/logical.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

/* What a server makes again when it starts, and what earlier restores have set aside. */
static void
say_excludes(struct vss_sdk *w, const struct place *p)
{
	static const char *const specs[] = { "*.pid", "*.sock", "*.sock.lock", "ibtmp*" };
	VSS_AUTOFREE char *temporary = vss_path_join(p->dir, "#innodb_temp");
	DIR *d = opendir(p->dir);

	for (size_t i = 0; i < sizeof specs / sizeof *specs; i++)
		vss_sdk_exclude(w, p->dir, specs[i], 0);
	vss_sdk_exclude(w, temporary, "*", 1);
	for (const struct dirent *e; d && (e = readdir(d));)
		if (vss_str_starts(e->d_name, "before-restore.")) {
			VSS_AUTOFREE char *aside = vss_path_join(p->dir, e->d_name);

			vss_sdk_exclude(w, aside, "*", 1);
		}
	if (d)
		closedir(d);
}

static void
say_instance(struct vss_sdk *w, const struct instance *i)
{
	VSS_AUTOFREE char *caption = vss_strf("%s at %s, data in %s",
		i->version && !strstr(i->version, "MariaDB") ? "MySQL" : "MariaDB", i->socket, instance_data(i));

	vss_sdk_component(w, "filegroup", "", i->config->name, caption);
	for (size_t k = 0; k < i->places.n; k++) {
		const struct place *p = &i->places.v[k];
		const struct vss_sdk_files f = { .kind = "file",
			.logical_path = "",
			.name = i->config->name,
			.dir = p->dir,
			.spec = p->spec,
			.recursive = p->whole };

		vss_sdk_files(w, &f);
		if (p->whole)
			say_excludes(w, p);
	}
}

/* Without an archive there is nowhere to dump to: then the component is named, and has no files. */
static void
say_dumps(struct vss_sdk *w, const struct instance *i)
{
	VSS_AUTOFREE char *logical = vss_strf(MARIADB_DUMPS "/%s", i->config->name);
	VSS_AUTOFREE char *dir = vss_strf(DUMP_ROOT "/%s", i->config->name);
	const char *scratch = vss_sdk_scratch(w);
	VSS_AUTOFREE char *alternate = scratch ? vss_path_join(scratch, i->config->name) : NULL;

	for (size_t k = 0; k < i->databases.n; k++) {
		VSS_AUTOFREE char *name = dump_name(i->databases.v[k]);
		VSS_AUTOFREE char *file = vss_strf("%s.sql", name);
		VSS_AUTOFREE char *caption = vss_strf("dump of the database %s", i->databases.v[k]);
		const struct vss_sdk_files f = { .kind = "file",
			.logical_path = logical,
			.name = name,
			.dir = dir,
			.spec = file,
			.alternate = alternate };

		vss_sdk_component(w, "filegroup", logical, name, caption);
		if (alternate)
			vss_sdk_files(w, &f);
	}
}

/* While an instance is held nothing is looked for: the holds point to what was found. */
static int
search(struct mariadb_writer *m, struct vss_err *err)
{
	if (m->ntaken > 0)
		return 0;
	instances_clear(&m->found);
	config_clear(&m->config);
	if (config_read(m->config_path, &m->config, err) != 0)
		return -1;
	return instances_find(&m->found, &m->config, err);
}

int
mariadb_identify(struct vss_sdk *w, void *self)
{
	struct mariadb_writer *m = self;
	struct vss_err err = VSS_ERR_INIT;

	if (search(m, &err) != 0)
		return vss_sdk_fail(w, mariadb_code(err.code), 0, "%s", err.text);
	if (m->found.n == 0) {
		vss_sdk_absent(w, "no server is configured, and none is at the usual place");
		return 0;
	}
	vss_sdk_writer(w, MARIADB_WRITER_ID, MARIADB_WRITER_NAME, "USER_DATA", "TRANSACTION_DB");
	vss_sdk_restore_method(w, "RESTORE_IF_CAN_REPLACE", "always", NULL);
	vss_sdk_say(w, "backup-schema");
	vss_sdk_word(w, "copy");
	vss_sdk_said(w);
	for (size_t i = 0; i < m->found.n; i++) {
		const struct instance *one = &m->found.v[i];

		/* A server that is installed and has never run has nothing to save; it may get something back. */
		if (one->config->files && (one->state != INSTANCE_EMPTY || !one->config->by_itself))
			say_instance(w, one);
		say_dumps(w, one);
	}
	return 0;
}

static struct instance *
find(struct mariadb_writer *m, const char *name)
{
	for (size_t i = 0; name && i < m->found.n; i++)
		if (strcmp(m->found.v[i].config->name, name) == 0)
			return &m->found.v[i];
	return NULL;
}

static bool
is_component(const struct vss_sdk *w, size_t line)
{
	return vss_str_eq(vss_sdk_line_word(w, line, 0), "component") && vss_sdk_line_word(w, line, 3);
}

struct instance *
mariadb_named_instance(struct mariadb_writer *m, const struct vss_sdk *w, size_t line)
{
	if (!is_component(w, line) || !vss_logical_same(vss_sdk_line_word(w, line, 2), ""))
		return NULL;
	return find(m, vss_sdk_line_word(w, line, 3));
}

static const char *
database_of(const struct instance *i, const char *name)
{
	for (size_t k = 0; k < i->databases.n; k++) {
		VSS_AUTOFREE char *one = dump_name(i->databases.v[k]);

		if (strcmp(one, name) == 0)
			return i->databases.v[k];
	}
	return NULL;
}

struct instance *
mariadb_named_dump(struct mariadb_writer *m, const struct vss_sdk *w, size_t line, const char **database)
{
	for (size_t i = 0; is_component(w, line) && i < m->found.n; i++) {
		struct instance *one = &m->found.v[i];
		VSS_AUTOFREE char *logical = vss_strf(MARIADB_DUMPS "/%s", one->config->name);

		if (!vss_logical_same(vss_sdk_line_word(w, line, 2), logical))
			continue;
		*database = database_of(one, vss_sdk_line_word(w, line, 3));
		return *database ? one : NULL;
	}
	return NULL;
}
