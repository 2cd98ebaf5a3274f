/* SPDX-License-Identifier: BSD-2-Clause */
#include "os/boot.h"

#include "os/durable.h"

#include <stdlib.h>
#include <string.h>

#define KERNEL "/proc/sys/kernel/random/boot_id"

int
vss_boot_id(struct vss_uuid *out, struct vss_err *err)
{
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;
	const char *given = secure_getenv("VSS_BOOT_ID");

	if (given)
		vss_buf_str(&text, given);
	else if (vss_read_file(KERNEL, 64, &text, err) < 0)
		return -1;
	else
		text.data[strcspn(text.data, "\n")] = '\0';
	return text.len && vss_uuid_parse(text.data, out) == 0 ? 0 : vss_fail(err, VSS_INVALID, 0, "boot ID: not one");
}
