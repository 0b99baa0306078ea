"""Specs to start from: those that come with envbench, and an empty one."""

import os
from dataclasses import dataclass
from pathlib import Path

from envbench.files import read_text_file
from envbench.model.cleaning import clean
from envbench.model.errors import PreventedError, UsageError
from envbench.model.names import require_environment_name
from envbench.settings.resources import find_resources
from envbench.workbench.path_texts import read_path, show_path, write_path

_DEMO = "demo.yml"
"""Its channel is made by `envbench demo`; without it, it has no solution."""


@dataclass(frozen=True, slots=True)
class SampleSpec:
    """A spec that comes with envbench."""

    name: str
    """The file's name, by which it is copied."""
    path: str
    title: str
    """The name of the environment in it."""
    description: str
    """Its first comment; empty when it has none."""


def list_samples() -> tuple[SampleSpec, ...]:
    """List the specs that come with envbench, by name."""
    files = sorted(find_resources("sample_specs").glob("*.yml"))
    return tuple(_describe(file) for file in files if file.name != _DEMO)


def copy_sample(name: str, directory: str) -> str:
    """Copy a sample into a folder, under its own name.

    Returns:
        The path of the copy.

    Raises:
        UsageError: There is no such sample, the folder is not there, or has such a file already.
        PreventedError: The system refused.
    """
    sample = next((each for each in list_samples() if each.name == name), None)
    if sample is None:
        names = ", ".join(each.name for each in list_samples())
        raise UsageError(f"there is no sample {clean(name, limit=60)!r}", hint=f"samples: {names}")
    target = read_path(directory) / sample.name
    data = read_text_file(Path(sample.path), what="sample").raw
    where = show_path(target)
    try:
        # A copy takes nobody's place, and umask decides who may read it.
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        with os.fdopen(os.open(target, flags, 0o666), "wb") as stream:
            stream.write(data)
    except FileExistsError:
        hint = "open it, or move it away first"
        raise UsageError("the file exists already", where=where, hint=hint) from None
    except (OSError, ValueError) as fault:
        why = getattr(fault, "strerror", None) or "the path cannot be used"
        raise PreventedError("the sample could not be copied", where=where, why=why) from fault
    return write_path(target)


def new_spec_text(name: str, channels: tuple[str, ...] = ("conda-forge",)) -> str:
    """Write a spec to start from: little that counts, and comments that show what may stand there.

    Raises:
        UsageError: No environment can have the name.
    """
    listed = "".join(f"  - {channel}\n" for channel in channels or ("conda-forge",))
    return _TEMPLATE.format(name=require_environment_name(name), channels=listed)


_TEMPLATE = """\
name: {name}
channels:
{channels}dependencies:
  - python=3.12
  # One package a line. Take the # away from what you need:
  # - numpy=2.*
  # - pytorch-gpu>=2.6
  # - pip
  # - pip:
  #     - rich>=14
"""


def _describe(file: Path) -> SampleSpec:
    lines = read_text_file(file, what="sample").text.splitlines()
    first = lines[0] if lines else ""
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("name:"))
    description = first.lstrip("# ").strip() if first.startswith("#") else ""
    return SampleSpec(file.name, str(file), next(names, ""), description)
