/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A stage for the next boot by hand:
 *
 *	at_boot_driver [--leave | --abort] [TARGET[=TEXT | @TARGET]]...
 *		TARGET=TEXT	a file with that content	TARGET	a directory, mode 0750
 *		TARGET@TARGET	another name of one before it
 *	Each place is printed.  Then it is sealed, with --abort given up, with --leave neither: as who was killed leaves it.
 */
#include "base/mem.h"
#include "requester/at_boot.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void
give_up(const char *what)
{
	fprintf(stderr, "at_boot_driver: %s\n", what);
	exit(1);
}

static void
put_text(const char *place, const char *text)
{
	int fd = open(place, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text) || close(fd) < 0)
		give_up(place);
}

static void
put(struct vss_at_boot *b, char *word)
{
	struct vss_err err = VSS_ERR_INIT;
	char *text = strpbrk(word, "=@"), kind = text ? *text : '/';

	if (text)
		*text++ = '\0';
	VSS_AUTOFREE char *place = vss_at_boot_place(b, word, &err);
	VSS_AUTOFREE char *first = place && kind == '@' ? vss_at_boot_place(b, text, &err) : NULL;
	if (!place || (kind == '@' && !first))
		give_up(err.text);
	if (kind == '=')
		put_text(place, text);
	else if (kind == '@' ? link(first, place) < 0 : mkdir(place, 0750) < 0)
		give_up(place);
	printf("%s\n", place);
}

int
main(int argc, char **argv)
{
	struct vss_err err = VSS_ERR_INIT;
	bool leaves = argc > 1 && strcmp(argv[1], "--leave") == 0, aborts = argc > 1 && strcmp(argv[1], "--abort") == 0;
	struct vss_at_boot *b = vss_at_boot_new("writer \"Test\": component /x", &err);

	if (!b)
		give_up(err.text);
	for (int i = 1 + (leaves || aborts); i < argc; i++)
		put(b, argv[i]);
	if (leaves)
		exit(0);
	if (!aborts && vss_at_boot_seal(b, &err) < 0)
		give_up(err.text);
	vss_at_boot_free(b);
	return 0;
}
