"""Clocks that are wrong, fast, or set while jit runs, by Debian's package faketime. What they are for takes their
environment: run_jit(…, env={**env, **fake_time("-2h")})."""

import contextlib
import functools
import os
import re
import tempfile
import time
from pathlib import Path


@functools.cache
def _library():
    found = sorted(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))
    if not found:
        raise AssertionError("libfaketime is missing: scripts/install-packages.sh test")
    return str(found[0])


def _remove_leftovers():
    """Removes what the library left in shared memory for processes that are gone: a new process that gets the same
    number would not start, or would take over an old clock. What is younger may be in use by their children."""
    long_ago = time.time() - 600
    for entry in os.scandir("/dev/shm"):
        owner = re.fullmatch(r"(?:sem\.faketime_sem|faketime_shm)_(\d+)", entry.name)
        with contextlib.suppress(FileNotFoundError, PermissionError):  # two tests at once; another user's
            if owner and not os.path.exists(f"/proc/{owner[1]}") and entry.stat().st_mtime < long_ago:
                os.unlink(entry.path)


def _environment(**more):
    _remove_leftovers()
    # A sanitizer's library wants to be the first; it does as well behind this one.
    sanitizer = ":".join(filter(None, (os.environ.get("ASAN_OPTIONS"), "verify_asan_link_order=0")))
    return {"LD_PRELOAD": _library(), "ASAN_OPTIONS": sanitizer, "FAKETIME_NO_CACHE": "1", "NO_FAKE_STAT": "1", **more}


def fake_time(offset="+0", speed=1):
    """The clock of the day is wrong by `offset` ("-2h", "+3d", "+90": seconds). With a speed of 60, a minute of all
    clocks, and of every wait, takes a second."""
    if speed == 1:
        return _environment(FAKETIME=offset, FAKETIME_DONT_FAKE_MONOTONIC="1")
    return _environment(FAKETIME=f"{offset} x{speed}")


class SteppedClock:
    """A clock of the day that is set while jit runs: `with SteppedClock() as clock`, its environment `clock.env`, and
    `clock.set("+1h")`. The steady clocks go on."""

    def __init__(self, offset="+0"):
        self._directory = tempfile.TemporaryDirectory(prefix="jit-e2e-clock-")
        self._file = Path(self._directory.name) / "offset"
        self.set(offset)
        self.env = _environment(FAKETIME_TIMESTAMP_FILE=str(self._file), FAKETIME_DONT_FAKE_MONOTONIC="1")

    def set(self, offset):
        """How far it is wrong from now on."""
        new = self._file.with_suffix(".new")
        new.write_text(f"{offset}\n", encoding="ascii")
        new.rename(self._file)  # never half of it

    def __enter__(self):
        return self

    def __exit__(self, *problem):
        self._directory.cleanup()
