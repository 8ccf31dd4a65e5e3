"""One 835 of one set, made while it is read: prints claims, bytes and the peak of memory in KiB, for bench_edi.py to compare.

python benchmarks/stream_835.py CLAIMS
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks import invented_835
from edi.interchange import Reader
from edi.remittances import ClaimPayment
from edi.transactions import t835


def main() -> None:
    """Read, count, and tell; nothing is kept, and nothing but the reader is loaded."""
    claims = int(sys.argv[1])
    length = seen = 0

    def chunks() -> Iterator[bytes]:
        nonlocal length
        for chunk in invented_835.generate(claims, claims_a_set=claims):
            length += len(chunk)
            yield chunk

    for tset in Reader(chunks()):
        seen += sum(isinstance(part.document, ClaimPayment) for part in t835.read_parts(tset))
        assert not tset.findings
    print(seen, length, peak_kib())


def peak_kib() -> int:
    """The most memory of this program; getrusage would also count what its parent held before it was started."""
    found = re.search(r"^VmHWM:\s*(\d+)", Path("/proc/self/status").read_text(encoding="ascii"), re.MULTILINE)
    assert found is not None
    return int(found[1])


if __name__ == "__main__":
    main()
