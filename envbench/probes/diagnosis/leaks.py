"""What reaches into a process from outside of its environment: the user's packages, paths, libraries.

Source: site(7) of Python, ld.so(8); conda/conda#448, #394, #6018, #13746.
"""

import re
from dataclasses import dataclass

from envbench.model.diagnosis import Confidence
from envbench.model.probe import ProbeStatus
from envbench.probes.diagnosis.evidence import Evidence

_USER_SITE = re.compile(r"\S*/lib/python\d\.\d+/site-packages")
_PATH = re.compile(r"/[^\s:'\"(),;]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Leak:
    """One thing that comes from outside."""

    code: str
    path: str
    """The folder, or the file, that it comes from; empty when only the variable is known."""
    what: tuple[str, ...] = ()
    """Modules or libraries that come from there."""
    confidence: Confidence = Confidence.LIKELY


def find_leaks(evidence: Evidence) -> tuple[Leak, ...]:
    """Find what comes from outside: in a run that is fine by what it loaded, else by comparing runs.

    Returns:
        The most certain first; empty when nothing does, or nobody can tell.
    """
    result = evidence.result
    isolated = result.isolated
    seen = _from_facts(evidence)
    if result.status in {ProbeStatus.OK, ProbeStatus.SKIPPED}:
        return seen
    cured = isolated is not None and (
        isolated.status is ProbeStatus.OK
        or (isolated.status is ProbeStatus.NOT_INSTALLED and result.status is not isolated.status)
    )
    if not cured:
        return ()
    return seen or _from_texts(evidence) or _from_variables(evidence)


def _from_facts(evidence: Evidence) -> tuple[Leak, ...]:
    found: dict[str, tuple[list[str], list[str]]] = {}
    for name, path in _foreign_modules(evidence):
        if code := _code_of(path, evidence):
            folders, names = found.setdefault(code, ([], []))
            folders.append(_folder_of(path, evidence))
            names.append(name)
    for library in evidence.result.facts.get("foreign_libraries") or ():
        if _entry_of(str(library), evidence.surroundings.environ.get("LD_LIBRARY_PATH", "")):
            folders, names = found.setdefault("leak.ld_library_path", ([], []))
            folders.append(str(library).rpartition("/")[0])
            names.append(str(library).rpartition("/")[2])
    return tuple(
        Leak(
            code=code,
            path=", ".join(dict.fromkeys(folders)),
            what=tuple(dict.fromkeys(names)),
            confidence=Confidence.CERTAIN,
        )
        for code, (folders, names) in found.items()
    )


def _foreign_modules(evidence: Evidence) -> list[tuple[str, str]]:
    """Pair modules from outside of the prefix with where they are from."""
    facts = evidence.result.facts
    outside, origins = facts.get("outside_prefix") or (), facts.get("origins") or {}
    origins = origins if isinstance(origins, dict) else {}
    pairs = [*outside.items()] if isinstance(outside, dict) else []
    pairs += [(name, origins[name]) for name in outside if name in origins]
    pairs += [
        (name, told["origin"])
        for name, told in evidence.result.distributions.items()
        if told.get("in_prefix") == "false" and told.get("origin")
    ]
    return [(str(name), str(path)) for name, path in pairs]


def _from_texts(evidence: Evidence) -> tuple[Leak, ...]:
    """Look for a path of the user's own in frames, exceptions and the log."""
    texts = [*evidence.result.frames, *(passage.text for passage in evidence.passages)]
    paths = dict.fromkeys(path for text in texts for path in _PATH.findall(text))
    found: dict[str, Leak] = {}
    for path in paths:
        if path.startswith(f"{evidence.result.prefix}/"):
            continue
        code = _code_of(path, evidence)
        if code and code not in found:
            found[code] = Leak(code=code, path=_folder_of(path, evidence))
    return tuple(found.values())


def _from_variables(evidence: Evidence) -> tuple[Leak, ...]:
    """Fall back to the variables that the isolated run went without."""
    environ = evidence.surroundings.environ
    outer = {
        "LD_LIBRARY_PATH": "leak.ld_library_path",
        "LD_PRELOAD": "leak.ld_library_path",
        "PYTHONPATH": "leak.pythonpath",
    }
    named = [
        Leak(code=code, path=environ[name], confidence=Confidence.GUESS)
        for name, code in outer.items()
        if environ.get(name)
    ]
    loading = re.compile(r"\.so\b|symbol|shared object|version `")
    if any(loading.search(passage.text) for passage in evidence.passages):
        return tuple(named)
    named.sort(key=lambda leak: leak.code != "leak.pythonpath")
    return tuple(named) or (
        Leak(code="leak.usersite", path=_user_base(evidence), confidence=Confidence.GUESS),
    )


def _code_of(path: str, evidence: Evidence) -> str:
    environ = evidence.surroundings.environ
    if _entry_of(path, environ.get("PYTHONPATH", "")):
        return "leak.pythonpath"
    if path.startswith(f"{_user_base(evidence)}/") and _USER_SITE.search(path):
        return "leak.usersite"
    is_library = ".so" in path.rpartition("/")[2]
    if is_library and _entry_of(path, environ.get("LD_LIBRARY_PATH", "")):
        return "leak.ld_library_path"
    if re.search(r"/\.local/lib/python\d", path):
        return "leak.usersite"
    return ""


def _user_base(evidence: Evidence) -> str:
    environ = evidence.surroundings.environ
    return environ.get("PYTHONUSERBASE") or f"{environ.get('HOME', '~')}/.local"


def _entry_of(path: str, search: str) -> str:
    """Find the folder of a search path that something lies below; empty when none is."""
    folders = (folder.rstrip("/") for folder in search.split(":"))
    return next((f for f in folders if f and (path == f or path.startswith(f"{f}/"))), "")


def _folder_of(path: str, evidence: Evidence) -> str:
    if entry := _entry_of(path, evidence.surroundings.environ.get("PYTHONPATH", "")):
        return entry
    if found := re.match(r".*/(?:site|dist)-packages(?=/)", path):
        return found[0]
    return path.rpartition("/")[0] if "." in path.rpartition("/")[2] else path
