/* SPDX-License-Identifier: BSD-2-Clause */
#include "guest.h"

#include "base/mem.h"
#include "doc/elements.h"

#include <stdlib.h>
#include <string.h>

static const struct vss_element *
child(const struct vss_element *parent, const char *name)
{
	return vss_element_child(parent, name, NULL);
}

static bool
is(const struct vss_element *e, const char *attribute, const char *value)
{
	VSS_AUTOFREE char *got = vss_element_attribute(e, attribute);

	return vss_str_eq(got, value);
}

/* A path with a wildcard in it cannot be named to the tools. */
static void
add_file(struct guest *g, const char *path)
{
	if (!path || vss_strv_has(&g->files, path))
		return;
	if (path[0] == '/' && !strpbrk(path, "\\*?"))
		vss_strv_add(&g->files, path);
	else if (!g->other)
		g->other = vss_strf("%s cannot be named: it is no absolute path, or has a wildcard in it", path);
}

/* A running domain says what its images are based on; a definition may. */
static int
add_chain(struct guest *g, const struct vss_element *disk, const char *image, struct vss_err *err)
{
	const struct vss_element *below = child(disk, "backingStore");

	if (!below)
		return is(child(disk, "driver"), "type", "qcow2") ? image_add_backing(image, &g->files, err) : 0;
	for (; below; below = child(below, "backingStore")) {
		VSS_AUTOFREE char *path = vss_element_attribute(child(below, "source"), "file");

		if (!path && child(below, "source") && !g->other)
			g->other = vss_strf("%s is based on something that is no file of this machine", image);
		add_file(g, path);
	}
	return 0;
}

/* A flush of the guest stays in qemu: what its file system has written down may be in no file. */
static void
look_at_cache(struct guest *g, const struct vss_element *disk, const char *image)
{
	const struct vss_element *driver = child(disk, "driver");

	if (!g->loose && is(driver, "cache", "unsafe") && !is(driver, "type", "raw"))
		g->loose = vss_strdup(image);
}

static int
add_disk(struct guest *g, const struct vss_element *disk, struct vss_err *err)
{
	const struct vss_element *source = child(disk, "source");
	VSS_AUTOFREE char *image = vss_element_attribute(source, "file");

	if (is(disk, "device", "cdrom") || is(disk, "device", "floppy"))
		return 0;
	if (!image) {
		VSS_AUTOFREE char *target = vss_element_attribute(child(disk, "target"), "dev");

		if (source && !g->other)
			g->other = vss_strf("its disk %s is no file of this machine", target ? target : "");
		return 0;
	}
	add_file(g, image);
	look_at_cache(g, disk, image);
	return add_chain(g, disk, image, err);
}

static int
take_domain(struct guest *g, const struct vss_element *domain, struct vss_err *err)
{
	const struct vss_element *devices = child(domain, "devices");
	VSS_AUTOFREE char *variables = vss_element_text(child(child(domain, "os"), "nvram"));

	g->name = vss_element_text(child(domain, "name"));
	g->uuid = vss_element_text(child(domain, "uuid"));
	if (!g->name || !g->uuid)
		return vss_fail(err, VSS_INVALID, 0, "a domain without a name");
	add_file(g, variables);
	for (const struct vss_element *disk = NULL; (disk = vss_element_child(devices, "disk", disk)) != NULL;)
		if (add_disk(g, disk, err) != 0)
			return vss_wrap(err, "guest %s", g->name);
	return 0;
}

int
guest_parse(const char *xml, size_t n, struct guest *out, struct vss_err *err)
{
	struct vss_elements *doc = vss_elements_read(xml, n, "domain", err);
	int r = doc ? take_domain(out, vss_elements_root(doc), err) : -1;

	vss_elements_free(doc);
	return r;
}

void
guest_clear(struct guest *g)
{
	free(g->name);
	free(g->uuid);
	free(g->xml);
	free(g->other);
	free(g->loose);
	vss_strv_free(&g->files);
	*g = (struct guest){ 0 };
}
