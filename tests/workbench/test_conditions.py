"""Dates, priorities and virtual packages as options: of a solve, and of a build that takes them over."""

import datetime

import pytest

from envbench.envs.installed import read_environment
from envbench.model.channel import ChannelPriority
from envbench.model.errors import UsageError
from envbench.model.job import JobState
from envbench.workbench.requests import choose_host
from envbench.workbench.solving import SolveOrder, solve_spec
from tests.workbench.conftest import Box


def test_a_virtual_package_takes_the_place_of_what_the_box_has(tmp_path):
    file = tmp_path / "box.toml"
    file.write_text('schema = 1\nplatform = "linux-64"\ncuda = "12.4"\ncuda_arch = "9.0"\n')
    assert choose_host(file, ("__cuda=11.8",)).cuda == "11.8"
    without = choose_host(file, ("__cuda=none",))
    assert (without.cuda, without.cuda_arch) == (None, None)
    # The last one counts.
    assert choose_host(file, ("__cuda=none", "__cuda=12.1")).cuda == "12.1"
    for wrong in ("__cuda", "__cuda=", "__cuda=new", "__moon=1"):
        with pytest.raises(UsageError):
            choose_host(file, (wrong,))


def test_a_build_takes_over_what_a_column_proposes(box: Box):
    for version, year in (("1.0", 2023), ("2.0", 2025)):
        moment = datetime.datetime(year, 1, 1, tzinfo=datetime.UTC)
        box.publish("dated", version, timestamp_ms=int(moment.timestamp() * 1000))
    box.publish("gpu", depends=["__cuda >=12"])
    spec = box.write_spec("dated", "gpu")
    conditions = {
        "exclude_newer": "2024-01-01",
        "virtual": ("__cuda=12.4",),
        "priority": ChannelPriority.STRICT,
    }
    report = solve_spec(SolveOrder(spec=spec, **conditions), box.settings)
    assert report.plan is not None and report.plan.channel_priority is ChannelPriority.STRICT
    planned = {record.name: record.version for record in report.plan.packages}
    assert planned == {"dated": "1.0", "gpu": "1.0"}
    result, _ = box.build(spec, **conditions)
    assert result.state is JobState.DONE, result
    lock = read_environment(box.path().resolve())
    assert {record.name: record.version for record in lock.packages} == planned
