"""jit-sandbox as a test uses it: started with TLS on a free port, asked, and ended."""

import contextlib
import http.client
import json
import shlex
import signal
import ssl
import subprocess
import urllib.parse

from certificates import certificates
from clocks import fake_time
from programs import JIT_SANDBOX, clean_environment

_PATIENCE = 60


def _exchange(connection, method, path, body=None, headers=None):
    connection.request(method, path, body, headers or {})
    answer = connection.getresponse()
    return answer.status, answer.read()


class Sandbox:
    """A practice tenant, from `with` to its end. `words` are more of its options.

    `env` holds what a client needs: the base URL, the credentials and the CA. `signal` ends it; what it has
    written to stderr by then is in `stderr`. With a `speed`, its clocks and those of clients that
    have its `env` are that much faster, so that they agree on when something happened.
    """

    def __init__(self, *words, tls=True, signal=signal.SIGTERM, speed=1):
        self._signal = signal
        good = certificates().good
        encryption = ["--tls-cert", good.certificate, "--tls-key", good.key] if tls else []
        clocks = fake_time(speed=speed) if speed != 1 else {}
        self._process = subprocess.Popen([JIT_SANDBOX, *encryption, *words], env={**clean_environment(), **clocks},
                                         stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                         stderr=subprocess.PIPE, text=True)
        self.pid = self._process.pid
        # It closes stdout when it serves, so this reads all it has to say and no more.
        self.lines = self._process.stdout.read().splitlines()
        if not self.lines:
            raise AssertionError(f"jit-sandbox did not start: {self._process.communicate()[1]}")
        self.env = {"SSL_CERT_FILE": certificates().ca, **clocks}
        for line in self.lines:
            words = shlex.split(line)
            if words[0] == "export" and words[1].startswith("SAIL_"):
                name, _, value = words[1].partition("=")
                self.env[name] = value
        self.url = self.env["SAIL_BASE_URL"]
        self._control = None
        self.port = urllib.parse.urlsplit(self.url).port

    def __enter__(self):
        return self

    def __exit__(self, kind, problem, trace):
        code = self.stop()
        if kind is None and code != 0:
            raise AssertionError(f"jit-sandbox ended with {code}")

    def stop(self):
        """Ends it as a user would, with a signal. Its exit code."""
        if self._control:
            self._control.close()
        self._process.send_signal(self._signal)
        try:
            self.stderr = self._process.communicate(timeout=_PATIENCE)[1]
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()
        return self._process.returncode

    def connect(self):
        """A connection of Python's own client, opened."""
        host = "127.0.0.1"  # no machine is without it; some have no name "localhost"
        if self.url.startswith("https:"):
            trust = ssl.create_default_context(cafile=certificates().ca)
            connection = http.client.HTTPSConnection(host, self.port, timeout=_PATIENCE, context=trust)
        else:
            connection = http.client.HTTPConnection(host, self.port, timeout=_PATIENCE)
        connection.connect()
        return connection

    def ask(self, method, path, body=None, headers=None):
        """One request on a connection of its own: the status and the body."""
        with contextlib.closing(self.connect()) as connection:
            return _exchange(connection, method, path, body, headers)

    def control(self, method, path, body=None):
        """One request to /sandbox/ on the connection that all of these share, so that no fault meets them: the
        status and the body, from JSON where there is one. What meets connections is set by it, not by an option."""
        text = None if body is None else json.dumps(body)
        try:
            self._control = self._control or self.connect()
            status, answer = _exchange(self._control, method, path, text)
        except (http.client.HTTPException, OSError):  # it was idle for too long
            self._control.close()
            self._control = self.connect()
            status, answer = _exchange(self._control, method, path, text)
        return status, json.loads(answer) if answer else None

    def set_faults(self, *rules, **seed):
        """These are the faults from now on, and they count from the first request again."""
        status, answer = self.control("POST", "/sandbox/faults", {"faults": rules, **seed})
        if status != 200:
            raise AssertionError(answer)

    def reset(self):
        """Nothing is active, nothing was requested, and the faults count from the first request again."""
        self.control("POST", "/sandbox/reset")

    def token(self):
        """A fresh access token."""
        form = urllib.parse.urlencode({"grant_type": "client_credentials",
                                       "client_id": self.env["SAIL_CLIENT_ID"],
                                       "client_secret": self.env["SAIL_CLIENT_SECRET"]})
        _, body = self.ask("POST", "/oauth/token", form, {"Content-Type": "application/x-www-form-urlencoded"})
        return json.loads(body)["access_token"]

    def token_env(self):
        """As `env`, with a token of its own instead of the credentials to get one."""
        env = {name: value for name, value in self.env.items() if not name.startswith("SAIL_CLIENT_")}
        return {**env, "SAIL_ACCESS_TOKEN": self.token()}

    def journal(self):
        """What was requested and what was done, since the start or the last `forget`."""
        return self.control("GET", "/sandbox/journal")[1]

    def forget(self):
        self.control("DELETE", "/sandbox/journal")

    def activations(self):
        return self.control("GET", "/sandbox/activations")[1]

    def requested(self):
        """The lists that were read and the operations that were sent, in a word each: ["connections", "activate"]. A list is one,
        however many pages of it were read."""
        words = {"/entitlement-connections/v1": "all connections", "/jit-activation-history/v1": "all history",
                 "/entitlement-connections/v1/current-identity": "connections",
                 "/jit-activation-history/v1/current-identity": "history"}
        return [words.get(request["path"], request["path"].rsplit("/", 1)[1])
                for request in self.journal()["requests"]
                if request["path"] != "/oauth/token" and "searchAfter=" not in request["query"]]

    def applied(self):
        """What was carried out, without the zeros: {connection ID: {"activate": 1}}."""
        return {connection: {name: count for name, count in counts.items() if count}
                for connection, counts in self.journal()["applied"].items()}
