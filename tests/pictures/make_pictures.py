"""Makes pictures of the real screen on the real demo, for the README and for looking at.

    python tests/pictures/make_pictures.py               the README's pictures, beside this file
    python tests/pictures/make_pictures.py --all FOLDER  every place, size and theme

Everything is done in a box of its own: a channel is made, specs are solved, an environment is
built and probed. Nothing of the user's is read or written.
"""

import argparse
import asyncio
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1]))

SIZES = ((120, 40), (80, 24), (56, 16))
README_THEME = "envbench-dark"


def make_box(folder: Path) -> Path:
    """Point all of envbench's places into a folder; give that of the demo."""
    for name in ("STATE", "CACHE", "ENVS", "CONFIG"):
        os.environ[f"ENVBENCH_{name}_DIR"] = str(folder / name.lower())
    os.environ["HOME"] = str(folder / "home")
    os.environ["ENVBENCH_BUILD_PRIORITY"] = "normal"
    os.environ.pop("NO_COLOR", None)
    os.environ.update(TERM="xterm-256color", COLORTERM="truecolor")
    (folder / "home").mkdir()
    return folder / "demo"


class Photographer:
    """Drives one screen and keeps what it shows."""

    def __init__(self, app: Any, pilot: Any, folder: Path, suffix: str) -> None:
        """Take pictures of an app into a folder; the suffix ends each file name."""
        self.app, self.pilot, self.folder, self.suffix = app, pilot, folder, suffix
        self.taken: list[str] = []

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
        """Keep the picture, once nothing moves any more."""
        await self.pilot.pause(0.3)
        svg = self.app.export_screenshot(title="envbench")
        path = self.folder / f"{name}{self.suffix}.svg"
        path.write_text(tidy(svg), encoding="utf-8")
        self.taken.append(name)


def tidy(svg: str) -> str:
    """Give the picture stable names and no addresses of fonts elsewhere."""
    svg = re.sub(r"terminal-\d+", "terminal", svg)
    return re.sub(r"@font-face\s*\{.*?\}\s*", "", svg, flags=re.DOTALL)


async def walk_through(photo: Photographer) -> None:
    """Do the main job, taking a picture wherever something is to be seen."""
    app = photo.app
    await photo.until(lambda: app.state.spec is not None and app.state.spec.checked >= 0)
    await photo.until(lambda: app.state.box.value is not None)
    await photo.until(lambda: app.state.jobs.value is not None)
    await photo.take("spec")
    await open_spec(photo, "demo-problems.yml")
    await photo.press("ctrl+g")
    await photo.take("problems")
    await photo.press("escape")
    await open_spec(photo, "demo-conflict.yml")
    await photo.press("s")
    await photo.until(lambda: app.state.solve.value is not None)
    await photo.take("conflict")
    await open_spec(photo, "demo.yml")
    await photo.press("s")
    await photo.until(lambda: _plan(app) is not None)
    await photo.take("plan")
    if not any(row.live_generation for row in app.state.environments.value or ()):
        await photo.press("b")
        await photo.until(lambda: _has_ended(app, "build"))
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


async def open_spec(photo: Photographer, name: str) -> None:
    """Open a spec of the folder by the flow that Enter runs."""
    from envbench.ui.flows import specs

    app = photo.app
    path = f"{app.state.directory}/{name}"
    app.begin("open", specs.open_path(app, path))
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
    demo: Path, folder: Path, size: tuple[int, int], theme: str, work: Callable[[Any], Awaitable[None]]
) -> list[str]:
    """Take all pictures at a size in a theme."""
    from envbench.ui.app import EnvbenchApp

    app = EnvbenchApp(str(demo))
    suffix = f"-{size[0]}x{size[1]}-{theme}"
    async with app.run_test(size=size, notifications=True) as pilot:
        app.set_theme(theme)
        photo = Photographer(app, pilot, folder, suffix)
        await work(photo)
    return photo.taken


def prepare(demo: Path) -> None:
    """Make the demo's folder and channel."""
    from envbench.settings.load import load_settings
    from envbench.workbench.demo_folder import prepare_demo

    prepare_demo(demo, load_settings())


def list_theme_names() -> list[str]:
    """Name the themes that come with envbench."""
    from envbench.settings.resources import find_resources

    return sorted(path.stem for path in find_resources("themes").glob("*.toml"))


README_PICTURES = ("problems", "conflict", "plan", "jobs", "probes", "lock", "environments")


def main() -> None:
    """Take the pictures that were asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--all", type=Path, metavar="FOLDER", help="every place, size and theme")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="envbench-pictures-") as place:
        demo = make_box(Path(place))
        prepare(demo)
        if arguments.all:
            arguments.all.mkdir(parents=True, exist_ok=True)
            for theme in list_theme_names():
                for size in SIZES:
                    asyncio.run(photograph(demo, arguments.all, size, theme, walk_through))
                    sys.stdout.write(f"{theme} at {size[0]}x{size[1]}\n")
            return
        made = Path(place) / "made"
        made.mkdir()
        asyncio.run(photograph(demo, made, SIZES[0], README_THEME, walk_through))
        for name in README_PICTURES:
            shutil.copyfile(made / f"{name}-120x40-{README_THEME}.svg", HERE / f"{name}.svg")


if __name__ == "__main__":
    main()
