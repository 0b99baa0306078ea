"""Code that protoc generated, against the protobuf that is installed.

Source: protobuf's "Cross-Version Runtime Guarantee", and `runtime_version.py` of protobuf 5.26 and
newer; generated code from before 3.19 makes descriptors itself, which protobuf 4 forbids.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path

from packaging.version import InvalidVersion, Version

from envbench.envs.doctor.import_reach import find_reached
from envbench.envs.doctor.requirement_remedies import make_change
from envbench.envs.doctor.view import Distribution, PrefixView
from envbench.model.diagnosis import Confidence, Diagnosis, Remedy
from envbench.model.problem import Severity

_GATE = re.compile(rb"ValidateProtobufRuntimeVersion\(\s*[\w.]*PUBLIC,\s*(\d+),\s*(\d+),\s*(\d+)")
_OLD_STYLE = re.compile(
    rb"=\s*_descriptor\.(?:FieldDescriptor|FileDescriptor|EnumValueDescriptor)\("
)
_NEW_STYLE = b"AddSerializedFile"
_HEAD_BYTES = 64 * 1024
_MOST_FILES = 4000
_FIRST_STRICT = "4.0"


def examine_generated_code(view: PrefixView) -> Iterator[Diagnosis]:
    """Find distributions whose generated code the installed protobuf refuses."""
    protobuf = view.visible.get("protobuf")
    if protobuf is None:
        return
    try:
        runtime = Version(protobuf.version)
    except InvalidVersion:
        return
    left = _MOST_FILES
    for distribution in view.visible.values():
        if distribution.name == "protobuf":
            continue
        paths = [path for path in distribution.paths if path.endswith("_pb2.py")][:left]
        left -= len(paths)
        for path in paths:
            found = _judge(view, runtime, distribution, protobuf, path)
            if found is not None:
                yield found
                break


def _judge(
    view: PrefixView,
    runtime: Version,
    distribution: Distribution,
    protobuf: Distribution,
    path: str,
) -> Diagnosis | None:
    head = _read_head(view.prefix / path)
    gate = _GATE.search(head)
    if gate is not None:
        made = ".".join(number.decode() for number in gate.groups())
        if len(made) < 40 and runtime < Version(made):
            return _tell_old_runtime(distribution, protobuf, path, made)
        return None
    is_stale = _OLD_STYLE.search(head) is not None and _NEW_STYLE not in head
    if is_stale and runtime >= Version(_FIRST_STRICT) and _is_used(distribution, view, path):
        return _tell_stale_code(distribution, protobuf, path)
    return None


def _is_used(distribution: Distribution, view: PrefixView, path: str) -> bool:
    """Whether an import brings the file in; some packages carry code for old and new runtimes.

    A distribution that is little else than generated code is there for nothing else.
    """
    sources = [each for each in distribution.paths if each.endswith(".py")]
    if 2 * sum(each.endswith("_pb2.py") for each in sources) >= len(sources):
        return True
    site = f"{distribution.info.rpartition('/')[0]}/"
    inner = (each.removeprefix(site) for each in sources if each.startswith(site))
    return bool(find_reached(view.prefix / site, inner, [path.removeprefix(site)]))


def _read_head(file: Path) -> bytes:
    try:
        descriptor = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return b""
    try:
        return os.pread(descriptor, _HEAD_BYTES, 0)
    except OSError:
        return b""
    finally:
        os.close(descriptor)


def _tell_old_runtime(
    distribution: Distribution, protobuf: Distribution, path: str, made: str
) -> Diagnosis:
    section = "conda" if protobuf.conda_package else "pip"
    return Diagnosis(
        code="pb.runtime_too_old",
        severity=Severity.ERROR,
        title=f"{distribution.label} was generated with protobuf {made}, and {protobuf.version} is"
        " installed",
        cause="Generated code refuses a runtime that is older than what generated it.",
        remedies=(
            Remedy(
                text=f"raise protobuf to {made} or newer",
                changes=(make_change("protobuf", f">={made}", section),),
            ),
        ),
        confidence=Confidence.CERTAIN,
        evidence=f"{path}: ValidateProtobufRuntimeVersion(..., {made.replace('.', ', ')})",
        found_in=path,
        packages=("protobuf", distribution.name),
    )


def _tell_stale_code(distribution: Distribution, protobuf: Distribution, path: str) -> Diagnosis:
    section = "conda" if protobuf.conda_package else "pip"
    return Diagnosis(
        code="pb.stale_descriptors",
        severity=Severity.ERROR,
        title=f"{distribution.label} has generated code from before protobuf 3.19, and"
        f" {protobuf.version} is installed",
        cause="Such code makes its descriptors itself, which protobuf 4 and newer forbid: the import"
        " ends with `Descriptors cannot be created directly`.",
        remedies=(
            Remedy(text=f"take a newer version of {distribution.name}"),
            Remedy(
                text="or keep protobuf at 3.20",
                changes=(make_change("protobuf", "<3.21", section),),
            ),
        ),
        confidence=Confidence.CERTAIN,
        evidence=f"{path}: a descriptor is made directly",
        found_in=path,
        packages=("protobuf", distribution.name),
        references=("protocolbuffers/protobuf#10064",),
    )
