/* SPDX-License-Identifier: BSD-2-Clause */
#include "writer.h"

#include "front/in_box.h"

int
main(int argc, char **argv)
{
	struct containers_writer s = { .undo = VSS_UNDO_NONE };
	const struct vss_in_box b = {
		.name = "vss-writer-containers",
		.purpose =
			"The writer of the volumes of containers; it is started by the tools and speaks vss-writer(7).",
		.variable = "VSS_WRITER_CONTAINERS_CONF",
		.config = VSS_SYSCONFDIR "/writer-containers.conf",
		.ops = &containers_writer_ops,
		.self = &s,
		.config_path = &s.config_path,
	};
	int status = vss_front_in_box(&b, argc, argv);

	containers_writer_clear(&s);
	return status;
}
