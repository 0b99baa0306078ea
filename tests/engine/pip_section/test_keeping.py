"""What was locked before stays where the items allow it, commits of repositories included."""

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from envbench.engine.pip_section import PipPlanRequest, plan_pip_section
from envbench.model.build import PipSettings
from envbench.model.lock import PipPackage

GIT = ("git", "-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false")
PROJECT = """\
[project]
name = "lib"
version = "{version}"
[build-system]
requires = []
build-backend = "none"
"""


def git(folder: Path, *words: str) -> str:
    done = subprocess.run([*GIT, *words], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def commit(folder: Path, version: str) -> str:
    (folder / "pyproject.toml").write_text(PROJECT.format(version=version))
    git(folder, "add", "pyproject.toml")
    git(folder, "commit", "-qm", version)
    return git(folder, "rev-parse", "HEAD")


@pytest.fixture
def plan(bench):
    def ask(*items: str, kept: tuple[PipPackage, ...] = (), update: tuple[str, ...] = ()):
        settings = PipSettings(no_index=True, find_links=(str(bench.wheels),), only_binary=False)
        task = bench.task(*items, owned={"numpy": "1.26.4"}, settings=settings)
        request = PipPlanRequest(
            task=task, python_version="3.11", platform="linux-64", kept=kept,
            update=frozenset(update),
        )  # fmt: skip
        return plan_pip_section(request)

    return ask


def versions(result) -> dict[str, str]:
    return {package.name: package.version for package in result.packages}


def test_versions_stay_where_they_can(bench, plan):
    bench.wheel("tool", "1.0", requires=["dep"])
    bench.wheel("dep", "1.0", requires=["numpy"])
    kept = plan("tool").packages
    bench.wheel("tool", "2.0", requires=["dep>=2"])
    bench.wheel("dep", "2.0", requires=["numpy"])
    again = plan("tool", kept=kept)
    assert again.packages == kept and again.freed == ()
    assert versions(plan("tool")) == {"tool": "2.0", "dep": "2.0"}
    moved = plan("tool>=2", kept=kept)
    assert versions(moved) == {"tool": "2.0", "dep": "2.0"} and moved.freed == ("dep", "tool")
    assert versions(plan("tool", kept=kept, update=("dep",))) == {"tool": "1.0", "dep": "2.0"}
    # Conda's own is no business of the lock before.
    foreign = PipPackage(name="numpy", version="1.0")
    assert versions(plan("tool", kept=(*kept, foreign))) == versions(again)


def test_a_repository_without_a_revision_means_the_locked_commit(bench, plan, tmp_path: Path):
    folder = tmp_path / "lib"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    first = commit(folder, "1.0")
    item = f"lib @ git+file://{folder}"
    kept = plan(item).packages
    assert kept[0].direct_url == f"git+file://{folder}@{first}"
    second = commit(folder, "2.0")
    assert plan(item, kept=kept).packages == kept
    for newer in (
        plan(item),
        plan(item, kept=kept, update=("lib",)),
        plan(f"{item}@main", kept=kept),
    ):
        assert newer.packages[0].direct_url == f"git+file://{folder}@{second}"
    elsewhere = replace(kept[0], direct_url=f"git+file:///other@{first}")
    assert plan(item, kept=(elsewhere,)).packages[0].version == "2.0"
