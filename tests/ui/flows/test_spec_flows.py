"""Specs on the screen: open, edit, mend, save, clash, drafts; nothing that was written is lost."""

import os
import stat
from pathlib import Path

import pytest

from envbench.ui.flows import specs
from envbench.ui.state import EDITOR, PLAN, PROBLEMS, SPECS
from tests.ui.real_app import drive, set_private_environ

GOOD = "name: lab\nchannels:\n  - conda-forge\ndependencies:\n  - python=3.12\n"
BAD = GOOD + "  - numpy\n  - numpy\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    set_private_environ(monkeypatch, tmp_path)
    monkeypatch.setattr(specs, "DRAFT_AFTER_S", 0.05)
    monkeypatch.setattr(specs, "DISK_EVERY_S", 0.1)
    project = tmp_path / "project"
    project.mkdir()
    (project / "environment.yml").write_text(GOOD)
    (project / "bad.yml").write_text(BAD)
    return project


def drafts(folder: Path) -> list[Path]:
    return list((folder.parent / "state" / "drafts").glob("*"))


async def test_the_first_spec_opens_is_edited_mended_undone_and_saved(folder: Path):
    path = folder / "environment.yml"
    async with drive(folder) as it:
        await it.until_open("environment.yml")
        assert it.app.state.environment == "lab"
        await it.until_shown("No problems found")
        await it.edit_end()
        assert "Esc out" in it.text.splitlines()[-1]
        await it.paste("  - numpy\n  - numpy\n")
        await it.until(lambda: it.spec.problems)
        await it.until_checked()
        assert it.spec.is_dirty
        assert "unsaved" in it.text
        before = it.code.text
        await it.press("escape")
        await it.until(lambda: it.app.state.focus == PROBLEMS and not it.app.state.editing)
        await it.press("ctrl+o")
        await it.until(lambda: it.code.text != before)
        await it.until_checked()
        assert not it.spec.errors
        assert "e, ^Z takes it back" in it.said
        await it.edit()
        await it.press("ctrl+z")
        await it.until(lambda: it.spec.text == before)
        await it.press("ctrl+y")
        await it.until_checked()
        await it.press("ctrl+s", "ctrl+s", "ctrl+s")
        await it.until(lambda: not it.spec.is_dirty)
        assert path.read_text() == it.code.text
        assert it.spec.disk == ""
        await it.until(lambda: not drafts(folder))


async def test_enter_on_another_spec_keeps_unsaved_work_and_offers_it_again(folder: Path):
    async with drive(folder) as it:
        await it.until_open("environment.yml")
        await it.edit_end()
        await it.press(*"# mine")
        # Nothing waits for the editor to rest: the last keys count, too.
        await it.press("escape", "escape")
        await it.until(lambda: it.app.state.focus == SPECS)
        it.app.select(SPECS, f"spec:{folder / 'bad.yml'}")
        await it.press("enter")
        await it.until_open("bad.yml")
        assert "is kept" in it.said
        assert it.spec.text == BAD
        assert len(drafts(folder)) == 1
        assert (folder / "environment.yml").read_text() == GOOD
        await it.press("escape")
        await it.until(lambda: it.app.state.focus == SPECS)
        it.app.select(SPECS, f"spec:{folder / 'environment.yml'}")
        await it.press("enter")
        await it.asked("There is unsaved work")
        await it.press("escape")
        await it.answered()
        assert it.spec.text == GOOD
        assert len(drafts(folder)) == 1


async def test_a_draft_outlives_the_screen_and_is_taken_up(folder: Path):
    async with drive(folder) as it:
        await it.until_open("environment.yml")
        await it.edit_end()
        await it.press(*"# the last words")
        it.app.exit(return_code=129)  # as a hang-up does, right after the last key
    assert len(drafts(folder)) == 1
    async with drive(folder) as it:
        await it.asked("There is unsaved work")
        await it.press("1")
        await it.answered()
        await it.until(lambda: it.code.text == GOOD + "# the last words")
        assert it.spec.is_dirty
        await it.edit()
        await it.press("ctrl+s")
        await it.until(lambda: not it.spec.is_dirty)
        assert (folder / "environment.yml").read_text() == GOOD + "# the last words"
        await it.until(lambda: not drafts(folder))


async def test_a_draft_goes_when_the_text_is_as_saved_again_or_when_it_is_thrown_away(folder: Path):
    async with drive(folder) as it:
        await it.until_open("environment.yml")
        await it.edit()
        await it.press("x")
        await it.until(lambda: drafts(folder))
        await it.press("ctrl+z")
        await it.until(lambda: not drafts(folder))
        await it.press("y")
        await it.until(lambda: drafts(folder))
    async with drive(folder) as it:
        await it.asked("There is unsaved work")
        await it.press("3")
        await it.until(lambda: not drafts(folder))
        assert it.spec.text == GOOD


@pytest.mark.parametrize("answer", ["1", "2", "3"])
async def test_a_file_that_others_changed_is_never_overwritten_unasked(folder: Path, answer: str):
    path = folder / "environment.yml"
    theirs = GOOD + "  - theirs\n"
    async with drive(folder) as it:
        await it.until_open("environment.yml")
        await it.edit_end()
        await it.paste("  - mine\n")
        path.write_text(theirs)
        await it.until(lambda: it.spec.disk == "changed")
        await it.until_shown("has changed on disk")
        await it.press("ctrl+s")
        await it.asked("Write mine over what is on disk")
        assert "-  - theirs" in it.text or "- theirs" in it.text
        await it.press(answer)
        await it.answered()
        mine = GOOD + "  - mine\n"
        if answer == "1":
            assert path.read_text() == theirs
            assert it.code.text == mine
            assert it.spec.disk == "changed"
        elif answer == "2":
            await it.until(lambda: path.read_text() == mine)
            await it.until(lambda: not it.spec.is_dirty and not it.spec.disk)
        else:
            await it.until(lambda: it.code.text == theirs and not it.spec.is_dirty)
            assert path.read_text() == theirs
            await it.press("ctrl+z")
            await it.until(lambda: it.spec.text == mine)


async def test_a_file_that_is_gone_is_written_again_only_when_asked_for(folder: Path):
    path = folder / "environment.yml"
    async with drive(folder) as it:
        await it.until_open("environment.yml")
        path.unlink()
        await it.until(lambda: it.spec.disk == "gone")
        await it.until_shown("is gone from the disk")
        await it.press("ctrl+s")
        await it.asked("Write it there again")
        assert "Take what is on disk" not in it.text
        await it.press("escape")
        await it.answered()
        assert not path.exists()
        await it.press("ctrl+s")
        await it.asked("Write it there again")
        await it.press("2")
        await it.until(path.exists)
        assert path.read_text() == GOOD


async def test_what_changed_on_disk_is_read_again_and_undo_goes_back(folder: Path):
    path = folder / "environment.yml"
    async with drive(folder) as it:
        await it.until_open("environment.yml")
        await it.press("escape")
        await it.until(lambda: it.app.state.focus == SPECS)
        path.write_text(GOOD + "  - theirs\n")
        await it.until(lambda: it.spec.disk == "changed")
        await it.press("r")
        await it.until(lambda: it.spec.text.endswith("theirs\n") and not it.spec.disk)
        assert not it.spec.is_dirty
        await it.edit()
        await it.press("ctrl+z")
        await it.until(lambda: it.spec.text == GOOD and it.spec.is_dirty)


async def test_a_sample_is_changed_and_saved_as_a_copy_with_its_undo(folder: Path):
    async with drive(folder) as it:
        await it.until_open("environment.yml")
        found = it.app.state.specs.value
        assert found is not None
        sample = found.samples[0]
        await it.press("escape")
        it.app.select(SPECS, f"sample:{sample.path}")
        await it.press("enter")
        await it.until(lambda: it.spec.is_sample)
        await it.until_checked()
        original = it.code.text
        await it.edit()
        it.code.move_cursor((0, 0))
        await it.press("#", "escape", "escape")
        await it.until(lambda: it.app.state.focus == SPECS)
        it.app.select(SPECS, f"spec:{folder / 'bad.yml'}")
        await it.press("enter")
        await it.asked("You changed the sample")
        await it.press("escape")
        await it.answered()
        assert it.spec.is_sample
        assert it.code.text == "#" + original
        await it.press("ctrl+s")
        await it.asked("Save a copy of this sample as")
        await it.press("ctrl+u", *"copy", "enter")
        await it.until(lambda: not it.spec.is_sample)
        assert (folder / "copy.yml").read_text() == "#" + original
        assert Path(sample.path).read_text() == original  # noqa: ASYNC240
        assert it.spec.path == str(folder / "copy.yml")
        await it.edit()
        await it.press("ctrl+z")
        await it.until(lambda: it.spec.text == original and it.spec.is_dirty)


async def test_a_new_spec_is_made_and_an_old_one_never_overwritten(folder: Path):
    async with drive(folder) as it:
        await it.until_open("environment.yml")
        await it.press("a")
        await it.asked("Name of the new spec")
        await it.press("enter")
        await it.answered()
        await it.until(lambda: "exists already" in it.said)
        assert (folder / "environment.yml").read_text() == GOOD
        await it.press("a")
        await it.asked("Name of the new spec")
        await it.press("ctrl+u", *"fresh", "enter")
        await it.until_open("fresh.yml")
        assert (folder / "fresh.yml").read_text() == it.code.text
        assert it.code.text.startswith("name: fresh\n")
        await it.until(lambda: "fresh.yml" in it.text)
        mode = stat.S_IMODE((folder / "fresh.yml").stat().st_mode)
        assert mode & 0o400


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
async def test_a_read_only_file_says_so_and_letters_are_verbs(folder: Path):
    path = folder / "environment.yml"
    path.chmod(0o444)
    folder.chmod(0o555)  # noqa: ASYNC240
    try:
        async with drive(folder) as it:
            await it.until_open("environment.yml")
            assert it.spec.read_only
    finally:
        folder.chmod(0o755)  # noqa: ASYNC240


async def test_odd_files_open_as_they_can(folder: Path):
    (folder / "environment.yml").unlink()
    (folder / "bad.yml").unlink()
    (folder / "environment-broken.yml").write_text("dependencies:\n  - a\n\t- b\n")
    (folder / "environment-latin.yml").write_bytes("name: caf\xe9\n".encode("latin-1"))
    ends = b"\xef\xbb\xbfname: lab\r\ndependencies:\r\n  - python=3.12\n  - numpy\r\n"
    (folder / "ends.yml").write_bytes(ends)
    async with drive(folder) as it:
        await it.until_open("ends.yml")  # the first that is sound
        await it.edit_end()
        await it.press(*"#x")
        await it.press("ctrl+s")
        await it.until(lambda: not it.spec.is_dirty)
        assert (folder / "ends.yml").read_bytes() == ends + b"#x"
        await it.press("escape", "escape")
        it.app.select(SPECS, f"spec:{folder / 'environment-latin.yml'}")
        await it.press("enter")
        await it.until(lambda: "environment-latin.yml" in it.said)
        assert it.spec.name == "ends.yml"
        it.app.focus_pane(SPECS)
        it.app.select(SPECS, f"spec:{folder / 'environment-broken.yml'}")
        await it.press("enter")
        await it.until_open("environment-broken.yml")
        assert it.spec.errors
        assert "line 3" in it.text


async def test_an_empty_folder_and_a_spec_that_cannot_be_opened_leave_the_rest_alive(folder: Path):
    (folder / "environment.yml").unlink()
    (folder / "bad.yml").unlink()
    async with drive(folder) as it:
        await it.until(lambda: it.app.state.specs.value is not None)
        await it.until_shown("No spec")
        await it.until(lambda: it.app.state.box.value is not None)
    (folder / "latin.yml").write_bytes(b"name: caf\xe9\n")
    async with drive(folder, first=str(folder / "latin.yml")) as it:
        await it.until(lambda: "latin.yml" in it.said)
        await it.until(lambda: it.app.state.environments.value is not None)


async def test_three_hundred_specs(folder: Path):
    for number in range(300):
        (folder / f"spec{number:03}.yml").write_text(GOOD)
    async with drive(folder) as it:
        await it.until_open("environment.yml")
        found = it.app.state.specs.value
        assert found is not None
        assert len(found.specs) + found.left_off >= 302
        await it.press("escape")
        await it.until(lambda: it.app.state.focus == SPECS)
        await it.press("slash", *"spec150", "enter")
        await it.until_open("spec150.yml")


async def test_completion_meaning_and_form_through_the_real_desk(folder: Path):
    from tests.channels import index_channel, make_package

    channel = folder.parent / "channel"
    make_package(channel, "zlib", "1.3", files={"share/zlib.txt": "zlib\n"})
    make_package(channel, "zstd", "1.5", files={"share/zstd.txt": "zstd\n"})
    index_channel(channel)
    text = f"name: lab\nchannels:\n  - {channel.as_uri()}\ndependencies:\n  - zlib\n"
    (folder / "environment.yml").write_text(text)
    async with drive(folder) as it:
        await it.until_open("environment.yml")
        await it.edit_end()
        await it.press("up", "end")
        await it.until(
            lambda: (found := it.app.state.inspection.value) is not None and found.name == "zlib"
        )
        inspected = it.app.state.inspection.value
        assert inspected is not None
        await it.until_shown(inspected.headline[:20])
        await it.press("down", *"  - zs")
        await it.until_shown("zstd")
        await it.press("tab")
        await it.until(lambda: it.code.text.endswith("  - zstd"))
        await it.press("ctrl+l")
        await it.asked("New conda dependency")
        await it.press(*"python", "enter", *"3.12.*", "enter", "enter", "enter")
        await it.answered()
        await it.until(lambda: "- python=3.12.*" in it.code.text)
        assert "^Z takes it back" in it.said


async def test_places_come_in_the_order_of_the_keys_and_text_of_one_spec_never_enters_another(
    folder: Path,
):
    async with drive(folder) as it:
        await it.until_open("environment.yml")
        await it.press("2", "3", "4", "5", "2")
        await it.until(lambda: it.app.state.focus == PLAN)
        shown = [
            name
            for name in ("spec", "plan", "probes", "lock", "environments")
            if (pane := it.app.bench_screen.pane(name)) is not None and pane.display
        ]
        assert shown == ["plan"]
        await it.press("e")
        await it.until(lambda: it.app.state.focus == EDITOR)
        # A message of the editor that is late by one spec is not taken.
        version = it.code.version
        specs.take_text(it.app, "the text of another spec", version - 1)
        assert it.spec.text == GOOD
