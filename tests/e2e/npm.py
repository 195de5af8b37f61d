"""Packages of npm that tests use, installed into $JIT_NPM (build/dev/npm where that is not set)."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import unittest
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]
_CONTRACT = _ROOT / "tests" / "contract"


def _cannot(reason):
    if os.environ.get("CI") == "true":
        raise AssertionError(f"{reason}; continuous integration does not go without")
    print(f"skipped: {reason}", file=sys.stderr)
    raise unittest.SkipTest(reason)


def node_modules():
    """The folder with the packages, installed if need be. Skips the test without npm or its registry, but never
    where CI=true."""
    if not shutil.which("npm") or not shutil.which("node"):
        _cannot("npm is not installed")
    place = Path(os.environ.get("JIT_NPM") or _ROOT / "build" / "dev" / "npm")
    place.mkdir(parents=True, exist_ok=True)
    wanted = hashlib.sha256((_CONTRACT / "package-lock.json").read_bytes()).hexdigest()
    done = place / "installed"
    with open(place / "lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists() or done.read_text(encoding="ascii") != wanted:
            done.unlink(missing_ok=True)
            for name in ("package.json", "package-lock.json", ".npmrc"):
                shutil.copy(_CONTRACT / name, place)
            ran = subprocess.run(["npm", "ci", "--no-progress"], cwd=place, stdin=subprocess.DEVNULL, capture_output=True,
                                 text=True, timeout=600, check=False)
            if ran.returncode != 0:
                _cannot(f"npm ci failed: {ran.stderr.strip()[-300:]}")
            done.write_text(wanted, encoding="ascii")
    return place / "node_modules"
