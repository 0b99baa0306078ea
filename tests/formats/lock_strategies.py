"""Strategies for locks: any packages from anywhere, on one platform or several."""

from hypothesis import strategies as st

from envbench.model.lock import Lock, PipPackage
from envbench.model.plan import PackageRecord
from tests.formats.lock_values import digest, record

PLATFORMS = ("linux-64", "osx-arm64", "win-64")
_names = st.from_regex(r"[a-z][a-z0-9]{0,6}([._-][a-z0-9]{1,4})?", fullmatch=True)
_versions = st.from_regex(
    r"([0-9]!)?[0-9]{1,4}(\.[0-9]{1,3}){0,2}([a-z][0-9])?(\+[a-z0-9]{1,3})?", fullmatch=True
) | st.sampled_from(("1e10", "010", "2024_01", "0x1f", "3.10"))
_builds = st.from_regex(r"[a-z0-9_.]{1,10}", fullmatch=True) | st.sampled_from(("no", "0", "1e5"))
_bases = st.sampled_from(
    (
        "https://conda.anaconda.org/conda-forge",
        "https://mirror.example/a/b",
        "https://repo.anaconda.com/pkgs/main",
        "file:///srv/channel",
    )
)
_channels = st.sampled_from(
    ("conda-forge", "pytorch", "defaults", "https://mirror.example/a/b", "file:///srv/channel")
)
_indexes = st.sampled_from(
    ("https://pypi.org/simple", "https://pypi.org/simple/", "https://i.example/cu118", "https://j.example/s")
)  # fmt: skip
_constraints = st.lists(
    st.sampled_from(("python >=3.9,<3.10.0a0", "libx", "numpy 1.* py_0", "__glibc >=2.17")),
    max_size=3, unique=True,
)  # fmt: skip


@st.composite
def records(draw: st.DrawFn, name: str, platform: str = "linux-64") -> PackageRecord:
    seed = f"{name}{draw(st.integers(0, 9))}"
    base = draw(_bases)
    number = draw(st.integers(0, 3))
    return record(
        name, draw(_versions), draw(_builds), build_number=number,
        subdir=draw(st.sampled_from((platform, "noarch"))),
        extension=draw(st.sampled_from(("conda", "tar.bz2"))),
        base=base, channel=draw(_channels), channel_url=base,
        md5=digest(seed, 32) if draw(st.booleans()) else None,
        sha256=digest(seed, 64) if draw(st.booleans()) else None,
        depends=tuple(draw(_constraints)), constrains=tuple(draw(_constraints)),
        size_bytes=draw(st.none() | st.integers(0, 2**40)),
        license=draw(st.none() | st.sampled_from(("MIT", "BSD: 3", "no", "GPL 'x' # y"))),
        extra=draw(st.sampled_from(({}, {"purls": []}, {"license_family": "BSD"}))),
    )  # fmt: skip


@st.composite
def pip_packages(draw: st.DrawFn, name: str) -> PipPackage:
    version = draw(st.from_regex(r"[0-9]{1,3}(\.[0-9]{1,2}){0,2}(\+cu[0-9]{3})?", fullmatch=True))
    sha256 = digest(name, 64)
    wheel = f"https://files.example/{name.replace('-', '_')}-{version}-py3-none-any.whl"
    kind = draw(st.sampled_from(("index", "index", "git", "archive", "editable", "unknown")))
    if kind == "index":
        index = draw(st.none() | _indexes)
        return PipPackage(name=name, version=version, url=wheel, sha256=sha256, index_url=index)
    if kind == "git":
        folder = draw(st.sampled_from(("", "#subdirectory=python")))
        url = f"git+https://example.com/x/{name}@{'0b' * 20}{folder}"
        return PipPackage(name=name, version=version, direct_url=url)
    if kind == "archive":
        url = f"https://files.example/{name}.zip"
        return PipPackage(name=name, version=version, direct_url=url, sha256=sha256)
    if kind == "editable":
        url = f"file:///home/me/{name}"
        return PipPackage(name=name, version=version, direct_url=url, editable=True)
    return PipPackage(name=name, version=version)


@st.composite
def locks(draw: st.DrawFn, platform: str = "linux-64", name: str | None = None) -> Lock:
    names = draw(st.lists(_names, unique=True, max_size=5))
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
        name=name or draw(st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9._+-]{0,20}", fullmatch=True)),
        platform=platform,
        channels=tuple(draw(st.lists(_channels, unique=True, max_size=3))),
        packages=tuple(draw(records(each, platform)) for each in names),
        pip=tuple(draw(pip_packages(each)) for each in wheels),
        variables=tuple(variables.items()),
        indexes=tuple(draw(st.lists(_indexes, unique_by=lambda i: i.rstrip("/"), max_size=3))),
    )


@st.composite
def lock_families(draw: st.DrawFn) -> tuple[Lock, ...]:
    """One environment on two or three platforms."""
    platforms = draw(st.lists(st.sampled_from(PLATFORMS), unique=True, min_size=2, max_size=3))
    return tuple(draw(locks(platform, name="env")) for platform in platforms)
