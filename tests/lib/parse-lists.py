# SPDX-License-Identifier: BSD-2-Clause
"""parse-lists.py WAY [ARGUMENT]...: reads a list as programs that watch Windows machines do, and prints what they see as JSON.

  stride SKIP       vssadmin list writers: SKIP lines of a banner, then blocks of six lines, taken by their index
  search            vssadmin list writers: one expression over the whole text
  records LABEL     a record begins with a line of this label; `label: value` in each line
  blocks            the same, records parted by empty lines
  sets              vssadmin list shadows: copies within their sets
  storage           vssadmin list shadowstorage: sizes as numbers of bytes, with their percentage
  cut               diskshadow's list writers detailed: names in quotes, IDs from the 19th character on
  states            diskshadow's list writers status
  shadows           diskshadow's list shadows: `label = value` and `label: value`, and the number in the last line
"""
import json
import re
import sys

UUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"


def label_and_value(line):
    label, _, value = line.strip().partition(":")
    return label, value.strip()


def stride(text, skip):
    lines = text.splitlines()[int(skip):]
    found = []
    for i in range(0, len(lines), 6):
        found.append({
            "name": lines[i].split("'")[1],
            "id": lines[i + 1].split(": ")[1],
            "instance": lines[i + 2].split(": ")[1],
            "state": int(lines[i + 3].split("[")[1].split("]")[0]),
            "word": lines[i + 3].split("] ")[1],
            "error": lines[i + 4].split(": ")[1],
            "rest": lines[i + 5],
        })
    return found


def search(text):
    expression = re.compile(
        r"^Writer name: '(?P<name>[^']+)'\r?\n"
        r"\s+Writer Id: (?P<id>\{" + UUID + r"\})\r?\n"
        r"\s+Writer Instance Id: (?P<instance>\{" + UUID + r"\})\r?\n"
        r"\s+State: \[(?P<state>\d+)\] (?P<word>.+?)\r?\n"
        r"\s+Last error: (?P<error>.+?)\r?$",
        re.MULTILINE)
    return [m.groupdict() for m in expression.finditer(text)]


def records(text, label):
    found = []
    for line in text.splitlines():
        name, value = label_and_value(line)
        if name == label:
            found.append({})
        if found and value:
            found[-1][name] = value
    return found


def blocks(text):
    found = [dict(label_and_value(line) for line in block.splitlines()) for block in text.split("\n\n")]
    return [block for block in found if any(block.values())]


def sets(text):
    found = []
    for line in text.splitlines():
        if match := re.match(r"Contents of shadow copy set ID: (\{.*\})$", line):
            found.append({"id": match[1], "copies": []})
        elif match := re.match(r"   Contained (\d+) shadow copies at creation time: (.+)$", line):
            found[-1].update(count=int(match[1]), created=match[2])
        elif match := re.match(r"      Shadow Copy ID: (.*)$", line):
            found[-1]["copies"].append({"id": match[1]})
        elif match := re.match(r" {9}([A-Za-z ]+): (.*)$", line):
            found[-1]["copies"][-1][match[1]] = match[2]
    return found


def storage(text):
    units = {"bytes": 1, "KB": 2**10, "MB": 2**20, "GB": 2**30, "TB": 2**40, "PB": 2**50}
    found = []
    for line in text.splitlines():
        if match := re.match(r"   For volume: \((.*?)\)\\\\\?\\Volume\{" + UUID + r"\}\\$", line):
            found.append({"for": match[1]})
        elif match := re.match(r"   Shadow Copy Storage volume: \((.*?)\)", line):
            found[-1]["on"] = match[1]
        elif match := re.match(r"   (\w+) Shadow Copy Storage space: (?:([\d.,]+) (\w+)|UNBOUNDED) \((\d+)%\)$", line):
            size = float(match[2].replace(",", ".")) * units[match[3]] if match[2] else None
            found[-1][match[1].lower()] = {"bytes": size, "percent": int(match[4])}
    return found


def cut(text):
    found = []
    for line in text.splitlines():
        if "* WRITER " in line:
            found.append({"name": line.split('"')[1]})
        elif "- Writer ID   =" in line:
            found[-1]["id"] = line[18:]
        elif '+ Component "' in line:
            found[-1].setdefault("components", []).append(line.split('"')[1])
    return found


def states(text):
    found = []
    for line in text.splitlines():
        if match := re.search(r'\* WRITER "(.*)"', line):
            found.append({"name": match[1]})
        elif match := re.search(r"- Status: (\d+) \((VSS_WS_\w+)\)", line):
            found[-1].update(state=int(match[1]), word=match[2])
        elif match := re.search(r"- Writer Failure code: (0x[0-9a-fA-F]{8}) \((\w+)\)", line):
            found[-1].update(code=match[1], error=match[2])
        elif match := re.search(r"- (Writer|Instance) ID: (\{.*\})", line):
            found[-1][match[1].lower()] = match[2]
        elif match := re.match(r"(\d+) writers? listed\.", line):
            assert int(match[1]) == len(found)
    return found


def shadows(text):
    found = []
    for line in text.splitlines():
        if match := re.search(r"\* Shadow copy ID = (\{.*?\})(?:\t\t%(.*)%)?$", line):
            found.append({"id": match[1], "alias": match[2]})
        elif match := re.match(r"\t\t- ([A-Za-z ]+?)(?: = |: +)(.*)$", line):
            found[-1][match[1]] = match[2].split("\t")[0]
        elif re.match(r"\t\t- Not exposed$", line):
            found[-1]["Exposed"] = None
    last = [line for line in text.splitlines() if line][-1]
    assert int(last.split(" ")[5]) == len(found)
    return found


WAYS = {f.__name__: f for f in (stride, search, records, blocks, sets, storage, cut, states, shadows)}
json.dump(WAYS[sys.argv[1]](sys.stdin.read(), *sys.argv[2:]), sys.stdout, indent=1)
