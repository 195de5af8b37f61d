"""What is written about jit is true of jit: help, manual, completions, README."""

import ast
import re
import shlex
import signal
import subprocess
import tempfile
import unittest
from pathlib import Path

from programs import JIT, JIT_DOCS, JIT_SANDBOX, commands
from support import Sandbox, Test, run_jit

_ROOT = Path(__file__).resolve().parents[2]


def rendered(page, width=400):
    """A manual page as plain text, with no line broken that need not be."""
    text = subprocess.run(["mandoc", "-T", "ascii", "-O", f"width={width}", page], cwd=_ROOT / "man", capture_output=True,
                          text=True, check=True).stdout
    return re.sub(r".\x08", "", text)


def page_of(command):
    return rendered(f"jit-{command.replace(' ', '-')}.1")


def section(text, title):
    return re.search(rf"^{title}\n((?:(?: .*)?\n)*)", text, re.MULTILINE)[1]


_COMMANDS = commands()


def options_of(text):
    """The options that a help lists, each as its spellings: {("-m", "--minutes"), ("--dry-run",), …}."""
    return {tuple(re.findall(r"-{1,2}[a-z][a-z-]*", line.split("  ")[1 if line.startswith("  -") else 3]))
            for line in text.splitlines() if re.match(r"^(  -|      --)", line)}


def all_options():
    found = options_of(run_jit("--help", "--all").stdout) | {("--all",)}
    for command in _COMMANDS:
        found |= options_of(run_jit(*command.split(), "--help", "--all").stdout)
    return found


class Drift(Test):
    def test_the_help_is_read_right(self):
        self.assertIn(("-m", "--minutes"), all_options())
        self.assertIn(("--dry-run",), all_options())
        self.assertGreater(len(all_options()), 20)

    def test_the_pages_are_those_that_are_made_from_the_command_line(self):
        """If this fails, build the target `docs` and look at what has changed."""
        with tempfile.TemporaryDirectory() as made:
            subprocess.run([JIT_DOCS, _ROOT / "src" / "docs", made], check=True)
            committed = {page.name for page in (_ROOT / "man").iterdir()} - {"jit-sandbox.1"}
            self.assertEqual({page.name for page in Path(made).iterdir()}, committed)
            for page in Path(made).iterdir():
                self.assertEqual(page.read_text(), (_ROOT / "man" / page.name).read_text())

    def test_the_manual_has_what_the_help_has(self):
        manual, help_text = rendered("jit.1"), run_jit("--help", "--all").stdout
        for command in _COMMANDS:
            own = options_of(run_jit(*command.split(), "--help").stdout) - options_of(help_text)
            for spellings in own:
                self.assertIn(f"\n     {', '.join(spellings)}", section(page_of(command), "OPTIONS"))
            self.assertIn(f"jit-{command.replace(' ', '-')}(1)", manual)
        for spellings in options_of(help_text):
            self.assertIn(f"\n     {', '.join(spellings)}", section(manual, "OPTIONS"))
        for name in re.findall(r"^  ([A-Z][A-Z_]+)[, ]", help_text, re.MULTILINE):
            self.assertIn(name, section(manual, "ENVIRONMENT"))
        codes = re.findall(r"^  (\d+) ", help_text, re.MULTILINE)
        self.assertEqual(re.findall(r"^     (\d+) ", section(manual, "EXIT STATUS"), re.MULTILINE), codes)
        self.assertEqual(len(codes), 18)

    def test_the_manual_names_no_option_that_is_none(self):
        known = {word for spellings in all_options() for word in spellings}
        for page in (_ROOT / "man").glob("*.[15]"):
            if page.name != "jit-sandbox.1":
                for word in re.findall(r"(?<![\w-])--[a-z][a-z-]*", rendered(page.name)):
                    self.assertIn(word, known, page.name)

    def test_the_manual_of_the_configuration_has_every_key(self):
        reader = (_ROOT / "src" / "config" / "file.cpp").read_text()
        keys = set(re.findall(r'\{"([a-z_]+)"[,}]', reader))
        self.assertLessEqual({"baseurl", "aliases", "entitlement"}, keys)
        theirs = set(re.findall(r'\{"([a-z_]+)"\}', reader))
        manual = rendered("jit-config.5")
        for key in keys - theirs:
            self.assertRegex(manual, rf"\b{key}\b")

    def test_the_example_of_a_configuration_is_one(self):
        example = re.search(r"( +activeenvironment:.*\n(?:(?: .*)?\n)*?)\n     \S", rendered("jit-config.5"))[1]
        with tempfile.TemporaryDirectory() as home:
            file = Path(home) / "config.yaml"
            file.write_text(re.sub(" {11}", "", example).replace("...", "xxxx"))
            file.chmod(0o600)
            run = run_jit("activate", "c0ffee00-0000-4000-8000-000000000001", "--dry-run", "-o", "json", env={"JIT_CONFIG": str(file)})
            self.assert_done(run)
            self.assertIn("https://acme.api.identitynow.com", run.stdout)


class Modules(unittest.TestCase):
    """A module includes only what is below it: the table of ARCHITECTURE.md."""

    LEVELS = {"util": 1, "io": 2, "json": 2, "http": 3, "mcp": 3, "config": 4, "sailpoint": 4, "auth": 5, "access": 6, "commands": 7, "cli": 8, "docs": 9}

    def test_no_include_goes_up(self):
        seen = 0
        for module, level in self.LEVELS.items():
            for file in (_ROOT / "src" / module).glob("*.?pp"):
                for other in re.findall(r'^#include "([a-z]+)/', file.read_text(), re.MULTILINE):
                    seen += 1
                    below = self.LEVELS[other] < level or other == module
                    self.assertTrue(below, f"{file} includes {other}")
        for file in (_ROOT / "src" / "sandbox").rglob("*.?pp"):
            modules = set(re.findall(r'^#include "([a-z]+)/', file.read_text(), re.MULTILINE))
            self.assertLessEqual(modules, {"util", "sandbox"}, file)
        self.assertGreater(seen, 100)


class ThreatModel(unittest.TestCase):
    """docs/security.md names a test for each claim, and each of them exists."""

    TEXT = (_ROOT / "docs" / "security.md").read_text()

    def test_each_claim_names_a_test(self):
        holds, _, _ = self.TEXT.partition("\n## What jit does not protect from\n")
        claims = re.findall(r"^- (.*(?:\n  .*)*)", holds, re.MULTILINE)
        self.assertGreater(len(claims), 20)
        for claim in claims:
            self.assertRegex(claim, r"`test_\w+\.(py|cpp) ")

    def test_each_test_exists(self):
        text = " ".join(self.TEXT.split())
        end_to_end = re.findall(r"`(test_\w+\.py) (\w+)\.(test_\w+)`", text)
        unit = re.findall(r'`(test_\w+\.cpp) "([^"]+)"`', text)
        self.assertEqual(len(end_to_end) + len(unit), len(re.findall(r"`test_\w+\.(?:py|cpp) ", text)))
        for file in {file for file, _, _ in end_to_end}:
            there = {(node.name, part.name) for node in ast.parse((_ROOT / "tests" / "e2e" / file).read_text()).body
                     if isinstance(node, ast.ClassDef) for part in node.body if isinstance(part, ast.FunctionDef)}
            self.assertLessEqual({(group, name) for of, group, name in end_to_end if of == file}, there, file)
        for file, name in unit:
            texts = [path.read_text() for path in (_ROOT / "tests" / "unit").glob(f"*/{file}")]
            self.assertTrue(any(f'TEST_CASE("{name}")' in text for text in texts), f"{file} {name}")


# A question, a shell, and servers: others test them.
_AT_A_TERMINAL = ("jit auth login", 'jit run -e "Prod DB Admin" -m 30', "jit mcp",
                  'jit mcp --allow "Prod DB Admin" --max-minutes 60')


class Examples(Test):
    """Every example of the help, the manual and the README runs, against the practice tenant, as it stands there."""

    def examples_of(self, page):
        """Those of a page on a terminal of 80 columns, a line or several for the shell each."""
        text = section(rendered(page, 78), "EXAMPLES")
        return re.findall(r"^ {11}(\S(?:.*\\\n {15})*.*)$", text, re.MULTILINE)

    def examples(self):
        found = {}
        for page in ["jit.1", *(f"jit-{command.replace(' ', '-')}.1" for command in _COMMANDS)]:
            lines = self.examples_of(page)
            self.assertTrue(lines, page)
            found.update(dict.fromkeys(lines))
        return [line for line in found if line not in _AT_A_TERMINAL]

    def test_no_page_is_wider_than_80_columns(self):
        for page in sorted((_ROOT / "man").iterdir()):
            with self.subTest(page=page.name):
                lines = rendered(page, 78).splitlines()
                self.assertLessEqual(max(map(len, lines)), 80, max(lines, key=len))

    def test_those_of_the_help_are_in_the_manual(self):
        for command in _COMMANDS:
            text = run_jit(*command.split(), "--help", "--all").stdout
            in_manual = [re.sub(r" \\\n *", " ", line) for line in self.examples_of(f"jit-{command.replace(' ', '-')}.1")]
            for line in re.findall(r"^  ([^#].*)$", re.search(r"\nExamples\n((?:  .*\n)+)", text)[1], re.MULTILINE):
                self.assertIn(line, in_manual)

    def test_they_run(self):
        self.run_lines(self.examples())

    def test_those_of_the_readme_run(self):
        lines = re.findall(r"^\$ (jit(?:-sandbox)? .*?)(?: +#.*)?$", (_ROOT / "README.md").read_text(), re.MULTILINE)
        self.assertTrue({line.split()[0] for line in lines} == {"jit", "jit-sandbox"} and len(lines) > 5, lines)
        self.run_lines(lines)

    def run_lines(self, lines):
        for line in lines:
            if line.startswith("jit-sandbox"):
                self.run_line(line, {})
                continue
            admin = ["--identity", "alex.admin"] if "policy" in line or "--tenant" in line else []
            # Whatever the time of day is, "--until 17:30" is within no policy's maximum.
            limit = [] if "policy" in line else ["--no-policy"]
            with self.subTest(line=line), Sandbox("--provision-delay", "0", *admin, *limit, speed=10) as sandbox:
                if not admin and not line.startswith("jit activate") and "auth" not in line:
                    active = ("Prod DB Admin", "-m", "60", "--wait")
                    self.assert_done(run_jit("activate", *active, env=sandbox.env))
                self.run_line(line, sandbox.env)

    def run_line(self, line, env):
        folder = f"{Path(JIT).parent}:{Path(JIT_SANDBOX).parent}"
        with tempfile.TemporaryDirectory() as home:
            for name in ("deploy.sh", "psql", "pg_isready", "my-pipeline.sh"):
                program = Path(home) / name
                program.write_text("#!/bin/sh\necho done\n")
                program.chmod(0o700)
            (Path(home) / "team.txt").write_text("# the team\nProd DB Admin\n")
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
        if not line.startswith(("PS1", "source", "mkdir")) and " -q" not in line:
            self.assertNotEqual(first + out, "", line)


if __name__ == "__main__":
    unittest.main()
