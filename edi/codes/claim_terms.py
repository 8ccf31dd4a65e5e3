"""The coded words of a claim's form: frequency, relationship, kind of coverage, causes and the like, in our own words."""

FREQUENCIES: dict[str, str] = {
    "0": "no payment asked for",
    "1": "original, from admission to discharge",
    "2": "first of several for one stay",
    "3": "a later one of several for one stay",
    "4": "last of several for one stay",
    "5": "late charges alone",
    "6": "correction (older payers)",
    "7": "replacement of an earlier claim",
    "8": "void of an earlier claim",
    "9": "final claim of a home health period",
}
"""CLM05-3: the last character of an institutional bill's type, and the claim frequency of all claims."""

RELATIONSHIPS: dict[str, str] = {
    "01": "spouse",
    "04": "grandparent",
    "05": "grandchild",
    "07": "nephew or niece",
    "10": "foster child",
    "15": "ward",
    "17": "stepchild",
    "18": "self",
    "19": "child",
    "20": "employee",
    "21": "unknown",
    "22": "dependent with a disability",
    "23": "sponsored dependent",
    "24": "dependent of a minor dependent",
    "29": "significant other",
    "32": "mother",
    "33": "father",
    "34": "other adult",
    "36": "emancipated minor",
    "39": "organ donor",
    "40": "deceased organ donor",
    "41": "injured plaintiff",
    "43": "child for whom the insured is not financially responsible",
    "53": "life partner",
    "G8": "other relationship",
}
"""SBR02, PAT01 and INS02: what the patient is to the insured."""

FILING_INDICATORS: dict[str, str] = {
    "11": "other plan that is not federal",
    "12": "preferred provider plan (PPO)",
    "13": "point of service plan (POS)",
    "14": "exclusive provider plan (EPO)",
    "15": "indemnity insurance",
    "16": "Medicare health maintenance plan",
    "17": "dental maintenance plan",
    "AM": "auto insurance, medical part",
    "BL": "Blue Cross or Blue Shield",
    "CH": "TRICARE",
    "CI": "commercial insurance",
    "DS": "disability insurance",
    "FI": "federal employees' plan",
    "HM": "health maintenance plan (HMO)",
    "LM": "liability insurance, medical part",
    "MA": "Medicare Part A",
    "MB": "Medicare Part B",
    "MC": "Medicaid",
    "OF": "other federal plan",
    "TV": "Title V, maternal and child health",
    "VA": "Veterans Affairs",
    "WC": "workers' compensation",
    "ZZ": "kind of coverage not known",
}
"""SBR09 and CLP06: what kind of coverage the claim is filed under."""

PAYER_ORDERS: dict[str, str] = {
    "P": "primary",
    "S": "secondary",
    "T": "tertiary",
    "A": "fourth payer",
    "B": "fifth payer",
    "C": "sixth payer",
    "D": "seventh payer",
    "E": "eighth payer",
    "F": "ninth payer",
    "G": "tenth payer",
    "H": "eleventh payer",
    "U": "order of payers unknown",
}
"""SBR01: whose turn it is to pay."""

RELATED_CAUSES: dict[str, str] = {
    "AA": "auto accident",
    "AB": "abuse",
    "AP": "another party is responsible",
    "EM": "employment",
    "OA": "other accident",
}
"""CLM11: what the condition comes of."""

DELAY_REASONS: dict[str, str] = {
    "1": "it was not known in time that the patient is eligible",
    "2": "litigation",
    "3": "authorization took time",
    "4": "the provider's certification took time",
    "5": "billing forms came late",
    "6": "custom-made appliances came late",
    "7": "a third party took time",
    "8": "eligibility was decided late",
    "9": "rejected or denied for reasons other than filing limits",
    "10": "administrative delay before approval",
    "11": "other",
    "15": "natural disaster",
}
"""CLM20: why a claim comes late."""

ASSIGNMENTS: dict[str, str] = {
    "A": "the provider accepts assignment",
    "B": "assignment is accepted for clinical laboratory services alone",
    "C": "the provider does not accept assignment",
}
"""CLM07: whether the provider takes the payer's decision as payment in full."""
