"""Through a real nginx that speaks HTTP/2, in front of the practice tenant."""

import shutil
import socket
import subprocess
import tempfile
import unittest
from pathlib import Path

from support import CONNECTION, Sandbox, Test, certificates, clean_environment, run_jit

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
    server {{
        listen 127.0.0.1:{port} ssl http2;
        ssl_certificate {certificate};
        ssl_certificate_key {key};
        location / {{ proxy_pass {target}; }}
    }}
}}
"""


class Nginx:
    """nginx on a free port, from `with` to its end, in front of `target`."""

    def __init__(self, target):
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
        configuration.write_text(_CONFIG.format(directory=self._directory.name, port=port, target=target,
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


if __name__ == "__main__":
    unittest.main()
