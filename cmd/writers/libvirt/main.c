/* SPDX-License-Identifier: BSD-2-Clause */
#include "writer.h"

#include "cli/opt.h"

#include <stdlib.h>

static const char *config_path, *record;
static bool keeping;
static uint64_t freeze_ms = 10000, window_ms = 60000;
enum { MS_MAX = 3600000 };

static const struct vss_opt opts[] = {
	VSS_ARG('c', "config", "FILE", &config_path, "read this configuration"),
	VSS_FLAG(0, "keep", &keeping, "freeze the guests with these UUIDs until standard input ends, then thaw them"),
	VSS_ARG(0, "record", "FILE", &record, "with --keep: remove this when all are thawed"),
	VSS_NUM(0, "freeze-ms", "MS", &freeze_ms, "with --keep: how long a guest may take to freeze"),
	VSS_NUM(0, "window-ms", "MS", &window_ms, "with --keep: thaw when so many milliseconds have passed"),
	VSS_END,
};
static const char *const synopsis[] = { "[OPTION]...", "[OPTION]... --keep UUID...", NULL };
static const struct vss_tool tool = {
	.name = "vss-writer-libvirt",
	.synopsis = synopsis,
	.purpose = "The writer of libvirt guests; it is started by the tools and speaks vss-writer(7).",
	.opts = opts,
	.max_operands = UINT_MAX,
};

static int
keep_guests(const char *path, const struct vss_strv *uuids)
{
	struct config c = CONFIG_INIT;
	struct vss_err err = VSS_ERR_INIT;
	int status = 1;

	if (config_read(path, &c, &err) == 0)
		status = keep(&c, record, uuids, (long)(freeze_ms < MS_MAX ? freeze_ms : MS_MAX),
			(long)(window_ms < MS_MAX ? window_ms : MS_MAX));
	config_clear(&c);
	return status;
}

int
main(int argc, char **argv)
{
	struct libvirt_writer o = { .config = CONFIG_INIT, .keeper = KEEPER_INIT };
	struct vss_args args;
	int status;

	config_path = secure_getenv("VSS_WRITER_LIBVIRT_CONF");
	if (vss_parse(&tool, argc, argv, &args, &status) != 0)
		return status;
	o.config_path = config_path ? config_path : VSS_SYSCONFDIR "/writer-libvirt.conf";
	if (keeping)
		status = keep_guests(o.config_path, &args.operands);
	else
		status = vss_sdk_run(&libvirt_writer_ops, &o);
	libvirt_writer_clear(&o);
	vss_args_free(&args);
	return status;
}
