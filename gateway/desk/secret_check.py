"""Whether the secrets that profiles refer to are where they say: nothing is connected to, run or shown."""

import shutil

from gateway.errors import PermanentError
from gateway.transport.secrets import is_reference, name_place, read_secret_text, split_command
from payers.profile import Partner, Profiles


def check_secrets(profiles: Profiles) -> list[str]:
    """A sentence for each secret that is not there; none where all are."""
    return [
        f"partners/{partner.id}.toml: sftp.{key}: {problem}"
        for partner in profiles.partners.values()
        for key, reference in _list_references(partner)
        if (problem := find_problem(reference))
    ]


def find_problem(reference: str) -> str:
    """What keeps this secret from being read, "" where nothing is seen that does. A command is looked for, never run."""
    if reference.startswith("command:"):
        return _find_command_problem(reference)
    try:
        read_secret_text(reference)
    except PermanentError as error:
        return str(error)
    return ""


def _list_references(partner: Partner) -> list[tuple[str, str]]:
    if partner.sftp is None:
        return []
    given = (("password", partner.sftp.password), ("key_file", partner.sftp.key_file))
    return [(key, each if is_reference(each) else f"file:{each}") for key, each in given if each]


def _find_command_problem(reference: str) -> str:
    where = name_place(reference)
    try:
        program, *_ = split_command(reference.partition(":")[2], where)
    except PermanentError as error:
        return str(error)
    return "" if shutil.which(program) else f"{where} cannot be run: there is no such program"
