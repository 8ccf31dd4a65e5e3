"""What a profile holds, and the strict loading of payers/*.toml and payers/partners/*.toml."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from payers.errors import ConfigError
from payers.patterns import find_fault
from payers.strict import Problem, list_problems, parse_toml

SAMPLES = Path(__file__).parent
"""The folder of the sample profiles: invented, to copy from and to try with."""

ANY_PAYER = "*"

FINGERPRINT = re.compile(r"SHA256:[A-Za-z0-9+/]{43}")
CARC = re.compile(r"[A-Z]?[0-9]{1,3}")
DELIMITERS = frozenset("*~:^|\r\n\t")

Identifier = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,30}$")]
Qualifier = Annotated[str, Field(pattern=r"^(01|14|20|27|28|29|30|33|ZZ)$", examples=["ZZ"])]
ExchangeId = Annotated[str, Field(min_length=2, max_length=15)]
Text = Annotated[str, Field(min_length=1, max_length=60)]
Place = Annotated[str, Field(min_length=1, max_length=255)]
Texts = Annotated[tuple[Annotated[str, Field(min_length=1)], ...], Field(strict=False)]
"""TOML has lists only; the items inside stay strict."""


def _read_never(value: object) -> object:
    """TOML has no null: the word "never" stands for the answer that does not come."""
    return None if value == "never" else value


BusinessDays = Annotated[Annotated[int, Field(ge=1, le=60)] | None, BeforeValidator(_read_never), Field(examples=[1])]


class Strict(BaseModel):
    """Shape shared by all profile tables: unknown keys refused, values immutable."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Envelope(Strict):
    """Who we are to this partner and who they are to us: ISA05-08, GS02-03, ISA15."""

    sender_qualifier: Qualifier = Field(
        description="ISA05, what kind of id ours is: 01, 14, 20, 27, 28, 29, 30, 33 or ZZ (mutually defined)"
    )
    sender_id: ExchangeId = Field(description="ISA06, the id the partner gave us", examples=["CLAIMWIRE"])
    receiver_qualifier: Qualifier = Field(
        description="ISA07, what kind of id theirs is: 01, 14, 20, 27, 28, 29, 30, 33 or ZZ (mutually defined)"
    )
    receiver_id: ExchangeId = Field(description="ISA08, the partner's own id", examples=["MERIDIAN"])
    application_sender: ExchangeId = Field(description="GS02, ours inside the envelope; often the same", examples=["CLAIMWIRE"])
    application_receiver: ExchangeId = Field(description="GS03, theirs inside the envelope", examples=["MERIDIAN"])
    usage: Literal["T", "P"] = Field(description="ISA15: T while testing, P for claims that count", examples=["T"])


class Submitter(Strict):
    """1000A: how the billing company is named to this partner, and whom the partner may call."""

    name: Text = Field(description="the billing company's name as enrolled", examples=["Sample Billing Company"])
    id: str = Field(min_length=2, max_length=80, description="NM109, the id the partner gave us", examples=["SBC0001"])
    contact: Text = Field(description="the person or desk to ask about a file", examples=["Claims Desk"])
    phone: str = Field(pattern=r"^[0-9]{10}$", description="their telephone, ten digits", examples=["2025550142"])


class Receiver(Strict):
    """1000B: the partner as the receiver of our claims."""

    name: Text = Field(description="the partner's name as it wants to be addressed", examples=["Meridian Exchange"])
    id: str = Field(min_length=2, max_length=80, description="NM109, the partner's receiver id", examples=["MERIDIAN"])


class Sftp(Strict):
    """Where the partner's SFTP server is, how we log in, and which host keys it may show.

    `host_keys` are SHA256 fingerprints as ssh-keygen -l prints them. `password` and `key_file` are references
    (env:NAME, file:PATH), never values. Folders are as the server names them.
    """

    host: Place = Field(description="name or address of the server", examples=["sftp.meridian.example"])
    port: int = Field(default=22, ge=1, le=65535, description="TCP port")
    username: Text = Field(description="our login there", examples=["claimwire"])
    host_keys: Texts = Field(
        min_length=1,
        description="SHA256 fingerprints we trust, as ssh-keygen -l prints them; two while the partner changes its key",
        examples=[["SHA256:InventedAskThemForTheirOwn00000000000000000"]],
    )
    password: str = Field(
        default="",
        pattern=r"^(|env:\w+|file:.+)$",
        description="where the password is, never the password: env:NAME or file:PATH (a full path)",
        examples=["env:MERIDIAN_PASSWORD"],
    )
    key_file: str = Field(
        default="",
        description="where our private key is: its full path, file:PATH or env:NAME",
        examples=["/etc/claimwire/keys/meridian"],
    )
    upload_folder: Place = Field(description="where our claim files go, as the server names it", examples=["claims"])
    pickup_folder: Place = Field(description="where their answers lie, as the server names it", examples=["answers"])
    upload_suffix: str = Field(default=".part", max_length=20, description="put behind the name while a file is being written")
    timeout_seconds: int = Field(default=30, ge=1, le=600, description="how long any one step may stay silent")
    after_pickup: Literal["delete", "leave"] = Field(
        default="delete", description="what becomes of an answer on the server once we have kept it"
    )


class Answers(Strict):
    """Which answers to expect and by when: business days from sending (TA1, 999, 277CA), calendar days (835).

    None where the partner or payer never sends that answer; a TOML says "never".
    """

    ta1_business_days: BusinessDays = Field(default=None, description="TA1 for the envelope")
    ack_999_business_days: BusinessDays = Field(default=1, description="999 for the syntax")
    ack_277ca_clearinghouse_business_days: BusinessDays = Field(default=2, description="277CA of the clearinghouse")
    ack_277ca_payer_business_days: BusinessDays = Field(default=5, description="277CA of the payer")


class Partner(Strict):
    """A trading partner: a clearinghouse, or a payer that takes files itself."""

    id: Identifier = Field(description="how we call it: the file's name without .toml", examples=["meridian"])
    name: Text = Field(description="how people call it", examples=["Meridian Exchange"])
    envelope: Envelope
    submitter: Submitter
    receiver: Receiver
    sftp: Sftp
    file_name: str = Field(
        default="{isa_control_number}.837",
        min_length=1,
        max_length=100,
        description="name of what we upload; {isa_control_number} becomes its nine digits and keeps names apart",
    )
    pickup_patterns: Texts = Field(
        default=("*",), min_length=1, description="which names in the pickup folder are for us; * and ? as in a shell"
    )
    claims_per_set_max: int = Field(default=1000, ge=1, le=5000, description="most claims the partner takes in one ST")
    second_opinion: Literal["", "pyx12"] = Field(
        default="",
        description='"pyx12": what is about to be sent is judged by pyx12 too, and what it objects to is held; "" asks nobody',
        examples=["pyx12"],
    )
    answers: Answers = Answers()

    def build_file_name(self, isa_control_number: int) -> str:
        """The name under which the interchange of this number is uploaded."""
        return self.file_name.format(isa_control_number=f"{isa_control_number:09d}")


class Payer(Strict):
    """A payer: who it is on a claim, the partner that carries it, and the rules a claim must meet for it.

    `payer_ids` are the 2010BB NM109 values that mean this payer; "*" takes any payer no other profile names.
    `remit_ids` are its ids in an 835 (TRN03, N1*PR or REF*2U). `contractual_carcs` are written off under group CO.
    """

    id: Identifier = Field(description="how we call it: the file's name without .toml", examples=["blueharbor"])
    name: Text = Field(description="how people call it", examples=["Blue Harbor Health"])
    partner: Identifier = Field(description="who carries its claims: the id of a profile in partners/", examples=["meridian"])
    payer_ids: Texts = Field(
        min_length=1,
        description='2010BB NM109 on a claim: every id that means it; "*" alone takes any payer that no other profile names',
        examples=[["BHH01", "BHH02"]],
    )
    remit_ids: Texts = Field(default=(), description="its ids in an 835: TRN03, N1*PR or REF*2U", examples=[["1000000011"]])
    claim_filing_indicator: str = Field(min_length=1, max_length=2, description="SBR09, the kind of insurance", examples=["CI"])
    timely_filing_days: int = Field(
        ge=1, le=1100, description="days from the date of service in which it takes an original claim", examples=[180]
    )
    overdue_days: int = Field(default=30, ge=1, le=365, description="calendar days from sending after which silence is work")
    member_id_pattern: str = Field(
        default="",
        max_length=200,
        description="regular expression that a whole member id must fit; empty where any will do",
        examples=["[A-Z]{3}[0-9]{9}"],
    )
    member_id_example: str = Field(default="", max_length=80, description="an invented one that fits", examples=["XQB000000017"])
    contractual_carcs: Texts = Field(
        default=("45", "253"), description="CARCs written off under group CO; any other CARC under CO is a denial"
    )
    answers: Answers | None = Field(default=None, description="instead of the partner's [answers], as a whole")

    def accepts_member_id(self, member_id: str) -> bool:
        """Whether a member id has this payer's form; any does where the profile names none."""
        return not self.member_id_pattern or re.fullmatch(self.member_id_pattern, member_id) is not None


class Profiles(Strict):
    """All profiles of a folder, checked against each other."""

    partners: dict[str, Partner]
    payers: dict[str, Payer]

    def find_payer(self, payer_id: str) -> Payer | None:
        """The payer a claim's 2010BB NM109 means, in any case; else the one that takes all others, where there is one.

        A blank id means no payer.
        """
        if not payer_id.strip():
            return None
        return self._by_payer_id.get(_normalise_id(payer_id)) or self._by_payer_id.get(ANY_PAYER)

    def find_payer_by_remit(self, ids: Iterable[str]) -> Payer | None:
        """The payer of an 835 by the ids it shows (TRN03, REF*2U, N1*PR), first id first.

        A remit id that several payers share names none of them, and the next id is asked. Payer ids count where no remit
        id is known. None where nothing decides: never a guess.
        """
        wanted = [_normalise_id(each) for each in ids]
        for known in (self._by_remit_id, self._by_payer_id):
            for each in wanted:
                if each != ANY_PAYER and (payer := known.get(each)) is not None:
                    return payer
        return None

    @cached_property
    def _by_payer_id(self) -> dict[str, Payer]:
        return {_normalise_id(each): payer for payer in self.payers.values() for each in payer.payer_ids}

    @cached_property
    def _by_remit_id(self) -> dict[str, Payer]:
        payers = defaultdict(list)
        for payer in self.payers.values():
            for each in {_normalise_id(each) for each in payer.remit_ids}:
                payers[each].append(payer)
        return {each: sharing[0] for each, sharing in payers.items() if len(sharing) == 1}


Profile = TypeVar("Profile", Partner, Payer)


def load(folder: Path) -> Profiles:
    """The profiles of `folder`: its *.toml are payers, its partners/*.toml are partners.

    Raises ConfigError with every problem of every file.
    """
    refused: list[ConfigError] = []
    partner_files, payer_files = _list_files(folder / "partners"), _list_files(folder)
    partners = _load_files(partner_files, Partner, refused)
    payers = _load_files(payer_files, Payer, refused)
    refused += _check_each(
        folder / "partners", {stem: [*_check_id(stem, each), *_check_partner(each)] for stem, each in partners.items()}
    )
    refused += _check_each(folder, {stem: [*_check_id(stem, each), *_check_payer(each)] for stem, each in payers.items()})
    known = [file.stem for file in partner_files]
    refused += _check_each(folder, {stem: [*_check_reference(each, known)] for stem, each in payers.items()})
    refused += _check_each(folder, _check_payer_ids(payers))
    if refused:
        raise ConfigError.join(sorted(refused, key=lambda error: error.file))
    return Profiles(partners=partners, payers=payers)


def _list_files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise ConfigError(str(folder), (("", "no such folder; a set of profiles is a folder with a folder partners in it"),))
    files = sorted(folder.glob("*.toml"))
    if not files:
        raise ConfigError(str(folder), (("", "holds no profile (*.toml)"),))
    return files


def _load_files(files: list[Path], model: type[Profile], refused: list[ConfigError]) -> dict[str, Profile]:
    profiles: dict[str, Profile] = {}
    for file in files:
        try:
            profiles[file.stem] = _load_file(file, model)
        except ConfigError as error:
            refused.append(error)
    return profiles


def _load_file(file: Path, model: type[Profile]) -> Profile:
    try:
        return model.model_validate(parse_toml(file.read_bytes(), str(file)))
    except OSError as error:
        raise ConfigError(str(file), (("", f"cannot be read: {error.strerror}"),)) from error
    except ValidationError as error:
        # The cause is cut: pydantic's own text shows values, and one of them may be a password in the wrong place.
        raise ConfigError(str(file), tuple(list_problems(error, model))) from None


def _check_each(folder: Path, problems: Mapping[str, list[Problem]]) -> list[ConfigError]:
    return [ConfigError(str(folder / f"{stem}.toml"), tuple(each)) for stem, each in problems.items() if each]


def _check_id(stem: str, profile: Partner | Payer) -> Iterator[Problem]:
    if profile.id != stem:
        yield "id", f'should be "{stem}", the name of its file'


def _check_partner(partner: Partner) -> Iterator[Problem]:
    yield from _check_delimiters(partner.model_dump(include={"name", "envelope", "submitter", "receiver"}))
    for position, fingerprint in enumerate(partner.sftp.host_keys):
        if not FINGERPRINT.fullmatch(fingerprint):
            yield f"sftp.host_keys[{position}]", "should be SHA256: and 43 characters, as ssh-keygen -l prints a host key"
    if not partner.sftp.password and not partner.sftp.key_file:
        yield "sftp", "needs a key_file or a password to log in with"
    if "\n" in partner.sftp.key_file:
        yield "sftp.key_file", "should be the path of the private key, not the key"
    if partner.sftp.upload_folder == partner.sftp.pickup_folder:
        yield "sftp.pickup_folder", "should be another folder than upload_folder, or we would pick up our own claims"
    if not _keeps_names_apart(partner):
        yield "file_name", "should be a plain file name with {isa_control_number} in it and no other braces"


def _check_payer(payer: Payer) -> Iterator[Problem]:
    yield from _check_delimiters(payer.model_dump(include={"name"}))
    if ANY_PAYER in payer.payer_ids and len(payer.payer_ids) > 1:
        yield "payer_ids", 'should be ["*"] alone or ids without "*"'
    for position, code in enumerate(payer.contractual_carcs):
        if not CARC.fullmatch(code):
            yield f"contractual_carcs[{position}]", 'should be a CARC, such as "45" or "B7"'
    yield from _check_member_id(payer)


def _check_member_id(payer: Payer) -> Iterator[Problem]:
    if not payer.member_id_pattern:
        return
    if fault := find_fault(payer.member_id_pattern):
        yield "member_id_pattern", fault
    elif not payer.accepts_member_id(payer.member_id_example):
        yield "member_id_example", "should be an invented member id that fits member_id_pattern"


def _check_reference(payer: Payer, partner_ids: list[str]) -> Iterator[Problem]:
    if payer.partner not in partner_ids:
        yield "partner", f"no such partner; partners/ has {', '.join(partner_ids)}"


def _check_payer_ids(payers: Mapping[str, Payer]) -> dict[str, list[Problem]]:
    """An id may mean one payer only: each profile after the first that names it is at fault."""
    problems = defaultdict(list)
    first: dict[str, str] = {}
    for stem, payer in payers.items():
        for position, each in enumerate(payer.payer_ids):
            owner = first.setdefault(_normalise_id(each), stem)
            if owner != stem:
                problems[stem].append((f"payer_ids[{position}]", f'"{each}" already means {owner} (in {owner}.toml)'))
    return problems


def _check_delimiters(table: Mapping[str, object], prefix: str = "") -> Iterator[Problem]:
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from _check_delimiters(value, f"{prefix}{key}.")
        elif isinstance(value, str) and not DELIMITERS.isdisjoint(value):
            yield f"{prefix}{key}", "should be without the characters that X12 delimits with: * ~ : ^ | and line ends"


def _keeps_names_apart(partner: Partner) -> bool:
    try:
        names = {partner.build_file_name(1), partner.build_file_name(2)}
    except (KeyError, IndexError, ValueError, AttributeError):
        return False
    return len(names) == 2 and not any("/" in name or name.startswith(".") for name in names)


def _normalise_id(identifier: str) -> str:
    return identifier.strip().upper()
