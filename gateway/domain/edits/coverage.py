"""Edits on how the claim is covered and filed: kind of insurance, signatures, causes, Medicare and workers' compensation."""

import re
from collections.abc import Iterator

from edi.claims import Claim
from edi.codes.claim_terms import ASSIGNMENTS, DELAY_REASONS, FILING_INDICATORS, PAYER_ORDERS
from gateway.domain.edits.terms import PROFESSIONAL, WITHOUT_INSTITUTIONAL, Breach, Edit, EditContext
from gateway.domain.postal_regions import PROVINCES, STATES

MEDICARE = frozenset({"MA", "MB"})
WORKERS_COMPENSATION, AUTO_INSURANCE = "WC", "AM"
MEDICARE_ID = re.compile(
    r"[1-9][AC-HJKMNP-RT-Y][0-9AC-HJKMNP-RT-Y][0-9][AC-HJKMNP-RT-Y][0-9AC-HJKMNP-RT-Y][0-9][AC-HJKMNP-RT-Y]{2}[0-9]{2}"
)
"""The eleven characters of a Medicare Beneficiary Identifier, as CMS publishes them; the letters B I L O S Z are left out."""

SELF = "18"
EMPLOYMENT, AUTO_ACCIDENT = "EM", "AA"
CAUSES = frozenset({AUTO_ACCIDENT, EMPLOYMENT, "OA"})
ACCIDENT_DATE = "439"
DENTAL_ASSIGNMENTS = tuple(code for code in ASSIGNMENTS if code != "B")
"""CLM07 of 837D: B is about laboratory services."""

CLAIM_NUMBER = "Y4"
LIABLE = frozenset({WORKERS_COMPENSATION, AUTO_INSURANCE, "LM", "OF", "FI", "ZZ", ""})


def _check_filing_indicator(claim: Claim, context: EditContext) -> Iterator[Breach]:
    indicator = claim.coverage.claim_filing_indicator
    if indicator and indicator not in FILING_INDICATORS:
        yield Breach(
            "The kind of insurance is no claim filing indicator.",
            "Give one of the guide, such as CI, MB or MC; left empty, the payer's profile gives it.",
            "coverage.claim_filing_indicator (2000B SBR09)",
        )


def _check_filing_indicator_payer(claim: Claim, context: EditContext) -> Iterator[Breach]:
    indicator = claim.coverage.claim_filing_indicator
    if indicator not in FILING_INDICATORS or context.payer is None or "*" in context.payer.payer_ids:
        return
    usual = context.payer.find_filing_indicator(claim.payer.id)
    if indicator != usual:
        yield Breach(
            f"The claim is filed as {indicator}, and {context.payer.name} is filed as {usual}.",
            "Correct the payer, or the kind of insurance; left empty, the payer's profile gives it.",
            "coverage.claim_filing_indicator (2000B SBR09)",
        )


def _check_responsibility(claim: Claim, context: EditContext) -> Iterator[Breach]:
    if claim.coverage.responsibility not in PAYER_ORDERS:
        yield Breach(
            "The place of the payer in the order of payers is no code of the guide.",
            "Give P for primary, S for secondary, T for tertiary.",
            "coverage.responsibility (2000B SBR01)",
        )


def _check_medicare_id(claim: Claim, context: EditContext) -> Iterator[Breach]:
    if claim.coverage.claim_filing_indicator not in MEDICARE or not claim.subscriber.id:
        return
    if context.payer is not None and context.payer.member_id_pattern:
        return  # the profile knows better
    if not MEDICARE_ID.fullmatch(claim.subscriber.id.replace("-", "").upper()):
        yield Breach(
            "The member id is not a Medicare Beneficiary Identifier.",
            "Copy the eleven characters from the Medicare card; the former numbers are no longer taken.",
            "subscriber.id (2010BA NM109)",
        )


def _check_medicare_dependent(claim: Claim, context: EditContext) -> Iterator[Breach]:
    if claim.coverage.claim_filing_indicator in MEDICARE and (claim.relationship != SELF or claim.patient is not None):
        yield Breach(
            "A dependent is named, and Medicare covers persons alone.",
            "Enter the patient as the subscriber, under the patient's own number.",
            "relationship (2000C PAT01)",
        )


def _check_insurance_type_unneeded(claim: Claim, context: EditContext) -> Iterator[Breach]:
    if not claim.coverage.insurance_type:
        return
    indicator = claim.coverage.claim_filing_indicator
    if claim.coverage.responsibility == "P" or (indicator and indicator not in MEDICARE):
        yield Breach(
            "An insurance type is given, and it is for Medicare as a later payer only.",
            "Leave it out.",
            "coverage.insurance_type (2000B SBR05)",
        )


def _check_release(claim: Claim, context: EditContext) -> Iterator[Breach]:
    if claim.release_of_information not in {"Y", "I"}:
        yield Breach(
            "The release of information is neither Y nor I.",
            "Give Y where the patient has signed, I where the law allows it without.",
            "release_of_information (2300 CLM09)",
        )


def _check_assignment(claim: Claim, context: EditContext) -> Iterator[Breach]:
    allowed = DENTAL_ASSIGNMENTS if claim.guide == "837D" else ASSIGNMENTS
    if claim.assignment not in allowed:
        yield Breach(
            f"Whether assignment is accepted is not said as one of {', '.join(allowed)}.",
            "Give A where the provider accepts the payer's price, C where not.",
            "assignment (2300 CLM07)",
        )


def _check_benefits(claim: Claim, context: EditContext) -> Iterator[Breach]:
    if claim.benefits_assigned not in {"Y", "N", "W"}:
        yield Breach(
            "Whether benefits go to the provider is not Y, N or W.",
            "Give Y where the patient has assigned them, N where not.",
            "benefits_assigned (2300 CLM08)",
        )


def _check_signature(claim: Claim, context: EditContext) -> Iterator[Breach]:
    if claim.provider_signature != "Y":
        yield Breach(
            "The provider's signature is not said to be on file.",
            "Give Y once it is.",
            "provider_signature (2300 CLM06)",
        )


def _check_causes(claim: Claim, context: EditContext) -> Iterator[Breach]:
    for i, cause in enumerate(claim.related_causes):
        if cause not in CAUSES:
            yield Breach(
                "A cause of the condition is no code of the guide.",
                "Use AA for an auto accident, EM for employment, OA for another accident.",
                f"related_causes[{i}] (2300 CLM11-{i + 1})",
            )


def _check_accident_state(claim: Claim, context: EditContext) -> Iterator[Breach]:
    state = claim.related_state
    if state and state not in STATES and state not in PROVINCES:
        yield Breach(
            "The state of the accident is no state.",
            "Give its two capital letters, or the country where it was abroad.",
            "related_state (2300 CLM11-4)",
        )


def _check_delay_reason(claim: Claim, context: EditContext) -> Iterator[Breach]:
    if claim.delay_reason and claim.delay_reason not in DELAY_REASONS:
        message = "The delay reason is no code of the guide."
        yield Breach(message, "Give a number from 1 to 11, or 15.", "delay_reason (2300 CLM20)")


def _check_compensation_number(claim: Claim, context: EditContext) -> Iterator[Breach]:
    if claim.coverage.claim_filing_indicator not in {WORKERS_COMPENSATION, AUTO_INSURANCE}:
        return
    references = (*claim.subscriber.references, *(claim.patient.references if claim.patient else ()), *claim.references)
    if not any(reference.qualifier == CLAIM_NUMBER and reference.value for reference in references):
        yield Breach(
            "The insurer's number of the injury or accident is missing.",
            "Give the number that the insurer opened the case under.",
            "subscriber.references (2010BA REF*Y4)",
        )


def _check_compensation_cause(claim: Claim, context: EditContext) -> Iterator[Breach]:
    if claim.coverage.claim_filing_indicator == WORKERS_COMPENSATION and EMPLOYMENT not in claim.related_causes:
        yield Breach(
            "The claim goes to workers' compensation, and employment is not named as the cause.",
            "Add EM to the causes, or bill the patient's own insurance.",
            "related_causes (2300 CLM11)",
        )


def _check_compensation_date(claim: Claim, context: EditContext) -> Iterator[Breach]:
    if claim.coverage.claim_filing_indicator == WORKERS_COMPENSATION and not any(one == ACCIDENT_DATE for one, _ in claim.dates):
        yield Breach(
            "The claim goes to workers' compensation, and the day of the injury is missing.",
            "Give it as the accident's date.",
            "dates (2300 DTP*439)",
        )


def _check_auto_cause(claim: Claim, context: EditContext) -> Iterator[Breach]:
    if claim.coverage.claim_filing_indicator == AUTO_INSURANCE and AUTO_ACCIDENT not in claim.related_causes:
        yield Breach(
            "The claim goes to an auto insurance, and no auto accident is named as the cause.",
            "Add AA to the causes, or bill the patient's own insurance.",
            "related_causes (2300 CLM11)",
        )


def _check_employment_payer(claim: Claim, context: EditContext) -> Iterator[Breach]:
    if EMPLOYMENT in claim.related_causes and claim.coverage.claim_filing_indicator not in LIABLE and not claim.other_payers:
        yield Breach(
            "The condition comes of employment, and the claim goes to a health plan as if nobody else had to pay.",
            "Bill workers' compensation first, or take EM out of the causes.",
            "related_causes (2300 CLM11)",
        )


EDITS: tuple[Edit, ...] = (
    Edit(
        id="filing-indicator-unknown",
        group="coverage",
        severity="hold",
        what="The kind of insurance is a claim filing indicator of the guide.",
        why="A code of another list is refused at the front end.",
        fix="Give a code of the guide, or leave it to the payer's profile.",
        example="SBR09 is 09, which 5010 has no more.",
        find_breaches=_check_filing_indicator,
    ),
    Edit(
        id="filing-indicator-payer",
        group="coverage",
        severity="warn",
        what="The kind of insurance is the one that the payer's profile states.",
        why="Another kind sends the claim to another line of business, or is a sign of the wrong payer.",
        fix="Correct the payer or the kind of insurance.",
        example="MC (Medicaid) on a claim to a payer whose profile says CI.",
        find_breaches=_check_filing_indicator_payer,
    ),
    Edit(
        id="responsibility-unknown",
        group="coverage",
        severity="hold",
        what="The order of the payer is a code of the guide.",
        why="The payer would not know whether another one has paid before.",
        fix="Give P for primary, S for secondary, T for tertiary.",
        example="SBR01 is 1.",
        find_breaches=_check_responsibility,
    ),
    Edit(
        id="medicare-id-format",
        group="coverage",
        severity="hold",
        what="A Medicare member id has the eleven characters of a Medicare Beneficiary Identifier.",
        why="Medicare refuses every other number since 2020.",
        fix="Copy the eleven characters from the Medicare card.",
        example="A social security number with an A behind it.",
        find_breaches=_check_medicare_id,
    ),
    Edit(
        id="medicare-dependent",
        group="coverage",
        severity="hold",
        what="On a Medicare claim the patient is the subscriber.",
        why="Medicare has no dependents; everyone has a number of their own.",
        fix="Enter the patient as the subscriber.",
        example="Relationship 01 on a claim filed as MB.",
        find_breaches=_check_medicare_dependent,
    ),
    Edit(
        id="insurance-type-unneeded",
        group="coverage",
        severity="warn",
        what="An insurance type stands only on a claim to Medicare as a later payer.",
        why="The guide has it for nothing else.",
        fix="Leave it out.",
        example="SBR05 12 on a claim to a commercial plan.",
        guides=PROFESSIONAL,
        find_breaches=_check_insurance_type_unneeded,
    ),
    Edit(
        id="release-of-information",
        group="coverage",
        severity="hold",
        what="The release of information is Y or I.",
        why="The guide requires one of them.",
        fix="Give Y where the patient has signed, I where the law allows it without.",
        example="CLM09 is N.",
        find_breaches=_check_release,
    ),
    Edit(
        id="assignment-unknown",
        group="coverage",
        severity="hold",
        what="Whether assignment is accepted is said as A, B or C, on a dental claim as A or C.",
        why="The guide requires one of them; it decides whom the payer pays.",
        fix="Give A where the provider accepts the payer's price, C where not.",
        example="CLM07 is Y.",
        find_breaches=_check_assignment,
    ),
    Edit(
        id="benefits-assigned",
        group="coverage",
        severity="hold",
        what="Whether benefits are assigned is said as Y, N or W.",
        why="The guide requires one of them.",
        fix="Give Y where the patient has assigned them, N where not.",
        example="CLM08 is empty.",
        find_breaches=_check_benefits,
    ),
    Edit(
        id="provider-signature",
        group="coverage",
        severity="warn",
        what="The provider's signature is on file.",
        why="Payers deny a claim that nobody has signed for.",
        fix="Give Y once the signature is on file.",
        example="CLM06 is N.",
        guides=WITHOUT_INSTITUTIONAL,
        find_breaches=_check_signature,
    ),
    Edit(
        id="related-cause-unknown",
        group="coverage",
        severity="hold",
        what="Causes of the condition are AA, EM or OA.",
        why="5010 has no others.",
        fix="Use AA for an auto accident, EM for employment, OA for another accident.",
        example="CLM11-1 is AP.",
        guides=WITHOUT_INSTITUTIONAL,
        find_breaches=_check_causes,
    ),
    Edit(
        id="accident-state-unknown",
        group="coverage",
        severity="hold",
        what="The state of an accident is a state.",
        why="The law of the state decides who pays.",
        fix="Give its two capital letters, or the country where it was abroad.",
        example="CLM11-4 is XX.",
        find_breaches=_check_accident_state,
    ),
    Edit(
        id="delay-reason-unknown",
        group="timely_filing",
        severity="hold",
        what="A delay reason is a code of the guide.",
        why="Another one is refused, and with it the excuse.",
        fix="Give a number from 1 to 11, or 15.",
        example="CLM20 is 12.",
        find_breaches=_check_delay_reason,
    ),
    Edit(
        id="casualty-number-missing",
        group="coverage",
        severity="warn",
        what="A claim to workers' compensation or auto insurance has the insurer's number of the case.",
        why="The insurer finds the injury by it; most states require it.",
        fix="Give the number as REF*Y4 of the subscriber or patient.",
        example="SBR09 WC and no REF*Y4.",
        guides=WITHOUT_INSTITUTIONAL,
        find_breaches=_check_compensation_number,
    ),
    Edit(
        id="compensation-cause",
        group="coverage",
        severity="warn",
        what="A claim to workers' compensation names employment as the cause.",
        why="The insurer pays for nothing else.",
        fix="Add EM to the causes, or bill the patient's own insurance.",
        example="SBR09 WC and CLM11 empty.",
        guides=WITHOUT_INSTITUTIONAL,
        find_breaches=_check_compensation_cause,
    ),
    Edit(
        id="compensation-injury-date",
        group="coverage",
        severity="warn",
        what="A claim to workers' compensation has the day of the injury.",
        why="The insurer finds the case by it.",
        fix="Give it as the accident's date.",
        example="SBR09 WC without DTP*439.",
        guides=WITHOUT_INSTITUTIONAL,
        find_breaches=_check_compensation_date,
    ),
    Edit(
        id="auto-insurance-cause",
        group="coverage",
        severity="warn",
        what="A claim to an auto insurance names an auto accident as the cause.",
        why="The insurer pays for nothing else.",
        fix="Add AA to the causes, or bill the patient's own insurance.",
        example="SBR09 AM and CLM11 OA.",
        guides=WITHOUT_INSTITUTIONAL,
        find_breaches=_check_auto_cause,
    ),
    Edit(
        id="employment-payer",
        group="coverage",
        severity="warn",
        what="A condition that comes of employment is not billed to a health plan alone.",
        why="Health plans deny what workers' compensation has to pay.",
        fix="Bill workers' compensation first, or take EM out of the causes.",
        example="CLM11 EM on a claim filed as CI, with no other payer.",
        guides=WITHOUT_INSTITUTIONAL,
        find_breaches=_check_employment_payer,
    ),
)
"""The edits on coverage."""
