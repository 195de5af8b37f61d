"""What the end-to-end tests share: real programs, real TLS, and a look at everything they print.

Running them
    python3 tests/e2e/test_operations.py -v             the programs of build/dev/src
    JIT=… JIT_SANDBOX=… python3 tests/e2e/test_x.py     others
    UPDATE_GOLDEN=1 python3 tests/e2e/test_terminal.py  writes golden/ anew; then read `git diff`

Rules
    Free ports only, no sleeping to wait for something, nothing outside a temporary directory. `run_jit` starts
    jit with an environment and a directory of its own. After every run it looks through both streams for secrets
    and for characters that steer a terminal, through the command line that others could see, and through what
    lies in the directory (a core, a temporary file), so that no test has to think of it.
"""

import contextlib
import datetime
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import unicodedata
import unittest
from pathlib import Path

# The tests take these from here.
from certificates import certificates, old_tls, server_tls  # noqa: F401
from clocks import SteppedClock, fake_time  # noqa: F401
from programs import JIT, JIT_SANDBOX, clean_environment, nowhere  # noqa: F401
from sandbox import Sandbox  # noqa: F401
from scripted_server import Reply, ScriptedServer, no_reply, reply  # noqa: F401

CLIENT_ID = "0e2e0000c11e47000000000000001d01"
CLIENT_SECRET = "e2e-client-secret-fit-for-nothing-0123456789abcdefghijklmnopqrst"
ACCESS_TOKEN = "e2e-access-token.fit-for-nothing.0123456789_ABCDEFGHIJKLMNOPQRST"

CONNECTION = "c0ffee00-0000-4000-8000-000000000001"
ACTIVATION = "5ca1ab1e-0000-4000-8000-000000000042"

COMMANDS = {  # the words that go with the connection ID, and the field with the minutes
    "activate": (["-m", "60"], "activationPeriodMins"),
    "extend": (["-m", "60"], "activationPeriodExtensionMins"),
    "deactivate": ([], None),
}
FORMATS = ("table", "json", "jsonl", "csv")
KINDS = {1: "internal", 2: "usage", 3: "unauthenticated", 4: "forbidden", 5: "refused", 6: "rate_limited",
         7: "unreachable", 8: "server", 9: "unknown_outcome", 10: "partial", 11: "not_provisioned",
         12: "wait_timeout", 130: "interrupted", 143: "interrupted"}

_PATIENCE = 300  # seconds; only ever passed by a test that fails
_watched = {ACCESS_TOKEN, CLIENT_ID, CLIENT_SECRET}  # what must not be found anywhere
_GOLDEN = Path(__file__).resolve().parent / "golden"
_COLOUR = re.compile("\x1b\\[(0|1|31)m")
_JWT = re.compile(r"\beyJ[\w-]{8,}\.")

# A shell that starts the tests in the background has them ignore Ctrl-C, and jit would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)
# Whoever stops the tests means what they have started, too: leave by way of each `with`.
signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))


# Answers of the service.

def acceptance(command="activate", **fields):
    """The body of a 202, as a dict. A field with the value None is left out."""
    body = {"id": "jit-activation-0042", "activationId": ACTIVATION, "connectionId": CONNECTION}
    if COMMANDS[command][1]:
        body[COMMANDS[command][1]] = 60
    body.update({"status": "CREATING", "startTime": "2026-11-24T10:00:00Z", **fields})
    return {name: value for name, value in body.items() if value is not None}


def accepted(command="activate", **fields):
    return reply(202, acceptance(command, **fields))


def token_reply(token=ACCESS_TOKEN):
    return reply(200, {"access_token": token, "token_type": "bearer", "expires_in": 43200})


# A refused connection ID may be an entitlement's: jit looks it up for a better hint, and then finds none.
NO_CONNECTIONS = reply(200, [])


def api_error(cause="the cause", message="the message", detail_code="400.1 Bad Request Content",
              tracking_id="e7eab60924f64aa284175b9fa3309599"):
    """The body of most refusals."""
    def text(words):
        return [{"locale": "en-US", "localeOrigin": "DEFAULT", "text": words}]
    return {"detailCode": detail_code, "trackingId": tracking_id, "messages": text(message),
            "causes": text(cause) if cause is not None else []}


# Running jit.

def token_env(url, **more):
    """What makes jit go to this server with a token it was given."""
    return {"SAIL_BASE_URL": url, "SAIL_ACCESS_TOKEN": ACCESS_TOKEN, "SSL_CERT_FILE": certificates().ca, **more}


def pat_env(url, **more):
    """What makes jit go to this server with credentials to get a token for."""
    return {"SAIL_BASE_URL": url, "SAIL_CLIENT_ID": CLIENT_ID, "SAIL_CLIENT_SECRET": CLIENT_SECRET,
            "SSL_CERT_FILE": certificates().ca, **more}


def operation(command, *words, connection=CONNECTION):
    """The words of one request: ["activate", ID, "-m", "60", …]."""
    return [command, connection, *COMMANDS[command][0], *words]


ACTIVATE = tuple(operation("activate"))


def watch(*secrets):
    """From now on these are secrets, too."""
    _watched.update(secrets)


class Run:
    """How a run ended: `code`, `stdout` and `stderr`."""

    def __init__(self, code, stdout, stderr):
        self.code = code
        self.stdout = stdout
        self.stderr = stderr

    def __repr__(self):
        return f"exit code {self.code}\nstdout: {self.stdout}\nstderr: {self.stderr}"

    def json(self):
        return json.loads(self.stdout)


class Jit:
    """A run of jit that a test talks to while it lasts; ended, if need be, with its `with` block."""

    def __init__(self, *words, env=None, coloured=False, may_show=(), stdin=subprocess.DEVNULL,
                 stdout=subprocess.PIPE, stderr=subprocess.PIPE, **popen):
        # A run finds no token of another test, unless that gives both one place.
        self._runtime = tempfile.TemporaryDirectory(prefix="jit-e2e-run-")
        self._environment = clean_environment({"XDG_RUNTIME_DIR": self._runtime.name, **(env or {})})
        self._coloured = coloured
        self._may_show = may_show
        self._err_so_far = b""
        self._process = subprocess.Popen([JIT, *words], env=self._environment, stdin=stdin, stdout=stdout,
                                         stderr=stderr, **{"cwd": self._runtime.name, **popen})
        # Whoever lists the processes of the machine sees this.
        shown = Path(f"/proc/{self._process.pid}/cmdline").read_bytes().decode(errors="replace")
        ids = {CLIENT_ID, self._environment.get("SAIL_CLIENT_ID"), *may_show}  # which are no secrets there
        check_printed(shown, self._environment, may_show=ids, steering=False)

    def __enter__(self):
        return self

    def __exit__(self, *problem):
        if self._process.poll() is None:
            self._process.kill()
        self._process.communicate()
        self._runtime.cleanup()

    def _read(self, stream):
        """A line, or what there is of one when the run is ended for keeping the test waiting."""
        def end():
            with contextlib.suppress(ProcessLookupError):
                group = os.getpgid(self._process.pid)
                os.killpg(group, signal.SIGKILL) if group == self._process.pid else self._process.kill()

        timer = threading.Timer(_PATIENCE / 2, end)
        timer.start()
        try:
            return stream.readline()
        finally:
            timer.cancel()

    def wait_for_message(self, part):
        """Reads stderr up to a line that has `part`."""
        while part.encode() not in self._err_so_far:
            line = self._read(self._process.stderr)
            if not line:
                raise AssertionError(f"stderr ended without {part!r}: {self._err_so_far!r}")
            self._err_so_far += line

    def read_line(self):
        """The next line of stdout."""
        line = self._read(self._process.stdout).decode()
        check_printed(line, self._environment, self._coloured, self._may_show)
        return line

    def send_signal(self, number):
        self._process.send_signal(number)

    def finish(self, patience=_PATIENCE):
        """Waits for the end, and looks through what was printed."""
        try:
            out, err = self._process.communicate(timeout=patience)
        except subprocess.TimeoutExpired:
            self._process.kill()
            out, err = self._process.communicate()
            raise AssertionError(f"jit has not ended within {patience} s; stderr: {err!r}") from None
        streams = [(out or b"").decode(), (self._err_so_far + (err or b"")).decode()]  # strict: always UTF-8
        for text in streams:
            check_printed(text, self._environment, self._coloured, self._may_show)
        for path in Path(self._runtime.name).rglob("*"):
            if path.is_file() and not re.fullmatch(r"(token-[0-9a-f]{16}\.json|(access|clock|confirm|names)-[0-9a-f]{16})(\.lock)?", path.name):
                raise AssertionError(f"jit has left {path} behind")
        return Run(self._process.returncode, *streams)


def run_jit(*words, **how):
    """Runs jit to its end; `how` as `Jit` has it. The environment has nothing but what `env` adds."""
    with Jit(*words, **how) as jit:
        return jit.finish()


def check_printed(text, environment=None, coloured=False, may_show=(), steering=True):
    """Fails where text for people or scripts has a secret, or a character that steers a terminal."""
    secrets = set(_watched)
    secrets.update(value for name, value in (environment or {}).items()
                   if name in ("SAIL_ACCESS_TOKEN", "SAIL_CLIENT_ID", "SAIL_CLIENT_SECRET"))
    for secret in secrets - set(may_show):
        for part in {secret[:16], secret[-16:]}:  # a piece is too much as well
            if len(part) >= 8 and part in text:
                around = text[max(0, text.index(part) - 80):][:240]
                raise AssertionError(f"a secret ({part}…) is in what was printed: …{around}…")
    if _JWT.search(text):
        raise AssertionError(f"an access token is in what was printed: {text}")
    if "Sanitizer" in text or "runtime error:" in text:
        raise AssertionError(f"a sanitizer complains: {text}")
    found = {char for char in (_COLOUR.sub("", text) if coloured else text)
                if char != "\n" and unicodedata.category(char) in ("Cc", "Cf", "Zl", "Zp", "Cs")}
    if steering and found:
        raise AssertionError(f"{sorted(found)} reached the output: {text[:2000]!r}")


# Reading what was printed.

def without_times(text):
    """The same text with local times and this machine's version replaced by fixed words of the same width."""
    text = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC", "YYYY-MM-DD hh:mm:ss UTC", text)
    return re.sub(r"\d{4}-\d\d-\d\d(?=, )", "YYYY-MM-DD", text)


def parse_time(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def jit_version():
    return run_jit("--version").stdout.split()[1]


class Test(unittest.TestCase):
    """Assertions about runs."""

    maxDiff = None

    @staticmethod
    def program(home, name, text):
        """A shell script in this directory; its path."""
        path = Path(home) / name
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o700)
        return str(path)

    def own_home(self):
        """Directories of this test alone for what jit keeps between runs, as part of an environment."""
        home = self.enterContext(tempfile.TemporaryDirectory(prefix="jit-e2e-"))
        return {"HOME": home, "XDG_RUNTIME_DIR": home, "XDG_CACHE_HOME": home}

    def assert_done(self, run):
        self.assertEqual((run.code, run.stderr), (0, ""), run)

    def assert_failed(self, run, code, *parts, hint=None):
        """The two lines for people: what went wrong, which has all `parts`, and what to do, which has `hint`."""
        self.assertEqual((run.code, run.stdout), (code, ""), run)
        self.assertRegex(run.stderr, r"\Ajit: \S[^\n]*\n(     \S[^\n]*\n)?\Z")
        said, _, to_do = run.stderr.partition("\n")
        for part in parts:
            self.assertIn(part, said)
        if hint is not None:
            self.assertIn(hint, to_do)

    def error_of(self, run, code):
        """The object in the one line for scripts, checked for what each has."""
        self.assertEqual((run.code, run.stdout), (code, ""), run)
        self.assertEqual(run.stderr.count("\n"), 1, run)
        document = json.loads(run.stderr)
        self.assertEqual(list(document), ["error"])
        error = document["error"]
        self.assertEqual((error["code"], error["kind"]), (code, KINDS[code]))
        self.assertLessEqual(set(error), {"code", "kind", "httpStatus", "detailCode", "message", "trackingId",
                                          "retryAfter", "hint", "candidates", "warnings"})
        return error

    def failure(self, words, code, env, **how):
        """Runs the words once for people and once for scripts. Both must say the same; returns the error."""
        for_people = run_jit(*words, env=env, **how)
        self.assert_failed(for_people, code)
        error = self.error_of(run_jit(*words, "-o", "json", env=env, **how), code)
        hint = f"     {error['hint']}\n" if "hint" in error else ""
        said = for_people.stderr
        if "trackingId" in error:  # the sandbox makes one for each answer
            said = re.sub(r"\(tracking ID \w+\)", f"(tracking ID {error['trackingId']})", said)
        self.assertEqual(*(re.sub(r"after \d+ ms", "after N ms", text)  # libcurl's own words
                           for text in (said, f"jit: {error['message']}\n{hint}")))
        return error

    def assert_golden(self, name, text):
        """Compares with golden/NAME.txt; with UPDATE_GOLDEN=1 writes it instead."""
        path = _GOLDEN / f"{name}.txt"
        if os.environ.get("UPDATE_GOLDEN"):
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        self.assertEqual(text, path.read_text(encoding="utf-8"))
