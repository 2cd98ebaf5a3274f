# SPDX-License-Identifier: BSD-2-Clause
# A tree with everything in it, and foreign tools that say what is there: `load ../lib/trees` behind common.
# shellcheck shell=bash

# make_tree DIR: every kind of file and name that a user can have; as root also owners, devices, capabilities, trusted attributes.
make_tree() {
	(
		cd "$1" || exit
		set -e
		make_plain
		make_links
		make_names
		make_holes
		make_attributes
		[ "$(id -u)" != 0 ] || make_for_root
		make_times
	)
}

make_plain() {
	: >empty
	mkdir 'empty directory' sub sub/deeper
	printf 'one line\n' >sub/text
	seq 300000 >sub/compressible
	head -c 9000000 /dev/urandom >sub/deeper/random
	printf x >one-byte
	mkfifo fifo
	chmod 0600 sub/text
	chmod 0751 sub
	chmod 1777 sub/deeper
	install -m 4755 /dev/null set-uid
	install -m 2755 /dev/null set-gid
}

make_links() {
	echo shared >link-1
	ln link-1 link-2
	ln link-1 sub/link-3
	ln -s sub/text relative
	ln -s /nowhere/at/all dangling
	ln -s . itself
	ln -s "$(printf 'x%.0s' {1..3000})" long-target
	ln relative sub/hard-link-of-a-link
	ln fifo sub/hard-link-of-a-fifo
}

make_names() {
	local long deep=.
	long=$(printf 'n%.0s' {1..255})
	echo long >"$long"
	mkdir names
	printf 1 >names/$'new\nline'
	printf 2 >names/$'quo"te\'s'
	printf 3 >names/'back\slash'
	printf 4 >names/$'not utf-8 \xff\xfe'
	printf 5 >names/'-rf'
	printf 6 >names/' blank '
	printf 7 >names/$'tab\tand \e[31mescape'
	printf 8 >names/'*?[a]'
	printf 9 >names/'größe ☃'
	printf 0 >names/$'\x01'
	ln -s $'new\nline' names/$'link\nto a line'
	mkdir .vss names/.vss
	echo mine >.vss/manifest.mtree
	# a path of 4,000 bytes, from the root on
	while :; do
		local room=$((4000 - ${#PWD} - ${#deep} - 5))
		[ $room -gt 255 ] || break
		deep+=/$(printf 'd%.0s' {1..200})
	done
	mkdir -p "$deep"
	(cd -P "$deep" && echo deep >"$(printf 'f%.0s' $(seq $((4000 - ${#PWD} - 1))))")
}

make_holes() {
	mkdir holes
	truncate -s 1M holes/only
	truncate -s 1000001 holes/odd
	printf data | dd of=holes/at-the-end bs=1 seek=5000000 status=none
	{ head -c 8192 /dev/zero | tr '\0' a; } >holes/in-front
	truncate -s 3M holes/in-front
	seq 2000 >holes/middle
	truncate -s 2M holes/middle
	seq 2000 >>holes/middle
	head -c 100000 /dev/zero >holes/zeros-that-are-data
	local i
	for i in {1..400}; do # more extents than one header holds
		printf x | dd of=holes/many bs=1 seek=$((i * 20000)) conv=notrunc status=none
	done
}

make_attributes() {
	setfattr -n user.plain -v value sub/text
	setfattr -n user.empty sub/text
	setfattr -n user.binary -v 0x00ff0a3d22 sub/text
	setfattr -n user.long -v "$(printf 'v%.0s' {1..3000})" one-byte
	setfattr -n user.of-a-directory -v d sub
	setfacl -m u:1001:r,g:1002:rw,m::rw sub/compressible
	setfacl -m u:1001:rx sub/deeper
	setfacl -d -m u:1003:rwx,g::r sub/deeper
}

make_for_root() {
	mknod character c 1 3
	install -m 0000 /dev/null closed
	mknod block b 7 200
	chown 1000:2000 sub/text link-1
	chown 3000000000:3000000001 one-byte
	chown -h 1234:4321 dangling
	chown 1000:1000 set-uid
	chmod 4755 set-uid
	setcap cap_net_raw,cap_net_bind_service+ep sub/compressible
	setfattr -h -n trusted.of-a-link -v l relative
	setfattr -n trusted.plain -v t empty
}

# Last, as everything above changes them.
make_times() {
	touch -h -d '2001-02-03 04:05:06.123456789' sub/text relative 'empty directory'
	touch -d '1969-12-31 23:59:58.000000001' empty
	touch -d '2100-01-01 00:00:00.999999999' one-byte
	touch -d '2020-02-02 02:02:02.222222222' link-1 names sub/deeper fifo
	touch -d '2019-01-01 00:00:00.100000000' sub
	touch -d '2018-01-01 00:00:00.1' .
}

# --- what foreign tools see ---

# One record a line, whatever the names are.
as_lines() { sed -z 's/\\/\\\\/g; s/\n/\\n/g' | tr '\0' '\n'; }

# Names of one file, under the first of them.
link_groups() {
	local inode count name first=
	local -A names
	find . ! -path './.vss-shadows*' ! -type d -links +1 -printf '%P\t%i\t%n\0' | sort -z | while IFS=$'\t' read -r -d '' name inode count; do
		first=${names[$inode]:-$name}
		names[$inode]=$first
		printf 'link %s = %s (%s)\0' "$name" "$first" "$count"
	done | as_lines
}

# describe DIR [acl]: everything that is to come back, in an order that depends on nothing but the names.  Without `acl` POSIX ACLs are left out,
# and of modes the bits that they change.
describe() {
	local pattern=-
	[ "${2:-}" = acl ] || pattern='^(user|trusted|security)\.'
	(
		cd "$1" || exit
		set -e
		find . ! -path './.vss-shadows*' \
			\( -type f -printf 'f %P %#m %U:%G %T@ %s\0' -o -type d -printf 'd %P %#m %U:%G %T@\0' -o \
			-printf '%y %P %#m %U:%G %T@ %l\0' \) | sort -z | as_lines
		find . ! -path './.vss-shadows*' \( -type b -o -type c \) -print0 | sort -z | xargs -0r stat -c 'device %n %t:%T'
		link_groups
		find . ! -path './.vss-shadows*' -type f -print0 | sort -z | xargs -0 sha256sum -z -- | as_lines
		find . ! -path './.vss-shadows*' -type f -size +0 -print0 | sort -z | xargs -0 extents
		find . ! -path './.vss-shadows*' ! -type p ! -type b ! -type c -print0 | sort -z | xargs -0 getfattr -h -m "$pattern" -d -e hex --
	)
}
