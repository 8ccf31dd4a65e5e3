"""What is printed steers no terminal and loses no bracket, whatever others wrote into their files."""

import pytest

from gateway.cli.listing import show_fields
from gateway.cli.output import say, show_table, warn

HOSTILE = "A\x1b]0;owned\x07[red]B\x9b2J\x00[/red]"


def test_control_characters_never_reach_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    say(HOSTILE)
    warn(HOSTILE)
    show_fields({"name": HOSTILE})
    show_table(("name",), [{"name": HOSTILE}], empty="")
    written = capsys.readouterr()
    for text in (written.out, written.err):
        assert not set(text) & {"\x1b", "\x07", "\x9b", "\x00"}


def test_brackets_are_text_and_no_markup(capsys: pytest.CaptureFixture[str]) -> None:
    show_fields({"reason": "see [red] and [17]"})
    show_table(("reason",), [{"reason": "see [red] and [17]"}], empty="")
    assert capsys.readouterr().out.count("see [red] and [17]") == 2


def test_cents_become_dollars_and_empty_fields_are_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    show_fields({"charge_cents": 12_505, "owner": "", "due": None})
    assert capsys.readouterr().out == "  charge  125.05\n"
