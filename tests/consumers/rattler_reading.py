"""Reads a lock file with rattler's own code, in a process of its own: `FILE`."""

import json
import os
import sys

from rattler import LockFile


def read(path: str) -> dict[str, object]:
    lock = LockFile.from_path(path)
    found = {}
    for name, environment in lock.environments():
        platforms = {}
        for platform in environment.platforms():
            packages = environment.packages(platform) or []
            platforms[str(platform)] = [describe(package) for package in packages]
        channels = [str(channel) for channel in environment.channels()]
        found[name] = {"channels": channels, "platforms": platforms}
    return found


def describe(package: object) -> dict[str, object]:
    hashes = package.hashes
    known = hashes is not None and hashes._hashes is not None
    sha256, md5 = (hashes.sha256, hashes.md5) if known else (None, None)
    version = getattr(package, "version", "")
    return {
        "kind": type(package).__name__, "name": str(package.name), "location": package.location,
        "version": str(version), "sha256": sha256.hex() if sha256 else None,
        "md5": md5.hex() if md5 else None,
    }  # fmt: skip


print(json.dumps(read(sys.argv[1])), flush=True)
os._exit(0)
