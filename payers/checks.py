"""What must hold within and between profiles beyond the form of each key. Each check returns the keys at fault."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from itertools import pairwise
from string import Formatter
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from payers.claim_fields import find_field, say_unknown
from payers.delimiter_checks import check_delimiters
from payers.fields import DELIMITERS, is_day
from payers.file_names import OURS_MAY_HOLD, is_for_us_to_give
from payers.folder_checks import check_folders
from payers.partner import Partner, Timetable, Upload
from payers.patterns import find_fault
from payers.payer import Payer
from payers.rule_checks import ALWAYS_THERE, check_fields, check_rules
from payers.sftp_checks import check_references
from payers.strict import Problem

ANY_PAYER = "*"
DAY_MINUTES = 24 * 60
YEAR_DAYS = 365
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

FINGERPRINT = re.compile(r"SHA256:[A-Za-z0-9+/]{43}")
CARC = re.compile(r"[A-Z]?[0-9]{1,3}")
_ZONES_OF_A_MACHINE = frozenset({"localtime", "posixrules", "Factory"})
"""Files among those of the time zone database that mean another zone on each machine, or none."""
_NAME_FIELDS = frozenset({"isa_control_number", "date", "time", "transaction", "usage"})
_ANY_INSTANT = datetime(2026, 1, 31, tzinfo=UTC)


def check_id(stem: str, profile: Partner | Payer) -> Iterator[Problem]:
    """A profile is called as its file is."""
    if profile.id != stem:
        yield "id", f'should be "{stem}", the name of its file'


def check_partner(partner: Partner) -> Iterator[Problem]:
    """A partner's keys among each other."""
    wrong = list(check_delimiters(partner.delimiters))
    yield from wrong
    own: frozenset[str] = frozenset() if wrong else partner.delimiters.characters
    named = partner.model_dump(include={"name", "envelope", "submitter", "receiver"})
    yield from _check_undelimited(named, DELIMITERS | own)
    yield from _check_way(partner)
    yield from check_folders(partner)
    yield from _check_upload(partner)
    yield from _check_suffixes(partner.upload)
    yield from _check_timetable(partner)


def _check_way(partner: Partner) -> Iterator[Problem]:
    sftp = partner.sftp
    if sftp is None and partner.local is None:
        yield "sftp", "should be there, or [local] instead of it: either a server or a folder of this machine"
    if sftp is None:
        return
    if partner.local is not None:
        yield "local", "should not stand beside [sftp]: either a server or a folder of this machine, not both"
    for position, fingerprint in enumerate(sftp.host_keys):
        if not FINGERPRINT.fullmatch(fingerprint):
            yield f"sftp.host_keys[{position}]", "should be SHA256: and 43 characters, as ssh-keygen -l prints a host key"
    yield from check_references(sftp)


def _check_upload(partner: Partner) -> Iterator[Problem]:
    upload, answers = partner.upload, partner.answers
    if upload.mode == "rename" and not upload.suffix:
        yield "upload.suffix", 'should not be empty with mode = "rename"'
    if upload.mode == "marker" and not upload.marker_suffix:
        yield "upload.marker_suffix", 'should not be empty with mode = "marker"'
    if upload.confirm == "none" and answers.ta1_business_days is None and answers.ack_999_business_days is None:
        yield "upload.confirm", 'should not be "none" where answers has neither TA1 nor 999: nothing would prove an arrival'
    if upload.confirm == "none" and partner.quirks.taken_at_once:
        yield (
            "quirks.taken_at_once",
            'should be false with upload.confirm = "none": of a file that was never seen whole, its absence proves nothing',
        )
    if not _keeps_names_apart(upload):
        yield (
            "upload.file_name",
            "should be a plain file name with {isa_control_number} in it; see docs/profiles.md for what else",
        )


def _check_timetable(partner: Partner) -> Iterator[Problem]:
    timetable = partner.timetable
    if not _is_time_zone(timetable.time_zone):
        yield "timetable.time_zone", 'should be a name of the IANA time zone database, such as "America/Chicago"'
    if timetable.lead_minutes > _shortest_gap_minutes(timetable.cutoffs):
        yield "timetable.lead_minutes", "should not be longer than the time between two cutoffs, or claims wait past the first"
    for key, clocks in (("cutoffs", timetable.cutoffs), ("poll_times", timetable.poll_times)):
        if twice := [clock for clock, count in Counter(clocks).items() if count > 1]:
            yield f"timetable.{key}", f"should name each time once; {', '.join(twice)} stands there twice"
    if timetable.cutoffs and _is_closed_for_a_year(timetable):
        yield (
            "timetable.closed_on",
            "should leave days with cutoffs: with these there is none for a year, while claims wait",
        )
    for position, day in enumerate(timetable.closed_on):
        if not is_day(day):
            yield f"timetable.closed_on[{position}]", "should be a day of the calendar, as 2026-12-24"


def _is_closed_for_a_year(timetable: Timetable) -> bool:
    """Whether closed_on leaves no day for cutoffs in a whole year: claims would wait through it without a word."""
    closed = {date.fromisoformat(day) for day in timetable.closed_on if is_day(day)}
    weekdays = {WEEKDAYS.index(day) for day in timetable.days}
    days_in_a_row = 0
    for ordinal in range(min(closed, default=date.max).toordinal(), max(closed, default=date.min).toordinal() + 1):
        day = date.fromordinal(ordinal)
        days_in_a_row = 0 if day.weekday() in weekdays and day not in closed else days_in_a_row + 1
        if days_in_a_row >= YEAR_DAYS:
            return True
    return False


def _is_time_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return name not in _ZONES_OF_A_MACHINE


def _shortest_gap_minutes(clocks: tuple[str, ...]) -> int:
    """Between two times of a day, the last one and tomorrow's first included."""
    minutes = sorted({int(clock[:2]) * 60 + int(clock[3:]) for clock in clocks})
    if len(minutes) < 2:
        return DAY_MINUTES
    return min(after - before for before, after in pairwise([*minutes, minutes[0] + DAY_MINUTES]))


def check_payer(payer: Payer) -> Iterator[Problem]:
    """A payer's keys among each other."""
    yield from _check_undelimited(payer.model_dump(include={"name", "sent_name", "sent_payer_id"}), DELIMITERS)
    if ANY_PAYER in payer.payer_ids and len(payer.payer_ids) > 1:
        yield "payer_ids", 'should be ["*"] alone or ids without "*"'
    for position, code in enumerate(payer.contractual_carcs):
        if not CARC.fullmatch(code):
            yield f"contractual_carcs[{position}]", 'should be a CARC, such as "45" or "B7"'
    yield from _check_member_id(payer)
    yield from _check_further_patterns(payer)
    yield from _check_listed_fields(payer)
    yield from check_rules(payer.rules, payer.payer_ids)
    yield from _check_lines_of_business(payer)


def _check_lines_of_business(payer: Payer) -> Iterator[Problem]:
    known = {normalise_id(each) for each in payer.payer_ids}
    told: dict[str, str] = {}
    for position, line in enumerate(payer.lines_of_business):
        ids = {normalise_id(each) for each in line.payer_ids}
        if ANY_PAYER not in known and not known.issuperset(ids):
            yield f"lines_of_business[{position}].payer_ids", "should be among the payer's own payer_ids"
        for each in sorted(ids & told.keys()):
            yield f"lines_of_business[{position}].payer_ids", f'"{each}" already means {told[each]}: an id tells one of them'
        told |= dict.fromkeys(ids, line.name)


def _check_listed_fields(payer: Payer) -> Iterator[Problem]:
    yield from check_fields("required", payer.required)
    yield from check_fields("forbidden", payer.forbidden)
    for position, name in enumerate(payer.forbidden):
        if name in ALWAYS_THERE:
            yield f"forbidden[{position}]", "should be a field that a claim can leave without: every claim would be held"
        if name in payer.required or name in {pattern.field for pattern in payer.patterns}:
            yield f"forbidden[{position}]", "should not be required, nor have a form, as well"


def _check_further_patterns(payer: Payer) -> Iterator[Problem]:
    for position, pattern in enumerate(payer.patterns):
        if find_field(pattern.field) is None:
            yield f"patterns[{position}].field", say_unknown(pattern.field)
        if fault := find_fault(pattern.form):
            yield f"patterns[{position}].form", fault
        elif not re.fullmatch(pattern.form, pattern.example):
            yield f"patterns[{position}].example", "should be an invented one that fits form"


def _check_member_id(payer: Payer) -> Iterator[Problem]:
    if not payer.member_id_pattern:
        return
    if fault := find_fault(payer.member_id_pattern):
        yield "member_id_pattern", fault
    elif not payer.accepts_member_id(payer.member_id_example):
        yield "member_id_example", "should be an invented member id that fits member_id_pattern"


def check_routes(payer: Payer, partner_ids: list[str]) -> Iterator[Problem]:
    """A payer's ways are partners that there are."""
    there = f"no such partner; partners/ has {', '.join(partner_ids)}"
    if payer.partner not in partner_ids:
        yield "partner", there
    if payer.second_route is not None and payer.second_route.partner not in partner_ids:
        yield "second_route.partner", there
    if payer.second_route is not None and payer.second_route.partner == payer.partner:
        yield "second_route.partner", "should be another than partner: it is the way beside that one"
    if payer.route == "second" and payer.second_route is None:
        yield "route", "should be first, or there should be a [second_route]"


def check_payer_ids(payers: Mapping[str, Payer]) -> dict[str, list[Problem]]:
    """An id may mean one payer only: each profile after the first that names it is at fault."""
    problems = defaultdict(list)
    first: dict[str, str] = {}
    for stem, payer in payers.items():
        for position, each in enumerate(payer.payer_ids):
            owner = first.setdefault(normalise_id(each), stem)
            if owner != stem:
                problems[stem].append((f"payer_ids[{position}]", f'"{each}" already means {owner} (in {owner}.toml)'))
    return problems


def _check_undelimited(table: Mapping[str, object], delimiters: frozenset[str], prefix: str = "") -> Iterator[Problem]:
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from _check_undelimited(value, delimiters, f"{prefix}{key}.")
        elif isinstance(value, str) and not delimiters.isdisjoint(value):
            yield f"{prefix}{key}", "should be without the characters that X12 delimits with: * ~ : ^ | and line ends"


def _keeps_names_apart(upload: Upload) -> bool:
    """Whether any two control numbers give two plain names: the whole number is in them, and nothing else is made of a field."""
    try:
        parts = list(Formatter().parse(upload.file_name))
    except ValueError:
        return False
    fields = [(name, form, conversion) for _, name, form, conversion in parts if name is not None]
    if any(name not in _NAME_FIELDS or form or conversion for name, form, conversion in fields):
        return False
    return any(name == "isa_control_number" for name, *_ in fields) and is_for_us_to_give(_build_any_name(upload))


def _check_suffixes(upload: Upload) -> Iterator[Problem]:
    """What stands behind a name that is right in itself; `upload.file_name` is told by itself."""
    if not _keeps_names_apart(upload):
        return
    if upload.mode == "marker" and upload.marker_suffix == upload.suffix:
        yield "upload.marker_suffix", "should be another than upload.suffix"
    for key, suffix in (("suffix", upload.suffix), ("marker_suffix", upload.marker_suffix)):
        if not is_for_us_to_give(_build_any_name(upload) + suffix):
            yield f"upload.{key}", f"should make a plain file name behind upload.file_name: {OURS_MAY_HOLD}"


def _build_any_name(upload: Upload) -> str:
    """One of the names; all are as long, and differ in digits and letters alone."""
    return upload.build_name(1, transaction="837P", usage="T", at=_ANY_INSTANT)


def normalise_id(identifier: str) -> str:
    """An id as it is compared: without blanks around it, in capitals."""
    return identifier.strip().upper()
