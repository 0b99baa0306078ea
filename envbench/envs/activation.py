"""Activation of a prefix without conda, in the way that conda itself does it.

What changes is worked out here from the variables at hand; shells only carry it out. conda's
`deactivate` understands what we leave behind, and ours what conda left.

Source: conda's `activate.py` (`CONDA_SHLVL`, `CONDA_PREFIX_<n>`, `__CONDA_SHLVL_<n>_<NAME>`).
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from envbench.envs.paths import GENERATIONS, split_generation
from envbench.envs.shells import OWNED_BY_SHELLS, Dialect, Shell, dialect_of, safe_prompt
from envbench.envs.variables import UNSET, is_variable_name, read_variables

_OWN = frozenset(
    {"PATH", "CONDA_PREFIX", "CONDA_SHLVL", "CONDA_DEFAULT_ENV", "CONDA_PROMPT_MODIFIER"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Activation:
    """What an activation or a deactivation changes, in this order."""

    scripts_before: tuple[Path, ...] = ()
    """The leaving environment's `deactivate.d`, without suffix choice; see `for_suffix`."""
    unset: tuple[str, ...] = ()
    set: tuple[tuple[str, str], ...] = ()
    old_prompt: str = ""
    new_prompt: str = ""
    scripts_after: tuple[Path, ...] = ()
    """The coming environment's `activate.d`."""
    ignored: tuple[str, ...] = field(default=())
    """Variables of the environment that are not set, because shells or activation own them."""

    def apply(self, environ: Mapping[str, str]) -> dict[str, str]:
        """Give the variables afterwards, scripts left out."""
        changed = {name: value for name, value in environ.items() if name not in self.unset}
        return changed | dict(self.set)

    def needs_shell(self) -> bool:
        """Tell whether there are scripts for `bash`, which only a shell can run."""
        return any(p.suffix == ".sh" for p in (*self.scripts_before, *self.scripts_after))


def plan_activation(
    prefix: Path, environ: Mapping[str, str], *, name: str | None = None
) -> Activation:
    """Work out what activating a prefix changes.

    Args:
        prefix: The environment's stable path.
        environ: The exported variables of the shell that activates.
        name: How to call it; None derives it from the path.
    """
    level = _level(environ)
    old = environ.get("CONDA_PREFIX") if level else None
    again = old == str(prefix)
    new_level = level if again else level + 1
    wanted, ignored = _wanted_variables(prefix)
    leaving = {} if old is None or again else _wanted_variables(Path(old))[0]
    label = name or name_prefix(prefix)
    changes = {
        "PATH": _change_path(environ.get("PATH", ""), old, str(prefix)),
        "CONDA_PREFIX": str(prefix),
        "CONDA_SHLVL": str(new_level),
        "CONDA_DEFAULT_ENV": label,
        "CONDA_PROMPT_MODIFIER": f"({safe_prompt(label)}) ",
    }
    if old is not None and not again:
        changes[f"CONDA_PREFIX_{level}"] = old
    if not again:
        # Kept under the level below ours, so that leaving puts them back.
        kept = (wanted.keys() & environ.keys()) - leaving.keys()
        changes |= {f"__CONDA_SHLVL_{new_level - 1}_{key}": environ[key] for key in sorted(kept)}
    changes |= {key: value for key, value in wanted.items() if value != UNSET}
    return Activation(
        scripts_before=() if old is None else _scripts(Path(old), "deactivate.d", reverse=True),
        unset=tuple(sorted((leaving.keys() | wanted.keys()) - changes.keys())),
        set=tuple(changes.items()),
        old_prompt=environ.get("CONDA_PROMPT_MODIFIER", "") if old is not None else "",
        new_prompt=changes["CONDA_PROMPT_MODIFIER"],
        scripts_after=_scripts(prefix, "activate.d"),
        ignored=ignored,
    )


def plan_deactivation(environ: Mapping[str, str]) -> Activation:
    """Work out what leaving the active environment changes: back to the one before, or to none.

    Nothing changes when none is active.
    """
    level, old = _level(environ), environ.get("CONDA_PREFIX")
    if not level or not old:
        return Activation()
    before = environ.get(f"CONDA_PREFIX_{level - 1}") if level > 1 else None
    leaving = _wanted_variables(Path(old))[0]
    kept = {key: f"__CONDA_SHLVL_{level - 1}_{key}" for key in leaving}
    restored = {key: environ[saved] for key, saved in kept.items() if saved in environ}
    changes = {"PATH": _change_path(environ.get("PATH", ""), old, before)}
    gone = {*leaving, *(saved for saved in kept.values() if saved in environ)}
    if before is None:
        changes["CONDA_SHLVL"] = "0"
        gone |= {"CONDA_PREFIX", "CONDA_DEFAULT_ENV", "CONDA_PROMPT_MODIFIER"}
    else:
        coming = _wanted_variables(Path(before))[0]
        label = name_prefix(Path(before))
        changes |= {
            "CONDA_PREFIX": before,
            "CONDA_SHLVL": str(level - 1),
            "CONDA_DEFAULT_ENV": label,
            "CONDA_PROMPT_MODIFIER": f"({safe_prompt(label)}) ",
            **{key: value for key, value in coming.items() if value != UNSET},
        }
        gone |= {f"CONDA_PREFIX_{level - 1}"}
    changes = restored | changes
    return Activation(
        scripts_before=_scripts(Path(old), "deactivate.d", reverse=True),
        unset=tuple(sorted(gone - changes.keys())),
        set=tuple(changes.items()),
        old_prompt=environ.get("CONDA_PROMPT_MODIFIER", ""),
        new_prompt=changes.get("CONDA_PROMPT_MODIFIER", ""),
        scripts_after=() if before is None else _scripts(Path(before), "activate.d"),
    )


def write_script(activation: Activation, shell: Shell, *, prompt: bool = True) -> str:
    """Write a change down for a shell to source or evaluate.

    Args:
        activation: What changes.
        shell: Who will run it.
        prompt: Whether interactive shells show the environment in their prompt.
    """
    dialect = dialect_of(shell)
    lines = [
        *_source_all(activation.scripts_before, dialect),
        *(dialect.unset_variable(name) for name in activation.unset),
        *(dialect.set_variable(name, value) for name, value in activation.set),
    ]
    if prompt and (activation.old_prompt or activation.new_prompt):
        lines.append(dialect.change_prompt(activation.old_prompt, activation.new_prompt))
    # Shells remember where they found commands.
    lines += [] if shell is Shell.FISH else ["hash -r 2>/dev/null || :"]
    lines += _source_all(activation.scripts_after, dialect)
    return "\n".join(lines) + "\n"


def name_prefix(prefix: Path) -> str:
    """Name a prefix as conda's prompt does: by name in an envs directory, else by path."""
    if prefix.parent.name == "envs" or (prefix.parent / GENERATIONS).is_dir():
        return prefix.name
    generation = split_generation(prefix.name) if prefix.parent.name == GENERATIONS else None
    if generation is not None:
        return generation[0]
    return str(prefix)


def _level(environ: Mapping[str, str]) -> int:
    text = environ.get("CONDA_SHLVL", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 0


def _wanted_variables(prefix: Path) -> tuple[dict[str, str], tuple[str, ...]]:
    """Read an environment's variables, apart from those that are not its to set."""
    found = read_variables(prefix)
    taken = {n for n in found if n in _OWN | OWNED_BY_SHELLS or not is_variable_name(n)}
    return {n: v for n, v in found.items() if n not in taken}, tuple(sorted(taken))


def _change_path(path: str, old: str | None, new: str | None) -> str:
    """Put the new prefix where the old one was; in front when the old one is nowhere."""
    parts = path.split(os.pathsep) if path else []
    fresh = [f"{new}/bin"] if new else []
    stale = f"{old}/bin" if old else None
    if stale not in parts:
        return os.pathsep.join([*fresh, *parts])
    at = parts.index(stale)
    rest = [part for part in parts[at + 1 :] if part != stale]
    return os.pathsep.join([*parts[:at], *fresh, *rest])


def _scripts(prefix: Path, folder: str, *, reverse: bool = False) -> tuple[Path, ...]:
    found = (prefix / "etc" / "conda" / folder).glob("*")
    return tuple(sorted((p for p in found if p.suffix in {".sh", ".fish"}), reverse=reverse))


def _source_all(scripts: tuple[Path, ...], dialect: Dialect) -> list[str]:
    return [dialect.source(str(p)) for p in scripts if p.suffix == dialect.script_suffix]
