/* SPDX-License-Identifier: BSD-2-Clause */
#include "find.h"

#include "base/mem.h"
#include "front/in_box.h"

#define WRITER_ID "52b1a7ce-3f0d-4a86-8b7e-0c9d5f1e7a24"
#define WRITER_NAME "Optimisation Writer"

static const char *config_path;

static void
say_finds(struct vss_sdk *w, const struct finds *f)
{
	if (f->n == 0) {
		vss_sdk_absent(w, "%s leaves nothing out", config_path);
		return;
	}
	vss_sdk_writer(w, WRITER_ID, WRITER_NAME, "OTHER", "OTHER");
	vss_sdk_restore_method(w, "RESTORE_IF_NOT_THERE", "never", NULL);
	for (size_t i = 0; i < f->n; i++)
		vss_sdk_exclude(w, f->v[i].dir, f->v[i].spec, f->v[i].recursive);
}

static int
on_identify(struct vss_sdk *w, void *self)
{
	struct config c = CONFIG_INIT;
	struct finds f = { NULL, 0, 0 };
	struct vss_err err = VSS_ERR_INIT;
	int r = config_read(config_path, &c, &err);

	(void)self;
	if (r == 0) {
		find_all(&c, &f);
		say_finds(w, &f);
	} else {
		vss_sdk_fail(w, "VSS_E_WRITERERROR_NONRETRYABLE", 0, "%s", err.text);
	}
	finds_clear(&f);
	config_clear(&c);
	return r;
}

int
main(int argc, char **argv)
{
	static const struct vss_sdk_ops ops = { .identify = on_identify };
	const struct vss_in_box b = {
		.name = "vss-writer-optimisation",
		.purpose = "The writer that names files not worth keeping; it is started by the tools and speaks "
			   "vss-writer(7).",
		.variable = "VSS_WRITER_OPTIMISATION_CONF",
		.config = VSS_SYSCONFDIR "/writer-optimisation.conf",
		.ops = &ops,
		.config_path = &config_path,
	};

	return vss_front_in_box(&b, argc, argv);
}
