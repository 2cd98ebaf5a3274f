/* SPDX-License-Identifier: BSD-2-Clause */
#include "front/job.h"

#include "base/mem.h"
#include "base/path.h"
#include "base/stop.h"
#include "cli/out.h"
#include "os/interrupt.h"
#include "requester/metadata.h"
#include "requester/transport.h"

#include <unistd.h>

static bool
is_transportable(const struct vss_front_job *f)
{
	return f->request.context & VSS_ATTR_TRANSPORTABLE;
}

/* All that can be known before anybody is asked to stand still. */
static int
check(const struct vss_front_job *f, const char *document, struct vss_err *err)
{
	if (vss_metadata_file_check(f->metadata, err) < 0)
		return -1;
	return is_transportable(f) ? vss_transport_check(document, err) : 0;
}

static void
add_alias(struct vss_strv *names, struct vss_strv *values, const char *name, const struct vss_uuid *id)
{
	char text[VSS_UUID_BRACED];

	vss_uuid_braced(id, text);
	vss_strv_add(names, name);
	vss_strv_add(values, text);
}

static bool
is_new(const struct vss_front_job *f, const char *name)
{
	for (size_t i = 0; i < f->names->n; i++)
		if (vss_str_caseeq(f->names->v[i], name))
			return true;
	return vss_str_caseeq(name, VSS_FRONT_SET_ALIAS);
}

static int
write_metadata(const struct vss_front_job *f, const char *path, const struct vss_job *j, struct vss_err *err)
{
	VSS_AUTOSTRV struct vss_strv names = VSS_STRV_INIT, values = VSS_STRV_INIT;
	const struct vss_set *set = vss_job_set(j);

	for (size_t i = 0; i < f->alias_names->n; i++) {
		if (is_new(f, f->alias_names->v[i]))
			continue;
		vss_strv_add(&names, f->alias_names->v[i]);
		vss_strv_add(&values, f->alias_values->v[i]);
	}
	for (size_t i = 0; i < set->nshadows; i++)
		add_alias(&names, &values, f->names->v[i], &set->shadows[i].id);
	add_alias(&names, &values, VSS_FRONT_SET_ALIAS, &set->id);
	return vss_metadata_file_write(path, j, &names, &values, err);
}

static int
place_metadata(struct vss_front_job *f, const struct vss_job *j, struct vss_err *err)
{
	VSS_AUTOFREE char *path = f->may_rename ? vss_metadata_file_claim(f->metadata, vss_job_set(j)->host, err)
						: vss_strdup(f->metadata);

	if (!path)
		return -1;
	if (write_metadata(f, path, j, err) < 0) {
		if (f->may_rename)
			(void)unlink(path);
		return -1;
	}
	f->written = vss_take(&path);
	return 0;
}

/* The metadata file comes last, as it takes the place of one that is there: nothing may fail behind it. */
static int
write_files(struct vss_front_job *f, const struct vss_job *j, const char *document, struct vss_err *err)
{
	if (is_transportable(f) && vss_transport_write(vss_job_set(j), document, err) < 0)
		return -1;
	vss_stop_point("job.before-metadata");
	if (vss_check_interrupt(err) == 0 && place_metadata(f, j, err) == 0)
		return 0;
	if (is_transportable(f))
		vss_transport_remove(vss_job_set(j), document);
	return -1;
}

int
vss_front_job_create(struct vss_front_job *f, struct vss_job **out, struct vss_err *err)
{
	VSS_AUTOFREE char *document = vss_metadata_file_transport(f->metadata);
	struct vss_job *j = NULL;

	if (check(f, document, err) < 0)
		return -1;
	int rc = vss_job_create(&f->request, &j, err);
	if (rc == 0)
		rc = write_files(f, j, document, err);
	if (rc == 0)
		vss_job_keep(*out = j);
	else
		vss_job_undo(j);
	return rc;
}

static void
report_alias(const char *name, const char *of, const struct vss_uuid *id)
{
	char text[VSS_UUID_BRACED];
	VSS_AUTOFREE char *shown = vss_out_name(name);

	vss_uuid_braced(id, text);
	vss_out("Alias %s for %s ID %s set as environment variable.\n", shown, of, text);
}

static void
report_files(const struct vss_front_job *f, const struct vss_job *j)
{
	VSS_AUTOSTRV struct vss_strv members = VSS_STRV_INIT;
	VSS_AUTOFREE char *name = vss_out_name(vss_path_base(f->written));

	vss_metadata_file_members(j, &members);
	for (size_t i = 0; i < members.n; i++)
		vss_out("Inserted file %s into .cab file %s\n", members.v[i], name);
}

void
vss_front_job_report(const struct vss_front_job *f, const struct vss_job *j, const struct vss_front_aliases *aliases)
{
	const struct vss_set *set = vss_job_set(j);

	if (f->verbose)
		vss_front_including(j);
	for (size_t i = 0; i < set->nshadows; i++)
		report_alias(f->names->v[i], "shadow", &set->shadows[i].id);
	report_alias(VSS_FRONT_SET_ALIAS, "shadow set", &set->id);
	if (f->verbose)
		report_files(f, j);
	vss_front_diskshadow_set(set, aliases);
}
