"""jit-sandbox as its user sees it."""

import contextlib
import json
import re
import shlex
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.parse
from pathlib import Path

from support import (ACTIVATE, COMMANDS, CONNECTION, JIT, JIT_SANDBOX, Sandbox, Test, certificates, clean_environment,
                     jit_version, nowhere, old_tls, operation, parse_time, run_jit)

FRICTIONS = "c0ffee00-0000-4000-8000-000000000014"
FAILS = "c0ffee00-0000-4000-8000-000000000015"
CONNECTIONS, MY_CONNECTIONS = "/entitlement-connections/v1", "/entitlement-connections/v1/current-identity"
HISTORY, MY_HISTORY = "/jit-activation-history/v1", "/jit-activation-history/v1/current-identity"
POLICY = "/jit-activation-config/v1/policy"
SECRET = re.compile(r"\Apractice-only-not-a-secret-[\w.-]+\Z")


def sandbox(*words, env=None, **how):
    """Runs jit-sandbox to its end."""
    return subprocess.run([JIT_SANDBOX, *words], env=clean_environment(env), stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=60, check=False, **how)


def until(condition, what):
    """Asks again and again, the asking being the pause, until it is so."""
    end = time.monotonic() + 60
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"a minute has passed without {what}")


class Command(Test):
    """jit-sandbox -- COMMAND"""

    def test_the_exit_code_is_that_of_the_command(self):
        cases = {"true": 0, "exit 7": 7, "exit 255": 255, "kill -9 $$": 137, "kill -TERM $$": 143, "kill -INT $$": 130}
        for script, code in cases.items():
            with self.subTest(script=script):
                done = sandbox("--", "/bin/sh", "-c", script)
                self.assertEqual((done.returncode, done.stdout, done.stderr), (code, "", ""))

    def test_a_command_that_cannot_be_run(self):
        with tempfile.TemporaryDirectory() as directory:
            text = Path(directory, "text")
            text.write_text("no program\n")
            cases = [(nowhere(), 127, "No such file"), ("no-such-program-42", 127, "No such file"),
                     (str(text), 126, "Permission denied"), (directory, 126, "Permission denied")]
            for command, code, part in cases:
                with self.subTest(command=command):
                    done = sandbox("--", command)
                    self.assertEqual((done.returncode, done.stdout), (code, ""))
                    self.assertTrue(done.stderr.startswith(f"jit-sandbox: {command}: {part}"), done.stderr)

    def test_what_the_command_gets(self):
        misleading = {"SAIL_ACCESS_TOKEN": "x", "SAIL_ACTIVEENVIRONMENT": "x", "SAIL_BASE_URL": "x", "KEPT": "a b"}
        done = sandbox("--", "/usr/bin/env", env=misleading)
        variables = dict(line.split("=", 1) for line in done.stdout.splitlines())
        self.assertRegex(variables["SAIL_BASE_URL"], r"\Ahttp://127\.0\.0\.1:\d+\Z")
        self.assertRegex(variables["SAIL_CLIENT_ID"], r"\A[0-9a-f]{32}\Z")
        self.assertRegex(variables["SAIL_CLIENT_SECRET"], SECRET)
        self.assertEqual(len(variables["SAIL_CLIENT_SECRET"]), 64)
        self.assertEqual(variables["KEPT"], "a b")
        self.assertFalse({"SAIL_ACCESS_TOKEN", "SAIL_ACTIVEENVIRONMENT"} & set(variables))
        words = sandbox("--", "/bin/sh", "-c", 'printf "%s|" "$@"', "sh", "a b", "--verbose", "--", "")
        self.assertEqual(words.stdout, "a b|--verbose|--||")

    def test_stdin_and_stdout_are_the_commands(self):
        done = subprocess.run([JIT_SANDBOX, "--", "cat"], env=clean_environment(), input=b"through\0it", timeout=60,
                              capture_output=True, check=False)
        self.assertEqual((done.returncode, done.stdout), (0, b"through\0it"))

    def test_jit_in_it(self):
        done = sandbox("--", JIT, *ACTIVATE, "-o", "json")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(json.loads(done.stdout)["connectionId"], CONNECTION)
        self.assertEqual(sandbox("--", JIT, *operation("extend")).returncode, 5)

    WAITS = ("import signal, sys; awaited = {signal.SIGTERM, signal.SIGHUP}; "
             "signal.pthread_sigmask(signal.SIG_BLOCK, awaited); print('ready', flush=True); "
             "print('got', int(signal.sigwait(awaited)), flush=True); sys.exit(3)")

    def test_signals_reach_the_command(self):
        for number in (signal.SIGTERM, signal.SIGHUP):
            with self.subTest(number=number), subprocess.Popen(
                    [JIT_SANDBOX, "--", sys.executable, "-c", self.WAITS], env=clean_environment(), text=True,
                    stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as process:
                self.assertEqual(process.stdout.readline(), "ready\n")
                process.send_signal(number)
                self.assertEqual(process.stdout.readline(), f"got {int(number)}\n")
                self.assertEqual(process.wait(60), 3)

    def test_the_server_ends_with_the_command(self):
        url = sandbox("--", "/bin/sh", "-c", "echo $SAIL_BASE_URL").stdout.strip()
        with socket.socket() as probe:
            self.assertNotEqual(probe.connect_ex(("127.0.0.1", urllib.parse.urlsplit(url).port)), 0)


class Serving(Test):
    """Without a command."""

    def test_the_lines_it_prints(self):
        with Sandbox(tls=False) as served:
            self.assertEqual(len(served.lines), 5)
            names = [re.match(r"export (\w+)='[^']*'\Z", line)[1] for line in served.lines[:4]]
            self.assertEqual(names, ["SAIL_BASE_URL", "SAIL_CLIENT_ID", "SAIL_CLIENT_SECRET", "JIT_SANDBOX_PID"])
            self.assertEqual(shlex.split(served.lines[3])[1], f"JIT_SANDBOX_PID={served.pid}")
            self.assertEqual(served.lines[4], "unset SAIL_ACCESS_TOKEN SAIL_ACTIVEENVIRONMENT")

    def test_a_shell_that_evaluates_them(self):
        script = ('eval "$("$0" &)"; trap "kill $JIT_SANDBOX_PID" EXIT; "$1" activate "$2" -m 5 -o json && '
                  'echo "${SAIL_ACCESS_TOKEN-unset} $SAIL_BASE_URL"')
        done = subprocess.run(["/bin/sh", "-c", script, JIT_SANDBOX, JIT, CONNECTION], stdin=subprocess.DEVNULL,
                              env=clean_environment({"SAIL_ACCESS_TOKEN": "misleading"}), capture_output=True,
                              text=True, timeout=60, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        token, url = done.stdout.splitlines()[-1].split()
        self.assertEqual(token, "unset")
        self.assertEqual(json.loads(done.stdout[:done.stdout.rindex("}") + 1])["activationPeriodMins"], 5)
        port = urllib.parse.urlsplit(url).port
        until(lambda: self.refuses(port), "the end of the sandbox")

    @staticmethod
    def refuses(port):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) != 0

    def test_signals_end_it_well(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            with self.subTest(number=number):
                with Sandbox(signal=number) as served:
                    pass  # its end is looked at there
                self.assertEqual(served.stderr, "")

    def test_only_this_machine_can_reach_it(self):
        with Sandbox() as served:
            listening = set()
            for table in ("/proc/net/tcp", "/proc/net/tcp6"):
                for line in Path(table).read_text().splitlines()[1:]:
                    address, port = line.split()[1].split(":")
                    if line.split()[3] == "0A" and int(port, 16) == served.port:
                        listening.add(address)
            self.assertIn("0100007F", listening)
            self.assertLessEqual(listening, {"0100007F", "00000000000000000000000001000000"})

    def test_a_port_of_ones_choice(self):
        with Sandbox(tls=False) as first:
            done = sandbox("--port", str(first.port))
            self.assertEqual((done.returncode, done.stdout), (1, ""))
            self.assertIn(f"jit-sandbox: cannot listen on port {first.port} of 127.0.0.1: ", done.stderr)
            port = first.port
        with Sandbox("--port", str(port), tls=False) as second:  # just set free
            self.assertEqual(second.url, f"http://127.0.0.1:{port}")

    def test_tls(self):
        with Sandbox() as served:
            self.assertEqual(served.url, f"https://localhost:{served.port}")
            self.assert_done(run_jit(*ACTIVATE, env=served.env))
            client = old_tls(ssl.PROTOCOL_TLS_CLIENT)
            client.check_hostname, client.verify_mode = False, ssl.CERT_NONE
            with socket.create_connection(("127.0.0.1", served.port)) as plain, self.assertRaises(ssl.SSLError):
                client.wrap_socket(plain)

    def test_verbose(self):
        with Sandbox("--verbose") as served:
            self.assert_done(run_jit(*ACTIVATE, env=served.env))
        said = [re.sub(r" \d{4}-\S+Z ", " TIME ", line) for line in served.stderr.splitlines()]
        self.assertEqual(said, ["jit-sandbox: TIME POST /oauth/token 200",
                                "jit-sandbox: TIME POST /jit-activations/v1/activate 202"])


class Options(Test):
    def test_what_is_no_good(self):
        good = certificates().good
        with tempfile.TemporaryDirectory() as directory:
            broken = Path(directory, "broken.json")
            broken.write_text('{"identities": [')
            cases = [
                (["--rate-limt", "5"], "--rate-limit"), (["--rate-limit", "-1"], "--rate-limit"),
                (["--rate-limit", "x"], "--rate-limit"), (["--time-scale", "0"], "--time-scale"),
                (["--port", "65536"], "--port"), (["--provision-delay", "nan"], "--provision-delay"),
                (["--list-lag", "-1"], "--list-lag"), (["--friction-timeout", "x"], "--friction-timeout"),
                (["--connections", "0"], "--connections"), (["--connections", "5", "--data", "x"], "--data"),
                (["--without-feature", "lists"], "connections or history"),
                (["--no-policy", "--max-minutes", "5"], "--max-minutes"),
                (["--max-minutes", "0"], "--max-minutes"), (["--token-lifetime", "0"], "--token-lifetime"),
                (["bash"], "put -- before the command"), (["--"], "no command"),
                (["--identity", "nobody"], "nobody"), (["--identity", "robin.opps"], "robin.ops"),
                (["--data", str(broken)], str(broken)), (["--data", nowhere()], nowhere()),
                (["--tls-cert", good.certificate], "--tls-key"),
                (["--tls-cert", nowhere(), "--tls-key", good.key], nowhere()),
                (["--tls-cert", good.certificate, "--tls-key", good.certificate], good.certificate),
                (["--tls-cert", good.certificate, "--tls-key", self.another_key(directory)], "key")]
            for words, part in cases:
                with self.subTest(words=words):
                    done = sandbox(*words)
                    self.assertEqual((done.returncode, done.stdout), (2, ""))
                    self.assertTrue(done.stderr.startswith("jit-sandbox: "), done.stderr)
                    self.assertIn(part, done.stderr)

    @staticmethod
    def another_key(directory):
        key = str(Path(directory, "another.key"))
        subprocess.run(["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", key],
                       check=True, capture_output=True)
        return key

    def test_version(self):
        done = sandbox("--version")
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, f"jit-sandbox {jit_version()}\n", ""))

    def test_stdout_that_takes_nothing(self):
        for words in (["--help"], ["--list-data"], []):
            with self.subTest(words=words), open("/dev/full", "wb") as full:
                done = subprocess.run([JIT_SANDBOX, *words], env=clean_environment(), stdin=subprocess.DEVNULL,
                                      stdout=full, stderr=subprocess.PIPE, timeout=60, check=False)
                self.assertEqual((done.returncode, done.stderr), (1, b"jit-sandbox: cannot write to stdout\n"))

    def test_the_data_of_ones_own(self):
        with tempfile.TemporaryDirectory() as directory:
            first = sandbox("--list-data")
            self.assertEqual((first.returncode, first.stderr), (0, ""))
            data = Path(directory, "data.json")
            data.write_text(first.stdout)
            again = sandbox("--data", str(data), "--list-data")
            self.assertEqual((again.returncode, again.stdout), (0, first.stdout))
            # Another ID in the same data is another connection.
            other = CONNECTION.replace("c0ffee00", "decaf000")
            data.write_text(first.stdout.replace(CONNECTION, other))
            with Sandbox("--data", str(data)) as served:
                self.assert_done(run_jit(*operation("activate", connection=other), env=served.env))
                self.assert_failed(run_jit(*ACTIVATE, env=served.env), 5, "HTTP 404")

    def test_each_identity_of_the_data(self):
        data = json.loads(sandbox("--list-data").stdout)
        for identity in data["identities"]:
            for name in (identity["alias"], identity["name"].upper()):
                with self.subTest(name=name):
                    done = sandbox("--identity", name, "--", "/bin/sh", "-c", 'echo "$SAIL_CLIENT_SECRET"')
                    self.assertIn(identity["alias"], done.stdout)


class Behaviour(Test):
    """What the tenant does."""

    def status(self, served):
        return [activation["status"] for activation in served.activations()]

    def test_states_over_time(self):
        # 60 minutes pass in 1.5 s, the delay of 2 minutes in 50 ms.
        with Sandbox("--provision-delay", "120", "--time-scale", "2400", "--rate-limit", "0") as served:
            self.assert_done(run_jit(*ACTIVATE, env=served.env))
            seen = []

            def look():
                [status] = self.status(served)
                if status not in seen:
                    seen.append(status)
                return status == "COMPLETED"
            until(look, "the end of the access")
            every = ["CREATING", "ACTIVATING", "PROVISIONED", "DEPROVISIONING", "COMPLETED"]
            self.assertEqual(seen, [status for status in every if status in seen])  # a slow look misses some
            self.assert_failed(run_jit(*operation("extend"), env=served.env), 5, "No activation is running")
            self.assert_done(run_jit(*ACTIVATE, env=served.env))
            self.assertEqual(len(served.activations()), 2)

    def test_each_operation_and_what_is_told_of_it(self):
        with Sandbox("--provision-delay", "0") as served:
            self.assert_done(run_jit(*ACTIVATE, env=served.env))
            self.assertEqual(self.status(served), ["PROVISIONED"])
            self.assert_done(run_jit(*operation("extend"), env=served.env))
            [activation] = served.activations()
            self.assertEqual((activation["connectionId"], activation["minutes"], activation["identity"]),
                             (CONNECTION, 120, "robin.ops"))
            length = parse_time(activation["expiration"]) - parse_time(activation["startTime"])
            self.assertEqual(length.total_seconds(), 120 * 60)
            self.assert_done(run_jit(*operation("deactivate"), env=served.env))
            self.assertEqual(self.status(served), ["COMPLETED"])
            self.assertEqual(served.journal()["applied"], {CONNECTION: {"activate": 1, "extend": 1, "deactivate": 1}})

    def test_the_journal(self):
        with Sandbox("--provision-delay", "0") as served:
            for command in COMMANDS:
                self.assert_done(run_jit(*operation(command, "--request-origin", "e2e"), env=served.env))
            text = served.ask("GET", "/sandbox/journal")[1].decode()
            self.assertNotIn(served.env["SAIL_CLIENT_SECRET"], text)
            self.assertNotRegex(text, r"eyJ[\w-]+\.")
            journal = json.loads(text)
            self.assertEqual(journal["connections"], 3)
            names = ("n", "connection", "path", "status")
            seen = [tuple(entry[name] for name in names) for entry in journal["requests"]]
            paths = []
            for number, command in enumerate(COMMANDS, 1):
                paths += [(number, "/oauth/token", 200), (number, f"/jit-activations/v1/{command}", 202)]
                if command == "extend":  # which reads the new end
                    paths.append((number, "/entitlement-connections/v1/current-identity", 200))
            self.assertEqual(seen, [(number, *path) for number, path in enumerate(paths, 1)])
            token, activation = journal["requests"][:2]
            self.assertEqual(token["body"], "grant_type=client_credentials&client_id="
                                            f"{served.env['SAIL_CLIENT_ID']}&client_secret=<secret>")
            self.assertIn(["Authorization", "Bearer <token 1>"], activation["headers"])
            self.assertIn(["X-SailPoint-Experimental", "true"], activation["headers"])
            self.assertEqual(json.loads(activation["body"]), {
                "connectionId": CONNECTION, "activationPeriodMins": 60, "requestOrigin": "e2e"})
            self.assertEqual(served.ask("DELETE", "/sandbox/journal")[0], 204)
            self.assertEqual(served.journal(), {"connections": 0, "requests": [], "applied": {}})

    def test_frictions_from_outside(self):
        with Sandbox("--provision-delay", "0") as served:
            self.assert_done(run_jit(*operation("activate", connection=FRICTIONS), env=served.env))
            self.assertEqual(self.status(served), ["AWAITING_FRICTIONS"])
            self.assert_failed(run_jit(*operation("extend", connection=FRICTIONS), env=served.env), 5, "frictions")
            [activation] = served.activations()
            status, body = served.ask("POST", f"/sandbox/activations/{activation['activationId']}/frictions")
            self.assertEqual((status, json.loads(body)["status"]), (200, "PROVISIONED"))
            status, body = served.ask("POST", f"/sandbox/activations/{FRICTIONS}/revoke")
            self.assertEqual((status, json.loads(body)["status"]), (200, "REVOKED"))

    def test_provisioning_that_fails(self):
        with Sandbox("--provision-delay", "0") as served:
            self.assert_done(run_jit(*operation("activate", connection=FAILS), env=served.env))
            self.assertEqual(self.status(served), ["ERROR"])

    def test_a_token_that_is_over(self):
        with Sandbox("--token-lifetime", "1", "--rate-limit", "0") as served:
            env = served.token_env()
            authorization = {"Authorization": f"Bearer {env['SAIL_ACCESS_TOKEN']}", "Content-Type": "application/json"}
            until(lambda: served.ask("POST", "/jit-activations/v1/activate", "{}", authorization)[0] == 401,
                  "the end of the token")
            self.assert_failed(run_jit(*ACTIVATE, env=env), 3, "HTTP 401: JWT validation failed: JWT is expired",
                               hint="SAIL_ACCESS_TOKEN")
            self.assertEqual(served.journal()["applied"], {})

    def test_the_rate_limit_is_of_the_client(self):
        with Sandbox("--rate-limit", "2", "--provision-delay", "0") as served:
            first, second = served.token_env(), served.token_env()
            self.assert_done(run_jit(*ACTIVATE, env=first))
            self.assert_done(run_jit(*operation("extend"), env=first))
            refused = [*operation("extend"), "--max-wait", "0"]
            self.assert_failed(run_jit(*refused, env=first), 6, "Rate Limit Exceeded", "nothing was changed", hint="try again in")
            error = self.error_of(run_jit(*refused, "-o", "json", env=first), 6)
            self.assertIn(error["retryAfter"], range(1, 11))
            self.assert_failed(run_jit(*refused, env=second), 6, "Rate Limit Exceeded")
            self.assertEqual(served.journal()["applied"][CONNECTION]["extend"], 1)

    def test_what_it_does_not_know(self):
        with Sandbox() as served:
            status, body = served.ask("GET", "/v3/identities")
            self.assertEqual(status, 404)
            self.assertEqual(sorted(json.loads(body)), ["causes", "detailCode", "messages", "trackingId"])
            status, _ = served.ask("GET", "/jit-activations/v1/activate")
            self.assertEqual(status, 405)
            status, _ = served.ask("POST", "/jit-activations/v1/activate", "x" * (1024 * 1024 + 1))
            self.assertEqual(status, 413)

    def test_it_survives_clients_that_misbehave(self):
        with Sandbox(tls=False) as served:
            for data in (b"\0" * 1000, b"GET / HTTP/9.9\r\n\r\n",
                         b"POST /oauth/token HTTP/1.1\r\nContent-Length: 99\r\n\r\nx", b"GET /" + b"a" * 100_000,
                         b"GET / HTTP/1.1\r\nX: \xff\x1b[31m\r\n\r\n", b""):
                with self.subTest(data=data[:20]), socket.create_connection(("127.0.0.1", served.port)) as client:
                    with contextlib.suppress(OSError):  # it may have had enough before the end
                        client.sendall(data)
            with socket.create_connection(("127.0.0.1", served.port)):  # silent, while others are served
                self.assert_done(run_jit(*ACTIVATE, env=served.env))


class Lists(Test):
    """What the tenant tells, over TLS."""

    @staticmethod
    def asker(served):
        """Asks for a list, with a token of its own. The status, the rows or the error."""
        headers = {"Authorization": f"Bearer {served.token()}", "X-SailPoint-Experimental": "true"}

        def ask(path, **parameters):
            query = urllib.parse.urlencode(parameters, doseq=True)
            status, body = served.ask("GET", f"{path}?{query}" if query else path, headers=headers)
            return status, json.loads(body)
        return ask

    def test_connections_and_history_of_an_activation(self):
        with Sandbox("--provision-delay", "0") as served:
            ask = self.asker(served)
            self.assertEqual(ask(MY_HISTORY), (200, []))
            self.assert_done(run_jit(*ACTIVATE, env=served.env))
            status, [document] = ask(MY_HISTORY, filters=f'connectionId eq "{CONNECTION}"',
                                     sorters="-activationInitiated", limit=1)
            self.assertEqual((status, document["status"]), (200, "PROVISIONED"))
            self.assertEqual(document["id"], served.activations()[0]["activationId"])
            status, [hit] = ask(MY_CONNECTIONS, filters='state.value eq "Active" and source.name co "postgres"')
            self.assertEqual((status, hit["id"]), (200, CONNECTION.replace("-", "")))
            self.assertEqual(hit["jit"]["provisioned"], document["provisionCompleted"])
            self.assertEqual(ask(MY_CONNECTIONS, filters='state.value is "Active"')[0], 400)

    def test_the_journal_has_the_path_and_the_query(self):
        with Sandbox() as served:
            ask = self.asker(served)
            served.forget()
            ask(MY_CONNECTIONS, filters='type eq "JIT"', limit=5)
            ask(MY_HISTORY)
            seen = [(entry["method"], entry["path"], entry["query"], entry["status"])
                    for entry in served.journal()["requests"]]
            self.assertEqual(seen, [("GET", MY_CONNECTIONS, "filters=type+eq+%22JIT%22&limit=5", 200),
                                    ("GET", MY_HISTORY, "", 200)])

    def test_who_may_read_what(self):
        every = {MY_CONNECTIONS, MY_HISTORY, CONNECTIONS, HISTORY, POLICY}
        for identity, granted in (("robin.ops", {MY_CONNECTIONS, MY_HISTORY}), ("alex.admin", every),
                                  ("reader", {MY_CONNECTIONS}), ("pipeline", set()), ("service", set())):
            with self.subTest(identity=identity), Sandbox("--identity", identity) as served:
                ask = self.asker(served)
                self.assertEqual({path: ask(path)[0] for path in every},
                                 {path: 200 if path in granted else 403 for path in every})

    def test_a_tenant_without(self):
        options = ("--without-feature", "connections", "--without-feature", "history", "--no-policy")
        with Sandbox("--identity", "alex.admin", *options) as served:
            ask = self.asker(served)
            for path, status in ((MY_CONNECTIONS, 412), (CONNECTIONS, 412), (MY_HISTORY, 403), (HISTORY, 403),
                                 (POLICY, 404)):
                self.assertEqual(ask(path)[0], status, path)
            self.assertEqual(ask(CONNECTIONS)[1], {"message": " API/Feature not enabled for your organization."})

    def test_lists_that_are_behind(self):
        with Sandbox("--provision-delay", "0", "--list-lag", "86400") as served:
            self.assert_done(run_jit(*ACTIVATE, env=served.env))
            ask = self.asker(served)
            self.assertEqual(ask(MY_HISTORY), (200, []))
            self.assertEqual({hit["state"]["value"] for hit in ask(MY_CONNECTIONS)[1]}, {"Available"})
            self.assertEqual(served.activations()[0]["status"], "PROVISIONED")

    def test_many_connections(self):
        with Sandbox("--connections", "10600", "--rate-limit", "0") as served:
            ask = self.asker(served)
            seen, parameters = [], {"sorters": "id"}
            while rows := ask(MY_CONNECTIONS, **parameters)[1]:
                seen += [row["id"] for row in rows]
                parameters = {"sorters": "id", "searchAfter": seen[-1]}
            self.assertEqual((len(seen), len(set(seen))), (10600, 10600))
            self.assertEqual(seen, sorted(seen))
            self.assertEqual(ask(MY_CONNECTIONS, offset=9800)[0], 400)


if __name__ == "__main__":
    unittest.main()
