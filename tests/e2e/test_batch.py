"""Many targets in one call: at a time, in order, within the limit, and told of one by one."""

import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

from clocks import fake_time
from support import JIT, Jit, Sandbox, Test, clean_environment, run_jit
from terminal import Terminal
from test_http2 import Nginx

_PATIENCE = 60  # seconds; only ever passed by a test that fails


def generated_ids(count):
    """The connection IDs that --connections makes, hyphenated, as a file of targets has them."""
    return [f"5ca1ab1e-0000-4000-8000-{number * 618_033_988_749 % 10**12:012}" for number in range(1, count + 1)]


def posts(sandbox, operation):
    return [request for request in sandbox.journal()["requests"] if request["path"].endswith(f"/{operation}")]


def wait_for_posts(sandbox, operation, count):
    end = time.monotonic() + _PATIENCE
    while len(posts(sandbox, operation)) < count:
        if time.monotonic() > end:
            raise AssertionError(f"{_PATIENCE} s without {count} requests to {operation}")


class ManyTest(Test):
    COUNT = 40

    @classmethod
    def setUpClass(cls):
        cls.sandbox = Sandbox("--connections", str(cls.COUNT), "--rate-limit", "0")
        cls.addClassCleanup(cls.sandbox.stop)
        cls.ids = generated_ids(cls.COUNT)

    def setUp(self):
        super().setUp()
        self.sandbox.set_faults()
        self.sandbox.reset()
        self.place = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.place)
        self.file = self.place / "targets"
        self.file.write_text("".join(f"{each}\n" for each in self.ids))

    def many(self, operation, *words, **how):
        length = [] if operation == "deactivate" else ["-m", "60"]
        return run_jit(operation, "--from-file", str(self.file), *length, *words, env=self.sandbox.env, **how)

    def start(self, *words, fault, clock=None):
        """A run over all of them, four at a time, with a fault on its way."""
        self.sandbox.set_faults(fault)
        return Jit("activate", "--from-file", str(self.file), "-m", "60", "--parallel", "4", "-o", "json", "-v", *words,
                   env={**self.sandbox.env, **(clock or {})})

    def interrupt_twice(self, jit, number):
        """Once nine requests are there, which is when it waits for four answers. How it ended."""
        wait_for_posts(self.sandbox, "activate", 9)
        jit.send_signal(number)
        jit.wait_for_message("waiting for the answers")
        jit.send_signal(number)
        return jit.finish()

    def applied(self, operation):
        counts = self.sandbox.journal()["applied"].values()
        self.assertLessEqual(max([each[operation] for each in counts], default=0), 1)
        return sum(each[operation] for each in counts)


class Sending(ManyTest):
    def test_each_once_in_order_over_few_connections(self):
        self.sandbox.forget()
        run = self.many("activate", "-o", "json")
        self.assert_done(run)
        results = run.json()
        self.assertEqual([each["entitlement"] for each in results], self.ids)
        self.assertTrue(all(each["ok"] and each["activationPeriodMins"] == 60 for each in results))
        self.assertEqual(self.applied("activate"), self.COUNT)
        self.assertLessEqual(len({each["connection"] for each in posts(self.sandbox, "activate")}), 8)
        self.assert_done(self.many("extend", "-o", "csv"))
        self.assert_done(self.many("deactivate", "--parallel", "3"))
        self.assertEqual((self.applied("extend"), self.applied("deactivate")), (self.COUNT, self.COUNT))
        self.assertLessEqual(len({each["connection"] for each in posts(self.sandbox, "deactivate")}), 3)

    def test_over_one_connection_where_it_speaks_http_2(self):
        with Sandbox("--connections", str(self.COUNT), "--rate-limit", "0", tls=False) as sandbox, Nginx(sandbox.url) as nginx:
            run = run_jit("activate", "--from-file", str(self.file), "-m", "60", "-o", "jsonl",
                          env={**sandbox.env, "SAIL_BASE_URL": nginx.url})
            self.assert_done(run)
            self.assertEqual(len(run.stdout.splitlines()), self.COUNT)
            lines = [line for line in nginx.stop() if "/activate" in line]
            self.assertEqual(len(lines), self.COUNT)
            self.assertEqual({tuple(line.split()[:2]) for line in lines}, {(lines[0].split()[0], "HTTP/2.0")})

    def test_from_standard_input_with_minutes_of_its_own(self):
        text = f'# two of them\n{{"entitlement": "{self.ids[0]}", "minutes": 7}}\n\n{self.ids[1]}\n{self.ids[1]}\n'
        process = subprocess.run([JIT, "activate", "--from-file", "-", "-d", "1h", "-o", "jsonl"], input=text, text=True,
                                 capture_output=True, env={**clean_environment(), **self.sandbox.env}, check=True)
        minutes = {each["entitlement"]: each["activationPeriodMins"] for each in map(json.loads, process.stdout.splitlines())}
        self.assertEqual(minutes, {self.ids[0]: 7, self.ids[1]: 60})

    def test_a_pipe_is_read_as_it_fills(self):
        pipe = self.place / "pipe"
        os.mkfifo(pipe)
        with Jit("activate", "--from-file", str(pipe), "-m", "60", "--dry-run", "-o", "jsonl", env=self.sandbox.env) as jit:
            pipe.write_text(f"{self.ids[0]}\n")  # waits for jit to read it
            run = jit.finish()
        self.assert_done(run)
        self.assertEqual(run.json()["body"]["connectionId"], self.ids[0])

    def test_what_has_no_end_is_given_up(self):
        for path in ("/dev/zero", "/dev/urandom"):
            run = run_jit("activate", "--from-file", path, "-m", "60", env=self.sandbox.env)
            self.assertEqual((run.code, run.stdout), (2, ""), run)
            self.assertIn("; nothing was sent", run.stderr)

    def test_a_bad_line_anywhere_and_nothing_is_sent(self):
        self.file.write_text(f"{self.ids[0]}\n{{}}\nNo Such Thing\n")
        self.sandbox.forget()
        self.assert_failed(self.many("activate"), 2, "targets, line 2: it has no \"entitlement\"", "nothing was sent")
        self.file.write_text(f"{self.ids[0]}\nNo Such Thing\nNor This\n")
        run = self.many("activate")
        self.assertEqual((run.code, run.stdout), (5, ""))
        self.assertIn("targets, line 2: none of your", run.stderr)
        self.assertIn("targets, line 3: none of your", run.stderr)
        self.assertEqual(posts(self.sandbox, "activate"), [])

    def test_a_mixture(self):
        self.sandbox.set_faults("activate@3:403")
        run = self.many("activate", "-o", "jsonl", "--parallel", "1")
        error = json.loads(run.stderr)["error"]
        self.assertEqual((run.code, error["code"], error["message"]), (10, 10, f"1 of {self.COUNT} failed"))
        failed = [each for each in map(json.loads, run.stdout.splitlines()) if not each["ok"]]
        self.assertEqual([(each["entitlement"], each["error"]["code"]) for each in failed], [(self.ids[2], 4)])

    def test_a_token_that_is_refused_midway_is_renewed_once(self):
        env = {**self.sandbox.env, "XDG_RUNTIME_DIR": str(self.place)}
        self.assert_done(run_jit("deactivate", "--all", "-q", env=env))  # the token is cached now
        self.sandbox.forget()
        self.sandbox.set_faults("activate@5-8:401")
        self.assert_done(run_jit("activate", "--from-file", str(self.file), "-m", "60", "-o", "jsonl", env=env))
        self.assertEqual(self.applied("activate"), self.COUNT)
        self.assertEqual(len(posts(self.sandbox, "token")), 1)

    def test_results_that_cannot_be_written_stop_the_sending(self):
        with open("/dev/full", "w") as full:
            process = subprocess.run([JIT, "activate", "--from-file", str(self.file), "-m", "60", "-o", "jsonl", "--parallel", "1"],
                                     stdout=full, stderr=subprocess.PIPE, text=True,
                                     env={**clean_environment(), **self.sandbox.env})
        self.assertEqual(process.returncode, 1)
        error = json.loads(process.stderr)["error"]
        self.assertIn(f"activate of {self.ids[0]} was accepted, but jit cannot write the result", error["message"])
        self.assertEqual(error["hint"], "do not send it again")
        self.assertEqual(self.applied("activate"), 1)


class Limits(ManyTest):
    def test_one_429_pauses_all(self):
        self.sandbox.set_faults("activate@9:429=2")
        self.assert_done(self.many("activate", "-o", "jsonl", "-q", "--parallel", "4"))
        self.assertEqual(self.applied("activate"), self.COUNT)
        requests = posts(self.sandbox, "activate")
        self.assertEqual(len(requests), self.COUNT + 1)
        times = [each["time"] for each in requests]
        # Those that were under way when it came may have been read after it.
        self.assertGreaterEqual(max(seconds_between(a, b) for a, b in zip(times, times[1:])), 1.5)
        self.assertLessEqual(sum(seconds_between(a, b) > 0.5 for a, b in zip(times, times[1:])), 1)

    def test_the_limit_is_met_by_few_and_all_are_sent(self):
        with Sandbox("--connections", "130", "--rate-limit", "100") as sandbox:
            env = sandbox.token_env()
            self.file.write_text("".join(f"{each}\n" for each in generated_ids(130)))
            sandbox.forget()
            self.assert_done(run_jit("activate", "--from-file", str(self.file), "-m", "60", "-o", "jsonl", "-q", env=env))
            statuses = [each["status"] for each in posts(sandbox, "activate")]
            self.assertEqual(statuses.count(202), 130)
            self.assertLessEqual(statuses.count(429), 8)

    def test_a_limit_for_too_long(self):
        self.sandbox.set_faults("activate@3+:429=3600")
        run = self.many("activate", "-o", "jsonl", "--parallel", "1")
        self.assertEqual(run.code, 10)
        codes = [each.get("error", {}).get("code", 0) for each in map(json.loads, run.stdout.splitlines())]
        self.assertEqual(sorted(codes), [0, 0] + [6] * (self.COUNT - 2))
        self.assertEqual(len(posts(self.sandbox, "activate")), 3)


def seconds_between(a, b):
    def number(text):
        hours, minutes, seconds = text[11:-1].split(":")
        return int(hours) * 3600 + int(minutes) * 60 + float(seconds)
    return (number(b) - number(a)) % 86400


class AllOrNothing(ManyTest):
    def test_what_was_started_is_ended(self):
        self.sandbox.set_faults("activate@12:400")
        run = self.many("activate", "--all-or-nothing", "-o", "json")
        self.assertEqual(run.code, 5, run)
        self.assertFalse(any(each["ok"] for each in run.json()))
        self.assertEqual(self.applied("activate"), self.applied("deactivate"))
        self.assertGreater(self.applied("activate"), 0)
        self.assertLess(len(posts(self.sandbox, "activate")), self.COUNT)

    def test_after_an_interrupt_too(self):
        # What is ended again is looked for a minute, since nobody knows whether it began.
        with self.start("--all-or-nothing", "--timeout", "86400", fault="activate@6+:hang",
                        clock=fake_time(speed=20)) as jit:
            run = self.interrupt_twice(jit, signal.SIGINT)
        self.assertEqual(run.code, 130)
        self.assertEqual((self.applied("activate"), self.applied("deactivate")), (5, 5))
        self.assertFalse(any(each["ok"] for each in json.loads(run.stdout)))


class Interrupts(ManyTest):
    def test_what_is_on_its_way_is_waited_for_and_nothing_more_is_sent(self):
        with self.start(fault="activate@6+:slow-headers=3") as jit:
            wait_for_posts(self.sandbox, "activate", 9)
            jit.send_signal(signal.SIGINT)
            run = jit.finish()
        self.assertEqual(run.code, 130)
        results = json.loads(run.stdout)
        self.assertEqual([each["entitlement"] for each in results], self.ids)
        self.assertEqual([each["ok"] for each in results], [True] * 9 + [False] * (self.COUNT - 9))
        self.assertTrue(all("nothing was sent" in each["error"]["message"] for each in results[9:]))
        self.assertEqual(self.applied("activate"), 9)

    def test_the_second_one_does_not_wait(self):
        with self.start(fault="activate@6+:hang") as jit:
            run = self.interrupt_twice(jit, signal.SIGTERM)
        self.assertEqual(run.code, 143)
        messages = [each.get("error", {}).get("message", "") for each in json.loads(run.stdout)]
        unknown = ["was sent; it may or may not have been carried out" in each for each in messages]
        self.assertEqual((messages.count(""), sum(unknown)), (5, 4), messages)
        self.assertTrue(all("nothing was sent" in each for each in messages[9:]), messages)


class OnATerminal(ManyTest):
    def test_progress(self):
        self.sandbox.set_faults("activate@20:429=1")
        with Terminal(columns=100) as terminal:
            process = subprocess.Popen([JIT, "activate", "--from-file", str(self.file), "-m", "60", "-o", "jsonl", "--parallel", "2"],
                                       stdout=subprocess.DEVNULL, stderr=terminal.end, stdin=subprocess.DEVNULL,
                                       env={**clean_environment(), **self.sandbox.env, "TERM": "xterm"})
            terminal.wait_for(f" of {self.COUNT}; waiting for the rate limit")
            self.assertEqual(process.wait(), 0)
            self.assertIn("[####", terminal.read())


class All(ManyTest):
    def test_what_is_on_is_ended_and_nothing_else(self):
        self.assert_done(run_jit("activate", *self.ids[:3], "-m", "60", "-o", "json", env=self.sandbox.env))
        run = run_jit("deactivate", "--all", "-o", "json", env=self.sandbox.env)
        self.assert_done(run)
        self.assertEqual(sorted(each["connectionId"] for each in run.json()), sorted(self.ids[:3]))
        self.assertEqual(self.applied("deactivate"), 3)
        self.sandbox.reset()
        again = run_jit("deactivate", "--all", "-o", "json", "--no-cache", env=self.sandbox.env)
        self.assertEqual((again.code, again.stdout), (0, "[]\n"))
        self.assertIn("nothing is active", again.stderr)


if __name__ == "__main__":
    unittest.main()
