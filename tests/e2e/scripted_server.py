"""An HTTP/1.1 server, TLS or plain, that answers with given bytes and remembers what it was asked.

A script is a list of replies, one for each request in the order they come, whatever the connection. A request
that no reply is left for fails the test, and so does a reply that nobody asked for. One for a list is refused then,
and with `refuse_lists` always, as that of a token without the scopes for lists would be, and not remembered: the looks
at the state after a lost answer.
"""

import json
import selectors
import socket
import struct
import threading
import time
from typing import NamedTuple

from certificates import server_tls

_PATIENCE = 60  # seconds; only ever passed by a test that fails
LISTS = ("GET /jit-activation-history/", "GET /entitlement-connections/")


class Request(NamedTuple):
    """A request to the byte: `head` ends with its blank line."""

    head: bytes
    body: bytes
    connection: int
    time: float  # of a clock that never goes back

    @property
    def line(self):
        return self.head.split(b"\r\n")[0].decode()

    @property
    def headers(self):
        """The header lines, sorted: their order means nothing, and differs between versions of libcurl."""
        return sorted(self.head.decode().split("\r\n")[1:-2])

    def header(self, name):
        for line in self.headers:
            key, _, value = line.partition(":")
            if key.lower() == name.lower():
                return value.strip()
        return None

    def json(self):
        return json.loads(self.body)


class Reply(NamedTuple):
    """What to send, and what to do then: `keep` the connection, `close` it, `reset` it, say an orderly
    `goodbye` (TLS's close_notify) before closing it, or `hang` until the client goes away."""

    raw: bytes
    then: str = "keep"


def reply(status, body=b"", headers=(), then="keep"):
    """A complete answer. `body` may be bytes, text, or anything that becomes JSON."""
    if not isinstance(body, (bytes, str)):
        body = json.dumps(body)
    if isinstance(body, str):
        body = body.encode()
    names = [name.lower() for name, _ in headers]
    lines = [f"HTTP/1.1 {status} Whatever", *(f"{name}: {value}" for name, value in headers)]
    if "content-type" not in names:
        lines.append("Content-Type: application/json")
    if "content-length" not in names and "transfer-encoding" not in names:
        lines.append(f"Content-Length: {len(body)}")
    return Reply("\r\n".join(lines).encode() + b"\r\n\r\n" + body, then)


def no_reply(then):
    return Reply(b"", then)


class ScriptedServer:
    """Serves its script on a free port of 127.0.0.1, from `with` to its end.

    `tls`: the server's ssl.SSLContext; by default one with the good certificate; None: plain http.
    `handshake`: False for a server that accepts connections and never says a word.
    `port`: 0 for a free one.
    `short_pages`: whether there may be more behind a page of a list that has fewer than 250 entries; otherwise what is asked
    for behind one is an empty list, which takes no reply of the script and is not remembered.
    """

    def __init__(self, replies=(), tls="good", handshake=True, port=0, refuse_lists=False, short_pages=False):
        self._tls = server_tls() if tls == "good" else tls
        self._handshake = handshake
        self._refuse_lists = refuse_lists
        self._short_pages = short_pages
        self._at_end = False  # the last page of a list was a short one
        self._replies = list(replies)
        self._changed = threading.Condition()
        self._requests = []
        self._unexpected = []
        self._greeted = 0
        self._connections = 0
        self._threads = []
        self._listener = socket.create_server(("127.0.0.1", port), backlog=64)
        self._listener.setblocking(False)
        self.port = self._listener.getsockname()[1]
        self.url = f"{'http' if self._tls is None and handshake else 'https'}://127.0.0.1:{self.port}"
        self._stop_read, self._stop_write = socket.socketpair()
        self._acceptor = threading.Thread(target=self._accept)
        self._acceptor.start()

    def __enter__(self):
        return self

    def __exit__(self, kind, problem, trace):
        self._settle()
        if kind is None:
            if self._unexpected:
                raise AssertionError(f"requests that no reply was left for: {self._unexpected}")
            if self._replies:
                raise AssertionError(f"replies that nobody asked for: {self._replies}")

    # What a test asks.

    def expect(self, *replies):
        """Adds replies to the script."""
        with self._changed:
            self._replies.extend(replies)

    def take(self):
        """The requests so far, which are forgotten. Sure to be complete once the client has an answer."""
        with self._changed:
            taken, self._requests = self._requests, []
            return taken

    @property
    def requests(self):
        """The requests. Ends the service first, so that none is missed: the client must have ended."""
        self._settle()
        return self._requests

    @property
    def connections(self):
        """How many connections came. Ends the service first, as above."""
        self._settle()
        return self._connections

    def wait_for_requests(self, count=1):
        """Returns as soon as so many requests are there to their last byte."""
        self._wait(lambda: len(self._requests) >= count, f"{count} requests")

    def wait_for_greeting(self):
        """Returns as soon as a client has sent its first byte to a server that never says a word."""
        self._wait(lambda: self._greeted > 0, "a first byte")

    # How it works.

    def _wait(self, condition, what):
        with self._changed:
            if not self._changed.wait_for(condition, _PATIENCE):
                raise AssertionError(f"the server has waited {_PATIENCE} s for {what}")

    def _settle(self):
        """Takes what waits in the listener's queue, then waits until each connection has ended."""
        if self._acceptor.is_alive():
            self._stop_write.send(b"x")
            self._acceptor.join(_PATIENCE)
        for thread in self._threads:
            thread.join(_PATIENCE)
        for end in (self._listener, self._stop_read, self._stop_write):
            end.close()

    def _accept(self):
        with selectors.DefaultSelector() as selector:
            selector.register(self._listener, selectors.EVENT_READ)
            selector.register(self._stop_read, selectors.EVENT_READ)
            stopped = False
            while not stopped:
                stopped = any(key.fileobj is self._stop_read for key, _ in selector.select())
                self._accept_waiting()

    def _accept_waiting(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except BlockingIOError:
                return
            connection.setblocking(True)
            connection.settimeout(_PATIENCE)
            self._connections += 1
            thread = threading.Thread(target=self._serve, args=(connection, self._connections))
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection, number):
        try:
            if not self._handshake:
                self._stay_silent(connection)
                return
            if self._tls is not None:
                connection = self._tls.wrap_socket(connection, server_side=True)
            while self._serve_one(connection, number):
                pass
        except OSError:  # the client has gone, or does not trust the server
            pass
        finally:
            connection.close()

    def _stay_silent(self, connection):
        while connection.recv(65536):
            with self._changed:
                self._greeted += 1
                self._changed.notify_all()

    def _serve_one(self, connection, number):
        """Takes a request and replies. Whether another may come."""
        request = self._read(connection, number)
        if request is None:
            return False
        with self._changed:
            behind = self._at_end and request.line.startswith(LISTS) and "&searchAfter=" in request.line
            look = request.line.startswith(LISTS) and (self._refuse_lists or not self._replies) and not behind
            if not look and not behind:
                self._requests.append(request)
            if behind:
                answer = reply(200, [])
            elif look:
                answer = reply(403, {"detailCode": "403 Forbidden"})
            elif self._replies:
                answer = self._replies.pop(0)
                entries = self._entries_in(answer)
                self._at_end = self._at_end if entries is None else not self._short_pages and entries < 250
            else:
                self._unexpected.append(request.line)
                answer = reply(599, "no reply is left", then="close")
            self._changed.notify_all()
        connection.sendall(answer.raw)
        if answer.then == "reset":
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        elif answer.then == "goodbye":
            connection = connection.unwrap()
        elif answer.then == "hang":
            while connection.recv(65536):
                pass
        return answer.then == "keep"

    @staticmethod
    def _entries_in(answer):
        try:
            page = json.loads(answer.raw.partition(b"\r\n\r\n")[2])
        except (ValueError, RecursionError):
            return None
        return len(page) if isinstance(page, list) else None

    @staticmethod
    def _read(connection, number):
        data = b""
        while b"\r\n\r\n" not in data:
            more = connection.recv(65536)
            if not more:
                return None
            data += more
        head, _, body = data.partition(b"\r\n\r\n")
        request = Request(head + b"\r\n\r\n", b"", number, time.monotonic())
        size = int(request.header("Content-Length") or 0)
        while len(body) < size:
            more = connection.recv(65536)
            if not more:
                return None
            body += more
        return request._replace(body=body)
