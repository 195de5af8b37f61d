"""list, status, history and policy: what they show of the tenant, in each format and on terminals."""

import csv
import datetime
import io
import json
import re
import signal
import unittest
import uuid

from support import (CONNECTION, Jit, Sandbox, ScriptedServer, Test, parse_time, reply, run_jit, token_env,
                     without_times)
from terminal import Terminal, cells, screen

READER = "c0ffee00-0000-4000-8000-000000000002"
CAFE = "c0ffee00-0000-4000-8000-000000000010"
FRICTIONS = "c0ffee00-0000-4000-8000-000000000014"
FAILS = "c0ffee00-0000-4000-8000-000000000015"
MY_CONNECTIONS = "/entitlement-connections/v1/current-identity"
MY_HISTORY = "/jit-activation-history/v1/current-identity"
QUICK = ("--provision-delay", "0", "--rate-limit", "0")
BOLD = re.compile("\x1b\\[[01]m")


def bare(connection):
    return connection.replace("-", "")


def hyphenated(connection):
    return str(uuid.UUID(connection))


def moment(**ahead):
    """A time so far ahead, as the service writes it."""
    time = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(**ahead)
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


def hit(number, name="Prod DB Admin", state="Available", **jit):
    """An entry of the list of connections."""
    return {"id": bare(CONNECTION)[:-2] + f"{number:02}", "identity": {"id": "1d", "name": "Robin Ops"},
            "account": {"id": "acc", "name": "robin.ops"}, "source": {"id": "50", "name": "Postgres Production"},
            "entitlement": {"id": f"e7{number}", "name": name, "displayName": name, "value": name},
            "state": {"value": state}, "jit": jit, "type": "JIT", "standalone": False}


def active(number, name="Prod DB Admin", since=None, **left):
    return hit(number, name, "Active", activation=since or moment(hours=-1), provisioned=since or moment(hours=-1),
               expiration=moment(**left))


class ListsTest(Test):
    speed = 1  # of the clocks
    options = (*QUICK, "--max-minutes", "1000000")

    def setUp(self):
        self.home = self.own_home()

    def start(self, *words):
        """A tenant of this test's own."""
        self.sandbox = self.enterContext(Sandbox(*self.options, *words, speed=self.speed))
        self.env = {**self.sandbox.token_env(), **self.home}
        self.sandbox.forget()

    def jit(self, *words, **how):
        return run_jit(*words, env=self.env, **how)

    def done(self, *words):
        run = self.jit(*words)
        self.assert_done(run)
        return run

    def activate(self, connection, minutes=(30 * 24 + 5) * 60 + 25):
        """For 30 days and 5 hours, which stay the same in words for 20 minutes."""
        self.done("activate", connection, "-m", str(minutes))

    def on_terminal(self, *words, env=None, columns=100, rows=40):
        """What stands on a terminal after a run, without colour, and the run."""
        with Terminal(columns, rows) as terminal:
            with Jit(*words, env={"TERM": "xterm", **(env or self.env)}, stdout=terminal.end,
                     stderr=terminal.end) as jit:
                run = jit.finish()
            return BOLD.sub("", terminal.read()), run


class List(ListsTest):
    def test_on_terminals(self):
        self.start()
        self.activate(CONNECTION)
        self.activate(CAFE)
        self.done("activate", FRICTIONS, "-m", "5")
        for columns in (100, 60, 40):
            with self.subTest(columns=columns):
                text, run = self.on_terminal("list", columns=columns)
                self.assertEqual((run.code, len(text.splitlines())), (0, 14))
                self.assertLessEqual(max(map(cells, text.splitlines())), columns)
                self.assert_golden(f"list-{columns}-columns", without_times(text))

    def test_in_a_pipe_it_is_whole_and_wide_characters_line_up(self):
        self.start()
        lines = self.done("list").stdout.splitlines()
        at = lines[0].index("SOURCE")
        for line in lines[1:]:
            source = re.search("Active Directory|AWS Production|Postgres Production", line)
            self.assertEqual(cells(line[:source.start()]), at, line)
            self.assertRegex(line, r"c0ffee00-0000-4000-8000-\d{12}\Z")
        self.assertEqual(self.sandbox.requested(), ["connections"])

    def test_every_field_of_the_service_is_kept(self):
        self.start()
        self.activate(CONNECTION, 60)
        status, body = self.sandbox.ask("GET", f"{MY_CONNECTIONS}?filters=type%20eq%20%22JIT%22", headers={
            "Authorization": f"Bearer {self.env['SAIL_ACCESS_TOKEN']}"})
        self.assertEqual(status, 200)
        raw = {entry["id"]: entry for entry in json.loads(body)}
        listed = self.done("list", "-o", "json").json()
        lines = self.done("list", "-o", "jsonl").stdout.splitlines()
        self.assertEqual([json.loads(line) for line in lines], listed)
        self.assertEqual({entry["id"] for entry in listed}, set(raw))
        for entry in listed:
            added = {"access": entry["access"], "connectionId": hyphenated(entry["id"]),
                     "entitlementName": entry["entitlement"]["displayName"]}
            if bare(CONNECTION) == entry["id"]:
                self.assertEqual((entry["access"], entry["expiresAt"]), ("active", entry["jit"]["expiration"]))
                added["expiresAt"] = entry["expiresAt"]
            else:
                self.assertEqual(entry["access"], "available")
            self.assertEqual(entry, {**raw[entry["id"]], **added})
        rows = list(csv.DictReader(io.StringIO(self.done("list", "-o", "csv").stdout)))
        self.assertEqual([row["entitlement"] for row in rows],
                         [entry["entitlement"]["displayName"] for entry in listed])
        self.assertEqual(rows[0], {"identity": "Robin Ops", "entitlement": "Prod DB Admin",
                                   "source": "Postgres Production", "account": "robin.ops", "type": "JIT",
                                   "state": "Active", "access": "active", "expiresAt": listed[0]["expiresAt"],
                                   "id": CONNECTION, "entitlementName": "Prod DB Admin", "connectionId": CONNECTION})

    def names(self, *words):
        return sorted(entry["id"][-2:] for entry in self.done("list", *words, "-o", "json").json())

    def test_filters(self):
        self.start()
        self.activate(CONNECTION)
        cases = [(["--source", "aws production"], "03 06 07 15"), (["--state", "active"], "01"),
                 (["--state", "ACTIVE", "--state", "starting"], "01"), (["--search", "reader"], "02 03"),
                 (["--search", "CAFE\u0301"], "10"), (["--search", "caf\u00e9"], "10"), (["--search", "本番"], "09"),
                 (["--search", "aws PROD"], "03 06 07 15"), (["--search", "role/breakglass"], "06"),
                 (["--source", "AWS Production", "--source", "Postgres Production", "--state", "available"],
                  "02 03 04 05 06 07 15"), (["--source", "AWS"], ""), (["--all-types", "--search", "vpn"], "12"),
                 (["--all-types", "--search", "legacy"], "13")]
        for words, expected in cases:
            with self.subTest(words=words):
                run = self.jit("list", *words, "-o", "json")
                self.assertEqual((run.code, sorted(entry["id"][-2:] for entry in run.json())), (0, expected.split()))
        self.assertEqual(len(self.names("--all-types")), 15)
        self.assertIn("STANDING", self.done("list", "--all-types").stdout)

    def test_a_limit_says_what_it_left_out(self):
        self.start()
        for words, shown, matching in (([], 3, 13), (["--all-types"], 3, 15), (["--search", "aws"], 3, 4)):
            for form in ("table", "json", "jsonl", "csv"):
                with self.subTest(words=words, form=form):
                    run = self.jit("list", *words, "--limit", "3", "-o", form)
                    rows = {"table": lambda text: text.splitlines()[1:], "json": json.loads, "csv":
                            lambda text: list(csv.DictReader(io.StringIO(text)))}.get(form, str.splitlines)(run.stdout)
                    self.assertEqual((run.code, len(rows)), (0, shown))
                    self.assertEqual(run.stderr, f"jit: --limit left out {matching - shown} of {matching}\n")
        self.assertEqual(self.done("list", "--limit", "3", "-q").stderr, "")
        self.assert_done(self.jit("list", "--limit", "13"))
        self.start("--connections", "700")
        self.assertEqual(self.jit("list", "--limit", "1", "-o", "jsonl").stderr, "jit: --limit left out 699 of 700\n")

    def test_nothing_to_show_is_said_on_stderr(self):
        self.start()
        for form, expected in (("table", ""), ("jsonl", ""), ("json", "[]\n"),
                               ("csv", "identity,entitlement,source,account,type,state,access,expiresAt,id,"
                                       "entitlementName,connectionId\n")):
            run = self.jit("list", "--search", "no such thing", "-o", form)
            self.assertEqual((run.code, run.stdout), (0, expected))
            self.assertIn("nothing matches; jit list without options shows all\n", run.stderr)
            self.assertEqual(self.jit("list", "--search", "no such thing", "-o", form, "-q").stderr, "")

    def test_the_tenants(self):
        self.start("--identity", "alex.admin")
        entries = self.done("list", "--tenant", "-o", "json").json()
        self.assertEqual(len(entries), 21)
        self.assertEqual({entry["identity"]["name"] for entry in entries},
                         {"Robin Ops", "Pipeline", "Sam Other", "Unscoped", "Service", "Alex Admin", "Reader"})
        table = self.done("list", "--tenant").stdout
        self.assertTrue(table.startswith("IDENTITY "), table)
        self.assertIn("\nSam Other ", table)
        self.assertEqual(set(self.sandbox.requested()), {"all connections"})

    def test_the_tenants_are_an_administrators(self):
        self.start()
        self.assert_failed(self.jit("list", "--tenant"), 4, "HTTP 403", hint="ORG_ADMIN")

    def test_a_tenant_without_the_feature(self):
        self.start("--without-feature", "connections")
        self.assertEqual(self.failure(["list"], 5, self.env)["httpStatus"], 412)
        self.assertEqual(self.failure(["status"], 5, self.env)["httpStatus"], 412)

    def test_beyond_10_000(self):
        self.start("--connections", "10600")
        for form in ("jsonl", "csv"):
            with self.subTest(form=form):
                self.sandbox.forget()
                run = self.done("list", "-o", form)
                ids = ([json.loads(line)["id"] for line in run.stdout.splitlines()] if form == "jsonl" else
                       [row["id"] for row in csv.DictReader(io.StringIO(run.stdout))])
                self.assertEqual((len(ids), len(set(ids))), (10600, 10600))
                self.assertEqual(len(self.sandbox.journal()["requests"]), 43)


class PageCap(ListsTest):
    """A service that gives fewer entries on a page than are asked for."""

    options = (*QUICK, "--page-cap", "2")

    def test_nothing_is_overlooked(self):
        self.start()
        self.assertEqual(len(self.done("list", "--all-types", "-o", "jsonl").stdout.splitlines()), 15)
        self.assertEqual(len(self.sandbox.journal()["requests"]), 8)
        self.done("activate", "Cafe-Ops", "-m", "30")
        self.done("activate", FRICTIONS, "-m", "30")
        self.done("activate", CONNECTION, "-m", "30")
        self.done("status", "Cafe-Ops")
        self.assertEqual(len(self.done("history", "-o", "json").json()), 3)


class Status(ListsTest):
    def test_codes(self):
        self.start()
        self.assert_failed(self.jit("status"), 5, "nothing is active", hint="jit list shows what you can activate")
        self.assertEqual(self.error_of(self.jit("status", "-o", "jsonl"), 5)["message"], "nothing is active")
        self.activate(CONNECTION, 60)
        self.assertIn("Prod DB Admin", self.done("status").stdout)
        self.assertIn("Prod DB Admin", self.done("status", "-e", "pg_prod_admin").stdout)
        self.done("status", CONNECTION)
        run = self.jit("status", CONNECTION, "Cafe-Ops")
        self.assertEqual((run.code, len(run.stdout.splitlines())), (5, 3))
        self.assertEqual(run.stderr, "jit: not active: Cafe\u0301 Ops (available)\n")
        self.assertEqual(self.jit("status", "no such thing").code, 5)
        self.assertEqual(self.jit("status", "00000000-0000-4000-8000-000000000000").code, 5)
        self.done("deactivate", CONNECTION)
        self.assertEqual(self.jit("status").code, 5)
        self.assertEqual(self.jit("status", CONNECTION).code, 5)

    def test_on_its_way_is_not_active(self):
        self.start()
        self.done("activate", FRICTIONS, "-m", "60")
        run = self.jit("status")
        self.assertEqual(run.code, 5)
        self.assertIn("waiting for you", run.stdout)
        self.assertIn("jit: nothing is active yet\n", run.stderr)
        self.assertEqual(self.sandbox.ask("POST", f"/sandbox/activations/{FRICTIONS}/frictions")[0], 200)
        self.done("status")

    def test_soonest_end_first(self):
        self.start()
        for connection, minutes in ((CONNECTION, 90), (CAFE, 30), (READER, 60)):
            self.activate(connection, minutes)
        for words in ([], ["-o", "json"]):
            text = self.done("status", *words).stdout
            places = [text.index(connection if not words else bare(connection))
                      for connection in (CAFE, READER, CONNECTION)]
            self.assertEqual(places, sorted(places))

    def test_what_was_just_done_is_not_overlooked_where_lists_lag(self):
        self.start("--list-lag", "3")
        self.activate(CONNECTION, 60)
        self.done("status")
        self.done("deactivate", CONNECTION)
        self.assertEqual(self.jit("status", CONNECTION).code, 5)

    def test_short_is_from_memory(self):
        self.start()
        self.assertEqual(self.done("status", "--short").stdout, "")
        self.activate(CONNECTION)
        self.done("activate", "Cafe-Ops", "-m", str((31 * 24 + 5) * 60))
        self.sandbox.forget()
        self.assertEqual(self.done("status", "--short").stdout, f"{CONNECTION} ~30 d 5 h +1\n")
        self.assertEqual(self.sandbox.journal()["requests"], [])
        self.done("status")  # now it has learnt the name
        self.sandbox.forget()
        self.assertEqual(self.done("status", "--short").stdout, "Prod DB Admin 30 d 5 h +1\n")
        self.assertEqual(self.sandbox.journal()["requests"], [])
        for connection in (CONNECTION, CAFE):
            self.done("deactivate", connection)
        self.assertEqual(self.done("status", "--short").stdout, "")
        self.assert_failed(self.jit("status", "--short", "-e", CONNECTION), 2)

    def test_short_for_programs(self):
        self.start()
        titles = "entitlement,entitlementName,connectionId,expiresAt,secondsLeft,seen\n"
        for form, nothing in (("json", "[]\n"), ("jsonl", ""), ("csv", titles)):
            self.assertEqual(self.done("status", "--short", "-o", form).stdout, nothing)
        self.activate(CONNECTION, 60)
        self.done("status")  # now it is seen
        self.activate(CAFE, 30)
        self.activate(FRICTIONS, 5)
        self.done("history", FRICTIONS)
        self.sandbox.forget()
        known = self.done("status", "--short", "-o", "json").json()
        lines = self.done("status", "--short", "-o", "jsonl").stdout.splitlines()
        printed = self.done("status", "--short", "-o", "csv").stdout
        self.assertEqual(self.sandbox.journal()["requests"], [])
        self.assertEqual([(one["connectionId"], one["entitlement"], one["entitlementName"], one["seen"]) for one in known],
                         [(CONNECTION, "Prod DB Admin", "Prod DB Admin", True), (FRICTIONS, FRICTIONS, FRICTIONS, False),
                          (CAFE, CAFE, CAFE, False)])
        for one, minutes in zip(known, (60, 5, 30)):
            self.assertTrue((minutes - 5) * 60 < one["secondsLeft"] <= minutes * 60, one)
            left = parse_time(one["expiresAt"]) - datetime.datetime.now(datetime.timezone.utc)
            self.assertTrue((minutes - 5) * 60 < left.total_seconds() <= minutes * 60, one)
        rows = list(csv.DictReader(io.StringIO(printed)))
        for others in ([json.loads(line) for line in lines], rows):
            self.assertEqual([(one["connectionId"], one["expiresAt"]) for one in others],
                             [(one["connectionId"], one["expiresAt"]) for one in known])
        self.assertEqual([row["seen"] for row in rows], ["true", "false", "false"])
        self.assertTrue(printed.startswith(titles))

    def test_short_needs_no_service(self):
        run = run_jit("status", "--short", env={**token_env("https://127.0.0.1:9"), **self.own_home()})
        self.assert_done(run)
        self.assertEqual(run.stdout, "")

    def test_the_bar_on_a_terminal(self):
        since = {"days": -30, "hours": -5}
        entries = [active(1, "half", moment(**since), days=30, hours=5, minutes=25),
                   active(2, "a quarter", moment(days=-90), days=30, hours=5, minutes=25),
                   hit(3, "idle"), hit(4, "coming", "Activating", activation=moment(minutes=-1),
                                       expiration=moment(days=31, hours=5, minutes=25))]
        with ScriptedServer([reply(200, entries)], tls=None) as server:
            text, run = self.on_terminal("status", env={**token_env(server.url), **self.own_home()}, columns=110)
        self.assertEqual(run.code, 0)
        self.assertLessEqual(max(map(cells, text.splitlines())), 110)
        self.assert_golden("status-110-columns", without_times(text))


class Watch(ListsTest):
    speed = 5

    def watch(self, terminal, *words, env=None):
        return Jit("status", "--watch", *words, env={"TERM": "xterm", **(env or self.env)}, coloured=True,
                   stdin=terminal.end, stdout=terminal.end, stderr=terminal.end, **terminal.controls)

    def test_it_draws_in_place_until_ctrl_c(self):
        self.start()
        self.activate(CONNECTION)
        with Terminal(100, 24) as terminal:
            with self.watch(terminal, "1") as jit:
                terminal.wait_for(", in 30 d", 2)
                self.activate(CAFE)
                terminal.wait_for("Cafe\u0301 Ops")
                self.done("deactivate", CONNECTION)
                terminal.wait_for(re.compile(r"\x1b\[4A\r\x1b\[J[^\n]*\n[^\n]*Cafe\u0301 Ops[^\n]*\nProd DB Admin has ended\nas of".replace(
                    "\\n", "\\r\\n").replace("[^\\r\\n]", "[^\\n]")))
                terminal.press("\x03")
                self.assertEqual(jit.finish().code, 130)
            shown = screen(terminal.read())
        self.assertLessEqual(max(map(cells, shown.splitlines())), 100)
        self.assert_golden("watch-100-columns", without_times(shown))

    def test_it_counts_down(self):
        with ScriptedServer([reply(200, [active(1, minutes=9, seconds=58)])], tls=None) as server, \
                Terminal(100) as terminal:
            with self.watch(terminal, "3600", env={**token_env(server.url), **self.own_home()}) as jit:
                seen = re.compile(r"9 min 5\d s")
                terminal.wait_for(seen, 3)
                terminal.press("\x03")
                self.assertEqual(jit.finish().code, 130)
            written = terminal.read()
        words = seen.findall(written)
        self.assertEqual(words, sorted(words, reverse=True))
        self.assertGreaterEqual(len(set(words)), 3)
        self.assertNotIn("\a", written)

    def test_it_warns_once_with_the_bell(self):
        with ScriptedServer([reply(200, [active(1, minutes=9, seconds=58), active(2, "calm", hours=5)])],
                            tls=None) as server, Terminal(100) as terminal:
            with self.watch(terminal, "3600", "--warn", "10", env={**token_env(server.url), **self.own_home()}) as jit:
                terminal.wait_for(re.compile("! Prod DB Admin ends in 9 min 5"), 3)
                terminal.press("\x03")
                self.assertEqual(jit.finish().code, 130)
            written = terminal.read()
        self.assertEqual(written.count("\a"), 1)
        self.assertRegex(screen(written), rf"\n! Prod DB Admin ends in 9 min 5\d s; for more: jit extend -e {CONNECTION} ")
        self.assertNotIn("! calm", written)

    def test_it_goes_on_after_a_failed_look(self):
        failing = [reply(503, "")] * 4
        with ScriptedServer([reply(200, [active(1, hours=5)]), *failing, reply(200, [active(2, "another", hours=5)])],
                            tls=None) as server, Terminal(100) as terminal:
            with self.watch(terminal, "1", "--retries", "3", env={**token_env(server.url), **self.own_home()}) as jit:
                terminal.wait_for("! the last request failed: ")
                server.wait_for_requests(6)
                terminal.wait_for("another")
                jit.send_signal(signal.SIGSTOP)  # so that it makes no request that the script has no answer for
                jit.send_signal(signal.SIGTERM)
                jit.send_signal(signal.SIGCONT)
                self.assertEqual(jit.finish().code, 143)
            shown = screen(terminal.read())
        self.assertIn("another", shown)
        self.assertNotIn("the last request failed", shown)

    def test_a_small_screen(self):
        entries = [active(number, f"n-{number:02}", hours=number) for number in range(1, 40)]
        with ScriptedServer([reply(200, entries)], tls=None) as server, Terminal(60, 10) as terminal:
            with self.watch(terminal, "3600", env={**token_env(server.url), **self.own_home()}) as jit:
                terminal.wait_for("n-01", 3)
                terminal.press("\x03")
                self.assertEqual(jit.finish().code, 130)
            drawing = screen(terminal.read()).split("^C")[0].splitlines()
        self.assertLessEqual(len(drawing), 10)
        self.assertLessEqual(max(map(cells, drawing)), 60)

    def test_objects_one_for_each_change(self):
        self.start()
        seen = []
        with Jit("status", "--watch", "1", "-o", "jsonl", env=self.env) as jit:
            def next_object():
                seen.append(json.loads(jit.read_line()))
                return seen[-1]["id"], seen[-1]["access"]
            self.activate(CONNECTION, 60)
            self.assertEqual(next_object(), (bare(CONNECTION), "active"))
            self.done("extend", CONNECTION, "-m", "5")
            self.assertEqual(next_object(), (bare(CONNECTION), "active"))
            self.activate(CAFE, 60)
            self.assertEqual(next_object(), (bare(CAFE), "active"))
            self.done("deactivate", CONNECTION)
            self.assertEqual(next_object(), (bare(CONNECTION), "available"))
            jit.send_signal(signal.SIGINT)
            run = jit.finish()
        self.assertEqual((run.code, run.stdout), (130, ""))
        self.assertEqual(parse_time(seen[1]["expiresAt"]) - parse_time(seen[0]["expiresAt"]),
                         datetime.timedelta(minutes=5))
        self.assertNotIn("expiresAt", seen[3])

    def test_one_that_is_named_is_told_of_at_once(self):
        self.start()
        with Jit("status", "Cafe-Ops", "--watch", "1", "-o", "jsonl", env=self.env) as jit:
            self.assertEqual(json.loads(jit.read_line())["access"], "available")
            self.activate(CONNECTION, 60)
            self.activate(CAFE, 60)
            line = json.loads(jit.read_line())
            self.assertEqual((line["id"], line["access"]), (bare(CAFE), "active"))
            jit.send_signal(signal.SIGTERM)
            self.assertEqual(jit.finish().code, 143)

    def test_warnings_away_from_a_terminal(self):
        with ScriptedServer([reply(200, [active(1, minutes=4)])], tls=None) as server, \
                Jit("status", "--watch", "3600", env={**token_env(server.url), **self.own_home()}) as jit:
            jit.wait_for_message("Prod DB Admin ends in 3 min 5")
            jit.send_signal(signal.SIGINT)
            run = jit.finish()
        self.assertEqual(run.code, 130)
        self.assertEqual(run.stderr.count("ends in"), 1)

    def test_usage(self):
        for words in (["-o", "json"], ["-o", "csv"], ["0"], ["x"], ["--warn", "-1"]):
            env = {**token_env("https://127.0.0.1:9"), **self.own_home()}
            self.assertEqual(run_jit("status", "--watch", *words, env=env).code, 2)


class History(ListsTest):
    def history(self, *words):
        return self.done("history", *words, "-o", "json").json()

    def setUp(self):
        super().setUp()
        self.start("--identity", "alex.admin")

    SCHEMA, ADMIN = "c0ffee00-0000-4000-8000-000000000061", "c0ffee00-0000-4000-8000-000000000062"

    def as_robin(self):
        form = ("grant_type=client_credentials&client_id=ca700000000000000000000000000001&client_secret="
                + "practice-only-not-a-secret-robin.ops-".ljust(64, "0"))
        status, body = self.sandbox.ask("POST", "/oauth/token", form,
                                        {"Content-Type": "application/x-www-form-urlencoded"})
        self.assertEqual(status, 200)
        return {**self.env, "SAIL_ACCESS_TOKEN": json.loads(body)["access_token"]}

    def test_newest_first_and_narrowed(self):
        for connection in (self.SCHEMA, self.ADMIN):
            self.activate(connection, 60)
        self.done("deactivate", self.SCHEMA)
        self.activate(self.SCHEMA, 60)
        rows = self.history()
        self.assertEqual([(row["connectionId"][-2:], row["status"]) for row in rows],
                         [("61", "PROVISIONED"), ("62", "PROVISIONED"), ("61", "COMPLETE")])
        times = [parse_time(row["activationInitiated"]) for row in rows]
        self.assertEqual(times, sorted(times, reverse=True))
        middle = rows[1]["activationInitiated"]
        cases = [(["-e", "Schema Admins"], "61 61"), ([self.ADMIN], "62"), (["--status", "complete"], "61"),
                 (["--status", "COMPLETE", "--status", "PROVISIONED"], "61 62 61"), (["--limit", "2"], "61 62"),
                 (["--since", "1h"], "61 62 61"), (["--until", middle], "62 61"), (["--since", middle], "61 62"),
                 (["--since", middle, "--until", middle], "62"), (["-e", "Active Directory/schema admins"], "61 61"),
                 (["Schema Admins", "Prod DB Admin", "--limit", "2"], "61 62")]
        for words, expected in cases:
            with self.subTest(words=words):
                self.assertEqual([row["connectionId"][-2:] for row in self.history(*words)], expected.split())
        for words in (["--until", "1h"], ["--since", "2030-01-01"], ["-e", "no such thing"], ["--status", "ERROR"]):
            run = self.jit("history", *words, "-o", "json")
            self.assertEqual((run.code, run.json()), (0, []))
            self.assertIn("no activation matches", run.stderr)
        for words in (["--since", "soon"], ["--since", "2026-01-02", "--until", "2026-01-01"],
                      ["--identity", "Robin Ops"], ["--timeline", "-o", "json"], ["--timeline", "--detail"]):
            self.assertEqual(self.jit("history", *words).code, 2)

    def test_the_tenants(self):
        self.assert_done(run_jit("activate", CONNECTION, "-m", "60", env=self.as_robin()))
        self.activate(self.ADMIN, 60)
        self.assertEqual([row["identityName"] for row in self.history("--tenant")], ["Alex Admin", "Robin Ops"])
        for robin in ("Robin Ops", "robin ops", "1d000000000000000000000000000001"):
            with self.subTest(robin=robin):
                self.assertEqual([row["identityName"] for row in self.history("--tenant", "--identity", robin)],
                                 ["Robin Ops"])
        self.assertEqual(len(self.history("--tenant", "-e", "prod db admin")), 2)
        self.assertIn("Robin Ops", self.done("history", "--tenant").stdout)
        self.assertEqual([row["identityName"] for row in self.history()], ["Alex Admin"])
        refused = run_jit("history", "--tenant", env=self.as_robin())
        self.assert_failed(refused, 4, "HTTP 403", hint="ORG_ADMIN")

    def test_what_is_printed(self):
        env = self.as_robin()
        self.assert_done(run_jit("activate", CONNECTION, "-m", "60", env=env))
        self.assert_done(run_jit("deactivate", CONNECTION, env=env))
        self.assert_done(run_jit("activate", FRICTIONS, "-m", "60", env=env))
        self.assert_done(run_jit("activate", FAILS, "-m", "60", env=env))

        def shown(*words):
            run = run_jit("history", *words, env=env)
            self.assert_done(run)
            text = re.sub(r"\b(?!c0ffee00-)[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "AN-ACTIVATION-ID", run.stdout)
            # How long ago, and for how long, is up to the machine, and so is how wide the column is.
            return re.sub("  +", "  ", re.sub(r"(\b\d\d:\d\d, )?\b(now|\d+ s ago)\b", "<AGO>", re.sub(
                r"\b\d+ s(  |$)", r"<WHILE>\1", without_times(text), flags=re.M)))
        self.assert_golden("history-table", shown())
        self.assert_golden("history-detail", shown("--detail"))
        rows = list(csv.DictReader(io.StringIO(run_jit("history", "-o", "csv", env=env).stdout)))
        self.assertEqual([(row["entitlementName"], row["status"], row["error"]) for row in rows], [
            ("Quarantine Operator", "ERROR", "Upstream provisioning failed after 3 retries (503)"),
            ("Payroll Approver", "AWAITING_FRICTIONS", ""), ("Prod DB Admin", "COMPLETE", "")])

    def test_what_was_asked_of_the_person_is_in_csv(self):
        env = self.as_robin()
        self.assert_done(run_jit("activate", FRICTIONS, "-m", "60", env=env))
        self.assertEqual(self.sandbox.ask("POST", f"/sandbox/activations/{FRICTIONS}/frictions")[0], 200)

        def row():
            [row] = csv.DictReader(io.StringIO(run_jit("history", "-o", "csv", env=env).stdout))
            return row
        [entry] = run_jit("history", "-o", "json", env=env).json()
        given = {one["type"]: one["submittedData"] for one in entry["frictions"]}
        self.assertTrue(all(given.values()))
        self.assertEqual((row()["ticket"], row()["justification"], row()["outcome"], row()["policies"]),
                         (given["TICKET"], given["JUSTIFICATION"], entry["policyFrictionOutcome"],
                          ", ".join(entry["policyDisplayNames"])))
        self.assertEqual(row()["usableMinutes"], "0")

    def test_states_in_the_words_of_either(self):
        env = self.as_robin()
        for connection in (CONNECTION, READER, FRICTIONS, FAILS):
            self.assert_done(run_jit("activate", connection, "-m", "60", env=env))
        self.assert_done(run_jit("deactivate", READER, env=env))
        for words, expected in (("active", "01"), ("Active", "01"), ("provisioned", "01"), ("waiting", "14"),
                                ("waiting for you", "14"), ("AWAITING_FRICTIONS", "14"), ("failed", "15"),
                                ("ended", "02"), ("complete", "02"), ("starting", ""), ("pending", ""), ("ending", ""),
                                ("REVOKED", "")):
            with self.subTest(words=words):
                run = run_jit("history", "--status", words, "-o", "json", env=env)
                self.assertEqual((run.code, [row["connectionId"][-2:] for row in run.json()]), (0, expected.split()))
        both = run_jit("history", "--status", "active", "--status", "ERROR", "-o", "json", env=env).json()
        self.assertEqual({row["connectionId"][-2:] for row in both}, {"01", "15"})
        self.sandbox.forget()
        for word in ("activ", "done", ""):
            self.assert_failed(run_jit("history", "--status", word, env=env), 2, f'"{word}"',
                               hint="starting, waiting, active, ending, ended, failed")
        self.assertEqual(self.sandbox.requested(), [])


class OfHistory(ListsTest):
    def test_usable_minutes_and_ids_without_hyphens(self):
        def entry(**more):
            return {"id": "a", "connectionId": bare(CONNECTION), "status": "COMPLETE",
                    "activationInitiated": "2026-03-02T10:00:00Z", **more}
        entries = [entry(entitlementName="One", provisionCompleted="2026-03-02T10:01:00Z",
                         deprovisionStart="2026-03-02T11:31:59Z", policyDisplayNames=["A", "B"],
                         policyFrictionOutcome="BYPASSED", frictions=None,
                         summary={"serviceNowTicket": {"ticketReference": "INC7"}, "justification": None}),
                   entry(entitlementName=None, status="ERROR", summary=None, frictions="?")]
        for form in ("csv", "json"):
            with ScriptedServer([reply(200, entries)], tls=None) as server:
                run = run_jit("history", "-o", form, env=token_env(server.url))
            rows = list(csv.DictReader(io.StringIO(run.stdout))) if form == "csv" else run.json()
            self.assertEqual([(row["connectionId"], row["entitlementName"]) for row in rows],
                             [(CONNECTION, "One"), (CONNECTION, CONNECTION)])
            if form == "csv":
                self.assertEqual([tuple(row[name] for name in ("policies", "outcome", "ticket", "justification",
                                                               "usableMinutes")) for row in rows],
                                 [("A, B", "BYPASSED", "INC7", "", "90"), ("", "", "", "", "")])

    def test_the_timeline(self):
        def entry(name, status, initiated, usable=None, ending=None, gone=None):
            return {"id": f"{name}{initiated}", "connectionId": CONNECTION, "identityName": "Robin Ops",
                    "entitlementName": name, "sourceDisplayName": "Postgres", "status": status,
                    "activationInitiated": f"2026-03-02T{initiated}:00Z",
                    **{field: f"2026-03-02T{time}:00Z" for field, time in
                       (("provisionCompleted", usable), ("deprovisionStart", ending), ("deprovisionComplete", gone))
                       if time}}
        entries = [entry("本番", "COMPLETE", "15:00", "16:00", "20:00", "21:00"),
                   entry("Prod DB Admin", "COMPLETE", "10:00", "10:01", "12:00", "12:01"),
                   entry("Prod DB Admin", "ERROR", "09:00"), entry("A name that is quite long", "COMPLETE", "08:30",
                                                                 "08:30", "08:30", "08:30")]
        for columns in (100, 60):
            with ScriptedServer([reply(200, entries)], tls=None) as server:
                text, run = self.on_terminal("history", "--timeline", "--since", "2026-03-02T00:00Z", "--until",
                                             "2026-03-03T00:00Z", columns=columns, env=token_env(server.url))
            self.assertEqual(run.code, 0)
            self.assertLessEqual(max(map(cells, text.splitlines())), columns)
            self.assert_golden(f"timeline-{columns}-columns", text)

    def test_a_tenant_without_it(self):
        self.start("--without-feature", "history")
        self.assert_failed(self.jit("history"), 4, "HTTP 403", hint="history is not enabled")


class Policy(ListsTest):
    options = QUICK

    def test_an_administrator_reads_it(self):
        self.start("--identity", "alex.admin", "--max-minutes", "600")
        self.assert_golden("policy-table", self.done("policy").stdout)
        policy = self.done("policy", "-o", "json").json()
        self.assertEqual(policy["maxActivationPeriodMins"], 600)
        self.assertEqual(json.loads(self.done("policy", "-o", "jsonl").stdout), policy)
        [row] = csv.DictReader(io.StringIO(self.done("policy", "-o", "csv").stdout))
        self.assertEqual(row["maxActivationPeriodMins"], "600")

    def test_others_do_not(self):
        self.start()
        self.assert_failed(self.jit("policy"), 4, "HTTP 403", hint="policy administrator (POLICY_ADMIN)")

    def test_one_that_was_never_stored(self):
        self.start("--identity", "alex.admin", "--no-policy")
        self.assert_failed(self.jit("policy"), 5, "HTTP 404", hint="this tenant has no JIT policy")


if __name__ == "__main__":
    unittest.main()
