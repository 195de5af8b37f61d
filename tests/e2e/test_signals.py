"""Ctrl-C, SIGTERM, and a reader that has gone: jit ends at once and says what is known of the request.

Each run may take a day by its options, so that only the signal can end it in time. A signal is sent as soon
as the server, or a line on stderr, shows that jit is at the point in question.
"""

import json
import os
import signal
import socket
import subprocess
import unittest

from support import (ACTIVATE, COMMANDS, CONNECTION, JIT, Jit, Sandbox, ScriptedServer, Test, accepted,
                     clean_environment, no_reply, operation, pat_env, reply, run_jit, token_env, token_reply)

PATIENT = ["--timeout", "86400", "--connect-timeout", "86400", "--max-wait", "86400", "--retries", "100"]
SIGNALS = ((signal.SIGINT, 130), (signal.SIGTERM, 143))
NOT_SENT = f"interrupted before activate of {CONNECTION} was sent; nothing was changed"


class Signals(Test):
    def interrupted(self, jit, number, code, message):
        """Sends the signal; checks the end and the last message, which has `message` and maybe a hint."""
        jit.send_signal(number)
        run = jit.finish()
        self.assertEqual((run.code, run.stdout), (code, ""), run)
        self.assertIn(f"jit: {message}\n", run.stderr)
        return run

    def test_while_waiting_for_an_answer(self):
        for number, code in SIGNALS:
            for command in COMMANDS:
                with self.subTest(number=number, command=command), ScriptedServer([no_reply("hang")]) as server, \
                        Jit(*operation(command), *PATIENT, env=token_env(server.url)) as jit:
                    server.wait_for_requests()
                    jit.send_signal(number)
                    self.assert_failed(jit.finish(), code, f"interrupted after {command} of {CONNECTION} was sent; "
                                                           "it may or may not have been carried out",
                                       hint="before you send it again, see what became of it")
                    self.assertEqual(len(server.requests), 1)

    def test_for_scripts(self):
        for number, code in SIGNALS:
            with self.subTest(number=number), ScriptedServer([token_reply(), no_reply("hang")]) as server, \
                    Jit(*ACTIVATE, *PATIENT, "-o", "json", env=pat_env(server.url)) as jit:
                server.wait_for_requests(2)
                jit.send_signal(number)
                self.assertIn("was sent", self.error_of(jit.finish(), code)["message"])

    def test_amid_an_answer(self):
        half = reply(202, "{}" * 500)
        half = half._replace(raw=half.raw[:-100], then="hang")
        with ScriptedServer([half]) as server, Jit(*ACTIVATE, *PATIENT, env=token_env(server.url)) as jit:
            server.wait_for_requests()
            self.interrupted(jit, signal.SIGINT, 130,
                             f"interrupted after activate of {CONNECTION} was sent; "
                             "it may or may not have been carried out")

    def test_while_waiting_for_the_token(self):
        for number, code in SIGNALS:
            with self.subTest(number=number), ScriptedServer([no_reply("hang")]) as server, \
                    Jit(*ACTIVATE, *PATIENT, env=pat_env(server.url)) as jit:
                server.wait_for_requests()
                self.interrupted(jit, number, code, "interrupted after the token request was sent; nothing was changed")

    def test_while_connecting(self):
        for number, code in SIGNALS:
            with self.subTest(number=number), ScriptedServer(handshake=False) as server, \
                    Jit(*ACTIVATE, *PATIENT, env=token_env(server.url)) as jit:
                server.wait_for_greeting()
                self.interrupted(jit, number, code, NOT_SENT)
                self.assertEqual(server.connections, 1)

    def test_while_the_time_is_sat_out_that_the_server_asked_for(self):
        for number, code in SIGNALS:
            with self.subTest(number=number), ScriptedServer([reply(429, "", [("Retry-After", "3600")])]) as server, \
                    Jit(*ACTIVATE, *PATIENT, "-v", env=token_env(server.url)) as jit:
                jit.wait_for_message("; not carried out; try 2 of 101 in 3600.0 s")
                self.interrupted(jit, number, code, NOT_SENT.replace("was sent", "was carried out"))
                self.assertEqual(len(server.requests), 1)

    def test_between_tries_to_connect(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            env = token_env(f"https://127.0.0.1:{taken.getsockname()[1]}")
            for number, code in SIGNALS:
                with self.subTest(number=number), Jit(*ACTIVATE, *PATIENT, "-v", env=env) as jit:
                    jit.wait_for_message("; try 4 of 101 in ")
                    self.interrupted(jit, number, code, NOT_SENT)

    def test_a_second_signal_does_no_harm(self):
        with ScriptedServer([no_reply("hang")]) as server, Jit(*ACTIVATE, *PATIENT, env=token_env(server.url)) as jit:
            server.wait_for_requests()
            jit.send_signal(signal.SIGINT)
            jit.send_signal(signal.SIGINT)
            self.assertEqual(jit.finish().code, 130)

    def test_what_the_caller_ignores_stays_ignored(self):
        """As nohup and shells in the background have it."""
        for number, _ in SIGNALS:
            before = signal.signal(number, signal.SIG_IGN)
            try:
                with self.subTest(number=number), \
                        ScriptedServer([reply(429, "", [("Retry-After", "1")]), accepted()]) as server, \
                        Jit(*ACTIVATE, "-v", env=token_env(server.url)) as jit:
                    jit.wait_for_message("; try 2 of 4 in ")
                    jit.send_signal(number)
                    self.assertEqual(jit.finish().code, 0)
            finally:
                signal.signal(number, before)


class Streams(Test):
    """stdout and stderr that take nothing, or are not there at all."""

    def closed_reader(self):
        """The end of a pipe to write to, whose other end is closed."""
        reading, writing = os.pipe()
        os.close(reading)
        self.addCleanup(os.close, writing)
        return writing

    def test_a_reader_that_has_gone(self):
        with ScriptedServer([accepted()] * 2) as server:
            env = token_env(server.url)
            run = run_jit(*ACTIVATE, env=env, stdout=self.closed_reader())
            self.assert_failed(run, 1, f"activate of {CONNECTION} was accepted, but jit cannot write the result",
                               hint="do not send it again")
            error = self.error_of(run_jit(*ACTIVATE, "-o", "json", env=env, stdout=self.closed_reader()), 1)
            self.assertIn("Broken pipe", error["message"])

    def test_who_only_reads_ends_without_a_word_like_others(self):
        """By SIGPIPE, which a shell shows as 141; also where whoever started jit ignores that signal."""
        with Sandbox("--connections", "2000", "--rate-limit", "0") as sandbox:
            env = {**sandbox.token_env(), **self.own_home()}
            first = json.loads(run_jit("list", "-o", "jsonl", env=env).stdout.split("\n")[0])["connectionId"]
            self.assert_done(run_jit("activate", first, "-m", "60", env=env))
            cases = [["list"], ["list", "-o", "json"], ["status", "-o", "csv"], ["history", "-o", "jsonl"], ["--help"],
                     ["history", "--detail"], ["history", "--timeline"], ["policy", "-h"], ["completion", "bash"],
                     ["--version"], ["status", "--short"], ["auth", "status"]]
            for words in cases:
                for kept in (True, False):  # Python ignores SIGPIPE, and so does what it starts if that is kept
                    with self.subTest(words=words, ignored=not kept):
                        run = run_jit(*words, env=env, stdout=self.closed_reader(), restore_signals=kept)
                        self.assertEqual((run.code, run.stderr), (-signal.SIGPIPE, ""))
            for form in ("table", "json", "jsonl", "csv"):
                with self.subTest(form=form):
                    script = '"$0" list -o "$1" | head -n 1 >/dev/null; echo "${PIPESTATUS[0]}"'
                    done = subprocess.run(["bash", "-c", script, JIT, form], env=clean_environment(env),
                                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False)
                    self.assertEqual((done.stdout, done.stderr), ("141\n", ""))

    def test_a_reader_of_stderr_that_has_gone(self):
        with ScriptedServer([accepted()]) as server:
            run = run_jit(*ACTIVATE, "--debug", env=token_env(server.url), stderr=self.closed_reader())
            self.assertEqual(run.code, 0)
            self.assertIn(CONNECTION, run.stdout)
        self.assertEqual(run_jit("activte", stderr=self.closed_reader()).code, 2)

    def test_streams_that_are_closed_from_the_start(self):
        """What jit opens next gets their numbers; it must not take those for the streams."""
        cases = [(">&-", 1, "stderr", "was accepted, but"), ("<&- >&-", 1, "stderr", "was accepted, but"),
                 ("2>&-", 0, "stdout", CONNECTION), ("<&- 2>&-", 0, "stdout", CONNECTION),
                 ("<&- >&- 2>&-", 1, "stdout", "")]
        for closing, code, stream, part in cases:
            for words in ([], ["--debug"]):
                with self.subTest(closing=closing, words=words), ScriptedServer([accepted()], tls=None) as server:
                    done = subprocess.run(["/bin/sh", "-c", f'exec "$0" "$@" {closing}', JIT, *ACTIVATE, *words],
                                          env=clean_environment(token_env(server.url)), stdin=subprocess.DEVNULL,
                                          capture_output=True, text=True, timeout=60, check=False)
                    self.assertEqual(done.returncode, code, done)
                    self.assertIn(part, getattr(done, stream))
                    [request] = server.requests  # and nothing but the request
                    self.assertEqual(request.json(), {"connectionId": CONNECTION, "activationPeriodMins": 60})

    def test_a_slow_reader(self):
        """Far more than a pipe holds."""
        long = "x" * 300_000
        with ScriptedServer([accepted(extra=long)]) as server:
            with Jit(*ACTIVATE, "-o", "jsonl", env=token_env(server.url)) as jit:
                server.wait_for_requests()
                run = jit.finish()
            self.assertEqual(run.code, 0)
            self.assertEqual(run.json()["extra"], long)


if __name__ == "__main__":
    unittest.main()
