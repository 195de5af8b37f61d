"""What jit-sandbox lets go wrong, as a client sees it, and what its journal says of it."""

import contextlib
import email.utils
import gzip
import json
import re
import socket
import ssl
import subprocess
import time
import unittest
from pathlib import Path
from typing import NamedTuple, Optional

from support import (ACTIVATE, CONNECTION, JIT, JIT_SANDBOX, Sandbox, Test, certificates, clean_environment, operation,
                     run_jit)

_PATIENCE = 60  # seconds; only ever passed by a test that fails
_MAN = Path(__file__).resolve().parents[2] / "man" / "jit-sandbox.1"

PATHS = {"token": "/oauth/token", "activate": "/jit-activations/v1/activate", "extend": "/jit-activations/v1/extend",
         "deactivate": "/jit-activations/v1/deactivate", "connections": "/entitlement-connections/v1/current-identity",
         "history": "/jit-activation-history/v1/current-identity", "policy": "/jit-activation-config/v1/policy"}
OPERATIONS = ("activate", "extend", "deactivate")


class Answer(NamedTuple):
    """What came, and how it ended: "keep" (the connection serves another request), "close" (orderly), "drop" (TLS
    was not told), "reset", or "hang" (nothing more comes)."""

    ending: str
    status: Optional[int] = None
    headers: dict = {}
    body: bytes = b""
    raw: bytes = b""


class Client:
    """One connection that hides nothing: the TLS is apart from the socket, which alone knows how a connection ended."""

    def __init__(self, served):
        self._raw = b""
        self._tls = None
        self.ending = None
        try:
            self._socket = socket.create_connection(("127.0.0.1", served.port), timeout=_PATIENCE)
        except ConnectionResetError:  # so soon that connect() has seen it
            self._socket, self.ending = socket.socket(), "reset"

    def __enter__(self):
        return self

    def __exit__(self, *problem):
        self._socket.close()

    def shake_hands(self):
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        trust = ssl.create_default_context(cafile=certificates().ca)
        self._tls = trust.wrap_bio(self._in, self._out, server_hostname="localhost")
        while not self.ending:
            with contextlib.suppress(ssl.SSLWantReadError):
                self._tls.do_handshake()
                self._flush()
                break
            self._flush()
            self._fill()
        return self

    def _flush(self):
        try:
            self._socket.sendall(self._out.read())
        except ConnectionResetError:
            self.ending = "reset"

    def _fill(self):
        """Reads what has come; notes the end."""
        data = None
        if not self.ending:
            try:
                data = self._socket.recv(1 << 18)
                if not data:
                    self.ending = "drop" if self._tls else "close"
            except ConnectionResetError:
                self.ending = "reset"
        if data and self._tls:
            self._in.write(data)
        return data or None

    def send(self, method, path, body=b"", headers=()):
        lines = [f"{method} {path} HTTP/1.1", "Host: localhost", f"Content-Length: {len(body)}",
                 *(f"{name}: {value}" for name, value in headers)]
        self._tls.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        self._flush()

    def receive(self):
        """The bytes that come next; None when there are no more."""
        if not self._tls:
            return self._fill()
        while not self.ending:
            try:
                if data := self._tls.read(1 << 18):
                    return data
                self.ending = "close"
            except ssl.SSLWantReadError:
                self._fill()
        return None

    def answer(self):
        """The answer as far as it came."""
        while b"\r\n\r\n" not in self._raw or not self._raw.startswith(b"HTTP/"):
            data = self.receive()
            if data is None:
                return Answer(self.ending, raw=self._raw)
            self._raw += data
        head, _, rest = self._raw.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = dict(line.split(": ", 1) for line in lines)
        length, pieces, size = int(headers.get("Content-Length", 0)), [rest], len(rest)
        while size < length and (data := self.receive()) is not None:
            pieces.append(data)
            size += len(data)
        body = b"".join(pieces)
        self._raw = body[length:]
        return Answer(self.ending or "open", int(first.split()[1]), headers, body[:length], body[length:])

    def next_ending(self):
        """How a connection goes on: whether it serves another request."""
        self.send("GET", "/sandbox/activations")
        answer = self.answer()
        return "keep" if answer.status == 200 else answer.ending

    def says_nothing(self):
        self._socket.settimeout(0.2)
        try:
            return self.receive() is None and not self.ending
        except TimeoutError:
            return True


class Faults(Test):
    """Against a sandbox of the class, each test with its own faults."""

    @classmethod
    def setUpClass(cls):
        cls.served = cls.enterClassContext(Sandbox("--provision-delay", "0", "--rate-limit", "0", "--identity",
                                                   "robin.ops"))
        cls.token = cls.served.token()

    def setUp(self):
        self.faults()

    def faults(self, *rules, **seed):
        self.served.set_faults(*rules, **seed)
        self.served.reset()

    def send(self, client, name="activate", connection=CONNECTION):
        headers = [("Authorization", f"Bearer {self.token}"), ("X-SailPoint-Experimental", "true")]
        if name in OPERATIONS:
            body = {"connectionId": connection}
            if name != "deactivate":
                body["activationPeriodMins" if name == "activate" else "activationPeriodExtensionMins"] = 5
            client.send("POST", PATHS[name], json.dumps(body).encode(),
                        [*headers, ("Content-Type", "application/json")])
        elif name == "token":
            client.send("POST", PATHS[name], b"grant_type=x", [("Content-Type", "application/x-www-form-urlencoded")])
        else:
            client.send("GET", PATHS[name], headers=headers)

    def ask(self, name="activate", connection=CONNECTION):
        """One request on a connection of its own."""
        with Client(self.served).shake_hands() as client:
            self.send(client, name, connection)
            answer = client.answer()
            return answer._replace(ending=client.next_ending()) if answer.ending == "open" else answer

    def entries(self):
        """Status and fault of each request, as the journal has them."""
        return [(entry["status"], entry.get("fault")) for entry in self.served.journal()["requests"]]

    def count(self):
        """How often something was carried out."""
        return sum(sum(counts.values()) for counts in self.served.journal()["applied"].values())

    def check(self, what, status, applied):
        """What the journal says of the one request."""
        self.assertEqual(self.entries(), [(status, what)])
        self.assertEqual(self.count(), applied)
        self.assertEqual(len(self.served.activations()), applied)


class Requests(Faults):
    def test_without_a_fault(self):
        answer = self.ask()
        self.assertEqual((answer.status, answer.ending), (202, "keep"))
        self.check(None, 202, 1)
        self.assertNotIn("fault", self.served.journal()["requests"][0])

    def test_no_answer(self):
        for what in ("reset", "close"):
            for applied in (0, 1):
                fault = f"apply-{what}" if applied else what
                with self.subTest(fault=fault):
                    self.faults(f"activate:{fault}")
                    self.assertEqual(self.ask(), Answer(what))
                    self.check(fault, 0, applied)

    def test_no_answer_ever(self):
        for applied, fault in enumerate(("hang", "apply-hang")):
            with self.subTest(fault=fault), Client(self.served).shake_hands() as client:
                self.faults(f"activate:{fault}")
                self.send(client)
                while not self.entries():
                    pass  # until it was read
                self.check(fault, 0, applied)
                self.assertTrue(client.says_nothing())

    def test_errors(self):
        oauth = ("error", "error_description")
        shapes = {400: oauth, 401: oauth, 429: ("message",)}
        usual = ("causes", "detailCode", "messages", "trackingId")
        for status in (400, 401, 403, 404, 429, 500, 502, 503, 504):
            for applied in (0, 1) if status >= 500 else (0,):
                for suffix in ("", "/html", "/empty"):
                    fault = f"{'apply-' if applied else ''}{status}{suffix}"
                    with self.subTest(fault=fault):
                        self.faults(f"activate:{fault}", f"token:{fault}")
                        answer = self.ask()
                        self.assertEqual((answer.status, answer.ending), (status, "keep"))
                        self.assertNotIn("Retry-After", answer.headers)
                        self.check(fault, status, applied)
                        token = self.ask("token")
                        self.assertEqual(token.status, status)
                        if suffix == "/html":
                            self.assertEqual(answer.headers["Content-Type"], "text/html")
                            self.assertIn(b"<html>", answer.body)
                        elif suffix == "/empty":
                            self.assertEqual(answer.body, b"")
                        else:
                            self.assertEqual(tuple(sorted(json.loads(token.body))), shapes.get(status, usual))
                            shape = ("error",) if status == 401 else ("message",) if status == 429 else usual
                            self.assertEqual(tuple(sorted(json.loads(answer.body))), shape)

    def test_retry_after(self):
        for fault, value in (("429=7", "7"), ("429=0", "0"), ("429=soon, or later", "soon, or later"), ("429=-1", "-1"),
                             ("503/html=3", "3"), ("apply-503=3", "3"), ("429=date+x", "date+x")):
            with self.subTest(fault=fault):
                self.faults(f"activate:{fault}")
                answer = self.ask()
                self.assertEqual(answer.headers["Retry-After"], value)
                self.assertEqual(self.entries(), [(answer.status, fault)])
        self.faults("activate:429=date+3600")
        answer = self.ask()
        self.assertRegex(answer.headers["Retry-After"], r"\A\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT\Z")
        then, now = (email.utils.parsedate_to_datetime(answer.headers[name]) for name in ("Retry-After", "Date"))
        self.assertEqual((then - now).total_seconds(), 3600)

    def test_slow(self):
        for fault in ("slow-headers=0.4", "slow-body=0.4"):
            with self.subTest(fault=fault), Client(self.served).shake_hands() as client:
                self.faults(f"activate:{fault}")
                start, pieces = time.monotonic(), []
                self.send(client)
                while not b"".join(pieces).endswith(b"}"):
                    pieces.append(client.receive())
                self.assertGreaterEqual(time.monotonic() - start, 0.4)
                self.assertGreater(len(pieces), 1)
                head = pieces[0] if "body" in fault else b"".join(pieces[:-1])
                self.assertTrue(head.endswith(b"\r\n\r\n") if "body" in fault else b"\r\n\r\n" in head, pieces)
                self.assertEqual(json.loads(b"".join(pieces).partition(b"\r\n\r\n")[2])["connectionId"], CONNECTION)
                self.assertEqual(client.next_ending(), "keep")
                self.check(fault, 202, 1)

    def test_lengths_that_are_wrong(self):
        size = len(self.ask().body)
        self.faults("activate:truncated")
        answer = self.ask()
        self.assertEqual((answer.status, answer.ending), (202, "close"))
        self.assertEqual((int(answer.headers["Content-Length"]), len(answer.body)), (size, size // 2))
        self.check("truncated", 202, 1)

        self.faults("activate:length-too-small")
        with Client(self.served).shake_hands() as client:
            self.send(client)
            answer = client.answer()
            self.assertEqual(int(answer.headers["Content-Length"]), size // 2)
            rest = answer.raw
            while len(rest) < size - size // 2:
                rest += client.receive()
            self.assertEqual(json.loads(answer.body + rest)["connectionId"], CONNECTION)
        self.check("length-too-small", 202, 1)

        self.faults("activate:length-too-large")
        with Client(self.served).shake_hands() as client:
            self.send(client)
            raw = b""
            while not raw.endswith(b"}"):
                raw += client.receive()
            self.assertIn(f"Content-Length: {2 * size}\r\n".encode(), raw)
            self.assertTrue(client.says_nothing())
        self.check("length-too-large", 202, 1)

    def test_garbage(self):
        self.faults("activate:garbage")
        answer = self.ask()
        self.assertEqual((answer.status, answer.ending), (None, "close"))
        self.assertNotIn(b"HTTP/", answer.raw)
        self.assertTrue(answer.raw)
        self.check("garbage", 0, 1)

    def test_not_json(self):
        self.faults("any:not-json")
        answer = self.ask()
        self.assertEqual((answer.status, answer.headers["Content-Type"], answer.ending), (202, "text/html", "keep"))
        self.assertIn(b"<html>", answer.body)
        self.check("not-json", 202, 1)
        self.assertEqual(self.ask("history").status, 200)
        self.assertEqual(self.ask("policy").status, 403)  # robin may not read it

    def test_deep_json(self):
        self.faults("activate:deep-json")
        answer = self.ask()
        self.assertEqual((answer.status, answer.ending), (202, "keep"))
        self.assertEqual(answer.body, b"[" * (2 << 20))
        self.check("deep-json", 202, 1)

    def test_huge(self):
        def peak():
            return int(re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{self.served.pid}/status").read_text())[1])
        self.faults("activate:huge")
        before = peak()
        answer = self.ask()
        self.assertEqual((answer.status, answer.ending), (202, "keep"))
        self.assertGreater(len(answer.body), 100 << 20)
        self.assertEqual(list(json.loads(answer.body)), ["padding"])
        self.assertLess(peak() - before, 50_000)
        self.check("huge", 202, 1)

    def test_gzip_bomb(self):
        self.faults("activate:gzip-bomb")
        answer = self.ask()
        self.assertEqual((answer.status, answer.headers["Content-Encoding"], answer.ending), (202, "gzip", "keep"))
        self.assertLess(len(answer.body), 1 << 20)
        unpacked = gzip.decompress(answer.body)  # which looks at the checksum as well
        self.assertGreater(len(unpacked), 100 << 20)
        self.assertEqual(unpacked.strip(b" "), b"")
        self.check("gzip-bomb", 202, 1)

    def test_redirect(self):
        self.faults("activate:redirect")
        answer = self.ask()
        self.assertEqual((answer.status, answer.headers["Location"]), (302, f"https://elsewhere.invalid{PATHS['activate']}"))
        self.check("redirect", 302, 0)
        self.faults("activate:redirect=http://localhost:1/x=y@z")
        self.assertEqual(self.ask().headers["Location"], "http://localhost:1/x=y@z")

    def test_a_connection_closed_while_idle(self):
        self.faults("activate:close-idle")
        with Client(self.served).shake_hands() as client:
            self.send(client)
            answer = client.answer()
            self.assertEqual((answer.status, answer.headers["Connection"]), (202, "keep-alive"))
            self.assertEqual(json.loads(answer.body)["connectionId"], CONNECTION)
            self.assertIsNone(client.receive())
            self.assertEqual(client.ending, "drop")
        self.check("close-idle", 202, 1)

    def test_the_end_of_an_idle_connection_comes_with_the_answer(self):
        """So that nobody who has the answer can send another request before the end is there."""
        with Sandbox("--fault", "any:close-idle", tls=False) as served:
            for _ in range(50):  # one alone may be there in time by luck
                with socket.create_connection(("127.0.0.1", served.port), timeout=_PATIENCE) as client:
                    client.sendall(b"GET /x HTTP/1.1\r\nHost: localhost\r\n\r\n")
                    answer = b""
                    while not answer.endswith(b"}"):
                        answer += client.recv(1 << 18)
                    client.setblocking(False)
                    self.assertEqual(client.recv(1), b"")

    def test_what_is_refused_is_not_carried_out(self):
        for fault, status in (("apply-reset", 0), ("apply-502", 502), ("truncated", 404)):
            with self.subTest(fault=fault):
                self.faults(f"deactivate:{fault}")
                self.ask("deactivate")
                self.check(fault, status, 0)

    def test_the_bare_head_of_an_answer(self):
        for fault in ("any:502", "any:huge", "any:slow-body=0.1"):
            with self.subTest(fault=fault), Client(self.served).shake_hands() as client:
                self.faults(fault)
                client.send("HEAD", "/x")
                raw = b""
                while not raw.endswith(b"\r\n\r\n"):
                    raw += client.receive()
                self.assertEqual(client.next_ending(), "keep")


class Connections(Faults):
    def test_before_tls(self):
        self.faults("connection@1:refuse", "connection@2:stall")
        with Client(self.served) as client:
            self.assertIsNone(client.receive())
            self.assertEqual(client.ending, "reset")
        with Client(self.served) as client:
            self.assertTrue(client.says_nothing())
            self.assertEqual(self.ask().status, 202)
        self.assertEqual(self.entries(), [(202, None)])

    def test_before_a_request_is_read(self):
        for what in ("reset", "close", "hang"):
            with self.subTest(what=what):
                self.faults(f"connection:{what}")
                with Client(self.served).shake_hands() as client:
                    self.send(client)
                    if what == "hang":
                        self.assertTrue(client.says_nothing())
                    else:
                        self.assertIsNone(client.receive())
                        self.assertEqual(client.ending, what)
                self.assertEqual(self.entries(), [])
                _, faults = self.served.control("GET", "/sandbox/faults")
                self.assertEqual([(rule["requests"], rule["hits"]) for rule in faults["faults"]], [(1, 1)])

    def test_without_tls(self):
        with Sandbox("--fault", "connection@1:refuse", "--fault", "connection@2:reset", "--fault", "connection@3:close",
                     tls=False) as served:
            for ending in ("reset", "reset", "close"):
                with Client(served) as client:
                    self.assertIsNone(client.receive())
                    self.assertEqual(client.ending, ending)
            self.assertEqual(served.ask("GET", "/sandbox/activations")[0], 200)

    def test_an_open_connection_is_safe(self):
        with Client(self.served).shake_hands() as client:
            self.faults("connection:refuse")
            self.send(client)
            self.assertEqual(client.answer().status, 202)


class Which(Faults):
    """Which requests get one."""

    def faulty(self, names):
        """Sends these; those that did not get through."""
        return [(number, name) for number, name in enumerate(names, 1) if self.ask(name).status == 504]

    def test_numbers(self):
        for selector, expected in (("", [1, 2, 3, 4]), ("@1", [1]), ("@3", [3]), ("@3+", [3, 4]), ("@2-3", [2, 3]),
                                   ("@100%", [1, 2, 3, 4]), ("@0%", [])):
            with self.subTest(selector=selector):
                self.faults(f"extend{selector}:504")
                # What comes between does not count.
                hit = [number for number, name in self.faulty(["extend", "history"] * 4)]
                self.assertEqual(hit, [2 * number - 1 for number in expected])

    def test_names(self):
        groups = {"any": PATHS, "post": OPERATIONS, "get": ("connections", "history", "policy")}
        for name in [*PATHS, *groups]:
            with self.subTest(name=name):
                self.faults(f"{name}:504")
                hit = {one for _, one in self.faulty(PATHS)}
                self.assertEqual(hit, set(groups.get(name, [name])))

    def test_the_lists_of_the_tenant_count_as_well(self):
        self.faults("connections:504", "history:504")
        for path in ("/entitlement-connections/v1?limit=1", "/jit-activation-history/v1"):
            self.assertEqual(self.served.ask("GET", path)[0], 504)
        self.assertEqual(self.served.ask("GET", "/entitlement-connections/v10")[0], 404)

    def test_the_first_that_fits_wins_and_all_count(self):
        self.faults("extend@2:503", "post@1-2:502", "any@4+:504")
        self.assertEqual([self.ask(name).status for name in ("extend", "history", "extend", "extend", "history")],
                         [502, 200, 503, 504, 504])
        _, faults = self.served.control("GET", "/sandbox/faults")
        self.assertEqual(faults["faults"], [{"fault": "extend@2:503", "requests": 3, "hits": 1},
                                            {"fault": "post@1-2:502", "requests": 3, "hits": 1},
                                            {"fault": "any@4+:504", "requests": 5, "hits": 2}])

    def test_requests_to_the_sandbox_get_none(self):
        self.faults("any:504")
        self.assertEqual(self.served.ask("GET", "/sandbox/activations")[0], 200)
        self.assertEqual(self.ask().status, 504)

    def test_chance(self):
        def pattern(seed):
            self.faults("extend@40%:504", seed=seed)
            return [number for number, _ in self.faulty(["extend"] * 30)]
        first = pattern(1)
        self.assertEqual(pattern(1), first)
        self.assertNotEqual(pattern(2), first)
        self.assertLess(len(first), 30)
        self.assertGreater(len(first), 0)


class Control(Faults):
    def test_faults_are_replaced_and_removed(self):
        self.faults("extend@1:502", seed=5)
        self.ask("extend")
        self.assertEqual(self.served.control("GET", "/sandbox/faults"), (
            200, {"seed": 5, "faults": [{"fault": "extend@1:502", "requests": 1, "hits": 1}]}))
        status, answer = self.served.control("POST", "/sandbox/faults", {"faults": ["extend@1:503"]})
        self.assertEqual((status, answer), (
            200, {"seed": 5, "faults": [{"fault": "extend@1:503", "requests": 0, "hits": 0}]}))
        self.assertEqual([self.ask("extend").status for _ in range(2)], [503, 404])
        self.served.set_faults("extend@1:503")  # the same ones count anew
        self.assertEqual(self.ask("extend").status, 503)
        self.assertEqual(self.served.control("DELETE", "/sandbox/faults"), (204, None))
        self.assertEqual(self.served.control("GET", "/sandbox/faults")[1], {"seed": 5, "faults": []})
        self.assertEqual(self.ask("extend").status, 404)

    def test_what_is_no_good_changes_nothing(self):
        self.faults("extend:502", seed=5)
        before = self.served.control("GET", "/sandbox/faults")
        for body, part in (({}, '{"faults"'), ([], '{"faults"'), ({"faults": "x"}, '{"faults"'),
                           ({"faults": [1]}, '{"faults"'), ({"faults": [], "sed": 1}, '{"faults"'),
                           ({"faults": [], "seed": -1}, "4294967295"), ({"faults": [], "seed": "1"}, "4294967295"),
                           ({"faults": ["any:reset", "any:rst"]}, '"any:rst"'),
                           ({"faults": ["any:rst"]}, "possible are [apply-]reset")):
            with self.subTest(body=body):
                status, answer = self.served.control("POST", "/sandbox/faults", body)
                self.assertEqual(status, 400)
                self.assertIn(part, answer["causes"][0]["text"])
        self.assertEqual(self.served.control("GET", "/sandbox/faults"), before)
        self.assertEqual(self.served.control("PUT", "/sandbox/faults")[0], 405)
        self.assertEqual(self.served.control("GET", "/sandbox/reset")[0], 405)

    def test_reset(self):
        self.faults("extend@1:502")
        self.assertEqual(self.ask().status, 202)
        self.assertEqual([self.ask("extend").status for _ in range(2)], [502, 202])
        self.assertEqual(self.served.control("POST", "/sandbox/reset"), (204, None))
        self.assertEqual(self.served.journal(), {"connections": 0, "requests": [], "applied": {}})
        self.assertEqual(self.served.activations(), [])
        self.assertEqual(json.loads(self.ask("history").body), [])
        self.assertEqual([self.ask("extend").status for _ in range(2)], [502, 404])
        self.assertEqual(self.ask().status, 202)  # with the same token

    def test_reset_makes_the_rate_limit_full(self):
        with Sandbox("--rate-limit", "1") as served:
            headers = {"Authorization": f"Bearer {served.token()}"}
            def ask():
                return served.ask("GET", PATHS["connections"], headers=headers)[0]
            self.assertEqual([ask(), ask()], [200, 429])
            served.reset()
            self.assertEqual(ask(), 200)


class Options(Test):
    """--fault and --seed, as a pipeline meets them."""

    def sandbox(self, *words):
        return subprocess.run([JIT_SANDBOX, *words], env=clean_environment(), stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=60, check=False)

    def test_what_is_no_good(self):
        requests = "any, token, activate, extend, deactivate, post, connections, history, policy, get, connection"
        cases = [("reset", "WHEN:WHAT", "activate@1:apply-reset"), ("rest:reset", '"rest"', requests),
                 ("any@0:reset", '"@0"', "@N+"), ("any:rest", '"rest"', "[apply-]reset"),
                 ("connection:502", '"502"', "refuse, stall, reset, close, hang"), ("any:refuse", '"refuse"', "garbage"),
                 ("any:slow-body", "slow-body", "=SECONDS"), ("any:429=a\nb", '"a b"', "RETRY-AFTER")]
        for fault, part, possible in cases:
            with self.subTest(fault=fault):
                done = self.sandbox("--fault", "any:reset", "--fault", fault, "--", "true")
                self.assertEqual((done.returncode, done.stdout), (2, ""))
                said, hint, nothing = done.stderr.split("\n")
                self.assertTrue(said.startswith("jit-sandbox: cannot use the fault "), said)
                self.assertIn(part, said)
                self.assertIn(possible, hint)
                self.assertEqual(nothing, "")
        self.assertEqual(self.sandbox("--seed", "x").returncode, 2)

    def test_the_answer_to_activate_is_lost(self):
        with Sandbox("--provision-delay", "0", "--fault", "activate@1:apply-reset") as served:
            run = run_jit(*ACTIVATE, env=served.env)
            self.assertEqual(run.code, 0, run)
            self.assertIn("was lost; its state shows that it was carried out", run.stderr)
            self.assertEqual(served.applied(), {CONNECTION: {"activate": 1}})
            self.assert_done(run_jit(*operation("deactivate"), env=served.env))
            self.assert_done(run_jit(*ACTIVATE, env=served.env))

    def test_the_rate_is_limited_for_a_while(self):
        done = self.sandbox("--fault", "any@1-3:429=0", "--", JIT, *ACTIVATE, "-o", "json")
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_connections_are_refused_for_a_while(self):
        with Sandbox("--fault", "connection@1:refuse") as served:
            self.assert_done(run_jit(*ACTIVATE, env=served.env))
            self.assertEqual(served.applied(), {CONNECTION: {"activate": 1}})

    def test_the_seed_that_was_drawn_is_printed(self):
        done = self.sandbox("--fault", "any@1:reset", "--", "true")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        with Sandbox("--fault", "any@50%:502") as served:
            seed = served.control("GET", "/sandbox/faults")[1]["seed"]
            first = [served.ask("GET", "/x")[0] for _ in range(20)]
        self.assertEqual(served.stderr, f"jit-sandbox: --seed {seed} repeats these faults\n")
        with Sandbox("--fault", "any@50%:502", "--seed", str(seed)) as served:
            self.assertEqual([served.ask("GET", "/x")[0] for _ in range(20)], first)
        self.assertEqual(served.stderr, "")

    def test_verbose(self):
        with Sandbox("--verbose", "--fault", "any@1:apply-502", "--fault", "any@2:reset") as served:
            served.ask("GET", "/x")
            with contextlib.suppress(ConnectionResetError):
                served.ask("GET", "/y")
            served.ask("GET", "/z")
        said = [line.split(" ", 2)[2] for line in served.stderr.splitlines()]
        self.assertEqual(said, ["GET /x 502 fault apply-502", "GET /y 0 fault reset", "GET /z 404"])

    def test_help_and_manual_have_all(self):
        listed = self.sandbox("--fault", "any:").stderr.split("possible are ")[1].split(";")[0]
        listed += ", " + self.sandbox("--fault", "connection:").stderr.split("possible are ")[1]
        listed += ", " + self.sandbox("--fault", ":").stderr.split("possible are ")[1]
        words = [re.sub(r"\[?=.*", "", word) for word in re.split(r",\s+", listed.strip())]
        every = {word.replace("[", "").replace("]", "") for word in words} | {re.sub(r"\[.*\]", "", word) for word in words}
        self.assertGreater(len(every), 40)
        text = self.sandbox("--help").stdout
        manual = re.sub(r".\x08", "", subprocess.run(["mandoc", "-T", "ascii", str(_MAN)], capture_output=True, text=True,
                                                     check=True).stdout)
        for word in sorted(every | {"--fault", "--seed"}):
            for name, page in (("help", text), ("manual", manual)):
                self.assertRegex(page, rf"(?<![\w-]){re.escape(word)}(?![\w-])", f"the {name} lacks {word}")


if __name__ == "__main__":
    unittest.main()
