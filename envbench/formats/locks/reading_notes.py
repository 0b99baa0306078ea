"""What readers of YAML locks note while they read: problems, doubles, secrets in addresses."""

import re
from collections.abc import Iterable, Mapping

from envbench.formats.lock_tree import Shape, Table
from envbench.formats.locks.addressing import say_unchecked
from envbench.model.cleaning import clean
from envbench.model.locked_set import LockedPackage, LockedPip, LockProblem
from envbench.model.redaction import redact, split_url_secrets
from envbench.model.severity import Severity

_DIGITS = {"md5": 32, "sha256": 64}


class Notes:
    """Collects the problems of one lock."""

    def __init__(self, problems: Iterable[LockProblem] = ()) -> None:
        self._problems = list(problems)

    @property
    def problems(self) -> tuple[LockProblem, ...]:
        """All, in the order in which they were found."""
        return tuple(self._problems)

    @property
    def has_errors(self) -> bool:
        """Whether the lock is useless already."""
        return any(problem.severity is Severity.ERROR for problem in self._problems)

    def error(self, message: str, line: int | None) -> None:
        """Note what makes the lock useless."""
        self._problems.append(LockProblem(Severity.ERROR, clean(redact(message)), line))

    def warn(self, message: str, line: int | None) -> None:
        """Note what the user should know."""
        self._problems.append(LockProblem(Severity.WARNING, clean(redact(message)), line))

    def bare(self, url: str, line: int | None) -> str:
        """Take the secrets out of an address, and say so."""
        bare, secret = split_url_secrets(url)
        if secret is not None:
            self.warn("the address holds a secret; take it out", line)
        return bare

    def refuse_misshapen(self, table: Table, shapes: Mapping[str, Shape]) -> None:
        """Note values of the wrong shape: passed over, they would leave an emptier lock."""
        for fault in table.find_misshapen(shapes):
            self.error(fault, table.line)

    def digest(self, table: Table, kind: str, name: str) -> str | None:
        """Read the digest of a package in lower case; note what is none."""
        text = table.text(kind)
        if text is None:
            self.refuse_misshapen(table, {kind: Shape.TEXT})
            return None
        if not re.fullmatch(rf"[0-9a-f]{{{_DIGITS[kind]}}}", text.lower()):
            self.error(f"the {kind} of {name} is none: {text[:80]}", table.line)
            return None
        return text.lower()

    def pip_digest(self, table: Table, name: str) -> str | None:
        """Read the sha256 of a pip package; note where there is only a hash of another kind."""
        sha256 = self.digest(table, "sha256", name)
        if sha256 is None and table.text("md5") and not table.text("sha256"):
            self.error(say_unchecked(name, ("md5",)), table.line)
        return sha256

    def refuse_doubles(self, packages: Iterable[LockedPackage | LockedPip]) -> None:
        """Note names that are locked twice."""
        seen: dict[str, int | None] = {}
        for package in packages:
            if package.name in seen:
                first = seen[package.name]
                self.error(f"{package.name} is locked twice, first in line {first}", package.line)
            seen.setdefault(package.name, package.line)
