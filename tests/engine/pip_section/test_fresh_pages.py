"""Pages of indexes are believed for ten minutes by the calls of a search."""

import stat
import tomllib
from pathlib import Path

from envbench.engine.pip_section.fresh_pages import believe_pages
from envbench.engine.pip_section.request import IndexCredential
from envbench.engine.pip_section.uv_environment import compose_reach
from envbench.model.build import PipSettings
from tests.workbench.wheels import make_index


def settings_of(reach):
    text = Path(reach.variables["UV_CONFIG_FILE"]).read_text(encoding="utf-8")
    return tomllib.loads(text)["index"]


def test_indexes_keep_their_order_and_names(bench, tmp_path):
    settings = PipSettings(
        index_url='https://main.example/simple"x',
        extra_index_urls=("https://one.example/simple", "https://two.example/simple"),
    )
    credential = IndexCredential("https://one.example/simple", "user", "geheim")
    reach = compose_reach(bench.task("lib", settings=settings, credentials=(credential,)))
    believed = believe_pages(reach, tmp_path)
    indexes = settings_of(believed)
    assert [(each["name"], each["url"]) for each in indexes] == [
        ("envbench1", "https://one.example/simple"),
        ("envbench2", "https://two.example/simple"),
        ("envbench0", 'https://main.example/simple"x'),
    ]
    assert [each.get("default", False) for each in indexes] == [False, False, True]
    assert {each["cache-control"]["api"] for each in indexes} == {"max-age=600"}
    assert not {"UV_INDEX", "UV_DEFAULT_INDEX", "UV_NO_CONFIG"} & believed.variables.keys()
    assert believed.variables["UV_INDEX_ENVBENCH1_PASSWORD"] == "geheim"
    written = tmp_path / "uv.toml"
    assert "geheim" not in written.read_text()
    assert stat.S_IMODE(written.stat().st_mode) == 0o600


def test_without_settings_the_public_index_is_it(bench, tmp_path):
    believed = believe_pages(compose_reach(bench.task("lib", settings=PipSettings())), tmp_path)
    [index] = settings_of(believed)
    assert (index["url"], index["default"]) == ("https://pypi.org/simple", True)


def test_where_no_index_is_asked_nothing_changes(bench, tmp_path):
    reach = compose_reach(bench.task("lib"))
    assert believe_pages(reach, tmp_path) == reach
    assert not list(tmp_path.glob("uv.toml"))


def test_an_index_of_a_folder_is_still_found(bench):
    index = make_index(bench.directory / "index", bench.wheel("lib", "0.5"))
    settings = PipSettings(index_url=f"file://{index}")
    with bench.trials("lib", settings=settings) as trials:
        assert trials.try_items().versions == {"lib": "0.5"}
