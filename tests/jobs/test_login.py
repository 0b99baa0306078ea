"""What ends jobs from outside: logouts, allocations, network disks."""

import getpass
from pathlib import Path

import pytest

from envbench.jobs.login import parse_logout_rule, warn_about_logout
from envbench.jobs.state_directory import find_file_system, warn_about_state_directory


def make_root(tmp_path: Path, config: str = "", drop_in: str = "") -> Path:
    (tmp_path / "run/systemd/system").mkdir(parents=True)
    for name, text in (("logind.conf", config), ("logind.conf.d/50.conf", drop_in)):
        path = tmp_path / "etc/systemd" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


SESSION = {"XDG_SESSION_ID": "7", "PATH": "/nonexistent"}
KILLS = "[Login]\nKillUserProcesses=yes\nKillExcludeUsers=somebody\n"


def test_a_box_that_ends_everything_at_logout_is_named(tmp_path: Path) -> None:
    warning = warn_about_logout(SESSION, root=make_root(tmp_path, config=KILLS))
    assert "KillUserProcesses=yes" in warning
    assert "systemd-run --user --scope" in warning
    assert f"enable-linger {getpass.getuser()}" in warning


def test_later_files_win(tmp_path: Path) -> None:
    root = make_root(tmp_path, config=KILLS, drop_in="[Login]\nKillUserProcesses=no\n")
    assert warn_about_logout(SESSION, root=root) is None


def test_no_session_no_systemd_no_rule_no_warning(tmp_path: Path) -> None:
    root = make_root(tmp_path, config="#KillUserProcesses=yes\n")
    assert warn_about_logout(SESSION, root=root) is None
    assert warn_about_logout({}, root=make_root(tmp_path / "b", config=KILLS)) is None
    assert warn_about_logout(SESSION, root=tmp_path / "none") is None


def test_the_running_logind_knows_best(tmp_path: Path) -> None:
    program = tmp_path / "bin" / "loginctl"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\necho KillUserProcesses=yes; echo KillExcludeUsers=somebody\n")
    program.chmod(0o755)
    environ = {**SESSION, "PATH": f"{program.parent}:/usr/bin:/bin"}
    assert warn_about_logout(environ, root=make_root(tmp_path)) is not None


def test_an_allocation_is_named() -> None:
    assert "4711" in warn_about_logout({"SLURM_JOB_ID": "4711"})


@pytest.mark.parametrize(
    ("text", "user", "concerned"),
    [
        ("KillUserProcesses=yes", "ada", True),
        ("KillUserProcesses=yes", "root", False),
        ("KillUserProcesses=no", "ada", False),
        ("", "ada", False),
        ("KillUserProcesses=1\nKillOnlyUsers=bob", "ada", False),
        ("KillUserProcesses=1\nKillOnlyUsers=bob ada", "ada", True),
        ("KillUserProcesses=on\nKillExcludeUsers=ada", "ada", False),
        ("KillUserProcesses=on\nKillExcludeUsers=", "root", True),
    ],
)
def test_whom_the_rule_concerns(text: str, user: str, concerned: bool) -> None:
    assert parse_logout_rule([text]).concerns(user) is concerned


MOUNTS = """\
22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
30 22 0:30 / /home rw - nfs4 server:/home rw
31 30 0:31 / /home/ada/local rw - xfs /dev/sdb rw
32 22 0:32 / /mnt/with\\040blank rw master:2 - cifs //server/x rw
garbage
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/var/x", "ext4"),
        ("/home/ada/state", "nfs4"),
        ("/home/ada/local/state", "xfs"),
        ("/home/ada/localhost", "nfs4"),
        ("/mnt/with blank/x", "cifs"),
        ("/", "ext4"),
    ],
)
def test_file_systems(path: str, kind: str) -> None:
    assert find_file_system(MOUNTS, path) == kind


def test_network_disks_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mountinfo").write_text(f"1 0 0:1 / {tmp_path} rw - nfs4 server:/x rw\n")
    assert warn_about_state_directory(tmp_path / "x") is None
    monkeypatch.setattr("envbench.jobs.state_directory._MOUNTINFO", tmp_path / "mountinfo")
    assert "nfs4" in warn_about_state_directory(tmp_path / "x")
    monkeypatch.setattr("envbench.jobs.state_directory._MOUNTINFO", tmp_path / "none")
    assert warn_about_state_directory(tmp_path) is None
