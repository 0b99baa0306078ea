"""One spec under other conditions, side by side."""

import datetime
from dataclasses import replace
from pathlib import Path

import pytest

from envbench.model.build import PipSettings
from envbench.model.errors import UsageError
from envbench.model.what_if import Condition, Variant, WhatIfReport
from envbench.settings.load import Settings
from envbench.workbench.values.what_if import WhatIfOrder
from envbench.workbench.values.why import SpecConditions
from envbench.workbench.what_if import stream_what_if
from envbench.workbench.what_if_columns import read_columns
from tests.channels import index_channel, make_package, make_python
from tests.workbench.conftest import Box
from tests.workbench.wheels import make_wheel

GPU = "__cuda=12.4"
OLD_MS = int(datetime.datetime(2023, 5, 1, tzinfo=datetime.UTC).timestamp() * 1000)
NEW_MS = int(datetime.datetime(2025, 5, 1, tzinfo=datetime.UTC).timestamp() * 1000)


@pytest.fixture
def lab(box: Box) -> Box:
    """The box with three Pythons, a framework in GPU and CPU builds, and dated packages."""
    for version in ("3.10.4", "3.11.7", "3.12.1"):
        make_python(box.channel, version)
    torch = {"depends": ["python >=3.11,<3.12"], "build_number": 1}
    make_package(box.channel, "torch", "2.0", "cuda120_py311", **gpu(torch))
    make_package(box.channel, "torch", "2.0", "cpu_py311", depends=["python >=3.11,<3.12"])
    make_package(box.channel, "torch", "1.0", "cpu_py310", depends=["python >=3.10,<3.11"])
    make_package(box.channel, "dated", "1.0", timestamp_ms=OLD_MS)
    make_package(box.channel, "dated", "2.0", timestamp_ms=NEW_MS)
    index_channel(box.channel)
    return box


def gpu(fields: dict) -> dict:
    return fields | {"depends": [*fields["depends"], "__cuda >=12"]}


def table(
    box: Box, spec: Path, *words: str, settings: Settings | None = None, **more: object
) -> list[WhatIfReport]:
    columns = tuple(column for word in words for column in read_columns(word))
    conditions = SpecConditions(spec=spec, **{"virtual": (GPU,)} | more)
    order = WhatIfOrder(conditions=conditions, columns=columns)
    return list(stream_what_if(order, settings or box.settings))


def column(report: WhatIfReport, title: str) -> Variant:
    return next(variant for variant in report.variants if variant.title == title)


def test_pythons_side_by_side(lab):
    spec = lab.write_spec("python=3.11", "torch", "zlib")
    reports = table(lab, spec, "python=3.10,3.12")
    last = reports[-1]
    assert last.names == ("python", "torch", "zlib") and last.is_over
    assert [v.title for v in last.variants] == ["as it is", "python 3.10", "python 3.12"]
    asis, older, newer = last.variants
    assert asis.versions == {"python": "3.11.7", "torch": "2.0", "zlib": "1.3"}
    assert asis.builds["torch"] == "cuda120_py311" and asis.lost_gpu == ()
    assert older.versions["torch"] == "1.0" and older.lost_gpu == ("torch",)
    assert newer.is_solvable is False and "torch" in newer.refusal and newer.versions is None


def test_columns_are_filled_one_after_the_other(lab):
    spec = lab.write_spec("python=3.11", "zlib")
    reports = table(lab, spec, "python=3.10,3.12")
    assert [report.trying for report in reports] == ["as it is", "python 3.10", "python 3.12", ""]
    known = [[v.is_solvable for v in report.variants] for report in reports]
    assert known == [[], [True, None, None], [True, True, None], [True, True, True]]


def test_a_python_column_is_taken_over_by_an_edit_that_has_its_plan(lab):
    spec = lab.write_spec("python=3.11  # ours", "torch")
    last = table(lab, spec, "python=3.10")[-1]
    older = column(last, "python 3.10")
    assert [(row.sign, row.text) for row in older.diff if row.sign != " "] == [
        ("-", "  - python=3.11  # ours"),
        ("+", "  - python=3.10  # ours"),
    ]
    spec.write_text(older.edit.apply(spec.read_text()))
    assert table(lab, spec, "python=3.12")[-1].variants[0].versions == older.versions


def test_without_a_line_of_python_one_is_added(lab):
    spec = lab.write_spec("torch")
    older = column(table(lab, spec, "python=3.10")[-1], "python 3.10")
    assert older.versions == {"python": "3.10.4", "torch": "1.0"}
    assert [row.text for row in older.diff if row.sign == "+"] == ["  - python=3.10"]


def test_with_and_without_cuda(lab):
    spec = lab.write_spec("python=3.11", "torch")
    last = table(lab, spec, "cuda=none,11.8")[-1]
    asis, without, older = last.variants
    assert (asis.builds["torch"], asis.lost_gpu) == ("cuda120_py311", ())
    assert (without.builds["torch"], without.lost_gpu) == ("cpu_py311", ("torch",))
    assert without.command == "--virtual __cuda=none" and without.edit is None
    assert (older.builds["torch"], older.lost_gpu) == ("cpu_py311", ("torch",))


def test_a_box_without_a_gpu_loses_none(lab):
    spec = lab.write_spec("python=3.11", "torch")
    asis, with_gpu = table(lab, spec, "cuda=12.4", virtual=("__cuda=none",))[-1].variants
    assert asis.lost_gpu == () and with_gpu.builds["torch"] == "cuda120_py311"


def test_a_date(lab):
    spec = lab.write_spec("dated")
    asis, before = table(lab, spec, "date=2024-01-01")[-1].variants
    assert asis.versions == {"dated": "2.0"} and before.versions == {"dated": "1.0"}
    assert before.command == "--exclude-newer 2024-01-01" and before.note == ""


def test_packages_without_a_date_are_said_to_be_taken(lab):
    spec = lab.write_spec("dated", "zlib")
    before = table(lab, spec, "date=2024-01-01")[-1].variants[1]
    assert before.note == "1 of 2 packages bear no date: they may be younger"


def test_priorities(lab):
    other = lab.root / "other"
    make_package(other, "zlib", "9.0")
    make_package(other, "top", "1.0", depends=["zlib >=9"])
    index_channel(other)
    spec = lab.write_spec("top")
    spec.write_text(
        spec.read_text().replace("dependencies:", f"  - {other.as_uri()}\ndependencies:")
    )
    asis, strict = table(lab, spec, "priority=strict", priority=None)[-1].variants
    assert asis.versions == {"top": "1.0"}
    assert strict.is_solvable is False and strict.command == "--priority strict"


def test_a_host_file(lab):
    spec = lab.write_spec("python=3.11", "torch")
    host = lab.root / "box.toml"
    host.write_text('schema = 1\nplatform = "linux-64"\nglibc = "2.31"\n')
    _, there = table(lab, spec, f"host={host}")[-1].variants
    assert there.builds["torch"] == "cpu_py311" and there.command == f"--host {host}"
    with pytest.raises(UsageError, match="host profile cannot be read"):
        table(lab, spec, f"host={host},{lab.root}/missing.toml")


def test_near_columns_are_chosen_when_none_is_named(lab):
    spec = lab.write_spec("python=3.11", "torch")
    found = [(v.condition, v.value) for v in table(lab, spec)[-1].variants]
    assert found[:4] == [
        (Condition.AS_IT_IS, ""),
        (Condition.PYTHON, "3.10"),
        (Condition.PYTHON, "3.12"),
        (Condition.HOST, "__cuda=none"),
    ]
    assert found[-1][0] is Condition.DATE


def test_without_a_plan_the_neighbours_are_those_of_the_python_that_is_asked_for(lab):
    make_python(lab.channel, "3.9.2")
    make_python(lab.channel, "3.13.0")
    index_channel(lab.channel)
    report = table(lab, lab.write_spec("python=3.12", "torch"))[-1]
    pythons = [v.value for v in report.variants if v.condition is Condition.PYTHON]
    assert pythons == ["3.10", "3.11", "3.13"]
    assert column(report, "python 3.11").is_solvable is True


def test_no_solution_as_it_is_keeps_nobody_from_looking_further(lab):
    spec = lab.write_spec("python=3.12", "torch")
    asis, older = table(lab, spec, "python=3.11")[-1].variants
    assert asis.is_solvable is False and asis.refusal and older.is_solvable is True


def test_without_time_it_is_said(lab):
    spec = lab.write_spec("python=3.11")
    asis, untried = table(lab, spec, "python=3.12", budget_s=0.0)[-1].variants
    assert asis.is_solvable and untried.refusal == "not tried: time was up"


def test_the_pip_section_is_resolved_in_each_column(lab):
    wheels = lab.root / "wheels"
    make_wheel(wheels, "good", "1.0")
    make_wheel(wheels, "good", "2.0", requires=["pure>=2"])
    spec = lab.write_spec("python=3.11", "pure", pip=("good",))
    make_pure(lab, "1.0", OLD_MS)
    make_pure(lab, "2.0", NEW_MS)
    pip = PipSettings(find_links=(str(wheels),), no_index=True, offline=True)
    settings = replace(lab.settings, pip=replace(lab.settings.pip, settings=pip))
    last = table(lab, spec, "date=2024-01-01", settings=settings)[-1]
    asis, before = last.variants
    assert asis.pip == "resolved" and asis.versions["good"] == "2.0"
    assert before.is_solvable is True, before
    assert before.versions["pure"] == "1.0" and before.versions["good"] == "1.0"


def make_pure(box: Box, version: str, timestamp_ms: int) -> None:
    """A package that is a Python distribution of the same name."""
    make_package(
        box.channel, "pure", version, depends=["python"], noarch="python", timestamp_ms=timestamp_ms
    )
    index_channel(box.channel)


def test_a_pip_section_that_refuses_a_column(lab):
    spec = lab.write_spec("python=3.11", pip=("nowhere-to-be-found",))
    pip = PipSettings(find_links=(str(lab.root),), no_index=True, offline=True)
    settings = replace(lab.settings, pip=replace(lab.settings.pip, settings=pip))
    (asis, _) = table(lab, spec, "python=3.12", settings=settings)[-1].variants
    assert asis.is_solvable is False and asis.refusal.startswith("pip section: ")
    assert asis.packages > 0


@pytest.mark.parametrize(
    "word", ["python", "python=", "python=x", "cuda=twelve", "priority=high", "date=soon", "os=mac"]
)
def test_what_cannot_be_read_is_refused(word):
    with pytest.raises(UsageError):
        read_columns(word)


def test_more_columns_than_anybody_can_look_at_are_refused(lab):
    words = [f"python=3.{minor}" for minor in range(20)]
    with pytest.raises(UsageError):
        table(lab, lab.write_spec("zlib"), *words)
