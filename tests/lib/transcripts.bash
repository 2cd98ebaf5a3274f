# SPDX-License-Identifier: BSD-2-Clause
# Scripts of diskshadow and what they are expected to print: `load ../lib/transcripts` after common.
#
# The scripts of tests/data/diskshadow are as somebody keeps them on a machine of his: volumes below /srv, exposed copies below /mnt,
# metadata in /var/backups, programs in /usr/local/sbin.  For a test these paths are changed and nothing else (`adopt`); what comes
# out is changed back (`normalise`), with names in the place of IDs, times and this machine's name.
# shellcheck shell=bash disable=SC2154

SCRIPTS=$REPO/tests/data/diskshadow

# The machine that the scripts are written for: volumes /srv/data, /srv/log and /srv/spare.
machine() {
	mkdir -p "$T/mnt" "$T/backups" "$T/sbin" "$T/work"
	mkdir -p "$(volume data)/db" "$(volume data)/mail" "$(volume log)/db"
	echo 'the accounts' >"$(volume data)/db/accounts"
	echo 'a letter' >"$(volume data)/mail/letter"
	echo 'what happened' >"$(volume log)/db/journal"
	cat >"$T/sbin/about" <<-'END'
		#!/bin/sh
		printf '%s\n' "$@"
		env | grep -E '^(VSS_SHADOW_|VSS_VOLUME_|DISKSH_|Data=)' | LC_ALL=C sort
	END
	cat >"$T/sbin/copy-open-files.cmd" <<-'END'
		#!/bin/sh
		echo "The set is $VSS_SHADOW_SET."
		ls "$VSS_SHADOW_DEVICE_1"
	END
	cat >"$T/sbin/show" <<-'END'
		#!/bin/sh
		cat "$1"
	END
	cat >"$T/sbin/spoil" <<-END
		#!/bin/sh
		echo overwritten >$(volume data)/mail/letter
	END
	cat >"$T/sbin/fail" <<-END
		#!/bin/sh
		exit 3
	END
	chmod 755 "$T/sbin"/*
}

# register_writers: a database on both volumes, and mail on one.
register_writers() {
	cat >"$T/database" <<-END
		writer 7d2a1c40-11b1-4f2e-9a53-6c1d0e5f7a01 "Database Writer" usage=USER_DATA source=TRANSACTION_DB
		restore-method RESTORE_IF_CAN_REPLACE writer-restore=always
		component database instance accounts caption="All accounts" notify=yes selectable-for-restore=yes
		database-file instance accounts $(volume data)/db accounts
		log-file instance accounts $(volume log)/db journal
		hold files
		log $T/database.log
	END
	cat >"$T/mail" <<-END
		writer 0b6c9a12-5f35-4c0e-8d3a-2f4e6b7c8d02 "Mail Writer" usage=USER_DATA
		restore-method RESTORE_IF_CAN_REPLACE writer-restore=always
		component filegroup "" mail notify=yes
		file "" mail $(volume data)/mail * recursive=yes
		exclude $(volume data)/mail *.tmp
		hold files
		log $T/mail.log
	END
	register database "$VSS_BUILD/bin/vss-test-writer $T/database"
	register mail "$VSS_BUILD/bin/vss-test-writer $T/mail"
}

# adopt SCRIPT: the file, below tests/data/diskshadow, as it is for this test, on stdout.
adopt() {
	sed -e "s|/srv/|$T/volumes/|g" -e "s|/mnt/|$T/mnt/|g" -e "s|/var/backups/|$T/backups/|g" -e "s|/usr/local/sbin/|$T/sbin/|g" \
		"$SCRIPTS/$1"
}

# normalise: what was printed, as it would be on that machine and any day.  IDs are numbered as they come, each by itself.
normalise() {
	sed -E -e "s|$T/volumes/|/srv/|g" -e "s|$T/mnt/|/mnt/|g" -e "s|$T/backups/|/var/backups/|g" -e "s|$T/sbin/|/usr/local/sbin/|g" \
		-e "s|$VSS_RUN_DIR/|/run/vss/|g" -e "s|$T/||g" \
		-e 's/[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}/DATE TIME/g' \
		-e 's/[0-9]{8}T[0-9]{6}Z/DATETIME/g' \
		-e 's/[0-9]{4}-[0-9]{2}-[0-9]{2}_[0-9]{2}-[0-9]{2}-[0-9]{2}_/DATE_TIME_/g' \
		-e 's/[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}/\x01&\x01/g' \
		-e "s/(^|[^[:alnum:]-])$(uname -n | sed 's/[.]/\\./g')($|[^[:alnum:]-])/\\1HOST\\2/g" -e 's/[0-9]+\.[0-9]+\.[0-9]+/VERSION/g' |
		awk -F '\001' '{
			for (i = 2; i <= NF; i += 2) {
				if (!(tolower($i) in seen))
					seen[tolower($i)] = ++n
				$i = "ID-" seen[tolower($i)]
			}
			print
		}' OFS=''
}

# encode HOW: a script as other programs write it.
encode() {
	case $1 in
	plain) cat ;;
	crlf) sed 's/$/\r/' ;;
	unfinished) sed 's/$/\r/' | head -c -2 ;;
	trailing-blanks) sed 's/$/ \t \r/' ;;
	utf8-mark) printf '\357\273\277' && sed 's/$/\r/' ;;
	utf16) printf '\377\376' && sed 's/$/\r/' | iconv -f UTF-8 -t UTF-16LE ;;
	utf16-lf) printf '\377\376' && iconv -f UTF-8 -t UTF-16LE ;;
	*) fail "encode $1" ;;
	esac
}

# play NAME [PARAMETER...]: run the script NAME.dsh in the encoding $ENCODING; what it printed, normalised, is in $T/NAME.played: its output, then what it said
# on standard error, then its status.
play() {
	local name=$1 base status=0
	shift
	base=$T/${name##*/}
	rm -f "$T"/work/*.tar # two of one second would have other names
	adopt "$name.dsh" | encode "${ENCODING:-plain}" >"$base.dsh"
	(cd "$T/work" && exec diskshadow /s "$base.dsh" "$@") >"$base.out" 2>"$base.err" </dev/null || status=$?
	{
		cat "$base.out"
		[ ! -s "$base.err" ] || sed 's/^/standard error: /' "$base.err"
		echo "status: $status"
	} | normalise | sed 's/[ \t]*$//' >"$base.played"
}

# assert_transcript NAME: what was played is NAME.transcript.
assert_transcript() {
	[ "${VSS_TRANSCRIPTS:-}" != write ] || cp "$T/${1##*/}.played" "$SCRIPTS/$1.transcript"
	diff -u --label "$1.transcript" --label 'what came' "$SCRIPTS/$1.transcript" "$T/${1##*/}.played"
}
