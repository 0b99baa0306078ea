"""The pip section for real: uv, wheels of our own, a prefix with conda-owned distributions."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest
from packaging.pylock import Pylock

from envbench.engine.pip_section import install_pip_section
from envbench.engine.pip_section.errors import (
    PipGuardError,
    PipHashError,
    PipNoSolutionError,
    PipNotFoundError,
    PipOfflineError,
    PipRunsCodeError,
)
from envbench.engine.pip_section.records import find_broken_distributions
from envbench.formats.pylock_part import read_pylock
from envbench.model.build import PipSettings
from envbench.model.errors import CancelledWorkError

OWNED = {"numpy": "1.26.4"}


def site_packages(prefix: Path) -> Path:
    return next(prefix.glob("lib/python3*/site-packages"))


def test_an_empty_section_does_nothing(bench):
    result = install_pip_section(bench.request(bench.task(), bench.directory / "nowhere"))
    assert result.packages == ()
    assert not (bench.directory / "work").exists()


def test_packages_are_installed_beside_conda_and_scripts_name_the_stable_path(bench):
    bench.wheel(
        "app", "1.0", requires=["numpy>=1.20", "lib"], script="app=app:main",
        files={"app/__init__.py": "def main():\n    print('app runs')\n"},
    )  # fmt: skip
    bench.wheel("lib", "0.5")
    prefix = bench.prefix(owned=OWNED)
    said: list[str] = []

    result = install_pip_section(bench.request(bench.task("app", owned=OWNED), prefix), said.append)

    assert [(p.name, p.version, p.installer) for p in result.packages] == [
        ("app", "1.0", "uv"),
        ("lib", "0.5", "uv"),
    ]
    assert all(p.sha256 and p.url and p.url.startswith("file://") for p in result.packages)
    assert any("app==1.0" in line for line in said)
    first, _, _ = (prefix / "bin" / "app").read_text().partition("\n")
    assert first == f"#!{bench.directory / 'env'}/bin/python"
    assert find_broken_distributions(prefix, OWNED) == ()
    (bench.directory / "env").symlink_to(prefix)
    run = subprocess.run([bench.directory / "env/bin/app"], capture_output=True, text=True)
    assert run.stdout == "app runs\n"
    assert any("not portable" in warning for warning in result.warnings)
    assert not list((bench.directory / "work").iterdir())


def test_the_lock_holds_nothing_of_conda_and_is_a_valid_pylock(bench):
    import tomllib

    bench.wheel("app", "1.0", requires=["numpy"])
    bench.wheel("numpy", "1.26.4")
    prefix = bench.prefix(owned=OWNED)
    result = install_pip_section(bench.request(bench.task("app", "numpy", owned=OWNED), prefix))
    Pylock.from_dict(tomllib.loads(result.pylock_text))
    assert [package.name for package in read_pylock(result.pylock_text)] == ["app"]


def test_what_conda_owns_need_not_be_on_any_index(bench):
    bench.wheel("app", "1.0", requires=["condaonly>=2"])
    owned = {"condaonly": "2.13.0+cpu"}
    prefix = bench.prefix(owned=owned)
    result = install_pip_section(bench.request(bench.task("app", owned=owned), prefix))
    assert [package.name for package in result.packages] == ["app"]


def test_an_older_version_that_fits_condas_is_chosen(bench):
    bench.wheel("picky", "2.0", requires=["numpy>=2"])
    bench.wheel("picky", "1.0", requires=["numpy<2"])
    bench.wheel("numpy", "2.4.6")
    prefix = bench.prefix(owned=OWNED)
    result = install_pip_section(bench.request(bench.task("picky", owned=OWNED), prefix))
    assert [(p.name, p.version) for p in result.packages] == [("picky", "1.0")]


@pytest.mark.parametrize("numpy_on_index", [True, False])
def test_a_conflict_names_condas_pin_and_the_line(bench, tree, numpy_on_index):
    bench.wheel("needs2", "1.0", requires=["numpy>=2"])
    bench.wheel("innocent", "1.0")
    if numpy_on_index:
        bench.wheel("numpy", "2.4.6")
    owned = {**OWNED, "six": "1.16.0"}
    prefix = bench.prefix(owned=owned)
    before = tree(prefix)
    task = bench.task("innocent", "needs2", owned=owned)
    with pytest.raises(PipNoSolutionError) as caught:
        install_pip_section(bench.request(task, prefix))
    assert "numpy 1.26.4" in caught.value.what
    assert "six" not in caught.value.what
    assert caught.value.where == "environment.yml:11"
    assert "needs2 (environment.yml:11)" in caught.value.why
    assert "innocent" not in caught.value.why
    assert caught.value.exit_code == 1
    assert tree(prefix) == before


def test_items_that_exclude_each_other_are_both_named(bench):
    bench.wheel("one", "1.0", requires=["lib<1"])
    bench.wheel("two", "1.0", requires=["lib>=1"])
    bench.wheel("lib", "0.5")
    bench.wheel("lib", "1.5")
    task = bench.task("one", "lib", "two")
    with pytest.raises(PipNoSolutionError) as caught:
        install_pip_section(bench.request(task, bench.prefix()))
    assert "exclude each other" in caught.value.what
    assert "one (environment.yml:10), two (environment.yml:12)" in caught.value.why


def test_an_item_that_excludes_condas_version_is_refused_at_once(bench):
    with pytest.raises(PipNoSolutionError) as caught:
        install_pip_section(
            bench.request(bench.task("numpy==2.4.6", owned=OWNED), bench.directory / "nowhere")
        )
    assert caught.value.where == "environment.yml:10"
    assert "numpy 1.26.4" in caught.value.what


def test_a_name_that_no_index_has_names_its_line(bench):
    bench.wheel("lib", "1.0")
    with pytest.raises(PipNotFoundError) as caught:
        install_pip_section(bench.request(bench.task("lib", "nothere"), bench.prefix()))
    assert "nothere" in caught.value.what
    assert caught.value.where == "environment.yml:11"


def test_a_missing_dependency_is_traced_to_the_line_that_pulls_it(bench):
    bench.wheel("lib", "1.0")
    bench.wheel("app", "1.0", requires=["nothere"])
    with pytest.raises(PipNotFoundError) as caught:
        install_pip_section(bench.request(bench.task("lib", "app"), bench.prefix()))
    assert "nothere" in caught.value.what
    assert caught.value.where == "environment.yml:11"


def test_offline_without_a_cache_says_so(bench):
    settings = PipSettings(index_url="http://127.0.0.1:9/simple", offline=True)
    with pytest.raises(PipOfflineError) as caught:
        install_pip_section(bench.request(bench.task("lib", settings=settings), bench.prefix()))
    assert caught.value.exit_code == 3


def make_source(bench, marker: Path) -> None:
    import io
    import tarfile

    setup = (
        f"open({str(marker)!r}, 'w').write('ran')\n"
        "from setuptools import setup\nsetup(name='evil', version='1.0')\n"
    )
    with tarfile.open(bench.wheels / "evil-1.0.tar.gz", "w:gz") as archive:
        for name, text in {
            "setup.py": setup,
            "PKG-INFO": "Metadata-Version: 2.1\nName: evil\nVersion: 1.0\n",
        }.items():
            member = tarfile.TarInfo(f"evil-1.0/{name}")
            member.size = len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))


def test_hostile_row_17_a_source_distribution_is_not_built(bench):
    marker = bench.directory / "RAN"
    make_source(bench, marker)
    with pytest.raises(PipRunsCodeError) as caught:
        install_pip_section(bench.request(bench.task("evil"), bench.prefix()))
    assert "would run code of evil" in caught.value.what
    assert caught.value.where == "environment.yml:10"
    assert not marker.exists()


def test_hostile_row_17_neither_is_one_given_by_address(bench):
    marker = bench.directory / "RAN"
    make_source(bench, marker)
    item = f"evil @ file://{bench.wheels}/evil-1.0.tar.gz"
    with pytest.raises(PipRunsCodeError) as caught:
        install_pip_section(bench.request(bench.task(item), bench.prefix()))
    assert "evil" in caught.value.what
    assert not marker.exists()


def test_with_consent_it_is_built_and_named(bench):
    source = bench.directory / "built"
    source.mkdir()
    (source / "pyproject.toml").write_text(
        "[build-system]\nrequires = []\nbuild-backend = 'backend'\nbackend-path = ['.']\n"
    )
    wheel = bench.wheel("built", "1.0")
    (source / "backend.py").write_text(
        "import pathlib, shutil\n"
        "def build_wheel(directory, config_settings=None, metadata_directory=None):\n"
        f"    return pathlib.Path(shutil.copy({str(wheel)!r}, directory)).name\n"
    )
    settings = PipSettings(no_index=True, only_binary=False)
    task = bench.task(f"built @ file://{source}", settings=settings)
    result = install_pip_section(bench.request(task, bench.prefix()))
    assert result.runs_code_of == ("built",)
    assert [package.name for package in result.packages] == ["built"]
    assert result.packages[0].sha256 is None
    assert any("No hash is known for built" in warning for warning in result.warnings)


def test_a_cancelled_installation_ends_uv(bench):
    bench.wheel("big", "1.0", files={f"big/m{n}.py": f"x = {n}\n" for n in range(2000)})
    asked = 0

    def should_stop() -> bool:
        nonlocal asked
        asked += 1
        return True

    with pytest.raises(CancelledWorkError):
        install_pip_section(bench.request(bench.task("big"), bench.prefix()), None, should_stop)
    assert asked
    assert not list((bench.directory / "work").iterdir())


def test_a_wrong_hash_of_the_user_stops_the_installation(bench):
    bench.wheel("lib", "0.5")
    prefix = bench.prefix()
    item = f"lib==0.5 --hash=sha256:{0:064d}"
    with pytest.raises(PipHashError) as caught:
        install_pip_section(bench.request(bench.task(item), prefix))
    assert caught.value.where == "environment.yml:10"
    assert not (site_packages(prefix) / "lib").exists()


def test_a_right_hash_beside_items_without_one(bench):
    digest = hashlib.sha256(bench.wheel("lib", "0.5").read_bytes()).hexdigest()
    bench.wheel("other", "1.0", requires=["lib"])
    items = (f"lib==0.5 --hash=sha256:{digest}", "other")
    result = install_pip_section(bench.request(bench.task(*items), bench.prefix()))
    assert {package.name: package.sha256 for package in result.packages}["lib"] == digest


def test_a_wheel_that_ships_a_file_of_conda_is_caught_afterwards(bench):
    bench.wheel("clash", "1.0", files={"numpy/version.py": "evil\n"})
    prefix = bench.prefix(owned=OWNED)
    owned_file = site_packages(prefix) / "numpy" / "version.py"
    expected = owned_file.read_bytes()

    def find_damage() -> tuple[str, ...]:
        return () if owned_file.read_bytes() == expected else ("numpy/version.py",)

    request = bench.request(bench.task("clash", owned=OWNED), prefix, find_damage=find_damage)
    with pytest.raises(PipGuardError) as caught:
        install_pip_section(request)
    assert "numpy/version.py" in caught.value.why


def test_a_direct_wheel_is_installed_and_locked_with_its_hash(bench):
    wheel = bench.wheel("lib", "0.5")
    result = install_pip_section(bench.request(bench.task(f"lib @ file://{wheel}"), bench.prefix()))
    (package,) = result.packages
    assert package.direct_url == f"file://{wheel}"
    assert package.sha256


def test_hostile_row_16_the_hash_of_an_address_is_enforced(bench):
    wheel = bench.wheel("lib", "0.5")
    prefix = bench.prefix()
    with pytest.raises(PipHashError) as caught:
        install_pip_section(
            bench.request(bench.task(f"lib @ file://{wheel}#sha256={'0' * 64}"), prefix)
        )
    assert caught.value.where == "environment.yml:10"
    assert not (site_packages(prefix) / "lib").exists()
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    right = bench.task(f"lib @ file://{wheel}#sha256={digest}")
    assert install_pip_section(bench.request(right, prefix)).packages[0].sha256 == digest


def test_a_local_version_survives(bench):
    bench.wheel("torch", "2.1.0+cu118")
    result = install_pip_section(bench.request(bench.task("torch==2.1.0"), bench.prefix()))
    assert [(p.name, p.version) for p in result.packages] == [("torch", "2.1.0+cu118")]
    assert read_pylock(result.pylock_text)[0].version == "2.1.0+cu118"


def test_a_marker_that_does_not_apply_installs_nothing(bench):
    bench.wheel("lib", "0.5")
    result = install_pip_section(
        bench.request(bench.task("lib; python_version < '3'"), bench.prefix())
    )
    assert result.packages == ()
    assert result.pylock_text == ""


def test_cuda_wheels_beside_condas_cuda_are_warned_of(bench):
    bench.wheel("nvidia-cublas-cu12", "12.1")
    task = bench.task("nvidia-cublas-cu12", conda_packages=("python", "cuda-cudart"))
    result = install_pip_section(bench.request(task, bench.prefix()))
    assert any("nvidia-cublas-cu12" in w and "cuda-cudart" in w for w in result.warnings)


@pytest.mark.parametrize("target", ["with space/env", "x" * 120 + "/env"])
@pytest.mark.parametrize("staged", ["with space/.generations/env-1", "plain/.generations/env-1"])
def test_scripts_work_from_odd_prefixes(bench, staged, target):
    bench.wheel(
        "app", "1.0", script="app=app:main",
        files={"app/__init__.py": "def main():\n    print('app runs')\n"},
    )  # fmt: skip
    prefix = bench.prefix(staged)
    stable = bench.directory / target
    stable.parent.mkdir(parents=True, exist_ok=True)
    install_pip_section(bench.request(bench.task("app"), prefix, target_prefix=stable))
    script = (prefix / "bin" / "app").read_bytes()
    assert str(prefix).encode() not in script
    assert find_broken_distributions(prefix, OWNED) == ()
    stable.symlink_to(prefix)
    run = subprocess.run([stable / "bin" / "app"], capture_output=True, text=True)
    assert run.stdout == "app runs\n"


def test_three_thousand_items(bench):
    for number in range(40):
        bench.wheel(f"lib{number}", "1.0")
    items = [f"lib{number % 40}>={number // 40 / 1000}" for number in range(3000)]
    result = install_pip_section(bench.request(bench.task(*items), bench.prefix()))
    assert len(result.packages) == 40


def test_configuration_of_the_user_changes_nothing(bench, monkeypatch):
    bench.wheel("lib", "0.5")
    (bench.directory / "uv.toml").write_text("this is no toml [")
    monkeypatch.setenv("UV_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("UV_CONSTRAINT", "/nonexistent")
    task = bench.task("lib", environ=dict(os.environ))
    assert install_pip_section(bench.request(task, bench.prefix())).packages


def test_the_installed_packages_import(bench):
    bench.wheel("lib", "0.5")
    prefix = bench.prefix()
    install_pip_section(bench.request(bench.task("lib"), prefix))
    code = "import lib; print(lib.__version__)"
    run = subprocess.run([prefix / "bin/python", "-c", code], capture_output=True, text=True)
    assert run.stdout == "0.5\n"
    assert sys.executable


@pytest.mark.parametrize("edited", ["a = 2\n", "a = 1\nb = 2\n"], ids=["same size", "longer"])
def test_an_edit_in_one_prefix_does_not_reach_the_next(bench, edited):
    bench.wheel("lib", "0.5", files={"lib/__init__.py": "a = 1\n"}, requires=["other"])
    bench.wheel("other", "1")
    first, second = bench.prefix("env-1"), bench.prefix("env-2")
    install_pip_section(bench.request(bench.task("lib"), first))
    # In place, as a careless editor does it: the file is a hard link into uv's cache.
    (module,) = first.glob("lib/python3*/site-packages/lib/__init__.py")
    with module.open("r+") as file:
        file.write(edited)
    said: list[str] = []
    install_pip_section(bench.request(bench.task("lib"), second), said.append)
    (fresh,) = second.glob("lib/python3*/site-packages/lib/__init__.py")
    assert fresh.read_text() == "a = 1\n"
    assert "damaged in the cache of pip packages, fetched again: lib" in said
