"""The sandbox's SFTP server, talked to by the SSH library's own client, which is not ours."""

import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import paramiko
import pytest

from gateway.sandbox.sftp_server import JailedFolder, SftpServer

USERS = {"practice": "no-real-password", "other": "another-password"}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[SftpServer]:
    (tmp_path / "secret.txt").write_text("outside")
    (tmp_path / "served-too").mkdir()
    with SftpServer(tmp_path / "served", host_key=tmp_path / "host_key", users=USERS) as running:
        yield running


@pytest.fixture
def client(server: SftpServer) -> Iterator[paramiko.SFTPClient]:
    ssh = log_in(server, "practice", USERS["practice"])
    sftp = paramiko.SFTPClient.from_transport(ssh)
    assert sftp is not None
    yield sftp
    ssh.close()


def log_in(server: SftpServer, username: str, password: str) -> paramiko.Transport:
    ssh = paramiko.Transport(("127.0.0.1", server.port))
    try:
        ssh.connect(username=username, password=password)
    except paramiko.SSHException:
        ssh.close()
        raise
    return ssh


def write(client: paramiko.SFTPClient, path: str, content: bytes) -> None:
    with client.open(path, "wb") as file:
        file.write(content)


def test_files_are_written_read_listed_renamed_and_removed(
    server: SftpServer, client: paramiko.SFTPClient, tmp_path: Path
) -> None:
    content = os.urandom(3_000_000)
    client.mkdir("upload")
    write(client, "upload/a.part", content)
    client.rename("upload/a.part", "upload/a.837")
    assert (tmp_path / "served" / "upload" / "a.837").read_bytes() == content
    with client.open("upload/a.837", "rb") as file:
        file.prefetch()
        assert file.read() == content
    assert client.stat("upload/a.837").st_size == 3_000_000
    assert client.lstat("/upload/a.837").st_size == 3_000_000
    assert client.listdir("upload") == ["a.837"]
    assert [entry.filename for entry in client.listdir_iter("/upload")] == ["a.837"]
    client.remove("upload/a.837")
    client.rmdir("upload")
    assert client.listdir() == []


def test_the_plain_rename_refuses_an_existing_name_and_openssh_s_replaces_it(client: paramiko.SFTPClient) -> None:
    write(client, "new", b"new")
    write(client, "old", b"old")
    with pytest.raises(OSError, match="Failure"):
        client.rename("new", "old")
    assert client.open("old").read() == b"old"
    client.posix_rename("new", "old")
    assert client.open("old").read() == b"new"
    assert client.listdir() == ["old"]


def test_a_folder_is_renamed_but_never_onto_another(client: paramiko.SFTPClient) -> None:
    client.mkdir("a")
    client.mkdir("b")
    with pytest.raises(OSError, match="Failure"):
        client.rename("a", "b")
    client.rename("a", "c")
    assert sorted(client.listdir()) == ["b", "c"]


def test_what_is_not_there_is_said_to_be_not_there(client: paramiko.SFTPClient) -> None:
    for act in (client.stat, client.open, client.remove, client.listdir):
        with pytest.raises(FileNotFoundError):
            act("nothing")


@pytest.mark.parametrize(
    "path", ["../secret.txt", "/../secret.txt", "a/../../secret.txt", "../../../../../../etc/passwd", "/etc/passwd"]
)
def test_no_path_leads_out_of_the_folder(client: paramiko.SFTPClient, tmp_path: Path, path: str) -> None:
    for act in (client.stat, client.lstat, client.open, client.remove, client.listdir):
        with pytest.raises(FileNotFoundError):
            act(path)
    assert (tmp_path / "secret.txt").read_text() == "outside"


def test_no_symbolic_link_leads_out_of_the_folder(client: paramiko.SFTPClient, tmp_path: Path) -> None:
    served = tmp_path / "served"
    (served / "file").symlink_to(tmp_path / "secret.txt")
    (served / "folder").symlink_to(tmp_path)
    (served / "sibling").symlink_to(tmp_path / "served-too")
    for path in ("file", "folder", "folder/secret.txt", "sibling"):
        for act in (client.stat, client.open, client.listdir, client.remove):
            with pytest.raises(PermissionError):
                act(path)
    for path in ("folder/new", "sibling/new"):
        with pytest.raises(PermissionError):
            client.open(path, "wb")
        with pytest.raises(PermissionError):
            client.mkdir(path)
    assert (tmp_path / "secret.txt").read_text() == "outside"
    assert list((tmp_path / "served-too").iterdir()) == []


def test_clients_cannot_make_links(client: paramiko.SFTPClient, tmp_path: Path) -> None:
    with pytest.raises(OSError, match="unsupported"):
        client.symlink("/etc/passwd", "link")
    assert client.listdir() == []


def test_a_path_with_a_nul_or_without_utf_8_is_refused_and_the_session_goes_on(client: paramiko.SFTPClient) -> None:
    for path in ("a\0b", b"\xff\xfe"):
        with pytest.raises(OSError, match="Failure"):
            client.stat(path)
    assert client.listdir() == []


def test_the_path_of_a_relative_name_starts_at_the_served_root(client: paramiko.SFTPClient) -> None:
    assert [client.normalize(path) for path in (".", "a/../b", "/../..", "//x")] == ["/", "/b", "/", "/x"]


@pytest.mark.parametrize(
    ("username", "password"),
    [("practice", "wrong"), ("practice", ""), ("nobody", ""), ("nobody", "no-real-password"), ("practice", "another-password")],
)
def test_only_the_right_password_of_a_known_user_opens(server: SftpServer, username: str, password: str) -> None:
    with pytest.raises(paramiko.AuthenticationException):
        log_in(server, username, password)


def test_nothing_but_sftp_is_offered(server: SftpServer) -> None:
    ssh = log_in(server, "practice", USERS["practice"])
    channel = ssh.open_session()
    with pytest.raises(paramiko.SSHException):
        channel.exec_command("id")
    with pytest.raises(paramiko.SSHException):
        ssh.open_channel("direct-tcpip", ("127.0.0.1", 22), ("127.0.0.1", 0))
    ssh.close()


def test_the_fingerprint_is_that_of_the_key_shown_and_survives_a_restart(server: SftpServer, tmp_path: Path) -> None:
    ssh = log_in(server, "practice", USERS["practice"])
    assert ssh.get_remote_server_key().fingerprint == server.fingerprint
    assert server.fingerprint.startswith("SHA256:")
    ssh.close()
    again = SftpServer(tmp_path / "served", host_key=tmp_path / "host_key", users=USERS)
    assert again.fingerprint == server.fingerprint


def test_ten_clients_at_once_do_not_mix_their_bytes(server: SftpServer, tmp_path: Path) -> None:
    def work(number: int) -> None:
        ssh = log_in(server, "other", USERS["other"])
        sftp = paramiko.SFTPClient.from_transport(ssh)
        assert sftp is not None
        write(sftp, f"{number}.837", bytes((number,)) * 100_000)
        ssh.close()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [(tmp_path / "served" / f"{number}.837").read_bytes() for number in range(10)] == [
        bytes((number,)) * 100_000 for number in range(10)
    ]


def test_a_client_that_says_nothing_does_not_hold_up_the_others(server: SftpServer) -> None:
    with socket.create_connection(("127.0.0.1", server.port)):
        log_in(server, "practice", USERS["practice"]).close()


def test_files_left_open_are_closed_when_the_client_goes(server: SftpServer, client: paramiko.SFTPClient) -> None:
    before = len(os.listdir("/proc/self/fd"))
    for number in range(20):
        client.open(f"{number}", "wb")
    client.close()
    for _ in range(100):
        if len(os.listdir("/proc/self/fd")) <= before:
            break
        threading.Event().wait(0.05)
    assert len(os.listdir("/proc/self/fd")) <= before


def test_stopping_hangs_up_frees_the_port_and_may_be_repeated(tmp_path: Path) -> None:
    server = SftpServer(tmp_path / "served", host_key=tmp_path / "host_key", users=USERS)
    server.start()
    port = server.port
    ssh = log_in(server, "practice", USERS["practice"])
    server.stop()
    server.stop()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))
    ssh.join(timeout=5)
    assert not ssh.is_active()
    again = SftpServer(tmp_path / "served", host_key=tmp_path / "host_key", users=USERS, port=port)
    again.start()
    log_in(again, "practice", USERS["practice"]).close()
    again.stop()


def test_a_view_never_names_a_place_outside(tmp_path: Path) -> None:
    """Two hundred spellings of "up and out" all stay under the root."""
    view = JailedFolder(paramiko.ServerInterface(), tmp_path)
    for depth in range(1, 51):
        for spelling in ("../" * depth, "/" + "../" * depth, "a/" * depth + "../" * (depth + 3), "./../" * depth):
            assert view.find_path(spelling + "etc/passwd").is_relative_to(tmp_path)
