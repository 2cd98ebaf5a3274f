/* SPDX-License-Identifier: BSD-2-Clause */
#include "events.h"

#include "front/in_box.h"

int
main(int argc, char **argv)
{
	struct mariadb_writer m = { .config = CONFIG_INIT };
	const struct vss_in_box b = {
		.name = "vss-writer-mariadb",
		.purpose = "The writer of MariaDB and MySQL; it is started by the tools and speaks vss-writer(7).",
		.variable = "VSS_WRITER_MARIADB_CONF",
		.config = VSS_SYSCONFDIR "/writer-mariadb.conf",
		.ops = &mariadb_writer_ops,
		.self = &m,
		.config_path = &m.config_path,
	};
	int status = vss_front_in_box(&b, argc, argv);

	mariadb_writer_clear(&m);
	return status;
}
