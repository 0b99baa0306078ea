"""Which conda lines stand behind the version of a distribution."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from envbench.engine.engine_settings import EngineSettings
from envbench.engine.pip_section.conda_lines import ask_conda_lines
from envbench.engine.pip_section.conda_part import (
    CondaPart,
    excludes,
    trace_hold,
    version_part,
)
from envbench.engine.solver.client import SolverProcess
from envbench.model.conflict import SpecLine
from envbench.model.plan import Plan
from envbench.model.version_match import satisfies_version
from tests.engine.solver.asking import make_request, write_channel

WORLD = [
    ("python", "3.9"),
    ("numpy", "1.23", ["python"]),
    ("numpy", "2.1", ["python"]),
    ("pytorch", "1.0", ["python"]),
    ("frame-base", "2.13", ["numpy >=1.22,<2"]),
    ("frame", "2.13", ["frame-base ==2.13"]),
    ("scipy", "1.9", ["numpy <2"]),
    ("scipy", "1.12", ["numpy"]),
]


@pytest.fixture(scope="module")
def solve(tmp_path_factory):
    """Solve lines in the small world; gives the conda part, with or without the solver."""
    root = tmp_path_factory.mktemp("conda")
    settings = EngineSettings(pkgs_dir=str(root / "pkgs"), repodata_dir=str(root / "repodata"))
    channels = {"main": write_channel(root / "main", WORLD)}
    with SolverProcess(settings) as solver:

        def ask(*specs, proved=False):
            request = make_request(specs, channels)
            plan = solver.solve(request)
            assert isinstance(plan, Plan)
            lines = tuple(
                SpecLine(text=s, name=s.split("=")[0].split(" ")[0], line=number)
                for number, s in enumerate(specs, start=10)
            )
            question = ask_conda_lines(solver, request) if proved else None
            return CondaPart(lines=lines, plan=plan, lines_against=question)

        yield ask


def shown(hold):
    return [
        (chain.line.text, [(link.package, link.needs) for link in chain.links])
        for chain in hold.chains
    ]


@pytest.mark.parametrize("proved", [False, True])
def test_the_line_of_the_package_itself(solve, proved):
    hold = trace_hold(solve("python", "numpy=1.23.*", proved=proved), "numpy", (">=2",))
    assert shown(hold) == [("numpy=1.23.*", [])]
    assert hold.is_proven is proved


@pytest.mark.parametrize("proved", [False, True])
def test_a_line_that_forces_it_through_another_package(solve, proved):
    hold = trace_hold(solve("python", "frame=2.13", proved=proved), "numpy", (">=2",))
    assert shown(hold) == [
        (
            "frame=2.13",
            [("frame 2.13", "frame-base ==2.13"), ("frame-base 2.13", "numpy >=1.22,<2")],
        )
    ]


@pytest.mark.parametrize("proved", [False, True])
def test_what_goes_with_the_needed_version_forces_nothing(solve, proved):
    conda = solve("python", "frame", "scipy", proved=proved)
    assert shown(trace_hold(conda, "numpy", ("<1.24",))) == []


def test_what_conda_could_choose_otherwise_forces_nothing(solve):
    conda = solve("python", "scipy=1.9", "numpy", proved=True)
    assert [line for line, _ in shown(trace_hold(conda, "numpy", (">=2",)))] == ["scipy=1.9"]
    free = solve("python", "scipy", proved=True)
    assert shown(trace_hold(free, "numpy", (">=1.23,<2",))) == []


def test_what_no_channel_has_is_told_from_the_plan(solve):
    hold = trace_hold(solve("python", "numpy", proved=True), "numpy", (">=9",))
    assert not hold.is_proven


def test_conda_names_of_distributions(solve):
    conda = solve("python", "pytorch")
    assert conda.package_of("torch") == "pytorch"
    assert conda.package_of("numpy") == "numpy"
    assert CondaPart(packages={"odd": "py-odd"}).package_of("odd") == "py-odd"


@pytest.mark.parametrize(
    ("dependency", "versions"),
    [
        ("numpy", ""),
        ("numpy >=1,<2", ">=1,<2"),
        ("numpy >=1,<2 py39_0", ">=1,<2"),
        ("numpy=1.23", "1.23.*"),
        ("numpy=1.23.*", "1.23.*"),
        ("numpy=1.23.5=py39_0", "1.23.5"),
        ("numpy==1.23.5", "==1.23.5"),
        ("conda-forge::numpy>=2", ">=2"),
        ("numpy[build=*cuda*]", ""),
        ("", ""),
    ],
)
def test_the_version_part_of_a_dependency(dependency, versions):
    assert version_part(dependency) == versions


NUMBERS = st.integers(0, 4)
BOUNDS = st.builds(
    lambda sign, major, minor: f"{sign}{major}.{minor}",
    st.sampled_from([">=", "<", "<=", ">", "=="]), NUMBERS, NUMBERS,
)  # fmt: skip
RANGES = st.lists(BOUNDS, min_size=1, max_size=2).map(",".join)
VERSIONS = [f"{a}.{b}{c}" for a in range(6) for b in range(6) for c in ("", ".0.0.1", ".5")]


@given(RANGES, st.lists(RANGES, min_size=1, max_size=2))
def test_ranges_exclude_each_other_when_no_version_meets_both(one, others):
    def meets(version, versions):
        return satisfies_version(version, versions) is True

    assume(any(meets(version, one) for version in VERSIONS))
    both = [v for v in VERSIONS if meets(v, one) and any(meets(v, other) for other in others)]
    assert excludes(f"x {one}", others) == (not both)


@pytest.mark.parametrize("dependency", ["x", "x weird!!", "x >=1"])
def test_nothing_is_excluded_by_what_cannot_be_read(dependency):
    assert not excludes(dependency, ("also weird!!",))
    assert not excludes(dependency, ())
