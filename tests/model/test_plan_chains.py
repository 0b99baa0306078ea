"""The way from a line to what refuses a version, in a plan."""

from envbench.model.conflict import SpecLine
from envbench.model.plan import PackageRecord
from envbench.model.plan_chains import trace_refusal


def record(name: str, *depends: str) -> PackageRecord:
    return PackageRecord(
        name=name, version="1.0", build="0", build_number=0, subdir="noarch",
        file_name=f"{name}-1.0-0.conda", url="", channel="c", depends=depends,
    )  # fmt: skip


PLAN = (
    record("model", "layer", "numpy"),
    record("layer", "numpy >=1,<2 py39_0", "core"),
    record("core", "numpy <3"),
    record("plot", "numpy >=1"),
    record("numpy"),
)


def trace(name: str, version: str):
    return trace_refusal(PLAN, SpecLine(text=name, name=name, line=5), "numpy", version)


def test_the_shortest_way_that_refuses_it():
    chain = trace("model", "2.5")
    assert [(link.package, link.needs) for link in chain.links] == [
        ("model 1.0", "layer"),
        ("layer 1.0", "numpy >=1,<2 py39_0"),
    ]
    assert chain.demand == "numpy >=1,<2 py39_0" and chain.line.line == 5


def test_a_line_that_refuses_nothing():
    assert trace("plot", "2.5") is None
    assert trace("model", "1.5") is None
    assert trace("absent", "2.5") is None
