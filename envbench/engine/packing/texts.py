"""The texts of a pack: locks for every tool, the script that installs it, and how to use it."""

import json
import re
from collections.abc import Mapping, Sequence
from importlib import resources
from typing import Any

from envbench.engine.packing.items import CHANNEL_FOLDER, PIP_FOLDER, PackItem
from envbench.formats.conda_yaml import write_conda_yaml
from envbench.formats.lock_formats import LOCK_FORMATS, LockFormat, export_lock
from envbench.formats.locks.scrubbing import refuse_secrets
from envbench.model.counting import count_of
from envbench.model.errors import UsageError
from envbench.model.lock import Lock
from envbench.model.pack import MANIFEST_NAME, PackKind

SUMS_NAME = "SHA256SUMS"
REQUIREMENTS_PATH = f"{PIP_FOLDER}/requirements.txt"

EXPLICIT_PATH = f"{CHANNEL_FOLDER}/explicit.txt"
"""With md5, which every version of every consumer knows; install.sh makes local addresses of it."""

_LOCK_FILES = ("pylock.toml", "requirements.txt", "conda-lock.yml", "pixi.lock")
"""Locks with the original addresses, by their usual file names."""


def write_texts(lock: Lock, items: Sequence[PackItem]) -> dict[str, str]:
    """Write all texts of a pack but its sums, by path.

    Args:
        lock: With the hashes of what was packed.
        items: The archives that lie in the pack.

    Raises:
        PreventedError: A secret would have got into one of them.
    """
    texts = _write_locks(lock)
    texts["environment.yml"] = _write_environment(lock)
    if any(item.kind is PackKind.PIP for item in items):
        texts[REQUIREMENTS_PATH] = _write_requirements(items)
    if lock.variables:
        texts["variables.json"] = _write_state(lock)
    texts["install.sh"] = (
        resources.files("envbench.engine.packing").joinpath("install.sh").read_text("utf-8")
    )
    texts["README.txt"] = _write_readme(lock, [name for name in _LOCK_FILES if name in texts])
    for path, text in texts.items():
        refuse_secrets(text, path)
    return texts


def write_sums(digests: Mapping[str, str]) -> str:
    """Write digests by path as `sha256sum -c` reads them."""
    return "".join(f"{digest}  {path}\n" for path, digest in sorted(digests.items()))


def _write_locks(lock: Lock) -> dict[str, str]:
    texts = {
        EXPLICIT_PATH: export_lock(lock, "explicit").text,
        # The form that locks of the pip part name as their other half.
        "explicit.txt": export_lock(lock, "explicit-sha256").text,
    }
    for name in _LOCK_FILES:
        form = _find_format(name)
        if form is None or not (lock.pip or form.many_platforms):
            continue
        try:
            texts[name] = export_lock(lock, form.name).text
        except UsageError:
            # A format that cannot hold this lock at all.
            continue
    return texts


def _find_format(file_name: str) -> LockFormat | None:
    known = [form for form in LOCK_FORMATS if form.file_name == file_name and form.is_lock]
    return known[0] if known else None


def _write_state(lock: Lock) -> str:
    """Write the variables as `conda-meta/state` holds them, for tools that read no lock of ours.

    Source: conda 24.7, `PrefixData.set_environment_env_vars`: this key and no other.
    """
    document = {"env_vars": dict(sorted(lock.variables))}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _write_environment(lock: Lock) -> str:
    dependencies: list[Any] = [
        # With a single `=` micromamba takes longer versions of the same build, too.
        f"{package.name}=={package.version}={package.build}"
        for package in sorted(lock.packages, key=lambda package: package.name)
    ]
    if lock.pip:
        wheels = [f"{package.name}=={package.version}" for package in lock.pip]
        options = ["--no-index", f"--find-links ./{PIP_FOLDER}"]
        dependencies.append({"pip": [*options, *sorted(wheels)]})
    document: dict[str, Any] = {
        "name": lock.name,
        "channels": [f"./{CHANNEL_FOLDER}", "nodefaults"],
        "dependencies": dependencies,
    }
    if lock.variables:
        document["variables"] = dict(sorted(lock.variables))
    return write_conda_yaml(document)


def _write_requirements(items: Sequence[PackItem]) -> str:
    lines = []
    for item in items:
        if item.kind is PackKind.PIP:
            # An archive that is not named after its package is found by its path only.
            is_named = _is_named_after(item)
            what = f"{item.record.name}=={item.record.version}" if is_named else f"./{item.path}"
            lines.append(f"{what} --hash=sha256:{item.record.sha256}\n")
    return "".join(sorted(lines))


def _is_named_after(item: PackItem) -> bool:
    name = item.path.rpartition("/")[2].lower()
    start = re.escape(item.record.name).replace(r"\-", "[-_.]+")
    return re.match(rf"{start}-{re.escape(item.record.version.lower())}[-.]", name) is not None


def _write_readme(lock: Lock, locks: Sequence[str]) -> str:
    parts = [count_of(len(lock.packages), "conda package")]
    if lock.pip:
        parts.append(count_of(len(lock.pip), "pip package"))
    lines = [
        f"{lock.name}: an environment for {lock.platform}, with everything in it"
        f" ({' and '.join(parts)}).",
        "",
        "Install it, without a network:",
        "",
        "    sh install.sh                      # with envbench, else with micromamba",
        "    sh install.sh --prefix /opt/env    # with micromamba",
        "    envbench build --from .            # the same as the first, done by hand",
        "",
        "What lies here:",
        "",
        f"    {CHANNEL_FOLDER}/               the conda packages, as a channel with its index",
    ]
    if lock.pip:
        lines.append(f"    {PIP_FOLDER}/                   the pip packages, and their hashes")
    lines += [
        "    explicit.txt           conda packages with the addresses that they came from",
        "    environment.yml        all packages, taken from the channel here",
        *(
            f"    {name.ljust(22)} a lock of other tools, with the original addresses"
            for name in locks
        ),
        *(
            ["    variables.json         its variables, for conda-meta/state"]
            if lock.variables
            else []
        ),
        f"    {SUMS_NAME}             checked by install.sh before anything else",
        f"    {MANIFEST_NAME}     every file with its sha256, and the lock itself",
        "",
        "conda, micromamba, mamba and pixi can use the folder as a channel, too:",
        "",
        '    micromamba create -n NAME -c "file://$PWD/channel" --override-channels PACKAGES',
        "",
    ]
    return "\n".join(lines)
