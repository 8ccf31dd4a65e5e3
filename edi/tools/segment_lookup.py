"""A second look at a stream: the raw segments that findings point at, without keeping the others."""

from collections.abc import Callable, Iterable, Iterator

from edi.findings import EdiError
from edi.segments import Delimiters, Run, read_segments


class SegmentLookup:
    """Raw segments of a stream by where they stand; `open_chunks` begins the stream anew each time it is called.

    Places asked for in the order of the stream cost one pass; going back costs another. EdiError as from Reader.
    """

    def __init__(self, open_chunks: Callable[[], Iterable[bytes]]) -> None:
        self._open = open_chunks
        self._runs: Iterator[Run] = iter(())
        self._run: Run | None = None
        self._first = 0
        self.delimiters = Delimiters()

    def find(self, offset: int, positions: Iterable[int] = (1,)) -> dict[int, str]:
        """Segments counted from the one that begins at byte `offset`, which is number 1; those that do not exist are left out."""
        wanted = sorted({position for position in positions if position > 0})
        if not wanted or not self._seek(offset):
            return {}
        origin = self._first + self._index_at(offset)
        found: dict[int, str] = {}
        for position in wanted:
            segment = self._take(origin + position - 1)
            if segment is not None:
                found[position] = segment
        return found

    def _take(self, number: int) -> str | None:
        """The segment of this number in the stream, counted from 0."""
        while self._run is not None and number >= self._first + len(self._run.segments):
            self._advance()
        return self._run.segments[number - self._first] if self._run else None

    def _seek(self, offset: int) -> bool:
        """Make the run at hand the one that holds this offset."""
        if self._run is None or offset < self._run.offset:
            self._runs, self._run, self._first = read_segments(self._open()), None, 0
            self._advance()
        while self._run is not None and offset >= _end_of(self._run):
            self._advance()
        return self._run is not None

    def _advance(self) -> None:
        """The next run; none where the stream ends or cannot be read further, which its first reader has said."""
        self._first += len(self._run.segments) if self._run else 0
        try:
            self._run = next(self._runs, None)
        except EdiError:
            self._run = None
        if self._run is not None:
            self.delimiters = self._run.delimiters

    def _index_at(self, offset: int) -> int:
        """The index of the segment of the run at hand that holds this offset."""
        assert self._run is not None
        end = self._run.offset
        for index, raw in enumerate(self._run.raw):
            end += len(raw) + self._run.separator_length
            if offset < end:
                return index
        return len(self._run.raw) - 1


def _end_of(run: Run) -> int:
    return run.offset + sum(map(len, run.raw)) + len(run.raw) * run.separator_length
