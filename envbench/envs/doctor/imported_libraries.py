"""Which libraries come in when the packages that brought them are imported."""

from collections import deque
from collections.abc import Collection, Hashable, Mapping
from typing import TypeVar

from envbench.envs.doctor.import_reach import find_reached
from envbench.envs.doctor.libraries import Library
from envbench.envs.doctor.view import Distribution, PrefixView

Key = TypeVar("Key", bound=Hashable)


def find_imported(
    groups: Mapping[Key, Collection[Library]], view: PrefixView
) -> dict[Key, frozenset[str]]:
    """Find for groups of libraries which of them an import needs, by their paths.

    A library is needed when a module that is reached needs it, however indirectly, or when most
    compiled modules of a distribution need one of its group: then hardly anything of it works.

    Args:
        groups: The libraries that suffer from one cause each.
        view: The environment.
    """
    needing = _invert_needs(view)
    asked = {each.path for group in groups.values() for each in group}
    risen = {path: _rise(path, needing, view) for path in asked}
    reached = _find_reached({each for found in risen.values() for each in found}, view)
    answers: dict[Key, frozenset[str]] = {}
    for key, group in groups.items():
        paths = [each.path for each in group]
        modules = {each for path in paths for each in risen[path]}
        imported = reached | _find_crowds(modules, view)
        answers[key] = frozenset(p for p in paths if not risen[p].isdisjoint(imported))
    return answers


def _invert_needs(view: PrefixView) -> dict[str, list[str]]:
    """Map each library's path to those of the libraries that need it."""
    needing: dict[str, list[str]] = {}
    for library in view.libraries.libraries:
        for name in library.needs.needed if library.needs else ():
            for path in view.libraries.names.get(name.rpartition("/")[2], ()):
                needing.setdefault(path, []).append(library.path)
    return needing


def _rise(path: str, needing: Mapping[str, list[str]], view: PrefixView) -> frozenset[str]:
    """Find the modules that bring a library in, however indirectly."""
    waiting, seen = deque([path]), {path}
    while waiting:
        for other in needing.get(waiting.popleft(), ()):
            if other not in seen:
                seen.add(other)
                waiting.append(other)
    return frozenset(each for each in seen if view.libraries.by_path[each].is_extension)


def _find_reached(modules: Collection[str], view: PrefixView) -> set[str]:
    """Find the modules that are reached from the sources of their distributions."""
    # Modules that no distribution lists, such as those of the interpreter, are looked at alone.
    reached = {
        path for path in modules if path not in view.brought_by and "/lib-dynload/" not in path
    }
    for distribution, own in _split(modules, view):
        site = f"{distribution.info.rpartition('/')[0]}/"
        found = find_reached(
            view.prefix / site,
            (p.removeprefix(site) for p in distribution.paths if p.startswith(site)),
            [p.removeprefix(site) for p in own if p.startswith(site)],
        )
        reached |= {f"{site}{path}" for path in found}
    return reached


def _find_crowds(modules: Collection[str], view: PrefixView) -> set[str]:
    """Keep the modules that are more than half of those of their distribution."""
    by_path = view.libraries.by_path
    crowded: set[str] = set()
    for distribution, own in _split(modules, view):
        every = sum(path in by_path and by_path[path].is_extension for path in distribution.paths)
        if len(own) * 2 > every:
            crowded |= own
    return crowded


def _split(modules: Collection[str], view: PrefixView) -> list[tuple[Distribution, set[str]]]:
    """Split modules by the distribution that brought them."""
    wanted = set(modules)
    found = ((each, wanted.intersection(each.paths)) for each in view.distributions)
    return [(distribution, own) for distribution, own in found if own]
