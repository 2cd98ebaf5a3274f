/* SPDX-License-Identifier: BSD-2-Clause */
#include "doc/elements.h"

#include "lib/cm.h"

#include <stdlib.h>
#include <string.h>

static struct vss_elements *
read_text(const char *text, struct vss_err *err)
{
	return vss_elements_read(text, strlen(text), "domain", err);
}

static void
assert_is(char *got, const char *wanted)
{
	if (wanted)
		assert_string_equal(got, wanted);
	else
		assert_null(got);
	free(got);
}

static void
children_attributes_and_text_are_found(void **state)
{
	(void)state;
	struct vss_err err = VSS_ERR_INIT;
	struct vss_elements *d = read_text("<domain id='1' xmlns:q='urn:q'><q:name>no</q:name><name>a&amp;b</name>"
					   "<disk n='1'/><x/><disk n='&quot;2&quot;' q:n='3'/></domain>",
		&err);
	assert_non_null(d);
	const struct vss_element *root = vss_elements_root(d);
	const struct vss_element *one = vss_element_child(root, "disk", NULL),
				 *two = vss_element_child(root, "disk", one);

	assert_is(vss_element_attribute(root, "id"), "1");
	assert_is(vss_element_text(vss_element_child(root, "name", NULL)), "a&b");
	assert_is(vss_element_attribute(one, "n"), "1");
	assert_is(vss_element_attribute(two, "n"), "\"2\"");
	assert_null(vss_element_child(root, "disk", two));
	assert_null(vss_element_child(vss_element_child(root, "absent", NULL), "x", NULL));
	assert_is(vss_element_attribute(two, "absent"), NULL);
	assert_is(vss_element_attribute(NULL, "n"), NULL);
	assert_is(vss_element_text(NULL), NULL);
	vss_elements_free(d);
}

static void
other_documents_are_refused(void **state)
{
	(void)state;
	static const char *const texts[] = { "", "text", "<domain>", "<other/>", "<domain xmlns='urn:x'/>",
		"<!DOCTYPE domain [<!ENTITY e 'x'>]><domain>&e;</domain>", "<domain>&e;</domain>" };

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct vss_err err = VSS_ERR_INIT;

		assert_null(read_text(texts[i], &err));
		assert_int_equal(err.code, VSS_INVALID);
	}
	vss_elements_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(children_attributes_and_text_are_found),
		cmocka_unit_test(other_documents_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
