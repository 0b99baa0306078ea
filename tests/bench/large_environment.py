"""An environment as people have them: 300 conda packages and a pip part, built for real."""

import random
from pathlib import Path

from envbench.model.build import PipSettings
from envbench.model.job import JobState
from tests.channels import PLACEHOLDER, Content, index_channel, make_package
from tests.workbench.conftest import Box
from tests.workbench.wheels import make_wheel

CONDA_PACKAGES = 300
WHEELS = 15


def build_large_environment(box: Box, python_channel: Path, name: str = "large") -> Path:
    """Build it; gives its live generation."""
    channel = box.root / "three-hundred"
    names = write_packages(channel, CONDA_PACKAGES - 2)
    wheels = box.root / "wheels"
    items = write_wheels(wheels, WHEELS)
    spec = box.write_spec("python", "pip", *names, name=name, pip=items, channel=channel.as_uri())
    spec.write_text(
        spec.read_text().replace("channels:\n", f"channels:\n  - {python_channel.as_uri()}\n")
    )
    pip = PipSettings(find_links=(str(wheels),), no_index=True, offline=True)
    result, built = box.build(spec, pip)
    assert result.state is JobState.DONE, result
    assert built.pip_packages == WHEELS
    return box.path(name).resolve()


def write_packages(channel: Path, count: int) -> list[str]:
    """Write packages of the sizes that real ones have: a few large, most of them small.

    Half are pure Python; a tenth bring shared libraries of some hundred kilobytes to megabytes.
    """
    chance = random.Random(7)
    names = [f"package{number:03}" for number in range(count)]
    for number, name in enumerate(names):
        kind = ("noarch", "noarch", "compiled", "data")[number % 4]
        base = {"noarch": "site-packages", "compiled": "lib/python3.11/site-packages"}.get(
            kind, "share"
        )
        files: dict[str, Content] = {
            f"{base}/{name}/sub{index % 11}/mod{index}.py": chance.randbytes(
                int(min(300_000, chance.lognormvariate(8.3, 1.5)))
            )
            for index in range(int(min(1200, 5 + chance.lognormvariate(3.6, 1.1))))
        }
        if number % 10 == 0:
            files[f"lib/lib{name}.so.1"] = chance.randbytes(chance.randrange(200_000, 6_000_000))
        if kind == "data":
            files[f"bin/{name}"] = f"#!{PLACEHOLDER}/bin/python\nprint({name!r})\n"
        make_package(
            channel, name, f"{number % 7}.{number}.1", "h1234567_0" if kind != "noarch" else "pyhd_0",
            files=files, noarch="python" if kind == "noarch" else None,
            depends=["python >=3.8", *names[max(0, number - 3) : number]],
            timestamp_ms=1_700_000_000_000 + number,
        )  # fmt: skip
    index_channel(channel)
    return names


def write_wheels(folder: Path, count: int) -> tuple[str, ...]:
    """Write wheels with some hundred files in all."""
    chance = random.Random(8)
    items = []
    for number in range(count):
        name = f"wheel{number:02}"
        files = {
            f"{name}/part{index}.py": chance.randbytes(chance.randrange(200, 20_000)).hex()
            for index in range(chance.randrange(5, 120))
        }
        make_wheel(folder, name, f"1.{number}", files=files)
        items.append(f"{name}==1.{number}")
    return tuple(items)
