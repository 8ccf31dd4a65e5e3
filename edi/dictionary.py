"""What each segment's elements are, once: number, type, length, and which belong together. Specs only narrow this."""

import msgspec


class Element(msgspec.Struct, frozen=True):
    """One element of a segment: X12 data element number, type (AN ID N0 N2 R DT TM), length, whether required.

    A composite has `components` and no type of its own, and relational `notes` on them, as a segment has on its elements.
    `repeat` is how often it may stand (1, or more with ISA11).
    """

    number: str
    type: str
    min: int
    max: int
    required: bool = False
    components: tuple["Element", ...] = ()
    repeat: int = 1
    notes: tuple[str, ...] = ()


class Segment(msgspec.Struct, frozen=True):
    """A segment: its tag, what it is, its elements in order, and its relational notes such as "P0304" or "R0203"."""

    tag: str
    name: str
    elements: tuple[Element, ...]
    notes: tuple[str, ...] = ()


def element(text: str, *components: str, notes: tuple[str, ...] = ()) -> Element:
    """An element from its short form: "1035 AN 1/60", a trailing R where it is required, "x5" where it may repeat.

    A composite is written with its components: element("C003 R", "235 ID 2/2 R", "234 AN 1/48 R", …).
    """
    words = text.split()
    required = "R" in words[1:] if components else words[-1] == "R" or "R" in words[3:]
    repeat = next((int(word[1:]) for word in words[1:] if word[0] == "x" and word[1:].isdigit()), 1)
    if components:
        return Element(words[0], "", 0, 0, required, tuple(element(component) for component in components), repeat, notes)
    low, high = words[2].split("/")
    return Element(words[0], words[1], int(low), int(high), required, (), repeat)


def segment(tag: str, name: str, *elements: str | Element, notes: tuple[str, ...] = ()) -> Segment:
    """A segment from the short forms of its elements."""
    return Segment(tag, name, tuple(element(item) if isinstance(item, str) else item for item in elements), notes)


_MONEY = "782 R 1/18"
_COUNT = "380 R 1/15"
_NUMBER = "127 AN 1/50"
_YES_NO = "1073 ID 1/1"
_TEXT = "352 AN 1/80"
_UNIT = "355 ID 2/2"
_DATE = "373 DT 8/8"
_CODED_DATE = ("1250 ID 2/3", "1251 AN 1/35")
_PROCEDURE = (
    "235 ID 2/2 R", "234 AN 1/48 R", "1339 AN 2/2", "1339 AN 2/2", "1339 AN 2/2", "1339 AN 2/2", _TEXT, "234 AN 1/48",
)
_REFERENCES = ("128 ID 2/3 R", f"{_NUMBER} R", "128 ID 2/3", _NUMBER, "128 ID 2/3", _NUMBER)
_REFERENCE_NOTES = ("P0304", "P0506")
_UNITS = (f"{_UNIT} R", "1018 R 1/15", "649 R 1/10") + (_UNIT, "1018 R 1/15", "649 R 1/10") * 4
_STATUS = ("1271 AN 1/30 R", "1271 AN 1/30 R", "98 ID 2/3", "1270 ID 1/3")
_HEALTH_CODE = (
    "1270 ID 1/3 R", "1271 AN 1/30 R", *_CODED_DATE, _MONEY, _COUNT, "799 AN 1/30", "1271 AN 1/30", _YES_NO,
)
_HEALTH_CODE_NOTES = ("P0304", "E0809")
_WHERE_IN_SEGMENT = ("722 N0 1/2 R", "1528 N0 1/2", "1686 N0 1/4")
_ADJUSTMENT_NOTES = tuple(
    note
    for first in range(5, 19, 3)
    for note in (
        f"L{first:02}{first + 1:02}{first + 2:02}", f"C{first + 1:02}{first:02}", f"C{first + 2:02}{first:02}",
    )
)

_COMMON = (
    segment("ST", "Transaction Set Header", "143 ID 3/3 R", "329 AN 4/9 R", "1705 AN 1/35"),
    segment("SE", "Transaction Set Trailer", "96 N0 1/10 R", "329 AN 4/9 R"),
    segment(
        "BHT", "Beginning of Hierarchical Transaction",
        "1005 ID 4/4 R", "353 ID 2/2 R", _NUMBER, _DATE, "337 TM 4/8", "640 ID 2/2",
    ),
    segment("HL", "Hierarchical Level", "628 AN 1/12 R", "734 AN 1/12", "735 ID 1/2 R", "736 ID 1/1"),
    segment(
        "NM1", "Name",
        "98 ID 2/3 R", "1065 ID 1/1 R", "1035 AN 1/60", "1036 AN 1/35", "1037 AN 1/25", "1038 AN 1/10", "1039 AN 1/10",
        "66 ID 1/2", "67 AN 2/80", "706 ID 2/2", "98 ID 2/3", "1035 AN 1/60",
        notes=("P0809", "C1110", "C1203"),
    ),
    segment(
        "N1", "Party", "98 ID 2/3 R", "93 AN 1/60", "66 ID 1/2", "67 AN 2/80", "706 ID 2/2", "98 ID 2/3",
        notes=("R0203", "P0304"),
    ),
    segment("N3", "Street Address", "166 AN 1/55 R", "166 AN 1/55"),
    segment(
        "N4", "City, State, Postal Code",
        "19 AN 2/30", "156 ID 2/2", "116 ID 3/15", "26 ID 2/3", "309 ID 1/2", "310 AN 1/30", "1715 ID 1/3",
        notes=("E0207", "C0605", "C0704"),
    ),
    segment(
        "PER", "Contact", "366 ID 2/2 R", "93 AN 1/60", *("365 ID 2/2", "364 AN 1/256") * 3, "443 AN 1/20",
        notes=("P0304", "P0506", "P0708"),
    ),
    segment(
        "REF", "Reference", "128 ID 2/3 R", _NUMBER, _TEXT, element("C040", *_REFERENCES, notes=_REFERENCE_NOTES),
        notes=("R0203",),
    ),
    segment(
        "CUR", "Currency",
        "98 ID 2/3 R", "100 ID 3/3 R", "280 R 4/10", "98 ID 2/3", "100 ID 3/3", "669 ID 3/3",
        *("374 ID 3/3", _DATE, "337 TM 4/8") * 5,
        notes=(
            "C0807", "C0907", "L101112", "C1110", "C1210", "L131415", "C1413", "C1513",
            "L161718", "C1716", "C1816", "L192021", "C2019", "C2119",
        ),
    ),
    segment("AMT", "Amount", "522 ID 1/3 R", f"{_MONEY} R", "478 ID 1/1"),
    segment("QTY", "Quantity", "673 ID 2/2 R", _COUNT, element("C001", *_UNITS), "61 AN 1/30", notes=("R0204", "E0204")),
    segment("DTP", "Date or Period", "374 ID 3/3 R", "1250 ID 2/3 R", "1251 AN 1/35 R"),
    segment(
        "DTM", "Date", "374 ID 3/3 R", _DATE, "337 TM 4/8", "623 ID 2/2", *_CODED_DATE, notes=("R020305", "C0403", "P0506"),
    ),
    segment("TRN", "Trace", "481 ID 1/2 R", f"{_NUMBER} R", "509 AN 10/10", _NUMBER),
    segment("LX", "Line Number", "554 N0 1/6 R"),
    segment("LQ", "Remark or Form Code", "1270 ID 1/3", "1271 AN 1/30", notes=("C0102",)),
    segment(
        "CAS", "Adjustment", "1033 ID 1/2 R", *("1034 ID 1/5 R", f"{_MONEY} R", _COUNT),
        *("1034 ID 1/5", _MONEY, _COUNT) * 5,
        notes=_ADJUSTMENT_NOTES,
    ),
    segment("MOA", "Outpatient Adjudication", "954 R 1/10", _MONEY, *(_NUMBER,) * 5, _MONEY, _MONEY),
)

_CLAIM = (
    segment(
        "PRV", "Provider Specialty", "1221 ID 1/3 R", "128 ID 2/3", _NUMBER, "156 ID 2/2",
        element("C035", "1222 AN 1/25 R", "559 ID 2/2", _YES_NO), "1223 ID 3/3",
        notes=("P0203",),
    ),
    segment(
        "SBR", "Subscriber",
        "1138 ID 1/1 R", "1069 ID 2/2", _NUMBER, "93 AN 1/60", "1336 ID 1/3", "1143 ID 1/1", _YES_NO, "584 ID 2/2", "1032 ID 1/2",
    ),
    segment(
        "PAT", "Patient",
        "1069 ID 2/2", "1384 ID 1/1", "584 ID 2/2", "1220 ID 1/1", *_CODED_DATE, _UNIT, "81 R 1/10", _YES_NO,
        notes=("P0506", "P0708"),
    ),
    segment(
        "DMG", "Demographics", *_CODED_DATE, "1068 ID 1/1", "1067 ID 1/1",
        element("C056 x10", "1109 ID 1/1", "1270 ID 1/3", "1271 AN 1/30"),
        "1066 ID 1/2", "26 ID 2/3", "659 ID 1/2", _COUNT, "1270 ID 1/3", "1271 AN 1/30",
        notes=("P0102", "P1011", "C1105"),
    ),
    segment(
        "CLM", "Claim", "1028 AN 1/38 R", _MONEY, "1032 ID 1/2", "1343 ID 1/2",
        element("C023", "1331 AN 1/2 R", "1332 ID 1/2", "1325 ID 1/1"),
        _YES_NO, "1359 ID 1/1", _YES_NO, "1363 ID 1/1", "1351 ID 1/1",
        element("C024", "1362 ID 2/3 R", "1362 ID 2/3", "1362 ID 2/3", "156 ID 2/2", "26 ID 2/3"),
        "1366 ID 2/3", _YES_NO, "1338 ID 1/3", _YES_NO, "1360 ID 1/1", "1029 ID 1/2", _YES_NO, "1383 ID 2/2", "1514 ID 1/2",
    ),
    segment(
        "PWK", "Paperwork", "755 ID 2/2 R", "756 ID 1/2", "757 N0 1/2", "98 ID 2/3", "66 ID 1/2", "67 AN 2/80", _TEXT,
        element("C002", "704 ID 2/2 R", *("704 ID 2/2",) * 4), "1525 ID 1/2",
        notes=("P0506",),
    ),
    segment("CN1", "Contract", "1166 ID 2/2 R", _MONEY, "332 R 1/6", _NUMBER, "338 R 1/6", "799 AN 1/30"),
    segment("K3", "File Information", "449 AN 1/80 R", "1333 ID 1/2", element("C001", *_UNITS)),
    segment("NTE", "Note", "363 ID 3/3", f"{_TEXT} R"),
    segment(
        "CR1", "Ambulance Transport",
        _UNIT, "81 R 1/10", "1316 ID 1/1", "1317 ID 1/1", _UNIT, _COUNT, "166 AN 1/55", "166 AN 1/55", _TEXT, _TEXT,
        notes=("P0102", "P0506"),
    ),
    segment(
        "CR2", "Chiropractic Treatment",
        "609 N0 1/9", _COUNT, "1367 ID 2/3", "1367 ID 2/3", _UNIT, _COUNT, _COUNT, "1342 ID 1/1", _YES_NO, _TEXT, _TEXT, _YES_NO,
        notes=("P0102", "C0403", "P0506"),
    ),
    segment("CR3", "Equipment Certification", "1322 ID 1/1", _UNIT, _COUNT, "1335 ID 1/1", _TEXT, notes=("P0203",)),
    segment("CRC", "Conditions", "1136 ID 2/2 R", f"{_YES_NO} R", "1321 ID 2/3 R", *("1321 ID 2/3",) * 4),
    segment(
        "HI", "Health Codes", element("C022 R", *_HEALTH_CODE, notes=_HEALTH_CODE_NOTES),
        *(element("C022", *_HEALTH_CODE, notes=_HEALTH_CODE_NOTES),) * 11,
    ),
    segment(
        "HCP", "Pricing", "1473 ID 2/2", _MONEY, _MONEY, _NUMBER, "118 R 1/9", _NUMBER, _MONEY, "234 AN 1/48",
        "235 ID 2/2", "234 AN 1/48", _UNIT, _COUNT, "901 ID 2/2", "1526 ID 1/2", "1527 ID 1/2",
        notes=("R0113", "P0910", "P1112"),
    ),
    segment("OI", "Other Coverage", "1032 ID 1/2", "1383 ID 2/2", _YES_NO, "1351 ID 1/1", "1360 ID 1/1", "1363 ID 1/1"),
    segment(
        "SV1", "Professional Service", element("C003 R", *_PROCEDURE), _MONEY, _UNIT, _COUNT, "1331 AN 1/2", "1365 ID 1/2",
        element("C004", "1328 N0 1/2 R", *("1328 N0 1/2",) * 3),
        _MONEY, _YES_NO, "1340 ID 1/2", _YES_NO, _YES_NO, "1364 ID 1/2", "1341 AN 1/2", "1327 ID 1/1", "1334 ID 1/1",
        "127 AN 1/50", "116 ID 3/15", _MONEY, "1337 ID 1/1", "1360 ID 1/1",
        notes=("P0304",),
    ),
    segment(
        "SV5", "Equipment Service",
        element("C003 R", *_PROCEDURE), f"{_UNIT} R", f"{_COUNT} R", _MONEY, _MONEY, "594 ID 1/1", "923 ID 1/1",
        notes=("R0405", "C0604"),
    ),
    segment(
        "MEA", "Measurement", "737 ID 2/2", "738 ID 1/3", "739 R 1/20", element("C001", *_UNITS), "740 R 1/20", "741 R 1/20",
        "935 ID 2/2", "936 ID 2/2", "752 ID 2/2", "1373 ID 2/4", "1270 ID 1/3", "1271 AN 1/30",
        notes=("R03050608", "L050412", "L060412", "L07030506", "E0803", "P1112"),
    ),
    segment("PS1", "Purchased Service", f"{_NUMBER} R", f"{_MONEY} R", "156 ID 2/2"),
    segment(
        "LIN", "Drug Identification", "350 AN 1/20", "235 ID 2/2 R", "234 AN 1/48 R", *("235 ID 2/2", "234 AN 1/48") * 14,
        notes=tuple(f"P{first:02}{first + 1:02}" for first in range(4, 31, 2)),
    ),
    segment(
        "CTP", "Drug Quantity", "687 ID 2/2", "236 ID 3/3", "212 R 1/17", _COUNT, element("C001", *_UNITS), "648 ID 3/3",
        "649 R 1/10", _MONEY, "639 ID 2/2", "499 AN 1/10", "289 N0 1/2",
        notes=("P0405", "C0607", "C0902", "C1002", "C1103"),
    ),
    segment(
        "SVD", "Line Adjudication",
        "67 AN 2/80 R", f"{_MONEY} R", element("C003", *_PROCEDURE), "234 AN 1/48", _COUNT, "554 N0 1/6",
    ),
    segment("CL1", "Admission and Discharge", "1315 ID 1/1", "1314 ID 1/1", "1352 ID 1/2", "1345 ID 1/1"),
    segment(
        "SV2", "Institutional Service", "234 AN 1/48", element("C003", *_PROCEDURE), _MONEY, _UNIT, _COUNT, "1371 R 1/10", _MONEY,
        _YES_NO, "1345 ID 1/1", "1337 ID 1/1",
        notes=("R0102", "P0405"),
    ),
    segment(
        "SV3", "Dental Service", element("C003 R", *_PROCEDURE), _MONEY, "1331 AN 1/2",
        element("C006", "1361 ID 1/3 R", *("1361 ID 1/3",) * 4),
        "1358 ID 1/1", _COUNT, _TEXT, "1327 ID 1/1", "1360 ID 1/1", _YES_NO,
        element("C004", "1328 N0 1/2 R", *("1328 N0 1/2",) * 3),
    ),
    segment(
        "TOO", "Tooth", "1270 ID 1/3", "1271 AN 1/30", element("C005", "1369 ID 1/2 R", *("1369 ID 1/2",) * 4),
        notes=("P0102",),
    ),
    segment("DN1", "Orthodontic Treatment", _COUNT, _COUNT, _YES_NO, _TEXT),
    segment("DN2", "Tooth Status", f"{_NUMBER} R", "1368 ID 1/2 R", _COUNT, *_CODED_DATE, "1270 ID 1/3", notes=("P0405",)),
    segment("FRM", "Form Answer", "350 AN 1/20 R", _YES_NO, _NUMBER, _DATE, "332 R 1/6", notes=("R02030405",)),
)

_REMITTANCE = (
    segment(
        "BPR", "Payment",
        "305 ID 1/2 R", f"{_MONEY} R", "478 ID 1/1 R", "591 ID 3/3 R", "812 ID 1/10",
        "506 ID 2/2", "507 AN 3/12", "569 ID 1/3", "508 AN 1/35", "509 AN 10/10", "510 AN 9/9",
        "506 ID 2/2", "507 AN 3/12", "569 ID 1/3", "508 AN 1/35", _DATE, "1048 ID 1/3",
        "506 ID 2/2", "507 AN 3/12", "569 ID 1/3", "508 AN 1/35",
        notes=("P0607", "C0809", "P1213", "C1415", "P1819", "C2021"),
    ),
    segment(
        "RDM", "Remittance Delivery",
        "756 ID 1/2 R", "93 AN 1/60", "364 AN 1/256", *(element("C040", *_REFERENCES, notes=_REFERENCE_NOTES),) * 2,
    ),
    segment(
        "TS3", "Provider Summary", f"{_NUMBER} R", "1331 AN 1/2 R", f"{_DATE} R", f"{_COUNT} R", f"{_MONEY} R",
        *(_MONEY,) * 17, _COUNT, _MONEY,
    ),
    segment(
        "TS2", "Provider Supplement", *(_MONEY,) * 6, _COUNT, _MONEY, _MONEY, *(_COUNT,) * 5, _MONEY, _COUNT,
        *(_MONEY,) * 3,
    ),
    segment(
        "CLP", "Claim Payment", "1028 AN 1/38 R", "1029 ID 1/2 R", f"{_MONEY} R", f"{_MONEY} R", _MONEY, "1032 ID 1/2",
        _NUMBER, "1331 AN 1/2", "1325 ID 1/1", "1352 ID 1/2", "1354 ID 1/4", _COUNT, "954 R 1/10", _YES_NO,
    ),
    segment(
        "MIA", "Inpatient Adjudication", f"{_COUNT} R", _MONEY, _COUNT, _MONEY, _NUMBER, *(_MONEY,) * 9, _COUNT,
        *(_MONEY,) * 4, *(_NUMBER,) * 4, _MONEY,
    ),
    segment(
        "SVC", "Service Payment", element("C003 R", *_PROCEDURE), f"{_MONEY} R", _MONEY, "234 AN 1/48", _COUNT,
        element("C003", *_PROCEDURE), _COUNT,
    ),
    segment(
        "PLB", "Provider Adjustment", f"{_NUMBER} R", f"{_DATE} R", element("C042 R", "426 ID 2/2 R", _NUMBER), f"{_MONEY} R",
        *(element("C042", "426 ID 2/2 R", _NUMBER), element(_MONEY)) * 5,
        notes=("P0506", "P0708", "P0910", "P1112", "P1314"),
    ),
)

_ACKNOWLEDGMENT = (
    segment("AK1", "Group Answered", "479 ID 2/2 R", "28 N0 1/9 R", "480 AN 1/12"),
    segment("AK2", "Set Answered", "143 ID 3/3 R", "329 AN 4/9 R", "1705 AN 1/35"),
    segment("IK3", "Segment Error", "721 ID 2/3 R", "719 N0 1/10 R", "447 AN 1/6", "620 ID 1/3"),
    segment(
        "CTX", "Context", element("C998 R x10", "9999 AN 1/35 R", "9998 AN 1/35"), "721 ID 2/3", "719 N0 1/10", "447 AN 1/6",
        element("C030", *_WHERE_IN_SEGMENT), element("C999", "725 N0 1/4 R", "725 N0 1/4"),
    ),
    segment("IK4", "Element Error", element("C030 R", *_WHERE_IN_SEGMENT), "725 N0 1/4", "621 ID 1/3 R", "724 AN 1/99"),
    segment("IK5", "Set Verdict", "717 ID 1/1 R", *("618 ID 1/3",) * 5),
    segment("AK3", "Segment Error", "721 ID 2/3 R", "719 N0 1/10 R", "447 AN 1/6", *("720 ID 1/3",) * 5),
    segment("AK4", "Element Error", element("C030 R", *_WHERE_IN_SEGMENT), "725 N0 1/4", "723 ID 1/3 R", "724 AN 1/99"),
    segment("AK5", "Set Verdict", "717 ID 1/1 R", *("718 ID 1/3",) * 5),
    segment("AK9", "Group Verdict", "715 ID 1/1 R", "97 N0 1/6 R", "123 N0 1/6 R", "2 N0 1/6 R", *("716 ID 1/3",) * 5),
    segment(
        "STC", "Status", element("C043 R", *_STATUS), _DATE, "306 ID 1/2", _MONEY, _MONEY, _DATE, "591 ID 3/3", _DATE,
        "429 AN 1/16", element("C043", *_STATUS), element("C043", *_STATUS), "933 AN 1/264",
    ),
)

_ELIGIBILITY = (
    segment(
        "EB", "Benefit", "1390 ID 1/3 R", "1207 ID 3/3", "1365 ID 1/2 x99", "1336 ID 1/3", "1204 AN 1/50", "615 ID 1/2", _MONEY,
        "954 R 1/10", "673 ID 2/2", _COUNT, _YES_NO, _YES_NO, element("C003", *_PROCEDURE),
        element("C004", "1328 N0 1/2 R", *("1328 N0 1/2",) * 3),
        notes=("P0910",),
    ),
    segment(
        "EQ", "Benefit Asked For", "1365 ID 1/2 x99", element("C003", *_PROCEDURE), "1207 ID 3/3", "1336 ID 1/3",
        element("C004", "1328 N0 1/2 R", *("1328 N0 1/2",) * 3),
        notes=("R0102",),
    ),
    segment(
        "INS", "Insured", f"{_YES_NO} R", "1069 ID 2/2 R", "875 ID 3/3", "1203 ID 2/3", "1216 ID 1/1",
        element("C052", "1218 ID 1/1 R", "1701 ID 1/1", "1701 ID 1/1"), "1219 ID 1/2", "584 ID 2/2", "1220 ID 1/1", _YES_NO,
        *_CODED_DATE, "1165 ID 1/1", "19 AN 2/30", "156 ID 2/2", "26 ID 2/3", "1470 N0 1/9",
        notes=("P1112",),
    ),
    segment("AAA", "Request Validation", f"{_YES_NO} R", "559 ID 2/2", "901 ID 2/2", "889 ID 1/1"),
    segment(
        "HSD", "Services Delivery",
        "673 ID 2/2", _COUNT, _UNIT, "1167 R 1/6", "615 ID 1/2", "616 N0 1/3", "678 ID 1/2", "679 ID 1/1",
        notes=("P0102", "C0605"),
    ),
    segment("MSG", "Message", "933 AN 1/264 R", "934 ID 2/2", "1470 N0 1/9", notes=("C0302",)),
    segment(
        "III", "Additional Information", "1270 ID 1/3", "1271 AN 1/30", "1136 ID 2/2", "933 AN 1/264", _COUNT,
        element("C001", *_UNITS), "752 ID 2/2", "752 ID 2/2", "752 ID 2/2",
        notes=("P0102", "L030405"),
    ),
    segment("LS", "Loop Header", "447 AN 1/6 R"),
    segment("LE", "Loop Trailer", "447 AN 1/6 R"),
    segment(
        "MPI", "Military Service", "1201 ID 1/1 R", "584 ID 2/2 R", "1595 ID 1/1 R", _TEXT, "1596 ID 2/2", *_CODED_DATE,
        notes=("P0607",),
    ),
)

_ALL = _COMMON + _CLAIM + _REMITTANCE + _ACKNOWLEDGMENT + _ELIGIBILITY

SEGMENTS: dict[str, Segment] = {entry.tag: entry for entry in _ALL}
"""Every segment of the transactions read and written here, by tag."""
