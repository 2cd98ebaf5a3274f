#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# The in-box libvirt writer: with the real virsh and libvirt's own test driver as far as that goes, and with a virsh of the test's own, whose agents
# hang, refuse and disappear.
# shellcheck disable=SC2016,SC2030,SC2031,SC2154 # what is in single quotes is for another shell; run and the helpers set variables
load ../lib/common
load ../lib/btrfs

WEB=11111111-1111-4111-8111-111111111111
MAIL=22222222-2222-4222-8222-222222222222
OLD=33333333-3333-4333-8333-333333333333

setup() {
	btrfs_setup
	requires jq python3 xmllint
	[ -x "$(in_box libvirt)" ] || skip "needs the libvirt writer"
	export VSS_WRITER_LIBVIRT_CONF=$T/writer-libvirt.conf
	register libvirt "$(in_box libvirt)"
	V=$T/guests
	mkdir "$V"
}
teardown() { btrfs_teardown; }

# domain NAME UUID IMAGE [DISKS]: the XML of a guest with one raw image; DISKS is more XML.
domain() {
	cat <<-END
		<domain type='test' xmlns:test='http://libvirt.org/schemas/domain/test/1.0'>
		<name>$1</name><uuid>$2</uuid><memory unit='KiB'>1024</memory><os><type>hvm</type></os>
		<devices><disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='$3'/><target dev='vda' bus='virtio'/></disk>
		<disk type='file' device='cdrom'><source file='/tmp/a.iso'/><target dev='hdc' bus='ide'/><readonly/></disk>$4</devices>
		<test:runstate>${runstate:-1}</test:runstate>
		</domain>
	END
}

configure() { printf '%s\n' "$@" >"$VSS_WRITER_LIBVIRT_CONF"; }
component() { echo "with=component,filegroup,,$1"; }

# --- a virsh of our own: a guest is a directory below $V, named by its UUID ---
# agent: ok | none | hang | takes-and-hangs (it freezes, and never says so); state: running | "shut off".

new_guest() { # NAME UUID IMAGE [AGENT [STATE [DISKS]]]
	mkdir "$V/$2"
	domain "$1" "$2" "$3" "${6:-}" >"$V/$2/xml"
	echo "${4:-ok}" >"$V/$2/agent"
	echo "${5:-running}" >"$V/$2/state"
}

write_virsh() {
	cat >"$T/virsh" <<-'END'
		#!/bin/bash
		# virsh -c URI COMMAND [WORD]...
		V=${0%/*}/guests
		fail() { echo "error: $*" >&2; exit 1; }
		[ ! -e "$V/down" ] || fail "failed to connect to the hypervisor"
		command=$3 guest=$V/$4
		echo "${*:3}" >>"$V/log"
		case $command in
		list)
			for guest in "$V"/*/; do
				[ "$5" = --all ] || [ "$(cat "$guest/state")" = running ] && basename "$guest"
			done
			exit 0 ;;
		dumpxml | domstate | domfsfreeze | domfsthaw | qemu-agent-command)
			[ -d "$guest" ] || fail "failed to get domain '$4'" ;;
		*) fail "unknown command: '$command'" ;;
		esac
		exec 9>>"$guest/lock"
		agent=$(cat "$guest/agent")
		case $command in
		dumpxml) cat "$guest/xml"; exit ;;
		domstate) cat "$guest/state"; exit ;;
		esac
		[ "$(cat "$guest/state")" = running ] || fail "Requested operation is not valid: domain is not running"
		case $agent:$command in
		none:*) fail "Guest agent is not responding: QEMU guest agent is not connected" ;;
		hang:*) exec sleep 1000 ;;
		takes-and-hangs:domfsfreeze) flock 9; touch "$guest/frozen"; exec sleep 1000 9>&- ;;
		*:domfsfreeze)
			flock 9
			[ ! -e "$guest/frozen" ] || fail "internal error: guest-fsfreeze-freeze has been disabled"
			touch "$guest/frozen"
			echo "Froze 1 filesystem(s)" ;;
		*:domfsthaw)
			flock 9
			rm -f "$guest/frozen"
			echo "Thawed 1 filesystem(s)" ;;
		*:qemu-agent-command)
			if [ -e "$guest/frozen" ]; then echo '{"return":"frozen"}'; else echo '{"return":"thawed"}'; fi ;;
		esac
	END
	chmod 755 "$T/virsh"
	configure "uri qemu:///system" "virsh $T/virsh" "$@"
}

is_frozen() { [ -e "$V/$1/frozen" ]; }
is_thawed() { ! is_frozen "$1"; }
nobody_is_frozen() { [ -z "$(find "$V" -name frozen)" ]; }
no_record() { [ -z "$(find "$T/run/libvirt" -type f 2>/dev/null)" ]; }
has_log() { grep -qxF -- "$1" "$V/log"; }

# What goes on in a guest: a counter at two places of its image, one after the other, unless its file systems are frozen.
start_guest() { # UUID IMAGE
	cat >"$T/guest.py" <<-'END'
		import fcntl, os, struct, sys, time
		directory, image, log = sys.argv[1:]
		lock = open(directory + "/lock", "a")
		disk = os.open(image, os.O_RDWR)
		n = struct.unpack("<Q", os.pread(disk, 8, 0))[0]
		with open(log, "w", buffering=1) as out:
		    while True:
		        fcntl.flock(lock, fcntl.LOCK_SH)
		        if not os.path.exists(directory + "/frozen"):
		            n += 1
		            os.pwrite(disk, struct.pack("<Q", n), 0)
		            os.pwrite(disk, struct.pack("<Q", n), 1 << 20)
		            os.fdatasync(disk)
		            out.write("%d\n" % n)
		        fcntl.flock(lock, fcntl.LOCK_UN)
		        time.sleep(0.002)  # leave the machine to others
	END
	rm -f "$V/$1/count"
	start python3 "$T/guest.py" "$V/$1" "$2" "$V/$1/count"
	guest=$started_pid
	wait_until 60 counted "$1" 20
}
count() { tail -n1 "$V/$1/count" | grep . || echo 0; }
counted() { [ "$(wc -l <"$V/$1/count")" -ge "$2" ]; }
goes_on() { wait_until 60 counted "$1" $(($(wc -l <"$V/$1/count") + 20)); }

# both_counters IMAGE: the two numbers in it.
both_counters() { python3 -c 'import struct, sys; f = open(sys.argv[1], "rb"); a = f.read(8); f.seek(1 << 20); print(*struct.unpack("<QQ", a + f.read(8)))' "$1"; }
is_whole() { # IMAGE
	local a b
	read -r a b < <(both_counters "$1")
	[ "$a" = "$b" ]
}
new_image() { truncate -s 2M "$1"; }

# One place, a while, the other place.
write_copier() {
	cat >"$T/copy-slowly" <<-'END'
		#!/bin/bash
		# copy-slowly IMAGE COPY
		dd if="$1" of="$2" bs=1M count=1 status=none
		sleep 0.2
		dd if="$1" of="$2" bs=1M skip=1 seek=1 conv=notrunc status=none
	END
	chmod 755 "$T/copy-slowly"
}

@test "the test driver of libvirt: guests, freeze, backup and restore by the real virsh" {
	requires virsh
	new_btrfs fs 500M images
	new_image "$T/images/web.img"
	new_image "$T/images/old.img"
	{
		echo '<node>'
		domain web "$WEB" "$T/images/web.img"
		runstate=5 domain old "$OLD" "$T/images/old.img"
		echo '</node>'
	} >"$T/node.xml"
	configure "uri test://$T/node.xml"
	run writers_driver
	assert_success
	assert_line "component libvirt - web"
	assert_line "file $T/images web.img"
	assert_line "component libvirt - old"
	assert_line "file $T/images old.img"
	refute_line --partial a.iso
	run --separate-stderr backup --json -w "Libvirt Guests Writer" -o "$T/x.tar.zst"
	assert_success
	assert_json '.writers[0].grade // .grade' application
	no_record
	run writers_driver "$(component web)" prepare-backup prepare-snapshot freeze thaw
	assert_line "- evidence web file systems frozen by the agent"
	run writers_driver "$(component old)" prepare-backup prepare-snapshot freeze thaw
	assert_line "- evidence old stopped=clean"
	assert_line "- evidence stopped clean"
	# over a guest that runs it is refused
	run restore -q --in-place "$T/x.tar.zst"
	assert_failure
	assert_output --partial "guest web: is running: shut it down first"
	mkdir "$T/out"
	restore -q --target "$T/out" "$T/x.tar.zst"
	assert_file_exist "$T/out$T/images/old.img"
	assert_equal "$(xmllint --xpath 'string(/domain/name)' "$T/out/var/backups/vss/libvirt/web.xml")" web
	# what came back can be defined, and is the same guest
	virsh -c "test://$T/node.xml" "undefine old; define $T/out/var/backups/vss/libvirt/old.xml; domuuid old" >"$T/defined"
	assert_file_contains "$T/defined" "$OLD"
}

@test "a copy of a frozen guest is whole; the same copy without the freeze is seen torn" {
	new_image "$T/web.img"
	new_guest web "$WEB" "$T/web.img"
	write_virsh
	write_copier
	start_guest "$WEB" "$T/web.img"
	torn=0
	for ((i = 0; i < 20 && torn == 0; i++)); do
		"$T/copy-slowly" "$T/web.img" "$T/copy.img"
		is_whole "$T/copy.img" || torn=1
	done
	assert_equal "$torn" 1
	for ((i = 0; i < ${REPEAT:-2}; i++)); do
		run writers_driver "$(component web)" prepare-backup prepare-snapshot freeze "run=$T/copy-slowly $T/web.img $T/copy.img" thaw
		assert_success
		assert_line "freeze libvirt VSS_WS_WAITING_FOR_THAW none files "
		assert_line "thaw libvirt VSS_WS_WAITING_FOR_POST_SNAPSHOT none files "
		is_whole "$T/copy.img"
		is_thawed "$WEB"
		no_record
		goes_on "$WEB"
	done
}

@test "backup of two guests that write, loss, restore: each whole, with all that was written before the freeze" {
	new_btrfs fs 500M images
	for name in web mail; do new_image "$T/images/$name.img"; done
	new_guest web "$WEB" "$T/images/web.img"
	new_guest mail "$MAIL" "$T/images/mail.img"
	write_virsh
	for ((i = 0; i < ${REPEAT:-2}; i++)); do
		start_guest "$WEB" "$T/images/web.img"
		web=$guest
		start_guest "$MAIL" "$T/images/mail.img"
		: >"$T/stops"
		start stop_at session.frozen:stop backup --json -o "$T/x.tar.zst" -w "Libvirt Guests Writer" >"$T/report"
		backup=$started_pid
		wait_until 60 has_line "$T/stops" session.frozen
		is_frozen "$WEB"
		is_frozen "$MAIL"
		web_at_freeze=$(count "$WEB") mail_at_freeze=$(count "$MAIL")
		kill -CONT "$(sed -n 's/^session.frozen //p' "$T/stops")"
		wait "$backup"
		output=$(cat "$T/report")
		assert_json '.writers[0].grade // .grade' application
		nobody_is_frozen
		goes_on "$WEB"
		kill -KILL "$web" "$guest"
		wait "$web" "$guest" 2>/dev/null || :
		find "$T/images" -mindepth 1 -delete
		for uuid in $WEB $MAIL; do echo "shut off" >"$V/$uuid/state"; done
		run restore -q --in-place "$T/x.tar.zst"
		assert_success
		assert_equal "$(both_counters "$T/images/web.img")" "$web_at_freeze $web_at_freeze"
		assert_equal "$(both_counters "$T/images/mail.img")" "$mail_at_freeze $mail_at_freeze"
		for uuid in $WEB $MAIL; do echo running >"$V/$uuid/state"; done
		rm "$T/x.tar.zst"
	done
}

@test "the coordinator, the writer or its keeper is killed while guests are frozen: they are thawed" {
	new_image "$T/web.img"
	new_guest web "$WEB" "$T/web.img"
	write_virsh
	freeze=("$(component web)" prepare-backup prepare-snapshot freeze)
	for ((i = 0; i < ${REPEAT:-2}; i++)); do
		run writers_driver "${freeze[@]}" "run=[ -e $V/$WEB/frozen ] && kill -KILL \$PPID"
		assert_equal "$status" 137
		wait_until 60 is_thawed "$WEB"
		wait_until 60 no_record
		run writers_driver "${freeze[@]}" "run=[ -e $V/$WEB/frozen ]; pkill -KILL -f '^$(in_box libvirt)\$'" wait=30000
		assert_line "wait writer libvirt"
		wait_until 60 is_thawed "$WEB"
		wait_until 60 no_record
		run writers_driver "${freeze[@]}" "run=[ -e $V/$WEB/frozen ]; pkill -KILL -f '[-]-keep.*$WEB'" thaw
		assert_line --partial "thaw libvirt VSS_WS_FAILED_AT_THAW VSS_E_WRITERERROR_NONRETRYABLE files the process that kept the guests frozen died"
		is_thawed "$WEB"
		no_record
	done
	# both at once: the next one that starts thaws
	run writers_driver "${freeze[@]}" "run=pkill -STOP -f '[-]-keep.*$WEB'; pkill -KILL -f '^$(in_box libvirt)\$|[-]-keep.*$WEB'" wait=30000
	is_frozen "$WEB"
	run list-writers
	assert_success
	is_thawed "$WEB"
	no_record
}

@test "a guest without an agent: a veto, or no promise where that is configured" {
	new_image "$T/web.img"
	new_image "$T/old.img"
	new_guest web "$WEB" "$T/web.img"
	new_guest old "$OLD" "$T/old.img" none
	write_virsh
	run writers_driver "$(component old)" prepare-backup prepare-snapshot freeze thaw
	assert_line "freeze libvirt VSS_WS_FAILED_AT_FREEZE VSS_E_WRITERERROR_RETRYABLE none guest old: cannot be frozen: Guest agent is not responding: QEMU guest agent is not connected"
	write_virsh "guest old no-agent=crash"
	run writers_driver with=backup prepare-backup "$(component old)" prepare-backup prepare-snapshot freeze thaw
	assert_line "freeze libvirt VSS_WS_WAITING_FOR_THAW none none "
	assert_line "- evidence old not frozen: Guest agent is not responding: QEMU guest agent is not connected"
	assert_line "thaw libvirt VSS_WS_WAITING_FOR_POST_SNAPSHOT none none "
	nobody_is_frozen
}

@test "an agent that hangs is cut off, and thawed however far it came" {
	new_image "$T/web.img"
	new_guest web "$WEB" "$T/web.img" takes-and-hangs
	write_virsh "freeze-timeout 1000"
	run writers_driver "$(component web)" prepare-backup prepare-snapshot freeze "run=[ -e $V/$WEB/frozen ] && echo it froze" thaw
	assert_line "freeze libvirt VSS_WS_FAILED_AT_FREEZE VSS_E_WRITERERROR_RETRYABLE none guest web: cannot be frozen: no answer in time"
	assert_line "it froze"
	is_thawed "$WEB"
	no_record
	refute pgrep -f "virsh -c qemu:///system domfs[a-z]* $WEB"
}

@test "a guest that cannot be thawed is named, and thawed by a later run" {
	new_image "$T/web.img"
	new_guest web "$WEB" "$T/web.img"
	write_virsh "thaw-timeout 1000"
	run writers_driver "$(component web)" prepare-backup prepare-snapshot freeze "run=echo none >$V/$WEB/agent" thaw
	assert_line --partial "thaw libvirt VSS_WS_FAILED_AT_THAW VSS_E_WRITERERROR_NONRETRYABLE files guest $WEB: cannot be thawed: "
	assert_line --partial "say virsh domfsthaw $WEB"
	is_frozen "$WEB"
	echo ok >"$V/$WEB/agent"
	run list-writers
	is_thawed "$WEB"
	no_record
}

@test "what is frozen by somebody else is left alone" {
	new_image "$T/web.img"
	new_guest web "$WEB" "$T/web.img"
	write_virsh
	touch "$V/$WEB/frozen"
	run writers_driver "$(component web)" prepare-backup prepare-snapshot abort
	assert_line "prepare-snapshot libvirt VSS_WS_FAILED_AT_PREPARE_SNAPSHOT VSS_E_WRITERERROR_RETRYABLE none guest $WEB: is frozen already, by somebody else"
	is_frozen "$WEB"
}

@test "an image that changes in spite of the freeze is seen" {
	new_image "$T/web.img"
	new_guest web "$WEB" "$T/web.img"
	write_virsh
	run writers_driver "$(component web)" prepare-backup prepare-snapshot freeze "run=echo swap | dd of=$T/web.img conv=notrunc status=none" thaw
	assert_line "thaw libvirt VSS_WS_FAILED_AT_THAW VSS_E_WRITERERROR_RETRYABLE files $T/web.img: was written to while it was copied"
	is_thawed "$WEB"
}

@test "it keeps to the protocol, and lets go whatever happens while it is frozen" {
	only=() # of all checks those that have to do with it
	for check in backup abort-freeze abort-twice identify-frozen overtaken deadline tiny-window children end-freeze death-freeze kill-freeze sigterm; do
		only+=(--only "$check")
	done
	new_image "$T/web.img"
	new_guest web "$WEB" "$T/web.img"
	write_virsh
	run vss-test-writer --check "${only[@]}" --patience 60 --window 5000 --probe test --probe ! --probe -e --probe "$V/$WEB/frozen" "$(in_box libvirt)"
	assert_success
	wait_until 60 nobody_is_frozen
	wait_until 60 no_record
}

@test "a connection that does not answer: the writer failed, and so does what needs it" {
	new_btrfs fs 500M images
	new_image "$T/images/web.img"
	new_guest web "$WEB" "$T/images/web.img"
	write_virsh
	touch "$V/down"
	run list-writers --json
	assert_json '.[0].state' VSS_WS_FAILED_AT_IDENTIFY
	assert_json '.[0].error' VSS_E_WRITERERROR_NONRETRYABLE
	run --separate-stderr backup -w libvirt -o "$T/x.tar.zst"
	assert_equal "$status" 6
	assert_sentence backup "qemu:///system: list: failed to connect to the hypervisor"
	run --separate-stderr backup -o "$T/x.tar.zst" "$T/images"
	assert_equal "$status" 6
	run --separate-stderr backup --skip-failed-writers -o "$T/x.tar.zst" "$T/images"
	assert_equal "$status" 3
}

@test "disks: what images are based on, what is no file, what is ignored" {
	new_image "$T/web.img"
	base='<disk type="file" device="disk"><driver name="qemu" type="qcow2"/><source file="'$T/top.qcow2'"/><target dev="vdb"/></disk>'
	# a qcow2 head: version 2, based on base.img in the same directory, whose kind is not said
	python3 -c 'import struct, sys; open(sys.argv[1], "wb").write(struct.pack(">IIQI", 0x514649fb, 2, 200, 8) + bytes(180) + b"base.img")' "$T/top.qcow2"
	new_image "$T/base.img"
	new_guest web "$WEB" "$T/web.img" ok running "$base"
	new_guest old "$OLD" "$T/web.img" ok "shut off" '<disk type="block" device="disk"><source dev="/dev/vg/lv"/><target dev="vdb"/></disk>'
	write_virsh
	run writers_driver "$(component web)" prepare-backup "$(component old)" prepare-backup
	assert_success
	assert_line "file $T top.qcow2"
	assert_line "file $T base.img"
	assert_line --partial "prepare-backup libvirt VSS_WS_FAILED_AT_PREPARE_BACKUP VSS_E_WRITERERROR_PARTIAL_FAILURE none guest old: its disk vdb is no file of this machine"
	write_virsh "guest old other-disks=skip" "ignore web"
	run writers_driver "$(component old)" prepare-backup
	assert_line "prepare-backup libvirt VSS_WS_STABLE none none "
	refute_line "component libvirt - web"
}

@test "caches that a flush does not empty are no freeze" {
	new_image "$T/web.img"
	new_guest web "$WEB" "$T/web.img" ok running \
		"<disk type='file' device='disk'><driver name='qemu' type='qcow2' cache='unsafe'/><source file='$T/web.img'/><target dev='vdb'/></disk>"
	write_virsh
	run writers_driver "$(component web)" prepare-backup prepare-snapshot freeze thaw
	assert_line --partial "guest web: cannot be frozen: $T/web.img has cache=unsafe"
	is_thawed "$WEB"
}

@test "the writer's own configuration: faults are named with their line" {
	local line
	for line in 'uri qemu+ssh://other/system' 'uri qemu://other/system' 'uri none' 'virsh relative' 'freeze-timeout 0' 'thaw-timeout 99999' 'guest x no-agent=maybe' \
		'options other-disks=crash' 'colour red' guest; do
		printf '# first\n%s\n' "$line" >"$VSS_WRITER_LIBVIRT_CONF"
		run writers_driver
		assert_line --partial "identify libvirt VSS_WS_FAILED_AT_IDENTIFY VSS_E_WRITERERROR_NONRETRYABLE none $VSS_WRITER_LIBVIRT_CONF: line 2: "
	done
}
