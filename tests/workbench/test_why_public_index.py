"""What holds a pip item back beside real conda metadata, against the public package index."""

from dataclasses import replace
from pathlib import Path

import pytest

from envbench.model.build import PipSettings
from envbench.workbench.why import SpecConditions, WhyOrder, tell_why
from tests.engine.solver.conftest import real_channels  # noqa: F401 - a fixture
from tests.workbench.conftest import Box

pytestmark = pytest.mark.network


def test_the_article_s_openai_is_held_by_tensorflow(
    box: Box,
    real_channels: Path,  # noqa: F811
):
    spec = box.write_spec(
        "python=3.9", "pip",
        pip=("tensorflow==2.13.0", "transformers==4.30.2", "openai"),
        channel=(real_channels / "conda-forge").as_uri(),
    )  # fmt: skip
    host = box.root / "box.toml"
    host.write_text('schema = 1\nplatform = "linux-64"\nlinux = "5.15.0"\nglibc = "2.31"\n')
    settings = replace(box.settings, pip=replace(box.settings.pip, settings=PipSettings()))
    conditions = SpecConditions(spec=spec, host_file=host, budget_s=240.0)
    *_, report = tell_why(WhyOrder(package="openai", conditions=conditions), settings)
    held = report.held_back
    assert held is not None and held.is_pip, report
    assert [culprit.line.text for culprit in held.culprits] == ["tensorflow==2.13.0"]
    assert "typing-extensions >=3.6.6,<4.6.0" in held.reason
    assert int(held.jumps_to.partition(".")[0]) >= 2 > int(held.chosen.partition(".")[0])
