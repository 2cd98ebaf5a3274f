#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# The last pass of a clone against the size of the tree: what it looks at is the tree, what it takes is what changed.
# shellcheck disable=SC2154 # the helpers set them
load ../lib/common
load ../lib/btrfs
load ../lib/provider
load ../lib/clone

setup() {
	btrfs_setup
	requires mkfs.ext4 python3
	export VSS_FREEZER=$VSS_BUILD/libexec/vss/freezer
}
teardown() { btrfs_teardown; }

# last_pass_of N: a tree of N files on one ext4 with its copy, one in a thousand changed after the passes.
last_pass_of() {
	new_volume "disk$1" 3G ext4 -I 256 -i 8192
	python3 - "$T/disk$1" "$1" <<-'END'
		import os, sys
		for i in range(int(sys.argv[2])):
		    d = '%s/%d' % (sys.argv[1], i // 200)
		    if i % 200 == 0: os.mkdir(d)
		    open('%s/%d' % (d, i), 'w').write(str(i) * 100)
	END
	paused --hold "$T/disk$1"
	python3 - "$T/disk$1" "$1" <<-'END'
		import sys
		for i in range(0, int(sys.argv[2]), 1000):
		    open('%s/%d/%d' % (sys.argv[1], i // 200, i), 'a').write('changed')
	END
	go_on
	echo "# $1 files: ${effort[0]}" >&3
	assert [ "$(effort_of 0 looked)" -ge "$1" ]
	assert_equal "$(effort_of 0 changed)" "$(($1 / 1000))"
}

@test "of 10,000 and of 100,000 files the last pass takes those that changed" {
	last_pass_of 10000
	last_pass_of 100000
}
