"""A TCP relay that is told in the midst of its work to break every link through it, and later to let them pass again."""

import socket
import struct
import threading
from contextlib import suppress
from types import TracebackType
from typing import Literal

Mode = Literal["pass", "reset", "silent"]


class SwitchingProxy:
    """Relays 127.0.0.1:port to a server. `switch("reset")` resets the links there are and those to come, `switch("silent")`
    keeps them open and passes nothing, `switch("pass")` ends it: what was broken stays broken.
    """

    def __init__(self, server_port: int, port: int) -> None:
        self._server_port = server_port
        self._mode: Mode = "pass"
        self._lock = threading.Lock()
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._listener = socket.create_server(("127.0.0.1", port), backlog=20)

    def __enter__(self) -> "SwitchingProxy":
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.switch("reset")

    def switch(self, mode: Mode) -> None:
        """From now on."""
        with self._lock:
            self._mode = mode
            broken, self._pairs = (self._pairs, []) if mode == "reset" else ([], self._pairs)
        for pair in broken:
            for sock in pair:
                _reset(sock)

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            if self._mode == "reset":
                _reset(client)
                continue
            try:
                self._connect(client)
            except OSError:
                client.close()

    def _connect(self, client: socket.socket) -> None:
        server = socket.create_connection(("127.0.0.1", self._server_port), timeout=10)
        server.settimeout(None)
        for sock in (client, server):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with self._lock:
            self._pairs.append((client, server))
        for source, sink in ((client, server), (server, client)):
            threading.Thread(target=self._relay, args=(source, sink), daemon=True).start()

    def _relay(self, source: socket.socket, sink: socket.socket) -> None:
        """A link that was silenced once stays silent: what it should have carried in between is gone."""
        silenced = False
        with suppress(OSError):
            while data := source.recv(65536):
                silenced = silenced or self._mode == "silent"
                if not silenced:
                    sink.sendall(data)
        for sock in (source, sink):
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)


def _reset(sock: socket.socket) -> None:
    """Close so that the other side gets a reset, not an end."""
    with suppress(OSError):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        sock.shutdown(socket.SHUT_RD)
    sock.close()
