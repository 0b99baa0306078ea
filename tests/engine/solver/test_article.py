"""The article's environment on real metadata, against the bare library and the known truth."""

import http.server
import threading
from functools import partial

import pytest

from envbench.model.conflict import Conflict, CoreKind
from envbench.model.plan import Plan
from tests.engine.solver.asking import ARTICLE, STRICT, make_request, solve_bare

CHANNELS = ("conda-forge", "pytorch", "nvidia")


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module", params=["file", "http"])
def channels(request, real_channels):
    """The channels as a directory, and served over the loopback."""
    if request.param == "file":
        yield {name: f"file://{real_channels}/{name}" for name in CHANNELS}
        return
    handler = partial(_Quiet, directory=str(real_channels))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        base = f"http://127.0.0.1:{server.server_address[1]}"
        yield {name: f"{base}/{name}" for name in CHANNELS}
        server.shutdown()


@pytest.mark.parametrize(("fields", "count"), [({"channel_priority": STRICT}, 295), ({}, 313)])
def test_the_article_without_tensorflow(shared_solver, channels, tmp_path, fields, count):
    request = make_request(ARTICLE, channels, **fields)
    plan = shared_solver.solve(request)
    assert isinstance(plan, Plan) and len(plan.packages) == count
    assert sorted(package.url for package in plan.packages) == solve_bare(request, tmp_path)
    chosen = {package.name: package for package in plan.packages}
    assert chosen["pytorch"].channel == "pytorch" and chosen["pytorch"].version == "1.13.1"
    assert_sorted(plan)


def assert_sorted(plan: Plan) -> None:
    """Dependencies come first, but for circles, which real channels have (pip and python)."""
    place = {package.name: number for number, package in enumerate(plan.packages)}
    late = [
        (package.name, name)
        for package in plan.packages
        for name in (text.split(" ", 1)[0] for text in package.depends)
        if place.get(name, -1) > place[package.name]
    ]
    assert set(late) <= {("python", "pip"), ("python", "setuptools"), ("pip", "python")}


@pytest.mark.parametrize("fields", [{"channel_priority": STRICT}, {}])
def test_the_article_as_written_has_no_solution(shared_solver, channels, fields):
    conflict = shared_solver.solve(
        make_request([*ARTICLE, "tensorflow=2.13.0"], channels, **fields)
    )
    assert isinstance(conflict, Conflict)
    (cause,) = conflict.causes
    assert (cause.kind, cause.spec, cause.line) == (
        CoreKind.MISSING_VERSION,
        "tensorflow=2.13.0",
        10 + len(ARTICLE),
    )
    assert cause.available[:2] == ("2.13.1", "2.12.1")
    assert "conda-forge has 2.13.1, 2.12.1" in cause.explanation
    assert f"line {10 + len(ARTICLE)}" in conflict.summary


def test_lines_that_conflict_on_exact_metadata(shared_solver, real_channels):
    exact = real_channels.parent / "channels-exact"
    channels = {name: f"file://{exact}/{name}" for name in CHANNELS}
    conflict = shared_solver.solve(make_request(["pip", "python=3.9", "numpy>=2.3"], channels))
    assert isinstance(conflict, Conflict)
    assert [cause.line for cause in conflict.causes] == [11, 12]
