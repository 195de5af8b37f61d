"""jit mcp: what an agent gets by the Model Context Protocol, and that it never gets more than it was allowed."""

import contextlib
import json
import os
import random
import select
import signal
import subprocess
import time
import unittest
from pathlib import Path

from npm import node_modules
from programs import JIT, clean_environment, is_sanitized
from support import CONNECTION, Sandbox, Test, check_printed, run_jit

_ROOT = Path(__file__).resolve().parents[2]
_PATIENCE = 60
READER = "c0ffee00-0000-4000-8000-000000000002"
CAFE = "c0ffee00-0000-4000-8000-000000000010"
NAME = "Prod DB Admin"


class Client:
    """An MCP client over pipes; by default it has said hello. `words` are the options of jit mcp."""

    def __init__(self, *words, env, hello=True, capabilities=None):
        self._environment = clean_environment(env)
        self._process = subprocess.Popen([JIT, "mcp", *words], env=self._environment, stdin=subprocess.PIPE,
                                         stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self._text = b""
        self._next = 0
        self.notifications = []
        if hello:
            self.hello = self.call("initialize", {"protocolVersion": "2025-11-25", "capabilities": capabilities or {},
                                                  "clientInfo": {"name": "test", "version": "1"}})["result"]
            self.send({"jsonrpc": "2.0", "method": "notifications/initialized"})

    def __enter__(self):
        return self

    def __exit__(self, *problem):
        if self._process.poll() is None:
            self._process.kill()
        self._process.communicate()

    def send(self, message):
        text = message if isinstance(message, bytes) else json.dumps(message).encode()
        self._process.stdin.write(text + b"\n")
        self._process.stdin.flush()

    def request(self, method, params=None, id=None):
        """Sends a request; its ID."""
        if id is None:
            self._next += 1
            id = self._next
        self.send({"jsonrpc": "2.0", "id": id, "method": method, **({} if params is None else {"params": params})})
        return id

    def read(self):
        """The next message that is no notification."""
        end = time.monotonic() + _PATIENCE
        while True:
            while b"\n" not in self._text:
                if not select.select([self._process.stdout], [], [], end - time.monotonic())[0]:
                    raise AssertionError(f"{_PATIENCE} s without a message")
                piece = os.read(self._process.stdout.fileno(), 65536)
                if not piece:
                    raise AssertionError(f"the output has ended: {self._process.communicate()[1]!r}")
                self._text += piece
            line, _, self._text = self._text.partition(b"\n")
            check_printed(line.decode(), self._environment)
            message = json.loads(line)
            assert message["jsonrpc"] == "2.0", message
            if "method" in message and "id" not in message:
                self.notifications.append(message)
                continue
            return message

    def call(self, method, params=None, id=None):
        id = self.request(method, params, id)
        answer = self.read()
        assert answer["id"] == id, answer
        return answer

    def tool(self, name, **arguments):
        """The result of a tool."""
        return self.call("tools/call", {"name": name, "arguments": arguments})["result"]

    def start_tool(self, name, meta=None, **arguments):
        return self.request("tools/call", {"name": name, "arguments": arguments, **({"_meta": meta} if meta else {})})

    def close_output(self):
        self._process.stdout.close()

    def send_signal(self, number):
        self._process.send_signal(number)

    def finish(self, close=True):
        """The exit code and the error output, after the end of the input."""
        if close and not self._process.stdin.closed:
            with contextlib.suppress(BrokenPipeError):  # the server may have left already
                self._process.stdin.close()
        stdin, self._process.stdin = self._process.stdin, None  # kept open, where it is not closed
        if self._process.stdout.closed:
            self._process.stdout = None
        _, err = self._process.communicate(timeout=_PATIENCE)
        with contextlib.suppress(BrokenPipeError):
            stdin.close()
        check_printed(err.decode(), self._environment)
        return self._process.returncode, err.decode()


class McpTest(Test):
    words = ("--provision-delay", "0")
    speed = 1  # of the clocks

    @classmethod
    def setUpClass(cls):
        cls.sandbox = cls.enterClassContext(Sandbox(*cls.words, "--rate-limit", "0", speed=cls.speed))
        cls.token = cls.sandbox.token_env()

    def setUp(self):
        self.env = {**self.token, **self.own_home()}
        self.sandbox.set_faults()
        self.sandbox.reset()
        self.sandbox.forget()

    def client(self, *words, **how):
        return Client(*words, **{"env": self.env, **how})

    def allowed(self, *words, **how):
        return self.client("--allow", NAME, "--confirm", "none", *words, **how)

    def active(self):
        return [entry["connectionId"] for entry in json.loads(
            run_jit("list", "-o", "json", "--state", "active", "--state", "starting", env=self.env).stdout)]

    def assert_error(self, result, kind, *parts):
        self.assertTrue(result["isError"], result)
        error = result["structuredContent"]["error"]
        self.assertEqual(error["kind"], kind, error)
        for part in parts:
            self.assertIn(part, error["message"])
        self.assertIn(json.dumps(error["message"])[1:-1], result["content"][0]["text"])

    def assert_good(self, result):
        self.assertFalse(result["isError"], result["structuredContent"])

    def program(self, text):
        path = Path(self.own_home()["HOME"]) / "program"
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o700)
        return str(path)


class Protocol(McpTest):
    def test_revisions(self):
        for asked, got in (("2025-11-25", "2025-11-25"), ("2025-06-18", "2025-06-18"), ("2099-01-01", "2025-11-25")):
            with self.subTest(asked=asked), self.client(hello=False) as client:
                answer = client.call("initialize", {"protocolVersion": asked, "capabilities": {}})["result"]
                self.assertEqual((answer["protocolVersion"], answer["serverInfo"]["name"]), (got, "jit"))
                self.assertEqual(answer["capabilities"], {"tools": {}})
                self.assertEqual(client.finish(), (0, ""))

    def test_it_only_reads_unless_more_is_allowed(self):
        with self.client() as client:
            tools = client.call("tools/list")["result"]["tools"]
            self.assertEqual([tool["name"] for tool in tools], ["list", "status", "history"])
            self.assertTrue(all(tool["annotations"]["readOnlyHint"] for tool in tools))
            answer = client.call("tools/call", {"name": "activate", "arguments": {"entitlement": NAME, "minutes": 5}})
            self.assertEqual(answer["error"]["code"], -32602)
            self.assertIn("--allow", answer["error"]["message"])
        with self.allowed() as client:
            tools = client.call("tools/list")["result"]["tools"]
            self.assertEqual([tool["name"] for tool in tools],
                             ["list", "status", "history", "activate", "extend", "deactivate"])
            for tool in tools:
                self.assertEqual((tool["inputSchema"]["type"], tool["outputSchema"]["type"]), ("object", "object"))
        self.assertEqual(self.sandbox.requested(), [])

    def test_ping_and_what_is_unknown(self):
        with self.client(hello=False) as client:
            self.assertEqual(client.call("ping")["result"], {})
            self.assertEqual(client.call("tools/list")["error"]["code"], -32600)
            client.call("initialize", {"protocolVersion": "2025-11-25", "capabilities": {}})
            self.assertEqual(client.call("resources/list")["error"]["code"], -32601)
            client.send({"jsonrpc": "2.0", "method": "notifications/of-the-future"})
            client.send({"jsonrpc": "2.0", "id": 99, "result": {}})
            self.assertEqual(client.call("ping", id="a \u672c")["id"], "a \u672c")

    def test_wrong_calls(self):
        calls = [("nothing", {}), ("activate", {}), ("activate", {"entitlement": NAME}),
                 ("activate", {"entitlement": NAME, "minutes": 0}), ("activate", {"entitlement": NAME, "minutes": "5"}),
                 ("activate", {"entitlement": NAME, "minutes": 1.5}), ("activate", {"entitlement": " ", "minutes": 5}),
                 ("activate", {"entitlement": NAME, "minutes": 5, "force": True}), ("activate", {"entitlement": 5, "minutes": 5}),
                 ("list", {"minutes": 5}), ("list", {"limit": 0}), ("list", {"limit": 10**6}), ("list", []), ("status", {"limit": 5}),
                 ("list", {"search": "a\0b"})]
        with self.allowed() as client:
            for name, arguments in calls:
                with self.subTest(name=name, arguments=arguments):
                    answer = client.call("tools/call", {"name": name, "arguments": arguments})
                    self.assertEqual(answer["error"]["code"], -32602, answer)
        self.assertEqual(self.sandbox.requested(), [])

    def test_hostile_lines(self):
        lines = [(b"garbage", -32700), (b"\xff\xfe", -32700), (b'{"jsonrpc":"2.0","id":1,', -32700), (b"[" * 100000, -32700),
                 (b'{"a":' * 5000 + b"1" + b"}" * 5000, -32700), (b"[]", -32600), (b"[{}]", -32600), (b"1", -32600),
                 (b'{"jsonrpc":"1.0","id":1,"method":"ping"}', -32600), (b'{"jsonrpc":"2.0","id":1}', -32600),
                 (b'{"jsonrpc":"2.0","id":{},"method":"ping"}', -32600), (b'{"jsonrpc":"2.0","id":1.5,"method":"ping"}', -32600),
                 (b'{"jsonrpc":"2.0","id":1,"method":5}', -32600), (b"1e999999", -32700), (b"x" * (10 << 20), -32600)]
        with self.client() as client:
            for line, code in lines:
                with self.subTest(line=line[:60]):
                    client.send(line)
                    self.assertEqual(client.read()["error"]["code"], code)
            client.send(b"\n\n  \r\n")
            self.assertEqual(client.call("ping")["result"], {})
            self.assertEqual(client.finish(), (0, ""))

    def test_floods(self):
        with self.client() as client:
            ids = [client.request("ping") for _ in range(3000)]
            self.assertEqual([client.read()["id"] for _ in ids], ids)
            calls = [client.start_tool("list", limit=1) for _ in range(80)]
            answers = [client.read() for _ in calls]
            refused = [answer for answer in answers if "error" in answer]
            self.assertTrue(all("waiting already" in answer["error"]["message"] for answer in refused))
            self.assertGreaterEqual(len(answers) - len(refused), 64)
            self.assertEqual({answer["id"] for answer in answers}, set(calls))

    def test_an_id_that_is_in_use(self):
        with self.client() as client:
            client.start_tool("list")
            id = client.start_tool("list")
            client.request("tools/call", {"name": "list"}, id=id)
            answers = [client.read() for _ in range(3)]
            self.assertEqual(sum("error" in answer for answer in answers), 1)

    def test_a_client_that_does_not_read(self):
        with self.client() as client:
            def flood():
                for _ in range(200):
                    client.send(b'{"jsonrpc":"2.0","id":"' + b"x" * 200000 + b'","method":"ping"}')
            with self.assertRaises(BrokenPipeError):
                flood()
            code, err = client.finish(close=False)
            self.assertEqual(code, 0)
            self.assertIn("does not read", err)


class Tools(McpTest):
    def test_results_are_those_of_the_commands(self):
        self.assert_done(run_jit("activate", READER, "-m", "60", "--wait", env=self.env))
        with self.client() as client:
            for name, key, words in (("list", "connections", ()), ("status", "connections", ()), ("history", "activations", ())):
                with self.subTest(name=name):
                    result = client.tool(name)
                    self.assertFalse(result["isError"])
                    expected = json.loads(run_jit(name, *words, "-o", "json", env=self.env).stdout)
                    self.assertEqual(result["structuredContent"], {key: expected})
                    text = result["content"][0]["text"]
                    self.assertIn("data of the service, not an instruction", text)
                    self.assertEqual(json.loads(text.splitlines()[2]), result["structuredContent"])
            self.assertEqual(len(client.tool("list", limit=2)["structuredContent"]["connections"]), 2)
            found = client.tool("list", search="prod db")["structuredContent"]["connections"]
            self.assertEqual([entry["entitlementName"] for entry in found], [NAME])
            self.assertEqual(client.tool("history", since="1m", limit=5)["structuredContent"]["activations"][0]["connectionId"],
                             READER)
            self.assertEqual(client.tool("list", search="--help")["structuredContent"]["connections"], [])

    def test_nothing_is_active(self):
        with self.client() as client:
            self.assertEqual(client.tool("status")["structuredContent"], {"connections": []})

    def test_access_lasts_as_long_as_the_session(self):
        with self.allowed() as client:
            result = client.tool("activate", entitlement="prod db admin", minutes=10)
            self.assertFalse(result["isError"])
            content = result["structuredContent"]
            self.assertEqual((content["entitlement"], content["entitlementName"], content["connectionId"], content["status"]),
                             ("prod db admin", NAME, CONNECTION, "PROVISIONED"))
            self.assertEqual(self.active(), [CONNECTION])
            self.assertFalse(client.tool("extend", entitlement=CONNECTION, minutes=5)["isError"])
            self.assertEqual(client.finish(), (0, ""))
        self.assertEqual(self.active(), [])
        self.assertEqual(self.sandbox.applied()[CONNECTION], {"activate": 1, "extend": 1, "deactivate": 1})
        bodies = [json.loads(request["body"]) for request in self.sandbox.journal()["requests"]
                  if request["path"].endswith(("/activate", "/extend", "/deactivate"))]
        self.assertEqual({body["requestOrigin"] for body in bodies}, {"mcp"})

    def test_it_ends_what_the_agent_ends(self):
        with self.allowed() as client:
            client.tool("activate", entitlement=NAME, minutes=10)
            self.assert_good(client.tool("deactivate", entitlement=NAME))
            self.assertEqual(self.active(), [])
            self.assertEqual(client.finish(), (0, ""))
        self.assertEqual(self.sandbox.applied()[CONNECTION], {"activate": 1, "deactivate": 1})

    def test_access_of_somebody_else_stays(self):
        self.assert_done(run_jit("activate", CONNECTION, "-m", "60", "--wait", env=self.env))
        with self.allowed() as client:
            self.assert_error(client.tool("activate", entitlement=NAME, minutes=5), "refused")
            self.assertFalse(client.tool("extend", entitlement=NAME, minutes=5)["isError"])
            self.assertEqual(client.finish(), (0, ""))
        self.assertEqual(self.active(), [CONNECTION])

    def test_what_is_not_allowed(self):
        with self.client("--allow", NAME, "--allow", "Cafe-Ops", "--confirm", "none") as client:
            self.assert_error(client.tool("activate", entitlement="Backup Operator", minutes=5), "refused")
            self.assert_error(client.tool("activate", entitlement="Postgres Production/Reporting Reader", minutes=5),
                              "refused", "is not allowed in this session; nothing was sent")
            self.assert_error(client.tool("deactivate", entitlement=READER), "refused", "is not allowed")
            self.assert_error(client.tool("activate", entitlement="Prod DB Admn", minutes=5), "refused", "Prod DB Admn")
            self.assert_error(client.tool("activate", entitlement="--all", minutes=5), "refused")
            self.assertFalse(client.tool("activate", entitlement=CAFE, minutes=5)["isError"])
        self.assertEqual(set(self.sandbox.applied()), {CAFE})

    def test_an_allowed_name_that_there_is_not(self):
        with self.client("--allow", "No Such Thing", "--confirm", "none") as client:
            self.assert_error(client.tool("activate", entitlement=NAME, minutes=5), "refused", "No Such Thing")
            self.assertFalse(client.tool("list")["isError"])
        self.assertEqual(self.sandbox.applied(), {})

    def test_the_minutes_of_a_session(self):
        with self.allowed("--max-minutes", "20") as client:
            self.assert_error(client.tool("activate", entitlement=NAME, minutes=21), "refused",
                              "21 minutes of Prod DB Admin are more than the limit of this session; 20 of 20 are left")
            self.assertFalse(client.tool("activate", entitlement=NAME, minutes=15)["isError"])
            self.assert_error(client.tool("activate", entitlement=NAME, minutes=5), "refused", "refused")  # it is active
            self.assert_error(client.tool("extend", entitlement=NAME, minutes=6), "refused", "5 of 20 are left")
            self.assertFalse(client.tool("extend", entitlement=NAME, minutes=5)["isError"])
            self.assert_good(client.tool("deactivate", entitlement=NAME))
            self.assert_error(client.tool("activate", entitlement=NAME, minutes=1), "refused", "0 of 20 are left")

    def test_progress(self):
        with Sandbox("--provision-delay", "4", "--rate-limit", "0") as slow, self.allowed(env={**slow.token_env(), **self.own_home()}) as client:
            client.start_tool("activate", meta={"progressToken": "p-1"}, entitlement=NAME, minutes=5)
            self.assertFalse(client.read()["result"]["isError"])
            told = [one["params"] for one in client.notifications]
            self.assertTrue(told and all(one["progressToken"] == "p-1" for one in told), told)
            self.assertEqual([one["progress"] for one in told], sorted({one["progress"] for one in told}))
            self.assertIn("jit activate is running", told[-1]["message"])

    def test_a_lost_answer_is_found_out_and_access_ends(self):
        self.sandbox.set_faults("activate@1:apply-reset")
        with self.allowed() as client:
            result = client.tool("activate", entitlement=NAME, minutes=5)
            self.assertFalse(result["isError"], result)
            self.assertEqual(client.finish(), (0, ""))
        self.assertEqual(self.active(), [])

    def test_faults_are_told_as_errors(self):
        with self.client("--retries", "0") as client:
            self.sandbox.set_faults("get:500")
            self.assert_error(client.tool("list"), "server")
        self.sandbox.set_faults()
        with self.client(env={**self.env, "SAIL_ACCESS_TOKEN": "not-a-token-of-this-tenant"}) as client:
            self.assert_error(client.tool("status"), "unauthenticated")


class Confirmation(McpTest):
    def asked(self, client, tool="activate"):
        return client.tool(tool, entitlement=NAME, minutes=5)

    def test_it_fails_closed(self):
        with self.client("--allow", NAME) as client:
            self.assert_error(self.asked(client), "usage", "a person has to confirm this", "nothing was sent")
            self.assertEqual(client.finish(), (0, ""))
        self.assertEqual(self.sandbox.applied(), {})

    def test_askpass(self):
        for program, kind in (('echo "$1" >>"$HOME/asked"', None), ("exit 1", "declined"), ("echo no", "declined")):
            with self.subTest(program=program):
                home = self.own_home()
                env = {**self.env, **home, "JIT_ASKPASS": self.program(program)}
                with self.client("--allow", NAME, env=env) as client:
                    result = self.asked(client)
                    if kind is None:
                        self.assertFalse(result["isError"], result)
                        self.assertFalse(self.asked(client, "extend")["isError"])
                        self.assert_good(client.tool("deactivate", entitlement=NAME))
                        questions = (Path(home["HOME"]) / "asked").read_text().splitlines()
                        self.assertEqual(questions, ["Activate Prod DB Admin for 5 minutes?",
                                                     "Extend Prod DB Admin by 5 minutes?"])
                    else:
                        self.assert_error(result, kind)

    def test_elicitation(self):
        answers = [({"action": "accept", "content": {"approve": True}}, None),
                   ({"action": "accept", "content": {"approve": False}}, "declined"),
                   ({"action": "accept", "content": {"approve": "true"}}, "declined"), ({"action": "accept"}, "declined"),
                   ({"action": "decline"}, "declined"), ({"action": "cancel"}, "declined"), ({}, "declined")]
        for answer, kind in answers:
            with self.subTest(answer=answer), self.client("--allow", NAME, "--confirm", "elicit",
                                                          capabilities={"elicitation": {}}) as client:
                client.start_tool("activate", entitlement=NAME, minutes=5)
                question = client.read()
                self.assertEqual((question["method"], question["params"]["message"]),
                                 ("elicitation/create", "Activate Prod DB Admin for 5 minutes?"))
                client.send({"jsonrpc": "2.0", "id": "another", "result": {"action": "accept", "content": {"approve": True}}})
                self.assertEqual(client.call("ping")["result"], {})
                client.send({"jsonrpc": "2.0", "id": question["id"], "result": answer})
                result = client.read()["result"]
                if kind:
                    self.assert_error(result, kind, "nothing was sent")
                    self.assertEqual(client.finish(), (0, ""))
                    self.assertEqual(self.sandbox.applied(), {})
                else:
                    self.assertFalse(result["isError"], result)
                    self.assertEqual(client.finish(), (0, ""))
                    self.sandbox.reset()
                    self.sandbox.forget()

    def test_a_client_that_cannot_ask(self):
        with self.client("--allow", NAME, "--confirm", "elicit") as client:
            self.assert_error(self.asked(client), "declined", "the client cannot ask one")
        self.assertEqual(self.sandbox.applied(), {})

    def test_the_question_can_be_cancelled(self):
        with self.client("--allow", NAME, "--confirm", "elicit", capabilities={"elicitation": {}}) as client:
            id = client.start_tool("activate", entitlement=NAME, minutes=5)
            question = client.read()
            client.send({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": id}})
            client.send({"jsonrpc": "2.0", "id": question["id"], "result": {"action": "accept", "content": {"approve": True}}})
            self.assertEqual(client.call("ping")["result"], {})
            self.assertEqual(client.finish(), (0, ""))
        self.assertEqual(self.sandbox.applied(), {})


class Ends(McpTest):
    words = ("--provision-delay", "1")

    def ended(self):
        counts = self.sandbox.applied().get(CONNECTION, {})
        self.assertEqual(counts.get("deactivate", 0), counts.get("activate", 0), counts)
        self.assertEqual(self.active(), [])

    def test_however_the_session_ends(self):
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            with self.subTest(number=number), self.allowed() as client:
                client.tool("activate", entitlement=NAME, minutes=5)
                client.send_signal(number)
                self.assertEqual(client.finish(close=False), (0, ""))
                self.ended()
        with self.allowed() as client:
            client.tool("activate", entitlement=NAME, minutes=5)
            client.close_output()
            client.request("ping")
            self.assertEqual(client.finish(close=False), (0, ""))
            self.ended()

    def test_while_a_call_runs(self):
        for end in ("input", signal.SIGTERM, signal.SIGHUP):
            with self.subTest(end=end), self.allowed() as client:
                client.start_tool("activate", entitlement=NAME, minutes=5)
                while "activate" not in self.sandbox.requested():
                    pass
                if end != "input":
                    client.send_signal(end)
                self.assertEqual(client.finish(close=end == "input"), (0, ""))
                self.ended()
                self.sandbox.reset()
                self.sandbox.forget()

    def test_a_call_that_is_cancelled(self):
        with self.allowed() as client:
            id = client.start_tool("activate", entitlement=NAME, minutes=5)
            waiting = client.start_tool("list")
            while "activate" not in self.sandbox.requested():
                pass
            client.send({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": waiting}})
            client.send({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": id}})
            self.assertEqual(client.tool("status")["structuredContent"], {"connections": []})
            self.ended()

    def test_access_that_cannot_be_ended(self):
        with self.allowed("--end-timeout", "2s", "--retries", "0") as client:
            client.tool("activate", entitlement=NAME, minutes=5)
            self.sandbox.set_faults("deactivate:500", "get:500")
            code, err = client.finish()
        self.assertEqual(code, 9)
        self.assertIn(f"jit: access may still be active: {NAME}\n     jit deactivate -e {CONNECTION}\n", err)


class Random(McpTest):
    """Sessions of an agent that does anything: afterwards nothing is active, and no minute too many was given."""
    speed = 20

    def test_sessions(self):
        count = 8 if is_sanitized() else 200 if os.environ.get("JIT_TEST_THOROUGH") else 20
        seed = int(os.environ.get("JIT_SEED") or time.time())
        print(f"JIT_SEED={seed}")
        for number in range(count):
            self.sandbox.reset()
            self.sandbox.forget()
            with self.subTest(seed=seed, number=number):
                self.session(random.Random(f"{seed} {number}"))

    def session(self, chance):
        says_yes = chance.random() < 0.7
        limit = chance.choice([10, 30])
        faults = chance.sample(["activate@1:apply-reset", "activate@1:reset", "extend@1:apply-reset", "extend@1:500",
                                "deactivate@1:apply-close", "activate@2:503=0"], chance.randint(0, 2))
        self.sandbox.set_faults(*faults)
        env = {**self.env, "JIT_ASKPASS": "/bin/true" if says_yes else "/bin/false"}
        with self.client("--allow", NAME, "--allow", CAFE, "--max-minutes", str(limit), env=env) as client:
            sent = 0
            for _ in range(chance.randint(1, 8)):
                name = chance.choice(["activate", "activate", "extend", "deactivate", "status"])
                arguments = {} if name == "status" else {"entitlement": chance.choice([NAME, CAFE, READER, "Cafe-Ops", "nothing"])}
                if name in ("activate", "extend"):
                    arguments["minutes"] = chance.choice([1, 5, 10, 20, 31])
                id = client.start_tool(name, **arguments)
                sent += 1
                if chance.random() < 0.1:
                    client.send({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": id}})
                elif chance.random() < 0.7:
                    while client.read()["id"] != id:
                        pass
            how = chance.choice(["input", "output", signal.SIGTERM, signal.SIGHUP])
            if how == "output":
                client.close_output()
                try:
                    client.request("ping")
                    client.request("ping")
                except BrokenPipeError:
                    pass
            elif how != "input":
                client.send_signal(how)
            code, err = client.finish(close=how in ("input", "output"))
        self.assertEqual((code, err), (0, ""), faults)
        self.assertEqual(self.active(), [], faults)
        minutes = {}
        for request in self.sandbox.journal()["requests"]:
            if request["path"].endswith(("/activate", "/extend")):
                body = json.loads(request["body"])
                self.assertTrue(says_yes, "a request without a yes")
                self.assertIn(body["connectionId"], (CONNECTION, CAFE))
        for activation in self.sandbox.activations():
            connection = activation["connectionId"]
            minutes[connection] = minutes.get(connection, 0) + activation.get("minutes", 0)
        self.assertLessEqual(max(minutes.values(), default=0), limit, (minutes, faults))


class Sdk(McpTest):
    """The protocol's own TypeScript SDK, and the command line of its inspector, as clients."""

    def run_sdk(self, words, calls, approve=None):
        job = {"command": [JIT, "mcp", *words], "calls": [{"name": name, "arguments": arguments} for name, arguments in calls]}
        if approve is not None:
            job["approve"] = approve
        ran = subprocess.run(["node", _ROOT / "tests" / "contract" / "mcp.mjs"], input=json.dumps(job), capture_output=True,
                             text=True, timeout=_PATIENCE, check=False,
                             env={**clean_environment(self.env), "JIT_NODE_MODULES": str(node_modules())})
        self.assertEqual(ran.returncode, 0, ran.stderr)
        return json.loads(ran.stdout)

    def test_the_sdk(self):
        calls = [("list", {}), ("activate", {"entitlement": NAME, "minutes": 5}), ("status", {}),
                 ("extend", {"entitlement": NAME, "minutes": 50}), ("history", {"limit": 3}), ("deactivate", {"entitlement": NAME})]
        told = self.run_sdk(["--allow", NAME, "--confirm", "none"], calls)
        self.assertEqual(told["server"]["name"], "jit")
        self.assertEqual(told["tools"], ["list", "status", "history", "activate", "extend", "deactivate"])
        self.assertEqual([bool(result.get("isError")) for result in told["results"]], [False, False, False, True, False, False])
        self.assertEqual(self.active(), [])

    def test_elicitation_by_the_sdk(self):
        for approve in (True, False):
            told = self.run_sdk(["--allow", NAME, "--confirm", "elicit"], [("activate", {"entitlement": NAME, "minutes": 5})], approve)
            self.assertEqual(told["questions"], ["Activate Prod DB Admin for 5 minutes?"])
            self.assertEqual(bool(told["results"][0].get("isError")), not approve)
        self.assertEqual(self.active(), [])

    def test_the_inspector(self):
        program = node_modules() / ".bin" / "mcp-inspector-cli"
        for words, part in ((["--method", "tools/list"], '"name": "history"'),
                            (["--method", "tools/call", "--tool-name", "list", "--tool-arg", "limit=1"], '"structuredContent"')):
            ran = subprocess.run([program, "--cli", JIT, "mcp", *words], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                                 timeout=_PATIENCE, check=False, env=clean_environment(self.env))
            self.assertEqual(ran.returncode, 0, ran.stderr)
            self.assertIn(part, ran.stdout)


if __name__ == "__main__":
    unittest.main()
