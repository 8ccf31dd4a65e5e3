"""A folder is the same however it is written, and no two uses of one may meet."""

from typing import Any

import pytest

from payers.checks import check_partner
from payers.partner import LocalFolder, Partner
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
