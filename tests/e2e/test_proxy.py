"""Through a proxy: HTTPS_PROXY and NO_PROXY as curl has them."""

import os
import select
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import threading
import unittest
from pathlib import Path

from support import (ACTIVATE, CONNECTION, ScriptedServer, Test, accepted, certificates, clean_environment, pat_env,
                     run_jit, server_tls, token_env, token_reply)

_PATIENCE = 60


class Tinyproxy:
    """A real proxy on a free port, from `with` to its end. `settings` are more lines of its configuration."""

    def __init__(self, *settings):
        program = shutil.which("tinyproxy")
        if program is None:
            raise AssertionError("tinyproxy is not installed; the tests of proxies need it")
        self._directory = tempfile.TemporaryDirectory()
        self._log = None
        self.port = 0
        self._process = None
        for _ in range(5):  # again where another process took the port meanwhile
            with socket.socket() as free:
                free.bind(("127.0.0.1", 0))
                self.port = free.getsockname()[1]
            self._process = self._start(program, settings)
            if self._process is not None:
                break
        else:
            raise AssertionError("tinyproxy does not start")
        self.url = f"http://127.0.0.1:{self.port}"

    def _start(self, program, settings):
        configuration = Path(self._directory.name, "tinyproxy.conf")
        configuration.write_text("\n".join([f"Port {self.port}", "Listen 127.0.0.1", "LogLevel Info", "Timeout 60",
                                            *settings]) + "\n")
        process = subprocess.Popen([program, "-d", "-c", str(configuration)], stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                   env=clean_environment())
        for line in process.stdout:
            if "Accepting connections" in line:
                return process
        process.communicate()
        return None

    def __enter__(self):
        return self

    def __exit__(self, *problem):
        self.stop()

    def stop(self):
        """Ends it; returns what it has logged."""
        if self._log is None:
            self._process.terminate()
            self._log, _ = self._process.communicate(timeout=_PATIENCE)
            self._directory.cleanup()
        return self._log


class Squid:
    """A real proxy that looks into TLS, as companies have them: it shows certificates of `other_ca`."""

    def __init__(self):
        self._directory = tempfile.TemporaryDirectory()
        folder = Path(self._directory.name)
        made = certificates()
        key = Path(made.other_ca).with_name("other_ca.key").read_text()
        (folder / "authority.pem").write_text(Path(made.other_ca).read_text() + key)
        shutil.copy(made.ca, folder / "upstream.pem")
        subprocess.run(["/usr/lib/squid/security_file_certgen", "-c", "-s", str(folder / "db"), "-M", "4MB"], check=True,
                       capture_output=True)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        (folder / "squid.conf").write_text(f"""
http_port 127.0.0.1:{self.port} ssl-bump tls-cert={folder}/authority.pem generate-host-certificates=on
sslcrtd_program /usr/lib/squid/security_file_certgen -s {folder}/db -M 4MB
sslcrtd_children 1
ssl_bump stare all
ssl_bump bump all
tls_outgoing_options cafile={folder}/upstream.pem
http_access allow all
cache deny all
access_log stdio:{folder}/access.log
cache_log /dev/stderr
pid_filename none
pinger_enable off
coredump_dir {folder}
shutdown_lifetime 0 seconds
visible_hostname squid
""")
        if os.geteuid() == 0:  # it goes on as that user
            subprocess.run(["chown", "-R", "proxy:", str(folder)], check=True)
        self._process = subprocess.Popen(["/usr/sbin/squid", "-N", "-d", "1", "-f", str(folder / "squid.conf")], text=True,
                                         stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                         env=clean_environment(), start_new_session=True)
        said = ""
        for line in self._process.stderr:
            said += line
            if "Accepting SSL bumped" in line:
                break
        else:
            raise AssertionError(f"squid does not start: {said}")
        self.url = f"http://127.0.0.1:{self.port}"
        # It goes on to talk, and must not wait for a reader.
        self._reader = threading.Thread(target=self._process.stderr.read)
        self._reader.start()

    def __enter__(self):
        return self

    def __exit__(self, *problem):
        os.killpg(self._process.pid, signal.SIGKILL)  # with its helpers; its own way to end takes long
        self._process.wait(_PATIENCE)
        self._reader.join(_PATIENCE)
        self._process.stderr.close()
        self._directory.cleanup()

    @property
    def log(self):
        return Path(self._directory.name, "access.log").read_text()


class ConnectProxy:
    """Records what a client says to a proxy; then refuses it with `answer`, or connects it where that is None."""

    def __init__(self, answer=None, tls=None):
        self._answer = answer
        self._tls = tls
        self.heads = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._serve_one)
        self._thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *problem):
        # A connection of our own lets the thread end where no client came.
        socket.create_connection(("127.0.0.1", self.port)).close()
        self._thread.join(_PATIENCE)
        self._listener.close()

    def _serve_one(self):
        client, _ = self._listener.accept()
        try:
            client.settimeout(_PATIENCE)
            if self._tls:
                client = self._tls.wrap_socket(client, server_side=True)
            head = b""
            while not head.endswith(b"\r\n\r\n"):
                byte = client.recv(1)
                if not byte:
                    return
                head += byte
            self.heads.append(head.decode())
            if self._answer is not None:
                client.sendall(self._answer)
                return
            host, _, port = self.heads[-1].split()[1].rpartition(":")
            with socket.create_connection((host, int(port))) as server:
                client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                self._relay(client, server)
        except OSError:
            pass
        finally:
            client.close()

    @staticmethod
    def _relay(client, server):
        """Both ways, in this one thread: two must not use a TLS socket at the same time."""
        other = {client: server, server: client}
        while True:
            ready = [end for end in other if isinstance(end, ssl.SSLSocket) and end.pending()]
            ready = ready or select.select(list(other), [], [], _PATIENCE)[0]
            for end in ready:
                data = end.recv(65536)
                if not data:
                    return
                other[end].sendall(data)
            if not ready:
                return


class RealProxy(Test):
    def test_the_request_goes_through_it(self):
        for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
            with self.subTest(name=name), Tinyproxy() as proxy, \
                    ScriptedServer([token_reply(), accepted()]) as server:
                self.assert_done(run_jit(*ACTIVATE, env=pat_env(server.url, **{name: proxy.url})))
                self.assertEqual(server.connections, 1)
                log = proxy.stop()
                self.assertEqual(log.count(f"CONNECT 127.0.0.1:{server.port} "), 1, log)

    def test_no_proxy_goes_past_it(self):
        with Tinyproxy() as proxy:
            for name, hosts in (("NO_PROXY", "127.0.0.1"), ("no_proxy", "acme.example,127.0.0.1"), ("NO_PROXY", "*")):
                with self.subTest(name=name, hosts=hosts), ScriptedServer([accepted()]) as server:
                    env = token_env(server.url, HTTPS_PROXY=proxy.url, **{name: hosts})
                    self.assert_done(run_jit(*ACTIVATE, env=env))
            self.assertNotIn("CONNECT", proxy.stop())

    def test_a_proxy_that_wants_credentials(self):
        with Tinyproxy("BasicAuth robin letmein-proxy") as proxy:
            with ScriptedServer() as server:
                run = run_jit(*ACTIVATE, "--retries", "0", env=token_env(server.url, HTTPS_PROXY=proxy.url))
                self.assert_failed(run, 7, f"activate of {CONNECTION} was not sent", "nothing was changed",
                                   hint="HTTPS_PROXY")
                self.assertEqual(server.connections, 0)
            with ScriptedServer([accepted()]) as server:
                named = proxy.url.replace("://", "://robin:letmein-proxy@")
                run = run_jit(*ACTIVATE, "--debug", env=token_env(server.url, HTTPS_PROXY=named))
                self.assertEqual(run.code, 0, run)
                self.assertNotIn("letmein-proxy", run.stderr)

    def test_a_proxy_that_does_not_let_through(self):
        with Tinyproxy("ConnectPort 1") as proxy, ScriptedServer() as server:
            error = self.failure([*ACTIVATE, "--retries", "0"], 7, token_env(server.url, HTTPS_PROXY=proxy.url))
            self.assertIn("403", error["message"])
            self.assertEqual(server.connections, 0)


class InspectingProxy(Test):
    def test_its_authority_must_be_named(self):
        with Squid() as proxy:
            for words, env in ((["--ca-file", certificates().other_ca], {}), ([], {"SSL_CERT_FILE": certificates().other_ca})):
                with self.subTest(words=words), ScriptedServer([accepted()]) as server:
                    # Its certificates name hosts, not addresses.
                    env = token_env(f"https://localhost:{server.port}", HTTPS_PROXY=proxy.url, **env)
                    run = run_jit(*ACTIVATE, *words, env=env)
                    self.assert_done(run)
                    self.assertEqual([request.line.split()[0] for request in server.requests], ["POST"])
            self.assertIn("/jit-activations/v1/activate", proxy.log)

    def test_one_that_is_not_trusted(self):
        with ScriptedServer() as server:
            with Squid() as proxy:  # which holds on to the server as long as it lives
                url = f"https://localhost:{server.port}"
                run = run_jit(*ACTIVATE, env=token_env(url, HTTPS_PROXY=proxy.url))
                self.assert_failed(run, 7, f"was not sent: cannot trust {url}", hint="--ca-file")
            self.assertEqual(server.requests, [])


class RecordingProxy(Test):
    def test_what_it_gets_to_see(self):
        for scheme in (None, server_tls()):
            with self.subTest(scheme=scheme), ConnectProxy(tls=scheme) as proxy, \
                    ScriptedServer([token_reply(), accepted()]) as server:
                self.assert_done(run_jit(*ACTIVATE, env=pat_env(server.url, HTTPS_PROXY=proxy.url)))
                target = f"127.0.0.1:{server.port}"
                [head] = proxy.heads
                self.assertTrue(head.startswith(f"CONNECT {target} HTTP/1.1\r\n"), head)
                names = {line.partition(":")[0].lower() for line in head.split("\r\n")[1:-2]}
                self.assertLessEqual(names, {"host", "user-agent", "proxy-connection"})
                self.assertEqual(server.connections, 1)

    def test_a_proxy_that_refuses(self):
        for status in (403, 407, 502, 503):
            answer = f"HTTP/1.1 {status} No\r\nContent-Length: 4\r\nProxy-Authenticate: Basic\r\n\r\nno\r\n".encode()
            with self.subTest(status=status), ConnectProxy(answer) as proxy, ScriptedServer() as server:
                run = run_jit(*ACTIVATE, "--retries", "0", "-o", "json",
                              env=token_env(server.url, HTTPS_PROXY=proxy.url))
                error = self.error_of(run, 7)
                self.assertIn(str(status), error["message"])
                self.assertIn("was not sent", error["message"])
                self.assertNotIn("httpStatus", error)
                self.assertEqual(server.connections, 0)

    def test_a_proxy_that_breaks_off(self):
        for answer in (b"", b"HTTP/1.1 2", b"SSH-2.0-OpenSSH_9.2\r\n"):
            with self.subTest(answer=answer), ConnectProxy(answer) as proxy, ScriptedServer() as server:
                run = run_jit(*ACTIVATE, "--retries", "0", env=token_env(server.url, HTTPS_PROXY=proxy.url))
                self.assert_failed(run, 7, "was not sent", "nothing was changed")
                self.assertEqual(server.connections, 0)

    def test_a_proxy_that_is_not_there(self):
        with socket.socket() as taken, ScriptedServer() as server:
            taken.bind(("127.0.0.1", 0))
            env = token_env(server.url, HTTPS_PROXY=f"http://127.0.0.1:{taken.getsockname()[1]}")
            self.assert_failed(run_jit(*ACTIVATE, "--retries", "0", env=env), 7, "was not sent", hint="HTTPS_PROXY")
            self.assertEqual(server.connections, 0)

    def test_the_password_of_a_proxy_is_not_repeated(self):
        for url in ("http://robin:letmein-proxy@bad host:1", "http://robin:letmein-proxy@127.0.0.1:99999",
                    "foo://robin:letmein-proxy@127.0.0.1:1"):
            with self.subTest(url=url), ScriptedServer() as server:
                run = run_jit(*ACTIVATE, "--retries", "0", "--debug", env=token_env(server.url, HTTPS_PROXY=url))
                self.assertEqual(run.code, 7, run)
                self.assertNotIn("letmein", run.stderr)
                self.assertEqual(server.connections, 0)

    def test_a_proxy_nobody_knows(self):
        with ConnectProxy(tls=server_tls(certificates().of_other_ca)) as proxy, ScriptedServer() as server:
            run = run_jit(*ACTIVATE, "--retries", "0", env=token_env(server.url, HTTPS_PROXY=proxy.url))
            self.assert_failed(run, 7, "was not sent")
            self.assertEqual(proxy.heads, [])
            self.assertEqual(server.connections, 0)

    def test_the_server_behind_a_proxy_must_be_the_right_one(self):
        with ConnectProxy() as proxy, ScriptedServer(tls=server_tls(certificates().wrong_name)) as server:
            run = run_jit(*ACTIVATE, env=token_env(server.url, HTTPS_PROXY=proxy.url))
            self.assert_failed(run, 7, f"cannot trust {server.url}")
            self.assertEqual(server.requests, [])


if __name__ == "__main__":
    unittest.main()
