"""The error and verdict codes of TA1 and 999, in our own words: what a partner says was wrong with a file."""

INTERCHANGE_NOTES: dict[str, str] = {
    "000": "no error",
    "001": "the control numbers of ISA and IEA differ",
    "002": "the standard (ISA11) is not supported",
    "003": "the version (ISA12) is not supported",
    "004": "the segment terminator is not valid",
    "005": "the sender's qualifier (ISA05) is not valid",
    "006": "the sender (ISA06) is not valid",
    "007": "the receiver's qualifier (ISA07) is not valid",
    "008": "the receiver (ISA08) is not valid",
    "009": "the receiver (ISA08) is not known",
    "010": "the authorization qualifier (ISA01) is not valid",
    "011": "the authorization (ISA02) is not valid",
    "012": "the security qualifier (ISA03) is not valid",
    "013": "the security information (ISA04) is not valid",
    "014": "the date (ISA09) is not valid",
    "015": "the time (ISA10) is not valid",
    "016": "the standards identifier (ISA11) is not valid",
    "017": "the version (ISA12) is not valid",
    "018": "the control number (ISA13) is not valid",
    "019": "the request for an acknowledgment (ISA14) is not valid",
    "020": "the usage indicator (ISA15) is not valid",
    "021": "the count of groups (IEA01) is not right",
    "022": "the envelope is not well formed",
    "023": "the file ends too early",
    "024": "the content of the interchange is not valid",
    "025": "the control number (ISA13) was used before",
    "026": "the element separator is not valid",
    "027": "the component separator is not valid",
    "028": "the date for deferred delivery is not valid",
    "029": "the time for deferred delivery is not valid",
    "030": "the time code for deferred delivery is not valid",
    "031": "the grade of service is not valid",
}
"""TA105."""

INTERCHANGE_ACTIONS: dict[str, str] = {
    "006": "Check the submitter id that the partner assigned.",
    "008": "Check the receiver id in the partner's profile.",
    "009": "Check the receiver id in the partner's profile.",
    "020": "Ask the partner whether production is open for you; check usage in its profile.",
    "025": "Find the earlier interchange; let the claims leave under a new number.",
}
"""What to do about a TA105; all others mean that the file itself is wrong."""

SEGMENT_ERRORS: dict[str, str] = {
    "1": "the segment is not known",
    "2": "the segment is not expected here",
    "3": "a required segment is missing",
    "4": "the loop is repeated too often",
    "5": "the segment is repeated too often",
    "6": "the segment is not in this transaction",
    "7": "the segment is out of order",
    "8": "elements of the segment are in error",
    "I4": "the segment is not used in this guide",
    "I6": "a segment that the situation requires is missing",
    "I7": "the loop is not repeated often enough",
    "I8": "the segment is not repeated often enough",
    "I9": "a segment is present that the situation excludes",
}
"""IK304."""

ELEMENT_ERRORS: dict[str, str] = {
    "1": "a required element is missing",
    "2": "an element that another requires is missing",
    "3": "there are too many elements",
    "4": "the element is too short",
    "5": "the element is too long",
    "6": "the element holds a character that is not allowed",
    "7": "the code is not in its list",
    "8": "the date is not valid",
    "9": "the time is not valid",
    "10": "elements are present that exclude each other",
    "12": "the element is repeated too often",
    "13": "there are too many components",
    "I6": "the code is not used in this guide",
    "I9": "an element that the situation requires is missing",
    "I10": "the element is not used in this guide",
    "I11": "the element is not repeated often enough",
    "I12": "the value does not have the form the guide asks for",
    "I13": "an element is present that the situation excludes",
}
"""IK403."""

SET_ERRORS: dict[str, str] = {
    "1": "the transaction is not supported",
    "2": "the set's trailer (SE) is missing",
    "3": "the control numbers of ST and SE differ",
    "4": "the count of segments (SE01) is not right",
    "5": "segments of the set are in error",
    "6": "the transaction's code (ST01) is missing or not valid",
    "7": "the set's control number (ST02) is missing or not valid",
    "17": "security is not supported",
    "18": "the set does not belong in this group",
    "19": "the guide named in ST03 is not valid",
    "23": "the set's control number (ST02) occurs twice in the group",
    "I5": "segments of the set break the guide",
    "I6": "the guide is not supported",
}
"""IK502 and its like."""

GROUP_ERRORS: dict[str, str] = {
    "1": "the kind of group (GS01) is not supported",
    "2": "the version (GS08) is not supported",
    "3": "the group's trailer (GE) is missing",
    "4": "the control numbers of GS and GE differ",
    "5": "the count of sets (GE01) is not right",
    "6": "the group's control number (GS06) is not valid",
    "19": "the group's control number (GS06) occurs twice in the interchange",
}
"""AK905 and its like."""

VERDICTS: dict[str, str] = {
    "A": "accepted",
    "E": "accepted, with errors noted",
    "M": "rejected: its authentication failed",
    "P": "accepted in part",
    "R": "rejected",
    "W": "rejected: its assurance failed",
    "X": "rejected: it could not be decrypted",
}
"""TA104, IK501 and AK901."""
