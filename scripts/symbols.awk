# SPDX-License-Identifier: BSD-2-Clause
# Lines of `nm -A -P`: FILE: SYMBOL TYPE ...; one line for each fault.

BEGIN {
	split("system popen strcpy strcat sprintf vsprintf gets tmpnam mktemp fork vfork sleep usleep", list, " ")
	for (i in list)
		never[list[i]] = 1
	split("printf vprintf puts putchar perror exit quick_exit stdout stderr", list, " ")
	for (i in list)
		front_only[list[i]] = 1
}

# gcc's checked and the sanitizers' variants have the same name inside.
function plain(symbol)
{
	sub(/@.*/, "", symbol)
	sub(/^__interceptor_/, "", symbol)
	if (symbol ~ /^__.*_chk$/)
		symbol = substr(symbol, 3, length(symbol) - 6)
	return symbol
}

{
	file = $1
	sub(/:$/, "", file)
	room = room_of(file)
	if ($3 == "U") {
		uses[file, plain($2)] = room
	} else if ($3 ~ /^[A-Z]$/ && room !~ /^cmd\//) {
		if ($2 in defined_in && defined_in[$2] != room)
			print file ": " $2 " is defined in " defined_in[$2] " too"
		defined_in[$2] = room
	}
}

END {
	for (pair in uses) {
		split(pair, part, SUBSEP)
		room = uses[pair]
		symbol = part[2]
		if (symbol in never)
			print part[1] ": " symbol "() is not used in this project"
		if (symbol in front_only && room !~ /^(cli|script|front|cmd\/.*)$/)
			print part[1] ": " symbol ": only cli and front print or end the process"
		if (symbol in defined_in && !allowed(room, defined_in[symbol]))
			print part[1] ": " symbol ": " room " may not know " defined_in[symbol]
	}
}
