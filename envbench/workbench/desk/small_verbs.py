"""Verbs of a few lines that only a screen needs."""

import hashlib

from envbench.files import MIB, read_bytes
from envbench.machine.host import detect_host
from envbench.model.cleaning import clean
from envbench.model.errors import UsageError
from envbench.model.host import HostProfile
from envbench.model.lock_difference import PipChange, VariableChange
from envbench.model.plan import PackageChange, PackageRecord
from envbench.model.redaction import redact
from envbench.settings.load import Settings
from envbench.settings.values import SettingProblem
from envbench.workbench.environments import compare_environments
from envbench.workbench.path_texts import read_path


def hash_file(path: str) -> str:
    """Give the SHA-256 of a spec's bytes; empty when it cannot be read any more."""
    try:
        return hashlib.sha256(read_bytes(read_path(path), limit_bytes=MIB, what="spec")).hexdigest()
    except UsageError:
        return ""


def list_setting_problems(settings: Settings) -> tuple[SettingProblem, ...]:
    """List what is wrong in the configuration."""
    return settings.problems


def describe_host_profile() -> HostProfile:
    """Describe this box as a solve sees it."""
    return detect_host()


def compare_in_words(a: str, b: str, settings: Settings) -> tuple[str, ...]:
    """Say in lines what would have to change in A to make it like B; none when nothing would.

    Raises:
        UsageError: One of them does not exist.
        NotFineError: Records of one are damaged.
    """
    found = compare_environments(a, b, settings).difference
    lines = [f"{each.kind.value} {each.name}: {_say_conda(each)}" for each in found.conda]
    lines += [f"{each.kind.value} {each.name} (pip): {_say_pip(each)}" for each in found.pip]
    lines += [f"variable {each.name}: {_say_variable(each)}" for each in found.variables]
    if found.channels:
        old, new = (", ".join(names) or "none" for names in found.channels)
        lines.append(f"channels: {old} → {new}")
    if found.platform:
        lines.append("platform: " + " → ".join(found.platform))
    return tuple(redact(clean(line, limit=400)) for line in lines)


def _say_conda(change: PackageChange) -> str:
    def say(record: PackageRecord | None) -> str:
        return f"{record.version} {record.build} from {record.channel}" if record else "not there"

    return f"{say(change.old)} → {say(change.new)}"


def _say_pip(change: PipChange) -> str:
    old, new = (each.version if each else "not there" for each in (change.old, change.new))
    return f"{old} → {new}"


def _say_variable(change: VariableChange) -> str:
    old, new = ("not set" if each is None else each for each in (change.old, change.new))
    return f"{old} → {new}"
