"""Libraries that are damaged, made for another machine, or for another Python."""

import os
from collections.abc import Iterator

from envbench.envs.doctor.libraries import Library
from envbench.envs.doctor.view import PrefixView
from envbench.model.diagnosis import Confidence, Diagnosis, Remedy
from envbench.model.problem import Severity

_SHOWN = 3


def examine_damaged_libraries(view: PrefixView) -> Iterator[Diagnosis]:
    """Find libraries that are cut off or damaged."""
    for owner, found in _group([each for each in view.libraries.libraries if each.fault], view):
        first = found[0]
        yield Diagnosis(
            code="lib.damaged",
            severity=Severity.ERROR,
            title=f"{first.name} of {owner} is damaged" + _say_more(found),
            cause=f"{first.fault[:1].upper()}{first.fault[1:]}: its installation was broken off, or"
            " the disk was full.",
            remedies=(_reinstall(owner, view),),
            confidence=Confidence.CERTAIN,
            evidence="; ".join(f"{each.path}: {each.fault}" for each in found[:_SHOWN]),
            found_in=first.path,
            packages=(owner,),
        )


def examine_machines(view: PrefixView) -> Iterator[Diagnosis]:
    """Find extensions that were built for another processor."""
    machine = os.uname().machine
    foreign = [
        each
        for each in view.libraries.libraries
        if each.is_extension and each.needs and not view.search.is_for_machine(each.needs)
    ]
    for owner, found in _group(foreign, view):
        first = found[0]
        made_for = first.needs.machine if first.needs else ""
        # Some packages carry files for every machine and choose at run time.
        severity = Severity.ERROR if first.python_tag else Severity.INFO
        yield Diagnosis(
            code="lib.machine",
            severity=severity,
            title=f"{first.name} of {owner} is for {made_for}, this is {machine}"
            + _say_more(found),
            cause="The environment was copied from another machine, or packages of another platform"
            " were installed by force.",
            remedies=(_reinstall(owner, view),),
            confidence=Confidence.CERTAIN,
            evidence=f"{first.path}: {made_for}",
            found_in=first.path,
            packages=(owner,),
        )


def examine_python_tags(view: PrefixView) -> Iterator[Diagnosis]:
    """Find extensions for another Python that have no counterpart for this one."""
    if not view.python:
        return
    wanted = f"cpython-{view.python_short.replace('.', '')}"
    by_module: dict[str, set[str]] = {}
    for each in view.libraries.libraries:
        if each.is_extension:
            by_module.setdefault(_module(each), set()).add(each.python_tag)
    foreign = [
        each
        for each in view.libraries.libraries
        if each.python_tag
        and each.is_extension
        and not each.python_tag.startswith(wanted)
        and not any(not tag or tag.startswith(wanted) for tag in by_module[_module(each)])
    ]
    for owner, found in _group(foreign, view):
        first = found[0]
        tag = first.python_tag.removeprefix("cpython-")
        other = f"{tag[0]}.{tag[1:]}"
        yield Diagnosis(
            code="abi.python_tag",
            severity=Severity.ERROR,
            title=f"{owner} is built for Python {other}, this is Python {view.python_short}",
            cause="Python does not find its compiled modules: the wheel of another Python was"
            " unpacked here, or the Python of the environment was changed underneath it.",
            remedies=(_reinstall(owner, view),),
            confidence=Confidence.CERTAIN,
            evidence=f"{first.path}" + _say_more(found),
            found_in=first.path,
            packages=(owner, "python"),
        )


def _module(library: Library) -> str:
    return f"{library.folder}/{library.name.partition('.')[0]}"


def _group(libraries: list[Library], view: PrefixView) -> Iterator[tuple[str, list[Library]]]:
    """Group libraries by the package that brought them."""
    groups: dict[str, list[Library]] = {}
    for each in libraries:
        owner = view.brought_by.get(each.path) or view.owners.get(each.path) or each.name
        groups.setdefault(owner, []).append(each)
    yield from sorted(groups.items())


def _say_more(found: list[Library]) -> str:
    return f" (and {len(found) - 1} more)" if len(found) > 1 else ""


def _reinstall(owner: str, view: PrefixView) -> Remedy:
    if view.conda:
        return Remedy(
            text="build the environment again: its packages are checked as they are linked"
        )
    return Remedy(
        text=f"install {owner} again",
        command=f"{view.prefix}/bin/python -m pip install --force-reinstall --no-deps {owner}",
    )
