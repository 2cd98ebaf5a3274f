#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# What `make install` puts where.
load ../lib/common

install_to() {
	make -s -o all -C "$REPO" B="$VSS_BUILD" DESTDIR="$T/root" install "$@"
	prefix=$T/root/usr/local
}

@test "each tool has its long name and, as a link, its short one" {
	install_to
	for main in "$REPO"/cmd/*/main.c; do
		tool=$(basename "${main%/main.c}")
		case $tool in
		vss-*) assert_file_executable "$prefix/sbin/$tool" ;;
		*)
			assert_file_executable "$prefix/sbin/vss-$tool"
			assert_equal "$(readlink "$prefix/sbin/$tool")" "vss-$tool"
			;;
		esac
	done
	run "$prefix/sbin/vss-list-volumes" --version
	assert_success
}

@test "packagers can leave out the short names" {
	install_to SHORT_NAMES=no
	run find "$prefix/sbin" -type l
	assert_output ""
	assert_file_executable "$prefix/sbin/vss-list-volumes"
	assert_file_not_exist "$prefix/sbin/list-volumes"
}

@test "a registration names the executable where it was installed" {
	install_to
	for file in "$REPO"/cmd/writers/*/*.writer; do
		[ -e "$VSS_BUILD/libexec/vss/writers/$(basename "$(dirname "$file")")" ] || continue
		program=$(sed -n 's/^Exec=//p' "$prefix/lib/vss/writers.d/$(basename "$file")")
		assert_regex "$program" "^/usr/local/libexec/vss/writers/"
		assert_file_executable "$T/root${program%% *}"
	done
}

@test "a provider is installed, and takes no part before its registration is copied" {
	install_to
	assert_file_executable "$prefix/libexec/vss/providers/rbd"
	assert_file_contains "$prefix/share/vss/examples/rbd.provider" "^Exec=/usr/local/libexec/vss/providers/rbd$"
	run find "$prefix/lib/vss/providers.d" -type f
	assert_success
	assert_output ""
}

@test "a program can be built against what was installed" {
	install_to
	printf '#include "vss.h"\nint main(void) { return vss_code_status(VSS_OK); }\n' >"$T/own.c"
	# shellcheck disable=SC2046 # words
	${CC:-cc} -o "$T/own" -I"$prefix/include/vss" "$T/own.c" "$prefix/lib/libvss.a" $(pkg-config --libs libzstd libxml-2.0 \
		jansson mount blkid libcrypto) -pthread
	run "$T/own"
	assert_success
}

@test "the library, its headers, the pages and the helper for shell writers are there" {
	install_to
	assert_file_exist "$prefix/lib/libvss.a"
	assert_file_exist "$prefix/include/vss/vss.h"
	assert_file_exist "$prefix/include/vss/sdk/vss-writer.h"
	assert_file_not_exist "$prefix/include/vss/cli/opt.h"
	assert_file_not_exist "$prefix/include/vss/sdk/sdk_internal.h"
	assert_file_exist "$prefix/share/vss/vss-writer.sh"
	assert_file_exist "$prefix/share/vss/examples/nightly-database.dsh"
	for page in "$REPO"/man/*.[578]; do
		assert_file_exist "$prefix/share/man/man${page##*.}/${page##*/}"
	done
	assert_link_exist "$prefix/share/man/man8/vss-backup.8"
}

@test "what moves restored files at the start is run by a unit and a script, which name where it was installed" {
	install_to
	unit=$prefix/lib/systemd/system/vss-restore-at-boot.service
	program=$(sed -n 's/^ExecStart=//p' "$unit")
	assert_file_executable "$T/root$program"
	assert_equal "$(readlink "$prefix/lib/systemd/system/sysinit.target.wants/vss-restore-at-boot.service")" \
		../vss-restore-at-boot.service
	assert_file_executable "$T/root/etc/init.d/vss-restore-at-boot"
	grep -qF "program=$program" "$T/root/etc/init.d/vss-restore-at-boot"
	grep -q '^Before=.*sysinit.target' "$unit"
	if command -v systemd-analyze >/dev/null; then
		systemd-analyze verify --man=no --root="$T/root" "$unit"
	fi
}

# A tree with nothing in it but a writer in shell.
shell_tree() {
	mkdir -p "$T/tree/cmd/writers/demo" "$T/tree/scripts"
	cp "$REPO/Makefile" "$T/tree/"
	cp "$REPO/scripts/vss-writer.sh" "$T/tree/scripts/"
	printf '[Writer]\nExec=/elsewhere/demo\n' >"$T/tree/cmd/writers/demo/demo.writer"
	cat >"$T/tree/cmd/writers/demo/demo.sh" <<-'END'
		#!/bin/sh
		. @DATADIR@/vss-writer.sh
		on_identify() {
			vss_say writer 0a1b2c3d-0000-4000-8000-000000000002 "Demo Writer" usage=OTHER
			vss_say restore-method RESTORE_IF_NOT_THERE
			vss_say component filegroup "" demo-data
		}
		vss_run
	END
}

@test "a writer in shell runs from the build tree, and from where it was installed" {
	shell_tree
	make -s -C "$T/tree" B="$T/tree/build/x"
	assert_file_executable "$T/tree/build/x/libexec/vss/writers/demo"
	VSS_BUILD=$T/tree/build/x register demo "$(VSS_BUILD=$T/tree/build/x in_box demo)"
	run writers_driver
	assert_line "component demo - demo-data"
	make -s -C "$T/tree" B="$T/tree/build/x" PREFIX="$T/there" BINDIR="$T/there/sbin" install
	rm -r "$T/tree"
	VSS_WRITERS_PATH=$T/there/lib/vss/writers.d run writers_driver
	assert_line "component demo - demo-data"
}

# Another prefix makes another build, so never that of the tests.
@test "with a prefix of one's own nothing is put outside of it" {
	shell_tree
	cp "$REPO"/scripts/*.service "$REPO"/scripts/*.init "$T/tree/scripts/"
	make -s -C "$T/tree" B="$T/tree/build/x" DESTDIR="$T/root" PREFIX=/opt/vss install
	assert_file_executable "$T/root/opt/vss/etc/init.d/vss-restore-at-boot"
	assert_file_contains "$T/root/opt/vss/lib/systemd/system/vss-restore-at-boot.service" "^ExecStart=/opt/vss/sbin/"
	run ls "$T/root"
	assert_output opt
}

@test "a writer in shell that is packaged names the prefix, not DESTDIR" {
	shell_tree
	make -s -C "$T/tree" B="$T/tree/build/x" DESTDIR="$T/root" install
	run sed -n 's/^\. //p' "$T/root/usr/local/libexec/vss/writers/demo"
	assert_output /usr/local/share/vss/vss-writer.sh
	assert_file_executable "$T/root/usr/local/libexec/vss/writers/demo"
	assert_file_contains "$T/root/usr/local/lib/vss/writers.d/demo.writer" "^Exec=/usr/local/libexec/vss/writers/demo$"
}

@test "the writer in C that vss-writer(7) prints is built with what was installed, and keeps to the protocol" {
	install_to
	fake_volumes v
	engine=$(volume v)/engine
	mkdir "$engine"
	: >"$engine/lock"
	page_example vss-writer.7 "A WRITER IN C" | sed "s|/srv/my-engine|$engine|g" >"$T/engine.c"
	${CC:-cc} -Wall -o "$T/engine" -I"$prefix/include" "$T/engine.c" -L"$prefix/lib" -lvss
	run vss-test-writer --check --patience 60 --probe flock --probe -sw1 --probe "$engine/lock" --probe true "$T/engine"
	refute_output --partial "not ok"
	assert_line "ok kill-freeze"
	assert_success
}

@test "the example for cron makes a copy and expires older ones" {
	install_to
	fake_volumes a
	for _ in 1 2 3; do
		create-shadow -q --tag cron "$(volume a)"
	done
	line=$(sed -n 's/^[*].* root //p' "$prefix/share/vss/examples/vss-snapshot.cron")
	[ -n "$line" ]
	PATH=$prefix/sbin:$PATH sh -c "$(sed "s|/home|$(volume a)|g; s|--keep-[a-z]* [0-9]*|--keep-last 2|g" <<<"$line")"
	run list-shadows --columns id
	assert_equal "${#lines[@]}" 2
}

@test "the timer is installed and waits for an instance" {
	install_to
	units=$prefix/lib/systemd/system
	assert_file_contains "$units/vss-snapshot@.service" "^ExecStart=/usr/local/sbin/vss-create-shadow "
	assert_file_exist "$units/vss-snapshot@.timer"
	run find "$units/sysinit.target.wants" -name 'vss-snapshot*'
	assert_output ""
	fake_volumes a
	while read -r command; do
		# The options are those of the tools; "--dry-run" has the last word.
		# shellcheck disable=SC2016 # for eval
		command=$(sed 's|%f|$(volume a)|; s|$CREATE|--no-writers|; s|$KEEP|--keep-last 8 --keep-hourly 24|' <<<"$command")
		eval "${command##*/vss-} -n"
	done < <(sed -n 's/^ExecStart=//p' "$units/vss-snapshot@.service")
}
