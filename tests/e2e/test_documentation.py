"""What is written about jit is true of jit: help, manual, completions, README."""

import re
import shlex
import subprocess
import unittest
from pathlib import Path

from programs import JIT, JIT_SANDBOX
from support import Sandbox, Test, run_jit

_ROOT = Path(__file__).resolve().parents[2]
_COMMANDS = ("activate", "extend", "deactivate")


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
        found |= options_of(run_jit(command, "--help").stdout)
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
        self.assertEqual(len(codes), 15)
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
                self.assertIn(command, script)

    def test_bash_completes_commands_options_and_values(self):
        for words, expected in ((["jit", "act"], ["activate"]), (["jit", "extend", "--min"], ["--minutes"]),
                                (["jit", "-o", "js"], ["json", "jsonl"]), (["jit", "deactivate", "--min"], []),
                                (["jit", "activate", "-e", ""], [])):
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
    """Every example of the help that ends by itself runs, against the practice tenant."""

    COMMANDS = ("activate", "extend", "deactivate", "ensure", "list", "status", "history", "policy")

    def test_the_examples_of_the_help(self):
        lines = []
        for command in self.COMMANDS:
            text = run_jit(command, "--help").stdout
            examples = re.search(r"\nExamples\n(.*?)\n\n", text, re.DOTALL)[1]
            found = re.findall(r"^  (jit .*)$", examples, re.MULTILINE)
            self.assertTrue(found, command)
            lines += found
        for line in lines:
            if re.search(r"--watch|--tenant|\./deploy\.sh", line):
                continue
            with self.subTest(line=line), \
                    Sandbox("--provision-delay", "0", "--max-minutes", "10000", "--identity",
                            "alex.admin" if "policy" in line else "robin.ops") as sandbox:
                if line.split()[1] != "activate" and sandbox.env["SAIL_CLIENT_ID"].endswith("1"):
                    self.assert_done(run_jit("activate", "Prod DB Admin", "-m", "60", env=sandbox.env))
                self.run_line(line, sandbox.env)

    def test_the_practice_tenant_of_the_manual(self):
        text = rendered("jit.1")
        line = re.search(r"^ *(jit-sandbox -- jit .*)$", text, re.MULTILINE)[1]
        self.run_line(line, {})

    def run_line(self, line, env):
        folder = f"{Path(JIT).parent}:{Path(JIT_SANDBOX).parent}"
        run = subprocess.run(["bash", "-o", "pipefail", "-c", line], capture_output=True, text=True, check=False,
                             env={**env, "PATH": f"{folder}:/usr/bin:/bin", "HOME": "/nonexistent", "TZ": "UTC"})
        self.assertEqual((run.returncode, run.stderr), (0, ""), line)
        self.assertNotEqual(run.stdout, "", line)


if __name__ == "__main__":
    unittest.main()
