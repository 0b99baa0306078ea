"""Every code that a problem of a spec can have: data for the checks, the help and the documents.

EB1xx text and schema, EB2xx conda dependencies, EB3xx pip section, EB4xx channels,
EB5xx name, prefix, platforms and variables. A code keeps its meaning for ever; one that goes out
of use is not given to anything else.
"""

import re
from dataclasses import dataclass

from envbench.model.cleaning import clean
from envbench.model.problem import Edit, Problem, Severity
from envbench.model.redaction import redact
from envbench.model.span import Span

MESSAGE_LIMIT = 400
"""Most characters of a message or a hint."""


@dataclass(frozen=True, slots=True)
class CodeEntry:
    """One code of the catalogue."""

    code: str
    title: str
    """A few words, lower case."""
    severity: Severity
    explanation: str
    """Why it matters and what to do, in a few sentences."""


_ERROR, _WARNING, _INFO = Severity.ERROR, Severity.WARNING, Severity.INFO

_TEXT_AND_SCHEMA = (
    CodeEntry(
        "EB101",
        "no valid YAML",
        _ERROR,
        "The text cannot be read as YAML. The place is where the reader gave up; the cause is often"
        " one line above: a tab, an indent that differs from its neighbours, a colon or a quote.",
    ),
    CodeEntry(
        "EB102",
        "too large, too deep or too many nodes",
        _ERROR,
        "A spec may have 1 MiB, 20,000 YAML nodes and 12 levels. Real ones stay far below; what"
        " goes above is a mistake or an attempt to exhaust the reader.",
    ),
    CodeEntry(
        "EB103",
        "anchor, alias or merge key",
        _ERROR,
        "Anchors (`&a`), aliases (`*a`) and merge keys (`<<`) let a small file grow without bound,"
        " and conda's tools disagree about them. Write the text out.",
    ),
    CodeEntry(
        "EB104",
        "explicit YAML tag",
        _ERROR,
        "A tag such as `!!python/object` asks the reader to construct something. A spec is made of"
        " texts, lists and mappings only; quote a text that begins with `!`.",
    ),
    CodeEntry(
        "EB105",
        "duplicate key",
        _ERROR,
        "The same key stands twice in one mapping. Readers differ in which one counts (the first,"
        " the last, neither), so the two have to be joined.",
    ),
    CodeEntry(
        "EB106",
        "hidden or control character",
        _ERROR,
        "A control character, an escape sequence, a bidirectional mark or another character that"
        " cannot be seen. It can make a line look like another one; remove it.",
    ),
    CodeEntry(
        "EB107",
        "no mapping of keys",
        _ERROR,
        "An environment.yml is one document with keys such as `name`, `channels`, `dependencies`.",
    ),
    CodeEntry(
        "EB108",
        "wrong shape",
        _ERROR,
        "A key holds another kind of value than it must: a list where a text belongs, a text where"
        " a list belongs. conda reads a text in place of a list letter by letter.",
    ),
    CodeEntry(
        "EB109",
        "unknown key",
        _WARNING,
        "No tool knows this key; conda ignores it with a warning, micromamba without. It is often a"
        " misspelling or wrong indentation.",
    ),
    CodeEntry(
        "EB110",
        "unknown subsection of dependencies",
        _ERROR,
        "Inside `dependencies` only a `pip:` list may stand (and micromamba's `sel(linux): ...`)."
        " What is inside another mapping would be left out.",
    ),
    CodeEntry(
        "EB111",
        "dependencies missing",
        _ERROR,
        "`dependencies` is the one key that an environment.yml must have (CEP 24). Without it"
        " tools make an empty environment and report success.",
    ),
    CodeEntry(
        "EB112",
        "nothing to install",
        _WARNING,
        "`dependencies` is there but empty: the environment will hold no package.",
    ),
    CodeEntry(
        "EB113",
        "YAML reads another value",
        _WARNING,
        "Without quotes YAML takes this for a number, a date or a truth value: `3.10` becomes 3.1,"
        " `no` becomes false, `1:30` becomes 90. envbench keeps the text; other tools do not."
        " Quote it.",
    ),
    CodeEntry(
        "EB114",
        "empty item",
        _WARNING,
        "A list item without content. Tools ignore it or stop; remove the line.",
    ),
    CodeEntry(
        "EB115",
        "unknown code in a comment",
        _WARNING,
        "A comment `# envbench: ignore ...` names a code that does not exist, or one that cannot be"
        " silenced because the spec cannot be built with it.",
    ),
    CodeEntry(
        "EB116",
        "unfilled template",
        _ERROR,
        "`{{ name }}` is a placeholder of a template engine. Render the template first; the result"
        " is the environment.yml.",
    ),
)

_CONDA_DEPENDENCIES = (
    CodeEntry(
        "EB201",
        "invalid match spec",
        _ERROR,
        "The line is no match spec. The forms are `name`, `name=1.2`, `name>=1.2,<2`,"
        " `name=1.2=build`, `channel::name` and `name[key=value]`.",
    ),
    CodeEntry(
        "EB202",
        "invalid package name",
        _ERROR,
        "Names of conda packages are made of `A-Z a-z 0-9 . _ -`. Letters of other scripts that"
        " look the same name another package, or none.",
    ),
    CodeEntry(
        "EB203",
        "duplicate dependency",
        _WARNING,
        "The package is listed more than once. All constraints hold together, which is easily"
        " overlooked when one of them is edited.",
    ),
    CodeEntry(
        "EB204",
        "option in place of a package",
        _ERROR,
        "The line begins with `-`, as an option of a command line does. Solvers take"
        " `-c conda-forge` for a package called `-c`; channels belong under `channels:`.",
    ),
    CodeEntry(
        "EB205",
        "impossible build string",
        _ERROR,
        "What follows the version is taken for a build string, and no build string can look like"
        " this. Two constraints are joined with a comma, not with a blank: `numpy >=1.2,<2`.",
    ),
    CodeEntry(
        "EB206",
        "version without a digit",
        _WARNING,
        "The version has no digit, so that it hardly exists: `latest` is a version like any other"
        " for conda. Leave the version out to get the newest one.",
    ),
    CodeEntry(
        "EB207",
        "ambiguous version and build",
        _WARNING,
        "`name=1.2 build` asks for exactly 1.2 in some readers and for 1.2.* in others. Write"
        " `name=1.2.*=build` or `name==1.2=build`.",
    ),
    CodeEntry(
        "EB208",
        "python without a version",
        _WARNING,
        "The newest Python may appear before the packages that the environment needs are built for"
        " it, and a later rebuild changes it under your feet.",
    ),
    CodeEntry(
        "EB209",
        "packages without a version",
        _INFO,
        "Nothing says which versions these packages should have: every build may bring others. A"
        " lock file fixes them; a lower and an upper bound in the spec say what is meant.",
    ),
    CodeEntry(
        "EB210",
        "another name in conda channels",
        _WARNING,
        "PyPI and conda channels know this package under different names.",
    ),
    CodeEntry(
        "EB211",
        "selector key",
        _WARNING,
        "Only micromamba and envbench read `sel(linux): ...`; conda refuses the file.",
    ),
    CodeEntry(
        "EB212",
        "selector comment",
        _WARNING,
        "Only conda-lock reads a comment such as `# [linux]`. For conda, mamba and envbench it is a"
        " comment: the line counts on every platform.",
    ),
    CodeEntry(
        "EB213",
        "package by address",
        _WARNING,
        "An archive named by URL or path is taken as it is: no channel vouches for its checksum,"
        " and no other build can be chosen.",
    ),
    CodeEntry(
        "EB214",
        "single colon",
        _WARNING,
        "`channel:name` names a namespace, which solvers ignore; a channel is named with two"
        " colons: `channel::name`.",
    ),
    CodeEntry(
        "EB215",
        "wildcard that is lost",
        _WARNING,
        "Behind another term, or with a build, `==1.*` is read as `==1`. Write `1.*` without the"
        " equals signs.",
    ),
)

_PIP_SECTION = (
    CodeEntry(
        "EB301",
        "pip section without pip",
        _WARNING,
        "conda adds pip by itself, with a warning; other tools install the section with whatever"
        " pip they find. List `pip` among the conda dependencies.",
    ),
    CodeEntry(
        "EB302",
        "invalid requirement",
        _ERROR,
        "The line is no requirement as pip understands it (PEP 508), such as `rich`,"
        " `rich>=13,<15` or `rich[jupyter]; python_version < '3.12'`.",
    ),
    CodeEntry(
        "EB303",
        "package by conda and by pip",
        _WARNING,
        "The same package is asked for twice. pip may replace files that conda owns; envbench"
        " refuses to let it. Keep one of the two, conda's where it exists.",
    ),
    CodeEntry(
        "EB304",
        "pip item that needs consent",
        _ERROR,
        "The item runs code of its own or comes from outside the package index: a URL, a git"
        " repository, a local folder, an editable install. It is built only when this kind is"
        " allowed.",
    ),
    CodeEntry(
        "EB305",
        "pip option that is refused",
        _ERROR,
        "Options inside the pip list change where packages come from or how they are checked."
        " Package indexes are set in the settings, where they are seen.",
    ),
    CodeEntry(
        "EB306",
        "environment variable in a pip item",
        _ERROR,
        "`${NAME}` is filled in from the environment of whoever builds: it can send a secret to a"
        " stranger or be used to inject one.",
    ),
    CodeEntry(
        "EB307",
        "git without a commit",
        _WARNING,
        "A branch or a tag can move: the next build may get other code. Name the full commit:"
        " `git+https://host/project@<40 hex digits>`.",
    ),
    CodeEntry(
        "EB308",
        "download without a hash",
        _WARNING,
        "Nothing tells whether the file behind the URL is still the same. Append"
        " `#sha256=<64 hex digits>`.",
    ),
    CodeEntry(
        "EB309",
        "duplicate requirement",
        _WARNING,
        "The package is listed more than once in the pip section.",
    ),
    CodeEntry(
        "EB310",
        "requirements without a version",
        _INFO,
        "Nothing says which versions these pip packages should have: every build may bring others.",
    ),
    CodeEntry(
        "EB311",
        "hash without an exact version",
        _ERROR,
        "`--hash` counts only beside `==`; otherwise it is ignored without a word.",
    ),
    CodeEntry(
        "EB312",
        "too many pip items",
        _ERROR,
        "A pip section may have 3,000 items.",
    ),
)

_CHANNELS = (
    CodeEntry(
        "EB401",
        "no channels",
        _WARNING,
        "Without `channels` each machine uses its own configured ones: the same file gives another"
        " environment elsewhere.",
    ),
    CodeEntry(
        "EB402",
        "channel with terms of service",
        _WARNING,
        "Anaconda's `defaults` channels ask organisations of more than 200 people for a paid"
        " licence. `conda-forge` has no such terms.",
    ),
    CodeEntry(
        "EB403",
        "channel order",
        _WARNING,
        "Channels come in order of priority. conda-forge and defaults are built against different"
        " libraries; mixed, with defaults first, they give broken or unsolvable environments.",
    ),
    CodeEntry(
        "EB404",
        "channel of a dependency is not listed",
        _WARNING,
        "`channel::package` names a channel that is not under `channels:`. Some tools add it, some"
        " find nothing.",
    ),
    CodeEntry("EB405", "duplicate channel", _WARNING, "The channel is listed more than once."),
    CodeEntry(
        "EB406",
        "secret in a URL",
        _WARNING,
        "The file holds a password or a token. Everyone who gets the file gets the secret, and"
        " tools copy it into logs, locks and environments. Move it to the credential store and"
        " change it.",
    ),
    CodeEntry(
        "EB407",
        "unencrypted address",
        _WARNING,
        "Whoever sits on the way can replace packages that come over http.",
    ),
    CodeEntry(
        "EB408",
        "variable in a channel",
        _ERROR,
        "`$NAME` in a URL is not filled in: it could send a secret to a stranger. Configure the"
        " channel under a name instead.",
    ),
    CodeEntry(
        "EB409",
        "local channel",
        _WARNING,
        "A channel in a local folder exists on this machine only, and its packages have nobody to"
        " vouch for them.",
    ),
    CodeEntry(
        "EB410",
        "link-local address",
        _WARNING,
        "The address reaches services of this machine or its host, such as the metadata service of"
        " a cloud, not a channel on the network.",
    ),
    CodeEntry(
        "EB411",
        "unknown host",
        _WARNING,
        "The channel lies on a host that is neither a public conda service nor configured here.",
    ),
    CodeEntry("EB412", "invalid channel", _ERROR, "The text names no channel and no address."),
    CodeEntry(
        "EB413",
        "channel without new releases",
        _INFO,
        "The channel gets no new releases; its packages live elsewhere now.",
    ),
)

_NAME_PREFIX_VARIABLES = (
    CodeEntry(
        "EB501",
        "unsafe environment name",
        _ERROR,
        "A name becomes a directory. It is made of `A-Z a-z 0-9 . _ + -`, begins with a letter, a"
        " digit or `_`, does not end in a dot, and has at most 100 characters.",
    ),
    CodeEntry(
        "EB502",
        "reserved environment name",
        _ERROR,
        "`base` and `root` are conda's own installation; a spec must not replace it.",
    ),
    CodeEntry(
        "EB503",
        "prefix ignored",
        _WARNING,
        "`prefix` is the path on the machine on which the file was exported. It is never used:"
        " a file from elsewhere must not decide which directory is written. Remove the line.",
    ),
    CodeEntry(
        "EB504",
        "no name",
        _INFO,
        "The file gives no name; whoever builds has to give one.",
    ),
    CodeEntry(
        "EB505",
        "invalid variable",
        _ERROR,
        "Names of environment variables are made of `A-Z a-z 0-9 _` and do not begin with a digit;"
        " values hold no NUL character.",
    ),
    CodeEntry(
        "EB506",
        "variable that changes how programs run",
        _WARNING,
        "The variable decides which code is loaded (`LD_PRELOAD`, `PATH`, `PYTHON...`): on"
        " activation every program of the shell obeys it.",
    ),
    CodeEntry(
        "EB507",
        "line break in a variable",
        _WARNING,
        "Not every shell and tool keeps a line break in the value of a variable.",
    ),
    CodeEntry(
        "EB508",
        "secret in a variable",
        _WARNING,
        "The file holds what looks like a secret. Everyone who gets the file gets it too.",
    ),
    CodeEntry(
        "EB509",
        "platform not listed",
        _WARNING,
        "`platforms` names those the file is meant for, and this one is not among them, or it names"
        " one that does not exist.",
    ),
)

CATALOGUE: dict[str, CodeEntry] = {
    entry.code: entry
    for entry in (
        *_TEXT_AND_SCHEMA,
        *_CONDA_DEPENDENCIES,
        *_PIP_SECTION,
        *_CHANNELS,
        *_NAME_PREFIX_VARIABLES,
    )
}
"""Code to entry, in ascending order."""


def make_problem(
    code: str, message: str, span: Span | None, hint: str = "", edit: Edit | None = None
) -> Problem:
    """Make a problem with the severity of its code; texts are cleaned and redacted here.

    Raises:
        KeyError: The code is not in the catalogue.
    """
    return Problem(
        code=code,
        severity=CATALOGUE[code].severity,
        message=_presentable(message),
        span=span,
        hint=_presentable(hint),
        edit=edit,
    )


def _presentable(text: str) -> str:
    # Tabs and line breaks become blanks first: cleaning would glue the words together.
    return clean(redact(re.sub(r"[\t\n]", " ", text)), limit=MESSAGE_LIMIT)
