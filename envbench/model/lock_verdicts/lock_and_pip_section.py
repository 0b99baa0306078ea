"""The `pip:` section of a spec held against what a lock says of it."""

from collections.abc import Iterator

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from envbench.model.lock_verdicts.finding import (
    Finding,
    FindingGroup,
    FindingMark,
    Judgement,
    Place,
    join_judgements,
    name_some,
)
from envbench.model.lock_verdicts.line_match import LineVerdict
from envbench.model.lock_verdicts.pip_line_match import (
    distribution_of,
    find_direct,
    judge_direct,
    judge_provider,
    judge_requirement,
)
from envbench.model.lock_verdicts.side import LockSide
from envbench.model.locked_set import LockAspect, LockedPackage, LockedPip
from envbench.model.pip_lines import PipKind, PipLine, classify_pip_item
from envbench.model.redaction import redact
from envbench.model.requirement import read_requirement
from envbench.model.spec import EnvironmentSpec, PipItem

_OPEN = {
    PipKind.FILE_OF_REQUIREMENTS: "the lines of that file",
    PipKind.OPTION: "options of the installer",
    PipKind.INVALID: "it cannot be read",
}


class PipSectionJudge:
    """Judges the items of one spec against one platform of a lock."""

    def __init__(self, side: LockSide, spec: EnvironmentSpec, path: str, folder: str) -> None:
        """Take the lock, the spec with its path, and the folder in which it lies."""
        self._side = side
        self._spec = spec
        self._path = path
        self._folder = folder

    def judge(self) -> Judgement:
        """Hold every item against the lock."""
        return join_judgements(self._judge_item(item) for item in self._spec.pip)

    def names(self) -> Iterator[str]:
        """Name the distributions that the items ask for, as far as they name one."""
        for item in self._spec.pip:
            line = classify_pip_item(item.text)
            if line.requirement is not None:
                yield canonicalize_name(line.requirement.name)
            elif line.target is not None:
                found = find_direct(line, self._side, self._folder)
                yield found.name if found else distribution_of(line.target)

    def _judge_item(self, item: PipItem) -> Judgement:
        line = classify_pip_item(item.text)
        place = Place(self._path, item.span.line)
        if line.kind in _OPEN:
            return _open(place, line, _OPEN[line.kind])
        if line.requirement is not None:
            return self._judge_named(line, line.requirement, place)
        return self._judge_nameless(line, place)

    def _judge_named(self, line: PipLine, requirement: Requirement, place: Place) -> Judgement:
        applies = self._side.markers.accepts(requirement.marker)
        if applies is None:
            return _open(place, line, "whether its marker applies")
        if not applies:
            return Judgement()
        name = canonicalize_name(requirement.name)
        found = self._side.pip.get(name)
        if found is None:
            return self._judge_provided(line, requirement, place)
        verdict = judge_requirement(line, requirement, found, self._side)
        if line.kind in {PipKind.LOCAL, PipKind.EDITABLE}:
            verdict = judge_direct(line, found, self._side, self._folder)
        extras = self._judge_extras(requirement, found, place, line)
        return join_judgements([self._tell(line, verdict, found, place), extras])

    def _judge_provided(self, line: PipLine, requirement: Requirement, place: Place) -> Judgement:
        providers = self._side.providers.get(canonicalize_name(requirement.name), ())
        verdicts = [judge_provider(requirement, each) for each in providers]
        fitting = next((verdict for verdict in verdicts if verdict.fits), None)
        if fitting is not None:
            found = providers[verdicts.index(fitting)]
            return self._tell(line, fitting, found, place)
        if not self._side.says(LockAspect.PIP):
            return _open(place, line, "the lock does not say pip packages")
        if providers:
            return self._tell(line, verdicts[0], providers[0], place)
        return self._gone(line, place, canonicalize_name(requirement.name))

    def _judge_nameless(self, line: PipLine, place: Place) -> Judgement:
        if not self._side.says(LockAspect.PIP):
            return _open(place, line, "the lock does not say pip packages")
        found = find_direct(line, self._side, self._folder)
        name = distribution_of(line.target or "")
        if found is not None:
            verdict = judge_direct(line, found, self._side, self._folder)
            return self._tell(line, verdict, found, place)
        if not self._side.says(LockAspect.PIP_DIRECT) and not name:
            return _open(place, line, "the lock does not say where pip packages come from")
        if not name and self._is_perhaps_elsewhere(line):
            return _open(place, line, "which of the locked local projects it is")
        return self._gone(line, place, name or redact(line.target or line.text))

    def _is_perhaps_elsewhere(self, line: PipLine) -> bool:
        """Tell whether a folder may be locked under the path that it has on another box."""
        if not line.needs & {PipKind.LOCAL, PipKind.OUTSIDE}:
            return False
        return any((p.direct_url or "").startswith("file://") for p in self._side.pip.values())

    def _judge_extras(
        self, requirement: Requirement, found: LockedPip, place: Place, line: PipLine
    ) -> Judgement:
        if not requirement.extras:
            return Judgement()
        wanted = found.record.requires_dist if found.record else None
        if wanted is None:
            extras = ", ".join(sorted(requirement.extras))
            return _open(place, line, f"what [{extras}] adds, which the lock does not say")
        missing = [text for text in wanted if self._lacks(text, requirement.extras)]
        if not missing:
            return Judgement()
        message = f"{redact(line.text)} is asked for, and its {name_some(missing)} is not locked"
        return Judgement(findings=(self._find(FindingMark.GONE, found, message, place),))

    def _lacks(self, text: str, extras: set[str]) -> bool:
        try:
            requirement = read_requirement(text)
        except InvalidRequirement:
            return False
        markers = self._side.markers
        if "extra" not in str(requirement.marker or ""):
            return False
        if not markers.accepts(requirement.marker, sorted(extras)):
            return False
        name = canonicalize_name(requirement.name)
        found = self._side.pip.get(name)
        if found is not None:
            return not requirement.specifier.contains(found.version, prereleases=True)
        providers = self._side.providers.get(name, ())
        return not any(judge_provider(requirement, each).fits for each in providers)

    def _tell(
        self, line: PipLine, verdict: LineVerdict, found: LockedPackage | LockedPip, place: Place
    ) -> Judgement:
        text = redact(line.text)
        message = f"{text} is asked for: {'; '.join(verdict.faults)}"
        unknown = (f"{place}: {text}: {name_some(verdict.unknown)}",) if verdict.unknown else ()
        changed = self._find(FindingMark.CHANGED, found, message, place)
        return Judgement(findings=() if verdict.fits else (changed,), not_compared=unknown)

    def _gone(self, line: PipLine, place: Place, name: str) -> Judgement:
        message = f"{redact(line.text)} is asked for, and it is not locked"
        return Judgement(
            findings=(
                Finding(
                    mark=FindingMark.GONE, group=FindingGroup.PIP, name=name, message=message,
                    places=(place, *self._side.place()),
                ),
            )
        )  # fmt: skip

    def _find(
        self, mark: FindingMark, found: LockedPackage | LockedPip, message: str, place: Place
    ) -> Finding:
        return Finding(
            mark=mark, group=FindingGroup.PIP, name=found.name, message=message,
            places=(place, *self._side.place(found)),
        )  # fmt: skip


def _open(place: Place, line: PipLine, what: str) -> Judgement:
    return Judgement(not_compared=(f"{place}: {redact(line.text)}: {what}",))
