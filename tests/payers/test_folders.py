"""A folder is the same however it is written, and no two uses of one may meet."""

from typing import Any

import pytest

from payers.checks import check_partner
from payers.folder_checks import check_shared_folders
from payers.partner import LocalFolder, Partner, Pickup, Upload
from payers.profile import SAMPLES, load


def find_faults(*, upload: dict[str, Any] | None = None, pickup: dict[str, Any] | None = None, **tables: Any) -> list[str]:
    """The keys at fault in the sample partner, its folders `claims` and `answers` where nothing else is said."""
    partner = load(SAMPLES).partners["meridian"]
    upload_table = partner.upload.model_copy(update={"folder": "claims"} | (upload or {}))
    pickup_table = partner.pickup.model_copy(update={"folder": "answers"} | (pickup or {}))
    changed: Partner = partner.model_copy(update={"upload": upload_table, "pickup": pickup_table, **tables})
    return [key for key, _ in check_partner(changed)]


SAME = ["claims", "claims/", "./claims", "claims//", ".//claims/.", "/claims", "answers/../claims"]


@pytest.mark.parametrize("folder", SAME)
def test_the_pickup_folder_is_never_the_upload_folder_under_another_spelling(folder: str) -> None:
    assert find_faults(pickup={"folder": folder}) == ["pickup.folder"]


@pytest.mark.parametrize("folder", [".", "./", "/", ".//."])
def test_where_the_log_in_begins_is_one_folder_however_it_is_called(folder: str) -> None:
    assert find_faults(upload={"folder": "."}, pickup={"folder": folder}) == ["pickup.folder"]


@pytest.mark.parametrize("folder", ["claims/answers", "../claims", "answers/claims", "Claims2", "claims."])
def test_folders_that_differ_are_fine(folder: str) -> None:
    assert find_faults(pickup={"folder": folder}) == []


@pytest.mark.parametrize("folder", [*SAME, "answers/", "./answers"])
def test_answers_are_not_moved_where_they_come_from_nor_to_our_claims(folder: str) -> None:
    assert find_faults(pickup={"after": "move", "move_to": folder}) == ["pickup.move_to"]


@pytest.mark.parametrize("folder", ["claims/", "./answers"])
def test_what_the_partner_has_taken_in_is_looked_for_elsewhere(folder: str) -> None:
    assert find_faults(upload={"archive_folders": ("archive", folder)}) == ["upload.archive_folders[1]"]


@pytest.mark.parametrize(
    ("tables", "faults"),
    [
        ({}, []),
        ({"local": LocalFolder(root="srv/exchange")}, ["local.root"]),
        ({"upload": {"folder": "/claims"}}, ["upload.folder"]),
        ({"pickup": {"folder": "../answers"}}, ["pickup.folder"]),
        ({"pickup": {"after": "move", "move_to": "done/../../x"}}, ["pickup.move_to"]),
        ({"upload": {"archive_folders": ("/archive",)}}, ["upload.archive_folders[0]"]),
    ],
)
def test_a_folder_of_this_machine_holds_all_its_folders(tables: dict[str, Any], faults: list[str]) -> None:
    assert find_faults(**({"sftp": None, "local": LocalFolder(root="/srv/exchange")} | tables)) == faults


def find_shared(one: dict[str, Any], other: dict[str, Any], **server: Any) -> dict[str, list[str]]:
    """The keys at fault in two partners on one server with these folders; `server` is what the second one's is told apart by."""
    meridian = load(SAMPLES).partners["meridian"]
    assert meridian.sftp is not None
    partners = {}
    for stem, folders, way in (("first", one, {}), ("second", other, server)):
        pickup = {"folder": f"{stem}/answers"} | {key: folders[key] for key in ("folder", "after", "move_to") if key in folders}
        upload = {"folder": folders.get("upload", f"{stem}/claims"), "archive_folders": folders.get("archive_folders", ())}
        partners[stem] = meridian.model_copy(
            update={
                "sftp": meridian.sftp.model_copy(update=way),
                "upload": meridian.upload.model_copy(update=upload),
                "pickup": meridian.pickup.model_copy(update=pickup),
            }
        )
    return {stem: [key for key, _ in found] for stem, found in check_shared_folders(partners).items() if found}


@pytest.mark.parametrize("folder", ["first/claims", "first/claims/", "/first/./claims", "first/answers/../claims"])
def test_no_partners_answers_are_looked_for_where_anothers_claims_go(folder: str) -> None:
    assert find_shared({}, {"folder": folder}) == {"second": ["pickup.folder"]}
    assert find_shared({"folder": "x"}, {"upload": "x/"}) == {"first": ["pickup.folder"]}


@pytest.mark.parametrize(
    ("one", "other", "faults"),
    [
        ({}, {}, {}),
        ({"folder": "x"}, {"folder": "/x/"}, {"second": ["pickup.folder"]}),
        ({"archive_folders": ("y", "x")}, {"folder": "x"}, {"second": ["pickup.folder"]}),
        ({"after": "move", "move_to": "x"}, {"folder": "x"}, {"second": ["pickup.folder"]}),
        ({"after": "move", "move_to": "x"}, {"upload": "x"}, {"first": ["pickup.move_to"]}),
        ({"after": "move", "move_to": "x"}, {"after": "move", "move_to": "x"}, {}),
        ({"archive_folders": ("x",)}, {"archive_folders": ("x",)}, {}),
        ({"folder": "x"}, {"folder": "X"}, {}),
    ],
)
def test_what_one_partner_takes_another_has_not_put_there(one: dict[str, Any], other: dict[str, Any], faults: Any) -> None:
    assert find_shared(one, other) == faults


def test_folders_of_one_name_on_two_servers_or_behind_two_logins_are_two() -> None:
    for other in ({"port": 2222}, {"username": "other"}, {"host": "sftp.other.example"}):
        assert find_shared({"folder": "x"}, {"folder": "x"}, **other) == {}
    assert find_shared({"folder": "x"}, {"folder": "x"}, host="SFTP.Meridian.Sandbox.invalid.") == {"second": ["pickup.folder"]}


@pytest.mark.parametrize(("root", "pickup"), [("/srv/exchange/", "in"), ("/srv", "exchange/in"), ("/srv/x/../exchange/in", ".")])
def test_folders_of_this_machine_are_told_apart_by_their_full_paths(root: str, pickup: str) -> None:
    meridian = load(SAMPLES).partners["meridian"]
    first = meridian.model_copy(
        update={"sftp": None, "local": LocalFolder(root="/srv/exchange"), "upload": Upload(folder="in")},
    )
    second = meridian.model_copy(update={"sftp": None, "local": LocalFolder(root=root), "pickup": Pickup(folder=pickup)})
    found = check_shared_folders({"first": first, "second": second})
    assert [key for key, _ in found["second"]] == ["pickup.folder"]
