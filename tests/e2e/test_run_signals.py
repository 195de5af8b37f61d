"""jit run and signals: to jit alone, to the command alone, to both; while access is awaited, used, and ended."""

import os
import signal
import sys
import unittest

from running import LISTENER, RunTest, QUICK, case, state_of, until
from support import CONNECTION

FOR_EVER = ("--provision-delay", "86400", "--rate-limit", "0")
STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
FORWARDED = (signal.SIGINT, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2, signal.SIGCONT, signal.SIGWINCH, signal.SIGRTMIN)


class WhileWaiting(RunTest):
    SPEED = 10

    @case("waiting", "SIGINT, SIGTERM, SIGHUP or SIGQUIT, to jit or to all of its group",
          "access is ended, COMMAND is not run; code 128+N")
    def test_stopped(self):
        for send in (os.kill, os.killpg):
            for number in STOPPING:
                with self.subTest(number=number, send=send):
                    self.start(*FOR_EVER)
                    jit = self.running("echo", "run")
                    self.wait_for({"activate": 1})
                    send(jit.pid, number)
                    run = jit.finish()
                    self.assertEqual((run.code, run.stdout), (128 + number, ""), run)
                    self.assertIn("; access was ended", run.stderr)
                    self.assert_ended()

    @case("waiting", "many signals, one after the other", "access is still ended")
    def test_stopped_by_somebody_impatient(self):
        self.start(*FOR_EVER)
        jit = self.running("echo", "run")
        self.wait_for({"activate": 1})
        os.kill(self.sandbox.pid, signal.SIGSTOP)  # so that the end cannot be done between the two
        try:
            jit.send_signal(signal.SIGINT)
            jit.send_signal(signal.SIGTERM)
        finally:
            os.kill(self.sandbox.pid, signal.SIGCONT)
        run = jit.finish()
        self.assertIn(run.code, (130, 143))
        self.assert_ended()

    @case("waiting", "SIGSTOP or SIGTSTP, then SIGCONT, to jit", "the wait goes on")
    def test_suspended(self):
        self.start("--provision-delay", "1", "--rate-limit", "0")
        for number in (signal.SIGSTOP, signal.SIGTSTP):
            with self.subTest(number=number):
                self.sandbox.forget()
                jit = self.running("echo", "run")
                self.wait_for({"activate": 1})
                jit.send_signal(number)
                if number == signal.SIGSTOP:  # a group that no shell looks after is not stopped by the other
                    until(lambda pid=jit.pid: state_of(pid) == "T")
                jit.send_signal(signal.SIGCONT)
                run = jit.finish()
                self.assertEqual((run.code, run.stdout), (0, "run\n"), run)


class WhileRunning(RunTest):
    SPEED = 10

    def end(self, jit):
        self.end_input(jit)
        run = jit.finish()
        self.assert_ended()
        return run

    @case("running", "SIGINT, SIGQUIT, SIGUSR1, SIGUSR2, SIGCONT, SIGWINCH or a real-time signal, to jit alone",
          "passed on to COMMAND; jit goes on")
    def test_passed_on(self):
        self.start(*QUICK)
        jit, _ = self.listener()
        for number in FORWARDED:
            jit.send_signal(number)
            self.assertEqual(jit.read_line(), f"{signal.Signals(number).name}\n")
        self.assertEqual(self.end(jit).code, 5)

    @case("running", "SIGTERM or SIGHUP to jit alone", "passed on to COMMAND; COMMAND's code")
    def test_asked_to_stop(self):
        self.start(*QUICK)
        for number in (signal.SIGTERM, signal.SIGHUP):
            with self.subTest(number=number):
                self.sandbox.forget()
                jit, child = self.listener()
                jit.send_signal(number)
                self.assertEqual(jit.read_line(), f"{signal.Signals(number).name}\n")
                self.assertEqual((self.end(jit).code, state_of(child)), (5, ""))
                self.sandbox.forget()
                jit = self.running("sh", "-c", "echo ready; exec sleep 1000")
                jit.read_line()
                jit.send_signal(number)
                self.assertEqual(jit.finish().code, 128 + number)
                self.assert_ended()

    @case("running", "SIGTERM or SIGHUP to jit, and COMMAND ignores it",
          "10 s later access is ended; jit goes on to wait for COMMAND, and returns its code")
    def test_one_that_ignores_it(self):
        self.start(*QUICK)
        jit, _ = self.listener()
        jit.send_signal(signal.SIGTERM)
        jit.read_line()
        self.wait_for({"activate": 1, "deactivate": 1})
        self.assertIsNone(jit._process.poll())
        run = self.end(jit)
        self.assertEqual(run.code, 5)
        self.assertIn("has not ended; its access ends now", run.stderr)

    @case("running", "any signal to COMMAND alone", "COMMAND handles it; code 128+N if it ends COMMAND")
    def test_to_the_command_alone(self):
        self.start(*QUICK)
        jit, child = self.listener()
        for number in (*FORWARDED, signal.SIGTERM, signal.SIGHUP):
            os.kill(child, number)
            self.assertEqual(jit.read_line(), f"{signal.Signals(number).name}\n")
        os.kill(child, signal.SIGKILL)
        self.assertEqual(jit.finish().code, 137)
        self.assert_ended()

    @case("running", "SIGSTOP or SIGTSTP to COMMAND alone, without a terminal", "jit waits, without work, until it is continued")
    def test_the_command_alone_is_stopped(self):
        self.start(*QUICK)
        jit, child = self.listener()
        os.kill(child, signal.SIGSTOP)
        until(lambda: state_of(child) == "T")
        until(lambda: state_of(jit.pid) == "S")
        used = self.used(jit.pid)
        jit.send_signal(signal.SIGWINCH)  # taken, and passed on to one that cannot answer yet
        until(lambda: state_of(jit.pid) == "S")
        self.assertLessEqual(self.used(jit.pid) - used, 2)  # hundredths of a second
        self.assertIsNone(jit._process.poll())
        jit.send_signal(signal.SIGCONT)
        self.assertEqual(sorted([jit.read_line(), jit.read_line()]), ["SIGCONT\n", "SIGWINCH\n"])
        self.assertEqual(self.end(jit).code, 5)

    @staticmethod
    def used(pid):
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
            fields = file.read().rpartition(")")[2].split()
        return int(fields[11]) + int(fields[12])

    @case("running", "SIGKILL to COMMAND while it is stopped", "access is ended; code 137")
    def test_killed_while_stopped(self):
        self.start(*QUICK)
        jit, child = self.listener()
        os.kill(child, signal.SIGSTOP)
        until(lambda: state_of(child) == "T")
        os.kill(child, signal.SIGKILL)
        self.assertEqual(jit.finish().code, 137)
        self.assert_ended()

    @case("running", "SIGINT, SIGTERM, SIGHUP or SIGQUIT to all of the group", "COMMAND's code; access is ended")
    def test_to_the_group(self):
        self.start(*QUICK)
        for number in STOPPING:
            with self.subTest(number=number):
                self.sandbox.forget()
                jit = self.running("sh", "-c", "echo ready; exec sleep 1000")
                jit.read_line()
                os.killpg(jit.pid, number)
                self.assertEqual(jit.finish().code, 128 + number)
                self.assert_ended()

    @case("running", "SIGKILL to jit", "COMMAND goes on, and access lasts until its minutes are over")
    def test_killed(self):
        self.start(*QUICK)
        jit, child = self.listener()
        jit.send_signal(signal.SIGKILL)
        jit._process.wait()
        self.assertNotIn(state_of(child), ("", "Z"))
        self.assertEqual(self.counts(), {"activate": 1})
        self.assertEqual([activation["status"] for activation in self.sandbox.activations()], ["PROVISIONED"])


class WhileEnding(RunTest):
    SPEED = 10
    """The practice tenant is stopped, so that the end takes as long as the test wants."""

    def ending(self, *options):
        jit = self.running(sys.executable, "-c", LISTENER, options=options)
        child = int(jit.read_line())
        os.kill(self.sandbox.pid, signal.SIGSTOP)
        self.addCleanup(os.kill, self.sandbox.pid, signal.SIGCONT)
        self.end_input(jit)
        until(lambda: state_of(child) == "")
        # Once it waits for the answer, and nothing else is left to do, it sleeps in poll.
        until(lambda: state_of(jit.pid) == "S" and not self.handles_children(jit.pid))
        return jit

    @staticmethod
    def handles_children(pid):
        """Whether jit still has the signals as while its command runs."""
        with open(f"/proc/{pid}/status", encoding="ascii") as file:
            caught = next(line for line in file if line.startswith("SigCgt"))
        return bool(int(caught.split()[1], 16) & 1 << signal.SIGCHLD - 1)

    @case("ending", "any one signal", "access is still ended; COMMAND's code")
    def test_one_signal(self):
        self.start(*QUICK)
        for number in STOPPING:
            with self.subTest(number=number):
                self.sandbox.forget()
                jit = self.ending()
                jit.send_signal(number)
                os.kill(self.sandbox.pid, signal.SIGCONT)
                self.assertEqual(jit.finish().code, 5)
                self.assert_ended()

    @case("ending", "a second Ctrl-C, or SIGINT a moment after the first", "jit gives up, and says how to end it; code 125")
    def test_two_signals(self):
        self.start(*QUICK)
        jit = self.ending("--end-timeout", "1h")

        def ask_again():
            jit.send_signal(signal.SIGINT)  # at one time, they count once
            return state_of(jit.pid) in ("", "Z")
        until(ask_again)
        run = jit.finish()
        self.assertEqual(run.code, 125)
        self.assertRegex(run.stderr, r"\Ajit: ACCESS TO Prod DB Admin WAS NOT ENDED: given up: .* has ended with code 5\) "
                                     rf"\(code 130, interrupted\)\n     end it yourself: jit deactivate -e {CONNECTION}\n"
                                     r"     it ends by itself at .*, in (29|30) min( \d+ s)?\n\Z")


if __name__ == "__main__":
    unittest.main()
