/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_WRITER_OPENLDAP_SERVER_H
#define VSS_WRITER_OPENLDAP_SERVER_H

#include "config.h"

#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>

/** A database of the kind mdb: one LMDB environment, in one directory. */
struct database {
	char *name;	 /* of the component: the suffix, or the entry ("{1}mdb") where that cannot be a name */
	char *suffix;	 /* the first one */
	char *directory; /* absolute, clean */
	char *sync;	 /* "full", or what its settings leave out: "dbnosync nometasync" */
};

/** One slapd, running or not. */
struct server {
	char *name;
	char *config;	      /* slapd.d, or NULL */
	struct vss_strv conf; /* slapd.conf and all that it includes, or empty */
	char *service;
	bool stop_service, ldif;
	bool lost; /* its configuration is not there: nothing is known but the name */
	struct database *databases;
	size_t ndatabases, cdatabases;
};
struct servers {
	struct server *v;
	size_t n, cap;
};

/**
 * The servers that the configuration names, and the one of the usual places.  *installed: there is a
 * program to run them. -1 when the configuration of one of them cannot be read, or has a database that
 * this writer cannot take and that is not ignored.
 */
int servers_find(const struct config *c, struct servers *out, bool *installed, struct vss_err *err);
void servers_clear(struct servers *s);

/**
 * Read `s->config` by slapcat, or the files of slapd.conf that s->conf begins with: fills in databases
 * and s->conf.
 */
int server_read_config(struct server *s, const struct vss_strv *ignored, struct vss_err *err);
int server_read_conf(struct server *s, const struct vss_strv *ignored, struct vss_err *err);
/**
 * Take a database into the server.  `entry` is "{1}mdb" or "mdb"; `suffix` and `directory` may be NULL;
 * `sync` NULL is "full". One that keeps nothing on a disk of this machine is passed over, as is an
 * ignored one.
 */
int server_add_database(struct server *s, const struct vss_strv *ignored, const struct database *found,
	const char *entry, struct vss_err *err);

#endif
