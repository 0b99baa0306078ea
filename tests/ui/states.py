"""States of the whole screen, poor and rich, for what must hold in all of them."""

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from envbench.model.problem import Edit, Problem, Replacement, Severity
from envbench.model.span import Span
from envbench.ui import state as names
from envbench.ui.gpu_face import LIST, GpuFace
from envbench.ui.plan_face import FOLDED, PlanFace, TakenFix
from envbench.ui.solve_choice import name_solve
from envbench.ui.state import Done, Fact, OpenSpec, ScreenState, Told
from envbench.workbench.values.environment_rows import EnvironmentRow
from envbench.workbench.values.preferences import SettingRow
from envbench.workbench.values.spec_folder import SpecEntry, SpecFolder, SpecState
from tests.ui.panels.gpu_samples import EIGHT, IDLE, NO_DRIVER, ONE_UNIFIED, OWNERS
from tests.ui.panels.job_examples import at_work, failed, screen
from tests.ui.panels.plan_examples import make_conflict, make_view
from tests.ui.still.sample_fixes import ALL, COMING, FLEXIBLE, RAISE, WHAT_IF, WHY

TEXT = "name: lab\ndependencies:\n  - numpi\n"
MENDED = Edit("write numpy", (Replacement(27, 32, "numpy"),))
PROBLEMS = (
    Problem("EB201", Severity.ERROR, "no package numpi in any channel", Span(27, 32, 3, 5), edit=MENDED),
    Problem("EB301", Severity.WARNING, "python is not pinned", hint="add python=3.12"),
)  # fmt: skip
SPEC = OpenSpec(
    path="/folder/environment.yml", name="environment.yml", text=TEXT, saved_text=TEXT,
    sha256="abc", environment="lab", checked=0,
)  # fmt: skip
SPECS: tuple[OpenSpec | None, ...] = (
    None,
    SPEC,
    replace(SPEC, checked=-1),
    replace(SPEC, problems=PROBLEMS),
    replace(SPEC, problems=PROBLEMS, text=TEXT + "#", version=3),
    replace(SPEC, read_only="it belongs to bob", name="日本語" * 30, environment="e" * 90),
    replace(SPEC, is_sample=True, text="changed"),
    replace(SPEC, disk="changed", check_fault="the desk is gone"),
)
ENTRY = SpecEntry(path=SPEC.path, shown="environment.yml", state=SpecState.OK)
FOLDER = SpecFolder(
    path="/folder",
    shown="/folder",
    specs=(
        ENTRY,
        *(
            replace(ENTRY, path=f"/folder/{kind.value}.yml", shown=f"{kind.value}.yml", state=kind)
            for kind in SpecState
        ),
    ),
)
ROW = EnvironmentRow(
    key="/envs/lab", name="lab", kind="envbench", path="/envs/lab", live_generation=2, generations=2
)
ROWS = (
    ROW,
    replace(ROW, key="/bob", name="bob", path="/bob", kind="conda", read_only="made by conda"),
    replace(ROW, key="spec:new", name="new", kind="", path="", live_generation=None),
)
SETTING = SettingRow(
    key="theme", value="dark", source="default", meaning="the colours", kind="text"
)
KEYS = (
    "", "x", "none", "spec:/folder/environment.yml", "sample:/s.yml", "problem:0:3:5",
    "problem:1:", "problem:99:1:1", "environment:lab", "environment:/bob", "environment:spec:new",
    "generation:lab@1", "generation:lab@x", "fix:0", "setting:theme", "theme", "done:0",
    failed(2).id, "gpu:0", "gpu:7", "gpu:99", "mig:2:1", "mig:x", "process:81233", "process:70555",
    "outside:77", "process:1", f"fix:{RAISE.title}", "search", "tried:0", "cause:6:0", "package:icu",
)  # fmt: skip
PANES = (
    *(place for _, place, _ in names.PLACES), names.EDITOR, names.SPECS, names.PROBLEMS,
    names.INSPECTION, names.BOX, names.WELCOME, names.SIDE_ENVIRONMENTS, names.SIDE_JOBS,
    names.SIDE_GPUS, names.SIDE_GPU_USERS, "",
)  # fmt: skip
FAULT: Fact[Any] = Fact(fault="the desk is gone", hint="try again")
WORKING: Fact[Any] = Fact(working="asking")
EMPTY = ScreenState(directory="/folder")
CONFLICT = make_conflict()
FACES = (
    PlanFace(),
    PlanFace(whole=True, unfolded=True, why=True),
    PlanFace(solver_text=FOLDED),
    PlanFace(compared=(f"fix:{RAISE.title}", f"fix:{FLEXIBLE.title}"), marked="fix:x"),
    PlanFace(what_if=True, column=3),
    PlanFace(what_if=True, column=99),
)
TAKEN = (
    TakenFix(title="t", path=SPEC.path, before="a", after=TEXT),
    TakenFix(title="t", path="/else.yml", is_setting=True),
)


def facts(*values: Any) -> st.SearchStrategy[Fact[Any]]:
    return st.sampled_from([Fact(), FAULT, WORKING, *(Fact(value) for value in values)])


@st.composite
def states(draw: st.DrawFn) -> ScreenState:
    """Any mixture of what is known, what has the keys and what is under the cursors."""
    return ScreenState(
        directory="/folder",
        place=draw(st.sampled_from([place for _, place, _ in names.PLACES])),
        focus=draw(st.sampled_from(PANES)),
        zoomed=draw(st.booleans()),
        spec=draw(st.sampled_from(SPECS)),
        specs=draw(facts(FOLDER)),
        solve=draw(facts(make_view(), make_view(against="lab"), CONFLICT)),
        fixes=draw(
            st.sampled_from(
                [Fact(), FAULT, *(Fact(each, about=name_solve(CONFLICT)) for each in (ALL, COMING))]
            )
        ),
        why=draw(facts(WHY)),
        what_if=draw(facts(WHAT_IF)),
        plan_face=draw(st.sampled_from(FACES)),
        taken=draw(st.sampled_from([(), TAKEN[:1], TAKEN])),
        environments=draw(facts((), ROWS)),
        environment=draw(st.sampled_from(["", "lab", "/bob", "gone"])),
        marked=draw(st.sampled_from(["", "lab", "lab@1"])),
        jobs=draw(st.sampled_from([Fact(), FAULT, screen(at_work(), failed(2)).jobs])),
        settings=draw(facts((SETTING,))),
        gpus=draw(facts(EIGHT, IDLE, NO_DRIVER, ONE_UNIFIED)),
        gpu_owners=draw(st.sampled_from([{}, OWNERS])),
        gpu_face=draw(
            st.sampled_from([LIST, GpuFace(detail=2), GpuFace(detail=7, plots=True, jumped="lab")])
        ),
        selected=dict.fromkeys(PANES, draw(st.sampled_from(KEYS))),
        told=draw(st.sampled_from([(), (Told("said\x1b[2J " * 40, "error", "12:00:00"),)])),
        done=draw(st.sampled_from([(), (Done("envbench solve lab.yml", "12:00:00"),)])),
        walk=draw(st.sampled_from([-1, -1, 0, 3])),
    )
