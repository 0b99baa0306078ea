"""Where the files of an export go, what they may replace, and which lock they take the place of."""

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from envbench.formats.lock_formats import export_lock, find_lock_format
from envbench.model.errors import NotFineError, UsageError
from envbench.model.export_options import ExportOptions
from envbench.model.lock import Export, ExportedFile, Lock
from envbench.model.plan import PackageRecord
from envbench.workbench.locks.checking import check_files
from envbench.workbench.locks.files import LockFilesOrder, write_lock_files
from envbench.workbench.locks.making import LockOrder
from envbench.workbench.locks.previous import find_previous
from envbench.workbench.locks.writing import place_export, write_files
from tests.workbench.conftest import Box

MARK = "# created-by: envbench\n"


def make_export(*files: tuple[str, str]) -> Export:
    (path, text), *rest = files
    companions = tuple(ExportedFile(name, more) for name, more in rest)
    return Export("dockerfile", path, text, (), companions)


def placed_at(export: Export, output: str | None, root: Path) -> list[str]:
    return [str(each.path.relative_to(root)) for each in place_export(export, output)]


IMAGE = make_export(("Dockerfile", MARK), ("explicit.txt", MARK), (".dockerignore", MARK))
NESTED = make_export((".devcontainer/devcontainer.json", MARK), ("conda-lock.yml", MARK))


def test_files_go_to_a_folder_or_beside_the_first(tmp_path: Path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "out").mkdir()
    whole = ["out/Dockerfile", "out/explicit.txt", "out/.dockerignore"]
    assert placed_at(IMAGE, "out", tmp_path) == placed_at(IMAGE, "out/", tmp_path) == whole
    assert placed_at(IMAGE, "out/Dockerfile", tmp_path) == whole
    assert placed_at(IMAGE, "out/Dockerfile.gpu", tmp_path) == ["out/Dockerfile.gpu", *whole[1:]]
    nested = ["out/.devcontainer/devcontainer.json", "out/conda-lock.yml"]
    assert placed_at(NESTED, "out/", tmp_path) == nested
    assert placed_at(NESTED, "out/.devcontainer/devcontainer.json", tmp_path) == nested
    with pytest.raises(UsageError, match="fixed place"):
        place_export(NESTED, "out/other.json")
    with pytest.raises(UsageError, match="dockerfile is 3 files, the first of them Dockerfile"):
        place_export(IMAGE, "out/image")
    for output in ("nowhere/", "nowhere/Dockerfile"):
        with pytest.raises(UsageError, match="no such folder"):
            place_export(IMAGE, output)
    with pytest.raises(UsageError, match="dockerfile is 3 files: Dockerfile, explicit"):
        place_export(IMAGE, None, is_lock=False)


def test_all_is_looked_at_before_anything_is_written(tmp_path: Path):
    (tmp_path / ".dockerignore").write_text("mine\n")
    placed = place_export(IMAGE, str(tmp_path))
    with pytest.raises(NotFineError) as caught:
        write_files(placed)
    assert caught.value.where.endswith(".dockerignore") and "--force" in caught.value.hint
    assert [each.name for each in tmp_path.iterdir()] == [".dockerignore"]
    assert len(write_files(placed, force=True)) == 3
    assert write_files(placed) == ()
    (tmp_path / "Dockerfile").write_text(MARK + "older\n")
    assert write_files(placed) == (tmp_path / "Dockerfile",)


def test_folders_of_the_format_are_made_and_programs_can_run(tmp_path: Path):
    program = Export("x", "a/b/run.sh", MARK, ())
    placed = place_export(program, f"{tmp_path}/")
    placed = (type(placed[0])(path=placed[0].path, file=ExportedFile("a/b/run.sh", MARK, True)),)
    write_files(placed)
    assert os.access(tmp_path / "a" / "b" / "run.sh", os.X_OK)
    (tmp_path / "a" / "b" / "run.sh").chmod(0o644)
    assert write_files(placed)
    assert os.access(tmp_path / "a" / "b" / "run.sh", os.X_OK)


def test_what_would_differ_is_shown_shortly(tmp_path: Path):
    placed = place_export(IMAGE, str(tmp_path))
    assert [each.state for each in check_files(placed)] == ["missing"] * 3
    write_files(placed)
    assert [each.state for each in check_files(placed)] == ["same"] * 3
    (tmp_path / "Dockerfile").write_text("".join(f"{number}\n" for number in range(100)))
    shown = check_files(placed)[0]
    assert shown.state == "differs" and "+# created-by: envbench" not in shown.difference
    assert "-0\n" in shown.difference and shown.difference.endswith("more lines")


@pytest.mark.parametrize(
    ("name", "text", "is_ours"),
    [
        ("explicit.txt", "# created-by: envbench\n@EXPLICIT\n", True),
        ("explicit.txt", "@EXPLICIT\n", False),
        ("explicit.txt", "# created-by: envbench\nnothing\n", False),
        ("environment.lock.yml", "name: old\nchannels: []\ndependencies:\n  - a=1\n", True),
        ("environment.lock.yml", "# mine\nname: old\ndependencies:\n  - a=1\n", False),
        ("environment.yml", "name: old\nchannels: []\ndependencies:\n  - a=1\n", False),
        ("conda-lock.yml", "version: 1\nmetadata: {}\npackage: []\n", False),
    ],
)
def test_only_locks_of_ours_are_replaced(tmp_path: Path, name: str, text: str, is_ours: bool):
    form = "environment-lock" if name.startswith("environment") else name
    placed = place_export(export_lock(LOCK, form), str(tmp_path / name))
    placed[0].path.write_text(text)
    if is_ours:
        assert write_files(placed)
    else:
        with pytest.raises(NotFineError, match="no lock of envbench"):
            write_files(placed)
        assert placed[0].path.read_text() == text


def test_files_for_other_tools_are_known_by_their_mark(tmp_path: Path):
    folder = f"{tmp_path}/"
    for form in ("kubernetes", "github-actions", "dockerfile", "devcontainer", "vscode"):
        other = place_export(
            export_lock(LOCK, form, ExportOptions(image="other:1", gpus=3, prefix="/opt/x")), folder
        )
        for each in other:
            each.path.parent.mkdir(parents=True, exist_ok=True)
        write_files(other)
        placed = place_export(export_lock(replace(LOCK, name="new"), form), folder)
        written = write_files(placed)
        assert written, form
        for each in placed:
            assert each.path.read_text() == each.file.text
        # Somebody's own file of that name stays.
        mine = written[0]
        mine.write_text("version: 1\nmetadata: {}\npackage: []\n")
        with pytest.raises(NotFineError, match="no lock of envbench"):
            write_files(placed)
        mine.unlink()


def test_an_editor_finds_the_environment_of_this_box(box: Box):
    box.build(box.write_spec("app"))
    made = {}
    for subject in ("env", "env@1", str(box.path()), str(box.write_spec("app"))):
        order = LockFilesOrder(lock=LockOrder(subject=subject), format_name="vscode")
        export = write_lock_files(order, box.settings).export
        assert export is not None
        made[subject] = json.loads("".join(export.text.splitlines(keepends=True)[2:]))
    paths = [each["python.defaultInterpreterPath"] for each in made.values()]
    assert paths[0] == paths[2] == f"{box.path()}/bin/python"
    assert paths[1] == f"{box.path().resolve()}/bin/python"
    assert paths[3].startswith("${env:CONDA_PREFIX}/")


LOCK = Lock(
    name="env",
    platform="linux-64",
    channels=("https://example.org/main",),
    packages=(
        PackageRecord(
            name="app", version="1.0", build="0", build_number=0, subdir="linux-64",
            file_name="app-1.0-0.conda", url="https://example.org/main/linux-64/app-1.0-0.conda",
            channel="https://example.org/main", channel_url="https://example.org/main",
            md5="0" * 32, sha256="0" * 64,
        ),
    ),
)  # fmt: skip


def test_the_lock_that_is_replaced_is_the_one_to_keep(box: Box):
    spec = box.write_spec("app")
    lock = box.root / "conda-lock.yml"
    conda_lock, image = find_lock_format("conda-lock"), find_lock_format("dockerfile")

    def previous(form, output: Path) -> str | None:
        return find_previous(str(output), form, str(spec), box.settings)

    assert previous(conda_lock, lock) is None
    lock.write_text(export_lock(LOCK, "conda-lock").text)
    assert previous(conda_lock, lock) == previous(conda_lock, box.root) == str(lock)
    # Files for other tools come with a lock beside them.
    assert previous(image, box.root) == previous(image, box.root / "Dockerfile") == str(lock)
    # Of what is installed nothing is kept, and a lock of another format is no news.
    assert find_previous(str(box.root), image, "env", box.settings) is None
    pinned = box.root / "environment.lock.yml"
    form = find_lock_format("environment-lock")
    pinned.write_text(export_lock(LOCK, "environment-lock").text)
    assert previous(form, pinned) == str(pinned)
    pinned.write_text(pinned.read_text().replace("name: env", "name: another"))
    assert previous(form, pinned) is None
    lock.write_text("version: 99\nmetadata: {}\npackage: 3\n")
    assert previous(conda_lock, lock) is None


def test_the_time_is_written_only_when_asked(tmp_path: Path):
    plain = {export_lock(LOCK, "conda-lock").text for _ in range(2)}
    dated = export_lock(LOCK, "conda-lock", ExportOptions(created_at="2026-01-31T00:00:00Z")).text
    assert len(plain) == 1 and "2026" not in plain.pop() and "2026-01-31" in dated
