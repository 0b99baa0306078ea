"""Solves made by hand, for what the screen says of them."""

from dataclasses import replace

from envbench.engine.backends.rattler.sizes import PlanSizes
from envbench.model.channel import ChannelGroup, ChannelPriority
from envbench.model.conflict import Conflict, ConflictCause, CoreKind
from envbench.model.host import HostProfile
from envbench.model.package_changes import compare_packages
from envbench.model.plan import PackageRecord, Plan
from envbench.ui.ink import plain, width_of
from envbench.ui.pane_view import PaneView
from envbench.ui.state import Fact, OpenSpec, ScreenState, SolveView
from envbench.workbench.solving import AskedLine, SolveReport

PATH = "/home/me/project/env.yml"
SPEC = OpenSpec(
    path=PATH, name="env.yml", text="a", saved_text="a", sha256="abc", environment="lab"
)


def record(
    name: str, version: str, build: str = "0", *depends: str, channel: str = "conda-forge"
) -> PackageRecord:
    return PackageRecord(
        name=name,
        version=version,
        build=build,
        build_number=0,
        subdir="linux-64",
        file_name=f"{name}-{version}-{build}.conda",
        url=f"https://example.org/{channel}/linux-64/{name}-{version}-{build}.conda",
        channel=channel,
        channel_url=f"https://example.org/{channel}",
        size_bytes=1_500_000,
        license="MIT",
        depends=depends,
    )


OLD = (
    record("icu", "72.1"),
    record("numpy", "1.23.5", "mkl_0"),
    record("openssl", "3.1.0"),
    record("python", "3.11.4", "0", "openssl"),
    record("pytorch", "2.3.0", "cuda118_py311_0", "cudatoolkit"),
    record("tensorboard-data", "0.7.0"),
    record("typing-extensions", "4.12.2"),
    record("zlib", "1.3", channel="defaults"),
)
NEW = (
    record("icu", "73.2"),
    record("openssl", "3.1.0"),
    record("python", "3.11.4", "0", "openssl", "__glibc >=2.17"),
    record("numpy", "1.23.5", "openblas_0", "python"),
    record("typing-extensions", "4.5.0"),
    record("pytorch", "2.4.0", "cpu_py311_0", "python", "typing-extensions >=4,<4.6"),
    record("keras", "2.13.1", "0", "numpy >=1.22", "icu"),
    record("zlib", "1.3"),
)
ASKED = (
    AskedLine(name="python", text="python=3.11", line=5),
    AskedLine(name="pytorch", text="pytorch>=2", line=6),
    AskedLine(name="keras", text="keras", line=7),
    AskedLine(name="openai", text="openai>=1", line=9, is_pip=True),
)


def make_view(
    *,
    against: str = "",
    old: tuple[PackageRecord, ...] = OLD,
    new: tuple[PackageRecord, ...] = NEW,
    cuda: str | None = "12.4",
) -> SolveView:
    plan = Plan(
        platform="linux-64",
        packages=new,
        channels=(ChannelGroup("conda-forge", ("https://example.org/conda-forge",)),),
        channel_priority=ChannelPriority.FLEXIBLE,
        host=HostProfile(platform="linux-64", glibc="2.35", cuda=cuda),
    )
    report = SolveReport(
        path=PATH,
        sha256="abc",
        problems=(),
        asked=ASKED,
        plan=plan,
        against=against or None,
        changes=compare_packages(old if against else (), new),
        sizes=PlanSizes(1_900_000_000, 3, 1, 5_000_000, 3),
        pip_items=("openai>=1",),
    )
    generation = 4 if against else None
    return SolveView(
        report=report,
        path=PATH,
        sha256="abc",
        elapsed_s=0.9,
        against=against,
        generation=generation,
    )


CLASH = Conflict(
    "tensorflow=2.13.1 (line 6) and openai>=2 (line 7) cannot be installed together",
    (
        ConflictCause(
            CoreKind.INCOMPATIBLE,
            "tensorflow=2.13.1",
            6,
            "cannot be combined with openai>=2 (line 7)",
        ),
        ConflictCause(
            CoreKind.INCOMPATIBLE, "openai>=2", 7, "cannot be combined with tensorflow=2.13.1"
        ),
    ),
    "Cannot solve:\n├─ tensorflow would require\n│  └─ typing-extensions <4.6.0, which clashes",
)


def make_conflict(conflict: Conflict = CLASH) -> SolveView:
    report = SolveReport(path=PATH, sha256="abc", problems=(), asked=ASKED, conflict=conflict)
    return SolveView(report=report, path=PATH, sha256="abc", elapsed_s=1.4)


def cause(kind: CoreKind, *available: str) -> ConflictCause:
    return ConflictCause(kind, "torch>=9", 6, "no version of torch matches", available)


def state_of(view: SolveView | None, spec: OpenSpec | None = SPEC, **parts: object) -> ScreenState:
    state = ScreenState(directory="/home/me/project", spec=spec, solve=Fact(view))
    return replace(state, **parts)


def lines_of(view: PaneView) -> list[str]:
    """Give all lines as text, as they would stand one below the other."""
    rows = [line for row in view.rows for line in row.lines]
    return [plain(line).rstrip() for line in (*view.top, *(rows or view.empty), *view.bottom)]


def widest(view: PaneView) -> int:
    rows = [line for row in view.rows for line in row.lines]
    return max(width_of(line) for line in (*view.top, *rows, *view.empty, *view.bottom))
