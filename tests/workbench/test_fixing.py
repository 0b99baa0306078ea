"""Ways out of the conflict of a spec: told as they are proved, and written into the user's file."""

import socket
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from envbench.engine.errors import SolverStoppedError
from envbench.engine.solver.client import SolverProcess
from envbench.model.build import PipSettings
from envbench.model.channel import ChannelPriority
from envbench.model.conflict import CoreKind
from envbench.model.errors import NotFineError, UsageError
from envbench.model.repair import FixReport, MoveKind
from envbench.workbench.fixing import FixOrder, apply_fix, find_fixes
from envbench.workers.engine import describe_engine
from tests.engine.solver.asking import write_channel
from tests.engine.solver.conftest import real_channels as real_channels
from tests.workbench.conftest import Box
from tests.workbench.wheels import make_wheel

PACKAGES = [
    ("python", "3.9.1"),
    ("python", "3.11.1"),
    ("pip", "24.0", ["python"], {"noarch": "python"}),
    ("numpy", "1.26.4", ["python"]),
    ("numpy", "2.0.2", ["python"]),
    ("numpy", "2.3.1", ["python >=3.11"]),
    ("tool", "1.0", ["numpy <2", "python"]),
    ("tool", "2.0", ["numpy >=2", "python"]),
    ("driver", "1.0", ["__cuda >=12.6"]),
]
SPEC = """\
# made by hand
name: env
channels:
  - {channel}
dependencies:
  - python=3.9   # the cluster has it
  - pip
  - "numpy>=2.3" # for the new API
"""


@pytest.fixture
def shop(box: Box) -> Box:
    """The box with a channel of metadata, and a folder of wheels in the place of an index."""
    write_channel(box.root / "shop", PACKAGES)
    wheels = box.root / "wheels"
    for version, needs in {"1.0": "numpy<2", "1.5": "numpy<2", "2.0": "numpy>=2"}.items():
        make_wheel(wheels, "reader", version, requires=[needs])
    make_wheel(wheels, "lib", "1.0")
    make_wheel(wheels, "lib", "2.0")
    make_wheel(wheels, "old", "1.0", requires=["lib<2"])
    make_wheel(wheels, "new", "1.0", requires=["lib"])
    make_wheel(wheels, "new", "2.0", requires=["lib>=2"])
    pip = PipSettings(find_links=(str(wheels),), no_index=True)
    settings = replace(box.settings, pip=replace(box.settings.pip, settings=pip))
    # Channels that are not listed lie nowhere: nothing is asked of the network.
    alias = (box.root / "nowhere").as_uri()
    channels = replace(settings.channels, alias=alias, named={}, mirrors={})
    return replace(box, settings=replace(settings, channels=channels))


def write(shop: Box, *lines: str, pip: tuple[str, ...] = ()) -> Path:
    return shop.write_spec(*lines, pip=pip, channel=(shop.root / "shop").as_uri())


def find(shop: Box, spec: Path, **order: object) -> list[FixReport]:
    order = {"virtual": ("__glibc=2.31", "__cuda=12.4"), **order}
    return list(find_fixes(FixOrder(spec=spec, **order), shop.settings))


def titles(report: FixReport) -> list[str]:
    return [fix.title for fix in report.fixes]


def test_the_conflict_comes_first_and_the_fixes_as_they_are_proved(shop):
    spec = shop.root / "env.yml"
    spec.write_text(SPEC.format(channel=(shop.root / "shop").as_uri()))
    reports = find(shop, spec)
    first, second, *_, last = reports
    assert (first.conflict, first.is_over) == (None, False)
    assert second.conflict is not None and second.fixes == ()
    assert [line.line for line in second.conflict.cores[0].lines] == [6, 8]
    assert all(report.conflict == second.conflict for report in reports[1:])
    counts = [len(report.fixes) for report in reports]
    assert counts == sorted(counts)
    assert last.is_over and last.trying == "" and last.not_tried == ()
    assert titles(last)[0] == "line 8  numpy>=2.3 → >=2.0"
    assert last.first_core_s < last.first_fix_s <= last.seconds
    assert last.solves >= len(last.fixes) and last.one_solve_s > 0
    assert msgspec.json.decode(msgspec.json.encode(last), type=FixReport) == last


def test_a_fix_is_written_into_the_file_and_solves(shop):
    spec = shop.root / "env.yml"
    before = SPEC.format(channel=(shop.root / "shop").as_uri())
    spec.write_text(before)
    last = find(shop, spec)[-1]
    for fix in last.fixes:
        spec.write_text(before)
        saved = apply_fix(last, fix, shop.settings)
        assert spec.read_text() == saved.text == fix.edit.apply(before)
        assert "# made by hand" in saved.text and "{" not in saved.text
        assert find(shop, spec)[-1].conflict is None
    spec.write_text(before)
    apply_fix(last, last.fixes[0], shop.settings)
    assert '- "numpy>=2.0" # for the new API' in spec.read_text()
    assert [(row.sign, row.line) for row in last.fixes[0].diff if row.sign != " "] == [
        ("-", 8),
        ("+", 8),
    ]


def test_a_file_that_changed_meanwhile_is_not_written(shop):
    spec = write(shop, "python=3.9", "numpy>=2.3")
    last = find(shop, spec)[-1]
    changed = spec.read_text() + "  - pip\n"
    spec.write_text(changed)
    with pytest.raises(NotFineError, match="not applied"):
        apply_fix(last, last.fixes[0], shop.settings)
    assert spec.read_text() == changed
    spec.unlink()
    with pytest.raises(UsageError):
        apply_fix(last, last.fixes[0], shop.settings)
    assert not spec.exists()


def test_a_fix_that_is_no_matter_of_the_file(shop):
    spec = write(shop, "driver")
    last = find(shop, spec)[-1]
    host = last.fixes[-1]
    assert host.command == "--virtual __cuda=12.6" and host.edit is None and host.diff == ()
    with pytest.raises(UsageError, match="changes nothing"):
        apply_fix(last, host, shop.settings)
    assert find(shop, spec, virtual=("__cuda=12.6",))[-1].conflict is None


def test_a_spec_with_a_solution_has_nothing_to_fix(shop):
    last = find(shop, write(shop, "python=3.11", "numpy>=2.3"))[-1]
    assert last.is_over and last.conflict is None and last.fixes == () and last.not_tried == ()


def test_errors_of_the_spec_are_told_as_such(shop):
    spec = write(shop, "numpy=>2")
    with pytest.raises(NotFineError):
        find(shop, spec)


def test_a_kept_solver_is_used(shop):
    with SolverProcess(describe_engine(shop.settings)) as solver:
        order = FixOrder(spec=write(shop, "python=3.9", "numpy>=2.3"))
        reports = list(find_fixes(order, shop.settings, solver))
        assert reports[-1].fixes and solver.pid is not None


def test_the_budget_says_what_was_not_tried(shop):
    last = find(shop, write(shop, "python=3.9", "numpy>=2.3"), budget_s=0.0)[-1]
    assert last.conflict is not None and last.fixes == ()
    assert "changes of line 5  python=3.9" in last.not_tried


@pytest.mark.slow
def test_what_the_index_does_not_tell_is_said(shop):
    """Offline and without any wheel the conda part is proved, and pip's is said to be untried."""
    pip = PipSettings(index_url="http://127.0.0.1:9/simple", offline=True)
    shop = replace(
        shop, settings=replace(shop.settings, pip=replace(shop.settings.pip, settings=pip))
    )
    spec = write(shop, "python=3.9", "numpy>=2.3", "pip", pip=("reader",))
    last = find(shop, spec)[-1]
    assert last.fixes and all(fix.pip.startswith("not tried: ") for fix in last.fixes)
    assert not any(move.kind is MoveKind.TO_PIP for fix in last.fixes for move in fix.moves)
    left_out = find(shop, spec, with_pip=False)[-1]
    assert {fix.pip for fix in left_out.fixes} == {"not tried: left out as asked"}


# -- the pip section -----------------------------------------------------------------------------


def test_pip_items_that_exclude_each_other(shop):
    spec = write(shop, "python=3.11", "pip", pip=("old==1.0", "new>=2"))
    last = find(shop, spec)[-1]
    (core,) = last.conflict.cores
    assert core.kind is CoreKind.PIP and [line.line for line in core.lines] == [8, 9]
    assert titles(last)[0] == "line 9  new>=2 → >=1.0"
    assert last.fixes[0].gains.startswith("new 1.0")
    assert {fix.pip for fix in last.fixes} == {"resolved"}
    apply_fix(last, last.fixes[0], shop.settings)
    assert "- new>=1.0\n" in spec.read_text()
    assert find(shop, spec)[-1].conflict is None


def test_a_pip_item_against_a_line_of_conda(shop):
    last = find(shop, write(shop, "python=3.11", "numpy=2.0", "pip", pip=("reader==1.5",)))[-1]
    (core,) = last.conflict.cores
    assert core.kind is CoreKind.PIP_AGAINST_CONDA
    assert "line 6  numpy=2.0 → =1.26" in titles(last)
    assert "line 9  reader==1.5 → ==2.0.*" in titles(last)
    assert all(fix.pip == "resolved" for fix in last.fixes if MoveKind.REMOVE not in kinds(fix))


@pytest.mark.slow
def test_a_package_that_conda_brings_along_is_held_for_pip(shop):
    """No line names numpy: a new one keeps conda's below what the item needs."""
    spec = write(shop, "python=3.11", "tool", "pip", pip=("reader==1.5",))
    last = find(shop, spec)[-1]
    assert "add numpy <2" in titles(last)
    added = next(fix for fix in last.fixes if fix.title == "add numpy <2")
    got = {shift.name: shift.got for shift in added.effect.shifts}
    assert (got["numpy"], got["tool"]) == ("1.26.4", "1.0")
    apply_fix(last, added, shop.settings)
    assert "  - numpy <2\n" in spec.read_text()
    assert find(shop, spec)[-1].conflict is None


@pytest.mark.slow
def test_a_conda_line_and_a_pip_item_together(shop):
    spec = write(shop, "python=3.11", "numpy=2.1", "pip", pip=("old", "new>=2"))
    best = find(shop, spec)[-1].fixes[0]
    assert [move.is_pip for move in best.moves] == [False, True]
    assert [move.new for move in best.moves] == ["numpy=2.0", "new>=1.0"]
    assert best.pip == "resolved"


def test_a_line_moves_to_the_pip_section_only_when_that_resolves(shop):
    last = find(shop, write(shop, "python=3.9", "pip", "numpy=2.3"))[-1]
    assert not any(move.kind is MoveKind.TO_PIP for fix in last.fixes for move in fix.moves)
    make_wheel(shop.root / "wheels", "numpy", "2.3.5")
    last = find(shop, write(shop, "python=3.9", "pip", "numpy=2.3"))[-1]
    (moved,) = [fix for fix in last.fixes if MoveKind.TO_PIP in kinds(fix)]
    assert moved.cost.lines == 2 and moved.gains.startswith("numpy 2.3.5")


@pytest.mark.slow
def test_both_parts_give_way_where_pip_refuses_what_mends_conda(shop):
    """conda's own conflict is gone with gizmo 2, pip's only with another python, and then gizmo 3."""
    write_channel(
        shop.root / "shop",
        [
            *PACKAGES,
            ("gizmo", "2.0", ["python 3.9.*"]),
            ("gizmo", "3.0", ["python 3.11.*"]),
        ],
    )
    make_wheel(shop.root / "wheels", "modern", "1.0", python=">=3.11")
    spec = write(shop, "python=3.9", "pip", "gizmo=1.0", pip=("modern",))
    last = find(shop, spec)[-1]
    first = last.fixes[0]
    assert [move.new for move in first.moves] == ["python=3.11", "gizmo=3.0"]
    assert first.pip == "resolved" and first.cost.removals == 0
    refused = [row for row in last.failed if row.why.startswith("pip: ")]
    assert "pip: modern==1.0 requires Python >=3.11" in {row.why for row in refused}
    assert not any("remove python" in row.title for row in last.failed)
    apply_fix(last, first, shop.settings)
    assert find(shop, spec)[-1].conflict is None


def test_a_prerelease_that_nobody_asked_for_is_no_fix(shop):
    make_wheel(shop.root / "wheels", "numpy", "2.3.0rc1")
    last = find(shop, write(shop, "python=3.9", "pip", "numpy=2.3"))[-1]
    assert last.fixes
    assert not any(MoveKind.TO_PIP in kinds(fix) for fix in last.fixes)
    assert any("2.3.0rc1" in row.why for row in last.failed)


def test_once_cancelled_no_question_is_asked(shop):
    """A cancel that comes between two questions ends no process: the search itself must see it."""
    asked: list[bool] = []

    def is_cancelled() -> bool:
        asked.append(True)
        return len(asked) > 4

    order = FixOrder(spec=write(shop, "python=3.9", "numpy>=2.3"), virtual=("__glibc=2.31",))
    with pytest.raises(SolverStoppedError):
        list(find_fixes(order, shop.settings, is_cancelled=is_cancelled))
    assert len(asked) == 5


@pytest.mark.slow
def test_channels_that_say_nothing_are_told_in_one_line_and_cost_little(shop, monkeypatch):
    monkeypatch.setattr("envbench.engine.repair.trials._SILENT_S", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        place = f"http://127.0.0.1:{silent.getsockname()[1]}"
        named = {name: f"{place}/{name}" for name in ("bioconda", "rapidsai")}
        nowhere = {"defaults": ((shop.root / "nowhere").as_uri(),)}
        channels = replace(shop.settings.channels, named=named, multichannels=nowhere)
        shop = replace(shop, settings=replace(shop.settings, channels=channels))
        last = find(shop, write(shop, "python=3.9", "numpy=2.1"))[-1]
    assert last.fixes
    assert last.not_tried == ("the channels bioconda, rapidsai (not reachable)",)


def test_who_looks_no_further_ends_the_search(shop, monkeypatch):
    with SolverProcess(describe_engine(shop.settings)) as solver:
        order = FixOrder(spec=write(shop, "python=3.9", "numpy>=2.3"))
        reports = find_fixes(order, shop.settings, solver)
        next(report for report in reports if report.fixes)
        questions: list[str] = []
        monkeypatch.setattr(solver, "try_request", lambda *_, **__: questions.append("try"))
        monkeypatch.setattr(solver, "solve", lambda *_, **__: questions.append("solve"))
        reports.close()
        assert list(reports) == [] and questions == []


def kinds(fix) -> set[MoveKind]:
    return {move.kind for move in fix.moves}


# -- the article's spec --------------------------------------------------------------------------


@pytest.fixture
def article(box: Box, real_channels: Path, monkeypatch) -> Box:
    from envbench.settings.load import load_settings

    condarc = box.root / "condarc.yml"
    condarc.write_text(
        f"channel_alias: file://{real_channels}\ndefault_channels: [file://{real_channels}/main]\n"
        f"custom_channels: {{nvidia: 'file://{real_channels}'}}\n"
    )
    monkeypatch.setenv("CONDARC", str(condarc))
    return replace(box, settings=load_settings())


def test_the_first_fix_of_the_article_keeps_every_other_line(article):
    source = Path(__file__).parents[2] / "sample_specs" / "ai_dev_env.yml"
    spec = article.root / "ai_dev_env.yml"
    spec.write_text(source.read_text())
    order = FixOrder(
        spec=spec,
        virtual=("__glibc=2.31", "__cuda=12.4"),
        priority=ChannelPriority.FLEXIBLE,
        with_pip=False,
        budget_s=60.0,
    )
    last = list(find_fixes(order, article.settings))[-1]
    (core,) = last.conflict.cores
    assert [line.text for line in core.lines] == ["tensorflow=2.13.0"]
    assert core.kind is CoreKind.MISSING_VERSION
    first = last.fixes[0]
    assert [move.new for move in first.moves] == ["tensorflow=2.9.*"]
    assert first.gains.startswith("tensorflow 2.9.")
    assert first.cost.lines == 1 and not first.loses_gpu
    apply_fix(last, first, article.settings)
    changed = [
        pair
        for pair in zip(source.read_text().splitlines(), spec.read_text().splitlines(), strict=True)
        if pair[0] != pair[1]
    ]
    assert changed == [("  - tensorflow=2.13.0", "  - tensorflow=2.9.*")]
    assert list(find_fixes(order, article.settings))[-1].conflict is None


@pytest.mark.network
@pytest.mark.timeout(400)
def test_the_pip_part_of_the_article_with_a_newer_openai(article):
    pip = replace(article.settings.pip, settings=PipSettings())
    article = replace(article, settings=replace(article.settings, pip=pip))
    items = ("transformers", "langchain", "tensorflow==2.13.0", "openai>=2")
    spec = article.write_spec("python=3.9", "pip", pip=items, channel="conda-forge")
    order = FixOrder(spec=spec, virtual=("__glibc=2.31",), budget_s=200.0)
    last = list(find_fixes(order, article.settings))[-1]
    (core,) = last.conflict.cores
    assert [line.text for line in core.lines] == ["tensorflow==2.13.0", "openai>=2"]
    assert core.meeting == "typing-extensions"
    first = last.fixes[0]
    assert [move.new for move in first.moves] == ["tensorflow==2.14.*"]
    assert first.pip == "resolved" and "openai 2." in first.gains
    print(f"core after {last.first_core_s:.1f} s, fix after {last.first_fix_s:.1f} s", last.solves)
