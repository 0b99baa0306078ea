"""Pinned packages stay as they are, or are not in the plan; the channel's word counts for the rest."""

from dataclasses import replace

import pytest

from envbench.engine.solver.protocol import Tried
from envbench.model.conflict import Conflict
from envbench.model.errors import UsageError
from envbench.model.plan import PackageRecord, Plan
from tests.engine.solver.asking import make_request

OLD, NEW, REBUILT = "1" * 64, "2" * 64, "3" * 64
WORLD = [
    ("lib", "1.0", (), {"sha256": OLD}),
    ("lib", "2.0", (), {"sha256": NEW}),
    ("lib", "2.0", (), {"sha256": REBUILT, "build": "1", "build_number": 1}),
    ("app", "1.0", ["lib"]),
    ("app", "2.0", ["lib >=2"]),
    ("other", "1.0"),
]


def record(name: str, version: str, build: str = "0", **fields: object) -> PackageRecord:
    given = {"build_number": 0, "subdir": "noarch", "file_name": "", "url": "", "channel": "main"}
    return PackageRecord(name=name, version=version, build=build, **{**given, **fields})


@pytest.fixture
def solve(shared_solver, write):
    address = write("main", WORLD)

    def ask(*specs: str, pinned: tuple[PackageRecord, ...] = ()) -> Plan | Conflict:
        return shared_solver.solve(make_request(specs, {"main": address}, pinned=pinned))

    return ask


def versions(outcome: Plan | Conflict) -> dict[str, str]:
    assert isinstance(outcome, Plan), outcome
    return {p.name: f"{p.version}={p.build}" for p in outcome.packages}


@pytest.mark.parametrize(
    ("pin", "expected"),
    [
        (record("lib", "1.0"), {"app": "1.0=0", "lib": "1.0=0"}),
        (record("lib", "2.0", "0", sha256=NEW), {"app": "2.0=0", "lib": "2.0=0"}),
        # A lock that knows versions only leaves the build open.
        (record("lib", "2.0", ""), {"app": "2.0=0", "lib": "2.0=1"}),
        # What nobody asks for does not come in.
        (record("other", "1.0"), {"app": "2.0=0", "lib": "2.0=1"}),
    ],
)
def test_a_pinned_package_is_as_it_was_or_not_there(solve, pin, expected):
    assert versions(solve("app", pinned=(pin,))) == expected


@pytest.mark.parametrize(
    "pin",
    [
        record("lib", "3.0"),
        record("lib", "2.0", "0", sha256=OLD),
        record("lib", "2.0", "0", md5="0" * 32),
    ],
)
def test_what_the_channel_has_no_longer_is_no_choice(solve, pin):
    assert isinstance(solve("app", pinned=(pin,)), Conflict)
    assert versions(solve("other", pinned=(pin,))) == {"other": "1.0=0"}


def test_a_line_against_a_pin_has_no_solution(solve):
    refused = solve("app=2", pinned=(record("lib", "1.0"),))
    assert isinstance(refused, Conflict)
    assert not refused.is_proven and "lib" in refused.solver_text


def test_dependencies_are_those_of_the_channel(solve):
    stale = record("app", "2.0", depends=("lib <2",))
    assert versions(solve("app", pinned=(stale,)))["lib"] == "2.0=1"


def test_tries_are_bound_as_well(shared_solver, write):
    request = make_request(["app"], {"main": write("main", WORLD)})
    pinned = replace(request, pinned=(record("lib", "1.0"),))
    for kept in ((), (0,)):
        tried = shared_solver.try_request(pinned, kept=kept)
        assert isinstance(tried, Tried)
        assert {pick.name: pick.version for pick in tried.picks} == {"app": "1.0", "lib": "1.0"}
        impossible = replace(pinned, pinned=(record("lib", "9"),))
        assert not shared_solver.try_request(impossible, kept=kept).is_solvable


def test_a_record_that_could_be_no_spec_is_refused(solve):
    with pytest.raises(UsageError, match="could be kept"):
        solve("app", pinned=(record("lib", '1.0"] [x'),))
