/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_DOC_BCD_INTERNAL_H
#define VSS_DOC_BCD_INTERNAL_H

#include "doc/xml_internal.h"
#include "model/components.h"

/**
 * A component in the backup components document (D11): bcd_component.c its own attributes, bcd_files.c what was noted of
 * single files, file sets and subcomponents.  The open functions get the document, whose last component is meant.
 */
void bcd_write_component(struct vss_xml_out *x, const struct vss_bcd_component *c);
void bcd_open_component(struct vss_xml_element *e, void *bcd);
void bcd_open_backup_metadata(struct vss_xml_element *e, void *bcd);
void bcd_open_restore_metadata(struct vss_xml_element *e, void *bcd);
/** Elements stand inside the component that was opened last; one that could not be added has ended the reading. */
struct vss_bcd_component *bcd_last_component(struct vss_bcd *b);

void bcd_write_files(struct vss_xml_out *x, const struct vss_bcd_component *c);
void bcd_open_partial(struct vss_xml_element *e, void *bcd);
void bcd_open_differenced(struct vss_xml_element *e, void *bcd);
void bcd_open_subcomponent(struct vss_xml_element *e, void *bcd);
void bcd_open_new_target(struct vss_xml_element *e, void *bcd);
void bcd_open_directed(struct vss_xml_element *e, void *bcd);
void bcd_open_used_location(struct vss_xml_element *e, void *bcd);

#endif
