"""The access token is kept between runs: whose it is, who may read it, and what a broken cache does (nothing)."""

import contextlib
import json
import os
import signal
import stat
import subprocess
import tempfile
import unittest
from pathlib import Path

from programs import is_sanitized
from support import (ACCESS_TOKEN, ACTIVATE, JIT, NO_CONNECTIONS, Jit, Sandbox, ScriptedServer, Test, accepted,
                     clean_environment, no_reply, nowhere, pat_env, reply, run_jit, token_reply, watch)

SECOND_TOKEN = "e2e-second-token.fit-for-nothing.0123456789_ABCDEFGHIJKLMNOPQRS"
watch(SECOND_TOKEN)
REFUSED = reply(401, {"error": "JWT validation failed: JWT is expired"})


class CacheTest(Test):
    """Each test has a runtime directory and a home of its own, which its runs share."""

    def setUp(self):
        self.runtime = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.home = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.server = self.enterContext(ScriptedServer(tls=None))
        self.env = {"XDG_RUNTIME_DIR": str(self.runtime), "HOME": str(self.home), **pat_env(self.server.url)}

    def activate(self, *answers, words=(), **env):
        """Runs once; the server gives these answers. The requests, each as its path and its token."""
        self.server.expect(*answers)
        run = run_jit(*ACTIVATE, *words, env={**self.env, **env})
        self.assert_done(run)
        return [(request.line.split()[1].split("/")[-1], (request.header("Authorization") or "").removeprefix("Bearer "))
                for request in self.server.take()]

    @property
    def files(self):
        return sorted(self.runtime.glob("jit/token-*.json"))

    COLD = [("token", ""), ("activate", ACCESS_TOKEN)]
    WARM = [("activate", ACCESS_TOKEN)]

    def cold(self, **how):
        self.assertEqual(self.activate(token_reply(), accepted(), **how), self.COLD)

    def warm(self, **how):
        self.assertEqual(self.activate(accepted(), **how), self.WARM)


class Kept(CacheTest):
    def test_the_second_run_makes_no_token_request(self):
        self.cold()
        self.warm()
        [file] = self.files
        self.assertEqual(stat.S_IMODE(file.stat().st_mode), 0o600)
        self.assertEqual(stat.S_IMODE(file.parent.stat().st_mode), 0o700)
        kept = json.loads(file.read_text())
        self.assertEqual((kept["base_url"], kept["access_token"]), (self.server.url, ACCESS_TOKEN))
        self.assertEqual(kept["expires"] - kept["issued"], 43200)

    def test_a_cold_run_uses_one_connection(self):
        self.cold()
        self.assertEqual(self.server.connections, 1)

    def test_no_cache(self):
        self.cold(words=["--no-cache"])
        self.assertEqual(list(self.runtime.iterdir()), [])
        self.cold()
        self.cold(words=["--no-cache"])
        self.warm()

    def test_a_token_is_of_one_tenant_and_one_client(self):
        self.cold()
        self.cold(SAIL_CLIENT_ID="another-client-id-0123456789abcd")
        with ScriptedServer([token_reply(SECOND_TOKEN), accepted()], tls=None) as other:
            self.assert_done(run_jit(*ACTIVATE, env={**self.env, "SAIL_BASE_URL": other.url}))
            self.assertEqual(other.requests[1].header("Authorization"), f"Bearer {SECOND_TOKEN}")
        self.warm()
        self.assertEqual(len(self.files), 3)

    def test_a_given_token_is_not_kept(self):
        self.activate(accepted(), SAIL_ACCESS_TOKEN=ACCESS_TOKEN)
        self.assertEqual(list(self.runtime.rglob("token-*")), [])

    def test_a_token_about_to_expire_is_not_used(self):
        for life in (0, 1):  # a second, less its margin: shorter than it takes to run again
            short = reply(200, {"access_token": ACCESS_TOKEN, "token_type": "bearer", "expires_in": life})
            self.assertEqual(self.activate(short, accepted()), self.COLD)
            for file in self.files:
                kept = json.loads(file.read_text())
                kept["issued"] -= 100
                kept["expires"] -= 100
                file.write_text(json.dumps(kept))
        self.cold()

    def test_where_it_is_kept(self):
        cache = self.home / "cache"
        self.cold(XDG_RUNTIME_DIR=None)
        self.assertTrue(list(self.home.glob(".cache/jit/token-*.json")))
        self.cold(XDG_RUNTIME_DIR=None, XDG_CACHE_HOME=str(cache))
        self.assertTrue(list(cache.glob("jit/token-*.json")))
        self.cold(XDG_RUNTIME_DIR=nowhere(), HOME=None)
        self.cold(XDG_RUNTIME_DIR=None, HOME=None)
        self.cold(XDG_RUNTIME_DIR="run", HOME=nowhere())
        self.assertFalse(os.path.exists(nowhere()))


class Refused(CacheTest):
    def test_a_cached_token_that_is_refused_is_replaced_once(self):
        self.cold()
        requests = self.activate(REFUSED, token_reply(SECOND_TOKEN), accepted())
        self.assertEqual(requests, [("activate", ACCESS_TOKEN), ("token", ""), ("activate", SECOND_TOKEN)])
        self.assertEqual(self.activate(accepted()), [("activate", SECOND_TOKEN)])

    def test_a_fresh_token_that_is_refused_is_the_end(self):
        self.server.expect(token_reply(), REFUSED)
        self.assert_failed(run_jit(*ACTIVATE, env=self.env), 3, "nothing was changed", hint="a fresh token was refused")
        self.server.expect(REFUSED, token_reply(SECOND_TOKEN), REFUSED)
        self.assert_failed(run_jit(*ACTIVATE, env=self.env), 3, "nothing was changed", hint="a fresh token was refused")
        self.assertEqual(len(self.server.take()), 5)

    def test_a_given_token_that_is_refused_is_the_end(self):
        self.server.expect(REFUSED)
        self.assert_failed(run_jit(*ACTIVATE, env={**self.env, "SAIL_ACCESS_TOKEN": ACCESS_TOKEN}), 3, "401")

    def test_no_other_refusal_renews(self):
        self.cold()
        for status in (400, 403, 404):
            # After a 400 or 404, jit looks whether the ID is that of an entitlement.
            self.server.expect(reply(status, "{}"), *([] if status == 403 else [NO_CONNECTIONS]))
            self.assertIn(run_jit(*ACTIVATE, env=self.env).code, (4, 5))
        paths = [request.line.split()[1] for request in self.server.take()]
        self.assertEqual(paths.count("/jit-activations/v1/activate"), 3)
        self.assertNotIn("/oauth/token", paths)
        self.warm()

    def test_credentials_that_are_refused_meanwhile(self):
        self.cold()
        self.server.expect(REFUSED, reply(401, {"error": "invalid_client"}))
        self.assert_failed(run_jit(*ACTIVATE, env=self.env), 3, "the token request was refused")


class Broken(CacheTest):
    """A cache that is no good costs a request, and never more."""

    def spoil(self, spoil):
        self.cold()
        [file] = self.files
        spoil(file)
        self.cold()
        [file] = self.files
        self.assertFalse(file.is_symlink())
        self.assertEqual(stat.S_IMODE(file.stat().st_mode), 0o600)
        self.warm()
        file.unlink()

    def test_every_half_of_a_file(self):
        self.cold()
        [file] = self.files
        whole = file.read_bytes()
        for size in range(0, len(whole), 17):
            file.write_bytes(whole[:size])
            self.cold()
            self.warm()

    def test_what_is_no_cache(self):
        for text in (b"", b"{}", b"[]", b"\xff\x00", b"{" * 60000, b"x" * 100000):
            with self.subTest(text=text[:10]):
                self.spoil(lambda file, text=text: file.write_bytes(text))

    def test_one_that_others_can_read_or_write(self):
        for mode in (0o644, 0o640, 0o604, 0o660, 0o666):
            with self.subTest(mode=oct(mode)):
                self.spoil(lambda file, mode=mode: file.chmod(mode))

    def test_a_symbolic_link(self):
        elsewhere = self.home / "elsewhere"

        def link(file):
            file.rename(elsewhere)
            file.symlink_to(elsewhere)
        self.spoil(link)
        self.assertEqual(json.loads(elsewhere.read_text())["access_token"], ACCESS_TOKEN)

    def test_a_pipe_and_a_directory(self):
        """They stay what they are."""
        self.cold()
        [file] = self.files
        file.unlink()
        os.mkfifo(file, 0o600)
        self.cold()
        self.assertTrue(file.is_fifo())
        file.unlink()
        file.symlink_to("/dev/null")
        self.cold()
        self.assertTrue(file.is_symlink())
        file.unlink()
        file.mkdir()
        self.cold()
        self.cold()

    def test_a_directory_that_others_can_enter_is_closed(self):
        (self.runtime / "jit").mkdir(mode=0o755)
        (self.runtime / "jit").chmod(0o777)
        self.cold()
        self.assertEqual(stat.S_IMODE((self.runtime / "jit").stat().st_mode), 0o700)

    def test_a_directory_that_is_a_link_or_a_file_is_passed_over(self):
        (self.runtime / "jit").symlink_to(self.home)
        self.cold()
        (self.runtime / "jit").unlink()
        self.assertTrue(list(self.home.glob(".cache/jit/token-*.json")))
        (self.runtime / "jit").write_text("")
        self.warm()

    @unittest.skipUnless(os.geteuid() == 0, "only root can give files away")
    def test_what_belongs_to_another(self):
        self.spoil(lambda file: os.chown(file, 1, 1))
        os.chown(self.runtime, 1, 1)
        self.cold()
        self.assertTrue(list(self.home.glob(".cache/jit/token-*.json")))

    def mount(self, directory, options):
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "none", str(directory)], capture_output=True,
                              check=False)
        if done.returncode != 0:
            self.skipTest("no right to mount here")
        self.addCleanup(subprocess.run, ["umount", str(directory)], check=True)

    def test_a_full_disk(self):
        self.mount(self.runtime, "size=16k,mode=700")
        with open(self.runtime / "full", "wb", buffering=0) as full:
            try:
                while True:
                    full.write(b"x" * 4096)
            except OSError:
                pass
        self.cold()
        self.cold()
        self.assertEqual([path.name for path in self.runtime.glob("jit/*") if path.suffix != ".lock"], [])
        (self.runtime / "full").unlink()
        self.cold()
        self.warm()
        subprocess.run(["mount", "-o", "remount,ro", str(self.runtime)], check=True)
        self.warm()  # reading is enough

    def test_a_home_that_cannot_be_written(self):
        self.mount(self.home, "size=16k,mode=700,ro")
        self.cold(XDG_RUNTIME_DIR=None)
        self.cold(XDG_RUNTIME_DIR=None)


class Killed(CacheTest):
    # What it takes to keep a token, with the most calls of each that a run makes; sanitizers make many.
    CALLS = {"mkdir": 9, "flock": 9, "openat": 500, "write": 500, "close": 500, "rename": 9, "unlink": 9}

    def test_at_every_step_of_writing(self):
        """Ended at each system call that could have to do with the cache: the next run knows nothing of it."""
        with Sandbox("--rate-limit", "0", "--provision-delay", "0", tls=False) as sandbox:
            env = {**self.env, **sandbox.env}
            traced = clean_environment({**env, "ASAN_OPTIONS": "detect_leaks=0"})  # which is a tracer itself
            killed = 0
            for call, most in self.CALLS.items():
                # A build with sanitizers makes hundreds of calls of its own: there it is every tenth.
                for step in range(1, most, 10 if is_sanitized() and most > 9 else 1):
                    for file in self.runtime.glob("jit/token-*"):
                        file.unlink()
                    inject = ["strace", "-qq", "-o", os.devnull, "-e", f"trace={call}",
                              "-e", f"inject={call}:signal=KILL:when={step}"]
                    run = subprocess.run([*inject, JIT, *ACTIVATE], env=traced, capture_output=True, check=False)
                    if run.returncode in (0, 5):
                        break  # there is no such call any more
                    killed += 1
                    self.assertIn(run_jit(*ACTIVATE, env=env).code, (0, 5))
                    sandbox.forget()
                    self.assertIn(run_jit(*ACTIVATE, env=env).code, (0, 5))
                    paths = [request["path"] for request in sandbox.journal()["requests"]]
                    self.assertNotIn("/oauth/token", paths, (call, step))
                    self.assertEqual(paths.count("/jit-activations/v1/activate"), 1, (call, step))
                else:
                    self.fail(f"more than {most} calls of {call}")
            self.assertGreater(killed, 20)


class Together(CacheTest):
    """Any number of processes at once make one token request."""

    @contextlib.contextmanager
    def sandbox(self):
        with Sandbox("--rate-limit", "0", "--connections", "250") as sandbox:
            _, entries = sandbox.ask("GET", "/entitlement-connections/v1/current-identity",
                                     headers={"Authorization": f"Bearer {sandbox.token()}"})
            self.connections = [entry["id"] for entry in json.loads(entries)]  # each process takes one
            yield sandbox

    def together(self, sandbox, count, **env):
        """Starts them, waits for all; their exit codes, and how many requests there were of each kind."""
        env = {"XDG_RUNTIME_DIR": str(self.runtime), **sandbox.env, **env}
        patient = ("--timeout", "300", "--connect-timeout", "300")  # the machine may be slow
        sandbox.forget()
        with contextlib.ExitStack() as stack:
            runs = [stack.enter_context(Jit("activate", self.connections.pop(), "-m", "60", *patient, env=env))
                    for _ in range(count)]
            codes = [run.finish().code for run in runs]
        paths = [request["path"] for request in sandbox.journal()["requests"]]
        sandbox.forget()
        return codes, paths.count("/oauth/token"), len(paths)

    def test_from_a_cold_cache(self):
        with self.sandbox() as sandbox:
            count = 50 if is_sanitized() else 200
            self.assertEqual(self.together(sandbox, count), ([0] * count, 1, count + 1))
            self.assertEqual(self.together(sandbox, 20), ([0] * 20, 0, 20))

    def test_from_a_cache_whose_token_is_refused(self):
        with self.sandbox() as sandbox:
            self.together(sandbox, 1)
            [file] = self.files
            kept = json.loads(file.read_text())
            kept["access_token"] = SECOND_TOKEN
            file.write_text(json.dumps(kept))
            codes, tokens, requests = self.together(sandbox, 50)
            self.assertEqual((codes, tokens), ([0] * 50, 1))
            self.assertLessEqual(requests, 101)

    def test_a_holder_that_dies_frees_the_others(self):
        self.server.expect(no_reply("hang"))
        with Jit(*ACTIVATE, env=self.env) as holder:
            self.server.wait_for_requests(1)
            with Jit(*ACTIVATE, env=self.env) as waiting:
                self.server.expect(token_reply(), accepted())
                holder.send_signal(signal.SIGKILL)
                self.assert_done(waiting.finish())

    def test_waiting_for_another_can_be_interrupted(self):
        self.server.expect(no_reply("hang"))
        with Jit(*ACTIVATE, env=self.env) as holder:
            self.server.wait_for_requests(1)
            for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
                with Jit(*ACTIVATE, "-v", env=self.env) as waiting:
                    waiting.wait_for_message("tenant")
                    waiting.send_signal(number)
                    run = waiting.finish()
                    self.assertEqual(run.code, code)
                    self.assertIn("before the token request was sent; nothing was changed", run.stderr)
            holder.send_signal(signal.SIGKILL)
        self.server.take()


if __name__ == "__main__":
    unittest.main()
