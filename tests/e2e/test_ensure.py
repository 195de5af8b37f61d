"""jit ensure: have it, whatever the state, with the fewest requests; twice in a row, the second sends no POST."""

import datetime
import json
import signal
import unittest

from support import CONNECTION, Jit, Sandbox, Test, parse_time, run_jit
from test_wait import FAILS, FOR_EVER, FRICTIONS, QUICK, WaitTest

ENSURE = ("ensure", "-e", "Prod DB Admin", "-m", "60", "-o", "json")


class EnsureTest(WaitTest):
    def ensure(self, *words):
        return self.done(*ENSURE, *words).json()

    def posts(self):
        return [word for word in self.sandbox.requested() if word in ("activate", "extend", "deactivate")]


class States(EnsureTest):
    def test_not_active(self):
        self.start("--provision-delay", "1.2", "--rate-limit", "0")
        answer = self.ensure()
        self.assertEqual((answer["action"], answer["status"], answer["activationPeriodMins"]),
                         ("activate", "PROVISIONED", 60))
        self.assertEqual(self.status(), ["PROVISIONED"])  # it has waited
        self.sandbox.forget()
        again = self.ensure()
        self.assertEqual((again["action"], again["status"], again["connectionId"]), ("none", "PROVISIONED", CONNECTION))
        self.assertEqual(again["expiresAt"], answer["expiresAt"])
        self.assertEqual(set(self.sandbox.requested()), {"connections"})

    def test_by_id(self):
        self.start(*QUICK)
        for action in ("activate", "none"):
            run = self.done("ensure", CONNECTION, "-m", "60", "-o", "json")
            self.assertEqual(run.json()["action"], action)
        self.assertEqual(self.posts(), ["activate"])
        self.assert_failed(self.jit("ensure", "00000000-0000-4000-8000-000000000000", "-m", "60"), 5,
                           "none of your JIT connections has the ID")

    def test_active_with_less_than_must_remain(self):
        self.start(*QUICK)
        self.done("activate", CONNECTION, "-m", "20")
        self.assertEqual(self.ensure("--min-remaining", "15")["action"], "none")
        answer = self.ensure("--min-remaining", "30")
        self.assertEqual((answer["action"], answer["status"]), ("extend", "PROVISIONED"))
        self.assertIn(answer["activationPeriodExtensionMins"], (40, 41))
        [activation] = self.sandbox.activations()
        left = parse_time(activation["expiration"]) - datetime.datetime.now(datetime.timezone.utc)
        self.assertLess(abs(left - datetime.timedelta(minutes=60)), datetime.timedelta(minutes=2))
        self.assertEqual(parse_time(answer["expiresAt"]), parse_time(activation["expiration"]))
        self.assertEqual(self.ensure("--min-remaining", "30")["action"], "none")
        self.assertEqual(self.posts(), ["activate", "extend"])

    def test_on_its_way(self):
        self.start("--provision-delay", "1.5", "--rate-limit", "0")
        self.done("activate", CONNECTION, "-m", "60")
        answer = self.ensure()
        self.assertEqual((answer["action"], answer["status"]), ("none", "PROVISIONED"))
        self.assertEqual(self.status(), ["PROVISIONED"])

    def test_on_its_way_for_too_short(self):
        self.start("--provision-delay", "1.5", "--rate-limit", "0")
        self.done("activate", CONNECTION, "-m", "10")
        answer = self.ensure("--min-remaining", "30")
        self.assertEqual((answer["action"], answer["status"]), ("extend", "PROVISIONED"))
        self.assertEqual(self.posts(), ["activate", "extend"])

    def test_waiting_for_the_person(self):
        self.start(*QUICK)
        self.done("activate", FRICTIONS, "-m", "60")
        with self.waiting("ensure", "Payroll Approver", "-m", "60", "-o", "json", "-v") as jit:
            jit.wait_for_message("Payroll Approver is waiting for you")
            self.sandbox.ask("POST", f"/sandbox/activations/{FRICTIONS}/frictions")
            run = jit.finish()
        self.assertEqual((run.code, run.json()["action"], run.json()["status"]), (0, "none", "PROVISIONED"))
        self.assertEqual(self.posts(), ["activate"])

    def test_being_taken_away(self):
        self.start("--provision-delay", "1.5", "--rate-limit", "0")
        self.ensure()
        self.done("deactivate", CONNECTION)
        answer = self.ensure()
        self.assertEqual((answer["action"], answer["status"]), ("activate", "PROVISIONED"))
        self.assertEqual(self.posts(), ["activate", "deactivate", "activate"])
        self.assertEqual(self.status(), ["COMPLETED", "PROVISIONED"])

    def test_it_cannot_be_had(self):
        self.start(*QUICK)
        run = self.jit("ensure", FAILS, "-m", "60", "-o", "json")
        self.assertEqual((run.code, run.json()["status"], run.json()["action"]), (11, "ERROR", "activate"))
        self.assertIn("has ended in ERROR: Upstream provisioning failed after 3 retries (503)", run.stderr)
        self.assertEqual(self.posts(), ["activate"])

    def test_several(self):
        self.start(*QUICK)
        self.done("activate", CONNECTION, "-m", "60")
        rows = self.done("ensure", "Prod DB Admin", "Cafe-Ops", "-m", "60", "-o", "json").json()
        self.assertEqual([(row["action"], row["ok"]) for row in rows], [("none", True), ("activate", True)])
        self.assertEqual(self.posts(), ["activate"] * 2)

    def test_a_dry_run(self):
        self.start(*FOR_EVER)
        planned = self.jit(*ENSURE, "--dry-run").json()
        self.assertEqual(planned["body"], {"connectionId": CONNECTION, "activationPeriodMins": 60})
        self.assertEqual(self.posts(), [])
        self.done("activate", CONNECTION, "-m", "60")
        on_its_way = self.jit(*ENSURE, "--dry-run").json()  # would be waited for
        self.assertNotIn("body", on_its_way)
        self.assertEqual(self.posts(), ["activate"])

    def test_more_than_the_policy_allows(self):
        self.start(*QUICK, "--max-minutes", "60")
        self.done("activate", CONNECTION, "-m", "30")
        self.assert_failed(self.jit("ensure", CONNECTION, "-m", "120", "--min-remaining", "60"), 5, "HTTP 400")
        self.assertEqual(self.posts(), ["activate", "extend"])

    def test_usage(self):
        self.start(*QUICK)
        for words in (["--min-remaining", "61"], ["--min-remaining", "-1"], ["-d", "5m"]):
            self.assertEqual(self.jit(*ENSURE, *words).code, 2)
        self.assertEqual(self.posts(), [])

    def test_stopped(self):
        self.start(*QUICK)
        with self.waiting("ensure", FRICTIONS, "-m", "60", "-o", "json", "-v") as jit:
            jit.wait_for_message("is waiting for you")
            jit.send_signal(signal.SIGTERM)
            run = jit.finish()
        self.assertEqual((run.code, run.json()["status"]), (143, "AWAITING_FRICTIONS"))
        self.assertIn("activate of Payroll Approver was accepted, and then interrupted", run.stderr)


class WithListsThatLag(EnsureTest):
    options = (*QUICK, "--list-lag", "3")

    def test_after_activate(self):
        self.start(*self.options)
        self.done("activate", CONNECTION, "-m", "60")
        self.assertEqual(self.ensure()["action"], "none")
        self.assertEqual(self.posts(), ["activate"])

    def test_twice_in_a_row(self):
        self.start(*self.options)
        self.assertEqual([self.ensure()["action"], self.ensure()["action"]], ["activate", "none"])
        self.assertEqual(self.posts(), ["activate"])

    def test_after_extend(self):
        self.start(*self.options)
        self.done("activate", CONNECTION, "-m", "20", "--wait")
        self.done("extend", "Prod DB Admin", "-m", "60")
        self.assertEqual(self.ensure("--min-remaining", "50")["action"], "none")
        self.assertEqual(self.posts(), ["activate", "extend"])

    def test_after_extend_by_ensure(self):
        self.start(*self.options)
        self.done("activate", CONNECTION, "-m", "20", "--wait")
        self.assertEqual(self.ensure("--min-remaining", "50")["action"], "extend")
        self.assertEqual(self.ensure("--min-remaining", "50")["action"], "none")
        self.assertEqual(self.posts(), ["activate", "extend"])

    def test_after_deactivate(self):
        self.start(*self.options)
        self.done("activate", CONNECTION, "-m", "60", "--wait")
        self.done("deactivate", CONNECTION)
        self.assertEqual(self.ensure()["action"], "activate")
        self.assertEqual(self.status(), ["COMPLETED", "PROVISIONED"])

    def elsewhere(self, *words):
        """The same person on another machine: it keeps nothing that this one sees."""
        self.assert_done(run_jit(*words, env={**self.env, **self.own_home()}))

    def test_started_elsewhere(self):
        self.start(*self.options)
        self.elsewhere("activate", CONNECTION, "-m", "60")
        answer = self.ensure()
        self.assertEqual((answer["status"], self.status()), ("PROVISIONED", ["PROVISIONED"]))
        self.assertEqual(self.sandbox.applied(), {CONNECTION: {"activate": 1}})

    def test_ended_elsewhere(self):
        self.start(*self.options)
        self.done("activate", CONNECTION, "-m", "20", "--wait")
        self.elsewhere("deactivate", CONNECTION)
        answer = self.ensure("--min-remaining", "30")  # an extend is refused: it has ended
        self.assertEqual((answer["action"], self.status()), ("activate", ["COMPLETED", "PROVISIONED"]))


if __name__ == "__main__":
    unittest.main()
