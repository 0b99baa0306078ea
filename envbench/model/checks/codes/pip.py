"""EB3xx: the pip section."""

from envbench.model.checks.codes.entry import CodeEntry
from envbench.model.problem import Severity

PIP_SECTION = (
    CodeEntry(
        "EB301",
        "pip section without pip",
        Severity.WARNING,
        "conda adds pip by itself, with a warning; other tools install the section with whatever"
        " pip they find. List `pip` among the conda dependencies.",
    ),
    CodeEntry(
        "EB302",
        "invalid requirement",
        Severity.ERROR,
        "The line is no requirement as pip understands it (PEP 508), such as `rich`,"
        " `rich>=13,<15` or `rich[jupyter]; python_version < '3.12'`.",
    ),
    CodeEntry(
        "EB303",
        "package by conda and by pip",
        Severity.WARNING,
        "The same package is asked for twice. pip may replace files that conda owns; envbench"
        " refuses to let it. Keep one of the two, conda's where it exists.",
    ),
    CodeEntry(
        "EB304",
        "pip item that needs consent",
        Severity.ERROR,
        "The item runs code of its own or comes from outside the package index: a URL, a git"
        " repository, a local folder, an editable install. It is built only when this kind is"
        " allowed.",
    ),
    CodeEntry(
        "EB305",
        "pip option that is refused",
        Severity.ERROR,
        "Options inside the pip list change where packages come from or how they are checked."
        " Package indexes are set in the settings, where they are seen.",
    ),
    CodeEntry(
        "EB306",
        "environment variable in a pip item",
        Severity.ERROR,
        "`${NAME}` is filled in from the environment of whoever builds: it can send a secret to a"
        " stranger or be used to inject one.",
    ),
    CodeEntry(
        "EB307",
        "git without a commit",
        Severity.WARNING,
        "A branch or a tag can move: the next build may get other code. Name the full commit:"
        " `git+https://host/project@<40 hex digits>`.",
    ),
    CodeEntry(
        "EB308",
        "download without a hash",
        Severity.WARNING,
        "Nothing tells whether the file behind the URL is still the same. Append"
        " `#sha256=<64 hex digits>`.",
    ),
    CodeEntry(
        "EB309",
        "duplicate requirement",
        Severity.WARNING,
        "The package is listed more than once in the pip section.",
    ),
    CodeEntry(
        "EB310",
        "requirements without a version",
        Severity.INFO,
        "Nothing says which versions these pip packages should have: every build may bring others.",
    ),
    CodeEntry(
        "EB311",
        "hash without an exact version",
        Severity.ERROR,
        "`--hash` counts only beside `==`; otherwise it is ignored without a word.",
    ),
    CodeEntry(
        "EB312",
        "too many pip items",
        Severity.ERROR,
        "A pip section may have 3,000 items.",
    ),
)
