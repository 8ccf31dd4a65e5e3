"""The sandbox may be given real claims: what it keeps and answers is for nobody else's eyes."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.clock import TurnedClock
from gateway.sandbox.behaviour import FRIENDLY
from gateway.sandbox.partner import Sandbox
from payers.profile import SAMPLES, load
from tests.support.uploads import write_upload
from tests.support.worlds import make_claims

PROFILES = load(SAMPLES)
MERIDIAN = PROFILES.partners["meridian"]


@pytest.fixture
def _usual_umask() -> Iterator[None]:
    """The umask of most machines, under which a file is everybody's to read."""
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.mark.usefixtures("_usual_umask")
def test_nobody_else_may_read_what_the_sandbox_keeps_or_answers(tmp_path: Path, clock: TurnedClock) -> None:
    folder = tmp_path / "demo" / "sandbox"
    payers = list(PROFILES.payers.values())
    partner = Sandbox(MERIDIAN, payers, folder, clock, behaviour=FRIENDLY, seed=1, day_seconds=0)
    descriptor = os.open(partner.upload_folder / "a.837", os.O_WRONLY | os.O_CREAT, 0o600)
    os.write(descriptor, write_upload(MERIDIAN, make_claims("A1", "A2")))
    os.close(descriptor)
    partner.tick()
    written = list((tmp_path / "demo").rglob("*"))
    assert {path.parent.name for path in written if path.is_file()} >= {"taken", "decided", "payments"}
    assert list(partner.pickup_folder.iterdir())
    modes = {(path.is_dir(), stat.S_IMODE(path.stat().st_mode)) for path in written}
    assert modes == {(True, 0o700), (False, 0o600)}
