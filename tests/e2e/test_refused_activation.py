"""An activation that is refused, or accepted and then not to be seen: what is said of the state, and what to do."""

import json
import unittest

from support import CONNECTION
from test_wait import FOR_EVER, QUICK, WaitTest

NAME = "Prod DB Admin"
FRICTIONS = "Payroll Approver"


class RefusedTest(WaitTest):
    def refused(self, *words, code=5):
        run = self.jit(*words)
        self.assertEqual(run.code, code, run)
        return run.stderr


class WhatIsThere(RefusedTest):
    def test_active(self):
        self.start(*QUICK)
        self.done("activate", CONNECTION, "-m", "60")
        self.assertEqual(self.sandbox.requested(), ["activate"])  # nothing was refused, so nothing is looked at
        said = self.refused("activate", NAME, "-m", "30", "--utc")
        self.assertRegex(said, r"it is active until \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC, in (1 h|60 min|59 min)")
        self.assertIn('for more time: jit extend -e "Prod DB Admin" -m 30', said)
        self.assertIn("HTTP 400", said)
        # The advice is good.
        self.done("extend", "-e", NAME, "-m", "30")
        self.assertIn(f"jit extend -e {CONNECTION} -m 5", self.refused("activate", CONNECTION, "-m", "5"))

    def test_on_its_way(self):
        self.start(*FOR_EVER)
        self.done("activate", NAME, "-m", "60")
        said = self.refused("activate", NAME, "-m", "60")
        self.assertIn("it is starting", said)
        self.assertIn('jit ensure -e "Prod DB Admin" -m 60 waits until it is usable', said)

    def test_being_taken_away(self):
        self.start(*FOR_EVER)
        self.done("activate", NAME, "-m", "60")
        self.done("deactivate", NAME)
        said = self.refused("activate", NAME, "-m", "60")
        self.assertIn("earlier access is still ending", said)
        self.assertIn("try again when that is done", said)
        self.assertIn('jit activate -e "Prod DB Admin" -m 60 --wait', said)
        said = self.refused("activate", NAME, "-m", "60", "--wait", "--wait-timeout", "1s", code=12)
        self.assertIn("after 1 s it was still ending", said)
        self.assertEqual(self.sandbox.applied()[CONNECTION], {"activate": 1, "deactivate": 1})
        said = self.refused("status")
        self.assertIn("nothing is active; access is ending", said)
        self.assertNotIn("yet", said)
        self.assertIn("not active: Prod DB Admin (ending)", self.refused("status", NAME))

    def test_waits_for_the_end_and_activates(self):
        self.start("--provision-delay", "3", "--rate-limit", "0")
        for list_of in ("activate", "deactivate"):
            words = ("-m", "60", "--wait") if list_of == "activate" else ()
            self.done(list_of, NAME, *words)
        self.assertEqual(self.done("activate", NAME, "-m", "60", "--wait", "-o", "json").json()["status"],
                         "PROVISIONED")
        self.assertEqual(self.sandbox.applied()[CONNECTION], {"activate": 2, "deactivate": 1})

    def test_nothing_is_told_where_nothing_can_be_read(self):
        self.start(*QUICK, "--fault", "connections:403", "--fault", "history:403")
        self.done("activate", CONNECTION, "-m", "60")
        said = self.refused("activate", CONNECTION, "-m", "60")
        self.assertIn("HTTP 400", said)
        self.assertNotIn("it is active until", said)


class Frictions(RefusedTest):
    MISSING = "SailPoint asks for TICKET (PENDING), JUSTIFICATION (PENDING) first"

    def test_the_steps_and_where(self):
        self.start(*QUICK)
        with open(f"{self.env['HOME']}/jit.yaml", "w", encoding="utf-8") as file:
            file.write(f"environments: {{default: {{baseurl: {self.sandbox.url}, "
                       "tenanturl: https://acme.identitynow.com}}\n")
        self.env["JIT_CONFIG"] = f"{self.env['HOME']}/jit.yaml"
        table = self.done("activate", FRICTIONS, "-m", "60").stdout
        self.assertNotIn(", in ", table)  # its period has not begun
        said = self.refused("activate", FRICTIONS, "-m", "60")
        for part in ("Payroll Approver is waiting for you: ", " first: https://acme.identitynow.com", self.MISSING, 'jit ensure -e "Payroll Approver" -m 60'):
            self.assertIn(part, said)
        self.assertIn("waiting for you", self.jit("status").stdout)

    def test_while_they_are_waited_for(self):
        for words in ((), ("--without-feature", "connections")):
            self.start(*QUICK, *words)
            said = self.refused("activate", "c0ffee00-0000-4000-8000-000000000014", "-m", "60", "--wait",
                                "--wait-timeout", "2s", code=12)
            self.assertIn(self.MISSING, said)
            self.assertRegex(said, r"jit waits until \d{4}-\d\d-\d\d \d\d:\d\d:\d\d")


class NotToBeSeen(RefusedTest):
    def test_what_was_accepted_is_not_forbidden(self):
        unreadable = "was accepted, but its state cannot be read: "
        self.start(*QUICK)
        self.done("ensure", NAME, "-m", "60")
        paths = [request["path"] for request in self.sandbox.journal()["requests"]]
        before = paths.index("/jit-activations/v1/activate")  # pages of the list
        self.sandbox.reset()
        self.sandbox.set_faults("history:403", f"connections@{before + 1}+:403")
        self.env.update(self.own_home())
        run = self.jit("ensure", NAME, "-m", "60", "-o", "json")
        self.assertEqual((run.code, run.json()["status"]), (12, "CREATING"))
        self.assertIn(unreadable, run.stderr)
        self.sandbox.reset()
        self.env.update(self.own_home())  # where nothing is known of what was done before
        said = self.refused("run", "-e", NAME, "-m", "60", "--", "true", code=125)
        self.assertIn(unreadable, said)
        self.assertIn("code 12", said)
        self.sandbox.set_faults("history:403", "connections:403")
        run = self.jit("activate", CONNECTION, "-m", "60", "--wait", "-o", "json")
        self.assertEqual((run.code, run.json()["connectionId"]), (12, CONNECTION))
        error = json.loads(run.stderr)["error"]
        self.assertEqual((error["code"], error["kind"]), (12, "wait_timeout"))
        self.assertIn(unreadable, error["message"])

    def test_what_works_without_the_lists(self):
        self.start(*QUICK, "--fault", "history:403", "--fault", "connections:403")
        for words in (("ensure", CONNECTION, "-m", "60"), ("status", CONNECTION), ("status",),
                      ("ensure", NAME, "-m", "60")):
            with self.subTest(words=words):
                said = self.refused(*words, code=4)
                self.assertNotIn("needs no list", said)
                self.assertIn("by connection ID, activate, extend and deactivate work without it", said)
        self.assertIn("by connection ID, activate, extend and deactivate work without it",
                      self.refused("run", "-e", CONNECTION, "-m", "60", "--", "true", code=125))
        self.assertEqual(self.sandbox.applied(), {})
        self.done("activate", "-e", CONNECTION, "-m", "60")
        self.done("extend", "-e", CONNECTION, "-m", "5")
        self.done("deactivate", "-e", CONNECTION)


if __name__ == "__main__":
    unittest.main()
