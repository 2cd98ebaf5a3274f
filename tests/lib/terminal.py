#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""terminal.py PROGRAM [ARGUMENT]... <CONVERSATION: run it on a terminal of its own and talk to it.

One statement a line, blank lines and lines that begin with # apart:

  see REGEX       wait until it is shown, behind what was seen before; escape sequences and carriage returns are taken away
  prompt [STATE]  the same for diskshadow's prompt at the start of a line
  unseen REGEX    what was passed over by the last `see` or `prompt` does not have it
  type TEXT       as keys are: \\t \\x03 \\r are those of Python
  enter TEXT      the same with Return behind it
  signal NAME     to the program
  size ROWS COLS  of the terminal (24 200 at first)
  do COMMAND      run by sh; must end with 0
  until COMMAND   again and again, until it does
  end STATUS      the program ends, with this status, and leaves the terminal as it was

What cannot be waited for any longer, and what is not as it is to be, is told with all that the terminal showed: status 1.
Nothing waits for a time to pass; the limit ($TERMINAL_LIMIT, in seconds) is for a machine that does not move at all.
"""
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time

LIMIT = int(os.environ.get("TERMINAL_LIMIT", 120))
ESCAPES = re.compile(r"\x1b(\[[0-9;?]*[ -/]*[@-~]|[()][0-9A-B]|[=>78])|[\r\a]")


class Fault(Exception):
    pass


class Terminal:
    def __init__(self, words):
        self.shown = ""  # all of it, as it came
        self.seen = 0  # where in text() the last match ended
        self.passed = ""  # what that match passed over
        self.fd, other = pty.openpty()
        self.size("24 200")
        self.pid = os.fork()
        if self.pid == 0:
            os.setsid()
            fcntl.ioctl(other, termios.TIOCSCTTY, 0)
            for n in range(3):
                os.dup2(other, n)
            os.closerange(3, 256)
            os.execvp(words[0], words)
        os.close(other)

    def text(self):
        return ESCAPES.sub("", self.shown)

    def take(self):
        """What is there to be read; False at the end."""
        try:
            piece = os.read(self.fd, 65536)
        except OSError:  # the other side is closed
            piece = b""
        self.shown += piece.decode("utf-8", "replace")
        return bool(piece)

    def read(self, deadline, what):
        if not select.select([self.fd], [], [], max(0, deadline - time.monotonic()))[0]:
            raise Fault(f"waited in vain for {what}")
        return self.take()

    def see(self, regex):
        deadline = time.monotonic() + LIMIT
        pattern = re.compile(regex)
        while not (found := pattern.search(self.text(), self.seen)):
            if not self.read(deadline, regex):
                raise Fault(f"ended before {regex}")
        self.passed = self.text()[self.seen : found.end()]
        self.seen = found.end()

    def prompt(self, state):
        self.see(r"(?m)^DISKSHADOW" + (re.escape(f"[{state}]") if state else "") + "> ")

    def unseen(self, regex):
        if re.search(regex, self.passed):
            raise Fault(f"was seen: {regex}")

    def type(self, text):
        keys = text.encode("latin-1", "backslashreplace").decode("unicode_escape").encode()
        # A terminal takes so much at a time, and shows what was typed meanwhile.
        while keys:
            readable, writable, _ = select.select([self.fd], [self.fd], [], LIMIT)
            if readable:
                self.take()
            elif writable:
                keys = keys[os.write(self.fd, keys[:256]) :]
            else:
                raise Fault("takes no keys")

    def enter(self, text):
        self.type(text + "\\r")

    def signal(self, name):
        os.kill(self.pid, getattr(signal, "SIG" + name))

    def size(self, words):
        rows, columns = words.split()
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", int(rows), int(columns), 0, 0))

    def do(self, command):
        if subprocess.run(["sh", "-c", command], stdin=subprocess.DEVNULL).returncode:
            raise Fault(f"failed: {command}")

    def until(self, command):
        deadline = time.monotonic() + LIMIT
        while subprocess.run(["sh", "-c", command], stdin=subprocess.DEVNULL).returncode:
            if time.monotonic() > deadline:
                raise Fault(f"waited in vain for: {command}")
            if select.select([self.fd], [], [], 0)[0]:
                self.take()

    def end(self, status):
        deadline = time.monotonic() + LIMIT
        while self.read(deadline, "the end"):
            pass
        self.passed = self.text()[self.seen :]
        mode = termios.tcgetattr(self.fd)[3]
        got = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        self.pid = None
        if got != int(status):
            raise Fault(f"ended with {got}")
        if ~mode & (termios.ICANON | termios.ECHO | termios.ISIG):
            raise Fault("left the terminal in another mode")


STATEMENTS = ("see", "prompt", "unseen", "type", "enter", "signal", "size", "do", "until", "end")


def converse(terminal, lines):
    for number, line in enumerate(lines, 1):
        verb, _, rest = line.strip("\n").lstrip("\t").partition(" ")
        if not verb or verb.startswith("#"):
            continue
        try:
            if verb not in STATEMENTS:
                raise Fault("no such statement")
            getattr(terminal, verb)(rest)
        except Fault as fault:
            print(f"line {number}: {line.strip()}: {fault}\n--- the terminal showed:\n{terminal.text()}")
            print(f"--- behind what was seen: {terminal.text()[terminal.seen:]!r}")
            return 1
    return 0


def main():
    lines = sys.stdin.readlines()
    terminal = Terminal(sys.argv[1:])
    status = converse(terminal, lines)
    if terminal.pid:
        os.close(terminal.fd)
        os.kill(terminal.pid, signal.SIGKILL)
        os.waitpid(terminal.pid, 0)
    return status


if __name__ == "__main__":
    sys.exit(main())
