#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""broken-writer.py HELD [FAULT...]: a small writer with planted faults, for seeing checks of writers fail.

Its application is the file HELD: it takes no writes while that is there.  A good writer that finds one at its start removes it.
Without a fault it does what vss-writer(7) says.
"""
import os
import select
import signal
import subprocess
import sys
import time

HELD, FAULTS = sys.argv[1], sys.argv[2:]
IN, OUT = os.dup(0), os.dup(1)
frozen = deadline = number = None
withdrawn = False
answered = 0
seen = []
in_event = False
rest = b""


def bad(fault):
    return fault in FAULTS


def put(text):
    if bad("drops-answers") and not select.select([], [OUT], [], 0)[1]:
        return
    data = os.fsencode(text)
    while data:
        data = data[os.write(OUT, data):]


def sulk(fault, when):
    if bad(fault) and when:
        os._exit(3)


def thaw():
    global frozen
    if frozen and not bad("stays-frozen"):
        os.unlink(HELD)
    frozen = None


def identify():
    put('writer 6f8a0d3e-54c1-4a2b-9f5e-0c1d2e3f4a5f "Broken Writer" usage=USER_DATA\n')
    put('restore-method RESTORE_IF_CAN_REPLACE writer-restore=always\n')
    put('component filegroup "" data\n')
    put('file "" data %s * recursive=yes\n' % os.path.dirname(HELD))
    if bad("identify-counts"):
        put('exclude /tmp/%d *\n' % answered)
    if bad("identify-when-frozen") and frozen:
        put('exclude /tmp/frozen *\n')
    if bad("identify-thaws"):
        thaw()
    if bad("identify-is-odd"):
        put('file "" data relative/path *\n')


def freeze(seq, keys):
    global frozen, deadline, number, withdrawn
    window = int(keys["timeout-ms"]) / 1000
    frozen, number, withdrawn = True, seq, False
    deadline = time.monotonic() + (3600 if bad("no-deadline") else window)
    open(HELD, "w").close()
    if bad("leaves-child"):
        subprocess.Popen(["sleep", "600"], stdin=IN, stdout=OUT, close_fds=False)
    if bad("prints"):
        put("frozen now\n")
    return " hold=" + ("everything" if bad("odd-hold") else "bracket" if bad("bracket") else "files")


def sulk_at(name, lines):
    sulk("needs-words", name == "prepare-snapshot" and not any(l.startswith("volume ") for l in lines))
    sulk("needs-instant", any("instant=fuzzy" in l for l in lines))
    sulk("needs-success", any("succeeded=no" in l for l in lines))
    sulk("needs-restored", any("status=failed" in l for l in lines))
    sulk("needs-complete", name == "backup-shutdown" and "backup-complete" not in seen and "abort" not in seen)
    sulk("needs-freeze", name == "thaw" and not frozen)
    sulk("aborts-frozen-only", name == "abort" and not frozen)
    seen.append(name)


def handle(seq, name, keys, lines):
    sulk_at(name, lines)
    if name == "hello":
        if keys.get("version") != "1" and not bad("any-version"):
            raise ValueError("version")
        if os.path.exists(HELD) and not bad("no-repair"):
            os.unlink(HELD)
    elif name == "identify":
        identify()
    elif name == "freeze":
        return freeze(seq, keys)
    elif name == "thaw":
        if frozen is None and not bad("late-thaw-ok"):
            raise ValueError("not frozen")
        thaw()
    elif name == "abort":
        if bad("abort-once") and withdrawn == "aborted":
            raise ValueError("twice")
        if not bad("ignores-abort"):
            thaw()
    elif name == "prepare-backup" and bad("strict-lines"):
        if any(l.split()[0] not in ("set", "backup", "component") for l in lines):
            raise ValueError("unknown line")
    elif name == "post-snapshot" and bad("looks-at-copy"):
        copy = lines[-1].split()[2]
        put('evidence entries %d\n' % len(os.listdir(copy)))
        try:
            os.mkdir(copy + "/written")
        except OSError as e:
            put('evidence written "%s"\n' % e.strerror)
            sulk("looks-at-copy", e.strerror != "Read-only file system" or not os.listdir(copy))
        else:
            sulk("looks-at-copy", True)
    elif name == "post-snapshot" and bad("odd-statement"):
        put('backup-stamp "" nobody 17\n')
    elif name == "post-snapshot" and bad("in-part"):
        put('partial-file "" data / main ranges=0:512\n')
    elif name.startswith("x-") and not bad("any-event"):
        raise ValueError("unknown event")
    if name == "pre-restore" and bad("lazy-restore"):
        time.sleep(600)
    return ""


def answer(seq, name, keys, lines):
    global answered, withdrawn
    answered += 1
    try:
        text = "ok %s%s" % (seq, handle(seq, name, keys, lines))
    except (ValueError, IndexError) as e:
        text = 'fail %s VSS_E_WRITERERROR_NONRETRYABLE "%s"' % (seq, e)
    if name == "abort":
        withdrawn = "aborted"
    if bad("counts-itself"):
        text = text.replace(seq, str(answered), 1)
    put(text + "\n")


def withdraw():
    global withdrawn
    thaw()
    withdrawn = True
    if not bad("silent-deadline"):
        put("fail %s VSS_E_WRITERERROR_TIMEOUT\n" % number)


def choke(fault, when):
    while bad(fault) and when:
        signal.pause()


def next_line():
    global rest
    while True:
        left = deadline - time.monotonic() if frozen else None
        if left is not None and left <= 0:
            withdraw()
        elif b"\n" in rest:
            line, rest = rest.split(b"\n", 1)
            return os.fsdecode(line)
        elif select.select([IN], [], [], left)[0]:
            data = os.read(IN, 65536)
            choke("chokes-on-cut", not data and (rest or in_event))
            choke("chokes-on-length", len(rest) > 1 << 20)
            if not data or len(rest) > 1 << 20:
                return None
            rest += data


def main():
    global in_event
    event, lines = None, []
    if bad("slow-start"):
        time.sleep(600)
    while (line := next_line()) is not None:
        choke("chokes-on-garbage", event is None and not line.startswith("event "))
        choke("chokes-on-nul", "\0" in line)
        choke("chokes-on-escape", "\\9" in line)
        choke("chokes-on-quote", line.count('"') == 1)
        choke("chokes-on-event", line == "event")
        if line.startswith("event ") and line.count(" ") >= 2:
            words = line.split(" ")
            in_event = True
            event, lines = (words[1], words[2], dict(w.split("=", 1) for w in words[3:] if "=" in w)), []
        elif line == "end" and event:
            in_event = False
            answer(*event, lines)
            if event[1] == "bye" and not bad("stays-after-bye"):
                return
            event = None
        else:
            lines.append(line)


if bad("dies-of-pipe"):
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
if bad("chokes-on-term"):
    signal.signal(signal.SIGTERM, lambda *_: choke("chokes-on-term", True))
try:
    main()
except BrokenPipeError:
    pass
if bad("stays"):
    signal.pause()
if not bad("end-leaves-frozen"):
    thaw()
os._exit(0)
