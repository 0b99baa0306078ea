"""Which of the packages that were locked before can stay beside the items as they are now."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from packaging.requirements import Requirement

from envbench.engine.pip_section.guard import read_dry_run
from envbench.engine.pip_section.items import VettedItem
from envbench.engine.pip_section.resolution import Resolver
from envbench.engine.pip_section.workspace import pinnable
from envbench.model.keep_search import KeepAnswer, find_fewest_freed
from envbench.model.lock import PipPackage

_MOST_ASKED = 60
"""One question takes a tenth of a second at best."""
_REPOSITORY = re.compile(r"(?P<place>git\+.+?)(?:@(?P<revision>[^@/#]+))?(?P<rest>#.*)?")


@dataclass(frozen=True, slots=True)
class KeptVersions:
    """Versions that are held."""

    pins: Mapping[str, str] = field(default_factory=dict)
    freed: tuple[str, ...] = ()
    """Those that had to give way, sorted."""


def choose_kept(
    resolver: Resolver,
    items: Sequence[VettedItem],
    kept: Sequence[PipPackage],
    update: Collection[str],
) -> KeptVersions:
    """Choose the versions to hold: as many as can be.

    Packages to update get the versions that they would have if nothing were held.

    Raises:
        EnvbenchError: The network failed, ...; having no solution at all is left to the resolver.
    """
    owned = resolver.task.owned
    wanted = _pinnable(kept, items, {*owned, *update})
    newest = _find_newest(resolver, items, update) if update else {}
    if newest is None:
        return KeptVersions()

    def ask(names: frozenset[str]) -> KeepAnswer:
        pins = {name: wanted[name] for name in names}
        return KeepAnswer(resolver.ask(items, {**pins, **newest, **owned}).status == 0)

    outcome = find_fewest_freed(wanted, ask, most_asked=_MOST_ASKED)
    if outcome is None:
        return KeptVersions()
    held = {name: version for name, version in wanted.items() if name not in outcome.freed}
    return KeptVersions({**held, **newest}, tuple(sorted(outcome.freed)))


def hold_commits(
    items: Sequence[VettedItem], kept: Sequence[PipPackage], update: Collection[str]
) -> tuple[VettedItem, ...]:
    """Let items that name a repository and no revision mean the commit that was locked.

    An item that names a branch or a tag is looked up again: whether the locked commit was that of
    the same one is not known.
    """
    commits = {p.name: p.direct_url or "" for p in kept if p.name not in update}
    return tuple(_hold_commit(item, commits.get(item.name, "")) for item in items)


def _hold_commit(item: VettedItem, locked: str) -> VettedItem:
    asked, known = (_REPOSITORY.fullmatch(url) for url in (item.requirement.url or "", locked))
    if asked is None or known is None or asked["revision"] or not known["revision"]:
        return item
    if (asked["place"], asked["rest"]) != (known["place"], known["rest"]):
        return item
    requirement = Requirement(str(item.requirement))
    requirement.url = locked
    return replace(item, requirement=requirement)


def _pinnable(
    kept: Sequence[PipPackage], items: Sequence[VettedItem], free: Collection[str]
) -> dict[str, str]:
    """Map what can be held by its version to it; a direct reference is held by the item itself."""
    direct = {item.name for item in items if item.requirement.url}
    return pinnable(
        {
            package.name: package.version
            for package in kept
            if package.name not in free and package.name not in direct and not package.direct_url
        }
    )


def _find_newest(
    resolver: Resolver, items: Sequence[VettedItem], update: Collection[str]
) -> dict[str, str] | None:
    """Find the versions of some packages when nothing is held; None when there is no solution."""
    outcome = resolver.ask(items, resolver.task.owned)
    if outcome.status != 0:
        return None
    found = {change.name: change.version for change in read_dry_run(outcome.stdout)}
    return pinnable({name: version for name, version in found.items() if name in update})
