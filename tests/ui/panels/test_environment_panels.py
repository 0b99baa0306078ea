"""What the panes of environments, probes and locks say in each of their states, at any width."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envbench.envs.compare import LockDifference, PipChange, VariableChange
from envbench.model.lock import Loss, PipPackage
from envbench.model.plan import ChangeKind, PackageChange, PackageRecord
from envbench.model.probe import ProbeCheck, ProbeError, ProbeResult, ProbeStage, ProbeStatus
from envbench.ui.environment_choice import generation_key, row_key
from envbench.ui.flows.probe_report import write_report
from envbench.ui.ink import plain, width_of
from envbench.ui.pane_view import PaneView
from envbench.ui.panels.environments_panel import describe_environments
from envbench.ui.panels.lock_panel import OTHERS, describe_lock
from envbench.ui.panels.probes_panel import describe_probes
from envbench.ui.panels.side_environments import describe_side_environments
from envbench.ui.state import ENVIRONMENTS, LOCK, PROBES, Fact, ScreenState
from envbench.workbench.job_rows import JobProgress, JobState, JobsUpdate, WatchedJob
from envbench.workbench.values.environment_details import (
    EnvironmentContents,
    EnvironmentDetails,
    GenerationDetails,
    GenerationSize,
)
from envbench.workbench.values.environment_rows import EnvironmentRow, SpecState
from envbench.workbench.values.environment_users import EnvironmentUser
from envbench.workbench.values.environments import Comparison
from envbench.workbench.values.lock_offers import (
    CompanionPreview,
    LockOffer,
    LockOffers,
    LockOnDisk,
    LockPreview,
)
from envbench.workbench.values.probe_records import ProbeRecord

NOW = 1_800_000_000.0
LATELY = "2027-01-15T07:58:00+00:00"
CROSS = "\N{MULTIPLICATION SIGN}"
WIDTHS = (2, 20, 27, 35, 60, 120, 200)
USER = EnvironmentUser(pid=81233, name="python", how="runs it", generation=3)


def row(name: str, **more: Any) -> EnvironmentRow:
    values = {"key": f"/envs/{name}", "name": name, "kind": "envbench", "path": f"/envs/{name}"}
    return EnvironmentRow(**(values | more))


ROWS = (
    row("ai", live_generation=4, generations=2, drift="1 pip added", built_from="ai.yml",
        size_bytes=7_400_000_000, unique_bytes=1_100_000_000, users=(USER,), last_used=LATELY),
    row("llm", live_generation=2, generations=1, drift="", spec_state=SpecState.CHANGED),
    row("fine", live_generation=1, generations=1, drift="", spec_state=SpecState.OK),
    row("broken", fault="its link leads nowhere"),
    row("base", key="/conda", kind="conda base", read_only="frozen: whoever made it forbids changes"),
    row("bob", key="/bob/vllm", kind="conda", read_only="made by conda", owner="bob",
        extras="3 pip over conda"),
    row("later", key="spec:later", kind="", path="", spec_state=SpecState.NOT_BUILT),
)  # fmt: skip


def generation(number: int, **more: Any) -> GenerationDetails:
    values = {
        "number": number, "is_live": False, "created": LATELY, "created_by": "alice@box",
        "reason": "build ai.yml", "job_id": "", "conda_packages": 200, "pip_packages": 13,
        "channels": ("conda-forge",), "spec_sha256": "", "kept_bytes": 1, "users": (),
        "kept_because": "",
    }  # fmt: skip
    return GenerationDetails(**(values | more))


DETAILS = EnvironmentDetails(
    name="ai", kind="envbench", path="/envs/ai", prefix="/envs/.generations/ai-4",
    contents=EnvironmentContents(
        python="3.11.9", platform="linux-64", channels=("conda-forge",), variables=("TOKEN",),
        conda_packages=200, pip_packages=13, drift="1 pip added", damage=("numpy: not JSON",)),
    generations=(
        generation(4, is_live=True, kept_because="live"),
        generation(3, users=(USER,), kept_because="in use by pid 81233"),
        generation(2),
    ),
    users=(USER,), activate=(), read_only="", fault="",
)  # fmt: skip
SIZES = Fact((GenerationSize(number=2, total_bytes=2, unique_bytes=340_000_000),), about="ai")


def state(**parts: Any) -> ScreenState:
    values = {"environments": Fact(ROWS), "environment": "ai"}
    return ScreenState(directory="/folder", **(values | parts))


def text_of(view: PaneView) -> str:
    lines = [*view.top, *(line for r in view.rows for line in r.lines), *view.empty, *view.bottom]
    return "\n".join([f"[{view.title}] {view.badge}", *(plain(line) for line in lines)])


def check_widths(describe: Any, *more: Any) -> None:
    """At every width all lines fit, and keys are unique."""
    for width in WIDTHS:
        view = describe(*more, width)
        lines = (
            *view.top,
            *(line for r in view.rows for line in r.lines),
            *view.bottom,
            *view.empty,
        )
        for line in lines:
            assert width_of(line) <= width, (width, plain(line))
        keys = [r.key for r in view.rows if r.selectable]
        assert len(keys) == len(set(keys))


def test_the_side_pane_says_in_a_word_how_each_is():
    view = describe_side_environments(state(), 27)
    shown = {r.key: r.plain for r in view.rows}
    assert shown[row_key("ai")].startswith("► ai") and shown[row_key("ai")].endswith("g4 drift")
    assert "spec changed" in shown[row_key("llm")]
    assert shown[row_key("fine")].startswith("● fine") and shown[row_key("fine")].endswith("g1 ok")
    assert f"{CROSS} broken" in shown[row_key("broken")]
    assert "frozen" in shown[row_key("/conda")] and "bob" in shown[row_key("/bob/vllm")]
    assert shown[row_key("later")].startswith("○ later") and "not built" in shown[row_key("later")]
    assert plain(view.bottom[0]) == "6 found, 1.10 GB unique"
    check_widths(describe_side_environments, state())


def test_a_list_that_is_on_its_way_empty_or_old_says_so():
    def say(fact: Fact[Any]) -> str:
        return text_of(describe_side_environments(state(environments=fact), 40))

    assert "looking" in say(Fact(working="looking for environments"))
    assert "b builds" in say(Fact(()))
    assert f"{CROSS} no such folder" in say(Fact(fault="no such folder"))
    assert "old: no such folder" in say(Fact(ROWS, fault="no such folder"))
    for fact in (Fact(), Fact(()), Fact(fault="no"), Fact(ROWS, fault="no"), Fact(ROWS, "reading")):
        given_state = state(environments=fact)
        text_of(describe_environments(given_state, 60, NOW))


def test_the_table_tells_drift_in_words_and_old_users():
    view = describe_environments(state(), 200, NOW)
    text = text_of(view)
    for said in ("1 pip added", "7.40 GB", "pid 81233 g3 ▲", "frozen: no installs", "not built",
                 "3 pip over conda", "of bob", "its link leads nowhere", "today"):  # fmt: skip
        assert said in text, said
    check_widths(lambda s, w: describe_environments(s, w, NOW), state())


def test_a_narrow_table_keeps_name_and_drift():
    view = describe_environments(state(), 27, NOW)
    assert "ai" in view.rows[0].plain and "1 pip ad" in view.rows[0].plain


def test_generations_follow_the_table_with_what_keeps_them():
    known = state(details=Fact(DETAILS, about="ai"), generation_sizes=SIZES, marked="ai@2")
    view = describe_environments(known, 160, NOW)
    shown = {r.key: r.plain for r in view.rows}
    assert "live" in shown[generation_key("ai", 4)]
    assert "in use by pid 81233" in shown[generation_key("ai", 3)]
    kept = shown[generation_key("ai", 2)]
    assert "marked" in kept and "kept, 340 MB of its own" in kept and "213" in kept
    text = text_of(view)
    assert "numpy: not JSON" in text and "pid 81233 python runs it  generation 3" in text
    check_widths(lambda s, w: describe_environments(s, w, NOW), known)


def test_what_is_known_of_another_environment_is_not_shown():
    text = text_of(describe_environments(state(details=Fact(DETAILS, about="llm")), 120, NOW))
    assert "numpy: not JSON" not in text
    text = text_of(describe_environments(state(environment="later"), 120, NOW))
    assert "later is not built yet: s solves, b builds" in text
    text = text_of(describe_environments(state(environment=""), 120, NOW))
    assert "Enter shows the generations" in text


def record(name: str, version: str, build: str = "0") -> PackageRecord:
    return PackageRecord(
        name=name, version=version, build=build, build_number=0, subdir="noarch", file_name="",
        url="", channel="conda-forge",
    )  # fmt: skip


def test_a_comparison_marks_what_comes_goes_and_changes():
    difference = LockDifference(
        conda=(
            PackageChange(ChangeKind.ADD, "icu", None, record("icu", "73.2")),
            PackageChange(ChangeKind.DOWNGRADE, "typing", record("typing", "4.12"), record("typing", "4.5")),
            PackageChange(ChangeKind.REBUILD, "numpy", record("numpy", "1.2", "mkl"), record("numpy", "1.2", "blas")),
        ),
        pip=(PipChange(ChangeKind.REMOVE, "rich", PipPackage(name="rich", version="13.1"), None),),
        variables=(VariableChange("URL", "https://me:secret@host/", None),),
        channels=(("a",), ("a", "b")),
    )  # fmt: skip
    found = Fact(Comparison(a="ai", b="llm", difference=difference), about="ai llm")
    view = describe_environments(state(comparison=found), 120, NOW)
    shown = {r.key: r.plain.split() for r in view.rows}
    assert shown["diff:conda:icu"][:3] == ["+", "icu", "conda"]
    assert shown["diff:conda:typing"][0] == "▼" and "older" in shown["diff:conda:typing"]
    assert "mkl" in shown["diff:conda:numpy"] and "blas" in shown["diff:conda:numpy"]
    assert shown["diff:pip:rich"][:3] == ["-", "rich", "pip"]
    text = text_of(view)
    assert "from ai to llm" in text and "secret" not in text
    check_widths(lambda s, w: describe_environments(s, w, NOW), state(comparison=found))
    same = Fact(Comparison(a="ai", b="llm", difference=LockDifference()), about="ai llm")
    assert "same" in describe_environments(state(comparison=same), 60, NOW).badge
    waits = Fact(None, "comparing ai with llm", about="ai llm")
    assert "comparing" in text_of(describe_environments(state(comparison=waits), 60, NOW))


NUMPY = ProbeResult(
    probe="numpy", prefix="/envs/ai", status=ProbeStatus.OK, python="3.11.9",
    memory_peak_bytes=42_000_000, distributions={"numpy": {"version": "1.26.4"}},
    stages=(ProbeStage(name="import", ok=True, duration_s=0.41),),
    checks=(ProbeCheck(name="qr", device="cpu", ok=True, error=4e-16, tolerance=1e-10),),
)  # fmt: skip
TORCH = ProbeResult(
    probe="torch", prefix="/envs/ai", status=ProbeStatus.FAILED, stage="check:matmul",
    reason="wrong result: off by 0.5, tolerance 1e-05",
    facts={"devices": [{"name": "A100", "uuid": "GPU-1"}]},
    checks=(ProbeCheck(name="matmul", device="GPU-1", ok=False, error=0.5, tolerance=1e-5),),
    errors=(ProbeError(type="ImportError", message="libcudart.so.11: cannot open"),),
    frames=("File a.py, line 1",),
)  # fmt: skip
RECORD = ProbeRecord(
    environment="ai", job_id="job-1", job_kind="probe", state="done", started=LATELY, ended=LATELY,
    duration_s=48.0, generation=4, live_generation=4, staleness="", asked=(), host_gpus=8,
    results=(NUMPY, TORCH), reason="", notes=(),
)  # fmt: skip


def probes(record: ProbeRecord | None, **parts: Any) -> ScreenState:
    return state(probes=Fact(record, about="ai"), **parts)


def test_probes_are_told_with_numbers_device_and_verdict():
    view = describe_probes(probes(RECORD), 140, NOW)
    shown = {r.key: r.plain for r in view.rows}
    assert "●" in shown["probe:numpy"] and "4.0e-16 of 1.0e-10" in shown["probe:numpy"]
    assert "410 ms" in shown["probe:numpy"] or "0.4 s" in shown["probe:numpy"]
    assert CROSS in shown["probe:torch"] and "A100" in shown["probe:torch"]
    assert "WRONG 5.0e-01" in shown["probe:torch"] and "WRONG RESULT" in shown["probe:torch"]
    assert (view.badge, view.badge_role) == ("1 WRONG RESULT", "error")
    # Below them is what is wrong, until the cursor asks for something else.
    assert "libcudart" in text_of(view)
    chosen = probes(RECORD, selected={PROBES: "probe:numpy"})
    assert "qr on cpu: right" in text_of(describe_probes(chosen, 140, NOW))
    check_widths(lambda s, w: describe_probes(s, w, NOW), probes(RECORD))


def test_results_that_are_out_of_date_or_missing_say_why():
    stale = replace(RECORD, staleness="env is g5 now, this is g4", notes=("job x was passed over",))
    text = text_of(describe_probes(probes(stale), 100, NOW))
    assert "▲ env is g5 now, this is g4: p probes again" in text and "OUT OF DATE" in text
    assert "passed over" in text
    none = replace(RECORD, results=(), state="failed", reason="no Python here")
    text = text_of(describe_probes(probes(none), 100, NOW))
    assert f"{CROSS} the run ended failed: no Python here" in text and "Enter shows the log" in text
    assert "Nothing was probed" in text_of(describe_probes(probes(None), 100, NOW))
    assert "not built yet" in text_of(describe_probes(state(environment="later"), 100, NOW))
    assert "no environment is chosen" in text_of(describe_probes(state(environment=""), 100, NOW))
    failed = state(probes=Fact(None, fault="its records are damaged", about="ai"))
    assert f"{CROSS} its records are damaged" in text_of(describe_probes(failed, 100, NOW))


def test_probes_that_run_are_told_as_they_come():
    progress = JobProgress(done=1, total=4, unit="probes", item="torch", at=NOW)
    job = WatchedJob(
        id="j", kind="probe", title="probe ai", environment="ai", state=JobState.RUNNING,
        directory="", started=NOW - 12, progress=progress, message="probe numpy: ok",
    )  # fmt: skip
    view = describe_probes(probes(None, jobs=Fact(JobsUpdate(jobs=(job,)))), 100, NOW)
    assert "► probing: torch, 1 of 4 done, 12 s   probe numpy: ok" in text_of(view)
    assert view.badge == "RUNNING"
    other = replace(job, environment="llm")
    view = describe_probes(probes(RECORD, jobs=Fact(JobsUpdate(jobs=(other,)))), 100, NOW)
    assert "probing" not in text_of(view)


def test_a_report_is_plain_text_without_what_moves_a_terminal():
    text = write_report(replace(RECORD, results=(replace(TORCH, reason="\x1b[2Jbad"),)))
    assert (
        "\x1b" not in text and "matmul on GPU-1: WRONG, off by 5.0e-01 of at most 1.0e-05" in text
    )
    assert "ImportError: libcudart" in text


def offer(name: str, **more: Any) -> LockOffer:
    values = {
        "format": name, "file_name": f"{name}.txt", "summary": "one line", "keeps": "all",
        "loses": "nothing", "lost": (), "refusal": "", "is_usual": True, "on_disk": None,
    }  # fmt: skip
    return LockOffer(**(values | more))


STALE = LockOnDisk(
    path="/folder/pylock.txt", written=LATELY, format="pylock", is_stale=True,
    note="env moved on: 2 differ",
)  # fmt: skip
OFFERS = LockOffers(
    environment="ai", generation=4, conda_packages=212, pip_packages=19, from_git=1,
    offers=(
        offer("explicit", loses="pip packages",
              lost=(Loss("pip packages", ("rich", "openai"), "They are missing then."),)),
        offer("pylock", on_disk=STALE),
        offer("pixi", refusal="it has no name for this channel", is_usual=False),
    ),
    folder="/folder",
)  # fmt: skip


def test_formats_say_what_they_lose_before_anything_is_written():
    known = state(locks=Fact(OFFERS, about="ai"))
    view = describe_lock(known, 120, NOW)
    text = text_of(view)
    assert "from generation 4 as installed: 212 conda, 19 pip, 1 from git" in text
    assert (view.badge, view.badge_role) == ("1 STALE", "warning")
    assert "▲ loses pip packages of rich, openai: They are missing then." in text
    shown = {r.key: r.plain for r in view.rows}
    assert "▲ stale" in shown["pylock"] and "cannot say it" in shown["pixi"]
    on_it = replace(known, selected={LOCK: "pylock"})
    assert "env moved on: 2 differ" in text_of(describe_lock(on_it, 120, NOW))
    on_it = replace(known, selected={LOCK: "pixi"})
    assert f"{CROSS} cannot be written: it has no name" in text_of(describe_lock(on_it, 120, NOW))
    check_widths(lambda s, w: describe_lock(s, w, NOW), known)


def test_files_for_other_tools_stand_apart_and_name_what_comes_with_them():
    docker = offer(
        "dockerfile", is_lock=False, is_usual=False, companions=("explicit.txt", "b.txt")
    )
    known = state(locks=Fact(replace(OFFERS, offers=(*OFFERS.offers, docker)), about="ai"))
    keys = [row.key for row in describe_lock(known, 120, NOW).rows]
    assert keys == ["explicit", "pylock", "pixi", OTHERS, "dockerfile"]
    on_it = replace(known, selected={LOCK: "dockerfile"})
    text = text_of(describe_lock(on_it, 120, NOW))
    assert "with explicit.txt, b.txt" in text and "its own reader" not in text
    check_widths(lambda s, w: describe_lock(s, w, NOW), on_it)


def test_a_preview_shows_the_further_files_below_their_names():
    more = CompanionPreview(path="b.txt", text="one\ntwo\n", lines=7, is_cut=True)
    preview = LockPreview(
        format="dockerfile", file_name="Dockerfile", text="FROM x\n", lines=1, is_cut=False,
        companions=(more,),
    )  # fmt: skip
    known = state(locks=Fact(OFFERS, about="ai"), preview=Fact(preview, about="dockerfile ai"))
    view = describe_lock(known, 60, NOW)
    text = text_of(view)
    assert "FROM x\n" in text and "b.txt  7 lines, written with it" in text
    assert "one\ntwo\n  and so on" in text
    assert len({row.key for row in view.rows}) == len(view.rows)


def test_a_preview_shows_every_blank_of_the_text_and_that_it_is_cut():
    preview = LockPreview(
        format="explicit", file_name="explicit.txt", text="a:\n  - b\n" + "x" * 50, lines=900,
        is_cut=True,
    )  # fmt: skip
    known = state(locks=Fact(OFFERS, about="ai"), preview=Fact(preview, about="explicit ai"))
    view = describe_lock(known, 40, NOW)
    text = text_of(view)
    assert "\n  - b\n" in text and "x" * 40 + "\n" + "x" * 10 in text
    assert "only 3 of 900 lines" in text and "▲ loses pip packages" in text
    waits = state(preview=Fact(None, "writing explicit", about="explicit ai"))
    assert "writing explicit" in text_of(describe_lock(waits, 60, NOW))
    refused = state(preview=Fact(None, fault="a secret is in it", about="explicit ai"))
    assert f"{CROSS} a secret is in it" in text_of(describe_lock(refused, 60, NOW))
    elsewhere = state(preview=Fact(preview, about="explicit llm"), locks=Fact(OFFERS, about="ai"))
    assert "preview" not in describe_lock(elsewhere, 60, NOW).badge


def test_a_lock_that_cannot_be_offered_says_why():
    assert "trying" in text_of(
        describe_lock(state(locks=Fact(None, "trying", about="ai")), 60, NOW)
    )
    failed = state(locks=Fact(None, fault="records are damaged", about="ai"))
    assert f"{CROSS} records are damaged" in text_of(describe_lock(failed, 60, NOW))
    assert "not built yet" in text_of(describe_lock(state(environment="later"), 60, NOW))
    early = Fact(None, fault="there is no environment named 'later'", about="later")
    asked_early = text_of(describe_lock(state(environment="later", locks=early), 60, NOW))
    assert "not built yet" in asked_early and "no environment named" not in asked_early


NASTY = st.text(st.characters(codec="utf-8"), max_size=30)


@given(NASTY, NASTY, st.sampled_from(WIDTHS[1:]))
def test_nothing_that_names_hold_widens_or_breaks_a_line(name: str, words: str, width: int):
    rows = (replace(ROWS[0], name=name, drift=words), replace(ROWS[3], fault=words, owner=name))
    details = replace(DETAILS, name=name, path=words)
    known = state(
        environments=Fact(rows), environment=name, details=Fact(details, about=name),
        probes=Fact(replace(RECORD, reason=words, results=(replace(TORCH, reason=words),)), about=name),
    )  # fmt: skip
    for view in (
        describe_side_environments(known, width),
        describe_environments(known, width, NOW),
        describe_probes(known, width, NOW),
    ):
        for each in view.rows:
            assert all(width_of(line) <= width for line in each.lines)


@pytest.mark.parametrize("key", ["", "focus:title", "generation:ai@3", "environment:/a@2/b"])
def test_any_row_may_be_under_the_cursor(key: str):
    known = state(selected={ENVIRONMENTS: key, LOCK: key, PROBES: key}, focus=ENVIRONMENTS)
    for describe in (describe_environments, describe_probes, describe_lock):
        describe(known, 80, NOW)
