"""The log: which events, and nothing about a patient. Everything that is written passes one chain of processors.

The chain lets through what it knows and drops the rest: event names of the form noun.verb_past, the keys of KEYS with
values of their form, and of an exception its types and where it was raised. Messages, values and locals of
exceptions and the texts of other libraries' messages never pass, since any of them may quote a claim.
"""

import logging
import re
import sys
import threading
from collections.abc import MutableMapping
from contextlib import suppress
from types import TracebackType
from typing import Any, Literal, TextIO, cast

import structlog

Event = MutableMapping[str, Any]

COUNT = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,9})?")
CONTROL_NUMBER = re.compile(r"[0-9]{1,9}")
NAME = re.compile(r"[a-z_][a-z0-9_.-]{0,79}")
CODE = re.compile(r"(?=[A-Z:]*[0-9])[A-Z0-9:]{1,9}")
HASH = re.compile(r"[0-9a-f]{8,64}")
SOURCE = re.compile(r"[A-Za-z_][A-Za-z0-9_.]{0,79}")

KEYS: dict[str, re.Pattern[str]] = {
    **dict.fromkeys(("claim_id", "batch_id", "file_id", "remittance_id", "claim_payment_id", "journal_id", "work_id"), COUNT),
    **dict.fromkeys(
        ("attempt", "count", "seconds", "segments", "position", "size_bytes", "port", "pid", "line", "signal", "amount_cents"),
        COUNT,
    ),
    **dict.fromkeys(("claims", "files", "batches", "interchanges", "sets", "payments", "items", "facts", "findings"), COUNT),
    **dict.fromkeys(("isa_control_number", "gs_control_number", "st_control_number"), CONTROL_NUMBER),
    **dict.fromkeys(("partner", "payer", "stage", "state", "kind", "job", "command", "database", "result", "severity"), NAME),
    **dict.fromkeys(("transaction", "code", "revision"), CODE),
    **dict.fromkeys(("logger", "source"), SOURCE),
    "sha256": HASH,
}
"""Each key that may be logged, with the form of its values as text: short words of ours, codes, numbers; none with a blank."""

FRAMES_MAX = 12

_EVENT = re.compile(r"[a-z][a-z0-9_]{0,39}(\.[a-z][a-z0-9_]{0,39}){1,3}")
_OURS = frozenset({"level", "timestamp", "error", "frames"})
"""What the chain itself writes; what a caller gives under these names is taken away first."""

_QUIET = ("paramiko", "apscheduler", "alembic", "sqlalchemy", "pyx12")


def configure(level: str, format: Literal["console", "json"]) -> None:
    """Send all logs of the process to stderr through the chain: ours from `level` on, other libraries' from WARNING on.

    Uncaught exceptions of the process and of its threads go the same way. May be called again.
    """
    structlog.configure(
        processors=_list_processors(format),
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.WriteLoggerFactory(cast(TextIO, _Stderr())),
        cache_logger_on_first_use=False,
    )
    _route_other_libraries()
    sys.excepthook = _log_crash
    threading.excepthook = _log_thread_crash
    sys.unraisablehook = _log_unraisable


def reduce_exception(_logger: object, _method: str, event: Event) -> Event:
    """An exception becomes `error`, the types from the outermost to the first cause, and `frames`, innermost last.

    It may come as exc_info or as error=exception; a text given as `error` is taken away.
    """
    given = event.pop("error", None)
    event.pop("frames", None)
    found = _find_exception(event.pop("exc_info", None) or given)
    if found is not None:
        event["error"] = "/".join(type(each).__name__ for each in _list_causes(found))
        event["frames"] = _list_frames(found.__traceback__)
    return event


def keep_known(_logger: object, _method: str, event: Event) -> Event:
    """Only what the lists name, in the form they ask for; `withheld` says how many keys were dropped."""
    kept = {key: value for key, value in event.items() if _is_known(key, value)}
    withheld = len(event) - len(kept)
    kept.setdefault("event", "event.unnamed")
    return kept | ({"withheld": withheld} if withheld else {})


class _Stderr:
    """The stderr of the moment. A log that cannot be written must not stop a claim: what fails is dropped."""

    def write(self, text: str) -> None:
        with suppress(OSError, ValueError):
            sys.stderr.write(text)

    def flush(self) -> None:
        with suppress(OSError, ValueError):
            sys.stderr.flush()


class _Handler(logging.Handler):
    """What other libraries log, as events of ours: who said it and where, never the text."""

    def emit(self, record: logging.LogRecord) -> None:
        structlog.get_logger().log(
            max(record.levelno, logging.WARNING),
            "library.warned",
            logger=record.name,
            source=f"{record.module}.{record.funcName}",
            line=record.lineno,
            exc_info=record.exc_info,
        )

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's own name
        """Say nothing: logging's own report quotes the message and its arguments."""


def _list_processors(format: str) -> list[structlog.typing.Processor]:
    renderer: structlog.typing.Processor = structlog.processors.JSONRenderer()
    if format == "console":
        renderer = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    return [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        reduce_exception,
        keep_known,
        renderer,
    ]


def _route_other_libraries() -> None:
    root = logging.getLogger()
    root.handlers[:] = [_Handler()]
    root.setLevel(logging.WARNING)
    for name in _QUIET:
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.setLevel(logging.WARNING)
        logger.propagate = True
    logging.captureWarnings(True)


def _log_crash(kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    structlog.get_logger().critical("process.crashed", exc_info=error.with_traceback(traceback))


def _log_thread_crash(crash: threading.ExceptHookArgs) -> None:
    if crash.exc_value is not None and crash.exc_type is not SystemExit:
        structlog.get_logger().critical("thread.crashed", exc_info=crash.exc_value)


def _log_unraisable(crash: "sys.UnraisableHookArgs") -> None:
    structlog.get_logger().error("object.crashed", exc_info=crash.exc_value)


def _find_exception(exc_info: object) -> BaseException | None:
    if isinstance(exc_info, tuple):
        exc_info = exc_info[1]
    elif exc_info is True:
        exc_info = sys.exc_info()[1]
    return exc_info if isinstance(exc_info, BaseException) else None


def _list_causes(error: BaseException) -> list[BaseException]:
    causes: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None and cause not in causes:
        causes.append(cause)
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
    return causes


def _list_frames(traceback: TracebackType | None) -> str:
    frames = []
    while traceback is not None:
        code = traceback.tb_frame.f_code
        module = traceback.tb_frame.f_globals.get("__name__", "?")
        frames.append(f"{module}:{code.co_name}:{traceback.tb_lineno}")
        traceback = traceback.tb_next
    return " ".join(frames[-FRAMES_MAX:])


def _is_known(key: str, value: object) -> bool:
    if key in _OURS:
        return True
    form = _EVENT if key == "event" else KEYS.get(key)
    return form is not None and isinstance(value, str | int | float) and form.fullmatch(str(value)) is not None
