"""Opening and saving specs, and the unsaved work that outlives a screen."""

import hashlib
import os
import shutil
import stat
import subprocess
import sys

import msgspec
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from envbench.formats.line_ends import LineEnds
from envbench.model.errors import EnvbenchError, PreventedError, UsageError
from envbench.settings.load import load_settings
from envbench.workbench.drafts import Draft, drop_draft, find_draft, keep_draft, list_drafts
from envbench.workbench.path_texts import read_path, write_path
from envbench.workbench.spec_files import (
    ClashKind,
    OpenedSpec,
    SaveClash,
    SavedSpec,
    open_spec,
    save_spec,
)

TEXT = "name: a  # keep\ndependencies:\n  - python\n"


@pytest.fixture
def settings(tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    return load_settings({"ENVBENCH_STATE_DIR": str(tmp_path / "state")}, home=home)


@pytest.fixture
def spec(tmp_path):
    path = tmp_path / "environment.yml"
    path.write_text(TEXT)
    return path


def through_json(value):
    assert msgspec.json.decode(msgspec.json.encode(value), type=type(value)) == value
    return value


def opened(path, settings) -> OpenedSpec:
    return through_json(open_spec(str(path), settings))


def save(path, text, settings, expected="", **options):
    answer = save_spec(str(path), text, settings, expected_sha256=expected, **options)
    through_json(answer)
    assert (answer.saved is None) != (answer.clash is None)
    return answer.saved or answer.clash


def test_open_says_what_a_save_needs(spec, settings):
    found = opened(spec, settings)
    assert (found.text, found.has_bom, found.line_ends) == (TEXT, False, LineEnds.LF)
    assert found.sha256 == hashlib.sha256(spec.read_bytes()).hexdigest()
    assert (found.path, found.read_only, found.draft) == (str(spec), "", None)
    assert found.modified == spec.stat().st_mtime


def test_save_replaces_the_file_and_keeps_its_mode(spec, settings):
    spec.chmod(0o640)
    saved = save(spec, TEXT + "  - pip\n", settings, opened(spec, settings).sha256)
    assert isinstance(saved, SavedSpec)
    assert spec.read_text() == TEXT + "  - pip\n"
    assert stat.S_IMODE(spec.stat().st_mode) == 0o640
    assert saved.sha256 == opened(spec, settings).sha256
    again = save(spec, TEXT, settings, saved.sha256)
    assert isinstance(again, SavedSpec)


@given(
    body=st.lists(
        st.tuples(
            st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12),
            st.sampled_from(["\n", "\r\n", "\r", "\x0c", "\u2028", ""]),
        ),
        max_size=12,
    ),
    has_bom=st.booleans(),
)
@examples(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_comes_back_as_it_was_saved(body, has_bom, tmp_path, settings):
    text = "".join(line + end for line, end in body).removeprefix("\ufeff").lstrip("\ufeff")
    path = tmp_path / "round.yml"
    path.unlink(missing_ok=True)
    saved = save(path, text, settings, has_bom=has_bom)
    found = opened(path, settings)
    assert (found.text, found.has_bom, found.sha256) == (text, has_bom, saved.sha256)
    again = save(path, found.text, settings, found.sha256, has_bom=found.has_bom, keep_ends=True)
    assert (again.sha256, again.text) == (saved.sha256, text)


def test_a_link_stays_a_link(spec, tmp_path, settings):
    link = tmp_path / "link.yml"
    link.symlink_to(spec.name)
    save(link, "new\n", settings, opened(link, settings).sha256)
    assert link.is_symlink()
    assert spec.read_text() == "new\n"


def test_what_changed_on_disk_is_not_overwritten(spec, settings):
    before = opened(spec, settings)
    spec.write_text(TEXT + "  - from-a-colleague\n")
    clash = save(spec, TEXT + "  - mine\n", settings, before.sha256)
    assert isinstance(clash, SaveClash)
    assert (clash.kind, clash.disk_text) == (ClashKind.CHANGED, TEXT + "  - from-a-colleague\n")
    assert "-  - from-a-colleague" in clash.difference
    assert "+  - mine" in clash.difference
    assert spec.read_text() == clash.disk_text
    assert isinstance(save(spec, "mine\n", settings, clash.disk_sha256), SavedSpec)


def test_force_overwrites(spec, settings):
    before = opened(spec, settings)
    spec.write_text("theirs\n")
    assert isinstance(save(spec, "mine\n", settings, before.sha256, force=True), SavedSpec)
    assert spec.read_text() == "mine\n"


def test_a_file_that_is_gone_is_told_and_can_be_forced(spec, settings):
    before = opened(spec, settings)
    spec.unlink()
    clash = save(spec, "mine\n", settings, before.sha256)
    assert clash.kind is ClashKind.GONE
    assert not spec.exists()
    assert isinstance(save(spec, "mine\n", settings, before.sha256, force=True), SavedSpec)


def test_a_new_file_takes_no_others_place(spec, settings):
    clash = save(spec, "mine\n", settings)
    assert (clash.kind, clash.disk_text, spec.read_text()) == (ClashKind.EXISTS, TEXT, TEXT)


def test_a_new_file_gets_the_mode_of_the_umask(tmp_path, settings):
    old = os.umask(0o027)
    try:
        save(tmp_path / "new.yml", TEXT, settings)
    finally:
        os.umask(old)
    assert stat.S_IMODE((tmp_path / "new.yml").stat().st_mode) == 0o640


def test_what_became_no_text_is_a_clash_without_text(spec, settings):
    before = opened(spec, settings)
    spec.write_bytes(b"\0\xff")
    clash = save(spec, "mine\n", settings, before.sha256)
    assert (clash.kind, clash.disk_text) == (ClashKind.CHANGED, "")
    assert "NUL" in clash.message
    assert isinstance(save(spec, "mine\n", settings, before.sha256, force=True), SavedSpec)


@pytest.mark.parametrize(
    ("text", "why"),
    [("a\nb\0", "NUL"), ("a\ud800", "U+D800"), ("x" * (1024 * 1024 + 1), "the limit is")],
)
def test_what_could_not_be_opened_again_is_not_saved(spec, settings, text, why):
    with pytest.raises(UsageError) as caught:
        save_spec(str(spec), text, settings, expected_sha256=opened(spec, settings).sha256)
    assert why in caught.value.why
    assert spec.read_text() == TEXT


def test_places_where_no_file_can_be(tmp_path, settings):
    with pytest.raises(UsageError, match="directory"):
        save(tmp_path, TEXT, settings)
    with pytest.raises(UsageError, match="there is no folder"):
        save(tmp_path / "no" / "x.yml", TEXT, settings)
    with pytest.raises(EnvbenchError, match="too long"):
        save(tmp_path / ("x" * 300), TEXT, settings)
    with pytest.raises(EnvbenchError):
        save(tmp_path / "a\0b", TEXT, settings)
    loop = tmp_path / "loop.yml"
    loop.symlink_to("loop.yml")
    with pytest.raises(UsageError, match="loop"):
        save(loop, TEXT, settings)
    os.mkfifo(tmp_path / "pipe.yml")
    with pytest.raises(UsageError, match="named pipe"):
        save(tmp_path / "pipe.yml", TEXT, settings)


def test_a_link_to_nothing_yet_makes_the_file_that_it_names(tmp_path, settings):
    link = tmp_path / "link.yml"
    link.symlink_to("later.yml")
    assert isinstance(save(link, TEXT, settings), SavedSpec)
    assert (tmp_path / "later.yml").read_text() == TEXT
    assert link.is_symlink()


def test_a_read_only_file_says_so_and_stays(spec, settings):
    spec.chmod(0o444)
    found = opened(spec, settings)
    assert found.read_only == "the file is read-only (mode 0444)"
    with pytest.raises(PreventedError, match="read-only"):
        save(spec, "mine\n", settings, found.sha256)
    assert spec.read_text() == TEXT


def test_a_read_only_folder_says_so(spec, settings):
    spec.parent.chmod(0o555)
    try:
        if os.access(spec.parent, os.W_OK):
            pytest.skip("root may write everywhere")
        assert opened(spec, settings).read_only == "its folder is read-only (mode 0555)"
        with pytest.raises(PreventedError, match="read-only"):
            save(spec, "mine\n", settings, opened(spec, settings).sha256)
        with pytest.raises(PreventedError, match="read-only"):
            save(spec.parent / "new.yml", "mine\n", settings)
        assert sorted(p.name for p in spec.parent.iterdir() if p.suffix != "") == [spec.name]
    finally:
        spec.parent.chmod(0o755)


def give_away(path):
    try:
        os.chown(path, 12345, 23456)
    except PermissionError:
        pytest.skip("only root gives files away")


def test_owner_and_group_stay(spec, settings):
    give_away(spec)
    save(spec, "mine\n", settings, opened(spec, settings).sha256)
    assert (spec.stat().st_uid, spec.stat().st_gid) == (12345, 23456)


SAVE = """
import sys
from pathlib import Path
from envbench.settings.load import load_settings
from envbench.workbench.spec_files import open_spec, save_spec
path, home = sys.argv[1:]
settings = load_settings({}, home=Path(home))
found = open_spec(path, settings)
print(save_spec(path, "mine", settings, expected_sha256=found.sha256).saved.note)
"""


@pytest.mark.skipif(shutil.which("setpriv") is None, reason="setpriv is not there")
def test_a_group_that_cannot_be_kept_leaves_its_rights_to_nobody(spec, tmp_path):
    spec.chmod(0o664)
    give_away(spec)
    drop = ["setpriv", "--bounding-set", "-chown"]
    child = subprocess.run(
        [*drop, sys.executable, "-c", SAVE, str(spec), str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert child.stdout.startswith("the file now belongs to you"), child.stderr
    assert spec.stat().st_uid == os.geteuid()
    assert stat.S_IMODE(spec.stat().st_mode) == 0o644
    assert spec.read_text() == "mine"


def test_editors_that_write_all_line_ends_alike_change_only_their_lines(spec, settings):
    spec.write_bytes(b"name: a\r\ndependencies:\n  - b\r\n  - c\n")
    found = opened(spec, settings)
    assert found.line_ends is LineEnds.MIXED
    text = "name: a\ndependencies:\n  - b\n  - new\n  - c\n"
    save(spec, text, settings, found.sha256, keep_ends=True)
    assert spec.read_bytes() == b"name: a\r\ndependencies:\n  - b\r\n  - new\r\n  - c\n"


def test_names_that_are_no_utf8_travel(tmp_path, settings):
    path = tmp_path / os.fsdecode(b"caf\xe9\x1b[31m.yml")
    path.write_text(TEXT)
    text = write_path(path)
    assert text.startswith("file:///")
    assert read_path(text) == path
    found = through_json(open_spec(text, settings))
    assert "\x1b" not in found.shown
    assert isinstance(save(text, "mine\n", settings, found.sha256), SavedSpec)
    assert path.read_text() == "mine\n"


# -- drafts ----------------------------------------------------------------------------------------


def test_a_draft_is_offered_until_saved(spec, settings):
    before = opened(spec, settings)
    keep_draft(str(spec), TEXT + "  - unsaved\n", before.sha256, settings)
    draft = opened(spec, settings).draft
    assert isinstance(draft, Draft)
    assert (draft.text, draft.is_outdated) == (TEXT + "  - unsaved\n", False)
    assert draft.written.endswith("+00:00")
    assert "unsaved" not in repr(draft)
    save(spec, draft.text, settings, before.sha256)
    assert opened(spec, settings).draft is None
    assert list_drafts(settings) == ()


def test_a_draft_knows_that_the_file_changed_since(spec, settings):
    keep_draft(str(spec), "mine\n", opened(spec, settings).sha256, settings)
    spec.write_text("theirs\n")
    assert opened(spec, settings).draft.is_outdated
    spec.unlink()
    assert find_draft(str(spec), settings).is_outdated


def test_a_draft_that_says_what_the_file_says_is_not_offered(spec, settings):
    keep_draft(str(spec), TEXT, "", settings)
    assert opened(spec, settings).draft is None


def test_drafts_are_private_and_the_newest_counts(spec, tmp_path, settings):
    for text in ("one\n", "two\n"):
        keep_draft(str(spec), text, "", settings)
    keep_draft(str(tmp_path / "new.yml"), "new \ud800\n", "", settings)
    folder = settings.paths.state_dir / "drafts"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}
    notes = [through_json(note) for note in list_drafts(settings)]
    assert {(note.shown, note.characters, note.is_outdated) for note in notes} == {
        (str(spec), 4, True),
        (str(tmp_path / "new.yml"), 6, False),
    }
    assert find_draft(str(tmp_path / "new.yml"), settings).text == "new ?\n"
    assert find_draft(str(spec), settings).text == "two\n"
    assert drop_draft(str(spec), settings)
    assert not drop_draft(str(spec), settings)
    assert find_draft(str(spec), settings) is None


def test_damaged_drafts_do_no_harm(spec, settings):
    keep_draft(str(spec), "mine\n", "", settings)
    (file,) = (settings.paths.state_dir / "drafts").iterdir()
    for damage in (b"", b"{", b"\xff", b'{"schema": "envbench.draft/1"}', b"[]"):
        file.write_bytes(damage)
        assert opened(spec, settings).draft is None
        assert list_drafts(settings) == ()


def test_a_huge_draft_is_refused(spec, settings):
    with pytest.raises(UsageError, match="not kept aside"):
        keep_draft(str(spec), "x" * (5 * 1024 * 1024), "", settings)
