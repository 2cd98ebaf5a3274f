/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/document_copy.h"

#include "base/mem.h"
#include "base/path.h"
#include "doc/doc.h"
#include "os/durable.h"
#include "requester/documents.h"
#include "tree/walk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int
vss_document_copy_check(struct vss_document_copy *d, const char *wish, bool replace, struct vss_err *err)
{
	struct stat st;

	if (!wish)
		return 0;
	bool there = stat(wish, &st) == 0;
	d->below = there && S_ISDIR(st.st_mode);
	d->replace = replace;
	if (!d->below && there && (!replace || !S_ISREG(st.st_mode)))
		return vss_fail(err, VSS_EXISTS, 0, "%s: is there already%s", wish,
			replace ? ", and no plain file" : "; --replace takes its place");
	if (!d->below && (!*wish || vss_str_ends(wish, "/")))
		return vss_fail(err, VSS_ABSENT, 0, "%s: no such directory", wish);
	VSS_AUTOFREE char *dir = d->below ? vss_strdup(wish) : vss_path_dir(wish);
	VSS_AUTOFREE char *real = realpath(dir, NULL);
	if (!real || access(real, W_OK | X_OK) < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "%s: documents cannot be put there", dir);
	d->path = d->below ? vss_take(&real) : vss_path_join(real, vss_path_base(wish));
	return 0;
}

void
vss_document_copy_clear(struct vss_document_copy *d)
{
	free(d->path);
	memset(d, 0, sizeof *d);
}

static int
write_file(const struct vss_document_copy *d, const struct vss_buf *doc, struct vss_err *err)
{
	struct vss_partial p;

	if (vss_partial_open(d->path, d->replace, &p, err) < 0)
		return -1;
	if (vss_write_all(p.fd, doc->data, doc->len, err) < 0) {
		vss_partial_abandon(&p);
		return -1;
	}
	return vss_partial_commit(&p, err);
}

/* --- a directory --- */

static int
make_dir(int dirfd, const char *name, struct vss_err *err)
{
	if (mkdirat(dirfd, name, 0700) < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "%s: make the directory", name);
	int fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return fd < 0 ? vss_fail(err, VSS_SYSTEM, errno, "%s", name) : fd;
}

static int
write_writers(int dirfd, const struct vss_plan *p, struct vss_err *err)
{
	const struct vss_writer *last = NULL;
	VSS_AUTOCLOSE int writers = make_dir(dirfd, "writers", err);

	for (size_t i = 0; writers >= 0 && i < p->choice.ncomponents; i++) {
		const struct vss_writer *w = p->choice.components[i].writer;
		VSS_AUTOBUF struct vss_buf doc = VSS_BUF_INIT;
		VSS_AUTOFREE char *name = vss_strf("%s.xml", w->registration);
		if (w != last && (vss_doc_write_metadata(w->metadata, &doc, err) < 0 ||
					 vss_write_file_at(writers, name, doc.data, doc.len, 0600, err) < 0))
			return vss_wrap(err, "writer \"%s\"", w->metadata->name);
		last = w; /* the components of one writer stand together */
	}
	return writers < 0 ? -1 : 0;
}

/* Under a name of its own until all is durable. */
static int
fill(int above, const char *name, const struct vss_plan *p, const struct vss_buf *doc, struct vss_err *err)
{
	VSS_AUTOCLOSE int dirfd = make_dir(above, name, err);

	if (dirfd < 0 || write_writers(dirfd, p, err) < 0)
		return -1;
	if (vss_write_file_at(dirfd, VSS_DOC_FINAL, doc->data, doc->len, 0600, err) < 0)
		return -1;
	return vss_fsync_dir(dirfd, err);
}

static int
write_directory(const struct vss_document_copy *d, const char *name, const struct vss_plan *p,
	const struct vss_buf *doc, struct vss_err *err)
{
	VSS_AUTOFREE char *partial = vss_strf("%s.partial", name);
	struct vss_err ignored = VSS_ERR_INIT;
	VSS_AUTOCLOSE int above = open(d->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (above < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "open");
	if (vss_remove_tree(above, partial, err) < 0) /* of a run that was killed */
		return -1;
	int rc = fill(above, partial, p, doc, err);
	if (rc == 0 && renameat2(above, partial, above, name, RENAME_NOREPLACE) < 0)
		rc = vss_fail(err, VSS_SYSTEM, errno, "%s", name);
	if (rc < 0) {
		(void)vss_remove_tree(above, partial, &ignored);
		return -1;
	}
	return vss_fsync_dir(above, err);
}

int
vss_document_copy_write(const struct vss_document_copy *d, const char *name, const struct vss_plan *p,
	const struct vss_bcd *bcd, struct vss_err *err)
{
	VSS_AUTOBUF struct vss_buf doc = VSS_BUF_INIT;

	if (!d->path)
		return 0;
	if (vss_doc_write_bcd(bcd, &doc, err) < 0)
		return -1;
	int rc = d->below ? write_directory(d, name, p, &doc, err) : write_file(d, &doc, err);
	return rc < 0 ? vss_wrap(err, "%s: documents", d->path) : 0;
}
