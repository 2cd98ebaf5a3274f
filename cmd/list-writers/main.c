/* SPDX-License-Identifier: BSD-2-Clause */
#include "front/front.h"
#include "front/writers.h"

static struct vss_front_list how;
static bool all, detailed, metadata;
static const char *from;

static const struct vss_opt opts[] = {
	VSS_FLAG(0, "all", &all, "list also those that have nothing on this machine, and why"),
	VSS_FLAG_X(0, "detailed", &detailed, 1, "show components and files, as diskshadow does"),
	VSS_FLAG_X(0, "metadata", &metadata, 1, "print the XML document of one writer"),
	VSS_FRONT_LIST_OPTIONS(how),
	VSS_ARG(0, "from", "FILE", &from, "read a stored document, or a metadata file, instead of asking the writers"),
	VSS_END,
};
static const char *const synopsis[] = { "[OPTION]... [WRITER]...", NULL };
static const struct vss_tool tool = {
	.name = "list-writers",
	.synopsis = synopsis,
	.purpose = "List the writers, which own the data of applications, and how they are.",
	.opts = opts,
	.max_operands = UINT_MAX,
};

static int
print(const struct vss_writer_reports *reports, struct vss_err *err)
{
	if (metadata)
		return vss_front_writers_document(reports, err);
	if (!detailed)
		return vss_front_writers_list(reports, &how, err);
	vss_front_writers_detailed(reports, true);
	return 0;
}

int
main(int argc, char **argv)
{
	struct vss_err err = VSS_ERR_INIT;
	struct vss_writer_reports reports = { 0 };
	struct vss_args args;
	int status;

	if (vss_front_parse(&tool, argc, argv, &args, &status))
		return status;
	int rc = from ? vss_front_writers_read(from, &reports, &err) : vss_list_writers(&reports, &err);
	if (rc == 0 && vss_front_writers_choose(&reports, &args.operands, all, &err) == 0)
		(void)print(&reports, &err);
	vss_writer_reports_free(&reports);
	vss_args_free(&args);
	return vss_finish(&err);
}
