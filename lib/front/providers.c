/* SPDX-License-Identifier: BSD-2-Clause */
#include "front/volumes.h"

#include "base/log.h"
#include "cli/items.h"

static const char *
type_word(enum vss_provider_type type)
{
	return type == VSS_PROV_SYSTEM ? "System" : type == VSS_PROV_SOFTWARE ? "Software" : "Hardware";
}

void
vss_front_provider_meet(const struct vss_provider_ops *p)
{
	struct vss_err err = VSS_ERR_INIT;

	if (vss_provider_meet(p, &err) < 0)
		vss_warn("%s", err.text);
}

static void
print_text(void)
{
	const struct vss_provider_ops *const *p = vss_providers();
	if (!*p)
		vss_front_none();
	for (; *p; p++) {
		vss_front_provider_meet(*p);
		vss_out("Provider name: '%s'\n   Provider type: %s\n   Provider Id: {%s}\n   Version: %s\n\n",
			(*p)->title, type_word((*p)->type), (*p)->id, (*p)->version);
	}
}

static const struct vss_column columns[] = {
	{ "name", "NAME" },
	{ "title", "TITLE" },
	{ "id", "ID" },
	{ "type", "TYPE" },
	{ "version", "VERSION" },
	{ "atomic_set", "ATOMIC SET" },
	{ "differential", "DIFFERENTIAL" },
};

static void
print_item(struct vss_items *it, const struct vss_provider_ops *p)
{
	vss_front_provider_meet(p);
	vss_items_begin(it);
	vss_items_string(it, "name", p->name);
	vss_items_string(it, "title", p->title);
	vss_items_string(it, "id", p->id);
	vss_items_string(it, "type", type_word(p->type));
	vss_items_string(it, "version", p->version);
	vss_items_bool(it, "atomic_set", p->atomic_set);
	vss_items_bool(it, "differential", p->differential);
	vss_items_end(it);
}

int
vss_front_providers(const struct vss_front_list *how, struct vss_err *err)
{
	if (!how->columns && !how->json) {
		print_text();
		return 0;
	}
	struct vss_items *it = vss_items_new(columns, sizeof columns / sizeof *columns, how->columns, err);
	if (!it)
		return -1;
	for (const struct vss_provider_ops *const *p = vss_providers(); *p; p++)
		print_item(it, *p);
	vss_items_print(it);
	return 0;
}
