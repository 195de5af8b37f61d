"""jit run: access exactly as long as a command runs. The command's code, environment and descriptors; failures."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import running
from running import QUICK, RunTest, case, until
from support import (ACCESS_TOKEN, CONNECTION, JIT, Jit, ScriptedServer, accepted, api_error, no_reply, nowhere, parse_time, reply,
                     run_jit, token_env)

FAILS = "c0ffee00-0000-4000-8000-000000000015"
ENTRY = {"id": CONNECTION.replace("-", ""), "type": "JIT", "source": {"name": "Pg"}, "account": {"name": "robin"},
         "entitlement": {"id": "e1", "displayName": "Prod DB Admin"}, "state": {"value": "Available"}, "jit": {}}


class Code(RunTest):
    SPEED = 10

    @case("running", "COMMAND ends with code N", "access is ended; code N")
    def test_the_commands_code(self):
        self.start(*QUICK)
        for code in (0, 1, 125, 255):
            with self.subTest(code=code):
                self.sandbox.forget()
                run = self.run_command("sh", "-c", f"exit {code}")
                self.assertEqual((run.code, run.stdout, run.stderr), (code, "", ""))
                self.assert_ended()

    @case("running", "signal N ends COMMAND", "access is ended; code 128+N")
    def test_a_signal_that_ended_it(self):
        self.start(*QUICK)
        for number in (signal.SIGKILL, signal.SIGSEGV, signal.SIGHUP):
            with self.subTest(number=number):
                self.sandbox.forget()
                run = self.run_command("sh", "-c", f"kill -{int(number)} $$")
                self.assertEqual((run.code, run.stderr), (128 + number, ""))
                self.assert_ended()

    @case("before", "COMMAND does not exist, or cannot be executed", "nothing is sent; code 127, 126")
    def test_a_command_that_does_not_exist(self):
        self.start(*QUICK)
        here = Path(self.env["HOME"])
        (here / "plain").write_text("#!/bin/sh\n")
        for word, code in (("no-such-program", 127), (nowhere(), 127), (str(here / "plain"), 126), ("/etc", 126)):
            with self.subTest(word=word):
                self.assert_failed(self.run_command(word), code, f"cannot run {word}: ")
                error = json.loads(self.run_command(word, options=("-o", "json")).stderr)["error"]
                self.assertEqual((error["code"], error["kind"]),
                                 (code, {126: "not_executable", 127: "not_found"}[code]))
        self.assertEqual(self.sandbox.requested(), [])

    @case("before", "COMMAND's interpreter is missing", "access is ended; code 127")
    def test_a_command_that_fails_to_start(self):
        self.start(*QUICK)
        script = Path(self.env["HOME"]) / "script"
        script.write_text("#!/no/such/interpreter\n")
        script.chmod(0o700)
        self.assert_failed(self.run_command(str(script)), 127, "cannot run ", "; access was ended")
        self.assert_ended()
        script.write_text("echo as shells do: $1")
        self.assertEqual(self.run_command(str(script), "x").stdout, "as shells do: x\n")

    @case("before", "wrong usage, credentials or name", "nothing is sent; code 125; the message has the code of the failure")
    def test_failures_before(self):
        self.start(*QUICK)
        for words, code, kind in ((["run", "-e", "nobody", "-m", "5", "--", "true"], 5, "refused"),
                                  (["run", "-e", CONNECTION, "--", "true"], 2, "usage"),
                                  (["run", "-m", "5", "--", "true"], 2, "usage"),
                                  (["run", "-e", CONNECTION, "-m", "5"], 2, "usage"),
                                  (["run", "--no-such-option", "true"], 2, "usage"),
                                  (["run", "-e", CONNECTION, "-m", "0", "true"], 2, "usage"),
                                  (["run", "-e", CONNECTION, "-m", "5", "--on-expiry", "x", "true"], 2, "usage"),
                                  (["run", "-e", CONNECTION, "-m", "5", "--max-total", "8", "true"], 2, "usage")):
            with self.subTest(words=words):
                self.assert_failed(run_jit(*words, env=self.env), 125, f" (code {code}, {kind})")
        run = run_jit("run", "-o", "json", "-e", "nobody", "-m", "5", "true", env=self.env)
        error = json.loads(run.stderr)["error"]
        self.assertEqual((run.code, error["code"], error["kind"]), (125, 5, "refused"))
        self.assertEqual(self.counts(), {})

    def test_hints(self):
        self.start(*QUICK)
        run = run_jit("run", "Prod DB Admin", "-m", "5", "--", "true", env=self.env)
        self.assert_failed(run, 127, 'there is no program "Prod DB Admin"; if that is an entitlement, name it with -e',
                           hint='jit run -e "Prod DB Admin" -m MINUTES -- COMMAND')
        inner = self.run_command("sh", "-c", '"$0" status; "$0" run -e "Reporting Reader" -m 5 true; exit 0', JIT)
        self.assertEqual(inner.stderr.count("jit run --keep-credentials does"), 2, inner)

    @case("running", "access is revoked", "jit reads the state each minute and says so, at the latest when COMMAND has ended; COMMAND's code")
    def test_revoked(self):
        self.start(*QUICK)
        jit = self.running("sh", "-c", "echo ready; read -r line; exit 3")
        jit.read_line()
        self.assertEqual(self.sandbox.control("POST", f"/sandbox/activations/{CONNECTION}/revoke")[0], 200)
        self.end_input(jit)
        run = jit.finish()
        self.assertEqual(run.code, 3, run)
        self.assertIn("access to Prod DB Admin had ended before", run.stderr)

    @case("before", "the access token expires before the access does", "a warning; COMMAND is run")
    def test_a_token_that_expires_first(self):
        self.start(*QUICK, "--token-lifetime", "600")
        run = self.run_command("echo", "run")
        self.assertEqual((run.code, run.stdout), (0, "run\n"), run)
        self.assertRegex(run.stderr, r"the token in SAIL_ACCESS_TOKEN expires in \d+ min.*, before the access does")
        self.assertEqual(self.run_command("echo", "run", minutes="5").stderr, "")

    @case("activating", "the service refuses, or provisioning fails", "COMMAND is not run; code 125")
    def test_access_that_cannot_be_had(self):
        self.start(*QUICK, "--max-minutes", "60")
        self.assert_failed(self.run_command("echo", "run", minutes="120"), 125, "HTTP 400", "(code 5, refused)")
        self.assert_failed(self.run_command("echo", "run", entitlement=FAILS), 125, "has ended in ERROR",
                           "(code 11, not_provisioned)")
        self.assertEqual((self.counts(), self.counts(FAILS)), ({}, {"activate": 1}))

    @case("activating", "activate is accepted, and fails at once", "access is ended if there is any; code 125")
    def test_accepted_and_failed(self):
        with ScriptedServer([reply(200, [ENTRY]), accepted(status="ERROR"), accepted("deactivate")]) as server:
            run = run_jit(*self.words("echo", "run"), env={**token_env(server.url), **self.own_home()})
            self.assert_failed(run, 125, "has ended in ERROR", "; access was ended")
            self.assertEqual(server.requests[-1].line.split()[1], "/jit-activations/v1/deactivate")

    @case("activating", "one of several entitlements cannot be activated", "those that were activated are ended; code 125")
    def test_one_of_several_fails(self):
        self.start(*QUICK)
        run = self.run_command("echo", "run", options=("-e", FAILS))
        self.assert_failed(run, 125, "has ended in ERROR", "; access was ended")
        self.assert_ended()


class Words(RunTest):
    SPEED = 10
    """Where jit's words end and the command's begin."""

    def test_the_first_word_that_is_no_option(self):
        self.start(*QUICK)
        show = [sys.executable, "-c", "import sys; print(sys.argv[1:])", "-m", "1", "--", "--help", "-o", "x"]
        expected = str(show[3:]) + "\n"
        for words in (["run", "-e", CONNECTION, "-m", "30"], ["run", "-m30", "-e", CONNECTION, "--"],
                      ["-q", "run", "-qm", "30", f"--entitlement={CONNECTION}", "--minutes=30"][:5],
                      ["--timeout", "30", "run", "--timeout", "9", "-qe", CONNECTION, "-m", "30", "--utc"]):
            with self.subTest(words=words):
                run = run_jit(*words, *show, env=self.env)
                self.assertEqual((run.code, run.stdout, run.stderr), (0, expected, ""))

    def test_help(self):
        run = run_jit("run", "--help")
        self.assertEqual(run.code, 0)
        self.assertIn("Usage\n  jit run [options] [[--] COMMAND]\n", run.stdout)

    def test_a_dry_run(self):
        self.start(*QUICK)
        run = self.run_command("true", options=("--dry-run", "-o", "json"))
        self.assertEqual(run.json()["body"], {"connectionId": CONNECTION, "activationPeriodMins": 30})
        self.assertEqual(self.counts(), {})


class Surroundings(RunTest):
    """What the command finds: streams, environment, descriptors, signals."""

    def test_streams(self):
        self.start(*QUICK)
        read, write = os.pipe()
        os.write(write, b"some input\n")
        os.close(write)
        run = self.run_command("sh", "-c", "cat; echo error >&2", stdin=read)
        os.close(read)
        self.assertEqual((run.stdout, run.stderr), ("some input\n", "error\n"))

    def environment(self, *options, **how):
        file = Path(self.env["HOME"]) / "environment"
        run = self.run_command("sh", "-c", f"env -0 > {file}", options=options,
                               more={"SAIL_CLIENT_ID": "id", "SAIL_CLIENT_SECRET": "secret", "JIT_ACTIVATION_ID": "outer"},
                               **how)
        self.assertEqual(run.code, 0, run)
        return dict(entry.split("=", 1) for entry in file.read_text().split("\0")[:-1])

    def test_the_environment(self):
        self.start(*QUICK)
        found = self.environment()
        [activation] = self.sandbox.activations()
        self.assertEqual({name for name in found if name.startswith("SAIL_")}, {"SAIL_BASE_URL"})
        self.assertEqual((found["JIT_ENTITLEMENT"], found["JIT_CONNECTION_ID"], found["JIT_ACTIVATION_ID"]),
                         ("Prod DB Admin", CONNECTION, activation["activationId"]))
        self.assertEqual(parse_time(found["JIT_EXPIRES_AT"]), parse_time(activation["expiration"]))
        self.assertEqual(found["TZ"], "UTC")  # and all else that jit has

    def test_credentials_on_request(self):
        self.start(*QUICK)
        found = self.environment("--keep-credentials")
        self.assertEqual((found["SAIL_CLIENT_ID"], found["SAIL_CLIENT_SECRET"], found["SAIL_ACCESS_TOKEN"]),
                         ("id", "secret", self.env["SAIL_ACCESS_TOKEN"]))

    def test_several(self):
        self.start(*QUICK)
        run_jit("activate", "Cafe-Ops", "-m", "30", "--wait", env=self.env)
        found = self.environment("-e", "Cafe-Ops")
        self.assertEqual(found["JIT_ENTITLEMENT"].split("\n")[0], "Prod DB Admin")
        ids = found["JIT_ACTIVATION_ID"].split("\n")
        self.assertEqual((len(ids), ids[1], "outer" in ids), (2, "", False))  # it was active: nobody says by what
        for name in ("JIT_ENTITLEMENT", "JIT_CONNECTION_ID", "JIT_EXPIRES_AT"):
            self.assertNotIn("", found[name].split("\n"))

    def test_no_descriptor_of_jit_and_each_that_it_was_given(self):
        self.start(*QUICK)
        with tempfile.TemporaryFile() as file:
            given = file.fileno()
            script = "import os; print(sorted(int(n) for n in os.listdir('/proc/self/fd') if os.path.exists(f'/proc/self/fd/{n}')))"
            run = self.run_command(sys.executable, "-c", script, pass_fds=[given])
        self.assertEqual(run.stdout, f"{sorted([0, 1, 2, given])}\n")

    def test_signals_are_as_they_were(self):
        self.start(*QUICK)
        script = "grep -E 'Sig(Blk|Ign)' /proc/self/status | tr '\\t' ' '"
        outside = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True).stdout

        def sets(text):  # without 32 and 33, which the C library keeps for itself and posix_spawn ignores
            return [int(line.split()[1], 16) & ~(3 << 31) for line in text.splitlines()]
        self.assertEqual(sets(self.run_command("sh", "-c", script).stdout), sets(outside))
        for number in (signal.SIGHUP, signal.SIGINT, signal.SIGPIPE, signal.SIGUSR1):
            with self.subTest(number=number):
                run = run_jit("run", "-e", CONNECTION, "-m", "5", "sh", "-c", "grep SigIgn /proc/self/status | tr '\\t' ' '", env=self.env,
                              restore_signals=False, preexec_fn=lambda n=number: signal.signal(n, signal.SIG_IGN))
                self.assertTrue(int(run.stdout.split()[1], 16) & 1 << number - 1)

    def test_a_parent_that_blocks_and_ignores_the_signals_of_children(self):
        self.start(*QUICK)

        def prepare():
            signal.signal(signal.SIGCHLD, signal.SIG_IGN)
            signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD])
        self.assertEqual(self.run_command("sh", "-c", "exit 3", preexec_fn=prepare).code, 3)
        self.assert_ended()

    def test_it_can_be_traced_though_jit_cannot(self):
        self.start(*QUICK)
        run = self.run_command(sys.executable, "-c", "import ctypes; print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))")
        self.assertEqual(run.stdout, "1\n")


class Whose(RunTest):
    SPEED = 10
    """Access that was there before stays; what this run started goes."""

    def status(self):
        return [activation["status"] for activation in self.sandbox.activations()]

    @case("before", "access is active already", "it is used, and not ended")
    def test_active_already(self):
        self.start(*QUICK)
        run_jit("activate", CONNECTION, "-m", "60", "--wait", env=self.env)
        self.assertEqual(self.run_command("true").code, 0)
        self.assertEqual((self.counts(), self.status()), ({"activate": 1}, ["PROVISIONED"]))
        self.assertEqual(self.run_command("true", options=("--min-remaining", "70"), minutes="90").code, 0)
        self.assertEqual((self.counts(), self.status()), ({"activate": 1, "extend": 1}, ["PROVISIONED"]))

    @case("running", "another run uses the same access", "only the run that activated it ends it")
    def test_two_runs(self):
        self.start(*QUICK)
        first, _ = self.listener()
        self.assertEqual(self.run_command("true").code, 0)
        self.assertEqual(self.counts(), {"activate": 1})
        self.end_input(first)
        self.assertEqual(first.finish().code, 5)
        self.assert_ended()

    @case("after", "--leave", "access is not ended")
    def test_leave(self):
        self.start(*QUICK)
        self.assertEqual(self.run_command("sh", "-c", "exit 4", options=("--leave",)).code, 4)
        self.assertEqual(self.counts(), {"activate": 1})

    def test_several_and_an_alias(self):
        self.start(*QUICK)
        config = Path(self.env["HOME"]) / "jit.yaml"
        config.write_text("aliases: {both: {entitlements: [Prod DB Admin, Cafe-Ops], minutes: 20}}\n")
        run = run_jit("run", "--config", str(config), "-e", "both", "true", env=self.env)
        self.assertEqual((run.code, run.stderr), (0, ""))
        self.assertEqual(list(self.sandbox.applied().values()), [{"activate": 1, "deactivate": 1}] * 2)

    @case("running", "COMMAND leaves a process running", "access is ended with COMMAND")
    def test_one_that_forks_and_leaves(self):
        self.start(*QUICK)
        with tempfile.TemporaryDirectory() as place:
            fifo = f"{place}/fifo"
            os.mkfifo(fifo)
            run = self.run_command("sh", "-c", f"(read x < {fifo}) > /dev/null 2>&1 & exit 6")
            self.assertEqual(run.code, 6)
            self.assert_ended()
            with open(fifo, "w", encoding="ascii") as end:  # it still waits
                end.write("\n")

    def test_quiet(self):
        self.start(*QUICK, "--without-feature", "history")
        run = self.run_command("true", options=("-q",))
        self.assertEqual((run.code, run.stdout, run.stderr), (0, "", ""))
        run = self.run_command("true", options=("-v",))
        self.assertIn("access to Prod DB Admin was ended", run.stderr)


class Faults(RunTest):
    SPEED = 10
    """A network that fails in each phase; scripted, to the request."""

    active = {**ENTRY, "state": {"value": "Active"}}

    def active_entry(self):
        return {**self.active, "jit": {"activation": "2026-11-24T10:00:00Z", "provisioned": "2026-11-24T10:00:01Z",
                                       "expiration": "2126-11-24T11:00:00Z"}}

    def script(self, *deactivate, activate=None):
        """Replies to a run that activates, looks, and ends the access by these."""
        return [reply(200, [ENTRY]), activate or accepted(), reply(200, [self.active_entry()]), *deactivate]

    def run_with(self, replies, *options):
        with ScriptedServer(replies) as server:
            run = run_jit(*self.words("sh", "-c", "exit 3", options=options), env={**token_env(server.url), **self.own_home()})
            return run, [request.line.split()[1].split("?")[0].rsplit("/", 1)[1] for request in server.requests]

    ended = accepted("deactivate", status="DEPROVISIONING")

    @case("ending", "no answer, a reset, HTTP 5xx", "sent again, for --end-timeout in all; COMMAND's code")
    def test_the_end_is_sent_again(self):
        for fault in (no_reply("reset"), no_reply("close"), reply(503, "<html>"), reply(500, api_error())):
            with self.subTest(fault=fault):
                run, requests = self.run_with(self.script(fault, self.ended))
                self.assertEqual((run.code, run.stdout), (3, ""), run)
                self.assertEqual(requests, ["current-identity", "activate", "current-identity", "deactivate", "deactivate"])

    @case("ending", "the end request is refused, and the list shows that access is over", "access counts as ended; COMMAND's code")
    def test_nothing_is_active_any_more(self):
        over = {**ENTRY, "jit": {**self.active_entry()["jit"], "deactivation": "2026-11-24T10:30:00Z",
                                 "deprovisioned": "2026-11-24T10:30:01Z"}}
        for lost in ([], [no_reply("reset")]):
            run, requests = self.run_with(self.script(*lost, reply(404, api_error("nothing is running")), reply(200, [over])))
            self.assertEqual((run.code, requests[-2:]), (3, ["deactivate", "current-identity"]), run)

    @case("ending", "the end request is refused, and the list shows that access is on",
          "sent again, for --end-timeout in all; then code 125, as below")
    def test_a_refusal_is_not_the_end(self):
        for refusal in ("400", "404", "404/html"):
            with self.subTest(refusal=refusal):
                self.start(*QUICK, "--fault", f"deactivate:{refusal}")
                run = self.run_command("true", options=("--end-timeout", "3s"))
                self.assertEqual((run.code, self.counts(), self.sandbox.activations()[0]["status"]),
                                 (125, {"activate": 1}, "PROVISIONED"), run)
                self.assertIn("WAS NOT ENDED: ", run.stderr)
        self.start(*QUICK, "--fault", "deactivate@1-2:404/html")
        self.assertEqual(self.run_command("true").code, 0)
        self.assert_ended()

    @case("ending", "the end request fails until --end-timeout, or is forbidden",
          "jit says so, how to end it, and when it ends by itself; code 125")
    def test_it_cannot_be_ended(self):
        run, _ = self.run_with(self.script(reply(403, api_error())))
        self.assertEqual(run.code, 125)
        self.assertRegex(run.stderr, r"\Ajit: ACCESS TO Prod DB Admin WAS NOT ENDED: .*HTTP 403.*"
                                     r"\(sh has ended with code 3\) \(code 4, forbidden\)\n"
                                     rf"     end it yourself: jit deactivate -e {CONNECTION}\n     it ends by itself at 2126-11-24 11:00:00 UTC")
        run, requests = self.run_with(self.script(no_reply("hang"), no_reply("hang")), "--end-timeout", "2s", "-q")
        self.assertEqual((run.code, requests.count("deactivate")), (125, 2), run)
        self.assertIn("WAS NOT ENDED: deactivate of Prod DB Admin was sent, but not answered in time", run.stderr)
        self.assertIn("(code 9, unknown_outcome)", run.stderr)
        run, _ = self.run_with(self.script(reply(403, api_error())), "-o", "json")
        error = json.loads(run.stderr)["error"]
        self.assertEqual((run.code, error["code"], error["kind"]), (125, 4, "forbidden"))

    @case("activating", "the answer is lost", "access is ended if there is any; COMMAND is not run; code 125")
    def test_a_lost_answer(self):
        refused = reply(403, api_error())
        run, requests = self.run_with([reply(200, [ENTRY]), no_reply("reset"), refused, refused, self.ended])
        self.assert_failed(run, 125, "it may or may not have been carried out; its state cannot be read", "; access was ended (code 9, unknown_outcome)")
        self.assertEqual(requests, ["current-identity", "activate", "current-identity", "current-identity", "deactivate"])

    @case("activating", "jit is stopped while the answer is awaited", "access is ended if there is any; code 128+N")
    def test_stopped_while_activating(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
            with self.subTest(number=number), ScriptedServer([reply(200, [ENTRY]), no_reply("hang"), self.ended]) as server:
                with Jit(*self.words("echo", "run"), env={**token_env(server.url), **self.own_home()}) as jit:
                    server.wait_for_requests(2)
                    jit.send_signal(number)
                    run = jit.finish()
                self.assertEqual((run.code, run.stdout), (128 + number, ""), run)
                self.assertIn("it may or may not have been carried out; access was ended", run.stderr)
                self.assertEqual(server.requests[-1].line.split()[1], "/jit-activations/v1/deactivate")

    @case("before", "jit is stopped before anything was sent", "nothing is sent; code 128+N")
    def test_stopped_before(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
            with self.subTest(number=number), ScriptedServer([no_reply("hang")]) as server:
                with Jit(*self.words("echo", "run"), env={**token_env(server.url), **self.own_home()}) as jit:
                    server.wait_for_requests(1)
                    jit.send_signal(number)
                    run = jit.finish()
                self.assertEqual((run.code, run.stdout), (128 + number, ""), run)

    @case("activating", "the service cannot be reached", "COMMAND is not run; code 125")
    def test_unreachable(self):
        run = run_jit(*self.words("echo", "run", options=("--retries", "0")),
                      env={**token_env("https://127.0.0.1:1"), **self.own_home()})
        self.assert_failed(run, 125, "(code 7, unreachable)")


class Table(unittest.TestCase):
    def test_the_table_in_the_documentation(self):
        import test_clock  # noqa: F401, their cases are rows, too
        import test_confirm  # noqa: F401
        import test_ready  # noqa: F401
        import test_run_every_signal  # noqa: F401
        import test_run_keep_alive  # noqa: F401
        import test_run_shell  # noqa: F401
        import test_run_signals  # noqa: F401
        import test_run_terminal  # noqa: F401
        import test_warn  # noqa: F401
        order = ("before", "activating", "waiting", "running", "ending", "after")
        rows = sorted(set(running.CASES), key=lambda row: (order.index(row[0]), row))
        table = "\n".join(["| when | what happens | what follows |", "|---|---|---|",
                           *(f"| {' | '.join(row)} |" for row in rows)])
        page = Path(__file__).resolve().parents[2] / "docs" / "run.md"
        text = page.read_text(encoding="utf-8")
        before, _, rest = text.partition("<!-- cases -->\n")
        after = rest.partition("<!-- end of cases -->")[2]
        new = f"{before}<!-- cases -->\n{table}\n<!-- end of cases -->{after}"
        if os.environ.get("UPDATE_GOLDEN"):
            page.write_text(new, encoding="utf-8")
        self.assertEqual(new, page.read_text(encoding="utf-8"))


if __name__ == "__main__":
    unittest.main()
