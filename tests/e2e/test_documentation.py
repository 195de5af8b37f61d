"""What is written about jit is true of jit: help, manual, completions, README."""

import re
import shlex
import signal
import subprocess
import tempfile
import unittest
from pathlib import Path

from programs import JIT, JIT_SANDBOX
from support import Sandbox, Test, run_jit

_ROOT = Path(__file__).resolve().parents[2]
_COMMANDS = ("activate", "extend", "deactivate", "ensure", "run", "list", "status", "history", "policy", "auth login", "auth status", "auth logout")


def rendered(page):
    """A manual page as plain text."""
    text = subprocess.run(["mandoc", "-T", "ascii", "-O", "width=200", str(_ROOT / "man" / page)], capture_output=True, text=True,
                          check=True).stdout
    return re.sub(r".\x08", "", text)


def options_of(text):
    """The options that a help lists, each as its spellings: {("-m", "--minutes"), ("--dry-run",), …}."""
    return {tuple(re.findall(r"-{1,2}[a-z][a-z-]*", line.split("  ")[1 if line.startswith("  -") else 3]))
            for line in text.splitlines() if re.match(r"^(  -|      --)", line)}


def all_options():
    found = options_of(run_jit("--help").stdout)
    for command in _COMMANDS:
        found |= options_of(run_jit(*command.split(), "--help").stdout)
    return found


class Drift(Test):
    def test_the_help_is_read_right(self):
        self.assertIn(("-m", "--minutes"), all_options())
        self.assertIn(("--dry-run",), all_options())
        self.assertGreater(len(all_options()), 20)

    def test_the_manual_has_every_option_code_and_variable_of_the_help(self):
        manual = rendered("jit.1")
        for spellings in sorted(all_options()):
            self.assertIn(", ".join(spellings), manual)
        text = run_jit("--help").stdout
        for name in re.findall(r"^  ([A-Z][A-Z_]+)[, ]", text, re.MULTILINE):
            self.assertIn(name, manual)
        codes = re.findall(r"^  (\d+) ", text, re.MULTILINE)
        self.assertEqual(len(codes), 18)
        exit_status = manual[manual.index("EXIT STATUS"):]
        for code in codes:
            self.assertRegex(exit_status, rf"(?m)^ +{code} +\S")

    def test_the_manual_has_no_option_that_is_none(self):
        known = {word for spellings in all_options() for word in spellings}
        manual = rendered("jit.1")
        options = manual[manual.index("\nOPTIONS"):manual.index("\nOUTPUT")]
        for word in re.findall(r"(?<![\w-])--[a-z][a-z-]*", options):
            self.assertIn(word, known)

    def test_the_completions_have_every_option_and_command(self):
        bash = (_ROOT / "completions" / "jit.bash").read_text()
        zsh = (_ROOT / "completions" / "_jit").read_text()
        fish = (_ROOT / "completions" / "jit.fish").read_text()
        for spellings in all_options():
            for word in spellings:
                self.assertRegex(bash, rf"(?<![\w-]){word}(?![\w-])")
                self.assertRegex(zsh, rf"(?<![\w-]){word}(?![\w-])")
                self.assertRegex(fish, rf"-l {word[2:]}\b" if word.startswith("--") else rf"-s {word[1:]} ")
        for command in _COMMANDS:
            for script in (bash, zsh, fish):
                for word in command.split():
                    self.assertRegex(script, rf"\b{word}\b")

    def test_bash_completes_commands_options_and_values(self):
        for words, expected in ((["jit", "act"], ["activate"]), (["jit", "extend", "--min"], ["--minutes"]),
                                (["jit", "-o", "js"], ["json", "jsonl"]), (["jit", "deactivate", "--min"], []),
                                (["jit", "activate", "-e", ""], []), (["jit", "status", "--wa"], ["--watch", "--warn"]),
                                (["jit", "list", "--state", "a"], ["available", "active"]), (["jit", "ensure", "--min-"], ["--min-remaining"]),
                                (["jit", "run", "--on"], ["--on-expiry"]), (["jit", "run", "--on-expiry", ""], ["warn", "terminate"]),
                                (["jit", "auth", "log"], ["login", "logout"]), (["jit", "auth", "status", "--ch"], ["--check"]),
                                (["jit", "auth", "login", "--wi"], ["--with-secret-stdin"])):
            with self.subTest(words=words):
                script = (f"source {shlex.quote(str(_ROOT / 'completions' / 'jit.bash'))}; COMP_WORDS=({shlex.join(words)}); "
                          f"COMP_CWORD={len(words) - 1}; _jit; printf '%s\\n' \"${{COMPREPLY[@]}}\"")
                run = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True)
                self.assertEqual((run.stdout.split(), run.stderr), (expected, ""))


class Rooms(unittest.TestCase):
    """A room includes only what is below it: the table of ARCHITECTURE.md."""

    LEVELS = {"base": 1, "io": 2, "http": 3, "config": 4, "sailpoint": 4, "auth": 4, "app": 5, "commands": 6, "cli": 7}
    ALLOWED = {("auth", "sailpoint"), ("auth", "config")}  # on one level, and said there

    def test_no_include_goes_up(self):
        seen = 0
        for room, level in self.LEVELS.items():
            for file in (_ROOT / "src" / room).glob("*.?pp"):
                for other in re.findall(r'^#include "([a-z]+)/', file.read_text(), re.MULTILINE):
                    seen += 1
                    below = self.LEVELS[other] < level or other == room or (room, other) in self.ALLOWED
                    self.assertTrue(below, f"{file} includes {other}")
        for file in (_ROOT / "src" / "sandbox").rglob("*.?pp"):
            rooms = set(re.findall(r'^#include "([a-z]+)/', file.read_text(), re.MULTILINE))
            self.assertLessEqual(rooms, {"base", "sandbox"}, file)
        self.assertGreater(seen, 100)


class Examples(Test):
    """Every example of the help runs, against the practice tenant."""

    def test_the_examples_of_the_help(self):
        lines = []
        for command in _COMMANDS:
            text = run_jit(*command.split(), "--help").stdout
            examples = re.search(r"\nExamples\n((?:  .*\n)+)", text)[1]
            found = [line for line in re.findall(r"^  ([^#].*)$", examples, re.MULTILINE) if line != "jit auth login"]
            self.assertTrue(found, command)
            lines += found
        for line in lines:
            admin = ["--identity", "alex.admin"] if "policy" in line or "--tenant" in line else []
            # Whatever the time of day is, "--until 17:30" is within no policy's maximum.
            limit = [] if "policy" in line else ["--no-policy"]
            with self.subTest(line=line), Sandbox("--provision-delay", "0", *admin, *limit) as sandbox:
                if not admin and not line.startswith("jit activate") and "auth" not in line:
                    active = ("Prod DB Admin", "-m", "60", "--wait")
                    self.assert_done(run_jit("activate", *active, env=sandbox.env))
                self.run_line(line, sandbox.env)

    def test_the_practice_tenant_of_the_manual(self):
        text = rendered("jit.1")
        line = re.search(r"^ *(jit-sandbox -- jit .*)$", text, re.MULTILINE)[1]
        self.run_line(line, {})

    def run_line(self, line, env):
        folder = f"{Path(JIT).parent}:{Path(JIT_SANDBOX).parent}"
        with tempfile.TemporaryDirectory() as home:
            for name in ("deploy.sh", "psql"):
                program = Path(home) / name
                program.write_text("#!/bin/sh\necho done\n")
                program.chmod(0o700)
            process = subprocess.Popen(["bash", "-o", "pipefail", "-c", line], cwd=home, text=True,
                                       stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                       env={**env, "PATH": f"{home}:{folder}:/usr/bin:/bin", "HOME": home, "TZ": "UTC"})
            first = ""
            if "--watch" in line:
                first = process.stdout.readline()
                process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=60)
        if "--watch" in line:
            self.assertEqual((process.returncode, err), (130, "jit: interrupted; nothing was changed\n"))
        else:
            # "auth log…" warns of the variables that are set, and of the keyring that is not there; the practice
            # tenant's administrator finds nobody's activations.
            talks = "auth log" in line or "--tenant" in line
            self.assertEqual((process.returncode, "" if talks else err), (0, ""), line)
        if not line.startswith("PS1"):
            self.assertNotEqual(first + out, "", line)


if __name__ == "__main__":
    unittest.main()
