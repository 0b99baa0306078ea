"""EB5xx: name, prefix, platforms and variables."""

from envbench.model.checks.codes.entry import CodeEntry
from envbench.model.problem import Severity

NAME_PREFIX_VARIABLES = (
    CodeEntry(
        "EB501",
        "unsafe environment name",
        Severity.ERROR,
        "A name becomes a directory. It is made of `A-Z a-z 0-9 . _ + -`, begins with a letter, a"
        " digit or `_`, does not end in a dot, and has at most 100 characters.",
    ),
    CodeEntry(
        "EB502",
        "reserved environment name",
        Severity.ERROR,
        "`base` and `root` are conda's own installation; a spec must not replace it.",
    ),
    CodeEntry(
        "EB503",
        "prefix ignored",
        Severity.WARNING,
        "`prefix` is the path on the machine on which the file was exported. It is never used:"
        " a file from elsewhere must not decide which directory is written. Remove the line.",
    ),
    CodeEntry(
        "EB504",
        "no name",
        Severity.INFO,
        "The file gives no name; whoever builds has to give one.",
    ),
    CodeEntry(
        "EB505",
        "invalid variable",
        Severity.ERROR,
        "Names of environment variables are made of `A-Z a-z 0-9 _` and do not begin with a digit;"
        " values hold no NUL character.",
    ),
    CodeEntry(
        "EB506",
        "variable that changes how programs run",
        Severity.WARNING,
        "The variable decides which code is loaded (`LD_PRELOAD`, `PATH`, `PYTHON...`): on"
        " activation every program of the shell obeys it.",
    ),
    CodeEntry(
        "EB507",
        "line break in a variable",
        Severity.WARNING,
        "Not every shell and tool keeps a line break in the value of a variable.",
    ),
    CodeEntry(
        "EB508",
        "secret in a variable",
        Severity.WARNING,
        "The file holds what looks like a secret. Everyone who gets the file gets it too.",
    ),
    CodeEntry(
        "EB509",
        "platform not listed",
        Severity.WARNING,
        "`platforms` names those the file is meant for, and this one is not among them, or it names"
        " one that does not exist.",
    ),
)
