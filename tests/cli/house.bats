#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# The checks of the house are seen to fail: each on a small tree with one planted fault.
load ../lib/common

setup() {
	vss_setup
	tree=$T/tree
	mkdir -p "$tree/tests/cli" "$tree/man" "$tree/cmd" "$tree/lib/base" "$tree/lib/os" "$tree/build/lib/base" "$tree/build/lib/os"
	cp -r "$REPO/scripts" "$tree/"
	cp "$REPO/lib/LAYERS" "$tree/lib/"
	printf '#include "base/a.h"\n#include <stdio.h>\n' >"$tree/lib/base/a.c"
	printf '#include "base/a.h"\n#include <libmount/libmount.h>\n' >"$tree/lib/os/b.c"
	: >"$tree/lib/base/STOPS"
}

layers() { run "$tree/scripts/check-layers" build; }

# object ROOM/NAME: compiled from stdin.
object() {
	[ -e "$tree/lib/$1.c" ] || : >"$tree/lib/$1.c"
	${CC:-cc} -O1 -w -x c -c -o "$tree/build/lib/$1.o" -
}

@test "check-layers: a tree without faults passes" {
	echo 'int vss_a(void) { return 1; }' | object base/a
	echo 'int vss_a(void); int vss_b(void) { return vss_a(); }' | object os/b
	layers
	assert_success
	assert_output ""
}

@test "check-layers: an include against the arrows fails" {
	echo '#include "os/b.h"' >>"$tree/lib/base/a.c"
	layers
	assert_failure
	assert_output "lib/base/a.c:3: base may not know os"
}

@test "check-layers: an include that is not room/file.h fails" {
	echo '#include "b.h"' >>"$tree/lib/os/b.c"
	layers
	assert_failure
	assert_output --partial 'lib/os/b.c:3: "b.h" is not of the form'
}

@test "check-layers: a room's internal header in another room fails" {
	echo '#include "base/a_internal.h"' >>"$tree/lib/os/b.c"
	layers
	assert_failure
	assert_output 'lib/os/b.c:3: "base/a_internal.h" belongs to base alone'
}

@test "check-layers: another library's header outside its room fails" {
	echo '#include <zstd.h>' >>"$tree/lib/os/b.c"
	layers
	assert_failure
	assert_output "lib/os/b.c:3: <zstd.h> belongs to archive alone"
}

@test "check-layers: a header that nobody was given fails" {
	echo '#include <curl/curl.h>' >>"$tree/lib/os/b.c"
	layers
	assert_failure
	assert_output --partial "<curl/curl.h> is neither a system header nor given to a room"
}

@test "check-layers: a room that is not in the table fails" {
	mkdir "$tree/lib/attic"
	: >"$tree/lib/attic/c.c"
	layers
	assert_failure
	assert_output "lib/attic/: no such room in lib/LAYERS"
}

@test "check-layers: a circle in the table fails" {
	sed -i 's/^base:.*/base: os/' "$tree/lib/LAYERS"
	layers
	assert_failure
	assert_output "lib/LAYERS: base may know os, which is not above it"
}

@test "check-layers: a symbol against the arrows fails, without any include" {
	echo 'int vss_b(void) { return 1; }' | object os/b
	echo 'int vss_b(void); int vss_a(void) { return vss_b(); }' | object base/a
	layers
	assert_failure
	assert_output "lib/base/a.o: vss_b: base may not know os"
}

@test "check-layers: one name in two rooms fails, but not when its source is gone" {
	echo 'int vss_a(void) { return 1; }' | object base/a
	echo 'int vss_a(void) { return 2; }' | object os/b
	layers
	assert_failure
	assert_output "lib/os/b.o: vss_a is defined in base too"
	mv "$tree/lib/os/b.c" "$tree/lib/os/c.c"
	layers
	assert_success
}

@test "check-layers: printing, leaving and forbidden calls in a room fail" {
	object base/a <<-'END'
		#include <stdio.h>
		#include <stdlib.h>
		#include <unistd.h>
		void vss_a(int n) { printf("%d", n); if (fork()) exit(n); system("true"); fputs("x", stderr); }
	END
	layers
	assert_failure
	assert_line "lib/base/a.o: printf: only cli and front print or end the process"
	assert_line "lib/base/a.o: exit: only cli and front print or end the process"
	assert_line "lib/base/a.o: stderr: only cli and front print or end the process"
	assert_line "lib/base/a.o: fork() is not used in this project"
	assert_line "lib/base/a.o: system() is not used in this project"
}

@test "check-layers: openat2 outside tree fails" {
	echo 'long x = SYS_openat2;' >>"$tree/lib/os/b.c"
	layers
	assert_failure
	assert_output --partial "openat2 belongs to lib/tree alone"
}

@test "check-layers: a tree that is not built fails" {
	rm -r "$tree/build"
	layers
	assert_failure
	assert_output --partial "not built"
}

@test "check-stops: calls and list agree, or each difference is named" {
	echo 'void f(void) { vss_stop_point("session.frozen"); }' >>"$tree/lib/base/a.c"
	run "$tree/scripts/check-stops"
	assert_failure
	assert_output "lib/base/STOPS: session.frozen is not listed"
	printf '# comment\nsession.frozen  all writers are frozen\n' >"$tree/lib/base/STOPS"
	run "$tree/scripts/check-stops"
	assert_success
	echo 'session.gone  nothing calls this' >>"$tree/lib/base/STOPS"
	run "$tree/scripts/check-stops"
	assert_failure
	assert_output "lib/base/STOPS: no stop point is called session.gone"
}

# A tool `demo` with --help and a page that agree.
tool_with_page() {
	mkdir -p "$tree/cmd/demo" "$tree/build/bin"
	: >"$tree/cmd/demo/main.c"
	printf '#!/bin/sh\necho "usage: demo [--all]"\necho "  -a, --all   everything"\necho "      --help  this"\n' >"$tree/build/bin/demo"
	chmod +x "$tree/build/bin/demo"
	cat >"$tree/man/demo.8" <<-'END'
		.Dd November 21, 2026
		.Dt DEMO 8
		.Os
		.Sh NAME
		.Nm demo
		.Nd show something
		.Sh SYNOPSIS
		.Nm
		.Op Fl a | -all
		.Op Fl -help
		.Sh DESCRIPTION
		Shows something.
		.Bl -tag -width Ds
		.It Fl a , Fl -all
		Everything.
		.El
		.Sh EXIT STATUS
		0.
		.Sh EXAMPLES
		None.
	END
}

docs() { run "$tree/scripts/check-docs" build; }

@test "check-docs: an option on one side only is named" {
	requires mandoc
	tool_with_page
	docs
	assert_output ""
	assert_success
	echo 'echo "  --more"' >>"$tree/build/bin/demo"
	docs
	assert_failure
	assert_output "man/demo.8: --more of demo --help is missing"
	tool_with_page
	sed -i 's/^\.It Fl a , Fl -all/.It Fl a , Fl -all , Fl -other/' "$tree/man/demo.8"
	docs
	assert_failure
	assert_output "man/demo.8: --other is not in demo --help"
}

@test "check-docs: a tool without a page, a page that is not clean, a section that lacks" {
	requires mandoc
	tool_with_page
	sed -i 's/^\.Sh EXAMPLES/.Sh EXAMPLE/; s/^\.Op Fl -help/&  /' "$tree/man/demo.8"
	docs
	assert_failure
	assert_output --partial "demo.8: no EXAMPLES"
	assert_output --partial "whitespace at end of input line"
	rm "$tree/man/demo.8"
	docs
	assert_failure
	assert_output "demo: has no page man/demo.8"
}

@test "check-docs: a room or a tool that README does not name" {
	requires mandoc
	tool_with_page
	echo 'The rooms: base. The tools: none.' >"$tree/README.md"
	docs
	assert_failure
	assert_line "README.md: does not name the room os"
	assert_line "README.md: does not name the tool demo"
}

# kept NAME STATUS: a kept TAP file from stdin.
kept() {
	{
		echo "# file tests/$1"
		cat
		echo "# status $2"
	} >"$T/$1.tap"
}

counts() { run awk -v skips="$T/skips" -f "$REPO/scripts/count.awk" "$T"/*.tap; }

@test "count: points, not files; what was planned and did not come has failed" {
	printf '1..4\nok 1 a\nnot ok 2 b\nok 3 c # skip no root\nok 4 d\n' | kept a 1
	printf '1..3\nok 1 - x\n' | kept dead 139
	printf 'ok 1 - x\n1..1\n' | kept leaking 23
	printf '1..0 # SKIP nothing here\n' | kept empty 0
	printf '' | kept silent 0
	counts
	assert_output "4 5 2"
	assert_equal "$(sort "$T/skips")" "$(printf 'tests/a: c\ntests/empty: the whole file')"
}

# A bats within a bats needs an environment without the outer one.
afresh() { run env -i PATH=/usr/local/bin:/usr/bin:/bin HOME="$T" "$@"; }

@test "tap: keeps the output of a bats file and of a program, with the status" {
	printf '@test "fails" {\n\tfalse\n}\n' >"$T/x.bats"
	printf '#!/bin/sh\necho 1..1\necho "ok 1 - $CMOCKA_MESSAGE_OUTPUT"\n' >"$T/test_x"
	chmod +x "$T/test_x"
	afresh VSS_TAP_DIR="$T/kept" "$REPO/scripts/tap" "$T/x.bats"
	assert_failure
	assert_line "not ok 1 fails"
	afresh VSS_TAP_DIR="$T/kept" "$REPO/scripts/tap" "$T/test_x"
	assert_success
	assert_output "$(printf '1..1\nok 1 - TAP')"
	run awk -v skips="$T/skips" -f "$REPO/scripts/count.awk" "$T"/kept/*.tap
	assert_output "1 1 0"
}

# A tree in which scripts/check has next to nothing to do.
small_tree() {
	printf '#!/bin/sh\n' | tee "$tree/scripts/packages" "$tree/scripts/check-layers" "$tree/scripts/check-docs" >"$tree/scripts/list-scripts"
	printf 'all unit fuzz-programs:\n\t@:\n' >"$tree/Makefile"
	printf '@test "one" {\n\t:\n}\n@test "two" {\n\tskip "why"\n}\n' >"$tree/tests/cli/x.bats"
	: >"$tree/tests/ALLOWED_SKIPS"
	echo 'echo scripts/check' >>"$tree/scripts/list-scripts"
}

# The last line of scripts/check and its status.
check() {
	afresh "$@" "$tree/scripts/check"
	last=${lines[-1]}
}

@test "check: the last line counts all points, and skips that are not allowed fail in CI only" {
	requires shellcheck
	small_tree
	check CI=
	assert_success
	assert_equal "$last" "11 passed, 0 failed, 2 skipped"
	check CI=true
	assert_failure
	assert_output --partial "not in tests/ALLOWED_SKIPS: tests/cli/x.bats: two"
	echo 'tests/cli/x.bats: two' >"$tree/tests/ALLOWED_SKIPS"
	check CI=true
	assert_success
}

@test "check: a step that fails is shown, counted, and the last line still comes" {
	requires shellcheck
	small_tree
	printf 'all unit:\n\t@echo no compiler; false\n' >"$tree/Makefile"
	check CI=
	assert_failure
	assert_output --partial "no compiler"
	assert_equal "$last" "1 passed, 2 failed, 0 skipped"
	printf '#!/bin/sh\nexit 1\n' >"$tree/scripts/packages"
	check CI=
	assert_failure
	assert_equal "$last" "0 passed, 1 failed, 0 skipped"
}

@test "check: a failing test file fails the run" {
	requires shellcheck
	small_tree
	printf '@test "no" {\n\tfalse\n}\n' >"$tree/tests/cli/y.bats"
	check CI=
	assert_failure
	assert_equal "$last" "11 passed, 2 failed, 2 skipped"
}

@test "check: jobs in guests are counted beside the other tests, those that are marked for it" {
	requires shellcheck
	small_tree
	mkdir -p "$tree/tests/vm/jobs"
	echo '# vm: core' | tee "$tree/tests/vm/jobs/good" >"$tree/tests/vm/jobs/bad"
	echo '# vm: limit=1' >"$tree/tests/vm/jobs/slow"
	printf '#!/bin/sh\ncase $1 in\n*good) echo ok 1 x ;;\n*) echo not ok 1 x && false ;;\nesac\necho 1..1\n' >"$tree/tests/vm/run"
	chmod +x "$tree/tests/vm/run"
	check CI=
	assert_failure
	assert_line "tests/vm/jobs/bad"
	assert_equal "$last" "12 passed, 1 failed, 2 skipped"
}

@test "check: a test that changes the build under test fails the run" {
	requires shellcheck
	small_tree
	printf 'all unit fuzz-programs:\n\t@mkdir -p $(B); : >$(B)/tool\n' >"$tree/Makefile"
	printf '@test "one" {\n\techo >>"$VSS_BUILD/tool"\n}\n' >"$tree/tests/cli/x.bats"
	check CI=
	assert_failure
	assert_output --partial "build/check/release/tool"
	assert_equal "$last" "9 passed, 2 failed, 0 skipped"
}

@test "check: what fails once, and not by itself, is named and does not fail the run" {
	requires shellcheck
	small_tree
	printf '@test "shy" {\n\t[ -e "%s" ] || { : >"%s"; false; }\n}\n' "$T/met" "$T/met" >"$tree/tests/cli/y.bats"
	check CI=
	assert_success
	assert_line "unsteady: cli: tests/cli/y.bats: not ok 1 shy"
	assert_equal "$last" "13 passed, 0 failed, 2 skipped"
	rm "$T/met"
	printf '@test "bad" {\n\t[ -e "%s" ] || { : >"%s"; echo "ERROR: AddressSanitizer: x"; false; }\n}\n' "$T/met" "$T/met" \
		>"$tree/tests/cli/y.bats"
	check CI=
	assert_failure
	refute_output --partial unsteady
}
