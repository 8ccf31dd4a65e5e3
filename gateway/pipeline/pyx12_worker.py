"""The process that asks pyx12: an interchange on stdin, its verdict as one JSON document on stdout, and nothing else.

pyx12 raises untyped errors on damaged input and logs names; here it may do both, since nobody reads the log and an error ends
only this process. Of an error its type alone is told.
"""

import io
import json
import logging
import resource
import sys

import pyx12.params
import pyx12.x12n_document

MEMORY_BYTES_MAX = 2 * 1024**3


def main() -> None:
    """Judge what stands on stdin."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES_MAX, MEMORY_BYTES_MAX))
    logging.disable()
    text = sys.stdin.buffer.read().decode("latin-1")
    acknowledgment = io.StringIO()
    verdict: dict[str, object]
    try:
        is_valid = pyx12.x12n_document.x12n_document(
            param=pyx12.params.params(), src_file=io.StringIO(text), fd_997=acknowledgment, fd_html=None
        )
    except Exception as error:  # noqa: BLE001 - whatever pyx12 raises, the asker is told that no verdict was reached
        verdict = {"error": type(error).__name__}
    else:
        verdict = {"is_valid": bool(is_valid), "acknowledgment": acknowledgment.getvalue()}
    json.dump(verdict, sys.stdout)


if __name__ == "__main__":
    main()
