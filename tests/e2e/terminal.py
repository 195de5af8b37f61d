"""A terminal that programs under test write to, and what a person would see on it."""

import errno
import fcntl
import os
import pty
import re
import select
import struct
import termios
import time
import unicodedata

_PATIENCE = 60  # seconds; only ever passed by a test that fails


class Terminal:
    """A pseudo-terminal, so many columns wide. Programs write to `end`."""

    def __init__(self, columns=80, rows=24):
        self._own, self.end = pty.openpty()
        self._text = b""
        fcntl.ioctl(self.end, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        # Ctrl-C otherwise throws away what was written and not yet read here: half a drawing, at times.
        modes = termios.tcgetattr(self.end)
        modes[3] |= termios.NOFLSH
        termios.tcsetattr(self.end, termios.TCSANOW, modes)

    def __enter__(self):
        return self

    def __exit__(self, *problem):
        os.close(self._own)

    @property
    def controls(self):
        """What to start a program with for the keys to send it signals; `end` must be its stdin."""
        return {"start_new_session": True, "preexec_fn": lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0)}

    def press(self, keys):
        os.write(self._own, keys.encode())

    def wait_for(self, part, times=1):
        """Returns as soon as the program has written `part`, or something like the pattern, so many times."""
        pattern = part if isinstance(part, re.Pattern) else re.compile(re.escape(part))
        end = time.monotonic() + _PATIENCE
        while len(pattern.findall(self._text.decode(errors="ignore"))) < times:
            if not select.select([self._own], [], [], end - time.monotonic())[0]:
                raise AssertionError(f"{_PATIENCE} s without {part!r} on the terminal: {self._text!r}")
            self._text += os.read(self._own, 65536)

    def read(self):
        """All that was written, once the program has ended. What we keep open of its end is closed first."""
        os.close(self.end)
        while True:
            try:
                piece = os.read(self._own, 65536)
            except OSError as problem:
                if problem.errno != errno.EIO:  # how Linux says that nobody has the other end any more
                    raise
                piece = b""
            if not piece:
                return self._text.decode().replace("\r\n", "\n")
            self._text += piece


def cells(text):
    """How many columns text takes up."""
    return sum(0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1
               for char in text)


def screen(written):
    """The lines that stand on the screen after all that was written, which may go back and write anew.

    Knows the few things that jit does, and fails on any other: up so many lines, to the start of the line,
    and erase the rest of the line or of the screen. Colours and the bell leave no trace.
    """
    lines, row = [""], 0
    written = re.sub("\x1b\\[(0|1|31)m|\a", "", written)
    for piece in re.findall(r"\n|\r|\x1b\[\d*[AJK]|[^\n\r\x1b]+|\x1b", written):
        if piece == "\n":
            row += 1
            lines += [""] * (row + 1 - len(lines))
        elif piece == "\r":
            continue  # what comes next erases the line, so the column does not matter
        elif piece.endswith("A") and piece.startswith("\x1b"):
            row -= int(piece[2:-1] or 1)
        elif piece == "\x1b[J":
            del lines[row + 1:]
            lines[row] = ""
        elif piece == "\x1b[K":
            lines[row] = ""
        elif piece.startswith("\x1b") or row < 0:
            raise AssertionError(f"{piece!r} is more than is known here: {written!r}")
        else:
            lines[row] += piece
    return "\n".join(lines)
