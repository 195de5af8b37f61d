"""activate, extend and deactivate: what is sent, to the byte, and what is printed of the answer."""

import csv
import datetime
import io
import json
import tempfile
import unittest
from pathlib import Path

from support import (ACCESS_TOKEN, ACTIVATE, ACTIVATION, CLIENT_ID, CLIENT_SECRET, COMMANDS, CONNECTION, FORMATS,
                     Reply, Sandbox, ScriptedServer, Test, acceptance, accepted, certificates, jit_version,
                     operation, parse_time, pat_env, reply, run_jit, token_env, token_reply)

COLUMNS = {
    "activate": ["entitlement", "id", "activationId", "connectionId", "activationPeriodMins", "status",
                 "startTime", "expiresAt", "entitlementName"],
    "extend": ["entitlement", "id", "activationId", "connectionId", "activationPeriodExtensionMins", "status",
               "startTime", "expiresAt", "entitlementName"],
    "deactivate": ["entitlement", "id", "activationId", "connectionId", "status", "startTime", "entitlementName"],
}
FIRST_STATE = {"activate": "starting", "extend": "active", "deactivate": "ending"}
FIRST_STATUS = {"activate": "CREATING", "extend": "PROVISIONED", "deactivate": "DEPROVISIONING"}


class AgainstTheSandbox(Test):
    """Over TLS, trusted by --ca-file; the sandbox provisions at once, so that one connection serves all."""

    @classmethod
    def setUpClass(cls):
        cls.sandbox = cls.enterClassContext(Sandbox("--provision-delay", "0", "--rate-limit", "0"))
        cls.env = {**cls.sandbox.env, "SSL_CERT_FILE": None}

    def setUp(self):
        self.sandbox.forget()

    def jit(self, *words):
        return run_jit(*words, "--ca-file", certificates().ca, env=self.env)

    def sent(self):
        """The bodies of the operations, and nothing else, that the sandbox has got."""
        return [json.loads(request["body"]) for request in self.sandbox.journal()["requests"]
                if request["path"].startswith("/jit-activations/")]

    def check_answer(self, command, asked, answer):
        """One printed object against what the service is known to say."""
        self.assertEqual(sorted(answer), sorted(COLUMNS[command]))
        self.assertEqual((answer["entitlement"], answer["entitlementName"]), (asked, CONNECTION))
        self.assertEqual(answer["connectionId"], CONNECTION)
        self.assertEqual(answer["status"], FIRST_STATUS[command])
        if COMMANDS[command][1]:
            self.assertEqual(int(answer[COMMANDS[command][1]]), 60)
        if command == "activate":
            self.assertEqual(parse_time(answer["expiresAt"]) - parse_time(answer["startTime"]),
                             datetime.timedelta(minutes=60))

    def test_each_command_in_each_format(self):
        for form in FORMATS:
            for command in COMMANDS:
                with self.subTest(form=form, command=command):
                    run = self.jit(*operation(command), "-o", form)
                    self.assert_done(run)
                    self.check_printed_answer(form, command, run.stdout)
        self.assertEqual(self.sandbox.journal()["applied"][CONNECTION],
                         {"activate": 4, "extend": 4, "deactivate": 4})

    def check_printed_answer(self, form, command, printed):
        if form == "table":
            titles, row = printed.splitlines()
            self.assertTrue(titles.startswith("ENTITLEMENT"))
            self.assertTrue(row.startswith(f"{CONNECTION}  {FIRST_STATE[command]}"), row)
        elif form == "csv":
            rows = list(csv.reader(io.StringIO(printed)))
            self.assertEqual(rows[0], COLUMNS[command])
            self.assertEqual(len(rows), 2)
            self.check_answer(command, CONNECTION, dict(zip(*rows)))
        else:
            answer = json.loads(printed)
            layout = {"indent": 2} if form == "json" else {"separators": (",", ":")}
            self.assertEqual(printed, json.dumps(answer, **layout) + "\n")
            self.check_answer(command, CONNECTION, answer)

    def test_ids_are_sent_in_the_form_the_service_takes(self):
        bare = CONNECTION.replace("-", "")
        for asked in (CONNECTION, CONNECTION.upper(), bare, bare.upper()):
            for words in ([asked], ["-e", asked], [f"--entitlement={asked}"]):
                with self.subTest(words=words):
                    self.sandbox.forget()
                    started = self.jit("activate", *words, "-m", "60", "-o", "jsonl")
                    self.assert_done(started)
                    self.check_answer("activate", asked, started.json())
                    self.assert_done(self.jit("deactivate", *words))
                    self.assertEqual(self.sent(), [
                        {"connectionId": CONNECTION, "activationPeriodMins": 60}, {"connectionId": CONNECTION}])

    def test_origin_and_metadata_go_into_the_body(self):
        words = ["--request-origin", "slack", "--metadata", "channelId=C 1", "--metadata", "note=a=b \"é\""]
        extra = {"requestOrigin": "slack", "metaData": {"channelId": "C 1", "note": "a=b \"é\""}}
        for command in COMMANDS:
            self.assert_done(self.jit(*operation(command), *words))
        self.assertEqual(self.sent(), [
            {"connectionId": CONNECTION, "activationPeriodMins": 60, **extra},
            {"connectionId": CONNECTION, "activationPeriodExtensionMins": 60, **extra},
            {"connectionId": CONNECTION, **extra}])

    def test_global_options_stand_before_and_after_the_command(self):
        trust = ["--ca-file", certificates().ca]
        orders = ([*trust, "-o", "jsonl", *ACTIVATE], [*ACTIVATE, *trust, "-o", "jsonl"],
                  ["-o", "csv", *trust, "activate", "-o", "jsonl", *ACTIVATE[1:]],
                  [*trust, "-ojsonl", "activate", "--minutes=60", "--", CONNECTION])
        for words in orders:
            with self.subTest(words=words):
                run = run_jit(*words, env=self.env)
                self.assert_done(run)
                self.assertEqual(run.json()["activationPeriodMins"], 60)
                self.assert_done(self.jit(*operation("deactivate")))

    def test_one_connection_and_no_request_too_many(self):
        self.assert_done(self.jit(*ACTIVATE))
        journal = self.sandbox.journal()
        self.assertEqual((journal["connections"], [request["path"] for request in journal["requests"]]),
                         (1, ["/oauth/token", "/jit-activations/v1/activate"]))
        token = self.sandbox.token_env()
        self.sandbox.forget()
        self.assert_done(run_jit(*operation("deactivate"), env=token))
        journal = self.sandbox.journal()
        self.assertEqual((journal["connections"], [request["path"] for request in journal["requests"]]),
                         (1, ["/jit-activations/v1/deactivate"]))

    def test_a_dry_run_sends_nothing_and_prints_the_request(self):
        for command, (words, minutes) in COMMANDS.items():
            body = {"connectionId": CONNECTION, **({minutes: 60} if minutes else {})}
            body_text = json.dumps(body, separators=(",", ":"))
            url = f"{self.sandbox.url}/jit-activations/v1/{command}"
            document = {"dryRun": True, "body": body, "entitlement": CONNECTION.upper(),
                        "entitlementName": CONNECTION, "connectionId": CONNECTION, "method": "POST", "url": url}
            quoted = '"' + body_text.replace('"', '""') + '"'
            expected = {
                "table": f"{'ENTITLEMENT':38}{'METHOD':8}{'URL':{len(url) + 2}}BODY\n"
                         f"{CONNECTION:38}{'POST':8}{url}  {body_text}\n",
                "json": json.dumps(document, indent=2) + "\n",
                "jsonl": json.dumps(document, separators=(",", ":")) + "\n",
                "csv": "entitlement,method,url,body,entitlementName,connectionId\n"
                       f"{CONNECTION.upper()},POST,{url},{quoted},{CONNECTION},{CONNECTION}\n",
            }
            for form in FORMATS:
                with self.subTest(command=command, form=form):
                    run = self.jit(command, CONNECTION.upper(), *words, "--dry-run", "-o", form)
                    self.assert_done(run)
                    self.assertEqual(run.stdout, expected[form])
        self.assertEqual(self.sandbox.journal(), {"connections": 0, "requests": [], "applied": {}})

    def test_a_dry_run_needs_no_credentials(self):
        run = run_jit(*ACTIVATE, "--dry-run", "-v", "--base-url", "https://acme.example")
        self.assertEqual(run.code, 0, run)
        self.assertEqual(run.stderr, "jit: info: dry run: nothing is changed\n")


class ToTheByte(Test):
    """Against a server that shows what it got."""

    def test_a_token_and_an_operation(self):
        with ScriptedServer([token_reply(), accepted()]) as server:
            self.assert_done(run_jit(*ACTIVATE, env=pat_env(server.url)))
        form = f"grant_type=client_credentials&client_id={CLIENT_ID}&client_secret={CLIENT_SECRET}"
        body = f'{{"connectionId":"{CONNECTION}","activationPeriodMins":60}}'
        common = [f"Host: 127.0.0.1:{server.port}", f"User-Agent: jit/{jit_version()}", "Accept: application/json"]
        token, activation = server.requests
        self.assertEqual(token.line, "POST /oauth/token HTTP/1.1")
        self.assertEqual(token.headers, sorted([*common, "Content-Type: application/x-www-form-urlencoded",
                                                f"Content-Length: {len(form)}"]))
        self.assertEqual(token.body, form.encode())
        self.assertEqual(activation.line, "POST /jit-activations/v1/activate HTTP/1.1")
        self.assertEqual(activation.headers, sorted([
            *common, "Content-Type: application/json", "X-SailPoint-Experimental: true",
            f"Authorization: Bearer {ACCESS_TOKEN}", f"Content-Length: {len(body)}"]))
        self.assertEqual(activation.body, body.encode())
        self.assertEqual(server.connections, 1)

    def test_the_other_operations(self):
        bodies = {
            "extend": f'{{"connectionId":"{CONNECTION}","activationPeriodExtensionMins":60,'
                      '"requestOrigin":"ci","metaData":{"job":"42"}}',
            "deactivate": f'{{"connectionId":"{CONNECTION}","requestOrigin":"ci","metaData":{{"job":"42"}}}}',
        }
        for command, body in bodies.items():
            with self.subTest(command=command), ScriptedServer([accepted(command)]) as server:
                words = operation(command, "--request-origin", "ci", "--metadata", "job=42")
                self.assert_done(run_jit(*words, env=token_env(server.url)))
                [request] = server.requests
                self.assertEqual(request.line, f"POST /jit-activations/v1/{command} HTTP/1.1")
                self.assertEqual(request.body, body.encode())
                self.assertEqual(request.header("Authorization"), f"Bearer {ACCESS_TOKEN}")

    def test_credentials_are_percent_encoded_in_the_form(self):
        odd = {"SAIL_CLIENT_ID": "id+with&signs=1", "SAIL_CLIENT_SECRET": "50%/of~a+secret&more=yes"}
        with ScriptedServer([token_reply(), accepted()]) as server:
            run = run_jit(*ACTIVATE, "--debug", env=pat_env(server.url, **odd))
            self.assertEqual(run.code, 0, run)
        self.assertEqual(server.requests[0].body, b"grant_type=client_credentials&client_id=id%2Bwith%26signs%3D1"
                                                  b"&client_secret=50%25%2Fof~a%2Bsecret%26more%3Dyes")
        self.assertNotIn("50%25%2Fof", run.stderr)

    def test_the_minutes_come_from_the_configuration_or_the_option(self):
        with tempfile.TemporaryDirectory() as directory:
            config = Path(directory, "config.yaml")
            config.write_text("defaults: {minutes: 45}\n")
            for words, minutes in (([], 45), (["--minutes", "2147483647"], 2147483647), (["-m1"], 1)):
                granted = accepted(activationPeriodMins=minutes)
                with self.subTest(words=words), ScriptedServer([granted], tls=None) as server:
                    self.assert_done(run_jit("activate", CONNECTION, *words, "--config", str(config),
                                             env=token_env(server.url)))
                    self.assertEqual(server.requests[0].json()["activationPeriodMins"], minutes)


class OfTheAnswer(Test):
    """What is made of an answer."""

    def answered(self, body, *words, command="activate"):
        """Runs a command with its 202 given; returns the run."""
        with ScriptedServer([body if isinstance(body, Reply) else reply(202, body)], tls=None) as server:
            return run_jit(*operation(command), *words, env=token_env(server.url))

    def test_every_field_is_kept_as_it_is_written(self):
        written = ('{"id":"x","big":12345678901234567890,"one":1.0,"tiny":-1e-7,"exact":0.10000000000000000001,'
                   '"null":null,"yes":true,"list":[1,[],{}],"deep":{"entitlement":"inner","n":1e2},'
                   f'"text":"é 本 \\" \\\\ / x","connectionId":"{CONNECTION}",'
                   '"activationPeriodMins":60,"status":"CREATING","startTime":"2026-11-24T10:00:00Z"')
        added = (f',"entitlement":"{CONNECTION}","entitlementName":"{CONNECTION}",'
                 '"expiresAt":"2026-11-24T11:00:00Z"}\n')
        run = self.answered(written + "}", "-o", "jsonl")
        self.assert_done(run)
        self.assertEqual(run.stdout, written + added)
        indented = self.answered(written + "}", "-o", "json")
        self.assertEqual(indented.json(), run.json())
        self.assertIn('  "big": 12345678901234567890,\n  "one": 1.0,\n  "tiny": -1e-7,\n', indented.stdout)

    def test_a_number_is_kept_as_it_is_written(self):
        for number in ("1e300", "-1e-999", "9" * 300):
            with self.subTest(number=number):
                run = self.answered(json.dumps(acceptance())[:-1] + f', "n": {number}}}', "-o", "jsonl")
                self.assert_done(run)
                self.assertIn(f'"n":{number}', run.stdout)

    def test_a_number_beyond_a_double_is_not_json_that_jit_reads(self):
        run = self.answered(json.dumps(acceptance())[:-1] + ', "n": 1e999}')
        self.assert_failed(run, 8, "HTTP 202", "it may or may not have been carried out")

    def test_what_jit_adds_stands_in_for_a_field_of_the_same_name(self):
        run = self.answered(acceptance(entitlement={"of": ["the service"]}, expiresAt=1), "-o", "json")
        self.assert_done(run)
        self.assertEqual(run.stdout.count('"entitlement"'), 1)
        self.assertEqual((run.json()["entitlement"], run.json()["expiresAt"]), (CONNECTION, "2026-11-24T11:00:00Z"))

    def test_there_is_no_expiry_where_it_cannot_be_worked_out(self):
        for fields in ({"startTime": None}, {"startTime": "soon"}, {"activationPeriodMins": None},
                       {"activationPeriodMins": "many"}, {"activationPeriodMins": -5}, {"startTime": 20261124}):
            with self.subTest(fields=fields):
                run = self.answered(acceptance(**fields), "-o", "jsonl")
                self.assert_done(run)
                self.assertNotIn("expiresAt", run.json())

    def test_the_expiry_of_other_ways_to_write_a_time(self):
        for start, expiry in (("2026-11-24T10:00:00.250+02:00", "2026-11-24T09:00:00.250Z"),
                              ("2026-11-24T23:30:00-0800", "2026-11-25T08:30:00Z"),
                              ("2028-02-28T23:59:59Z", "2028-02-29T00:59:59Z")):
            with self.subTest(start=start):
                self.assertEqual(self.answered(acceptance(startTime=start), "-o", "json").json()["expiresAt"], expiry)

    def test_absent_and_null_fields_are_no_failure(self):
        bare = {name: None for name in ("id", "activationId", "status", "startTime")}
        for form, expected in (("table", f"{CONNECTION}  -       60       -     -"),
                               ("csv", f"{CONNECTION},,,{CONNECTION},60,,,,{CONNECTION}")):
            with self.subTest(form=form):
                for body in (acceptance(**bare), {**acceptance(), **bare}):
                    run = self.answered(body, "-o", form)
                    self.assert_done(run)
                    self.assertEqual(run.stdout.splitlines()[1], expected)

    def test_a_connection_id_may_come_back_in_its_other_form(self):
        for form in ("json", "csv"):
            run = self.answered(acceptance(connectionId=CONNECTION.replace("-", "").upper()), "-o", form)
            self.assert_done(run)
            row = run.json() if form == "json" else next(csv.DictReader(io.StringIO(run.stdout)))
            self.assertEqual(row["connectionId"], CONNECTION)

    def test_an_unknown_status_is_shown_as_it_is(self):
        for status in ("AWAITING_SOMETHING_NEW", "provisioned"):
            self.assertEqual(self.answered(acceptance(status=status), "-o", "json").json()["status"], status)

    def test_other_ways_to_send_the_same_answer(self):
        body = json.dumps(acceptance()).encode()
        chunks = b"%x\r\n%s\r\n1\r\n}\r\n0\r\n\r\n" % (len(body) - 1, body[:-1])
        head = b"HTTP/1.1 202 Accepted\r\n"
        ways = {
            "after interim answers": Reply(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n"
                                           + head + b"Content-Length: %d\r\n\r\n" % len(body) + body),
            "in chunks": Reply(head + b"Transfer-Encoding: chunked\r\n\r\n" + chunks),
            "to the end of the connection": Reply(head + b"\r\n" + body, then="close"),
            "as HTTP/1.0": Reply(b"HTTP/1.0 202 Accepted\r\n\r\n" + body, then="close"),
        }
        for name, way in ways.items():
            with self.subTest(way=name):
                run = self.answered(way, "-o", "json")
                self.assert_done(run)
                self.assertEqual(run.json()["activationId"], ACTIVATION)

    def test_quiet_and_verbose(self):
        quiet = self.answered(acceptance(), "-q")
        self.assert_done(quiet)
        verbose = self.answered(acceptance(), "-v")
        self.assertRegex(verbose.stderr, r"\Ajit: info: tenant http://127.0.0.1:\d+ \(from SAIL_BASE_URL\)\n\Z")
        self.assertEqual(len(verbose.stdout.splitlines()), 2)


if __name__ == "__main__":
    unittest.main()
