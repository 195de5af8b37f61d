"""The clock of the day is wrong, or is set while jit waits: nothing takes longer or shorter for it."""

import time
import unittest

from running import QUICK, RunTest, case, until
from support import CONNECTION, Jit, SteppedClock, fake_time, run_jit

FOR_EVER = ("--provision-delay", "86400", "--rate-limit", "0")
STEPS = ("+1h", "-1h")


class Steps(RunTest):
    def begin_anew(self):
        """Nobody knows of the run before."""
        self.sandbox.reset()
        self.sandbox.forget()
        self.env.update(self.own_home())

    def wait_while_set(self, step, *words):
        """How a run ends whose clock is set while it waits."""
        self.begin_anew()
        with SteppedClock() as clock, Jit(*words, env={**self.env, **clock.env}) as jit:
            until(lambda: "history" in self.sandbox.requested())
            clock.set(step)
            return jit.finish()

    def test_wait(self):
        self.start(*FOR_EVER)
        for step in STEPS:
            with self.subTest(step=step):
                began = time.monotonic()
                run = self.wait_while_set(step, "activate", CONNECTION, "-m", "30", "--wait", "--wait-timeout", "2s")
                self.assertEqual(run.code, 12, run)
                self.assertGreaterEqual(time.monotonic() - began, 2)

    def test_wait_for_what_comes(self):
        self.start("--provision-delay", "2", "--rate-limit", "0")
        for step in STEPS:
            with self.subTest(step=step):
                run = self.wait_while_set(step, "activate", CONNECTION, "-m", "30", "--wait")
                self.assertEqual(run.code, 0, run)

    @case("ending", "the clock is set, ahead or back", "access is still ended; COMMAND's code")
    def test_release(self):
        self.start(*QUICK)
        for step in STEPS:
            with self.subTest(step=step), SteppedClock() as clock:
                self.begin_anew()
                self.sandbox.set_faults("deactivate@1-2:400")
                jit = self.running("echo", "run", more=clock.env)
                until(lambda: "deactivate" in self.sandbox.requested())
                clock.set(step)
                run = jit.finish()
                self.assertEqual((run.code, run.stdout), (0, "run\n"), run)
                self.assert_ended()

    @case("running", "the clock is set, ahead or back", "COMMAND goes on with its access, which is ended afterwards")
    def test_running(self):
        self.start(*QUICK)
        for step in STEPS:
            with self.subTest(step=step), SteppedClock() as clock:
                self.begin_anew()
                jit, _ = self.listener(more=clock.env, options=("--on-expiry", "terminate"))
                clock.set(step)
                jit.send_signal(28)  # SIGWINCH: jit looks around
                self.assertEqual(jit.read_line(), "SIGWINCH\n")
                self.end_input(jit)
                run = jit.finish()
                self.assertEqual(run.code, 5, run)
                self.assertNotIn("has ended", run.stderr)
                self.assert_ended()

    def test_fast_clocks(self):
        """A minute of patience takes a second."""
        self.start(*FOR_EVER)
        began = time.monotonic()
        run = run_jit("activate", CONNECTION, "-m", "30", "--wait", "--wait-timeout", "60s",
                      env={**self.env, **fake_time(speed=60)})
        self.assertEqual(run.code, 12, run)
        self.assertLess(time.monotonic() - began, 30)


if __name__ == "__main__":
    unittest.main()
