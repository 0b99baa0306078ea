"""One box for all round trips: what they share is made once."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from envbench.settings.load import load_settings
from tests.round_trips.trip_environments import World, make_world
from tests.workbench.conftest import make_box
from tests.workbench.conftest import python_channel as python_channel
from tests.workbench.failing import serving


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, python_channel: Path) -> Iterator[World]:
    root = tmp_path_factory.mktemp("trips")
    with pytest.MonkeyPatch.context() as patch, serving(root) as server:
        box = make_box(root, patch)
        patch.setenv("UV_HTTP_RETRIES", "0")
        patch.setenv("ENVBENCH_PIP_ALLOW", "local,outside,url")
        mirror = (root / "mirror").as_uri()
        names = f"custom_channels:\n  alpha: {mirror}\n  beta: {mirror}\n"
        (root / "home" / ".condarc").write_text(names)
        box.settings = load_settings()
        yield make_world(box, python_channel, server)
