"""How jit ends: every exit code that can happen, for people and for scripts."""

import json
import unittest

from support import (ACTIVATE, CLIENT_ID, COMMANDS, CONNECTION, KINDS, NO_CONNECTIONS, Reply, Sandbox,
                     ScriptedServer, Test, acceptance, accepted, api_error, operation, pat_env, reply, run_jit,
                     token_env, token_reply)

TRACKING = "e7eab60924f64aa284175b9fa3309599"
HTML = "<html><head><title>Bad Gateway</title></head></html>"
AS_HTML = [("Content-Type", "text/html")]
UNCHANGED = "; nothing was changed"
UNKNOWN = "; it may or may not have been carried out"
THEIRS = f"connectionId {CONNECTION} is not yours"


class Refusals(Test):
    """What the service answers instead of 202, and what becomes of it."""

    # name, answer, exit code, the error's members beside its message and hint, what the message ends with.
    CASES = [
        ("400", reply(400, api_error()), 5, {"detailCode": "400.1 Bad Request Content", "trackingId": TRACKING},
         f"was refused: HTTP 400, 400.1 Bad Request Content: the cause (tracking ID {TRACKING}){UNCHANGED}"),
        ("400 without causes", reply(400, api_error(cause=None)), 5,
         {"detailCode": "400.1 Bad Request Content", "trackingId": TRACKING},
         f"HTTP 400, 400.1 Bad Request Content: the message (tracking ID {TRACKING}){UNCHANGED}"),
        ("400 with a code that says nothing", reply(400, {"detailCode": "400", "messages": []}), 5,
         {"detailCode": "400"}, f"was refused: HTTP 400{UNCHANGED}"),
        ("400 with several causes", reply(400, {"causes": [{"text": "one"}, {"text": " "}, "two"]}), 5, {},
         f"HTTP 400: one; two{UNCHANGED}"),
        ("401", reply(401, {"error": "JWT validation failed: JWT is expired"}), 3, {},
         f"was refused: HTTP 401: JWT validation failed: JWT is expired{UNCHANGED}"),
        ("403", reply(403, api_error("no scope", detail_code="403 Forbidden")), 4,
         {"detailCode": "403 Forbidden", "trackingId": TRACKING},
         f"HTTP 403 Forbidden: no scope (tracking ID {TRACKING}){UNCHANGED}"),
        ("404", reply(404, api_error(THEIRS, detail_code="404 Not found")), 5,
         {"detailCode": "404 Not found", "trackingId": TRACKING},
         f"HTTP 404 Not found: {THEIRS} (tracking ID {TRACKING}){UNCHANGED}"),
        ("404 of a web server", reply(404, HTML, AS_HTML), 5, {}, f"was refused: HTTP 404{UNCHANGED}"),
        ("409", reply(409, api_error("under way", detail_code="409.1 Conflict")), 5,
         {"detailCode": "409.1 Conflict", "trackingId": TRACKING},
         f"HTTP 409, 409.1 Conflict: under way (tracking ID {TRACKING}){UNCHANGED}"),
        ("412", reply(412, {"message": "Feature is not enabled"}), 5, {},
         f"was refused: HTTP 412: Feature is not enabled{UNCHANGED}"),
        ("422", reply(422, api_error("no sense", detail_code="422 Unprocessable")), 5,
         {"detailCode": "422 Unprocessable", "trackingId": TRACKING},
         f"HTTP 422 Unprocessable: no sense (tracking ID {TRACKING}){UNCHANGED}"),
        ("429", reply(429, {"message": " Rate Limit Exceeded "}, [("Retry-After", "7")]), 6, {"retryAfter": 7},
         f"was refused: HTTP 429: Rate Limit Exceeded{UNCHANGED}"),
        ("429 without a time", reply(429, ""), 6, {}, f"was refused: HTTP 429{UNCHANGED}"),
        ("500", reply(500, api_error("a fault", detail_code="500.0 Internal Fault")), 9,
         {"detailCode": "500.0 Internal Fault", "trackingId": TRACKING},
         f"failed: HTTP 500, 500.0 Internal Fault: a fault (tracking ID {TRACKING}){UNKNOWN}"),
        ("502 of a gateway", reply(502, HTML, AS_HTML), 9, {}, f"failed: HTTP 502{UNKNOWN}"),
        ("503 with a time", reply(503, "", [("Retry-After", "7")]), 9, {"retryAfter": 7},
         f"failed: HTTP 503{UNKNOWN}"),
        ("504", reply(504, ""), 9, {}, f"failed: HTTP 504{UNKNOWN}"),
        ("200 that names no connection", reply(200, acceptance(connectionId=None)), 8, {},
         f"is not the API's: HTTP 200, without a connection ID in it{UNKNOWN}"),
        ("204", Reply(b"HTTP/1.1 204 No Content\r\n\r\n"), 8, {}, f"is not the API's: HTTP 204{UNKNOWN}"),
        ("error body of other types", reply(400, '{"detailCode":{},"trackingId":[],"messages":7,"causes":[null,{}]}'),
         5, {}, f"was refused: HTTP 400{UNCHANGED}"),
    ]

    def test_each_answer(self):
        with ScriptedServer(tls=None, refuse_lists=True) as server:
            for name, answer, code, members, ending in self.CASES:
                with self.subTest(name):
                    status = int(answer.raw.split()[1])
                    server.expect(answer, answer)
                    error = self.failure([*ACTIVATE, "--retries", "0"], code, token_env(server.url))
                    self.assertEqual(len(server.take()), 2)
                    message = error.pop("message")
                    self.assertIn(CONNECTION, message)
                    self.assertIn(ending, message)
                    self.assertTrue(error.pop("hint"))
                    self.assertEqual(error, {"code": code, "kind": KINDS[code], "httpStatus": status, **members})

    def test_a_redirect_is_never_followed(self):
        with ScriptedServer(tls=None) as other, ScriptedServer(tls=None, refuse_lists=True) as server:
            for status in (301, 302, 307, 308):
                with self.subTest(status=status):
                    elsewhere = reply(status, HTML, [("Location", f"{other.url}/elsewhere"), *AS_HTML])
                    server.expect(elsewhere, elsewhere)
                    error = self.failure(ACTIVATE, 8, token_env(server.url))
                    self.assertEqual(error["httpStatus"], status)
                    self.assertIn("check the base URL", error["hint"])
                    self.assertEqual(len(server.take()), 2)
        self.assertEqual(other.connections, 0)

    def test_answers_of_202_that_are_not_the_apis(self):
        cases = {
            "nothing": "", "a page": HTML, "a list": "[]", "a word": '"CREATING"', "null": "null",
            "half an object": json.dumps(acceptance())[:-1], "two objects": "{}{}",
            "another connection": acceptance(connectionId="c0ffee00-0000-4000-8000-000000000002"),
            "no connection at all": acceptance(connectionId="elsewhere"),
        }
        with ScriptedServer(tls=None, refuse_lists=True) as server:
            for name, body in cases.items():
                with self.subTest(name):
                    answer = reply(202, body)
                    server.expect(answer, answer)
                    error = self.failure(ACTIVATE, 8, token_env(server.url))
                    self.assertIn(UNKNOWN, error["message"])
                    self.assertIn("before you send it again", error["hint"])
                    self.assertEqual(error["httpStatus"], 202)

    def test_200_and_201_that_name_the_connection(self):
        with ScriptedServer([reply(200, acceptance()), reply(201, acceptance())], tls=None) as server:
            for _ in range(2):
                self.assert_done(run_jit(*ACTIVATE, env=token_env(server.url)))

    def test_fields_of_other_types_are_no_failure(self):
        body = acceptance(id={"a": [1]}, activationId=[], activationPeriodMins=1.5, startTime={}, status=False)
        with ScriptedServer([reply(202, body)], tls=None) as server:
            run = run_jit(*ACTIVATE, "-o", "json", env=token_env(server.url))
            self.assert_done(run)
            self.assertEqual(run.json(), {**body, "entitlement": CONNECTION, "entitlementName": CONNECTION})

    def test_a_state_that_cannot_become_access(self):
        # What has ended the access is no failure of a deactivate.
        failed = {"activate": ["ERROR", "INVALID", "REVOKED", "CANCELLED", "TIMED_OUT", "error", "Invalid"],
                  "extend": ["ERROR", "INVALID"], "deactivate": ["ERROR", "INVALID"]}
        with ScriptedServer(tls=None) as server:
            for command, status in [(command, status) for command in failed for status in failed[command]]:
                with self.subTest(command=command, status=status):
                    server.expect(accepted(command, status=status))
                    run = run_jit(*operation(command), "-o", "json", env=token_env(server.url))
                    self.assertEqual((run.code, run.json()["status"]), (11, status))
                    error = json.loads(run.stderr)["error"]
                    self.assertEqual((error["code"], error["kind"]), (11, "not_provisioned"))
                    self.assertIn(f"accepted, but has ended in {status}", error["message"])
            server.expect(accepted(status="ERROR"))
            run = run_jit(*ACTIVATE, env=token_env(server.url))
            self.assertEqual((run.code, len(run.stdout.splitlines()), len(run.stderr.splitlines())), (11, 2, 2))
            self.assertTrue(run.stderr.startswith(f"jit: activate of {CONNECTION} was accepted, but "))

    def test_what_helps_is_of_the_command(self):
        hints = {"activate": {404: "check the connection ID", 400: "policy"},
                 "extend": {404: f"jit activate -e {CONNECTION}", 400: "it must be active"},
                 "deactivate": {404: "jit list shows", 400: "jit list shows"}}
        with ScriptedServer(tls=None) as server:
            for command in COMMANDS:
                for status, hint in {**hints[command], 403: f"idn:jit-activation-workflow:{command}"}.items():
                    with self.subTest(command=command, status=status):
                        server.expect(reply(status, api_error()), *[NO_CONNECTIONS] * (status != 403))
                        run = run_jit(*operation(command), env=token_env(server.url))
                        self.assert_failed(run, 4 if status == 403 else 5, f"{command} of {CONNECTION}", hint=hint)


class OfTheToken(Test):
    """What the token endpoint answers: the operation is never sent."""

    CASES = [
        ("unknown client", reply(401, {"error": "invalid_client", "error_description": "Bad client credentials"}), 3,
         "was refused: HTTP 401: Bad client credentials"),
        ("OAuth's own refusal", reply(400, {"error": "invalid_request"}), 3, "was refused: HTTP 400: invalid_request"),
        ("forbidden", reply(403, api_error()), 4, "HTTP 403"),
        ("another host", reply(404, HTML, AS_HTML), 5, "was refused: HTTP 404"),
        ("limited", reply(429, ""), 6, "was refused: HTTP 429"),
        ("failing", reply(500, ""), 8, "failed: HTTP 500"),
        ("elsewhere", reply(302, "", [("Location", "/login")]), 8, "is not the API's: HTTP 302"),
        ("a page", reply(200, HTML, AS_HTML), 8, "is not the API's: HTTP 200, without an access token"),
        ("no token", reply(200, {"token_type": "bearer"}), 8, "without an access token"),
        ("an empty token", token_reply(""), 8, "without an access token"),
        ("a token of another type", token_reply({"a": 1}), 8, "without an access token"),
        ("a token that splits the header", token_reply("a\r\nX-Evil: 1"), 8, "without an access token"),
        ("no answer", Reply(b"", "close"), 8, "was sent, but no complete answer"),
        ("not HTTP", Reply(b"SSH-2.0-OpenSSH_9.2\r\n", "close"), 8, "is not HTTP"),
    ]

    def test_each_answer(self):
        with ScriptedServer(tls=None) as server:
            for name, answer, code, part in self.CASES:
                with self.subTest(name):
                    server.expect(answer, answer)
                    error = self.failure([*ACTIVATE, "--retries", "0"], code, pat_env(server.url))
                    self.assertIn(part, error["message"])
                    self.assertTrue(error["message"].endswith(UNCHANGED), error)
                    self.assertEqual({request.line for request in server.take()}, {"POST /oauth/token HTTP/1.1"})

    def test_refused_credentials_are_named_by_where_they_are_from(self):
        refusal = reply(401, {"error": "JWT validation failed: JWT is expired"})
        with ScriptedServer([refusal, token_reply(), refusal], tls=None) as server:
            self.assert_failed(run_jit(*ACTIVATE, env=token_env(server.url)), 3, hint="SAIL_ACCESS_TOKEN")
            self.assert_failed(run_jit(*ACTIVATE, env=pat_env(server.url)), 3,
                               hint="SAIL_CLIENT_ID and SAIL_CLIENT_SECRET")


class OfTheSandbox(Test):
    """The same, as the practice tenant has it."""

    @classmethod
    def setUpClass(cls):
        cls.sandbox = cls.enterClassContext(Sandbox("--rate-limit", "0", "--max-minutes", "60", "--provision-delay", "0"))

    def test_what_is_not_applicable(self):
        env = self.sandbox.env
        self.assert_done(run_jit(*ACTIVATE, env=env))
        second, standing, theirs, unknown = (f"c0ffee00-0000-4000-8000-0000000000{n}" for n in ("02", "12", "31", "99"))
        cases = [
            (ACTIVATE, "already under way"),
            (["activate", second, "-m", "61"], "more than the policy's maximum of 60"),
            (operation("extend"), "more than the policy's maximum of 60"),
            (operation("extend", connection=second), "No activation is running"),
            (operation("deactivate", connection=unknown), "was not found for the identity"),
            (operation("activate", connection=standing), "is of type STANDING"),
            (operation("activate", connection=theirs), "was not found for the identity"),
            (operation("activate", connection=unknown), "was not found for the identity"),
        ]
        for words, part in cases:
            with self.subTest(words=words):
                error = self.failure(words, 5, env)
                self.assertIn(part, error["message"])
                self.assertRegex(error["trackingId"], r"\A[0-9a-f]{32}\Z")
                self.assertIn(error["httpStatus"], (400, 404))

    def test_what_was_not_active_has_nothing_to_end(self):
        second = "c0ffee00-0000-4000-8000-000000000002"
        for form in ("table", "json"):
            run = run_jit(*operation("deactivate", connection=second), "-o", form, env=self.sandbox.env)
            self.assertEqual((run.code, run.stderr), (0, f"jit: {second} was not active; nothing to end\n"))
        self.assertEqual((run.json()["connectionId"], run.json()["wasActive"]), (second, False))

    def test_refused_credentials(self):
        wrong = {**self.sandbox.env, "SAIL_CLIENT_SECRET": "certainly-another-one"}
        self.assertIn("Bad client credentials", self.failure(ACTIVATE, 3, wrong)["message"])
        self.assertIn("Bad client credentials",
                      self.failure(ACTIVATE, 3, {**self.sandbox.env, "SAIL_CLIENT_ID": CLIENT_ID})["message"])
        bad_token = {**self.sandbox.env, "SAIL_ACCESS_TOKEN": "not.a.token-at-all"}
        self.assertIn("JWT signature is invalid", self.failure(ACTIVATE, 3, bad_token)["message"])

    def test_missing_scope_and_missing_user(self):
        for identity, connection, part in (("unscoped", 41, "none of the scopes"), ("service", 51, "no user context")):
            with self.subTest(identity=identity), Sandbox("--identity", identity) as sandbox:
                words = operation("activate", connection=f"c0ffee00-0000-4000-8000-0000000000{connection}")
                error = self.failure(words, 4, sandbox.env)
                self.assertIn(part, error["message"])
                self.assertIn("idn:jit-activation-workflow:activate", error["hint"])

    def test_a_pipeline_needs_nothing_but_its_three_scopes(self):
        with Sandbox("--identity", "pipeline", "--provision-delay", "0") as sandbox:
            for command in COMMANDS:
                self.assert_done(run_jit(*operation(command, connection="c0ffee00-0000-4000-8000-000000000021"),
                                         env=sandbox.env))


class Usage(Test):
    """Command lines that mean nothing. Nothing is sent."""

    CASES = [
        (["activte", CONNECTION], 'there is no command "activte"', "did you mean activate?"),
        (["frobnicate"], 'there is no command "frobnicate"', "see jit --help"),
        (["-o"], "--output needs a value", "see jit --help"),
        (["-v"], "a command is missing", "see jit --help"),
        ([*ACTIVATE, "--minuts", "5"], "there is no option --minuts", "did you mean --minutes?"),
        ([*ACTIVATE, "--client-secret=hunter2"], "there is no option --client-secret", ""),
        (["activate", CONNECTION, "-m"], "--minutes needs a value", ""),
        ([*ACTIVATE, "-m", "5"], "--minutes is given more than once", ""),
        *((["activate", CONNECTION, f"--minutes={minutes}"], "--minutes", "")
          for minutes in ("0", "-1", "1.5", "1e3", "2147483648", "99999999999999999999", "abc", "", " 5", "0x10")),
        (["activate", CONNECTION], "say how long: -m 60", "or set defaults.minutes"),
        (["activate", "-m", "5"], "no entitlement is given", "jit list shows what there is"),
        *((["activate", "-e", word, "-m", "5"], "the name of an entitlement is blank; nothing was sent", "jit list")
          for word in ("", " ", "\t")),
        (["deactivate", CONNECTION, "-m", "5"], "deactivate has no option -m", "these commands have it: activate, extend, ensure, run"),
        (["ensure", CONNECTION, "-m", "5", "--wait"], "ensure has no option --wait", "always waits until the access is usable"),
        (["stop", CONNECTION], 'there is no command "stop"', "did you mean deactivate?"),
        (["stat"], 'there is no command "stat"', "did you mean status?"),
        (["auth"], "a command is missing after jit auth: auth login, auth status, auth logout", "see jit auth --help"),
        ([*ACTIVATE, "-d", "5m"], "give --minutes or --duration, not both", ""),
        (["activate", CONNECTION, "-m", "1h"], "for a duration write -d 1h", ""),
        (["activate", CONNECTION, "-d", "60"], "write 60m for minutes, or -m 60", ""),
        ([*ACTIVATE, "-o", "xml"], 'the output format must be table, json, jsonl or csv, not "xml"', ""),
        ([*ACTIVATE, "--color", "blue"], '"blue" is not auto, always or never', ""),
        ([*ACTIVATE, "--metadata", "novalue"], '"novalue" is not KEY=VALUE', ""),
        ([*ACTIVATE, "--metadata", "=v"], '"=v" is not KEY=VALUE', ""),
        ([*ACTIVATE, "--metadata", "k=1", "--metadata", "k=2"], "the key k is given twice", ""),
        ([*ACTIVATE, "--timeout", "0"], "--timeout", ""),
        ([*ACTIVATE, "--retries", "-1"], "--retries", ""),
        ([*ACTIVATE, "--max-wait", "soon"], "--max-wait", ""),
    ]

    def test_each(self):
        with ScriptedServer(tls=None) as server:
            for words, part, hint in self.CASES:
                with self.subTest(words=words):
                    self.assert_failed(run_jit(*words, env=token_env(server.url)), 2, part, hint=hint)
        self.assertEqual(server.connections, 0)

    def test_for_scripts(self):
        for words in (["-o", "json", "activte"], ["activate", "-m", "0", "-ojsonl"], ["-o", "json", "--output=jsonl"],
                      ["--nonsense", "--output", "json"], ["activate", CONNECTION, "-o", "json", "-m"]):
            with self.subTest(words=words):
                self.assertTrue(self.error_of(run_jit(*words), 2)["message"])
        self.error_of(run_jit("activte", env={"JIT_OUTPUT": "json"}), 2)

    def test_what_is_missing_in_the_settings(self):
        self.assert_failed(run_jit(*ACTIVATE), 2, "no base URL is set", hint="SAIL_BASE_URL")
        self.error_of(run_jit(*ACTIVATE, "-o", "json"), 2)
        some = {"SAIL_BASE_URL": "https://acme.example"}
        self.assert_failed(run_jit(*ACTIVATE, env=some), 2, "no credentials are set", hint="SAIL_CLIENT_SECRET")
        for half, other in (("SAIL_CLIENT_ID", "SAIL_CLIENT_SECRET"), ("SAIL_CLIENT_SECRET", "SAIL_CLIENT_ID")):
            env = {**some, half: "0123456789abcdef" * 4}
            self.assert_failed(run_jit(*ACTIVATE, "-q", env=env), 2, "no credentials are set", hint=other)
            self.assertIn(f"jit: warning: {half} is ignored: {other} is not set\n", run_jit(*ACTIVATE, env=env).stderr)

    def test_credentials_that_cannot_be_sent(self):
        with ScriptedServer(tls=None) as server:
            for name in ("SAIL_ACCESS_TOKEN", "SAIL_CLIENT_ID", "SAIL_CLIENT_SECRET"):
                env = token_env(server.url) if name == "SAIL_ACCESS_TOKEN" else pat_env(server.url)
                for value in ("pasted-with-a-break\n", "two words-0123456", "snöwman-☃-0123456", "a\r\nX-Evil: 1"):
                    with self.subTest(name=name, value=value):
                        self.assert_failed(run_jit(*ACTIVATE, env={**env, name: value}), 2, "line breaks")
        self.assertEqual(server.connections, 0)


class Others(Test):
    def test_done(self):
        for words in ([], ["--help"], ["-h"], ["help"], ["activate", "--help"], ["help", "extend"], ["--version"]):
            with self.subTest(words=words):
                run = run_jit(*words)
                self.assert_done(run)
                self.assertTrue(run.stdout)

    def test_stdout_that_takes_nothing(self):
        for command in COMMANDS:
            with self.subTest(command=command), open("/dev/full", "wb") as full, \
                    ScriptedServer([accepted(command), accepted(command)], tls=None, refuse_lists=True) as server:
                env = token_env(server.url)
                run = run_jit(*operation(command), env=env, stdout=full)
                self.assert_failed(run, 1, f"{command} of {CONNECTION} was accepted, but jit cannot write the result "
                                           "to standard output: No space left on device", hint="do not send it again")
                error = self.error_of(run_jit(*operation(command), "-o", "json", env=env, stdout=full), 1)
                self.assertIn("was accepted", error["message"])
        other = CONNECTION[:-1] + "2"
        refused = reply(403, api_error())
        for answers, said in (((refused, refused), "jit: cannot write the result"),
                              ((refused, accepted("deactivate", connectionId=other)),
                               f"jit: deactivate of {other} was accepted, but jit cannot write the result")):
            with self.subTest(said=said), open("/dev/full", "wb") as full, ScriptedServer(list(answers), tls=None) as server:
                run = run_jit("deactivate", CONNECTION, other, env=token_env(server.url), stdout=full)
                self.assertEqual(run.code, 1)
                self.assertTrue(run.stderr.startswith(said), run)
        with open("/dev/full", "wb") as full:
            self.assert_failed(run_jit("--help", stdout=full), 1, "cannot write the result")

    def test_a_server_that_is_not_there(self):
        with ScriptedServer() as server:
            gone = server.url
            server.requests  # noqa: B018 (ends the service)
        error = self.failure([*ACTIVATE, "--retries", "0"], 7, token_env(gone))
        self.assertIn(f"activate of {CONNECTION} was not sent: cannot reach {gone}: ", error["message"])
        self.assertTrue(error["message"].endswith(UNCHANGED))
        unknown = self.failure([*ACTIVATE, "--retries", "0"], 7, token_env("https://nowhere.invalid"))
        self.assertIn("cannot reach https://nowhere.invalid: Could not resolve host", unknown["message"])


if __name__ == "__main__":
    unittest.main()
