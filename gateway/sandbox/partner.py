"""The sandbox partner: takes uploads, decides, and publishes its answers when they are due. Its state is files alone.

Under the sandbox's folder, for each partner: `<partner>/<upload folder>` and `<partner>/<pickup folder>` are what the SFTP
server shows; `<partner>.state/` holds `taken/` (uploads, in the order they were taken), `due/` (answers by the instant they are
due), `decided/` (the record of each upload) and `payments/` (for later reversals). An upload is decided once its record is there;
until then it is decided again, with the same outcome, so that a kill at any line loses and doubles nothing.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from edi.transactions.t835 import ClaimPayment
from gateway.clock import Clock
from gateway.sandbox import answers
from gateway.sandbox.behaviour import Behaviour
from gateway.sandbox.deciding import History, Upload, decide
from gateway.sandbox.mischief import OutgoingFile, meddle
from gateway.sandbox.receiving import receive
from gateway.sandbox.records import UploadRecord
from payers.profile import Partner, Payer

_UNFINISHED = ".unfinished"
_CHUNK_BYTES = 256 * 1024
_FILE_MODE, _FOLDER_MODE = 0o600, 0o700
_CONTROL_NUMBERS_PER_UPLOAD = 10_000
_CONTROL_NUMBER_MAX = 999_999_999
_INSTANT = "%Y%m%dT%H%M%S.%fZ"
_TAKEN = re.compile(r"(?P<instant>[0-9T.]+Z)__(?P<sequence>[0-9]+)__(?P<name>.+)")


class Sandbox:
    """One partner. Only one process may run it at a time; it may be killed and started again at any moment.

    `day_seconds` is how long a day of its delays lasts: 86400 as in life, 0 for all answers at once.
    """

    def __init__(
        self,
        partner: Partner,
        payers: Sequence[Payer],
        folder: Path,
        clock: Clock,
        *,
        behaviour: Behaviour,
        seed: int,
        day_seconds: float = 86_400,
    ) -> None:
        self._partner = partner
        self._payers = tuple(payer for payer in payers if payer.carrier == partner.id)
        self._clock = clock
        self._behaviour = behaviour
        self._seed = seed
        self._day_seconds = day_seconds
        self.upload_folder = folder / partner.id / partner.upload.folder.strip("/")
        self.pickup_folder = folder / partner.id / partner.pickup.folder.strip("/")
        self._state = find_state_folder(folder, partner)
        for each in (
            self.upload_folder,
            self.pickup_folder,
            *(self._state / name for name in ("taken", "due", "decided", "payments")),
        ):
            _make_folder(each)
        self._seen = {key for record in read_records(self._state) for key in _list_accepted(record)}
        self._sequence = max((_read_taken(path)[1] for path in (self._state / "taken").iterdir()), default=0)
        self._settle_undecided()

    def tick(self) -> int:
        """Take what was uploaded, answer it, publish what is due; how many files were taken or published."""
        taken = [self._take(path) for path in self._list_uploads()]
        for path in taken:
            self._decide(path)
        return len(taken) + self._publish()

    def next_due(self) -> datetime | None:
        """When the next answer will be published; None where nothing is waiting."""
        return min((_read_instant(path.name) for path in list_due(self._state)), default=None)

    def _list_uploads(self) -> list[Path]:
        """Complete uploads, oldest name first: a file still being written carries the partner's suffix."""
        suffixes = (".part", self._partner.upload.suffix or ".part")
        return sorted(path for path in self.upload_folder.iterdir() if path.is_file() and not path.name.endswith(suffixes))

    def _take(self, path: Path) -> Path:
        """Move an upload out of the partner's sight, with its number and the instant it was taken in its name."""
        self._sequence += 1
        taken = self._state / "taken" / f"{_write_instant(self._clock.now())}__{self._sequence:06d}__{path.name}"
        return path.rename(taken)

    def _settle_undecided(self) -> None:
        """Decide what was taken before the process ended without having decided it."""
        decided = {path.stem for path in (self._state / "decided").glob("*.json")}
        for path in sorted((self._state / "taken").iterdir(), key=lambda taken: _read_taken(taken)[1]):
            number = f"{_read_taken(path)[1]:06d}"
            if number not in decided:
                for half_done in (self._state / "due").glob(f"*__{self._partner.id}_{number}_*"):
                    half_done.unlink()
                self._decide(path)

    def _decide(self, path: Path) -> None:
        """Write the answers of a taken upload among the due ones, then its record, which makes it decided."""
        instant, sequence, name = _read_taken(path)
        upload = Upload(
            partner=self._partner,
            payers=self._payers,
            behaviour=self._behaviour,
            seed=self._seed,
            sequence=sequence,
            name=name,
            taken_at=instant,
            day_seconds=self._day_seconds,
        )
        history = History(lambda sender, number: (sender, number) in self._seen, self._find_payment)
        decision = decide(receive(_read_chunks(path)), upload, history)
        files = meddle(decision.answers, self._behaviour.mischief, upload.draw("mischief"))
        if decision.report:
            files.append(OutgoingFile("rpt", 60, content=decision.report.encode()))
        self._schedule(files, upload)
        self._write(self._state / "payments" / f"{sequence:06d}.json", msgspec.json.encode(decision.payments))
        self._write(self._state / "decided" / f"{sequence:06d}.json", msgspec.json.encode(decision.record))
        self._seen.update(_list_accepted(decision.record))

    def _schedule(self, files: Sequence[OutgoingFile], upload: Upload) -> None:
        """Write each file, and each copy of it, under the instant it is due; names and control numbers count in that order."""
        ordinal = 0
        for file in sorted(files, key=lambda each: each.after_seconds):
            content = file.content
            for answer in file.answers:
                ordinal += 1
                number = (upload.sequence * _CONTROL_NUMBERS_PER_UPLOAD + ordinal) % _CONTROL_NUMBER_MAX or 1
                at = upload.due_at(answer.after_seconds)
                content += answers.write_envelope(answer, self._partner, control_number=number, at=at)
            ordinal += not file.answers
            for copy, after in enumerate((file.after_seconds, *file.copies)):
                ending = f"-{copy}.{file.kind}" if copy else f".{file.kind}"
                name = f"{self._partner.id}_{upload.sequence:06d}_{ordinal:05d}{ending}"
                self._write(self._state / "due" / f"{_write_instant(upload.due_at(after))}__{name}", content + file.junk)

    def _write(self, path: Path, content: bytes) -> None:
        """Put a file in place whole or not at all; under its temporary name nothing takes it for what it may become.

        Nobody else may read it: claims that others wrote may be real, and so are then the names in the answers to them.
        """
        temporary = path.with_name(path.name + _UNFINISHED)
        temporary.touch(mode=_FILE_MODE)
        temporary.write_bytes(content)
        temporary.rename(path)

    def _publish(self) -> int:
        """Move what is due into the pickup folder, oldest first."""
        now = self._clock.now()
        due = sorted(path for path in list_due(self._state) if _read_instant(path.name) <= now)
        for path in due:
            path.rename(self.pickup_folder / path.name.partition("__")[2])
        return len(due)

    def _find_payment(self, payer_claim_number: str) -> ClaimPayment | None:
        """The last payment under this payer claim number, from the newest upload back."""
        if not payer_claim_number:
            return None
        for path in sorted((self._state / "payments").glob("*.json"), reverse=True):
            payments = msgspec.json.decode(path.read_bytes(), type=list[ClaimPayment])
            found = [payment for payment in payments if payment.payer_claim_number == payer_claim_number]
            if found:
                return found[-1]
        return None


def _make_folder(path: Path) -> None:
    """A folder, with those it lies in, that nobody else may look into."""
    if not path.parent.exists():
        _make_folder(path.parent)
    path.mkdir(mode=_FOLDER_MODE, exist_ok=True)


def find_state_folder(folder: Path, partner: Partner) -> Path:
    """Where the sandbox of this partner keeps its state: beside the folders it shows, out of the SFTP server's sight."""
    return folder / f"{partner.id}.state"


def read_records(state_folder: Path) -> Iterator[UploadRecord]:
    """The records of all decided uploads, in the order they were taken."""
    for path in sorted((state_folder / "decided").glob("*.json")):
        yield msgspec.json.decode(path.read_bytes(), type=UploadRecord)


def list_due(state_folder: Path) -> Iterator[Path]:
    """The answer files that wait for their instant."""
    return (path for path in (state_folder / "due").glob("*") if not path.name.endswith(_UNFINISHED))


def _list_accepted(record: UploadRecord) -> list[tuple[str, int]]:
    """The interchanges of an upload that count as received: a rejected one may come again under its number."""
    return [(each.sender_id, each.isa_control_number) for each in record.interchanges if each.note == "000"]


def _read_chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK_BYTES):
            yield chunk


def _write_instant(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime(_INSTANT)


def _read_instant(name: str) -> datetime:
    return datetime.strptime(name.partition("__")[0], _INSTANT).replace(tzinfo=UTC)


def _read_taken(path: Path) -> tuple[datetime, int, str]:
    """When a taken upload was taken, its number, and the name it came under."""
    parts = _TAKEN.fullmatch(path.name)
    assert parts is not None, "only this class names files here"
    return _read_instant(parts["instant"]), int(parts["sequence"]), parts["name"]
