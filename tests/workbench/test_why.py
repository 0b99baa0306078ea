"""Who requires a package of a spec or an environment, and what keeps it from being newer."""

from dataclasses import replace
from pathlib import Path

import pytest

from envbench.envs.generation_files import write_generation
from envbench.model.build import PipSettings
from envbench.model.errors import NotFineError, UsageError
from envbench.model.generation import Generation
from envbench.model.why import HeldBackReport, WhyReport
from envbench.workbench.why import (
    HeldBackOrder,
    SpecConditions,
    WhyOrder,
    tell_held_back,
    tell_why,
)
from tests.channels import index_channel, make_package, make_python
from tests.envs.conftest import SITE, PrefixMaker
from tests.workbench.conftest import Box
from tests.workbench.wheels import make_wheel


@pytest.fixture
def shop(box: Box) -> Box:
    """The box with a channel in which `zlib 2` exists and `app` keeps it out."""
    make_package(box.channel, "zlib", "2.0")
    make_package(box.channel, "tool", "1.0", depends=["app >=3"])
    make_package(box.channel, "app", "3.0", depends=["zlib >=1,<2"])
    make_package(box.channel, "loose", "1.0")
    index_channel(box.channel)
    return box


def why(box: Box, spec: Path, package: str, **more: object) -> list[WhyReport]:
    order = WhyOrder(package=package, conditions=SpecConditions(spec=spec, **more))
    return list(tell_why(order, box.settings))


def test_who_requires_a_package_comes_first_and_then_what_holds_it_back(shop):
    spec = shop.write_spec("tool", "zlib")
    first, last = why(shop, spec, "zlib")
    assert (first.version, first.line.line, first.held_back) == ("1.3", 6, None)
    (app,) = first.requirers
    assert (app.package, app.needs) == ("app 3.0", "zlib >=1,<2")
    assert [(each.package, each.line.line) for each in app.requirers] == [("tool 1.0", 5)]
    assert last.requirers == first.requirers and last.newest == "2.0"
    assert [culprit.line.text for culprit in last.held_back.culprits] == ["tool"]
    assert last.held_back.jumps_to == "2.0"


def test_the_newest_is_said_to_be_it(shop):
    last = why(shop, shop.write_spec("zlib"), "zlib")[-1]
    assert last.held_back is None and last.newest == last.version == "2.0"


def test_a_package_that_is_not_part_of_it_but_would_fit(shop):
    (report,) = why(shop, shop.write_spec("zlib"), "loose")
    assert not report.version and "a line `loose` would bring 1.0" in report.note


def test_a_package_that_would_not_fit(shop):
    (report,) = why(shop, shop.write_spec("zlib=2"), "tool")
    assert not report.version and "would have no solution" in report.note


def test_a_package_that_no_channel_has(shop):
    (report,) = why(shop, shop.write_spec("zlib"), "zlob")
    assert "No channel in use has" in report.note and "zlib" in report.close_names


def test_a_spec_without_a_solution_gives_its_conflict(shop):
    (report,) = why(shop, shop.write_spec("zlib=2", "tool"), "zlib")
    assert report.conflict is not None and not report.version


def test_what_is_no_name_is_refused(shop):
    with pytest.raises(UsageError):
        why(shop, shop.write_spec("zlib"), "zlib >2")


def test_a_spec_with_errors_is_refused(shop):
    with pytest.raises(NotFineError):
        why(shop, shop.write_spec("zlib >=<"), "zlib")


def test_a_virtual_package_is_asked_for_like_any(shop):
    shop.publish("gpu", depends=["__cuda >=12"])
    spec = shop.write_spec("gpu")
    last = why(shop, spec, "__cuda", virtual=("__cuda=12.4",))[-1]
    assert last.version == "12.4" and [each.package for each in last.requirers] == ["gpu 1.0"]


@pytest.fixture
def piped(shop, tmp_path) -> Box:
    """The shop with a Python, and a folder of wheels as the only package index."""
    make_python(shop.channel)
    make_package(shop.channel, "pure", "1.0", depends=["python"], noarch="python")
    make_package(shop.channel, "pure", "2.0", depends=["python"], noarch="python")
    index_channel(shop.channel)
    wheels = tmp_path / "wheels"
    make_wheel(wheels, "thing", "1.0", requires=["inner"])
    make_wheel(wheels, "thing", "2.0", requires=["inner"])
    make_wheel(wheels, "gadget", "1.0")
    make_wheel(wheels, "gadget", "2.0", requires=["pure>=2"])
    make_wheel(wheels, "pure", "2.0")
    make_wheel(wheels, "inner", "1.0")
    make_wheel(wheels, "other", "1.0", requires=["thing<2"])
    pip = PipSettings(find_links=(str(wheels),), no_index=True, offline=True)
    shop.settings = replace(shop.settings, pip=replace(shop.settings.pip, settings=pip))
    shop.wheels = wheels
    return shop


def test_a_pip_item_is_held_back_by_a_pip_item(piped):
    reports = why(piped, piped.write_spec("python", pip=("thing", "other")), "thing")
    told = [(each.version, each.is_pip, each.line.line) for each in reports]
    assert told[0] == ("", True, 7) and set(told[1:]) == {("1.0", True, 7)}
    assert [each.package for each in reports[-1].requirers] == ["other 1.0"]
    held = reports[-1].held_back
    assert held is not None and (held.newest, held.jumps_to) == ("2.0", "2.0")
    assert [culprit.line.text for culprit in held.culprits] == ["other"]


def test_a_pip_item_is_held_back_by_a_conda_line(piped):
    spec = piped.write_spec("python", "pure=1", pip=("gadget",))
    held = why(piped, spec, "gadget")[-1].held_back
    assert held is not None and held.jumps_to == "2.0"
    assert [(c.line.text, c.line.line) for c in held.culprits] == [("pure=1", 6)]
    last = held_back(piped, spec)[-1]
    assert [(h.name, h.jumps_to) for h in last.held_back] == [("pure", "2.0"), ("gadget", "2.0")]


def test_a_package_that_pip_brings_along(piped):
    make_wheel(piped.wheels, "outer", "1.0", requires=["middle"])
    make_wheel(piped.wheels, "middle", "1.0", requires=["inner>=1"])
    make_wheel(piped.wheels, "apart", "1.0")
    spec = piped.write_spec("python", pip=("thing<2", "apart", "outer"))
    report = why(piped, spec, "inner")[-1]
    assert (report.version, report.is_pip, report.line) == ("1.0", True, None)
    thing, middle = report.requirers
    assert (thing.package, thing.line.line) == ("thing 1.0", 7) and "inner" in thing.needs
    assert (middle.package, middle.needs, middle.line) == ("middle 1.0", "inner >=1", None)
    assert [(each.package, each.line.line) for each in middle.requirers] == [("outer 1.0", 9)]
    assert report.held_back is None


def test_pip_items_that_require_what_conda_brings(piped):
    spec = piped.write_spec("python", "pure", pip=("gadget", "inner"))
    report = why(piped, spec, "pure")[-1]
    (gadget,) = report.requirers
    assert (gadget.package, gadget.needs, gadget.line.line) == ("gadget 2.0", "pure >=2", 8)


def test_pip_items_are_said_not_to_be_known(piped):
    spec = piped.write_spec("python", "zlib", pip=("nowhere",))
    assert why(piped, spec, "zlib")[-1].note == ""  # no Python distribution
    told = why(piped, piped.write_spec("python", "pure", pip=("nowhere",)), "pure")[-1].note
    assert told.startswith("Which pip items require it is not known: the pip section has no")
    spec = piped.write_spec("python", "zlib", pip=("nowhere",))
    last = why(piped, spec, "nowhere")[-1]
    assert last.line.line == 8 and not last.version and "was not resolved" in last.note
    (untold,) = held_back(piped, spec)[-1].not_tried
    assert untold.startswith("nowhere: the pip section has no solution")


def held_back(box: Box, spec: Path, **more: object) -> list[HeldBackReport]:
    order = HeldBackOrder(conditions=SpecConditions(spec=spec, **more))
    return list(tell_held_back(order, box.settings))


def test_each_direct_dependency_is_looked_into(shop):
    spec = shop.write_spec("zlib", "loose", "app=2")
    reports = held_back(shop, spec)
    assert [report.trying for report in reports] == ["zlib", "loose", "app", ""]
    last = reports[-1]
    assert last.is_over and last.newest == ("zlib 2.0", "loose 1.0")
    (app,) = last.held_back
    assert (app.chosen, app.newest, app.jumps_to) == ("2.0", "3.0", "3.0")


def test_without_time_it_is_said_what_was_not_tried(shop):
    last = held_back(shop, shop.write_spec("tool", "zlib"), budget_s=0.0)[-1]
    assert last.is_over and last.not_tried == ("tool, zlib: time was up",)


def test_no_solution_is_no_list(shop):
    (report,) = held_back(shop, shop.write_spec("zlib=2", "tool"))
    assert report.conflict is not None and report.is_over


@pytest.fixture
def installed(box: Box) -> PrefixMaker:
    """An environment with conda and pip parts."""
    maker = PrefixMaker(box.root / "env")
    maker.conda("python", "3.11.7")
    numpy = maker.distribution_files("numpy", "1.26.4")
    maker.conda("numpy", "1.26.4", depends=["python >=3.11"], files=numpy)
    install(maker, "client", "numpy>=1.20", "left; python_version < '3'", "extra-lib; extra == 'x'")
    install(maker, "tool", "client[x]>=1")
    install(maker, "extra_lib", "numpy")
    return maker


def install(maker: PrefixMaker, name: str, *requires: str) -> None:
    lines = "".join(f"Requires-Dist: {text}\n" for text in requires)
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n{lines}"
    maker.pip(name)
    maker.write(f"{SITE}/{name}-1.0.dist-info/METADATA", metadata.encode())


def why_installed(box: Box, maker: PrefixMaker, package: str) -> WhyReport:
    order = WhyOrder(package=package, environment=str(maker.prefix))
    (report,) = tell_why(order, box.settings)
    return report


def test_the_tree_of_an_environment_leads_through_pip_and_conda(box, installed):
    report = why_installed(box, installed, "numpy")
    assert report.version == "1.26.4" and not report.is_pip
    client, extra = report.requirers
    assert (client.package, client.needs, client.is_pip) == ("client 1.0", "numpy>=1.20", True)
    assert [each.needs for each in client.requirers] == ["client[x]>=1"]
    assert [each.needs for each in extra.requirers] == ["extra-lib"]


def test_a_pip_distribution_of_an_environment(box, installed):
    report = why_installed(box, installed, "Extra_Lib")
    assert report.is_pip and report.version == "1.0" and report.package == "extra-lib"


def test_what_is_not_installed_is_said(box, installed):
    report = why_installed(box, installed, "numpi")
    assert not report.version and "numpy" in report.close_names


def test_the_lines_are_those_of_the_spec_it_was_built_from(box, installed):
    text = "dependencies:\n  - python=3.11\n  - pip:\n      - tool\n"
    write_generation(
        installed.prefix,
        Generation(
            environment="env", number=1, created="2024-01-01T00:00:00+00:00",
            created_by="me@here", reason="build", spec_text=text, platform="linux-64",
        ),
    )  # fmt: skip
    report = why_installed(box, installed, "client")
    (tool,) = report.requirers
    assert tool.line is not None and (tool.line.line, tool.line.text) == (4, "tool")


def test_without_its_spec_the_installers_records_of_requests_count(box):
    maker = PrefixMaker(box.root / "plain")
    maker.conda("zlib")
    maker.conda("app", depends=["zlib >=1"], requested_specs=["app >=1"])
    (app,) = why_installed(box, maker, "zlib").requirers
    assert app.line is not None and (app.line.text, app.line.line) == ("app >=1", None)
    install(maker, "inner")
    install(maker, "outer", "inner>=1")
    maker.write(f"{SITE}/outer-1.0.dist-info/REQUESTED", b"")
    (outer,) = why_installed(box, maker, "inner").requirers
    assert outer.line is not None and outer.line.is_pip and outer.line.text == "outer"
