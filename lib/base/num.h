/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_BASE_NUM_H
#define VSS_BASE_NUM_H

#include <stdbool.h>
#include <stdint.h>

/** Decimal digits only, nothing else.  0 or -1. */
int vss_parse_u64(const char *s, uint64_t *out);
/** An optional minus, then decimal digits. */
int vss_parse_i64(const char *s, int64_t *out);
/** Bytes: digits and an optional unit B K M G T P E (or KB, KiB ...), powers of 1024. */
int vss_parse_size(const char *s, uint64_t *out);
/** A span: digits and an optional unit s m h d w (none: seconds); out in seconds. */
int vss_parse_span(const char *s, uint64_t *out);

/** Three significant digits and a binary unit ("22.1 GB", "0 bytes", "1.93 GB"), as vssadmin prints sizes. */
void vss_format_size(char out[32], uint64_t bytes);

/* Little-endian numbers in byte strings: the only way that formats read and write them. */
static inline void
vss_put32(unsigned char *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (unsigned char)(v >> (8 * i));
}
static inline void
vss_put64(unsigned char *p, uint64_t v)
{
	for (int i = 0; i < 8; i++)
		p[i] = (unsigned char)(v >> (8 * i));
}
static inline uint32_t
vss_get32(const unsigned char *p)
{
	uint32_t v = 0;
	for (int i = 0; i < 4; i++)
		v |= (uint32_t)p[i] << (8 * i);
	return v;
}
static inline uint64_t
vss_get64(const unsigned char *p)
{
	uint64_t v = 0;
	for (int i = 0; i < 8; i++)
		v |= (uint64_t)p[i] << (8 * i);
	return v;
}

#endif
