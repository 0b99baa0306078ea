"""Reads files with conda's own code, in a process of its own; tasks and answers are JSON.

No package index has conda in a current version; conda-lock brings one along (24.7), which lacks
the bar that shows progress. What would be fetched or matched is told, and nothing is done.
"""

import json
import sys
import types
from collections.abc import Iterable
from typing import Any

sys.modules["tqdm"] = types.ModuleType("tqdm")
sys.modules["tqdm"].tqdm = object  # type: ignore[attr-defined]

import conda_lock._vendor.conda.misc as misc  # noqa: E402
from conda_lock._vendor.conda.base.context import reset_context  # noqa: E402
from conda_lock._vendor.conda.cli.common import specs_from_url  # noqa: E402
from conda_lock._vendor.conda.env.env import from_file  # noqa: E402
from conda_lock._vendor.conda.exceptions import CondaError  # noqa: E402
from conda_lock._vendor.conda.models.match_spec import MatchSpec  # noqa: E402


class StopError(Exception):
    """Ends an installation where it would begin to fetch."""


class Fetch:
    def __init__(self, specs: Iterable[Any]) -> None:
        self.specs = list(specs)

    def execute(self) -> None:
        raise StopError([{"url": spec.get("url"), "md5": spec.get("md5")} for spec in self.specs])


def read_explicit(path: str) -> object:
    """List what would be fetched."""
    try:
        misc.explicit(specs_from_url(path), "/nowhere")
    except StopError as reached:
        return reached.args[0]
    except CondaError as fault:
        return str(fault)
    return None


def read_environment(path: str, records: list[dict[str, Any]]) -> object:
    """Tell what the file says, and which of some records each of its packages may be."""
    found = from_file(path)
    specs = [MatchSpec(text) for text in found.dependencies["conda"]]
    return {
        "name": found.name,
        "channels": list(found.channels),
        "conda": {
            spec.name: [index for index, record in enumerate(records) if spec.match(record)]
            for spec in specs
        },
        "pip": list(found.dependencies.get("pip", ())),
        "variables": found.variables,
    }


def answer(task: dict[str, Any]) -> object:
    path = task["path"]
    return (
        read_explicit(path)
        if path.endswith(".txt")
        else read_environment(path, task.get("records", []))
    )


if __name__ == "__main__":
    reset_context(())
    misc.ProgressiveFetchExtract = Fetch
    print(json.dumps([answer(task) for task in json.load(sys.stdin)]))
