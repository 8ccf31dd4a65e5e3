"""Which folders a profile may name: no two uses of one may meet, neither within a profile nor between two partners."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from posixpath import normpath

from payers.partner import Partner
from payers.strict import Problem

Place = tuple[str, int, str, str]
"""Server, port, login and folder; of a folder of this machine its full path alone."""


def check_folders(partner: Partner) -> Iterator[Problem]:
    """A partner's folders among each other."""
    upload, pickup = partner.upload, partner.pickup
    ours, theirs = _normalise_folder(upload.folder), _normalise_folder(pickup.folder)
    if ours == theirs:
        yield "pickup.folder", "should be another folder than upload.folder, or we would pick up our own claims"
    if (pickup.after == "move") != bool(pickup.move_to):
        yield "pickup.move_to", 'should name a folder with after = "move", and only then'
    if pickup.move_to and _normalise_folder(pickup.move_to) in (ours, theirs):
        yield "pickup.move_to", "should be a folder of its own, neither pickup.folder nor upload.folder"
    for position, folder in enumerate(upload.archive_folders):
        if _normalise_folder(folder) in (ours, theirs):
            yield f"upload.archive_folders[{position}]", "should be neither upload.folder nor pickup.folder"
    yield from _check_local(partner)


def check_shared_folders(partners: Mapping[str, Partner]) -> dict[str, list[Problem]]:
    """Partners may share a server and a login, but what lies in a folder is one partner's: who takes what is not his is at fault.

    Of two that take their answers from one folder it is the second.
    """
    places = {
        stem: {key: _find_place(each, folder) for key, folder in _list_folders(each).items()} for stem, each in partners.items()
    }
    problems: dict[str, list[Problem]] = defaultdict(list)
    for stem, ours in places.items():
        for other, theirs in places.items():
            if other != stem:
                problems[stem] += _check_against(ours, theirs, other, is_second=other < stem)
    return problems


def _check_against(ours: Mapping[str, Place], theirs: Mapping[str, Place], other: str, *, is_second: bool) -> Iterator[Problem]:
    for key, place in ours.items():
        for its, its_place in theirs.items():
            if place == its_place and (why := _say_why(key, its, is_second=is_second)):
                yield key, f"should be another folder than {its} of {other} (in partners/{other}.toml): {why}"


def _say_why(key: str, its: str, *, is_second: bool) -> str:
    """What would come of one folder for these two keys of two partners; '' for nothing."""
    if key == "pickup.folder" and its == "pickup.folder":
        return "each would take the other's answers" if is_second else ""
    if key == "pickup.folder":
        return "what lies there would be taken for answers"
    if key == "pickup.move_to" and its == "upload.folder":
        return "it would be sent answers as claims"
    return ""


def _list_folders(partner: Partner) -> dict[str, str]:
    """Every folder the profile names, by its key."""
    folders = {"upload.folder": partner.upload.folder, "pickup.folder": partner.pickup.folder}
    if partner.pickup.move_to:
        folders["pickup.move_to"] = partner.pickup.move_to
    return folders | {f"upload.archive_folders[{at}]": folder for at, folder in enumerate(partner.upload.archive_folders)}


def _find_place(partner: Partner, folder: str) -> Place:
    if partner.sftp is not None:
        server = partner.sftp
        return server.host.casefold().rstrip("."), server.port, server.username, _normalise_folder(folder)
    root = partner.local.root if partner.local is not None else ""
    return "", 0, "", normpath(f"{root}/{_normalise_folder(folder)}")


def _normalise_folder(folder: str) -> str:
    """A folder as it is compared. A server's root is most often where the log-in begins, so a leading "/" tells nothing apart."""
    names: list[str] = []
    for name in folder.split("/"):
        if name == ".." and names and names[-1] != "..":
            names.pop()
        elif name not in ("", "."):
            names.append(name)
    return "/".join(names)


def _check_local(partner: Partner) -> Iterator[Problem]:
    """What a folder of this machine asks for: its root by its full path, everything else below it."""
    if partner.local is None:
        return
    if not partner.local.root.startswith("/"):
        yield "local.root", "should be a full path, beginning with /"
    for key, folder in _list_folders(partner).items():
        if folder.startswith("/") or ".." in folder.split("/"):
            yield key, "should be a path below local.root: no / at its beginning, no .. in it"
