"""A child that solves with the bare library: JSON lines in, JSON lines out, no code of envbench.

First line: `{"sources": [[name, [url, ...]], ...], "virtual": [[name, version, build], ...],
"priority": "strict", "platform": "linux-64"}`, repeated whenever another world is asked for. Every
other line: `{"specs": [...]}`, answered by `{"picks": [[name, version, build, channel], ...],
"text": "", "seconds": 0.1}`. The interpreter may crash at exit after native calls, so it leaves
with `os._exit`.
"""

import asyncio
import json
import os
import sys
import time
from pathlib import Path

from rattler import (
    BuildString,
    Channel,
    ChannelPriority,
    Gateway,
    GenericVirtualPackage,
    MatchSpec,
    MultiSource,
    PackageName,
    Version,
    solve,
)
from rattler.exceptions import SolverError

_PRIORITIES = {
    "strict": ChannelPriority.Strict,
    "flexible": ChannelPriority.Flexible,
    "disabled": ChannelPriority.Disabled,
}


async def _answer(gateway: Gateway, world: dict, specs: list[str]) -> dict:
    began = time.perf_counter()
    try:
        found = await solve(
            [MultiSource(name, [Channel(url) for url in urls]) for name, urls in world["sources"]],
            [MatchSpec(text) for text in specs],
            gateway=gateway,
            platforms=[world["platform"], "noarch"],
            virtual_packages=[
                GenericVirtualPackage(PackageName(name), Version(version), BuildString(build))
                for name, version, build in world["virtual"]
            ],
            channel_priority=_PRIORITIES[world["priority"]],
            channel_relations="disabled",
        )
    except SolverError as error:
        return {"picks": None, "text": str(error)[:20_000], "seconds": time.perf_counter() - began}
    picks = sorted(
        [
            r.name.normalized,
            str(r.version),
            str(r.build),
            (r.channel or "").rstrip("/").rsplit("/")[-1],
        ]
        for r in found
    )
    return {"picks": picks, "text": "", "seconds": time.perf_counter() - began}


def main() -> None:
    gateway = Gateway(cache_dir=Path(sys.argv[1]))
    loop = asyncio.new_event_loop()
    world: dict = {}
    for line in sys.stdin:
        asked = json.loads(line)
        if "sources" in asked:
            world = asked
            continue
        answer = loop.run_until_complete(_answer(gateway, world, asked["specs"]))
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
