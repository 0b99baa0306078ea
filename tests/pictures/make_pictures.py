"""Makes pictures of the real screen on the real demo, for the README and for looking at.

    python tests/pictures/make_pictures.py                the README's pictures, beside this file
    python tests/pictures/make_pictures.py --into FOLDER  the same, elsewhere
    python tests/pictures/make_pictures.py --all FOLDER   every place, size and theme

Everything is done in a box of its own: a channel is made, specs are solved, an environment is
built and probed. Nothing of the user's is read or written, and nothing of this machine is in the
pictures: they say `/home/ada/lab` where the box lies, and show the figures of a made-up host.
"""

import argparse
import asyncio
import contextlib
import dataclasses
import inspect
import os
import pwd
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1]))

SIZES = ((120, 40), (80, 24), (56, 16))
README_THEME = "envbench-dark"
README_PICTURES = ("problems", "conflict", "plan", "jobs", "probes", "lock", "environments")
GPU_PICTURES = ("gpus",)
"""Of a box with GPUs: those of the tests' driver library, which a C compiler makes."""
NEUTRAL_PLACE = "/home/ada/lab"
"""Stands in pictures for the folder of the box, whose name is as long, so that nothing moves."""
_KEPT_VARIABLES = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "PYTHONPATH", "VIRTUAL_ENV")


def make_box(folder: Path) -> Path:
    """Point all of envbench's places into a folder; give that of the demo."""
    kept = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
    os.environ.clear()
    os.environ.update(kept)
    for name in ("STATE", "CACHE", "ENVS", "CONFIG"):
        os.environ[f"ENVBENCH_{name}_DIR"] = str(folder / name.lower())
    os.environ.update(HOME=str(folder / "home"), LOGNAME="ada", USER="ada")
    os.environ["ENVBENCH_BUILD_PRIORITY"] = "normal"
    # Fixes may be looked for in package indexes: what those have is no matter of the pictures.
    os.environ["ENVBENCH_OFFLINE"] = "1"
    os.environ.update(TERM="xterm-256color", COLORTERM="truecolor")
    (folder / "home").mkdir()
    return folder / "demo"


def make_app(demo: Path) -> Any:
    """Make the real screen; only the facts about this host are those of another."""
    from envbench.model.gpu import BoxReading
    from envbench.ui.app import EnvbenchApp
    from envbench.workbench.values.box_facts import BoxDisk, BoxReport

    disk = BoxDisk(
        uses=("home", "envs", "cache", "state"), path="/home/ada", file_system="ext4",
        total_bytes=2 * 10**12, free_bytes=312 * 10**9, is_network=False, is_in_memory=False,
        warning="",
    )  # fmt: skip
    box = BoxReport(
        name="workstation", system="Linux", kernel="6.1", processor=None, cores=16,
        load=(2.0, 2.0, 2.0), memory_bytes=64 * 10**9, memory_available_bytes=51 * 10**9,
        disks=(disk,), glibc="2.36", archspec="x86_64_v3", driver=None, cuda=None, gpus=(),
        gpu_note="no NVIDIA driver found", jobs_outlive_logout=True,
        jobs_note="nothing here is known to end jobs at the logout",
    )  # fmt: skip

    reading = BoxReading(
        cpu_percent=12.0, cpu_count=16, load_1=2.0, memory_total_bytes=64 * 10**9,
        memory_available_bytes=51 * 10**9, swap_total_bytes=0, swap_used_bytes=0,
    )  # fmt: skip

    class PicturedApp(EnvbenchApp):
        """Tells of another host."""

        CSS_PATH = Path(inspect.getfile(EnvbenchApp)).with_name("bench.tcss")

        def change(self, **parts: Any) -> None:
            """Put the other host into the place of this one."""
            if "box" in parts and parts["box"].value is not None:
                parts["box"] = dataclasses.replace(parts["box"], value=box)
            if "gpus" in parts and parts["gpus"].value is not None:
                sample = dataclasses.replace(parts["gpus"].value, box=reading)
                parts["gpus"] = dataclasses.replace(parts["gpus"], value=sample)
            super().change(**parts)

    return PicturedApp(str(demo))


class Photographer:
    """Drives one screen and keeps what it shows."""

    def __init__(
        self, app: Any, pilot: Any, folder: Path, suffix: str, wanted: tuple[str, ...] = ()
    ) -> None:
        """Take pictures of an app into a folder.

        Args:
            app: The screen.
            pilot: Drives it.
            folder: Where the pictures go.
            suffix: Ends each file name.
            wanted: Names of those to take; empty for all.
        """
        self.app, self.pilot, self.folder, self.suffix = app, pilot, folder, suffix
        self.wanted = wanted
        self.is_hasty = False
        """Stop what takes long and is only seen in lists of jobs."""

    async def until(self, condition: Callable[[], object], timeout_s: float = 60.0) -> None:
        """Let the app work until a condition holds."""
        ends = asyncio.get_running_loop().time() + timeout_s
        while not condition():
            if asyncio.get_running_loop().time() > ends:
                told = [said.text for said in self.app.state.told[-5:]]
                raise TimeoutError(f"the screen never got there; it said {told}")
            await self.pilot.pause(0.05)

    async def press(self, *keys: str) -> None:
        """Press keys, each seen to before the next."""
        for key in keys:
            await self.pilot.press(key)
            await self.pilot.pause()

    async def take(self, name: str) -> None:
        """Keep the picture, once all is known and nothing moves any more."""
        if self.wanted and name not in self.wanted:
            return
        await self.until(self._is_settled)
        self.app.clear_notifications()
        await self.pilot.pause(0.3)
        svg = self.app.export_screenshot(title="envbench")
        path = self.folder / f"{name}{self.suffix}.svg"
        place = self.app.state.directory.removesuffix("/demo")
        path.write_text(tidy(svg, place), encoding="utf-8")

    async def wait_for_byte_code(self) -> None:
        """Let the job that compiles byte code end; at its low priority that may take a while."""
        jobs = self.app.state.running_jobs if self.is_hasty else ()
        for job in jobs:
            await self.app.desk.cancel_job(job.id)
        await self.until(lambda: not self.app.state.running_jobs, 300.0)

    def _is_settled(self) -> bool:
        state = self.app.state
        facts = (getattr(state, field.name) for field in dataclasses.fields(state))
        return not state.running_jobs and not any(getattr(fact, "working", "") for fact in facts)


def tidy(svg: str, place: str) -> str:
    """Give the picture stable names, a neutral place, and no addresses of anything elsewhere.

    Args:
        svg: As Textual writes it.
        place: The folder of the box; where it is cut, what is left of it is renamed, too.
    """
    svg = re.sub(r"terminal-\d+", "terminal", svg)
    svg = re.sub(r"@font-face\s*\{.*?\}\s*|<!--.*?-->\s*", "", svg, flags=re.DOTALL)
    svg = svg.replace(place, NEUTRAL_PLACE)
    user = pwd.getpwuid(os.getuid()).pw_name
    if len(user) >= len("ada"):
        svg = re.sub(rf"\b{re.escape(user)}\b", "ada" + "&#160;" * (len(user) - 3), svg)
    for length in range(len(place) - 1, len("/tmp"), -1):
        svg = svg.replace(f"{place[:length]}…", f"{NEUTRAL_PLACE[:length]}…")
    # Blanks at the ends of lines are of no use to anybody.
    return re.sub(r"[ \t]+\n", "\n", svg)


async def walk_through(photo: Photographer) -> None:
    """Do the main job, taking a picture wherever something is to be seen."""
    app = photo.app
    await photo.until(lambda: app.state.spec is not None and app.state.spec.checked >= 0)
    await photo.until(lambda: app.state.box.value is not None)
    await photo.until(lambda: app.state.gpus.value is not None)
    await photo.until(lambda: app.state.jobs.value is not None)
    await photo.take("spec")
    await open_spec(photo, "demo-problems.yml")
    await photo.press("ctrl+g")
    await photo.take("problems")
    await photo.press("escape")
    await open_spec(photo, "demo-conflict.yml")
    await photo.press("s")
    await photo.until(lambda: app.state.solve.value is not None)
    await photo.until(lambda: (found := app.state.fixes.value) is not None and found.is_over)
    await photo.until(lambda: app.state.selected.get("plan", "").startswith("fix:"))
    await photo.take("conflict")
    await open_spec(photo, "demo.yml")
    await photo.press("s")
    await photo.until(lambda: _plan(app) is not None)
    await photo.take("plan")
    if not any(row.live_generation for row in app.state.environments.value or ()):
        await photo.press("b")
        await photo.until(lambda: _has_ended(app, "build"))
        await photo.wait_for_byte_code()
    await photo.press("8")
    await photo.take("jobs")
    await photo.press("6")
    await photo.take("log")
    await photo.until(lambda: any(r.live_generation for r in app.state.environments.value or ()))
    if not _has_ended(app, "probe"):
        await photo.press("1", "p")
        await photo.until(lambda: _has_ended(app, "probe"))
    await photo.press("3")
    await photo.until(lambda: app.state.probes.value is not None)
    await photo.take("probes")
    await photo.press("4")
    await photo.until(lambda: app.state.locks.value is not None)
    await photo.take("lock")
    await photo.press("5")
    await photo.until(lambda: app.state.details.value is not None)
    await photo.take("environments")
    for key, name in (("7", "gpus"), ("9", "settings"), ("0", "commands")):
        await photo.press(key)
        await photo.take(name)
    await photo.press("1", "question_mark")
    await photo.take("help")
    await photo.press("escape", "colon")
    await photo.take("palette")
    await photo.press("escape", "ctrl+t")
    await photo.take("themes")
    await photo.press("escape")


async def walk_through_gpus(photo: Photographer) -> None:
    """Look at GPUs at work."""
    app = photo.app
    await photo.press("7", "z")
    await photo.until(lambda: app.state.gpus.value is not None and app.state.gpus.value.processes)
    await photo.until(lambda: app.state.gpu_owners)
    await photo.take("gpus")


@contextlib.contextmanager
def use_gpus(place: Path) -> Iterator[None]:
    """Let a driver of the tests stand in this box, and programs of the demo use its GPUs."""
    import tests.gpu_driver as driver

    (place / "train.py").write_text("import time\ntime.sleep(600)\n")
    prefix = Path(os.environ["ENVBENCH_ENVS_DIR"]) / "envbench-demo"
    variables = {**os.environ, "CONDA_PREFIX": str(prefix)}
    commands = (("0,1", "resnet50"), ("2", "bert-base"))
    with contextlib.ExitStack() as stack:
        pids = []
        for devices, model in commands:
            child = stack.enter_context(
                subprocess.Popen(
                    [prefix / "bin" / "python", "train.py", "--model", model],
                    cwd=place, env={**variables, "CUDA_VISIBLE_DEVICES": devices},
                )
            )  # fmt: skip
            stack.callback(child.kill)
            pids.append(child.pid)
        lines = [
            *_draw_gpus(),
            driver.process(0, pids[0], 60_900),
            driver.process(1, pids[0], 59_800),
        ]
        lines += [driver.process(2, pids[1], 18_400, sm=4)]
        driver.write_box(place / "gpus.txt", lines)
        os.environ.update(
            LD_LIBRARY_PATH=str(driver.shared_driver()), STUB_NVML=str(place / "gpus.txt")
        )
        yield


def _draw_gpus() -> Iterator[str]:
    """Eight GPUs: some at work, one in parts, one lost."""
    import tests.gpu_driver as driver

    readings = ((97, 61_000, 71, 668), (95, 60_000, 70, 655), (4, 18_500, 41, 142), (0, 0, 36, 71))
    for index in range(8):
        util, used, temp, power = readings[min(index, 3)]
        yield driver.gpu(util=util, used=used, temp=temp, power=power, nvlink="AAAA")
    yield driver.error("*", 7, 15)


async def open_spec(photo: Photographer, name: str) -> None:
    """Open a spec of the folder by the flow that Enter runs."""
    from envbench.ui.flows import spec_opening

    app = photo.app
    path = f"{app.state.directory}/{name}"
    app.begin("open", spec_opening.open_path(app, path))
    app.go("spec")
    await photo.until(lambda: app.state.spec is not None and app.state.spec.path == path)
    await photo.until(lambda: app.state.spec.checked == app.state.spec.version)
    await photo.pilot.pause(0.2)


def _plan(app: Any) -> Any:
    view = app.state.solve.value
    if view is None or app.state.spec is None or view.report.path != app.state.spec.path:
        return None
    return view.report.plan


def _has_ended(app: Any, kind: str) -> bool:
    jobs = app.state.jobs.value.jobs if app.state.jobs.value is not None else ()
    return any(job.kind == kind and job.is_over for job in jobs)


async def photograph(
    demo: Path,
    folder: Path,
    size: tuple[int, int],
    theme: str,
    wanted: tuple[str, ...] = (),
    *,
    is_hasty: bool = False,
    walk: Callable[[Photographer], Awaitable[None]] = walk_through,
) -> None:
    """Take pictures at a size in a theme; all of them, or those that are wanted."""
    app = make_app(demo)
    suffix = "" if wanted else f"-{size[0]}x{size[1]}-{theme}"
    async with app.run_test(size=size, notifications=True) as pilot:
        app.set_theme(theme)
        photo = Photographer(app, pilot, folder, suffix, wanted)
        photo.is_hasty = is_hasty
        await walk(photo)


def prepare(demo: Path) -> None:
    """Make the demo's folder and channel."""
    from envbench.settings.load import load_settings
    from envbench.workbench.demo_folder import prepare_demo

    prepare_demo(demo, load_settings())


def take_gpus(demo: Path, folder: Path) -> None:
    """Take the pictures of a box with GPUs, where there is a compiler to make one."""
    if not (shutil.which("gcc") or shutil.which("cc")):
        return
    with use_gpus(demo.parent):
        asyncio.run(
            photograph(demo, folder, SIZES[0], README_THEME, GPU_PICTURES, walk=walk_through_gpus)
        )


def list_theme_names() -> list[str]:
    """Name the themes that come with envbench."""
    from envbench.settings.resources import find_resources

    return sorted(path.stem for path in find_resources("themes").glob("*.toml"))


@contextlib.contextmanager
def open_place() -> Iterator[Path]:
    """Give a new folder whose path is as long as the neutral one."""
    with tempfile.TemporaryDirectory(prefix="", dir="/tmp") as place:
        if len(place) != len(NEUTRAL_PLACE):
            raise AssertionError(f"{place} is not as long as {NEUTRAL_PLACE}")
        yield Path(place)


def main() -> None:
    """Take the pictures that were asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--all", type=Path, metavar="FOLDER", help="every place, size and theme")
    parser.add_argument("--into", type=Path, metavar="FOLDER", default=HERE, help="elsewhere")
    hasty = "stop the byte code job in the place of waiting for it: for tests"
    parser.add_argument("--hasty", action="store_true", help=hasty)
    arguments = parser.parse_args()
    folder = (arguments.all or arguments.into).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    with open_place() as place:
        demo = make_box(place)
        prepare(demo)
        if not arguments.all:
            asyncio.run(
                photograph(
                    demo, folder, SIZES[0], README_THEME, README_PICTURES, is_hasty=arguments.hasty
                )
            )
            take_gpus(demo, folder)
            return
        for theme in list_theme_names():
            for size in SIZES:
                asyncio.run(photograph(demo, folder, size, theme))
                sys.stdout.write(f"{theme} at {size[0]}x{size[1]}\n")


if __name__ == "__main__":
    main()
