"""Whom jit trusts, and that it sends nothing to anybody else."""

import socket
import ssl
import subprocess
import tempfile
import unittest
from pathlib import Path

from clocks import fake_time
from support import (ACCESS_TOKEN, ACTIVATE, COMMANDS, Sandbox, ScriptedServer, Test, accepted, certificates, nowhere, old_tls,
                     operation, pat_env, run_jit, server_tls, token_env)


class Server(Test):
    """What a server shows."""

    def test_certificates_that_are_no_good(self):
        made = certificates()
        other_ca, other_server = "--ca-file", "check the base URL"
        cases = {"self-signed": (made.self_signed, other_ca), "expired": (made.expired, other_server),
                 "for another name": (made.wrong_name, other_server),
                 "of an unknown authority": (made.of_other_ca, other_ca)}
        for name, (identity, to_do) in cases.items():
            for env in (token_env, pat_env):
                with self.subTest(name, env=env.__name__), ScriptedServer(tls=server_tls(identity)) as server:
                    # "-v" would tell of further tries.
                    run = run_jit(*ACTIVATE, "-v", env=env(server.url))
                    self.assertEqual((run.code, run.stdout), (7, ""), run)
                    _, message, hint = run.stderr.splitlines()
                    self.assertIn(f"was not sent: cannot trust {server.url}: ", message)
                    self.assertTrue(message.endswith("; nothing was changed"), message)
                    self.assertIn(to_do, hint)
                    self.assertEqual((server.connections, server.requests), (1, []))

    def test_for_scripts(self):
        with ScriptedServer(tls=server_tls(certificates().expired)) as server:
            error = self.error_of(run_jit(*ACTIVATE, "-o", "json", env=token_env(server.url)), 7)
            self.assertIn("certificate has expired", error["message"])

    def test_the_name_must_match(self):
        with ScriptedServer([accepted()]) as server:
            self.assert_done(run_jit(*ACTIVATE, env=token_env(f"https://localhost:{server.port}")))

    def test_a_server_that_knows_nothing_newer_than_tls_1_1(self):
        with ScriptedServer(tls=old_tls()) as server:
            # It is such a server: a client of its age gets through.
            client = old_tls(ssl.PROTOCOL_TLS_CLIENT)
            client.check_hostname, client.verify_mode = False, ssl.CERT_NONE
            with socket.create_connection(("127.0.0.1", server.port)) as plain, client.wrap_socket(plain) as old:
                self.assertEqual(old.version(), "TLSv1.1")
            run = run_jit(*ACTIVATE, "--retries", "0", env=token_env(server.url))
            self.assert_failed(run, 7, "was not sent", "nothing was changed")
            self.assertEqual(server.requests, [])

    def test_tls_1_2_and_1_3(self):
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            context = server_tls()
            context.minimum_version = context.maximum_version = version
            with self.subTest(version=version), ScriptedServer([accepted()], tls=context) as server:
                self.assert_done(run_jit(*ACTIVATE, env=token_env(server.url)))

    def test_a_server_without_tls(self):
        with Sandbox(tls=False) as sandbox:
            env = token_env(f"https://127.0.0.1:{sandbox.port}")
            self.assert_failed(run_jit(*ACTIVATE, "--retries", "0", env=env), 7, "was not sent: cannot reach")
            self.assertEqual(sandbox.journal()["requests"], [])


class Trust(Test):
    """Where the authorities come from."""

    def test_each_place_and_which_comes_first(self):
        right, wrong = certificates().ca, certificates().other_ca
        right_directory = certificates().hashed_directory(right)
        both_directory = certificates().hashed_directory(wrong, right)
        wrong_directory = certificates().hashed_directory(wrong)
        trusted = [
            (right, None, None), (None, right, None), (None, None, right_directory), (None, None, both_directory),
            (right, wrong, wrong_directory), (right, nowhere(), nowhere()),
            (None, right, wrong_directory), (None, wrong, right_directory), (None, "", right_directory)]
        refused = [
            (None, None, None), (wrong, None, None), (None, wrong, None), (None, None, wrong_directory),
            (wrong, right, right_directory), (None, nowhere(), None), (None, None, nowhere())]
        for choices, code in ((trusted, 0), (refused, 7)):
            for option, file, directory in choices:
                with self.subTest(option=option, file=file, directory=directory), \
                        ScriptedServer([accepted()] if code == 0 else []) as server:
                    env = token_env(server.url, SSL_CERT_FILE=file, SSL_CERT_DIR=directory)
                    run = run_jit(*ACTIVATE, *(["--ca-file", option] if option else []), env=env)
                    self.assertEqual(run.code, code, run)
                    if code:
                        self.assertIn("was not sent: cannot trust", run.stderr)
                        self.assertEqual(server.requests, [])

    def test_an_option_without_a_file_is_not_overlooked(self):
        for option in ("", nowhere()):
            with self.subTest(option=option), ScriptedServer() as server:
                run = run_jit(*ACTIVATE, "--ca-file", option, env=token_env(server.url))
                self.assert_failed(run, 2, f'--ca-file: cannot read "{option}"')
                self.assertEqual(server.connections, 0)

    def test_a_self_signed_certificate_can_be_trusted_itself(self):
        identity = certificates().self_signed
        with ScriptedServer([accepted()], tls=server_tls(identity)) as server:
            self.assert_done(run_jit(*ACTIVATE, "--ca-file", identity.certificate, env=token_env(server.url)))

    def test_the_sandbox_by_name_and_by_both_addresses(self):
        with Sandbox("--provision-delay", "0", "--rate-limit", "0") as sandbox:
            for host in ("localhost", "127.0.0.1", "[::1]"):
                env = {**sandbox.env, "SAIL_BASE_URL": f"https://{host}:{sandbox.port}"}
                for command in COMMANDS:
                    with self.subTest(host=host, command=command):
                        self.assert_done(run_jit(*operation(command), env=env))


class PlainHttp(Test):
    """Only to this machine."""

    PROXIES = ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")

    def test_never_to_another_machine(self):
        for host in ("192.0.2.1", "acme.example", "localhost.example", "127.0.0.1.example", "127.1", "0.0.0.0",
                     "2130706433", "[::2]", "[::ffff:127.0.0.1]", "128.0.0.1", "127.0.0.256", "localhost."):
            with self.subTest(host=host):
                run = run_jit(*ACTIVATE, env=token_env(f"http://{host}:8080"))
                self.assert_failed(run, 2, "SAIL_BASE_URL: ", hint="https://TENANT.api.identitynow.com")

    def test_to_this_machine_and_past_any_proxy(self):
        for host in ("127.0.0.1", "localhost", "LOCALHOST"):
            with self.subTest(host=host), ScriptedServer(tls=None) as proxy, \
                    ScriptedServer([accepted()], tls=None) as server:
                proxies = {name: proxy.url for name in self.PROXIES}
                env = token_env(f"http://{host}:{server.port}", **proxies)
                self.assert_done(run_jit(*ACTIVATE, env=env))
                self.assertEqual((proxy.connections, len(server.requests)), (0, 1))

    def test_to_any_loopback_address(self):
        with ScriptedServer(tls=None) as server:  # listens on one of them, so that this one is tried in vain
            run = run_jit(*ACTIVATE, "--retries", "0", env=token_env(f"http://127.255.255.254:{server.port}"))
            self.assert_failed(run, 7, "was not sent")


class Client(Test):
    """A certificate of our own, which the configuration names for one environment."""

    def setUp(self):
        self.home = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.identity = certificates().good

    def configure(self, url, certificate=None, key=None):
        folder = self.home / ".config/jit"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "config.yaml").write_text(
            f"environments:\n  default:\n    baseurl: {url}\n    client_cert: {certificate or self.identity.certificate}\n"
            f"    client_key: {key or self.identity.key}\n")

    @staticmethod
    def demanding():
        context = server_tls()
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(certificates().ca)
        return context

    def env(self, **more):
        return {"HOME": str(self.home), "SSL_CERT_FILE": certificates().ca, "SAIL_ACCESS_TOKEN": ACCESS_TOKEN, **more}

    def test_a_server_that_demands_one_gets_it(self):
        with ScriptedServer([accepted()], tls=self.demanding()) as server:
            self.configure(server.url)
            self.assert_done(run_jit(*ACTIVATE, env=self.env()))

    def test_another_base_url_does_not(self):
        with ScriptedServer(tls=self.demanding()) as server:
            self.configure("https://acme.example")
            run = run_jit(*ACTIVATE, "--retries", "0", env=self.env(SAIL_BASE_URL=server.url, **fake_time(speed=20)))
            self.assertNotEqual(run.code, 0)
            self.assertEqual(server.requests, [])

    def test_files_that_are_no_good(self):
        with ScriptedServer(tls=self.demanding()) as server:
            self.configure(server.url, certificate="~/missing.pem")
            self.assert_failed(run_jit(*ACTIVATE, env=self.env()), 2, f"cannot read {self.home}/missing.pem")
            self.configure(server.url, key=certificates().ca)
            self.assert_failed(run_jit(*ACTIVATE, env=self.env()), 7, "was not sent")
            # One with a passphrase is not asked for.
            locked = self.home / "locked.key"
            subprocess.run(["openssl", "pkey", "-in", self.identity.key, "-aes256", "-passout", "pass:letmein", "-out", str(locked)],
                           check=True, capture_output=True)
            self.configure(server.url, key=locked)
            self.assert_failed(run_jit(*ACTIVATE, env=self.env()), 7, "was not sent")
            self.assertEqual(server.requests, [])


if __name__ == "__main__":
    unittest.main()
