"""Environments as the screen shows them: rows that fill up, generations, who uses them."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from envbench.model.document import from_builtins, to_builtins
from envbench.model.errors import EnvbenchError, UsageError
from envbench.model.plan import ChangeKind
from envbench.workbench.environment_details import (
    EnvironmentDetails,
    describe_environment,
    measure_environment,
)
from envbench.workbench.environment_rows import (
    EnvironmentRow,
    KnownSpec,
    SpecState,
    list_environment_rows,
)
from envbench.workbench.environment_users import read_last_use
from envbench.workbench.environments import remove_environment
from envbench.workbench.generation_comparison import compare_generations
from envbench.workbench.locks.offers import lock_offers, write_lock
from envbench.workbench.probe_records import latest_probes
from envbench.workbench.specs import check_spec
from tests.workbench.conftest import Box, make_box


def make_foreign(box: Box, name: str) -> Path:
    """Lay out an environment as conda leaves it."""
    prefix = box.root / "home" / "miniforge3" / "envs" / name
    (prefix / "conda-meta").mkdir(parents=True)
    (prefix / "conda-meta" / "history").touch()
    return prefix


@pytest.fixture(scope="module")
def used(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Box]:
    """Lend a box with one environment of two generations, built once for all tests here."""
    with pytest.MonkeyPatch.context() as patch:
        box = make_box(tmp_path_factory.mktemp("box"), patch)
        box.build(box.write_spec("app=1"))
        spec = box.write_spec("app=2")
        spec.write_text(spec.read_text() + "variables:\n  TOKEN: hush\n")
        box.build(spec)
        make_foreign(box, "theirs")
        yield box


def spec_of(box: Box, name: str = "env") -> KnownSpec:
    path = box.root / f"{name}.yml"
    report = check_spec(path, box.settings)
    return KnownSpec(name=name, path=str(path), sha256=report.sha256)


def last_rows(box: Box, **options: object) -> dict[str, EnvironmentRow]:
    return {row.key: row for row in list_environment_rows(box.settings, **options)}


def row_named(box: Box, name: str, **options: object) -> EnvironmentRow:
    options.setdefault("with_size", False)
    [row] = [row for row in last_rows(box, **options).values() if row.name == name]
    return row


@pytest.fixture
def sleeper(used: Box) -> Iterator[subprocess.Popen[bytes]]:
    """Run something that has the first generation activated."""
    prefix = used.settings.paths.envs_dir / ".generations" / "env-1"
    with subprocess.Popen(
        [sys.executable, "-c", "import time; print(flush=True); time.sleep(600)"],
        env={**os.environ, "CONDA_PREFIX": str(prefix)},
        stdout=subprocess.PIPE,
    ) as process:
        process.stdout.readline()
        yield process
        process.kill()


def test_names_come_first_and_sizes_last(used: Box):
    told = list(list_environment_rows(used.settings, with_size=True))
    assert [row.name for row in told[:2]] == ["env", "theirs"]
    assert all(row.size_bytes is None and row.drift is None for row in told[:2])
    assert told[-1].size_bytes is not None
    row = row_named(used, "env", with_size=True)
    assert (row.kind, row.live_generation, row.generations) == ("envbench", 2, 2)
    assert (row.drift, row.read_only, row.owner, row.fault) == ("", "", "", "")
    assert row.size_bytes > row.unique_bytes > 0


def test_an_environment_of_another_tool_is_read_only(used: Box):
    row = row_named(used, "theirs")
    assert row.read_only == "made by conda: envbench does not change it"
    assert (row.spec_state, row.generations, row.drift) == (SpecState.NO_SPEC, 0, None)
    (Path(row.path) / "conda-meta" / "frozen").touch()
    assert row_named(used, "theirs").read_only.startswith("frozen")


def test_a_row_says_how_the_environment_stands_to_its_spec(used: Box):
    spec = spec_of(used)
    assert row_named(used, "env", specs=(spec,)).spec_state is SpecState.OK
    changed = replace(spec, sha256="0" * 64)
    assert row_named(used, "env", specs=(changed,)).spec_state is SpecState.CHANGED
    other = KnownSpec(name="later", path="/x/later.yml", sha256="")
    rows = last_rows(used, with_size=False, specs=(spec, other))
    assert rows["spec:later"].spec_state is SpecState.NOT_BUILT
    assert rows["spec:later"].built_from == "/x/later.yml"
    lock = KnownSpec(name="later", path="/x/environment.lock.yml", sha256="")
    rows = last_rows(used, with_size=False, specs=(lock, other))
    assert rows["spec:later"].built_from == "/x/later.yml"


def test_without_specs_the_file_that_was_built_from_is_asked(used: Box):
    row = row_named(used, "env")
    assert (row.spec_state, row.built_from) == (SpecState.OK, str(used.root / "env.yml"))


def test_who_has_an_old_generation_activated_is_named(used: Box, sleeper: subprocess.Popen[bytes]):
    found = row_named(used, "env").users
    assert [(user.pid, user.generation) for user in found] == [(sleeper.pid, 1)]
    assert found[0].how == "has it activated"
    live, old = describe_environment("env", used.settings).generations
    assert (live.kept_because, live.users) == ("live", ())
    assert old.kept_because == f"in use by pid {sleeper.pid}"


def test_the_details_of_an_environment(used: Box):
    found = describe_environment("env", used.settings)
    assert (found.name, found.kind, found.fault) == ("env", "envbench", "")
    assert found.prefix.endswith(".generations/env-2")
    contents = found.contents
    assert (contents.conda_packages, contents.pip_packages, contents.drift) == (2, 0, "")
    assert contents.variables == ("TOKEN",)
    assert "hush" not in repr(found)
    assert [(g.number, g.is_live) for g in found.generations] == [(2, True), (1, False)]
    assert all(g.job_id and g.created_by and g.kept_bytes > 0 for g in found.generations)
    assert found.activate[0].line == "source <(envbench shell env --hook bash)"
    assert describe_environment(str(used.path()), used.settings) == found


def test_the_line_to_activate_it_does(used: Box):
    envbench = f"envbench() {{ '{sys.executable}' -m envbench \"$@\"; }}"
    line = describe_environment("env", used.settings).activate[0].line
    root = Path(__file__).resolve().parents[2]
    shown = subprocess.run(
        ["bash", "-c", f'{envbench}\n{line}\nprintf \'%s %s\' "$CONDA_PREFIX" "$TOKEN"'],
        capture_output=True,
        env={**os.environ, "PYTHONPATH": str(root)},
        text=True,
        timeout=60,
        check=True,
    )
    assert shown.stdout == f"{used.path()} hush"


def test_the_details_of_an_environment_of_another_tool(used: Box):
    found = describe_environment("theirs", used.settings)
    assert (found.kind, found.generations) == ("conda", ())
    assert found.read_only
    assert found.activate[0].line.startswith("source <(envbench shell /")
    [size] = measure_environment("theirs", used.settings)
    assert (size.number, size.total_bytes) == (None, 0)


def test_each_generation_has_its_size(used: Box):
    sizes = list(measure_environment("env", used.settings))
    assert [size.number for size in sizes] == [2, 1]
    assert all(size.total_bytes >= size.unique_bytes > 0 for size in sizes)


def test_two_generations_are_compared(used: Box):
    found = compare_generations("env", 1, 2, used.settings)
    assert [(row.part, row.kind, row.name, row.old, row.new) for row in found.rows] == [
        ("conda", ChangeKind.UPGRADE, "app", "1.0", "2.0"),
        ("variable", ChangeKind.ADD, "TOKEN", "", "hush"),
    ]
    assert compare_generations("env", 2, 2, used.settings).rows == ()
    with pytest.raises(UsageError, match="no generation 7"):
        compare_generations("env", 1, 7, used.settings)


def test_the_answers_travel_as_json(used: Box):
    for value, kind in (
        (row_named(used, "env", with_size=True), EnvironmentRow),
        (describe_environment("env", used.settings), EnvironmentDetails),
    ):
        assert from_builtins(json.loads(json.dumps(to_builtins(value))), kind) == value


def test_what_changed_since_the_build_is_said_in_words(box: Box):
    box.build(box.write_spec("app"))
    next((box.path() / "conda-meta").glob("zlib-*.json")).unlink()
    assert row_named(box, "env").drift == "1 package removed"
    assert describe_environment("env", box.settings).contents.drift == "1 package removed"
    next((box.path() / "conda-meta").glob("app-*.json")).write_text("{")
    assert row_named(box, "env").drift == "1 record damaged"
    assert len(describe_environment("env", box.settings).contents.damage) == 1


def test_a_broken_environment_still_shows_its_generations(box: Box):
    box.build(box.write_spec("app"))
    box.path().unlink()
    row = row_named(box, "env")
    assert (row.live_generation, row.generations, row.fault) == (None, 1, "its link is missing")
    found = describe_environment("env", box.settings)
    assert (found.fault, found.prefix, found.contents) == ("its link is missing", "", None)
    assert [g.number for g in found.generations] == [1]
    assert found.activate == ()


def test_an_environment_that_goes_meanwhile_does_no_harm(box: Box):
    box.build(box.write_spec("app"))
    rows = list_environment_rows(box.settings, with_size=True)
    assert next(rows).name == "env"
    remove_environment("env", box.settings)
    assert [row.drift for row in rows] in ([], [None])


def test_the_last_use_is_said_only_where_something_can_be_known(tmp_path: Path):
    python = tmp_path / "bin" / "python"
    python.parent.mkdir()
    assert read_last_use(tmp_path) is None
    python.touch()
    os.utime(python, (time.time() - 40 * 86400, 0))
    keeps = not os.statvfs(python).f_flag & (os.ST_NOATIME | os.ST_RDONLY)
    assert (read_last_use(tmp_path) is not None) == keeps
    os.link(python, tmp_path / "shared")
    assert read_last_use(tmp_path) is None


def test_what_does_not_exist_is_told(box: Box):
    with pytest.raises(UsageError, match="no environment named"):
        describe_environment("nothing", box.settings)


def test_a_hostile_path_is_shown_clean_and_still_leads_there(box: Box):
    make_foreign(box, "odd\x1b[31m\udcff name")
    [row] = list_environment_rows(box.settings, with_size=False)
    assert row.name.isprintable()
    found = describe_environment(row.path, box.settings)
    assert (found.name, found.path, found.activate) == (row.name, row.path, ())
    assert lock_offers(row.path, box.settings).environment.isprintable()
    assert latest_probes(row.path, box.settings) is None
    json.dumps(to_builtins([row, found])).encode()
    with pytest.raises(EnvbenchError):
        write_lock(row.path, "environment-lock", None, box.settings)
