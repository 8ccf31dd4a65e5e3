"""A TCP relay that fails on a chosen byte: it cuts the link, falls silent, lets single bytes through, or changes that byte."""

import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Literal

Failure = Literal["cut", "silence", "trickle", "corrupt"]


class CuttingProxy:
    """Relays 127.0.0.1:port to a server until `up_bytes` went to it or `down_bytes` came from it; then `failure` happens.

    Without either it only relays. `passed` counts what went through each way.
    """

    def __init__(
        self, server_port: int, *, up_bytes: int | None = None, down_bytes: int | None = None, failure: Failure = "cut"
    ) -> None:
        self._server_port = server_port
        self._limits = {"up": up_bytes, "down": down_bytes}
        self._failure = failure
        self.passed = {"up": 0, "down": 0}
        self._failed = threading.Event()
        self._stopped = threading.Event()
        self._sockets: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]

    def __enter__(self) -> "CuttingProxy":
        self._run(self._accept)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        self._stopped.set()
        self._cut()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join()
        for sock in self._sockets:
            sock.close()

    def _run(self, target: Callable[..., None], *args: object) -> None:
        thread = threading.Thread(target=target, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        try:
            client, _ = self._listener.accept()
        except OSError:
            return
        server = socket.create_connection(("127.0.0.1", self._server_port))
        self._sockets += [client, server]
        for sock in self._sockets:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._run(self._relay, client, server, "up")
        self._run(self._relay, server, client, "down")

    def _relay(self, source: socket.socket, sink: socket.socket, way: Literal["up", "down"]) -> None:
        with suppress(OSError):
            while data := source.recv(16384):
                self._pass_on(data, sink, way)
        if self._failure == "cut" or not self._failed.is_set():
            self._cut()

    def _pass_on(self, data: bytes, sink: socket.socket, way: Literal["up", "down"]) -> None:
        limit = self._limits[way]
        room = len(data) if limit is None else max(0, limit - self.passed[way])
        if self._failure == "corrupt" and room < len(data) and not self._failed.is_set():
            self._failed.set()
            data = data[:room] + bytes((data[room] ^ 0x5A,)) + data[room + 1 :]
        if self._failure == "corrupt":
            room = len(data)
        if not (self._failed.is_set() and self._failure == "silence"):
            sink.sendall(data[:room])
            self.passed[way] += len(data[:room])
        if room >= len(data):
            return
        self._failed.set()
        if self._failure == "cut":
            self._cut()
        elif self._failure == "trickle":
            self._trickle(data[room:], sink)
        else:
            self._stopped.wait()

    def _trickle(self, data: bytes, sink: socket.socket) -> None:
        for at in range(len(data)):
            if self._stopped.is_set():
                return
            sink.sendall(data[at : at + 1])
            time.sleep(0.2)

    def _cut(self) -> None:
        for sock in self._sockets:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
