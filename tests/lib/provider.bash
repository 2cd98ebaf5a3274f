# SPDX-License-Identifier: BSD-2-Clause
# Sets made by provider_driver, below the session: `load ../lib/provider` after common.
# shellcheck shell=bash disable=SC2034,SC2154

# driver_create NAME [OPTION]... VOLUME...: a set; its ID is in $set, and for volume i (from 0) ${shadow[i]} ${place[i]} ${instant[i]}
# ${proof[i]}, and what it did in ${effort[i]}.
driver_create() {
	provider=$1
	provider_driver create "$@" >"$T/set" || return
	driver_read
}

# driver_read: what it said in $T/set.
driver_read() {
	local line
	read -r _ set <"$T/set"
	shadow=() place=() instant=() proof=() effort=()
	while read -r -a line; do
		shadow+=("${line[0]}") place+=("${line[1]}") instant+=("${line[3]}") proof+=("${line[4]}") effort+=("${line[5]}")
	done < <(tail -n +2 "$T/set")
}

# driver_delete: the set that was made last, and its document.
driver_delete() {
	local i
	for i in "${!shadow[@]}"; do
		provider_driver remove "$provider" "${place[i]}" "${shadow[i]}"
	done
	provider_driver forget "$provider" "$set"
}
