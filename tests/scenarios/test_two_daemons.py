"""Two daemons on one database share the work: each cutoff makes its files once, each answer is fetched once, nothing is lost."""

import re
import shutil
import time
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
from sqlalchemy import Engine, func, select

from edi.interchange import InterchangeHeader, write_interchange
from edi.transactions.ta1 import InterchangeAcknowledgment
from gateway.clock import SystemClock, TurnedClock
from gateway.config import load
from gateway.db.engine import reading
from gateway.db.tables import batch, claim, due_run, file, submission
from gateway.desk.verification import verify
from gateway.pipeline import intake_folder
from gateway.pipeline.opening import open_context
from gateway.pipeline.stages import run_once
from gateway.sandbox.invented import invent_claims
from payers import profile
from payers.profile import SAMPLES
from tests.support.hurried import SPEED, Counted, run_daemon
from tests.support.processes import PROCESSES

START = datetime(2026, 3, 2, 15, tzinfo=UTC)
MINUTES = 9
DAEMONS = 2
CUTOFFS = [f"{minute // 60:02d}:{minute % 60:02d}" for minute in range(1440)]


def write_gateway(folder: Path, url: str) -> Path:
    """Settings and profiles: each partner is a folder of this machine, with a cutoff in every minute and a minute's lead."""
    shutil.copytree(SAMPLES, folder / "payers", ignore=shutil.ignore_patterns("*.py", "__pycache__", "py.typed"))
    for path in (folder / "payers" / "partners").glob("*.toml"):
        text = re.sub(r"^second_opinion.*$", "", path.read_text(), flags=re.MULTILINE)
        text = re.sub(r"^\[timetable\].*?(?=^\[)", "", text, flags=re.MULTILINE | re.DOTALL)
        root = folder / "partners" / path.stem
        text = re.sub(r"^\[sftp\].*?(?=^\[)", f'[local]\nroot = "{root}"\n\n', text, flags=re.MULTILINE | re.DOTALL)
        path.write_text(f"{text}\n[timetable]\ncutoffs = {CUTOFFS}\nlead_minutes = 1\n")
    for partner in profile.load(folder / "payers").partners.values():
        for each in (partner.upload.folder, partner.pickup.folder):
            (folder / "partners" / partner.id / each).mkdir(parents=True)
    (folder / "intake").mkdir()
    config = folder / "config.toml"
    config.write_text(
        f'[database]\nurl = "{url}"\n[data]\nfolder = "data"\n[payers]\nfolder = "payers"\n[serve]\nintake_folder = "intake"\n'
    )
    return config


def feed(folder: Path, began: datetime) -> set[tuple[str, str]]:
    """While the daemons run: claims come in, and partners leave answers; those answers, by partner and name."""
    profiles = profile.load(folder / "payers")
    left: set[tuple[str, str]] = set()
    for turn in range((MINUTES - 3) * 2):
        claims = invent_claims(8, seed=turn, payers=list(profiles.payers.values()), today=START.date())
        whole = folder / "intake" / f"claims{turn}.jsonl"
        half = whole.with_suffix(".part")
        half.write_bytes(b"\n".join(map(msgspec.json.encode, claims)))
        half.rename(whole)
        for partner in profiles.partners.values():
            inbox = folder / "partners" / partner.id / partner.pickup.folder
            name = partner.pickup.patterns[0].replace("*", f"answer{turn}")
            (folder / name).write_bytes(acknowledge(partner, turn + 1))
            (folder / name).rename(inbox / name)
            left.add((partner.id, name))
        next_turn = began + (turn + 1) * timedelta(seconds=30) / SPEED
        time.sleep(max(0.0, (next_turn - SystemClock().now()).total_seconds()))
    return left


def acknowledge(partner: profile.Partner, number: int) -> bytes:
    """A TA1 for an interchange that we never sent: read, and put on a list."""
    envelope = partner.envelope
    header = InterchangeHeader(
        sender_qualifier=envelope.receiver_qualifier, sender_id=envelope.receiver_id,
        receiver_qualifier=envelope.sender_qualifier, receiver_id=envelope.sender_id,
        date=START.date(), time="1200", isa_control_number=number, usage=envelope.usage,
    )  # fmt: skip
    said = InterchangeAcknowledgment(
        isa_control_number=900_000_000 + number, interchange_date=START.date(), interchange_time="1200", verdict="A", note="000"
    )
    return b"".join(write_interchange(header, [], [said]))


def test_each_cutoff_fires_once_and_each_file_is_fetched_once(fresh_engine: Engine, tmp_path: Path) -> None:
    """A cutoff in every minute for two partners while claims and answers come; one more run deals with what is left."""
    config = write_gateway(tmp_path, fresh_engine.url.render_as_string(hide_password=False))
    began = SystemClock().now()
    with PROCESSES.Pool(DAEMONS) as pool:
        running = pool.starmap_async(run_daemon, [(str(config), START, began, MINUTES)] * DAEMONS, chunksize=1)
        left = feed(tmp_path, began)
        done = running.get(timeout=120)
    check_cutoffs(fresh_engine, sum((each for each, _ in done), Counter[str]()))
    fetched = sum((each for _, each in done), finish(config))
    assert fetched == dict.fromkeys(left, 1), "each answer was fetched, and once"
    check_files(fresh_engine, tmp_path, answers=len(left))


def finish(config: Path) -> Counter[tuple[str, str]]:
    """What came too late for the daemons is dealt with, and every invariant holds; the files this fetched."""
    clock = TurnedClock(START + timedelta(minutes=MINUTES + 5))
    opened = open_context(load(config), clock=clock)
    counted = Counted(opened.connect)
    context = replace(opened, connect=counted)
    for _ in range(3):
        intake_folder.run(context, config.parent / "intake")
        run_once(context)
        clock.turn(timedelta(minutes=1))
    assert [offender for verdict in verify(context) for offender in verdict.offenders] == []
    context.engine.dispose()
    return counted.fetched


def check_cutoffs(engine: Engine, begun: Counter[str]) -> None:
    """Every minute has its cutoff, and as many of them were begun by a daemon as were neither skipped nor needless."""
    with reading(engine) as connection:
        rows = connection.execute(select(due_run).order_by(due_run.c.partner, due_run.c.due_at)).all()
    for partner in {row.partner for row in rows}:
        due = [row.due_at for row in rows if row.partner == partner and row.due_at > START]
        assert due == [due[0] + timedelta(minutes=n) for n in range(len(due))], "no cutoff is left out"
        assert len(due) >= MINUTES // 2
        assert begun[partner] == sum(row.done_at != row.claimed_at for row in rows if row.partner == partner)
        assert begun[partner] >= 1
    assert all(row.done_at is not None for row in rows)


def check_files(engine: Engine, folder: Path, *, answers: int) -> None:
    """Each claim is in one batch, each batch's file lies with its partner once, and every answer was kept."""
    folders = {partner.id: partner.upload.folder for partner in profile.load(folder / "payers").partners.values()}
    with reading(engine) as connection:
        sent = connection.execute(select(batch).where(batch.c.state == "sent")).all()
        unsent = connection.execute(select(func.count()).where(batch.c.state != "sent")).scalar_one()
        carried = connection.execute(select(func.count(), func.count(submission.c.claim_id.distinct()))).one()
        ready = connection.execute(select(func.count()).where(claim.c.state.in_(["received", "ready", "batched"]))).scalar_one()
        inbound = connection.execute(select(func.count()).where(file.c.direction == "inbound")).scalar_one()
    uploads = Counter(
        path.relative_to(folder / "partners").as_posix() for path in (folder / "partners").rglob("*") if path.is_file()
    )
    assert (unsent, ready, inbound) == (0, 0, answers)
    assert carried[0] == carried[1] > 0
    assert uploads == Counter({f"{row.partner}/{folders[row.partner]}/{row.remote_name}": 1 for row in sent})
