"""How a sandbox partner behaves, as data: how long it takes, how often it refuses, and what it does wrong on purpose."""

import msgspec

from gateway.sandbox.adjudication import Decisions

_MINUTE = 60
_HOUR = 60 * _MINUTE
_DAY = 24 * _HOUR


class Delays(msgspec.Struct, frozen=True):
    """Seconds after an upload was taken, (at least, at most); a remittance is paid on one of `payment_days`."""

    acknowledgment: tuple[int, int] = (5 * _MINUTE, _HOUR)
    clearinghouse: tuple[int, int] = (2 * _HOUR, 8 * _HOUR)
    payer: tuple[int, int] = (_DAY, 2 * _DAY)
    payment_days: tuple[int, ...] = (7, 14, 20)


class Mischief(msgspec.Struct, frozen=True):
    """What goes wrong on purpose, in answers, claims or remittances of a thousand.

    Of every answer file: `early` it overtakes the ones before it, `late` it takes five times as long, `lost` it never comes,
    `same_bytes` it comes again under another name, `merged` it shares a file with the next interchange, `trailing_junk`
    follows its IEA. Of every remittance: `split` in two files, `same_again` in other bytes, `cent_out` of balance,
    `provider_adjusted` by PLB, with a payment of an `unknown_claim`. Of every paid claim: `reversed_later` and corrected, its
    number `lowered` or `cut`. Of every upload: a report that is `not_edi`, an `empty_file`. Of every set: refused whole for one
    guilty claim (`set_refused`).
    """

    early: int = 0
    late: int = 0
    lost: int = 0
    same_bytes: int = 0
    merged: int = 0
    trailing_junk: int = 0
    split: int = 0
    same_again: int = 0
    cent_out: int = 0
    provider_adjusted: int = 0
    unknown_claim: int = 0
    reversed_later: int = 0
    lowered: int = 0
    cut: int = 0
    not_edi: int = 0
    empty_file: int = 0
    set_refused: int = 0


class Behaviour(msgspec.Struct, frozen=True):
    """A way to behave. Rates are claims of a thousand; `silence` claims are accepted and then never paid or denied."""

    name: str
    clearinghouse_rejection_per_mille: int = 30
    payer_rejection_per_mille: int = 20
    silence_per_mille: int = 10
    decisions: Decisions = Decisions()
    delays: Delays = Delays()
    mischief: Mischief = Mischief()


FRIENDLY = Behaviour(name="friendly")

PERFECT = Behaviour(
    name="perfect",
    clearinghouse_rejection_per_mille=0,
    payer_rejection_per_mille=0,
    silence_per_mille=0,
    decisions=Decisions(claim_denial_per_mille=0, line_denial_per_mille=0),
)

HOSTILE = Behaviour(
    name="hostile",
    clearinghouse_rejection_per_mille=80,
    payer_rejection_per_mille=60,
    silence_per_mille=40,
    decisions=Decisions(claim_denial_per_mille=120, line_denial_per_mille=90),
    mischief=Mischief(
        early=150,
        late=100,
        lost=30,
        same_bytes=100,
        merged=100,
        trailing_junk=50,
        split=200,
        same_again=100,
        cent_out=80,
        provider_adjusted=250,
        unknown_claim=120,
        reversed_later=30,
        lowered=20,
        cut=20,
        not_edi=400,
        empty_file=400,
        set_refused=120,
    ),
)

BEHAVIOURS = {behaviour.name: behaviour for behaviour in (FRIENDLY, PERFECT, HOSTILE)}
"""Every behaviour by the name it is asked for, e.g. `--behaviour hostile`."""
