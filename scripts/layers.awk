# SPDX-License-Identifier: BSD-2-Clause
# Reads lib/LAYERS (variable LAYERS): may[room, other], above[room], header[name] = its room, is_system[name].

function read_layers(   line, side, n, words, i)
{
	while ((getline line < LAYERS) > 0) {
		if (line ~ /^[ \t]*(#|$)/)
			continue
		split(line, side, ":")
		n = split(side[2], words, /[ \t,]+/)
		if (line ~ /^system:/) {
			for (i = 1; i <= n; i++)
				is_system[words[i]] = 1
		} else if (line ~ /^</) {
			read_outside(side[1], words[n])
		} else {
			known[side[1]] = 1
			for (i = 1; i <= n; i++) {
				if (words[i] != "" && words[i] != "*" && !(words[i] in known))
					print LAYERS ": " side[1] " may know " words[i] ", which is not above it"
				may[side[1], words[i]] = 1
			}
		}
	}
}

function read_outside(list, room,   n, words, i)
{
	n = split(list, words, /[ \t,]+/)
	for (i = 1; i <= n; i++)
		header[words[i]] = room
}

# The room of a source or an object: "base" for lib/base/x.c, the folder for what lies in cmd/, "" for the door lib/vss.h.
function room_of(file,   n, part)
{
	n = split(file, part, "/")
	if (part[1] == "cmd")
		return n > 3 ? "cmd/" part[2] "/" part[3] : "cmd/" part[2]
	return n > 2 ? part[2] : ""
}

function allowed(from, to)
{
	return from == to || from == "" || from ~ /^cmd\// || (from, to) in may || (from, "*") in may
}

BEGIN { read_layers() }
