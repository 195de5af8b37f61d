"""Naming what to act on: by name, source, alias or ID. Never a guess, no request for a name that is not sure."""

import csv
import datetime
import io
import json
import unicodedata
import unittest
from pathlib import Path

from support import CONNECTION, FORMATS, Sandbox, Test, parse_time, run_jit

POSTGRES_READER = "c0ffee00-0000-4000-8000-000000000002"
AWS_READER = "c0ffee00-0000-4000-8000-000000000003"
BACKUP = ("c0ffee00-0000-4000-8000-000000000004", "c0ffee00-0000-4000-8000-000000000005")
JAPANESE = "c0ffee00-0000-4000-8000-000000000009"
CAFE = "c0ffee00-0000-4000-8000-000000000010"
QUOTED = "c0ffee00-0000-4000-8000-000000000011"
FAILS = "c0ffee00-0000-4000-8000-000000000015"
ENTITLEMENT = "e7000000-0000-0000-0000-000000000001"


class NamesTest(Test):
    options = ("--provision-delay", "0", "--rate-limit", "0")

    @classmethod
    def setUpClass(cls):
        cls.sandbox = cls.enterClassContext(Sandbox(*cls.options))
        cls.token = cls.sandbox.token_env()

    def setUp(self):
        self.env = {**self.token, **self.own_home()}
        self.sandbox.forget()

    def jit(self, *words):
        return run_jit(*words, env=self.env)

    def sent(self):
        return [json.loads(request["body"]) for request in self.sandbox.journal()["requests"]
                if request["method"] == "POST"]

    def assert_nothing_sent(self, requested=("connections",)):
        self.assertEqual(self.sandbox.requested(), list(requested))


class Names(NamesTest):
    def test_what_a_connection_is_called(self):
        names = {
            CONNECTION: ["Prod DB Admin", "prod db ADMIN", "pg_prod_admin", "PG_Prod_Admin",
                         "Postgres Production/Prod DB Admin", "postgres production/PG_PROD_ADMIN"],
            AWS_READER: ["ReportingReader", "AWS Production/Reporting Reader",
                         "arn:aws:iam::000000000000:role/reportingreader",
                         "AWS Production/arn:aws:iam::000000000000:role/ReportingReader"],
            BACKUP[1]: ["BACKUP_OPERATOR_OLD"],
            JAPANESE: ["本番データベース管理者", "active directory/本番データベース管理者", "jp-db-admins"],
            CAFE: [unicodedata.normalize("NFC", "Café Ops"), unicodedata.normalize("NFD", "Café Ops"),
                   unicodedata.normalize("NFC", "CAFÉ OPS"), unicodedata.normalize("NFD", "café ops"), "cafe-ops"],
            QUOTED: ['Tier 0 "Red" Operators', 'PRACTICE\\Tier 0 "Red" Operators', "tier 0"],
        }
        for connection, ways in names.items():
            for name in ways:
                for words in ([name], ["-e", name], [f"--entitlement={name}"]):
                    with self.subTest(words=words):
                        run = self.jit("activate", *words, "-m", "60", "--dry-run", "-o", "json")
                        self.assert_done(run)
                        self.assertEqual(run.json()["body"],
                                         {"connectionId": connection, "activationPeriodMins": 60})
                        self.assertEqual(run.json()["entitlement"], name)
        self.assertEqual(self.sandbox.journal()["applied"], {})

    def test_a_name_costs_one_reading_of_the_list(self):
        started = self.jit("activate", "prod db admin", "-m", "60", "-o", "json")
        self.assert_done(started)
        self.assertEqual((started.json()["entitlement"], started.json()["connectionId"]),
                         ("prod db admin", CONNECTION))
        self.assertEqual(self.sandbox.requested(), ["connections", "activate"])
        self.assertEqual(len(self.sandbox.journal()["requests"]), 3)  # the list, that nothing is behind it, and the activate
        self.assertEqual(self.sandbox.journal()["connections"], 1)
        self.sandbox.forget()
        self.assert_done(self.jit("extend", "prod db admin", "-m", "5"))
        self.assert_done(self.jit("deactivate", "prod db admin"))
        self.assertEqual(self.sandbox.requested(), ["connections", "extend", "connections", "deactivate"])

    def test_an_id_needs_no_look_up(self):
        for asked in (CAFE, CAFE.upper(), CAFE.replace("-", "")):
            self.sandbox.forget()
            self.assert_done(self.jit("activate", asked, "-m", "60"))
            self.assert_done(self.jit("deactivate", asked))
            self.assertEqual(self.sandbox.requested(), ["activate", "deactivate"])

    def test_several_names_are_one_look_up(self):
        self.assert_done(self.jit("activate", "jp-db-admins", QUOTED, "pg_prod_read", "JP-DB-ADMINS", "-m", "60"))
        self.assertEqual(self.sandbox.requested(), ["connections", *["activate"] * 3])
        self.assertEqual([body["connectionId"] for body in self.sent()], [JAPANESE, QUOTED, POSTGRES_READER])
        self.assert_done(self.jit("deactivate", "jp-db-admins", QUOTED, "pg_prod_read"))

    def test_a_name_that_means_several(self):
        candidates = {
            "Reporting Reader": [f"{POSTGRES_READER}  Postgres Production/Reporting Reader (pg_prod_read)",
                                 f"{AWS_READER}  AWS Production/Reporting Reader "
                                 "(arn:aws:iam::000000000000:role/ReportingReader)"],
            "backup operator": [f"{BACKUP[0]}  Postgres Production/Backup Operator (backup_operator)",
                                f"{BACKUP[1]}  Postgres Production/BACKUP OPERATOR (BACKUP_OPERATOR_OLD)"],
            "Postgres Production/Backup Operator": [BACKUP[0], BACKUP[1]],
        }
        for command, more in (("activate", ["-m", "60"]), ("extend", ["-m", "60"]), ("deactivate", []),
                              ("ensure", ["-m", "60"])):
            for name, expected in candidates.items():
                with self.subTest(command=command, name=name):
                    self.sandbox.forget()
                    run = self.jit(command, name, *more)
                    self.assertEqual((run.code, run.stdout), (5, ""))
                    said, what_to_do, *listed = run.stderr.splitlines()
                    self.assertEqual(said, f'jit: "{name}" matches 2 of your connections; nothing was sent')
                    # Those that are the same but for case are told apart by what they are not the same in.
                    way = "its value, which stands in brackets," if "ackup" in name else "SOURCE/NAME"
                    self.assertEqual(what_to_do, f"     say which one, by {way} or by its connection ID:")
                    self.assertEqual(len(listed), 2)
                    for line, start in zip(listed, expected):
                        self.assertTrue(line.startswith(f"     {start}"), line)
                        self.assertTrue(line.endswith(", account robin.ops"), line)
                    error = self.error_of(self.jit(command, name, *more, "-o", "json"), 5)
                    self.assertIn(BACKUP[0] if "ackup" in name else AWS_READER, error["hint"])
                    self.assertEqual([list(each) for each in error["candidates"]],
                                     [["connectionId", "entitlementName", "source", "account", "value"]] * 2)
                    self.assertEqual([each["connectionId"] for each in error["candidates"]],
                                     list(BACKUP) if "ackup" in name else [POSTGRES_READER, AWS_READER])
                    if "ackup" in name:
                        self.assertEqual([each["value"] for each in error["candidates"]],
                                         ["backup_operator", "BACKUP_OPERATOR_OLD"])
                        for each in error["candidates"]:
                            self.assert_done(self.jit("activate", each["value"], "-m", "60", "--dry-run"))
                        self.sandbox.forget()
                        self.jit(command, name, *more)
                        self.jit(command, name, *more)
                    self.assert_nothing_sent(["connections"] * 2)

    def test_a_name_that_none_has(self):
        nearest = {"Prod": "Prod DB Admin", "Prod DB Admn": "Prod DB Admin", "prod db": "Prod DB Admin",
                   "kubernetes cluster": "Kubernetes Cluster Admin", "管理者": "本番データベース管理者",
                   "pg_prod": None, "Postgres Production": None, "VPN Users": None, "Legacy Billing": None,
                   "Prod DB Admin*": "Prod DB Admin", " ": None, "pg_prod_admn": "pg_prod_admin",
                   "Postgres Production/Prod DB Admn": "Postgres Production/Prod DB Admin",
                   "postgres prodution/pg_prod_admin": "Postgres Production/pg_prod_admin"}
        for name, suggestion in nearest.items():
            with self.subTest(name=name):
                self.sandbox.forget()
                run = self.jit("activate", name, "-m", "60")
                if not name.strip():
                    self.assert_failed(run, 2, "the name of an entitlement is blank")
                    continue
                self.assert_failed(run, 5, f'none of your 13 JIT connections is called "{name}"; nothing was sent',
                                   hint=f'did you mean "{suggestion}"' if suggestion else "")
                self.assert_nothing_sent()

    def test_what_may_have_been_meant(self):
        for words, hint in ((("Prod", "DB", "Admin"), 'put the name in quotes: "Prod DB Admin"'),
                            (("-e", "Prod", "DB", "Admin"), 'put the name in quotes: "Prod DB Admin"'),
                            (("-e", CONNECTION[:-1]), "a connection ID has 36 characters; this has 35")):
            with self.subTest(words=words):
                self.sandbox.forget()
                run = self.jit("activate", *words, "-m", "60")
                self.assert_failed(run, 5, "is called", hint=hint)
                self.assert_nothing_sent()

    def test_one_bad_name_of_several_stops_all(self):
        run = self.jit("activate", CONNECTION, "no such thing", "-m", "60")
        self.assert_failed(run, 5, '"no such thing"')
        self.assert_nothing_sent()

    def test_the_id_of_an_entitlement(self):
        for asked in (ENTITLEMENT, ENTITLEMENT.replace("-", "").upper()):
            for command, more in (("activate", ["-m", "60"]), ("extend", ["-m", "60"]), ("deactivate", [])):
                with self.subTest(asked=asked, command=command):
                    self.sandbox.forget()
                    run = self.jit(command, asked, *more)
                    self.assertEqual((run.code, run.stdout), (5, ""))
                    self.assertEqual(run.stderr.splitlines()[1:], [
                        "     that is the ID of an entitlement, not of a connection; try:",
                        f"     jit {command} -e {CONNECTION}  (Postgres Production/Prod DB Admin, account robin.ops)"])
                    # Whose ID is it? And is it active?
                    looks = {"activate": ["connections"] * 2 + ["history"], "deactivate": ["connections"] * 2}
                    self.assertEqual(self.sandbox.requested(), [command, *looks.get(command, ["connections"])])
                    self.assertEqual(self.sandbox.journal()["applied"], {})

    def test_an_id_that_is_nobodys(self):
        asked = "00000000-0000-4000-8000-000000000000"
        run = self.jit("activate", asked, "-m", "60")
        self.assert_failed(run, 5, "HTTP 404")
        self.assertNotIn("ID of an entitlement", run.stderr)

    def test_a_dry_run(self):
        url = f"{self.sandbox.url}/jit-activations/v1/activate"
        bodies = [{"connectionId": CONNECTION, "activationPeriodMins": 60},
                  {"connectionId": AWS_READER, "activationPeriodMins": 60}]
        for form in FORMATS:
            with self.subTest(form=form):
                run = self.jit("activate", "prod db admin", "ReportingReader", "-m", "60", "--dry-run", "-o", form)
                self.assert_done(run)
                if form == "csv":
                    rows = list(csv.DictReader(io.StringIO(run.stdout)))
                    self.assertEqual([(row["entitlement"], row["url"]) for row in rows],
                                     [("prod db admin", url), ("ReportingReader", url)])
                    self.assertEqual([json.loads(row["body"]) for row in rows], bodies)
                elif form == "table":
                    self.assertEqual([line.split("  ")[0] for line in run.stdout.splitlines()],
                                     ["ENTITLEMENT", "Prod DB Admin", "Reporting Reader"])
                    self.assertIn(AWS_READER, run.stdout)
                else:
                    rows = run.json() if form == "json" else [json.loads(line) for line in run.stdout.splitlines()]
                    self.assertEqual([row["body"] for row in rows], bodies)
        self.assertEqual(set(self.sandbox.requested()), {"connections"})


class Minutes(NamesTest):
    def minutes(self, *words):
        run = self.jit("activate", CONNECTION, *words, "--dry-run", "-o", "json")
        self.assert_done(run)
        return run.json()["body"]["activationPeriodMins"]

    def test_other_ways_to_say_how_long(self):
        for words, minutes in ((["-d", "90m"], 90), (["--duration", "1h30m"], 90), (["-d2d"], 2880),
                               (["-d", "1h30min"], 90), (["-d", "30s"], 1)):
            with self.subTest(words=words):
                self.assertEqual(self.minutes(*words), minutes)

    def test_until(self):
        now = datetime.datetime.now(datetime.timezone.utc)
        for hours, form in ((2, "%H:%M"), (2, "%Y-%m-%dT%H:%MZ"), (23, "%H:%M"), (49, "%Y-%m-%dT%H:%M")):
            then = now + datetime.timedelta(hours=hours)
            with self.subTest(form=form, hours=hours):
                # Rounded up to a whole minute; a minute or two may pass meanwhile.
                self.assertIn(self.minutes("--until", then.strftime(form)), range(hours * 60 - 3, hours * 60 + 1))
        past = now - datetime.timedelta(hours=2)
        run = self.jit("activate", CONNECTION, "--until", past.strftime("%Y-%m-%dT%H:%MZ"))
        self.assert_failed(run, 2, "is past; nothing was sent")
        self.assert_failed(self.jit("activate", CONNECTION, "--until", "tomorrow"), 2, '"tomorrow" is not a time')

    def test_extend_until_adds_what_is_missing(self):
        self.assert_done(self.jit("activate", CONNECTION, "-m", "60"))
        then = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=2)
        self.assert_done(self.jit("extend", "Prod DB Admin", "--until", then.strftime("%Y-%m-%dT%H:%MZ")))
        self.assertIn(self.sent()[-1]["activationPeriodExtensionMins"], range(57, 62))
        expires = parse_time(next(run["expiration"] for run in reversed(self.sandbox.activations())
                                  if run["connectionId"] == CONNECTION))
        self.assertLess(abs(expires - then), datetime.timedelta(minutes=2))
        self.sandbox.forget()
        self.assert_done(self.jit("extend", "Prod DB Admin", "--until", then.strftime("%Y-%m-%dT%H:%MZ")))
        self.assert_nothing_sent()
        self.assert_done(self.jit("deactivate", CONNECTION))

    def test_only_one_way_at_a_time(self):
        for words in (["-m", "5", "-d", "5m"], ["-m", "5", "--until", "17:30"], ["-d", "5m", "--until", "17:30"], []):
            for command in ("activate", "extend", "ensure"):
                with self.subTest(words=words, command=command):
                    self.assert_failed(self.jit(command, CONNECTION, *words), 2)
        self.assertEqual(self.sent(), [])


class Aliases(NamesTest):
    CONFIG = """
aliases:
  db: Prod DB Admin
  quick: {entitlements: [Prod DB Admin], minutes: 15}
  oncall:
    entitlements: [pg_prod_read, AWS Production/Reporting Reader, %s]
    minutes: 25
  risky: {entitlements: [Quarantine Operator, Cafe-Ops], minutes: 5}
""" % CAFE

    def setUp(self):
        super().setUp()
        path = Path(self.env["HOME"], "jit.yaml")
        path.write_text(self.CONFIG, encoding="utf-8")
        self.config = ["--config", str(path)]

    def test_an_alias_and_its_minutes(self):
        for words, connection, minutes in ((["db", "-m", "60"], CONNECTION, 60), (["quick"], CONNECTION, 15),
                                           (["QUICK", "-m", "7"], CONNECTION, 7), (["-e", "quick"], CONNECTION, 15)):
            with self.subTest(words=words):
                run = self.jit("activate", *words, *self.config, "--dry-run", "-o", "json")
                self.assert_done(run)
                self.assertEqual(run.json()["body"], {"connectionId": connection, "activationPeriodMins": minutes})
        self.assert_failed(self.jit("activate", "db", *self.config), 2, "say how long: -m 60")

    def test_a_bundle(self):
        for form in ("json", "jsonl"):
            with self.subTest(form=form):
                run = self.jit("activate", "oncall", *self.config, "-o", form)
                self.assert_done(run)
                rows = run.json() if form == "json" else [json.loads(line) for line in run.stdout.splitlines()]
                self.assertEqual([(row["connectionId"], row["activationPeriodMins"], row["ok"]) for row in rows],
                                 [(POSTGRES_READER, 25, True), (AWS_READER, 25, True), (CAFE, 25, True)])
                self.assertFalse(any("error" in row for row in rows))
                self.assert_done(self.jit("deactivate", "oncall", *self.config))
        self.assertEqual(self.sandbox.requested(), ["connections", *["activate"] * 3,
                                                    "connections", *["deactivate"] * 3] * 2)

    def test_an_alias_has_no_case_whatever_its_letters(self):
        Path(self.config[1]).write_text("aliases:\n  Bereitschäft: {entitlements: Prod DB Admin, minutes: 5}\n  ß: cafe-ops\n",
                                        encoding="utf-8")
        for name, connection in (("bereitschäft", CONNECTION), ("BEREITSCHÄFT", CONNECTION), ("SS", CAFE),
                                 (unicodedata.normalize("NFD", "bereitSCHÄFT"), CONNECTION)):
            with self.subTest(name=name):
                run = self.jit("activate", name, "-m", "5", *self.config, "--dry-run", "-o", "json")
                self.assert_done(run)
                self.assertEqual(run.json()["body"]["connectionId"], connection)

    def test_an_alias_whose_member_is_gone(self):
        path = self.config[1]
        gone = "00000000-0000-4000-8000-000000000000"
        Path(path).write_text(f"aliases:\n  old: VPN Users\n  both:\n    entitlements:\n      - Reporting Reader\n"
                              f"      - VPN Users\n  id: {gone}\n  ids: [{gone}, {CAFE}]\n", encoding="utf-8")
        words = ["-m", "5", *self.config]
        self.assert_failed(self.jit("activate", "OLD", *words), 5, f'alias old ({path}:2): none of your 13 JIT connections is '
                                                                  'called "VPN Users"')
        run = self.jit("activate", "both", *words)
        self.assertIn(f'jit: alias both ({path}:3): "Reporting Reader" matches 2', run.stderr)
        self.assertIn(f'alias both ({path}:3): none of your 13 JIT connections is called "VPN Users"', run.stderr)
        self.assert_nothing_sent(["connections"] * 2)
        self.assert_failed(self.jit("activate", "id", *words), 5, f"alias id ({path}:7): ", gone)
        run = self.jit("activate", "ids", *words, "-o", "json")
        self.assertEqual(run.code, 10, run)
        self.assertIn(f"alias ids ({path}:8): ", run.json()[0]["error"]["message"])
        self.assert_done(self.jit("deactivate", CAFE))
        listed = Path(self.env["HOME"], "targets.txt")
        listed.write_text("db\nold\n")
        run = self.jit("activate", "--from-file", str(listed), *words)
        self.assertIn(f"{listed}, line 2, alias old ({path}:2): none of your", run.stderr)

    def test_a_misspelt_alias_is_suggested(self):
        for name, alias in (("oncal", "oncall"), ("QUIK", "quick")):
            self.assert_failed(self.jit("activate", name, "-m", "5", *self.config), 5, f'is called "{name}"', hint=f'"{alias}"')

    def test_a_bundle_of_which_some_fail(self):
        run = self.jit("activate", "risky", *self.config, "--wait", "-o", "json")
        self.assertEqual(run.code, 10, run)
        failed, good = run.json()
        self.assertEqual((failed["connectionId"], failed["ok"], failed["status"], failed["error"]["code"]),
                         (FAILS, False, "ERROR", 11))
        self.assertEqual((good["connectionId"], good["ok"], good["status"]), (CAFE, True, "PROVISIONED"))
        error = json.loads(run.stderr)["error"]
        self.assertEqual((error["code"], error["kind"], error["message"]), (10, "partial", "1 of 2 failed"))
        again = self.jit("activate", "oncall", *self.config, "-o", "csv")  # one of them is active already
        self.assertEqual(again.code, 10)
        rows = list(csv.DictReader(io.StringIO(again.stdout)))
        self.assertEqual([row["ok"] for row in rows], ["true", "true", "false"])
        self.assertIn("already under way", rows[2]["error"])
        self.assertIn("jit: 1 of 3 failed\n", again.stderr)
        table = self.jit("activate", "oncall", *self.config)  # now all of them are
        self.assertEqual(table.code, 5)
        self.assertEqual(table.stderr.count("already under way"), 3)
        self.assertIn("jit: 3 of 3 failed\n", table.stderr)
        self.assert_done(self.jit("deactivate", "oncall", *self.config))


class ManyConnections(Test):
    def test_every_page_is_read_before_no_match_is_said(self):
        with Sandbox("--connections", "600", "--provision-delay", "0") as sandbox:
            env = {**sandbox.token_env(), **self.own_home()}
            sandbox.forget()
            missing = run_jit("activate", "no such thing", "-m", "5", env=env)
            self.assert_failed(missing, 5, 'none of your 600 JIT connections is called "no such thing"')
            self.assertEqual(len(sandbox.journal()["requests"]), 4)  # the last page is empty
            listed = run_jit("list", "-o", "json", env=env).json()
            self.assertEqual(len(listed), 600)
            last = max(listed, key=lambda entry: entry["id"])
            name = f"{last['source']['name']}/{last['entitlement']['name']}"
            started = run_jit("activate", name, "-m", "5", "-o", "json", env=env)
            self.assert_done(started)
            self.assertEqual(started.json()["connectionId"].replace("-", ""), last["id"])


class Scopes(Test):
    def test_a_token_that_may_not_look_up(self):
        with Sandbox("--identity", "pipeline", "--provision-delay", "0") as sandbox:
            env = {**sandbox.token_env(), **self.own_home()}
            sandbox.forget()
            self.assert_failed(run_jit("activate", "Prod Deployer", "-m", "5", env=env), 4, "HTTP 403",
                               hint="idn:entitlement-connections:read")
            self.assertEqual(sandbox.requested(), ["connections"])
            self.assert_done(run_jit("activate", "c0ffee00-0000-4000-8000-000000000021", "-m", "5", env=env))

    def test_a_tenant_without_the_list(self):
        with Sandbox("--without-feature", "connections", "--provision-delay", "0") as sandbox:
            env = {**sandbox.token_env(), **self.own_home()}
            self.assert_failed(run_jit("activate", "Prod DB Admin", "-m", "5", env=env), 5, "HTTP 412")
            self.assert_failed(run_jit("list", env=env), 5, "HTTP 412")


if __name__ == "__main__":
    unittest.main()
