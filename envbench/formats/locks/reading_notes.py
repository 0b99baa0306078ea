"""What readers of YAML locks note while they read: problems, doubles, secrets in addresses."""

from collections.abc import Iterable

from envbench.model.cleaning import clean
from envbench.model.locked_set import LockedPackage, LockedPip, LockProblem
from envbench.model.problem import Severity
from envbench.model.redaction import redact, split_url_secrets


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

    def refuse_doubles(self, packages: Iterable[LockedPackage | LockedPip]) -> None:
        """Note names that are locked twice."""
        seen: dict[str, int | None] = {}
        for package in packages:
            if package.name in seen:
                first = seen[package.name]
                self.error(f"{package.name} is locked twice, first in line {first}", package.line)
            seen.setdefault(package.name, package.line)
