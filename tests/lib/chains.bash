# SPDX-License-Identifier: BSD-2-Clause
# A tree at three times: `load ../lib/chains` behind common and trees.
# shellcheck shell=bash disable=SC2034,SC2154 # T comes from common.bash; run and the helpers set variables

# first_state DIR: the tree of make_tree, and what will change its type.
first_state() {
	make_tree "$1"
	(
		cd "$1" || exit
		set -e
		mkdir types types/dir-to-link types/dir-to-file types/dir-to-file/inner gone gone/inner moved
		echo 1 >types/file-to-dir
		echo 2 >types/dir-to-link/inside
		echo 3 >types/dir-to-file/inner/inside
		ln -s nowhere types/link-to-file
		echo 4 >types/file-to-fifo
		echo 5 >types/file-to-node
		echo 6 >gone/inner/file
		echo 7 >moved/file
		echo same >same-size
		touch -d '2011-11-11 11:11:11.111' same-size
		echo both >pair-1
		ln pair-1 pair-2
		echo alone >single
		echo unchanged >sub/unchanged
	)
}

# second_state DIR: everything that may happen to a tree, once.
second_state() {
	(
		cd "$1" || exit
		set -e
		rm -r types/file-to-dir types/dir-to-link types/dir-to-file types/link-to-file types/file-to-fifo types/file-to-node
		mkdir types/file-to-dir
		echo inside >types/file-to-dir/inside
		ln -s ../sub types/dir-to-link
		echo file >types/dir-to-file
		echo file >types/link-to-file
		mkfifo types/file-to-fifo
		if [ "$(id -u)" = 0 ]; then
			mknod types/file-to-node c 1 5
			chown 77:88 holes/odd
			chown -h 5:6 relative
		fi
		rm -r gone
		mv moved moved-away
		mv sub/compressible renamed
		mkdir -p new/deep
		echo new >new/deep/file
		# of the same size, and its time put back
		echo SAME >same-size
		touch -d '2011-11-11 11:11:11.111' same-size
		rm pair-2
		echo broken >pair-2
		ln single single-too
		chmod 0604 sub/text
		touch -d '2005-05-05 05:05:05.5' holes/in-front
		setfattr -n user.plain -v other sub/text
		setfattr -x user.empty sub/text
		setfattr -n user.added -v x one-byte
		setfacl -m u:1005:rwx renamed
		setfacl -k sub/deeper
		printf middle | dd of=holes/only bs=1 seek=500000 conv=notrunc status=none
		truncate -s 900000 holes/odd
		chmod 0700 names
	)
}

# third_state DIR: some of it back, some of it further.
third_state() {
	(
		cd "$1" || exit
		set -e
		rm -r types/file-to-dir types/dir-to-link types/file-to-fifo
		echo file again >types/file-to-dir
		mkdir types/dir-to-link types/file-to-fifo
		echo inside again >types/dir-to-link/inside
		mkdir gone
		echo another >gone/file
		mv moved-away moved
		mv sub other-sub
		ln -s other-sub sub
		rm pair-2
		ln pair-1 pair-2
		rm single-too
		fallocate -p -o 499712 -l 4096 holes/only
		truncate -s 1200000 holes/odd
		rm new/deep/file
		echo last >new/last
		touch -d '2006-06-06 06:06:06.6' one-byte
	)
}

# same DIR WANT: DIR is as the file WANT describes it.
same() {
	describe "$1" acl >"$T/got" || fail "cannot look at $1"
	diff "$2" "$T/got" >"$T/diff" || fail "$2: not the same: $(head -c 3000 "$T/diff")"
}
