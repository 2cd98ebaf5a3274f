/* SPDX-License-Identifier: BSD-2-Clause */
#include "record.h"

#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "base/time.h"
#include "os/dirs.h"
#include "os/durable.h"
#include "os/lock.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DIRECTORY "libvirt"
#define SUFFIX ".frozen"
enum { RECORD_BYTES = 1 << 20, REPAIR_MS = 6000 };

int
record_write(const struct config *c, const struct targets *t, struct record *out, struct vss_err *err)
{
	VSS_AUTOFREE char *name = vss_strf("%ld" SUFFIX, (long)getpid());
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;

	vss_buf_fmt(&text, "%s\n", config_uri(c));
	for (size_t i = 0; i < t->n; i++)
		vss_buf_fmt(&text, "%s\n", t->v[i].uuid);
	out->path = vss_run_path(DIRECTORY, name, err);
	if (!out->path)
		return -1;
	out->fd = vss_lock(out->path, 0, err);
	if (out->fd >= 0 && ftruncate(out->fd, 0) == 0 && vss_write_all(out->fd, text.data, text.len, err) == 0 &&
		fsync(out->fd) == 0)
		return 0;
	if (out->fd >= 0)
		record_remove(out);
	free(out->path);
	out->path = NULL;
	return err->code != VSS_OK ? -1 : vss_fail(err, VSS_SYSTEM, 0, "%s: cannot be written", name);
}

void
record_leave(struct record *r)
{
	if (r->fd >= 0)
		close(r->fd);
	free(r->path);
	*r = (struct record)RECORD_INIT;
}

void
record_remove(struct record *r)
{
	if (r->path && r->fd >= 0)
		unlink(r->path);
	record_leave(r);
}

/* The first line is the connection. */
static int
read_record(const char *path, struct config *c, struct targets *t, struct vss_err *err)
{
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;

	if (vss_read_file(path, RECORD_BYTES, &text, err) != 0)
		return -1;
	char *save = NULL;
	for (char *line = text.data ? strtok_r(text.data, "\n", &save) : NULL; line;
		line = strtok_r(NULL, "\n", &save)) {
		if (c->uri)
			targets_add(t, line);
		else
			c->uri = vss_strdup(line);
	}
	for (size_t i = 0; i < t->n; i++)
		t->v[i].state = TARGET_UNKNOWN;
	return 0;
}

/* A record without guests was being written when its writer died: nothing was frozen by then. */
static void
repair(const struct config *c, const char *path, int64_t deadline)
{
	struct config then = CONFIG_INIT;
	struct record r = { vss_strdup(path), -1 };
	struct targets t = { 0 };
	struct vss_err err = VSS_ERR_INIT;

	r.fd = vss_lock(path, 0, &err);
	if (r.fd < 0) {
		record_leave(&r); /* of somebody who lives */
		return;
	}
	then.virsh = vss_strdup(c->virsh);
	if (read_record(path, &then, &t, &err) == 0 && targets_thaw(&then, &t, deadline, &err) == 0) {
		if (t.n > 0)
			fprintf(stderr, "thawed %zu guests that a killed run had left frozen\n", t.n);
		record_remove(&r);
	} else {
		fprintf(stderr, "%s\n", err.text);
		record_leave(&r);
	}
	targets_clear(&t);
	config_clear(&then);
}

void
records_repair(const struct config *c)
{
	VSS_AUTOFREE char *dir = vss_path_join(vss_run_dir(), DIRECTORY);
	int64_t deadline = vss_now_mono() + REPAIR_MS * VSS_MS;
	DIR *d = opendir(dir);

	if (!d)
		return;
	for (struct dirent *e; (e = readdir(d)) != NULL;) {
		VSS_AUTOFREE char *path = vss_path_join(dir, e->d_name);

		if (vss_str_ends(e->d_name, SUFFIX))
			repair(c, path, deadline);
	}
	closedir(d);
}
