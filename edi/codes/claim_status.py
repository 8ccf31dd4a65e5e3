"""Claim status: what a category, a status code and an entity of an STC mean, and what to do about it.

The lists are kept outside X12 and grow three times a year; here are those that billing offices meet most, in our own words.
"""

from typing import Literal

Meaning = Literal["accepted", "rejected", "pending", "final", "request", "error", "unknown"]

ACCEPTED_CATEGORIES = frozenset(("A0", "A1", "A2", "A5"))
REJECTED_CATEGORIES = frozenset(("A3", "A4", "A6", "A7", "A8"))

CATEGORIES: dict[str, str] = {
    "A0": "passed on to another party",
    "A1": "received, not yet looked at",
    "A2": "taken into adjudication",
    "A3": "sent back: it cannot be processed as it is",
    "A4": "no such claim was found",
    "A5": "split into several claims, each taken in",
    "A6": "rejected: something required is missing",
    "A7": "rejected: something in it is not valid",
    "A8": "rejected: values in it do not agree with each other",
    "P0": "pending; no detail is given",
    "P1": "pending in the payer's system",
    "P2": "pending while the payer reviews it",
    "P3": "pending until the provider answers a request",
    "P4": "pending until the patient answers a request",
    "P5": "pending at the payer for administrative reasons",
    "F0": "finished; see the remittance",
    "F1": "finished and paid",
    "F2": "finished and denied",
    "F3": "finished with a changed decision",
    "F3F": "finished with a changed decision, and passed to the next payer",
    "F3N": "finished with a changed decision, not passed on",
    "F4": "finished; no payment will come",
    "R0": "the payer asks for information",
    "R1": "the payer asks for information about a party",
    "R3": "the payer asks for information about the claim",
    "R4": "the payer asks for documents",
    "R5": "the payer asks for information on one service",
    "D0": "the payer finds nothing under these keys",
    "E0": "the inquiry itself could not be answered",
    "E1": "the payer's system cannot answer now",
    "E2": "the party asked does not answer",
    "E3": "the inquiry has to be corrected before it is sent again",
    "E4": "a trading partner agreement is missing",
}
"""STC01-1 and its like: the category, said of a claim."""

CODES: dict[str, tuple[str, str]] = {
    "0": ("nothing more can be said", ""),
    "3": ("decided; waits for the next payment run", ""),
    "16": ("handed to another party", ""),
    "19": ("receipt confirmed", ""),
    "20": ("accepted for processing", ""),
    "21": ("information is missing or not valid", "Look at the other codes beside it for what is missing."),
    "23": ("returned to the sender", "Correct the claim and send it as a new original."),
    "24": ("this party may not submit electronically here", "Finish the payer's enrolment, then send again."),
    "25": ("this party is not approved", "Check enrolment and credentials with the payer."),
    "26": ("this party is not known", "Check the identifier against the payer's own records."),
    "27": ("the policy was cancelled", "Ask the patient for current coverage."),
    "29": ("the subscriber does not match the policy number", "Compare the card with the claim."),
    "30": ("the subscriber does not match the member id", "Compare the card with the claim."),
    "31": ("the subscriber's name does not match the policy", "Spell the name as on the card."),
    "32": ("no subscriber with this policy number", "Check coverage with the payer."),
    "33": ("no subscriber with this member id", "Check the member id and the payer chosen."),
    "35": ("claim not found", "Check payer and numbers; if it never arrived, send it again."),
    "54": ("a duplicate of a claim already processed", "Find the earlier claim before sending anything."),
    "65": ("already paid", "Look for the remittance."),
    "78": ("a duplicate of a claim still in process", "Wait for the first claim."),
    "88": ("not eligible on the dates of service", "Check coverage for those dates."),
    "90": ("no medical benefits", "Check which plan covers this service."),
    "91": ("not approved on the dates of service", "Check effective dates with the payer."),
    "97": ("the patient's coverage is not found here", "Check payer and member id."),
    "116": ("sent to the wrong payer", "Find the right payer id on the card and send there."),
    "122": ("missing or invalid data stops processing", "Look at the other codes beside it."),
    "125": ("name", "Correct the name."),
    "126": ("address", "Correct the address."),
    "128": ("tax id", "Correct the tax id, as enrolled with the payer."),
    "145": ("specialty or taxonomy code", "Use the taxonomy enrolled with the payer."),
    "153": ("identification number", "Correct the identifier."),
    "156": ("relationship of patient to subscriber", "Correct the relationship."),
    "157": ("gender", "Correct the gender to what the payer has on file."),
    "158": ("date of birth", "Correct the date of birth."),
    "164": ("member or contract number", "Copy the member id from the card."),
    "171": ("other coverage", "Add or correct the other payer."),
    "178": ("charges", "Check that line charges add up to the claim's."),
    "187": ("dates of service", "Correct the dates of service."),
    "189": ("admission date", "Add or correct the admission date."),
    "249": ("place of service", "Correct the place of service."),
    "254": ("principal diagnosis", "Correct the first diagnosis."),
    "255": ("diagnosis", "Correct the diagnosis; check that it was valid on the date of service."),
    "286": ("what the other payer paid", "Add the prior payer's amounts and adjustments."),
    "297": ("medical notes", "Send the notes that the payer asks for."),
    "453": ("procedure modifier", "Correct the modifier."),
    "454": ("procedure code", "Correct the procedure code."),
    "476": ("units of service", "Correct the units."),
    "481": ("the form of the claim is not valid", "Look at the 999 and the claim's findings."),
    "484": ("the payer's application is not available", "Send again later."),
    "488": ("diagnosis for the service", "Point the service at the right diagnosis."),
    "500": ("postal code", "Correct the postal code; billing providers need all nine digits."),
    "501": ("state", "Correct the state."),
    "504": ("last name", "Correct the last name."),
    "505": ("first name", "Correct the first name."),
    "507": ("HCPCS code", "Correct the HCPCS code."),
    "510": ("a date in the future", "Correct the date."),
    "511": ("a character that may not be used", "Remove special characters."),
    "512": ("too long for the receiver's system", "Shorten the value."),
    "562": ("NPI", "Correct the NPI, or enrol it with this payer."),
    "585": ("charge not covered", "Check the plan's benefits."),
    "718": ("not filed in time", "Send proof of timely filing, or appeal."),
}
"""Status codes with their short text and what to do; ones that name a thing are said of the entity beside them."""

ENTITIES: dict[str, str] = {
    "03": "dependent",
    "1P": "provider",
    "36": "employer",
    "40": "receiver",
    "41": "submitter",
    "71": "attending provider",
    "72": "operating provider",
    "77": "service location",
    "82": "rendering provider",
    "85": "billing provider",
    "87": "pay-to provider",
    "AY": "clearinghouse",
    "DK": "ordering provider",
    "DN": "referring provider",
    "DQ": "supervising provider",
    "GB": "other insured",
    "IL": "subscriber",
    "PR": "payer",
    "QC": "patient",
}
"""STC01-3: whom a status code is about."""

_BY_LETTER: dict[str, Meaning] = {"P": "pending", "F": "final", "R": "request", "D": "error", "E": "error"}


def meaning_of(category: str) -> Meaning:
    """What a category means for the claim; "unknown" for one that is in no list."""
    if category in ACCEPTED_CATEGORIES:
        return "accepted"
    if category in REJECTED_CATEGORIES:
        return "rejected"
    return _BY_LETTER.get(category[:1], "unknown")


def text_of(category: str, code: str, entity: str = "") -> str:
    """What one STC composite says, e.g. "taken into adjudication (accepted for processing)"; unknown codes stand as they are."""
    what = CODES[code][0] if code in CODES else f"status {code}" if code else ""
    whom = ENTITIES.get(entity, f"entity {entity}" if entity else "")
    detail = ": ".join(part for part in (whom, what) if part)
    head = CATEGORIES.get(category, f"category {category}" if category else "no category")
    return f"{head} ({detail})" if detail else head


def action_of(category: str, code: str) -> str:
    """What to do next in a sentence; '' where nothing is to be done."""
    if code in CODES and CODES[code][1]:
        return CODES[code][1]
    return {
        "rejected": "Correct the claim and send it as a new original.",
        "request": "Answer the payer's request.",
        "error": "Check the keys of the inquiry, then ask again.",
        "unknown": "Ask the sender what this category means.",
    }.get(meaning_of(category), "")
