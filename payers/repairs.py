"""What a rule's `set` may write into a claim: a short list, nothing of which is clinical or says who the patient is."""

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from edi.claims import Claim, Party, Reference
from edi.codes.claim_terms import FILING_INDICATORS
from payers.field_terms import FORMS, Form, Setting

_TIDY: tuple[Form, ...] = ("upper", "strip")


def _set_coverage(key: str) -> Callable[[Claim, str], Claim]:
    return lambda claim, value: replace(claim, coverage=replace(claim.coverage, **{key: value}))


def _set_payer(key: str) -> Callable[[Claim, str], Claim]:
    return lambda claim, value: replace(claim, payer=replace(claim.payer, **{key: value}))


def _set_billing(key: str) -> Callable[[Claim, str], Claim]:
    return lambda claim, value: replace(claim, billing_provider=replace(claim.billing_provider, **{key: value}))


def _set_member_id(claim: Claim, value: str) -> Claim:
    return replace(claim, subscriber=replace(claim.subscriber, id=value))


def put_reference(references: tuple[Reference, ...], qualifier: str, value: str) -> tuple[Reference, ...]:
    """The references with this value for all of this kind; without them where the value is empty, with one more where none is."""
    if not value:
        return tuple(each for each in references if each.qualifier != qualifier)
    changed = tuple(replace(each, value=value) if each.qualifier == qualifier else each for each in references)
    there = any(each.qualifier == qualifier for each in references)
    return changed if there else (*changed, Reference(qualifier=qualifier, value=value))


def _set_claim_reference(qualifier: str) -> Callable[[Claim, str], Claim]:
    return lambda claim, value: replace(claim, references=put_reference(claim.references, qualifier, value))


def _set_billing_reference(qualifier: str) -> Callable[[Claim, str], Claim]:
    def write(claim: Claim, value: str) -> Claim:
        provider = claim.billing_provider
        return replace(claim, billing_provider=replace(provider, references=put_reference(provider.references, qualifier, value)))

    return write


def _set_tax_id(claim: Claim, value: str) -> Claim:
    kept = tuple(replace(each, value=value) if each.qualifier in {"EI", "SY"} else each
                 for each in claim.billing_provider.references)  # fmt: skip
    return replace(claim, billing_provider=replace(claim.billing_provider, references=kept))


def _set_postal_code(key: str) -> Callable[[Claim, str], Claim]:
    def write(claim: Claim, value: str) -> Claim:
        party: Party | None = getattr(claim, key)
        if party is None or party.address is None:
            return claim
        changed: dict[str, Any] = {key: replace(party, address=replace(party.address, postal_code=value))}
        return replace(claim, **changed)

    return write


SETTINGS: dict[str, Setting] = {
    "coverage.claim_filing_indicator": Setting(
        _set_coverage("claim_filing_indicator"), constant=True, choice=frozenset(FILING_INDICATORS)
    ),
    "coverage.insurance_type": Setting(_set_coverage("insurance_type"), constant=True, blank=True),
    "coverage.group_name": Setting(_set_coverage("group_name"), constant=True, blank=True, forms=("upper",)),
    "coverage.group_number": Setting(_set_coverage("group_number"), blank=True, forms=FORMS),
    "payer.name": Setting(_set_payer("last_name"), constant=True, forms=("upper",)),
    "payer.id": Setting(_set_payer("id"), constant=True, forms=("upper", "strip")),
    "subscriber.id": Setting(_set_member_id, forms=_TIDY),
    "subscriber.postal_code": Setting(_set_postal_code("subscriber"), forms=("digits",)),
    "claim.prior_authorization": Setting(_set_claim_reference("G1"), forms=FORMS),
    "claim.referral_number": Setting(_set_claim_reference("9F"), forms=FORMS),
    "claim.payer_claim_number": Setting(_set_claim_reference("F8"), forms=("upper", "strip")),
    "billing_provider.taxonomy": Setting(_set_billing("taxonomy"), constant=True, forms=_TIDY, of_provider=True),
    "billing_provider.tax_id": Setting(_set_tax_id, forms=("digits",)),
    "billing_provider.postal_code": Setting(_set_postal_code("billing_provider"), forms=("digits",)),
}
"""The fields that a rule may set."""


def set_billing_number(qualifier: str) -> Setting:
    """The billing provider's number of one kind: the payer's own for it, which differs from practice to practice."""
    return Setting(_set_billing_reference(qualifier), constant=True, blank=True, forms=FORMS, of_provider=True)
