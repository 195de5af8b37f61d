"""Text that means harm, in answers and on the command line: it is shown, kept, never obeyed.

`run_jit` looks through each run for characters that steer a terminal and for secrets; so a test here mostly
has to see to it that the text was printed at all.
"""

import csv
import io
import json
import unittest
import urllib.parse

from support import (ACCESS_TOKEN, ACTIVATE, CLIENT_ID, CLIENT_SECRET, CONNECTION, FORMATS, NO_CONNECTIONS,
                     ScriptedServer, Test, acceptance, api_error, pat_env, reply, run_jit, token_env, token_reply)

STEERING = {
    "escape sequence": "\x1b[31mred\x1b]0;title\x07",
    "C1": "a\x9b31mb\x85c\x90d",
    "bidi": "a\u202ereversed\u2066b\u2069\u200f",
    "zero width": "pay\u200bpal\u200d\ufeff\u00ad",
    "newlines": "one\ntwo\r\nthree\u2028four\u2029five\x0b\x0c",
    "nul and delete": "a\0b\x7fc",
    "tags": "a\U000e0041\U000e007fb",
    "looks like a message": "ok\njit: all is well\n",
}


class HostileTest(Test):
    def answered(self, status, body, *words, env=token_env, code=0, replies=()):
        """Runs `activate` against a server that answers so; returns the run."""
        look_up = [NO_CONNECTIONS] * (code == 5)
        with ScriptedServer([*replies, reply(status, body), *look_up], tls=None) as server:
            run = run_jit(*ACTIVATE, *words, env=env(server.url))
        self.assertEqual(run.code, code, run)
        return run


class Steering(HostileTest):
    def test_in_an_answer(self):
        for name, text in STEERING.items():
            body = acceptance(status=text, id=text, activationId=text, startTime=text, extra={text: [text]})
            for escaped in (True, False):
                with self.subTest(name, escaped=escaped):
                    raw = json.dumps(body, ensure_ascii=escaped)
                    for form in FORMATS:
                        self.check(form, text, body, self.answered(202, raw, "-o", form))

    def check(self, form, text, body, run):
        """JSON keeps the text; the others have one line of it, with a mark for each character."""
        self.assertEqual(run.stderr, "")
        if form in ("json", "jsonl"):
            self.assertEqual(json.loads(run.stdout), {**body, "entitlement": CONNECTION,
                                                      "entitlementName": CONNECTION})
            layout = {"indent": 2} if form == "json" else {}
            self.assertEqual(run.stdout.count("\n"), json.dumps(json.loads(run.stdout), **layout).count("\n") + 1)
        else:
            self.assertEqual(len(run.stdout.splitlines()), 2, run)
            if form == "csv":
                row = dict(zip(*csv.reader(io.StringIO(run.stdout))))
                self.assertEqual(len(row["status"]), len(text))

    def test_in_a_refusal(self):
        for name, text in STEERING.items():
            bodies = {
                "causes": {**api_error(cause=text, detail_code=text, tracking_id=text), text: text},
                "messages": api_error(cause=None, message=text),
                "message": {"message": text},
                "error": {"error": text},
            }
            for place, body in bodies.items():
                with self.subTest(name, place=place):
                    human = self.answered(400, body, code=5)
                    self.assert_failed(human, 5)
                    error = self.error_of(self.answered(400, body, "-o", "json", code=5), 5)
                    self.assertTrue(human.stderr.startswith(f"jit: {error['message']}\n"))

    def test_in_a_connection_id(self):
        for name, text in STEERING.items():
            with self.subTest(name):
                self.assert_failed(self.answered(202, acceptance(connectionId=text), code=8), 8, "another connection")

    def test_in_the_answer_to_the_token_request(self):
        for name, text in STEERING.items():
            with self.subTest(name):
                body = {"error": text, "error_description": text}
                self.answered(401, body, "--debug", env=pat_env, code=3)

    def test_in_headers_that_are_shown(self):
        for raw in (b"\x1b[31m", b"\x9b31m", "\u202e".encode(), b"\xff\xfe", b"\x7f"):
            answer = reply(400, "{}")
            answer = answer._replace(raw=answer.raw.replace(b"Whatever", b"No" + raw, 1)
                                     .replace(b"\r\nContent-Type", b"\r\nX-Evil: " + raw + b"\r\nContent-Type", 1))
            with self.subTest(raw=raw), ScriptedServer([answer, NO_CONNECTIONS], tls=None) as server:
                run = run_jit(*ACTIVATE, "--debug", env=token_env(server.url))
                self.assertIn("X-Evil", run.stderr)

    def test_bytes_that_are_not_utf_8(self):
        for raw in (b"\xff\xfe", b"\xc3\x28", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf8\x88\x80\x80\x80", b"caf\xe9"):
            with self.subTest(raw=raw):
                body = json.dumps(acceptance(status="HERE")).encode().replace(b"HERE", raw)
                for form in FORMATS:
                    # Not JSON, then: but what it was the answer to may have been carried out, and that is said.
                    run = self.answered(202, body, "-o", form, code=8)
                    self.assertIn("it may or may not have been carried out", run.stderr)
                refusal = json.dumps(api_error(cause="HERE")).encode().replace(b"HERE", raw)
                self.assert_failed(self.answered(400, refusal, code=5), 5, "HTTP 400")
                self.answered(400, refusal, "--debug", code=5)

    def test_on_the_command_line(self):
        for name, text in STEERING.items():
            text = text.replace("\0", "")
            for words in (["activate", text, "-m", "1"], [text], ["activate", f"--{text}"], [*ACTIVATE, "-o", text],
                          [*ACTIVATE, "--base-url", text], [*ACTIVATE, "--env", text], [*ACTIVATE, "--config", text],
                          [*ACTIVATE, "--metadata", text], [*ACTIVATE, "--color", text], ["activate", "-m", text],
                          [*ACTIVATE, "--timeout", text]):
                with self.subTest(name, words=words):
                    self.assert_failed(run_jit(*words), 2)
        for words in ([b"\xff\xfe"], ["activate", b"\x9b\xff", "-m", "1"], [*ACTIVATE, b"--\xff"],
                      [*ACTIVATE, b"-o\xe9"]):
            with self.subTest(words=words):
                self.assertEqual(run_jit(*words).code, 2)

    def test_metadata_that_is_not_utf_8_is_not_sent(self):
        """JSON is UTF-8; a body that is not would be refused, or worse, stored."""
        with ScriptedServer(tls=None) as server:
            for words in (["--metadata", b"k=\xff"], ["--metadata", b"\xff=v"], ["--request-origin", b"caf\xe9"]):
                with self.subTest(words=words):
                    self.assertEqual(run_jit(*ACTIVATE, *words, env=token_env(server.url)).code, 2)
        self.assertEqual(server.connections, 0)

    def test_metadata_is_sent_as_it_is(self):
        text = "".join(STEERING.values()).replace("\0", "") + "\"\\/\u00e9\U0001f600"
        with ScriptedServer([reply(202, acceptance())], tls=None) as server:
            run = run_jit(*ACTIVATE, "--metadata", f"note={text}", "--debug", env=token_env(server.url))
            self.assertEqual(run.code, 0, run)
            self.assertEqual(server.requests[0].json()["metaData"], {"note": text})

    def test_a_dry_run_of_it_is_printed_safely(self):
        for name, text in STEERING.items():
            text = text.replace("\0", "")
            for form in FORMATS:
                with self.subTest(name, form=form):
                    run = run_jit(*ACTIVATE, "--dry-run", "-o", form, "--request-origin", text,
                                  "--base-url", "https://acme.example")
                    self.assert_done(run)
                    if form.startswith("json"):
                        self.assertEqual(run.json()["body"]["requestOrigin"], text)


class Size(HostileTest):
    def test_deep_nesting(self):
        depth = 2_000_000
        for body in ("[" * depth, '{"a":' * (depth // 5), "[" * depth + "]" * depth,
                     json.dumps(acceptance())[:-1] + ',"deep":' + "[" * 100_000 + "]" * 100_000 + "}"):
            with self.subTest(body=body[:5]):
                self.assert_failed(self.answered(202, body, code=8), 8)
                self.answered(400, body, code=5)
                self.answered(200, body, env=pat_env, code=8)

    def test_some_nesting_is_kept(self):
        body = acceptance(deep=json.loads("[" * 50 + "]" * 50))
        self.assertEqual(self.answered(202, body, "-o", "json").json()["deep"], body["deep"])

    def test_long_texts(self):
        long = "long " * 20_000
        for form in FORMATS:
            run = self.answered(202, acceptance(status=long, extra=long), "-o", form)
            self.assertIn(long.strip(), run.stdout)
        run = self.answered(400, api_error(cause=long, detail_code=long, tracking_id=long), code=5)
        self.assertEqual(len(run.stderr.splitlines()), 2)
        self.answered(202, acceptance(connectionId=long), code=8)
        self.answered(202, acceptance(status=long), "--debug")

    def test_many_members(self):
        body = acceptance(**{f"k{n}": n for n in range(100_000)})
        self.assertEqual(self.answered(202, body, "-o", "jsonl").json()["k99999"], 99999)

    def test_minutes_of_any_size(self):
        for minutes in ("99999999999999999999", "2147483648", "1.5", "-1", "1e3", "0"):
            with self.subTest(minutes=minutes):
                body = json.dumps(acceptance()).replace("60", minutes, 1)
                body = body.replace('"activationPeriodMins": 60', f'"activationPeriodMins": {minutes}')
                self.assertIn(minutes, self.answered(202, body).stdout)

    def test_times_of_any_kind(self):
        for time in ("9999-12-31T23:59:59Z", "0000-00-00T00:00:00Z", "2026-02-30T00:00:00Z", "1969-12-31T23:59:59Z",
                     "2026-11-24T24:00:00Z", "99999999999999999999", "-1", "2026-11-24T10:00:00.9999999999999999999Z"):
            with self.subTest(time=time):
                run = self.answered(202, acceptance(startTime=time, activationPeriodMins=2147483647), "-o", "jsonl")
                self.assertEqual(run.json()["startTime"], time)
                self.answered(202, acceptance(startTime=time, activationPeriodMins=2147483647))

    def test_odd_json(self):
        """Escapes at the edge of what is allowed, and repeated names."""
        self.assertEqual(self.answered(202, '{"status":"\\ud83d\\ude00\\u0000"}', "-o", "json").json()["status"],
                         "\U0001f600\0")
        for body in ('{"status":"\\ud800"}', '{"a":1,}', "{'a':1}", '{"a":01}', '{"a":NaN}',
                     '{"a":1} x', '\ufeff{"a":1}', '{"a":"\t"}', '{"a" 1}', "{,}", "/**/{}"):
            with self.subTest(body=body):
                self.assert_failed(self.answered(202, body, code=8), 8, "without a JSON object in it")


class Redirects(HostileTest):
    """Never followed: with a redirect, the token would go to wherever a server says."""

    def test_where_it_points_to_is_said(self):
        for status in (301, 302, 303, 307, 308):
            for location in ("https://acme.identitynow.com/ui", "/login", "http://" + "x" * 5000):
                with self.subTest(status=status, location=location[:20]), \
                        ScriptedServer([reply(status, "", [("Location", location)])], tls=None) as server:
                    run = run_jit("list", env={**token_env(server.url), **self.own_home()})
                    self.assert_failed(run, 8, f"HTTP {status}, which points to {location[:200]}", "was not followed",
                                       hint="check the base URL")
                    self.assertLess(len(run.stderr), 700)

    def test_text_that_steers(self):
        for text in ("\x1b[31mred", "a\x9b31mb", "pay\u200bpal\u202e", f"https://{ACCESS_TOKEN}@evil.example"):
            answer = reply(301, "")
            answer = answer._replace(raw=answer.raw.replace(b"\r\n", b"\r\nLocation: " + text.encode() + b"\r\n", 1))
            with self.subTest(text), ScriptedServer([answer], tls=None) as server:
                self.assert_failed(run_jit("list", env={**token_env(server.url), **self.own_home()}), 8, "which points to")

    def test_of_what_may_have_been_carried_out(self):
        run = self.answered(302, "", code=8)
        self.assertIn("it may or may not have been carried out", run.stderr)


class Secrets(HostileTest):
    """A server that repeats what it was sent."""

    def test_in_a_refusal(self):
        for secret in (ACCESS_TOKEN, CLIENT_SECRET, CLIENT_ID):
            for words in ([], ["-v"], ["--debug"], ["-o", "json"], ["-o", "json", "--debug"]):
                with self.subTest(secret=secret, words=words):
                    body = api_error(cause=f"got {secret}.", detail_code=secret, tracking_id=f"t-{secret}-t")
                    run = self.answered(400, body, *words, env=pat_env, code=5, replies=[token_reply()])
                    self.assertIn("got [", run.stderr)

    def test_in_a_refusal_of_the_token_request(self):
        for words in ([], ["--debug"], ["-o", "json"]):
            for text in (f"client_id={CLIENT_ID}&client_secret={CLIENT_SECRET}",
                         f"{CLIENT_SECRET}{CLIENT_SECRET}{CLIENT_ID}"):
                with self.subTest(words=words, text=text):
                    body = {"error": "invalid_client", "error_description": text}
                    self.assertIn("[client secret]", self.answered(401, body, *words, env=pat_env, code=3).stderr)

    def test_in_a_debug_line_that_is_cut_short(self):
        """What is shown of a long body may end amid the secret."""
        for secret in (ACCESS_TOKEN, CLIENT_SECRET):
            for before in (4096 - 60, 4096 - 20):
                with self.subTest(secret=secret, before=before):
                    body = "x" * before + secret + "y" * 4096
                    self.answered(400, body, "--debug", env=pat_env, code=5, replies=[token_reply()])

    def test_that_json_writes_differently(self):
        secret = 'quote"and\\backslash/0123456789-fit-for-nothing'
        escaped = json.dumps(secret)[1:-1]
        body = {"error": "invalid_client", "error_description": f"{secret} is wrong"}
        for words in ([], ["--debug"], ["-o", "json"]):
            with self.subTest(words=words), ScriptedServer([reply(401, body)], tls=None) as server:
                run = run_jit(*ACTIVATE, *words, env=pat_env(server.url, SAIL_CLIENT_SECRET=secret))
                self.assertEqual(run.code, 3, run)
                for part in (escaped[-16:], escaped[:16], urllib.parse.quote(secret, safe="")[:16]):
                    self.assertNotIn(part, run.stderr)

    def test_in_a_header(self):
        body = reply(400, "{}", [("X-Echo", f"Bearer {ACCESS_TOKEN}"), ("WWW-Authenticate", ACCESS_TOKEN)])
        with ScriptedServer([body, NO_CONNECTIONS], tls=None) as server:
            run = run_jit(*ACTIVATE, "--debug", env=token_env(server.url))
            self.assertIn("X-Echo: Bearer [token]", run.stderr)

    def test_in_an_answer(self):
        """An answer's fields are all kept, so stdout may well have one; stderr still has none."""
        with ScriptedServer([reply(202, acceptance(status=ACCESS_TOKEN))], tls=None) as server:
            run = run_jit(*ACTIVATE, "--debug", env=token_env(server.url), may_show=[ACCESS_TOKEN])
            self.assertNotIn(ACCESS_TOKEN, run.stderr)

    def test_the_whole_of_a_debug_run(self):
        with ScriptedServer([token_reply(), reply(202, acceptance())]) as server:
            run = run_jit(*ACTIVATE, "--debug", env=pat_env(server.url))
        lines = run.stderr.splitlines()
        self.assertTrue(all(line.startswith(("jit: debug: ", "jit: info: ")) for line in lines), run)
        for line in ("> grant_type=client_credentials&client_id=[client ID]&client_secret=[client secret]",
                     "> Authorization: Bearer [token]", "< HTTP 200", "< HTTP 202",
                     f"> POST {server.url}/jit-activations/v1/activate"):
            self.assertIn(f"jit: debug: {line}", lines)


if __name__ == "__main__":
    unittest.main()
