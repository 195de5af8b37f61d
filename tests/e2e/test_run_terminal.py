"""jit run at a terminal, under a shell with job control: the terminal is the command's as if jit were not there."""

import contextlib
import fcntl
import os
import re
import struct
import subprocess
import sys
import termios
import unittest
from pathlib import Path

from programs import JIT
from running import LISTENER, QUICK, RunTest, case, state_of, until
from support import CONNECTION
from terminal import Terminal

RUN = f"jit run -q -e {CONNECTION} -m 30 --"


class TerminalTest(RunTest):
    def setUp(self):
        self.start(*QUICK)

    def shell(self):
        """A shell on a terminal, which a person types into."""
        terminal = self.enterContext(Terminal(100, 30))
        env = {**self.env, "PATH": f"{Path(JIT).parent}:{os.environ['PATH']}", "PS1": "$ ", "TERM": "xterm", "HISTFILE": ""}
        self._shell = subprocess.Popen(["bash", "--norc", "--noprofile", "--noediting", "-i"], env=env,
                                       stdin=terminal.end, stdout=terminal.end, stderr=terminal.end,
                                       cwd=self.env["HOME"], **terminal.controls)
        self.addCleanup(self._shell.wait)
        self.addCleanup(self._shell.kill)
        return terminal

    def leave(self, terminal, code):
        """The shell shows the code of the last command, and ends."""
        terminal.press("echo co''de=$?\n")
        terminal.wait_for(f"code={code}\r\n")
        terminal.press("exit\n")
        self.assertEqual(self._shell.wait(60), 0)


class Jobs(TerminalTest):
    @case("running", "Ctrl-C", "only COMMAND handles it; jit waits for COMMAND and returns its code")
    def test_ctrl_c(self):
        terminal = self.shell()
        (Path(self.env["HOME"]) / "listener.py").write_text(LISTENER)
        terminal.press(f"{RUN} {sys.executable} listener.py\n")
        terminal.wait_for(re.compile(r"(^|\$ )\d+\r\n", re.MULTILINE))
        for times in (1, 2, 3):
            terminal.press("\x03")
            terminal.wait_for("SIGINT", times)
        terminal.press("\x04")
        self.leave(terminal, 5)
        self.assert_ended()

    @case("running", "Ctrl-C ends COMMAND", "access is ended; code 130")
    def test_ctrl_c_that_ends_it(self):
        for key, code in (("\x03", 130), ("\x1c", 131)):
            with self.subTest(code=code):
                self.sandbox.forget()
                terminal = self.shell()
                terminal.press(f"ulimit -c 0; {RUN} sh -c 'echo rea''dy; exec sleep 1000'\n")
                terminal.wait_for("ready")
                terminal.press(key)
                self.leave(terminal, code)
                self.assert_ended()

    @case("running", "Ctrl-Z, then fg", "COMMAND stops, then jit; both go on")
    def test_ctrl_z(self):
        terminal = self.shell()
        terminal.press(f"{RUN} sh -c 'echo $$ > pid; echo rea''dy; read x; echo got-$x; exit 6'\n")
        terminal.wait_for("ready")
        for times in (1, 2):
            terminal.press("\x1a")
            terminal.wait_for("Stopped", times)
            child = int((Path(self.env["HOME"]) / "pid").read_text())
            until(lambda pid=child: state_of(pid) == "T")
            self.assertEqual(self.counts(), {"activate": 1})
            terminal.press("fg\n")
            until(lambda pid=child: state_of(pid) == "S")
        terminal.press("this\n")
        terminal.wait_for("got-this")
        self.leave(terminal, 6)
        self.assert_ended()

    @case("running", "COMMAND alone is stopped at a terminal, as some do to themselves for Ctrl-Z", "jit stops as well: fg continues both")
    def test_one_that_stops_itself(self):
        terminal = self.shell()
        terminal.press(f"{RUN} sh -c 'kill -TSTP $$; kill -STOP $$; echo go''es-on; exit 3'\n")
        for times in (1, 2):
            terminal.wait_for("Stopped", times)
            terminal.press("fg\n")
        terminal.wait_for("goes-on")
        self.leave(terminal, 3)
        self.assert_ended()

    @case("running", "COMMAND stops itself again, before jit has seen that it was continued", "the second stop is not undone")
    def test_one_that_stops_itself_again_at_once(self):
        terminal = self.shell()
        # jit is slow to send a signal that it has decided on; meanwhile the child stops once more.
        # The leak checker of sanitizers is a tracer itself.
        terminal.press("ASAN_OPTIONS=detect_leaks=0 strace -DDD -qq -o /dev/null -e trace=kill -e inject=kill:delay_enter=1s "
                       f"{RUN} sh -c 'kill -TSTP $$; sleep 0.3; kill -STOP $$; echo go''es-on; exit 3'\n")
        for times in (1, 2):
            terminal.wait_for("Stopped", times)
            terminal.press("fg\n")
        terminal.wait_for("goes-on")
        self.leave(terminal, 3)
        self.assert_ended()

    @case("running", "as a background job that reads from the terminal", "both stop until fg")
    def test_in_the_background(self):
        terminal = self.shell()
        terminal.press(f"{RUN} sh -c 'read x; echo got-$x' &\n")
        self.wait_for({"activate": 1})
        # The shell tells only when it is asked, so it is asked until the command has come to read.
        terminal.press("while ! jobs | grep Stopp; do :; done\n")
        terminal.wait_for(re.compile(r"Stopped \(tty input\)|Stopped +jit"))
        terminal.press("fg\n")
        terminal.press("it\n")
        terminal.wait_for("got-it")
        self.leave(terminal, 0)
        self.assert_ended()

    @case("running", "in a pipeline", "COMMAND gets its input and output; Ctrl-C ends the whole pipeline")
    def test_a_pipeline(self):
        terminal = self.shell()
        terminal.press(f"printf 'b\\na\\n' | {RUN} sort | tr '\\n' '+'; echo \" ${{PIPESTATUS[@]}}\"\n")
        terminal.wait_for("a+b+ 0 0 0\r\n")
        self.assert_ended()
        self.sandbox.forget()
        terminal.press(f"{RUN} sh -c 'echo rea''dy >&2; exec sleep 1000' | cat\n")
        terminal.wait_for("ready")
        terminal.press("\x03")
        terminal.press("echo aft''er\n")
        terminal.wait_for("after")
        self.wait_for({"activate": 1, "deactivate": 1})
        terminal.press("exit\n")

    def test_a_shell_in_it_has_jobs_of_its_own(self):
        terminal = self.shell()
        terminal.press(f"{RUN} bash --norc --noprofile --noediting -i\n")
        terminal.press("sh -c \"echo in''ner; exec sleep 1000\"\n")
        terminal.wait_for("inner")
        terminal.press("\x1a")
        terminal.wait_for("Stopped")
        terminal.press("kill %1; fg\n")
        terminal.press("exit 9\n")
        terminal.wait_for("exit\r\n")
        self.leave(terminal, 9)
        self.assert_ended()


class Screen(TerminalTest):
    def test_a_full_screen_program(self):
        terminal = self.shell()
        (Path(self.env["HOME"]) / "text").write_text("".join(f"line {n} of it\n" for n in range(1, 101)))
        terminal.press(f"{RUN} less text\n")
        terminal.wait_for("line 29 of it")
        terminal.press("G")
        terminal.wait_for("line 100 of it")
        # less may be about to wait for a key, and then sees to the signal only at the next one. Where it did not
        # take the G, the shell does: it is deleted.
        terminal.press("\x1aG")
        terminal.wait_for("Stopped")
        terminal.press("\x15fg\n")
        terminal.wait_for("line 100 of it", 2)
        terminal.press("q")
        self.leave(terminal, 0)
        self.assert_ended()

    @case("running", "the terminal's size changes", "COMMAND is told")
    def test_the_size(self):
        terminal = self.shell()
        terminal.press(f"{RUN} bash -c 'trap \"stty size\" WINCH; echo rea''dy; while ! read -t 1 x; do :; done'\n")
        terminal.wait_for("ready")
        fcntl.ioctl(terminal.end, termios.TIOCSWINSZ, struct.pack("HHHH", 41, 123, 0, 0))
        terminal.wait_for("41 123")
        terminal.press("\n")
        self.leave(terminal, 0)

    @case("running", "the terminal is closed", "COMMAND gets SIGHUP; access is ended")
    def test_the_terminal_goes(self):
        terminal = self.shell()
        terminal.press(f"{RUN} sh -c 'echo rea''dy; exec sleep 1000'\n")
        terminal.wait_for("ready")
        os.close(terminal.end)
        os.close(terminal._own)
        terminal._own = os.open(os.devnull, os.O_RDONLY)
        self.wait_for({"activate": 1, "deactivate": 1})
        self._shell.wait(60)
        while self.is_session(self._shell.pid):  # jit writes down what it did before it ends
            pass

    @staticmethod
    def is_session(pid):
        """Whether a process is left of the session that this one began."""
        sessions = set()
        for process in filter(str.isdigit, os.listdir("/proc")):
            with contextlib.suppress(OSError):  # it has just ended
                sessions.add(int(Path("/proc", process, "stat").read_text().rpartition(")")[2].split()[3]))
        return pid in sessions

    def test_the_terminal_goes_and_jit_is_alone_on_it(self):
        """As the command of a terminal window or of ssh -t, with no shell to tell anybody."""
        terminal = self.enterContext(Terminal())
        jit = subprocess.Popen([JIT, "run", "-e", CONNECTION, "-m", "30", "--", "sh", "-c", "echo ready; exec sleep 1000"],
                               env=self.env, stdin=terminal.end, stdout=terminal.end, stderr=terminal.end, **terminal.controls)
        terminal.wait_for("ready")
        os.close(terminal.end)
        os.close(terminal._own)
        terminal._own = os.open(os.devnull, os.O_RDONLY)
        self.assertEqual(jit.wait(60), 129)
        self.assert_ended()

    def test_what_of_jit_is_on_the_screen(self):
        """A line before COMMAND and one after it, and nothing where that is not wanted."""
        terminal = self.enterContext(Terminal())
        jit = subprocess.Popen([JIT, "run", "-e", CONNECTION, "-m", "30", "--", "echo", "all there is"],
                               env={**self.env, "TERM": "xterm"},
                               stdin=terminal.end, stdout=terminal.end, stderr=terminal.end, **terminal.controls)
        self.assertEqual(jit.wait(60), 0)
        self.assertRegex(re.sub(r"\r\x1b\[K[^\r]*(?=\r)", "", terminal.read()),
                         r"\A\r\x1b\[Kjit: access to Prod DB Admin is active until [^\n]*\nall there is\n"
                         r"jit: access to Prod DB Admin was ended\n\Z")


if __name__ == "__main__":
    unittest.main()
