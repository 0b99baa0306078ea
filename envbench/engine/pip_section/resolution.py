"""Which packages the pip section means, exactly: resolved against a prefix, guarded, pinned.

The dry run of the installer resolves, not `pip compile`: only the installer takes into account
what is installed already, and much of what conda installs is on no package index in that version.
`pip compile` then adds addresses and hashes to the exact set.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from envbench.engine.pip_section.conflict import explain_conflict
from envbench.engine.pip_section.errors import UvError
from envbench.engine.pip_section.failures import explain_failure, find_item
from envbench.engine.pip_section.guard import PipChange, guard_changes, read_dry_run
from envbench.engine.pip_section.index_annotations import add_indexes
from envbench.engine.pip_section.items import VettedItem
from envbench.engine.pip_section.request import PipTask
from envbench.engine.pip_section.uv_process import UvOutcome, UvRunner
from envbench.engine.pip_section.workspace import constrain, write_lines
from envbench.formats.pylock_part import PylockPackage, read_pylock, read_requires_python

_PINS = "pins.txt"


@dataclass(frozen=True, slots=True)
class Resolution:
    """The exact set, nothing of it owned by conda."""

    packages: tuple[PylockPackage, ...]
    """Sorted by name."""
    requires_python: str | None

    @property
    def runs_code_of(self) -> tuple[str, ...]:
        """Packages without any wheel: installing them builds them."""
        return tuple(p.name for p in self.packages if not p.wheels and not _is_wheel(p.direct))


@dataclass(frozen=True, slots=True)
class Resolver:
    """Asks uv for one task and one interpreter."""

    runner: UvRunner
    task: PipTask
    python: Path
    """The interpreter of the prefix that is resolved against."""
    target: tuple[str, ...] = ()
    """Options that name another Python and platform than the interpreter's own."""
    held: Mapping[str, str] = field(default_factory=dict)
    """Versions that packages have where they are chosen; the items are known to allow them."""

    def resolve(self, items: Sequence[VettedItem]) -> Resolution:
        """Find the exact set for the items.

        Raises:
            EnvbenchError: No solution, the guard tripped, the network failed, ...
        """
        changes = self._choose(items)
        if not changes:
            return Resolution((), None)
        text = self._pin(changes, items)
        packages = tuple(sorted(read_pylock(text), key=lambda package: package.name))
        expected = {change.name: change.version for change in changes}
        if {package.name for package in packages} != expected.keys():
            raise UvError("uv pinned other packages than it resolved", where=self.task.spec_path)
        # The file leaves out the version of a source tree that computes it.
        known = (replace(p, version=p.version or expected[p.name]) for p in packages)
        return Resolution(tuple(known), read_requires_python(text))

    def ask(self, items: Sequence[VettedItem], pins: Mapping[str, str]) -> UvOutcome:
        """Dry-run these items under these pins."""
        directory = self.runner.directory
        requirements = write_lines(directory / "items.txt", [item.line for item in items])
        arguments = (
            *self._common(), "--break-system-packages", "--dry-run", "--output-format", "json",
            *constrain(directory, pins), "--requirements", str(requirements),
        )  # fmt: skip
        return self.runner.call(("pip", "install"), arguments, quiet=True)

    def name_indexes(self, packages: Sequence[PylockPackage]) -> tuple[PylockPackage, ...]:
        """Name the index that served each package of a resolution that was just made."""
        pins = self.runner.directory / _PINS
        arguments = (*self._common(), "--no-deps", "--no-header", str(pins))
        return add_indexes(packages, self.runner, arguments, self.task.settings)

    def _common(self) -> tuple[str, ...]:
        return ("--python", str(self.python), *self.target)

    def _choose(self, items: Sequence[VettedItem]) -> tuple[PipChange, ...]:
        # The talk of a dry run reads like that of an installation; one line of ours stands for it.
        self.runner.say(f"Resolving {len(items)} pip items")
        outcome = self.ask(items, {**self.held, **self.task.owned})
        if outcome.status != 0:
            raise explain_conflict(outcome, items, self.task, self.ask)

        def locate(name: str) -> str:
            item = find_item(name, items)
            return item.place if item else self.task.spec_path

        return guard_changes(read_dry_run(outcome.stdout), self.task.owned.keys(), locate=locate)

    def _pin(self, changes: Sequence[PipChange], items: Sequence[VettedItem]) -> str:
        direct = {item.name: item.text for item in items if item.requirement.url}
        lines = [direct.get(c.name, f"{c.name}=={c.version}") for c in changes]
        pins = write_lines(self.runner.directory / _PINS, lines)
        arguments = (
            *self._common(), "--no-deps", "--no-header", "--format", "pylock.toml", str(pins),
        )  # fmt: skip
        outcome = self.runner.call(("pip", "compile"), arguments, quiet=True)
        if outcome.status != 0:
            raise explain_failure(outcome, items, self.task.spec_path)
        return outcome.stdout


def _is_wheel(direct: str | None) -> bool:
    return direct is not None and direct.partition("#")[0].endswith(".whl")
