"""Whatever becomes of the screen, the job goes on, and whoever opens it again sees all of it."""

import random
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.pty.bench_box import PATIENCE_S, BenchBox
from tests.pty.slow_channel import WORKS, SlowServer, serving_slowly
from tests.pty.terminal import Terminal

pytestmark = pytest.mark.pty

RANDOM_POINTS = 20
LONGEST_S = 3.5
"""About what a slow build takes, from the key to its end."""


def kill(terminal: Terminal) -> None:
    terminal.signal(signal.SIGKILL)
    assert terminal.wait_exit() == -signal.SIGKILL


def close_pty(terminal: Terminal) -> None:
    terminal.close_pty()
    assert terminal.wait_exit(10) == 128 + signal.SIGHUP


def hang_up(terminal: Terminal) -> None:
    terminal.signal(signal.SIGHUP)
    assert terminal.wait_exit(10) == 128 + signal.SIGHUP
    assert terminal.is_restored


ENDS: dict[str, Callable[[Terminal], None]] = {"kill": kill, "close": close_pty, "hup": hang_up}


@dataclass
class Stage:
    """A box with a slow channel; every round builds an environment of its own."""

    box: BenchBox
    server: SlowServer

    def write_spec(self, name: str) -> Path:
        """Write the spec of a round."""
        path = self.box.folder / f"{name}.yml"
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = f"name: {name}\nchannels:\n  - {self.server.url}\ndependencies:\n  - app=1.0\n"
        path.write_text(lines)
        return path

    def find_job(self, name: str, timeout_s: float = 20.0) -> str:
        """Wait until the box has a build job of an environment; give its id."""
        end = time.monotonic() + timeout_s
        while time.monotonic() < end:
            # A folder with a dot in front is a job that is still being written.
            for path in self.box.jobs.glob("[!.]*-*"):
                request = path / "job.json"
                if request.exists() and f'"{name}"' in request.read_text():
                    return path.name
            time.sleep(0.01)
        return ""

    def forget_packages(self) -> None:
        """Have the next build fetch everything again."""
        subprocess.run(["rm", "-rf", self.box.home / "cache" / "pkgs"], check=True)


@pytest.fixture
def stage(bench_box: BenchBox) -> Iterator[Stage]:
    with serving_slowly(bench_box.home / "channel") as server:
        yield Stage(bench_box, server)


def order_build(terminal: Terminal, name: str) -> None:
    """Solve and build the open spec."""
    terminal.wait_text(rf"env {name} +ok", PATIENCE_S)
    terminal.press("s")
    # The title tells of the plan before while this one is being made.
    terminal.wait_text(r"A plan of \d+ packages", PATIENCE_S)
    terminal.wait_text(r"SAFE TO BUILD")
    terminal.press("b")


def check_running(terminal: Terminal, name: str) -> None:
    """See that a screen that was opened just now shows the job at work."""
    terminal.press("8")
    terminal.wait_text(rf"◄ build {name} +\S+ .*(fetch|solve|wait|link).* without you", PATIENCE_S)


def check_ended(terminal: Terminal, stage: Stage, name: str, job: str) -> None:
    """See that the job ended well, with its whole log, and that the environment is fine."""
    terminal.press("8")
    terminal.wait_text(rf"● build {name} +ok\b", PATIENCE_S)
    check_log(terminal, stage.box, name, job)
    found = {each["id"]: each["state"] for each in stage.box.list_jobs("build")}
    assert found[job] == "done"
    app = stage.box.envs / name / "bin" / "app"
    said = subprocess.run([app], capture_output=True, text=True, check=True).stdout
    assert said == WORKS
    stage.box.run("verify", name)


def check_log(terminal: Terminal, box: BenchBox, name: str, job: str) -> None:
    """See that the screen shows the same log as the shell."""
    terminal.press("o")
    terminal.wait_text(rf"build {name} +\S+ +\d+ lines")
    lines = [line for line in box.run("logs", job).splitlines() if line.strip()]
    assert lines
    for line in lines:
        terminal.wait_text(re.escape(line.strip()))


POINTS = [
    ("kill", "part-0"),
    ("close", "part-3"),
    ("hup", "part-5"),
    ("kill", "app"),
    ("close", "link"),
    ("hup", "switch"),
]


def test_detach(stage: Stage) -> None:
    name = job = ""
    for how, when in (*POINTS, ("", "after")):
        spec = stage.write_spec(f"at-{when}")
        with stage.box.open(spec) as terminal:
            if job:
                check_reopened(terminal, stage, name, job)
            if how:
                terminal.press("1")
                job = break_off(terminal, stage, spec.stem, how, when)
        name = spec.stem


def check_reopened(terminal: Terminal, stage: Stage, name: str, job: str) -> None:
    """See a job of the screen before: at work while it is held, ended well later."""
    if stage.server.held:
        check_running(terminal, name)
        stage.server.let_go()
    check_ended(terminal, stage, name, job)


def break_off(terminal: Terminal, stage: Stage, name: str, how: str, when: str) -> str:
    """End the screen in the middle of a build: while a package comes, or when a phase begins."""
    stage.forget_packages()
    is_phase = when in {"link", "switch"}
    if not is_phase:
        stage.server.hold(f"/{when}-1.0")
    order_build(terminal, name)
    job = stage.find_job(name)
    assert job
    if is_phase:
        wait_for(lambda: has_begun(stage.box, job, when), f"phase {when}")
    else:
        assert stage.server.reached.wait(PATIENCE_S), f"{when} was never asked for"
    ENDS[how](terminal)
    return job


def has_begun(box: BenchBox, job: str, phase: str) -> bool:
    folder = box.jobs / job
    if (folder / "result.json").exists():
        return True
    events = folder.glob("*events*")
    return any(f'"phase":"{phase}"' in path.read_text(errors="replace") for path in events)


def wait_for(condition: Callable[[], object], what: str) -> None:
    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end, f"waited in vain for {what}"
        time.sleep(0.005)


def test_two_screens_agree(stage: Stage) -> None:
    spec = stage.write_spec("shared")
    stage.server.hold("/part-4-1.0")
    with stage.box.open(spec) as one, stage.box.open(spec, columns=80, rows=24) as other:
        order_build(one, "shared")
        other.press("8")
        one.wait_text(r"► build shared +\d+% .* fetch 8/9")
        other.wait_text(r"◄ build shared +\d+% .* fetch 8/9")
        other.wait_text(r"runs without this screen")
        stage.server.let_go()
        for screen in (one, other):
            screen.wait_text(r"● build shared +ok\b", PATIENCE_S)
            screen.press("5")
        assert agree(one, other, r"shared +1 +.*")
        cancel_in_the_other(stage, one, other)
        for screen in (one, other):
            screen.press("5")
        assert agree(one, other, r"shared +1 +.*")


def cancel_in_the_other(stage: Stage, one: Terminal, other: Terminal) -> None:
    """Order in one screen, stop in the other; both must say the same of it."""
    stage.forget_packages()
    stage.server.hold("/part-2-1.0")
    one.press("1")
    order_build(one, "shared")
    other.press("8")
    other.wait_text(r"◄ build shared .* fetch 8/9", PATIENCE_S)
    other.press("home")
    other.wait_text(r"◄ started by process")
    other.press("x")
    other.wait_text(r"Stop build shared")
    other.press("y")
    for screen in (one, other):
        screen.wait_text(r"○ build shared +stopped", PATIENCE_S)
        screen.wait_gone(r"[►◄] build shared")
    stage.server.let_go()
    [newest, *_] = stage.box.list_jobs("build")
    assert newest["state"] == "cancelled"


def agree(one: Terminal, other: Terminal, row: str) -> bool:
    """Wait until both screens show a row, and the same of it."""
    seen = [re.findall(r"\w+", screen.wait_text(row, PATIENCE_S)[0]) for screen in (one, other)]
    narrow, wide = sorted(seen, key=len)
    return bool(narrow) and narrow[:3] == wide[:3]


@pytest.mark.torture
@pytest.mark.timeout(900)
def test_random_points(stage: Stage) -> None:
    seed = random.SystemRandom().randrange(1 << 32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    stage.server.pause_s = 0.6
    met = {"no job": 0, "running": 0, "ended": 0}
    name = job = ""
    for number in range(RANDOM_POINTS + 1):
        spec = stage.write_spec(f"round-{number}")
        with stage.box.open(spec) as terminal:
            if job:
                is_over = (stage.box.jobs / job / "result.json").exists()
                met["ended" if is_over else "running"] += 1
                check_ended(terminal, stage, name, job)
            if number == RANDOM_POINTS:
                break
            terminal.press("1")
            stage.forget_packages()
            order_build(terminal, spec.stem)
            delay_s, how = chance.uniform(0, LONGEST_S), chance.choice(sorted(ENDS))
            print(f"round {number}: {how} after {delay_s:.2f} s")
            time.sleep(delay_s)
            ENDS[how](terminal)
        name, job = spec.stem, stage.find_job(spec.stem, 1.0)
        met["no job"] += not job
    print(met)
    assert met["running"] >= 3, "the points must not all lie behind the builds"
