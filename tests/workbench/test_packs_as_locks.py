"""A pack holds its lock: it is converted, compared and checked as other locks are."""

import json
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from envbench.cli.locks import lock
from envbench.model.errors import NotFineError, UsageError
from envbench.workbench.environments import read_whole_lock
from envbench.workbench.locks.files import LockFilesOrder, write_lock_files
from envbench.workbench.locks.making import LockOrder, LockSubject, make_locks
from envbench.workbench.packs.making import PackOrder, submit_pack
from envbench.workbench.values.verifying import VerifyKind
from envbench.workbench.verification.verify import verify
from tests.workbench.conftest import LIMIT_S, Box


@pytest.fixture
def pack(box: Box) -> Path:
    box.build(box.write_spec("app=2"))
    submitted = submit_pack(PackOrder(subject="env"), box.settings)
    assert submitted.job.wait(LIMIT_S) is not None
    return submitted.output


def unpack(pack: Path) -> Path:
    subprocess.run(["tar", "-xf", str(pack)], cwd=pack.parent, check=True)
    return pack.parent / "env-linux-64"


def test_the_lock_of_a_pack_is_that_of_its_environment(box: Box, pack: Path):
    folder = unpack(pack)
    # What it says of itself comes first in a tar, and is all that is read.
    half = box.root / "half.tar"
    half.write_bytes(pack.read_bytes()[: pack.stat().st_size // 2])
    whole = read_whole_lock("env", box.settings)
    for subject in (pack, folder, folder / "envbench-pack.json", half):
        made = make_locks(LockOrder(subject=str(subject)), box.settings)
        assert (made.subject, made.warnings) == (LockSubject.LOCK, ())
        assert "is taken as a lock (pack)" in made.source
        (found,) = made.locks
        assert {p.name: (p.url, p.sha256, p.depends) for p in found.packages} == {
            p.name: (p.url, p.sha256, p.depends) for p in whole.packages
        }
        assert (found.name, found.platform) == ("env", whole.platform)
    texts = []
    for subject in (str(pack), "env"):
        asked = LockOrder(subject=subject)
        order = LockFilesOrder(lock=asked, format_name="conda-lock", output=f"{box.root}/")
        report = write_lock_files(order, box.settings)
        assert report.export is not None
        texts.append(report.export.text)
    assert texts[0] == texts[1]


def test_a_pack_is_held_against_environments_and_locks(box: Box, pack: Path):
    report = verify(str(pack), "env", box.settings)
    assert report.is_fine and "as locked" in report.verdict
    box.build(box.write_spec("app=1"))
    report = verify("env", str(unpack(pack)), box.settings)
    assert not report.is_fine and any("app" in line for line in report.describe())
    with pytest.raises(UsageError, match="no such file"):
        verify(str(box.root / "gone.tar"), "env", box.settings)


def test_a_pack_by_itself_is_held_against_its_manifest(box: Box, pack: Path):
    told: list[tuple[int, int]] = []
    for subject in (pack, unpack(pack)):
        told.clear()
        report = verify(
            str(subject), None, box.settings, on_bytes=lambda *count: told.append(count)
        )
        assert report.is_fine and report.kind is VerifyKind.PACK
        assert told[-1][0] == told[-1][1] == report.size_bytes
        assert f"is whole: {report.files} files checked, 2 conda packages" in report.verdict
    # Nothing was written for it.
    assert not (box.settings.paths.cache_dir / "packs").exists()
    data = bytearray(pack.read_bytes())
    at = data.index(b"@EXPLICIT")
    data[at] ^= 1
    pack.write_bytes(data)
    with pytest.raises(NotFineError, match="cannot be relied on"):
        verify(str(pack), None, box.settings)


def test_lock_makes_packs_too(box: Box, pack: Path):
    done = CliRunner().invoke(lock, ["env", "-o", "made.tar", "--json"], standalone_mode=False)
    assert done.return_value == 0, done.output
    assert json.loads(done.stdout)["result"]["state"] == "done"
    assert (box.root / "made.tar").read_bytes() == pack.read_bytes()
    (box.root / "folder").mkdir()
    spec = box.write_spec("app=2", name="planned")
    words = ["--format", "pack", "-o", "folder", "--platform", "linux-64"]
    done = CliRunner().invoke(lock, [str(spec), *words], standalone_mode=False)
    assert done.return_value == 0 and "next: envbench build --from" in done.stdout
    assert (box.root / "folder" / "planned-linux-64.tar").is_file()
    for option in (["--check"], ["--created"], ["--set", "gpus=2"]):
        done = CliRunner().invoke(lock, ["env", "-o", "made.tar", *option])
        assert done.exit_code == 2 and f"{option[0]}: not with --format pack" in done.output
