"""Statements in the languages of shells, with every value literal.

A value is always put in single quotes: nothing in it is expanded, whatever it holds. Texts made
here may hold undecodable bytes of paths as surrogates; encode them with `os.fsencode`.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

_NOT_FOR_PROMPTS = re.compile(r"[^A-Za-z0-9._+/@:~ ()-]")

OWNED_BY_SHELLS = frozenset(
    [
        "_",
        "argv",
        "status",
        "pipestatus",
        "history",
        "version",
        "prompt",
        "umask",
        "hostname",
        "path",
        "fpath",
        "cdpath",
        "manpath",
        "mailpath",
        "module_path",
        "fignore",
        "psvar",
        "watch",
        "aliases",
        "builtins",
        "commands",
        "dirstack",
        "functions",
        "galiases",
        "histchars",
        "historywords",
        "jobdirs",
        "jobstates",
        "jobtexts",
        "keymaps",
        "modules",
        "nameddirs",
        "options",
        "parameters",
        "patchars",
        "reswords",
        "saliases",
        "termcap",
        "terminfo",
        "userdirs",
        "usergroups",
        "widgets",
        "UID",
        "EUID",
        "GID",
        "EGID",
        "USERNAME",
        "PPID",
        "IFS",
        "SHELLOPTS",
        "BASHOPTS",
        "BASHPID",
        "BASH_VERSINFO",
        "BASH_ALIASES",
        "BASH_ARGC",
        "BASH_ARGV",
        "BASH_CMDS",
        "BASH_LINENO",
        "BASH_SOURCE",
        "DIRSTACK",
        "FUNCNAME",
        "GROUPS",
        "PIPESTATUS",
        "RANDOM",
        "SRANDOM",
        "SECONDS",
        "EPOCHSECONDS",
        "EPOCHREALTIME",
        "LINENO",
        "HISTCMD",
        "OPTIND",
        "LINES",
        "COLUMNS",
        "ARGC",
        "FUNCNEST",
        "HISTSIZE",
        "SAVEHIST",
        "TRY_BLOCK_ERROR",
        "TRY_BLOCK_INTERRUPT",
        "TTYIDLE",
        "FISH_VERSION",
        "CMD_DURATION",
        "ZSH_EVAL_CONTEXT",
        "ZSH_SUBSHELL",
        "PS0",
        "PS1",
        "PS2",
        "PS3",
        "PS4",
        "PROMPT",
        "PROMPT2",
        "PROMPT3",
        "PROMPT4",
        "SPROMPT",
        "PROMPT_COMMAND",
    ]
)
"""Names that must not be set to outside text. Some are read-only, some have side effects (zsh
changes the user id for `UID`), and some are evaluated: bash runs the command inside of
`RANDOM='a[$(command)]'`, because it takes that for arithmetic, and expands prompts."""


class Shell(StrEnum):
    """The shells whose language is spoken here."""

    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"
    POSIX = "sh"
    """Whatever `/bin/sh` is: dash, busybox, ..."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one family of shells says things."""

    quote: Callable[[str], str]
    """Turn any text without NUL into one literal word."""
    set_variable: Callable[[str, str], str]
    """Set and export a variable."""
    unset_variable: Callable[[str], str]
    source: Callable[[str], str]
    """Run a script in the shell itself, if it is still there."""
    change_prompt: Callable[[str, str], str]
    """Replace the old beginning of the prompt by a new one, in interactive shells."""
    script_suffix: str
    """Which files of `activate.d` are for this family."""


def dialect_of(shell: Shell) -> Dialect:
    """Give the language of a shell."""
    return _FISH if shell is Shell.FISH else _POSIX


def safe_prompt(text: str) -> str:
    """Make a text fit for a prompt, which shells expand each time they show it."""
    return _NOT_FOR_PROMPTS.sub("_", text)


def _quote_posix(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def _quote_fish(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _source_posix(path: str) -> str:
    word = _quote_posix(path)
    return f"if [ -r {word} ]; then . {word}; fi"


def _source_fish(path: str) -> str:
    word = _quote_fish(path)
    return f"if test -r {word}; source {word}; end"


def _prompt_posix(old: str, new: str) -> str:
    # An assignment is not split into words; quotes after `#` make the pattern literal.
    strip = f"PS1=${{PS1#{_quote_posix(old)}}}; " if old else ""
    return f'case $- in *i*) {strip}PS1={_quote_posix(new)}"${{PS1-}}";; esac'


def _prompt_fish(old: str, new: str) -> str:  # noqa: ARG001  # the prompt reads the variable
    # conda's own set-up of fish shows the modifier already.
    return """\
if status is-interactive; and not functions -q __envbench_prompt; and not functions -q __fish_prompt_orig
    functions -q fish_prompt; or function fish_prompt; printf '> '; end
    functions -c fish_prompt __envbench_prompt
    function fish_prompt
        set -l last $status
        printf '%s' "$CONDA_PROMPT_MODIFIER"
        sh -c "exit $last"
        __envbench_prompt
    end
end"""


_POSIX = Dialect(
    quote=_quote_posix,
    set_variable=lambda name, value: f"export {name}={_quote_posix(value)}",
    unset_variable=lambda name: f"unset {name}",
    source=_source_posix,
    change_prompt=_prompt_posix,
    script_suffix=".sh",
)
_FISH = Dialect(
    quote=_quote_fish,
    set_variable=lambda name, value: f"set -gx {name} {_quote_fish(value)}",
    unset_variable=lambda name: f"set -e {name}",
    source=_source_fish,
    change_prompt=_prompt_fish,
    script_suffix=".fish",
)
