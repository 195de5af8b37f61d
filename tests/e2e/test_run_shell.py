"""jit run without a command is a shell with the access; and when privilege ends is said plainly."""

import os
import re
import shutil
import subprocess
import unittest
from pathlib import Path

from programs import JIT
from running import QUICK, RunTest, case, children_of, state_of, until
from support import CONNECTION, run_jit
from terminal import Terminal


class ShellTest(RunTest):
    def setUp(self):
        self.start(*QUICK)
        # Without it fish begins by reading all manual pages, for a quarter of a minute.
        (Path(self.env["HOME"]) / ".local/share/fish/generated_completions").mkdir(parents=True)

    def shell(self, *words, shell="bash", **more):
        terminal = self.enterContext(Terminal(100, 30))
        jit = subprocess.Popen([JIT, "run", "-e", CONNECTION, "-m", "30", *words],
                               env={**self.env, "PATH": os.environ["PATH"], "SHELL": shutil.which(shell), "TERM": "xterm",
                                    "PS1": "$ ", "HISTFILE": "", **more}, cwd=self.env["HOME"],
                               stdin=terminal.end, stdout=terminal.end, stderr=terminal.end, **terminal.controls)
        self.addCleanup(jit.wait)
        self.addCleanup(jit.kill)
        return terminal, jit

    def ended(self, terminal, jit, code):
        self.assertEqual(jit.wait(60), code)
        return terminal.read()


class Shell(ShellTest):
    @case("running", "no COMMAND, at a terminal", "$SHELL is started; access ends with it; COMMAND's code")
    def test_shells(self):
        for shell in ("bash", "zsh", "fish", "dash"):
            with self.subTest(shell=shell):
                self.sandbox.forget()
                terminal, jit = self.shell(shell=shell)
                terminal.wait_for("is active until ")
                terminal.press('echo "<$JIT_ENTITLEMENT/$JIT_PROMPT>"; true | cat\n')
                terminal.wait_for("<Prod DB Admin/Prod DB Admin>")
                self.assertEqual(self.counts(), {"activate": 1})
                terminal.press("exit 3\n")
                self.assertIn("jit: access to Prod DB Admin was ended\n", self.ended(terminal, jit, 3))
                self.assert_ended()

    def test_the_terminal_is_the_shells(self):
        """Job control works in it, and Ctrl-C ends what runs in it alone."""
        terminal, jit = self.shell(PS1="")
        terminal.wait_for("is active until ")
        terminal.press("echo be''gun; sleep 1000\n")
        terminal.wait_for("begun")
        [shell] = children_of(jit.pid)
        until(lambda: children_of(shell))
        [child] = children_of(shell)
        until(lambda: Path(f"/proc/{child}/comm").read_text() == "sleep\n")  # the terminal is its own by then
        terminal.press("\x1a")
        terminal.wait_for("Stopped")
        terminal.wait_for("\x1b[?2004h", 2)  # the shell reads a line
        terminal.press("fg\n")
        until(lambda: state_of(child) == "S")
        terminal.press("\x03")
        terminal.wait_for("\x1b[?2004h", 3)
        terminal.press("echo co''de=$?; stty tostop; exit\n")
        terminal.wait_for("code=130")
        self.assertIn("was ended", self.ended(terminal, jit, 0))
        self.assert_ended()

    def test_killed(self):
        """A shell that is killed gives the terminal back to nobody."""
        terminal, jit = self.shell(PS1="")
        terminal.wait_for("is active until ")
        terminal.press("stty tostop; kill -9 $$\n")
        self.assertIn("was ended", self.ended(terminal, jit, 137))
        self.assert_ended()

    def test_nested(self):
        terminal, jit = self.shell(PS1="")
        terminal.wait_for("is active until ")
        self.assertNotIn("inside", terminal._text.decode())
        terminal.press(f"SAIL_ACCESS_TOKEN={self.env['SAIL_ACCESS_TOKEN']} {JIT} run -e 'Kubernetes Cluster Admin' -m 5\n")
        terminal.wait_for("jit: this shell is inside another one of jit run: Prod DB Admin")
        terminal.wait_for("Kubernetes Cluster Admin is active until ")
        terminal.press('echo "<$JIT_PROMPT>"\n')
        terminal.wait_for("<Prod DB Admin, Kubernetes Cluster Admin>")
        terminal.press("exit\n")
        terminal.wait_for("access to Kubernetes Cluster Admin was ended")
        self.assertEqual(self.counts(), {"activate": 1})
        terminal.press("exit\n")
        self.ended(terminal, jit, 0)
        self.assert_ended()

    @case("before", "no COMMAND, and standard input is no terminal", "nothing is sent; code 125")
    def test_no_terminal(self):
        for words in ((), ("--",)):
            run = run_jit("run", "-e", CONNECTION, "-m", "30", *words, env={**self.env, "SHELL": "/bin/sh"})
            self.assertEqual(run.code, 125, run)
            self.assertIn("say which command to run", run.stderr)
        self.assertEqual(self.counts(), {})

    def test_mark_is_no_program(self):
        """A shell reads its prompt as a program: the mark has nothing that means something to one."""
        terminal, jit = self.shell("--", "sh", "-c", 'echo "<$JIT_PROMPT>"', JIT_PROMPT="$(id)`id`\\w%n!'\"\x1b]")
        terminal.wait_for(re.compile("<.*>"))
        mark = re.search("<(.*)>", terminal._text.decode())[1]
        self.assertEqual(re.sub("[A-Za-z0-9 ,()_�\\]]", "", mark), "", mark)
        self.assertIn("Prod DB Admin", mark)
        self.ended(terminal, jit, 0)


class Said(ShellTest):
    """What a person at a terminal reads."""

    def test_left_on(self):
        terminal, jit = self.shell("--leave", "--", "true")
        text = self.ended(terminal, jit, 0)
        self.assertRegex(text, r"jit: access to Prod DB Admin is left on until .*: --leave\n")
        terminal, jit = self.shell("--", "true")
        text = self.ended(terminal, jit, 0)
        self.assertRegex(text, r"jit: access to Prod DB Admin is left on until .*: it was active before\n")
        self.assertEqual(self.counts(), {"activate": 1})

    def test_ended_before(self):
        terminal, jit = self.shell("--", "sh", "-c", "echo rea''dy; read line")
        terminal.wait_for("ready")
        run = run_jit("deactivate", CONNECTION, "--wait", env=self.env)
        self.assertEqual(run.code, 0, run)
        terminal.press("\n")
        text = self.ended(terminal, jit, 0)
        self.assertIn("access to Prod DB Admin had ended before", text)

    def test_quiet(self):
        terminal, jit = self.shell("-q", "--", "true")
        self.assertNotIn("access", self.ended(terminal, jit, 0))


class Total(RunTest):
    SPEED = 20

    @case("running", "--max-total is over, without --keep-alive", "access is ended; COMMAND goes on; COMMAND's code")
    def test_without_keep_alive(self):
        self.start(*QUICK)
        jit, _ = self.listener(minutes="60", options=("--max-total", "1m"))
        jit.wait_for_message("--max-total is over: access ends now")
        self.wait_for({"activate": 1, "deactivate": 1})
        self.end_input(jit)
        self.assertEqual(jit.finish().code, 5)
        self.assert_ended()

    @case("running", "--max-total is over, with --keep-alive and minutes that go beyond it", "the same")
    def test_with_keep_alive(self):
        self.start(*QUICK)
        jit, _ = self.listener(minutes="60", options=("--max-total", "1m", "--keep-alive"))
        self.wait_for({"activate": 1, "deactivate": 1})
        self.end_input(jit)
        self.assertEqual(jit.finish().code, 5)

    @case("running", "--max-total is over, with --on-expiry terminate", "access is ended; COMMAND gets SIGTERM, and 10 s later SIGKILL")
    def test_terminate(self):
        self.start(*QUICK)
        run = self.run_command("sleep", "1000", minutes="60", options=("--max-total", "1m", "--on-expiry", "terminate"))
        self.assertEqual(run.code, 143, run)
        self.assert_ended()

    def test_what_was_active_before(self):
        """It is not ended, since it is not this run's."""
        self.start(*QUICK)
        self.assertEqual(run_jit("activate", CONNECTION, "-m", "60", "--wait", env=self.env).code, 0)
        run = self.run_command("sleep", "70", minutes="60", options=("--max-total", "1m"))
        self.assertEqual((run.code, run.stderr), (0, ""), run)
        self.assertEqual(self.counts(), {"activate": 1})


if __name__ == "__main__":
    unittest.main()
