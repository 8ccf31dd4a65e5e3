"""Who we talk to and how we log in: the host key first, secrets by reference, nothing printed."""

import os
import shlex
import socket
import stat
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import paramiko
import pytest

from gateway.errors import PermanentError
from gateway.sandbox.sftp_server import load_host_key
from gateway.transport import Connect
from gateway.transport.link import WEAK_ALGORITHMS
from gateway.transport.secrets import Secret, read_secret
from gateway.transport.sftp import connect
from payers.profile import Partner
from tests.support.lying_sftp import LyingServer
from tests.support.sftp_partner import PASSWORD, PASSWORD_VARIABLE, USER, make_partner

OTHER = "SHA256:" + "A" * 43


def test_the_wire_fits_the_seam_the_pipeline_knows() -> None:
    """That the types agree is for mypy to say; here, that nothing is dialled before the connection is entered."""
    opener: Connect = connect
    opener(make_partner(1, OTHER, host="host.invalid"))


def test_a_wrong_host_key_shows_both_fingerprints_and_nothing_is_sent(server: LyingServer) -> None:
    with pytest.raises(PermanentError) as raised, connect(make_partner(server.port, OTHER)) as transport:
        transport.upload_part("upload", "000000001.837", b"x")
    assert OTHER in str(raised.value)
    assert server.fingerprint in str(raised.value)
    assert server.seen.log_ins == []
    assert list((server.root / "upload").iterdir()) == []


def test_any_of_several_pinned_keys_is_taken(server: LyingServer) -> None:
    with connect(make_partner(server.port, OTHER, host_keys=(OTHER, server.fingerprint))) as transport:
        assert transport.find("upload", "nothing.837") is None


@pytest.mark.parametrize(("username", "password"), [(USER, "wrong"), ("nobody", PASSWORD), (USER, PASSWORD + " ")])
def test_a_refused_log_in_is_permanent_and_does_not_show_the_password(
    server: LyingServer, monkeypatch: pytest.MonkeyPatch, username: str, password: str
) -> None:
    monkeypatch.setenv(PASSWORD_VARIABLE, password)
    with pytest.raises(PermanentError, match="logging in") as raised:
        with connect(make_partner(server.port, server.fingerprint, username=username)):
            pass
    assert password not in str(raised.value)
    assert server.seen.log_ins == [username] * len(server.seen.log_ins) != []


def test_a_key_file_logs_in_where_the_server_knows_its_public_half(server: LyingServer, tmp_path: Path) -> None:
    own = load_host_key(tmp_path / "own_key")
    server._users[USER] = f"{own.get_name()} {own.get_base64()} somebody@example.test"
    for reference in (str(tmp_path / "own_key"), f"file:{tmp_path / 'own_key'}"):
        partner = make_partner(server.port, server.fingerprint, password="", key_file=reference)
        with connect(partner) as transport:
            assert list(transport.list("upload")) == []


def test_a_public_key_line_is_no_password(server: LyingServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = load_host_key(tmp_path / "own_key")
    line = f"{own.get_name()} {own.get_base64()}"
    server._users[USER] = line
    monkeypatch.setenv(PASSWORD_VARIABLE, line)
    with pytest.raises(PermanentError), connect(make_partner(server.port, server.fingerprint)):
        pass


def test_a_strange_key_is_refused(server: LyingServer, tmp_path: Path) -> None:
    load_host_key(tmp_path / "strange_key")
    with pytest.raises(PermanentError, match="logging in"):
        with connect(make_partner(server.port, server.fingerprint, password="", key_file=str(tmp_path / "strange_key"))):
            pass


def test_a_locked_key_file_is_refused_before_anything_is_dialled(tmp_path: Path) -> None:
    path = tmp_path / "locked"
    paramiko.ECDSAKey.generate().write_private_key_file(str(path), password="phrase")
    with pytest.raises(PermanentError, match="passphrase"), connect(make_partner(1, OTHER, password="", key_file=str(path))):
        pass


def test_a_key_file_without_a_key_is_named(tmp_path: Path) -> None:
    path = tmp_path / "no_key"
    path.write_text("this is no key")
    path.chmod(0o600)
    with pytest.raises(PermanentError, match="no_key holds no private key") as raised:
        with connect(make_partner(1, OTHER, password="", key_file=str(path))):
            pass
    assert "this is no key" not in str(raised.value)


def test_a_profile_without_any_secret_is_refused() -> None:
    with pytest.raises(PermanentError, match="neither a password nor a key_file"), connect(make_partner(1, OTHER, password="")):
        pass


def test_a_secret_comes_from_a_private_file_without_its_line_end(tmp_path: Path) -> None:
    path = tmp_path / "password"
    path.write_text(" pass word \r\n")
    path.chmod(0o600)
    assert read_secret(f"file:{path}").reveal() == " pass word "


def python(code: str) -> str:
    """A command that runs these words of Python, quoted as a profile would quote them."""
    return "command:" + shlex.join([sys.executable, "-c", code])


def test_a_secret_comes_from_the_first_line_a_command_writes() -> None:
    assert read_secret(python("print(' pass word \\nsecond line')")).reveal() == " pass word "


def test_a_command_is_run_without_a_shell(tmp_path: Path) -> None:
    secret = read_secret(f"command:echo $HOME; touch {tmp_path / 'touched'} `id`").reveal()
    assert secret.startswith("$HOME; touch")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        (python("import sys; print('hidden-value'); print('hidden-value', file=sys.stderr); sys.exit(3)"), "exit code 3"),
        (python("import os, signal; os.kill(os.getpid(), signal.SIGTERM)"), "exit code -15"),
        (python("pass"), "unset or empty"),
        (python("import sys; sys.stdout.buffer.write(bytes([255, 254]))"), "no text"),
        ("command:/nonexistent/program hidden-value", "cannot be run: FileNotFoundError"),
        ("command:echo 'hidden-value", "a quote in it does not close"),
        ("command: ", "no command line"),
    ],
)
def test_a_command_that_gives_no_secret_is_named_and_nothing_it_wrote_is_shown(
    reference: str, message: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(PermanentError, match=message) as raised:
        read_secret(reference)
    assert "hidden-value" not in str(raised.value)
    assert capfd.readouterr() == ("", "")


def test_a_command_that_does_not_end_is_ended_with_its_children(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("gateway.transport.secrets.COMMAND_SECONDS", 1)
    pid = tmp_path / "pid"
    inner = f"import os, pathlib, time; pathlib.Path({str(pid)!r}).write_text(str(os.getpid())); time.sleep(60)"
    begin = time.monotonic()
    with pytest.raises(PermanentError, match="not done within 1 s"):
        read_secret(python(f"import subprocess, sys; subprocess.run([sys.executable, '-c', {inner!r}])"))
    assert time.monotonic() - begin < 5
    assert _is_gone(int(pid.read_text()))


def test_a_command_that_writes_without_end_is_ended_with_its_children_before_it_fills_the_memory(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    inner = f"echo $$ > {pid}; while :; do echo hidden-value; done"
    line = f"import subprocess; subprocess.run(['sh', '-c', {inner!r}])"
    with pytest.raises(PermanentError, match=f"the command '{sys.executable}' … wrote more than 65536 bytes") as raised:
        read_secret(python(line))
    assert "hidden-value" not in str(raised.value)
    assert _is_gone(int(pid.read_text()))


def test_a_command_that_closes_its_output_and_stays_is_ended_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.transport.secrets.COMMAND_SECONDS", 1)
    with pytest.raises(PermanentError, match="not done within 1 s"):
        read_secret(python("import os, time; print('early', flush=True); os.close(1); time.sleep(60)"))


def _is_gone(pid: int) -> bool:
    give_up = time.monotonic() + 5
    while time.monotonic() < give_up:
        status = Path(f"/proc/{pid}/status")
        if not status.exists() or "State:\tZ" in status.read_text():
            return True
        time.sleep(0.02)
    return False


def test_a_key_comes_whole_from_a_command(server: LyingServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = load_host_key(tmp_path / "own_key")
    server._users[USER] = f"{own.get_name()} {own.get_base64()}"
    monkeypatch.setenv("CLAIMWIRE_TEST_KEY", (tmp_path / "own_key").read_text())
    for reference in (f"command:cat {tmp_path / 'own_key'}", "env:CLAIMWIRE_TEST_KEY"):
        with connect(make_partner(server.port, server.fingerprint, password="", key_file=reference)) as transport:
            assert list(transport.list("upload")) == []


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644, 0o610])
def test_a_secret_file_that_others_may_touch_is_refused_by_name(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "password"
    path.write_text("hidden-value")
    path.chmod(mode)
    with pytest.raises(PermanentError, match=f"{path} may be read by others") as raised:
        read_secret(f"file:{path}")
    assert "hidden-value" not in str(raised.value)


@pytest.mark.parametrize("reference", ["env:CLAIMWIRE_TEST_UNSET", "file:/nonexistent/password", "plain-value"])
def test_a_reference_to_nothing_is_permanent(reference: str) -> None:
    with pytest.raises(PermanentError) as raised:
        read_secret(reference)
    assert "plain-value" not in str(raised.value)


def test_a_secret_does_not_print_itself() -> None:
    assert "hidden-value" not in f"{Secret('hidden-value')!r} {Secret('hidden-value')} {[Secret('hidden-value')]}"


@pytest.mark.parametrize(
    "weak",
    [*({"ciphers": (name,)} for name in WEAK_ALGORITHMS["ciphers"]), *({"digests": (name,)} for name in WEAK_ALGORITHMS["macs"])],
    ids=str,
)
def test_a_server_that_knows_only_weak_algorithms_is_refused(tmp_path: Path, weak: dict[str, tuple[str, ...]]) -> None:
    key = load_host_key(tmp_path / "host_key")
    password = tmp_path / "password"
    password.touch(0o600)
    password.write_text(PASSWORD)
    if "digests" in weak:
        weak |= {"ciphers": ("aes128-ctr",)}  # GCM would need no MAC
    with socket.create_server(("127.0.0.1", 0)) as listener:
        partner = make_partner(listener.getsockname()[1], key.fingerprint, password=f"file:{password}")
        serving = threading.Thread(target=_serve_once, args=(listener, key, weak))
        serving.start()
        with pytest.raises(PermanentError, match="IncompatiblePeer"), connect(partner):
            pass
        serving.join()


def _serve_once(listener: socket.socket, key: paramiko.PKey, options: dict[str, tuple[str, ...]]) -> None:
    sock, _ = listener.accept()
    with paramiko.Transport(sock) as ssh:
        ssh.add_server_key(key)
        for name, values in options.items():
            setattr(ssh.get_security_options(), name, values)
        with suppress(paramiko.SSHException, EOFError):
            ssh.start_server(server=paramiko.ServerInterface())


def test_the_connection_is_closed_when_the_caller_fails(server: LyingServer, partner: Partner) -> None:
    with pytest.raises(ZeroDivisionError), connect(partner):
        raise ZeroDivisionError
    (connection,) = server._connections
    connection.join(timeout=5)
    assert not connection.is_alive()


def test_the_host_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    first = load_host_key(tmp_path / "deep" / "host_key")
    assert stat.S_IMODE(os.stat(tmp_path / "deep" / "host_key").st_mode) == 0o600
    assert load_host_key(tmp_path / "deep" / "host_key").fingerprint == first.fingerprint
