/* SPDX-License-Identifier: BSD-2-Clause */
#include "front/backups.h"

#include "base/mem.h"
#include "base/num.h"
#include "base/path.h"
#include "base/time.h"
#include "cli/items.h"

#include <inttypes.h>
#include <string.h>

bool
vss_front_backup_is_good(const struct vss_backup_info *b)
{
	return b->bcd && b->whole && !b->problem;
}

static bool
lies_on(const struct vss_bcd *b, const char *path, const char *mount)
{
	if (!vss_path_is_below(path, mount))
		return false;
	for (size_t i = 0; i < b->nvolumes; i++) {
		const char *nearer = b->volumes[i].mount;

		if (strcmp(nearer, mount) != 0 && vss_path_is_below(nearer, mount) && vss_path_is_below(path, nearer))
			return false;
	}
	return true;
}

static bool
holds_plain_paths(const struct vss_bcd *b, const char *mount)
{
	for (size_t i = 0; i < b->paths.n; i++)
		if (vss_path_is_below(mount, b->paths.v[i]) || lies_on(b, b->paths.v[i], mount))
			return true;
	return false;
}

static enum vss_grade
lower(enum vss_grade a, enum vss_grade b)
{
	return !a || (b && b < a) ? b : a;
}

/* The lowest grade of what is in it; a volume counts by its plain paths, for what writers own the components do. */
static enum vss_grade
grade_of(const struct vss_bcd *b)
{
	enum vss_grade lowest = VSS_GRADE_NONE, any = VSS_GRADE_NONE;

	for (size_t i = 0; i < b->nwriters; i++)
		for (size_t k = 0; k < b->writers[i].ncomponents; k++)
			lowest = lower(lowest, b->writers[i].components[k].grade);
	for (size_t i = 0; i < b->nvolumes; i++) {
		any = lower(any, b->volumes[i].grade);
		if (holds_plain_paths(b, b->volumes[i].mount))
			lowest = lower(lowest, b->volumes[i].grade);
	}
	return lowest ? lowest : any;
}

static const char *
state_of(const struct vss_backup_info *b)
{
	if (b->problem)
		return b->problem;
	return !b->bcd || !b->whole ? "incomplete" : b->has_index ? "good" : "good, but its index is lost";
}

static void
volumes_of(const struct vss_bcd *b, struct vss_strv *out)
{
	for (size_t i = 0; b && i < b->nvolumes; i++)
		vss_strv_add(out, b->volumes[i].mount);
}

static void
writers_of(const struct vss_bcd *b, struct vss_strv *out)
{
	for (size_t i = 0; b && i < b->nwriters; i++)
		vss_strv_add(out, b->writers[i].name);
}

static void
print_names(const char *label, const struct vss_strv *names)
{
	vss_out("   %s: %s", label, names->n ? "" : "none");
	for (size_t i = 0; i < names->n; i++) {
		VSS_AUTOFREE char *shown = vss_out_name(names->v[i]);
		vss_out("%s%s", i ? ", " : "", shown);
	}
	vss_out("\n");
}

static void
chain_of(const struct vss_bcd *b, struct vss_strv *out)
{
	for (size_t i = 0; b && i < b->nchain; i++) {
		char id[VSS_UUID_TEXT];
		vss_uuid_text(&b->chain[i].backup_id, id);
		vss_strv_add(out, id);
	}
}

/* The one that it builds on itself, the last of its chain; NULL: it stands alone. */
static const struct vss_bcd_image *
base_of(const struct vss_bcd *b)
{
	return b && b->nchain ? &b->chain[b->nchain - 1] : NULL;
}

static const char *
path_of(const struct vss_backup_infos *list, const struct vss_uuid *id)
{
	for (size_t i = 0; i < list->n; i++)
		if (list->v[i].bcd && memcmp(&list->v[i].bcd->backup_id, id, sizeof *id) == 0)
			return list->v[i].path;
	return NULL;
}

/* Where the archive is, if it was listed too, else what it was called when it was built on. */
static void
print_base(const struct vss_bcd *b, const struct vss_backup_infos *list)
{
	const struct vss_bcd_image *base = base_of(b);
	char id[VSS_UUID_BRACED];
	if (!base)
		return;
	const char *path = path_of(list, &base->backup_id);
	VSS_AUTOFREE char *shown = path || base->archive ? vss_out_name(path ? path : base->archive) : NULL;
	vss_uuid_braced(&base->backup_id, id);
	vss_out("   Base: %s%s%s%s\n", id, shown ? " (" : "", shown ? shown : "", shown ? ")" : "");
}

static void
print_document(const struct vss_bcd *b, const struct vss_backup_infos *list)
{
	char id[VSS_UUID_BRACED], set[VSS_UUID_BRACED];
	VSS_AUTOFREE char *host = vss_out_name(b->host);
	VSS_AUTOSTRV struct vss_strv volumes = VSS_STRV_INIT;
	VSS_AUTOSTRV struct vss_strv writers = VSS_STRV_INIT;
	volumes_of(b, &volumes);
	writers_of(b, &writers);
	vss_uuid_braced(&b->backup_id, id);
	vss_uuid_braced(&b->set_id, set);
	vss_out("   Backup ID: %s\n   Shadow Copy Set ID: %s\n   Originating Machine: %s\n", id, set, host);
	vss_out("   Type: %s\n   Consistency: %s\n", vss_backup_type_word(b->type), vss_grade_word(grade_of(b)));
	print_base(b, list);
	print_names("Volumes", &volumes);
	print_names("Writers", &writers);
}

static void
print_text(const struct vss_backup_info *b, const struct vss_backup_infos *list)
{
	char created[40] = "unknown", size[32], bytes[32];
	VSS_AUTOFREE char *path = vss_out_name(b->path);
	VSS_AUTOFREE char *state = vss_out_name(state_of(b));
	if (b->bcd)
		vss_time_local(b->bcd->created_ns, created);
	vss_format_size(size, b->size);
	vss_format_size(bytes, b->bytes);
	vss_out("Backup time: %s\n   Archive: %s\n", created, path);
	if (b->bcd) {
		print_document(b->bcd, list);
		vss_out("   Content: %" PRIu64 " files, %s\n", b->files, bytes);
	}
	vss_out("   Archive size: %s\n   State: %s\n\n", size, state);
}

static const struct vss_column columns[] = {
	{ "created", "CREATED" },
	{ "archive", "ARCHIVE" },
	{ "backup_id", "BACKUP ID" },
	{ "set_id", "SET ID" },
	{ "host", "HOST" },
	{ "type", "TYPE" },
	{ "base_id", "BASE ID" },
	{ "chain", "CHAIN" },
	{ "grade", "GRADE" },
	{ "volumes", "VOLUMES" },
	{ "writers", "WRITERS" },
	{ "files", "FILES" },
	{ "bytes", "BYTES" },
	{ "archive_bytes", "ARCHIVE BYTES" },
	{ "good", "GOOD" },
	{ "has_index", "INDEX" },
	{ "problem", "PROBLEM" },
};

static void
print_document_items(struct vss_items *it, const struct vss_bcd *b)
{
	char id[VSS_UUID_TEXT] = "", set[VSS_UUID_TEXT] = "", created[40] = "";
	VSS_AUTOSTRV struct vss_strv chain = VSS_STRV_INIT;
	VSS_AUTOSTRV struct vss_strv volumes = VSS_STRV_INIT;
	VSS_AUTOSTRV struct vss_strv writers = VSS_STRV_INIT;
	chain_of(b, &chain);
	volumes_of(b, &volumes);
	writers_of(b, &writers);
	if (b) {
		vss_uuid_text(&b->backup_id, id);
		vss_uuid_text(&b->set_id, set);
		vss_time_rfc3339(b->created_ns, created);
	}
	vss_items_string(it, "created", b ? created : NULL);
	vss_items_string(it, "backup_id", b ? id : NULL);
	vss_items_string(it, "set_id", b ? set : NULL);
	vss_items_string(it, "host", b ? b->host : NULL);
	vss_items_string(it, "type", b ? vss_backup_type_word(b->type) : NULL);
	vss_items_string(it, "base_id", chain.n ? chain.v[chain.n - 1] : NULL);
	vss_items_list(it, "chain", &chain);
	vss_items_string(it, "grade", b ? vss_grade_word(grade_of(b)) : NULL);
	vss_items_list(it, "volumes", &volumes);
	vss_items_list(it, "writers", &writers);
}

static void
print_item(struct vss_items *it, const struct vss_backup_info *b)
{
	vss_items_begin(it);
	vss_items_path(it, "archive", b->path);
	print_document_items(it, b->bcd);
	vss_items_u64(it, "files", b->files);
	vss_items_u64(it, "bytes", b->bytes);
	vss_items_u64(it, "archive_bytes", b->size);
	vss_items_bool(it, "good", vss_front_backup_is_good(b));
	vss_items_bool(it, "has_index", b->has_index);
	vss_items_string(it, "problem", b->problem);
	vss_items_end(it);
}

int
vss_front_backups(
	const struct vss_backup_infos *list, const char *path, const struct vss_front_list *how, struct vss_err *err)
{
	if (list->n == 1 && vss_str_eq(list->v[0].path, path) && !list->v[0].bcd)
		return vss_fail(err, VSS_CORRUPT, 0, "%s: %s", path, state_of(&list->v[0]));
	if (!how->columns && !how->json) {
		for (size_t i = 0; i < list->n; i++)
			print_text(&list->v[i], list);
		if (!list->n)
			vss_front_none();
		return 0;
	}
	struct vss_items *it = vss_items_new(columns, sizeof columns / sizeof *columns, how->columns, err);
	if (!it)
		return -1;
	for (size_t i = 0; i < list->n; i++)
		print_item(it, &list->v[i]);
	vss_items_print(it);
	return 0;
}

int
vss_front_backups_max_age(const struct vss_backup_infos *list, const char *path, uint64_t seconds, struct vss_err *err)
{
	int64_t now = vss_now_wall();
	int64_t most = seconds > INT64_MAX / VSS_S ? INT64_MAX : (int64_t)seconds * VSS_S;
	for (size_t i = 0; i < list->n; i++)
		if (vss_front_backup_is_good(&list->v[i]) && now - list->v[i].bcd->created_ns <= most)
			return 0;
	return vss_fail(err, VSS_ABSENT, 0, "%s: no good backup that is younger than %" PRIu64 " s", path, seconds);
}
