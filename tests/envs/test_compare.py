"""Differences between locks, drift of an environment, order and names of packages."""

import random

from hypothesis import given
from hypothesis import strategies as st

from envbench.envs.compare import diff_locks, find_drift
from envbench.envs.generation_files import write_generation_lock
from envbench.envs.installed import name_channel, read_environment, sort_topologically
from envbench.model.lock import Lock, PipPackage
from envbench.model.plan import ChangeKind, PackageRecord


def package(name, version="1.0", build="0", channel="conda-forge", depends=(), sha256=None):
    return PackageRecord(
        name=name,
        version=version,
        build=build,
        build_number=0,
        subdir="linux-64",
        file_name=f"{name}-{version}-{build}.conda",
        url=f"https://conda.anaconda.org/{channel}/linux-64/{name}-{version}-{build}.conda",
        channel=channel,
        depends=tuple(depends),
        sha256=sha256,
    )


def lock(*packages, pip=(), **more):
    return Lock(
        name="a",
        platform="linux-64",
        channels=("conda-forge",),
        packages=packages,
        pip=tuple(pip),
        **more,
    )


def test_every_kind_of_change_is_told():
    old = lock(
        package("up", "1.9"),
        package("down", "1.10"),
        package("build", build="h1"),
        package("channel"),
        package("gone"),
        package("same"),
        package("rewritten", sha256="a" * 64),
        package("padded", "1.0"),
        pip=[PipPackage(name="p", version="1.9"), PipPackage(name="q", version="1")],
        variables=(("A", "1"), ("B", "1")),
    )
    new = lock(
        package("up", "1.10"),
        package("down", "1.9"),
        package("build", build="h2"),
        package("channel", channel="nvidia"),
        package("fresh"),
        package("same"),
        package("rewritten", sha256="b" * 64),
        package("padded", "1.0.0"),
        pip=[
            PipPackage(name="p", version="1.10"),
            PipPackage(name="q", version="1", editable=True),
        ],
        variables=(("A", "2"), ("C", "1")),
    )
    difference = diff_locks(old, new)
    assert {c.name: c.kind.value for c in difference.conda} == {
        "up": "upgrade",
        "down": "downgrade",
        "build": "rebuild",
        "channel": "rechannel",
        "gone": "remove",
        "fresh": "add",
        "rewritten": "rebuild",
        "padded": "rebuild",
    }
    assert {c.name: c.kind for c in difference.pip} == {
        "p": ChangeKind.UPGRADE,
        "q": ChangeKind.REBUILD,
    }
    assert [(v.name, v.old, v.new) for v in difference.variables] == [
        ("A", "1", "2"),
        ("B", "1", None),
        ("C", None, "1"),
    ]
    assert not difference.is_empty


def test_pip_packages_differ_by_what_is_known_of_their_files():
    def kinds(old: dict[str, object], new: dict[str, object]) -> list[ChangeKind]:
        base = {"name": "p", "version": "1.0"}
        one, two = (PipPackage(**(base | values)) for values in (old, new))
        return [change.kind for change in diff_locks(lock(pip=[one]), lock(pip=[two])).pip]

    assert kinds({}, {}) == kinds({"version": "1"}, {"version": "1.0.0"}) == []
    assert kinds({}, {"version": "1.0+cu118"}) == [ChangeKind.UPGRADE]
    assert kinds({"version": "1.0+cu118"}, {}) == [ChangeKind.DOWNGRADE]
    one, two = "a" * 64, "b" * 64
    assert kinds({"sha256": one}, {"sha256": two}) == [ChangeKind.REBUILD]
    assert kinds({"sha256": one}, {"sha256": one.upper()}) == []
    assert kinds({"sha256": one}, {}) == []
    commit = {"direct_url": "git+https://example.com/p@" + "0" * 40}
    assert kinds({}, commit) == [ChangeKind.REBUILD]
    here, there = ({"index_url": f"https://{host}/simple"} for host in ("a.example", "b.example"))
    assert kinds(here, there) == [ChangeKind.RECHANNEL]
    assert kinds(here | {"sha256": one}, there | {"sha256": one}) == []
    assert kinds({"version": "no version"}, {"version": "none either"}) != []


def test_channels_and_platform_differ_in_order_too():
    one = lock(package("a"))
    other = Lock(name="a", platform="osx-64", channels=("x", "conda-forge"), packages=one.packages)
    difference = diff_locks(one, other)
    assert difference.channels == (("conda-forge",), ("x", "conda-forge"))
    assert difference.platform == ("linux-64", "osx-64")
    assert not difference.is_empty


VERSIONS = st.sampled_from(["1.0", "1.1", "1.10", "2.0rc1", "2.0"])
LOCKS = st.dictionaries(st.sampled_from("abcdef"), VERSIONS).map(
    lambda versions: lock(*(package(name, version) for name, version in versions.items()))
)
MIRROR = {
    ChangeKind.ADD: ChangeKind.REMOVE,
    ChangeKind.REMOVE: ChangeKind.ADD,
    ChangeKind.UPGRADE: ChangeKind.DOWNGRADE,
    ChangeKind.DOWNGRADE: ChangeKind.UPGRADE,
}


@given(LOCKS, LOCKS)
def test_the_way_back_is_the_mirror_of_the_way_there(one, two):
    there, back = diff_locks(one, two).conda, diff_locks(two, one).conda
    assert [(c.name, MIRROR[c.kind]) for c in there] == [(c.name, c.kind) for c in back]
    assert diff_locks(one, one).is_empty


def test_drift_is_told_against_the_generations_own_record(maker):
    maker.conda("zlib", files={"lib/z": b"z"})
    maker.pip("rich", "13.0")
    write_generation_lock(maker.prefix, read_environment(maker.prefix, channels=["conda-forge"]))
    assert find_drift(maker.prefix).is_fine
    maker.pip("extra", "1.0")
    maker.write("lib/z", b"y")
    drift = find_drift(maker.prefix)
    assert not drift.is_fine
    assert drift.since_build is not None
    assert [c.name for c in drift.since_build.pip] == ["extra"]
    assert drift.since_build.conda == ()
    assert drift.files is not None
    assert [f.path for f in drift.files.changed] == ["lib/z"]


def test_without_a_record_drift_of_packages_is_unknown(maker):
    assert find_drift(maker.prefix, files=False).since_build is None


def test_channels_are_named_as_the_user_names_them():
    spec = ["defaults", "conda-forge", "https://mirror.example.com/c/nvidia/", "private"]
    for url, name in {
        "https://conda.anaconda.org/conda-forge": "conda-forge",
        "https://conda.anaconda.org/pytorch": "pytorch",
        "https://conda.anaconda.org/org/label/dev": "org/label/dev",
        "https://repo.anaconda.com/pkgs/main": "defaults",
        "https://mirror.example.com/c/nvidia": "https://mirror.example.com/c/nvidia/",
        "https://mirror.example.com/conda-forge": "conda-forge",
        "file:///srv/private": "private",
        "file:///srv/other": "file:///srv/other",
        "https://x.example.com/main": "mapped",
    }.items():
        assert name_channel(url, spec, {"https://x.example.com/main": "mapped"}) == name
    assert name_channel("https://repo.anaconda.com/pkgs/r", ["conda-forge"], {}) == "pkgs/r"


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=30), st.randoms())
def test_dependencies_come_first(edges: list[tuple[int, int]], chance: random.Random):
    names = [f"p{index}" for index in range(10)]
    depends = {name: set() for name in names}
    for one, two in edges:
        if one > two:
            depends[f"p{one}"].add(f"p{two}")
    packages = [package(n, depends=[f"{d} >=1,<2" for d in sorted(depends[n])]) for n in names]
    expected = sort_topologically(packages)
    chance.shuffle(packages)
    ordered = sort_topologically(packages)
    assert ordered == expected
    place = {p.name: index for index, p in enumerate(ordered)}
    assert all(place[d] < place[n] for n in names for d in depends[n])


def test_cycles_are_cut_at_python():
    packages = [
        package("pip", depends=["python >=3", "setuptools"]),
        package("python", depends=["zlib", "pip"]),
        package("setuptools", depends=["python"]),
        package("zlib"),
    ]
    assert [p.name for p in sort_topologically(packages)] == [
        "zlib",
        "python",
        "setuptools",
        "pip",
    ]
