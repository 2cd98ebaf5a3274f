#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# What writers put into their scratch directories: laid over the copy, in the archive, and gone afterwards.

# shellcheck disable=SC2016,SC2030,SC2031,SC2154 # words for other shells; run and the helpers set variables
load ../lib/common
load ../lib/stories

setup() {
	vss_setup
	fake_volumes a
	a=$(volume a) x=$T/x.tar.zst
	data=$a/data
	mkdir -p "$data/wal/archive_status" "$data/base"
	echo live >"$data/base/table"
	echo 'live label' >"$data/label.old"
	printf 'wal %s\n' 1 >"$data/wal/0001"
	printf 'half %s\n' 2 >"$data/wal/0002"
	chmod 750 "$data/wal"
}

# overlay_writer NAME FILES [MAIN]: a shell writer of $data whose handlers come from stdin; FILES are more statements of
# identify, MAIN others than that for all of $data.
overlay_writer() {
	local name=$1 main='vss_say file "" db "$data" "*" recursive=yes'
	{
		echo '#!/bin/sh'
		printf '. %q\n' "$REPO/scripts/vss-writer.sh"
		cat <<-END
			data=$data dumps=$a/dumps
			on_identify() {
				vss_say writer $(id_of "$name") "$name" usage=USER_DATA source=TRANSACTION_DB
				vss_say restore-method RESTORE_IF_CAN_REPLACE writer-restore=always
				vss_say component filegroup "" db selectable=yes
				${3:-$main}
				if [ -n "\$vss_scratch" ]; then
					$2
				fi
			}
			on_freeze() { vss_hold "\${hold:-files}"; }
		END
		cat
		echo vss_run
	} >"$T/$name"
	chmod 755 "$T/$name"
	register "$name" "$T/$name"
}

members() { tar --zstd -tf "$x" | grep -v '^\.vss/' | sed "s,^${T#/}/volumes/,," | LC_ALL=C sort | paste -sd' '; }
content() { tar --zstd -xOf "$x" "${1#/}"; }
twice() { tar --zstd -tf "$x" | sort | uniq -d; }

label='vss_say file "" db "$data" "label*" alternate="$vss_scratch/label"'
wal='vss_say file "" db "$data/wal" "*" recursive=yes alternate="$vss_scratch/wal"'
dump='vss_say file "" db "$dumps" "*.dump" alternate="$vss_scratch/dumps"'

@test "a label is laid over the copy, and the live directory never sees it" {
	overlay_writer one "$label" <<-'END'
		on_post_snapshot() {
			mkdir "$vss_scratch/label"
			echo new >"$vss_scratch/label/label"
			echo newer >"$vss_scratch/label/label.old"
			echo stray >"$vss_scratch/label/stray"
		}
	END
	backup -q -o "$x" -w one
	assert_equal "$(content "$data/label")" new
	assert_equal "$(content "$data/label.old")" newer
	assert_equal "$(content "$data/base/table")" live
	assert_equal "$(twice)" ''
	[[ $(members) != *stray* ]]
	[ ! -e "$data/label" ]
	assert_equal "$(cat "$data/label.old")" 'live label'
	verify-backup -q "$x"
	assert_nothing_left
}

@test "nothing has to be there" {
	overlay_writer one "$label; $wal; $dump; vss_say file \"\" db \"\$data\" single alternate=\"\$vss_scratch/label\"" </dev/null
	run --separate-stderr backup -q -o "$x" -w one
	assert_equal "$status $stderr" '0 '
	assert_equal "$(content "$data/label.old")" 'live label'
	[[ $(members) != *dumps* ]]
}

@test "logs are laid over those of a directory that the copy has, too, whatever the writer excludes" {
	overlay_writer one "$wal; vss_say exclude \"\$data/wal\" \"*\" recursive=yes" <<-'END'
		on_post_snapshot() {
			mkdir -m 700 "$vss_scratch/wal" "$vss_scratch/wal/archive_status" "$vss_scratch/wal/new"
			echo 'whole 2' >"$vss_scratch/wal/0002"
			echo 'whole 3' >"$vss_scratch/wal/0003"
			chmod 640 "$vss_scratch/wal/0003"
			touch "$vss_scratch/wal/archive_status/0002.done" "$vss_scratch/wal/new/deep"
		}
	END
	backup -q -o "$x" -w one
	assert_equal "$(members)" "a/data/ a/data/base/ a/data/base/table a/data/label.old a/data/wal/ a/data/wal/0002 \
a/data/wal/0003 a/data/wal/archive_status/ a/data/wal/archive_status/0002.done a/data/wal/new/ a/data/wal/new/deep"
	assert_equal "$(content "$data/wal/0002")" 'whole 2'
	# directories are the copy's where it has them, files as the writer left them
	tar --zstd -tvf "$x" >"$T/list"
	grep -q '^drwxr-x--- .*/data/wal/$' "$T/list"
	grep -q '^drwxr-xr-x .*/wal/archive_status/$' "$T/list"
	grep -q '^drwx------ .*/wal/new/$' "$T/list"
	grep -q '^-rw-r----- .*/wal/0003$' "$T/list"
	verify-backup -q "$x"
}

@test "what is not in scratch comes from the copy" {
	overlay_writer one "$wal" <<-'END'
		on_post_snapshot() { mkdir "$vss_scratch/wal" && echo 'whole 2' >"$vss_scratch/wal/0002"; }
	END
	backup -q -o "$x" -w one
	assert_equal "$(content "$data/wal/0001")" 'wal 1'
	assert_equal "$(content "$data/wal/0002")" 'whole 2'
	assert_equal "$(twice)" ''
}

@test "dumps come under a directory that is nowhere else, with the attributes that they have" {
	overlay_writer one "$dump" <<-'END'
		on_prepare_snapshot() { mkdir -m 700 "$vss_scratch/dumps" && echo dump >"$vss_scratch/dumps/one.dump"; }
	END
	[ "$(id -u)" != 0 ] || sed -i 's/echo dump .*dump"/& \&\& chown 7:8 "$vss_scratch\/dumps\/one.dump"/' "$T/one"
	backup -q -o "$x" -w one
	assert_equal "$(content "$a/dumps/one.dump")" dump
	tar --zstd --numeric-owner -tvf "$x" >"$T/list"
	grep -q '^drwx------ .*/a/dumps/$' "$T/list"
	[ "$(id -u)" != 0 ] || grep -q '7/8 .*one.dump' "$T/list"
}

@test "a directory where no walk of the copy has been comes from the copy all the same" {
	overlay_writer one 'vss_say file "" db "$data/base" "*.sub" alternate="$vss_scratch/sub"' \
		'vss_say file "" db "$data/wal" "*"' <<-'END'
			on_post_snapshot() { mkdir -m 700 "$vss_scratch/sub" && touch "$vss_scratch/sub/x.sub"; }
		END
	chmod 751 "$data/base"
	backup -q -o "$x" -w one
	tar --zstd -tvf "$x" | grep -q '^drwxr-x--x .*/base/$'
	[[ $(members) == *base/x.sub* ]]
	[[ $(members) != *base/table* ]]
}

@test "a file in the place of a directory, and a directory in the place of a file" {
	overlay_writer one 'vss_say file "" db "$data" "*" recursive=yes alternate="$vss_scratch/all"' <<-'END'
		on_post_snapshot() {
			mkdir -p "$vss_scratch/all/label.old"
			touch "$vss_scratch/all/base" "$vss_scratch/all/label.old/inside"
		}
	END
	backup -q -o "$x" -w one
	assert_equal "$(members)" 'a/data/ a/data/base a/data/label.old/ a/data/label.old/inside a/data/wal/ a/data/wal/0001 a/data/wal/0002 a/data/wal/archive_status/'
	verify-backup -q "$x"
}

@test "of two that lie over each other the first counts" {
	overlay_writer one "vss_say file \"\" db \"\$data\" \"l*\" alternate=\"\$vss_scratch/one\"
		vss_say file \"\" db \"\$data\" \"*\" recursive=yes alternate=\"\$vss_scratch/two\"" <<-'END'
			on_post_snapshot() {
				mkdir -p "$vss_scratch/one" "$vss_scratch/two/wal"
				echo first >"$vss_scratch/one/label"
				for f in label other wal/0001; do echo second >"$vss_scratch/two/$f"; done
			}
		END
	backup -q -o "$x" -w one
	assert_equal "$(content "$data/label") $(content "$data/other") $(content "$data/wal/0001")" 'first second second'
	assert_equal "$(twice)" ''
}

@test "links in scratch are archived and not followed" {
	mkdir "$T/secret"
	echo secret >"$T/secret/0009"
	overlay_writer one "$wal; vss_say file \"\" db \"\$data/out\" \"*\" recursive=yes alternate=\"\$vss_scratch/out\"" <<-END
		on_post_snapshot() {
			mkdir "\$vss_scratch/wal"
			ln -s "$T/secret" "\$vss_scratch/wal/archive_status"
			ln -s "$T/secret" "\$vss_scratch/out"
		}
	END
	run --separate-stderr backup -q -o "$x" -w one
	assert_equal "$status" 3
	[[ $stderr == *"$data/out: "* ]]
	[[ $(members) != *0009* ]]
	[[ $(members) == *"wal/archive_status "* || $(members) == *"wal/archive_status" ]]
}

@test "another's scratch is refused" {
	overlay_writer two "$label" </dev/null
	overlay_writer one 'vss_say file "" db "$data" "label*" alternate="${vss_scratch%/*}/two/label"' </dev/null
	run --separate-stderr backup -q -o "$x" -w one
	assert_equal "$status" 6
	assert_sentence backup 'not in the scratch directory of this writer'
	assert_nothing_left
}

@test "it comes back, in place, elsewhere and by tar" {
	overlay_writer one "$label; $wal" <<-'END'
		on_post_snapshot() {
			mkdir "$vss_scratch/label" "$vss_scratch/wal"
			echo new >"$vss_scratch/label/label"
			echo 'whole 2' >"$vss_scratch/wal/0002"
		}
	END
	touch -d '2001-02-03 04:05:06.123456789' "$data/wal"
	touch -d '2002-02-03 04:05:06.123456789' "$data"
	backup -q -o "$x" -w one
	cp -a "$data" "$T/wanted"
	echo new >"$T/wanted/label"
	echo 'whole 2' >"$T/wanted/wal/0002"
	mkdir "$T/target" "$T/tar"
	restore -q --target "$T/target" "$x"
	diff -r "$T/wanted" "$T/target$data"
	tar --zstd -C "$T/tar" -xf "$x"
	diff -r "$T/wanted" "$T/tar$data"
	rm -r "$data"
	restore -q --in-place -w one "$x"
	diff -r "$T/wanted" "$data"
	# directories were left before what lies over the copy came, and keep their times
	for got in "$T/target$data" "$data"; do
		assert_equal "$(stat -c '%a %y' "$got/wal" "$got" | paste -sd,)" \
			'750 2001-02-03 04:05:06.123456789 +0000,755 2002-02-03 04:05:06.123456789 +0000'
	done
	tar --zstd -xOf "$x" --wildcards '.vss/writers/*.xml' >"$T/writer.xml"
	run list-writers --from "$T/writer.xml" --detailed
	assert_success
}

# --- where it lies ---

@test "the directory is the writer's own and goes with the session, also when that fails" {
	overlay_writer one "$label" <<-END
		on_post_snapshot() {
			ls -ld "\$vss_scratch" >"$T/seen" && echo "\$vss_scratch" >"$T/where"
			vss_fail OUTOFRESOURCES "no room"; return 1
		}
	END
	run --separate-stderr backup -q -o "$x" -w one
	assert_equal "$status" 6
	assert_sentence backup 'no room (VSS_E_WRITERERROR_OUTOFRESOURCES)'
	grep -q '^drwx------' "$T/seen"
	[[ $(cat "$T/where") == "$T"/state/scratch/*/writers/one ]]
	[ ! -e "$x" ]
	assert_nothing_left
	run backup --skip-failed-writers -q -o "$x" "$a"
	assert_equal "$status" 3
	assert_nothing_left
}

@test "--scratch puts it elsewhere, and it is never archived" {
	mkdir "$a/room"
	overlay_writer one "$label" <<-END
		on_post_snapshot() {
			echo "\$vss_scratch" >"$T/where"
			mkdir "\$vss_scratch/label" && echo new >"\$vss_scratch/label/label"
		}
	END
	backup -q --scratch "$a/room" -o "$x" "$a"
	[[ $(cat "$T/where") == "$a"/room/.vss-scratch-*/one ]]
	assert_equal "$(content "$data/label")" new
	[[ $(members) == *' a/room/'* && $(members) != *.vss-scratch* ]]
	assert_equal "$(ls -A "$a/room")" ''
	assert_nothing_left
	run --separate-stderr backup -q --scratch "$T/nowhere" -o "$T/y.tar.zst" "$a"
	assert_equal "$status" 1
	assert_sentence backup "$T/nowhere"
	[ ! -e "$T/y.tar.zst" ]
}

@test "a dry run and a backup without writers make none" {
	overlay_writer one "$label" <<<'on_hello() { echo "[$vss_scratch]" >>'"$T/hello; }"
	backup -q -n -o "$x" "$a"
	assert_equal "$(cat "$T/hello")" '[]'
	backup -q --no-writers -o "$x" "$a"
	[ ! -e "$T/state/scratch" ]
}

# left DIR: what a killed backup has left there.
left() { find "$@" -mindepth 1 -maxdepth 1 -name '*-*-*-*-*'; }

@test "a killed backup leaves it, the next run removes it, never while its owner lives" {
	mkdir "$T/room"
	overlay_writer one "$label" <<-'END'
		on_post_snapshot() { mkdir "$vss_scratch/label" && echo new >"$vss_scratch/label/label"; }
	END
	run stop_at backup.before-durable:kill backup -q --scratch "$T/room" -o "$x" -w one
	[ -n "$(left "$T/state/scratch")" ]
	[ -n "$(find "$T/room" -name label -type f)" ]
	# one that is alive, and seen from another run directory
	start env VSS_STOP_AT=backup.before-durable:stop backup -q --scratch "$T/room" -o "$T/y.tar.zst" -w one
	wait_until 30 is_stopped "$started_pid"
	VSS_RUN_DIR=$T/run2 delete-shadow -q --all
	assert_equal "$(left "$T/state/scratch" | wc -l) $(left "$T/room" | wc -l)" '1 1'
	kill -CONT "$started_pid"
	wait "$started_pid"
	assert_equal "$(content "$data/label" 2>/dev/null)" ''
	tar --zstd -xOf "$T/y.tar.zst" "${data#/}/label" | grep -qx new
	assert_equal "$(left "$T/state/scratch" "$T/room")" ''
	assert_nothing_left
}

@test "a writer that runs as another user can come to its scratch" {
	requires_root
	requires setpriv
	id nobody >/dev/null || skip 'needs the user nobody'
	chmod 755 "$T" "$BATS_RUN_TMPDIR"
	chmod -R a+rX "$data" "$a" "$T/volumes"
	overlay_writer one "$label" <<-'END'
		on_post_snapshot() { mkdir "$vss_scratch/label" && id -un >"$vss_scratch/label/label"; }
	END
	register one "$T/one" User=nobody
	setpriv --reuid=nobody --clear-groups test -x "$T/one" -a -r "$REPO/scripts/vss-writer.sh" || skip 'nobody cannot come here'
	backup -q -o "$x" -w one
	assert_equal "$(content "$data/label")" nobody
	assert_nothing_left
}

# --- promises that need a confirmation ---

@test "a bracket that is not confirmed is below the bar" {
	overlay_writer one "$label" <<<'hold=bracket'
	run --separate-stderr backup -q -o "$x" -w one
	assert_equal "$status" 6
	assert_sentence backup bracket
	[ ! -e "$x" ]
	overlay_writer one "$label" <<-'END'
		hold=bracket
		on_post_snapshot() { vss_answer confirmed=yes; }
	END
	run backup --json -o "$x" -w one
	assert_json '.writers[0].grade' recoverable
}

@test "a component that lies in scratch alone needs no volume" {
	overlay_writer one "$dump" : <<-'END'
		hold=export
		on_prepare_snapshot() { mkdir "$vss_scratch/dumps" && echo dump >"$vss_scratch/dumps/one.dump"; }
		on_post_snapshot() { vss_answer confirmed=yes; }
	END
	run --separate-stderr backup --json -o "$x" -w one
	assert_equal "$status $stderr" '0 '
	assert_json '.writers[0].grade' application
	assert_equal "$(content "$a/dumps/one.dump")" dump
}
