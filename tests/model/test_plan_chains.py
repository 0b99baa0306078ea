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


def test_a_way_past_what_other_lines_ask_for_is_preferred():
    packages = (
        record("app", "python", "core"),
        record("python", "openssl <2"),
        record("core", "base"),
        record("base", "openssl <2"),
        record("openssl"),
    )
    line = SpecLine(text="app", name="app", line=1)
    short = trace_refusal(packages, line, "openssl", "3.0")
    long = trace_refusal(packages, line, "openssl", "3.0", {"python"})
    assert [link.package for link in short.links] == ["app 1.0", "python 1.0"]
    assert [link.package for link in long.links] == ["app 1.0", "core 1.0", "base 1.0"]
    # Where there is no other way, it is told all the same.
    everything = {"python", "base"}
    assert trace_refusal(packages, line, "openssl", "3.0", everything) == short


def test_packages_that_are_released_together_do_not_hold_each_other():
    packages = (record("app", "twin"), record("twin", "thing ==1.0 0"), record("thing"))
    line = SpecLine(text="app", name="app", line=1)
    assert trace_refusal(packages, line, "thing", "2.0") is None
    own = SpecLine(text="twin=1.0", name="twin", line=2)
    assert trace_refusal(packages, own, "thing", "2.0").demand == "thing ==1.0 0"


def test_a_line_that_refuses_nothing():
    assert trace("plot", "2.5") is None
    assert trace("model", "1.5") is None
    assert trace("absent", "2.5") is None
