"""The coded words of a remittance: how a claim was processed, how money moves, and what the amounts and counts are."""

CLAIM_PAYMENT_STATUSES: dict[str, str] = {
    "1": "processed as primary",
    "2": "processed as secondary",
    "3": "processed as tertiary",
    "4": "denied",
    "19": "processed as primary and passed to the next payer",
    "20": "processed as secondary and passed to the next payer",
    "21": "processed as tertiary and passed to the next payer",
    "22": "reversal of an earlier payment",
    "23": "not this payer's claim; passed on",
    "25": "predetermination, no payment",
}
"""CLP02."""

CLAIM_PAYMENT_ACTIONS: dict[str, str] = {
    "4": "Read the adjustment and remark codes; correct and replace the claim, appeal, or write it off.",
    "19": "Do not bill the next payer: the claim is on its way there.",
    "20": "Do not bill the next payer: the claim is on its way there.",
    "21": "Do not bill the next payer: the claim is on its way there.",
    "22": "Look for the correction, in this remittance or a later one.",
    "23": "Find out which payer has the claim, and follow it up there.",
    "25": "Send the claim once the service is done.",
}
"""What to do about a CLP02; one that was processed for this payer alone asks for nothing."""

PAYMENT_METHODS: dict[str, str] = {
    "ACH": "transfer through the clearing house (EFT)",
    "BOP": "financial institution's choice",
    "CHK": "check",
    "FWT": "wire transfer",
    "NON": "no money moves",
}
"""BPR04."""

HANDLING: dict[str, str] = {
    "C": "payment and remittance together",
    "D": "payment alone",
    "H": "notification alone",
    "I": "remittance alone",
    "P": "prenotification of future transfers",
    "U": "payment and remittance, split",
    "X": "the partner chooses whether they travel together",
}
"""BPR01."""

AMOUNTS: dict[str, str] = {
    "A8": "not covered, by the payer before",
    "AU": "covered",
    "B6": "allowed",
    "D": "paid by the payer before",
    "D8": "discount for prompt payment",
    "DY": "limit per day",
    "EAF": "left for the patient",
    "F3": "expected from the patient",
    "F4": "postage",
    "F5": "paid by the patient",
    "I": "interest",
    "KH": "deducted",
    "NL": "balance owed by the provider",
    "T": "tax",
    "T2": "claimed before tax",
    "YU": "taken in",
    "YY": "sent back",
}
"""AMT01 of claims, remittances and claim acknowledgments."""

QUANTITIES: dict[str, str] = {
    "90": "accepted",
    "AA": "not accepted",
    "CA": "covered days",
    "CD": "days with coinsurance",
    "FL": "units",
    "LA": "lifetime reserve days used",
    "LE": "lifetime reserve days left, as estimated",
    "NE": "days not covered, as estimated",
    "NR": "blood units not replaced",
    "OU": "outlier days",
    "PS": "prescriptions",
    "PT": "patients",
    "QA": "accepted",
    "QC": "rejected",
    "VS": "visits",
}
"""QTY01 of claims, remittances and claim acknowledgments."""
