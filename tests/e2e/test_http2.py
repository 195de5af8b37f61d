"""HTTP/2: a real nginx in front of the practice tenant, and a server that resets streams, which nginx is not to be made to."""

import json
import shutil
import socket
import subprocess
import tempfile
import threading
import unittest
from pathlib import Path

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.events import DataReceived, RequestReceived, StreamEnded

from clocks import fake_time
from support import (ACTIVATE, COMMANDS, CONNECTION, Sandbox, Test, acceptance, certificates, clean_environment, operation,
                     run_jit, server_tls, token_env)

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


class Resetting:
    """A server that resets, with `code`, the first `times` streams of POSTs, each as soon as its headers are there. It accepts
    the later ones, and knows no lists. Once `with` has ended, `posts` counts them all, and `accepted` has the connection IDs of
    those that were accepted."""

    def __init__(self, code, times=1):
        self._code, self._times = code, times
        self.posts = 0
        self.accepted = []
        self._tls = server_tls()
        self._tls.set_alpn_protocols(["h2"])
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"https://127.0.0.1:{self._listener.getsockname()[1]}"
        self._one_at_a_time = threading.Lock()
        self._threads = [threading.Thread(target=self._accept)]

    def __enter__(self):
        self._threads[0].start()
        return self

    def __exit__(self, *problem):
        self._listener.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:  # the first adds no other once it has ended
            thread.join()
        self._listener.close()

    def _accept(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:  # `with` has ended
                return
            self._threads.append(threading.Thread(target=self._serve, args=(connection,)))
            self._threads[-1].start()

    def _serve(self, connection):
        try:
            with self._tls.wrap_socket(connection, server_side=True) as connection:
                self._converse(connection)
        except OSError:  # the client has gone
            pass

    def _converse(self, connection):
        session = H2Connection(H2Configuration(client_side=False, header_encoding="utf-8"))
        session.initiate_connection()
        paths, bodies = {}, {}  # by stream
        data = b""
        while True:
            for event in session.receive_data(data):
                if isinstance(event, RequestReceived):
                    paths[event.stream_id] = self._admit(session, event)
                elif isinstance(event, DataReceived) and paths[event.stream_id]:
                    bodies[event.stream_id] = bodies.get(event.stream_id, b"") + event.data
                elif isinstance(event, StreamEnded) and paths[event.stream_id]:
                    self._answer(session, event.stream_id, paths[event.stream_id], bodies.get(event.stream_id))
            connection.sendall(session.data_to_send())
            data = connection.recv(65536)
            if not data:
                return

    def _admit(self, session, event):
        """Where the request goes; nothing where it was reset."""
        headers = dict(event.headers)
        if headers[":method"] == "POST":
            with self._one_at_a_time:
                self.posts += 1
                number = self.posts
            if number <= self._times:
                session.reset_stream(event.stream_id, error_code=self._code)
                return None
        return headers[":path"]

    def _answer(self, session, stream, path, body):
        status, answer = "403", {}
        if body is not None:
            status, answer = "202", acceptance(path.rpartition("/")[2], connectionId=json.loads(body)["connectionId"])
            self.accepted.append(answer["connectionId"])
        session.send_headers(stream, [(":status", status), ("content-type", "application/json")])
        session.send_data(stream, json.dumps(answer).encode(), end_stream=True)


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
            run = run_jit("activate", CONNECTION, "-m", "60",
                          env={**env, "SAIL_BASE_URL": nginx.url, **fake_time(speed=20)})
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
                token, sent = (line for line in nginx.stop() if "POST" in line)
                self.assertNotEqual(token.split()[0], sent.split()[0])

    def test_a_server_that_the_gateway_gets_no_answer_from(self):
        """The gateway says 502, whether it was carried out or not."""
        for fault, carried_out in (("apply-reset", True), ("reset", False)):
            for command in COMMANDS:
                with self.subTest(command=command, fault=fault), \
                        Sandbox("--provision-delay", "0", tls=False, speed=20) as sandbox, \
                        Nginx(sandbox.url) as nginx:
                    self.activate(sandbox, command)
                    sandbox.set_faults(f"{command}@1:{fault}")
                    run = run_jit(*operation(command), "-o", "json",
                                  env={**sandbox.env, "SAIL_BASE_URL": nginx.url, **fake_time(speed=20)})
                    done = command != "extend"
                    self.assertEqual(run.code, 0 if done else 9, run)
                    self.assertEqual(sandbox.applied(), {CONNECTION: {command: 1}} if done or carried_out else {})
                    again = (command == "activate" and not carried_out) or command == "deactivate"
                    self.assertEqual(sum(command in line for line in nginx.stop()), 2 if again else 1)

    def test_a_refused_stream_was_not_looked_at(self):
        """RFC 9113, 8.7."""
        for command in COMMANDS:
            with self.subTest(command=command), Resetting(ErrorCodes.REFUSED_STREAM) as server:
                self.assert_done(run_jit(*operation(command), env=token_env(server.url)))
            self.assertEqual(server.posts, 2)

    def test_refused_streams_among_others(self):
        """libcurl does not tell them from lost ones on a connection that others use: nobody hears more than is known."""
        connections = [f"{CONNECTION[:-2]}{number}" for number in range(10, 40)]
        words = [word for connection in connections for word in ("-e", connection)]
        with Resetting(ErrorCodes.REFUSED_STREAM, times=7) as server:
            run = run_jit("activate", *words, "-m", "60", "-o", "json", env=token_env(server.url))
        done = [entry["connectionId"] for entry in run.json() if entry["ok"]]
        self.assertEqual(sorted(server.accepted), done)
        self.assertEqual({entry["error"]["code"] for entry in run.json() if not entry["ok"]}, {9} if len(done) < 30 else set())
        self.assertEqual(run.code, 10 if len(done) < 30 else 0)
        self.assertGreaterEqual(len(done), 23)

    def test_a_stream_that_is_reset_otherwise_may_have_been_carried_out(self):
        for code in (ErrorCodes.INTERNAL_ERROR, ErrorCodes.CANCEL, ErrorCodes.ENHANCE_YOUR_CALM):
            with self.subTest(code=code), Resetting(code) as server:
                run = run_jit(*operation("extend"), env=token_env(server.url))
                self.assert_failed(run, 9, "it may or may not have been carried out")
            self.assertEqual(server.posts, 1)

    def test_a_server_that_refuses_each_stream(self):
        with Resetting(ErrorCodes.REFUSED_STREAM, times=1000) as server:
            run = run_jit(*ACTIVATE, "--retries", "0", env=token_env(server.url))
            self.assert_failed(run, 7, "cannot reach", "nothing was changed")
        self.assertGreater(server.posts, 1)

    def activate(self, sandbox, command):
        """Makes it active, where the command needs that."""
        if command != "activate":
            self.assert_done(run_jit(*ACTIVATE, env=sandbox.token_env()))
        sandbox.forget()


if __name__ == "__main__":
    unittest.main()
