# SPDX-License-Identifier: BSD-2-Clause
# What is in the archives of increments, by foreign tools: `load ../lib/increments` behind common.
# shellcheck shell=bash disable=SC2154

# newest DIR: the archive that was made last.
newest() { find "$1" -name '*.tar.zst' -printf '%T@ %p\n' | sort -n | sed -n '$s/[^ ]* //p'; }

# state ARCHIVE DIR: each file of the state below DIR, without directories, as PATH, and PATH=K where archive K of the chain has it; of
# partial files there are two.
state() {
	tar --zstd -xOf "$1" .vss/manifest.mtree | grep ' mode=' | grep -v ' type=dir ' | sed -E \
		-e "s,^\./(\.vss/partial/)?${2#/}/,\1," -e t -e d |
		awk '{ path = $1; at = match($0, /vss-in:[0-9]+/) ? "=" substr($0, RSTART + 7, RLENGTH - 7) : ""; print path at }' |
		LC_ALL=C sort | paste -sd' '
}

# members ARCHIVE DIR: the files that the archive itself has of DIR.
members() {
	tar --zstd -tf "$1" | sed -E -e "s,^(\.vss/partial/)?${2#/}/,\1," -e t -e d | grep -v '/$' | grep . | LC_ALL=C sort | paste -sd' '
}
