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
from payers.partner import Answers, Partner
from payers.payer import Payer
from payers.strict import Problem, list_problems, parse_toml

__all__ = ["ANY_PAYER", "SAMPLES", "Answers", "Partner", "Payer", "Profiles", "load"]

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
        return self._by_payer_id.get(normalise_id(payer_id)) or self._by_payer_id.get(ANY_PAYER)

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
    """The profiles of `folder`: its *.toml are payers, its partners/*.toml are partners.

    Raises ConfigError with every problem of every file.
    """
    refused: list[ConfigError] = []
    partner_files, payer_files = _list_files(folder / "partners"), _list_files(folder)
    partners = _load_files(partner_files, Partner, refused)
    payers = _load_files(payer_files, Payer, refused)
    refused += _check_each(
        folder / "partners", {stem: [*check_id(stem, each), *check_partner(each)] for stem, each in partners.items()}
    )
    refused += _check_each(folder, {stem: [*check_id(stem, each), *check_payer(each)] for stem, each in payers.items()})
    known = [file.stem for file in partner_files]
    refused += _check_each(folder, {stem: [*check_routes(each, known)] for stem, each in payers.items()})
    refused += _check_each(folder, check_payer_ids(payers))
    if refused:
        raise ConfigError.join(sorted(refused, key=lambda error: error.file))
    return Profiles(partners=partners, payers=payers)


def _list_files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise ConfigError(str(folder), (("", "no such folder; a set of profiles is a folder with a folder partners in it"),))
    files = sorted(folder.glob("*.toml"))
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
