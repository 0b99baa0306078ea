"""What is unpacked of packs stays for as long as it is needed, and no longer."""

import subprocess
import sys
from pathlib import Path

import pytest

from envbench.envs.lock import lock_environment
from envbench.model.errors import NotFineError
from envbench.workbench.packs.making import PackOrder, submit_pack
from envbench.workbench.packs.opened import is_pack, open_pack, sweep_packs
from tests.workbench.conftest import LIMIT_S, Box


@pytest.fixture
def pack(box: Box) -> Path:
    box.build(box.write_spec("app=2"))
    submitted = submit_pack(PackOrder(subject="env"), box.settings)
    assert submitted.job.wait(LIMIT_S) is not None
    return submitted.output


def kept(box: Box) -> list[str]:
    folder = box.settings.paths.cache_dir / "packs"
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


def test_opened_packs_are_removed_by_whoever_is_last(box: Box, pack: Path):
    told: list[tuple[int, int]] = []
    opened = open_pack(pack, box.settings, lambda done, total: told.append((done, total)))
    assert told[-1][0] == told[-1][1] == sum(f.size_bytes for f in opened.manifest.files)
    assert sorted(place.name for place in opened.places.values()) == [
        "app-2.0-0.conda", "zlib-1.3-0.conda",
    ]  # fmt: skip
    assert all(place.is_file() for place in opened.places.values())
    assert sweep_packs(box.settings) == 0
    opened.close()
    opened.close()
    assert kept(box) == []

    # A job that waits for its environment needs it still; one that has ended does not.
    opened = open_pack(pack, box.settings)
    with lock_environment(box.settings.paths.envs_dir, "other", wait_s=5):
        job = box.submit(box.write_spec("app=2", name="other"))
        opened.hand_over(job)
        opened.close()
        assert sweep_packs(box.settings) == 0
        assert len(kept(box)) == 2
    assert job.wait(LIMIT_S) is not None
    assert sweep_packs(box.settings) == 1
    assert kept(box) == []


def test_what_a_process_leaves_that_dies_is_swept(box: Box, pack: Path):
    code = (
        "import os, sys; from pathlib import Path\n"
        "from envbench.settings.load import load_settings\n"
        "from envbench.workbench.packs.opened import open_pack\n"
        "open_pack(Path(sys.argv[1]), load_settings()); os._exit(9)\n"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", code, str(pack)], cwd=root, check=False)
    assert done.returncode == 9
    assert len(kept(box)) == 2
    # Opening another one sweeps, and one that is refused leaves nothing of its own.
    bad = box.root / "bad.tar"
    bad.write_bytes(pack.read_bytes()[:-20000])
    with pytest.raises(NotFineError):
        open_pack(bad, box.settings)
    assert kept(box) == []


def test_folders_of_packs_are_used_where_they_lie(box: Box, pack: Path):
    subprocess.run(["tar", "-xf", str(pack)], cwd=box.root, check=True)
    folder = box.root / "env-linux-64"
    for path in (folder, folder / "envbench-pack.json", pack):
        assert is_pack(path)
    for path in (box.root, folder / "explicit.txt", box.root / "env.yml"):
        assert not is_pack(path)
    for path in (folder, folder / "envbench-pack.json"):
        opened = open_pack(path, box.settings)
        opened.close()
        assert opened.folder == folder
        assert all(place.is_relative_to(folder) for place in opened.places.values())
    assert kept(box) == []
