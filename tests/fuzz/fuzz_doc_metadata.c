/* SPDX-License-Identifier: BSD-2-Clause */
#include "round_trip.h"

FUZZ_ROUND_TRIP(struct vss_metadata, vss_doc_read_metadata, vss_doc_write_metadata, vss_metadata_free)
