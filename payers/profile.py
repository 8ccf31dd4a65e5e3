"""What a set of profiles holds, and the strict loading of payers/*.toml and payers/partners/*.toml."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from payers.checks import ANY_PAYER, check_id, check_partner, check_payer, check_payer_ids, check_routes, normalise_id
from payers.errors import ConfigError
from payers.fields import Strict
from payers.folder_checks import check_shared_folders
from payers.partner import Answers, Partner
from payers.payer import Payer
from payers.strict import Problem, list_problems, parse_toml

__all__ = ["ANY_PAYER", "SAMPLES", "Answers", "Partner", "Payer", "Profiles", "load", "load_good", "reload"]

SAMPLES = Path(__file__).parent
"""The folder of the sample profiles: invented, to copy from and to try with."""


class Profiles(Strict):
    """All profiles of a folder, checked against each other."""

    partners: dict[str, Partner]
    payers: dict[str, Payer]

    def find_payer(self, payer_id: str) -> Payer | None:
        """The payer a claim's 2010BB NM109 means, in any case; else the one that takes all others, where there is one.

        A blank id means no payer.
        """
        if not payer_id.strip():
            return None
        return self.find_named_payer(payer_id) or self._by_payer_id.get(ANY_PAYER)

    def find_named_payer(self, payer_id: str) -> Payer | None:
        """The payer whose profile names this id, in any case; none takes all others here."""
        return self._by_payer_id.get(normalise_id(payer_id)) if payer_id.strip() != ANY_PAYER else None

    def find_payer_by_remit(self, ids: Iterable[str]) -> Payer | None:
        """The payer of an 835 by the ids it shows (TRN03, REF*2U, N1*PR), first id first.

        A remit id that several payers share names none of them, and the next id is asked. Payer ids count where no remit
        id is known. None where nothing decides: never a guess.
        """
        wanted = [normalise_id(each) for each in ids]
        for known in (self._by_remit_id, self._by_payer_id):
            for each in wanted:
                if each != ANY_PAYER and (payer := known.get(each)) is not None:
                    return payer
        return None

    def list_usages(self, partner: str) -> frozenset[str]:
        """ISA15 as it is agreed with a partner: its own, and that of each payer it carries that has another; none if unknown."""
        if partner not in self.partners:
            return frozenset()
        own = self.partners[partner].envelope.usage
        return frozenset({own, *(payer.usage for payer in self.payers.values() if payer.usage and payer.carrier == partner)})

    @cached_property
    def _by_payer_id(self) -> dict[str, Payer]:
        return {normalise_id(each): payer for payer in self.payers.values() for each in payer.payer_ids}

    @cached_property
    def _by_remit_id(self) -> dict[str, Payer]:
        payers = defaultdict(list)
        for payer in self.payers.values():
            for each in {normalise_id(each) for each in payer.remit_ids}:
                payers[each].append(payer)
        return {each: sharing[0] for each, sharing in payers.items() if len(sharing) == 1}


Profile = TypeVar("Profile", Partner, Payer)


def load(folder: Path) -> Profiles:
    """The profiles of `folder`: its *.toml are payers, its partners/*.toml are partners; none has a name that begins with a dot.

    Raises ConfigError with every problem of every file.
    """
    partners, payers, refused = _read_files(folder)
    known = [file.stem for file in _list_files(folder / "partners")]
    refused += _check_all(folder, partners, payers, known)
    if refused:
        raise ConfigError.join(sorted(refused, key=lambda error: error.file))
    return Profiles(partners=partners, payers=payers)


def load_good(folder: Path) -> tuple[Profiles, list[ConfigError]]:
    """The profiles of a folder without those that are wrong and those that need them; what is wrong.

    Raises ConfigError where the folder, or the one of partners in it, holds none at all.
    """
    for each in (folder / "partners", folder):
        _list_files(each)
    return reload(folder, Profiles(partners={}, payers={}))


def reload(folder: Path, last: Profiles) -> tuple[Profiles, list[ConfigError]]:
    """The profiles of a folder that changed: each file as it is now or, where it is wrong, as it was last right; what is wrong.

    A file that is wrong and was never right is left out. Where the rest does not fit together without it, or the folder cannot
    be listed, everything stays as it was last right.
    """
    try:
        partners, payers, refused = _read_files(folder)
        known = [file.stem for file in _list_files(folder / "partners")]
    except ConfigError as error:
        return last, [error]
    found = _check_all(folder, partners, payers, known)
    refused += found
    _fall_back(partners, refused, folder / "partners", last.partners)
    _fall_back(payers, refused, folder, last.payers)
    for _ in range(len(partners) + len(payers) + 1):
        found = _check_all(folder, partners, payers, list(partners))
        if not found:
            return Profiles(partners=partners, payers=payers), refused
        refused += [error for error in found if error.file not in {each.file for each in refused}]
        _fall_back(partners, found, folder / "partners", last.partners)
        _fall_back(payers, found, folder, last.payers)
    return last, refused


def _read_files(folder: Path) -> tuple[dict[str, Partner], dict[str, Payer], list[ConfigError]]:
    refused: list[ConfigError] = []
    partners = _load_files(_list_files(folder / "partners"), Partner, refused)
    return partners, _load_files(_list_files(folder), Payer, refused), refused


def _check_all(folder: Path, partners: Mapping[str, Partner], payers: Mapping[str, Payer], known: list[str]) -> list[ConfigError]:
    """What must hold beyond the form of each key; `known` are the partners that there are, readable or not."""
    of_partners = {stem: [*check_id(stem, each), *check_partner(each)] for stem, each in partners.items()}
    of_payers = {stem: [*check_id(stem, each), *check_payer(each)] for stem, each in payers.items()}
    routes = {stem: [*check_routes(each, known)] for stem, each in payers.items()}
    return [
        *_check_each(folder / "partners", of_partners),
        *_check_each(folder / "partners", check_shared_folders(partners)),
        *_check_each(folder, of_payers),
        *_check_each(folder, routes),
        *_check_each(folder, check_payer_ids(payers)),
    ]


def _fall_back(profiles: dict[str, Profile], refused: Iterable[ConfigError], folder: Path, last: Mapping[str, Profile]) -> None:
    """Put what was last right in the place of what is wrong in this folder."""
    for stem in {Path(error.file).stem for error in refused if Path(error.file).parent == folder}:
        profiles.pop(stem, None)
        if stem in last:
            profiles[stem] = last[stem]


def find_files(folder: Path) -> list[Path]:
    """The files of a folder that are profiles by their names: *.toml, without those that editors hide while they are at work.

    Raises OSError where it cannot be listed.
    """
    return sorted(file for file in folder.iterdir() if file.suffix == ".toml" and not file.name.startswith("."))


def _list_files(folder: Path) -> list[Path]:
    try:
        files = find_files(folder)
    except (FileNotFoundError, NotADirectoryError):
        what = "no such folder; a set of profiles is a folder with a folder partners in it"
        raise ConfigError(str(folder), (("", what),)) from None
    except OSError as error:
        raise ConfigError(str(folder), (("", f"cannot be listed: {error.strerror}"),)) from error
    if not files:
        raise ConfigError(str(folder), (("", "holds no profile (*.toml)"),))
    return files


def _load_files(files: list[Path], model: type[Profile], refused: list[ConfigError]) -> dict[str, Profile]:
    profiles: dict[str, Profile] = {}
    for file in files:
        try:
            profiles[file.stem] = _load_file(file, model)
        except ConfigError as error:
            refused.append(error)
    return profiles


def _load_file(file: Path, model: type[Profile]) -> Profile:
    try:
        return model.model_validate(parse_toml(file.read_bytes(), str(file)))
    except OSError as error:
        raise ConfigError(str(file), (("", f"cannot be read: {error.strerror}"),)) from error
    except ValidationError as error:
        # The cause is cut: pydantic's own text shows values, and one of them may be a password in the wrong place.
        raise ConfigError(str(file), tuple(list_problems(error, model))) from None


def _check_each(folder: Path, problems: Mapping[str, list[Problem]]) -> list[ConfigError]:
    return [ConfigError(str(folder / f"{stem}.toml"), tuple(each)) for stem, each in problems.items() if each]
