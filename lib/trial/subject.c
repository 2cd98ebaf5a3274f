/* SPDX-License-Identifier: BSD-2-Clause */
#include "trial/trial_internal.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "os/durable.h"
#include "os/mount.h"
#include "os/volume.h"
#include "tree/walk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const struct vss_registration *
trial_subject(const struct trial *t)
{
	return &t->registered.v[0];
}

/* One line Exec=, in which a backslash takes the next byte as it is. */
static int
exec_line(const struct vss_strv *words, struct vss_buf *out, struct vss_err *err)
{
	VSS_AUTOFREE char *here = getcwd(NULL, 0);
	VSS_AUTOFREE char *program = here ? vss_path_clean(words->v[0], here) : NULL;

	if (!program)
		return vss_fail(err, VSS_SYSTEM, errno, "current directory");
	vss_buf_str(out, "[Writer]\nExec=");
	for (size_t i = 0; i < words->n; i++) {
		const char *p = i == 0 ? program : words->v[i];

		vss_buf_str(out, i > 0 ? " " : "");
		if (!*p)
			vss_buf_str(out, "\"\"");
		for (; *p; p++) {
			if (*p == '\n' || *p == '\r')
				return vss_fail(err, VSS_INVALID, 0, "%s: a line end in an argument", words->v[i]);
			vss_buf_ch(out, '\\');
			vss_buf_ch(out, *p);
		}
	}
	vss_buf_ch(out, '\n');
	return 0;
}

static int
write_registration(const struct vss_strv *words, const char *path, struct vss_err *err)
{
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;

	if (exec_line(words, &text, err) != 0)
		return -1;
	return vss_write_file(path, text.data, text.len, 0644, err);
}

/* A registration file stays where it is, so that it is judged by its own place. */
static int
register_subject(struct trial *t, struct vss_err *err)
{
	const struct vss_strv *words = t->o->writer;

	if (words->n != 1 || !vss_str_ends(words->v[0], ".writer")) {
		VSS_AUTOFREE char *path = vss_path_join(t->dir, "writers/trial.writer");

		return write_registration(words, path, err);
	}
	VSS_AUTOFREE char *real = realpath(words->v[0], NULL);
	VSS_AUTOFREE char *link = vss_strf("%s/writers/%s", t->dir, vss_path_base(words->v[0]));
	if (!real)
		return vss_fail(err, VSS_SYSTEM, errno, "%s", words->v[0]);
	return symlink(real, link) == 0 ? 0 : vss_fail(err, VSS_SYSTEM, errno, "%s: link", link);
}

static int
make_dir(struct trial *t, struct vss_err *err)
{
	const char *tmp = getenv("TMPDIR");
	char *dir = vss_strf("%s/vss-trial-XXXXXX", tmp && *tmp == '/' ? tmp : "/tmp");

	if (!mkdtemp(dir)) {
		free(dir);
		return vss_fail(err, VSS_SYSTEM, errno, "make a temporary directory");
	}
	t->dir = dir;
	VSS_AUTOFREE char *writers = vss_path_join(dir, "writers");
	/* A writer of another user has to reach its scratch directory. */
	if (chmod(dir, 0711) != 0 || mkdir(writers, 0755) != 0)
		return vss_fail(err, VSS_SYSTEM, errno, "%s", dir);
	t->writers_path = vss_strdup(getenv("VSS_WRITERS_PATH"));
	/* The one way to tell the host where to look. */
	setenv("VSS_WRITERS_PATH", writers, 1);
	return 0;
}

int
trial_open(struct trial *t, struct vss_err *err)
{
	vss_uuid_random(&t->set);
	if (make_dir(t, err) != 0 || register_subject(t, err) != 0 || vss_registrations_read(&t->registered, err) != 0)
		return -1;
	if (t->registered.n != 1)
		return vss_fail(err, VSS_INVALID, 0, "%s: not a registration", t->o->writer->v[0]);
	const struct vss_registration *r = trial_subject(t);
	if (r->refused)
		return vss_fail(err, VSS_DENIED, 0, "%s", r->refused);
	if (r->socket)
		return vss_fail(err, VSS_UNSUPPORTED, 0, "%s: a service that runs cannot be started again and again",
			r->socket);
	return 0;
}

static void
remove_dir(const char *dir)
{
	VSS_AUTOFREE char *parent = vss_path_dir(dir);
	VSS_AUTOCLOSE int fd = open(parent, O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct vss_err err = VSS_ERR_INIT;

	if (fd >= 0 && vss_remove_tree(fd, vss_path_base(dir), &err) != 0)
		vss_warn("%s: not removed: %s", dir, err.text);
}

void
trial_close(struct trial *t)
{
	if (t->dir && t->writers_path)
		setenv("VSS_WRITERS_PATH", t->writers_path, 1);
	else if (t->dir)
		unsetenv("VSS_WRITERS_PATH");
	for (size_t i = 0; i < t->nmounted; i++)
		close(t->mounted[i]);
	free(t->mounted);
	if (t->dir)
		remove_dir(t->dir);
	for (size_t i = 0; i < t->nnotes; i++) {
		free(t->notes[i].path);
		free(t->notes[i].name);
		free(t->notes[i].metadata);
		free(t->notes[i].stamp);
	}
	free(t->notes);
	vss_registrations_free(&t->registered);
	vss_metadata_free(t->metadata);
	vss_strv_free(&t->identity);
	vss_strv_free(&t->mounts);
	vss_strv_free(&t->copies);
	free(t->writers_path);
	free(t->dir);
}

char *
trial_scratch(struct trial *t, struct vss_err *err)
{
	char *dir = vss_strf("%s/scratch-%u", t->dir, ++t->starts);

	if (mkdir(dir, 0711) == 0)
		return dir;
	vss_fail(err, VSS_SYSTEM, errno, "%s: make directory", dir);
	free(dir);
	return NULL;
}

/* What passes for the copy of a volume: the volume itself, which nobody can write to there; without the privilege for that an
 * empty directory.  A writer may be told to remove files from a copy.  The mount is nobody's but ours, and goes with us. */
static int
add_copy(struct trial *t, const char *mount, struct vss_err *err)
{
	VSS_AUTOCLOSE int fd = open(mount, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	VSS_AUTOFREE char *dir = vss_strf("%s/copy-%zu", t->dir, t->copies.n);
	struct vss_err why = VSS_ERR_INIT;
	int tree = fd >= 0 && geteuid() == 0 ? vss_mount_read_only(fd, "", &why) : -1;

	if (tree >= 0) {
		VSS_PUSH(t->mounted, t->nmounted, t->cmounted) = tree;
		vss_strv_take(&t->copies, vss_strf("/proc/%d/fd/%d", (int)getpid(), tree));
		return 0;
	}
	vss_debug("%s: an empty directory passes for its copy", mount);
	if (mkdir(dir, 0755) != 0)
		return vss_fail(err, VSS_SYSTEM, errno, "%s: make directory", dir);
	vss_strv_add(&t->copies, dir);
	return 0;
}

static int
add_volume(struct trial *t, const char *path, struct vss_err *err)
{
	struct vss_volume *v = vss_volume_near(path, err);
	int r = 0;

	if (!v)
		return -1;
	if (!vss_strv_has(&t->mounts, v->mount)) {
		vss_strv_add(&t->mounts, v->mount);
		r = add_copy(t, v->mount, err);
	}
	vss_volume_free(v);
	return r;
}

static int
find_volumes(struct trial *t, struct vss_err *err)
{
	for (size_t i = 0; i < t->metadata->ncomponents; i++) {
		const struct vss_component *c = &t->metadata->components[i];

		for (size_t j = 0; j < c->nfiles; j++)
			if (add_volume(t, c->files[j].path, err) != 0)
				return -1;
	}
	return 0;
}

int
trial_acquaint(struct trial *t, struct vss_err *err)
{
	struct actor a = ACTOR_INIT(t);
	int r = actor_start(&a, TRIAL_PLAIN, err);

	if (r == 0)
		r = actor_go(&a, VSS_EVENT_IDENTIFY, TRIAL_PLAIN, err);
	if (r == 0 && a.nsaid == 0) {
		const char *absent = vss_line_get(&a.answer, "absent");

		r = vss_fail(err, VSS_INVALID, 0, "it has nothing to publish here%s%s", absent ? ": " : "",
			absent ? absent : "");
	}
	if (r == 0) {
		t->metadata = vss_bare_metadata(a.said, a.nsaid, err);
		r = t->metadata ? 0 : vss_wrap(err, "identify");
		t->identity = a.texts;
		a.texts = (struct vss_strv)VSS_STRV_INIT;
		vss_strv_sort(&t->identity);
	}
	actor_end(&a);
	return r == 0 ? find_volumes(t, err) : -1;
}
