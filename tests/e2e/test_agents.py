"""docs/agents.md is true: what a program may rely on, and what COMMAND of `jit run --no-cache` can find."""

import os
import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

from programs import JIT, clean_environment, is_sanitized
from support import CONNECTION, KINDS, Sandbox, Test, run_jit

_ROOT = Path(__file__).resolve().parents[2]
_TEXT = (_ROOT / "docs" / "agents.md").read_text()


class Reliance(Test):
    def setUp(self):
        self.sandbox = self.enterContext(Sandbox("--provision-delay", "0"))
        self.env = {**self.sandbox.env, **self.own_home()}

    def test_each_exit_code_has_its_row(self):
        rows = re.findall(r"^\| ([0-9, ]+) \|", _TEXT, re.MULTILINE)
        codes = {int(code) for row in rows for code in row.split(", ")}
        self.assertEqual(codes, ({0, 125} | set(KINDS)) - {1})

    def test_each_option_exists(self):
        words = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", _TEXT))
        known = "".join(run_jit(command, "--help", "--all").stdout for command in ("run", "ensure", "status", "mcp"))
        known += run_jit("--help", "--all").stdout
        for word in words:
            self.assertRegex(known, rf"(?<![\w-]){word}\b")

    def test_ensure_and_deactivate_are_safe_to_repeat(self):
        words = ("Prod DB Admin", "--non-interactive", "-o", "json")
        actions = [run_jit("ensure", *words, "-m", "30", env=self.env).json()["action"] for _ in range(2)]
        self.assertEqual(actions, ["activate", "none"])
        self.assertEqual([run_jit("deactivate", *words, env=self.env).code for _ in range(2)], [0, 0])
        self.assertEqual(self.sandbox.applied(), {CONNECTION: {"activate": 1, "deactivate": 1}})

    def test_errors(self):
        nothing = self.error_of(run_jit("activate", "Nothing", "-m", "5", "-o", "json", env=self.env), 5)
        self.assertIn("hint", nothing)
        self.error_of(run_jit("activate", "-m", "5", "-o", "json", env=self.env), 2)  # nobody to ask
        self.assertEqual(run_jit("status", "Prod DB Admin", "-q", env=self.env).code, 5)
        self.assertEqual(self.sandbox.applied(), {})

    def test_a_dry_run_changes_nothing(self):
        self.assert_done(run_jit("activate", "Prod DB Admin", "-m", "5", "--dry-run", env=self.env))
        self.assertEqual(self.sandbox.applied(), {})


class Confined(Test):
    """COMMAND of `jit run` as a user who is not root."""

    def setUp(self):
        self.sandbox = self.enterContext(Sandbox("--provision-delay", "0", tls=False))
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory(prefix="jit-agent-")))
        self.user = []
        if os.geteuid() == 0:
            self.user = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
            os.chown(self.folder, 65534, 65534)
        self.jit = self.folder / "jit"
        shutil.copy(JIT, self.jit)
        self.jit.chmod(0o755)
        self.home = self.folder / "home"
        self.home.mkdir()
        self.home.chmod(0o700)
        if self.user:
            os.chown(self.home, 65534, 65534)
        self.env = clean_environment({**self.sandbox.env, "SSL_CERT_FILE": None, "HOME": str(self.home),
                                      "XDG_RUNTIME_DIR": str(self.home), "XDG_CACHE_HOME": str(self.home)})

    def in_run(self, script, *options):
        """What a script prints as the COMMAND of a run."""
        run = subprocess.run([*self.user, self.jit, "run", *options, "-e", "Prod DB Admin", "-m", "30", "--", "sh", "-c", script],
                             env=self.env, cwd=self.folder, capture_output=True, text=True, stdin=subprocess.DEVNULL)
        self.assertEqual(self.sandbox.applied(), {CONNECTION: {"activate": 1, "deactivate": 1}}, run.stderr)
        return run.stdout

    def test_the_environment_has_no_credentials(self):
        self.assertEqual(re.findall(r"^SAIL_\w+", self.in_run("env", "--no-cache"), re.MULTILINE), ["SAIL_BASE_URL"])

    def test_no_file_has_the_token(self):
        self.assertEqual(self.in_run('find "$HOME" -type f', "--no-cache"), "")

    def test_without_no_cache_a_file_has_it(self):
        self.assertIn("/token-", self.in_run('find "$HOME" -type f'))

    def test_jit_finds_no_credentials(self):
        script = f'for word in list "activate Cafe-Ops -m 5" "extend {CONNECTION} -m 5"; do ./jit $word; echo $?; done'
        self.assertEqual(self.in_run(script, "--no-cache").split(), ["2", "2", "2"])

    @unittest.skipIf(is_sanitized(), "its leak checker needs to be traced")
    def test_the_environment_of_jit_is_unreadable(self):
        self.assertEqual(self.in_run('cat "/proc/$PPID/environ" || echo refused', "--no-cache"), "refused\n")


if __name__ == "__main__":
    unittest.main()
