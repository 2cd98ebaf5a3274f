/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_WRITER_OPENLDAP_WRITER_H
#define VSS_WRITER_OPENLDAP_WRITER_H

#include "config.h"
#include "holder.h"
#include "server.h"

#include "base/str.h"
#include "sdk/vss-writer.h"

#define OPENLDAP_WRITER_ID "8e1d7c0a-2f4b-4d69-a3c5-6b7e91f0d284"
#define OPENLDAP_WRITER_NAME "OpenLDAP Writer"
#define OPENLDAP_CONFIG_COMPONENT "config"

/** A component of the operation under way. */
struct part {
	const struct server *server;
	const struct database *database; /* NULL: the configuration */
	bool idle;			 /* nobody had the database open at freeze */
};

/** The writer between two events. */
struct openldap_writer {
	const char *config_path;
	struct config config;
	struct servers servers; /* as identify last said them; kept while parts point into them */
	bool installed;
	struct part *parts;
	size_t nparts, cparts;
	struct holders holders;		 /* of the databases that somebody has open */
	struct vss_buf stamp;		 /* of all configurations, from prepare-snapshot on */
	struct comeback {		 /* of a restore */
		struct vss_strv moved;	 /* what was set aside: from, to, from, to ... */
		struct vss_strv stopped; /* services to start again */
	} comeback;
};

extern const struct vss_sdk_ops openldap_writer_ops;
void openldap_writer_clear(struct openldap_writer *o);

/** What an argument line `component TYPE LOGICAL-PATH NAME` means; false: none that is known. */
bool openldap_find_part(const struct openldap_writer *o, const struct vss_sdk *w, size_t line, struct part *out);
/**
 * What a component notes for its restore, when perhaps nothing else of the server is left: in the words
 * of the protocol `database DIRECTORY`, or `config SLAPD.D|SLAPD.CONF DIRECTORY...` with those of all
 * databases.
 */
char *openldap_note(const struct part *p);

int openldap_pre_restore(struct vss_sdk *w, void *self);
int openldap_post_restore(struct vss_sdk *w, void *self);

#endif
