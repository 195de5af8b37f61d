"""What the tests of `jit run` share: a run in a practice tenant, programs to run, and the table of docs/run.md."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from support import CONNECTION, Jit, Sandbox, Test, run_jit

CASES = []  # of all tests that were loaded: (when, what happens, what follows)

QUICK = ("--provision-delay", "0", "--rate-limit", "0")
PROMPT = 60  # seconds; only ever passed by a test that fails

# Tells of each signal but lives on; ends with its input, with code 5.
LISTENER = """
import os, signal, sys
def tell(number, frame):
    os.write(1, f"{signal.Signals(number).name}\\n".encode())
for name in ("HUP", "INT", "QUIT", "TERM", "USR1", "USR2", "CONT", "WINCH", "RTMIN"):
    signal.signal(getattr(signal, "SIG" + name), tell)
os.write(1, f"{os.getpid()}\\n".encode())
while os.read(0, 1):
    pass
sys.exit(5)
"""


def case(when, what, follows):
    """A row of the table in docs/run.md; the test that it decorates proves it."""
    def note(test):
        CASES.append((when, what, follows))
        return test
    return note


def until(condition):
    """Returns as soon as it holds: for what happens in another process, with nothing to wait on."""
    end = time.monotonic() + PROMPT
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"{PROMPT} s have passed")
        time.sleep(0.005)  # leaves the processor to what is awaited


def state_of(pid):
    """A letter, as ps has it: "T" is stopped; empty once the process is gone."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
            return file.read().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return ""


def children_of(pid):
    """The process IDs of its children."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


class RunTest(Test):
    SPEED = 1  # of the clocks; the commands that jit runs have them, too

    def start(self, *words):
        self.sandbox = self.enterContext(Sandbox(*words, speed=self.SPEED))
        self.env = {**self.sandbox.token_env(), **self.own_home()}
        self.sandbox.forget()

    def words(self, *command, options=(), entitlement="Prod DB Admin", minutes="30"):
        return ("run", "-e", entitlement, "-m", minutes, *options, "--", *command)

    def run_command(self, *command, **how):
        """Runs it to its end."""
        words = {name: how.pop(name) for name in ("options", "entitlement", "minutes") if name in how}
        return run_jit(*self.words(*command, **words), env={**self.env, **how.pop("more", {})}, **how)

    def running(self, *command, **how):
        """A run that the test talks to."""
        words = {name: how.pop(name) for name in ("options", "entitlement", "minutes") if name in how}
        env = {**self.env, **how.pop("more", {})}
        jit = Jit(*self.words(*command, **words), env=env, stdin=subprocess.PIPE, start_new_session=True, **how)
        jit.pid = jit._process.pid
        self.enterContext(jit)
        self.addCleanup(self.end_group, jit.pid)  # before jit's own end, which waits for whoever has its streams
        return jit

    def listener(self, **how):
        """A run of a program that tells of its signals: the run, and the program's process ID."""
        jit = self.running(sys.executable, "-c", LISTENER, **how)
        return jit, int(jit.read_line())

    @staticmethod
    def end_input(jit):
        """Tells the program to end."""
        jit._process.stdin.close()
        jit._process.stdin = None

    def keep_input(self, jit):
        """Has the program's input stay open while `finish` waits."""
        self.addCleanup(jit._process.stdin.close)
        jit._process.stdin = None

    @staticmethod
    def end_group(group):
        try:
            os.killpg(group, signal.SIGKILL)
        except ProcessLookupError:
            pass

    def counts(self, connection=CONNECTION):
        """What was carried out: {"activate": 1, "deactivate": 1}."""
        return self.sandbox.applied().get(connection, {})

    def assert_ended(self, connection=CONNECTION):
        self.assertEqual(self.counts(connection), {"activate": 1, "deactivate": 1})

    def wait_for(self, counts, connection=CONNECTION):
        until(lambda: self.counts(connection) == counts)
