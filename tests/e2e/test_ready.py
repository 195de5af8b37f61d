"""--ready: access that is active but does not work yet is not called ready."""

import json
import os
import signal
import unittest
from pathlib import Path

from running import QUICK, case, children_of, until
from support import CONNECTION, Jit, Sandbox, Test, run_jit

SPEED = 10  # of the clocks


class ReadyTest(Test):
    def start(self, *words):
        self.sandbox = self.enterContext(Sandbox(*QUICK, *words, speed=SPEED))
        self.env = {**self.sandbox.token_env(), **self.own_home()}
        self.sandbox.forget()

    def probe(self, text):
        return self.program(self.env["HOME"], "probe", text)

    def counter(self, text):
        """A probe that writes a line for each try, and then does `text`."""
        log = Path(self.env["HOME"]) / "tries"
        self.tries = lambda: len(log.read_text().splitlines()) if log.exists() else 0
        return self.probe(f"echo try >>{log}\n{text}")

    def run_words(self, *words, **more):
        return run_jit(*words, env={**self.env, **more.pop("more", {})}, **more)

    def activate(self, *words, **more):
        return self.run_words("activate", "Prod DB Admin", "-m", "60", "-o", "json", *words, **more)

    def applied(self):
        return self.sandbox.applied().get(CONNECTION, {})

    def works(self):
        return next(entry["effective"] for entry in self.sandbox.activations() if entry["connectionId"] == CONNECTION)


class Works(ReadyTest):
    def test_delay(self):
        """Returns when the access works, not when it is active; says how long that took."""
        self.start("--effective-delay", "10")
        url = f"{self.env['SAIL_BASE_URL']}/sandbox/activations/{CONNECTION}/effective"
        for words in (("activate", "Prod DB Admin", "-m", "60"), ("ensure", "Prod DB Admin", "-m", "60")):
            with self.subTest(words=words):
                self.sandbox.reset()
                run = self.run_words(*words, "-o", "json", "--ready",
                                     f"curl -sSf --cacert {self.env['SSL_CERT_FILE']} {url}")
                self.assertEqual(run.code, 0, run)
                result = json.loads(run.stdout)
                self.assertTrue(self.works())
                self.assertIs(result["ready"], True)
                self.assertEqual(result["status"], "PROVISIONED")
                self.assertGreaterEqual(result["readyAfterSeconds"], 1)
                self.assertEqual(run.stderr, "")

    def test_what_the_probe_has(self):
        """The variables of its target; no credentials, no input, no terminal, no shell."""
        self.start()
        probe = self.probe("env >\"$HOME/env\"; cat >\"$HOME/input\"; echo \"$*\" >\"$HOME/words\"")
        run = self.activate("--ready", f"{probe} '$HOME' ; a", more={"SAIL_CLIENT_ID": "id", "SAIL_CLIENT_SECRET": "s"})
        self.assertEqual(run.code, 0, run)
        home = Path(self.env["HOME"])
        variables = dict(line.split("=", 1) for line in (home / "env").read_text().splitlines() if "=" in line)
        self.assertEqual(variables["JIT_ENTITLEMENT"], "Prod DB Admin")
        self.assertEqual(variables["JIT_CONNECTION_ID"], CONNECTION)
        self.assertEqual(variables["JIT_EXPIRES_AT"], json.loads(run.stdout)["expiresAt"])
        for name in ("SAIL_CLIENT_ID", "SAIL_CLIENT_SECRET", "SAIL_ACCESS_TOKEN"):
            self.assertNotIn(name, variables)
        self.assertEqual((home / "input").read_text(), "")
        self.assertEqual((home / "words").read_text(), "$HOME ; a\n")

    def test_verbose(self):
        """The output of the probe is shown with -v alone."""
        self.start()
        probe = self.probe("echo out; echo err >&2")
        self.assertEqual(self.activate("--ready", probe).stderr, "")
        self.sandbox.reset()
        shown = self.activate("--ready", probe, "-v").stderr
        self.assertIn("out", shown)
        self.assertIn("err", shown)

    def test_alias(self):
        """ready: of an alias is for its entitlements alone, and --no-wait goes without it."""
        self.start()
        probe = self.counter("")
        config = Path(self.env["HOME"]) / "config.yaml"
        config.write_text(f"aliases:\n  db: {{entitlements: Prod DB Admin, ready: {probe}}}\n")
        config.chmod(0o600)
        self.env["JIT_CONFIG"] = str(config)
        run = self.run_words("activate", "db", "Kubernetes Cluster Admin", "-m", "60", "-o", "json")
        self.assertEqual((run.code, self.tries()), (0, 1), run)
        self.assertEqual([entry.get("ready") for entry in json.loads(run.stdout)], [True, None])
        self.sandbox.reset()
        self.assertEqual(self.run_words("activate", "db", "-m", "60", "--no-wait").code, 0)
        self.assertEqual(self.tries(), 1)

    def test_active_already(self):
        """ensure shows it, too, where nothing has to be sent."""
        self.start()
        self.assertEqual(self.activate("--wait").code, 0)
        self.sandbox.forget()
        probe = self.counter("")
        run = self.run_words("ensure", "Prod DB Admin", "-m", "10", "-o", "json", "--ready", probe)
        self.assertEqual((run.code, json.loads(run.stdout)["action"], self.tries()), (0, "none", 1), run)
        self.assertEqual(self.applied(), {})


class DoesNotWork(ReadyTest):
    def test_run_ends_what_it_activated(self):
        """The message speaks of access that has ended, and has no hint to end it."""
        self.start()
        run = self.run_words("run", "-e", "Prod DB Admin", "-m", "10", "--ready", "false", "--ready-timeout", "5s", "--", "true")
        self.assertEqual(run.code, 125, run)
        self.assertIn("does not work after ", run.stderr)
        self.assertIn("; access was ended", run.stderr)
        self.assertIn("to try longer: --ready-timeout", run.stderr)
        self.assertNotIn("goes on", run.stderr)
        self.assertNotIn("jit deactivate", run.stderr)
        self.assertEqual(self.applied(), {"activate": 1, "deactivate": 1})

    def assert_not_ready(self, run, *parts):
        self.assertEqual(run.code, 12, run)
        self.assertIs(json.loads(run.stdout)["ready"], False)
        error = json.loads(run.stderr)["error"]
        self.assertEqual(error["kind"], "wait_timeout")
        for part in ("Prod DB Admin is active, but does not work", "its access goes on for ", *parts):
            self.assertIn(part, error["message"])
        self.assertEqual(self.applied(), {"activate": 1})

    def test_code(self):
        self.start()
        probe = self.counter("echo first; echo last >&2; exit 7")
        self.assert_not_ready(self.activate("--ready", probe, "--ready-timeout", "20s"), "ended with code 7 (last)")
        self.assertIn(self.tries(), range(3, 6))  # after 0, 2, 6 and 14 s

    def test_hangs(self):
        """Whatever it does with SIGTERM, and whatever it has started."""
        self.start()
        probe = self.counter("trap '' TERM; sleep 1000 & wait; sleep 1000")
        run = self.activate("--ready", probe, "--ready-timeout", "20s", "--ready-try-timeout", "5s")
        self.assert_not_ready(run, "had not ended after ")
        self.assertGreaterEqual(self.tries(), 2)

    def test_floods(self):
        self.start()
        run = self.activate("--ready", self.probe("exec yes flood"), "--ready-timeout", "10s",
                            "--ready-try-timeout", "5s")
        self.assert_not_ready(run, "had not ended after ", "(")
        self.assertLess(len(run.stderr), 1000)

    def test_steers_the_terminal(self):
        self.start()
        probe = self.probe("printf '\\033]0;x\\007evil\\033[2J'; exit 1")
        run = self.activate("--ready", probe, "--ready-timeout", "1s", "-v")
        self.assertNotIn("\x1b", run.stderr)
        self.sandbox.reset()
        self.sandbox.forget()
        self.assert_not_ready(self.activate("--ready", probe, "--ready-timeout", "1s"), "evil")

    def test_killed(self):
        self.start()
        self.assert_not_ready(self.activate("--ready", self.probe("kill -9 $$"), "--ready-timeout", "1s"),
                              "was ended by signal 9")

    def test_all_or_nothing(self):
        self.start()
        run = self.activate("Kubernetes Cluster Admin", "--all-or-nothing", "--ready", "false", "--ready-timeout", "1s")
        self.assertNotEqual(run.code, 0)
        self.assertEqual(self.applied(), {"activate": 1, "deactivate": 1})

    def test_interrupted(self):
        self.start()
        with Jit("activate", "Prod DB Admin", "-m", "60", "-o", "json", "--ready",
                 self.probe("echo started >&3; exec sleep 1000"), env=self.env) as jit:
            self.wait_for_child(jit)
            os.kill(jit._process.pid, signal.SIGINT)
            run = jit.finish()
        self.assertEqual(run.code, 130, run)
        self.assertIn("is active, and jit was interrupted before the access worked", run.stderr)

    def wait_for_child(self, jit):
        until(lambda: children_of(jit._process.pid))


class Wrong(ReadyTest):
    def test_nothing_is_sent(self):
        """A command that does not exist costs no activation."""
        self.start()
        for words, what in ((("--ready", "/nowhere/probe"), "/nowhere/probe"), (("--ready", ""), "--ready"),
                            (("--ready", "'open"), "quote"), (("--ready", "true", "--no-wait"), "--no-wait")):
            for command in ("activate", "ensure"):
                if command == "ensure" and "--no-wait" in words:
                    continue
                with self.subTest(words=words, command=command):
                    run = self.run_words(command, "Prod DB Admin", "-m", "60", *words)
                    self.assertEqual(run.code, 2, run)
                    self.assertIn(what, run.stderr)
                    self.assertEqual(self.applied(), {})


class Run(ReadyTest):
    words = ("run", "-e", "Prod DB Admin", "-m", "60", "--ready")

    @case("waiting", "--ready, and the access does not work in time", "COMMAND is not run, access is ended; code 125")
    def test_not_ready(self):
        self.start()
        run = self.run_words(*self.words, "false", "--ready-timeout", "1s", "--", "echo", "ran")
        self.assertEqual((run.code, run.stdout), (125, ""), run)
        self.assertIn("does not work", run.stderr)
        self.assertIn("access was ended", run.stderr)
        self.assertEqual(self.applied(), {"activate": 1, "deactivate": 1})

    @case("waiting", "--ready, and the access works", "COMMAND is run")
    def test_ready(self):
        self.start("--effective-delay", "10")
        url = f"{self.env['SAIL_BASE_URL']}/sandbox/activations/{CONNECTION}/effective"
        probe = f"curl -sSf --cacert {self.env['SSL_CERT_FILE']} {url}"
        run = self.run_words(*self.words, probe, "--", *probe.split(), "-o", "-")
        self.assertEqual(run.code, 0, run)
        self.assertEqual(self.applied(), {"activate": 1, "deactivate": 1})

    @case("waiting", "--ready, and SIGTERM", "access is ended, COMMAND is not run; code 128+N")
    def test_interrupted(self):
        self.start()
        with Jit(*self.words, "sleep 1000", "--", "echo", "ran", env=self.env) as jit:
            DoesNotWork.wait_for_child(self, jit)
            os.kill(jit._process.pid, signal.SIGTERM)
            run = jit.finish()
        self.assertEqual((run.code, run.stdout), (143, ""), run)
        self.assertEqual(self.applied(), {"activate": 1, "deactivate": 1})


if __name__ == "__main__":
    unittest.main()
