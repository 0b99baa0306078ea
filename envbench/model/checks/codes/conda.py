"""EB2xx: conda dependencies."""

from envbench.model.checks.codes.entry import CodeEntry
from envbench.model.problem import Severity

CONDA_DEPENDENCIES = (
    CodeEntry(
        "EB201",
        "invalid match spec",
        Severity.ERROR,
        "The line is no match spec. The forms are `name`, `name=1.2`, `name>=1.2,<2`,"
        " `name=1.2=build`, `channel::name` and `name[key=value]`.",
    ),
    CodeEntry(
        "EB202",
        "invalid package name",
        Severity.ERROR,
        "Names of conda packages are made of `A-Z a-z 0-9 . _ -`. Letters of other scripts that"
        " look the same name another package, or none.",
    ),
    CodeEntry(
        "EB203",
        "duplicate dependency",
        Severity.WARNING,
        "The package is listed more than once. All constraints hold together, which is easily"
        " overlooked when one of them is edited.",
    ),
    CodeEntry(
        "EB204",
        "option in place of a package",
        Severity.ERROR,
        "The line begins with `-`, as an option of a command line does. Solvers take"
        " `-c conda-forge` for a package called `-c`; channels belong under `channels:`.",
    ),
    CodeEntry(
        "EB205",
        "impossible build string",
        Severity.ERROR,
        "What follows the version is taken for a build string, and no build string can look like"
        " this. Two constraints are joined with a comma, not with a blank: `numpy >=1.2,<2`.",
    ),
    CodeEntry(
        "EB206",
        "version without a digit",
        Severity.WARNING,
        "The version has no digit, so that it hardly exists: `latest` is a version like any other"
        " for conda. Leave the version out to get the newest one.",
    ),
    CodeEntry(
        "EB207",
        "ambiguous version and build",
        Severity.WARNING,
        "`name=1.2 build` asks for exactly 1.2 in some readers and for 1.2.* in others. Write"
        " `name=1.2.*=build` or `name==1.2=build`.",
    ),
    CodeEntry(
        "EB208",
        "python without a version",
        Severity.WARNING,
        "The newest Python may appear before the packages that the environment needs are built for"
        " it, and a later rebuild changes it under your feet.",
    ),
    CodeEntry(
        "EB209",
        "packages without a version",
        Severity.INFO,
        "Nothing says which versions these packages should have: every build may bring others. A"
        " lock file fixes them; a lower and an upper bound in the spec say what is meant.",
    ),
    CodeEntry(
        "EB210",
        "another name in conda channels",
        Severity.WARNING,
        "PyPI and conda channels know this package under different names.",
    ),
    CodeEntry(
        "EB211",
        "selector key",
        Severity.WARNING,
        "Only micromamba and envbench read `sel(linux): ...`; conda refuses the file.",
    ),
    CodeEntry(
        "EB212",
        "selector comment",
        Severity.WARNING,
        "Only conda-lock reads a comment such as `# [linux]`. For conda, mamba and envbench it is a"
        " comment: the line counts on every platform.",
    ),
    CodeEntry(
        "EB213",
        "package by address",
        Severity.WARNING,
        "An archive named by URL or path is taken as it is: no channel vouches for its checksum,"
        " and no other build can be chosen.",
    ),
    CodeEntry(
        "EB214",
        "single colon",
        Severity.WARNING,
        "`channel:name` names a namespace, which solvers ignore; a channel is named with two"
        " colons: `channel::name`.",
    ),
    CodeEntry(
        "EB215",
        "wildcard that is lost",
        Severity.WARNING,
        "Behind another term, or with a build, `==1.*` is read as `==1`. Write `1.*` without the"
        " equals signs.",
    ),
    CodeEntry(
        "EB216",
        "framework without builds for this Python",
        Severity.WARNING,
        "The releases that the line accepts were made for other Pythons than the spec asks for, by"
        " the framework's own table (named with its date). A channel may still have such a build;"
        " mostly the solve ends in a conflict. Take another Python or another release.",
    ),
)
