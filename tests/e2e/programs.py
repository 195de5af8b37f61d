"""The programs under test, and the environment they run in."""

import atexit
import functools
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

_BUILT = Path(__file__).resolve().parents[2] / "build" / "dev" / "src"

JIT = os.path.abspath(os.environ.get("JIT") or _BUILT / "jit")
JIT_DOCS = os.path.abspath(os.environ.get("JIT_DOCS") or _BUILT / "jit-docs")
JIT_SANDBOX = os.path.abspath(os.environ.get("JIT_SANDBOX") or _BUILT / "jit-sandbox")

# What sanitizers and coverage want to know; none of it changes what the programs do.
_INSTRUMENTS = ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS", "GCOV_PREFIX", "GCOV_PREFIX_STRIP")


@functools.cache
def is_sanitized():
    """Whether jit is built to find faults, by the preset `asan`, and not as it is released."""
    return b"__asan_init" in Path(JIT).read_bytes()


@functools.cache
def empty_home():
    """A home directory with nothing in it."""
    home = tempfile.mkdtemp(prefix="jit-e2e-home-")
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    return home


@functools.cache
def nowhere():
    """A path where nothing is."""
    directory = tempfile.mkdtemp(prefix="jit-e2e-nowhere-")
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    return os.path.join(directory, "nothing")


def clean_environment(extra=None):
    """Nothing of the caller's but PATH: no proxies, no CAs, no credentials. A value None takes one away."""
    env = {name: os.environ[name] for name in ("PATH", *_INSTRUMENTS) if name in os.environ}
    env.update({"HOME": empty_home(), "TZ": "UTC", "LC_ALL": "C.UTF-8"})
    env.update(extra or {})
    return {name: value for name, value in env.items() if value is not None}


@functools.cache
def commands():
    """The names of all commands of jit, as its help lists them."""
    text = subprocess.run([JIT, "--help"], env=clean_environment(), check=True, capture_output=True, text=True).stdout
    return tuple(re.findall(r"^  ([a-z]+(?: [a-z]+)?)  +[A-Z]", text, re.MULTILINE))
