"""Libraries that are asked for and are not there, or are too old for what is asked of them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from envbench.envs.doctor.imported_libraries import find_imported
from envbench.envs.doctor.libraries import Library
from envbench.envs.doctor.library_names import is_of_driver, propose_library, say_optional
from envbench.envs.doctor.library_search import FoundLibrary, FoundWhere
from envbench.envs.doctor.view import PrefixView
from envbench.model.diagnosis import Confidence, Diagnosis, Remedy, SpecChange
from envbench.model.problem import Severity

_SHOWN = 3
_MOST_NAMES = 6
_REFERENCES = {
    "lib.missing": ("pytorch/pytorch#165812", "microsoft/onnxruntime-genai#344"),
    "lib.glibcxx": ("pytorch/pytorch#157709", "isl-org/Open3D#5531"),
}
_SYMBOLS = {"GLIBC": "lib.glibc", "GLIBCXX": "lib.glibcxx", "CXXABI": "lib.glibcxx"}


@dataclass(frozen=True, slots=True)
class _TooOld:
    """A library that lacks versions of symbols that another one needs."""

    asker: Library
    name: str
    versions: tuple[str, ...]
    found: FoundLibrary


def examine_library_needs(view: PrefixView) -> Iterator[Diagnosis]:
    """Find libraries that nothing on the loader's way answers to."""
    missing: dict[str, list[Library]] = {}
    for library in view.libraries.libraries:
        for name in library.needs.needed if library.needs else ():
            # A name with a folder in it is looked up as it stands, if it is absolute.
            is_odd = "/" in name and not name.startswith("/")
            if not name or is_odd or is_of_driver(name):
                continue
            if not _is_for_us(library, view) or view.search.find(library, name) is not None:
                continue
            missing.setdefault(name, []).append(library)
    if not missing:
        return
    imported = find_imported(missing, view)
    harmless: dict[str, dict[str, list[Library]]] = {}
    for name, askers in sorted(missing.items()):
        harmed = [each for each in askers if each.path in imported[name]]
        if harmed:
            yield _diagnose_missing(name, harmed, view)
        for each in askers if not harmed else ():
            owner = next(iter(_list_owners([each], view)), each.name)
            harmless.setdefault(owner, {}).setdefault(name, []).append(each)
    for owner, names in sorted(harmless.items()):
        yield _tell_harmless(owner, names)


def examine_symbol_versions(view: PrefixView) -> Iterator[Diagnosis]:
    """Find libraries that are older than what uses them needs (GLIBC, GLIBCXX and their kin)."""
    found: dict[tuple[str, str], list[_TooOld]] = {}
    for library in view.libraries.libraries:
        if not _is_for_us(library, view):
            continue
        for each in _list_too_old(library, view):
            code = _SYMBOLS.get(each.versions[0].partition("_")[0], "lib.symbol_version")
            found.setdefault((code, each.found.path), []).append(each)
    askers = {key: [each.asker for each in group] for key, group in found.items()}
    imported = find_imported(askers, view) if found else {}
    for key, group in sorted(found.items()):
        yield _diagnose_old(key[0], group, imported[key], view)


def _is_for_us(library: Library, view: PrefixView) -> bool:
    """Whether it is made for this machine; files for others lie about in some packages."""
    return library.needs is not None and view.search.is_for_machine(library.needs)


def _list_too_old(library: Library, view: PrefixView) -> Iterator[_TooOld]:
    for need in library.needs.version_needs if library.needs else ():
        if is_of_driver(need.library):
            continue
        found = view.search.find(library, need.library)
        if found is None or found.needs is None or not found.needs.versions:
            continue
        if found.where is FoundWhere.PRELOADED:
            # Which copy is loaded first is not known.
            continue
        lacking = tuple(v for v in need.versions if v not in found.needs.versions)
        if lacking:
            yield _TooOld(library, need.library, lacking, found)


def _diagnose_missing(name: str, askers: list[Library], view: PrefixView) -> Diagnosis:
    owners = _list_owners(askers, view)
    who = ", ".join(owners[:_SHOWN]) or askers[0].name
    shown = ", ".join(each.path for each in askers[:_SHOWN])
    more = f" and {len(askers) - _SHOWN} more" if len(askers) > _SHOWN else ""
    return Diagnosis(
        code="lib.missing",
        severity=Severity.ERROR,
        title=f"{name} is not there, but {who} needs it",
        cause="The library is neither in the environment nor in the system: importing what needs it"
        f" ends with `ImportError: {name}: cannot open shared object file`.",
        remedies=propose_library(name, has_conda=bool(view.conda)),
        confidence=Confidence.CERTAIN,
        evidence=f"{shown}{more}: NEEDED {name}",
        found_in=askers[0].path,
        packages=owners,
        references=_REFERENCES["lib.missing"],
    )


def _tell_harmless(owner: str, names: Mapping[str, list[Library]]) -> Diagnosis:
    """Tell in one finding what parts of a package are of no use here."""
    first = next(iter(names.values()))[0]
    uses = {what: None for name in names if (what := say_optional(name))}
    shown = list(names)[:_MOST_NAMES]
    more = f" and {len(names) - len(shown)} more" if len(names) > len(shown) else ""
    what = f" They are for: {', '.join(uses)}." if uses else ""
    return Diagnosis(
        code="lib.missing",
        severity=Severity.INFO,
        title=f"parts of {owner} need libraries that are not there: {', '.join(shown)}{more}",
        cause="They are not loaded when the package is imported, so that it works without them; only"
        f" these parts do not.{what}",
        confidence=Confidence.LIKELY,
        evidence="; ".join(
            f"{askers[0].path}: NEEDED {name}" for name, askers in list(names.items())[:_SHOWN]
        ),
        found_in=first.path,
        packages=(owner,),
    )


def _diagnose_old(
    code: str, group: list[_TooOld], imported: frozenset[str], view: PrefixView
) -> Diagnosis:
    askers = [each.asker for each in group]
    owners = _list_owners(askers, view)
    who = ", ".join(owners[:_SHOWN]) or askers[0].name
    newest = max((v for each in group for v in each.versions), key=_order)
    found = group[0].found
    is_imported = any(each.path in imported for each in askers)
    place = "this system" if found.where is FoundWhere.SYSTEM else "the environment"
    return Diagnosis(
        code=code,
        severity=Severity.ERROR if is_imported else Severity.WARNING,
        title=f"{who} needs {newest}, which the {group[0].name} of {place} does not have",
        cause="It was built on a newer system than this one: importing it ends with"
        f" ``version `{newest}' not found``.",
        remedies=_propose_newer(code, view),
        confidence=Confidence.CERTAIN,
        evidence=f"{askers[0].path} needs {', '.join(group[0].versions)} of {found.path}",
        found_in=askers[0].path,
        packages=owners,
        references=_REFERENCES.get(code, ()),
    )


def _propose_newer(code: str, view: PrefixView) -> tuple[Remedy, ...]:
    older = Remedy(text="take a build for older systems (for wheels, an older version of it)")
    if code == "lib.glibcxx" and view.conda and not view.is_venv:
        change = SpecChange(kind="require", requirement="libstdcxx-ng")
        text = "add a newer C++ library to the environment: libstdcxx-ng"
        return (Remedy(text=text, changes=(change,)), older)
    if code == "lib.glibc":
        return (older, Remedy(text="run it on a newer system, in a container for instance"))
    return (older,)


def _order(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.rpartition("_")[2].split(".") if part.isdecimal())


def _list_owners(askers: list[Library], view: PrefixView) -> tuple[str, ...]:
    """Name the packages that brought libraries: the distribution, else the conda package."""
    names = (view.brought_by.get(each.path) or view.owners.get(each.path, "") for each in askers)
    return tuple(dict.fromkeys(name for name in names if name))
