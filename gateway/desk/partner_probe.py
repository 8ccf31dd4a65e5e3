"""What a probe of a partner means for its profile: what to put into it, and what it relies on that the server refuses."""

from collections.abc import Iterator
from contextlib import nullcontext

import msgspec

from gateway.db.engine import Engine
from gateway.errors import PermanentError, TransientError
from gateway.pipeline.links import LinkClosed, connection_slot
from gateway.transport.probe import (
    LIST_MOVE_TO,
    LIST_PICKUP,
    NO_FILE,
    TAKE_AWAY,
    Probe,
    Shown,
    Trial,
    name_archive_trial,
    probe,
    show_host_key,
)
from payers.partner import Partner


class Advice(msgspec.Struct, frozen=True):
    """The keys of a profile as this server wants them; those it says nothing about stay as they are."""

    mode: str
    confirm: str
    rename: str
    stat: bool
    taken_at_once: bool


class PartnerTest(msgspec.Struct, frozen=True):
    """All that `payers test` shows. `objections` say what the profile relies on and the server refuses; none: it fits."""

    partner: str
    place: str
    expected_host_keys: tuple[str, ...] = ()
    host_key: Shown | None = None
    trials: tuple[Trial, ...] = ()
    advice: Advice | None = None
    toml: tuple[str, ...] = ()
    objections: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    left_behind: tuple[str, ...] = ()


def try_partner(partner: Partner, *, keep_going: bool, engine: Engine | None = None) -> PartnerTest:
    """Connect, look at the host key, and log in and probe only if the profile trusts it. Its faults are told, not raised.

    It counts among the connections that a gateway on this database may have to the partner: where all are in use, that is told.
    """
    try:
        with connection_slot(engine, partner) if engine is not None else nullcontext():
            return _try(partner, keep_going=keep_going)
    except LinkClosed as error:
        place = partner.sftp.host if partner.sftp is not None else ""
        return PartnerTest(partner.id, place, objections=(f"{error}; nothing was tried. Try again in a moment",))


def _try(partner: Partner, *, keep_going: bool) -> PartnerTest:
    shown: Shown | None = None
    place = partner.local.root if partner.local is not None else ""
    expected: tuple[str, ...] = ()
    if partner.sftp is not None:
        place, expected = f"{partner.sftp.host} port {partner.sftp.port}", partner.sftp.host_keys
    begun = PartnerTest(partner.id, place, expected)
    try:
        if partner.sftp is not None:
            shown = show_host_key(partner)
            if not shown.trusted:
                return _refuse_host_key(begun, shown)
        found = probe(partner, keep_going=keep_going)
    except (TransientError, PermanentError) as error:
        return msgspec.structs.replace(begun, host_key=shown, objections=(str(error),))
    advice = advise(partner, found)
    broke_off = [f"{found.broke_off}; --keep-going connects again for what was not tried"] if found.broke_off else []
    return msgspec.structs.replace(
        begun,
        host_key=shown,
        trials=found.trials,
        advice=advice,
        toml=write_toml(advice),
        objections=(*broke_off, *list_objections(partner, found)),
        notes=tuple(list_notes(partner, found)),
        left_behind=found.left_behind,
    )


def _refuse_host_key(begun: PartnerTest, shown: Shown) -> PartnerTest:
    said = (
        f"the server shows host key {shown.fingerprint}, which the profile does not trust; nothing was sent. Ask the partner, by "
        "another way than this connection, whether that is its key, and only then put it into host_keys"
    )
    toml = ("[sftp]", f'host_keys = ["{shown.fingerprint}"]', "# only once the partner has confirmed it")
    return msgspec.structs.replace(begun, host_key=shown, objections=(said,), toml=toml)


def advise(partner: Partner, found: Probe) -> Advice:
    """The keys that make the most of what the server allows; a mode that works is the partner's choice and is left alone."""
    plain, posix = _is_allowed(found, "plain rename"), _is_allowed(found, "posix-rename")
    if not _is_allowed(found, "write a file"):
        quirks, upload = partner.quirks, partner.upload
        return Advice(upload.mode, upload.confirm, quirks.rename, quirks.stat, quirks.taken_at_once)
    if not _is_allowed(found, "leave it there"):
        proof = "size" if partner.upload.confirm == "none" else partner.upload.confirm
        return Advice("direct", proof, partner.quirks.rename, partner.quirks.stat, taken_at_once=True)
    proofs = (("read it back", "content"), ("tell its size", "size"), ("list it", "listing"))
    confirm = next((confirm for name, confirm in proofs if _is_allowed(found, name)), "none")
    return Advice(
        mode=partner.upload.mode if plain or posix or partner.upload.mode != "rename" else "direct",
        confirm=confirm,
        rename="either" if plain == posix else "plain" if plain else "posix",
        stat=_is_allowed(found, "tell its size"),
        taken_at_once=partner.quirks.taken_at_once and confirm != "none",
    )


def write_toml(advice: Advice) -> tuple[str, ...]:
    """The lines as a profile has them."""
    return (
        "[upload]",
        f'mode = "{advice.mode}"',
        f'confirm = "{advice.confirm}"',
        "[quirks]",
        f'rename = "{advice.rename}"',
        f"stat = {str(advice.stat).lower()}",
        f"taken_at_once = {str(advice.taken_at_once).lower()}",
    )


def list_objections(partner: Partner, found: Probe) -> tuple[str, ...]:
    """What the profile as it is relies on, and the server does not allow or was not asked."""
    refused = []
    has_told_why = not _is_allowed(found, "write a file") or (
        not _is_allowed(found, "leave it there") and not partner.quirks.taken_at_once
    )
    for needed, why in (*_list_needs(partner), *_list_folder_needs(partner, found)):
        trials = [found.find(name) for name in needed]
        if any(trial.outcome == "yes" for trial in trials) or (has_told_why and all(trial.said == NO_FILE for trial in trials)):
            continue
        said = "; ".join(f"{trial.name}: {trial.said or trial.outcome}" for trial in trials)
        was_asked = any(trial.outcome == "no" for trial in trials)
        refused.append(f"{why}, but {'the server does not allow it' if was_asked else 'that was not tried'} ({said})")
    return tuple(refused)


def list_notes(partner: Partner, found: Probe) -> Iterator[str]:
    """What stops nothing and should be known."""
    if found.find("refuse a plain rename over a file").outcome == "no":
        yield "a plain rename replaces a file of that name: we look before we rename, which leaves a moment in between"
    if found.find("make a folder").outcome != "yes" and _is_allowed(found, "write a file"):
        yield "no scratch folder could be made: the files of this test lay in the upload folder itself for a moment"
    if partner.pickup.after != "leave" and (untried := found.find(TAKE_AWAY)).outcome == "not tried" and untried.said:
        yield f"whether a file can be taken out of {partner.pickup.folder} was not tried: {untried.said}"


def _list_needs(partner: Partner) -> Iterator[tuple[tuple[str, ...], str]]:
    """The trials of which one must have gone well, and the key of the profile that says so."""
    upload, quirks, pickup = partner.upload, partner.quirks, partner.pickup
    yield ("write a file",), f"files are written to {upload.folder}"
    if not quirks.taken_at_once:
        yield ("leave it there",), "quirks.taken_at_once is false, so a file must stay for a moment"
    ways = {"either": ("plain rename", "posix-rename"), "plain": ("plain rename",), "posix": ("posix-rename",)}
    if upload.mode == "rename":
        yield ways[quirks.rename], f'upload.mode is "rename" and quirks.rename "{quirks.rename}"'
    if quirks.stat:
        yield ("tell its size",), "quirks.stat is true"
    proofs = {"content": "read it back", "size": "tell its size" if quirks.stat else "list it", "listing": "list it"}
    if upload.confirm != "none":
        yield (proofs[upload.confirm],), f'upload.confirm is "{upload.confirm}"'
    if pickup.after == "delete":
        yield ("remove it",), 'pickup.after is "delete"'
    if pickup.after == "move":
        yield ways[quirks.rename], 'pickup.after is "move"'


def _list_folder_needs(partner: Partner, found: Probe) -> Iterator[tuple[tuple[str, ...], str]]:
    """The same of the folders that are not the upload folder."""
    pickup = partner.pickup
    yield (LIST_PICKUP,), f"answers are looked for in {pickup.folder}"
    for folder in partner.upload.archive_folders:
        yield (name_archive_trial(folder),), f"what the server took in is looked for in {folder}"
    if pickup.after == "leave":
        return
    took_away = found.find(TAKE_AWAY)
    if pickup.move_to and took_away.outcome != "yes":
        yield (LIST_MOVE_TO,), f"answers are moved to {pickup.move_to}"
    if took_away.outcome == "no":
        yield (TAKE_AWAY,), f'pickup.after is "{pickup.after}"'


def _is_allowed(found: Probe, name: str) -> bool:
    return found.find(name).outcome == "yes"
