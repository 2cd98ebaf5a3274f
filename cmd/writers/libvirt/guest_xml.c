/* SPDX-License-Identifier: BSD-2-Clause */
#include "guest.h"

#include "base/mem.h"

#include <libxml/parser.h>
#include <libxml/tree.h>
#include <stdlib.h>
#include <string.h>

/* Elements of a definition have no namespace; what others add has one. */
static xmlNode *
child_named(const xmlNode *parent, const char *name)
{
	for (xmlNode *n = parent ? parent->children : NULL; n; n = n->next)
		if (n->type == XML_ELEMENT_NODE && !n->ns && strcmp((const char *)n->name, name) == 0)
			return n;
	return NULL;
}

/* Copied out of libxml's memory; NULL when absent. */
static char *
attribute(const xmlNode *n, const char *name)
{
	xmlChar *value = n ? xmlGetNoNsProp(n, (const xmlChar *)name) : NULL;
	char *copy = vss_strdup((const char *)value);

	xmlFree(value);
	return copy;
}

static char *
text_of(const xmlNode *n)
{
	xmlChar *value = n ? xmlNodeGetContent(n) : NULL;
	char *copy = vss_strdup((const char *)value);

	xmlFree(value);
	return copy;
}

static bool
is(const xmlNode *n, const char *name, const char *value)
{
	VSS_AUTOFREE char *got = attribute(n, name);

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
add_chain(struct guest *g, const xmlNode *disk, const char *image, struct vss_err *err)
{
	const xmlNode *below = child_named(disk, "backingStore");

	if (!below)
		return is(child_named(disk, "driver"), "type", "qcow2") ? image_add_backing(image, &g->files, err) : 0;
	for (; below; below = child_named(below, "backingStore")) {
		VSS_AUTOFREE char *path = attribute(child_named(below, "source"), "file");

		if (!path && child_named(below, "source") && !g->other)
			g->other = vss_strf("%s is based on something that is no file of this machine", image);
		add_file(g, path);
	}
	return 0;
}

/* A flush of the guest stays in qemu: what its file system has written down may be in no file. */
static void
look_at_cache(struct guest *g, const xmlNode *disk, const char *image)
{
	const xmlNode *driver = child_named(disk, "driver");

	if (!g->loose && is(driver, "cache", "unsafe") && !is(driver, "type", "raw"))
		g->loose = vss_strdup(image);
}

static int
add_disk(struct guest *g, const xmlNode *disk, struct vss_err *err)
{
	const xmlNode *source = child_named(disk, "source");
	VSS_AUTOFREE char *image = attribute(source, "file");

	if (is(disk, "device", "cdrom") || is(disk, "device", "floppy"))
		return 0;
	if (!image) {
		VSS_AUTOFREE char *target = attribute(child_named(disk, "target"), "dev");

		if (source && !g->other)
			g->other = vss_strf("its disk %s is no file of this machine", target ? target : "");
		return 0;
	}
	add_file(g, image);
	look_at_cache(g, disk, image);
	return add_chain(g, disk, image, err);
}

static int
take_domain(struct guest *g, const xmlNode *domain, struct vss_err *err)
{
	const xmlNode *devices = child_named(domain, "devices");
	VSS_AUTOFREE char *variables = text_of(child_named(child_named(domain, "os"), "nvram"));

	g->name = text_of(child_named(domain, "name"));
	g->uuid = text_of(child_named(domain, "uuid"));
	if (!g->name || !g->uuid)
		return vss_fail(err, VSS_INVALID, 0, "a domain without a name");
	add_file(g, variables);
	for (const xmlNode *n = devices ? devices->children : NULL; n; n = n->next)
		if (n->type == XML_ELEMENT_NODE && strcmp((const char *)n->name, "disk") == 0 &&
			add_disk(g, n, err) != 0)
			return vss_wrap(err, "guest %s", g->name);
	return 0;
}

int
guest_parse(const char *xml, size_t n, struct guest *out, struct vss_err *err)
{
	xmlDoc *doc = xmlReadMemory(
		xml, (int)n, "domain.xml", NULL, XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
	const xmlNode *root = doc ? xmlDocGetRootElement(doc) : NULL;
	int r;

	if (!root || strcmp((const char *)root->name, "domain") != 0)
		r = vss_fail(err, VSS_INVALID, 0, "what libvirt says of a domain cannot be read");
	else
		r = take_domain(out, root, err);
	xmlFreeDoc(doc);
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
