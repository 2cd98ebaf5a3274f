/* SPDX-License-Identifier: BSD-2-Clause */
#include "doc/manifest.h"
#include "round_trip.h"

FUZZ_ROUND_TRIP(struct vss_manifest, vss_doc_read_manifest, vss_doc_write_manifest, vss_manifest_free)
