/* SPDX-License-Identifier: BSD-2-Clause */
#include "events.h"

#include "front/in_box.h"

int
main(int argc, char **argv)
{
	struct postgresql_writer s = { 0 };
	const struct vss_in_box b = {
		.name = "vss-writer-postgresql",
		.purpose = "The writer of PostgreSQL clusters; it is started by the tools and speaks vss-writer(7).",
		.variable = "VSS_WRITER_POSTGRESQL_CONF",
		.config = VSS_SYSCONFDIR "/writer-postgresql.conf",
		.ops = &postgresql_writer_ops,
		.self = &s,
		.config_path = &s.config_path,
	};
	int status = vss_front_in_box(&b, argc, argv);

	postgresql_writer_clear(&s);
	return status;
}
