"""Profiles load strictly, are checked against each other, and payers are found by what claims and remittances say."""

import errno
import os
import shutil
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from payers.errors import ConfigError
from payers.partner import Answers
from payers.profile import SAMPLES, Profiles, load, load_good, reload


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the sample profiles, to spoil."""
    for file in [*SAMPLES.glob("*.toml"), *SAMPLES.glob("partners/*.toml")]:
        copy = tmp_path / file.relative_to(SAMPLES)
        copy.parent.mkdir(exist_ok=True)
        shutil.copy(file, copy)
    return tmp_path


@pytest.fixture(scope="module")
def samples() -> Profiles:
    return load(SAMPLES)


def replace(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{old} stands once in the sample"
    file.write_text(text.replace(old, new), encoding="utf-8")


def refuse_to_list(monkeypatch: pytest.MonkeyPatch, folder: Path, number: int) -> None:
    """A disk that has failed where this folder is."""
    list_folder = Path.iterdir

    def refuse_this_one(path: Path) -> Iterator[Path]:
        if path == folder:
            raise OSError(number, os.strerror(number), str(path))
        return list_folder(path)

    monkeypatch.setattr(Path, "iterdir", refuse_this_one)


def refuse(folder: Path) -> str:
    """What loading says, with the folder cut off."""
    with pytest.raises(ConfigError) as refused:
        load(folder)
    return str(refused.value).replace(f"{folder}/", "")


def test_samples_load_and_differ_in_their_rules(samples: Profiles) -> None:
    assert set(samples.partners) == {"meridian", "lakeside"}
    assert {payer.id: payer.timely_filing.original_days for payer in samples.payers.values()} == {
        "any_payer": 365,
        "blueharbor": 180,
        "lakeside_health": 365,
        "northstar": 90,
    }
    assert samples.payers["lakeside_health"].partner == "lakeside"
    assert samples.payers["northstar"].contractual_carcs == ("45", "97", "253")


def test_never_means_that_the_answer_is_not_expected(samples: Profiles) -> None:
    lakeside = samples.partners["lakeside"].answers
    assert (lakeside.ta1_business_days, lakeside.ack_277ca_clearinghouse_business_days) == (1, None)
    assert samples.partners["meridian"].answers.ta1_business_days is None


def test_a_payers_answers_stand_key_by_key_before_its_partners(samples: Profiles) -> None:
    """Northstar states one key; the others are Meridian's, not the defaults."""
    meridian = samples.partners["meridian"].answers.model_copy(update={"ack_999_business_days": 3})
    own = samples.payers["northstar"].answers
    assert meridian.overridden_by(own) == meridian.model_copy(update={"ack_277ca_payer_business_days": 8})
    assert meridian.overridden_by(Answers(ack_999_business_days=None)).ack_999_business_days is None
    assert meridian.overridden_by(None) == meridian


def test_every_sample_says_how_to_get_the_real_host_key() -> None:
    for file in SAMPLES.glob("partners/*.toml"):
        assert "ssh-keyscan" in file.read_text(encoding="utf-8"), file.name


@pytest.mark.parametrize(
    ("payer_id", "found"), [("BHH02", "blueharbor"), ("bhh02", "blueharbor"), (" NSP77 ", "northstar"), ("60054", "any_payer")]
)
def test_a_claim_names_its_payer_in_any_case_and_the_rest_go_to_the_one_for_all(
    samples: Profiles, payer_id: str, found: str
) -> None:
    payer = samples.find_payer(payer_id)
    assert payer is not None
    assert payer.id == found


def test_a_blank_payer_id_is_no_payer_not_even_the_one_for_all(samples: Profiles) -> None:
    assert samples.find_payer(" ") is None


def test_without_a_profile_for_all_an_unknown_payer_is_not_found(folder: Path) -> None:
    (folder / "any_payer.toml").unlink()
    assert load(folder).find_payer("60054") is None


@pytest.mark.parametrize(
    ("ids", "found"),
    [
        (["1000000022"], "northstar"),
        (["9999999999", "lakeside"], "lakeside_health"),
        (["9999999999", "BHH01"], "blueharbor"),
        (["9999999999"], None),
        (["*"], None),
        ([], None),
    ],
)
def test_a_remittance_names_its_payer_by_remit_ids_then_payer_ids_and_never_by_the_one_for_all(
    samples: Profiles, ids: list[str], found: str | None
) -> None:
    payer = samples.find_payer_by_remit(ids)
    assert (payer and payer.id) == found


def test_a_remit_id_that_two_payers_share_decides_nothing_and_the_next_id_is_asked(folder: Path) -> None:
    replace(folder / "blueharbor.toml", '["1000000011"]', '["1000000022", "BLUE"]')
    profiles = load(folder)
    assert profiles.find_payer_by_remit(["1000000022"]) is None
    payer = profiles.find_payer_by_remit(["1000000022", "BLUE"])
    assert payer is not None
    assert payer.id == "blueharbor"


def test_every_problem_of_every_file_is_said_at_once(folder: Path) -> None:
    replace(folder / "blueharbor.toml", "original_days = 180", 'original_day = 180\noverdue_dayz = "x"')
    replace(folder / "partners" / "meridian.toml", "port = 22\n", 'port = "22"\nhots = 1\n')
    replace(folder / "northstar.toml", 'name = "Northstar Plan"', "name = ")
    assert refuse(folder).splitlines() == [
        "blueharbor.toml: timely_filing.original_days: is missing; should be a whole number, 1 to 1100 "
        "(an original, from the first service, on an 837I from the end of its statement), such as 180",
        "blueharbor.toml: timely_filing.original_day: unknown key; did you mean original_days?",
        "blueharbor.toml: timely_filing.overdue_dayz: unknown key; the keys here are original_days, corrected_days, "
        "secondary_days, appeal_days",
        "northstar.toml: is not TOML: Invalid value (at line 4, column 8)",
        "partners/meridian.toml: sftp.port: should be a whole number, 1 to 65535 (TCP port)",
        "partners/meridian.toml: sftp.hots: unknown key; did you mean host?",
    ]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('usage = "T"', 'usage = "X"', "envelope.usage: should be T or P (ISA15"),
        ('second_opinion = "pyx12"', 'second_opinion = "me"', 'second_opinion: should be "" or pyx12'),
        (
            "claims_per_set_max = 1000",
            "claims_per_set_max = true",
            "batching.claims_per_set_max: should be a whole number, 1 to 5000",
        ),
        ("claims_per_set_max = 1000", "claims_per_set_max = 10.0", "batching.claims_per_set_max: should be a whole number"),
        (
            "claims_per_set_max = 1000",
            "claims_per_set_max = 5001",
            "batching.claims_per_set_max: should be a whole number, 1 to 5000",
        ),
        ('patterns = ["*.ta1"', 'patterns = [1, "*.ta1"', "pickup.patterns[0]: should be text"),
        ('phone = "2025550142"', 'phone = "202-555-0142"', "submitter.phone: should be text (their telephone, ten digits)"),
        ("ack_999_business_days = 1", 'ack_999_business_days = "soon"', 'whole number, 1 to 60, or "never" (999 for the syntax)'),
        ('id = "meridian" ', 'id = "meridiem" ', 'id: should be "meridian", the name of its file'),
        ('"America/New_York"', '"America/Gotham"', "timetable.time_zone: should be a name of the IANA time zone database"),
        (
            '"America/New_York"',
            '"UTC"\ncutoffs = ["9:00"]',
            'timetable.cutoffs[0]: should be text (a time of day as HH:MM, 00:00 to 23:59), such as "17:00"',
        ),
        ('"America/New_York"', '"UTC"\ncutoffs = ["24:00"]', "timetable.cutoffs[0]: should be text (a time of day as HH:MM"),
        ('"America/New_York"', '"UTC"\nclosed_on = ["24 Dec"]', "timetable.closed_on[0]: should be text (a day as YYYY-MM-DD)"),
        ("[upload]", "[upload]\nfile_bytes_max = 9999", "upload.file_bytes_max: should be a whole number, at least 10000"),
        ('"America/New_York"', '"UTC"\nclosed_on = ["2026-02-30"]', "timetable.closed_on[0]: should be a day of the calendar"),
        (
            '"America/New_York"',
            '"UTC"\ncutoffs = ["11:00", "17:00", "11:00"]',
            "timetable.cutoffs: should name each time once; 11:00",
        ),
        ('"America/New_York"', '"UTC"\npoll_times = ["07:00", "07:00"]', "timetable.poll_times: should name each time once"),
        ('"America/New_York"', '"UTC"\ndays = []', "timetable.days: should be a list of mon or tue"),
        (
            '"America/New_York"',
            '"UTC"\ncutoffs = ["23:30", "00:15"]\nlead_minutes = 46',
            "timetable.lead_minutes: should not be longer than the time between two cutoffs",
        ),
        ('password = "env:MERIDIAN_PASSWORD"', "", "sftp: needs a key_file or a password to log in with"),
        ('folder = "answers"', 'folder = "claims"', "pickup.folder: should be another folder"),
        ('host_keys = ["SHA256:', 'host_keys = ["MD5:', "sftp.host_keys[0]: should be SHA256: and 43 characters"),
        ("CW{isa_control_number}.837", "claims.837", "upload.file_name: should be a plain file name with {isa_control_number}"),
        ("CW{isa_control_number}.837", "{isa_control_number}{today}", "upload.file_name: should be a plain file name"),
        ("CW{isa_control_number}.837", "CW{isa_control_number[8]}.837", "upload.file_name: should be a plain file name"),
        ("CW{isa_control_number}.837", "CW{isa_control_number:.3}.837", "upload.file_name: should be a plain file name"),
        ("CW{isa_control_number}.837", "CW{isa_control_number!r}.837", "upload.file_name: should be a plain file name"),
        ("CW{isa_control_number}.837", "CW{isa_control_number.upper}", "upload.file_name: should be a plain file name"),
        ("CW{isa_control_number}.837", "CW{{isa_control_number}}.837", "upload.file_name: should be a plain file name"),
        ("CW{isa_control_number}.837", "CW{isa_control_number.837", "upload.file_name: should be a plain file name"),
        ("CW{isa_control_number}.837", ".{isa_control_number}", "upload.file_name: should be a plain file name"),
        ("CW{isa_control_number}.837", "../{isa_control_number}", "upload.file_name: should be a plain file name"),
        ("CW{isa_control_number}.837", "{isa_control_number:>999}.837", "upload.file_name: should be a plain file name"),
        ("CW{isa_control_number}.837", "A&B{isa_control_number}.837", "upload.file_name: should be a plain file name"),
        ("CW{isa_control_number}.837", "=CW{isa_control_number}.837", "upload.file_name: should be a plain file name"),
        ("CW{isa_control_number}.837", "CW{isa_control_number}.837 ", "upload.file_name: should be a plain file name"),
        ("CW{isa_control_number}.837", "M\u00e4rz{isa_control_number}", "upload.file_name: should be a plain file name"),
        ('suffix = ".part"', 'suffix = ".part!"', "upload.suffix: should make a plain file name behind upload.file_name: ASCII"),
        ('.837"', '.837"\nmarker_suffix = "/done"', "upload.marker_suffix: should make a plain file name"),
        (
            'receiver_id = "MERIDIANEX"',
            'receiver_id = "MERI*EX"',
            "envelope.receiver_id: should be without the characters that X12",
        ),
        ('name = "Sample Billing Company"', 'name = ""', "submitter.name: should be text, 1 to 60 characters"),
    ],
)
def test_a_partner_that_could_not_work_is_refused(folder: Path, old: str, new: str, said: str) -> None:
    replace(folder / "partners" / "meridian.toml", old, new)
    assert said in refuse(folder)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('partner = "meridian"', 'partner = "meridiem"', "partner: no such partner; partners/ has lakeside, meridian"),
        ('["BHH01", "BHH02"]', '["BHH01", "nsp77"]', '"NSP77" already means blueharbor (in blueharbor.toml)'),
        ('["BHH01", "BHH02"]', '["*"]', 'payer_ids[0]: "*" already means any_payer (in any_payer.toml)'),
        ('["BHH01", "BHH02"]', '["BHH01", "*"]', 'payer_ids: should be ["*"] alone or ids without "*"'),
        ('["BHH01", "BHH02"]', '["BHH01", ""]', "payer_ids[1]: should be text, 1 to 80 characters, printable ASCII"),
        ('["BHH01", "BHH02"]', "[]", "payer_ids: should be a list of text, at least one"),
        ('["BHH01", "BHH02"]', '"BHH01"', "payer_ids: should be a list of text, at least one"),
        ('["45", "253"]', '["CO45"]', "contractual_carcs[0]: should be a CARC"),
        ("'[A-Z]{3}[0-9]{9}'", "'[A-Z{3}'", "member_id_pattern: should be a regular expression that compiles"),
        ("'[A-Z]{3}[0-9]{9}'", "'(?:[A-Z]+)+'", "member_id_pattern: could take very long on some member ids"),
        ('"XQB000000017"', '"XQB17"', "member_id_example: should be an invented member id that fits member_id_pattern"),
    ],
)
def test_a_payer_that_could_not_work_is_refused(folder: Path, old: str, new: str, said: str) -> None:
    replace(folder / "blueharbor.toml", old, new)
    assert said in refuse(folder)


def test_a_copied_profile_that_takes_what_another_partner_was_sent_is_refused_by_file_and_key(folder: Path) -> None:
    shutil.copy(folder / "partners" / "meridian.toml", folder / "partners" / "copied.toml")
    copied = folder / "partners" / "copied.toml"
    replace(copied, 'id = "meridian"', 'id = "copied"')
    replace(copied, 'folder = "answers"', 'folder = "claims/"')
    replace(copied, 'folder = "claims"', 'folder = "claims2"')
    assert refuse(folder).splitlines() == [
        "partners/copied.toml: pickup.folder: should be another folder than upload.folder of meridian "
        "(in partners/meridian.toml): what lies there would be taken for answers"
    ]
    replace(copied, "port = 22\n", "port = 2222\n")
    assert set(load(folder).partners) == {"copied", "lakeside", "meridian"}


def test_a_password_in_the_wrong_place_is_not_repeated(folder: Path) -> None:
    replace(folder / "partners" / "meridian.toml", "env:MERIDIAN_PASSWORD", "hunter2-invented")
    said = refuse(folder)
    assert "sftp.password: should be text (where the password is, never the password: env:NAME" in said
    with pytest.raises(ConfigError) as refused:
        load(folder)
    assert "hunter2" not in said + "".join(traceback.format_exception(refused.value))


def test_what_is_wrong_in_a_list_is_not_said_of_the_list_as_well(folder: Path) -> None:
    replace(folder / "partners" / "meridian.toml", 'patterns = ["*.ta1"', 'patterns = [1, "*.ta1"')
    assert len(refuse(folder).splitlines()) == 1


def test_a_broken_partner_file_is_not_also_called_missing(folder: Path) -> None:
    replace(folder / "partners" / "lakeside.toml", "port = 2222", "port = 0")
    assert len(refuse(folder).splitlines()) == 1


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"id = 'a'\n\xff", "is not UTF-8 text (at byte 9)"),
        (b"id = 'a'\nid = 'b'\n", "is not TOML: Cannot overwrite a value (at line 2, column 9)"),
        (b"", "id: is missing; should be text"),
    ],
)
def test_a_file_that_is_no_toml_is_refused_with_the_place(folder: Path, content: bytes, said: str) -> None:
    (folder / "blueharbor.toml").write_bytes(content)
    assert f"blueharbor.toml: {said}" in refuse(folder)


def test_a_byte_order_mark_is_no_reason_to_refuse(folder: Path) -> None:
    file = folder / "blueharbor.toml"
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
    assert "blueharbor" in load(folder).payers


def test_a_folder_that_is_none_or_empty_is_refused_by_name(tmp_path: Path) -> None:
    assert refuse(tmp_path).startswith("partners: no such folder")
    (tmp_path / "partners").mkdir()
    assert refuse(tmp_path) == "partners: holds no profile (*.toml)"


@pytest.mark.parametrize("number", [errno.EACCES, errno.EIO, errno.ESTALE])
@pytest.mark.parametrize("where", ["partners", ""])
def test_a_folder_that_cannot_be_listed_is_refused_by_name_and_keeps_what_was_last_right(
    folder: Path, monkeypatch: pytest.MonkeyPatch, where: str, number: int
) -> None:
    last = load(folder)
    refuse_to_list(monkeypatch, folder / where, number)
    said = f"{folder / where}: cannot be listed: {os.strerror(number)}"
    for loading in (load, load_good):
        with pytest.raises(ConfigError) as refused:
            loading(folder)
        assert str(refused.value) == said
    found, (problem,) = reload(folder, last)
    assert (found is last, str(problem)) == (True, said)


@pytest.mark.parametrize("name", [".#northstar.toml", ".northstar.toml.swp", "._northstar.toml", "#northstar.toml#"])
def test_what_an_editor_puts_beside_a_profile_is_none(folder: Path, name: str) -> None:
    before = load(folder)
    for place in (folder, folder / "partners"):
        (place / name).symlink_to("ada@desk.example.4711:1")
    assert load(folder) == before


def test_uploads_are_named_by_the_nine_digits_of_their_control_number(samples: Profiles) -> None:
    upload = samples.partners["meridian"].upload
    assert upload.build_name(42, transaction="837P", usage="T", at=datetime(2026, 1, 5, tzinfo=UTC)) == "CW000000042.837"


@pytest.mark.parametrize(("member_id", "fits"), [("XQB000000017", True), ("XQB0000000170", False), ("xqb000000017", False)])
def test_a_member_id_must_fit_the_pattern_as_a_whole(samples: Profiles, member_id: str, fits: bool) -> None:
    assert samples.payers["blueharbor"].accepts_member_id(member_id) is fits


def test_a_payer_without_a_pattern_takes_any_member_id(samples: Profiles) -> None:
    assert samples.payers["any_payer"].accepts_member_id("anything at all")


def test_a_payer_that_tests_alone_answers_with_its_own_usage(samples: Profiles) -> None:
    """The partner is in production, one payer behind it is not yet: answers of both kinds are agreed."""
    partner, payer = samples.partners["meridian"], samples.payers["blueharbor"]
    live = partner.model_copy(update={"envelope": partner.envelope.model_copy(update={"usage": "P"})})
    testing = payer.model_copy(update={"usage": "T"})
    profiles = Profiles(partners={"meridian": live}, payers={"blueharbor": testing})
    assert profiles.list_usages("meridian") == {"P", "T"}
    assert samples.list_usages("meridian") == {"T"}
    assert profiles.list_usages("nobody") == frozenset()
