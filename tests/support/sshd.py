"""OpenSSH's own server as a trading partner: Debian's sshd with a configuration of ours, on loopback, for one key."""

import ctypes
import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from gateway.sandbox.sftp_server import load_host_key
from payers.profile import Partner
from tests.support.sftp_partner import make_partner

START_SECONDS_MAX = 30
_PR_SET_PDEATHSIG = 1
_CONFIGURATION = """\
Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host_key
AuthorizedKeysFile {folder}/authorized_keys
PubkeyAuthentication yes
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
StrictModes no
PermitRootLogin yes
PidFile none
MaxStartups 200
MaxSessions 50
Subsystem sftp internal-sftp
ForceCommand internal-sftp -d {root}
AllowTcpForwarding no
PrintMotd no
LogLevel ERROR
"""


def find_program() -> str | None:
    """Where sshd is; it has to be called by its full path, or None."""
    return shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


def is_available() -> bool:
    """Whether the tests can have an OpenSSH server here."""
    return find_program() is not None


class OpenSshServer:
    """Serves `folder`/root over SFTP to the owner of the key in `folder`/own_key, as the user who runs the tests."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.root = folder / "root"
        self.root.mkdir(parents=True)
        own = load_host_key(folder / "own_key")
        (folder / "authorized_keys").write_text(f"{own.get_name()} {own.get_base64()}\n")
        self.port = _find_free_port()
        self._running: subprocess.Popen[bytes] | None = None

    @property
    def fingerprint(self) -> str:
        """The host key as a profile pins it."""
        return load_host_key(self._folder / "host_key").fingerprint

    def make_partner(
        self, port: int = 0, *, upload: Mapping[str, Any] | None = None, quirks: Mapping[str, Any] | None = None, **sftp: Any
    ) -> Partner:
        """The profile of this server, or of a relay to it on another port."""
        given = {
            "username": pwd.getpwuid(os.geteuid()).pw_name,
            "password": "",
            "key_file": str(self._folder / "own_key"),
            "timeout_seconds": 20,
        }
        return make_partner(port or self.port, self.fingerprint, upload=upload, quirks=quirks, **given | sftp)

    def change_host_key(self) -> None:
        """Another key at the next start."""
        (self._folder / "host_key").unlink()
        load_host_key(self._folder / "host_key")

    def start(self) -> None:
        """Listen; returns when connections are taken."""
        program = find_program()
        assert program is not None, "asked only where is_available()"
        load_host_key(self._folder / "host_key")
        (self._folder / "config").write_text(
            _CONFIGURATION.format(port=self.port, folder=self._folder.resolve(), root=self.root.resolve())
        )
        if os.geteuid() == 0:
            Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # where sshd shuts in the part of it that nobody trusts
        with (self._folder / "log").open("ab") as log:
            self._running = subprocess.Popen(
                [program, "-D", "-e", "-f", str(self._folder / "config")],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=_stop_with_parent,  # noqa: PLW1509 it only asks the kernel for a signal
            )
        self._wait_until_ready()

    def stop(self) -> None:
        """Listen no more; connections that are open stay until their client goes."""
        if self._running is not None:
            self._running.terminate()
            self._running.wait(timeout=START_SECONDS_MAX)
            self._running = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _wait_until_ready(self) -> None:
        assert self._running is not None
        give_up = time.monotonic() + START_SECONDS_MAX
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            except OSError:
                said = (self._folder / "log").read_text(errors="replace")
                assert self._running.poll() is None, f"sshd did not start: {said}"
                assert time.monotonic() < give_up, f"sshd did not start in time: {said}"
                time.sleep(0.02)
            else:
                return


def _find_free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


def _stop_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
