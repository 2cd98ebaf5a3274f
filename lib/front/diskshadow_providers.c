/* SPDX-License-Identifier: BSD-2-Clause */
#include "front/diskshadow.h"

#include "base/mem.h"
#include "cli/out.h"
#include "front/volumes.h"

static const char *
type_name(enum vss_provider_type type)
{
	if (type == VSS_PROV_SYSTEM)
		return "VSS_PROV_SYSTEM";
	return type == VSS_PROV_SOFTWARE ? "VSS_PROV_SOFTWARE" : "VSS_PROV_HARDWARE";
}

/* A provider is no class of COM: what stands for it there is its ID. */
static void
print_one(const struct vss_provider_ops *p)
{
	VSS_AUTOFREE char *title = vss_out_name(p->title);
	VSS_AUTOFREE char *version = vss_out_name(p->version);

	vss_out("* ProviderID: {%s}\n", p->id);
	vss_out("        Type: [%d] %s\n", (int)p->type, type_name(p->type));
	vss_out("        Name: %s\n        Version: %s\n        CLSID: {%s}\n", title, version, p->id);
}

void
vss_front_diskshadow_providers(void)
{
	size_t n = 0;

	for (const struct vss_provider_ops *const *p = vss_providers(); *p; p++, n++) {
		vss_front_provider_meet(*p);
		print_one(*p);
	}
	vss_out("%zu provider%s registered.\n", n, n == 1 ? "" : "s");
}
