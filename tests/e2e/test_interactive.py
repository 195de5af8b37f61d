"""Nothing is named: on a terminal, a numbered choice of what fits the command; elsewhere, a usage error."""

import re
import subprocess
import unittest

from support import CONNECTION, Jit, Sandbox, Test, run_jit
from terminal import Terminal, cells, screen

CAFE = "c0ffee00-0000-4000-8000-000000000010"
FRICTIONS = "c0ffee00-0000-4000-8000-000000000014"


class Choice(Test):
    @classmethod
    def setUpClass(cls):
        cls.sandbox = cls.enterClassContext(Sandbox("--provision-delay", "0", "--rate-limit", "0"))
        cls.token = cls.sandbox.token_env()

    def setUp(self):
        self.env = {**self.token, **self.own_home(), "TERM": "xterm"}
        self.sandbox.forget()

    def tearDown(self):
        for connection in (CONNECTION, CAFE, FRICTIONS):
            run_jit("deactivate", connection, env=self.env)

    def asked(self, terminal, *words, **streams):
        return Jit(*words, env=self.env, coloured=True, **{"stdin": terminal.end, "stderr": terminal.end, **streams},
                   **terminal.controls)

    def start(self, *connections):
        for connection in connections:
            self.assert_done(run_jit("activate", connection, "-m", "60", env=self.env))
        self.sandbox.forget()

    def chosen(self, words, *keys, **how):
        """Presses the keys, each at a question of its own; the run, and what stands on the terminal."""
        with Terminal(100, 40) as terminal, self.asked(terminal, *words, "-o", "json", **how) as jit:
            for number, key in enumerate(keys, 1):
                terminal.wait_for(re.compile(r"\? \[1-\d+\] "), number)
                terminal.press(key)
            run = jit.finish()
            return run, screen(terminal.read())

    def test_it_shows_what_fits_and_takes_the_one_chosen(self):
        self.start(CONNECTION, CAFE)
        run, shown = self.chosen(["activate", "-m", "5"], "2\r")
        self.assertEqual((run.code, run.json()["entitlement"]), (0, "Backup Operator"))
        self.assertNotIn("Prod DB Admin", shown)
        self.assertLessEqual(max(map(cells, shown.splitlines())), 100)
        self.assert_golden("choice-100-columns", shown)
        self.assertEqual(self.sandbox.requested(), ["connections", "activate"])
        self.assert_done(run_jit("deactivate", run.json()["connectionId"], env=self.env))

    def test_each_command_offers_what_it_can_do(self):
        self.start(CONNECTION, FRICTIONS)
        offers = {("extend", "-m", "5"): ["Prod DB Admin"], ("deactivate",): ["Payroll Approver", "Prod DB Admin"]}
        for words, expected in offers.items():
            with self.subTest(words=words):
                run, shown = self.chosen(list(words), "1\r")
                self.assertEqual((run.code, run.json()["entitlement"]), (0, expected[0]))
                rows = re.findall(r"^\d+ +(.+?)  ", shown, re.M)
                self.assertEqual(rows, expected)
                self.assertIn(f"Which one to {words[0]}? [1-{len(expected)}] 1\n", shown)

    def test_nothing_that_fits(self):
        with Terminal(100) as terminal, self.asked(terminal, "extend", "-m", "5") as jit:
            run = jit.finish()
            shown = screen(terminal.read())
        self.assertEqual(run.code, 5)
        self.assertIn("there is nothing to extend; nothing was sent", shown)

    def test_a_wrong_number_is_asked_for_again(self):
        run, shown = self.chosen(["activate", "-m", "5"], "0\r", "99\r", "prod\r", "-1\r", "1.5\r", " 8 \r")
        self.assertEqual((run.code, run.json()["entitlement"]), (0, "Prod DB Admin"))
        self.assertEqual(shown.count("Which one to activate?"), 6)

    def test_no_choice(self):
        for keys in ("\r", "   \r", "\x04"):
            with self.subTest(keys=keys):
                run, shown = self.chosen(["activate", "-m", "5"], keys)
                self.assertEqual((run.code, run.stdout), (2, ""))
                self.assertRegex(shown, "nothing was chosen; nothing was sent|the input has ended without an answer")
        run, shown = self.chosen(["activate", "-m", "5"], "\x03")
        self.assertEqual((run.code, run.stdout), (130, ""))
        self.assertEqual(set(self.sandbox.requested()), {"connections"})

    def test_nobody_to_ask(self):
        with Terminal(100) as terminal, self.asked(terminal, "activate", "-m", "5", "--non-interactive") as jit:
            self.assertEqual(jit.finish().code, 2)
            self.assertIn("no entitlement is given", screen(terminal.read()))
        with Terminal(100) as terminal, self.asked(terminal, "activate", "-m", "5", stderr=subprocess.PIPE) as jit:
            self.assert_failed(jit.finish(), 2, "no entitlement is given")
        for command in ("activate", "extend", "ensure"):
            self.assert_failed(run_jit(command, "-m", "5", env=self.env), 2, "no entitlement is given",
                               hint="jit list shows what there is")
        self.assertEqual(self.sandbox.requested(), [])


if __name__ == "__main__":
    unittest.main()
