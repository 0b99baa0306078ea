"""Asking an interpreter about itself, in a process of its own."""

import subprocess
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path
from typing import Any

import msgspec

from envbench.model.errors import UsageError

OLDEST_VERSION = (3, 10)
_TIMEOUT_S = 60
_SUBDIRS = {
    ("x86_64", 64): "linux-64",
    ("aarch64", 64): "linux-aarch64",
    ("ppc64le", 64): "linux-ppc64le",
    ("s390x", 64): "linux-s390x",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class InterpreterFacts:
    """What packaging needs to know about one installed Python."""

    markers: dict[str, str]
    """The environment in which its requirements' markers are evaluated."""
    version_info: tuple[int, int, int]
    abi_flags: str
    is_free_threaded: bool
    bits: int
    """Width of a pointer, 32 or 64."""
    executable: Path
    base_executable: Path
    """The interpreter behind a virtual environment; `executable` where there is none."""
    prefix: Path
    """Prefix of the (virtual) environment."""
    base_prefix: Path
    """Prefix of the installation."""
    lib_name: str
    """`lib`; `lib64` on some distributions."""
    stdlib: Path
    extension_modules: str
    """Folder of the standard library's extension modules; may be empty."""
    headers: str
    """Folder of the C headers; need not exist."""
    pyconfig_header: Path
    """The `pyconfig.h` that holds this build's definitions; need not exist."""
    wheel_folder: str
    """Where a distribution keeps the wheels that `ensurepip` installs; empty upstream."""
    build_data_name: str
    """Module that holds the variables of the build."""
    build_variables: dict[str, Any]
    """Those variables."""
    path: tuple[Path, ...]
    """Existing folders of `sys.path`: where its distributions lie."""

    @property
    def version(self) -> str:
        """Full version, `3.11.7`, `3.14.0rc1`."""
        return self.markers["python_full_version"].rstrip("+")

    @property
    def short_version(self) -> str:
        """`3.11`."""
        return f"{self.version_info[0]}.{self.version_info[1]}"

    @property
    def lib_folder(self) -> str:
        """Folder of the standard library in a package, `lib/python3.11`."""
        return f"lib/python{self.short_version}"

    @property
    def site_packages(self) -> str:
        """Folder of the distributions in a package, `lib/python3.11/site-packages`."""
        return f"{self.lib_folder}/site-packages"

    @property
    def subdir(self) -> str:
        """Name of the platform in channels; empty for one that conda does not have."""
        return _SUBDIRS.get((self.markers["platform_machine"], self.bits), "")

    @property
    def pin(self) -> str:
        """The dependency of packages that only this minor version can use."""
        major, minor, _ = self.version_info
        return f"python >={major}.{minor},<{major}.{minor + 1}.0a0"


def ask_interpreter(executable: Path) -> InterpreterFacts:
    """Ask an interpreter about itself; behind a virtual environment, its base as well.

    Args:
        executable: A CPython, in a virtual environment or not.

    Returns:
        The facts of the base installation, with the prefix and the search path of the
        environment that was asked.

    Raises:
        UsageError: It cannot be run, or it is of a kind that cannot be packaged.
    """
    asked = _ask(executable)
    facts = asked
    if asked.prefix != asked.base_prefix:
        base = _ask(_find_base_executable(asked))
        facts = replace(base, prefix=asked.prefix, path=asked.path)
    _require_usable(facts)
    return facts


def _ask(executable: Path) -> InterpreterFacts:
    program = resources.files(__package__).joinpath("interpreter_probe.py").read_text("utf-8")
    try:
        answer = subprocess.run(
            [str(executable), "-I", "-B", "-c", program],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_TIMEOUT_S,
            check=True,
        )
        return msgspec.json.decode(answer.stdout, type=InterpreterFacts, dec_hook=_to_path)
    except subprocess.CalledProcessError as error:
        why = error.stderr.decode("utf-8", "replace").strip().splitlines()
        raise _unusable(executable, why[-1] if why else f"exit code {error.returncode}") from None
    except (OSError, subprocess.TimeoutExpired, msgspec.MsgspecError) as error:
        raise _unusable(executable, str(error)) from None


def _to_path(kind: type, value: Any) -> Any:
    return kind(value) if kind is Path else value


def _find_base_executable(facts: InterpreterFacts) -> Path:
    """Prefer what the interpreter says; some environments name themselves as their base."""
    named = facts.base_prefix / "bin" / f"python{facts.short_version}"
    said = facts.base_executable
    return said if said.parent != facts.executable.parent or not named.exists() else named


def _require_usable(facts: InterpreterFacts) -> None:
    name = facts.markers["platform_python_implementation"]
    reasons = {
        f"it is {name}, and only CPython can be packaged": name != "CPython",
        "it is older than Python 3.10": facts.version_info[:2] < OLDEST_VERSION,
        "free-threaded builds cannot be packaged yet": facts.is_free_threaded,
        "debug builds cannot be packaged": "d" in facts.abi_flags,
        f"its libraries lie in {facts.lib_name}, not in lib": facts.lib_name != "lib",
        f"conda has no platform for {facts.markers['platform_machine']} on "
        f"{facts.markers['platform_system']}": not facts.subdir
        or facts.markers["sys_platform"] != "linux",
    }
    for reason, applies in reasons.items():
        if applies:
            raise _unusable(facts.executable, reason)


def _unusable(executable: Path, why: str) -> UsageError:
    return UsageError(
        "this Python cannot be packaged",
        where=str(executable),
        why=why,
        hint="name another interpreter",
    )
