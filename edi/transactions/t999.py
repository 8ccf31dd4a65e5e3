"""999 Implementation Acknowledgment (005010X231A1): syntax, per transaction set, as documents."""

from edi.claims import Document


class ElementNote(Document, frozen=True, kw_only=True):
    """IK4: one element's error. `code` is IK403."""

    element: int
    code: str
    component: int = 0
    repeat: int = 0
    data_element: str = ""
    value: str = ""


class SegmentNote(Document, frozen=True, kw_only=True):
    """IK3 with its CTX and IK4s. `position` counts from ST = 1; `patient_control_number` is CTX*CLM01:…"""

    segment: str
    position: int
    code: str
    loop: str = ""
    patient_control_number: str = ""
    elements: tuple[ElementNote, ...] = ()


class SetResponse(Document, frozen=True, kw_only=True):
    """AK2 … IK5: one transaction set's verdict. `verdict` is IK501: A, E, R, M, W, X."""

    transaction: str
    control_number: str
    verdict: str
    version: str = ""
    codes: tuple[str, ...] = ()
    notes: tuple[SegmentNote, ...] = ()
    position: int = 0


class GroupResponse(Document, frozen=True, kw_only=True):
    """AK1 and AK9 with every set response between. `verdict` is AK901: A, E, P, R, M, W, X."""

    functional_id: str
    control_number: int
    verdict: str
    version: str = ""
    set_count: int = 0
    received_count: int = 0
    accepted_count: int = 0
    codes: tuple[str, ...] = ()
    sets: tuple[SetResponse, ...] = ()
