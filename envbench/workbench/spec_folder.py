"""The specs of a folder, each with what is wrong with it, whether it is built, and git's view."""

import os
import re
import stat
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from envbench.envs.generations import EnvironmentStore
from envbench.files import read_text_file
from envbench.machine.git_states import GitState, read_git_states
from envbench.model.checks.context import CheckContext
from envbench.model.cleaning import clean
from envbench.model.errors import EnvbenchError, UsageError
from envbench.model.generation import Generation
from envbench.model.problem import Problem, Severity
from envbench.settings.load import Settings
from envbench.workbench.drafts import draft_name, list_draft_names
from envbench.workbench.path_texts import read_path, show_path, write_path
from envbench.workbench.recent import list_recent
from envbench.workbench.sample_specs import list_samples
from envbench.workbench.specs import check_with, describe_context
from envbench.workbench.values.checked_texts import TextReport
from envbench.workbench.values.spec_folder import SpecEntry as SpecEntry
from envbench.workbench.values.spec_folder import SpecFolder as SpecFolder
from envbench.workbench.values.spec_folder import SpecState as SpecState
from envbench.workbench.writability import say_read_only

SUBFOLDERS = ("conda", "envs", "environments")
"""Folders in which projects keep specs; looked into one level deep."""
MAX_FILES = 200
"""Most files of one listing."""
MAX_LOOKED_AT = 20_000
"""Most names of one folder that are looked at."""
CHECK_TIME_S = 2.0
"""How long the checks of one listing may take; what is left is listed unchecked."""

_SUFFIXES = (".yml", ".yaml")
_OWN_NAME = re.compile(r"environment[^/]*\.ya?ml", re.IGNORECASE | re.DOTALL)
_LISTED = re.compile(r"^dependencies[ \t]*:", re.MULTILINE)
_KEYS = re.compile(r"^(?:channels|name)[ \t]*:", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class _Built:
    """The generations in use."""

    by_name: Mapping[str, Generation]
    by_sha256: Mapping[str, Generation]

    def find(self, title: str, sha256: str) -> Generation | None:
        """Find the one with the spec's name, or else one that was built from its text."""
        return self.by_name.get(title) or self.by_sha256.get(sha256)


@dataclass(frozen=True, slots=True)
class _View:
    """What all entries of one listing are judged by."""

    folder: Path
    context: CheckContext
    built: _Built
    drafts: frozenset[str]
    deadline: float


def list_specs(directory: str, settings: Settings, *, with_git: bool = True) -> SpecFolder:
    """List the specs of a folder and of its `envs`, `conda` and `environments`.

    Nothing is raised for what lies in the folder: whatever cannot be read is a row that says why.

    Args:
        directory: The folder.
        settings: Channels for the checks, the environments, and where drafts lie.
        with_git: Whether to ask git about the files.
    """
    folder = read_path(directory)
    files, left_off, fault = _find_files(folder)
    view = _View(
        folder,
        describe_context(settings, "linux-64"),
        _read_built(settings),
        list_draft_names(settings),
        time.monotonic() + CHECK_TIME_S,
    )
    found = (_describe(file, view) for file in files)
    specs = [entry for entry in found if entry is not None]
    return SpecFolder(
        path=write_path(folder),
        shown=show_path(folder),
        fault=fault,
        specs=tuple(_ask_git(specs) if with_git else specs),
        left_off=left_off,
        samples=list_samples(),
        recent=list_recent(settings),
    )


def _find_files(folder: Path) -> tuple[list[Path], int, str]:
    """List the YAML files, those of the folder itself first; with the count of those left off."""
    try:
        files = sorted(_yaml_files(folder), key=lambda file: file.name)
    except (OSError, ValueError) as fault:
        return [], 0, getattr(fault, "strerror", None) or "the path cannot be used"
    for name in SUBFOLDERS:
        try:
            files += sorted(_yaml_files(folder / name), key=lambda file: file.name)
        except OSError:
            # Not there, or closed: the folder itself is what was asked for.
            continue
    return files[:MAX_FILES], max(0, len(files) - MAX_FILES), ""


def _yaml_files(folder: Path) -> Iterator[Path]:
    with os.scandir(folder) as entries:
        for count, entry in enumerate(entries):
            if count >= MAX_LOOKED_AT:
                break
            if entry.name.lower().endswith(_SUFFIXES) and not _is_folder(entry):
                yield folder / entry.name


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _describe(file: Path, view: _View) -> SpecEntry | None:
    """Describe one file; None when it is YAML of another kind."""
    entry = _base_entry(file, view)
    is_named = _OWN_NAME.fullmatch(file.name) is not None
    try:
        found = read_text_file(file, what="spec")
    except UsageError as fault:
        # Of a file that cannot be read only its name tells what it is.
        refused = replace(entry, state=SpecState.UNREADABLE, reason=fault.why)
        return refused if is_named or entry.has_draft else None
    if not is_named and not _LISTED.search(found.text):
        return None
    if time.monotonic() > view.deadline:
        return replace(entry, state=SpecState.UNCHECKED, reason="too many files to check them all")
    report = check_with(found.text, entry.shown, view.context, has_bom=found.has_bom)
    if not is_named and not entry.has_draft and not _looks_like_spec(found.text, report):
        return None
    return _judge(entry, report, view)


def _base_entry(file: Path, view: _View) -> SpecEntry:
    try:
        status = file.stat()
        size, modified = status.st_size, status.st_mtime
        is_file = stat.S_ISREG(status.st_mode)
    except (OSError, ValueError):
        size, modified, is_file = 0, 0.0, False
    return SpecEntry(
        path=write_path(file),
        shown=show_path(file.relative_to(view.folder)),
        state=SpecState.UNREADABLE,
        modified=modified,
        size_bytes=size if is_file else 0,
        read_only=say_read_only(file),
        has_draft=draft_name(file) in view.drafts,
    )


def _looks_like_spec(text: str, report: TextReport) -> bool:
    """Tell specs from other YAML with a key `dependencies`: charts, packages of other tools."""
    if report.other_kind:
        return False
    if report.meanings:
        return True
    # Charts list mappings, and Dart's packages have a mapping in the place of the list.
    is_other = any(problem.code in {"EB108", "EB110"} for problem in report.problems)
    return _KEYS.search(text) is not None and not is_other


def _judge(entry: SpecEntry, report: TextReport, view: _View) -> SpecEntry:
    built = view.built.find(report.name, report.sha256)
    state, reason = _state_of(entry, report)
    return replace(
        entry,
        title=clean(report.name, limit=120),
        state=state,
        reason=reason,
        errors=report.errors,
        warnings=report.warnings,
        sha256=report.sha256,
        environment=built.environment if built else "",
        built=built.number if built else None,
        built_matches=built is not None and built.spec_sha256 == report.sha256,
    )


def _state_of(entry: SpecEntry, report: TextReport) -> tuple[SpecState, str]:
    first = next((p for p in report.problems if p.severity is Severity.ERROR), None)
    if report.other_kind:
        return SpecState.PROBLEMS, f"this is {report.other_kind}, not a spec"
    if not report.is_spec:
        return SpecState.BROKEN, _say_broken(first)
    if first is not None:
        line = f"line {first.span.line}: " if first.span else ""
        return SpecState.PROBLEMS, f"{line}{first.message}"
    return (SpecState.DRAFT, "unsaved work is kept") if entry.has_draft else (SpecState.OK, "")


def _say_broken(problem: Problem | None) -> str:
    if problem is None:
        return "not YAML"
    kind = "not YAML" if problem.code == "EB101" else "no spec"
    line = f"line {problem.span.line}, " if problem.span else ""
    return f"{kind}: {line}{problem.message}"


def _read_built(settings: Settings) -> _Built:
    try:
        stored = EnvironmentStore(settings.paths.envs_dir).list()
    except (OSError, EnvbenchError):
        stored = ()
    live = [each.live.generation for each in stored if each.live is not None]
    by_sha256 = {each.spec_sha256: each for each in live if each.spec_sha256}
    return _Built({each.environment: each for each in live}, by_sha256)


def _ask_git(specs: list[SpecEntry]) -> list[SpecEntry]:
    """Fill in what git says, folder by folder: each may be a repository of its own."""
    deadline = time.monotonic() + 2.0
    answers: dict[Path, GitState] = {}
    files = [read_path(entry.path) for entry in specs]
    for folder in dict.fromkeys(file.parent for file in files):
        names = [file.name for file in files if file.parent == folder]
        left = max(0.0, deadline - time.monotonic())
        found = read_git_states(folder, names, os.environ, timeout_s=left)
        answers |= {folder / name: state for name, state in found.items()}
    return [replace(entry, git=answers[file]) for entry, file in zip(specs, files, strict=True)]
