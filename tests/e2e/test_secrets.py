"""Secrets stay: whatever a server sends back, whatever a killed run left, whatever the environment asks for."""

import base64
import json
import os
import signal
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from urllib.parse import quote

from support import (ACCESS_TOKEN, ACTIVATE, CLIENT_SECRET, CONNECTION, FORMATS, ScriptedServer, Test, accepted,
                     acceptance, api_error, certificates, check_printed, pat_env, reply, run_jit, token_env, token_reply)
from terminal import Terminal, screen
from test_lists import active, hit

MARK = "[token]"


def page(*entries):
    """The whole list."""
    return reply(200, list(entries), [("X-Total-Count", str(len(entries)))])


def every_way(secret):
    """The secret as a server may send it back."""
    escaped = "".join(f"\\u{ord(c):04x}" if c in "-_." else c for c in secret)
    return {"plain": secret, "percent-encoded": quote(secret, safe="").replace(".", "%2e").replace("-", "%2D"), "JSON in JSON": escaped,
            "base64": base64.b64encode(secret.encode()).decode(), "basic": base64.b64encode(b"id:" + secret.encode()).decode(),
            "base64url": base64.urlsafe_b64encode(b"x" + secret.encode()).decode().rstrip("=")}


class Echoes(Test):
    """A server that sends the token back."""

    def answered(self, words, *replies, **how):
        with ScriptedServer(replies, tls=None) as server:
            run = run_jit(*words, env={**token_env(server.url), **self.own_home()}, **how)
        for way, text in every_way(ACCESS_TOKEN).items():
            for piece in (text[4:20], text[-20:-4]):
                self.assertNotIn(piece, run.stdout + run.stderr, way)
        return run

    def test_in_the_result_of_one(self):
        for form in FORMATS:
            for way, text in every_way(ACCESS_TOKEN).items():
                with self.subTest(form=form, way=way):
                    echo = acceptance(message=f"for {text}!", id=text, activationId=text, status=text, **{text: text})
                    run = self.answered([*ACTIVATE, "-o", form], reply(202, echo))
                    self.assertEqual(run.code, 0, run)
                    if form.startswith("json"):
                        self.assertIn(MARK, run.json()["message"])

    def test_in_the_results_of_several(self):
        other = CONNECTION[:-1] + "2"
        for form in FORMATS:
            with self.subTest(form=form):
                run = self.answered(["activate", CONNECTION, other, "-m", "5", "--parallel", "1", "-o", form],
                                    reply(202, acceptance(status=ACCESS_TOKEN)),
                                    reply(400, api_error(f"no: {ACCESS_TOKEN}", f"no {ACCESS_TOKEN}", ACCESS_TOKEN, ACCESS_TOKEN)))
                self.assertEqual(run.code, 10, run)
                self.assertIn(MARK, run.stdout)

    def test_in_lists_and_what_is_kept_of_them(self):
        entries = [hit(1, ACCESS_TOKEN), active(2, f"the {ACCESS_TOKEN}", hours=1), hit(3, "Prod", state=ACCESS_TOKEN)]
        for command in (["list"], ["status"]):
            for form in FORMATS:
                with self.subTest(command=command, form=form):
                    home = self.own_home()
                    with ScriptedServer([page(*entries)], tls=None) as server:
                        env = {**token_env(server.url), **home}
                        run = run_jit(*command, "-o", form, env=env)
                        self.assertIn(MARK, run.stdout)
                        self.assertIn(run.code, (0, 2), run)
                        # Those that print from the file do not know the token.
                        shown = run_jit("status", "--short", env={**env, "SAIL_ACCESS_TOKEN": ACCESS_TOKEN})
                        check_printed(shown.stdout)
                    for path in Path(home["HOME"]).rglob("*"):
                        if path.is_file():
                            self.assertNotIn(ACCESS_TOKEN[:16], path.read_text())

    def test_on_a_narrow_terminal(self):
        """A cell that is shortened may have half of it."""
        for columns in (40, 60, 80, 100):
            entries = [hit(1, ACCESS_TOKEN), hit(2, f"Prod {ACCESS_TOKEN}")]
            with Terminal(columns) as terminal, ScriptedServer([page(*entries)], tls=None) as server:
                run_jit("list", env={**token_env(server.url), **self.own_home(), "TERM": "xterm"}, stdout=terminal.end, coloured=True)
                shown = screen(terminal.read())
            for size in range(8, len(ACCESS_TOKEN)):
                self.assertNotIn(ACCESS_TOKEN[:size] + "…", shown)
            check_printed(shown, steering=False)

    def test_the_client_secret_in_an_error(self):
        for way, text in every_way(CLIENT_SECRET).items():
            for words in ([], ["-o", "json"], ["--debug"]):
                with self.subTest(way=way, words=words), ScriptedServer(
                        [reply(400, {"error": "invalid", "error_description": f"not {text}"})], tls=None) as server:
                    run = run_jit(*ACTIVATE, *words, env={**pat_env(server.url), **self.own_home()})
                    self.assertNotEqual(run.code, 0)
                    self.assertNotIn(text[4:20], run.stderr)
                    self.assertIn("[client secret]", run.stderr)

    def test_in_the_variables_of_the_command(self):
        """Nor does anything else of the service reach them as it is."""
        wild = "Prod\n\x1b[31m\u202e" + " " * 50 + "DB " + ACCESS_TOKEN + "x" * 200_000
        show = [sys.executable, "-c", "import json, os; print(json.dumps({k: v for k, v in os.environ.items() if k.startswith('JIT_')}))"]
        entry = active(1, wild, hours=1)
        entry["id"] = CONNECTION.replace("-", "")
        with ScriptedServer([page(entry)], tls=None) as server:
            run = run_jit("run", "-e", CONNECTION, "-m", "5", "--min-remaining", "0", "--", *show,
                          env={**token_env(server.url), **self.own_home()})
        self.assertEqual(run.code, 0, run)
        title = run.json()["JIT_ENTITLEMENT"]
        self.assertRegex(title, r"\AProd \ufffd\[31m\ufffd {1,2}DB \[token\]x+…\Z")
        self.assertLessEqual(len(title), 256)


class Environment(Test):
    def test_the_keys_of_connections_are_not_logged(self):
        with tempfile.TemporaryDirectory() as place, ScriptedServer([accepted(), accepted()]) as server:
            log = Path(place) / "keys"
            env = token_env(server.url, SSLKEYLOGFILE=str(log))
            self.assertEqual(run_jit(*ACTIVATE, env=env).code, 0)
            self.assertFalse(log.exists())
            os.mkfifo(log)  # nor opened
            self.assertEqual(run_jit(*ACTIVATE, env=env).code, 0)

    def test_programs_have_the_variable_nevertheless(self):
        entry = active(1, hours=1)
        entry["id"] = CONNECTION.replace("-", "")
        with ScriptedServer([page(entry)], tls=None) as server:
            run = run_jit("run", "-e", CONNECTION, "-m", "5", "--min-remaining", "0", "--", "printenv", "SSLKEYLOGFILE",
                          env={**token_env(server.url, SSLKEYLOGFILE="/some/where"), **self.own_home()})
        self.assertEqual((run.code, run.stdout), (0, "/some/where\n"), run)
        home = Path(self.own_home()["HOME"])
        (home / ".config/jit").mkdir(parents=True)
        with ScriptedServer([token_reply(), accepted()], tls=None) as server:
            seen = home / "seen"
            config = home / ".config/jit/config.yaml"
            config.write_text(f"environments:\n  default:\n    baseurl: {server.url}\n    pat: {{clientid: an-id-0123}}\n"
                              f"    credential_command: sh -c 'printenv SSLKEYLOGFILE >{seen}; echo {CLIENT_SECRET}'\n")
            self.assertEqual(run_jit(*ACTIVATE, env={"HOME": str(home), "SSLKEYLOGFILE": "/some/where"}).code, 0)
            self.assertEqual(seen.read_text(), "/some/where\n")

    def test_the_password_of_a_proxy_in_whatever_form(self):
        for value in ("robin:letmein-proxy@127.0.0.1:99999", "robin:letmein-proxy", "http://robin:letmein-proxy",
                      "socks9://robin:letmein-proxy@127.0.0.1:1", "robin:letmein-proxy@127.0.0.1:1", "http:/robin:letmein-proxy@[::1",
                      "http://robin:letmein%2Dproxy@127.0.0.1:1", "x'robin:letmein-proxy@bad host:1", "http://robin:a@letmein-proxy@127.0.0.1:x"):
            for name in ("HTTPS_PROXY", "ALL_PROXY"):
                with self.subTest(value=value, name=name), ScriptedServer() as server:
                    env = token_env(server.url, **{name: value})
                    for words in ([*ACTIVATE, "--retries", "0", "--debug"], ["auth", "status"]):
                        run = run_jit(*words, env=env)
                        self.assertNotIn("letmein", (run.stdout + run.stderr) if "@" in value or words[0] != "auth" else "")


class Logout(Test):
    def test_what_killed_runs_left_goes_at_once(self):
        home = Path(self.own_home()["HOME"])
        cache, own = home / "jit", home / ".config/jit"
        cache.mkdir(mode=0o700)
        own.mkdir(parents=True)
        left = [cache / ".token-0123456789abcdef.json.jit-aBc123", own / ".config.yaml.jit-XyZ789"]
        for words in (["auth", "logout"], ["auth", "logout", "--all"]):
            for path in left:
                path.write_text(f"pat: {CLIENT_SECRET}")
            run = run_jit(*words, env={"HOME": str(home), "XDG_RUNTIME_DIR": str(home), "SAIL_BASE_URL": "https://acme.example"})
            self.assertIn(run.code, (0, 1, 2), run)
            self.assertEqual([path for path in left if path.exists()], [])


class Spreadsheets(Test):
    def test_cells_that_a_spreadsheet_would_run(self):
        names = ["=HYPERLINK(\"http://x\")", " +1+1", "\t@SUM(A1)", "-2+3", "\uff1d1", "-5", "+49 30", "a=b"]
        with ScriptedServer([page(*(hit(number, name) for number, name in enumerate(names)))], tls=None) as server:
            run = run_jit("list", "-o", "csv", env={**token_env(server.url), **self.own_home()})
        self.assertEqual(run.code, 0, run)
        for shown in ("\"'=HYPERLINK(\"\"http://x\"\")\"", "' +1+1", "' @SUM(A1)", "'-2+3", "'\uff1d1", ",-5,", "'+49 30", "a=b"):
            self.assertIn(shown, run.stdout)

    def test_blanks_do_not_make_a_column_or_a_line(self):
        entries = [hit(1, "Prod     Postgres Production     Active"), hit(2, "x\u3000\u3000\u2003y")]
        with ScriptedServer([page(*entries), reply(403, api_error("no" + " " * 200 + "jit: done"))], tls=None) as server:
            env = {**token_env(server.url), **self.own_home()}
            run = run_jit("list", env=env)
            self.assertIn("Prod Postgres Production Active  ", run.stdout)
            self.assertIn("x y  ", run.stdout)
            self.assertIn("no  jit: done", run_jit(*ACTIVATE, env=env).stderr)


if __name__ == "__main__":
    unittest.main()
