"""`claimwire edi`: a tool of its own for anyone who has an EDI file and a question; it needs no settings and no database."""

import typer

from gateway.cli import edi_convert, edi_inspect, edi_mask, edi_split, edi_validate

app = typer.Typer(
    help="Look into, check and turn X12 files (837, 835, 277CA, 999 …). FILE is a path or - for stdin; .gz and .zip are opened. "
    "No settings and no database are needed, and nothing is kept.",
    no_args_is_help=True,
)
app.command("inspect")(edi_inspect.inspect)
app.command("validate")(edi_validate.check)
app.command("convert")(edi_convert.convert)
app.command("mask")(edi_mask.mask_file)
app.command("split")(edi_split.split)
