#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# What `make install` puts where.
load ../lib/common

install_to() {
	make -s -C "$REPO" B="$VSS_BUILD" DESTDIR="$T/root" install "$@"
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
	for page in "$REPO"/man/*.[578]; do
		assert_file_exist "$prefix/share/man/man${page##*.}/${page##*/}"
	done
	assert_link_exist "$prefix/share/man/man8/vss-backup.8"
}
