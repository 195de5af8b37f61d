"""jit run and every signal of the system that can be caught, in each phase; what a parent had set of signals and
timers; timeout(1) and alarm(2) in front."""

import os
import signal
import subprocess
import sys
import unittest

from running import RunTest, case, state_of, until
from support import JIT, clean_environment, run_jit

# Those that stop or continue, those that do nothing by themselves, and those about what jit itself writes.
HARMLESS = {signal.SIGCHLD, signal.SIGCONT, signal.SIGURG, signal.SIGWINCH, signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU,
            signal.SIGPIPE, signal.SIGXFSZ}
ENDING = sorted(set(signal.valid_signals()) - {signal.SIGKILL, signal.SIGSTOP} - HARMLESS)
TENANT = ("--rate-limit", "0", "--connections", str(len(ENDING) + 1))


def status_of(pid, name):
    """A line of /proc/PID/status."""
    with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as file:
        return next(line.split()[1] for line in file if line.startswith(name + ":"))


class EverySignal(RunTest):
    """A run for each signal, a few at once, each with a connection of its own; the clocks of this machine."""

    AT_ONCE = 8

    def start_all(self, *words):
        self.start(*TENANT, *words)
        self.connections = [entry["connectionId"] for entry in run_jit("list", "-o", "json", env=self.env).json()]

    def groups(self, *command):
        """Yields lists of (signal, connection, run) that have begun together, until each signal has had its run."""
        pairs = list(zip(ENDING, self.connections, strict=False))
        self.assertEqual(len(pairs), len(ENDING))
        for first in range(0, len(pairs), self.AT_ONCE):
            yield [(number, connection, self.running(*command, entitlement=connection))
                   for number, connection in pairs[first:first + self.AT_ONCE]]

    def until_activated(self, runs):
        until(lambda: all(connection in self.sandbox.applied() for _, connection, _ in runs))

    def finish(self, runs, code):
        for number, connection, jit in runs:
            with self.subTest(number=number):
                run = jit.finish()
                self.assertEqual(run.code, code(number), run)
                self.assertEqual(self.counts(connection), {"activate": 1, "deactivate": 1}, run)

    @case("activating", "any signal that would end jit and can be caught, while the answer is awaited",
          "access is ended if there is any; code 128+N")
    def test_activating(self):
        self.start_all("--provision-delay", "0", "--fault", "activate:apply-hang")
        for runs in self.groups("echo", "run"):
            self.until_activated(runs)
            for number, _, jit in runs:
                jit.send_signal(number)
            self.finish(runs, lambda number: 128 + number)

    @case("waiting", "any signal that would end jit and can be caught", "access is ended, COMMAND is not run; code 128+N")
    def test_waiting(self):
        self.start_all("--provision-delay", "86400")
        for runs in self.groups("echo", "run"):
            self.until_activated(runs)
            for number, _, jit in runs:
                jit.send_signal(number)
            self.finish(runs, lambda number: 128 + number)

    @case("running", "any signal that would end jit and can be caught, to jit alone",
          "passed on to COMMAND; access is ended after it, and 10 s after a request to end in any case")
    def test_running(self):
        self.start_all("--provision-delay", "0")
        for runs in self.groups("sh", "-c", "echo ready; exec sleep 1000"):
            for number, _, jit in runs:
                self.assertEqual(jit.read_line(), "ready\n")
                jit.send_signal(number)
            self.finish(runs, lambda number: 128 + number)

    @case("ending", "any signal that can be caught, except a second Ctrl-C", "access is still ended; COMMAND's code")
    def test_ending(self):
        self.start_all("--provision-delay", "0")
        for runs in self.groups("sh", "-c", "echo ready; read -r line; exit 7"):
            for _, _, jit in runs:
                self.assertEqual(jit.read_line(), "ready\n")
            os.kill(self.sandbox.pid, signal.SIGSTOP)
            try:
                for number, _, jit in runs:
                    self.end_input(jit)
                    until(lambda pid=jit.pid: state_of(pid) == "S"
                          and not int(status_of(pid, "SigCgt"), 16) & 1 << signal.SIGCHLD - 1)
                    for _ in range(3 if number != signal.SIGINT else 1):
                        jit.send_signal(number)
            finally:
                os.kill(self.sandbox.pid, signal.SIGCONT)
            self.finish(runs, lambda number: 7)


class Parents(RunTest):
    SPEED = 10
    """What the parent of jit has set."""

    @case("before", "the parent has blocked or ignored signals", "COMMAND inherits them; blocked signals still end jit")
    def test_masks(self):
        self.start("--provision-delay", "0", "--rate-limit", "0")

        def odd():
            for number in (signal.SIGCHLD, signal.SIGUSR1, signal.SIGHUP):
                signal.signal(number, signal.SIG_IGN)
            signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())

        shown = ("sed", "-n", "s/\t/ /; /^SigBlk/p; /^SigIgn/p", "/proc/self/status")
        run = self.run_command(*shown, preexec_fn=odd)
        direct = subprocess.run(shown, preexec_fn=odd, capture_output=True, text=True, check=True)
        self.assertEqual((run.code, run.stdout), (0, direct.stdout), run)
        self.assert_ended()
        self.sandbox.forget()
        jit = self.running("sh", "-c", "echo ready; exec sleep 1000", options=("--on-expiry", "warn"), preexec_fn=odd)
        jit.read_line()
        jit.send_signal(signal.SIGTERM)
        self.wait_for({"activate": 1, "deactivate": 1})  # COMMAND has SIGTERM blocked
        self.end_group(jit.pid)

    @case("running", "alarm(2) before jit, as a stand-in for timeout(1)", "COMMAND gets SIGALRM; access is ended")
    def test_alarm(self):
        self.start("--provision-delay", "0", "--rate-limit", "0")
        script = "import os, signal, sys; signal.setitimer(signal.ITIMER_REAL, 2); os.execv(sys.argv[1], sys.argv[1:])"
        run = subprocess.run([sys.executable, "-c", script, JIT, *self.words("sleep", "1000")],
                             env=clean_environment(self.env), capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(run.returncode, 128 + signal.SIGALRM, run)
        self.assert_ended()

    @case("running", "timeout(1) before jit, with any signal", "COMMAND and access are ended")
    def test_timeout(self):
        self.start(*TENANT, "--provision-delay", "0")
        connections = [entry["connectionId"] for entry in run_jit("list", "-o", "json", env=self.env).json()]
        started = []
        for name, connection in zip(("TERM", "INT", "HUP", "QUIT", "ALRM", "USR1", "XCPU", "RTMIN"), connections):
            words = ["timeout", "-s", name, "2", JIT, *self.words("sleep", "1000", entitlement=connection)]
            started.append((name, connection, subprocess.Popen(words, env=clean_environment(self.env), stdin=subprocess.DEVNULL,
                                                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)))
        for name, connection, process in started:
            with self.subTest(name=name):
                self.assertEqual((process.communicate(timeout=60)[1], process.returncode), (b"", 124))
                self.assertEqual(self.sandbox.applied()[connection], {"activate": 1, "deactivate": 1})

    @case("ending", "timeout(1) sends its signal to jit and to its group", "this is not a second Ctrl-C: access is still ended")
    def test_timeout_while_ending(self):
        self.start("--provision-delay", "0", "--rate-limit", "0")
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            with self.subTest(number=number):
                self.sandbox.forget()
                jit = self.running("sh", "-c", "echo ready; read -r line; exit 7")
                jit.read_line()
                os.kill(self.sandbox.pid, signal.SIGSTOP)
                try:
                    self.end_input(jit)
                    until(lambda pid=jit.pid: state_of(pid) == "S"
                          and not int(status_of(pid, "SigCgt"), 16) & 1 << signal.SIGCHLD - 1)
                    os.kill(jit.pid, number)
                    os.killpg(jit.pid, number)
                finally:
                    os.kill(self.sandbox.pid, signal.SIGCONT)
                self.assertEqual(jit.finish().code, 7)
                self.assert_ended()


class FileSize(RunTest):
    # The clocks of this machine: the library of fast ones writes files itself.

    def test_no_file_may_be_written(self):
        """ulimit -f 0: a cache that cannot be kept fails no command, and leaves nothing."""
        self.start("--provision-delay", "0", "--rate-limit", "0")
        env = {**self.sandbox.env, **self.own_home()}
        commands = [("list",), ("activate", "Prod DB Admin", "-m", "60", "--wait"), ("extend", "Prod DB Admin", "-m", "5"),
                    ("status",), ("history",), ("deactivate", "Prod DB Admin", "--wait"), ("auth", "status"),
                    ("ensure", "Reporting Reader", "-m", "60"), self.words("true")]
        for words in commands:
            with self.subTest(words=words):
                run = subprocess.run(["sh", "-c", 'ulimit -f 0; exec "$0" "$@"', JIT, *words], env=clean_environment(env),
                                     stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False)
                if words[0] != "ensure":  # several have that name
                    self.assertEqual(run.returncode, 0, run)
                self.assertNotIn(run.returncode, (-signal.SIGXFSZ, 128 + signal.SIGXFSZ))
                left = [name for _, _, names in os.walk(env["XDG_RUNTIME_DIR"]) for name in names
                        if not name.endswith(".lock")]
                self.assertEqual(left, [])


if __name__ == "__main__":
    unittest.main()
