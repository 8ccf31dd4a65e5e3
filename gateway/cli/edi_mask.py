"""`claimwire edi mask`: a copy of a file without its patients, for those who are to help with it."""

import secrets
from typing import Annotated

import typer

from edi.tools.masking import mask
from edi.tools.pseudonyms import Pseudonyms
from gateway.cli.edi_convert import File
from gateway.cli.edi_input import open_one
from gateway.cli.edi_output import Force, Out, reporting_errors, writing

KEY_HELP = (
    "The same key gives the same replacements in every file, so that a claim and its payment still match. "
    "Without one they hold in this file alone. Keep it secret: with it, the masking can be undone."
)


def mask_file(
    path: File,
    out: Out = None,
    force: Force = False,
    key: Annotated[str | None, typer.Option(envvar="CLAIMWIRE_MASK_KEY", help=KEY_HELP)] = None,
) -> None:
    """Make a copy with all patient data replaced, to share with support: names, addresses, member and claim numbers, notes.

    The copy has the same structure, lengths, delimiters, line ends, codes and money, so it validates and balances as the file
    does. The same value always gets the same replacement. All dates move by one number of whole weeks. Providers, payers and
    submitters are kept, and so are diagnoses and procedures: look at the copy before you send it.

    Examples:
      claimwire edi mask claims.837 --out masked.837

      claimwire edi mask payment.835 --key "our secret" --out masked.835
    """
    if key == "":
        raise typer.BadParameter("--key is empty; leave it off for a key of this run alone")
    pseudonyms = Pseudonyms(key.encode() if key else secrets.token_bytes(32))
    with reporting_errors(path, out), writing(out, force=force) as write, open_one(path) as source:
        for piece in mask(source.chunks(), pseudonyms):
            write(piece)
