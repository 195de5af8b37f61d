"""Nothing is named: on a terminal, a choice of what fits the command; elsewhere, a usage error."""

import pathlib
import re
import subprocess
import termios
import unittest

from support import CONNECTION, Jit, Sandbox, Test, run_jit
from terminal import Terminal, cells, screen

CAFE = "c0ffee00-0000-4000-8000-000000000010"
FRICTIONS = "c0ffee00-0000-4000-8000-000000000014"
DOWN, UP = "\x1b[B", "\x1b[A"


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

    def chosen(self, words, *keys, waits=None, rows=40, **how):
        """Presses the keys, each as soon as what `waits` has for it stands on the terminal; the run, and what
        is left on the terminal."""
        with Terminal(100, rows) as terminal, self.asked(terminal, *words, "-o", "json", **how) as jit:
            for number, key in enumerate(keys, 1):
                terminal.wait_for((waits or {}).get(key, re.compile(r"Which to \w+\?")))
                terminal.press(key)
            run = jit.finish()
            return run, screen(terminal.read())

    def numbers(self, words, *keys):
        """The same on a terminal that cannot be drawn on, each key at a question of its own."""
        env = {**self.env, "TERM": "dumb"}
        with Terminal(100, 40) as terminal, Jit(*words, "-o", "json", env=env, coloured=True, stdin=terminal.end,
                                                stderr=terminal.end, **terminal.controls) as jit:
            for number, key in enumerate(keys, 1):
                terminal.wait_for(re.compile(r"several: 1 3\] "), number)
                terminal.press(key)
            run = jit.finish()
            return run, screen(terminal.read())

    def test_a_row_is_chosen_by_moving_to_it(self):
        run, shown = self.chosen(["activate", "-m", "5"], f"{DOWN}{DOWN}\r")
        self.assertEqual((run.code, run.json()["entitlement"]), (0, "Backup Operator"))
        self.assertEqual(shown, "Which to activate? Backup Operator\n")
        self.assertEqual(self.sandbox.requested(), ["connections", "activate"])
        self.assert_done(run_jit("deactivate", run.json()["connectionId"], env=self.env))

    def test_what_is_typed_narrows_and_chooses_nothing(self):
        waits = {"\r": "1 of 13", f"{DOWN}\r": "nothing is chosen yet"}
        run, shown = self.chosen(["activate", "-m", "5"], "prod db admi", "\r", f"{DOWN}\r", waits=waits)
        self.assertEqual((run.code, run.json()["entitlement"]), (0, "Prod DB Admin"))
        self.assertEqual(shown, "Which to activate? Prod DB Admin\n")

    def test_several_are_marked_whatever_the_filter_shows(self):
        run, shown = self.chosen(["activate", "-m", "5"], f"prod db{DOWN}\t", "\x15caf\u00e9\x7f\u00e9", f"{DOWN}\t\r",
                                 waits={f"{DOWN}\t\r": "1 of 13, 1 marked"})
        self.assertEqual([one["entitlement"] for one in run.json()], ["Cafe\u0301 Ops", "Prod DB Admin"])
        self.assertEqual(shown, "Which to activate? Cafe\u0301 Ops, Prod DB Admin\n")

    def test_the_rows_roll_on_a_small_screen(self):
        down = DOWN * 7 + UP + UP
        run, shown = self.chosen(["activate", "-m", "5"], down, "\r", waits={"\r": "> [ ] Domain Admins"}, rows=8)
        self.assertEqual((run.code, run.json()["entitlement"]), (0, "Domain Admins"))
        self.assert_done(run_jit("deactivate", run.json()["connectionId"], env=self.env))

    def test_it_asks_how_long(self):
        home = {**self.env, "XDG_CONFIG_HOME": self.env["HOME"] + "/conf"}
        file = pathlib.Path(home["XDG_CONFIG_HOME"], "jit", "config.yaml")
        file.parent.mkdir(parents=True)
        file.write_text("defaults:\n  minutes: 45\naliases:\n  db:\n    entitlement: Prod DB Admin\n    minutes: 90\n")
        file.chmod(0o600)
        question = "How many minutes? [45: the default, 90: alias db] "
        for answer, minutes in (("\r", 45), ("1h30m\r", 90), ("20\r", 20)):
            with self.subTest(answer=answer):
                with Terminal(100, 40) as terminal, Jit("activate", "-o", "json", env=home, coloured=True,
                                                        stdin=terminal.end, stderr=terminal.end,
                                                        **terminal.controls) as jit:
                    terminal.wait_for("Which to activate?")
                    terminal.press(f"prod db{DOWN}\r")
                    terminal.wait_for(question)
                    terminal.press(answer)
                    run = jit.finish()
                    self.assertEqual((run.code, run.json()["activationPeriodMins"]), (0, minutes))
                    terminal.read()
                self.assert_done(run_jit("deactivate", CONNECTION, env=self.env))

    def test_it_asks_how_long_where_the_entitlement_is_named(self):
        with Terminal(100) as terminal, self.asked(terminal, "activate", CONNECTION, "-o", "json") as jit:
            terminal.wait_for("How many minutes? ")
            terminal.press("soon\r")
            terminal.wait_for("write 60, 60m or 1h30m")
            terminal.press("30\r")
            run = jit.finish()
            terminal.read()
        self.assertEqual((run.code, run.json()["activationPeriodMins"]), (0, 30))

    def test_numbers_where_the_terminal_cannot_be_drawn_on(self):
        self.start(CONNECTION, CAFE)
        run, shown = self.numbers(["activate", "-m", "5"], "2\r")
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
                run, shown = self.numbers(list(words), "1\r")
                self.assertEqual((run.code, run.json()["entitlement"]), (0, expected[0]))
                rows = re.findall(r"^\d+ +(.+?)  ", shown, re.M)
                self.assertEqual(rows, expected)
                self.assertIn(f"Which to {words[0]}? [1-{len(expected)}; several: 1 3] 1\n", shown)

    def test_several_numbers(self):
        self.start(CONNECTION, CAFE)
        run, _ = self.numbers(["deactivate"], "2, 1\r")
        self.assertEqual([one["entitlement"] for one in run.json()], ["Cafe\u0301 Ops", "Prod DB Admin"])

    def test_nothing_that_fits(self):
        with Terminal(100) as terminal, self.asked(terminal, "extend", "-m", "5") as jit:
            run = jit.finish()
            shown = screen(terminal.read())
        self.assertEqual(run.code, 5)
        self.assertIn("there is nothing to extend; nothing was sent", shown)

    def test_a_wrong_number_is_asked_for_again(self):
        run, shown = self.numbers(["activate", "-m", "5"], "0\r", "99\r", "prod\r", "-1\r", "1.5\r", "1 99\r", " 8 \r")
        self.assertEqual((run.code, run.json()["entitlement"]), (0, "Prod DB Admin"))
        self.assertEqual(shown.count("Which to activate?"), 7)

    def test_no_choice(self):
        for keys in ("\r", "   \r", "\x04"):
            with self.subTest(keys=keys):
                run, shown = self.numbers(["activate", "-m", "5"], keys)
                self.assertEqual((run.code, run.stdout), (2, ""))
                self.assertRegex(shown, "nothing was chosen; nothing was sent|the input has ended without an answer")
        for keys in ("\x1b", "\x04", f"{DOWN}\x1b"):
            with self.subTest(keys=keys):
                run, shown = self.chosen(["activate", "-m", "5"], keys)
                self.assertEqual((run.code, run.stdout), (2, ""))
                self.assertIn("nothing was chosen; nothing was sent", shown)
        for way in (self.numbers, self.chosen):
            run, shown = way(["activate", "-m", "5"], "\x03")
            self.assertEqual((run.code, run.stdout), (130, ""))
        self.assertEqual(set(self.sandbox.requested()), {"connections"})

    def test_the_terminal_is_as_before(self):
        for keys in (f"{DOWN}\r", "\x1b", "\x03"):
            with self.subTest(keys=keys), Terminal(100) as terminal:
                before = termios.tcgetattr(terminal.end)
                with self.asked(terminal, "activate", "-m", "5", "--dry-run") as jit:
                    terminal.wait_for("Which to activate?")
                    self.assertNotEqual(termios.tcgetattr(terminal.end), before)
                    terminal.press(keys)
                    jit.finish()
                self.assertEqual(termios.tcgetattr(terminal.end), before)
                terminal.read()

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
