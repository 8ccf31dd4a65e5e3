"""Writes a folder in which a gateway and a sandbox partner for each sample profile work against each other on this machine."""

import itertools
import os
import re
import secrets
import shutil
import socket
from contextlib import suppress
from pathlib import Path

from gateway.sandbox.sftp_server import load_host_key
from payers.profile import SAMPLES

PORTS = range(15_000, 32_000)
PORTS_APART = 10_507
_looked = itertools.count()

CONFIG = """\
# Made by claimwire: a gateway and its sandbox partners, all on this machine. config.example.toml explains every key.
[database]
url = "sqlite:///claimwire.db"

[data]
folder = "data"

[payers]
folder = "payers"

[serve]
intake_folder = "intake"

[schedule]
intake_seconds = 2
scrub_seconds = 2
batching_seconds = 5
delivery_seconds = 5
pickup_seconds = 5
ingest_seconds = 2
posting_seconds = 2
followup_seconds = 60

[log]
level = "warning"
"""


def write_folder(folder: Path, *, database_url: str = "") -> Path:
    """Settings, profiles, host keys and passwords under `folder`; the path of its config.toml.

    The sample profiles are copied, each partner on a free loopback port with a host key pinned. Raises FileExistsError where
    the folder has settings already.
    """
    config = folder / "config.toml"
    if config.exists():
        raise FileExistsError(config)
    partners = folder / "payers" / "partners"
    partners.mkdir(parents=True)
    (folder / "intake").mkdir(exist_ok=True)
    for profile in sorted(SAMPLES.glob("*.toml")):
        shutil.copyfile(profile, folder / "payers" / profile.name)
    samples = sorted((SAMPLES / "partners").glob("*.toml"))
    for profile, port in zip(samples, find_free_ports(len(samples)), strict=True):
        text = _place(profile.read_text(encoding="utf-8"), folder, profile.stem, port)
        (partners / profile.name).write_text(text, encoding="utf-8")
    content = CONFIG.replace("sqlite:///claimwire.db", database_url) if database_url else CONFIG
    config.write_text(content, encoding="utf-8")
    return config


def _place(text: str, folder: Path, partner: str, port: int) -> str:
    """A partner's profile with its server moved to this machine."""
    keys = folder.absolute() / "sandbox" / "keys"
    keys.mkdir(parents=True, exist_ok=True)
    password = keys / f"{partner}.password"
    _write_private(password, secrets.token_urlsafe(24))
    values = {
        "host": '"127.0.0.1"',
        "port": str(port),
        "host_keys": f'["{load_host_key(keys / f"{partner}.host_key").fingerprint}"]',
        "password": f'"file:{password}"',
    }
    for key, value in values.items():
        text, count = re.subn(rf"^{key} = .*$", lambda _: f"{key} = {value}", text, count=1, flags=re.MULTILINE)  # noqa: B023
        assert count == 1, f"the sample profile {partner} has no {key}"
    return text


def _write_private(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)


def find_free_ports(count: int) -> list[int]:
    """Ports of this machine that nobody listens on at this moment, below those that connections going out are given.

    Every process goes through them from a place of its own: two that look at once do not find the same.
    """
    found: list[int] = []
    while len(found) < count:
        port = PORTS[(os.getpid() * PORTS_APART + next(_looked)) % len(PORTS)]
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            found.append(port)
    return found
