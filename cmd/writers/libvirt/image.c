/* SPDX-License-Identifier: BSD-2-Clause */
#include "guest.h"

#include "base/mem.h"
#include "base/path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The head of a qcow2 file: numbers are big-endian. */
enum { MAGIC = 0x514649fb, HEAD_BYTES = 65536, NAME_MAX_BYTES = 1023, CHAIN_MAX = 64 };
enum { AT_VERSION = 4, AT_BACKING = 8, AT_BACKING_SIZE = 16, AT_HEADER_SIZE = 100, V2_HEADER = 72 };
enum { EXTENSION_END = 0, EXTENSION_FORMAT = (int)0xe2792aca };

struct head {
	unsigned char bytes[HEAD_BYTES];
	size_t n;
};

static uint32_t
get32(const struct head *h, size_t at)
{
	uint32_t v = 0;

	for (size_t i = 0; i < 4; i++)
		v = v << 8 | (at + i < h->n ? h->bytes[at + i] : 0);
	return v;
}

static int
read_head(const char *path, struct head *h, struct vss_err *err)
{
	VSS_AUTOCLOSE int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	h->n = 0;
	while (fd >= 0 && h->n < sizeof h->bytes) {
		ssize_t n = pread(fd, h->bytes + h->n, sizeof h->bytes - h->n, (off_t)h->n);

		if (n == 0)
			return 0;
		if (n < 0 && errno != EINTR)
			return vss_fail(err, VSS_SYSTEM, errno, "%s", path);
		h->n += n > 0 ? (size_t)n : 0;
	}
	return fd >= 0 ? 0 : vss_fail(err, VSS_SYSTEM, errno, "%s", path);
}

/* What kind the file below is, where the head says it. */
static bool
is_based_on_qcow2(const struct head *h)
{
	size_t at = get32(h, AT_VERSION) >= 3 ? get32(h, AT_HEADER_SIZE) : V2_HEADER;

	while (at + 8 <= h->n) {
		uint32_t kind = get32(h, at), size = get32(h, at + 4);

		if (kind == EXTENSION_END || size > h->n - at - 8)
			return false;
		if (kind == (uint32_t)EXTENSION_FORMAT)
			return size == 5 && memcmp(h->bytes + at + 8, "qcow2", 5) == 0;
		at += 8 + (((size_t)size + 7) & ~(size_t)7);
	}
	return false;
}

/* The path of the file below; NULL: it stands alone, or *err is set. */
static char *
backing_of(const char *path, const struct head *h, struct vss_err *err)
{
	uint64_t at = (uint64_t)get32(h, AT_BACKING) << 32 | get32(h, AT_BACKING + 4);
	uint32_t size = get32(h, AT_BACKING_SIZE);

	if (get32(h, 0) != MAGIC || at == 0 || size == 0)
		return NULL;
	if (size > NAME_MAX_BYTES || at > h->n - size || memchr(h->bytes + at, '\0', size)) {
		vss_fail(err, VSS_INVALID, 0, "%s: its head cannot be read", path);
		return NULL;
	}
	VSS_AUTOFREE char *name = vss_strndup((const char *)h->bytes + at, size);
	VSS_AUTOFREE char *dir = vss_path_dir(path);
	const char *plain = vss_str_starts(name, "file:") ? name + 5 : name;
	if (strchr(plain, ':') && (!strchr(plain, '/') || strchr(plain, ':') < strchr(plain, '/'))) {
		vss_fail(err, VSS_UNSUPPORTED, 0, "%s: is based on %s, which is no file of this machine", path, name);
		return NULL;
	}
	return vss_path_clean(plain, dir);
}

int
image_add_backing(const char *path, struct vss_strv *out, struct vss_err *err)
{
	VSS_AUTOFREE struct head *h = vss_alloc(sizeof *h);
	VSS_AUTOFREE char *at = vss_strdup(path);

	for (unsigned depth = 0; depth < CHAIN_MAX; depth++) {
		if (read_head(at, h, err) != 0)
			return -1;
		VSS_AUTOFREE char *below = backing_of(at, h, err);
		if (!below)
			return err->code == VSS_OK ? 0 : -1;
		if (!vss_strv_has(out, below))
			vss_strv_add(out, below);
		if (!is_based_on_qcow2(h))
			return 0;
		free(at);
		at = vss_take(&below);
	}
	return vss_fail(err, VSS_INVALID, 0, "%s: too many images below it", path);
}
