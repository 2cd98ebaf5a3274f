/* SPDX-License-Identifier: BSD-2-Clause */
#include "vssadmin.h"

#include "base/mem.h"

#include <ctype.h>
#include <string.h>

void
admin_print_commands(void)
{
	vss_out("---- Commands Supported ----\n\n");
	for (const struct admin_command *c = admin_commands; c->name; c++)
		vss_out("%-22s- %s\n", c->name, c->help);
}

void
admin_print_help(const struct admin_command *c)
{
	vss_out("%s%s%s\n    %s\n", c->name, *c->usage ? " " : "", c->usage, c->help);
	if (c->takes) {
		vss_out("\n");
		admin_print_options(c);
	}
	vss_out("\nExample:  %s\n", c->example);
}

/* What begins with a lower-case word is a sentence; what begins with a path is one, too. */
void
admin_print_error(const struct vss_err *err)
{
	VSS_AUTOFREE char *text = vss_out_sentence(err->text);
	const char *name = vss_code_name(err->code);
	bool named = name && !strstr(text, name);

	text[0] = (char)toupper((unsigned char)text[0]);
	vss_out("Error: %s%s%s%s.\n", text, named ? " (" : "", named ? name : "", named ? ")" : "");
}
