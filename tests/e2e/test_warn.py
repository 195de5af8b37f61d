"""--warn and --on-warn: access does not end unnoticed."""

import datetime
import json
import os
import signal
import subprocess
import sys
import unittest
from pathlib import Path

from programs import JIT
from running import QUICK, RunTest, case, children_of, until
from support import CONNECTION, Jit, run_jit
from terminal import Terminal

TITLE = "\x1b]2;access to Prod DB Admin ends in "

# A program that draws on the screen, until a key is pressed.
FULL_SCREEN = "import curses\ncurses.wrapper(lambda screen: (screen.addstr('drawn'), screen.refresh(), screen.getch()))"


SOON = ("--warn", "5")  # access of two minutes ends soon from the start, so that nobody has to wait for that


class WarnTest(RunTest):

    def recorder(self, more=""):
        """A command that keeps what it was given, a file for each time."""
        return self.program(self.env["HOME"], "on-warn", f"""n=$$
env >"$HOME/.warned-$n"
mv "$HOME/.warned-$n" "$HOME/warned-$n"
{more}""")

    def warned(self):
        """The variables of each time."""
        return [dict(line.split("=", 1) for line in path.read_text().splitlines() if "=" in line)
                for path in sorted(Path(self.env["HOME"]).glob("warned-*"))]

    def activate(self, minutes="2"):
        run = run_jit("activate", CONNECTION, "-m", minutes, "--wait", env=self.env)
        self.assertEqual(run.code, 0, run)


class Late(WarnTest):
    SPEED = 20

    def test_default(self):
        """A fifth of few minutes, so that no warning comes at the start."""
        self.start(*QUICK)
        jit, _ = self.listener(minutes="2")
        jit.wait_for_message("access to Prod DB Admin ends in 2")  # 24 s
        self.end_input(jit)
        self.assertEqual(jit.finish().code, 5)

    def test_never(self):
        self.start(*QUICK)
        jit, _ = self.listener(minutes="1", options=("--warn", "0"))
        jit.wait_for_message("has ended; ")
        self.end_input(jit)
        self.assertNotIn(" ends in ", jit.finish().stderr)

    @case("running", "jit was stopped, or the machine slept, when a warning was due", "the warning comes as soon as it goes on")
    def test_stopped_meanwhile(self):
        self.start(*QUICK)
        jit, _ = self.listener(minutes="2", options=("--warn", "1"))
        os.kill(jit.pid, signal.SIGSTOP)
        began = datetime.datetime.now(datetime.timezone.utc)
        until(lambda: (datetime.datetime.now(datetime.timezone.utc) - began).total_seconds() > 80 / self.SPEED)
        os.kill(jit.pid, signal.SIGCONT)
        jit.wait_for_message("access to Prod DB Admin ends in ")
        self.end_input(jit)
        self.assertEqual(jit.finish().code, 5)

    @case("running", "the end of access was moved after a warning", "one more warning, before the new end")
    def test_extended_from_elsewhere(self):
        self.start(*QUICK, "--list-lag", "20")
        jit, _ = self.listener(minutes="2", options=(*SOON, "--on-warn", self.recorder()))
        until(lambda: len(self.warned()) == 1)
        run = run_jit("extend", CONNECTION, "-m", "2", env=self.env)
        self.assertEqual(run.code, 0, run)
        until(lambda: len(self.warned()) == 2)
        first, second = sorted((given["JIT_EXPIRES_AT"] for given in self.warned()))
        self.assertLess(first, second)
        self.end_input(jit)
        self.assertEqual(jit.finish().code, 5)
        self.assertEqual(len(self.warned()), 2)


class Run(WarnTest):
    @case("running", "access ends soon", "a warning, and --on-warn's command, once for each end")
    def test_once(self):
        self.start(*QUICK)
        jit, listener = self.listener(minutes="2", options=(*SOON, "--on-warn", self.recorder()),
                               more={"SAIL_CLIENT_ID": "id", "SAIL_CLIENT_SECRET": "secret"})
        jit.wait_for_message("access to Prod DB Admin ends in ")
        until(lambda: len(self.warned()) == 1)
        [given] = self.warned()
        self.assertEqual(given["JIT_ENTITLEMENT"], "Prod DB Admin")
        self.assertEqual(given["JIT_CONNECTION_ID"], CONNECTION)
        self.assertIn(int(given["JIT_SECONDS_LEFT"]), range(1, 121))
        self.assertTrue(given["JIT_EXPIRES_AT"].endswith("Z"), given)
        for name in ("SAIL_CLIENT_ID", "SAIL_CLIENT_SECRET", "SAIL_ACCESS_TOKEN"):
            self.assertNotIn(name, given)
        # Nobody's child, so that none is left to reap.
        self.assertEqual(children_of(jit.pid), [listener])
        os.kill(jit.pid, signal.SIGCONT)  # it looks again
        self.end_input(jit)
        self.assertEqual(jit.finish().stderr.count(" ends in "), 1)
        self.assertEqual(len(self.warned()), 1)

    @case("running", "--on-warn's command hangs, and ignores SIGTERM", "COMMAND is not kept waiting; the command is killed after 10 s")
    def test_hangs(self):
        self.start(*QUICK)
        mark = str(Path(self.env["HOME"]) / "end")
        jit, _ = self.listener(minutes="2", options=(
            *SOON, "--on-warn", self.recorder(f"trap '' TERM HUP ALRM; echo $$ >{mark}; while :; do sleep 1; done")))
        until(lambda: Path(mark).exists() and Path(mark).read_text())
        pid = int(Path(mark).read_text())
        self.end_input(jit)
        self.assertEqual(jit.finish().code, 5)  # while the command still runs, or not
        until(lambda: not Path(f"/proc/{pid}").exists())

    def test_nothing_is_sent(self):
        self.start(*QUICK)
        run = self.run_command("true", options=("--on-warn", "/nowhere/command"))
        self.assertEqual(run.code, 125, run)
        self.assertIn("/nowhere/command", run.stderr)
        self.assertEqual(self.counts(), {})


class Screen(WarnTest):
    SPEED = 20

    def on_terminal(self, program, **more):
        self.start(*QUICK)
        terminal = self.enterContext(Terminal(100, 30))
        jit = subprocess.Popen([JIT, "run", "-e", CONNECTION, "-m", "2", *SOON, "--", sys.executable, "-c", program],
                               env={**self.env, "TERM": "xterm", **more},
                               stdin=terminal.end, stdout=terminal.end, stderr=terminal.end, **terminal.controls)
        self.addCleanup(jit.wait)
        self.addCleanup(jit.kill)
        return terminal, jit

    @case("running", "access ends soon, and COMMAND draws on the screen", "the terminal's title says so, and the screen stays as it is")
    def test_full_screen(self):
        terminal, jit = self.on_terminal(FULL_SCREEN)
        terminal.wait_for("drawn")
        # One more warning, now that the program draws.
        self.assertEqual(run_jit("extend", CONNECTION, "-m", "2", env=self.env).code, 0)
        terminal.wait_for(TITLE, 2)
        terminal.press("q")
        self.assertEqual(jit.wait(60), 0)
        before, _, text = terminal.read().partition("drawn")
        self.assertIn("warning: access to Prod DB Admin ends in ", before)
        self.assertNotIn("warning: ", text)
        self.assertEqual(text.count(TITLE), 1)
        self.assertIn("\x1b[22;2t", before)
        self.assertIn("\x1b[23;2t", text)  # the title that was there is back

    def test_lines(self):
        """A program that does not: in both places."""
        terminal, jit = self.on_terminal("input()")
        terminal.wait_for(TITLE)
        terminal.wait_for("jit: warning: access to Prod DB Admin ends in ")
        terminal.press("\n")
        self.assertEqual(jit.wait(60), 0)

    def test_no_title(self):
        """On a terminal that would show the sequence as text."""
        terminal, jit = self.on_terminal(FULL_SCREEN, TERM="vt100")
        terminal.wait_for("jit: warning: access to Prod DB Admin ends in ")
        terminal.press("q")
        self.assertEqual(jit.wait(60), 0)
        self.assertNotIn("\x1b]2;", terminal.read())


class Watch(WarnTest):
    SPEED = 5

    def watch(self, *words):
        return self.enterContext(Jit("status", "--watch", "1", "-o", "jsonl", *words, env=self.env))

    def test_once(self):
        self.start(*QUICK)
        self.activate()
        jit = self.watch(*SOON, "--on-warn", self.recorder())
        until(lambda: len(self.warned()) == 1)
        self.assertEqual(self.warned()[0]["JIT_ENTITLEMENT"], "Prod DB Admin")
        jit.wait_for_message(" ends in ")
        self.assertEqual(len(self.warned()), 1)

    def test_a_list_that_lags(self):
        """Access that was extended from here a moment ago does not end soon, whatever the list shows."""
        self.start(*QUICK, "--list-lag", "30")
        self.activate("3")
        run = run_jit("extend", CONNECTION, "-m", "60", env=self.env)
        self.assertEqual(run.code, 0, run)
        jit = self.watch("--warn", "10", "--on-warn", self.recorder())
        first = json.loads(jit.read_line())["jit"]["expiration"]
        self.assertLess(first, json.loads(jit.read_line())["jit"]["expiration"])  # now the list knows
        self.assertEqual(self.warned(), [])

    def test_wrong(self):
        self.start(*QUICK)
        for words in (("status", "--on-warn", "true"), ("status", "--watch", "--on-warn", "/nowhere/command"),
                      ("status", "--watch", "--on-warn", "")):
            with self.subTest(words=words):
                self.assertEqual(run_jit(*words, env=self.env).code, 2)


if __name__ == "__main__":
    unittest.main()
