"""Whether what the locked packages depend on is locked with them, and what nobody needs."""

from collections import deque
from collections.abc import Iterable, Iterator

from packaging.requirements import InvalidRequirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name

from envbench.model.lock_verdicts.channel_match import ChannelAddresses
from envbench.model.lock_verdicts.finding import (
    Finding,
    FindingGroup,
    FindingMark,
    Judgement,
    name_some,
)
from envbench.model.lock_verdicts.line_match import judge_match, read_dependency
from envbench.model.lock_verdicts.pip_line_match import fits_version, judge_provider
from envbench.model.lock_verdicts.side import LockSide
from envbench.model.locked_set import LockedPackage, LockedPip
from envbench.model.package_needs import name_of
from envbench.model.requirement import read_requirement

_VIRTUAL = "__"
_CONDITIONAL = frozenset({"when", "flags", "extras"})


def check_closure(side: LockSide, channels: ChannelAddresses) -> Judgement:
    """Look for what each locked package depends on, in the lock itself.

    Dependencies on virtual packages (`__glibc >=2.28`) are told as what the box must have.
    """
    checker = _Checker(side, channels)
    for package in side.locked.packages:
        checker.check_conda(package)
    for distribution in side.locked.pip:
        checker.check_pip(distribution)
    return checker.finish()


def find_unneeded(
    side: LockSide, conda: Iterable[str], pip: Iterable[str]
) -> tuple[str, ...] | None:
    """List the locked packages that nothing leads to.

    Args:
        side: The lock.
        conda: Names of the conda packages that are asked for.
        pip: Normalised names of the distributions that are asked for.

    Returns:
        None when a package does not tell what it depends on.
    """
    if not (all(map(_tells, side.locked.packages)) and all(map(_tells, side.locked.pip))):
        return None
    walk = _Walk(side)
    walk.add_conda(conda)
    walk.add_pip(pip)
    walk.go()
    left = [f"{p.name} {p.version}" for p in side.locked.packages if p.name not in walk.conda]
    left += [p.describe() for p in side.locked.pip if p.name not in walk.pip]
    return tuple(left)


class _Checker:
    """Goes through all dependencies, and keeps what is wrong with them."""

    def __init__(self, side: LockSide, channels: ChannelAddresses) -> None:
        self._side = side
        self._channels = channels
        self._findings: list[Finding] = []
        self._silent: list[str] = []
        self._unknown: list[str] = []
        self._needs: dict[str, None] = {}

    def finish(self) -> Judgement:
        return Judgement(
            findings=tuple(self._findings),
            not_compared=tuple(self._say_unknown()),
            needs=tuple(sorted(self._needs)),
        )

    def check_conda(self, package: LockedPackage) -> None:
        if package.record is None:
            self._silent.append(package.name)
            return
        for text in package.record.depends:
            self._check_dependency(package, text)
        for text in package.record.constrains:
            self._check_constraint(package, text)

    def check_pip(self, package: LockedPip) -> None:
        record = package.record
        if record is None or record.requires_dist is None:
            self._silent.append(package.name)
            return
        self._check_python(package, record.requires_python)
        for text in record.requires_dist:
            self._check_requirement(package, text)

    def _check_dependency(self, package: LockedPackage, text: str) -> None:
        match = read_dependency(text)
        name = match.name if match else name_of(text)
        if name.startswith(_VIRTUAL):
            self._needs[text] = None
            return
        found = self._side.conda.get(name)
        if match is None or any(key in _CONDITIONAL for key, _ in match.brackets):
            self._unknown.append(f"{package.name} needs {text}")
        elif found is None:
            self._find(FindingMark.GONE, package, f"needs {text}, which is not locked")
        else:
            self._judge(package, text, found, "needs")

    def _check_constraint(self, package: LockedPackage, text: str) -> None:
        found = self._side.conda.get(name_of(text))
        if found is not None:
            self._judge(package, text, found, "allows only")

    def _judge(self, package: LockedPackage, text: str, found: LockedPackage, verb: str) -> None:
        match = read_dependency(text)
        if match is None:
            self._unknown.append(f"{package.name} {verb} {text}")
            return
        verdict = judge_match(match, found, self._channels)
        if not verdict.fits:
            message = f"{verb} {text}, and {found.describe()} is locked"
            self._find(FindingMark.CHANGED, package, message, found)
        elif verdict.unknown:
            self._unknown.append(f"{package.name} {verb} {text}")

    def _check_python(self, package: LockedPip, wanted: str) -> None:
        python = self._side.conda.get("python")
        if not wanted or python is None:
            return
        try:
            fits = fits_version(SpecifierSet(wanted), python.version).fits
        except InvalidSpecifier:
            self._unknown.append(f"{package.name} needs Python {wanted}")
            return
        if not fits:
            message = f"needs Python {wanted}, and {python.version} is locked"
            self._find(FindingMark.CHANGED, package, message, python)

    def _check_requirement(self, package: LockedPip, text: str) -> None:
        try:
            requirement = read_requirement(text)
        except InvalidRequirement:
            self._unknown.append(f"{package.name} needs {text}")
            return
        applies = self._side.markers.accepts(requirement.marker)
        if applies is None:
            self._unknown.append(f"{package.name} needs {text}")
        if not applies:
            return
        name = canonicalize_name(requirement.name)
        found = self._side.pip.get(name)
        providers = self._side.providers.get(name, ())
        if found is not None:
            verdict = fits_version(requirement.specifier, found.version)
            if not verdict.fits:
                message = f"needs {text}, and {found.describe()} is locked"
                self._find(FindingMark.CHANGED, package, message, found)
        elif not providers:
            self._find(FindingMark.GONE, package, f"needs {text}, which is not locked")
        elif not any(judge_provider(requirement, each).fits for each in providers):
            message = f"needs {text}, and conda's {providers[0].describe()} is locked"
            self._find(FindingMark.CHANGED, package, message, providers[0])

    def _find(
        self,
        mark: FindingMark,
        package: LockedPackage | LockedPip,
        message: str,
        other: LockedPackage | LockedPip | None = None,
    ) -> None:
        places = (*self._side.place(package), *(self._side.place(other) if other else ()))
        self._findings.append(
            Finding(
                mark=mark, group=FindingGroup.DEPENDENCIES, name=package.name, message=message,
                places=places,
            )
        )  # fmt: skip

    def _say_unknown(self) -> Iterator[str]:
        total = len(self._side.locked.packages) + len(self._side.locked.pip)
        if self._silent and len(self._silent) == total:
            yield "dependencies among the locked packages: this lock does not say them"
        elif self._silent:
            yield f"dependencies of {name_some(self._silent)}: the lock does not say them"
        if self._unknown:
            yield f"dependencies that cannot be judged: {name_some(dict.fromkeys(self._unknown))}"


class _Walk:
    """Goes from what is asked for to all that this needs, through both parts."""

    def __init__(self, side: LockSide) -> None:
        self._side = side
        self.conda: set[str] = set()
        self.pip: set[str] = set()
        self._waiting: deque[LockedPackage | LockedPip] = deque()

    def add_conda(self, names: Iterable[str]) -> None:
        for name in names:
            package = self._side.conda.get(name)
            if package is not None and name not in self.conda:
                self.conda.add(name)
                self._waiting.append(package)

    def add_pip(self, names: Iterable[str]) -> None:
        for name in names:
            package = self._side.pip.get(name)
            if package is None:
                self.add_conda(each.name for each in self._side.providers.get(name, ()))
            elif name not in self.pip:
                self.pip.add(name)
                self._waiting.append(package)

    def go(self) -> None:
        while self._waiting:
            package = self._waiting.popleft()
            if isinstance(package, LockedPip):
                self._follow_pip(package)
            else:
                self._follow_conda(package)

    def _follow_conda(self, package: LockedPackage) -> None:
        depends = package.record.depends if package.record else ()
        self.add_conda(name_of(text) for text in depends)

    def _follow_pip(self, package: LockedPip) -> None:
        # Installing needs these two, whoever asks for the distribution.
        self.add_conda(("python", "pip"))
        for text in (package.record and package.record.requires_dist) or ():
            try:
                requirement = read_requirement(text)
            except InvalidRequirement:
                continue
            # Which extras are asked for does not matter here: what may be needed is no waste.
            self.add_pip((canonicalize_name(requirement.name),))


def _tells(package: LockedPackage | LockedPip) -> bool:
    if isinstance(package, LockedPip):
        return package.record is not None and package.record.requires_dist is not None
    return package.record is not None
