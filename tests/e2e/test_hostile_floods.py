"""Servers and proxies that send without end, to the byte: --timeout holds, and so do signals.

What carries nothing costs a server nothing and is no progress, but keeps whoever reads it busy.
"""

import contextlib
import json
import signal
import socket
import threading
import unittest

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import RequestReceived, StreamEnded
from hyperframe.frame import (ContinuationFrame, DataFrame, HeadersFrame, PingFrame, PriorityFrame, SettingsFrame,
                              WindowUpdateFrame)

from clocks import fake_time
from support import ACTIVATE, CONNECTION, Jit, Test, run_jit, server_tls, token_env
from test_lists import hit

READ = ["list", "--timeout", "1", "--retries", "0"]
MANY = 10_000
OK = HeadersFrame(1, b"\x88", flags=["END_HEADERS"])  # ":status: 200", as HPACK has it
EARLY_HINTS = HeadersFrame(1, b"\x08\x03103", flags=["END_HEADERS"])
UNKNOWN = (16).to_bytes(3, "big") + b"\xee\0" + bytes(4 + 16)
HTTP2 = {  # what comes first, and what comes then again and again
    "empty DATA": (OK, DataFrame(1)),
    "DATA for a stream that nobody asked for": (OK, DataFrame(3)),
    "WINDOW_UPDATE of the connection": (OK, WindowUpdateFrame(0, window_increment=1)),
    "WINDOW_UPDATE of the stream": (OK, WindowUpdateFrame(1, window_increment=1)),
    "PRIORITY": (OK, PriorityFrame(1, depends_on=0, stream_weight=3)),
    "PRIORITY before the answer": (None, PriorityFrame(1, depends_on=0, stream_weight=3)),
    "PING": (OK, PingFrame(0, bytes(8))),
    "PING that is acknowledged": (OK, PingFrame(0, bytes(8), flags=["ACK"])),
    "SETTINGS": (OK, SettingsFrame(0, settings={4: 65535})),
    "HEADERS of an interim answer": (None, EARLY_HINTS),
    "CONTINUATION": (HeadersFrame(1, b"\x88"), ContinuationFrame(1, b"\x00\x01a\x01b")),
    "frames of an unknown type": (OK, UNKNOWN),
}
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
HTTP1 = {
    "interim answers": (b"", b"HTTP/1.1 103 Early Hints\r\n\r\n"),
    "headers": (b"HTTP/1.1 200 OK\r\n", b"a: b\r\n"),
    "a header": (b"HTTP/1.1 200 OK\r\na: ", b"b"),
    "a status line": (b"HTTP/1.1 200 ", b"O"),
    "extensions of a chunk": (CHUNKED + b"5;", b"a=b;"),
    "chunks of one byte": (CHUNKED, b"1\r\n \r\n"),
    "trailers": (CHUNKED + b"0\r\n", b"a: b\r\n"),
    "a body": (b"HTTP/1.1 200 OK\r\n\r\n[", b" "),
}
PROXY = {
    "headers": (b"HTTP/1.1 200 OK\r\n", b"a: b\r\n"),
    "a header": (b"HTTP/1.1 200 OK\r\na: ", b"b"),
    "interim answers": (b"", b"HTTP/1.1 103 Early Hints\r\n\r\n"),
    "the body of a refusal": (b"HTTP/1.1 407 No\r\nContent-Length: 1000000000000\r\n\r\n", b" "),
    "the chunked body of a refusal": (b"HTTP/1.1 407 No\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
    "extensions of a chunk": (b"HTTP/1.1 407 No\r\nTransfer-Encoding: chunked\r\n\r\n5;", b"a=b;"),
}


class Flooding:
    """A server on a free port, which answers each request with `first` and then with `again` until the client goes: a
    kind of HTTP/2 where `protocol` is "h2", of HTTP/1.1 otherwise, and without TLS where that is None. With `entries`
    (HTTP/2) a GET is answered by a list of these instead."""

    def __init__(self, first, again, protocol, entries=None):
        self._entries = entries
        self._first, self._again, self._protocol = (self._bytes(first), self._bytes(again) * MANY, protocol)
        self._listener = socket.create_server(("127.0.0.1", 0))
        address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self.url = f"{'https' if protocol else 'http'}://{address}"
        self._flowing = threading.Event()
        self._connections = []
        self._threads = [threading.Thread(target=self._accept)]

    @staticmethod
    def _bytes(frame):
        return frame if isinstance(frame, bytes) else b"" if frame is None else frame.serialize()

    def __enter__(self):
        self._threads[0].start()
        return self

    def __exit__(self, *problem):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._threads[0].join()
        for connection in self._connections:  # some of what was sent is never taken
            with contextlib.suppress(OSError):  # it is over already
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads[1:]:
            thread.join()
        for end in (self._listener, *self._connections):
            end.close()

    def wait_for_flood(self):
        """Returns once more was sent than waits on the way: the client reads it."""
        if not self._flowing.wait(60):
            raise AssertionError("nobody reads the flood")

    def _accept(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:  # `with` has ended
                return
            self._connections.append(connection.dup())  # of which TLS leaves this end to `with`
            self._threads.append(threading.Thread(target=self._serve, args=(connection,)))
            self._threads[-1].start()

    def _serve(self, connection):
        try:
            if self._protocol:
                tls = server_tls()
                tls.set_alpn_protocols([self._protocol])
                connection = tls.wrap_socket(connection, server_side=True)
            with connection:
                self._take_request(connection)
                connection.sendall(self._first)
                sent = 0
                while True:
                    connection.sendall(self._again)
                    sent += len(self._again)
                    if sent > 64 * 1024 * 1024:
                        self._flowing.set()
        except OSError:  # the client has gone
            pass

    def _take_request(self, connection):
        data = b""
        if self._protocol != "h2":
            while b"\r\n\r\n" not in data:
                data += self._receive(connection)
            return
        session = H2Connection(H2Configuration(client_side=False))
        session.initiate_connection()
        reading = {}
        while True:
            connection.sendall(session.data_to_send())
            for event in session.receive_data(self._receive(connection)):
                if isinstance(event, RequestReceived) and self._entries and (b":method", b"GET") in event.headers:
                    behind = b"&searchAfter=" in dict(event.headers)[b":path"]
                    reading[event.stream_id] = [] if behind else self._entries
                elif isinstance(event, StreamEnded) and event.stream_id in reading:
                    session.send_headers(event.stream_id, [(":status", "200")])
                    session.send_data(event.stream_id, json.dumps(reading[event.stream_id]).encode(),
                                      end_stream=True)
                elif isinstance(event, StreamEnded):
                    connection.sendall(session.data_to_send())
                    return

    @staticmethod
    def _receive(connection):
        data = connection.recv(65536)
        if not data:
            raise ConnectionError
        return data


class Floods(Test):
    def each(self):
        for protocol, kinds in (("h2", HTTP2), ("http/1.1", HTTP1), (None, HTTP1)):
            for kind, (first, again) in kinds.items():
                yield f"{kind}, {protocol or 'plain'}", first, again, protocol

    def test_the_time_limit_holds(self):
        for kind, first, again, protocol in self.each():
            with self.subTest(kind), Flooding(first, again, protocol) as server:
                run = run_jit(*READ, env={**token_env(server.url), **self.own_home()})
                self.assert_failed(run, 8, "the list of your connections")

    def test_what_was_sent_may_have_been_carried_out(self):
        with Flooding(*HTTP2["empty DATA"], "h2") as server:
            run = run_jit("extend", CONNECTION, "-m", "5", "--timeout", "20", "--retries", "0", "-o", "json",
                          env={**token_env(server.url), **self.own_home(), **fake_time(speed=20)})
        self.assertEqual(run.code, 9, run)
        self.assertIn("it may or may not have been carried out", json.loads(run.stderr)["error"]["message"])

    def test_signals_end_it(self):
        for kind in ("empty DATA", "WINDOW_UPDATE of the connection", "PRIORITY before the answer"):
            for words, number, code in ((["list"], signal.SIGTERM, 143), (ACTIVATE, signal.SIGINT, 130)):
                with self.subTest(kind, words=words), Flooding(*HTTP2[kind], "h2") as server, \
                        Jit(*words, "--timeout", "86400", env={**token_env(server.url), **self.own_home()}) as jit:
                    server.wait_for_flood()
                    jit.send_signal(number)
                    self.assert_failed(jit.finish(), code, "interrupted after")

    def test_run_gives_up_within_its_time(self):
        """SIGTERM while the activate gets no end; then the deactivate gets none either."""
        with Flooding(None, HTTP2["WINDOW_UPDATE of the connection"][1], "h2", entries=[hit(1)]) as server, \
                Jit("run", "-e", CONNECTION, "-m", "30", "--end-timeout", "3s", "--timeout", "86400", "--", "true",
                    env={**token_env(server.url), **self.own_home()}) as jit:
            server.wait_for_flood()
            jit.send_signal(signal.SIGTERM)
            run = jit.finish()
            self.assertIn(run.code, (125, 143), run)
            self.assertIn("WAS NOT ENDED", run.stderr)


class FloodsOfProxies(Test):
    def test_the_time_limit_holds(self):
        for kind, (first, again) in PROXY.items():
            with self.subTest(kind), Flooding(first, again, None) as proxy:
                run = run_jit(*READ, "--connect-timeout", "1", env={
                    **token_env("https://127.0.0.1:9"), "HTTPS_PROXY": proxy.url, **self.own_home()})
                self.assert_failed(run, 7, "cannot reach")


class FloodsOfTls(Test):
    """Records that carry nothing, before and after the handshake."""

    def test_the_time_limit_holds(self):
        for kind, record in (("alerts", b"\x15\x03\x03\x00\x02\x01\x00"), ("empty handshake", b"\x16\x03\x03\x00\x00"),
                             ("change of cipher", b"\x14\x03\x03\x00\x01\x01")):
            with self.subTest(kind), Silent(record) as server:
                run = run_jit(*READ, "--connect-timeout", "1", env={**token_env(server.url), **self.own_home()})
                self.assert_failed(run, 7, "cannot reach")


class Silent(Flooding):
    """Sends the bytes in the place of a handshake."""

    def __init__(self, again):
        super().__init__(b"", again, None)
        self.url = self.url.replace("http:", "https:")

    def _take_request(self, connection):
        self._receive(connection)


if __name__ == "__main__":
    unittest.main()
