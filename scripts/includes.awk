# SPDX-License-Identifier: BSD-2-Clause
# Lines FILE:LINE:#include ...; one line for each fault.

function fault(what) { print place ": " what }

function check_own(from, path,   n, part)
{
	n = split(path, part, "/")
	if (n == 1 && from ~ /^cmd\//)
		return
	if (path == "vss.h" && from ~ /^cmd\//)
		return
	if (n != 2 || !(part[1] in known))
		fault("\"" path "\" is not of the form \"room/file.h\"")
	else if (!allowed(from, part[1]))
		fault(from " may not know " part[1])
	else if (path ~ /_internal\.h$/ && from != part[1])
		fault("\"" path "\" belongs to " part[1] " alone")
}

function check_other(from, path,   name, dir)
{
	name = "<" path ">"
	dir = path
	sub(/\/.*/, "", dir)
	dir = dir == path ? "" : "<" dir "/>"
	if (name in header)
		check_owner(from, name, header[name])
	else if (dir in header)
		check_owner(from, name, header[dir])
	else if (!(name in is_system) && !(dir in is_system) && from !~ /^cmd\//)
		fault(name " is neither a system header nor given to a room in lib/LAYERS")
	else if (!(name in is_system) && !(dir in is_system) && name in seen && seen[name] != from)
		fault(name " is used by " seen[name] " already")
	seen[name] = from
}

function check_owner(from, name, owner)
{
	if (from != owner)
		fault(name " belongs to " owner " alone")
}

{
	split($0, field, ":")
	place = field[1] ":" field[2]
	from = room_of(field[1])
	if (match($0, /"[^"]+"/))
		check_own(from, substr($0, RSTART + 1, RLENGTH - 2))
	else if (match($0, /<[^>]+>/))
		check_other(from, substr($0, RSTART + 1, RLENGTH - 2))
}
