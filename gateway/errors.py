"""The few errors that callers tell apart; everything else is a bug and is raised as itself."""

from payers.errors import ConfigError

__all__ = ["ConfigError", "PermanentError", "Refused", "TransientError", "UnknownOutcome"]


class TransientError(Exception):
    """The world failed for now: try again later, and tell a person if it goes on."""


class UnknownOutcome(TransientError):
    """The partner may or may not have it: the link broke after the last word was said. Look before sending again."""


class PermanentError(Exception):
    """The world refused (host key, permission, disk full): stop this partner, tell a person; the others go on."""


class Refused(Exception):
    """The operator may not do this now; the message is the reason and what to do instead."""
