"""Channels that fail over the network, before and in the middle of a build."""

import threading
from collections.abc import Iterator

import pytest

from envbench.model.job import JobState
from envbench.settings.load import load_settings
from tests.channels import index_channel, make_package
from tests.workbench.conftest import Box
from tests.workbench.failing import (
    GatedServer,
    build_well,
    fail_build,
    list_litter,
    serving,
    unchanged,
    wait_until,
)


@pytest.fixture
def served(box: Box) -> Iterator[GatedServer]:
    """The box's channel over http, an environment from it in use, and little patience."""
    condarc = box.root / "home" / ".condarc"
    condarc.write_text("remote_max_retries: 0\nremote_read_timeout_secs: 2\n")
    box.settings = load_settings()
    files = {f"share/heavy/{index}": f"{index}\n" * 200 for index in range(50)}
    make_package(box.channel, "heavy", files=files)
    index_channel(box.channel)
    with serving(box.channel) as server:
        result, _ = box.build(box.write_spec("zlib", channel=server.url))
        assert result.state is JobState.DONE, result
        yield server


def test_a_network_that_dies_in_the_middle_of_a_package(box: Box, served: GatedServer):
    spec = box.write_spec("app", "heavy", channel=served.url)
    served.spoilt = "heavy-1.0"
    result = fail_build(box, spec)
    assert result.code == 3
    assert "heavy-1.0-0 could not be fetched: the download broke off" in result.reason
    assert served.url in result.reason
    assert "network" in result.hint
    assert list_litter(box) == []
    served.spoilt = ""
    build_well(box, spec)


def test_a_server_that_falls_silent_in_the_middle_of_a_package(box: Box, served: GatedServer):
    spec = box.write_spec("app", "heavy", channel=served.url)
    served.held = "heavy-1.0"
    result = fail_build(box, spec)
    assert result.code == 3
    assert "heavy-1.0-0 could not be fetched: the server is silent" in result.reason
    assert result.hint
    served.held = ""
    served.gate.set()
    build_well(box, spec)


def test_a_server_that_is_gone_while_a_package_comes(box: Box, served: GatedServer):
    # The second try is the one that finds nobody any more.
    (box.root / "home" / ".condarc").write_text("remote_max_retries: 1\n")
    spec = box.write_spec("app", "heavy", channel=served.url)
    served.held = served.spoilt = "heavy-1.0"
    with unchanged(box):
        job = box.submit(spec)
        wait_until(served.reached.is_set, "the download")
        served.shutdown()
        served.socket.close()
        served.gate.set()
        result = job.wait(60)
    assert (result.state, result.code) == (JobState.FAILED, 3), result
    assert "heavy-1.0-0 could not be fetched: the server cannot be reached" in result.reason
    assert served.url in result.reason
    assert "network" in result.hint
    assert box.leftovers() == []
    build_well(box, box.write_spec("app"))


def test_a_server_that_was_never_there(box: Box, served: GatedServer):
    served.shutdown()
    served.socket.close()
    other = served.url.replace("127.0.0.1", "127.0.0.5")
    result = fail_build(box, box.write_spec("zlib", channel=other))
    assert result.code == 3
    assert f"channel {other} cannot be reached" in result.reason
    assert "Check the network and the proxy settings" in result.hint


def test_a_package_that_is_in_the_index_and_not_on_the_server(box: Box, served: GatedServer):
    [archive] = box.channel.glob("*/heavy-1.0-0.conda")
    archive.unlink()
    result = fail_build(box, box.write_spec("heavy", channel=served.url))
    assert result.code == 3
    assert "heavy-1.0-0 could not be fetched: the archive is not there" in result.reason
    assert served.url in result.reason
    assert len([path for path in served.served if "heavy" in path]) == 0


def test_offline_with_an_empty_cache_says_so_and_with_a_full_one_builds(
    box: Box, served: GatedServer
):
    result = fail_build(box, box.write_spec("heavy", channel=served.url), offline=True)
    assert result.code == 3
    assert "heavy-1.0-0" in result.reason
    assert "not in the package cache, and the network is not to be used" in result.reason
    build_well(box, box.write_spec("zlib", channel=served.url), offline=True)


def test_two_environments_fill_one_cold_cache_at_the_same_time(box: Box, served: GatedServer):
    served.held = "heavy-1.0"
    first = box.submit(box.write_spec("app", "heavy", name="one", channel=served.url))
    wait_until(served.reached.is_set, "the first download")
    second = box.submit(box.write_spec("app=1", "heavy", name="two", channel=served.url))
    threading.Timer(1.0, served.gate.set).start()
    for job, version in ((first, "2.0"), (second, "1.0")):
        result = job.wait(60)
        assert result.state is JobState.DONE, result
        environment = job.request.environment
        assert f"app {version}" in (box.path(environment) / "bin" / "app").read_text()
        assert len(list((box.path(environment) / "share" / "heavy").iterdir())) == 50
    assert len([path for path in served.served if "heavy-1.0" in path]) == 1, "fetched once"
    assert list_litter(box) == []
