#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# Contexts and attributes of VSS (S1 to S8): what can be asked for, what cannot, and that the lists show all of it.
# shellcheck disable=SC2154 # run and common set stderr and output
load ../lib/common

setup() {
	vss_setup
	requires jq
	fake_volumes a
	a=$(volume a)
}

# attributes: of the copy that is there, as JSON.
attributes() { list-shadows --json | jq -c '.[0].shadows[0].attributes'; }

@test "each context that stays has its type and attributes" {
	while read -r context type expected; do
		create-shadow -q --context "$context" "$a" 2>/dev/null
		assert_equal "$(list-shadows --columns type)" "$type"
		assert_equal "$(attributes)" "$expected"
		run -0 list-shadows
		assert_line "         Type: $type"
		delete-shadow -q --all
	done <<'END'
nas-rollback DataVolumeRollback ["Persistent","No auto release","No writers","Plex"]
VSS_CTX_APP_ROLLBACK ApplicationRollback ["Persistent","No auto release","Plex"]
client-accessible ClientAccessible ["Persistent","Client-accessible","No auto release","No writers","Plex"]
client-accessible-writers ClientAccessibleWriters ["Persistent","Client-accessible","No auto release","Plex"]
END
}

@test "copies of the other contexts go with their command" {
	for context in backup file-share-backup; do
		run -0 create-shadow -q --context "$context" "$a" -- list-shadows --columns type
		[[ $output == Backup || $output == FileShareBackup ]]
		assert_equal "$(list-shadows --columns id)" ''
	done
}

@test "nothing can be created in context all" {
	for word in all VSS_CTX_ALL; do
		run --separate-stderr create-shadow --context "$word" "$a"
		assert_equal "$status" 4
		assert_sentence create-shadow "nothing can be created in it (VSS_E_UNSUPPORTED_CONTEXT)"
	done
}

@test "attributes are taken by name and word, and shown by their labels" {
	create-shadow -q --no-writers --attributes VSS_VOLSNAP_ATTR_NO_AUTORECOVERY,not-transacted,TXF_RECOVERY,plex "$a"
	assert_equal "$(attributes)" '["Persistent","No auto recovery","No auto release","No writers","Not transacted","Plex","TxF recovery"]'
	run -0 list-shadows
	assert_line '         Attributes: Persistent, No auto recovery, No auto release, No writers, Not transacted, Plex, TxF recovery'
	id=$(list-shadows --columns id)
	expose-shadow -q "$id" "$T/shown"
	[[ $(attributes) == *'"Exposed locally"'* ]]
	expose-shadow -q --remove "$T/shown"
	[[ $(attributes) != *'"Exposed locally"'* ]]
}

@test "what only happens to a copy cannot be asked for; what goes not together neither" {
	for word in exposed-locally imported hardware-assisted autorecover delayed-postsnapshot not-surfaced file-share; do
		run --separate-stderr create-shadow --attributes "$word" "$a"
		assert_equal "$status" 4
		assert_sentence create-shadow 'cannot be asked for (VSS_E_UNSUPPORTED_CONTEXT)'
	done
	for words in differential,plex rollback-recovery,no-autorecovery; do
		run --separate-stderr create-shadow --attributes "$words" "$a"
		assert_equal "$status" 4
		assert_sentence create-shadow 'not both (VSS_E_UNSUPPORTED_CONTEXT)'
	done
	run --separate-stderr create-shadow --context client-accessible --attributes plex "$a"
	assert_equal "$status" 4
	assert_sentence create-shadow VSS_E_UNSUPPORTED_CONTEXT
	# S7: a way of copying that nobody has
	run --separate-stderr create-shadow --no-writers --attributes differential "$a"
	assert_equal "$status" 4
	assert_sentence create-shadow VSS_E_VOLUME_NOT_SUPPORTED
	run --separate-stderr create-shadow --attributes persistant "$a"
	assert_equal "$status" 2
	assert_sentence create-shadow "'persistant' is no attribute of VSS"
	assert_equal "$(list-shadows --columns id)" ''
}
