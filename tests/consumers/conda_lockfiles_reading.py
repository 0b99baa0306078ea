"""Reads a lock file with conda-lockfiles' own code, in a process of its own: `FILE PLATFORM`.

conda itself is on no package index in a current version. What its plugin takes from conda is laid
out here: the plugin's own models and its own reading run, and what would be installed is printed as
JSON instead of being fetched.
"""

import json
import sys
import types
from pathlib import Path
from typing import Any


class Record(dict[str, Any]):
    @classmethod
    def from_objects(cls, *objects: Any, **overrides: Any) -> "Record":
        merged = cls()
        for each in objects:
            merged.update(each)
        merged.update(overrides)
        return merged


class MatchSpec(dict[str, Any]):
    def __init__(self, url: str, **more: Any) -> None:
        super().__init__(url=url, **more)


class Channel:
    def __init__(self, url: str) -> None:
        self.canonical_name = url.rstrip("/").rpartition("/")[2]


class Environment:
    def __init__(self, **values: Any) -> None:
        self.values = values


class Fetch:
    def __init__(self, specs: Any) -> None:
        self.specs = specs

    def execute(self) -> None:
        for spec in self.specs:
            if not (spec.get("md5") or spec.get("sha256")):
                raise SystemExit(f"nothing to check {spec['url']} by")


class Cache:
    @staticmethod
    def query_all(spec: MatchSpec) -> Any:
        return iter([Record(url=spec["url"])])


def lay_out_conda() -> None:
    """Put what the plugin imports into the place of conda."""
    from ruamel.yaml import YAML

    class Yaml:
        load = staticmethod(lambda source: YAML(typ="safe").load(source))

    values = {
        "conda.base.context": {
            "context": types.SimpleNamespace(
                subdir="linux-64", target_prefix="", dry_run=False, download_only=False
            )
        },
        "conda.common.serialize": {"yaml": Yaml},
        "conda.common.io": {"dashlist": lambda lines: "\n".join(f"  - {line}" for line in lines)},
        "conda.core.package_cache_data": {
            "PackageCacheData": Cache, "ProgressiveFetchExtract": Fetch
        },
        "conda.exceptions": {
            name: type(name, (Exception,), {})
            for name in ("CondaError", "CondaValueError", "CondaExitZero", "DryRunExit")
        },
        "conda.models.channel": {"Channel": Channel},
        "conda.models.environment": {
            "Environment": Environment, "EnvironmentConfig": types.SimpleNamespace
        },
        "conda.models.match_spec": {"MatchSpec": MatchSpec},
        "conda.models.records": {"PackageRecord": Record},
        "conda.plugins.types": {"EnvironmentSpecBase": object},
    }  # fmt: skip
    for name, content in values.items():
        for end in range(1, name.count(".") + 1):
            parent = ".".join(name.split(".")[:end])
            sys.modules.setdefault(parent, types.ModuleType(parent))
        module = types.ModuleType(name)
        module.__dict__.update(content)
        sys.modules[name] = module


def read(path: Path, platform: str) -> dict[str, Any]:
    lay_out_conda()
    from conda_lockfiles.conda_lock.v1 import CondaLockV1Loader
    from conda_lockfiles.rattler_lock.v6 import RattlerLockV6Loader

    loader = (RattlerLockV6Loader if path.name == "pixi.lock" else CondaLockV1Loader)(path)
    if not loader.can_handle():
        raise SystemExit("refused")
    values = loader.env_for(platform).values
    return {
        "platforms": list(loader.available_platforms),
        "channels": list(values["config"].channels),
        "packages": [dict(record) for record in values["explicit_packages"]],
        "external": values["external_packages"],
    }


if __name__ == "__main__":
    print(json.dumps(read(Path(sys.argv[1]), sys.argv[2])))
