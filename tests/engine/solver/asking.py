"""Channels of metadata only, requests, and the bare library to compare with."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from envbench.model.channel import ChannelGroup, ChannelPriority
from envbench.model.host import HostProfile
from envbench.model.plan import RequestedSpec, SolveRequest

STRICT = ChannelPriority.STRICT
HOST = HostProfile(
    platform="linux-64", linux="5.15.0", glibc="2.31", cuda="12.4", archspec="x86_64_v3"
)
ARTICLE = (
    "python=3.9",
    "pip",
    "jupyterlab",
    "numpy=1.23.*",
    "pandas",
    "matplotlib",
    "scikit-learn",
    "pytorch::pytorch=1.13.1",
    "pytorch::torchvision=0.14.1",
)

Packages = Sequence[tuple]
"""(name, version, depends...) or (name, version, depends, further fields)."""


def write_channel(directory: Path, packages: Packages, **info: object) -> str:
    """Write an index without archives; returns its address."""
    records: dict[str, dict] = {}
    for name, version, *rest in packages:
        depends, fields = rest[0] if rest else (), rest[1] if len(rest) > 1 else {}
        record = {
            "name": name,
            "version": version,
            "build": "0",
            "build_number": 0,
            "depends": list(depends),
            "subdir": "noarch",
            "noarch": "generic",
            "sha256": "0" * 64,
            "size": 1000,
            **fields,
        }
        records[f"{record['name']}-{record['version']}-{record['build']}.conda"] = record
    for subdir in ("linux-64", "noarch"):
        (directory / subdir).mkdir(parents=True, exist_ok=True)
        document = {
            "info": {"subdir": subdir, **info},
            "packages": {},
            "packages.conda": records if subdir == "noarch" else {},
            "repodata_version": 1,
        }
        (directory / subdir / "repodata.json").write_text(json.dumps(document))
    return f"file://{directory}"


def make_request(
    specs: Sequence[str], channels: dict[str, str | Sequence[str]], **fields: object
) -> SolveRequest:
    """A request whose first spec stands in line 10."""
    groups = tuple(
        ChannelGroup(name, (urls,) if isinstance(urls, str) else tuple(urls))
        for name, urls in channels.items()
    )
    fields = {"host": HOST, "timeout_s": 60.0} | fields
    numbered = tuple(RequestedSpec(text, line) for line, text in enumerate(specs, start=10))
    return SolveRequest(specs=numbered, channels=groups, **fields)


def solve_bare(request: SolveRequest, cache: Path) -> list[str]:
    """What the bare library makes of the same inputs, in a child that ends with os._exit."""
    sources = [[group.name, list(group.urls)] for group in request.channels]
    virtual = [list(package) for package in request.host.virtual_packages()]
    given = [sources, [s.text for s in request.specs], virtual, request.channel_priority.value]
    child = subprocess.run(
        [sys.executable, "-c", _BARE, json.dumps(given), str(cache)],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return json.loads(child.stdout.splitlines()[-1])


_BARE = """
import asyncio, json, os, sys, time
from pathlib import Path
import rattler
from rattler import *
sources, specs, virtual, priority = json.loads(sys.argv[1])
async def main():
    gateway = Gateway(cache_dir=Path(sys.argv[2]))
    for attempt in range(int(os.environ.get("ATTEMPTS", "1"))):
        began = time.perf_counter()
        found = await rattler.solve(
            [MultiSource(name, [Channel(url) for url in urls]) for name, urls in sources],
            [MatchSpec(text) for text in specs], gateway=gateway, platforms=["linux-64", "noarch"],
            virtual_packages=[GenericVirtualPackage(PackageName(n), Version(v), BuildString(b))
                              for n, v, b in virtual],
            channel_priority=ChannelPriority[priority.title()] if hasattr(ChannelPriority, "__getitem__")
            else getattr(ChannelPriority, priority.title()),
            channel_relations="disabled")
        print("seconds", time.perf_counter() - began)
    print(json.dumps(sorted(record.url for record in found)))
asyncio.run(main())
sys.stdout.flush()
os._exit(0)
"""


def wait_until(condition: Callable[[], object], *, limit_s: float = 20.0) -> bool:
    """Wait for a condition; False when it does not come true in time."""
    deadline = time.monotonic() + limit_s
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.01)
    return False
