"""Locks against specs: every kind of line, met and not met, with the lines of both files."""

from dataclasses import replace

import pytest

from envbench.model.lock import PipPackage
from envbench.model.lock_verdicts.finding import FindingGroup
from tests.formats.lock_values import digest, record
from tests.model.lock_sides import judge, side_of, sides_of, spec_of, told, without

PYTHON = record("python", "3.11.7", "hab00c5b_0_cpython", depends=("__glibc >=2.17", "zlib"))
ZLIB = record("zlib", "1.3", "h1_0")
NUMPY = record("numpy", "1.26.4", "py311h64a7726_0", depends=("python >=3.11,<3.12.0a0",))
TORCH = record(
    "pytorch", "1.13.1", "py3.11_cuda11.7_0", depends=("python", "numpy", "__cuda >=11.7"),
    base="https://conda.anaconda.org/pytorch", channel="pytorch",
)  # fmt: skip
CONDA = (PYTHON, ZLIB, NUMPY, TORCH)
COMMIT = "0a" * 20
WHEEL = PipPackage(
    name="rich", version="13.7.1", sha256=digest("rich", 64), requires_dist=(),
    url="https://files.pythonhosted.org/packages/rich-13.7.1-py3-none-any.whl",
)  # fmt: skip
GIT = PipPackage(
    name="fromgit", version="0.1", requires_dist=(),
    direct_url=f"git+https://github.com/x/fromgit@{COMMIT}",
)  # fmt: skip
LOCAL = PipPackage(
    name="mine", version="0.1", requires_dist=(), direct_url="file:///home/ada/mine", editable=True
)
FULL = side_of(CONDA, (WHEEL, GIT, LOCAL), channels=("conda-forge", "pytorch"))
ALL = ("python", "numpy", "pytorch::pytorch")
PIP = ("rich", f"fromgit @ git+https://github.com/x/fromgit@{COMMIT}", "-e ./mine")


def test_a_satisfied_spec_finds_nothing_and_names_what_the_box_must_have():
    found = judge(FULL, spec_of(*ALL, pip=PIP))
    assert (found.findings, found.not_compared, found.notes) == ((), (), ())
    assert found.needs == ("__cuda >=11.7", "__glibc >=2.17")


@pytest.mark.parametrize(
    "line",
    [
        *("pytorch=1.13.1", "pytorch=1.13", "pytorch==1.13.1", "pytorch 1.*", "PyTorch>=1.13,<2"),
        *("pytorch=1.13.1=*cuda*", "pytorch::pytorch", "pytorch[build=py3.11*]"),
        f"pytorch[md5={TORCH.md5}]",
        TORCH.url,
        "__glibc >=2.17",
    ],
)
def test_lines_that_are_met(line: str):
    assert told(judge(FULL, spec_of(line, "numpy", channels="conda-forge, pytorch"))) == []


@pytest.mark.parametrize(
    "line",
    [
        *("pytorch=1.13.2", "pytorch==1.13", "pytorch 2.*", "pytorch<1.13", "pytorch=1.13.1=cpu*"),
        *("conda-forge::pytorch", "pytorch[subdir=noarch]", f"pytorch[md5={'0' * 32}]"),
        TORCH.url.replace("1.13.1", "1.13.0"),
    ],
)
def test_lines_that_are_not_met_are_told_with_both_places(line: str):
    found = judge(FULL, spec_of("numpy", line, channels="conda-forge, pytorch"))
    assert told(found) == ["~ pytorch environment.yml:5 lock.yml:4"]
    assert found.findings[0].group is FindingGroup.CONDA


def test_each_of_two_lines_for_one_package_counts():
    found = judge(FULL, spec_of("numpy>=1.26", "numpy<1.26", channels="conda-forge, pytorch"))
    assert told(found) == ["~ numpy environment.yml:5 lock.yml:3"]


def test_a_line_without_a_package_is_missing():
    found = judge(FULL, spec_of("numpy", "scipy", channels="conda-forge, pytorch"))
    assert told(found) == ["- scipy environment.yml:5 lock.yml"]
    by_pip = judge(FULL, spec_of("rich", channels="conda-forge, pytorch"))
    assert told(by_pip) == ["- rich environment.yml:4 lock.yml:5"]
    assert "rich==13.7.1 of pip" in by_pip.findings[0].message


def test_lines_for_other_platforms_do_not_count():
    text = spec_of(
        "numpy", "sel(win): pywin32", "sel(linux): scipy", channels="conda-forge, pytorch"
    )
    assert told(judge(FULL, text)) == ["- scipy environment.yml:6 lock.yml"]
    windows = side_of((NUMPY, PYTHON, ZLIB), platform="win-64", channels=("conda-forge", "pytorch"))
    assert told(judge(windows, text)) == ["- pywin32 environment.yml:5 lock.yml"]


@pytest.mark.parametrize(
    ("item", "found"),
    [
        ("rich", []),
        ("Rich>=13,<14", []),
        ("rich==13.7.*", []),
        ("rich==13.7", ["~ rich"]),
        ("rich>=14", ["~ rich"]),
        ("tabulate", ["- tabulate"]),
        ("tabulate; python_version < '3.9'", []),
        ("tabulate; python_version >= '3.9'", ["- tabulate"]),
        ("tabulate; sys_platform == 'win32'", []),
        ("rich>=14; platform_machine == 'x86_64'", ["~ rich"]),
        ("numpy>=1.26", []),
        ("numpy<1.26", ["~ numpy"]),
        ("torch>=1.13", []),
        ("torch>=2", ["~ pytorch"]),
        (f"rich==13.7.1 --hash=sha256:{digest('rich', 64)}", []),
        (f"rich==13.7.1 --hash=sha256:{'0' * 64}", ["~ rich"]),
        ("fromgit", ["~ fromgit"]),
        (f"fromgit @ git+https://github.com/x/fromgit.git@{COMMIT}", []),
        (f"git+https://github.com/x/fromgit@{COMMIT}", []),
        (f"git+https://github.com/x/fromgit@{COMMIT}#egg=fromgit", []),
        (f"fromgit @ git+https://github.com/x/fromgit@{'0b' * 20}", ["~ fromgit"]),
        (f"fromgit @ git+https://github.com/y/fromgit@{COMMIT}", ["~ fromgit"]),
        (f"git+https://github.com/x/other@{COMMIT}", ["- git+https://github.com/x/other"]),
        ("rich @ https://example.com/rich-13.7.1-py3-none-any.whl", ["~ rich"]),
        ("https://example.com/rich-13.7.1-py3-none-any.whl", ["~ rich"]),
        (f"rich @ {WHEEL.url}", []),
        ("-e ./mine", []),
        ("--editable=mine/../mine", []),
        ("./mine", ["~ mine"]),
        ("rich @ file:///home/ada/rich", ["~ rich"]),
    ],
)
def test_pip_items(item: str, found: list[str]):
    text = spec_of("numpy", pip=(item,), channels="conda-forge, pytorch")
    judged = judge(FULL, text)
    assert [line.split("@")[0].split(" env")[0] for line in told(judged)] == found
    assert judged.not_compared == ()
    if found and judged.findings[0].mark.value == "~":
        assert str(judged.findings[0].places[0]) == "environment.yml:6"
        assert judged.findings[0].places[1].line is not None


@pytest.mark.parametrize(
    ("item", "words"),
    [
        ("fromgit @ git+https://github.com/x/fromgit@main", "the commit of main"),
        ("git+https://github.com/x/fromgit", "the newest commit"),
        ("-r more.txt", "the lines of that file"),
        ("rich; platform_release > '5'", "its marker"),
        ("rich[jupyter]", "what [jupyter] adds"),
        ("-e ./elsewhere", "which of the locked local projects"),
    ],
)
def test_what_cannot_be_judged_is_said(item: str, words: str):
    lock = side_of(
        CONDA, (replace(WHEEL, requires_dist=None), GIT, LOCAL), channels=("conda-forge",)
    )
    found = judge(lock, spec_of("numpy", "pytorch::pytorch", pip=(item,)))
    assert found.findings == ()
    assert [what for what in found.not_compared if words in what and "environment.yml:7" in what]


def test_extras_are_followed_into_what_the_lock_says_of_them():
    rich = replace(
        WHEEL, requires_dist=('ipywidgets>=7; extra == "jupyter"', "pygments; extra=='x'")
    )
    text = spec_of("numpy", pip=("rich[jupyter]",))
    assert told(judge(side_of(CONDA[:3], (rich,)), text)) == ["- rich environment.yml:6 lock.yml:4"]
    widgets = PipPackage(name="ipywidgets", version="8.0", requires_dist=())
    assert told(judge(side_of(CONDA[:3], (rich, widgets)), text)) == []
    old = replace(widgets, version="6.0")
    assert told(judge(side_of(CONDA[:3], (rich, old)), text)) == [
        "- rich environment.yml:6 lock.yml:4"
    ]


@pytest.mark.parametrize(
    ("asked", "locked", "found"),
    [
        ("conda-forge, pytorch", ("conda-forge", "pytorch"), []),
        ("conda-forge", ("https://conda.anaconda.org/conda-forge/",), []),
        ("conda-forge, nodefaults", ("conda-forge",), []),
        ("defaults", ("https://repo.anaconda.com/pkgs/main", "pkgs/r"), []),
        ("conda-forge, pytorch", ("pytorch", "conda-forge"), ["~ order"]),
        ("conda-forge, nvidia", ("conda-forge",), ["- nvidia"]),
        ("conda-forge", ("conda-forge", "nvidia"), ["+ nvidia"]),
    ],
)
def test_channels_and_their_order(asked: str, locked: tuple[str, ...], found: list[str]):
    lock = side_of((ZLIB,), channels=locked)
    judged = judge(lock, spec_of("zlib", channels=asked))
    assert [line.split(" env")[0] for line in told(judged)] == found


def test_a_channel_that_only_lines_name_is_no_difference():
    assert told(judge(FULL, spec_of(*ALL, pip=PIP))) == []
    assert told(judge(FULL, spec_of("python", "numpy", "pytorch", pip=PIP))) == [
        "+ pytorch environment.yml:1 lock.yml"
    ]


def test_variables_are_equal_or_told():
    lock = side_of((ZLIB,), variables=(("A", "1"), ("B", "2"), ("D", "")))
    text = spec_of("zlib", tail="variables:\n  A: 1\n  B: 3\n  C: 4\n")
    assert told(judge(lock, text)) == [
        "~ B environment.yml:7 lock.yml",
        "- C environment.yml:8 lock.yml",
        "+ D lock.yml",
    ]


def test_platforms_of_the_spec_must_be_locked():
    text = spec_of("zlib", tail="platforms: [linux-64, osx-arm64]\n")
    both = (side_of((ZLIB,)), side_of((ZLIB,), platform="osx-arm64"))
    assert told(judge(both, text)) == []
    assert told(judge(both[:1], text)) == ["- osx-arm64 environment.yml:5 lock.yml"]
    more = judge((*both, side_of((ZLIB,), platform="win-64")), text)
    assert more.findings == ()
    assert any("win-64 is locked" in note for note in more.notes)
    broken = judge((both[0], side_of((), platform="osx-arm64")), text)
    assert [(f.name, f.platform) for f in broken.findings] == [("zlib", "osx-arm64")]


def test_packages_that_nothing_needs_are_notes():
    lone = record("lone", "1.0")
    found = judge(side_of((ZLIB, lone), (WHEEL,)), spec_of("zlib"))
    assert found.findings == ()
    assert found.notes == ("nothing asks for lone 1.0, rich==13.7.1 any more",)


def test_what_the_format_does_not_say_is_never_fine_by_silence():
    text = spec_of("pytorch::pytorch=1.13.1=*cuda*", "zlib", pip=("rich", "numpy"),
                   tail="variables: {A: 1}\n")  # fmt: skip
    lock = "@EXPLICIT\n" + "".join(f"{each.url}#{each.md5}\n" for each in CONDA)
    found = judge(sides_of(lock, "explicit.txt"), text)
    assert found.findings == ()
    open_ones = "\n".join(found.not_compared)
    for words in ("channels and their order", "rich: the lock does not say pip", "(A)", "depend"):
        assert words in open_ones
    pins = "channels: [conda-forge]\ndependencies:\n" + "".join(
        f"  - {each.name}={each.version}\n" for each in CONDA
    )
    pinned = judge(
        sides_of(pins, "environment.lock.yml"), spec_of("pytorch::pytorch=1.13.1=*cuda*")
    )
    assert pinned.findings == ()
    assert "build, channel" in "\n".join(pinned.not_compared)


def test_the_closure_is_part_of_the_answer():
    found = judge(without(FULL, "zlib"), spec_of(*ALL, pip=PIP))
    assert told(found) == ["- python lock.yml:1"]
    assert found.findings[0].message == "needs zlib, which is not locked"
