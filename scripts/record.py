#!/usr/bin/env python3
"""Records a session of jit in the practice tenant as an SVG that plays by itself: docs/session.svg, the README's picture.

    PATH=build/release/src:$PATH scripts/record.py [FILE]

Each command runs on a terminal of its own, and what it wrote there is what is drawn. Times, waits, IDs and the port are
replaced, so that every run gives the same bytes. psql is a stand-in: there is no database.
"""

import datetime
import fcntl
import os
import pty
import re
import shlex
import struct
import subprocess
import sys
import tempfile
import termios
import uuid
from pathlib import Path
from xml.sax.saxutils import escape

SESSION = (
    ("An hour of access, usable when the command returns", 'jit activate "Prod DB Admin" -m 60 --wait'),
    ("What is active, and how long", "jit status"),
    ("Half an hour more", 'jit extend "Prod DB Admin" -m 30'),
    ("End it now, and wait until it is gone", 'jit deactivate "Prod DB Admin" --wait'),
    ("Have it exactly as long as a command runs",
     'jit run -v -e "Prod DB Admin" -m 30 -- psql -h db.example -c "select count(*) from orders"'),
)
PSQL = "#!/bin/sh\nprintf ' count \\n-------\\n 12894\\n(1 row)\\n'\n"
MINUTES = datetime.timedelta(minutes=60)  # of the first command

START = datetime.datetime(2026, 11, 24, 9, 0, 0)
COLUMNS, CELL, ROW, MARGIN, BAR = 112, 8.4, 21, 18, 36  # of the terminal; the others in pixels
THINKING, READING = 1.0, 2.0  # seconds before an answer and after it

SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
STYLE = """
text { font: 14px ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; fill: #d7dde5; white-space: pre }
.comment { fill: #7f8b99 } .prompt { fill: #7ee787 } .c1 { font-weight: bold; fill: #fff } .c31 { fill: #ff7b72 }
.wait, .spin { opacity: 0; fill: #79c0ff }
@media (prefers-reduced-motion: no-preference) {
  .line { animation: appear 1ms backwards } .wait { animation: show 1s } .spin { animation: turn 1s infinite }
}
@keyframes appear { from { opacity: 0 } }
@keyframes show { from, to { opacity: 1 } }
@keyframes turn { 0%, 9.9% { opacity: 1 } 10%, 100% { opacity: 0 } }
"""


def on_terminal(line, env):
    """All that a command line wrote to its terminal. Fails where the command did."""
    words = shlex.split(line)
    pid, terminal = pty.fork()
    if pid == 0:
        try:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 40, COLUMNS, 0, 0))
            os.execvpe(words[0], words, env)
        finally:
            os._exit(127)
    written = b""
    while True:
        try:
            piece = os.read(terminal, 65536)
        except OSError:  # how Linux says that nobody has the other end any more
            piece = b""
        if not piece:
            break
        written += piece
    os.close(terminal)
    if os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) != 0:
        raise SystemExit(f"{line} failed: {written.decode()}")
    return written.decode()


def written_in_session():
    """What each command of the session wrote, in a new practice tenant."""
    with tempfile.TemporaryDirectory() as home:
        psql = Path(home) / "psql"
        psql.write_text(PSQL)
        psql.chmod(0o700)
        # Nothing of the caller's but what instrumented programs want to know.
        env = {name: value for name, value in os.environ.items() if re.search("SAN_OPTIONS$|^GCOV_", name)}
        env |= {"HOME": home, "PATH": f"{home}:{os.environ['PATH']}", "TZ": "UTC", "LC_ALL": "C.UTF-8", "TERM": "xterm"}
        tenant = subprocess.Popen(["jit-sandbox", "--provision-delay", "3"], env=env, stdout=subprocess.PIPE, text=True)
        try:
            for line in tenant.stdout.read().splitlines():
                name, _, value = shlex.split(line)[1].partition("=")
                env[name] = value
            return [on_terminal(line, env) for _, line in SESSION]
        finally:
            tenant.terminate()
            tenant.wait()


class Picture:
    """Rows of text, each with the second in which it appears."""

    def __init__(self):
        self.now, self._row, self._text, self._ids = 0.0, 0, [], {}
        self._expires = START + MINUTES

    def line(self, text):
        plain, *coloured = re.split(r"\x1b\[(\d+)m", text)
        marked = escape(plain)
        for code, part in zip(coloured[::2], coloured[1::2]):
            plain += part
            marked += escape(part) if code == "0" or not part else f'<tspan class="c{code}">{escape(part)}</tspan>'
        self._add(plain, marked, f' class="line" style="animation-delay: {self.now:.1f}s"')
        self._row += 1

    def command(self, comment, line):
        self._row += self._row > 0
        self._add(f"# {comment}", f"# {comment}", f' class="line comment" style="animation-delay: {self.now:.1f}s"')
        self._row += 1
        self._add(f"$ {line}", f'<tspan class="prompt">$</tspan> {escape(line)}',
                  f' class="line" style="animation-delay: {self.now:.1f}s"')
        self._row += 1
        self.now += THINKING

    def answer(self, written):
        began, header, state = self.now, None, None
        for text, end in re.findall(r"(?:\r\x1b\[K)?([^\r]*)(\r\n)?", written):
            if text[:1] and text[0] in SPINNER:
                what = re.sub(r", \d+ s$", "", text[2:])
                if what != state:
                    self._wait(f"{what}, {self.now - began:.0f} s")
                    state = what
            elif end and text.startswith("\x1b[1m"):
                header = text.removeprefix("\x1b[1m").removesuffix("\x1b[0m")
            elif end and header:
                self._table(header, self._constant(text, began))
                header = None
            elif end:
                self.line(self._constant(text, began))
        self.now += READING

    def svg(self):
        width, height = round(COLUMNS * CELL + 2 * MARGIN), self._row * ROW + BAR + MARGIN
        dots = "".join(f'<circle cx="{MARGIN + 20 * number}" cy="18" r="6" fill="{colour}"/>'
                       for number, colour in enumerate(("#ff5f57", "#febc2e", "#28c840")))
        return "\n".join((f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
                          f'height="{height}" role="img" xml:space="preserve">',
                          "<title>A session of jit in the practice tenant</title>", f"<style>{STYLE}</style>",
                          f'<rect width="100%" height="100%" rx="8" fill="#0d1117"/>{dots}', *self._text, "</svg>\n"))

    def _add(self, plain, marked, attributes, column=0):
        # textLength keeps the columns of a table in line whatever the font is.
        if plain:
            self._text.append(f'<text x="{MARGIN + column * CELL:.1f}" y="{BAR + self._row * ROW + 16}" '
                              f'textLength="{len(plain) * CELL:.1f}"{attributes}>{marked}</text>')

    def _wait(self, text):
        """The line of progress, in the row of what is printed next."""
        self._text.append(f'<g class="wait" style="animation-delay: {self.now:.1f}s">')
        for number, glyph in enumerate(SPINNER):
            self._add(glyph, glyph, f' class="spin" style="animation-delay: {number / 10 - 1:.1f}s"')
        self._add(text, escape(text), "", column=2)
        self._text.append("</g>")
        self.now += 1  # as long as the class shows it

    def _table(self, header, row):
        """A header and a row below it, in columns as wide as needed: the replaced cells have other widths."""
        names = re.split(" {2,}", header)
        cells = re.split(" {2,}", row, maxsplit=len(names) - 1)
        widths = [max(len(name), len(cell)) for name, cell in zip(names, cells)]
        for form, words in (("\x1b[1m{}\x1b[0m", names), ("{}", cells)):
            self.line(form.format("  ".join(word.ljust(width) for word, width in zip(words, widths)).rstrip()))

    def _constant(self, text, began):
        """The text, with what differs between runs replaced by what fits the times of the picture."""
        def moment(seconds):
            return START + datetime.timedelta(seconds=int(seconds))

        ago = "now" if self.now == began else f"{self.now - began:.0f} s ago"
        left = int((self._expires - moment(self.now)).total_seconds())
        end = f"{moment(began) + MINUTES:%H:%M}"
        text = re.sub(r"\d\d:\d\d, (now|\d+ s ago)", f"{moment(began):%H:%M}, {ago}", text)
        text = re.sub(r"\d\d:\d\d, in (1 h|59 min( \d+ s)?)", f"{end}, in {left // 60} min {left % 60} s", text)
        text = re.sub(r"(until )\d\d:\d\d( \(60 min)", rf"\g<1>{START + MINUTES:%H:%M}\2", text)
        text = re.sub(r"now until \d\d:\d\d", f"now until {START + MINUTES * 3 / 2:%H:%M}", text)
        text = re.sub(r"until \d\d:\d\d \((29|30) min.*\)", f"until {moment(began) + MINUTES / 2:%H:%M} (30 min)", text)
        text = re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:8080", text)
        return re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", self._id, text)

    def _id(self, found):
        if found[0].startswith("c0ffee00"):  # the practice tenant's own, the same in every run
            return found[0]
        return self._ids.setdefault(found[0], str(uuid.uuid5(uuid.NAMESPACE_OID, f"session {len(self._ids)}")))


def main(file):
    picture = Picture()
    for (comment, line), written in zip(SESSION, written_in_session()):
        picture.command(comment, line)
        picture.answer(written)
    Path(file).write_text(picture.svg(), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).resolve().parents[1] / "docs" / "session.svg")
