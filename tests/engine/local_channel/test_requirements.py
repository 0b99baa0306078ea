import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet
from packaging.version import Version
from rattler import Version as CondaVersion
from rattler import VersionSpec

from envbench.engine.local_channel.requirements import (
    convert_python_requirement,
    convert_requirements,
    convert_specifiers,
)

MARKERS = {
    "python_version": "3.11", "python_full_version": "3.11.7", "sys_platform": "linux",
    "os_name": "posix", "platform_machine": "x86_64", "platform_system": "Linux",
    "implementation_name": "cpython", "platform_python_implementation": "CPython",
    "implementation_version": "3.11.7", "platform_release": "6", "platform_version": "1",
}  # fmt: skip

numbers = st.integers(0, 12)
releases = st.lists(numbers, min_size=1, max_size=3).map(lambda parts: ".".join(map(str, parts)))
specifiers = st.one_of(
    st.builds("{}{}".format, st.sampled_from(["==", "!=", "<=", ">=", "<", ">"]), releases),
    st.builds("{}{}.*".format, st.sampled_from(["==", "!="]), releases),
    st.builds("~={}.{}".format, releases, numbers),
)


@pytest.mark.parametrize(
    ("written", "spec"),
    [
        ("", ""),
        (">=3.8", ">=3.8"),
        ("~=1.4.2", "1.4.*,>=1.4.2"),
        ("==1.2.*", "1.2.*"),
        ("==1.2", "==1.2"),
        ("===1.2", "==1.2"),
        ("<2,>=1,!=1.5.*", "!=1.5.*,<2,>=1"),
    ],
)
def test_specifiers_by_example(written: str, spec: str) -> None:
    assert convert_specifiers(SpecifierSet(written)) == spec


@given(st.lists(specifiers, min_size=1, max_size=3), releases)
def test_a_solver_accepts_the_versions_that_pip_accepts(parts: list[str], version: str) -> None:
    wanted = SpecifierSet(",".join(parts))
    spec = VersionSpec(convert_specifiers(wanted))
    assert spec.matches(CondaVersion(version)) == wanted.contains(Version(version))


def test_markers_are_evaluated_for_the_interpreter() -> None:
    needs = convert_requirements(
        ["a>=1", "b; sys_platform == 'win32'", "c; python_version < '3.11'", "d; extra == 'x'"],
        MARKERS,
    )
    assert needs.depends == ("a >=1",)
    assert needs.depends_on_python


def test_names_are_normalised_and_merged() -> None:
    needs = convert_requirements(["Typing_Extensions>=4", "typing.extensions<6"], MARKERS)
    assert needs.depends == ("typing-extensions <6,>=4",)
    assert needs.names == ("typing-extensions",)


def test_extras_are_off_unless_asked_for() -> None:
    lines = ["a", "b>=2; extra == 'fast'", "c[x,y]"]
    assert convert_requirements(lines, MARKERS).depends == ("a", "c")
    asked = convert_requirements(lines, MARKERS, ["fast"])
    assert asked.depends == ("a", "b >=2", "c")
    assert asked.extras == (("c", ("x", "y")),)


def test_links_keep_their_name_and_nonsense_is_left_out() -> None:
    needs = convert_requirements(["a @ https://example.org/a.whl", "!!", "b"], MARKERS)
    assert needs.depends == ("a", "b")


@pytest.mark.parametrize(
    ("written", "spec"),
    [
        ("", "python"),
        (">=3.9", "python >=3.9"),
        ("nonsense", "python"),
        (">=3.8,<4", "python <4,>=3.8"),
    ],
)
def test_the_required_python(written: str, spec: str) -> None:
    assert convert_python_requirement(written) == spec
