"""Claim adjustments: the reason codes (CARC) that billing offices meet most, in our own words.

`nature` is what a reason is about when a payer gives it under CO: a profile may say otherwise for its contract.
"""

from typing import Literal, NamedTuple

Nature = Literal["contractual", "patient", "prior payer", "withheld", "denial", "information"]

class Carc(NamedTuple):
    """A reason code: its short text, its nature, and what to do about it."""

    text: str
    nature: Nature
    action: str = ""


GROUPS: dict[str, str] = {
    "CO": "by contract, not the patient's",
    "CR": "correction or reversal",
    "OA": "other",
    "PI": "by the payer's own initiative",
    "PR": "the patient's",
}
"""CAS01: who bears an adjustment."""

CARCS: dict[str, Carc] = {
    "1": Carc("deductible", "patient"),
    "2": Carc("coinsurance", "patient"),
    "3": Carc("copayment", "patient"),
    "4": Carc("modifier missing, or not one for this procedure", "denial", "Correct the modifier and replace the claim."),
    "5": Carc("procedure does not fit the place of service", "denial", "Correct code or place and replace the claim."),
    "6": Carc("procedure does not fit the patient's age", "denial", "Check code and date of birth."),
    "7": Carc("procedure does not fit the patient's gender", "denial", "Check code and gender."),
    "8": Carc("procedure does not fit the provider's specialty", "denial", "Check taxonomy and enrolment."),
    "11": Carc("diagnosis does not support the procedure", "denial", "Check the diagnosis pointers; replace or appeal."),
    "15": Carc("authorization number missing or not valid for this", "denial", "Find the authorization and replace the claim."),
    "16": Carc("information missing or wrong", "denial", "Read the remark codes for what is missing; replace the claim."),
    "18": Carc("exact duplicate", "denial", "Find the first claim; do not send again."),
    "19": Carc("belongs to work injury insurance", "denial", "Bill the workers' compensation carrier."),
    "20": Carc("belongs to a liability carrier", "denial", "Bill the liability carrier."),
    "22": Carc("another payer comes first", "denial", "Bill the other payer first, then this one with its decision."),
    "23": Carc("what prior payers decided", "prior payer"),
    "24": Carc("covered by a capitation agreement", "contractual"),
    "26": Carc("before coverage began", "denial", "Ask the patient for the coverage of that date."),
    "27": Carc("after coverage ended", "denial", "Ask the patient for the coverage of that date."),
    "29": Carc("filed too late", "denial", "Appeal with the 277CA that proves timely filing."),
    "31": Carc("patient not known as insured here", "denial", "Check member id and payer."),
    "32": Carc("patient is not an eligible dependent", "denial", "Check the relationship and coverage."),
    "39": Carc("authorization was refused beforehand", "denial", "Appeal, if the refusal was wrong."),
    "44": Carc("discount for prompt payment", "contractual"),
    "45": Carc("charge above what the contract or fee schedule allows", "contractual"),
    "49": Carc("routine or preventive service not covered", "denial", "Check the diagnosis and the plan's benefits."),
    "50": Carc("not found medically necessary", "denial", "Appeal with the medical record."),
    "55": Carc("held to be experimental", "denial", "Appeal with the medical record."),
    "59": Carc("reduced by rules for several procedures at once", "contractual"),
    "66": Carc("blood deductible", "patient"),
    "95": Carc("the plan's procedures were not followed", "denial", "Find out which step was missed; appeal."),
    "96": Carc("not covered", "denial", "Read the remark codes; check the plan's benefits."),
    "97": Carc("included in the payment for another service", "denial", "Check bundling rules and modifiers."),
    "100": Carc("paid to the patient", "denial", "Bill the patient for what the payer sent them."),
    "107": Carc("the claim it belongs to was not found", "denial", "Give the related claim and replace."),
    "109": Carc("not this payer's to pay", "denial", "Find the right payer and send there."),
    "119": Carc("benefit limit reached", "denial", "Check whether the patient or another payer owes it."),
    "129": Carc("the prior payer's information looks wrong", "denial", "Correct the other payer's amounts and replace."),
    "131": Carc("negotiated discount", "contractual"),
    "140": Carc("name and member id do not agree", "denial", "Correct name or member id and replace."),
    "144": Carc("incentive adjustment", "contractual"),
    "146": Carc("diagnosis not valid on the date of service", "denial", "Correct the diagnosis and replace."),
    "149": Carc("lifetime limit reached", "denial", "Check whether the patient or another payer owes it."),
    "150": Carc("the record does not support this level of service", "denial", "Appeal with the medical record, or recode."),
    "151": Carc("the record does not support this many services", "denial", "Appeal with the medical record."),
    "163": Carc("the attachment was not received", "denial", "Send the attachment again."),
    "167": Carc("diagnosis not covered", "denial", "Check the diagnosis and the plan's benefits."),
    "170": Carc("not payable to this kind of provider", "denial", "Check the rendering provider and taxonomy."),
    "181": Carc("procedure code not valid on the date of service", "denial", "Correct the code and replace."),
    "182": Carc("modifier not valid on the date of service", "denial", "Correct the modifier and replace."),
    "183": Carc("referring provider may not refer this", "denial", "Correct the referring provider and replace."),
    "185": Carc("rendering provider may not perform this", "denial", "Correct the rendering provider and replace."),
    "197": Carc("no authorization before the service", "denial", "Find the authorization, or appeal."),
    "198": Carc("more than was authorized", "denial", "Have the authorization extended, or appeal."),
    "204": Carc("not a benefit of the patient's plan", "denial", "Check whether the patient owes it."),
    "206": Carc("NPI missing", "denial", "Add the NPI and replace."),
    "207": Carc("NPI not well formed", "denial", "Correct the NPI and replace."),
    "208": Carc("NPI not known for this provider", "denial", "Enrol the NPI with the payer."),
    "222": Carc("above the contract's maximum of hours or units", "contractual"),
    "226": Carc("the provider did not send what was asked for", "denial", "Send what was asked for."),
    "227": Carc("the patient did not send what was asked for", "denial", "Ask the patient to answer the payer."),
    "231": Carc("excluded by another procedure of the same day", "denial", "Check the code pair and modifiers."),
    "234": Carc("never paid separately", "denial", "Check bundling rules."),
    "236": Carc("code pair not allowed on the same day", "denial", "Check the code pair and modifiers."),
    "237": Carc("penalty set by law", "withheld"),
    "242": Carc("provider outside the network", "denial", "Check network status with the payer."),
    "243": Carc("not authorized by the primary care provider", "denial", "Find the referral and replace."),
    "252": Carc("an attachment is needed to decide", "denial", "Send the attachment the remark code names."),
    "253": Carc("federal sequestration", "withheld"),
    "256": Carc("not payable under the managed care contract", "denial", "Check the contract."),
    "272": Carc("outside the coverage guidelines", "denial", "Appeal with the medical record."),
    "288": Carc("no referral", "denial", "Find the referral and replace."),
    "A1": Carc("denied; the remark codes say why", "denial", "Read the remark codes."),
    "B7": Carc("provider not certified or eligible on that date", "denial", "Check enrolment dates with the payer."),
    "B10": Carc("reduced: part of it was paid in another service", "contractual"),
    "B11": Carc("passed on to the right payer", "information"),
    "B13": Carc("paid before", "denial", "Find the earlier payment."),
    "B15": Carc("needs another service that was not found", "denial", "Send the qualifying service, or appeal."),
    "B16": Carc("not a new patient by the payer's records", "denial", "Recode as an established patient and replace."),
}
"""CAS02 and its like."""


def carc_text(code: str) -> str:
    """The short text of a reason code; one we do not know is shown as itself."""
    return CARCS[code].text if code in CARCS else f"reason {code}"


def carc_action(code: str) -> str:
    """What to do about a reason; '' where nothing is to be done or we do not know it."""
    return CARCS[code].action if code in CARCS else ""
