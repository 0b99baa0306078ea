"""Locks offered before they are written: what they keep, what is stale, what is not replaced."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from envbench.envs.generation_files import LOCK_FILE
from envbench.formats.lock_formats import LOCK_FORMATS
from envbench.model.document import from_builtins, to_builtins
from envbench.model.errors import NotFineError, PreventedError, UsageError
from envbench.model.redaction import register_secret
from envbench.workbench.locks import offering as module
from envbench.workbench.locks.export import export_lock
from envbench.workbench.locks.offers import (
    LockOffer,
    LockOffers,
    lock_offers,
    preview_lock,
    write_lock,
)
from envbench.workbench.verification.verify import verify_environment
from tests.workbench.conftest import Box, make_box


def add_from_git(prefix: Path) -> None:
    """Lay out a distribution as pip leaves it that came out of a repository."""
    info = prefix / "lib" / "python3.11" / "site-packages" / "tool-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: tool\nVersion: 1.0\n")
    (info / "INSTALLER").write_text("pip\n")
    (info / "RECORD").write_text("tool-1.0.dist-info/METADATA,,\n")
    vcs = {"vcs": "git", "commit_id": "a" * 40}
    direct = {"url": "https://example.org/tool.git", "vcs_info": vcs}
    (info / "direct_url.json").write_text(json.dumps(direct))


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Box]:
    """Lend a box with an environment of two generations, the live one with a part from git."""
    with pytest.MonkeyPatch.context() as patch:
        box = make_box(tmp_path_factory.mktemp("box"), patch)
        box.build(box.write_spec("app=1"))
        box.build(box.write_spec("app=2"))
        add_from_git(box.path().resolve())
        yield box


def offer_of(offers: LockOffers, name: str) -> LockOffer:
    return next(each for each in offers.offers if each.format == name)


def test_each_format_says_what_it_keeps_and_loses(locked: Box, tmp_path: Path):
    found = lock_offers("env", locked.settings, folder=tmp_path)
    assert (found.environment, found.generation) == ("env", 2)
    assert (found.conda_packages, found.pip_packages, found.from_git) == (2, 1, 1)
    assert [each.format for each in found.offers] == [form.name for form in LOCK_FORMATS]
    plain = offer_of(found, "environment-lock")
    assert plain.keeps == "2 conda (versions), 1 pip (versions)"
    assert "builds" in plain.loses
    assert "pip direct references" in plain.loses
    explicit = offer_of(found, "explicit")
    assert explicit.keeps == "2 conda (builds, addresses, md5)"
    assert next(loss for loss in explicit.lost if loss.what == "pip packages").packages == ("tool",)
    assert not any(each.on_disk for each in found.offers)
    assert not any(each.refusal for each in found.offers if each.is_lock)
    assert [each.file_name for each in found.offers if each.is_usual] == [
        "conda-lock.yml", "pixi.lock", "explicit.txt", "environment.lock.yml", "pylock.toml",
        "requirements.txt",
    ]  # fmt: skip


def test_what_no_other_machine_can_fetch_is_refused_where_that_counts(locked: Box, tmp_path: Path):
    refused = {
        each.format for each in lock_offers("env", locked.settings, folder=tmp_path).offers
        if each.refusal
    }  # fmt: skip
    assert refused and all(not form.is_lock for form in LOCK_FORMATS if form.name in refused)
    for form in refused:
        with pytest.raises(UsageError, match=r"no other machine|version of Python"):
            write_lock("env", form, str(tmp_path), locked.settings)
    assert not list(tmp_path.iterdir())


def test_the_users_own_spec_is_neither_taken_for_a_lock_nor_written_over(
    locked: Box, tmp_path: Path
):
    spec = tmp_path / "environment.yml"
    spec.write_text("name: env\ndependencies:\n  - app=2.0\n")
    found = lock_offers("env", locked.settings, folder=tmp_path)
    assert offer_of(found, "environment-yml").on_disk is None
    assert not offer_of(found, "environment-yml").is_usual
    with pytest.raises(NotFineError, match="no lock of envbench"):
        write_lock("env", "environment-yml", str(tmp_path), locked.settings)
    spec.unlink()
    write_lock("env", "environment-yml", str(tmp_path), locked.settings)
    found = lock_offers("env", locked.settings, folder=tmp_path)
    assert offer_of(found, "environment-yml").on_disk.note == "as installed"


def test_a_format_that_cannot_hold_it_says_why(box: Box, tmp_path: Path):
    box.build(box.write_spec("app"))
    prefix = box.path().resolve()
    add_from_git(prefix)
    next(prefix.glob("lib/**/direct_url.json")).unlink()
    found = lock_offers("env", box.settings, folder=tmp_path)
    assert offer_of(found, "pylock").refusal.startswith("pylock.toml cannot name tool")
    assert offer_of(found, "pylock").keeps == ""
    assert not offer_of(found, "explicit").refusal


def test_written_locks_are_known_and_stale_when_the_environment_moved_on(
    locked: Box, tmp_path: Path
):
    for name in ("environment-lock-builds", "explicit-sha256", "pylock"):
        write_lock("env@1", name, str(tmp_path), locked.settings)
    old = lock_offers("env@1", locked.settings, folder=tmp_path)
    notes = {each.format: each.on_disk.note for each in old.offers if each.on_disk}
    assert notes == {
        "environment-lock-builds": "as installed",
        "explicit-sha256": "as installed",
        "pylock": "as installed",
    }
    new = lock_offers("env", locked.settings, folder=tmp_path)
    notes = {each.format: each.on_disk.note for each in new.offers if each.on_disk}
    assert notes["environment-lock-builds"] == "env moved on: 2 differ"
    assert notes["explicit-sha256"] == "env moved on: 1 differ"
    assert all(each.on_disk.is_stale for each in new.offers if each.on_disk)


def test_files_that_are_no_locks_of_this_environment_are_told_apart(locked: Box, tmp_path: Path):
    write_lock("env", "environment-lock", str(tmp_path), locked.settings)
    path = tmp_path / "environment.lock.yml"
    path.write_text(path.read_text().replace("name: env", "name: other"))
    (tmp_path / "explicit.txt").write_text("hello\n")
    (tmp_path / "pylock.toml").write_bytes(b"\xff")
    found = lock_offers("env", locked.settings, folder=tmp_path)
    plain = offer_of(found, "environment-lock").on_disk
    assert (plain.is_stale, plain.note) == (True, "of another environment: other")
    assert offer_of(found, "explicit").on_disk.note.startswith("this is no lock file")
    assert "not valid UTF-8" in offer_of(found, "pylock").on_disk.note


@pytest.mark.parametrize(
    "form", [form for form in LOCK_FORMATS if form.is_lock], ids=lambda form: form.name
)
def test_what_is_written_is_what_the_command_line_writes(locked: Box, tmp_path: Path, form):
    written = write_lock("env", form.name, str(tmp_path), locked.settings)
    data = (tmp_path / form.file_name).read_bytes()
    assert written.path == str(tmp_path / form.file_name)
    assert (written.sha256, written.size_bytes) == (hashlib.sha256(data).hexdigest(), len(data))
    assert data.decode() == export_lock("env", form.name, None, locked.settings).export.text
    assert preview_lock("env", form.name, locked.settings).text == data.decode()
    again = write_lock("env", form.name, written.path, locked.settings)
    assert (written.is_unchanged, again.is_unchanged) == (False, True)


def test_a_written_lock_verifies(locked: Box, tmp_path: Path):
    written = write_lock("env", "environment-lock", None, locked.settings)
    assert written.path == str(locked.root / "environment.lock.yml")
    report = verify_environment("env", Path(written.path), locked.settings)
    assert report.packages.is_same
    Path(written.path).unlink()


def test_an_older_lock_of_ours_is_replaced(locked: Box, tmp_path: Path):
    for name in ("environment-lock", "explicit", "pylock"):
        write_lock("env@1", name, str(tmp_path), locked.settings)
        assert not write_lock("env", name, str(tmp_path), locked.settings).is_unchanged
    assert "app=2.0" in (tmp_path / "environment.lock.yml").read_text()


@pytest.mark.parametrize(
    ("name", "form", "text"),
    [
        ("environment.yml", "environment-lock", "name: mine\ndependencies:\n  - app=1.0\n"),
        ("environment.lock.yml", "environment-lock", "# mine\ndependencies:\n  - app=1.0\n"),
        ("environment.lock.yml", "environment-lock", "dependencies:\n  - app>=1.0\n"),
        ("environment.lock.yml", "explicit", "dependencies:\n  - app=1.0\n"),
        ("explicit.txt", "explicit", "@EXPLICIT\n"),
        ("explicit.txt", "explicit", "my notes\n"),
        ("pylock.toml", "pylock", 'lock-version = "1.0"\ncreated-by = "uv"\npackages = []\n'),
    ],
)
def test_what_is_not_ours_is_replaced_only_when_told(
    locked: Box, tmp_path: Path, name: str, form: str, text: str
):
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(NotFineError, match="no lock of envbench"):
        write_lock("env", form, str(path), locked.settings)
    assert path.read_text() == text
    write_lock("env", form, str(path), locked.settings, overwrite=True)
    assert path.read_text() != text


def test_a_long_lock_is_cut_in_the_preview(locked: Box, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "PREVIEW_LIMIT", 40)
    found = preview_lock("env", "explicit", locked.settings)
    assert found.is_cut
    assert found.lines == 7
    assert len(found.text) < 60


def test_a_secret_keeps_a_lock_from_being_written(box: Box, tmp_path: Path):
    spec = box.write_spec("app")
    spec.write_text(spec.read_text() + "variables:\n  MY_VALUE: only-here-hunter2\n")
    box.build(spec)
    # Built before the word was known to be one; it stays known for the rest of this process.
    register_secret("only-here-hunter2")
    found = lock_offers("env", box.settings, folder=tmp_path)
    assert "would hold a secret" in offer_of(found, "environment-lock").refusal
    assert "hunter2" not in repr(found)
    with pytest.raises(PreventedError, match="would hold a secret"):
        write_lock("env", "environment-lock", str(tmp_path), box.settings)


def test_damaged_records_and_unknown_names_are_told(box: Box, tmp_path: Path):
    with pytest.raises(UsageError, match="no environment named"):
        lock_offers("nothing", box.settings, folder=tmp_path)
    box.build(box.write_spec("app"))
    with pytest.raises(UsageError, match="no lock format"):
        preview_lock("env", "pdf", box.settings)
    next((box.path() / "conda-meta").glob("app-*.json")).write_text("{")
    with pytest.raises(NotFineError, match="damaged"):
        lock_offers("env", box.settings, folder=tmp_path)


def test_without_the_notes_of_the_build_it_is_locked_from_its_records(box: Box, tmp_path: Path):
    box.build(box.write_spec("app"))
    (box.path() / LOCK_FILE).unlink()
    assert lock_offers("env", box.settings, folder=tmp_path).conda_packages == 2


def test_the_answers_travel_as_json(locked: Box, tmp_path: Path):
    write_lock("env", "explicit", str(tmp_path), locked.settings)
    found = lock_offers("env", locked.settings, folder=tmp_path)
    assert from_builtins(json.loads(json.dumps(to_builtins(found))), LockOffers) == found
