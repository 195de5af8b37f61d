"""jit run while access runs out: --keep-alive, --max-total, --on-expiry; never two extends for one need."""

import datetime
import signal
import sys
import unittest

from running import LISTENER, QUICK, RunTest, case
from support import CONNECTION, Jit, ScriptedServer, accepted, api_error, no_reply, parse_time, reply, token_env
from test_run import ENTRY

SCALED = (*QUICK, "--time-scale", "60")  # a minute of access passes in a second


def entry(**left):
    """The list with access that is active, and so long."""
    now = datetime.datetime.now(datetime.timezone.utc)
    times = {"activation": now, "provisioned": now, "expiration": now + datetime.timedelta(**left)}
    return reply(200, [{**ENTRY, "state": {"value": "Active"},
                        "jit": {name: time.isoformat().replace("+00:00", "Z") for name, time in times.items()}}])


class Expiry(RunTest):
    SPEED = 10

    @case("running", "access ends by itself", "a warning; COMMAND goes on; COMMAND's code")
    def test_warn(self):
        self.start(*SCALED)
        jit, _ = self.listener(minutes="2", options=("--warn", "0"))
        jit.wait_for_message("access to Prod DB Admin has ended; ")
        self.end_input(jit)
        run = jit.finish()
        self.assertEqual((run.code, run.stderr.count("\n")), (5, 1), run)
        self.assertIn("goes on without it", run.stderr)
        self.assertEqual(self.counts(), {"activate": 1})

    @case("running", "access ends by itself, with --on-expiry terminate", "COMMAND gets SIGTERM, and 10 s later SIGKILL")
    def test_terminate(self):
        self.start(*SCALED)
        run = self.run_command("sleep", "1000", minutes="2", options=("--on-expiry", "terminate"))
        self.assertEqual(run.code, 143)
        self.assertIn("access to Prod DB Admin has ended; sleep is ended", run.stderr)
        # 6 s: the listener has to be there before access ends
        jit, _ = self.listener(minutes="60", options=("--on-expiry", "terminate", "-q"))
        self.assertEqual(sorted([jit.read_line(), jit.read_line()]), ["SIGCONT\n", "SIGTERM\n"])
        self.keep_input(jit)
        run = jit.finish()
        self.assertEqual((run.code, run.stderr), (137, ""))
        self.assertEqual(self.counts(), {"activate": 2})

    @case("running", "access that was to end was extended from elsewhere", "jit reads the state and goes on")
    def test_extended_from_elsewhere(self):
        self.SPEED = 1  # since the end is compared with this machine's clock
        self.start(*SCALED)
        jit, _ = self.listener(minutes="9")
        token = {"Authorization": f"Bearer {self.sandbox.token()}", "Content-Type": "application/json",
                 "X-SailPoint-Experimental": "true"}
        status, _ = self.sandbox.ask("POST", "/jit-activations/v1/extend",
                                     f'{{"connectionId": "{CONNECTION}", "activationPeriodExtensionMins": 4}}', token)
        self.assertEqual(status, 202)
        jit.wait_for_message("has ended")
        [activation] = self.sandbox.activations()
        self.assertLessEqual(parse_time(activation["expiration"]), datetime.datetime.now(datetime.timezone.utc))
        self.end_input(jit)
        self.assertEqual(jit.finish().code, 5)


class KeepAlive(RunTest):
    SPEED = 10

    @case("running", "--keep-alive, and less than a fifth or two minutes are left", "extended once, by the same minutes")
    def test_extended(self):
        self.start(*QUICK)
        jit, _ = self.listener(minutes="2", options=("--keep-alive",))
        self.wait_for({"activate": 1, "extend": 1})
        [activation] = self.sandbox.activations()
        length = parse_time(activation["expiration"]) - parse_time(activation["startTime"])
        self.assertEqual(length, datetime.timedelta(minutes=4))
        self.end_input(jit)
        run = jit.finish()
        self.assertEqual((run.code, run.stderr), (5, ""))
        self.assertEqual(self.counts(), {"activate": 1, "extend": 1, "deactivate": 1})

    def test_only_where_it_is_needed(self):
        self.start(*QUICK)
        self.assertEqual(self.run_command("true", minutes="30", options=("--keep-alive",)).code, 0)
        self.assert_ended()

    @case("running", "--max-total is reached", "a warning; no more extends")
    def test_max_total(self):
        self.start(*QUICK)
        # Room for one extend, whichever way the clocks of the two programs differ by a second.
        jit, _ = self.listener(minutes="1", options=("--keep-alive", "--max-total", "2m30s"))
        jit.wait_for_message("--max-total is reached: access to Prod DB Admin ends in 1 min 5")
        self.assertEqual(self.counts(), {"activate": 1, "extend": 1})

    def scripted(self, *replies, options=(), left=60):
        """A run with so little left that it is extended at once; its command ends with the test."""
        server = self.enterContext(ScriptedServer([reply(200, [ENTRY]), accepted(), entry(seconds=left), *replies]))
        jit = self.enterContext(Jit(*self.words(sys.executable, "-c", LISTENER, minutes="2",
                                                options=("--keep-alive", "--end-timeout", "1s", *options)),
                                    env={**token_env(server.url), **self.own_home()}, stdin=-1, start_new_session=True))
        self.addCleanup(self.end_group, jit._process.pid)
        jit.read_line()
        return server, jit

    def paths(self, server):
        return [request.line.split()[1].split("?")[0].rsplit("/", 1)[1] for request in server.requests]

    def end(self, jit):
        self.end_input(jit)
        return jit.finish()

    @case("running", "the answer to an extend is lost, and it took effect", "no second extend: jit reads the list first")
    def test_a_lost_answer(self):
        server, jit = self.scripted(no_reply("reset"), entry(seconds=180), accepted("deactivate"), options=("-v",))
        jit.wait_for_message("its state shows that it was carried out")
        server.wait_for_requests(5)
        run = self.end(jit)
        self.assertEqual(run.code, 5)
        self.assertEqual(self.paths(server), ["current-identity", "activate", "current-identity", "extend",
                                              "current-identity", "deactivate"])

    @case("running", "the answer to an extend is lost, and it took no effect",
          "one more extend, once the list has shown something newer, or for 60 s nothing of the first")
    def test_a_lost_request(self):
        newer = reply(200, [{**ENTRY, "id": "c0ffee00000040008000000000000002", "jit": {"activation": "2126-11-24T10:00:00Z"}}])
        looks = [entry(seconds=24), newer, entry(seconds=24)]
        server, jit = self.scripted(no_reply("reset"), *looks, accepted("extend"), accepted("deactivate"), left=24)
        jit.wait_for_message("; trying on")
        server.wait_for_requests(8)
        run = self.end(jit)
        self.assertEqual((run.code, run.stderr.count("\n")), (5, 1), run)
        self.assertEqual(self.paths(server)[3:], ["extend", *["current-identity"] * 3, "extend", "deactivate"])

    @case("running", "an extend is refused", "one warning with the time left; tried again; COMMAND goes on")
    def test_refused(self):
        server, jit = self.scripted(reply(400, api_error("too long")), reply(400, api_error("too long")),
                                    accepted("deactivate"), left=24)
        jit.wait_for_message("warning: access to Prod DB Admin was not extended and ends in 2")
        server.wait_for_requests(5)
        run = self.end(jit)
        self.assertEqual((run.code, run.stderr.count("\n")), (5, 1), run)
        self.assertEqual(self.paths(server)[3:], ["extend", "extend", "deactivate"])

    @case("running", "COMMAND ends, or is ended, while an extend hangs", "the extend is given up; access is ended at once")
    def test_the_end_while_an_extend_hangs(self):
        for number in (None, signal.SIGTERM):
            with self.subTest(number=number):
                server, jit = self.scripted(no_reply("hang"), accepted("deactivate"), options=("--timeout", "86400"))
                server.wait_for_requests(4)
                if number:
                    jit.send_signal(number)
                    self.assertEqual(jit.read_line(), "SIGTERM\n")
                run = self.end(jit)
                self.assertEqual((run.code, run.stderr), (5, ""))
                self.assertEqual(self.paths(server)[3:], ["extend", "deactivate"])


if __name__ == "__main__":
    unittest.main()
