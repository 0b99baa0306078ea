"""All that a result says, laid out for rules to look at: its texts, its versions, its files."""

import re
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from packaging.utils import canonicalize_name

from envbench.model.probe import ProbeResult
from envbench.probes.diagnosis.surroundings import Surroundings

_PACKAGE_IN_PATH = re.compile(r"(?:site-packages|dist-packages)/([A-Za-z_]\w*)")
_LOG_LIMIT, _LINE_LIMIT, _END_LINES = 64_000, 1000, 100
_QUOTES = str.maketrans("\u2018\u2019\u201c\u201d\u00b4", "''\"\"'")
_COMPILED = re.compile(r"\.(?:cpython-(\d)(\d+)[\w-]*|cp(\d)(\d+)-[\w-]+)\.(?:so|pyd)$")


@dataclass(frozen=True, slots=True)
class Passage:
    """A text that may tell what went wrong."""

    text: str
    source: str
    """`exception`, `log` or `facts`."""
    depth: int = 0
    """0 for the innermost exception of a chain, which is nearest to the cause."""


class Evidence:
    """A result, its whole log where that is at hand, and what is known around it."""

    def __init__(self, result: ProbeResult, surroundings: Surroundings, log: str) -> None:
        self.result = result
        self.surroundings = surroundings
        self.log = _condense((log or result.log_tail).translate(_QUOTES))

    @cached_property
    def passages(self) -> tuple[Passage, ...]:
        """Exceptions from the innermost outwards, then facts that are texts, then the log."""
        told = [
            Passage(f"{error.type}: {error.message}".translate(_QUOTES), "exception", depth)
            for depth, error in enumerate(reversed(self.result.errors))
        ]
        for name, value in self.result.facts.items():
            if "error" in name and isinstance(value, str) and value:
                told.append(Passage(value.translate(_QUOTES), "facts"))
        if self.log:
            told.append(Passage(self.log, "log"))
        return tuple(told)

    @cached_property
    def has_no_driver(self) -> bool:
        """Whether all that was looked at says that there is no NVIDIA driver here."""
        around = self.surroundings
        loaded = self.result.facts.get("driver_library")
        return (
            around.has_driver_library is False
            and not around.driver
            and not around.gpus
            and not loaded
        )

    @cached_property
    def site_packages(self) -> tuple[Path, ...]:
        """Where this environment keeps its packages."""
        if not self.result.prefix:
            return ()
        return tuple(Path(self.result.prefix).glob("lib/python3*/site-packages"))

    @cached_property
    def installed(self) -> dict[str, str]:
        """Versions of what is installed, by normalized name: as told by the run, or by the files."""
        found: dict[str, str] = {}
        for folder in self.site_packages:
            for entry in folder.glob("*.dist-info"):
                name, _, version = entry.name.removesuffix(".dist-info").rpartition("-")
                found[canonicalize_name(name)] = version
        for name, told in self.result.distributions.items():
            if version := told.get("version", ""):
                found[canonicalize_name(name)] = version
        return found

    @cached_property
    def importers(self) -> tuple[str, ...]:
        """Top-level packages whose code was running when it failed, the nearest first."""
        paths = [frame.rpartition(" in ")[0] or frame for frame in reversed(self.result.frames)]
        paths += re.findall(r'File "([^"]+)", line', self.log)[::-1]
        names = (name for path in paths if (name := self._package_of(path)))
        return tuple(dict.fromkeys(name for name in names if name != "_distutils_hack"))

    def _package_of(self, path: str) -> str:
        if match := _PACKAGE_IN_PATH.search(path):
            return match[1]
        for folder in self.surroundings.environ.get("PYTHONPATH", "").split(":"):
            if folder and path.startswith(f"{folder.rstrip('/')}/"):
                return path[len(folder.rstrip("/")) + 1 :].partition("/")[0].partition(".")[0]
        return ""

    def importer(self, *but: str) -> str:
        """Name the nearest package at work that is none of the given ones; empty when unknown."""
        return next((name for name in self.importers if name not in but), "")

    def version_of(self, name: str) -> str:
        """Tell the installed version of a distribution; empty when unknown."""
        return self.installed.get(canonicalize_name(name), "")

    @cached_property
    def has_conda(self) -> bool:
        """Whether conda packages can be in this environment: it was made by conda, or is unknown."""
        return not self.result.prefix or (Path(self.result.prefix) / "conda-meta").is_dir()

    def section_of(self, name: str) -> str:
        """Tell to which part of a spec a distribution belongs: `conda` or `pip`."""
        for known, told in self.result.distributions.items():
            if canonicalize_name(known) == canonicalize_name(name):
                is_conda = told.get("installer") == "conda" or bool(told.get("build"))
                return "conda" if is_conda else "pip"
        if not self.has_conda or not self.result.prefix:
            return "pip"
        folder = Path(self.result.prefix) / "conda-meta"
        is_record = any(folder.glob(f"{name}-*-*.json"))
        return "conda" if is_record or not self.version_of(name) else "pip"

    def module_folder(self, module: str) -> Path | None:
        """Find the folder of a package: where a frame shows it, or in the environment."""
        relative = module.replace(".", "/")
        for frame in self.result.frames:
            head, mark, _ = frame.partition(f"/{relative}/")
            if mark and (folder := Path(head) / relative).is_dir():
                return folder
        return next(
            (found for site in self.site_packages if (found := site / relative).is_dir()), None
        )

    def has_module(self, module: str) -> bool:
        """Tell whether a top-level module is there, as a folder or as a file."""
        top = module.partition(".")[0]
        return any(
            (site / top).is_dir() or any(site.glob(f"{top}.*")) for site in self.site_packages
        )

    def find_on_python_path(self, module: str) -> str:
        """Find the file, or the folder, that stands for a module in a folder of PYTHONPATH.

        Returns:
            Its path; empty where there is none.
        """
        for folder in self.surroundings.environ.get("PYTHONPATH", "").split(":"):
            for name in (f"{module}.py", f"{module}/__init__.py"):
                if folder and (path := Path(folder) / name).is_file():
                    return str(path)
        return ""

    def pythons_compiled_for(self, module: str) -> tuple[str, ...]:
        """List the Pythons that an extension module is there for, told by its file names.

        Args:
            module: Dotted name of an extension, or of a package, whose extensions are then listed.

        Returns:
            Such as `3.12`; empty when no such file is there.
        """
        package, _, stem = module.rpartition(".")
        found: dict[str, None] = {}
        for folder, pattern in (
            (self.module_folder(package) if package else None, f"{stem}.*"),
            (self.module_folder(module), "*.so"),
        ):
            if folder is None:
                continue
            with suppress(OSError):
                for entry in folder.glob(pattern):
                    if match := _COMPILED.search(entry.name):
                        major, minor = match[1] or match[3], match[2] or match[4]
                        found[f"{major}.{minor}"] = None
        return tuple(found)

    @property
    def python(self) -> str:
        """The environment's Python as `3.11`; empty when unknown."""
        return ".".join(self.result.python.split(".")[:2])


def _condense(log: str) -> str:
    """Leave out what was said before, but for the end, where the order matters; bound the rest."""
    lines = [line[:_LINE_LIMIT] for line in log.splitlines()]
    begin = dict.fromkeys(lines[:-_END_LINES])
    text = "\n".join([*begin, *lines[-_END_LINES:]])
    if len(text) <= _LOG_LIMIT:
        return text
    return f"{text[: _LOG_LIMIT // 2]}\n{text[-_LOG_LIMIT // 2 :]}"
