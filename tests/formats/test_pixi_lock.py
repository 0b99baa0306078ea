"""pixi.lock files, versions 6 and 7: judged by rattler, which wrote the format."""

from dataclasses import replace
from functools import partial

import pytest
import yaml

from envbench.formats.lock_formats import export_lock
from envbench.formats.lock_reading import read_lock_text
from envbench.formats.locks.pixi_lock import write_pixi_lock
from envbench.formats.locks.pixi_lock_reading import read_pixi_lock
from envbench.model.errors import UsageError
from envbench.model.export_options import ExportOptions
from envbench.model.host import VirtualPackage
from envbench.model.lock import Lock, PipPackage
from tests.formats.lock_values import CU118, WHOLE, record
from tests.formats.rattler_judge import judge


def write(*locks: Lock, version: int = 7) -> str:
    (file,) = write_pixi_lock(locks, ExportOptions(), version=version)
    assert file.path == "pixi.lock"
    return file.text


def lock(*packages, pip=(), channels=("conda-forge",), **more):
    return Lock(
        name="x", platform="linux-64", channels=channels, packages=packages, pip=pip, **more
    )


FULL = record(
    "numpy", "1.10", "py311h64a7726_4", build_number=7, noarch=None, size_bytes=8065890,
    depends=("python >=3.11,<3.12.0a0", "libblas"), constrains=("numpy-base <0a0",),
    license="BSD-3-Clause", timestamp_ms=1707225342954,
    extra={"license_family": "BSD", "purls": ["pkg:pypi/numpy"], "track_features": "mkl"},
)  # fmt: skip


def test_the_record_is_written_as_rattler_orders_it():
    text = write(lock(FULL))
    assert text == (
        "# created-by: envbench\nversion: 7\nplatforms:\n- name: linux-64\nenvironments:\n  default:\n    channels:\n"
        "    - url: https://conda.anaconda.org/conda-forge/\n    packages:\n      linux-64:\n"
        f"      - conda: {FULL.url}\npackages:\n- conda: {FULL.url}\n  build_number: 7\n"
        f"  sha256: {FULL.sha256}\n  md5: {FULL.md5}\n"
        "  depends:\n  - python >=3.11,<3.12.0a0\n  - libblas\n"
        "  constrains:\n  - numpy-base <0a0\n  track_features:\n  - mkl\n"
        "  license: BSD-3-Clause\n  license_family: BSD\n  purls:\n  - pkg:pypi/numpy\n"
        "  size: 8065890\n  timestamp: 1707225342954\n"
    )


def test_rattler_writes_version_7_the_same_way(tmp_path):
    pytest.importorskip("rattler")
    whole = tuple(
        replace(each, virtual_packages=(VirtualPackage("__glibc", "2.28", "0"),))
        if each.platform == "linux-64"
        else each
        for each in WHOLE
    )
    python = record(
        "python", "3.12.1", "hab_0_cpython", extra={"purls": []},
        python_site_packages_path="lib/python3.12/site-packages",
    )  # fmt: skip
    pure = record("tz", "2024a", "h0_0", subdir="noarch", noarch="python", build_number=3)
    for locks in (whole, (lock(FULL, python, pure, record("old", extension="tar.bz2")),)):
        text = write(*locks)
        found = judge(text, "pixi.lock", tmp_path)
        assert "error" not in found
        assert (tmp_path / "pixi.again").read_text(encoding="utf-8") == text.partition("\n")[2]


@pytest.mark.parametrize("version", [6, 7])
def test_rattler_reads_both_versions_as_they_are_meant(version, tmp_path):
    pytest.importorskip("rattler")
    found = judge(write(*WHOLE, version=version), "pixi.lock", tmp_path)
    for each in WHOLE:
        packages = found["platforms"][each.platform]["packages"]
        assert {(p["name"], p["sha256"]) for p in packages} == {
            (p.name, p.sha256) for p in (*each.packages, *each.pip)
        }
        conda = {p["name"]: p["md5"] for p in packages if p["kind"].startswith("Conda")}
        assert conda == {p.name: p.md5 for p in each.packages}


@pytest.mark.parametrize("version", [6, 7])
def test_packages_of_a_folder_name_their_subdir(version, tmp_path):
    """rattler derives nothing from addresses of files: without `subdir` it refuses the lock."""
    pytest.importorskip("rattler")
    base = "file:///srv/channel"
    text = write(lock(record("numpy", base=base), channels=(base,)), version=version)
    assert yaml.safe_load(text)["packages"][0]["subdir"] == "linux-64"
    assert "error" not in judge(text, "pixi.lock", tmp_path)
    bare = text.replace("  subdir: linux-64\n", "")
    assert "subdir" in judge(bare, "pixi.lock", tmp_path)["error"]
    assert read_lock_text(text, "pixi.lock")[1].locked.packages[0].url.startswith(base)


def test_version_6_is_what_conda_takes():
    document = yaml.safe_load(write(*WHOLE, version=6))
    assert document["version"] == 6
    assert list(document) == ["version", "environments", "packages"]
    assert list(document["environments"]) == ["default"]
    for references in document["environments"]["default"]["packages"].values():
        assert all(len(r) == 1 and set(r) <= {"conda", "pypi"} for r in references)


def test_channels_are_addresses_in_their_order():
    mirrored = record(
        "a", channel="mirrored", base="https://m.example/x", channel_url="https://m.example/x/"
    )
    channels = ("pytorch", "mirrored", "https://c.example/y/", "defaults", "pkgs/main")
    text = write(lock(mirrored, channels=channels))
    found = [c["url"] for c in yaml.safe_load(text)["environments"]["default"]["channels"]]
    assert found == [
        "https://conda.anaconda.org/pytorch/",
        "https://m.example/x/",
        "https://c.example/y/",
        "https://repo.anaconda.com/pkgs/main/",
        "https://repo.anaconda.com/pkgs/r/",
    ]
    lost = {loss.what for loss in export_lock(lock(mirrored, channels=channels), "pixi-v7").lost}
    assert "channel names" in lost
    assert "channel names" not in {x.what for x in export_lock(lock(record("a")), "pixi-v7").lost}


def test_pip_packages_as_pixi_names_them():
    entries = {e.get("name"): e for e in yaml.safe_load(write(WHOLE[0]))["packages"] if "pypi" in e}
    assert entries["fromgit"]["pypi"] == (
        "git+https://github.com/x/fromgit?rev=" + "0a" * 20 + "#" + "0a" * 20
    )
    assert entries["zipped"]["pypi"].startswith("direct+https://")
    assert entries["torchaudio"]["index"] == CU118
    assert "index" not in entries["tabulate"]
    assert "editable" not in entries["mine"]
    old = {e.get("name"): e for e in yaml.safe_load(write(WHOLE[0], version=6))["packages"]}
    assert old["mine"]["editable"] is True
    assert "index" not in old["torchaudio"]


def test_indexes_are_named_once_pypi_among_them():
    environment = yaml.safe_load(write(*WHOLE))["environments"]["default"]
    assert environment["indexes"] == [
        "https://pypi.org/simple", "https://packages.example/simple", CU118,
    ]  # fmt: skip
    plain = PipPackage(name="a", version="1", url="https://h.example/a-1-py3-none-any.whl")
    environment = yaml.safe_load(write(lock(pip=(plain,))))["environments"]["default"]
    assert environment["indexes"] == ["https://pypi.org/simple"]


def test_requirements_that_are_not_known_are_a_gap():
    known = PipPackage(
        name="a", version="1", url="https://h.example/a-1-py3-none-any.whl", sha256="ab" * 32,
        requires_dist=("b>=1",), requires_python=">=3.9",
    )  # fmt: skip
    exported = export_lock(
        lock(pip=(known, replace(known, name="b", requires_dist=None, url=known.url + "?b"))),
        "pixi-v7",
    )
    assert ("pip requirements", ("b",)) in {(x.what, x.packages) for x in exported.lost}
    found = {p.name: p.record for p in read_lock_text(exported.text, "pixi.lock")[1].locked.pip}
    assert (found["a"].requires_dist, found["a"].requires_python) == (("b>=1",), ">=3.9")


def test_bare_paths_as_rattler_writes_them_are_addresses_of_files():
    text = write(lock(record("numpy", base="file:///srv/c"), channels=("file:///srv/c",)))
    reading = read_pixi_lock(text.replace("conda: file://", "conda: "))
    assert reading.problems == ()
    assert reading.locked.packages[0].url == "file:///srv/c/linux-64/numpy-1.0-0.conda"


def test_platforms_with_names_of_their_own_stand_for_a_subdir():
    text = write(lock(FULL)).replace("      linux-64:", "      gpu-box:")
    text = text.replace("- name: linux-64\n", "- name: gpu-box\n  subdir: linux-64\n")
    reading = read_pixi_lock(text)
    assert reading.problems == ()
    assert reading.locked.platform == "linux-64"


@pytest.mark.parametrize(
    ("version", "hint"), [("5", "newer pixi"), ("8", "Update"), ("x", "Update")]
)
def test_other_versions_are_refused_with_what_to_do(version, hint):
    with pytest.raises(UsageError, match=f"version {version}") as caught:
        read_lock_text(f"version: {version}\nenvironments: {{}}\npackages: []\n", "pixi.lock")
    assert hint in caught.value.hint
    assert caught.value.where == "pixi.lock"


def test_a_pixi_lock_of_the_first_kind_is_told_from_conda_lock():
    with pytest.raises(UsageError, match=r"pixi\.lock of version 3"):
        read_lock_text("version: 3\nmetadata: {}\npackage: []\n", "pixi.lock")


SOURCE = partial(str.replace, write(lock(FULL)))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (f"packages:\n- conda: {FULL.url}", f"packages:\n- conda: {FULL.url}x", "source tree"),
        (f"packages:\n- conda: {FULL.url}", "packages:\n- other: x", "neither"),
        (f"      - conda: {FULL.url}", "      - conda: https://h.example/x", "does not describe"),
        (f"      - conda: {FULL.url}", f"      - conda: {FULL.url}\n" * 2, "locked twice"),
        ("environments:\n  default:", "environments: {}\nx:\n  default:", "no environments"),
    ],
)  # fmt: skip
def test_hostile_row_21_what_cannot_be_relied_on_is_a_problem(old, new, message):
    reading = read_pixi_lock(SOURCE(old, new))
    assert not reading.is_sound
    assert message in reading.problems[0].message


def test_another_environment_is_read_with_a_word():
    text = write(lock(FULL)).replace("  default:", "  gpu:")
    assert read_pixi_lock(text).problems == ()
    both = text.replace(
        "packages:\n- conda", "  cpu:\n    channels: []\n    packages: {}\npackages:\n- conda"
    )
    reading = read_pixi_lock(both)
    assert ["cpu" in problem.message for problem in reading.problems] == [True]
    assert [p.name for p in reading.locked.packages] == ["numpy"]


@pytest.mark.parametrize(
    ("requirement", "written"),
    [
        ("wcwidth; extra == 'x'", "wcwidth ; extra == 'x'"),
        ("wcwidth>=1;python_version<'3'", "wcwidth>=1 ; python_version<'3'"),
        ("wcwidth ; extra == 'x'", "wcwidth ; extra == 'x'"),
        ("x @ https://h.example/a;b", "x @ https://h.example/a;b"),
        ("wcwidth", "wcwidth"),
    ],
)
def test_markers_have_a_blank_before_the_semicolon_as_pixi_writes_them(requirement, written):
    wheel = PipPackage(
        name="a", version="1", url="https://h.example/a-1-py3-none-any.whl",
        requires_dist=(requirement,),
    )  # fmt: skip
    (entry,) = yaml.safe_load(write(lock(pip=(wheel,))))["packages"]
    assert entry["requires_dist"] == [written]


_ENVIRONMENT = "version: 6\nenvironments:\n  default:\n    channels: []\n    packages:\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("version: 6\nenvironments: [x]\npackages: []\n", "`environments` has to be a mapping"),
        (
            "version: 6\nenvironments:\n  default: 3\npackages: []\n",
            "`default` has to be a mapping",
        ),
        (f"{_ENVIRONMENT}      linux-64: x\npackages: []\n", "`linux-64` has to be a list"),
        (f"{_ENVIRONMENT}      linux-64: []\npackages:\n  a: b\n", "`packages` has to be a list"),
        (f"{_ENVIRONMENT}      linux-64: []\npackages:\n- conda\n", "`packages` has to be a list"),
        (
            f"{_ENVIRONMENT}      linux-64: []\npackages:\n"
            "- conda: https://h.example/c/linux-64/a-1-0.conda\n  sha256: abc\n",
            "the sha256 of a is none",
        ),
    ],
)
def test_what_has_the_wrong_shape_is_no_empty_lock(text, message):
    reading = read_pixi_lock(text)
    assert any(message in problem.message for problem in reading.problems), reading.problems
    assert not reading.is_sound
