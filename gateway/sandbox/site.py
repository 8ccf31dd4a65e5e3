"""The sandbox partners of a set of profiles, each with its SFTP server on this machine and its own mind."""

from datetime import datetime
from pathlib import Path
from typing import Self

from gateway.clock import Clock
from gateway.sandbox.behaviour import Behaviour
from gateway.sandbox.partner import Sandbox
from gateway.sandbox.sftp_server import SftpServer
from gateway.transport.secrets import read_secret
from payers.profile import Partner, Profiles

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class Site:
    """Runs a sandbox for every partner whose profile points to this machine; state under `folder`, which survives a kill."""

    def __init__(
        self, profiles: Profiles, folder: Path, clock: Clock, *, behaviour: Behaviour, seed: int, day_seconds: float = 86_400
    ) -> None:
        local = [partner for partner in profiles.partners.values() if partner.sftp is not None and partner.sftp.host in LOOPBACK]
        payers = tuple(profiles.payers.values())
        self.partners = {
            partner.id: Sandbox(partner, payers, folder, clock, behaviour=behaviour, seed=seed, day_seconds=day_seconds)
            for partner in local
        }
        self.servers = {partner.id: _server(partner, folder) for partner in local}

    def __enter__(self) -> Self:
        for server in self.servers.values():
            server.start()
        return self

    def __exit__(self, *_: object) -> None:
        for server in self.servers.values():
            server.stop()

    def tick(self) -> int:
        """Every partner takes what was uploaded and publishes what is due; how many files moved."""
        return sum(partner.tick() for partner in self.partners.values())

    def next_due(self) -> datetime | None:
        """When the next answer of any partner will be published; None where nothing is waiting."""
        return min(filter(None, (partner.next_due() for partner in self.partners.values())), default=None)


def _server(partner: Partner, folder: Path) -> SftpServer:
    sftp = partner.sftp
    assert sftp is not None, "only partners with a server on this machine are served"
    return SftpServer(
        folder / partner.id,
        host_key=folder / "keys" / f"{partner.id}.host_key",
        users={sftp.username: read_secret(sftp.password).reveal()},
        port=sftp.port,
    )
