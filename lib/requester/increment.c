/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/increment.h"

#include "base/mem.h"
#include "base/path.h"
#include "requester/convert.h"

#include <string.h>
#include <sys/stat.h>

/* --- before the writers prepare --- */

static int
refuse_mixing(const struct vss_increment *i, const struct vss_metadata *m, struct vss_err *err)
{
	const char *other =
		vss_backup_type_word(i->type == VSS_BT_INCREMENTAL ? VSS_BT_DIFFERENTIAL : VSS_BT_INCREMENTAL);

	if (!(m->schema & VSS_BS_EXCLUSIVE_INCREMENTAL_DIFFERENTIAL) || !vss_base_is_mixed(&i->base, &m->writer_id))
		return 0;
	return vss_fail(err, VSS_UNSUPPORTED, 0,
		"writer \"%s\": goes on with %s backups only on the full one that %s goes back to: use --type %s, or "
		"make a "
		"full backup first",
		m->name, other, i->base.path, other);
}

static int
give_stamp(const struct vss_increment *i, const struct vss_choice_component *c, struct vss_err *err)
{
	const struct vss_component *comp = c->component;
	const struct vss_uuid *writer = &c->writer->metadata->writer_id;
	const struct vss_bcd_component *before = vss_base_component(&i->base, writer, comp->logical_path, comp->name);

	if (!before || !before->stamp)
		return 0;
	return vss_session_set_previous_backup_stamp(
		i->session, writer, comp->logical_path, comp->name, before->stamp, err);
}

int
vss_increment_begin(struct vss_increment *i, struct vss_err *err)
{
	const struct vss_choice *c = &i->plan->choice;

	for (size_t k = 0; k < c->ncomponents; k++) {
		const struct vss_metadata *m = c->components[k].writer->metadata;
		if (c->components[k].owner != k || vss_metadata_backup_type(m, i->type) != i->type)
			continue;
		if (refuse_mixing(i, m, err) < 0 || give_stamp(i, &c->components[k], err) < 0)
			return -1;
	}
	vss_base_note_chain(&i->base, vss_session_bcd(i->session));
	return 0;
}

/* --- one file --- */

/* What one file set of a component says. */
static void
ask_set(const struct vss_increment *i, size_t k, const char *dir, const char *name, struct vss_increment_answer *out)
{
	const struct vss_choice_files *f = &i->plan->choice.files[k];
	const struct vss_increment_part *part = &i->parts[f->component];

	*out = (struct vss_increment_answer){ .take = VSS_FILE_WHOLE, .component = f->component };
	if (part->stored) {
		struct vss_file_taken taken =
			vss_file_take_of(part->stored, k < i->nsets ? &f->files : NULL, part->type, dir, name);
		out->take = taken.take;
		out->partial = taken.partial;
		out->since_ns = taken.since_ns;
	} else if (!vss_fileset_is_in_backup(&f->files, part->type)) {
		out->take = VSS_FILE_OUT;
	}
	out->always = out->take == VSS_FILE_WHOLE && !vss_is_increment(part->type);
}

/* A file that several sets name is taken as the one wants that wants most of it. */
static unsigned
rank(const struct vss_increment_answer *a)
{
	static const unsigned ranks[] = {
		[VSS_FILE_OUT] = 0, [VSS_FILE_PARTS] = 1, [VSS_FILE_CHANGED] = 2, [VSS_FILE_WHOLE] = 3
	};

	return ranks[a->take] + a->always;
}

/* Two that each know of changes, and of other ones. */
static bool
differ(const struct vss_increment_answer *a, const struct vss_increment_answer *b)
{
	bool both = (a->take == VSS_FILE_PARTS || a->take == VSS_FILE_CHANGED) &&
		    (b->take == VSS_FILE_PARTS || b->take == VSS_FILE_CHANGED);

	return both && (a->partial != b->partial || a->since_ns != b->since_ns);
}

static void
combine(struct vss_increment_answer *out, const struct vss_increment_answer *one)
{
	if (differ(out, one))
		*out = (struct vss_increment_answer){ .take = VSS_FILE_WHOLE, .component = out->component };
	else if (rank(one) > rank(out))
		*out = *one;
}

static bool
is_plain(const struct vss_increment *i, const char *path)
{
	const struct vss_plan_place *at = vss_plan_place_of(i->plan, path);

	return at &&
	       vss_choice_is_plain(&i->plan->choice, path, (struct vss_choice_place){ at->volume->mount, at->plain });
}

void
vss_increment_asks(const struct vss_increment *i, const char *path, struct vss_increment_answer *out)
{
	const struct vss_choice *c = &i->plan->choice;
	VSS_AUTOFREE char *dir = c->nfiles ? vss_path_dir(path) : NULL;
	const char *name = vss_path_base(path);
	bool any = false;

	for (size_t k = 0; k < c->nfiles; k++) {
		struct vss_increment_answer one;
		if (!vss_fileset_matches(&c->files[k].files, dir, name))
			continue;
		ask_set(i, k, dir, name, &one);
		if (any)
			combine(out, &one);
		else
			*out = one;
		any = true;
	}
	if (!any || (out->take == VSS_FILE_OUT && is_plain(i, path)))
		*out = (struct vss_increment_answer){ .take = VSS_FILE_WHOLE };
}

/* --- what stays as the base has it --- */

unsigned
vss_increment_in(const struct vss_increment *i, const struct vss_archive_node *node)
{
	return node->elsewhere ? node->in : i->base.number;
}

static bool
stays_out(const struct vss_increment *i, const char *path)
{
	VSS_AUTOFREE char *whole = vss_path_join("/", path);
	struct vss_increment_answer answer;

	if (vss_strv_has_sorted(&i->first, whole))
		return false;
	vss_increment_asks(i, whole, &answer);
	return answer.take == VSS_FILE_OUT && vss_is_increment(i->parts[answer.component].type);
}

struct carrying {
	const struct vss_increment *increment;
	struct vss_archive_writer *archive;
};

/* Another name of a file whose first name is not carried stands for itself. */
static int
part_from_first_name(const struct vss_increment *i, struct vss_member *m, struct vss_err *err)
{
	struct vss_archive_node node;

	if (!m->hardlink || stays_out(i, m->hardlink))
		return 0;
	if (vss_archive_tree_find(i->base.tree, m->path, &node, err) < 0)
		return -1;
	m->hardlink = NULL;
	m->size = node.size;
	m->sparse = node.sparse;
	m->has_digest = node.has_digest;
	memcpy(m->sha256, node.sha256, sizeof m->sha256);
	return 0;
}

static int
carry(void *ctx, const struct vss_member *m, struct vss_err *err)
{
	const struct carrying *c = ctx;
	struct vss_member line = *m; /* borrows */

	if (S_ISDIR(m->mode) || (m->partial && !m->elsewhere) || vss_path_is_below(m->path, ".vss") ||
		!stays_out(c->increment, m->path))
		return 0;
	if (part_from_first_name(c->increment, &line, err) < 0)
		return -1;
	return vss_archive_put_unchanged(c->archive, &line, m->elsewhere ? m->in : c->increment->base.number, err);
}

/* Is there a file set that is not for this type? */
static bool
leaves_out(const struct vss_increment *i)
{
	const struct vss_choice *c = &i->plan->choice;

	for (size_t k = 0; k < c->nfiles; k++) {
		enum vss_backup_type type = i->parts[c->files[k].component].type;
		if (vss_is_increment(type) && !vss_fileset_is_in_backup(&c->files[k].files, type))
			return true;
	}
	return false;
}

int
vss_increment_carry(const struct vss_increment *i, struct vss_archive_writer *a, struct vss_err *err)
{
	struct carrying c = { i, a };

	if (!leaves_out(i))
		return 0;
	return vss_archive_state_lines(i->base.reader, carry, &c, err) < 0 ? vss_wrap(err, "%s", i->base.path) : 0;
}
