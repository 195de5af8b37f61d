"""The state of access is read in whatever shape the service writes it: the API leaves much of it open."""

import unittest
from concurrent.futures import ThreadPoolExecutor

from support import COMMANDS, CONNECTION, Jit, Sandbox, Test, certificates, operation, run_jit

NAME = "Prod DB Admin"
SHAPES = {  # and whether the list tells when access ends
    "full": True, "null": False, "empty": False, "expiration": True, "no-zone": False, "epoch": True,
    "provision": True, "flat": True, "skewed": True, "in-use": False, "available": True,
}


class Shapes(Test):
    def done(self, *words):
        run = run_jit(*words, env=self.env)
        self.assert_done(run)
        return run

    def access(self):
        entry = next(entry for entry in self.done("list", "-o", "json").json()
                     if entry["entitlement"]["displayName"] == NAME)
        return entry["access"], "expiresAt" in entry

    def applied(self, **operations):
        self.assertEqual(self.sandbox.applied(), {CONNECTION: operations})

    def test_every_command_goes_by_it(self):
        for shape, tells_end in SHAPES.items():
            with self.subTest(shape=shape):
                # Without the history, the list of connections is all that --wait can look at.
                with Sandbox("--shape", shape, "--provision-delay", "0", "--rate-limit", "0",
                             "--without-feature", "history", speed=10) as self.sandbox:
                    self.env = {**self.sandbox.token_env(), **self.own_home()}
                    self.assertEqual(self.access(), ("available", False))
                    self.done("activate", NAME, "-m", "60", "--wait", "--wait-timeout", "30s")
                    self.assertEqual(self.access(), ("active", tells_end))
                    self.done("status", NAME)
                    self.assertEqual(self.done("ensure", NAME, "-m", "60", "-o", "json").json()["action"], "none")
                    self.done("run", "-e", NAME, "-m", "60", "--", "true")
                    self.applied(activate=1)
                    ended = self.done("deactivate", "--all", "--wait", "--wait-timeout", "30s", "-o", "json").json()
                    self.assertEqual([end["ok"] for end in ended], [True])
                    self.applied(activate=1, deactivate=1)
                    self.assertEqual(self.access(), ("available", False))
                    self.assertEqual(run_jit("status", env=self.env).code, 5)
                    self.done("run", "-e", NAME, "-m", "60", "--", "true")
                    self.applied(activate=2, deactivate=2)

    def test_a_lost_answer_is_never_lied_about(self):
        """In each shape what became of an activate and a deactivate is found out; of an extend nobody knows the end before."""
        faults = {"carried out": "@1:apply-reset", "not carried out": "@1:reset"}
        refusals = {"": (), "then refused": ("@2+:404/html",)}
        cases = [(shape, command, fate, later) for shape in SHAPES for command in COMMANDS for fate in faults
                 for later in (refusals if command != "extend" else ("",))]

        certificates()  # made once, before several ask for them

        def meet(case):
            shape, command, fate, later = case
            with Sandbox("--shape", shape, "--provision-delay", "0", "--rate-limit", "0", "--without-feature",
                         "history", speed=40) as sandbox:
                env = {**sandbox.token_env(), **self.own_home()}
                if command != "activate":
                    self.assert_done(run_jit(*operation("activate"), "--no-cache", env=env))
                sandbox.set_faults(*(command + rule for rule in (faults[fate], *refusals[later])))
                with Jit(*operation(command), "--timeout", "600", env=env) as jit:
                    run = jit.finish(patience=120)
                return run, sandbox.applied().get(CONNECTION, {}).get(command, 0)

        with ThreadPoolExecutor(8) as threads:
            for case, (run, count) in zip(cases, threads.map(meet, cases)):
                _, command, fate, later = case
                known = command != "extend" and (fate == "carried out" or not later)
                with self.subTest(case):
                    self.assertEqual((run.code, count), (0 if known else 9, int(known or fate == "carried out")), run)
                    self.assertEqual("may or may not have been carried out" in run.stderr, not known, run)

    def test_a_shape_that_there_is_not(self):
        with self.assertRaisesRegex(AssertionError, "--shape takes full, null, .*; not \"round\""):
            Sandbox("--shape", "round")


if __name__ == "__main__":
    unittest.main()
