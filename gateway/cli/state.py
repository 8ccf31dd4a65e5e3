"""What the root command learns and every command under it uses: where the settings are, and the gateway they open."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from getpass import getuser
from pathlib import Path

import typer

from gateway import config, logs
from gateway.cli.output import progress_bar, warn
from gateway.clock import Clock, SystemClock
from gateway.config import Settings
from gateway.errors import ConfigError
from gateway.pipeline.context import Context
from gateway.pipeline.opening import open_context, open_desk


@dataclass(frozen=True)
class State:
    """The global options of one invocation."""

    config_file: Path | None
    clock: Clock = field(default_factory=SystemClock)

    @cached_property
    def settings(self) -> Settings:
        """The settings; ConfigError where they are wrong."""
        settings = config.load(self.config_file)
        logs.configure(settings.log.level, settings.log.format)
        return settings

    @contextmanager
    def open(self) -> Iterator[Context]:
        """The gateway, to look into and to decide in: profiles that are wrong are left out, and said on stderr."""
        with progress_bar() as tell:
            context, refused = open_desk(self.settings, clock=self.clock, progress=tell)
            say_left_out(refused)
            with closing_engine(context):
                yield context

    @contextmanager
    def open_to_work(self) -> Iterator[Context]:
        """The gateway, for what goes by every profile. Raises ConfigError where one is wrong."""
        with progress_bar() as tell, closing_engine(open_context(self.settings, clock=self.clock, progress=tell)) as context:
            yield context


def say_left_out(refused: list[ConfigError]) -> None:
    """What is wrong with profiles that this command goes without."""
    for error in refused:
        warn(str(error))
    if refused:
        warn("These profiles are left out here. Stages of `claimwire run` wait until they are mended.")


@contextmanager
def closing_engine(context: Context) -> Iterator[Context]:
    """The context, with its connections closed at the end."""
    try:
        yield context
    finally:
        context.engine.dispose()


def state_of(ctx: typer.Context) -> State:
    """The state that the root command left."""
    state = ctx.find_root().obj
    assert isinstance(state, State), "the root command leaves a State"
    return state


def actor() -> str:
    """Who is at the keyboard, for the facts that a person causes."""
    return getuser()
