"""envbench's own file and variables."""

import dataclasses
import re
import tomllib

import pytest

from envbench.model.problem import Severity
from envbench.settings.keys import KEYS
from envbench.settings.own import OwnSettings
from envbench.settings.template import write_template


def value(settings, key):
    return next(found for found in settings.values if found.key == key)


def test_keys_and_fields_say_the_same():
    defaults = {field.name: field.default for field in dataclasses.fields(OwnSettings)}
    assert {key.field: key.default for key in KEYS} == defaults
    assert all(key.meaning and key.kind for key in KEYS)


def test_the_template_holds_every_key_and_changes_nothing(desk):
    text = write_template()
    desk.write(".config/envbench/config.toml", text)
    assert desk.load().own == OwnSettings()
    table = tomllib.loads(re.sub(r"^# (\w+ = )", r"\1", text, flags=re.MULTILINE))
    flat = {name: value for name, value in table.items() if name != "pip"}
    flat |= {f"pip.{name}": value for name, value in table["pip"].items()}
    defaults = {
        k.name: list(k.default) if isinstance(k.default, tuple) else k.default for k in KEYS
    }
    assert flat == defaults


def test_nothing_configured(desk):
    settings = desk.load()
    share = desk.home / ".local"
    assert settings.problems == ()
    assert settings.paths.envs_dir == share / "share/envbench/envs"
    assert settings.paths.jobs_dir == share / "state/envbench/jobs"
    assert settings.paths.pkgs_dir == desk.home / ".cache/envbench/pkgs"
    assert settings.paths.credentials_file == share / "state/envbench/credentials.json"
    assert value(settings, "envs_dir").source == "default"
    assert not (desk.home / ".local").exists()


def test_values_come_with_their_source(desk):
    path = desk.write(
        ".config/envbench/config.toml",
        'envs_dir = "~/boxes"\nkeep_generations = 5\nchannels = ["conda-forge"]\n'
        '[pip]\nindex_url = "https://me:hunter22@mirror/simple"\n',
    )
    settings = desk.load(ENVBENCH_KEEP_GENERATIONS="7", ENVBENCH_OFFLINE="yes")
    assert settings.paths.envs_dir == desk.home / "boxes"
    assert value(settings, "envs_dir").source == str(path)
    assert (settings.own.keep_generations, settings.own.offline) == (7, True)
    assert value(settings, "keep_generations").source == "ENVBENCH_KEEP_GENERATIONS"
    assert settings.network.offline
    assert settings.pip.settings.offline
    assert settings.channels.configured == ("conda-forge",)
    assert settings.pip.settings.index_url == "https://mirror/simple"
    assert "hunter22" not in repr(settings.values)
    assert "hunter22" not in repr(settings)


def test_directories_by_variable(desk):
    settings = desk.load(
        ENVBENCH_STATE_DIR="/s", ENVBENCH_CACHE_DIR="/c", ENVBENCH_ENVS_DIR="/e",
        ENVBENCH_CONFIG_DIR=str(desk.home / "cfg"),
    )  # fmt: skip
    paths = settings.paths
    assert (str(paths.jobs_dir), str(paths.uv_cache_dir), str(paths.envs_dir)) == (
        "/s/jobs",
        "/c/uv",
        "/e",
    )
    assert paths.config_file == desk.home / "cfg/config.toml"


def test_xdg_directories_count_when_absolute(desk):
    settings = desk.load(XDG_STATE_HOME="/xs", XDG_CACHE_HOME="relative", XDG_DATA_HOME="/xd")
    assert str(settings.paths.state_dir) == "/xs/envbench"
    assert settings.paths.cache_dir == desk.home / ".cache/envbench"
    assert str(settings.paths.envs_dir) == "/xd/envbench/envs"


@pytest.mark.parametrize(
    ("text", "key", "message"),
    [
        ("keep_generation = 3", "keep_generation", "did you mean keep_generations?"),
        ("frobnicate = 1", "frobnicate", "no such key"),
        ("[pip]\nindexurl = 'x'", "pip.indexurl", "did you mean pip.index_url?"),
        ("offline = 3", "offline", "must be true or false"),
        ("keep_generations = 0", "keep_generations", "from 1 to 100"),
        ("keep_generations = true", "keep_generations", "from 1 to 100"),
        ("keep_generations = 2.5", "keep_generations", "from 1 to 100"),
        ("solve_timeout_s = 'nan'", "solve_timeout_s", "from 1 to 86400"),
        ("[pip]\nallow = ['everything']", "pip.allow", "must be a list of: editable, git,"),
        ("channels = 3", "channels", "must be a list"),
        ("envs_dir = 'relative'", "envs_dir", "absolute path"),
        ('theme = "\\u001b[31m"', "theme", "without control characters"),
        ("backend = 'magic'", "backend", "one of rattler"),
        ("pip = 3", "pip", "no such key"),
        ("offline =", "", "no valid TOML"),
        pytest.param("a = " + "[" * 5000, "", "no valid TOML", id="deep"),
    ],
)
def test_hostile_row_25_bad_settings_are_problems_and_the_default_is_used(desk, text, key, message):
    path = desk.write(".config/envbench/config.toml", text)
    settings = desk.load()
    (problem,) = settings.problems
    assert problem.source == str(path)
    assert problem.key == key
    assert message in problem.message
    assert settings.own == OwnSettings()


def test_hostile_row_25_other_kinds_of_files(desk):
    path = desk.home / ".config/envbench/config.toml"
    path.mkdir(parents=True)
    (problem,) = desk.load().problems
    assert (problem.severity, problem.where) == (Severity.ERROR, str(path))
    path.rmdir()
    path.write_bytes(b"theme = '\xff'")
    assert "UTF-8" in desk.load().problems[0].message


def test_hostile_row_25_bad_variables_are_named(desk):
    settings = desk.load(ENVBENCH_KEEP_GENERATIONS="lots")
    assert settings.problems[0].source == "ENVBENCH_KEEP_GENERATIONS"
    assert settings.own.keep_generations == 3


def test_hostile_row_25_names_of_keys_are_cleaned(desk):
    desk.write(".config/envbench/config.toml", '"\\u001b]0;x\\u0007evil" = 1')
    assert "\x1b" not in desk.load().problems[0].key
