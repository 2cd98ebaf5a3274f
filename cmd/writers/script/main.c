/* SPDX-License-Identifier: BSD-2-Clause */
#include "events.h"

#include "front/in_box.h"

int
main(int argc, char **argv)
{
	struct script_writer s = { .undo = VSS_UNDO_NONE };
	const struct vss_in_box b = {
		.name = "vss-writer-script",
		.purpose = "The writer that runs scripts which others have brought; it is started by the tools and "
			   "speaks vss-writer(7).",
		.variable = "VSS_WRITER_SCRIPT_CONF",
		.config = VSS_SYSCONFDIR "/writer-script.conf",
		.ops = &script_writer_ops,
		.self = &s,
		.config_path = &s.config_path,
	};
	int status = vss_front_in_box(&b, argc, argv);

	pairs_clear(&s.pairs);
	return status;
}
