/* SPDX-License-Identifier: BSD-2-Clause */
#include "events.h"

#include "front/in_box.h"

int
main(int argc, char **argv)
{
	struct sqlite_writer s = { .config = CONFIG_INIT };
	const struct vss_in_box b = {
		.name = "vss-writer-sqlite",
		.purpose = "The writer of SQLite databases; it is started by the tools and speaks vss-writer(7).",
		.variable = "VSS_WRITER_SQLITE_CONF",
		.config = VSS_SYSCONFDIR "/writer-sqlite.conf",
		.ops = &sqlite_writer_ops,
		.self = &s,
		.config_path = &s.config_path,
	};
	int status = vss_front_in_box(&b, argc, argv);

	sqlite_writer_clear(&s);
	return status;
}
