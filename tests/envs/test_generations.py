"""Generations: staged, flipped, rolled back, removed; and killed at random points."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from envbench.envs.generation_files import GENERATION_FILE, STAGED_FILE, read_generation
from envbench.envs.generations import EnvironmentStore
from envbench.envs.lock import lock_environment
from envbench.model.errors import NotFineError, PreventedError, UsageError
from envbench.model.generation import Generation


def record(name: str, number: int) -> Generation:
    return Generation(
        environment=name,
        number=number,
        created="2026-01-01T00:00:00Z",
        created_by="me@here",
        reason="test",
    )


def build(store: EnvironmentStore, name: str, text: str) -> int:
    with lock_environment(store.envs_dir, name, wait_s=5) as lock:
        staged = store.stage(name, lock=lock)
        (staged.prefix / "content").write_text(text)
        store.complete(staged, record(name, staged.number))
        store.flip(name, staged.number, lock=lock)
    return staged.number


@pytest.fixture
def store(tmp_path) -> EnvironmentStore:
    return EnvironmentStore(tmp_path / "envs")


@pytest.fixture
def lock(store):
    with lock_environment(store.envs_dir, "a", wait_s=5) as held:
        yield held


def test_a_build_becomes_visible_only_by_the_flip(store, lock):
    staged = store.stage("a", lock=lock)
    assert staged.stable_path == store.envs_dir / "a"
    assert not staged.stable_path.exists()
    (staged.prefix / "content").write_text("one")
    with pytest.raises(PreventedError, match="not complete"):
        store.flip("a", 1, lock=lock)
    store.complete(staged, record("a", 1))
    store.flip("a", 1, lock=lock)
    assert str(staged.stable_path.readlink()) == ".generations/a-1"
    assert (staged.stable_path / "content").read_text() == "one"
    (found,) = store.list()
    assert found.live is not None
    assert (found.name, found.live.generation.number, found.fault) == ("a", 1, "")


def test_rollback_goes_back_and_forth(store):
    for text in ("one", "two", "three"):
        build(store, "a", text)
    with lock_environment(store.envs_dir, "a", wait_s=5) as lock:
        assert store.rollback("a", lock=lock).generation.number == 2
        assert (store.path("a") / "content").read_text() == "two"
        assert store.rollback("a", lock=lock).generation.number == 1
        with pytest.raises(NotFineError, match="no generation older"):
            store.rollback("a", lock=lock)
        assert store.rollback("a", 3, lock=lock).generation.number == 3
        with pytest.raises(UsageError, match="there are: 1, 2, 3"):
            store.rollback("a", 9, lock=lock)
    assert build(store, "a", "four") == 4


def test_names_that_share_a_beginning_do_not_mix(store):
    build(store, "a", "a")
    build(store, "a-1", "b")
    build(store, "a-1", "c")
    assert {e.name: len(e.generations) for e in store.list()} == {"a": 1, "a-1": 2}
    with lock_environment(store.envs_dir, "a", wait_s=5) as lock:
        assert store.remove("a", lock=lock) == (1,)
    assert (store.path("a-1") / "content").read_text() == "c"


def test_old_generations_are_collected_but_not_the_live_one(store):
    for text in "12345":
        build(store, "a", text)
    with lock_environment(store.envs_dir, "a", wait_s=5) as lock:
        store.rollback("a", 1, lock=lock)
        assert store.collect("a", keep=3, lock=lock).removed == (2, 3)
        assert (store.path("a") / "content").read_text() == "1"
        assert store.collect("a", keep=0, lock=lock).removed == (4, 5)
    assert (store.path("a") / "content").read_text() == "1"


def test_a_generation_in_use_is_kept_and_the_environment_not_removed(store):
    build(store, "a", "one")
    old = store.path("a").resolve()
    child = subprocess.Popen(["sleep", "60"], cwd=store.path("a"))
    build(store, "a", "two")
    try:
        with lock_environment(store.envs_dir, "a", wait_s=5) as lock:
            collected = store.collect("a", keep=1, lock=lock)
            assert collected.removed == ()
            assert [o.pid for o in collected.kept_in_use] == [child.pid]
            with pytest.raises(NotFineError, match=f"process {child.pid} .sleep. works in it"):
                store.remove("a", lock=lock)
            assert old.is_dir()
            assert store.remove("a", lock=lock, force=True) == (1, 2)
    finally:
        child.kill()
        child.wait()
    assert store.list() == ()
    assert list((store.envs_dir / ".generations").iterdir()) == []


def test_an_activated_shell_counts_as_a_user(store):
    build(store, "a", "one")
    child = subprocess.Popen(
        ["sleep", "60"], env={**os.environ, "CONDA_PREFIX": str(store.path("a"))}
    )
    try:
        deadline = time.monotonic() + 10
        while not (found := store.occupancy("a").occupants) and time.monotonic() < deadline:
            time.sleep(0.01)
        assert [(o.pid, o.how) for o in found] == [(child.pid, "has it activated")]
    finally:
        child.kill()
        child.wait()


@pytest.mark.parametrize("kind", ["conda", "venv", "directory", "file", "link", "dangling"])
def test_hostile_row_23_what_is_not_ours_is_never_touched(store, tmp_path, kind):
    store.envs_dir.mkdir()
    path, elsewhere = store.envs_dir / "a", tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "precious").write_text("x")
    if kind in {"conda", "venv", "directory"}:
        path.mkdir()
        (path / "precious").write_text("x")
        if kind == "conda":
            (path / "conda-meta").mkdir()
        if kind == "venv":
            (path / "pyvenv.cfg").touch()
    elif kind == "file":
        path.write_text("x")
    else:
        path.symlink_to(elsewhere if kind == "link" else tmp_path / "nowhere")
    before = sorted(os.walk(tmp_path / "envs")), sorted(os.walk(elsewhere))
    with lock_environment(store.envs_dir, "a", wait_s=5) as lock:
        for act in (
            lambda: store.stage("a", lock=lock),
            lambda: store.remove("a", lock=lock, force=True),
            lambda: store.flip("a", 1, lock=lock),
        ):
            with pytest.raises(UsageError, match="was not made by envbench"):
                act()
    (store.envs_dir / ".envbench-locks" / "a.lock").unlink()
    (store.envs_dir / ".envbench-locks").rmdir()
    assert (sorted(os.walk(tmp_path / "envs")), sorted(os.walk(elsewhere))) == before


def test_hostile_row_23_foreign_directories_among_the_generations_stay(store, lock):
    generations = store.envs_dir / ".generations"
    generations.mkdir(mode=0o755)
    (generations / "a-4").mkdir()
    (generations / "a-4" / "precious").write_text("x")
    outside = store.envs_dir / "outside"
    outside.mkdir()
    (outside / "precious").write_text("x")
    (outside / GENERATION_FILE).write_text("{}")
    (generations / "a-3").symlink_to(outside)
    left: list[Path] = []
    assert store.sweep("a", lock=lock, on_left=left.append) == ()
    assert left == [generations / "a-4"]
    (generations / "a-5").symlink_to("nowhere")
    (generations / "a-6").touch()
    assert store.stage("a", lock=lock).number == 7
    assert (outside / "precious").read_text() == "x"


def test_hostile_row_23_a_link_that_poses_as_a_generation_leads_nowhere(store):
    build(store, "a", "one")
    build(store, "a", "two")
    outside = store.envs_dir / "outside"
    outside.mkdir()
    (outside / "precious").write_text("x")
    mark = (store.path("a") / GENERATION_FILE).read_text()
    (outside / GENERATION_FILE).write_text(mark.replace('"number":2', '"number":3'))
    (store.envs_dir / ".generations" / "a-3").symlink_to(outside)
    assert read_generation(outside).number == 3
    assert [each.generation.number for each in store.find("a").generations] == [1, 2]
    with lock_environment(store.envs_dir, "a", wait_s=5) as lock:
        with pytest.raises(UsageError):
            store.rollback("a", 3, lock=lock)
        store.sweep("a", lock=lock)
        store.collect("a", keep=1, lock=lock)
        store.remove("a", lock=lock, force=True)
    assert (outside / "precious").read_text() == "x"
    assert (outside / GENERATION_FILE).exists()


def test_hostile_row_23_removal_never_follows_links(store, tmp_path):
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "file").write_text("x")
    with lock_environment(store.envs_dir, "a", wait_s=5) as lock:
        staged = store.stage("a", lock=lock)
        (staged.prefix / "inside").symlink_to(precious)
        (staged.prefix / "file").symlink_to(precious / "file")
        os.link(precious / "file", staged.prefix / "hard")
        (staged.prefix / "locked").mkdir()
        (staged.prefix / "locked" / "x").touch()
        (staged.prefix / "locked").chmod(0o500)
        store.abandon(staged, lock=lock)
    assert not staged.prefix.exists()
    assert (precious / "file").read_text() == "x"


def test_hostile_row_23_a_record_that_lies_about_itself_is_not_complete(store, lock):
    staged = store.stage("a", lock=lock)
    with pytest.raises(PreventedError, match="belongs to another"):
        store.complete(staged, record("b", 1))
    (staged.prefix / GENERATION_FILE).write_text('{"schema": "envbench.generation/1"}')
    assert read_generation(staged.prefix) is None
    with pytest.raises(PreventedError, match="not complete"):
        store.flip("a", 1, lock=lock)


def test_hostile_row_23_a_damaged_environment_says_what_is_wrong(store):
    build(store, "a", "one")
    (store.path("a") / GENERATION_FILE).write_text("{")
    (found,) = store.list()
    assert found.live is None
    assert "generation 1, which is missing or incomplete" in found.fault


def test_the_lock_must_be_the_right_one(store, lock):
    with pytest.raises(ValueError, match="not that of 'b'"):
        store.stage("b", lock=lock)


def test_a_complete_generation_that_cannot_go_live_is_abandoned(store, lock):
    staged = store.stage("a", lock=lock)
    store.complete(staged, record("a", 1))
    store.abandon(staged, lock=lock)
    assert not staged.prefix.exists()
    second = store.stage("a", lock=lock)
    store.complete(second, record("a", second.number))
    store.flip("a", second.number, lock=lock)
    store.abandon(second, lock=lock)
    assert second.prefix.is_dir()


def test_what_died_before_its_switch_takes_nobodys_place(store):
    """Between complete and flip: nobody ever used it, so nobody may be led back to it."""
    build(store, "a", "one")
    build(store, "a", "two")
    with lock_environment(store.envs_dir, "a", wait_s=5) as lock:
        staged = store.stage("a", lock=lock)
        store.complete(staged, record("a", staged.number))
    found = store.find("a")
    assert [each.generation.number for each in found.generations] == [1, 2]
    assert build(store, "a", "three") == staged.number
    assert (staged.prefix / "content").read_text() == "three"
    with lock_environment(store.envs_dir, "a", wait_s=5) as lock:
        assert store.collect("a", keep=2, lock=lock).removed == (1,)
        assert store.rollback("a", lock=lock).generation.number == 2
        assert (store.path("a") / "content").read_text() == "two"


def test_what_died_right_after_its_switch_is_one_to_go_back_to(store):
    build(store, "a", "one")
    (store.path("a") / STAGED_FILE).write_text("{}")
    assert store.find("a").live.generation.number == 1
    build(store, "a", "two")
    with lock_environment(store.envs_dir, "a", wait_s=5) as lock:
        store.sweep("a", lock=lock)
        assert store.rollback("a", lock=lock).generation.number == 1


@pytest.mark.parametrize("kind", ["link", "writable by all", "somebody else's"])
def test_hostile_row_24_an_untrustworthy_directory_of_generations_is_refused(
    store, lock, tmp_path, kind
):
    generations = store.envs_dir / ".generations"
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    if kind == "link":
        generations.symlink_to(elsewhere)
    else:
        generations.mkdir()
        if kind == "writable by all":
            generations.chmod(0o777)
        elif os.geteuid() == 0:
            os.chown(generations, 12345, -1)
        else:
            pytest.skip("needs root to give a directory away")
    with pytest.raises(PreventedError, match="not safe to use"):
        store.stage("a", lock=lock)
    assert list(elsewhere.iterdir()) == []


def test_litter_that_will_not_go_is_no_reason_not_to_build(store, lock, tmp_path):
    if os.geteuid() != 0:
        pytest.skip("needs root to mount")
    litter = store.stage("a", lock=lock)
    (tmp_path / "outer").mkdir()
    (tmp_path / "outer" / "precious").touch()
    inner = litter.prefix / "inner"
    inner.mkdir()
    mount = ["mount", "--bind", tmp_path / "outer", inner]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("cannot mount here")
    try:
        assert store.stage("a", lock=lock).number == 2
    finally:
        (left,) = (store.envs_dir / ".generations").glob("*/inner")
        subprocess.run(["umount", left], check=True)
    assert (tmp_path / "outer" / "precious").exists()
    store.stage("a", lock=lock)
    assert list((store.envs_dir / ".generations").glob("*/inner")) == []


def test_names_that_nobody_could_have_given_are_not_listed(store, lock):
    build_in = store.stage("a", lock=lock)
    (build_in.prefix.parent / "x\x1b[2J-1").mkdir()
    (store.envs_dir / "y\x1b[2J").symlink_to(".generations/y\x1b[2J-1")
    assert store.list() == ()


WORKER = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from envbench.envs.generations import EnvironmentStore
from envbench.envs.lock import lock_environment
from envbench.model.generation import Generation

store = EnvironmentStore(Path(sys.argv[1]))
print("up", flush=True)
while True:
    with lock_environment(store.envs_dir, "a", wait_s=30) as lock:
        staged = store.stage("a", lock=lock)
        for index in range(30):
            folder = staged.prefix / f"d{index % 5}"
            folder.mkdir(exist_ok=True)
            (folder / f"f{index}").write_text(str(staged.number))
        store.complete(staged, Generation(environment="a", number=staged.number, created="",
                                          created_by="", reason=""))
        store.flip("a", staged.number, lock=lock)
        store.collect("a", keep=2, lock=lock)
"""


def check_live(store: EnvironmentStore) -> int:
    """The live environment is whole: complete, with every file of its own number."""
    found = store.find("a")
    assert found is not None
    assert found.live is not None, found.fault
    number = found.live.generation.number
    files = [p for p in store.path("a").glob("d*/f*") if p.read_text() == str(number)]
    assert len(files) == 30
    for each in found.generations:
        assert len(list(each.prefix.glob("d*/f*"))) == 30
    return number


@pytest.mark.parametrize(
    ("seed", "rounds"), [(1, 25), pytest.param(2, 300, marks=pytest.mark.torture)]
)
def test_killed_at_random_points_the_live_environment_is_always_whole(store, seed, rounds):
    chance = random.Random(seed)
    root = str(Path(__file__).resolve().parents[2])
    numbers = []
    for _ in range(rounds):
        child = subprocess.Popen(
            [sys.executable, "-c", WORKER, str(store.envs_dir), root], stdout=subprocess.PIPE
        )
        assert child.stdout is not None
        assert child.stdout.readline() == b"up\n"
        deadline = time.monotonic() + 60
        while not store.path("a").exists() and time.monotonic() < deadline:
            time.sleep(0.002)
        time.sleep(chance.random() * 0.06)
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
        child.stdout.close()
        numbers.append(check_live(store))
    assert numbers == sorted(numbers)
    assert numbers[-1] > numbers[0]
    # The next build sweeps all litter.
    build(store, "a", "x")
    with lock_environment(store.envs_dir, "a", wait_s=5) as lock:
        store.collect("a", keep=1, lock=lock)
    assert [p.name for p in (store.envs_dir / ".generations").iterdir()] == [
        store.path("a").readlink().name
    ]
    assert not (store.path("a") / STAGED_FILE).exists()


REMOVER = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from envbench.envs.generations import EnvironmentStore
from envbench.envs.lock import lock_environment

store = EnvironmentStore(Path(sys.argv[1]))
with lock_environment(store.envs_dir, "a", wait_s=30) as lock:
    print("up", flush=True)
    store.remove("a", lock=lock, force=True)
"""


def test_a_removal_that_was_killed_can_be_repeated(store):
    chance = random.Random(3)
    root = str(Path(__file__).resolve().parents[2])
    for _ in range(8):
        for text in ("one", "two"):
            number = build(store, "a", text)
            live = store.path("a").resolve()
            for index in range(400):
                (live / f"f{index}").touch()
        child = subprocess.Popen(
            [sys.executable, "-c", REMOVER, str(store.envs_dir), root], stdout=subprocess.PIPE
        )
        assert child.stdout is not None
        assert child.stdout.readline() == b"up\n"
        time.sleep(chance.random() * 0.03)
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
        child.stdout.close()
        found = store.find("a")
        if found is not None and found.live is not None:
            assert found.live.generation.number == number
            assert len(list(store.path("a").glob("f*"))) == 400
        with lock_environment(store.envs_dir, "a", wait_s=5) as lock:
            if found is not None:
                store.remove("a", lock=lock, force=True)
            store.sweep("a", lock=lock)
        assert store.list() == ()
        assert list((store.envs_dir / ".generations").iterdir()) == []


def test_listing_while_builds_go_on_never_sees_a_broken_environment(store):
    build(store, "a", "one")
    root = str(Path(__file__).resolve().parents[2])
    child = subprocess.Popen(
        [sys.executable, "-c", WORKER, str(store.envs_dir), root], stdout=subprocess.PIPE
    )
    try:
        assert child.stdout is not None
        assert child.stdout.readline() == b"up\n"
        seen = set()
        deadline = time.monotonic() + 30
        while len(seen) < 8 and time.monotonic() < deadline:
            (found,) = store.list()
            assert found.live is not None, found.fault
            seen.add(found.live.generation.number)
        assert len(seen) >= 8
    finally:
        child.kill()
        child.wait()
        assert child.stdout is not None
        child.stdout.close()
