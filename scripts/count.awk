# SPDX-License-Identifier: BSD-2-Clause
# Counts the points of TAP files kept by scripts/tap: prints "PASSED FAILED SKIPPED", and a line "FILE: NAME" for each skip into the
# file that the variable `skips` names.  A point that was planned and did not come has failed; so has a file that ended badly
# although all its points were well.

function close_file()
{
	if (planned > seen)
		bad += planned - seen
	if (planned < 0 || (status != 0 && !bad))
		bad++
	failed += bad
}

function skip(name)
{
	skipped++
	print file ": " name > skips
}

FNR == 1 {
	if (NR > 1)
		close_file()
	planned = -1
	seen = bad = 0
	status = 1
}
/^# file / { file = $3 }
/^# status [0-9]+$/ { status = $3 }
/^1\.\.[0-9]+/ {
	planned = substr($1, 4) + 0
	if (planned == 0)
		skip("the whole file")
}
/^not ok / { seen++; bad++ }
/^ok / {
	seen++
	if (tolower($0) ~ / # skip/) {
		sub(/^ok [0-9]+ (- )?/, "")
		sub(/ # [sS][kK][iI][pP].*/, "")
		skip($0)
	} else {
		passed++
	}
}
END {
	if (NR)
		close_file()
	print passed + 0, failed + 0, skipped + 0
}
