/* SPDX-License-Identifier: BSD-2-Clause */
#include "archive/ustar_internal.h"

#include "base/mem.h"
#include "base/str.h"

#include <string.h>
#include <sys/stat.h>

static const struct {
	mode_t type;
	char letter;
} types[] = {
	{ S_IFREG, '0' },
	{ S_IFLNK, '2' },
	{ S_IFCHR, '3' },
	{ S_IFBLK, '4' },
	{ S_IFDIR, '5' },
	{ S_IFIFO, '6' },
};
#define NTYPES (sizeof types / sizeof types[0])

char
vss_ustar_letter(mode_t mode)
{
	for (size_t i = 0; i < NTYPES; i++)
		if (types[i].type == (mode & S_IFMT))
			return types[i].letter;
	return 0;
}

mode_t
vss_ustar_type(char letter)
{
	for (size_t i = 0; i < NTYPES; i++)
		if (types[i].letter == letter)
			return types[i].type;
	return 0;
}

void
vss_ustar_number(char *field, size_t width, uint64_t value)
{
	uint64_t most = width == 12 ? VSS_USTAR_BIG_MAX : VSS_USTAR_ID_MAX;

	if (value > most)
		value = most;
	field[width - 1] = 0;
	for (size_t i = width - 1; i-- > 0; value >>= 3)
		field[i] = (char)('0' + (value & 7));
}

void
vss_ustar_text(char *field, size_t width, const char *value)
{
	size_t n = strlen(value);

	memcpy(field, value, n < width ? n : width);
}

bool
vss_ustar_path(struct vss_ustar *h, const char *path, size_t n)
{
	size_t cut = 0;

	if (n <= sizeof h->name) {
		memcpy(h->name, path, n);
		return true;
	}
	/* The first slash that leaves few enough bytes behind it; one at the very end belongs to
	 * the name. */
	for (size_t i = n - sizeof h->name - 1; !cut && i < n - 1 && i <= sizeof h->prefix; i++)
		if (path[i] == '/')
			cut = i;
	if (!cut) {
		memcpy(h->name, path, sizeof h->name);
		return false;
	}
	memcpy(h->prefix, path, cut);
	memcpy(h->name, path + cut + 1, n - cut - 1);
	return true;
}

static unsigned
checksum(const struct vss_ustar *h)
{
	const unsigned char *p = (const unsigned char *)h;
	size_t from = offsetof(struct vss_ustar, checksum), to = from + sizeof h->checksum;
	unsigned sum = ' ' * sizeof h->checksum;

	for (size_t i = 0; i < sizeof *h; i++)
		sum += i < from || i >= to ? p[i] : 0;
	return sum;
}

void
vss_ustar_seal(struct vss_ustar *h)
{
	memcpy(h->magic, "ustar", sizeof h->magic);
	memcpy(h->version, "00", sizeof h->version);
	vss_ustar_number(h->checksum, sizeof h->checksum - 1, checksum(h));
	h->checksum[7] = ' '; /* six digits, NUL, blank: as ever */
}

int
vss_ustar_check(const struct vss_ustar *h)
{
	uint64_t sum;

	if (memcmp(h->magic, "ustar", sizeof h->magic) != 0 || memcmp(h->version, "00", sizeof h->version))
		return -1;
	return vss_ustar_to_number(h->checksum, sizeof h->checksum, &sum) || sum != checksum(h) ? -1 : 0;
}

int
vss_ustar_to_number(const char *field, size_t width, uint64_t *out)
{
	size_t i = 0;

	*out = 0;
	for (; i < width && field[i] >= '0' && field[i] <= '7'; i++)
		*out = *out << 3 | (uint64_t)(field[i] - '0');
	return i < width && field[i] && field[i] != ' ' ? -1 : 0;
}

char *
vss_ustar_to_text(const char *field, size_t width)
{
	return vss_strndup(field, strnlen(field, width));
}

char *
vss_ustar_to_path(const struct vss_ustar *h)
{
	VSS_AUTOFREE char *name = vss_ustar_to_text(h->name, sizeof h->name);
	VSS_AUTOFREE char *prefix = vss_ustar_to_text(h->prefix, sizeof h->prefix);

	return *prefix ? vss_strf("%s/%s", prefix, name) : vss_take(&name);
}
