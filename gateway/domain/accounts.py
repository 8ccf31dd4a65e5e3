"""The accounts of a practice's books. Debit is positive, credit negative; every journal sums to zero."""

from enum import StrEnum


class Account(StrEnum):
    """Where an entry stands. The value is what is stored."""

    CHARGES = "charges"
    INSURANCE_RECEIVABLE = "insurance_receivable"
    PATIENT_RECEIVABLE = "patient_receivable"
    CASH_CLEARING = "cash_clearing"
    CONTRACTUAL_ADJUSTMENT = "contractual_adjustment"
    OTHER_ADJUSTMENT = "other_adjustment"
    PAYER_WITHHELD = "payer_withheld"
    INTEREST_INCOME = "interest_income"
    PROVIDER_OPEN_ITEMS = "provider_open_items"
    SUSPENSE = "suspense"
    WRITE_OFF = "write_off"
    REFUNDS_PAYABLE = "refunds_payable"


ADJUSTMENTS = (Account.CONTRACTUAL_ADJUSTMENT, Account.PAYER_WITHHELD, Account.OTHER_ADJUSTMENT, Account.WRITE_OFF)
"""What nobody pays any more: the accounts that "adjusted" adds up."""
