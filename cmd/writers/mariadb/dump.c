/* SPDX-License-Identifier: BSD-2-Clause */
#include "dump.h"

#include "base/mem.h"
#include "base/path.h"
#include "base/time.h"
#include "os/child.h"
#include "os/durable.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { OUTPUT_BYTES = 65536 }; /* the dump itself goes to its file */

char *
dump_name(const char *database)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-$";
	struct vss_buf out = VSS_BUF_INIT;

	for (const char *p = database; *p; p++)
		if (strchr(plain, *p) || (unsigned char)*p >= 0x80)
			vss_buf_ch(&out, *p);
		else
			vss_buf_fmt(&out, "%%%02X", (unsigned char)*p);
	return vss_buf_take(&out);
}

static const char *
dump_program(const struct instance *i)
{
	return i->version && strstr(i->version, "MariaDB") ? "mariadb-dump" : "mysqldump";
}

/* Root's own option files are not for us: what is used stands in the configuration. */
static void
add_credentials(struct vss_strv *words, const struct instance *i)
{
	const struct config_instance *c = i->config;

	if (c->defaults_file)
		vss_strv_take(words, vss_strf("--defaults-file=%s", c->defaults_file));
	else
		vss_strv_add(words, "--no-defaults");
	if (c->user || !c->defaults_file)
		vss_strv_take(words, vss_strf("--user=%s", c->user ? c->user : "root"));
	vss_strv_take(words, vss_strf("--socket=%s", i->socket));
}

static int
sync_file(const char *path, struct vss_err *err)
{
	VSS_AUTOCLOSE int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0 || fsync(fd) != 0)
		return vss_fail(err, VSS_SYSTEM, errno, "%s", path);
	return 0;
}

static int
run(const struct instance *i, const char *database, const char *path, int64_t deadline, struct vss_err *err)
{
	static const char *const options[] = { "--protocol=socket", "--single-transaction", "--quick", "--hex-blob",
		"--routines", "--events", "--triggers" };
	VSS_AUTOSTRV struct vss_strv words = VSS_STRV_INIT;

	vss_strv_add(&words, dump_program(i));
	add_credentials(&words, i);
	for (size_t k = 0; k < sizeof options / sizeof *options; k++)
		vss_strv_add(&words, options[k]);
	vss_strv_take(&words, vss_strf("--result-file=%s", path));
	vss_strv_add(&words, "--databases");
	vss_strv_add(&words, "--");
	vss_strv_add(&words, database);
	return vss_run((const char *const *)words.v, vss_time_poll_ms(deadline), OUTPUT_BYTES, NULL, err);
}

int
dump_make(const struct instance *i, const char *database, const char *dir, int64_t deadline, struct vss_err *err)
{
	VSS_AUTOFREE char *name = dump_name(database);
	VSS_AUTOFREE char *path = vss_strf("%s/%s.sql", dir, name);

	if (mkdir(dir, 0700) != 0 && errno != EEXIST)
		return vss_fail(err, VSS_SYSTEM, errno, "%s", dir);
	if (run(i, database, path, deadline, err) == 0 && sync_file(path, err) == 0)
		return 0;
	unlink(path);
	return vss_wrap(err, "instance %s: dump of %s", i->config->name, database);
}
