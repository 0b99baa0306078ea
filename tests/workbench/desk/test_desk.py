"""Real children: they answer, are killed, die, are replaced, and leave nothing behind."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from envbench.model.errors import EnvbenchError, NotFineError, PreventedError, UsageError
from envbench.workbench.desk import client
from envbench.workbench.desk.client import Desk
from tests.workbench.desk.conftest import SLOW, is_alive, open_desk, private_environ, wait_for
from tests.workbench.desk.slow_verbs import Everything


def read(path: str) -> str:
    return Path(path).read_text()


async def test_values_of_every_kind_come_back_as_they_are(desk: Desk):
    value = Everything(
        path=Path("/some where/é"),
        names=("a", "\x00\x1b[31m\u202e"),
        pairs=(("x", 1), ("y", -2)),
        table={"half": 0.5, "none": None},
        anything={"deep": [1, {"er": "\u2028"}]},
        nested=Everything(path=Path("relative")),
    )
    told = await desk.ask("quick", SLOW + "echo_everything", Everything, value=value)
    assert told == value
    assert isinstance(told.path, Path)


async def test_hostile_text_survives_the_trip(desk: Desk):
    @given(st.text(max_size=2000))
    @settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
    def collect(text: str) -> None:
        texts.append(text)

    texts: list[str] = []
    collect()
    assert await desk.ask("quick", SLOW + "echo", list[str], value=texts) == texts
    halves = ["\ud800", "a\udcffb", "\ud83d\ude00"]
    told = await desk.ask("quick", SLOW + "echo", list[str], value=halves)
    assert told == ["\ufffd", "a\ufffdb", "\U0001f600"]


async def test_huge_values_come_whole_and_the_loop_stays_free(desk: Desk):
    text = await desk.ask("quick", SLOW + "make_text", str, length=8_000_000)
    assert len(text) == 8_000_000
    assert await desk.ask("quick", SLOW + "echo", str, value=text) == text
    worst, stop = 0.0, asyncio.Event()

    async def measure() -> None:
        nonlocal worst
        while not stop.is_set():
            began = time.perf_counter()
            await asyncio.sleep(0.001)
            worst = max(worst, time.perf_counter() - began)

    meter = asyncio.create_task(measure())
    items = await desk.ask("index", SLOW + "make_list", tuple[str, ...], items=300_000)
    stop.set()
    await meter
    assert (len(items), items[-1]) == (300_000, "item 299999")
    assert worst < 0.25


async def test_an_answer_beyond_all_bounds_is_refused(desk: Desk):
    with pytest.raises(PreventedError) as caught:
        await desk.ask("quick", SLOW + "make_text", str, length=70_000_000)
    assert "more than a screen can use" in caught.value.why
    assert await desk.ask("quick", SLOW + "echo", int, value=1) == 1


@pytest.mark.parametrize("kind", [UsageError, NotFineError, PreventedError])
async def test_an_error_is_raised_again_as_it_was(desk: Desk, kind: type[EnvbenchError]):
    parts = {"what": "w\x1b[0m", "where": "a:1", "why": "because\nof this", "hint": "\u202e"}
    with pytest.raises(EnvbenchError) as caught:
        await desk.ask("quick", SLOW + "refuse", str, kind=kind.__name__, **parts)
    error = caught.value
    assert type(error) is kind
    got = {name: getattr(error, name) for name in parts}
    assert got == parts


async def test_a_fault_says_that_it_is_one_and_where_its_trace_lies(desk: Desk, tmp_path: Path):
    with pytest.raises(PreventedError) as caught:
        await desk.ask("quick", SLOW + "break_down", str)
    error = caught.value
    assert error.what == "an unexpected error ended it"
    assert "ZeroDivisionError" in error.why
    assert "secret" not in error.why
    assert "\x1b" not in error.why
    assert "fault of envbench" in error.hint
    assert Path(error.where).is_relative_to(tmp_path / "state")
    assert "break_down" in read(error.where)
    with pytest.raises(PreventedError, match="No such file"):
        await desk.ask("quick", SLOW + "find_file", int, path="/no/such")


@pytest.mark.parametrize(
    ("verb", "arguments"),
    [
        ("no_such_verb", {}),
        (SLOW + "echo", {}),
        (SLOW + "echo", {"value": 1, "more": 2}),
        (SLOW + "wait", {"seconds": "long"}),
        (SLOW + "report_twice", {"settings": {}}),
    ],
)
async def test_a_wrong_question_is_a_fault_and_the_child_goes_on(desk: Desk, verb, arguments):
    with pytest.raises(PreventedError, match="unexpected"):
        await desk.ask("quick", verb, str, **arguments)
    assert await desk.ask("quick", SLOW + "echo", str, value="on") == "on"


async def test_an_answer_of_another_shape_is_told_and_the_next_one_works(desk: Desk):
    with pytest.raises(PreventedError, match="could not be understood"):
        await desk.ask("quick", SLOW + "echo", int, value="text")
    assert await desk.ask("quick", SLOW + "echo", int, value=2) == 2


async def test_what_others_print_is_no_message(desk: Desk):
    assert await desk.ask("quick", SLOW + "shout", str) == "heard"


async def test_the_child_works_in_the_folder_and_away_from_the_terminal(desk: Desk, tmp_path: Path):
    directory, session, pid, has_terminal = await desk.ask(
        "quick", SLOW + "where", tuple[str, int, int, bool]
    )
    assert directory == str(tmp_path)
    assert session == pid == desk.pids()["quick"]
    assert not has_terminal


async def test_a_folder_that_is_gone_is_told(tmp_path: Path):
    desk = Desk(str(tmp_path / "gone"), private_environ(tmp_path))
    with pytest.raises(PreventedError, match="no process could be started") as caught:
        await desk.ask("quick", SLOW + "echo", str, value="x")
    assert caught.value.why == "No such file or directory"
    await desk.close()


async def test_settings_are_read_anew_for_each_question(desk: Desk, tmp_path: Path):
    told: list[object] = []
    arguments = ("solve", SLOW + "report_twice", str, object, told.append)
    assert await desk.ask_telling(*arguments) == str(tmp_path / "state")
    assert told == ["begun", [1, 2]]
    config = tmp_path / "config"
    config.mkdir()
    (config / "config.toml").write_text("keep_generations = 'many'\n")
    with pytest.raises(UsageError, match="keep_generations") as caught:
        await desk.ask_telling(*arguments)
    assert str(config) in caught.value.where
    (config / "config.toml").write_text("keep_generations = 4\n")
    assert await desk.ask_telling(*arguments) == str(tmp_path / "state")


async def test_a_listener_that_fails_fails_its_question_only(desk: Desk):
    def listen(_: object) -> None:
        raise LookupError("mine")

    with pytest.raises(LookupError, match="mine"):
        await desk.ask_telling("solve", SLOW + "report_twice", str, object, listen)
    assert await desk.ask("solve", SLOW + "echo", int, value=3) == 3


async def test_a_child_that_is_killed_is_told_and_replaced(desk: Desk):
    asked = asyncio.create_task(desk.ask("files", SLOW + "wait", str, seconds=60))
    await wait_for(lambda: "files" in desk.pids())
    pid = desk.pids()["files"]
    queued = asyncio.create_task(desk.ask("files", SLOW + "echo", int, value=5))
    await asyncio.sleep(0)
    os.kill(pid, signal.SIGKILL)
    with pytest.raises(PreventedError) as caught:
        await asyncio.wait_for(asked, 10)
    assert caught.value.what == "the process that worked on it died"
    assert "signal 9" in caught.value.why
    assert await asyncio.wait_for(queued, 10) == 5
    assert desk.pids()["files"] != pid


async def test_an_idle_child_that_is_killed_is_replaced_in_silence(desk: Desk):
    assert await desk.ask("quick", SLOW + "echo", int, value=1) == 1
    pid = desk.pids()["quick"]
    os.kill(pid, signal.SIGKILL)
    await wait_for(lambda: desk.pids() == {})
    assert await desk.ask("quick", SLOW + "echo", int, value=2) == 2


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGTERM, signal.SIGABRT])
async def test_a_child_that_crashes_leaves_its_last_words(desk: Desk, number: int):
    with pytest.raises(PreventedError) as caught:
        await asyncio.wait_for(desk.ask("quick", SLOW + "die", str, number=int(number)), 20)
    assert f"ended by signal {int(number)}" in caught.value.why
    assert "last words  of it" in caught.value.why.replace("\x1b", "!")
    assert await desk.ask("quick", SLOW + "echo", int, value=1) == 1


async def test_a_child_that_leaves_is_told(desk: Desk):
    with pytest.raises(PreventedError, match="died") as caught:
        await desk.ask("quick", SLOW + "leave", str, code=3)
    assert "exit status was 3" in caught.value.why


@pytest.mark.parametrize(("verb", "arguments"), [("wait", {"seconds": 60}), ("spin", {})])
async def test_cancelling_kills_at_once_and_the_next_question_works(desk: Desk, verb, arguments):
    asked = asyncio.create_task(desk.ask("solve", SLOW + verb, str, **arguments))
    await wait_for(lambda: "solve" in desk.pids())
    pid = desk.pids()["solve"]
    behind = asyncio.create_task(desk.ask("solve", SLOW + "echo", int, value=7))
    await asyncio.sleep(0.3)
    began = time.perf_counter()
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    assert time.perf_counter() - began < 0.1
    await wait_for(lambda: not is_alive(pid))
    assert time.perf_counter() - began < 1.0
    assert await behind == 7


async def test_cancelling_ends_what_the_child_had_started(desk: Desk):
    helper = await desk.ask("files", SLOW + "start_helper", int)
    assert is_alive(helper)
    asked = asyncio.create_task(desk.ask("files", SLOW + "wait", str, seconds=60))
    await asyncio.sleep(0.05)
    asked.cancel()
    await wait_for(lambda: not is_alive(helper), "the end of the helper")


async def test_a_question_that_waits_can_be_taken_back(desk: Desk, tmp_path: Path):
    path = str(tmp_path / "notes")
    first = asyncio.create_task(desk.ask("files", SLOW + "wait", str, seconds=0.3))
    second = asyncio.create_task(desk.ask("files", SLOW + "note", str, path=path, text="two"))
    third = asyncio.create_task(desk.ask("files", SLOW + "note", str, path=path, text="three"))
    await asyncio.sleep(0.05)
    pid = desk.pids()["files"]
    second.cancel()
    assert await first == "waited"
    assert await third == "three"
    assert read(path) == "three\n"
    assert desk.pids()["files"] == pid


async def test_of_questions_that_wait_only_the_latest_is_asked(desk: Desk, tmp_path: Path):
    path = str(tmp_path / "notes")
    verb = SLOW + "note"
    asks = []
    for number in range(6):
        arguments = {"path": path, "text": str(number), "seconds": 0.2}
        asks.append(asyncio.create_task(desk.ask_latest("quick", verb, str, **arguments)))
        await asyncio.sleep(0)
    other = asyncio.create_task(desk.ask("quick", SLOW + "echo", str, value="other"))
    done = await asyncio.gather(*asks, return_exceptions=True)
    assert [type(each) for each in done] == [str, *[asyncio.CancelledError] * 4, str]
    assert await other == "other"
    assert read(path) == "0\n5\n"


async def test_a_lane_that_changes_files_finishes_what_it_has_begun(desk: Desk, tmp_path: Path):
    path = tmp_path / "notes"
    assert await desk.ask("write", SLOW + "echo", int, value=1) == 1
    arguments = {"path": str(path), "text": "whole", "seconds": 0.4}
    asked = asyncio.create_task(desk.ask("write", SLOW + "note", str, **arguments))
    await asyncio.sleep(0.1)
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    await desk.close()
    assert path.read_text() == "whole\n"
    with pytest.raises(PreventedError, match="being closed"):
        await desk.ask("write", SLOW + "echo", int, value=1)


async def test_a_quick_lane_keeps_its_child_when_a_short_question_is_dropped(desk: Desk):
    assert await desk.ask("quick", SLOW + "echo", int, value=1) == 1
    pid = desk.pids()["quick"]
    asked = asyncio.create_task(desk.ask("quick", SLOW + "wait", str, seconds=0.2))
    await asyncio.sleep(0.05)
    asked.cancel()
    assert await desk.ask("quick", SLOW + "echo", int, value=2) == 2
    assert desk.pids()["quick"] == pid
    asked = asyncio.create_task(desk.ask("quick", SLOW + "wait", str, seconds=60))
    await asyncio.sleep(0.05)
    asked.cancel()
    assert await desk.ask("quick", SLOW + "echo", int, value=3) == 3
    assert desk.pids()["quick"] != pid


async def test_leaving_a_paused_stream_of_a_patient_lane_does_not_block_it(desk: Desk):
    stream = desk.stream("quick", SLOW + "count", int, to=20_000)
    assert await anext(stream) == 0
    await asyncio.sleep(0.3)
    await stream.aclose()
    assert await asyncio.wait_for(desk.ask("quick", SLOW + "echo", int, value=3), 10) == 3


async def test_a_lane_does_not_wait_for_another(desk: Desk):
    asked = asyncio.create_task(desk.ask("files", SLOW + "wait", str, seconds=60))
    assert await desk.ask("quick", SLOW + "echo", int, value=1) == 1
    assert not asked.done()
    await desk.close()
    with pytest.raises(asyncio.CancelledError):
        await asked


async def test_a_stream_gives_what_comes_and_ends(desk: Desk):
    told = [n async for n in desk.stream("watch", SLOW + "count", int, to=500)]
    assert told == list(range(500))
    assert await desk.ask("watch", SLOW + "echo", int, value=1) == 1


async def test_a_stream_that_nobody_reads_makes_the_child_wait(desk: Desk, tmp_path: Path):
    path = tmp_path / "told"
    stream = desk.stream("watch", SLOW + "count_noting", int, to=100_000, path=str(path))
    assert await anext(stream) == 0
    sizes = [-1, 0]
    while sizes[-1] != sizes[-2]:
        await asyncio.sleep(0.3)
        sizes.append(path.stat().st_size)
    assert sizes[-1] < 20_000, "most of what it had to say is still to come"
    assert [number async for number in stream] == list(range(1, 100_000))


async def test_leaving_a_stream_kills_its_child(desk: Desk):
    stream = desk.stream("watch", SLOW + "count", int, to=10**9, pause_s=0.01)
    assert await anext(stream) == 0
    pid = desk.pids()["watch"]
    await stream.aclose()
    await wait_for(lambda: not is_alive(pid))


async def test_a_stream_whose_child_dies_says_so(desk: Desk):
    stream = desk.stream("watch", SLOW + "count", int, to=10**9, pause_s=0.01)
    assert await anext(stream) == 0
    os.kill(desk.pids()["watch"], signal.SIGKILL)
    with pytest.raises(PreventedError, match="died"):
        async for _ in stream:
            pass


async def test_an_idle_child_goes_after_a_while_and_comes_back(tmp_path: Path, monkeypatch):
    kind = client.LaneKind(name="quick", idle_s=0.1)
    monkeypatch.setattr(client, "LANES", (kind,))
    async with open_desk(tmp_path) as desk:
        assert await desk.ask("quick", SLOW + "echo", int, value=1) == 1
        pid = desk.pids()["quick"]
        await wait_for(lambda: not is_alive(pid))
        assert desk.pids() == {}
        assert await desk.ask("quick", SLOW + "wait", str, seconds=0.3) == "waited"


async def test_preparing_imports_ahead(desk: Desk):
    await desk.prepare("quick", "check_spec", SLOW + "echo")
    assert "quick" in desk.pids()


async def test_close_is_quick_whatever_goes_on(desk: Desk):
    for lane, verb, arguments in (
        ("solve", "spin", {}),
        ("files", "wait", {"seconds": 60}),
        ("watch", "count", {"to": 10**9}),
    ):
        asyncio.create_task(desk.ask(lane, SLOW + verb, object, **arguments))  # noqa: RUF006
    await wait_for(lambda: len(desk.pids()) == 3)
    await asyncio.sleep(0.3)
    pids = list(desk.pids().values())
    began = time.perf_counter()
    await desk.close()
    assert time.perf_counter() - began < 1.0
    assert not [pid for pid in pids if is_alive(pid)]


ORPHANS = f"""
import asyncio, os, sys
from envbench.workbench.desk.client import Desk

async def main():
    desk = Desk(sys.argv[1], os.environ)
    for lane, verb, arguments in (
        ("quick", "echo", {{"value": 1}}),
        ("solve", "spin", {{}}),
        ("files", "wait", {{"seconds": 300}}),
        ("watch", "count", {{"to": 10**9}}),
        ("write", "wait", {{"seconds": 300}}),
    ):
        asyncio.ensure_future(desk.ask(lane, "{SLOW}" + verb, object, **arguments))
    while len(desk.pids()) < 5:
        await asyncio.sleep(0.01)
    await desk.ask("quick", "{SLOW}echo", object, value=1)
    await asyncio.sleep(0.5)
    print(*desk.pids().values(), flush=True)
    await asyncio.sleep(300)

asyncio.run(main())
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_children_end_with_a_client_that_is_killed(tmp_path: Path, number: int):
    with subprocess.Popen(
        [sys.executable, "-c", ORPHANS, str(tmp_path)],
        env=private_environ(tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=Path(__file__).parents[3],
        text=True,
    ) as process:
        pids = [int(text) for text in process.stdout.readline().split()]
        assert len(pids) == 5
        assert all(is_alive(pid) for pid in pids)
        process.send_signal(number)
        process.wait(20)
        deadline = time.monotonic() + 5
        while living := [pid for pid in pids if is_alive(pid)]:
            assert time.monotonic() < deadline, living
            time.sleep(0.01)


def test_the_client_loads_nothing_heavy():
    code = (
        "import sys\nimport envbench.workbench.desk.client\n"
        "heavy = ('rattler', 'psutil', 'yaml', 'packaging', 'zstandard', 'textual', 'pynvml')\n"
        "print(*(n for n in heavy if n in sys.modules))\n"
        "print(*(n for n in sys.modules if n.startswith(('envbench.settings', 'envbench.engine'))))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_lanes_have_names_of_their_own():
    names = [kind.name for kind in client.LANES]
    assert len(set(names)) == len(names)
