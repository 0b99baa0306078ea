"""People behind package mirrors keep their mirrors."""

import pytest

from envbench.model.build import PipSettings
from envbench.model.redaction import redact
from envbench.settings.credentials import Credential, store_credentials


def source(settings, key):
    return next(value.source for value in settings.values if value.key == key)


def test_nothing_said(desk):
    pip = desk.load().pip
    assert pip.settings == PipSettings()
    assert pip.credentials == ()


def test_pip_conf(desk):
    path = desk.write(
        ".config/pip/pip.conf",
        "[global]\nindex-url = https://me:hunter22@mirror/simple\n"
        "extra-index-url =\n    https://a/simple\n    https://b/simple\n"
        "find-links = ~/wheels\ncert = ~/ca.pem\ntrusted-host = mirror\n[install]\nno-index = yes\n"
        "[list]\nformat = columns\n",
    )
    settings = desk.load()
    assert settings.pip.settings == PipSettings(
        index_url="https://mirror/simple",
        extra_index_urls=("https://a/simple", "https://b/simple"),
        find_links=(str(desk.home / "wheels"),),
        no_index=True,
    )
    assert settings.pip.credentials == (Credential("mirror", "me", "hunter22"),)
    assert settings.pip.ca_file == str(desk.home / "ca.pem")
    assert source(settings, "pip.index_url") == str(path)
    assert [problem.key for problem in settings.problems] == ["trusted-host"]
    assert "hunter22" not in repr((settings, settings.values))


@pytest.mark.parametrize(
    "url", ["https://host/t/ab-12345678/simple", "https://host/simple?token=ab-12345678"]
)
def test_a_token_that_no_job_can_carry_is_told_and_kept_nowhere(desk, url):
    settings = desk.load(PIP_INDEX_URL=url)
    assert settings.pip.settings.index_url == "https://host/simple"
    [problem] = settings.problems
    assert (problem.key, "USER:TOKEN" in problem.message) == ("pip.index_url", True)
    assert "ab-12345678" not in repr((settings.pip, settings.values, settings.problems))


def test_folders_of_wheels_mean_the_same_in_a_job_that_runs_elsewhere(desk, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    links = "wheels ./more /abs ~/mine https://mirror/wheels file:///srv"
    assert desk.load(PIP_FIND_LINKS=links).pip.settings.find_links == (
        f"{tmp_path}/wheels",
        f"{tmp_path}/more",
        "/abs",
        f"{desk.home}/mine",
        "https://mirror/wheels",
        "file:///srv",
    )


def test_files_variables_and_own_settings_in_this_order(desk):
    desk.write(".pip/pip.conf", "[global]\nindex_url = https://old\nextra-index-url = https://e")
    desk.write(".config/pip/pip.conf", "[global]\nindex-url = https://user")
    assert desk.load().pip.settings.index_url == "https://user"
    extra = desk.write("x.conf", "[global]\nindex-url = https://extra")
    assert desk.load(PIP_CONFIG_FILE=str(extra)).pip.settings.index_url == "https://extra"
    variables = {"PIP_INDEX_URL": "https://var"}
    assert source(desk.load(**variables), "pip.index_url") == "PIP_INDEX_URL"
    variables["UV_DEFAULT_INDEX"] = "main=https://uv"
    settings = desk.load(**variables)
    assert settings.pip.settings.index_url == "https://uv"
    assert settings.pip.settings.extra_index_urls == ("https://e",)
    settings = desk.load(ENVBENCH_PIP_INDEX_URL="https://own", **variables)
    assert settings.pip.settings.index_url == "https://own"
    assert source(settings, "pip.index_url") == "ENVBENCH_PIP_INDEX_URL"


def test_credentials_of_variables_reach_a_job_by_the_private_file(desk):
    here = desk.load(PIP_INDEX_URL="https://me:hunter22@mirror/simple")
    store_credentials(here.paths.index_credentials_file, here.pip.credentials)
    # A detached job does not inherit the variable; it is told the address without the secret.
    there = desk.load(PIP_INDEX_URL="https://mirror/simple")
    assert there.pip.credentials == here.pip.credentials
    assert redact("hunter22") == "***"


def test_the_null_device_turns_files_off(desk):
    desk.write(".config/pip/pip.conf", "[global]\nindex-url = https://user")
    assert desk.load(PIP_CONFIG_FILE="/dev/null").pip.settings.index_url is None


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("no section = 1", 1),
        ("[global\nx", 1),
        ("[global]\n  indented\n", 2),
        ("[global]\n\nhunter22", 3),
    ],
)
def test_hostile_row_25_broken_pip_conf_is_a_problem(desk, text, line):
    path = desk.write(".config/pip/pip.conf", text)
    settings = desk.load()
    assert settings.problems[0].where == f"{path}:{line}"
    assert "hunter22" not in repr(settings.problems)
    assert settings.pip.settings == PipSettings()


def test_a_percent_sign_is_just_a_character(desk):
    desk.write(".config/pip/pip.conf", "[global]\nindex-url = https://u:p%40ss@h/simple")
    assert desk.load().pip.credentials == (Credential("h", "u", "p@ss"),)


def test_consents(desk):
    desk.write(".config/envbench/config.toml",
               "[pip]\nallow_source_builds = true\nallow = ['git', 'editable']\n")  # fmt: skip
    pip = desk.load().pip
    assert pip.settings.only_binary is False
    assert pip.allowed_options == {"git", "editable"}
