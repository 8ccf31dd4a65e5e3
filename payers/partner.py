"""What a trading partner's profile holds: a clearinghouse, or a payer that takes files itself."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from edi.claims import Guide
from payers.fields import PLAIN, SENT, BusinessDays, ClaimUsage, Identifier, Place, SentId, SentText, Strict, Text, Texts

Qualifier = Annotated[str, Field(pattern=r"^(01|14|20|27|28|29|30|33|ZZ)$", examples=["ZZ"])]
ExchangeId = Annotated[str, Field(min_length=2, max_length=15), SENT]
Host = Annotated[
    str,
    Field(
        max_length=255,
        pattern=r"^(\w([\w.-]*[\w.])?|[0-9A-Fa-f]*:[0-9A-Fa-f]*:[0-9A-Fa-f:.]*(%[\w.-]+)?)$",
        json_schema_extra={"form": "a name or an address alone, without sftp:// and port"},
    ),
]
Patterns = Annotated[
    tuple[
        Annotated[
            str,
            Field(
                min_length=1,
                pattern=r"^[!-.0-\[\]-~]([ -.0-\[\]-~]*[!-.0-\[\]-~])?$",
                json_schema_extra={"form": "printable ASCII without / and \\, no blank at either end"},
            ),
        ],
        ...,
    ],
    Field(strict=False),
]
"""Patterns of names; a name that they can be asked for by holds nothing else."""
Delimiter = Annotated[str, Field(min_length=1, max_length=1)]
Clock = Annotated[
    str,
    Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$", description="a time of day as HH:MM, 00:00 to 23:59", examples=["17:00"]),
]
Clocks = Annotated[tuple[Clock, ...], Field(strict=False)]
Days = Annotated[tuple[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"], ...], Field(strict=False)]
Day = Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", description="a day as YYYY-MM-DD", examples=["2026-12-24"])]
Dates = Annotated[tuple[Day, ...], Field(strict=False)]


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
    usage: ClaimUsage = Field(description="ISA15: T while testing, P for claims that count", examples=["T"])


class DelimiterSet(Strict):
    """The characters that part what we write, where the partner wants others than the usual ones."""

    element: Delimiter = Field(default="*", description="between elements, fourth character of ISA")
    component: Delimiter = Field(default=":", description="between components, ISA16")
    repetition: Delimiter = Field(default="^", description="between repetitions, ISA11")
    segment: Delimiter = Field(default="~", description="at the end of a segment")
    line_end: Literal["", "lf", "crlf"] = Field(
        default="lf", description='what follows the end of a segment: "lf" or "crlf" for a line each, "" for none'
    )

    @property
    def characters(self) -> frozenset[str]:
        """The four characters, or fewer where two are the same."""
        return frozenset({self.element, self.component, self.repetition, self.segment})


class Versions(Strict):
    """Which claims the partner takes, and in which version of the guide: GS08 and ST03. Empty: it takes none of these."""

    professional: Literal["", "005010X222A1", "005010X222A2"] = Field(default="005010X222A1", description="837P")
    institutional: Literal["", "005010X223A2", "005010X223A3"] = Field(default="", description="837I", examples=["005010X223A2"])
    dental: Literal["", "005010X224A2", "005010X224A3"] = Field(default="", description="837D", examples=["005010X224A2"])

    def find(self, guide: Guide) -> str:
        """The version in which the partner takes claims of this guide; '' where it takes none."""
        return {"837P": self.professional, "837I": self.institutional, "837D": self.dental}[guide]


class Submitter(Strict):
    """1000A: how the billing company is named to this partner, and whom the partner may call."""

    name: SentText = Field(description="the billing company's name as enrolled", examples=["Sample Billing Company"])
    id: SentId = Field(description="NM109, the id the partner gave us", examples=["SBC0001"])
    contact: SentText = Field(description="the person or desk to ask about a file", examples=["Claims Desk"])
    phone: str = Field(pattern=r"^[0-9]{10}$", description="their telephone, ten digits", examples=["2025550142"])


class Receiver(Strict):
    """1000B: the partner as the receiver of our claims."""

    name: SentText = Field(description="the partner's name as it wants to be addressed", examples=["Meridian Exchange"])
    id: SentId = Field(description="NM109, the partner's receiver id", examples=["MERIDIAN"])


class Sftp(Strict):
    """Where the partner's SFTP server is, how we log in, and which host keys it may show; for a folder see `[local]`.

    `host_keys` are SHA256 fingerprints as ssh-keygen -l prints them. `password` and `key_file` are references
    (env:NAME, file:PATH, command:LINE), never values.
    """

    host: Host = Field(description="name or address of the server", examples=["sftp.meridian.example"])
    port: int = Field(default=22, ge=1, le=65535, description="TCP port")
    username: Text = Field(description="our login there", examples=["claimwire"])
    host_keys: Texts = Field(
        min_length=1,
        description="SHA256 fingerprints we trust, as ssh-keygen -l prints them; two while the partner changes its key",
        examples=[["SHA256:InventedAskThemForTheirOwn00000000000000000"]],
    )
    password: str = Field(
        default="",
        pattern=r"^(|env:\w+|file:.+|command:.+)$",
        description="where the password is, never the password: env:NAME, file:PATH (a full path) or command:LINE (its output)",
        examples=["env:MERIDIAN_PASSWORD"],
    )
    key_file: str = Field(
        default="",
        description="where our private key is: its full path, file:PATH, env:NAME or command:LINE",
        examples=["/etc/claimwire/keys/meridian"],
    )
    timeout_seconds: int = Field(default=30, ge=1, le=600, description="how long any one step may stay silent")
    connections_max: int = Field(default=2, ge=1, le=20, description="most connections the partner allows us at one time")


class LocalFolder(Strict):
    """Instead of `[sftp]`: a folder of this machine that another system brings to the partner and fills with its answers."""

    root: Place = Field(description="full path of the folder in which upload and pickup folder lie", examples=["/srv/exchange"])


class Upload(Strict):
    """How a file is brought to the partner, and how we know that it arrived."""

    folder: Place = Field(description="where our claim files go, as the server names it", examples=["claims"])
    file_name: str = Field(
        default="{isa_control_number}.837",
        min_length=1,
        max_length=100,
        description="name of what we upload: {isa_control_number} (nine digits) keeps names apart; also {date} (YYYYMMDD), "
        "{time} (HHMMSS), {transaction} (837P, 837I, 837D) and {usage}, each as a whole; "
        "else letters and digits of ASCII, blanks and .,()+@#=~_- alone, of which signs only _ stands first and only _)~- last",
    )
    mode: Literal["rename", "direct", "marker"] = Field(
        default="rename",
        description='"rename": written under a temporary name, then renamed; "direct": written under its own name; "marker": '
        "written under its own name, then an empty file beside it says that it is whole",
    )
    suffix: str = Field(default=".part", max_length=20, description="put behind the name while a file is being written")
    marker_suffix: str = Field(default=".done", max_length=20, description="put behind the name of the empty file of mode marker")
    confirm: Literal["content", "size", "listing", "none"] = Field(
        default="content",
        description='how the server proves what it holds before the file counts as sent: "content" is read back, "size" is asked '
        'for, "listing" shows it, "none" where it lets us do none of these (then a TA1 or 999 must prove it)',
    )
    archive_folders: Texts = Field(
        default=(),
        description="where the server moves what it has taken in, neither of the other folders; looked into before anything is "
        "sent again",
        examples=[["archive", "claims/done"]],
    )
    file_bytes_max: int = Field(default=100_000_000, ge=10_000, description="most bytes the partner takes in one file")
    interchanges_per_file_max: int = Field(default=1, ge=1, le=100, description="most interchanges (ISA to IEA) in one file")

    def build_name(self, isa_control_number: int, *, transaction: str, usage: str, at: datetime) -> str:
        """The name of a file whose first interchange has this number; `at` is when it was made."""
        return self.file_name.format(
            isa_control_number=f"{isa_control_number:09d}",
            date=f"{at:%Y%m%d}",
            time=f"{at:%H%M%S}",
            transaction=transaction,
            usage=usage,
        )


class Pickup(Strict):
    """Where the partner's answers lie, which of them are for us, and what becomes of them there."""

    folder: Place = Field(
        description="where their answers lie, as the server names it; no folder of another partner's there", examples=["answers"]
    )
    patterns: Patterns = Field(
        default=("*",), min_length=1, description="which names in the folder are for us; * and ? as in a shell, in any case"
    )
    after: Literal["delete", "move", "leave"] = Field(
        default="delete", description="what becomes of an answer on the server once we have kept it"
    )
    move_to: Annotated[str, PLAIN] = Field(
        default="", max_length=255, description='where it goes with after = "move"', examples=["answers/done"]
    )
    ready_after_polls: int = Field(
        default=2, ge=1, le=10,
        description="in how many looks a file must stand still, in size and time, before it is fetched; 1 where the partner "
        "renames what is whole",
    )  # fmt: skip
    patience_hours: int = Field(
        default=4, ge=1, le=240, description="after so many hours a file that is empty, still growing or broken off becomes work"
    )


class Batching(Strict):
    """How claims are put together."""

    claims_per_set_max: int = Field(default=1000, ge=1, le=5000, description="most claims the partner takes in one ST")
    sets_per_interchange_max: int = Field(
        default=5, ge=1, le=100, description="most sets in one interchange; more wait for the next, so a refused one costs little"
    )
    separate_practices: Literal["no", "set", "interchange"] = Field(
        default="no", description="whether every practice's claims stand in a set, or an interchange, of their own"
    )


class Timetable(Strict):
    """When files must be there and when answers are looked for, in the partner's own time. Left out: at any time, any day."""

    time_zone: str = Field(default="America/New_York", max_length=40, description="name in the IANA time zone database")
    cutoffs: Clocks = Field(
        default=(),
        description="times of day by which a file must be there; claims wait for the next one",
        examples=[["11:00", "17:00"]],
    )
    lead_minutes: int = Field(default=15, ge=1, le=720, description="so long before a cutoff its files are made and sent")
    poll_times: Clocks = Field(
        default=(), description="times of day at which answers are looked for; none: at every turn of the schedule",
        examples=[["07:00", "19:30"]],
    )  # fmt: skip
    days: Days = Field(default=("mon", "tue", "wed", "thu", "fri"), min_length=1, description="days on which it has cutoffs")
    holidays: Literal["none", "federal"] = Field(
        default="federal", description='"federal": no cutoffs on the days US federal offices are closed; "none": on those too'
    )
    closed_on: Dates = Field(default=(), description="further days without cutoffs", examples=[["2026-12-24"]])


class Quirks(Strict):
    """Where the server does otherwise than the rest, as a probe of it showed."""

    rename: Literal["either", "plain", "posix"] = Field(
        default="either", description="the rename it takes: SFTP's own, OpenSSH's, or whichever works, the plain one first"
    )
    stat: bool = Field(default=True, description="whether it answers what a file's size is; else the folder's listing is asked")
    taken_at_once: bool = Field(
        default=False,
        description="whether it takes a file away as soon as it is whole, so that its absence proves nothing; not with "
        'upload.confirm = "none"',
    )


class Answers(Strict):
    """Which answers to expect and by when, in business days from sending; how long the 835 may take is a payer's `overdue_days`.

    None where the partner or payer never sends that answer; a TOML says "never".
    """

    ta1_business_days: BusinessDays = Field(
        default=None,
        description="TA1 for the envelope; ISA14 asks for one by the partner's own key, whatever a payer's says",
    )
    ack_999_business_days: BusinessDays = Field(default=1, description="999 for the syntax")
    ack_277ca_clearinghouse_business_days: BusinessDays = Field(default=2, description="277CA of the clearinghouse")
    ack_277ca_payer_business_days: BusinessDays = Field(default=5, description="277CA of the payer")

    def overridden_by(self, payer: "Answers | None") -> "Answers":
        """A partner's answers on the claims of a payer: each key that the payer's profile states is the payer's."""
        if payer is None:
            return self
        return self.model_copy(update={key: getattr(payer, key) for key in payer.model_fields_set})


class Partner(Strict):
    """A trading partner: a clearinghouse, or a payer that takes files itself. It has either `[sftp]` or `[local]`."""

    id: Identifier = Field(description="how we call it: the file's name without .toml", examples=["meridian"])
    name: Text = Field(description="how people call it", examples=["Meridian Exchange"])
    second_opinion: Literal["", "pyx12"] = Field(
        default="",
        description='"pyx12": what is about to be sent is judged by pyx12 too (837P of 005010X222A1 and 837I of 005010X223A2, '
        'for which it has maps), and what it objects to is held; "" asks nobody',
        examples=["pyx12"],
    )
    patience_tries: int = Field(
        default=3, ge=1, le=100, description="failed connections in a row after which a person is told; we go on trying"
    )
    envelope: Envelope
    delimiters: DelimiterSet = DelimiterSet()
    versions: Versions = Versions()
    submitter: Submitter
    receiver: Receiver
    sftp: Sftp | None = None
    local: LocalFolder | None = None
    upload: Upload
    pickup: Pickup
    batching: Batching = Batching()
    timetable: Timetable = Timetable()
    quirks: Quirks = Quirks()
    answers: Answers = Answers()
