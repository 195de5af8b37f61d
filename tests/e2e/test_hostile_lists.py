"""Lists that mean harm, or come from a service in trouble: they are refused, or shown safely; jit always ends."""

import json
import unittest

from support import (CONNECTION, FORMATS, NO_CONNECTIONS, Jit, Reply, ScriptedServer, Test, accepted, api_error, no_reply,
                     reply, run_jit, token_env)
from terminal import Terminal, screen
from test_hostile import STEERING
from test_lists import active, hit

LISTS = (["list"], ["status"], ["history"], ["activate", "Prod DB Admin", "-m", "5"])


class HostileListsTest(Test):
    def answered(self, words, *replies, **how):
        """Runs jit against a server that answers so, each reply once; the run and the requests."""
        with ScriptedServer(replies, tls=None) as server:
            run = run_jit(*words, env={**token_env(server.url), **self.own_home()}, **how)
        return run, server.requests


class NoLists(HostileListsTest):
    def test_what_is_no_list(self):
        bodies = ["", "<html></html>", "{}", "null", "7", '"list"', "[", "[1]", "[null]", '["a"]', "[[]]", "[{}",
                  "[{},]", "[{}] x", '[{"id":01}]', '[{"id":"\\ud800"}]', b"[{\"id\":\"\xff\"}]", "[" * 1_000_000,
                  '[{"a":' + "[" * 100_000 + "]" * 100_000 + "}]"]
        for words in LISTS:
            for body in bodies:
                with self.subTest(words=words, body=body[:40]):
                    run, requests = self.answered(words, reply(200, body))
                    self.assert_failed(run, 8, "is not the API's")
                    self.assertEqual(len(requests), 1)

    def test_more_than_10_mib(self):
        for words in LISTS:
            with self.subTest(words=words):
                body = b"[" + b" " * (10 * 1024 * 1024) + b"]"
                self.assert_failed(self.answered(words, reply(200, body, then="close"))[0], 8, "larger than 10 MiB")

    def test_a_page_again_and_again(self):
        """Nothing can be read behind it; a person is not to wait for ever, nor to read one entry twice."""
        page = reply(200, [hit(number % 100, f"name {number}") for number in range(250)])
        for words in (["list", "-o", "jsonl"], ["activate", "no such thing", "-m", "5"]):
            with self.subTest(words=words):
                run, requests = self.answered(words, page, page)
                self.assertEqual(run.code, 8, run)
                self.assertIn("nothing can be read behind", run.stderr)
                self.assertEqual(len(requests), 2)

    def test_entries_without_an_id(self):
        page = reply(200, [{"type": "JIT"}] * 250)
        self.assertEqual(self.answered(["list", "-o", "jsonl"], page)[0].code, 8)

    def test_more_on_a_page_than_was_asked_for(self):
        entries = [hit(number % 100, f"name {number}") for number in range(400)]
        run, requests = self.answered(["list", "--limit", "3", "-o", "json"], reply(200, entries), reply(200, []))
        self.assertEqual((run.code, len(run.json()), len(requests)), (0, 3, 2))
        self.assertIn("--limit left out 397 of 400", run.stderr)

    def test_an_id_that_is_no_uuid_is_never_sent(self):
        entry = {**hit(1), "id": "../../admin"}
        run, requests = self.answered(["activate", "Prod DB Admin", "-m", "5"], reply(200, [entry]))
        self.assert_failed(run, 8, "which is no UUID; nothing was sent")
        self.assertEqual(len(requests), 1)

    def test_an_entry_of_another_type_is_no_match(self):
        run, _ = self.answered(["activate", "Prod DB Admin", "-m", "5"], reply(200, [{**hit(1), "type": "STANDING"}]))
        self.assert_failed(run, 5, "none of your 0 JIT connections")


class ShortPages(HostileListsTest):
    """A page may have fewer entries than were asked for, and a service may miscount: a name is still exactly one."""

    def answered_in_pages(self, words, *replies):
        with ScriptedServer(replies, tls=None, short_pages=True) as server:
            run = run_jit(*words, env={**token_env(server.url), **self.own_home()})
        return run, server.requests

    def test_the_first_of_two_namesakes_is_never_taken(self):
        for total in ([], [("X-Total-Count", "1")], [("X-Total-Count", "2")], [("X-Total-Count", "0")]):
            for words in (["activate", "Prod DB Admin", "-m", "5"], ["run", "-e", "Prod DB Admin", "-m", "5", "--", "true"],
                          ["ensure", "Prod DB Admin", "-m", "5"], ["status", "Prod DB Admin"]):
                with self.subTest(total=total, words=words):
                    run, requests = self.answered_in_pages(words, reply(200, [hit(1)], total), reply(200, [hit(2)], total),
                                                           reply(200, []))
                    self.assertIn(run.code, (5, 125), run)
                    self.assertIn("matches 2 of your connections; nothing was sent", run.stderr)
                    self.assertEqual({request.line.split()[0] for request in requests}, {"GET"})

    def test_a_service_that_counts(self):
        run, requests = self.answered_in_pages(["list", "-o", "jsonl"], reply(200, [hit(1), hit(2)], [("X-Total-Count", "3")]),
                                               reply(200, [hit(3)]))
        self.assert_done(run)
        self.assertEqual((len(run.stdout.splitlines()), len(requests)), (3, 2))

    def test_what_is_active_is_on_a_later_page(self):
        lie = [("X-Total-Count", "1")]
        pages = (reply(200, [hit(1)], lie), reply(200, [active(2, hours=5)], lie), reply(200, []))
        self.assertEqual(self.answered_in_pages(["status"], *pages)[0].code, 0)
        run, requests = self.answered_in_pages(["deactivate", "--all", "--dry-run", "-o", "json"], *pages)
        self.assertEqual((run.code, len(requests)), (0, 3), run)


class WithoutEnd(HostileListsTest):
    """Each page has entries that no other has."""

    def test_what_is_kept_has_a_bound(self):
        big = {"id": "", "type": "JIT", "state": {"value": "x" * 9_000_000}}

        class Endless(ScriptedServer):
            def _serve_one(self, connection, number):
                if self._read(connection, number) is None:
                    return False
                with self._changed:
                    self.pages += 1
                connection.sendall(reply(200, [{**big, "id": f"{self.pages:032}"}]).raw)
                return True

            pages = 0

        with Endless(tls=None) as server, Jit("activate", "Prod DB Admin", "-m", "5",
                                              env={**token_env(server.url), **self.own_home()}) as jit:
            self.assert_failed(jit.finish(patience=1000), 8, "keeps no more than 256 MiB")
            self.assertLess(server.pages, 35)


class OddEntries(HostileListsTest):
    ODD = ({}, {"type": "JIT"}, {"type": "jit", "id": 7, "entitlement": [], "source": "x", "state": 1, "jit": None},
           {"type": "JIT", "entitlement": {"displayName": {}, "name": None, "value": 1.5}, "jit": {"expiration": {}}},
           {"type": "JIT", "state": {"value": "SOMETHING_NEW", "changed": "soon"}, "jit": {"activation": "soon"}})

    def test_fields_of_other_types_are_no_failure(self):
        for form in FORMATS:
            with self.subTest(form=form):
                run, _ = self.answered(["list", "--all-types", "-o", form], reply(200, [*self.ODD, hit(1)]))
                self.assert_done(run)
                if form == "json":
                    for shown, sent in zip(run.json(), self.ODD):
                        added = {key: shown[key] for key in ("access", "connectionId", "entitlementName")}
                        self.assertEqual(shown, {**sent, **added})
        run, requests = self.answered(["activate", "Prod DB Admin", "-m", "5"], reply(200, [*self.ODD, hit(1)]),
                                      accepted())
        self.assert_done(run)
        self.assertEqual(requests[1].json()["connectionId"], CONNECTION)

    def test_activations_of_other_types(self):
        odd = [{}, {"id": 1, "status": [], "frictions": "x", "policyDisplayNames": {}, "error": {"a": 1},
                    "activationInitiated": "never", "provisionDurationMins": "long"}]
        for words in ([], ["--detail"], ["--timeline"], ["-o", "csv"], ["-o", "json"], ["--tenant"]):
            with self.subTest(words=words):
                self.assert_done(self.answered(["history", *words], reply(200, odd, [("X-Total-Count", "2")]))[0])

    def test_states_that_are_new_are_shown_as_they_are(self):
        run, _ = self.answered(["list"], reply(200, [hit(1, state="FROBNICATED")]))
        self.assertIn("FROBNICATED", run.stdout)


class Steering(HostileListsTest):
    """`run_jit` fails where a character that steers a terminal comes through."""

    def test_in_connections(self):
        for name, text in STEERING.items():
            entry = active(1, text, hours=5)
            entry = {**entry, "source": {"name": text}, "account": {"name": text}, "identity": {"name": text},
                     "state": {"value": text}, text: text}
            for words in (["list"], ["list", "-o", "csv"], ["list", "-o", "json"], ["status"], ["status", "-e", text],
                          ["activate", "no such thing", "-m", "5"], ["activate", text, "-m", "5", "--dry-run"]):
                if "\0" in "".join(words):
                    continue
                with self.subTest(name, words=words):
                    run, _ = self.answered(words, reply(200, [entry]))
                    self.assertIn(run.code, (0, 5))
                    self.assertLessEqual(len(run.stderr.splitlines()), 2)

    def test_in_candidates_and_in_the_choice(self):
        for name, text in STEERING.items():
            entries = [{**hit(number, "twin"), "source": {"name": text}, "account": {"name": text}}
                       for number in (1, 2)]
            with self.subTest(name):
                run, _ = self.answered(["activate", "twin", "-m", "5"], reply(200, entries))
                self.assertEqual((run.code, len(run.stderr.splitlines())), (5, 4), run)
                refused = reply(404, {})
                entitlement = [{**entries[0], "entitlement": {"id": CONNECTION, "displayName": text}}]
                run, _ = self.answered(["activate", CONNECTION, "-m", "5"], refused, reply(200, entitlement))
                self.assertEqual((run.code, len(run.stderr.splitlines())), (5, 3), run)
                for kind, keys in (("dumb", "\r"), ("xterm", "\x1b")):
                    with Terminal(100) as terminal, ScriptedServer([reply(200, entries)], tls=None) as server:
                        env = {**token_env(server.url), **self.own_home(), "TERM": kind}
                        with Jit("activate", "-m", "5", env=env, coloured=True, stdin=terminal.end, stderr=terminal.end,
                                 **terminal.controls) as jit:
                            terminal.wait_for("Which to activate?")
                            terminal.press(keys)
                            run = jit.finish()
                        shown = screen(terminal.read())
                    self.assertEqual(run.code, 2)
                    self.assertFalse({char for char in shown if char in text and not char.isprintable()} - {"\n"}, shown)

    def test_in_the_history(self):
        for name, text in STEERING.items():
            entry = {"id": text, "connectionId": text, "identityName": text, "entitlementName": text,
                     "sourceDisplayName": text, "status": text, "error": text, "policyDisplayNames": [text],
                     "activationInitiated": "2026-11-24T10:00:00Z", "frictions": [{"type": text, "status": text}]}
            for words in ([], ["--detail"], ["--timeline"], ["-o", "csv"], ["-o", "json"]):
                with self.subTest(name, words=words):
                    self.assert_done(self.answered(["history", *words], reply(200, [entry]))[0])

    def test_from_memory(self):
        """--short prints what a list said before."""
        home = self.own_home()
        for name, text in STEERING.items():
            with self.subTest(name), ScriptedServer([reply(200, [active(1, text, hours=5)])], tls=None) as server:
                env = {**token_env(server.url), **home}
                self.assertEqual(run_jit("status", env=env).code, 0)
                run = run_jit("status", "--short", env=env)
                self.assertEqual((run.code, len(run.stdout.splitlines())), (0, 1), run)


class InTrouble(HostileListsTest):
    """To read twice does no harm, so what fails is read again."""

    def test_a_failing_service_is_asked_again(self):
        for trouble in (reply(500, ""), reply(503, "", [("Retry-After", "0")]), no_reply("close"), no_reply("reset"),
                        Reply(b"HTTP/1.1 200 OK\r\nContent-Length: 400\r\n\r\n[", "close")):
            with self.subTest(trouble=trouble.raw[:20]):
                run, requests = self.answered(["list", "-o", "json"], trouble, reply(200, [hit(1)]))
                self.assert_done(run)
                self.assertEqual((len(run.json()), len(requests)), (1, 2))

    def test_not_for_ever(self):
        run, requests = self.answered(["list", "--retries", "1"], reply(500, ""), reply(500, ""))
        self.assert_failed(run, 8, "HTTP 500")
        self.assertEqual(len(requests), 2)

    def test_what_is_asked_is_sat_out(self):
        run, requests = self.answered(["list", "-o", "json"], reply(429, "", [("Retry-After", "1")]),
                                      reply(200, [hit(1)]))
        self.assert_done(run)
        self.assertGreaterEqual(requests[1].time - requests[0].time, 1)
        run, requests = self.answered(["list", "--max-wait", "2"], reply(429, "", [("Retry-After", "3")]))
        self.assert_failed(run, 6, "HTTP 429")

    def test_amid_the_pages(self):
        page = reply(200, [hit(number % 100, f"name {number}") for number in range(250)])
        run, requests = self.answered(["list", "-o", "jsonl"], page, reply(500, ""), reply(200, [hit(1)]))
        self.assert_done(run)
        self.assertEqual(len(run.stdout.splitlines()), 251)
        self.assertEqual(requests[1].line, requests[2].line)
        run, _ = self.answered(["activate", "name 7", "-m", "5", "--retries", "0"], page, reply(403, {}))
        self.assert_failed(run, 4)  # what was not read might have had the name, too


class TheHint(HostileListsTest):
    def test_its_own_trouble_is_not_told(self):
        for trouble in (reply(403, {}), reply(200, "<html>"), NO_CONNECTIONS):
            run, _ = self.answered(["activate", CONNECTION, "-m", "5", "--retries", "0"],
                                   reply(404, api_error()), trouble)
            self.assert_failed(run, 5, "HTTP 404", hint="check the connection ID")


if __name__ == "__main__":
    unittest.main()
