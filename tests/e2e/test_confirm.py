"""--confirm: one question to a person, only when something would be sent; nothing is sent without a yes."""

import fcntl
import json
import select
import signal
import termios
import time
import unittest
from pathlib import Path

from running import case
from support import CONNECTION, Jit, Sandbox, Test, run_jit
from terminal import Terminal

OTHER = "c0ffee00-0000-4000-8000-000000000010"
QUESTION = "Activate Prod DB Admin on Postgres Production for 60 minutes? [y/N] "
ACTIVATE = ("activate", "Prod DB Admin", "-m", "60", "--confirm", "-o", "json")
ENSURE = ("ensure", "Prod DB Admin", "-m", "60", "--confirm", "-o", "json")
SECOND = ("ensure", "Prod DB Admin", "-m", "60", "--confirm")
RUN = ("run", "-e", "Prod DB Admin", "-m", "60", "--confirm", "-o", "json", "--")


class ConfirmTest(Test):
    @classmethod
    def setUpClass(cls):
        cls.sandbox = cls.enterClassContext(Sandbox("--provision-delay", "0", "--rate-limit", "0"))
        cls.token = cls.sandbox.token_env()

    def setUp(self):
        self.env = {**self.token, **self.own_home(), "TERM": "xterm"}
        self.sandbox.reset()
        self.sandbox.forget()

    def posts(self):
        return [word for word in self.sandbox.requested() if word in ("activate", "extend", "deactivate")]

    def start(self, terminal, *words, **more):
        """At this terminal; standard input is none, and stdout and stderr are pipes."""
        return Jit(*words, env={**self.env, **more}, start_new_session=True,
                   preexec_fn=lambda: fcntl.ioctl(terminal.end, termios.TIOCSCTTY, 0), pass_fds=[terminal.end])

    def answered(self, words, keys, question=QUESTION, **more):
        with Terminal(200) as terminal, self.start(terminal, *words, **more) as jit:
            terminal.wait_for(question)
            self.assertEqual(self.posts(), [])  # nothing is sent before the answer
            terminal.press(keys)
            run = jit.finish()
            self.assertEqual(terminal.read().count("[y/N]"), 1)
            return run

    def unasked(self, *words, **more):
        with Terminal(200) as terminal, self.start(terminal, *words, **more) as jit:
            run = jit.finish()
            self.assertEqual(terminal.read(), "")
            return run

    def without_terminal(self, *words, **more):
        return run_jit(*words, env={**self.env, **more}, start_new_session=True)

    def configure(self, text):
        path = Path(self.env["HOME"]) / "config.yaml"
        path.write_text(text)
        path.chmod(0o600)
        self.env["JIT_CONFIG"] = str(path)

    def askpass(self, text):
        """A program that asks."""
        return self.program(self.env["HOME"], "askpass", text)

    def assert_declined(self, run):
        self.assertEqual((run.code, run.stdout), (5, ""), run)
        error = json.loads(run.stderr)["error"]
        self.assertEqual((error["code"], error["kind"]), (5, "declined"))
        self.assertIn("nothing was sent", error["message"])
        self.assertEqual(self.posts(), [])


class OnTheTerminal(ConfirmTest):
    def test_yes(self):
        for keys in ("y\r", "YES\r"):
            with self.subTest(keys=keys):
                self.sandbox.reset()
                self.assert_done(self.answered(ACTIVATE, keys))
                self.assertEqual(self.posts(), ["activate"])

    def test_anything_else_is_no(self):
        for keys in ("\r", "n\r", "yess\r", "60\r", "\x04"):
            with self.subTest(keys=keys):
                self.assert_declined(self.answered(ACTIVATE, keys))

    def test_interrupt(self):
        run = self.answered(ACTIVATE, "\x03")
        self.assertEqual(run.code, 130, run)
        self.assertEqual(self.posts(), [])

    def test_what_was_typed_before_is_no_answer(self):
        with Terminal(200) as terminal:
            terminal.press("y\r")
            with self.start(terminal, *ACTIVATE) as jit:
                terminal.wait_for(QUESTION)
                terminal.press("n\r")
                self.assert_declined(jit.finish())

    def test_extend_says_by_how_much(self):
        self.assert_done(run_jit("activate", CONNECTION, "-m", "60", env=self.env))
        self.sandbox.forget()
        words = ("extend", "Prod DB Admin", "-m", "1", "--confirm")
        run = self.answered(words, "y\r", "Extend Prod DB Admin on Postgres Production by 1 minute? [y/N] ")
        self.assertEqual((run.code, self.posts()), (0, ["extend"]), run)

    def test_several_are_one_question(self):
        words = ("activate", "Prod DB Admin", OTHER, "-m", "60", "--confirm")
        run = self.answered(words, "y\r", "Send these 2 requests? [y/N] ")
        self.assertEqual((run.code, self.posts()), (0, ["activate", "activate"]), run)

    def test_ensure(self):
        self.assert_declined(self.answered(ENSURE, "n\r"))
        run = self.answered(ENSURE, "y\r")
        self.assertEqual((run.code, run.json()["action"], self.posts()), (0, "activate", ["activate"]))

    @case("before", "--confirm, and a person says no, or nobody can be asked", "nothing is sent, COMMAND is not run; code 125")
    def test_run(self):
        mark = Path(self.env["HOME"]) / "mark"
        words = [*RUN, "touch", str(mark)]
        for run, said in ((self.answered(words, "n\r"), "not answered with yes"),
                          (self.without_terminal(*words), "no terminal to ask on")):
            self.assertEqual(run.code, 125, run)
            self.assertIn(f"{said}; nothing was sent", run.stderr)
            self.assertFalse(mark.exists())
            self.assertEqual(self.posts(), [])
        self.assertEqual(self.answered(words, "y\r").code, 0)
        self.assertTrue(mark.exists())
        self.assertEqual(self.posts(), ["activate", "deactivate"])

    @case("before", "--confirm, and Ctrl-C or SIGTERM at the question", "nothing is sent, COMMAND is not run; code 128+N")
    def test_run_is_stopped_at_the_question(self):
        self.assertEqual(self.answered([*RUN, "true"], "\x03").code, 130)
        with Terminal(200) as terminal, self.start(terminal, *RUN, "true") as jit:
            terminal.wait_for(QUESTION)
            jit.send_signal(signal.SIGTERM)
            self.assertEqual(jit.finish().code, 143)
        self.assertEqual(self.posts(), [])


class Unasked(ConfirmTest):
    def test_nothing_would_be_sent(self):
        self.assert_done(run_jit("activate", CONNECTION, "-m", "60", env=self.env))
        self.sandbox.forget()
        self.assertEqual(self.unasked(*ENSURE).json()["action"], "none")
        self.assertEqual(self.unasked(*RUN, "true").code, 0)
        self.assertEqual(self.unasked(*ACTIVATE, "--dry-run").code, 0)
        self.assertEqual(self.posts(), [])

    def test_an_end_is_not_asked_for(self):
        self.configure(self.environment("true"))
        self.assertEqual(self.unasked("deactivate", "Prod DB Admin").code, 0)

    def test_the_configuration_says_no(self):
        self.configure(self.environment("false"))
        self.assertEqual(self.unasked("activate", "Prod DB Admin", "-m", "60").code, 0)
        self.assertEqual(self.posts(), ["activate"])

    def environment(self, confirm):
        return f"activeenvironment: prod\nenvironments: {{prod: {{baseurl: '{self.sandbox.url}', confirm: {confirm}}}}}\n"


class Configured(ConfirmTest):
    def test_an_environment(self):
        self.configure("environments:\n"
                       f"  prod: {{baseurl: '{self.sandbox.url}', confirm: true}}\n"
                       f"  test: {{baseurl: '{self.sandbox.url}'}}\n")
        words = ("activate", "Prod DB Admin", "-m", "60", "-o", "json")
        self.assert_declined(self.answered([*words, "--env", "prod"], "n\r"))
        self.assertEqual(self.unasked(*words, "--env", "test").code, 0)

    def test_an_alias(self):
        self.configure("aliases: {db: {entitlement: Prod DB Admin, minutes: 60, confirm: true}}\n")
        self.assert_declined(self.answered(["activate", "db", "-o", "json"], "n\r"))
        # Named twice, it is the same connection.
        self.assert_declined(self.answered(["activate", "Prod DB Admin", "db", "-m", "60", "-o", "json"], "n\r"))
        targets = Path(self.env["HOME"]) / "targets"
        targets.write_text(f"{CONNECTION}\ndb\n")
        words = ["activate", "--from-file", str(targets), "-m", "60", "-o", "json"]
        self.assert_declined(self.answered(words, "n\r"))
        self.assertEqual(self.unasked("activate", "Prod DB Admin", "-m", "60").code, 0)


class WithoutATerminal(ConfirmTest):
    def test_nobody_can_be_asked(self):
        error = self.error_of(self.without_terminal(*ACTIVATE), 2)
        self.assertIn("no terminal to ask on; nothing was sent", error["message"])
        self.assertIn("JIT_ASKPASS", error["hint"])
        with Terminal(200) as terminal, self.start(terminal, *ACTIVATE, "--non-interactive") as jit:
            self.assertIn("--non-interactive", self.error_of(jit.finish(), 2)["message"])
        self.assert_failed(self.without_terminal("activate", "Prod DB Admin", "-m", "60", "--confirm",
                                                 JIT_ASKPASS="/nowhere/askpass"), 2, "nobody can be asked")
        self.assertEqual(self.posts(), [])

    def test_a_program_says_yes(self):
        seen = Path(self.env["HOME"]) / "seen"
        program = self.askpass(f'printf "%s" "$1" > {seen}; env >> {seen}')
        for name in ("JIT_ASKPASS", "SSH_ASKPASS"):
            with self.subTest(name=name):
                self.sandbox.reset()
                self.assert_done(self.without_terminal(*ACTIVATE, **{name: program}))
                question, _, environment = seen.read_text().partition("?")
                self.assertEqual(question + "? [y/N] ", QUESTION)
                self.assertIn("SSH_ASKPASS_PROMPT=confirm\n", environment)
                self.assertNotIn("SAIL_ACCESS_TOKEN", environment)
                self.assertEqual(self.posts(), ["activate"])

    def test_a_program_says_no(self):
        for text in ("exit 1", "echo no", "kill -KILL $$", "yes | head -c 100000"):
            with self.subTest(text=text):
                self.assert_declined(self.without_terminal(*ACTIVATE, JIT_ASKPASS=self.askpass(text)))


class AtOnce(ConfirmTest):
    def test_two_ask_once(self):
        with Terminal(200) as one, Terminal(200) as other:
            with self.start(one, *ENSURE) as first:
                one.wait_for(QUESTION)
                with self.start(other, *SECOND) as second:
                    second.wait_for_message("waiting for its answer")
                    one.press("y\r")
                    runs = [first.finish(), second.finish()]
            self.assertEqual([run.code for run in runs], [0, 0], runs)
            self.assertEqual(other.read(), "")
        self.assertEqual(self.posts(), ["activate"])

    def test_two_activates_ask_once(self):
        """The second one would be refused: nobody is asked for it."""
        with Terminal(200) as one, Terminal(200) as other:
            with self.start(one, *ACTIVATE) as first:
                one.wait_for(QUESTION)
                with self.start(other, *ACTIVATE[:-2]) as second:
                    second.wait_for_message("waiting for its answer")
                    one.press("y\r")
                    runs = [first.finish(), second.finish()]
            self.assertEqual([run.code for run in runs], [0, 5], runs)
            self.assertIn("another jit has activated Prod DB Admin while this one waited; nothing was sent", runs[1].stderr)
            self.assertEqual(other.read(), "")
        self.assertEqual(self.posts(), ["activate"])

    def test_the_next_one_asks_after_a_no(self):
        with Terminal(200) as one, Terminal(200) as other:
            with self.start(one, *ENSURE) as first, self.start(other, *ENSURE) as second:
                asked, waiting = (one, first), (other, second)
                end = time.monotonic() + 60
                while not (ready := self.readable(one, other)):
                    self.assertLess(time.monotonic(), end)
                if ready is other:
                    asked, waiting = waiting, asked
                for terminal, jit in (asked, waiting):
                    terminal.wait_for(QUESTION)
                    terminal.press("n\r")
                    self.assert_declined(jit.finish())

    @staticmethod
    def readable(*terminals):
        ready = select.select([terminal._own for terminal in terminals], [], [], 1)[0]
        return next((terminal for terminal in terminals if terminal._own in ready), None)


if __name__ == "__main__":
    unittest.main()
