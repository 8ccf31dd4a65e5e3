"""What a person has to say with a decision."""

from gateway.errors import Refused

REASON_MAX = 500


def check_reason(reason: str) -> None:
    """Raises Refused where a person's reason is missing, or too long to be kept."""
    if not reason.strip() or len(reason) > REASON_MAX:
        raise Refused(f"a reason is needed, in at most {REASON_MAX} characters: it is kept with what was decided")
