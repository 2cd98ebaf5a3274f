#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# Shadow copies through a real Samba on a real btrfs: previous versions of files, shares of copies; and the start of the machine, for
# which another boot ID and mounts that are gone stand.
# shellcheck disable=SC2154 # run and the helpers set variables
load ../lib/common
load ../lib/btrfs
load ../lib/lists
load ../lib/samba

setup() {
	btrfs_setup
	samba_conf
	chmod 755 "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR"/* "$T"
	new_btrfs disk 256M data
	mkdir -p "$T/data/projects"
	echo first >"$T/data/projects/report.txt"
	chmod 755 "$T/data" "$T/data/projects"
}

teardown() {
	samba_stop
	btrfs_teardown
}

copy() { create-shadow --json "$T/data" | jq -r '.shadows[0].id'; }

volume_id() { list-volumes --json | jq -r ".[] | select(.path == \"$T/data\") | .id"; }

# What the end of the machine takes away: our mounts, and all in the run directory.
reboot() {
	local point
	for point in $(awk -v T="$T/" 'index($5, T "run/") == 1 || $5 == T "x" { print $5 }' /proc/self/mountinfo | tac); do
		umount "$point"
	done
	rm -rf "$VSS_RUN_DIR"
	VSS_BOOT_ID=$(cat /proc/sys/kernel/random/uuid)
	export VSS_BOOT_ID
}

@test "a client sees the previous versions of a file and reads an old one" {
	create-shadow -q --context client-accessible "$T/data"
	moment=$(list-shadows --for "$T/data" --json | jq -r '.[0].created')
	echo second >"$T/data/projects/report.txt"
	samba_share data "$T/data/projects" 'vfs objects = shadow_copy2' "shadow:snapdir = $VSS_RUN_DIR/samba/$(volume_id)" \
		"shadow:basedir = $T/data" 'shadow:sort = desc'
	samba_start
	version=@GMT-$(date -u -d "$moment" +%Y.%m.%d-%H.%M.%S)
	run smb //127.0.0.1/data -c 'allinfo report.txt'
	assert_success
	assert_line "$version"
	run smb //127.0.0.1/data -c "get \"$version/report.txt\" $T/old"
	assert_success
	assert_equal "$(cat "$T/old")" first
	run smb //127.0.0.1/data -c "get report.txt $T/new"
	assert_equal "$(cat "$T/new")" second
	samba_stop
	run --separate-stderr expose-shadow "$(list-shadows --for "$T/data" --json | jq -r '.[0].shadows[0].id')" "$T/x"
	assert_equal "$status" 4
	assert_sentence expose-shadow "client-accessible"
	reboot
	vss-shadows-at-boot
	assert_equal "$(cat "$VSS_RUN_DIR/samba/$(volume_id)/$version/projects/report.txt")" first
	run touch "$VSS_RUN_DIR/samba/$(volume_id)/$version/projects/new"
	assert_failure
	delete-shadow -q --all
	assert_file_not_exist "$VSS_RUN_DIR/samba/$(volume_id)"
	assert_nothing_left disk data
}

@test "others pass to previous versions, and to nothing else of ours" {
	requires setpriv
	echo mine >"$T/data/secret"
	chmod 600 "$T/data/secret"
	create-shadow -q --context client-accessible "$T/data"
	version=$(echo "$VSS_RUN_DIR/samba/$(volume_id)"/@GMT-*)
	nobody() { setpriv --reuid=65534 --regid=65534 --clear-groups "$@"; }
	assert_equal "$(nobody cat "$version/projects/report.txt")" first
	run nobody cat "$version/secret"
	assert_failure
	for dir in "$VSS_RUN_DIR" "$VSS_RUN_DIR/samba" "$VSS_RUN_DIR/shadows" "$VSS_RUN_DIR/fs"; do
		run nobody ls "$dir"
		assert_failure
	done
	run nobody cat "$(list-shadows --for "$T/data" --json | jq -r '.[0].shadows[0].device')/projects/report.txt"
	assert_failure
	delete-shadow -q --all
}

@test "a copy that a client reads is not deleted under it" {
	create-shadow -q --context client-accessible "$T/data"
	exec 7<"$(echo "$VSS_RUN_DIR/samba/$(volume_id)"/@GMT-*/projects/report.txt)"
	run --separate-stderr delete-shadow --all
	assert_equal "$status" 1
	assert_sentence delete-shadow "previous version"
	exec 7<&-
	delete-shadow -q --all
	assert_nothing_left disk data
}

@test "a copy is shared, in whole or in part, and taken away" {
	one=$(copy)
	two=$(copy)
	run expose-shadow --share monday --within projects "$one"
	assert_success
	assert_output "The shadow copy was successfully shared as monday."
	expose-shadow -q --share tuesday "$two"
	run expose-shadow --list
	assert_line "   Exposed remotely as: monday"
	run list-shadows --for "$T/data" --json
	assert_json '[.[].shadows[].exposed] | join(" ")' "$VSS_RUN_DIR/shares/monday $VSS_RUN_DIR/shares/tuesday"
	run net -s "$VSS_SMB_CONF" usershare list
	assert_line monday
	run net -s "$VSS_SMB_CONF" usershare info monday
	assert_line "path=$VSS_RUN_DIR/shares/monday/projects"
	assert_line --regexp '^usershare_acl=(S-1-1-0|Everyone):R,'

	run --separate-stderr expose-shadow --share tuesday "$one"
	assert_equal "$status" 1
	third=$(copy)
	run --separate-stderr expose-shadow --share tuesday "$third"
	assert_equal "$status" 1
	assert_sentence expose-shadow "tuesday"
	run --separate-stderr expose-shadow --share other --within report.txt "$third"
	assert_equal "$status" 1
	assert_sentence expose-shadow "report.txt"
	ln -s / "$T/data/out"
	fourth=$(copy)
	run --separate-stderr expose-shadow --share other --within out/etc "$fourth"
	assert_equal "$status" 1
	run net -s "$VSS_SMB_CONF" usershare list
	refute_output --partial other

	expose-shadow -q --unshare monday
	run --separate-stderr expose-shadow --unshare monday
	assert_equal "$status" 1
	assert_sentence expose-shadow "(VSS_E_OBJECT_NOT_FOUND)"
	delete-shadow -q --all
	run net -s "$VSS_SMB_CONF" usershare list
	refute_output --partial tuesday
	assert_nothing_left disk data
}

@test "what was exposed is exposed again after the machine has started, unless somebody unmounted it" {
	one=$(copy)
	two=$(copy)
	three=$(copy)
	expose-shadow -q "$one" "$T/x"
	expose-shadow -q --share old "$two"
	expose-shadow -q "$three" "$T/gone"
	umount "$T/gone"
	run expose-shadow --list --json
	assert_json 'length' 2
	delete-shadow -q --for "$T/data" --keep-last 9
	reboot
	run expose-shadow --list --json
	assert_output "[]"
	vss-shadows-at-boot
	vss-shadows-at-boot
	assert_equal "$(cat "$T/x/projects/report.txt")" first
	assert_equal "$(cat "$VSS_RUN_DIR/shares/old/projects/report.txt")" first
	assert_equal "$(cat "$VSS_RUN_DIR/shadows/$three/projects/report.txt")" first
	run mountpoint -q "$T/gone"
	assert_failure
	delete-shadow -q --all
	run net -s "$VSS_SMB_CONF" usershare list
	refute_output --partial old
	assert_nothing_left disk data
}

@test "an exposure outlives the mount of its volume, and can be taken away without it" {
	one=$(copy)
	expose-shadow -q "$one" "$T/x"
	umount "$T/data"
	umount "$T/disk"
	assert_equal "$(cat "$T/x/projects/report.txt")" first
	run list-shadows --columns id,exposed
	assert_output --partial "$T/x"
	expose-shadow -q --remove "$T/x"
	run mountpoint -q "$T/x"
	assert_failure
	mount -o subvol=data "${loops[0]}" "$T/data"
	mount -o subvolid=5 "${loops[0]}" "$T/disk"
	delete-shadow -q --all
	assert_nothing_left disk data
}
