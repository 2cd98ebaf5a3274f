/* SPDX-License-Identifier: BSD-2-Clause */
#include "provider/btrfs_internal.h"

/* A snapshot writes a root of its own, a new one for its source, and the leaves that name both. */
#define NODES_PER_SNAPSHOT 4

/*
 * The leader's commit must have closed its transaction to newcomers when the others arrive, and
 * must not be over yet.  How long that takes depends on what is dirty, so tries alternate between
 * short and long.
 */
unsigned
vss_btrfs_lead_us(unsigned try)
{
	static const unsigned leads[] = { 300, 50, 150, 600 };
	return leads[try % (sizeof leads / sizeof *leads)];
}

uint64_t
vss_btrfs_try_cost(size_t n, uint32_t nodesize)
{
	return (uint64_t)(n + 1) * NODES_PER_SNAPSHOT * nodesize;
}

unsigned
vss_btrfs_tries(size_t n, uint64_t free_bytes, uint32_t nodesize)
{
	return VSS_BTRFS_TRIES * vss_btrfs_try_cost(n, nodesize) > free_bytes / 10 ? 1 : VSS_BTRFS_TRIES;
}
