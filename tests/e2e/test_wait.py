"""--wait: until access is usable or gone, whatever a list that lags says; and what is said when that fails."""

import json
import re
import signal
import unittest

from support import CONNECTION, Jit, Sandbox, ScriptedServer, Test, accepted, reply, run_jit, token_env
from terminal import Terminal, screen

FRICTIONS = "c0ffee00-0000-4000-8000-000000000014"
FAILS = "c0ffee00-0000-4000-8000-000000000015"
PIPELINE = "c0ffee00-0000-4000-8000-000000000021"
READER = "c0ffee00-0000-4000-8000-000000000071"
QUICK = ("--provision-delay", "0", "--rate-limit", "0")
FOR_EVER = ("--provision-delay", "86400", "--rate-limit", "0")


class WaitTest(Test):
    def start(self, *words):
        self.sandbox = self.enterContext(Sandbox(*words, speed=10))
        self.env = {**self.sandbox.token_env(), **self.own_home()}
        self.sandbox.forget()

    def jit(self, *words):
        return run_jit(*words, env=self.env)

    def done(self, *words):
        run = self.jit(*words)
        self.assert_done(run)
        return run

    def waiting(self, *words, **how):
        """A run that would wait for long, but for a test that fails."""
        return Jit(*words, "--wait-timeout", "60s", env={**self.env, "TERM": "xterm"}, **how)

    def status(self):
        return [activation["status"] for activation in self.sandbox.activations()]


class ByTimes(WaitTest):
    """The history's IDs are others than those of the answers, so times tell which activation an entry is of."""

    def test_each_operation(self):
        self.start(*QUICK, "--own-history-ids")
        for _ in range(2):  # the second time there is an entry from before
            started = self.done("activate", CONNECTION, "-m", "60", "--wait", "-o", "json").json()
            self.assertEqual(started["status"], "PROVISIONED")
            self.assertNotIn("history-", started["activationId"])
            self.done("extend", CONNECTION, "-m", "5", "--wait")
            self.assertEqual(self.done("deactivate", CONNECTION, "--wait", "-o", "json").json()["status"], "COMPLETE")
        self.assertEqual(self.status(), ["COMPLETED", "COMPLETED"])

    def test_after_a_lost_answer(self):
        self.start(*QUICK, "--own-history-ids", "--fault", "activate@1:apply-reset")
        self.assertEqual(self.jit("activate", CONNECTION, "-m", "60", "--wait").code, 0)
        self.assertEqual(self.sandbox.requested().count("activate"), 1)

    def test_a_failed_one(self):
        self.start(*QUICK, "--own-history-ids")
        self.assertEqual(self.jit("activate", FAILS, "-m", "60", "--wait").code, 11)


class UntilDone(WaitTest):
    def test_each_operation_prints_its_end_once(self):
        self.start("--provision-delay", "1.2", "--rate-limit", "0")
        for form in ("json", "jsonl"):
            with self.subTest(form=form):
                self.sandbox.forget()
                started = self.done("activate", CONNECTION, "-m", "60", "--wait", "-o", form).json()
                self.assertEqual(self.status()[-1], "PROVISIONED")
                self.assertEqual((started["status"], started["connectionId"], started["activationPeriodMins"]),
                                 ("PROVISIONED", CONNECTION, 60))
                self.assertIn("expiresAt", started)
                extended = self.done("extend", CONNECTION, "-m", "5", "--wait", "-o", form).json()
                self.assertEqual(extended["status"], "PROVISIONED")
                ended = self.done("deactivate", CONNECTION, "--wait", "-o", form).json()
                self.assertEqual(self.status()[-1], "COMPLETED")
                self.assertEqual(ended["status"], "COMPLETE")
                operations = [word for word in self.sandbox.requested() if word != "history"]
                # Extending takes a look at the end before and at the one behind.
                self.assertEqual(operations, ["activate", "connections", "extend", "connections", "deactivate"])
        table = self.done("activate", "Prod DB Admin", "-m", "60", "--wait").stdout.splitlines()
        self.assertTrue(table[1].startswith("Prod DB Admin  active  "), table)

    def test_by_the_configuration(self):
        self.start(*QUICK)
        config = f"{self.env['HOME']}/jit.yaml"
        with open(config, "w", encoding="utf-8") as file:
            file.write("defaults: {wait: true}\n")
        words = ["activate", CONNECTION, "-m", "60", "--config", config, "-o", "json"]
        self.assertEqual(self.done(*words, "--no-wait").json()["status"], "CREATING")
        self.done("deactivate", CONNECTION)
        self.assertEqual(self.done(*words).json()["status"], "PROVISIONED")

    def test_an_end_in_error(self):
        self.start(*QUICK)
        run = self.jit("activate", FAILS, "-m", "60", "--wait", "-o", "json")
        self.assertEqual((run.code, run.json()["status"]), (11, "ERROR"))
        error = json.loads(run.stderr)["error"]
        self.assertEqual((error["code"], error["kind"]), (11, "not_provisioned"))
        self.assertIn("was accepted, but has ended in ERROR: Upstream provisioning failed after 3 retries (503)",
                      error["message"])
        self.assertIn(f"jit history -e {FAILS} --detail", error["hint"])

    def test_the_time_runs_out(self):
        self.start(*FOR_EVER)
        run = self.jit("activate", CONNECTION, "-m", "60", "--wait", "--wait-timeout", "2s", "-o", "json")
        self.assertEqual((run.code, run.json()["status"]), (12, "ACTIVATING"))
        error = json.loads(run.stderr)["error"]
        self.assertEqual(error["kind"], "wait_timeout")
        self.assertIn(f"activate of {CONNECTION} was accepted, but after 2 s it was still starting",
                      error["message"])
        self.assertEqual(self.jit("activate", CONNECTION, "-m", "5", "--wait-timeout", "soon").code, 2)

    def test_several_are_waited_for_together(self):
        self.start(*FOR_EVER)
        words = [CONNECTION, "pg_prod_read", "Cafe-Ops", "jp-db-admins"]
        run = self.jit("activate", *words, "-m", "60", "--wait", "--wait-timeout", "1s", "-o", "jsonl")
        self.assertEqual(run.code, 12)
        self.assertEqual([json.loads(line)["error"]["code"] for line in run.stdout.splitlines()], [12] * 4)

    def test_a_list_that_lags_is_not_believed(self):
        for words in (["--list-lag", "2"], ["--list-lag", "2", "--without-feature", "history"]):
            with self.subTest(words=words):
                self.start(*QUICK, *words)
                for _ in range(2):
                    self.done("activate", CONNECTION, "-m", "60", "--wait")
                    self.assertEqual(self.status()[-1], "PROVISIONED")
                    self.done("extend", CONNECTION, "-m", "5", "--wait")
                    self.done("deactivate", CONNECTION, "--wait")
                    self.assertEqual(self.status()[-1], "COMPLETED")
                self.assertEqual(self.sandbox.applied(),
                                 {CONNECTION: {"activate": 2, "extend": 2, "deactivate": 2}})


class Frictions(WaitTest):
    SAID = "Payroll Approver is waiting for you: SailPoint asks for "

    def test_they_are_announced_and_waited_for(self):
        self.start(*QUICK)
        with self.waiting("activate", "Payroll Approver", "-m", "60", "--wait", "-o", "json", "-v") as jit:
            jit.wait_for_message(self.SAID)
            self.assertEqual(self.sandbox.ask("POST", f"/sandbox/activations/{FRICTIONS}/frictions")[0], 200)
            run = jit.finish()
        self.assertEqual((run.code, run.json()["status"]), (0, "PROVISIONED"))
        self.assertEqual(run.stderr.count(self.SAID), 1)

    def test_they_end_it(self):
        ends = {"CANCELLED": ("frictions", json.dumps({"outcome": "cancel"})), "REVOKED": ("revoke", None)}
        for status, (path, body) in ends.items():
            with self.subTest(status=status):
                self.start(*QUICK)
                with self.waiting("activate", "Payroll Approver", "-m", "60", "--wait", "-o", "json", "-v") as jit:
                    jit.wait_for_message(self.SAID)
                    self.assertEqual(self.sandbox.ask("POST", f"/sandbox/activations/{FRICTIONS}/{path}", body, {
                        "Content-Type": "application/json"})[0], 200)
                    run = jit.finish()
                self.assertEqual((run.code, run.json()["status"]), (11, status))
                self.assertIn(f"has ended in {status}", run.stderr)

    def test_their_time_runs_out(self):
        self.start(*QUICK, "--friction-timeout", "2")
        run = self.jit("activate", "Payroll Approver", "-m", "60", "--wait", "-o", "json")
        self.assertEqual((run.code, run.json()["status"]), (11, "TIMED_OUT"))

    def test_by_the_connections_alone(self):
        self.start(*QUICK, "--without-feature", "history")
        with self.waiting("activate", "Payroll Approver", "-m", "60", "--wait", "-o", "json", "-v") as jit:
            jit.wait_for_message("is waiting for you")
            self.sandbox.ask("POST", f"/sandbox/activations/{FRICTIONS}/frictions")
            run = jit.finish()
        self.assertEqual((run.code, run.json()["status"]), (0, "PROVISIONED"))
        self.done("deactivate", FRICTIONS, "--wait")
        failed = self.jit("activate", FAILS, "-m", "60", "--wait", "-o", "json")
        self.assertEqual((failed.code, failed.json()["status"]), (11, "Available"))  # its word; more it does not tell


class WhatMayBeRead(WaitTest):
    def test_connections_stand_in_for_the_history(self):
        self.start(*QUICK, "--identity", "reader")
        for words in (["activate", READER, "-m", "60"], ["extend", READER, "-m", "5"], ["deactivate", READER]):
            with self.subTest(words=words):
                self.sandbox.forget()
                self.done(*words, "--wait")
                requested = self.sandbox.requested()
                first = ["connections", "extend", "connections"] if words[0] == "extend" else [words[0], "history", "connections"]
                self.assertEqual(requested[:3], first)
                self.assertNotIn("history", requested[2:])

    def test_neither_can_be_read(self):
        self.start(*QUICK, "--identity", "pipeline")
        run = self.jit("activate", PIPELINE, "-m", "60", "--wait", "-o", "json")
        self.assertEqual((run.code, run.json()["status"]), (12, "CREATING"))
        error = json.loads(run.stderr)["error"]
        self.assertTrue(error["message"].startswith(
            f"activate of {PIPELINE} was accepted, but its state cannot be read: "), error)
        self.assertIn("idn:jit-activation-history-self:read", error["hint"])
        self.assertIn("idn:entitlement-connections:read", error["hint"])
        self.assertEqual(self.sandbox.applied(), {PIPELINE: {"activate": 1}})

    def test_a_passing_failure_does_not_end_it(self):
        entry = {"id": "x", "connectionId": CONNECTION, "status": "PROVISIONED",
                 "activationInitiated": "2026-11-24T10:00:00Z", "provisionCompleted": "2026-11-24T10:00:01Z"}
        with ScriptedServer([accepted(), reply(503, ""), reply(200, "<html>"), reply(429, "", [("Retry-After", "0")]),
                             reply(200, [entry])]) as server:
            run = run_jit("activate", CONNECTION, "-m", "60", "--wait", "--retries", "0", "-o", "json",
                          env={**token_env(server.url), **self.own_home()})
        self.assert_done(run)
        self.assertEqual(run.json()["status"], "PROVISIONED")


class Stopped(WaitTest):
    def test_while_waiting(self):
        for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
            with self.subTest(number=number):
                self.start(*QUICK)
                with self.waiting("activate", FRICTIONS, "-m", "60", "--wait", "-o", "json", "-v") as jit:
                    jit.wait_for_message("is waiting for you")
                    jit.send_signal(number)
                    run = jit.finish()
                self.assertEqual((run.code, run.json()["status"]), (code, "AWAITING_FRICTIONS"))
                error = json.loads(run.stderr.splitlines()[-1])["error"]
                self.assertEqual(error["message"], f"activate of {FRICTIONS} was accepted, and then interrupted "
                                                   "while waiting for it")
                self.assertIn(f"jit history -e {FRICTIONS}", error["hint"])

    def test_of_several_none_is_sent_again(self):
        self.start(*QUICK)
        with self.waiting("activate", FRICTIONS, CONNECTION, "-m", "60", "--wait", "-o", "json", "-v") as jit:
            jit.wait_for_message("is waiting for you")
            jit.send_signal(signal.SIGINT)
            run = jit.finish()
        self.assertEqual((run.code, [row["ok"] for row in run.json()][0]), (130, False))
        self.assertEqual(sum(counts["activate"] for counts in self.sandbox.applied().values()), 2)


class OnATerminal(WaitTest):
    def test_the_spinner(self):
        self.start("--provision-delay", "3", "--rate-limit", "0")
        with Terminal(60) as terminal:
            with self.waiting("activate", "Prod DB Admin", "-m", "60", "--wait", "-o", "json",
                              stderr=terminal.end) as jit:
                run = jit.finish()
            written = terminal.read()
        self.assertEqual((run.code, run.json()["status"]), (0, "PROVISIONED"))
        frames = re.findall("\r\x1b\\[K([⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]) Prod DB Admin: (\\w+), (\\d+ s)", written)
        self.assertGreater(len({frame for frame, _, _ in frames}), 3, written)
        self.assertEqual(frames[0][1:], ("accepted", "0 s"))
        self.assertEqual(frames[-1][1], "starting")
        self.assertEqual(screen(written), "")

    def test_nothing_in_a_pipe(self):
        self.start("--provision-delay", "1.2", "--rate-limit", "0")
        with Terminal(100) as terminal:
            with self.waiting("activate", CONNECTION, "-m", "60", "--wait", stdout=terminal.end) as jit:
                run = jit.finish()
            self.assertIn(" is active until ", terminal.read())
        self.assertEqual((run.code, run.stderr), (0, ""))

    def test_ctrl_c(self):
        self.start(*FOR_EVER)
        with Terminal(100) as terminal:
            with self.waiting("activate", CONNECTION, "-m", "60", "--wait", "-o", "json", coloured=True,
                              stdin=terminal.end, stderr=terminal.end, **terminal.controls) as jit:
                terminal.wait_for("starting")
                terminal.press("\x03")
                run = jit.finish()
            shown = screen(terminal.read())
        self.assertEqual((run.code, run.json()["status"]), (130, "ACTIVATING"))
        self.assertIn("was accepted, and then interrupted while waiting for it", shown)
        self.assertNotIn("⠋", shown)


if __name__ == "__main__":
    unittest.main()
