"""The list of specs of a folder, samples and recent ones."""

import json
import os
import shutil
import subprocess

import msgspec
import pytest

from envbench.envs.generation_files import write_generation
from envbench.machine.git_states import GitState
from envbench.model.errors import UsageError
from envbench.model.generation import Generation
from envbench.settings.load import load_settings
from envbench.workbench.drafts import keep_draft
from envbench.workbench.recent import forget_recent, list_recent, note_recent
from envbench.workbench.sample_specs import copy_sample, list_samples, new_spec_text
from envbench.workbench.spec_folder import SpecFolder, SpecState, list_specs
from envbench.workbench.specs import check_text

GOOD = "name: good\nchannels: [conda-forge]\ndependencies: [python=3.12]\n"


@pytest.fixture
def settings(tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    state, envs = tmp_path / "state", tmp_path / "made"
    variables = {"ENVBENCH_STATE_DIR": str(state), "ENVBENCH_ENVS_DIR": str(envs)}
    return load_settings(variables, home=home)


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "project"
    path.mkdir()
    return path


def listed(folder, settings, **options) -> SpecFolder:
    found = list_specs(str(folder), settings, **options)
    assert msgspec.json.decode(msgspec.json.encode(found), type=SpecFolder) == found
    return found


def entries(folder, settings, **options):
    return {entry.shown: entry for entry in listed(folder, settings, **options).specs}


def test_specs_and_nothing_else(folder, settings):
    for place in (".", "envs", "conda", "deep/envs"):
        (folder / place).mkdir(parents=True, exist_ok=True)
    (folder / "environment.yml").write_text(GOOD)
    (folder / "environment-dev.YAML").write_text("")
    (folder / "lab.yaml").write_text("dependencies:\n  - numpy\n")
    (folder / "envs/gpu.yml").write_text(GOOD)
    (folder / "conda/cpu.yml").write_text(GOOD)
    (folder / "deep/envs/no.yml").write_text(GOOD)
    (folder / "Chart.yaml").write_text("name: c\ndependencies:\n  - name: redis\n    version: 1\n")
    (folder / "pubspec.yaml").write_text("name: p\ndependencies:\n  flutter: ^1\n")
    (folder / "compose.yml").write_text("services: {}\n")
    (folder / "notes.txt").write_text(GOOD)
    (folder / "environment.yml.d").mkdir()
    found = entries(folder, settings)
    assert list(found) == [
        "environment-dev.YAML", "environment.yml", "lab.yaml", "conda/cpu.yml", "envs/gpu.yml",
    ]  # fmt: skip
    assert found["environment.yml"].state is SpecState.OK
    assert (found["environment.yml"].title, found["environment.yml"].errors) == ("good", 0)
    assert found["environment.yml"].size_bytes == len(GOOD)


def test_rows_say_what_is_wrong(folder, settings):
    (folder / "environment.yml").write_text("name: x\ndependencies:\n\t- a\n")
    (folder / "environment-2.yml").write_text("dependencies:\n  - numpy=>1\n")
    (folder / "environment-3.yml").write_bytes(b"\xff\xfe")
    os.mkfifo(folder / "environment-4.yml")
    (folder / "environment-5.yml").symlink_to("gone")
    (folder / "pipe.yml").symlink_to("environment-4.yml")
    (folder / "environment-6.yml").write_text("@EXPLICIT\nhttps://x/y.conda\n")
    found = entries(folder, settings)
    assert {name: (entry.state.value, entry.reason) for name, entry in found.items()} == {
        "environment.yml": ("broken", "not YAML: line 3, a tab indents this line"),
        "environment-2.yml": ("problems", found["environment-2.yml"].reason),
        "environment-3.yml": ("unreadable", "the text is UTF-16, not UTF-8"),
        "environment-4.yml": ("unreadable", "it is a named pipe, not a file"),
        "environment-5.yml": ("unreadable", "there is no such file"),
        "environment-6.yml": ("problems", "this is an explicit lock, not a spec"),
    }
    assert found["environment-2.yml"].reason.startswith("line 2: ")
    assert found["environment-2.yml"].errors == 1


def test_folders_that_cannot_be_listed_say_so(tmp_path, settings):
    assert listed(tmp_path / "gone", settings).fault == "No such file or directory"
    (tmp_path / "file").write_text("")
    assert listed(tmp_path / "file", settings).fault == "Not a directory"
    assert listed("a\0b", settings).fault


def test_too_many_files_are_counted(folder, settings):
    for number in range(205):
        (folder / f"environment-{number:03}.yml").write_text("")
    found = listed(folder, settings)
    assert (len(found.specs), found.left_off) == (200, 5)


def test_hostile_names_are_cleaned_and_still_open(folder, settings):
    name = "environment-\x1b]0;x\x07\u202e.yml"
    (folder / name).write_text(GOOD)
    (entry,) = listed(folder, settings).specs
    assert (entry.path, entry.shown) == (str(folder / name), "environment-\ufffd.yml")
    (folder / os.fsdecode(b"environment-\xff.yml")).write_text(GOOD)
    assert any(e.path.endswith("environment-%FF.yml") for e in listed(folder, settings).specs)


def test_drafts_are_marked(folder, settings):
    (folder / "environment.yml").write_text(GOOD)
    (folder / "environment-2.yml").write_text("")
    for name in ("environment.yml", "environment-2.yml"):
        keep_draft(str(folder / name), "x", "", settings)
    found = entries(folder, settings)
    assert [entry.has_draft for entry in found.values()] == [True, True]
    assert found["environment.yml"].state is SpecState.DRAFT


def test_what_was_built_from_a_spec(folder, settings):
    (folder / "environment.yml").write_text(GOOD)
    assert entries(folder, settings)["environment.yml"].built is None
    digest = entries(folder, settings)["environment.yml"].sha256
    make_live(settings, "good", 3, digest)
    found = entries(folder, settings)["environment.yml"]
    assert (found.environment, found.built, found.built_matches) == ("good", 3, True)
    (folder / "environment.yml").write_text(GOOD + "# more\n")
    found = entries(folder, settings)["environment.yml"]
    assert (found.built, found.built_matches) == (3, False)
    (folder / "environment.yml").write_text(GOOD.replace("name: good\n", ""))
    assert entries(folder, settings)["environment.yml"].built is None


def make_live(settings, name, number, digest):
    prefix = settings.paths.envs_dir / ".generations" / f"{name}-{number}"
    prefix.mkdir(parents=True)
    made = {"created": "2026-01-01T00:00:00Z", "created_by": "a@b", "reason": "build"}
    write_generation(
        prefix, Generation(environment=name, number=number, spec_sha256=digest, **made)
    )
    (settings.paths.envs_dir / name).symlink_to(f".generations/{name}-{number}")


@pytest.mark.skipif(shutil.which("git") is None, reason="there is no git here")
def test_git_is_asked_folder_by_folder(folder, settings):
    (folder / "environment.yml").write_text(GOOD)
    (folder / "envs").mkdir()
    (folder / "envs/gpu.yml").write_text(GOOD)
    found = entries(folder, settings)
    assert {entry.git for entry in found.values()} == {GitState.NO_REPOSITORY}
    # A repository in a repository, as submodules are.
    for place in (folder, folder / "envs"):
        subprocess.run(["git", "init", "-q"], cwd=place, check=True)
    subprocess.run(["git", "add", "gpu.yml"], cwd=folder / "envs", check=True)
    found = entries(folder, settings)
    assert found["environment.yml"].git is GitState.UNTRACKED
    assert found["envs/gpu.yml"].git is GitState.STAGED
    assert entries(folder, settings, with_git=False)["environment.yml"].git is GitState.UNKNOWN


# -- recent and samples ----------------------------------------------------------------------------


def test_recent_specs_newest_first_each_once(folder, settings):
    for name in ("a.yml", "b.yml", "a.yml"):
        (folder / name).write_text(GOOD)
        note_recent(str(folder / name), settings)
    assert [each.shown for each in list_recent(settings)] == [
        str(folder / "a.yml"),
        str(folder / "b.yml"),
    ]
    (folder / "a.yml").unlink()
    assert [each.shown for each in list_recent(settings)] == [str(folder / "b.yml")]
    (folder / "a.yml").write_text(GOOD)
    assert len(listed(folder, settings).recent) == 2
    forget_recent(str(folder / "a.yml"), settings)
    assert [each.shown for each in list_recent(settings)] == [str(folder / "b.yml")]


def test_at_most_thirty_are_remembered(folder, settings):
    for number in range(33):
        (folder / f"{number}.yml").write_text("")
        note_recent(str(folder / f"{number}.yml"), settings)
    found = list_recent(settings)
    assert (len(found), found[0].shown) == (30, str(folder / "32.yml"))


@pytest.mark.parametrize(
    "damage",
    [b"", b"[]", b"\xff", b'{"schema": "envbench.recent/1", "specs": [{"path": 3}]}'],
)
def test_a_damaged_list_begins_anew(folder, settings, damage):
    (folder / "a.yml").write_text(GOOD)
    note_recent(str(folder / "a.yml"), settings)
    (settings.paths.state_dir / "recent.json").write_bytes(damage)
    assert list_recent(settings) == ()
    note_recent(str(folder / "a.yml"), settings)
    assert len(list_recent(settings)) == 1


def test_paths_in_a_list_that_somebody_edited(settings):
    settings.paths.state_dir.mkdir()
    specs = [{"path": path, "opened": ""} for path in ("a\0b", "/dev/null", "x" * 5000)]
    document = {"schema": "envbench.recent/1", "specs": specs}
    (settings.paths.state_dir / "recent.json").write_text(json.dumps(document))
    assert list_recent(settings) == ()


def test_samples_have_a_title_and_a_description():
    samples = {sample.name: sample for sample in list_samples()}
    assert samples["jax-cuda.yml"].title == "jax-cuda"
    assert samples["jax-cuda.yml"].description == "JAX with CUDA, from conda-forge."
    assert "demo.yml" not in samples


def test_a_sample_is_copied_and_takes_nobodys_place(folder, settings):
    path = copy_sample("jax-cuda.yml", str(folder))
    assert check_text((folder / "jax-cuda.yml").read_text(), path, settings).is_fine
    with pytest.raises(UsageError, match="exists already"):
        copy_sample("jax-cuda.yml", str(folder))
    for name in ("../jax-cuda.yml", "demo.yml", ""):
        with pytest.raises(UsageError, match="no sample"):
            copy_sample(name, str(folder))


def test_a_new_spec_is_sound_with_and_without_its_comments(settings):
    text = new_spec_text("my_env")
    report = check_text(text, "new.yml", settings)
    assert (report.name, report.problems) == ("my_env", ())
    taken = text.replace("  # - ", "  - ").replace("  #     - ", "      - ")
    report = check_text(taken, "new.yml", settings)
    assert report.is_fine
    assert len(report.meanings) == 5
    with pytest.raises(UsageError):
        new_spec_text("../x")
