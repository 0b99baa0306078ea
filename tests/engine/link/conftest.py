"""Small real channels, and orders to fetch and link their packages."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from envbench.engine.engine_settings import EngineSettings
from envbench.engine.rattler_values import from_record_json
from envbench.model.plan import PackageRecord
from tests.channels import PLACEHOLDER, Executable, Link, index_channel, make_package, make_python
from tests.engine.link.order import Order


def read_records(channel: Path, url: str | None = None) -> list[PackageRecord]:
    """Read every record of a channel's index, python first."""
    base = url or channel.as_uri()
    records = []
    for index in sorted(channel.glob("*/repodata.json")):
        for name, fields in json.loads(index.read_bytes())["packages.conda"].items():
            place = {"url": f"{base}/{index.parent.name}/{name}", "channel": base, "fn": name}
            records.append(from_record_json({**fields, **place}, lambda given: given))
    return sorted(records, key=lambda record: (record.name != "python", record.name))


@pytest.fixture
def channel(tmp_path: Path) -> Path:
    """A channel with a hollow Python and packages of each sort."""
    folder = tmp_path / "channel"
    make_python(folder)
    make_package(
        folder,
        "tool",
        files={
            "bin/tool": Executable(f"#!{PLACEHOLDER}/bin/python\nprint('tool')\n"),
            "lib/libtool.so.1": b"\x7fELF" + b"\0" * 3000,
            "lib/libtool.so": Link("libtool.so.1"),
            "share/tool/data.txt": "data\n" * 400,
        },
        depends=["python"],
    )
    make_package(
        folder,
        "app",
        noarch="python",
        files={
            "site-packages/app/__init__.py": "def main(): print('app')\n",
            "site-packages/app/data.json": "{}",
            "python-scripts/app-script": Executable("#!/usr/bin/env python\n"),
        },
        entry_points=["app = app:main"],
        depends=["python"],
    )
    index_channel(folder)
    return folder


@pytest.fixture
def settings(tmp_path: Path) -> EngineSettings:
    return EngineSettings(
        pkgs_dir=str(tmp_path / "cache" / "pkgs"),
        repodata_dir=str(tmp_path / "cache" / "repodata"),
        max_retries=1,
        read_timeout_s=0.6,
    )


@pytest.fixture
def make_order(tmp_path: Path, settings: EngineSettings) -> Callable[..., Order]:
    def make(packages: Sequence[PackageRecord], prefix: str = "a-1", **options: object) -> Order:
        generations = tmp_path / "envs" / ".generations"
        generations.mkdir(parents=True, exist_ok=True)
        options.setdefault("settings", settings)
        return Order(
            packages=list(packages),
            prefix_path=str(generations / prefix),
            target_path=str(tmp_path / "envs" / "a"),
            **options,
        )

    return make


@pytest.fixture
def list_outside(tmp_path: Path) -> Callable[[], set[str]]:
    """Lists all files that are neither in the cache, the channel, nor the staged prefixes."""

    def listing() -> set[str]:
        inside = ("cache/", "channel/", "envs/.generations/a-")
        found = {f"{path.relative_to(tmp_path)}/" for path in tmp_path.rglob("*")}
        return {path for path in found if not path.startswith(inside)}

    return listing
