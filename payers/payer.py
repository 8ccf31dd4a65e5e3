"""What a payer's profile holds: who it is on a claim, the ways to it, and the rules a claim must meet for it."""

import re
from typing import Annotated, Literal

from pydantic import Field

from payers.fields import (
    SENT,
    ClaimUsage,
    FilingDays,
    FilingIndicator,
    Identifier,
    OptionalDays,
    SentIds,
    Strict,
    Text,
    Texts,
)
from payers.partner import Answers
from payers.rules import Rule


class TimelyFiling(Strict):
    """Days in which the payer takes a claim; its provider manual says. "never": there is no such limit.

    They run from the first service, on an 837I from the end of its statement, and end by the partner's own calendar.
    """

    original_days: FilingDays = Field(
        description="an original, from the first service, on an 837I from the end of its statement", examples=[180]
    )
    corrected_days: OptionalDays = Field(
        default=None, description="a replacement or late charge, from the date of service; a void has no limit", examples=[365]
    )
    secondary_days: OptionalDays = Field(
        default=None, description="a claim that an earlier payer has decided on, from its remittance", examples=[90]
    )
    appeal_days: OptionalDays = Field(
        default=None, description="an appeal, from the payment date of the denial; its work item is due then", examples=[60]
    )


class SecondRoute(Strict):
    """Another partner that carries this payer's claims; they go there while `route` says so."""

    partner: Identifier = Field(description="the id of a profile in partners/", examples=["lakeside"])
    sent_payer_id: Annotated[str, SENT] = Field(
        default="", max_length=80, description="NM109 by that way, where it differs", examples=["BHH1"]
    )


class LineOfBusiness(Strict):
    """A kind of insurance of this payer that is told by the payer id on the claim."""

    name: Text = Field(description="how people call it", examples=["Medicare Advantage"])
    payer_ids: SentIds = Field(min_length=1, description="which of the payer's payer_ids mean it", examples=[["BHH02"]])
    claim_filing_indicator: FilingIndicator = Field(description="SBR09 for it", examples=["16"])


class IdPattern(Strict):
    """The form that a value of the claim must have, beside the member id."""

    field: str = Field(
        min_length=1, max_length=80, description="a field of docs/claim-fields.md", examples=["coverage.group_number"]
    )
    form: str = Field(
        min_length=1, max_length=200, description="regular expression that the whole value must fit", examples=["[0-9]{6}"]
    )
    example: str = Field(min_length=1, max_length=80, description="an invented one that fits", examples=["000017"])


class Payer(Strict):
    """A payer: who it is on a claim, the partner that carries it, and the rules a claim must meet for it.

    `payer_ids` are the 2010BB NM109 values that mean this payer; "*" takes any payer no other profile names.
    `remit_ids` are its ids in an 835 (TRN03, N1*PR or REF*2U). `contractual_carcs` are written off under group CO.
    """

    id: Identifier = Field(description="how we call it: the file's name without .toml", examples=["blueharbor"])
    name: Text = Field(description="how people call it", examples=["Blue Harbor Health"])
    partner: Identifier = Field(description="who carries its claims: the id of a profile in partners/", examples=["meridian"])
    route: Literal["first", "second"] = Field(
        default="first", description='"second": its claims go by [second_route] from now on, those not yet in a file too'
    )
    usage: Literal[ClaimUsage, ""] = Field(
        default="",
        description="ISA15 of its claims where it is not the partner's: T while this payer alone tests us",
        examples=["T"],
    )
    payer_ids: SentIds = Field(
        min_length=1,
        description='2010BB NM109 on a claim: every id that means it; "*" alone takes any payer that no other profile names',
        examples=[["BHH01", "BHH02"]],
    )
    remit_ids: SentIds = Field(default=(), description="its ids in an 835: TRN03, N1*PR or REF*2U", examples=[["1000000011"]])
    sent_payer_id: Annotated[str, SENT] = Field(
        default="",
        max_length=80,
        description="NM109 as it is sent in 2010BB and, as another payer of a claim, in 2330B; the claim's own where empty",
        examples=["BHH01"],
    )
    sent_name: Annotated[str, SENT] = Field(
        default="",
        max_length=60,
        description="NM103 as it is sent in 2010BB and 2330B; the claim's own where empty",
        examples=["BLUE HARBOR"],
    )
    claim_filing_indicator: FilingIndicator = Field(description="SBR09, the kind of insurance", examples=["CI"])
    overdue_days: int = Field(default=30, ge=1, le=365, description="calendar days from sending after which silence is work")
    takes_replacements: bool = Field(default=True, description="whether it takes claims of frequency 7 by this way")
    takes_voids: bool = Field(default=True, description="whether it takes claims of frequency 8 by this way")
    takes_secondary: bool = Field(
        default=True, description="whether it takes claims after another payer's decision (COB) by this way"
    )
    paper_only: bool = Field(
        default=False, description="whether it takes no electronic claims at all: they are held for the printer"
    )
    member_id_pattern: str = Field(
        default="",
        max_length=200,
        description="regular expression that a whole member id must fit; empty where any will do",
        examples=["[A-Z]{3}[0-9]{9}"],
    )
    member_id_example: str = Field(default="", max_length=80, description="an invented one that fits", examples=["XQB000000017"])
    required: Texts = Field(
        default=(), description="fields of docs/claim-fields.md that may not be empty", examples=[["billing_provider.taxonomy"]]
    )
    forbidden: Texts = Field(
        default=(), description="fields of docs/claim-fields.md that must be empty", examples=[["coverage.group_name"]]
    )
    contractual_carcs: Texts = Field(
        default=("45", "253"), description="CARCs written off under group CO; any other CARC under CO is a denial"
    )
    timely_filing: TimelyFiling
    second_route: SecondRoute | None = None
    answers: Answers | None = Field(
        default=None, description="each key given here instead of the partner's; one left out is as the partner has it"
    )
    lines_of_business: tuple[LineOfBusiness, ...] = Field(
        default=(), strict=False, description="kinds of insurance, each told by its ids"
    )
    patterns: tuple[IdPattern, ...] = Field(default=(), strict=False, description="forms that further values must have")
    rules: tuple[Rule, ...] = Field(default=(), strict=False, description="further rules that its claims must meet")

    @property
    def carrier(self) -> str:
        """The partner that carries its claims now."""
        return self.second_route.partner if self.second_route and self.route == "second" else self.partner

    def find_sent_id(self, carrier: str) -> str:
        """The payer id by which this partner knows it; '' where the claim's own stands."""
        second = self.second_route
        is_second = second is not None and carrier == second.partner and (carrier != self.partner or self.route == "second")
        return (second.sent_payer_id if second and is_second else "") or self.sent_payer_id

    def accepts_member_id(self, member_id: str) -> bool:
        """Whether a member id has this payer's form; any does where the profile names none."""
        return not self.member_id_pattern or re.fullmatch(self.member_id_pattern, member_id) is not None

    def find_filing_indicator(self, payer_id: str) -> str:
        """SBR09 for a claim with this payer id: that of its line of business, or the payer's own."""
        wanted = payer_id.strip().upper()
        for line in self.lines_of_business:
            if wanted in {each.strip().upper() for each in line.payer_ids}:
                return line.claim_filing_indicator
        return self.claim_filing_indicator

    def find_spelling(self, payer_id: str) -> str:
        """A payer id as the profile spells it; the id itself where the profile does not name it."""
        wanted = payer_id.strip().upper()
        return next((each for each in self.payer_ids if each.strip().upper() == wanted), payer_id)
