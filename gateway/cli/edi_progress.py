"""How far reading a file has come, told on stderr."""

from collections.abc import Iterator

from gateway.cli.edi_input import Input
from gateway.pipeline.context import Progress

_KIB = 1024


def follow(source: Input, tell: Progress) -> Iterator[bytes]:
    """The bytes of a file, telling how many KiB have passed; how many there are nobody knows of a stream."""
    passed = 0
    for chunk in source.chunks():
        passed += len(chunk)
        tell(f"{source.name} (KiB)", passed // _KIB, 0)
        yield chunk
