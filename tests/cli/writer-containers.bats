#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# The in-box containers writer with a scripted engine: what it makes of the words of Podman and Docker.  Real containers are in
# tests/integration/containers.bats.
# shellcheck disable=SC2016,SC2154 # what is in single quotes is for another shell; start sets started_pid
load ../lib/common

setup() {
	vss_setup
	requires jq
	export VSS_WRITER_CONTAINERS_CONF=$T/writer-containers.conf
	register containers "$(in_box containers)"
	fake_volumes data
	D=$(volume data)
	echo x >"$D/f"
	engine podman
	engine docker
	configure
	: >"$T/log"
}

configure() { printf '%s\n' "podman $T/podman" "docker $T/docker" "$@" >"$VSS_WRITER_CONTAINERS_CONF"; }
identify() { "$(in_box containers)" < <(printf '%s\n' "event 1 identify" end); }
component() { echo "with=component,filegroup,$1,$2"; }

# engine NAME: a program that answers as the engine does, from $T/NAME.json; what changes something leaves a line in $T/log.
engine() {
	echo '[]' >"$T/$1.json"
	cat >"$T/$1" <<-'END'
		#!/bin/bash
		name=${0##*/} json=$0.json dir=${0%/*}
		change() { jq "map(if .Id == \"$1\" then .State.Status = \"$2\" else . end)" "$json" >"$json.new" && mv "$json.new" "$json"; }
		[ ! -e "$0.down" ] || { echo "Cannot connect to the $name daemon" >&2; exit 1; }
		verb=$1
		shift
		case $verb in
		ps)
			case "${*: -1}" in
			label=*) jq -r --arg l "${*: -1}" '.[] | select(.Config.Labels[$l[6:]]) | .Id' "$json";;
			id=*) jq -r --arg i "${*: -1}" '.[] | select(.Id == $i[3:]) | .Id' "$json";;
			esac;;
		inspect)
			shift 2
			jq --args '[.[] | select([.Id] | inside($ARGS.positional))]' "$@" <"$json";;
		pause|unpause|start|stop)
			echo "$name $verb $*" >>"$dir/log"
			[ ! -e "$0.$verb-fails" ] || { echo "$verb: no" >&2; exit 125; }
			for id; do
				case $verb in
				pause) change "$id" paused;;
				unpause|start) change "$id" running;;
				stop) change "$id" exited;;
				esac
			done;;
		exec)
			id=$1
			shift
			echo "$name exec $id $*" >>"$dir/log";;
		esac
	END
	chmod 755 "$T/$1"
}

# has ENGINE NAME STATE LABELS [MOUNTS]: one more container; its ID is its name with "id-" in front.
has() {
	local slash='' mounts=${5:-"[{\"Type\":\"bind\",\"Source\":\"$D\",\"Destination\":\"/data\",\"RW\":true}]"}
	[ "$1" != docker ] || slash=/
	jq --arg n "$2" --arg s "$3" --arg slash "$slash" --argjson l "$4" --argjson m "$mounts" \
		'. + [{Id: ("id-" + $n), Name: ($slash + $n), State: {Status: $s, ExitCode: 0}, Config: {Labels: $l}, Mounts: $m}]' \
		"$T/$1.json" >"$T/new" && mv "$T/new" "$T/$1.json"
}

assert_log() { assert_equal "$(cat "$T/log")" "$(printf '%s\n' "$@")"; }

@test "containers of both engines, each by its name" {
	has podman web running '{"vss.mode":"cgroup"}'
	has docker db running '{"vss.freeze":"stop it","vss.thaw":"[\"start\",\"it now\"]"}'
	has docker other running '{}'
	run identify
	assert_line "component filegroup podman web caption=id-web"
	assert_line "component filegroup docker db caption=id-db"
	assert_line "file docker db $D * recursive=yes"
	refute_line --partial other
	run writers_driver "$(component docker db)" prepare-backup with= prepare-snapshot freeze thaw
	assert_success
	assert_line "freeze containers VSS_WS_WAITING_FOR_THAW none none "
	assert_log "docker exec id-db stop it" "docker exec id-db start it now"
}

@test "all that are paused are paused at once, after all commands, and released in the reverse" {
	has podman a running '{"vss.mode":"cgroup","vss.hold":"log"}'
	has podman b running '{"vss.mode":"cgroup","vss.freeze":"f b","vss.thaw":"t b","vss.hold":"files"}'
	has docker c running '{"vss.mode":"cgroup","vss.hold":"files","vss.freeze":"f c","vss.thaw":"t c"}'
	{
		printf '%s\n' "event 1 hello version=1" end "event 2 identify" end "event 3 prepare-backup" "backup component-mode=no" end \
			"event 4 prepare-snapshot" end "event 5 freeze timeout-ms=60000" end "event 6 thaw" end "event 7 bye" end
	} >"$T/events"
	run "$(in_box containers)" <"$T/events"
	assert_line "ok 5 hold=log"
	assert_log "podman exec id-b f b" "docker exec id-c f c" "podman pause id-a id-b" "docker pause id-c" \
		"podman unpause id-a id-b" "docker unpause id-c" "docker exec id-c t c" "podman exec id-b t b"
}

@test "what cannot be paused fails the freeze, and nothing stays paused" {
	has podman a running '{"vss.mode":"cgroup"}'
	has docker c running '{"vss.mode":"cgroup"}'
	touch "$T/docker.pause-fails"
	printf '%s\n' "event 1 hello version=1" end "event 2 identify" end "event 3 prepare-backup" "backup component-mode=no" end \
		"event 4 freeze timeout-ms=60000" end "event 5 abort" end >"$T/events"
	run "$(in_box containers)" <"$T/events"
	assert_line 'veto 4 VSS_E_WRITERERROR_RETRYABLE "docker: pause: status 125: pause: no"'
	assert_equal "$(jq -r '.[].State.Status' "$T/podman.json" "$T/docker.json" | sort -u)" running
	assert_file_not_exist "$VSS_RUN_DIR/undo/containers"
}

@test "what cannot be released is told, and tried again by the next start" {
	has podman a running '{"vss.mode":"cgroup"}'
	touch "$T/podman.unpause-fails"
	run writers_driver "$(component podman a)" prepare-backup freeze thaw
	assert_line --partial "thaw containers VSS_WS_FAILED_AT_THAW VSS_E_WRITERERROR_NONRETRYABLE none could not be thawed: container a: unpause: status 125: unpause: no"
	run writers_driver
	assert_line --partial "FAILED_AT_IDENTIFY VSS_E_WRITERERROR_RETRYABLE none left quiet by a run that was killed: container a: unpause"
	rm "$T/podman.unpause-fails"
	run writers_driver
	assert_line "identify containers VSS_WS_STABLE none none "
	assert_equal "$(jq -r '.[].State.Status' "$T/podman.json")" running
}

@test "a container that is gone when it is to be released has nothing to release" {
	has podman a running '{"vss.mode":"cgroup"}'
	run writers_driver "$(component podman a)" prepare-backup freeze "run=touch $T/podman.unpause-fails; echo '[]' >$T/podman.json" thaw
	assert_success
	assert_line --partial "thaw containers VSS_WS_WAITING_FOR_POST_SNAPSHOT"
}

@test "one that went away before the snapshot is a veto" {
	has podman a running '{"vss.mode":"cgroup"}'
	run writers_driver "$(component podman a)" prepare-backup "run=echo '[]' >$T/podman.json" prepare-snapshot
	assert_line --partial "VSS_E_WRITERERROR_RETRYABLE none a: container id-a is gone"
}

@test "its volumes are what it can write, directories and files, and what vss.volumes names" {
	mkdir "$D/v" "$D/ro"
	touch "$D/file"
	python3 -c 'import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])' "$T/socket"
	mounts="[{\"Type\":\"volume\",\"Name\":\"v\",\"Source\":\"$D/v\",\"Destination\":\"/v\",\"RW\":true},
		{\"Type\":\"bind\",\"Source\":\"$D/ro\",\"Destination\":\"/ro\",\"RW\":false},
		{\"Type\":\"bind\",\"Source\":\"$D/file\",\"Destination\":\"/file\",\"RW\":true},
		{\"Type\":\"bind\",\"Source\":\"$T/socket\",\"Destination\":\"/socket\",\"RW\":true},
		{\"Type\":\"tmpfs\",\"Source\":\"tmpfs\",\"Destination\":\"/tmp\",\"RW\":true}]"
	has podman a running '{"vss.mode":"cgroup"}' "$mounts"
	has podman b running '{"vss.mode":"cgroup","vss.volumes":"/ro /v"}' "$mounts"
	run identify
	assert_equal "$(grep ' a ' <<<"$output" | grep ^file)" "$(printf '%s\n' "file podman a $D/v * recursive=yes" "file podman a $D file")"
	assert_equal "$(grep ' b ' <<<"$output" | grep ^file)" "$(printf '%s\n' "file podman b $D/v * recursive=yes" "file podman b $D/ro * recursive=yes")"
}

@test "labels that make no sense fail at identify, with the container's name" {
	for labels in '{"vss.mode":"warp"}' '{"vss.mode":"exec"}' '{"vss.freeze":"x"}' '{"vss.freeze":"[1]","vss.thaw":"x"}' \
		'{"vss.freeze":"[\"x\"","vss.thaw":"x"}' '{"vss.freeze":" ","vss.thaw":"x"}' '{"vss.mode":"cgroup","vss.hold":"files"}' \
		'{"vss.mode":"cgroup","vss.hold":"all"}' '{"vss.mode":"cgroup","vss.timeout":"0"}' '{"vss.mode":"cgroup","vss.volumes":"/none"}'; do
		engine podman
		has podman app running "$labels"
		run identify
		assert_output --regexp "^fail 1 VSS_E_WRITERERROR_NONRETRYABLE \"podman: container app: vss"
	done
}

@test "a container that mounts the whole machine has to say what is its own" {
	mounts="[{\"Type\":\"bind\",\"Source\":\"/\",\"Destination\":\"/host\",\"RW\":true},{\"Type\":\"bind\",\"Source\":\"$D\",\"Destination\":\"/data\",\"RW\":true}]"
	has podman app running '{"vss.mode":"cgroup"}' "$mounts"
	run identify
	assert_output --partial "container app: mounts the whole machine: name its own with vss.volumes"
	engine podman
	has podman app running '{"vss.mode":"cgroup","vss.volumes":"[\"/data\"]"}' "$mounts"
	run identify
	assert_line "file podman app $D * recursive=yes"
}

@test "no container opts in: the writer is not there, and says why" {
	has podman app running '{}'
	run identify
	assert_output 'ok 1 absent="no container has a label vss.freeze or vss.mode"'
	printf '%s\n' "podman no" "docker no" >"$VSS_WRITER_CONTAINERS_CONF"
	run identify
	assert_output 'ok 1 absent="neither podman nor docker has been used here"'
}

@test "an engine that does not answer, or answers something else, has failed" {
	touch "$T/docker.down"
	run identify
	assert_output --partial 'fail 1 VSS_E_WRITERERROR_NONRETRYABLE "docker: '
	assert_output --partial "Cannot connect to the docker daemon"
	rm "$T/docker.down"
	has podman app running '{"vss.mode":"cgroup"}'
	sed -i 's/^	*shift 2$/echo "[{"; exit 0/' "$T/podman"
	run identify
	assert_output --partial 'fail 1 VSS_E_WRITERERROR_NONRETRYABLE "podman: '
	engine podman
	chmod 777 "$T/podman"
	run identify
	assert_output --partial "$T/podman: writable by others"
}

@test "a mistake in the configuration is told with its line" {
	for line in "podman relative" "podman" "stop-containers maybe" "colour red"; do
		configure "$line"
		run identify
		assert_output --partial "$VSS_WRITER_CONTAINERS_CONF: line 3: "
	done
}

@test "before a restore the container has to stand still; after one that went wrong it is not started" {
	has podman a running '{"vss.mode":"cgroup"}'
	run writers_driver "$(component podman a)" pre-restore
	assert_line --partial "pre-restore containers VSS_WS_FAILED_AT_PRE_RESTORE VSS_E_WRITERERROR_NONRETRYABLE none container a: runs: stop it first, or say stop-containers yes"
	assert_file_exist "$D/f"
	configure "stop-containers yes"
	printf '%s\n' "event 1 identify" end "event 2 pre-restore" "component filegroup podman a" end "event 3 post-restore" \
		"component filegroup podman a status=failed" end >"$T/events"
	run "$(in_box containers)" <"$T/events"
	assert_line --partial 'fail 3 VSS_E_WRITERERROR_NONRETRYABLE "container a: was stopped, and is not started: not all of its files came back"'
	assert_log "podman stop id-a"
	assert_equal "$(cat "$D"/before-restore.*/f)" x
	sed -i s/failed/all/ "$T/events"
	run "$(in_box containers)" <"$T/events"
	assert_line "ok 3"
	assert_log "podman stop id-a"
	jq '.[0].State.Status = "running"' "$T/podman.json" >"$T/new" && mv "$T/new" "$T/podman.json"
	run "$(in_box containers)" <"$T/events"
	assert_line "ok 3"
	assert_log "podman stop id-a" "podman stop id-a" "podman start id-a"
}
