"""condarc is read and merged as conda does it."""

import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from envbench.model.channel import ChannelPriority
from envbench.model.problem import Severity
from envbench.settings.condarc import load_condarc
from envbench.settings.condarc_keys import CONDA_KEYS
from envbench.settings.load import load_settings

PIECES = [
    *(key.name for key in CONDA_KEYS), "pip", "[global]\n", "index-url", " = ", "=", ": ", ":\n",
    "\n", "  - ", "  ", "[", "]", "{", "}", ", ", '"', "'", "true", "null", "~", "3", "1e999", "nan",
    "https://", "u:p@", "h/t/tok/x", "https://[x", "file:///", "$HOME", "<<", "!!int", "&a", "*a",
    "\x1b", "\x00", "\ufeff", "? ", "---", "|", "#!final",
]  # fmt: skip


def serious(settings):
    return [found for found in settings.problems if found.severity is not Severity.INFO]


def test_search_path_and_priorities(desk):
    places = {
        "root/.condarc": "remote_max_retries: 1\nchannels: [a]",
        "xdg/conda/condarc": "remote_max_retries: 2\nchannels: [b]",
        ".config/conda/.condarc": "channels: [c]",
        ".conda/condarc.d/20-x.yml": "channels: [e]",
        ".conda/condarc.d/10-x.yaml": "channels: [d]",
        ".conda/condarc.d/ignored.txt": "channels: [no]",
        ".condarc": "remote_max_retries: 3\nchannels: [f, a]",
        "prefix/.condarc": "channels: [g]",
        "given": "remote_max_retries: 4\nchannels: [h]",
    }
    for path, text in places.items():
        desk.write(path, text)
    environ = {
        "CONDA_ROOT": str(desk.home / "root"),
        "XDG_CONFIG_HOME": str(desk.home / "xdg"),
        "CONDA_PREFIX": str(desk.home / "prefix"),
        "CONDARC": str(desk.home / "given"),
    }
    conda = load_condarc(environ, desk.home)
    assert conda["channels"] == ("h", "g", "f", "a", "e", "d", "c", "b")
    assert conda["remote_max_retries"] == 4
    assert conda.source("remote_max_retries") == str(desk.home / "given")
    assert [path.name for path in conda.files][-1] == "given"
    assert conda.problems == ()
    environ["CONDA_CHANNELS"] = "z, h"
    conda = load_condarc(environ, desk.home)
    assert conda["channels"][:3] == ("z", "h", "g")
    assert conda.source("channels").startswith("CONDA_CHANNELS, ")


def test_root_is_found_by_conda_exe(desk):
    desk.write("opt/conda/.condarc", "channels: [here]")
    conda = load_condarc({"CONDA_EXE": str(desk.home / "opt/conda/bin/conda")}, desk.home)
    assert conda["channels"] == ("here",)


def test_maps_are_merged_key_by_key(desk):
    desk.write(".conda/.condarc", "custom_channels: {a: https://old, b: https://b}\n"
               "custom_multichannels: {m: [https://x/1]}\n")  # fmt: skip
    desk.write(".condarc", "custom_channels: {a: https://new}\n"
               "custom_multichannels: {m: [https://x/2], n: []}\n")  # fmt: skip
    conda = load_condarc({}, desk.home)
    assert conda["custom_channels"]["a"] == "https://new"
    assert conda["custom_channels"]["b"] == "https://b"
    assert conda["custom_channels"]["pkgs/pro"] == "https://repo.anaconda.com"
    assert conda["custom_multichannels"]["m"] == ("https://x/2", "https://x/1")


def test_final_cannot_be_overridden(desk):
    desk.write(".conda/.condarc", "channels:  #!final\n  - safe\nssl_verify: true  #!final\n")
    desk.write(".condarc", "channels: [evil]\nssl_verify: false\n")
    conda = load_condarc({"CONDA_CHANNELS": "evil"}, desk.home)
    assert conda["channels"] == ("safe",)
    assert conda["ssl_verify"] is True


@pytest.mark.parametrize(
    ("text", "priority"),
    [
        ("strict", ChannelPriority.STRICT),
        ("flexible", ChannelPriority.FLEXIBLE),
        ("Disabled", ChannelPriority.DISABLED),
        ("true", ChannelPriority.FLEXIBLE),
        ("false", ChannelPriority.DISABLED),
        ("no", ChannelPriority.DISABLED),
    ],
)
def test_channel_priority(desk, text, priority):
    assert desk.condarc(f"channel_priority: {text}").channels.priority is priority
    (desk.home / ".condarc").unlink()
    assert desk.load(CONDA_CHANNEL_PRIORITY=text).channels.priority is priority


def test_aliases_of_keys(desk):
    conda = desk.condarc("verify_ssl: no\nenvs_path: [~/e]\nwhitelist_channels: [x]\n")
    assert conda.network.ssl_verify is False
    assert conda.paths.envs_dir == desk.home / "e"
    assert conda.channels.allowed == ("https://conda.anaconda.org/x",)


def test_variables_are_expanded_where_conda_does(desk):
    settings = desk.condarc(
        "channel_alias: https://$HOST/conda\nenvs_dirs: ['${BIG}/envs', $NOPE/x]\n"
        "custom_channels: {me: 'https://h/t/$TOK'}\n",
        HOST="mirror.example", BIG="/big", TOK="tk-123456",
    )  # fmt: skip
    assert desk.urls(settings, "a", "me") == [
        ["https://mirror.example/conda/a"],
        ["https://h/me"],
    ]
    assert str(settings.paths.envs_dir) == "/big/envs"
    assert "tk-123456" not in repr(settings.values)


def test_envs_dirs_by_variable(desk):
    assert str(desk.load(CONDA_ENVS_DIRS="/a:/b").paths.envs_dir) == "/a"
    assert str(desk.load(CONDA_ENVS_PATH="/p").paths.envs_dir) == "/p"
    assert str(desk.load(CONDA_ENVS_PATH="/p", ENVBENCH_ENVS_DIR="/mine").paths.envs_dir) == "/mine"


def test_unused_keys_are_told_quietly(desk):
    settings = desk.condarc("changeps1: false\nauto_activate_base: false\n")
    assert serious(settings) == []
    assert [found.key for found in settings.problems] == ["changeps1", "auto_activate_base"]
    assert settings.problems[1].where.endswith(".condarc:2")


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("channels: [a", None, "no valid YAML"),
        ("- a\n- b\n", 1, "must be a mapping"),
        ("x: 1\nchannels: &a [b]\n", 2, "anchors"),
        ("channels: *a\n", 1, "anchors"),
        ("channels: !!python/object:os.system [x]\n", 1, "tags"),
        pytest.param("a: " + "[" * 500, 1, "deeper than", id="deep"),
        ("channels: [[a]]\n", 1, "nested deeper"),
        pytest.param("a: [" + "x, " * 30_000 + "]", 1, "more than", id="huge"),
        ("x: 1\nchannel_priority: maybe\n", 2, "strict, flexible or disabled"),
        ("channels: {a: b}\n", 1, "must be a list"),
        ("custom_channels: [a]\n", 1, "must be a map"),
        ("remote_max_retries: many\n", 1, "must be a number"),
        ("offline: perhaps\n", 1, "true or false"),
        ("channel_alias: mirror\n", 1, "URL with its scheme"),
        ("\x01: x", None, "no valid YAML"),
    ],
)
def test_hostile_row_25_bad_condarc_is_a_problem_with_file_and_line(desk, text, line, message):
    settings = desk.condarc(text)
    problem = serious(settings)[0]
    assert problem.source == str(desk.home / ".condarc")
    assert message in problem.message
    assert line is None or problem.line == line
    assert settings.channels.configured == ("defaults",)


def test_bad_variable_is_a_problem(desk):
    settings = desk.load(CONDA_OFFLINE="maybe")
    assert settings.problems[0].source == "CONDA_OFFLINE"
    assert not settings.network.offline


def test_unreadable_condarc_is_a_problem(desk):
    os.mkfifo(desk.home / ".condarc")
    assert "named pipe" in desk.load().problems[0].message


def test_empty_files_and_nulls_say_nothing(desk):
    assert desk.condarc("").problems == ()
    settings = desk.condarc("channels:\nssl_verify:\ncustom_channels: {a: null}\n")
    assert settings.problems == ()
    assert settings.network.ssl_verify


@example("\ud7fc:")
@given(st.text(max_size=300) | st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
@examples(max_examples=300, deadline=None)
def test_no_text_keeps_envbench_from_starting(text):
    with tempfile.TemporaryDirectory() as directory:
        home = Path(directory)
        raw = text.encode("utf-8", "surrogatepass")
        (home / ".condarc").write_bytes(raw)
        (home / ".config/envbench").mkdir(parents=True)
        (home / ".config/envbench/config.toml").write_bytes(raw)
        (home / ".config/pip").mkdir()
        (home / ".config/pip/pip.conf").write_bytes(raw)
        found = load_settings({"XDG_CONFIG_DIRS": directory}, home=home)
    found.channels.resolve(["defaults", "conda-forge", *found.channels.known_names])
    for problem in found.problems:
        assert problem.message
        assert problem.message.isprintable()
        assert problem.key.isprintable()
