/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/transport.h"
#include "requester/transport_internal.h"

#include "archive/checksum.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/path.h"
#include "doc/doc.h"
#include "os/durable.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

char *
vss_transport_stream_name(const struct vss_shadow *s)
{
	char id[VSS_UUID_TEXT];

	vss_uuid_text(&s->id, id);
	return vss_strf("%s.%s", id, s->provider);
}

/* Files of a transport that is being written: all of them go again when one cannot be written. */
struct writing {
	char *dir;
	struct vss_strv made;
	struct vss_buf sums;
};

static int
note(struct writing *w, int fd, const char *path, struct vss_err *err)
{
	char sum[VSS_CHECKSUM_TEXT];

	if (vss_checksum_file(fd, sum, err) < 0)
		return vss_wrap(err, "%s", path);
	vss_buf_fmt(&w->sums, "%s  %s\n", sum, vss_path_base(path));
	return 0;
}

/* Takes the partial file in any case. */
static int
commit(struct writing *w, struct vss_partial *p, const char *path, struct vss_err *err)
{
	if (note(w, p->fd, path, err) < 0) {
		vss_partial_abandon(p);
		return -1;
	}
	if (vss_partial_commit(p, err) < 0)
		return -1;
	vss_strv_add(&w->made, path);
	return 0;
}

static int
write_stream(struct writing *w, const struct vss_shadow *s, struct vss_err *err)
{
	const struct vss_provider_ops *ops = vss_provider_named(s->provider, err);
	VSS_AUTOFREE char *name = vss_transport_stream_name(s);
	VSS_AUTOFREE char *path = vss_path_join(w->dir, name);
	struct vss_partial p = { .fd = -1 };

	if (!ops)
		return -1;
	if (!ops->send)
		return vss_fail(err, VSS_E_VOLUME_NOT_SUPPORTED, 0, "%s: provider %s makes no transportable copies",
			s->volume, ops->name);
	if (vss_partial_open(path, false, &p, err) < 0)
		return -1;
	if (ops->send(s, p.fd, err) < 0) {
		vss_partial_abandon(&p);
		return vss_wrap(err, "%s", path);
	}
	return commit(w, &p, path, err);
}

static int
write_text(struct writing *w, const char *path, const struct vss_buf *text, struct vss_err *err)
{
	struct vss_partial p = { .fd = -1 };

	if (vss_partial_open(path, false, &p, err) < 0)
		return -1;
	if (vss_write_all(p.fd, text->data, text->len, err) < 0) {
		vss_partial_abandon(&p);
		return vss_wrap(err, "%s", path);
	}
	return commit(w, &p, path, err);
}

static int
write_all(struct writing *w, const struct vss_set *set, const char *document, struct vss_err *err)
{
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT, sums = VSS_BUF_INIT;
	VSS_AUTOFREE char *digests = vss_strf("%s" VSS_TRANSPORT_SUMS, document);

	for (size_t i = 0; i < set->nshadows; i++)
		if (write_stream(w, &set->shadows[i], err) < 0)
			return -1;
	if (vss_doc_write_set(set, &text, err) < 0 || write_text(w, document, &text, err) < 0)
		return -1;
	vss_buf_add(&sums, w->sums.data, w->sums.len);
	return write_text(w, digests, &sums, err);
}

static int
hide(const struct vss_set *set, struct vss_err *err)
{
	for (size_t i = 0; i < set->nshadows; i++) {
		const struct vss_shadow *s = &set->shadows[i];
		const struct vss_provider_ops *ops = vss_provider_named(s->provider, err);
		if (!ops || ops->unsurface(s, s->device, err) < 0)
			return -1;
	}
	return 0;
}

int
vss_transport_check(const char *document, struct vss_err *err)
{
	VSS_AUTOFREE char *digests = vss_strf("%s" VSS_TRANSPORT_SUMS, document);
	VSS_AUTOFREE char *dir = vss_path_dir(document);

	if (access(document, F_OK) == 0 || access(digests, F_OK) == 0)
		return vss_fail(err, VSS_EXISTS, EEXIST, "%s", document);
	return access(dir, W_OK | X_OK) == 0 ? 0 : vss_fail(err, VSS_SYSTEM, errno, "%s", dir);
}

int
vss_transport_write(const struct vss_set *set, const char *document, struct vss_err *err)
{
	struct writing w = { .dir = vss_path_dir(document) };
	int rc = vss_transport_check(document, err);

	if (rc == 0)
		rc = write_all(&w, set, document, err);
	for (size_t i = 0; rc < 0 && i < w.made.n; i++)
		unlink(w.made.v[i]);
	if (rc == 0)
		rc = hide(set, err);
	vss_strv_free(&w.made);
	vss_buf_free(&w.sums);
	free(w.dir);
	return rc;
}

void
vss_transport_remove(const struct vss_set *set, const char *document)
{
	VSS_AUTOFREE char *digests = vss_strf("%s" VSS_TRANSPORT_SUMS, document);
	VSS_AUTOFREE char *dir = vss_path_dir(document);

	unlink(digests); /* first: without it the rest is nothing */
	unlink(document);
	for (size_t i = 0; i < set->nshadows; i++) {
		VSS_AUTOFREE char *name = vss_transport_stream_name(&set->shadows[i]);
		VSS_AUTOFREE char *path = vss_path_join(dir, name);
		unlink(path);
	}
}
