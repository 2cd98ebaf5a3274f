#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The in-box writer of etcd, as vss-writer(7) describes writers; what it does is told in vss-writer-etcd(8).
#
# An instance is a line "NAME key=value ..." in $instances; functions that are called for each find its name in $name
# and its words in $options.  $running has the names of those that ran when identify saw them, $taken of those that take
# part in the backup.
# shellcheck disable=SC2317 # functions are called by their names
set -f
# shellcheck source=scripts/vss-writer.sh
. @DATADIR@/vss-writer.sh

conf=${VSS_WRITER_ETCD_CONF:-/etc/vss/writer-etcd.conf}
nonretryable=VSS_E_WRITERERROR_NONRETRYABLE
retryable=VSS_E_WRITERERROR_RETRYABLE
newline='
'
instances='' running='' taken='' ignored='' place='' why=''
export ETCDCTL_API=3

# --- configuration ---

# option KEY: its value for this instance; status 1 when it has none.
option() {
	for word in $options; do
		case $word in
		"$1="*) printf '%s\n' "${word#*=}" && return ;;
		esac
	done
	return 1
}

# each FUNCTION: for each instance, until one fails.
each() {
	todo=$instances
	while [ -n "$todo" ]; do
		options=${todo%%"$newline"*}
		todo=${todo#*"$newline"}
		name=${options%% *}
		"$1" || return 1
	done
}

# is_in WORD LIST
is_in() {
	case " $2 " in
	*" $1 "*) return 0 ;;
	esac
	return 1
}

# wrong TEXT: what is wrong with a line of the configuration.  fault TEXT: with this instance.
wrong() { why="$conf: line $number: $1" && return 1; }
fault() { why="instance $name: $1" && return 1; }

check_path() {
	case $1 in
	/*[*?\\]*) wrong "$1: a path with a backslash, * or ?" ;;
	/*) ;;
	*) wrong "$1: not an absolute path" ;;
	esac
}

# take_instance NAME KEY=VALUE...
take_instance() {
	case ${1-} in
	'' | .* | *[!A-Za-z0-9._@-]*) wrong "${1-}: a name is made of letters, digits, and . _ @ -"; return ;;
	esac
	name=$1 options=$*
	shift
	for word; do
		case $word in
		data-dir=* | wal-dir=* | cacert=* | cert=* | key=* | password-file=*) check_path "${word#*=}" || return ;;
		endpoint=* | user=*) ;;
		*) wrong "$word: not known"; return ;;
		esac
	done
	if ! option endpoint >/dev/null || ! option data-dir >/dev/null; then
		wrong "$name: wants endpoint= and data-dir="
		return
	fi
	! has_instance "$name" || { wrong "$name: is there already"; return; }
	instances=$instances$options$newline
}

# take_line WORD...
take_line() {
	case ${1-} in
	'' | '#'*) return 0 ;;
	esac
	case $* in
	*\"*)
		wrong 'quotes are not understood here'
		return
		;;
	esac
	case $1/$# in
	instance/*)
		shift
		take_instance "$@"
		;;
	ignore/2) ignored="$ignored $2" ;;
	directory/2) check_path "$2" && place=$2 ;;
	timeout/2)
		patience=$2
		case $2 in [1-8]) ;; *) wrong "$2: not a number from 1 to 8" ;; esac
		;;
	ignore/* | directory/* | timeout/*) wrong "$1: takes one word" ;;
	*) wrong "$1: not known" ;;
	esac
}

read_configuration() {
	number=0
	while IFS= read -r line || [ -n "$line" ]; do
		number=$((number + 1))
		# shellcheck disable=SC2086 # its words; set -f keeps wildcards as they are
		take_line $line || return 1
	done <"$conf"
}

# default_of VARIABLE OTHERWISE: what the service of the distribution is started with.
default_of() {
	value=$(sed -n "s/^[[:space:]]*$1=//p" /etc/default/etcd /etc/etcd/etcd.conf 2>/dev/null | tail -n 1 | tr -d "\"'")
	printf '%s\n' "${value:-$2}"
}

has_instance() {
	case $newline$instances in
	*"$newline$1 "*) return 0 ;;
	esac
	return 1
}

# The etcd of the distribution's service, once it has run here.
find_default() {
	data=$(default_of ETCD_DATA_DIR /var/lib/etcd/default)
	if [ -d "$data/member" ] && ! has_instance default; then
		endpoint=$(default_of ETCD_ADVERTISE_CLIENT_URLS http://127.0.0.1:2379)
		instances="${instances}default endpoint=${endpoint%%,*} data-dir=$data$newline"
	fi
}

drop_ignored() {
	kept=
	keep() { is_in "$name" "$ignored" || kept=$kept$options$newline; }
	each keep
	instances=$kept
}

configure() {
	instances='' ignored='' place=/var/backups/vss/etcd patience=7
	[ ! -e "$conf" ] || read_configuration || return 1
	find_default
	drop_ignored
}

# --- the engine ---

# The password is not among the words of a command, which anybody can see.
read_password() {
	secret=$(option password-file) || return 0
	if [ -z "$(find "$secret" -prune -type f \( -uid 0 -o -uid "$(id -u)" \) ! -perm /077 2>/dev/null)" ]; then
		fault "$secret: has to be a file of root's that nobody else can read or write (mode 600)"
		return
	fi
	IFS= read -r password <"$secret" || [ -n "$password" ] || fault "$secret: is empty"
}

# control SECONDS WORD...: etcdctl for this instance.  What it prints is in $said; when it fails, $why has its reason.
control() {
	limit=$1 password=
	shift
	read_password || return 1
	for key in cacert cert key; do
		! value=$(option "$key") || set -- "$@" "--$key=$value"
	done
	if user=$(option user); then
		ETCDCTL_USER=$user${password:+:$password}
		export ETCDCTL_USER
	fi
	said=$(timeout "$limit" etcdctl --endpoints="$(option endpoint)" --dial-timeout="${limit}s" \
		--command-timeout="${limit}s" "$@" 2>&1)
	status=$?
	unset ETCDCTL_USER password
	[ "$status" != 0 ] || return 0
	reason=$(printf '%s\n' "$said" | sed -n 's/^Error: *//p' | tail -n 1)
	fault "$(option endpoint): ${reason:-does not answer in time}"
}

# field NAME: of what `-w fields` has printed.
field() { printf '%s\n' "$said" | sed -n "s/^\"$1\" : \"\{0,1\}\([^\"]*\)\"\{0,1\}\$/\1/p" | head -n 1; }

# A read that the whole cluster agrees on: what anybody was told until now is in this member once it has answered.
ask_cluster() { control "$1" get vss --limit=1 --keys-only -w fields; }

# etcd holds a lock on its database; other people's containers do, too.
is_used() {
	database=$(option data-dir)/member/snap/db
	[ -e "$database" ] && ! flock -n -s "$database" true
}

# Asking an address where nobody listens takes seconds; where no process is an etcd nobody can.  This one is called so, too.
is_any_alive() (
	set +f
	find /proc/[0-9]*/exe -maxdepth 0 \( -lname '*/etcd' -o -lname '*/etcd (deleted)' \) 2>/dev/null | grep -q .
)

look() {
	if is_used; then
		ask_cluster "$patience" && running="$running $name"
	elif is_any_alive && ask_cluster "$patience"; then
		fault "the etcd at $(option endpoint) does not work in $(option data-dir) of this machine"
	fi
}

is_running() { is_in "$name" "$running"; }
stayed_as_it_was() { is_running || ! is_used || fault 'was started meanwhile'; }

# --- what there is ---

# owns DIR: all below it, unless a snapshot is made instead.
owns() {
	if is_running && [ -n "$vss_scratch" ]; then
		vss_say exclude "$1" '*' recursive=yes
	else
		vss_say file '' "$name" "$1" '*' recursive=yes
	fi
}

# The directory itself always, so that whoever backs it up by its path gets the snapshot and not its files.
say_files() {
	data=$(option data-dir)
	vss_say component filegroup '' "$name" "caption=etcd in $data"
	vss_say file '' "$name" "$data" '*'
	owns "$data/member"
	! wal=$(option wal-dir) || owns "$wal"
	[ -z "$vss_scratch" ] || ! is_running ||
		vss_say file '' "$name" "$place/$name" snapshot.db "alternate=$vss_scratch/$name"
}

on_identify() {
	if [ -z "$taken" ]; then
		running=
		configure || { vss_fail "$nonretryable" "$why"; return 1; }
		[ -n "$instances" ] || { vss_answer "absent=no etcd in $conf, and none has run as a service"; return 0; }
		command -v etcdctl >/dev/null || { vss_fail "$nonretryable" 'etcdctl: not found'; return 1; }
		each look || { vss_fail "$nonretryable" "$why"; return 1; }
	fi
	[ -n "$instances" ] || return 0
	vss_say writer 5d0e7a1c-93b4-4f26-8a6d-2c7f41e8b035 'etcd Writer' usage=USER_DATA source=TRANSACTION_DB
	vss_say restore-method RESTORE_IF_CAN_REPLACE writer-restore=always
	vss_say backup-schema copy
	each say_files
}

# --- a backup ---

# choose WORD...: of an argument line.
choose() {
	case $1 in
	component) taken="$taken $4" ;;
	backup) ! is_in component-mode=no "$*" || all=1 ;;
	esac
}

# each_taken FUNCTION
each_taken() {
	function=$1
	run_if_taken() { ! is_in "$name" "$taken" || "$function"; }
	each run_if_taken
}

on_prepare_backup() {
	taken='' all=''
	vss_each choose
	if [ -n "$all" ]; then
		add() { taken="$taken $name"; }
		each add
	fi
}

# What would only be found out when the copies are made: a cluster that has no leader, too little room.
prepare() {
	stayed_as_it_was || return 1
	is_running || return 0
	ask_cluster 30 || return 1
	[ -n "$vss_scratch" ] || return 0
	control 30 endpoint status -w fields || return 1
	size=$(field DBSize)
	free=$(($(df -Pk "$vss_scratch" | awk 'NR == 2 { print $4 }') * 1024))
	[ "${size:-0}" -lt "$free" ] || fault "a snapshot takes $size bytes, $vss_scratch has $free"
}

on_prepare_snapshot() {
	each_taken prepare || vss_veto "$retryable" "$why"
}

# One answer for all of them: the least.
weigh() {
	if ! is_running; then
		vss_say evidence -- "$name" stopped=yes
	elif [ -n "$vss_scratch" ]; then
		[ "$hold" = log ] || hold='export'
	else
		hold=log
		vss_say evidence -- "$name" mode=log
	fi
}

on_freeze() {
	hold=files
	each_taken weigh
	on_thaw && vss_hold "$hold"
}

# Nothing is held; but files of a stopped one are only good when it was that all the time.
on_thaw() { each_taken stayed_as_it_was || { vss_fail "$retryable" "$why"; return 1; }; }

# etcd ends a snapshot with the SHA-256 of what is before it.
is_whole() {
	[ "$(tail -c 32 "$1" | od -An -v -tx1 | tr -d ' \n')" = "$(head -c -32 "$1" | sha256sum | cut -d ' ' -f 1)" ]
}

# The status of a snapshot is asked of a program of its own from version 3.5 on.
snapshot_status() {
	program=$(command -v etcdutl || command -v etcdctl)
	said=$("$program" snapshot status "$1" -w fields 2>/dev/null)
}

# Made after the freeze, and so with all in it that was acknowledged before: the cluster agrees on a revision first, and the
# snapshot has to have come to it.
save() {
	is_running || return 0
	file=$vss_scratch/$name/snapshot.db
	ask_cluster 30 || return
	agreed=$(field Revision)
	mkdir -m 700 "$vss_scratch/$name" || fault "$vss_scratch: cannot be written to" || return
	control 480 snapshot save "$file" || return
	is_whole "$file" && snapshot_status "$file" || fault 'the snapshot is damaged' || return
	revision=$(field Revision)
	# A store that never had a key is at 1, and its snapshot at 0.
	[ "$revision" -ge "$agreed" ] || [ "$agreed" = 1 ] ||
		fault "the snapshot is of revision $revision, the cluster was at $agreed" || return
	sync "$file" "$vss_scratch/$name"
	vss_say evidence -- "$name" "mode=snapshot revision=$revision agreed_revision=$agreed hash=$(field Hash) keys=$(field Keys) sha256=verified"
}

# For the restore: these have to be out of the way of what comes back.
note() {
	is_running || vss_say backup-metadata -- '' "$name" "stopped $(option data-dir)/member $(option wal-dir)"
}

on_post_snapshot() {
	if [ -n "$vss_scratch" ]; then
		each_taken save || { vss_veto "$retryable" "${why:-no snapshot could be made}"; taken=; return 0; }
	fi
	each_taken note
	vss_answer confirmed=yes
	taken=
}

on_abort() { taken=; }
on_backup_shutdown() { taken=; }

# --- a restore ---

# set_aside DIR: under another name beside it.
set_aside() {
	[ ! -d "$1" ] || mv "$1" "${1%/*}/before-restore.$(date -u +%Y%m%dT%H%M%SZ).${1##*/}" || fault "$1: cannot be set aside"
}

# make_room WORD...: of an argument line.  A snapshot stands beside whatever there is; the files of a stopped etcd take the
# place of those that are there, and its log is not to be mixed with another one.
make_room() {
	[ "$1" = component ] && [ -z "$why" ] || return 0
	name=$4 places=
	for word; do
		case $word in
		'backup-metadata=stopped '*) places=${word#* } ;;
		esac
	done
	database=${places%% *}/snap/db
	if [ -e "$database" ] && ! flock -n -s "$database" true; then
		fault "etcd works in ${places%%/member *}: stop it first" || return 0
	fi
	for dir in $places; do
		set_aside "$dir" || return 0
	done
}

on_pre_restore() {
	why=
	vss_each make_room
	[ -z "$why" ] || { vss_fail "$nonretryable" "$why"; return 1; }
}

vss_run
