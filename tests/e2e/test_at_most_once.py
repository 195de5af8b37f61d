"""A request is carried out at most once: what is tried again, and what never is."""

import json
import socket
import unittest

from clocks import fake_time
from running import until
from support import (ACTIVATE, COMMANDS, CONNECTION, NO_CONNECTIONS, Jit, Reply, Sandbox, ScriptedServer, Test,
                     acceptance, accepted, no_reply, operation, pat_env, reply, run_jit, token_env, token_reply)

UNKNOWN = "; it may or may not have been carried out"
LIMITED = {"message": " Rate Limit Exceeded "}


def limited(retry_after=None):
    return reply(429, LIMITED, [("Retry-After", retry_after)] if retry_after is not None else [])


def lines_of(requests):
    return [request.line.split()[1].rpartition("/")[2] for request in requests]


class RateLimit(Test):
    """429 says that nothing was done, so it may be tried again."""

    def test_the_time_that_the_server_asks_for_is_sat_out(self):
        with ScriptedServer([limited("1"), accepted()], tls=None) as server:
            self.assert_done(run_jit(*ACTIVATE, env=token_env(server.url)))
        first, second = server.requests
        self.assertGreaterEqual(second.time - first.time, 1.0)
        self.assertEqual((first.body, first.headers), (second.body, second.headers))
        self.assertEqual(server.connections, 1)

    def test_other_ways_to_ask(self):
        for retry_after in ("0", " 0 ", "Tue, 01 Jan 2019 00:00:00 GMT", "soon", "-1", None):
            with self.subTest(retry_after=retry_after), ScriptedServer([limited(retry_after), accepted()],
                                                                       tls=None) as server:
                self.assert_done(run_jit(*ACTIVATE, env=token_env(server.url)))

    def test_each_command_and_the_token(self):
        for command in COMMANDS:
            replies = [limited("0"), token_reply(), limited("0"), limited("0"), accepted(command)]
            with self.subTest(command=command), ScriptedServer(replies, tls=None) as server:
                self.assert_done(run_jit(*operation(command), env=pat_env(server.url)))
                self.assertEqual(lines_of(server.requests), ["token", "token", command, command, command])

    def test_the_number_of_tries(self):
        for words, tries in (([], 4), (["--retries", "0"], 1), (["--retries", "6"], 7)):
            with self.subTest(words=words), ScriptedServer([limited("0")] * tries, tls=None) as server:
                run = run_jit(*ACTIVATE, *words, env=token_env(server.url))
                self.assert_failed(run, 6, "HTTP 429: Rate Limit Exceeded", "nothing was changed", hint="--retries")

    def test_the_longest_wait(self):
        cases = [(["--max-wait", "5"], ["6"], 6), (["--max-wait", "0"], ["1"], 1), ([], ["121"], 121),
                 ([], ["99999999999999999999"], 86400),
                 (["--max-wait", "1"], ["1", "0", "1"], 1)]  # one second in all
        for words, asked, last in cases:
            with self.subTest(words=words, asked=asked), ScriptedServer(map(limited, asked), tls=None) as server:
                error = self.error_of(run_jit(*ACTIVATE, *words, "-o", "json", env=token_env(server.url)), 6)
                self.assertEqual(error["retryAfter"], last)
                self.assertIn("--max-wait", error["hint"])

    def test_what_is_said_meanwhile(self):
        with ScriptedServer([limited("0"), accepted()], tls=None) as server:
            run = run_jit(*ACTIVATE, "-v", env=token_env(server.url))
            self.assertIn("jit: info: the rate limit is reached (HTTP 429); not carried out; try 2 of 4 in 0.0 s\n",
                          run.stderr)

    def test_the_limit_of_the_sandbox(self):
        with Sandbox("--rate-limit", "1") as sandbox:
            env = sandbox.token_env()
            sandbox.forget()
            self.assert_done(run_jit(*ACTIVATE, env=env))
            run = run_jit(*operation("extend"), "--max-wait", "0", "-o", "json", env=env)
            self.assertIn(self.error_of(run, 6)["retryAfter"], range(1, 11))
            self.assertEqual(sandbox.journal()["applied"], {CONNECTION: {"activate": 1, "extend": 0, "deactivate": 0}})


class NothingWasSent(Test):
    """Where no connection came about, it may be tried again."""

    def test_a_server_that_is_not_there(self):
        with socket.socket() as taken:  # a port that nobody listens on, and that nobody can take meanwhile
            taken.bind(("127.0.0.1", 0))
            url = f"https://127.0.0.1:{taken.getsockname()[1]}"
            run = run_jit(*ACTIVATE, "-v", "--retries", "2", env=token_env(url))
            self.assertEqual(run.code, 7, run)
            tries = [line for line in run.stderr.splitlines() if "not carried out; try " in line]
            self.assertEqual([line.partition("; try ")[2][:6] for line in tries], ["2 of 3", "3 of 3"])
            self.assertIn("was not sent: cannot reach", run.stderr.splitlines()[-2])

    def test_a_server_that_comes_up_late(self):
        with socket.socket() as taken:
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            taken.bind(("127.0.0.1", 0))
            port = taken.getsockname()[1]
            with Jit(*ACTIVATE, "-v", "--retries", "100", env=token_env(f"https://127.0.0.1:{port}")) as jit:
                jit.wait_for_message("; try 2 of 101 in ")
                taken.close()
                with ScriptedServer([accepted()], port=port) as server:
                    self.assertEqual(jit.finish().code, 0)
                    self.assertEqual(len(server.requests), 1)

    def test_a_server_that_never_speaks(self):
        with ScriptedServer(handshake=False) as server:
            run = run_jit(*ACTIVATE, "--connect-timeout", "1", "--retries", "0", env=token_env(server.url))
            self.assert_failed(run, 7, f"was not sent: cannot reach {server.url}", "nothing was changed")
            self.assertEqual(server.connections, 1)


class SentAndNoAnswer(Test):
    """Nobody knows whether it was carried out: it is said, and nothing is sent again."""

    BROKEN = {
        "closed": no_reply("close"),
        "goodbye": no_reply("goodbye"),
        "reset": no_reply("reset"),
        "half a status line": Reply(b"HTTP/1.1 2", "close"),
        "half a body": Reply(b"HTTP/1.1 202 Accepted\r\nContent-Length: 400\r\n\r\n{\"id\":", "close"),
        "half a body, reset": Reply(b"HTTP/1.1 202 Accepted\r\nContent-Length: 400\r\n\r\n{\"id\":", "reset"),
        "half a chunk": Reply(b"HTTP/1.1 202 Accepted\r\nTransfer-Encoding: chunked\r\n\r\n40\r\n{\"id\":", "close"),
    }
    for status in (500, 502, 503, 504, 599):
        BROKEN[f"HTTP {status}"] = reply(status, "<html>", [("Content-Type", "text/html"), ("Retry-After", "0")])

    def test_on_a_connection_of_its_own(self):
        for name, way in self.BROKEN.items():
            with self.subTest(name), ScriptedServer([way]) as server:
                run = run_jit(*ACTIVATE, env=token_env(server.url))
                self.assert_failed(run, 9, f"activate of {CONNECTION}", UNKNOWN,
                                   hint=f"before you send it again, see what became of it: jit history -e {CONNECTION} --limit 1")
                self.assertEqual(len(server.requests), 1)

    def test_on_the_connection_that_served_the_token(self):
        """What a client library would quietly send a second time, on a new connection."""
        for name, way in self.BROKEN.items():
            with self.subTest(name), ScriptedServer([token_reply(), way]) as server:
                self.assert_failed(run_jit(*ACTIVATE, env=pat_env(server.url)), 9, UNKNOWN)
                self.assertEqual(lines_of(server.requests), ["token", "activate"])

    def test_each_command_over_both_schemes(self):
        for command in COMMANDS:
            for scheme in ("good", None):
                for way in ("close", "reset"):
                    with self.subTest(command=command, scheme=scheme, way=way), \
                            ScriptedServer([token_reply(), no_reply(way)], tls=scheme) as server:
                        run = run_jit(*operation(command), "--retries", "0", "-o", "jsonl", env=pat_env(server.url))
                        error = self.error_of(run, 9)
                        self.assertTrue(error["message"].startswith(f"{command} of {CONNECTION} was sent, but "), error)
                        self.assertIn(f"{UNKNOWN}; its state cannot be read: ", error["message"])
                        self.assertEqual(lines_of(server.requests), ["token", command])

    def test_no_answer_in_time(self):
        for part in (b"", b"HTTP/1.1 202 Accepted\r\nContent-Length: 400\r\n\r\n{"):
            # Without TLS, whose handshake could use up the second on a slow machine.
            with self.subTest(part=part), ScriptedServer([Reply(part, "hang")], tls=None) as server:
                error = self.error_of(run_jit(*ACTIVATE, "--timeout", "1", "-o", "json", env=token_env(server.url)), 9)
                self.assertIn("no complete answer", error["message"])
                self.assertIn("timed out", error["message"])
                self.assertEqual(len(server.requests), 1)

    def test_a_token_connection_that_is_closed_is_not_used(self):
        token = reply(200, {"access_token": "another-token-of-this-test"}, [("Connection", "close")], then="close")
        with ScriptedServer([token, accepted()]) as server:
            self.assert_done(run_jit(*ACTIVATE, env=pat_env(server.url)))
            self.assertEqual(lines_of(server.requests), ["token", "activate"])
            self.assertEqual(server.connections, 2)

    def test_no_answer_to_the_token_request_changes_nothing(self):
        for name, way in (("closed", no_reply("close")), ("reset", no_reply("reset"))):
            with self.subTest(name), ScriptedServer([way]) as server:
                self.assert_failed(run_jit(*ACTIVATE, "--retries", "0", env=pat_env(server.url)), 8,
                                   "the token request was sent, but", "; nothing was changed", hint="try again")
                self.assertEqual(lines_of(server.requests), ["token"])


class ALostActivate(Test):
    """It is sent again only once a list must know of the first one."""

    OTHER = "c0ffee00-0000-4000-8000-000000000002"

    def test_sent_again_once_the_list_shows_something_newer(self):
        with Sandbox("--provision-delay", "0", "--rate-limit", "0", "--fault", "activate@1:502/html") as sandbox:
            env = sandbox.token_env()
            sandbox.forget()
            with Jit(*ACTIVATE, env=env) as jit:
                until(lambda: "history" in sandbox.requested())  # it knows by now that the answer was lost
                body = json.dumps({"connectionId": self.OTHER, "activationPeriodMins": 5})
                headers = {"Authorization": f"Bearer {env['SAIL_ACCESS_TOKEN']}", "Content-Type": "application/json",
                           "X-SailPoint-Experimental": "true"}
                self.assertEqual(sandbox.ask("POST", "/jit-activations/v1/activate", body, headers)[0], 202)
                self.assertEqual(jit.finish(patience=50).code, 0)  # a minute, were it not for the other one
            self.assertEqual(sandbox.applied(), {CONNECTION: {"activate": 1}, self.OTHER: {"activate": 1}})

    def test_not_sent_again_while_the_list_lags(self):
        with Sandbox("--provision-delay", "0", "--rate-limit", "0", "--list-lag", "20", "--fault",
                     "activate@1:apply-reset", speed=5) as sandbox:
            run = run_jit(*ACTIVATE, env={**sandbox.token_env(), **fake_time(speed=5)})
            self.assertEqual(run.code, 0, run)
            self.assertIn("its state shows that it was carried out", run.stderr)
            self.assertEqual(sandbox.requested().count("activate"), 1)


class NotAnAnswer(Test):
    """Something came back that is no answer of the API: sent once, too."""

    def test_each(self):
        big = 10 * 1024 * 1024
        cases = {
            "not HTTP": (Reply(b"SSH-2.0-OpenSSH_9.2p1 Debian\r\n" * 3, "close"), "is not HTTP"),
            "not HTTP, on and on": (Reply(b"220 mail.example ESMTP\r\n", "hang"), "is not HTTP"),
            "no end of the headers": (Reply(b"HTTP/1.1 202 Accepted\r\nContent-Type: application/json\r\n", "close"),
                                      "HTTP 202, without a JSON object"),
            "no length and no end": (Reply(b"HTTP/1.1 202 Accepted\r\n\r\n{\"id\":", "close"),
                                     "HTTP 202, without a JSON object"),
            "headers on and on": (Reply(b"HTTP/1.1 202 Accepted\r\n" + (b"X: " + b"y" * 4093 + b"\r\n") * 300, "hang"),
                                  "more than 256 KiB of headers"),
            "more than 10 MiB": (reply(202, b" " * (big + 1), then="hang"), "larger than 10 MiB"),
        }
        for name, (way, part) in cases.items():
            with self.subTest(name), ScriptedServer([way]) as server:
                run = run_jit(*ACTIVATE, env=token_env(server.url))
                self.assert_failed(run, 8, part, UNKNOWN)
                self.assertEqual(len(server.requests), 1)

    def test_a_refusal_that_is_cut_short_is_a_refusal(self):
        for status, code in ((400, 5), (403, 4), (429, 6)):
            half = Reply(b"HTTP/1.1 %d No\r\nContent-Length: 400\r\n\r\n{\"detailCo" % status, "close")
            look_up = [NO_CONNECTIONS] * (status == 400)
            with self.subTest(status=status), ScriptedServer([half, *look_up]) as server:
                run = run_jit(*ACTIVATE, "--retries", "0", env=token_env(server.url))
                self.assert_failed(run, code, f"HTTP {status}", "nothing was changed")
                self.assertEqual(len(server.requests), 1 + len(look_up))

    def test_10_mib_are_read(self):
        body = json.dumps(acceptance()).encode()
        with ScriptedServer([reply(202, body + b" " * (10 * 1024 * 1024 - len(body)))]) as server:
            self.assert_done(run_jit(*ACTIVATE, env=token_env(server.url)))


if __name__ == "__main__":
    unittest.main()
