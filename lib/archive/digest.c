/* SPDX-License-Identifier: BSD-2-Clause */
#include "archive/digest_internal.h"

#include "base/mem.h"

#include <openssl/evp.h>
#include <stdlib.h>

struct vss_digest {
	EVP_MD_CTX *ctx;
	const EVP_MD *md;
};

struct vss_digest *
vss_digest_new(struct vss_err *err)
{
	struct vss_digest *d = vss_alloc(sizeof *d);

	d->md = EVP_sha256();
	d->ctx = EVP_MD_CTX_new();
	if (d->ctx && EVP_DigestInit_ex(d->ctx, d->md, NULL) == 1)
		return d;
	vss_digest_free(d);
	vss_fail(err, VSS_UNSUPPORTED, 0, "archive: libcrypto offers no SHA-256");
	return NULL;
}

/* A context that could be started once takes everything after; a failure here is a broken library,
 * and a wrong digest the worst answer. */
static void
must(int result)
{
	if (result != 1)
		abort();
}

void
vss_digest_start(struct vss_digest *d)
{
	must(EVP_DigestInit_ex(d->ctx, NULL, NULL)); /* NULL: the same kind again, without a look-up */
}

void
vss_digest_add(struct vss_digest *d, const void *p, size_t n)
{
	must(EVP_DigestUpdate(d->ctx, p, n));
}

void
vss_digest_end(struct vss_digest *d, unsigned char out[32])
{
	must(EVP_DigestFinal_ex(d->ctx, out, NULL));
}

void
vss_digest_free(struct vss_digest *d)
{
	if (!d)
		return;
	EVP_MD_CTX_free(d->ctx);
	free(d);
}

int
vss_digest_once(unsigned char out[32], const void *p, size_t n, struct vss_err *err)
{
	if (EVP_Digest(p, n, out, NULL, EVP_sha256(), NULL) == 1)
		return 0;
	return vss_fail(err, VSS_UNSUPPORTED, 0, "archive: libcrypto offers no SHA-256");
}
