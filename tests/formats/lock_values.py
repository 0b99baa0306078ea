"""Locks for the tests: one that holds everything, and a strategy for any."""

from dataclasses import replace

from hypothesis import strategies as st

from envbench.model.host import VirtualPackage
from envbench.model.lock import Lock, PipPackage
from envbench.model.plan import PackageRecord


def record(name: str, version: str = "1.0", build: str = "0", **more: object) -> PackageRecord:
    subdir = str(more.pop("subdir", "linux-64"))
    extension = more.pop("extension", "conda")
    base = more.pop("base", "https://conda.anaconda.org/conda-forge")
    file_name = f"{name}-{version}-{build}.{extension}"
    values: dict[str, object] = {
        "name": name, "version": version, "build": build, "build_number": 0, "subdir": subdir,
        "file_name": file_name, "url": f"{base}/{subdir}/{file_name}", "channel": "conda-forge",
        "md5": digest(name + version, 32), "sha256": digest(name + version, 64),
    }  # fmt: skip
    return PackageRecord(**(values | more))  # type: ignore[arg-type]


def digest(text: str, length: int) -> str:
    return (text.encode().hex() * 64)[:length]


CU118 = "https://download.pytorch.org/whl/cu118"


def _for_platform(package: PackageRecord, platform: str) -> PackageRecord:
    if package.subdir == "noarch":
        return package
    url = package.url.replace("/linux-64/", f"/{platform}/")
    return replace(package, subdir=platform, url=url)


EVERYTHING = Lock(
    name="all",
    platform="linux-64",
    channels=("pytorch", "conda-forge"),
    packages=(
        record("python", "3.11.7", "hab00c5b_0_cpython"),
        record("tzdata", "2024a", "h0c530f3_0", subdir="noarch", noarch="generic"),
        record("old", "1.0", "py_0", extension="tar.bz2"),
        record("numpy", "1.26.4", "py311h64a7726_0"),
        record(
            "pytorch", "2.3.1", "py3.11_cuda12.1_cudnn8.9.2_0",
            base="https://conda.anaconda.org/pytorch", channel="pytorch",
        ),
    ),
    pip=(
        PipPackage(
            name="tabulate", version="0.10.0", installer="uv", sha256=digest("tabulate", 64),
            url="https://files.pythonhosted.org/packages/tabulate-0.10.0-py3-none-any.whl",
        ),
        PipPackage(
            name="torchaudio", version="2.3.1+cu118", installer="uv", sha256=digest("audio", 64),
            url="https://download.pytorch.org/whl/torchaudio-2.3.1%2Bcu118-py3-none-any.whl",
        ),
        PipPackage(
            name="fromgit", version="0.1", installer="uv",
            direct_url="git+https://github.com/x/fromgit@" + "0a" * 20,
        ),
    ),
    variables=(("OMP_NUM_THREADS", "4"), ("MODE", "yes")),
)  # fmt: skip

WHOLE = tuple(
    replace(
        EVERYTHING,
        platform=platform,
        pip=(
            *(replace(p, index_url=CU118) if p.name == "torchaudio" else p for p in EVERYTHING.pip),
            PipPackage(name="mine", version="0.2", direct_url="file:///home/me/mine", editable=True),
            PipPackage(
                name="zipped", version="1.0", direct_url="https://files.example/zipped-1.0.zip",
                sha256=digest("zipped", 64),
            ),
        ),
        indexes=("https://pypi.org/simple", "https://packages.example/simple"),
        virtual_packages=(VirtualPackage("__glibc", "2.28", "0"),) if platform == "linux-64" else (),
        packages=tuple(_for_platform(p, platform) for p in EVERYTHING.packages),
    )
    for platform in ("linux-64", "osx-arm64")
)  # fmt: skip
"""Everything that there may be, on two platforms: channels, noarch, an old archive, a wheel, a
commit, an archive by address, an editable folder, a local version with its index, another index."""

_names = st.from_regex(r"[a-z][a-z0-9]{0,6}([._-][a-z0-9]{1,4})?", fullmatch=True)
_versions = st.from_regex(r"([0-9]!)?[0-9]{1,4}(\.[0-9]{1,3}){0,2}([a-z][0-9])?", fullmatch=True)
_builds = st.from_regex(r"[a-z0-9_.]{1,10}", fullmatch=True)
_bases = st.sampled_from(
    ("https://conda.anaconda.org/conda-forge", "https://mirror.example/a/b", "https://h.example/c")
)
_channels = st.sampled_from(("conda-forge", "pytorch", "https://mirror.example/a/b"))


@st.composite
def records(draw: st.DrawFn, name: str) -> PackageRecord:
    seed = f"{name}{draw(st.integers(0, 9))}"
    return record(
        name, draw(_versions), draw(_builds),
        subdir=draw(st.sampled_from(("linux-64", "noarch"))),
        extension=draw(st.sampled_from(("conda", "tar.bz2"))),
        base=draw(_bases), channel=draw(_channels),
        md5=digest(seed, 32) if draw(st.booleans()) else None,
        sha256=digest(seed, 64) if draw(st.booleans()) else None,
    )  # fmt: skip


@st.composite
def pip_packages(draw: st.DrawFn, name: str) -> PipPackage:
    version = draw(st.from_regex(r"[0-9]{1,3}(\.[0-9]{1,2}){0,2}(\+cu[0-9]{3})?", fullmatch=True))
    file = f"{name.replace('-', '_')}-{version}-py3-none-any.whl"
    kind = draw(st.sampled_from(("index", "index", "git", "unknown")))
    return PipPackage(
        name=name, version=version,
        url=f"https://files.example/{file}" if kind == "index" else None,
        sha256=digest(name, 64) if kind == "index" else None,
        direct_url=f"git+https://example.com/x/{name}@{'0b' * 20}" if kind == "git" else None,
    )  # fmt: skip


@st.composite
def locks(draw: st.DrawFn) -> Lock:
    names = draw(st.lists(_names, unique=True, max_size=6))
    wheels = draw(
        st.lists(
            st.from_regex(r"[a-z]{1,6}(-[a-z]{1,4})?", fullmatch=True), unique=True, max_size=4
        )
    )
    variables = draw(
        st.dictionaries(
            st.from_regex(r"[A-Z_][A-Z0-9_]{0,8}", fullmatch=True),
            st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=120)
            | st.sampled_from(("yes", "010", "1:30", "a: b", "# x", "3.10", "", "~", "null")),
            max_size=3,
        )
    )
    return Lock(
        name=draw(st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9._+-]{0,20}", fullmatch=True)),
        platform="linux-64",
        channels=tuple(draw(st.lists(_channels, unique=True, max_size=3))),
        packages=tuple(draw(records(name)) for name in names),
        pip=tuple(draw(pip_packages(name)) for name in wheels),
        variables=tuple(variables.items()),
    )
