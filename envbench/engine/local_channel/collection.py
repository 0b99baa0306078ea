"""Which distributions go into a channel: those named, the wheels, and what they depend on."""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from packaging.utils import canonicalize_name

from envbench.engine.local_channel.distribution import Distribution
from envbench.engine.local_channel.installed import find_installed, read_installed
from envbench.engine.local_channel.interpreter import InterpreterFacts
from envbench.engine.local_channel.report import SkippedDistribution
from envbench.engine.local_channel.requirements import Needs, convert_requirements
from envbench.engine.local_channel.wheel import open_wheel
from envbench.model.errors import UsageError


@dataclass(frozen=True, slots=True)
class Collection:
    """The distributions of a channel, with what each of them needs."""

    members: tuple[tuple[Distribution, Needs], ...]
    """Sorted by name and version."""
    skipped: tuple[SkippedDistribution, ...]


class Collector:
    """Gathers distributions, and follows their requirements through wheels and installed ones."""

    def __init__(self, facts: InterpreterFacts, folder: Path) -> None:
        """Prepare to gather for one interpreter.

        Args:
            facts: The interpreter.
            folder: An empty folder for the files of wheels; it must outlive the collection.
        """
        self._facts = facts
        self._folder = folder
        self._installed: Mapping[str, metadata.Distribution] = find_installed(facts)
        self._found: dict[tuple[str, str], Distribution] = {}
        self._skipped: dict[str, str] = {}

    def add_wheel(self, wheel: Path) -> None:
        """Take a wheel.

        Raises:
            UsageError: It cannot be packaged.
        """
        folder = self._folder / str(len(self._found))
        folder.mkdir()
        self._take(open_wheel(wheel, self._facts, folder))

    def add_installed(self, name: str) -> None:
        """Take an installed distribution; `pip` also from the wheel that comes with Python.

        Raises:
            UsageError: It is not installed, or it cannot be packaged.
        """
        name = str(canonicalize_name(name))
        if name in self._installed:
            self._take(read_installed(self._installed[name], self._facts))
        elif name == "pip" and (wheel := _find_bundled_pip(self._facts)):
            self.add_wheel(wheel)
        else:
            raise self._unknown(name)

    def follow_requirements(self) -> None:
        """Take what the distributions so far depend on, as far as it is there."""
        waiting = list(self._found.values())
        while waiting:
            distribution = waiting.pop()
            for name in self._find_needs(distribution).names:
                if self._get(name) is None and name not in self._skipped:
                    waiting += self._try_installed(name, distribution)

    def finish(self) -> Collection:
        """Return what was gathered."""
        members = sorted(self._found.items())
        return Collection(
            tuple((found, self._find_needs(found)) for _, found in members),
            tuple(SkippedDistribution(*item) for item in sorted(self._skipped.items())),
        )

    def _take(self, distribution: Distribution) -> None:
        self._found[distribution.name, distribution.version] = distribution

    def _get(self, name: str) -> Distribution | None:
        return next((found for key, found in self._found.items() if key[0] == name), None)

    def _try_installed(self, name: str, asking: Distribution) -> Sequence[Distribution]:
        if name not in self._installed:
            self._skipped[name] = f"not installed here; {asking.name} depends on it"
            return ()
        try:
            self.add_installed(name)
        except UsageError as error:
            self._skipped[name] = f"{error.why}; {asking.name} depends on it"
            return ()
        return [found for found in [self._get(name)] if found]

    def _find_needs(self, distribution: Distribution) -> Needs:
        """Read the requirements; extras of others that it asks for become its own."""
        needs = convert_requirements(distribution.requires, self._facts.markers)
        specs, waiting, seen = set(needs.depends), list(needs.extras), set(needs.extras)
        names, bound = set(needs.names), needs.depends_on_python
        while waiting:
            name, extras = waiting.pop()
            requires = self._read_requires(name)
            plain = convert_requirements(requires, self._facts.markers)
            full = convert_requirements(requires, self._facts.markers, extras)
            specs |= set(full.depends) - set(plain.depends)
            names |= set(full.names) - set(plain.names)
            bound |= full.depends_on_python
            waiting += set(full.extras) - seen
            seen |= set(full.extras)
        own = f"{distribution.name} "
        kept = sorted(spec for spec in specs if not f"{spec} ".startswith(own))
        return Needs(tuple(kept), tuple(sorted(names - {distribution.name})), bound)

    def _read_requires(self, name: str) -> Sequence[str]:
        taken = self._get(name)
        if taken:
            return taken.requires
        return (self._installed[name].requires or ()) if name in self._installed else ()

    def _unknown(self, name: str) -> UsageError:
        near = difflib.get_close_matches(name, self._installed, n=3)
        return UsageError(
            f"the distribution {name!r} is not installed",
            where=str(self._facts.prefix),
            hint=f"is it {' or '.join(near)}?"
            if near
            else "install it there, or name a wheel of it",
        )


def _find_bundled_pip(facts: InterpreterFacts) -> Path | None:
    folders = [facts.stdlib / "ensurepip" / "_bundled"]
    folders += [Path(facts.wheel_folder)] if facts.wheel_folder else []
    wheels = [wheel for folder in folders for wheel in sorted(folder.glob("pip-*.whl"))]
    return wheels[-1] if wheels else None
