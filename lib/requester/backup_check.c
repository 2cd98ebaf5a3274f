/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/backup_check.h"

int
vss_backup_check(const struct vss_backup_request *r, struct vss_err *err)
{
	bool stream = !(r->command && r->command->n) && vss_str_eq(r->output, "-");

	if (r->from_shadow && r->type != VSS_BT_UNDEFINED && r->type != VSS_BT_COPY)
		return vss_fail(err, VSS_USAGE, 0,
			"--type %s and --from-shadow exclude each other: no writer hears of a backup of an old copy",
			vss_backup_type_word(r->type));
	if (r->from_shadow && r->provider)
		return vss_fail(err, VSS_USAGE, 0, "--provider and --from-shadow exclude each other");
	if (r->base && r->type != VSS_BT_INCREMENTAL && r->type != VSS_BT_DIFFERENTIAL)
		return vss_fail(err, VSS_USAGE, 0, "--base is for --type incremental and --type differential");
	if (r->type != VSS_BT_LOG)
		return 0;
	if (r->paths && r->paths->n)
		return vss_fail(err, VSS_USAGE, 0,
			"--type log: only writers know what log is: name them with --writer, and no paths");
	if (r->no_writers || stream)
		return vss_fail(err, VSS_USAGE, 0, "--type log and %s exclude each other",
			stream ? "--output -" : "--no-writers");
	return 0;
}
