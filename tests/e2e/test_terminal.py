"""What it looks like: tables on a terminal of 80 columns, colour, help. Compared with golden/."""

import csv
import datetime
import io
import json
import re
import shlex
import subprocess
import unittest
from pathlib import Path

from programs import JIT, commands
from support import (ACTIVATE, COMMANDS, CONNECTION, JIT_SANDBOX, NO_CONNECTIONS, Jit, Sandbox, ScriptedServer,
                     Test, accepted, api_error, clean_environment, operation, reply, run_jit, token_env, without_times)
from terminal import Terminal

BOLD, RED, PLAIN = "\x1b[1m", "\x1b[31m", "\x1b[0m"


def moment(**ago):
    """A time so long ago, as the service writes it."""
    time = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(**ago)
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


def answer(command):
    """One whose times, in words, are the same for 20 minutes, cut or rounded: in 30 d 5 h, 30 d 5 h ago."""
    if command == "activate":
        return accepted(command, activationPeriodMins=(30 * 24 + 5) * 60 + 25, startTime=moment(minutes=1))
    return accepted(command, startTime=moment(days=30, hours=5, minutes=5), status="PROVISIONED")


class OnATerminal(Test):
    def shown(self, words, replies=(), columns=80, where=("stdout",), **env):
        """Runs jit with a terminal as stdout, stderr or both; what is on the terminal, and the run."""
        if words[0] in COMMANDS and "-o" not in words:
            words = [*words, "-o", "table"]  # which would be a sentence
        with Terminal(columns) as terminal, ScriptedServer(replies, tls=None) as server:
            streams = {name: terminal.end for name in where}
            with Jit(*words, env=token_env(server.url, **{"TERM": "xterm", **env}), **streams) as jit:
                run = jit.finish()
            return terminal.read(), run

    def test_tables_fit_into_80_columns(self):
        for command in COMMANDS:
            with self.subTest(command=command):
                text, run = self.shown(operation(command), [answer(command)])
                self.assert_done(run)
                titles, row = text.splitlines()
                self.assertTrue(titles.startswith(BOLD) and titles.endswith(PLAIN), text)
                self.assertLessEqual(max(len(row), len(titles) - len(BOLD + PLAIN)), 80)
                self.assert_golden(f"{command}-80-columns", without_times(text).replace("\x1b", "<ESC>"))

    def test_tables_in_a_pipe_are_whole_and_plain(self):
        for command in COMMANDS:
            with self.subTest(command=command), ScriptedServer([answer(command)], tls=None) as server:
                run = run_jit(*operation(command), env=token_env(server.url, TERM="xterm"))
                self.assert_done(run)
                self.assert_golden(f"{command}-table", without_times(run.stdout))

    def test_a_wide_and_a_narrow_terminal(self):
        text, _ = self.shown(ACTIVATE, [answer("activate")], columns=200)
        self.assertIn(CONNECTION, text)
        narrow, run = self.shown(ACTIVATE, [answer("activate")], columns=10)
        self.assertEqual((run.code, len(narrow.splitlines())), (0, 2))
        unknown, run = self.shown(ACTIVATE, [answer("activate")], columns=0)
        self.assertIn(CONNECTION, unknown)

    def test_wide_characters_line_up(self):
        for status, cells in (("本番待ち", 8), ("Cafe\u0301", 4), ("😀", 2)):
            text, _ = self.shown(operation("deactivate"), [accepted("deactivate", status=status, startTime="soon")],
                                 columns=200, NO_COLOR="1")
            titles, row = text.splitlines()
            width = max(len("STATUS"), cells) + 2
            before = len(CONNECTION) + 2
            self.assertEqual(titles[before:].index("REQUESTED"), width)
            self.assertTrue(row[before:].startswith(status + " " * (width - cells) + "soon"), row)

    def test_where_there_is_colour(self):
        colourful, plain = f"{BOLD}ENTITLE", "ENTITLE"
        cases = [([], {}, colourful), ([], {"NO_COLOR": "1"}, plain),
                 ([], {"TERM": "dumb"}, plain), ([], {"TERM": None}, plain),
                 (["--color", "never"], {}, plain), (["--color=always"], {"NO_COLOR": "1"}, colourful),
                 (["--color", "auto"], {"CLICOLOR_FORCE": "1", "TERM": "dumb"}, colourful),
                 ([], {"NO_COLOR": "1", "CLICOLOR_FORCE": "1"}, plain), ([], {"NO_COLOR": ""}, colourful)]
        for words, env, start in cases:
            with self.subTest(words=words, env=env):
                text, run = self.shown([*ACTIVATE, *words], [answer("activate")], **env)
                self.assert_done(run)
                self.assertTrue(text.startswith(start), repr(text))

    def test_colour_in_a_pipe(self):
        cases = [([], {}, False), (["--color", "always"], {}, True), ([], {"CLICOLOR_FORCE": "1"}, True),
                 ([], {"CLICOLOR_FORCE": "0"}, False), (["--color", "never"], {"CLICOLOR_FORCE": "1"}, False)]
        for words, env, coloured in cases:
            with self.subTest(words=words, env=env), ScriptedServer([answer("activate")], tls=None) as server:
                run = run_jit(*ACTIVATE, *words, coloured=True, env=token_env(server.url, TERM="xterm", **env))
                self.assertEqual(BOLD in run.stdout, coloured)
        for form in ("json", "jsonl", "csv"):
            with self.subTest(form=form), ScriptedServer([answer("activate")], tls=None) as server:
                self.assert_done(run_jit(*ACTIVATE, "-o", form, "--color", "always", env=token_env(server.url)))

    def test_errors(self):
        refusal = [reply(400, api_error()), NO_CONNECTIONS]
        text, run = self.shown(ACTIVATE, refusal, where=("stderr",))
        self.assertEqual((run.code, run.stdout), (5, ""))
        self.assertTrue(text.startswith(f"{RED}jit:{PLAIN} activate of {CONNECTION} was refused: "), repr(text))
        for words, env in ((["--color", "never"], {}), ([], {"NO_COLOR": "1"}), (["-o", "json"], {})):
            with self.subTest(words=words, env=env):
                text, _ = self.shown([*ACTIVATE, *words], refusal, where=("stderr",), **env)
                self.assertNotIn("\x1b", text)
        # Only stdout is a terminal: stderr is still plain.
        text, run = self.shown(ACTIVATE, refusal)
        self.assertEqual(text, "")
        self.assert_failed(run, 5)

    def test_hostile_text(self):
        text, run = self.shown(ACTIVATE, [accepted(status="\x1b]0;owned\x07\u202ex\r\ny")], NO_COLOR="1", columns=300)
        self.assertEqual(run.code, 0)
        self.assertNotIn("\x1b", text)
        self.assertEqual(len(text.splitlines()), 2)


class Names(Test):
    """Each object about an entitlement names it in the same way, whichever command prints it."""

    def test_in_every_command(self):
        with Sandbox("--provision-delay", "0", "--rate-limit", "0") as sandbox:
            env = {**sandbox.token_env(), **self.own_home()}
            run_jit("list", env=env)  # what is named by an ID has a name, too, once this machine has seen it
            names = {(CONNECTION, "Prod DB Admin"), ("c0ffee00-0000-4000-8000-000000000010", "Cafe\u0301 Ops")}
            commands = [["activate", CONNECTION, "-m", "60"], ["activate", CONNECTION, "-m", "60", "--dry-run"],
                        ["extend", "pg_prod_admin", "-m", "5"], ["ensure", "Prod DB Admin", "-m", "5", "--min-remaining", "1"],
                        ["ensure", "Prod DB Admin", "-m", "5", "--min-remaining", "1", "--dry-run"],
                        ["status"], ["status", CONNECTION], ["status", "--short"], ["list", "--search", "prod db admin"],
                        ["history"], ["activate", CONNECTION, "Cafe-Ops", "-m", "60"]]
            for words in commands:
                for form in ("json", "jsonl", "csv"):
                    with self.subTest(words=words, form=form):
                        if words[0] == "activate" and "--dry-run" not in words:
                            run_jit("deactivate", "--all", env=env)
                        run = run_jit(*words, "-o", form, env=env)
                        shown = (list(csv.DictReader(io.StringIO(run.stdout))) if form == "csv" else
                                 [json.loads(line) for line in run.stdout.splitlines()] if form == "jsonl" else
                                 run.json() if run.stdout.startswith("[") else [run.json()])
                        self.assertTrue(shown)
                        named = {(one["connectionId"], one["entitlementName"]) for one in shown}
                        self.assertLessEqual(named, names)
                        self.assertIn((CONNECTION, "Prod DB Admin"), named)
                        if words[0] == "extend" and form == "csv":
                            run = run_jit("deactivate", "--all", "-o", "json", env=env)
                            self.assertEqual([(one["connectionId"], one["entitlementName"]) for one in run.json()], [*named])
                            self.assertEqual(run_jit("activate", CONNECTION, "-m", "60", env=env).code, 0)


class Quiet(Test):
    def test_the_exit_code_tells_all(self):
        with Sandbox("--provision-delay", "0", "--rate-limit", "0") as sandbox:
            env = {**sandbox.token_env(), **self.own_home(), "TERM": "xterm"}
            for words, code in ((["activate", CONNECTION, "-m", "60", "--wait"], 0), (["extend", CONNECTION, "-m", "5"], 0),
                                (["ensure", CONNECTION, "-m", "5"], 0), (["status"], 0), (["status", CONNECTION], 0),
                                (["status", "--short"], 0), (["activate", CONNECTION, "-m", "60", "--dry-run"], 0),
                                (["deactivate", "--all", "--wait"], 0), (["deactivate", "--all"], 0)):
                with self.subTest(words=words), Terminal(100) as terminal:
                    with Jit(*words, "-q", env=env, stdout=terminal.end, stderr=terminal.end) as jit:
                        self.assertEqual(jit.finish().code, code)
                    self.assertEqual(terminal.read(), "")
            run = run_jit("status", "-q", env=env)
            self.assertEqual((run.code, run.stdout), (5, ""))
            self.assertIn("jit: nothing is active\n", run.stderr)
            for words in (["activate", CONNECTION, "-m", "60", "-o", "json"], ["status", "-o", "csv"], ["list"],
                          ["history"], ["status", "--help"]):
                run = run_jit(*words, "-q", env=env)
                self.assert_done(run)
                self.assertTrue(run.stdout, words)


class PlainTerminals(Test):
    """Terminals that understand no escape sequence, and locales that are not UTF-8."""

    @classmethod
    def setUpClass(cls):
        cls.sandbox = cls.enterClassContext(Sandbox("--rate-limit", "0", "--provision-delay", "1"))
        cls.token = cls.sandbox.token_env()

    def setUp(self):
        self.sandbox.reset()

    def on_terminal(self, words, env, keys=()):
        """What is written to a terminal that all streams are."""
        with Terminal(100) as terminal:
            with Jit(*words, env={**self.token, **env}, stdin=terminal.end, stdout=terminal.end, stderr=terminal.end,
                     coloured=True, **terminal.controls) as jit:
                for part, key in keys:
                    terminal.wait_for(part)
                    terminal.press(key)
                code = jit.finish().code
            return code, terminal.read()

    def assert_plain(self, text):
        self.assertFalse({char for char in text if not char.isprintable()} - {"\n"}, repr(text))

    def test_nothing_is_drawn(self):
        for kind in ("dumb", "", None):
            env = {"TERM": kind, **self.own_home()}
            self.sandbox.reset()
            with self.subTest(kind=kind):
                code, text = self.on_terminal(["activate", CONNECTION, "-m", "60", "--wait"], env)
                self.assertEqual(code, 0)
                self.assert_plain(text)
                self.assertRegex(text, r"\A[^\n]*: accepted\n(.*\n)*✓ ")
                said = text[:text.index("✓ ")].splitlines()
                self.assertEqual(len(said), len(set(said)))
                code, text = self.on_terminal(["status", "--watch", "1", "--warn", "70"], env,
                                              [(f"-e {CONNECTION} -m MINUTES", "\x03")])
                self.assertEqual(code, 130)
                self.assert_plain(text.replace("^C", ""))
                self.assertRegex(text, r"(?m)^ENTITLEMENT .*\nProd DB Admin .*  active  \d\d:\d\d, in \d")
                code, text = self.on_terminal(["deactivate", "--wait"], env, [("Which to deactivate? [1-1; several: 1 3] ", "1\r")])
                self.assertEqual(code, 0)
                self.assert_plain(text)

    def test_in_a_locale_that_is_not_utf8_all_is_ascii(self):
        self.assert_done(run_jit("activate", CONNECTION, "Cafe-Ops", "-m", "60", "--wait", env=self.token))
        utf8 = {"LC_ALL": None, "LANG": "en_US.UTF-8"}
        for locale in ({"LC_ALL": "C"}, {"LC_ALL": "POSIX", "LANG": "C.UTF-8"}, {"LC_ALL": None},
                       {"LC_ALL": "", "LC_CTYPE": "de_DE.ISO-8859-1", "LANG": "en_US.UTF-8"},
                       {"LC_ALL": None, "LANG": "ja_JP.eucJP"}):
            env = {**self.token, "TERM": "xterm", **self.own_home(), **locale}
            with self.subTest(locale=locale):
                for words in (["list"], ["status"], ["history", "--timeline"], ["history", "--detail"], ["-h"],
                              ["list", "-o", "json"], ["list", "-o", "jsonl"], ["status", "Caf\u00e9"],
                              ["activate", "--help"], ["status", "-e", "\u672c\u756a", "-o", "json"]):
                    run = run_jit(*words, env=env)
                    self.assertTrue((run.stdout + run.stderr).isascii(), run)
                code, text = self.on_terminal(["status", "--columns", "entitlement,bar"], env)
                self.assertTrue(text.isascii(), text)
                self.assertIn("Cafe Ops", text)
                self.assertRegex(text, r"(?m)  #+-*$")
                titles, *rows = run_jit("list", env=env).stdout.splitlines()
                for row in rows:
                    self.assertRegex(row[:titles.index("CONNECTION ID")], r"  \Z")
                    self.assertRegex(row[titles.index("CONNECTION ID"):], r"\Ac0ffee00-[-0-9a-f]+\Z")
                for form in ("json", "csv"):  # what programs read loses nothing
                    both = [run_jit("list", "--search", "Caf\u00e9", "-o", form, env={**env, **more}).stdout
                            for more in ({}, utf8)]
                    if form == "json":
                        both = [json.loads(text) for text in both]
                    self.assertEqual(*both)
                if locale == {"LC_ALL": "C"}:
                    code, text = self.on_terminal(["activate", "Kubernetes Cluster Admin", "-m", "5", "--wait"], env)
                    self.assertTrue(text.isascii(), text)
                    self.assertIn("\x1b[K", text)
        run = run_jit("list", env={**self.token, **utf8})
        self.assertIn("Cafe\u0301 Ops", run.stdout)


class Sentences(Test):
    """One target at a terminal: a sentence, and a table where that is asked for."""

    def setUp(self):
        self.sandbox = self.enterContext(Sandbox("--provision-delay", "0", "--rate-limit", "0"))
        self.env = {**self.sandbox.env, **self.own_home(), "TERM": "xterm"}

    def shown(self, *words, **more):
        with Terminal(100) as terminal:
            run = run_jit(*words, env={**self.env, **more}, stdout=terminal.end)
            self.assertIn(run.code, (0, 11), run)
            return terminal.read()

    def test_each(self):
        name = "Prod DB Admin"
        until = r"until (\d{4}-\d\d-\d\d )?\d\d:\d\d"
        for words, expected in ((("activate", name, "-m", "60", "--wait"), rf"✓ {name} is active {until} \(60 min\)"),
                                (("extend", name, "-m", "30"), rf"✓ {name} extended by 30 min, now {until}"),
                                (("ensure", name, "-m", "20"), rf"✓ {name} is active {until} \(1 h .*left\); nothing to do"),
                                (("deactivate", name, "--wait"), rf"✓ {name} ended"),
                                (("activate", name, "-m", "5"), rf"✓ {name} requested; not usable yet \(--wait waits\)"),
                                (("deactivate", name), rf"✓ {name} is ending \(--wait waits\)")):
            with self.subTest(words=words):
                self.assertRegex(self.shown(*words), rf"\A{expected}\n\Z")
        self.assertRegex(self.shown("ensure", name, "-m", "5", LC_ALL="C"), rf"\A{name} is active {until} \(5 min\)\n\Z")
        self.assertRegex(self.shown("ensure", name, "-m", "1", "--utc"), r" until \S+ UTC( \(|\n)")

    def test_a_table_where_that_is_wanted(self):
        for more in (("-o", "table"), ("-v",)):
            with self.subTest(more=more):
                self.assertIn("ENTITLEMENT ", self.shown("ensure", "Prod DB Admin", "-m", "5", *more))
        self.assertIn("ENTITLEMENT ", self.shown("ensure", "Prod DB Admin", "Kubernetes Cluster Admin", "-m", "5"))
        self.assertIn('"entitlement"', self.shown("ensure", "Prod DB Admin", "-m", "5", JIT_OUTPUT="json"))
        self.assertEqual(self.shown("ensure", "Prod DB Admin", "-m", "5", "-q"), "")


class Help(Test):
    """The help is what people read first; a change of it should be seen in review."""

    def test_of_jit(self):
        run = run_jit("--help")
        self.assert_done(run)
        self.assert_golden("jit-help", run.stdout)
        for words in ([], ["-h"], ["help"]):
            self.assertEqual(run_jit(*words).stdout, run.stdout)

    def test_of_each_command(self):
        for command in (*commands(), "auth"):
            with self.subTest(command=command):
                words = command.split()
                run = run_jit(*words, "--help")
                self.assert_done(run)
                self.assert_golden(f"jit-{'-'.join(words)}-help", run.stdout)
                self.assertEqual(run_jit("help", *words).stdout, run.stdout)
                self.assertEqual(run_jit("--help", *words).stdout, run.stdout)

    def test_of_the_sandbox(self):
        done = subprocess.run([JIT_SANDBOX, "--help"], env=clean_environment(), capture_output=True, text=True,
                              timeout=60, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assert_golden("jit-sandbox-help", done.stdout)

    def test_it_fits_on_a_screen(self):
        for words, most in (((), 40), *((command.split(), 50) for command in commands())):
            with self.subTest(words=words):
                lines = run_jit(*words, "--help").stdout.splitlines()
                self.assertLessEqual(len(lines), most)
                # A command that is to be pasted is never cut.
                self.assertLessEqual(max(len(line) for line in lines if not line.startswith("  printenv ")), 80)

    def test_it_is_as_wide_as_the_terminal(self):
        for columns, most in ((40, 60), (60, 60), (90, 90), (150, 100)):
            with self.subTest(columns=columns), Terminal(columns) as terminal:
                subprocess.run([JIT, "ensure", "--help", "--all"], env=clean_environment({"TERM": "xterm"}),
                               stdin=subprocess.DEVNULL, stdout=terminal.end, stderr=terminal.end, check=True)
                lines = [line for line in terminal.read().splitlines() if not line.startswith(("  jit ", "  # ")) and "https://" not in line]
                self.assertLessEqual(max(map(len, lines)), most)
                self.assertGreater(max(map(len, lines)), most - 12)

    def test_all_of_it(self):
        run = run_jit("--help", "--all")
        self.assert_done(run)
        self.assert_golden("jit-help-all", run.stdout)
        for words in (["--all", "--help"], ["help", "--all"]):
            self.assertEqual(run_jit(*words).stdout, run.stdout)
        run = run_jit("run", "--help", "--all")
        for part in ("--connect-timeout", "SAIL_CLIENT_SECRET", "a person said no", "SIGKILL ends jit"):
            self.assertIn(part, run.stdout)

    def test_what_is_said_in_it_is_so(self):
        """Each example of the help of what changes something, as a dry run."""
        with Sandbox("--provision-delay", "0") as sandbox:
            env = {**sandbox.env, **self.own_home()}
            Path(env["HOME"], "team.txt").write_text("Prod DB Admin\n")
            for command in (*COMMANDS, "ensure"):
                lines = run_jit(command, "--help").stdout.splitlines()
                examples = [re.split(r" \| | && ", line)[0] for line in lines if line.startswith(f"  jit {command} ")
                            and "ENTITLEMENT" not in line]
                self.assertTrue(examples)
                if command == "extend":
                    self.assert_done(run_jit("activate", "Prod DB Admin", "-m", "1", env=env))
                for example in examples:
                    with self.subTest(example=example):
                        run = run_jit(*shlex.split(example)[1:], "--dry-run", env=env, cwd=env["HOME"])
                        self.assert_done(run)
                        self.assertTrue(run.stdout)
            self.assertEqual(set(sandbox.requested()), {"connections", "activate"})


if __name__ == "__main__":
    unittest.main()
