"""Where credentials come from beside the variables: a command, the keyring; and jit auth login, status, logout."""

import contextlib
import json
import os
import pty
import re
import select
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import termios
import time
import unittest
from pathlib import Path

from programs import is_sanitized
from support import (ACCESS_TOKEN, ACTIVATE, CLIENT_ID, CLIENT_SECRET, JIT, Jit, Sandbox, ScriptedServer, Test, accepted,
                     check_printed, clean_environment, no_reply, nowhere, reply, run_jit, token_reply, watch)

RING_ID = "41de0000c11e4700000000000000c0de"
RING_SECRET = "ring-client-secret-fit-for-nothing-0123456789abcdefghijklmnopqrs"
COMMAND_SECRET = "command-client-secret-fit-for-nothing-0123456789abcdefghijklmno"
watch(RING_ID, RING_SECRET, COMMAND_SECRET)
_PATIENCE = 30


class CredentialsTest(Test):
    """Each test has a home and a server of its own; the tenant's environment is `acme` of the vendor's file."""

    def setUp(self):
        self.home = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.server = self.enterContext(ScriptedServer(tls=None))
        self.env = {"HOME": str(self.home)}
        self.vendors = self.home / ".sailpoint/config.yaml"
        self.ours = self.home / ".config/jit/config.yaml"

    def write(self, path, text, mode=0o600):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(mode)

    def write_vendors(self, url=None):
        self.write(self.vendors, f"activeenvironment: acme\nenvironments:\n  acme:\n    baseurl: {url or self.server.url}\n",
                   0o644)

    def write_ours(self, *lines, mode=0o600):
        text = "".join(f"    {line}\n" for line in (f"baseurl: {self.server.url}", *lines))
        self.write(self.ours, f"activeenvironment: acme\nenvironments:\n  acme:\n{text}", mode)

    def jit(self, *words, secret=None, **how):
        """Runs jit with the test's own variables; `secret` is what it reads."""
        env = {**self.env, **how.pop("env", {})}
        if secret is None:
            return run_jit(*words, env=env, **how)
        with tempfile.TemporaryFile() as stdin:
            stdin.write(secret.encode())
            stdin.seek(0)
            return run_jit(*words, env=env, stdin=stdin, **how)

    def used(self, *words, **how):
        """Runs once; what the token endpoint was sent, as an ID and a secret."""
        self.server.expect(token_reply(), accepted())
        run = self.jit(*ACTIVATE, *words, **how)
        self.assertEqual(run.code, 0, run)
        form, _ = self.server.take()
        return re.fullmatch(r"grant_type=client_credentials&client_id=(.*)&client_secret=(.*)", form.body.decode()).groups()


class Commands(CredentialsTest):
    """`credential_command`."""

    def printing(self, text):
        """A program of its own that prints this, and counts its runs."""
        path = self.home / "helper"
        path.write_text(f"#!/bin/sh\necho run >>{self.home}/runs\ncat <<'END'\n{text}\nEND\n")
        path.chmod(0o700)
        return path

    def runs(self):
        path = self.home / "runs"
        return len(path.read_text().splitlines()) if path.exists() else 0

    def test_a_secret_or_both(self):
        both = json.dumps({"client_id": RING_ID, "client_secret": COMMAND_SECRET})
        for text, lines in ((COMMAND_SECRET, [f"pat: {{clientid: {RING_ID}}}"]), (both, []),
                            (f"{COMMAND_SECRET}\nurl: https://a.example", [f"pat: {{clientid: {RING_ID}}}"])):
            with self.subTest(text=text[:8]):
                self.write_ours(f"credential_command: {self.printing(text)} show jit", *lines)
                self.assertEqual(self.used(), (RING_ID, COMMAND_SECRET))
        self.write_ours(f"credential_command: [{self.printing(COMMAND_SECRET)}]")
        self.assertEqual(self.used(env={"SAIL_CLIENT_ID": CLIENT_ID}), (CLIENT_ID, COMMAND_SECRET))

    def test_it_is_not_run_where_it_is_not_needed(self):
        helper = self.printing(COMMAND_SECRET)
        self.write_ours(f"credential_command: {helper}", f"pat: {{clientid: {RING_ID}}}")
        with tempfile.TemporaryDirectory() as runtime:
            env = {"XDG_RUNTIME_DIR": runtime}
            self.used(env=env)
            self.server.expect(accepted())
            self.assert_done(self.jit(*ACTIVATE, env=env))
            self.assertEqual(self.runs(), 1)
        self.server.take()
        self.assertEqual(self.used(env={"SAIL_CLIENT_ID": CLIENT_ID, "SAIL_CLIENT_SECRET": CLIENT_SECRET}),
                         (CLIENT_ID, CLIENT_SECRET))
        self.jit("auth", "status")
        self.jit(*ACTIVATE, "--dry-run")
        self.assertEqual(self.runs(), 1)

    def test_no_shell_reads_it_unless_it_asks_for_one(self):
        argument = "$HOME; touch /tmp/jit-e2e-never `id` | cat"
        helper = self.home / "helper"
        helper.write_text(f"#!/bin/sh\nprintf '%s\\n' \"$@\" >{self.home}/arguments\necho {COMMAND_SECRET}\n")
        helper.chmod(0o700)
        self.write_ours(f"credential_command: [{helper}, '{argument}']", f"pat: {{clientid: {RING_ID}}}")
        self.used()
        self.assertEqual((self.home / "arguments").read_text(), argument + "\n")
        self.write_ours(f"credential_command: sh -c 'printf \"%s\" \"$WORD\" | tr a-z a-z'", f"pat: {{clientid: {RING_ID}}}")
        self.assertEqual(self.used(env={"WORD": COMMAND_SECRET}), (RING_ID, COMMAND_SECRET))

    def test_what_it_gets_to_see(self):
        seen = self.home / "seen"
        self.write_ours(f"credential_command: sh -c 'env >{seen}; cat >>{seen}; echo noise >&2; echo {COMMAND_SECRET}'",
                        f"pat: {{clientid: {RING_ID}}}")
        self.server.expect(token_reply(), accepted())
        run = self.jit(*ACTIVATE, "--debug", env={"SAIL_CLIENT_SECRET": CLIENT_SECRET, "WORD": "x"})
        self.assertEqual(run.code, 0, run)
        self.assertIn("noise\n", run.stderr)
        text = seen.read_text()
        self.assertIn("WORD=x", text)
        self.assertNotIn(CLIENT_SECRET, text)
        self.server.take()

    def test_commands_that_are_no_good(self):
        cases = [(nowhere(), f"cannot start {nowhere()}: No such file"), ("sh -c 'exit 7'", "ended with code 7"),
                 ("sh -c 'kill -9 $$'", "was ended by signal 9"), ("true", "printed nothing"),
                 ("yes", "printed more than 64 KiB"), ("echo a b", "has blanks"), ("echo {}", "without a client_secret"),
                 (f"echo '{{\"client_id\":\"other\",\"client_secret\":\"{COMMAND_SECRET}\"}}'", "printed another client ID")]
        for command, said in cases:
            with self.subTest(command=command):
                self.write_ours(f"credential_command: {json.dumps(command)}", f"pat: {{clientid: {RING_ID}}}")
                self.assert_failed(self.jit(*ACTIVATE), 2, f"credential_command ({self.ours}:5)" if "blanks" not in said else "",
                                   said)
        self.write_ours(f"credential_command: echo {COMMAND_SECRET}")
        self.assert_failed(self.jit(*ACTIVATE), 2, "printed a secret, and no client ID is known",
                           hint="environments.acme.pat.clientid")
        self.assertEqual(self.server.take(), [])

    def test_a_signal_ends_it_too(self):
        pid = self.home / "pid"
        os.mkfifo(pid)
        self.write_ours(f"credential_command: sh -c 'echo $$ >{pid}; exec sleep 1000'", f"pat: {{clientid: {RING_ID}}}")
        with Jit(*ACTIVATE, env=self.env) as jit:
            child = int(pid.read_text())
            jit.send_signal(signal.SIGTERM)
            run = jit.finish()
        self.assert_failed(run, 143, "interrupted while credential_command")
        with contextlib.suppress(ProcessLookupError, FileNotFoundError):
            self.assertEqual(Path(f"/proc/{child}/stat").read_text().split()[2], "Z")

    def test_a_file_that_others_can_write_runs_nothing(self):
        for mode in (0o620, 0o602, 0o666):
            self.write_ours(f"credential_command: {self.printing(COMMAND_SECRET)}", mode=mode)
            self.assert_failed(self.jit(*ACTIVATE), 2, "can be written by others", hint="chmod go-w")
        self.assertEqual(self.runs(), 0)

    def test_it_is_for_its_own_tenant(self):
        self.write_ours(f"credential_command: {self.printing(COMMAND_SECRET)}", f"pat: {{clientid: {RING_ID}}}")
        for words, env in ((["--base-url", "https://evil.example"], {}), ([], {"SAIL_BASE_URL": "https://evil.example"})):
            self.assert_failed(self.jit(*ACTIVATE, *words, env=env), 2, f"is for {self.server.url}", "https://evil.example",
                               "nothing was sent")
        self.assertEqual(self.runs(), 0)


def with_bus(function):
    """Runs a test again inside a session bus of its own, where it is not in one."""
    def wrapped(self):
        if os.environ.get("JIT_E2E_BUS") == self.id():
            return function(self)
        env = {**os.environ, "JIT_E2E_BUS": self.id()}
        name = self.id().removeprefix("__main__.").removeprefix("test_credentials.")
        with tempfile.TemporaryFile("w+") as said:  # no pipe: a service that is left over would hold it open
            code = subprocess.run(["dbus-run-session", "--", sys.executable, __file__, name], env=env, stdout=said,
                                  stderr=said, stdin=subprocess.DEVNULL, check=False).returncode
            said.seek(0)
            self.assertEqual(code, 0, said.read())
    return wrapped


class Keyring(CredentialsTest):
    """The Secret Service, by a real gnome-keyring."""

    def setUp(self):
        super().setUp()
        self.bus = os.environ.get("DBUS_SESSION_BUS_ADDRESS", "") if "JIT_E2E_BUS" in os.environ else None

    def start(self):
        """Starts the service, its login collection open."""
        runtime = self.home / "run"
        runtime.mkdir(mode=0o700)
        self.ring_env = {"DBUS_SESSION_BUS_ADDRESS": self.bus, "HOME": str(self.home), "PATH": os.environ["PATH"],
                         "XDG_RUNTIME_DIR": str(runtime)}
        self.service = subprocess.Popen(["gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets"],
                                        env=self.ring_env, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)
        self.service.stdin.write(b"letmein")
        self.service.stdin.close()
        self.addCleanup(self.service.wait)
        self.addCleanup(self.service.terminate)
        subprocess.run(["gdbus", "wait", "--session", "--timeout", str(_PATIENCE), "org.freedesktop.secrets"],
                       env=self.ring_env, check=True)
        self.env["DBUS_SESSION_BUS_ADDRESS"] = self.bus

    def call(self, name, path, method, *words):
        return subprocess.run(["gdbus", "call", "--session", "--dest", name, "--object-path", path, "--method", method, *words],
                              env=self.ring_env, capture_output=True, text=True, check=True).stdout

    def store(self, kind, value, user="acme"):
        """As the vendor's tool does it."""
        subprocess.run(["secret-tool", "store", "--label=x", "service", f"environments.pat.{kind}", "username", user],
                       env=self.ring_env, input=value, text=True, check=True)

    def look_up(self, kind, user="acme"):
        return subprocess.run(["secret-tool", "lookup", "service", f"environments.pat.{kind}", "username", user],
                              env=self.ring_env, capture_output=True, text=True, check=False).stdout

    def lock(self):
        self.call("org.freedesktop.secrets", "/org/freedesktop/secrets", "org.freedesktop.Secret.Service.Lock",
                  "['/org/freedesktop/secrets/collection/login']")

    def fill(self):
        self.start()
        self.store("clientid", RING_ID)
        self.store("clientsecret", RING_SECRET)
        self.write_vendors()

    @with_bus
    def test_what_the_vendors_tool_has_stored_is_found(self):
        self.fill()
        self.assertEqual(self.used(), (RING_ID, RING_SECRET))
        self.write_ours(f"pat: {{clientid: {CLIENT_ID}, clientsecret: {CLIENT_SECRET}}}")
        self.assertEqual(self.used(), (RING_ID, RING_SECRET))
        self.assertEqual(self.used(env={"SAIL_CLIENT_ID": CLIENT_ID, "SAIL_CLIENT_SECRET": CLIENT_SECRET}),
                         (CLIENT_ID, CLIENT_SECRET))
        self.assert_failed(self.jit(*ACTIVATE, env={"SAIL_ACTIVEENVIRONMENT": "other", "SAIL_BASE_URL": self.server.url}), 2,
                           "no credentials are set for environment other")

    @with_bus
    def test_it_is_for_its_own_tenant(self):
        self.fill()
        for words, env in ((["--base-url", "https://evil.example"], {}), ([], {"SAIL_BASE_URL": "https://evil.example"})):
            self.assert_failed(self.jit(*ACTIVATE, *words, env=env), 2, "the secret in the keyring (environment acme) is for",
                               "https://evil.example", "nothing was sent")
        self.vendors.unlink()
        env = {"SAIL_ACTIVEENVIRONMENT": "acme", "SAIL_BASE_URL": self.server.url}
        self.assert_failed(self.jit(*ACTIVATE, env=env), 2, "no configuration file says which tenant")

    @with_bus
    def test_a_pat_is_not_who_signs_in_by_browser(self):
        self.fill()
        self.write_ours()
        refused = ("environment acme signs in by browser", "nothing was sent")
        url = f"    baseurl: {self.server.url}\n"
        for text, env, counts in (
                (f"environments:\n  acme:\n    authtype: oauth\n{url}", {}, False),
                (f"authtype: OAuth\nenvironments:\n  acme:\n{url}", {}, False),
                (f"authtype: oauth\nenvironments:\n  acme:\n    authtype: pat\n{url}", {}, True),
                (f"authtype: pat\nenvironments:\n  acme:\n    authtype: oauth\n{url}", {}, False),
                (f"environments:\n  acme:\n{url}", {"SAIL_AUTHTYPE": "oauth"}, False),
                (f"environments:\n  acme:\n    authtype: oauth\n{url}", {"SAIL_AUTHTYPE": "pat"}, True),
                (f"authtype: null\nenvironments:\n  acme:\n    authtype: ''\n{url}", {}, True)):
            with self.subTest(text=text, env=env):
                self.write(self.vendors, f"activeenvironment: acme\n{text}")
                if counts:
                    self.assertEqual(self.used(env=env), (RING_ID, RING_SECRET))
                    continue
                where = "SAIL_AUTHTYPE" if env else f"{self.vendors}:"
                self.assert_failed(self.jit(*ACTIVATE, env=env), 2, *refused, where, hint="jit auth login --env acme")
                self.assertEqual(self.used(env={**env, "SAIL_CLIENT_ID": CLIENT_ID, "SAIL_CLIENT_SECRET": CLIENT_SECRET}),
                                 (CLIENT_ID, CLIENT_SECRET))
        self.write(self.vendors, f"activeenvironment: acme\nenvironments:\n  acme:\n    authtype: pta\n{url}")
        self.assert_failed(self.jit(*ACTIVATE), 2, f"{self.vendors}:4: authtype must be pat or oauth")
        # One that the vendor's file has is as old; one that was given to jit is not.
        pat = f"    pat: {{clientid: {RING_ID}, clientsecret: {RING_SECRET}}}\n"
        self.write(self.vendors, f"activeenvironment: acme\nenvironments:\n  acme:\n    authtype: oauth\n{url}{pat}")
        self.assert_failed(self.jit(*ACTIVATE), 2, *refused)
        self.server.expect(token_reply())
        run = self.jit("auth", "login", "--client-id", CLIENT_ID, "--with-secret-stdin", secret=CLIENT_SECRET)
        self.assertEqual(run.code, 0, run)
        self.assertIn("jit uses this token for acme from now on", run.stderr)
        self.server.take()
        self.assertEqual(self.used(), (CLIENT_ID, CLIENT_SECRET))

    @with_bus
    def test_one_that_is_locked(self):
        self.fill()
        self.lock()
        self.assert_failed(self.jit(*ACTIVATE), 2, "no credentials are set for environment acme",
                           "the keyring cannot be used: it is locked", hint="SAIL_CLIENT_ID")
        self.write_ours(f"pat: {{clientid: {CLIENT_ID}, clientsecret: {CLIENT_SECRET}}}")
        self.assertEqual(self.used(), (CLIENT_ID, CLIENT_SECRET))

    @with_bus
    def test_login_and_logout(self):
        self.start()
        self.write_vendors()
        self.server.expect(token_reply())
        words = ["auth", "login", "--client-id", CLIENT_ID, "--with-secret-stdin"]
        run = self.jit(*words, secret=CLIENT_SECRET + "\n")
        self.assertEqual(run.code, 0, run)
        self.assertIn("the keyring (environment acme)", run.stdout)
        self.assertEqual((self.look_up("clientid"), self.look_up("clientsecret")), (CLIENT_ID, CLIENT_SECRET))
        self.assertNotIn(CLIENT_SECRET, self.ours.read_text())
        self.server.take()
        self.assertEqual(self.used(), (CLIENT_ID, CLIENT_SECRET))
        # Another tenant's entry is never overwritten, whatever the file says.
        with ScriptedServer(tls=None) as other:
            run = self.jit(*words, "--env", "acme", "--base-url", other.url, secret="x")
            self.assert_failed(run, 2, f"environment acme is {self.server.url}", hint="--env NAME")
            self.assertEqual(other.connections, 0)
        self.assertIn("removedFromKeyring   yes", self.jit("auth", "logout", "--all").stdout)
        self.assertEqual((self.look_up("clientid"), self.look_up("clientsecret")), ("", ""))
        self.assertEqual(self.jit("auth", "status").code, 2)

    @with_bus
    def test_login_with_one_that_is_locked(self):
        self.fill()
        self.lock()
        self.server.expect(token_reply())
        run = self.jit("auth", "login", "--client-id", CLIENT_ID, "--with-secret-stdin", secret=CLIENT_SECRET)
        self.assertEqual(run.code, 0, run)
        self.assertIn(f"the secret is kept as text in {self.ours}, readable by you only: the keyring cannot be used: "
                      "it is locked", run.stderr)
        self.assertEqual(stat.S_IMODE(self.ours.stat().st_mode), 0o600)
        self.server.take()
        self.assertEqual(self.used(), (CLIENT_ID, CLIENT_SECRET))

    @with_bus
    def test_a_bus_without_such_a_service(self):
        self.write_vendors()
        # A bus configuration that knows no services to start.
        self.assert_failed(self.jit(*ACTIVATE, env={"DBUS_SESSION_BUS_ADDRESS": f"unix:path={self.home}/none"}), 2,
                           "no credentials are set", "the keyring cannot be used: ")

    def test_no_bus_at_all(self):
        self.write_vendors()
        self.assert_failed(self.jit(*ACTIVATE), 2, "no credentials are set for environment acme",
                           "no keyring here (no D-Bus session)")

    def test_a_bus_that_never_answers(self):
        """It is given up after some seconds: the file's credentials serve."""
        self.write_ours(f"pat: {{clientid: {CLIENT_ID}, clientsecret: {CLIENT_SECRET}}}")
        with socket.socket(socket.AF_UNIX) as silent:
            silent.bind(str(self.home / "bus"))
            silent.listen(8)
            env = {"DBUS_SESSION_BUS_ADDRESS": f"unix:path={self.home}/bus"}
            self.assertEqual(self.used(env=env), (CLIENT_ID, CLIENT_SECRET))

    def test_nothing_of_it_is_loaded_with_variables(self):
        linked = subprocess.run(["ldd", JIT], capture_output=True, text=True, check=True).stdout
        for library in ("libsecret", "libglib", "libgio", "libdbus"):
            self.assertNotIn(library, linked)
        self.write_vendors()
        trace = self.home / "trace"
        for variables in ({"SAIL_ACCESS_TOKEN": ACCESS_TOKEN}, {"SAIL_CLIENT_ID": CLIENT_ID, "SAIL_CLIENT_SECRET": CLIENT_SECRET}):
            self.server.expect(*([] if "SAIL_ACCESS_TOKEN" in variables else [token_reply()]), accepted())
            env = clean_environment({**self.env, **variables, "SAIL_BASE_URL": self.server.url,
                                     "DBUS_SESSION_BUS_ADDRESS": f"unix:path={self.home}/bus",
                                     "ASAN_OPTIONS": "detect_leaks=0"})  # which is a tracer itself
            subprocess.run(["strace", "-f", "-o", str(trace), "-e", "trace=openat,connect,clone,clone3,fork,vfork,execve", JIT,
                            *ACTIVATE], env=env, check=True, capture_output=True)
            text = trace.read_text()
            self.assertIn("libcurl", text)
            for word in ("libsecret", "libglib", f"{self.home}/bus", "fork("):
                self.assertNotIn(word, text)
            self.assertEqual(text.count("execve("), 1)
            self.server.take()


class Login(CredentialsTest):
    """Without a keyring."""

    def login(self, *words, secret=CLIENT_SECRET, **how):
        return self.jit("auth", "login", "--base-url", self.server.url, "--client-id", CLIENT_ID, "--with-secret-stdin",
                        *words, secret=secret, **how)

    def test_it_asks_the_tenant_and_keeps_what_it_accepts(self):
        with Sandbox() as sandbox:
            words = ["auth", "login", "--client-id", sandbox.env["SAIL_CLIENT_ID"], "--with-secret-stdin", "-o", "json"]
            env = {"SAIL_BASE_URL": sandbox.url, "SSL_CERT_FILE": sandbox.env["SSL_CERT_FILE"]}
            with tempfile.TemporaryDirectory() as runtime:
                env["XDG_RUNTIME_DIR"] = runtime
                run = self.jit(*words, env=env, secret=sandbox.env["SAIL_CLIENT_SECRET"] + "\r\n", may_show={sandbox.env["SAIL_CLIENT_ID"]})
                self.assertEqual(run.code, 0, run)
                self.assertEqual(run.json()["user"], {"value": "robin.ops"})
                self.assertEqual(run.json()["tenant"], {"value": sandbox.url})
                del env["SAIL_BASE_URL"]
                self.assertEqual(self.jit(*ACTIVATE, env=env).code, 0)
                paths = [request["path"] for request in sandbox.journal()["requests"]]
                self.assertEqual(paths, ["/oauth/token", "/jit-activations/v1/activate"])
        self.assertEqual(stat.S_IMODE(self.ours.stat().st_mode), 0o600)

    def test_what_is_refused_is_not_kept(self):
        self.server.expect(reply(401, {"error": "invalid_client"}))
        self.assert_failed(self.login(), 3, "the token request was refused")
        self.assertEqual(list(self.home.iterdir()), [])

    def test_a_file_that_is_there_keeps_what_is_in_it(self):
        self.write(self.ours, "# mine\ndefaults:\n  minutes: 5 # short\nenvironments:\n  lab:\n    baseurl: https://lab.example\n",
                   0o644)
        self.server.expect(token_reply())
        self.assertEqual(self.login("--env", "Acme").code, 0)
        text = self.ours.read_text()
        for part in ("# mine\n", "  minutes: 5 # short\n", "  lab:\n    baseurl: https://lab.example\n", "activeenvironment: acme\n",
                     f"  acme:\n    baseurl: {self.server.url}\n"):
            self.assertIn(part, text)
        self.assertEqual(stat.S_IMODE(self.ours.stat().st_mode), 0o600)
        self.server.take()
        self.assertEqual(self.used(), (CLIENT_ID, CLIENT_SECRET))
        self.jit("auth", "logout", "--all")
        self.assertEqual(self.ours.read_text(), re.sub(r"    pat: .*\n", "", text))

    def test_a_file_that_cannot_be_changed_safely(self):
        self.write(self.ours, "{activeenvironment: lab}\n")
        self.assert_failed(self.login(), 2, f"{self.ours} is written in a way that jit does not change by itself",
                           hint="activeenvironment: default")
        self.assertEqual(self.server.take(), [])

    def test_what_is_no_regular_file_is_never_replaced(self):
        """That is known before anything is asked, sent or stored."""
        pipe, unix, link = (self.home / name for name in ("pipe", "socket", "link"))
        os.mkfifo(pipe)
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(unix))
            link.symlink_to("/dev/null")
            places = [pipe, unix, link, self.home, Path("/dev/null"), Path("/dev/full"), Path("/dev/stdin"), Path("/dev/fd/0")]
            before = [os.lstat(place)[:3] for place in places]
            for place in places:
                for how in ({"JIT_CONFIG": str(place)}, {}):
                    with self.subTest(place=place, how=how):
                        run = self.login(*([] if how else ["--config", str(place)]), env=how)
                        self.assertEqual((run.code, run.stdout), (2, ""), run)
                        self.assertIn(str(place), run.stderr)
            self.assertEqual([os.lstat(place)[:3] for place in places], before)
            self.assertEqual(self.server.take(), [])
            self.assertEqual(self.jit("auth", "logout", "--all", "--base-url", self.server.url, env={"JIT_CONFIG": "/dev/null"}).code, 2)

    def test_nobody_is_asked_first(self):
        leader, follower = pty.openpty()
        self.addCleanup(os.close, leader)
        process = subprocess.Popen([JIT, "auth", "login"], env=clean_environment({**self.env, "JIT_CONFIG": "/dev/null"}),
                                   stdin=follower, stdout=follower, stderr=follower)
        os.close(follower)
        self.assertEqual(process.wait(_PATIENCE), 2)
        self.assertEqual(os.read(leader, 4096).decode(), "jit: cannot read /dev/null: it is no regular file\r\n")

    def test_a_link_to_the_file_stays_one(self):
        self.write(self.home / "dotfiles/jit.yaml", "# mine\n")
        self.ours.parent.mkdir(parents=True)
        self.ours.symlink_to(self.home / "dotfiles/jit.yaml")
        self.server.expect(token_reply())
        self.assertEqual(self.login().code, 0)
        self.assertTrue(self.ours.is_symlink())
        self.assertIn("# mine\n", (self.home / "dotfiles/jit.yaml").read_text())

    def test_a_link_to_what_is_not_there_yet_stays_one(self):
        self.ours.parent.mkdir(parents=True)
        self.ours.symlink_to("../../dotfiles/new/jit.yaml")
        self.server.expect(token_reply())
        run = self.login()
        self.assertEqual(run.code, 0, run)
        self.assertTrue(self.ours.is_symlink())
        self.assertIn(self.server.url, (self.home / "dotfiles/new/jit.yaml").read_text())
        self.assertRegex(run.stderr, r"jit: \S+/config.yaml is a link to \S+/dotfiles/new/jit.yaml, where the environment")
        self.assertNotIn("git", run.stderr)
        self.ours.unlink()
        self.ours.symlink_to(self.ours)
        self.assert_failed(self.login(), 2, f"cannot read {self.ours}: Too many levels of symbolic links")

    def test_a_file_in_a_git_work_tree_is_warned_of(self):
        (self.home / "dotfiles/.git").mkdir(parents=True)
        self.ours.parent.mkdir(parents=True)
        self.ours.symlink_to(self.home / "dotfiles/jit/config.yaml")
        self.server.expect(token_reply())
        run = self.login()
        self.assertEqual(run.code, 0, run)
        self.assertIn(f"{self.home}/dotfiles/jit/config.yaml is in the git work tree {self.home}/dotfiles", run.stderr)

    def test_where_nothing_can_be_written_it_says_so_first(self):
        for path in ("/proc/jit/config.yaml", "/proc/jit.yaml", "/dev/null/jit.yaml"):
            with self.subTest(path=path):
                run = self.login("--config", path, secret="")
                self.assert_failed(run, 2, f"cannot write {path}: ", "nothing was stored", hint="--config FILE")
        self.assertEqual(self.server.take(), [])

    def test_a_file_with_a_byte_order_mark(self):
        self.write(self.ours, "\ufeff# mine\r\nenvironments:\r\n  lab:\r\n    baseurl: https://lab.example\r\n")
        self.server.expect(token_reply())
        self.assertEqual(self.login("--env", "acme").code, 0)
        text = self.ours.read_text(encoding="utf-8")
        self.assertTrue(text.startswith("\ufeff"))
        self.assertEqual(text.count("\ufeff"), 1)
        self.assertIn("https://lab.example", text)
        self.server.take()
        self.assertEqual(self.used(), (CLIENT_ID, CLIENT_SECRET))

    def test_the_active_environment_is_never_switched_silently(self):
        lab = "environments:\n  lab:\n    baseurl: https://lab.example\n"
        for before, words, active, said in (
                ("", [], True, ""), (lab, [], True, ""), ("activeenvironment: ''\n", [], True, ""),
                (lab, ["--no-activate"], False, ""),
                ("activeenvironment: gone\n", [], True, ""),
                (f"activeenvironment: lab\n{lab}", [], False, "the active environment is still lab"),
                (f"activeenvironment: lab\n{lab}", ["--no-activate"], False, "--env acme"),
                (f"activeenvironment: lab\n{lab}", ["--activate"], True, "the active environment is acme now; it was lab"),
                (f"activeenvironment: Acme\n{lab}  acme:\n    colour: blue\n", [], True, "colour")):
            with self.subTest(before=before, words=words):
                self.write(self.ours, before)
                self.server.expect(token_reply())
                run = self.login("--env", "acme", "-o", "json", *words)
                self.assertEqual((run.code, run.json()["active"]["value"]), (0, active), run)
                self.assertIn(said, run.stderr)
                now = re.search(r"^activeenvironment: (.+)$", self.ours.read_text(), re.M)
                self.assertEqual(now.group(1).lower() if now else None, "acme" if active else "lab" if "activeenv" in before else None)
                self.server.take()
        # The vendor's file counts as well, and is left alone.
        self.ours.unlink()
        text = f"activeenvironment: lab\n{lab}"
        self.write(self.vendors, text)
        self.server.expect(token_reply())
        self.assertIn("is still lab", self.login("--env", "acme").stderr)
        self.assertNotIn("activeenvironment", self.ours.read_text())
        self.assertEqual(self.vendors.read_text(), text)
        self.server.take()

    def test_without_a_terminal_all_must_be_given(self):
        for words, said in ((["auth", "login"], "no base URL is set"),
                            (["auth", "login", "--base-url", "https://acme.example"], "no client ID is given"),
                            (["auth", "login", "--base-url", "acme", "--client-id", "abc"], "there is no terminal")):
            self.assert_failed(self.jit(*words), 2, said)
        self.assert_failed(self.login(secret=" \n"), 2, "no client secret is given")
        self.assert_failed(self.login(secret="a b"), 2, "has blanks")
        self.assert_failed(self.login(secret="x" * 5000), 2, "more than a secret")
        self.assert_failed(self.login("--env", "a b"), 2, "letters, digits")
        self.assert_failed(self.login(env={"HOME": "", "XDG_CONFIG_HOME": ""}), 2, "no home to keep the configuration in")

    def test_variables_that_come_first_are_told_of(self):
        self.server.expect(token_reply())
        run = self.login(env={"SAIL_CLIENT_SECRET": "another-0123456789", "SAIL_ACTIVEENVIRONMENT": "lab"})
        self.assertIn("SAIL_CLIENT_SECRET is set and comes before what was stored now", run.stderr)

    def test_an_environment_with_a_credential_command(self):
        self.write_ours("credential_command: echo x")
        self.assert_failed(self.login(), 2, "environment acme has a credential_command", hint="--env NAME")


class Terminal(CredentialsTest):
    """jit auth login as a person sees it."""

    def setUp(self):
        super().setUp()
        self.leader, self.follower = pty.openpty()
        self.addCleanup(os.close, self.leader)
        self.screen = ""

    def start(self):
        def own_terminal():
            os.setsid()
            os.close(os.open(os.ttyname(0), os.O_RDWR))
        process = subprocess.Popen([JIT, "auth", "login"], env=clean_environment(self.env), stdin=self.follower,
                                   stdout=self.follower, stderr=self.follower, preexec_fn=own_terminal)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def wait_for(self, text):
        deadline = time.monotonic() + _PATIENCE
        while text not in self.screen:
            if not select.select([self.leader], [], [], max(0, deadline - time.monotonic()))[0]:
                raise AssertionError(f"the terminal never showed {text!r}: {self.screen!r}")
            self.screen += os.read(self.leader, 4096).decode()

    def type(self, text):
        os.write(self.leader, text.encode())

    def echoes(self):
        return bool(termios.tcgetattr(self.follower)[3] & termios.ECHO)

    def up_to_the_secret(self):
        process = self.start()
        self.wait_for("Tenant name or base URL: ")
        self.type(self.server.url + "\n")
        self.wait_for("Client ID: ")
        self.type("visible-client-id\n")
        self.wait_for("Client secret (it is not shown): ")
        self.assertFalse(self.echoes())
        return process

    def test_the_secret_is_not_shown(self):
        self.server.expect(token_reply())
        process = self.up_to_the_secret()
        self.type(CLIENT_SECRET + "\n")
        self.assertEqual(process.wait(_PATIENCE), 0)
        self.wait_for("credentials")
        self.assertTrue(self.echoes())
        self.assertIn("visible-client-id", self.screen)
        check_printed(self.screen.replace("\r\n", "\n"), coloured=True)
        self.assertIn(f"client_secret={CLIENT_SECRET}", self.server.take()[0].body.decode())

    def test_the_echo_comes_back_whatever_ends_it(self):
        for end, code in (("\x03", 130), (signal.SIGTERM, 143), (signal.SIGINT, 130), ("\x04", 2), ("\n", 2)):
            with self.subTest(end=end):
                self.screen = ""
                process = self.up_to_the_secret()
                self.type("half\x1c\x1a" if end in ("\x03", "\n") else "")  # Ctrl-\ and Ctrl-Z do nothing
                if isinstance(end, str):
                    self.type("\x15" if end == "\n" else "")  # Ctrl-U takes the line back
                    self.type(end)
                else:
                    process.send_signal(end)
                self.assertEqual(process.wait(_PATIENCE), code)
                self.assertTrue(self.echoes())
        self.assertEqual(list(self.home.iterdir()), [])


    def test_the_echo_comes_back_with_each_signal_that_ends_it(self):
        """Those of kill(1), too, that a keyboard does not send."""
        ends = [number for number in range(1, signal.NSIG) if number not in
                (signal.SIGKILL, signal.SIGSTOP, signal.SIGCHLD, signal.SIGCONT, signal.SIGURG, signal.SIGWINCH, signal.SIGTSTP,
                 signal.SIGTTIN, signal.SIGTTOU, signal.SIGINT, signal.SIGTERM, signal.SIGPIPE, 32, 33)]  # 32, 33: the C library's own
        if is_sanitized():  # it takes these for faults of the program, whoever sends them
            ends = [number for number in ends if number not in (signal.SIGBUS, signal.SIGFPE, signal.SIGSEGV)]
        for number in ends:
            with self.subTest(number=number):
                self.screen = ""
                process = self.up_to_the_secret()
                process.send_signal(number)
                end = process.wait(_PATIENCE) if number != getattr(signal, "SIGXFSZ", 0) else self.stop(process)
                self.assertTrue(self.echoes())
                self.assertNotEqual(end, 0)

    def stop(self, process):
        process.send_signal(signal.SIGTERM)  # for what is ignored
        return process.wait(_PATIENCE)


class Status(CredentialsTest):
    def test_it_makes_no_request_and_names_each_place(self):
        self.write_ours(f"pat: {{clientid: {CLIENT_ID}, clientsecret: {CLIENT_SECRET}}}")
        run = self.jit("auth", "status", "-o", "json", env={"JIT_OUTPUT": "csv", "HTTPS_PROXY": "http://u:pw@127.0.0.1:1"})
        self.assert_done(run)
        found = run.json()
        self.assertEqual(found["environment"], {"value": "acme", "from": f"{self.ours}:1"})
        self.assertEqual(found["tenant"], {"value": self.server.url, "from": f"{self.ours}:4"})
        self.assertEqual(found["credentials"], {"value": "personal access token", "from": f"{self.ours}:5"})
        self.assertEqual(found["output"], {"value": "json", "from": "--output"})
        self.assertEqual(found["proxy"], {"value": "…@127.0.0.1:1", "from": "HTTPS_PROXY"})
        self.assertEqual(self.server.take(), [])

    def test_what_a_token_says(self):
        with Sandbox("--identity", "pipeline") as sandbox:
            ids = {sandbox.env["SAIL_CLIENT_ID"], sandbox.env["SAIL_CLIENT_SECRET"]}
            for env in (sandbox.token_env(), sandbox.env):
                # The ID of the identity has as many zeros as the credentials of the practice tenant.
                run = self.jit("auth", "status", "--check", "-o", "jsonl", env=env, may_show=ids)
                self.assert_done(run)
                found = run.json()
                self.assertTrue(found["accepted"]["value"])
                self.assertEqual(found["commands"]["value"], ["activate", "extend", "deactivate"])
                self.assertEqual(found["tokenLife"]["value"], "in 12 h")
                self.assertEqual(found["clockAhead"]["value"], 0)
            self.assertEqual(self.jit("auth", "status", env=sandbox.token_env(), may_show=ids).code, 0)

    def test_codes(self):
        self.assert_code(2, {})
        self.assert_code(2, {"SAIL_BASE_URL": self.server.url})
        env = {"SAIL_BASE_URL": self.server.url, "SAIL_CLIENT_ID": CLIENT_ID, "SAIL_CLIENT_SECRET": CLIENT_SECRET}
        self.assert_code(0, env)
        self.server.expect(reply(401, {"error": "invalid_client"}))
        run = self.assert_code(3, env, "--check")
        self.assertRegex(run.stdout, r"accepted +no ")
        token = {"SAIL_BASE_URL": self.server.url, "SAIL_ACCESS_TOKEN": ACCESS_TOKEN}
        for status, code in ((200, 0), (403, 0), (412, 0), (401, 3), (404, 5), (500, 8)):
            self.server.expect(reply(status, "[]"))
            self.assert_code(code, token, "--check", "--retries", "0")
        self.assertEqual(len(self.server.take()), 7)
        self.server.expect(no_reply("close"))
        self.assert_code(8, token, "--check", "--retries", "0")

    def assert_code(self, code, env, *words):
        run = self.jit("auth", "status", *words, env=env)
        self.assertEqual(run.code, code, run)
        self.assertTrue(run.stdout.startswith("WHAT "), run)
        return run

    def test_a_clock_that_differs(self):
        for date, seconds in (("Tue, 24 Nov 2065 12:00:05 GMT", -1), ("Tue, 24 Nov 2020 12:00:05 GMT", 1)):
            self.server.expect(reply(200, {"access_token": ACCESS_TOKEN, "expires_in": 600}, [("Date", date)]))
            env = {"SAIL_BASE_URL": self.server.url, "SAIL_CLIENT_ID": CLIENT_ID, "SAIL_CLIENT_SECRET": CLIENT_SECRET}
            run = self.jit("auth", "status", "--check", "-o", "json", env=env)
            self.assertGreater(run.json()["clockAhead"]["value"] * seconds, 1000)

    def test_logout(self):
        env = {"SAIL_BASE_URL": self.server.url, "SAIL_CLIENT_ID": CLIENT_ID, "SAIL_CLIENT_SECRET": CLIENT_SECRET,
               "XDG_RUNTIME_DIR": str(self.home)}
        self.used(env=env)
        self.assertEqual(len(list(self.home.glob("jit/token-*.json"))), 1)
        run = self.jit("auth", "logout", "-o", "json", env=env)
        self.assertEqual(run.json()["cachedTokensRemoved"]["value"], 1)
        self.assertIn("SAIL_CLIENT_SECRET is still set", run.stderr)
        self.assertEqual(len(list(self.home.glob("jit/token-*.json"))), 0)
        self.used(env=env)


if __name__ == "__main__":
    unittest.main()
