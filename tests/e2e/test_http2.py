"""Through a real nginx that speaks HTTP/2, in front of the practice tenant."""

import shutil
import socket
import subprocess
import tempfile
import unittest
from pathlib import Path

from support import (ACTIVATE, COMMANDS, CONNECTION, Sandbox, Test, certificates, clean_environment, operation,
                     run_jit)

_CONFIG = """\
daemon off;
master_process off;
pid {directory}/pid;
error_log stderr notice;
events {{}}
http {{
    log_format seen '$connection $server_protocol $request_method $uri $status';
    access_log {directory}/access.log seen;
    client_body_temp_path {directory}/body;
    proxy_temp_path {directory}/proxy;
    fastcgi_temp_path {directory}/fastcgi;
    uwsgi_temp_path {directory}/uwsgi;
    scgi_temp_path {directory}/scgi;
    keepalive_requests {requests};
    server {{
        listen 127.0.0.1:{port} ssl http2;
        ssl_certificate {certificate};
        ssl_certificate_key {key};
        location / {{ proxy_pass {target}; }}
    }}
}}
"""


class Nginx:
    """nginx on a free port, from `with` to its end, in front of `target`. A connection takes so many requests; with the
    answer to the last comes a GOAWAY."""

    def __init__(self, target, requests=1000):
        self._requests = requests
        program = shutil.which("nginx", path="/usr/sbin:/usr/bin:/sbin:/bin")
        if program is None:
            raise AssertionError("nginx is not installed; the test of HTTP/2 needs it")
        self._directory = tempfile.TemporaryDirectory()
        self._process = None
        for _ in range(10):  # again where another process took the port meanwhile
            self._process = self._process or self._start(program, target)

    def _start(self, program, target):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        good = certificates().good
        configuration = Path(self._directory.name, "nginx.conf")
        configuration.write_text(_CONFIG.format(directory=self._directory.name, port=port, target=target, requests=self._requests,
                                                certificate=good.certificate, key=good.key))
        self.url = f"https://localhost:{port}"
        process = subprocess.Popen([program, "-c", str(configuration), "-e", "stderr"], text=True,
                                   stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, env=clean_environment())
        for line in process.stderr:  # it listens before it says this
            if "built by" in line or "start worker" in line or "OS:" in line:
                return process
            if "[emerg]" in line:
                process.communicate()
                if "Address already in use" in line:
                    return None
                raise AssertionError(line)
        raise AssertionError("nginx did not start")

    def __enter__(self):
        return self

    def __exit__(self, *problem):
        if self._process.poll() is None:
            self.stop()
        self._directory.cleanup()

    def stop(self):
        """Ends it; returns the lines of its log: what was asked for, over which connection and protocol."""
        self._process.terminate()
        self._process.communicate()
        return Path(self._directory.name, "access.log").read_text().splitlines()


class Http2(Test):
    def test_one_connection_for_the_token_and_the_operation(self):
        with Sandbox(tls=False) as sandbox, Nginx(sandbox.url) as nginx:
            env = {**sandbox.env, "SAIL_BASE_URL": nginx.url}
            run = run_jit("activate", CONNECTION, "-m", "60", "-o", "json", env=env)
            self.assert_done(run)
            self.assertEqual(run.json()["status"], "CREATING")
            token, activate = nginx.stop()
            connection = token.split()[0]
            self.assertEqual(token, f"{connection} HTTP/2.0 POST /oauth/token 200")
            self.assertEqual(activate, f"{connection} HTTP/2.0 POST /jit-activations/v1/activate 202")
            self.assertEqual(sandbox.journal()["applied"], {CONNECTION: {"activate": 1, "extend": 0, "deactivate": 0}})

    def test_a_gateway_that_has_lost_its_server(self):
        with Sandbox(tls=False) as sandbox:
            env = sandbox.token_env()
        with Nginx(sandbox.url) as nginx:
            run = run_jit("activate", CONNECTION, "-m", "60", env={**env, "SAIL_BASE_URL": nginx.url})
            self.assert_failed(run, 9, "HTTP 502", "it may or may not have been carried out",
                               hint="before you send it again")
            self.assertEqual([line for line in nginx.stop() if "POST" in line][1:], [])

    def test_a_connection_that_goes_away_behind_the_token(self):
        for command in COMMANDS:
            with self.subTest(command=command), Sandbox("--provision-delay", "0", tls=False) as sandbox, \
                    Nginx(sandbox.url, requests=1) as nginx:
                self.activate(sandbox, command)
                self.assert_done(run_jit(*operation(command), "-o", "json",
                                         env={**sandbox.env, "SAIL_BASE_URL": nginx.url}))
                self.assertEqual(sandbox.applied(), {CONNECTION: {command: 1}})
                token, sent = nginx.stop()
                self.assertNotEqual(token.split()[0], sent.split()[0])

    def test_a_server_that_the_gateway_gets_no_answer_from(self):
        """The gateway says 502, whether it was carried out or not."""
        for fault, carried_out in (("apply-reset", True), ("reset", False)):
            for command in COMMANDS:
                with self.subTest(command=command, fault=fault), Sandbox("--provision-delay", "0", tls=False) as sandbox, \
                        Nginx(sandbox.url) as nginx:
                    self.activate(sandbox, command)
                    sandbox.set_faults(f"{command}@1:{fault}")
                    run = run_jit(*operation(command), "-o", "json", env={**sandbox.env, "SAIL_BASE_URL": nginx.url})
                    done = command != "extend"
                    self.assertEqual(run.code, 0 if done else 9, run)
                    self.assertEqual(sandbox.applied(), {CONNECTION: {command: 1}} if done or carried_out else {})
                    again = (command == "activate" and not carried_out) or command == "deactivate"
                    self.assertEqual(sum(command in line for line in nginx.stop()), 2 if again else 1)

    def activate(self, sandbox, command):
        """Makes it active, where the command needs that."""
        if command != "activate":
            self.assert_done(run_jit(*ACTIVATE, env=sandbox.token_env()))
        sandbox.forget()


if __name__ == "__main__":
    unittest.main()
