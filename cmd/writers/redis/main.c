/* SPDX-License-Identifier: BSD-2-Clause */
#include "events.h"

#include "front/in_box.h"

int
main(int argc, char **argv)
{
	struct redis_writer s = { .config = CONFIG_INIT };
	const struct vss_in_box b = {
		.name = "vss-writer-redis",
		.purpose = "The writer of Redis; it is started by the tools and speaks vss-writer(7).",
		.variable = "VSS_WRITER_REDIS_CONF",
		.config = VSS_SYSCONFDIR "/writer-redis.conf",
		.ops = &redis_writer_ops,
		.self = &s,
		.config_path = &s.config_path,
	};
	int status = vss_front_in_box(&b, argc, argv);

	redis_writer_clear(&s);
	return status;
}
