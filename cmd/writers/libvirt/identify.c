/* SPDX-License-Identifier: BSD-2-Clause */
#include "writer.h"

#include "base/mem.h"
#include "base/path.h"
#include "model/logical.h"

#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DEFINITIONS "/var/backups/vss/libvirt"

const char *
libvirt_component(const struct guest *g)
{
	return strpbrk(g->name, "/\\*?") ? g->uuid : g->name;
}

static bool
is_any_there(const char *const *paths)
{
	for (; *paths; paths++)
		if (access(*paths, X_OK) == 0)
			return true;
	return false;
}

/* A virsh alone may be there for the guests of other machines. */
static const char *
why_absent(const struct config *c)
{
	static const char *const virsh[] = { "/usr/bin/virsh", "/usr/local/bin/virsh", "/bin/virsh", NULL };
	static const char *const daemons[] = { "/usr/sbin/libvirtd", "/usr/sbin/virtqemud", "/usr/local/sbin/libvirtd",
		"/usr/local/sbin/virtqemud", NULL };

	if (!c->virsh && !is_any_there(virsh))
		return "no virsh is installed";
	if (!c->uri && !is_any_there(daemons))
		return "no libvirt daemon is installed";
	return NULL;
}

/* Where libvirtd keeps what it knows of guests of qemu: a daemon that is stopped may have left them running. */
static bool
may_have_guests(void)
{
	static const char *const patterns[] = { "/etc/libvirt/qemu/*.xml", "/run/libvirt/qemu/*.xml" };
	size_t found = 0;

	for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
		glob_t g = { 0 };

		if (glob(patterns[i], 0, NULL, &g) != GLOB_NOMATCH)
			found++; /* or it could not be looked at */
		globfree(&g);
	}
	return found > 0;
}

static void
say_file(struct vss_sdk *w, const struct guest *g, const char *path)
{
	VSS_AUTOFREE char *dir = vss_path_dir(path);

	vss_sdk_files(w, &(struct vss_sdk_files){ .kind = "file",
				 .logical_path = "",
				 .name = libvirt_component(g),
				 .dir = dir,
				 .spec = vss_path_base(path) });
}

static void
say_guest(struct vss_sdk *w, const struct guest *g)
{
	VSS_AUTOFREE char *definition = vss_strf("%s.xml", libvirt_component(g));

	vss_sdk_component(w, "filegroup", "", libvirt_component(g), g->uuid);
	for (size_t i = 0; i < g->files.n; i++)
		say_file(w, g, g->files.v[i]);
	if (vss_sdk_scratch(w))
		vss_sdk_files(w, &(struct vss_sdk_files){ .kind = "file",
					 .logical_path = "",
					 .name = libvirt_component(g),
					 .dir = DEFINITIONS,
					 .spec = definition,
					 .alternate = vss_sdk_scratch(w) });
}

/* During an operation `taken` points into what was found, and the answer is to be the same anyway. */
static int
search(struct libvirt_writer *o, const char **absent, struct vss_err *err)
{
	*absent = NULL;
	if (o->ntaken > 0)
		return 0;
	guests_clear(&o->guests);
	config_clear(&o->config);
	if (config_read(o->config_path, &o->config, err) != 0)
		return -1;
	*absent = why_absent(&o->config);
	if (*absent || guests_list(&o->config, &o->guests, err) == 0)
		return 0;
	if (o->config.uri || may_have_guests())
		return -1;
	*absent = "libvirt does not answer, and has no guests";
	return 0;
}

int
libvirt_identify(struct vss_sdk *w, void *self)
{
	struct libvirt_writer *o = self;
	struct vss_err err = VSS_ERR_INIT;
	const char *absent;

	if (search(o, &absent, &err) != 0)
		return vss_sdk_fail(w, "VSS_E_WRITERERROR_NONRETRYABLE", 0, "%s", err.text);
	if (absent) {
		vss_sdk_absent(w, "%s", absent);
		return 0;
	}
	vss_sdk_writer(w, LIBVIRT_WRITER_ID, LIBVIRT_WRITER_NAME, "USER_DATA", "OTHER");
	vss_sdk_restore_method(w, "RESTORE_IF_CAN_REPLACE", "always", NULL);
	vss_sdk_say(w, "backup-schema");
	vss_sdk_word(w, "copy");
	vss_sdk_said(w);
	for (size_t i = 0; i < o->guests.n; i++)
		say_guest(w, &o->guests.v[i]);
	return 0;
}

const struct guest *
libvirt_named_guest(const struct libvirt_writer *o, const struct vss_sdk *w, size_t line)
{
	const char *word = vss_sdk_line_word(w, line, 0), *path = vss_sdk_line_word(w, line, 2);
	const char *name = vss_sdk_line_word(w, line, 3);

	if (!name || strcmp(word, "component") != 0 || !vss_logical_same("", path))
		return NULL;
	for (size_t i = 0; i < o->guests.n; i++)
		if (vss_str_caseeq(libvirt_component(&o->guests.v[i]), name))
			return &o->guests.v[i];
	return NULL;
}
