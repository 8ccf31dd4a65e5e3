"""Partners on this machine get ports that nobody else is about to take."""

from pathlib import Path

from gateway.sandbox.setup import find_free_ports
from tests.support.processes import PROCESSES


def note_ports(path: Path) -> None:
    path.write_text(" ".join(map(str, find_free_ports(200))))


def test_two_processes_that_look_at_once_find_different_ports(tmp_path: Path) -> None:
    notes = [tmp_path / "one", tmp_path / "other"]
    processes = [PROCESSES.Process(target=note_ports, args=(note,)) for note in notes]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    ports = [port for note in notes for port in note.read_text().split()]
    assert len(ports) == 400
    assert len(set(ports)) == 400
