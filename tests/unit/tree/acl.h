/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_UNIT_TREE_ACL_H
#define VSS_UNIT_TREE_ACL_H

/*
 * user::rw-, user:12345:r--, group::r--, mask::rw-, other::--- in the kernel's form: version 2, then tag, permissions and id of each
 * entry, little-endian.  With it the mode reads 0660: the mask stands in the place of the group.
 */
/* clang-format off */
static const unsigned char acl_with_a_user[] = {
	2, 0, 0, 0,
	0x01, 0, 6, 0, 0xff, 0xff, 0xff, 0xff,
	0x02, 0, 4, 0, 0x39, 0x30, 0, 0,
	0x04, 0, 4, 0, 0xff, 0xff, 0xff, 0xff,
	0x10, 0, 6, 0, 0xff, 0xff, 0xff, 0xff,
	0x20, 0, 0, 0, 0xff, 0xff, 0xff, 0xff,
};
/* clang-format on */

/* cap_net_raw=ep, version 2 */
static const unsigned char net_raw[] = {1, 0, 0, 2, 0, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};

#endif
