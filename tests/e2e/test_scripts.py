"""What the scripts of the developers decide by themselves."""

import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]


@unittest.skipUnless(shutil.which("dpkg-query"), "this is no Debian")
class InstallPackages(unittest.TestCase):
    """scripts/install-packages.sh, with records of dpkg that the test makes up, and an apt-get that does nothing."""

    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        for program in ("apt-get", "sudo"):
            path = self.folder / program
            path.write_text('#!/bin/sh\n[ "${0##*/}" = apt-get ] || exec "$@"\n')
            path.chmod(0o700)
        (self.folder / "updates").mkdir()
        self.native = subprocess.run(["dpkg", "--print-architecture"], capture_output=True, text=True, check=True).stdout.strip()

    def wanted(self, installed):
        """What the script would install of the set `bench`; `installed` maps names to architectures."""
        (self.folder / "status").write_text("".join(
            f"Package: {name}\nStatus: install ok {state}\nArchitecture: {architecture}\nVersion: 1\n"
            f"Multi-Arch: {'foreign' if architecture == 'all' else 'same'}\nMaintainer: nobody\nDescription: none\n\n"
            for name, architecture, state in installed))
        run = subprocess.run([_ROOT / "scripts" / "install-packages.sh", "bench"], capture_output=True, text=True, check=True,
                             env={**os.environ, "PATH": f"{self.folder}:/usr/bin:/bin", "DPKG_ADMINDIR": str(self.folder)})
        self.assertEqual(run.stdout, "")
        title, _, packages = run.stderr.partition(": ")
        self.assertIn((title, bool(packages)), (("", False), ("Installing packages", True)))
        return packages.split()

    def test_what_is_missing(self):
        every = self.wanted([])
        self.assertIn("jq", every)
        of_this = [(name, self.native, "installed") for name in every]
        self.assertEqual(self.wanted(of_this), [])
        self.assertEqual(self.wanted([(name, "all", "installed") for name in every]), [])
        self.assertEqual(self.wanted([(name, "riscv64", "installed") for name in every]), every)
        self.assertEqual(self.wanted(of_this + [("jq", "riscv64", "installed")]), [])
        rest = [entry for entry in of_this if entry[0] != "jq"]
        self.assertEqual(self.wanted(rest + [("jq", "riscv64", "installed")]), ["jq"])
        self.assertEqual(self.wanted(rest + [("jq", self.native, "config-files")]), ["jq"])


if __name__ == "__main__":
    unittest.main()
