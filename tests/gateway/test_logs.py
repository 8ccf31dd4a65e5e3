"""Nothing about a patient reaches the log, whichever way it tries; what an operator needs does."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.logs import keep_known, reduce_exception

ROOT = Path(__file__).parents[2]
PLANTED = "ZZPHI"


def run(body: str, *, layout: str = "json", level: str = "info") -> subprocess.CompletedProcess[str]:
    """What a process of its own writes: hooks and loggers belong to the process, and pytest has its own."""
    program = (
        f"import logging, structlog, sys, threading, warnings\nfrom gateway import logs\nlogs.configure({level!r}, {layout!r})\n"
    )
    program += "log = structlog.get_logger()\n" + body
    return subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)


def read_lines(done: subprocess.CompletedProcess[str]) -> list[dict[str, object]]:
    assert done.stdout == "", "the log goes to stderr"
    return [json.loads(line) for line in done.stderr.splitlines()]


def test_an_event_keeps_what_the_list_names_and_counts_what_it_does_not() -> None:
    (line,) = read_lines(
        run(
            'log.info("batch.sent", batch_id=3, partner="meridian", isa_control_number="000000007", seconds=0.3, patient="ZZPHI")'
        )
    )
    assert line.pop("timestamp")
    assert line == {
        "event": "batch.sent",
        "level": "info",
        "batch_id": 3,
        "partner": "meridian",
        "isa_control_number": "000000007",
        "seconds": 0.3,
        "withheld": 1,
    }


ATTEMPTS = {
    "in a field of its own": 'log.info("claim.held", name="ZZPHI", member_id="ZZPHI0001", segment="NM1*IL*1*ZZPHI")',
    "in a field that is listed": 'log.info("claim.held", partner="ZZPHI Jane", claim_id="ZZPHI", state=["ZZPHI"], code="ZZPHI")',
    "as a key": 'log.info("claim.held", **{"ZZPHI": 1})',
    "as the event": 'log.info("claim of ZZPHI held")',
    "as an argument of the event": 'log.info("claim of %s held", "ZZPHI")',
    "in the names of the chain itself": 'log.info("a.b", error="ZZPHI", frames="ZZPHI", level="ZZPHI", timestamp="ZZPHI")',
    "in a bound field": 'log.bind(patient="ZZPHI").info("claim.held")',
    "in a context": 'structlog.contextvars.bind_contextvars(patient="ZZPHI"); log.info("claim.held")',
    "in an exception": 'try:\n    int("ZZPHI")\nexcept ValueError:\n    log.exception("stage.failed")',
    "in an exception given by hand": 'log.error("stage.failed", error=ValueError("ZZPHI"))',
    "in a cause": 'try:\n    raise KeyError from ValueError("ZZPHI")\nexcept KeyError:\n    log.exception("stage.failed")',
    "in locals": 'def f(patient):\n    raise KeyError\ntry:\n    f("ZZPHI")\nexcept KeyError:\n    log.exception("stage.failed")',
    "in an uncaught exception": 'raise RuntimeError("ZZPHI")',
    "in a thread": 'threading.Thread(target=lambda: int("ZZPHI")).start()',
    "in a destructor": 'class A:\n    def __del__(self):\n        int("ZZPHI")\nA()',
    "in a warning": 'warnings.warn("ZZPHI")',
    "in a library's message": 'logging.getLogger("paramiko.transport").error("got %s", "ZZPHI")',
    "in a library's template": 'logging.getLogger("sqlalchemy.engine").warning("got ZZPHI")',
    "in a library's traceback": 'try:\n    int("ZZPHI")\nexcept ValueError:\n    logging.getLogger("alembic").exception("ZZPHI")',
    "in a message that cannot be formatted": 'logging.getLogger("apscheduler").error("%d", "ZZPHI")',
    "by a library's own handler": (
        'logging.getLogger("pyx12").addHandler(logging.StreamHandler())\nlogs.configure("debug", "json")\n'
        'logging.getLogger("pyx12").error("ZZPHI")'
    ),
}


@pytest.mark.parametrize("body", ATTEMPTS.values(), ids=ATTEMPTS.keys())
def test_a_name_does_not_reach_the_log(body: str) -> None:
    """Each attempt is logged as something, so that silence does not pass for care."""
    done = run(body, level="debug")
    assert read_lines(done)
    assert PLANTED not in done.stderr


def test_a_name_does_not_reach_the_log_for_people_either() -> None:
    """All attempts in one process, the one that ends it last."""
    bodies = sorted(ATTEMPTS.values(), key=lambda body: body.startswith("raise"))
    done = run("\n".join(body for body in bodies if "logs.configure" not in body), layout="console", level="debug")
    assert done.stderr.count("\n") == len(bodies) - 1
    assert PLANTED not in done.stderr + done.stdout


def test_an_exception_says_its_types_and_where_it_was_raised() -> None:
    body = (
        "def post():\n    try:\n        int('x')\n    except ValueError as error:\n        raise KeyError('x') from error\n"
        "try:\n    post()\nexcept KeyError:\n    log.exception('stage.failed', stage='posting')"
    )
    (line,) = read_lines(run(body))
    assert (line["stage"], line["error"]) == ("posting", "KeyError/ValueError")
    assert str(line["frames"]).startswith("__main__:<module>:")
    assert "__main__:post:9" in str(line["frames"])


def test_a_crash_of_the_process_is_one_line_and_still_a_failure() -> None:
    done = run("raise RuntimeError('x')")
    (line,) = read_lines(done)
    assert (line["event"], line["level"], line["error"]) == ("process.crashed", "critical", "RuntimeError")
    assert done.returncode == 1


def test_other_libraries_speak_from_warning_on_and_say_who_and_where() -> None:
    body = (
        'def fetch():\n    logging.getLogger("paramiko.transport.sftp").warning("text")\n'
        'logging.getLogger("paramiko").setLevel(1)\nlogs.configure("debug", "json")\n'
        'logging.getLogger("paramiko").info("text")\nlogging.getLogger("apscheduler").debug("text")\nfetch()'
    )
    (line,) = read_lines(run(body, level="debug"))
    assert (line["event"], line["level"], line["logger"]) == ("library.warned", "warning", "paramiko.transport.sftp")


def test_ours_speak_from_the_configured_level_on() -> None:
    body = 'log.debug("a.b")\nlog.info("a.c")\nlog.warning("a.d")'
    assert [line["event"] for line in read_lines(run(body, level="info"))] == ["a.c", "a.d"]
    assert [line["event"] for line in read_lines(run(body, level="warning"))] == ["a.d"]


def test_each_event_is_one_line_even_when_a_value_holds_line_ends() -> None:
    lines = read_lines(run('log.info("a.b", partner="x\\n{}", state="a\\r")'))
    assert [line["withheld"] for line in lines] == [2]


def test_a_log_that_cannot_be_written_stops_nothing() -> None:
    done = run('sys.stderr.close()\nlog.info("a.b")\nlogging.getLogger("paramiko").error("x")\nsys.stdout.write("went on")')
    assert (done.stdout, done.returncode) == ("went on", 0)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("claim_id", 12),
        ("partner", "lakeside_health"),
        ("transaction", "837P"),
        ("transaction", "277CA"),
        ("code", "A7:562"),
        ("sha256", "0f" * 32),
        ("job", "pickup"),
        ("amount_cents", -1200),
    ],
)
def test_what_an_operator_needs_is_kept(key: str, value: object) -> None:
    assert keep_known(None, "", {"event": "a.b", key: value}) == {"event": "a.b", key: value}


def test_causes_that_go_in_a_circle_end() -> None:
    first, second = ValueError(), KeyError()
    first.__cause__, second.__cause__ = second, first
    assert reduce_exception(None, "", {"exc_info": first})["error"] == "ValueError/KeyError"
