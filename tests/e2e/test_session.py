"""The picture of a session in the README is what the programs do."""

import os
import re
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from programs import JIT, JIT_SANDBOX, clean_environment
from support import check_printed

_ROOT = Path(__file__).resolve().parents[2]
_COMMITTED = _ROOT / "docs" / "session.svg"


class Session(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "session.svg"
            programs = f"{Path(JIT).parent}:{Path(JIT_SANDBOX).parent}:{os.environ['PATH']}"
            subprocess.run([sys.executable, _ROOT / "scripts" / "record.py", file], check=True, timeout=240,
                           env=clean_environment({"PATH": programs}))
            cls.recorded = file.read_text(encoding="utf-8")

    def test_it_is_the_committed_one(self):
        """If this fails, run it with UPDATE_GOLDEN=1 and look at what has changed."""
        if os.environ.get("UPDATE_GOLDEN"):
            _COMMITTED.write_text(self.recorded, encoding="utf-8")
        self.assertEqual(self.recorded, _COMMITTED.read_text(encoding="utf-8"))

    def test_it_shows_the_session(self):
        root = ElementTree.fromstring(self.recorded)
        shown = ["".join(text.itertext()) for text in root.iter("{http://www.w3.org/2000/svg}text")]
        for part in (r"\$ jit activate .*--wait", r"Prod DB Admin: starting, \d s", r"✓ Prod DB Admin is active until 10:00 \(60 min\)",
                     r".*  active  10:00, in 59 min \d\d s.*", r"✓ Prod DB Admin extended by 30 min, now until 10:30", r"✓ Prod DB Admin ended",
                     r"\$ jit run .*", r"\(1 row\)", r"jit: access to Prod DB Admin was ended"):
            self.assertTrue(any(re.fullmatch(part, line) for line in shown), (part, shown))

    def test_it_needs_and_gives_away_nothing(self):
        check_printed(self.recorded)
        self.assertEqual(re.findall(r"<script|<image|@import|@font-face|url\(|href", self.recorded), [])
        self.assertLess(len(self.recorded.encode()), 60_000)
        self.assertTrue("docs/session.svg" in (_ROOT / "README.md").read_text(encoding="utf-8"), "the README does not show it")


if __name__ == "__main__":
    unittest.main()
