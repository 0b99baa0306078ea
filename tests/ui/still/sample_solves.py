"""Solves made by hand: a plan of 213 packages of which 7 change, and a conflict."""

from dataclasses import replace

from envbench.model.channel import ChannelGroup, ChannelPriority
from envbench.model.conflict import Chain, Conflict, ConflictCause, Core, CoreKind, Link, SpecLine
from envbench.model.host import HostProfile
from envbench.model.package_changes import compare_packages
from envbench.model.plan import PackageRecord, Plan
from envbench.model.plan_sizes import PlanSizes
from envbench.ui.state import SolveView
from envbench.workbench.values.solving import AskedLine, SolveReport
from tests.ui.still.sample_project import SPEC_PATH

PACKAGES = 213
_ADDRESS = "https://conda.example.org"


def record(
    name: str, version: str, build: str, *depends: str, channel: str = "conda-forge"
) -> PackageRecord:
    """Make a package of a channel."""
    file_name = f"{name}-{version}-{build}.conda"
    return PackageRecord(
        name=name,
        version=version,
        build=build,
        build_number=0,
        subdir="linux-64",
        file_name=file_name,
        url=f"{_ADDRESS}/{channel}/linux-64/{file_name}",
        channel=channel,
        channel_url=f"{_ADDRESS}/{channel}",
        size_bytes=10_000 * (len(name) + 3 * len(version)) ** 2,
        license="BSD-3-Clause",
        depends=depends,
    )


_STAY = (
    record("openssl", "3.1.4", "hd590300_0"),
    record("python", "3.9.18", "h0755675_0_cpython", "openssl", "__glibc >=2.17"),
    record("pandas", "2.1.1", "py39hddac248_1", "python", "numpy >=1.22.4"),
    record("pip", "23.3.1", "pyhd8ed1ab_0", "python"),
)
_FILLING = tuple(
    record(f"lib-{number:03}", f"1.{number % 20}", "h0_0")
    for number in range(PACKAGES - len(_STAY) - 6)
)
_OLD = (
    record("numpy", "1.23.5", "mkl_py39_0", "python"),
    record("pytorch", "1.13.0", "py3.9_cuda11.7_0", "python", channel="pytorch"),
    record("tensorboard-data", "0.7.0", "py39_0"),
    record("tensorflow", "2.12.1", "cuda120py39h_0", "tensorflow-base"),
    record("tensorflow-base", "2.12.1", "cuda120py39h_0", "typing-extensions >=3.6.6"),
    record("typing-extensions", "4.12.2", "pyha770c72_0", "python"),
)
_NEW = (
    record("typing-extensions", "4.5.0", "pyha770c72_0", "python"),
    record("numpy", "1.23.5", "openblas_py39_0", "python"),
    record("pytorch", "1.13.1", "py3.9_cuda11.7_0", "python", "typing-extensions", channel="pytorch"),
    record("keras", "2.13.1", "pyhd8ed1ab_0", "numpy"),
    record("tensorflow-base", "2.13.1", "cpu_py39h_0", "keras", "typing-extensions >=3.6.6,<4.6.0"),
    record("tensorflow", "2.13.1", "cpu_py39h_0", "tensorflow-base"),
)  # fmt: skip
_ASKED = (
    AskedLine(name="python", text="python=3.9", line=5),
    AskedLine(name="pip", text="pip", line=6),
    AskedLine(name="numpy", text="numpy=1.23.*", line=7),
    AskedLine(name="pandas", text="pandas", line=8),
    AskedLine(name="pytorch", text="pytorch::pytorch=1.13.1", line=9),
    AskedLine(name="tensorflow", text="tensorflow=2.13.1", line=10),
    AskedLine(name="transformers", text="transformers", line=12, is_pip=True),
    AskedLine(name="openai", text="openai", line=13, is_pip=True),
)
_INSTALLED = (*_STAY, *_FILLING, *_OLD)
_PLAN = Plan(
    platform="linux-64",
    packages=(*_STAY, *_FILLING, *_NEW),
    channels=(
        ChannelGroup("conda-forge", (f"{_ADDRESS}/conda-forge",)),
        ChannelGroup("pytorch", (f"{_ADDRESS}/pytorch",)),
    ),
    channel_priority=ChannelPriority.FLEXIBLE,
    host=HostProfile(platform="linux-64", glibc="2.35", cuda="12.4"),
)
_REPORT = SolveReport(
    path=SPEC_PATH,
    sha256="saved",
    problems=(),
    asked=_ASKED,
    plan=_PLAN,
    against="ai_dev_env",
    changes=compare_packages(_INSTALLED, _PLAN.packages),
    sizes=PlanSizes(1_900_000_000, 6, 0, 5_300_000_000, 6),
    pip_items=("transformers", "openai"),
)
PLAN = SolveView(
    report=_REPORT,
    path=SPEC_PATH,
    sha256="saved",
    elapsed_s=0.9,
    against="ai_dev_env",
    generation=4,
)
"""Against generation 4: one step back, one other build, a CPU build for a GPU build."""

FIRST_PLAN = replace(
    PLAN,
    report=replace(_REPORT, against=None, changes=compare_packages((), _PLAN.packages)),
    against="",
    generation=None,
)
"""The same where nothing is built yet."""

_TENSORFLOW, _OPENAI = "tensorflow=2.13.1", "openai>=2"
_TENSORFLOW_LINE = SpecLine(text=_TENSORFLOW, name="tensorflow", line=10)
_OPENAI_LINE = SpecLine(text=_OPENAI, name="openai", line=13, is_pip=True)
CORE = Core(
    kind=CoreKind.PIP_AGAINST_CONDA,
    lines=(_TENSORFLOW_LINE, _OPENAI_LINE),
    explanation=(
        "Both need typing-extensions, and there is no version of it that is older than 4.6.0 and "
        "not older than 4.11.",
    ),
    chains=(
        Chain(
            line=_TENSORFLOW_LINE,
            links=(
                Link("tensorflow 2.13.1", "tensorflow-base 2.13.1"),
                Link("tensorflow-base 2.13.1", "typing-extensions >=3.6.6,<4.6.0"),
            ),
            demand="typing-extensions >=3.6.6,<4.6.0",
        ),
        Chain(
            line=_OPENAI_LINE,
            links=(Link("openai 2.0 … 2.48", "typing-extensions >=4.11,<5"),),
            demand="typing-extensions >=4.11,<5",
        ),
    ),
    meeting="typing-extensions",
)
"""Two lines that meet in one package."""
_MANY_LINES = tuple(
    SpecLine(text=text, name=text.partition("=")[0], line=line)
    for text, line in (("python=3.9", 5), ("numpy=1.23.*", 7), ("pandas=2.2", 8))
)
LIST_CORE = Core(
    kind=CoreKind.INCOMPATIBLE,
    lines=_MANY_LINES,
    explanation=("pandas 2.2 needs numpy >=1.26 on python 3.9, where numpy=1.23.* is asked for.",),
    chains=tuple(
        Chain(line=line, demand=demand)
        for line, demand in zip(
            _MANY_LINES, ("python 3.9", "numpy 1.23.*", "numpy >=1.26"), strict=True
        )
    ),
    meeting="numpy",
    is_independent=False,
)
"""Three lines."""
MISSING_CORE = Core(
    kind=CoreKind.MISSING_VERSION,
    lines=(SpecLine(text="pytorch::pytorch=1.99", name="pytorch", line=9),),
    explanation=("No version 1.99 of pytorch exists in pytorch.",),
    available=("1.13.1", "2.0.0"),
)
"""A line alone."""
_CLASH = Conflict(
    "tensorflow=2.13.1 (line 10) and openai>=2 (line 13) cannot be installed together",
    (
        ConflictCause(
            CoreKind.INCOMPATIBLE,
            _TENSORFLOW,
            10,
            "needs typing-extensions >=3.6.6,<4.6.0; cannot be combined with openai>=2 (line 13)",
            ("2.14.1", "2.15.0"),
        ),
        ConflictCause(
            CoreKind.INCOMPATIBLE,
            _OPENAI,
            13,
            "needs typing-extensions >=4.11,<5; cannot be combined with tensorflow=2.13.1 (line 10)",
        ),
    ),
    "Cannot solve the request because of:\n"
    "├─ tensorflow 2.13.1 would require\n"
    "│  └─ typing-extensions >=3.6.6,<4.6.0, which can be installed\n"
    "└─ openai >=2 would require\n"
    "   └─ typing-extensions >=4.11,<5, which conflicts",
    cores=(CORE,),
    solves=17,
    seconds=1.4,
)
CONFLICT = SolveView(
    report=SolveReport(path=SPEC_PATH, sha256="saved", problems=(), asked=_ASKED, conflict=_CLASH),
    path=SPEC_PATH,
    sha256="saved",
    elapsed_s=1.4,
)
THREE_CORES = replace(
    CONFLICT,
    report=replace(
        CONFLICT.report, conflict=replace(_CLASH, cores=(MISSING_CORE, CORE, LIST_CORE))
    ),
)
"""Several conflicts in one spec."""
NO_CORES = replace(CONFLICT, report=replace(CONFLICT.report, conflict=replace(_CLASH, cores=())))
"""Time was up before the lines were known."""
