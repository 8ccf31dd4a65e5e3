"""Every code list there is, by name: its title, who owns it, and what its codes mean and ask for, in our own words."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from edi.codes import (
    acknowledgment,
    adjustment,
    claim_status,
    claim_terms,
    eligibility,
    payment_terms,
    place_of_service,
    provider_adjustment,
    qualifiers,
    remark,
)
from edi.codes.imported import NONE_IMPORTED, Imported, find_text

X12 = "X12"
CMS = "CMS"


@dataclass(frozen=True)
class CodeList:
    """One list. `texts` and `actions` are ours and may be empty: the list is then known by name alone, and can be imported."""

    name: str
    title: str
    owner: str
    texts: Mapping[str, str] = field(default_factory=dict)
    actions: Mapping[str, str] = field(default_factory=dict)


def _split(table: Mapping[str, tuple[str, str]]) -> tuple[dict[str, str], dict[str, str]]:
    """A table of texts with actions as two tables; codes that ask for nothing are not in the second."""
    return {code: text for code, (text, _) in table.items()}, {code: action for code, (_, action) in table.items() if action}


def _describe_adjustments() -> tuple[dict[str, str], dict[str, str]]:
    return _split({code: (carc.text, carc.action) for code, carc in adjustment.CARCS.items()})


_ALL = (
    CodeList("CARC", "claim adjustment reasons (CAS)", X12, *_describe_adjustments()),
    CodeList("RARC", "remittance advice remarks (LQ, MIA, MOA)", CMS, *_split(remark.REMARKS)),
    CodeList("group", "claim adjustment groups (CAS01)", X12, adjustment.GROUPS),
    CodeList("PLB", "provider-level adjustments (PLB)", X12, provider_adjustment.REASONS, provider_adjustment.ACTIONS),
    CodeList(
        "payment-status", "claim payment status (CLP02)", X12, payment_terms.CLAIM_PAYMENT_STATUSES,
        payment_terms.CLAIM_PAYMENT_ACTIONS,
    ),
    CodeList("status-category", "claim status categories (STC01-1)", X12, claim_status.CATEGORIES, claim_status.CATEGORY_ACTIONS),
    CodeList("status", "claim status codes (STC01-2)", X12, *_split(claim_status.CODES)),
    CodeList("entity", "whom a claim status or a name is about (STC01-3, NM101)", X12, claim_status.ENTITIES),
    CodeList("POS", "places of service (CLM05-1, SV105)", CMS, place_of_service.PLACES),
    CodeList("frequency", "claim frequency, last character of a bill type (CLM05-3)", "NUBC", claim_terms.FREQUENCIES),
    CodeList("relationship", "patient to insured (SBR02, PAT01, INS02)", X12, claim_terms.RELATIONSHIPS),
    CodeList("filing", "claim filing indicators (SBR09, CLP06)", X12, claim_terms.FILING_INDICATORS),
    CodeList("payer-order", "order of payers (SBR01)", X12, claim_terms.PAYER_ORDERS),
    CodeList("cause", "related causes (CLM11)", X12, claim_terms.RELATED_CAUSES),
    CodeList("delay", "delay reasons (CLM20)", X12, claim_terms.DELAY_REASONS),
    CodeList("assignment", "acceptance of assignment (CLM07)", X12, claim_terms.ASSIGNMENTS),
    CodeList("payment-method", "payment methods (BPR04)", X12, payment_terms.PAYMENT_METHODS),
    CodeList("handling", "what a remittance carries (BPR01)", X12, payment_terms.HANDLING),
    CodeList("benefit", "eligibility and benefits (EB01)", X12, eligibility.BENEFITS),
    CodeList("service-type", "service types (EB03, EQ01)", X12, eligibility.SERVICE_TYPES),
    CodeList("AAA", "why an inquiry was refused (AAA03)", X12, *_split(eligibility.REFUSALS)),
    CodeList("follow-up", "what to do after a refusal (AAA04)", X12, eligibility.FOLLOW_UPS),
    CodeList("TA105", "interchange notes (TA105)", X12, acknowledgment.INTERCHANGE_NOTES, acknowledgment.INTERCHANGE_ACTIONS),
    CodeList("IK304", "segment errors (IK304)", X12, acknowledgment.SEGMENT_ERRORS),
    CodeList("IK403", "element errors (IK403)", X12, acknowledgment.ELEMENT_ERRORS),
    CodeList("IK502", "transaction set errors (IK502)", X12, acknowledgment.SET_ERRORS),
    CodeList("AK905", "functional group errors (AK905)", X12, acknowledgment.GROUP_ERRORS),
    CodeList("verdict", "verdicts of acknowledgments (TA104, IK501, AK901)", X12, acknowledgment.VERDICTS),
    CodeList("AMT", "amounts (AMT01)", X12, payment_terms.AMOUNTS),
    CodeList("QTY", "quantities (QTY01)", X12, payment_terms.QUANTITIES),
    CodeList("REF", "references (REF01)", X12, qualifiers.REFERENCES),
    CodeList("DTP", "dates (DTP01, DTM01)", X12, qualifiers.DATES),
    CodeList("ICD-10-CM", "diagnoses", "CDC and CMS"),
    CodeList("HCPCS", "procedures and supplies, HCPCS Level II", CMS),
    CodeList("CPT", "procedures, HCPCS Level I", "AMA, licensed"),
    CodeList("CDT", "dental procedures", "ADA, licensed"),
    CodeList("modifier", "procedure modifiers", "AMA and CMS"),
    CodeList("revenue", "revenue codes (SV201)", "NUBC, licensed"),
    CodeList("condition", "condition codes (HI BG)", "NUBC, licensed"),
    CodeList("occurrence", "occurrence codes (HI BH)", "NUBC, licensed"),
    CodeList("occurrence-span", "occurrence span codes (HI BI)", "NUBC, licensed"),
    CodeList("value", "value codes (HI BE)", "NUBC, licensed"),
    CodeList("discharge", "patient discharge status (CL103)", "NUBC, licensed"),
    CodeList("bill-type", "types of bill", "NUBC, licensed"),
    CodeList("DRG", "diagnosis related groups", CMS),
    CodeList("taxonomy", "provider taxonomy (PRV03)", "NUCC, licensed"),
)  # fmt: skip

LISTS: Mapping[str, CodeList] = {each.name: each for each in _ALL}
"""By name, in the order in which they are shown."""


def find_list(name: str) -> CodeList | None:
    """The list of this name, in capitals or not."""
    return LISTS.get(name) or next((each for each in _ALL if each.name.lower() == name.lower()), None)


def describe(kind: str, code: str, imported: Imported = NONE_IMPORTED) -> str:
    """What a code of the list `kind` means, in the imported words or ours; a code that we do not know is shown as itself."""
    return find_text(imported, kind, code) or LISTS[kind].texts.get(code, code)


def next_step(kind: str, code: str) -> str:
    """What to do about a code of the list `kind`; '' where nothing is to be done or we do not know it."""
    return LISTS[kind].actions.get(code, "")
