# SPDX-License-Identifier: BSD-2-Clause
# vssadmin's output: `load ../lib/vssadmin` behind ../lib/common.
# shellcheck shell=bash disable=SC2034,SC2154 # run sets output and stderr

# admin [WORD]...: runs vssadmin and takes the banner, two lines and an empty one, off $output.
admin() {
	run --separate-stderr --keep-empty-lines vssadmin "$@"
	take_banner
}

# answer TEXT [WORD]...: the same with this text as its standard input.
answer() {
	local text=$1
	shift
	run --separate-stderr --keep-empty-lines vssadmin "$@" < <(printf %s "$text")
	take_banner
}

take_banner() {
	[[ $output =~ ^vssadmin\ [0-9.]+\ -\ [^$'\n']+$'\n'\(C\)\ [^$'\n']+$'\n\n' ]] || fail "no banner: $output"
	output=${output#"${BASH_REMATCH[0]}"}
}

# assert_admin STATUS TEXT: the status and, without the banner and with what differs from run to run named, the whole output; on stderr
# there is nothing, but that of several copies of one second one is a previous version.
assert_admin() {
	local text
	text=$(sed -E "s|$T/volumes/|/V/|g; s|$T|/T|g; s/[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}/ID/g; s/$(uname -n)\$/HOST/
		s/[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:]{8}\$/TIME/" <<<"$output.")
	assert_equal "$text" "$2."
	assert_equal "$(grep -v '^vssadmin: previous version of ' <<<"$stderr")" ''
	assert_equal "$status" "$1"
}

# assert_refused TEXT: a failure, status 1, that is this sentence alone.
assert_refused() { assert_admin 1 "Error: $1."$'\n'; }

# assert_usage COMMAND TEXT: wrong options, status 2: one sentence and the help of the command.
assert_usage() {
	local help
	[[ $output == "Error: $2."$'\n\n'* ]] || fail "$output"
	help=${output#*$'\n\n'}
	[[ $help == "$1"* && $help == *$'\nExample:  vssadmin '* ]] || fail "no help of $1: $help"
	assert_equal "$status" 2
	assert_equal "$stderr" ''
}
