"""What a profile holds, and the strict loading of payers/*.toml and payers/partners/*.toml."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Identifier = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,30}$")]


class Strict(BaseModel):
    """Shape shared by all profile tables: unknown keys refused, values immutable."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Envelope(Strict):
    """Who we are to this partner and who they are to us: ISA05-08, GS02-03, ISA15."""

    sender_qualifier: str = Field(pattern=r"^(01|14|20|27|28|29|30|33|ZZ)$")
    sender_id: str = Field(min_length=2, max_length=15)
    receiver_qualifier: str = Field(pattern=r"^(01|14|20|27|28|29|30|33|ZZ)$")
    receiver_id: str = Field(min_length=2, max_length=15)
    application_sender: str = Field(min_length=2, max_length=15)
    application_receiver: str = Field(min_length=2, max_length=15)
    usage: Literal["T", "P"]


class Submitter(Strict):
    """1000A: how the billing company is named to this partner, and whom the partner may call."""

    name: str
    id: str
    contact: str
    phone: str = Field(pattern=r"^[0-9]{10}$")


class Receiver(Strict):
    """1000B: the partner as the receiver of our claims."""

    name: str
    id: str


class Sftp(Strict):
    """Where the partner's SFTP server is, how we log in, and which host keys it may show.

    `host_keys` are SHA256 fingerprints as ssh-keygen -l prints them. `password` and `key_file` are references
    (env:NAME, file:PATH), never values. Folders are as the server names them.
    """

    host: str
    port: int = Field(default=22, ge=1, le=65535)
    username: str
    host_keys: tuple[str, ...] = Field(min_length=1)
    password: str = Field(default="", pattern=r"^(|env:\w+|file:.+)$")
    key_file: str = ""
    upload_folder: str
    pickup_folder: str
    upload_suffix: str = ".part"
    timeout_seconds: int = Field(default=30, ge=1, le=600)
    after_pickup: Literal["delete", "leave"] = "delete"


class Answers(Strict):
    """Which answers to expect and by when: business days from sending (TA1, 999, 277CA), calendar days (835).

    None where the partner or payer never sends that answer.
    """

    ta1_business_days: int | None = None
    ack_999_business_days: int | None = 1
    ack_277ca_clearinghouse_business_days: int | None = 2
    ack_277ca_payer_business_days: int | None = 5


class Partner(Strict):
    """A trading partner: a clearinghouse, or a payer that takes files itself."""

    id: Identifier
    name: str
    envelope: Envelope
    submitter: Submitter
    receiver: Receiver
    sftp: Sftp
    file_name: str = Field(default="{isa_control_number}.837", description="name of what we upload")
    pickup_patterns: tuple[str, ...] = ("*",)
    claims_per_set_max: int = Field(default=1000, ge=1, le=5000)
    answers: Answers = Answers()


class Payer(Strict):
    """A payer: who it is on a claim, the partner that carries it, and the rules a claim must meet for it.

    `payer_ids` are the 2010BB NM109 values that mean this payer; "*" takes any payer no other profile names.
    `remit_ids` are its ids in an 835 (TRN03, N1*PR or REF*2U). `contractual_carcs` are written off under group CO.
    """

    id: Identifier
    name: str
    partner: Identifier
    payer_ids: tuple[str, ...] = Field(min_length=1)
    remit_ids: tuple[str, ...] = ()
    claim_filing_indicator: str = Field(min_length=1, max_length=2)
    timely_filing_days: int = Field(ge=1, le=1100)
    overdue_days: int = Field(default=30, ge=1, le=365)
    member_id_pattern: str = ""
    member_id_example: str = ""
    contractual_carcs: tuple[str, ...] = ("45", "253")
    answers: Answers | None = None


class Profiles(Strict):
    """All profiles of a folder, checked against each other."""

    partners: dict[str, Partner]
    payers: dict[str, Payer]
