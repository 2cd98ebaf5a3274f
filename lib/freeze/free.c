/* SPDX-License-Identifier: BSD-2-Clause */
#include "freeze/freeze_internal.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static void
drop(int fd)
{
	if (fd >= 0)
		close(fd);
}

static void
free_page(struct vss_hold_page *p)
{
	int all[VSS_HOLD_MANY];
	if (!p)
		return;
	vss_hold_descriptors(p, all);
	for (const int *fd = all; *fd >= 0; fd++)
		close(*fd);
	munmap(p, sizeof *p);
}

void
vss_freeze_free(struct vss_freeze *f)
{
	for (size_t i = 0; f->page && i < f->page->ncgroups; i++)
		free(f->cgroups[i]);
	free_page(f->page);
	drop(f->marker);
	drop(f->commands);
	drop(f->answers);
	drop(f->timer);
	drop(f->ready);
	drop(f->sentinel);
	vss_freeze_record_free(&f->record);
	free(f->record_path);
	free(f->fs_of);
	free(f->cgroups);
	free(f);
}
