/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/transport_internal.h"

#include "archive/checksum.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/path.h"
#include "doc/doc.h"
#include "os/durable.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SUMS_LIMIT (64u << 10)

void
vss_transport_clear(struct vss_transport *t)
{
	for (size_t i = 0; t->set && i < t->set->nshadows; i++)
		if (t->fds[i] >= 0)
			close(t->fds[i]);
	free(t->fds);
	vss_set_free(t->set);
	*t = (struct vss_transport){ 0 };
}

/* The line of `name`, or NULL: `DIGEST  NAME`. */
static const char *
digest_of(const struct vss_buf *sums, const char *name)
{
	size_t n = strlen(name);

	for (const char *line = sums->data; line && *line;) {
		const char *end = strchr(line, '\n');
		size_t length = end ? (size_t)(end - line) : strlen(line);
		if (length == VSS_CHECKSUM_TEXT - 1 + 2 + n && memcmp(line + length - n, name, n) == 0)
			return line;
		line = end ? end + 1 : NULL;
	}
	return NULL;
}

static int
check_sum(int fd, const struct vss_buf *sums, const char *path, struct vss_err *err)
{
	const char *wanted = digest_of(sums, vss_path_base(path));
	char sum[VSS_CHECKSUM_TEXT];

	if (!wanted)
		return vss_fail(err, VSS_CORRUPT, 0, "%s: it has no digest beside the document", path);
	if (vss_checksum_file(fd, sum, err) < 0)
		return vss_wrap(err, "%s", path);
	if (memcmp(sum, wanted, sizeof sum - 1) != 0)
		return vss_fail(err, VSS_CORRUPT, 0, "%s: it is damaged: its digest is another", path);
	return 0;
}

/* A regular file, checked; or -1. */
static int
open_checked(const char *path, const struct vss_buf *sums, struct vss_err *err)
{
	struct stat st;
	VSS_AUTOCLOSE int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &st) < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "%s", path);
	if (!S_ISREG(st.st_mode))
		return vss_fail(err, VSS_INVALID, 0, "%s: it is no file", path);
	return check_sum(fd, sums, path, err) < 0 ? -1 : vss_take_fd(&fd);
}

static struct vss_set *
read_document(const char *document, const struct vss_buf *sums, struct vss_err *err)
{
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;
	VSS_AUTOCLOSE int fd = open_checked(document, sums, err);

	if (fd < 0 || vss_read_file(document, VSS_DOC_LIMIT, &text, err) < 0)
		return NULL;
	struct vss_set *set = vss_doc_read_set(text.data, text.len, err);
	if (!set)
		vss_wrap(err, "%s", document);
	return set;
}

static int
open_streams(const char *document, const struct vss_buf *sums, struct vss_transport *t, struct vss_err *err)
{
	VSS_AUTOFREE char *dir = vss_path_dir(document);

	t->fds = vss_alloc(t->set->nshadows * sizeof *t->fds);
	for (size_t i = 0; i < t->set->nshadows; i++)
		t->fds[i] = -1;
	for (size_t i = 0; i < t->set->nshadows; i++) {
		VSS_AUTOFREE char *name = vss_transport_stream_name(&t->set->shadows[i]);
		VSS_AUTOFREE char *path = vss_path_join(dir, name);
		if (strchr(name, '/'))
			return vss_fail(err, VSS_INVALID, 0, "%s: names a provider that is none", document);
		t->fds[i] = open_checked(path, sums, err);
		if (t->fds[i] < 0)
			return -1;
	}
	return t->set->nshadows ? 0 : vss_fail(err, VSS_INVALID, 0, "%s: the set has no shadow copies", document);
}

int
vss_transport_read(const char *document, struct vss_transport *out, struct vss_err *err)
{
	VSS_AUTOBUF struct vss_buf sums = VSS_BUF_INIT;
	VSS_AUTOFREE char *digests = vss_strf("%s" VSS_TRANSPORT_SUMS, document);

	*out = (struct vss_transport){ 0 };
	if (access(document, F_OK) < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "%s", document);
	if (vss_read_file(digests, SUMS_LIMIT, &sums, err) < 0)
		return err->code == VSS_ABSENT ? vss_fail(err, VSS_ABSENT, 0,
							 "%s: is not there: the transport is not complete", digests)
					       : -1;
	out->set = read_document(document, &sums, err);
	if (out->set && open_streams(document, &sums, out, err) == 0)
		return 0;
	vss_transport_clear(out);
	return -1;
}
