"""Names of channels, as people behind mirrors configure them."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envbench.model.channel import ChannelGroup
from envbench.model.problem import Severity
from envbench.settings.channel_urls import join_url, path_to_url
from envbench.settings.credentials import Credential
from envbench.settings.load import load_settings

MAIN = "https://repo.anaconda.com/pkgs/main"
R = "https://repo.anaconda.com/pkgs/r"
ORG = "https://conda.anaconda.org"

SCENARIOS = [
    ("nothing configured", "", ["conda-forge", "defaults"], [[f"{ORG}/conda-forge"], [MAIN, R]]),
    ("no channels at all", "", [], [[MAIN, R]]),
    ("channels of condarc", "channels: [a, b]", [], [[f"{ORG}/a"], [f"{ORG}/b"]]),
    ("labels", "", ["x/label/dev"], [[f"{ORG}/x/label/dev"]]),
    ("nodefaults is no channel", "", ["a", "nodefaults"], [[f"{ORG}/a"]]),
    ("each once", "", ["a", "a", "b"], [[f"{ORG}/a"], [f"{ORG}/b"]]),
    (
        "a mirror by alias",
        "channel_alias: https://art.example:8443/api/conda/",
        ["conda-forge", "nvidia/label/cuda-12"],
        [
            ["https://art.example:8443/api/conda/conda-forge"],
            ["https://art.example:8443/api/conda/nvidia/label/cuda-12"],
        ],
    ),
    (
        "a mirror of defaults",
        "default_channels: [https://m/main, https://m/r]",
        ["defaults", "conda-forge"],
        [["https://m/main", "https://m/r"], [f"{ORG}/conda-forge"]],
    ),
    (
        "members of defaults by alias",
        "channel_alias: https://m/c\ndefault_channels: [main, https://x/r]",
        ["defaults", "main"],
        [["https://m/c/main", "https://x/r"], ["https://m/c/main"]],
    ),
    (
        "members bear names",
        "default_channels: [https://m/pkgs/main]",
        ["pkgs/main"],
        [["https://m/pkgs/main"]],
    ),
    (
        "custom channels by ever shorter names",
        "custom_channels: {conda-forge: https://m/x, conda-forge/label/rc: https://rc}",
        ["conda-forge", "conda-forge/label/y", "conda-forge/label/rc", "pkgs/pro"],
        [
            ["https://m/x/conda-forge"],
            ["https://m/x/conda-forge/label/y"],
            ["https://rc/conda-forge/label/rc"],
            ["https://repo.anaconda.com/pkgs/pro"],
        ],
    ),
    (
        "custom channels on disk",
        "custom_channels: {mine: file:///srv/chan, other: /srv}",
        ["mine", "other"],
        [["file:///srv/chan/mine"], ["file:///srv/other"]],
    ),
    (
        "multichannels",
        "custom_multichannels: {all: [https://a/x, nvidia], defaults: [https://evil]}",
        ["all", "defaults"],
        [["https://a/x", f"{ORG}/nvidia"], [MAIN, R]],
    ),
    (
        "the free channel",
        "restore_free_channel: true",
        ["defaults"],
        [[MAIN, "https://repo.anaconda.com/pkgs/free", R]],
    ),
    (
        "mirrored channels",
        "mirrored_channels: {conda-forge: ['oci://ghcr.io/x', https://m/conda-forge]}",
        ["conda-forge", "conda-forge/label/x"],
        [["https://m/conda-forge"], ["https://m/conda-forge/label/x"]],
    ),
    (
        "old aliases",
        "migrated_channel_aliases: [https://conda.old/c]\nchannel_alias: https://new",
        ["https://conda.old/c/mine", "https://conda.oldest/c"],
        [["https://new/mine"], ["https://conda.oldest/c"]],
    ),
    (
        "URLs stay as they are",
        "channel_alias: https://m",
        ["http://h:80/c/", "https://conda.anaconda.org/conda-forge", "file:///a/b"],
        [["http://h:80/c"], [f"{ORG}/conda-forge"], ["file:///a/b"]],
    ),
    ("platforms are left out", "", ["conda-forge/linux-64"], [[f"{ORG}/conda-forge"]]),
    ("nothing is expanded in a spec", "", ["https://$HOME/c"], [["https://$HOME/c"]]),
]


@pytest.mark.parametrize(
    ("condarc", "names", "urls"), [s[1:] for s in SCENARIOS], ids=[s[0] for s in SCENARIOS]
)
def test_scenarios(desk, condarc, names, urls):
    assert desk.urls(desk.condarc(condarc), *names) == urls


def test_groups_bear_the_names_of_the_spec(desk):
    settings = desk.condarc("channel_alias: https://m")
    groups = settings.channels.resolve(["conda-forge", "https://h/c/"]).groups
    assert groups == (
        ChannelGroup("conda-forge", ("https://m/conda-forge",)),
        ChannelGroup("https://h/c", ("https://h/c",)),
    )
    assert settings.channels.find("conda-forge") == groups[0]


def test_local_paths(desk, tmp_path):
    settings = desk.load()
    found = settings.channels.resolve(["./chan", "../up", "/abs/x y", "~/c"], directory=tmp_path)
    assert [group.urls[0] for group in found.groups] == [
        (tmp_path / "chan").as_uri(),
        (tmp_path.parent / "up").as_uri(),
        "file:///abs/x%20y",
        (desk.home / "c").as_uri(),
    ]


def test_configured_channels_may_follow_those_of_a_spec(desk):
    # What conda itself would append without a condarc, `defaults`, has terms of service.
    assert desk.load().channels.choose_names(["b"]) == ("b",)
    settings = desk.condarc("channels: [a]")
    assert settings.channels.choose_names(["b"]) == ("b", "a")
    assert settings.channels.choose_names(["b", "nodefaults"]) == ("b",)
    settings = desk.condarc("channels: [a]", ENVBENCH_APPEND_CONDARC_CHANNELS="false")
    assert settings.channels.choose_names(["b"]) == ("b",)


def test_source_of_the_configured_channels(desk):
    assert desk.load().channels.configured_source == "default"
    assert desk.condarc("channels: [a]").channels.configured_source.endswith(".condarc")


def test_known_names(desk):
    settings = desk.condarc(
        "channels: [mine, https://x]\ncustom_channels: {c: https://h}\n"
        "custom_multichannels: {m: [https://h/z]}\n"
    )
    names = settings.channels.known_names
    assert names[0] == "defaults"
    assert {"defaults", "m", "c", "z", "mine", "pkgs/main", "pkgs/pro"} <= set(names)
    assert "https://x" not in names


def test_addresses_are_named_as_conda_shows_them(desk):
    channels = desk.condarc("custom_channels: {mine: https://h/x}").channels
    assert channels.name_url(MAIN + "/") == "defaults"
    assert channels.name_url(f"{ORG}/conda-forge") == "conda-forge"
    assert channels.name_url("https://h/x/mine/label/dev") == "mine/label/dev"
    assert channels.name_url("https://else/c") == "https://else/c"


def test_hostile_row_14_configured_urls_with_secrets_are_not_shown(desk):
    settings = desk.condarc("channels: ['https://me:hunter22@h/c']")
    assert desk.urls(settings) == [["https://h/c"]]
    assert "hunter22" not in repr(settings)


def test_hostile_row_14_secrets_leave_the_addresses(desk):
    settings = desk.condarc(
        "channel_alias: https://h.example/t/tk-alias99\n"
        "default_channels: ['https://me:hunter22@d.example/main']\n"
        "custom_channels: {private: 'https://p.example/t/tk-priv01'}\n"
    )
    names = ["conda-forge", "defaults", "private", "https://u:s3cr3t@x.example/c",
             "https://y.example/t/tk-url777/c"]  # fmt: skip
    found = settings.channels.resolve(names)
    assert [group.urls for group in found.groups] == [
        ("https://h.example/conda-forge",),
        ("https://d.example/main",),
        ("https://p.example/private",),
        ("https://x.example/c",),
        ("https://y.example/c",),
    ]
    assert {c.host: c for c in found.credentials} == {
        "h.example": Credential("h.example", conda_token="tk-alias99"),
        "d.example": Credential("d.example", "me", "hunter22"),
        "p.example": Credential("p.example", conda_token="tk-priv01"),
        "x.example": Credential("x.example", "u", "s3cr3t"),
        "y.example": Credential("y.example", conda_token="tk-url777"),
    }
    everything = repr((found, settings.values, settings.channels, settings.problems))
    for secret in ("tk-alias99", "hunter22", "tk-priv01", "s3cr3t", "tk-url777"):
        assert secret not in everything


def test_only_credentials_of_hosts_that_are_used(desk):
    settings = desk.condarc("custom_channels: {private: 'https://p.example/t/tk-priv01'}\n")
    assert settings.channels.resolve(["conda-forge"]).credentials == ()
    # conda sends the configured token to URLs on the same host as well.
    assert settings.channels.resolve(["https://p.example/other"]).credentials


def test_secrets_that_cannot_be_sent_apart_are_errors(desk):
    for url in ("https://h/a/t/tk-123456/c", "https://h/c?token=abcdef12"):
        found = desk.load().channels.resolve([url])
        assert found.problems[0].severity is Severity.ERROR
        assert "tk-123456" not in repr(found)
        assert "abcdef12" not in repr(found)


def test_hostile_row_15_secrets_over_http_are_told(desk):
    channels = desk.load().channels
    assert "without encryption" in channels.resolve(["http://a:bcde@h/1"]).problems[0].message
    both = channels.resolve(["https://a:bcde@h/1", "http://h/2"])
    assert "without encryption" in both.problems[0].message
    assert channels.resolve(["http://a:bcde@127.0.0.1:8/1", "http://h/2"]).problems == ()


def test_addresses_that_are_none(desk):
    settings = desk.condarc("channel_alias: 'https://[x'")
    assert settings.problems[0].message == "https://[x is no valid address"
    assert desk.urls(settings, "a") == [["https://not-valid.invalid/a"]]
    for url in ("https://[bad", "https://", "https://h:99999/x"):
        (problem,) = desk.load().channels.resolve([url]).problems
        assert problem.severity is Severity.ERROR


def test_two_secrets_for_one_host(desk):
    found = desk.load().channels.resolve(["https://a:bcde@h/1", "https://x:yzzz@h/2"])
    assert "another secret for h" in found.problems[0].message
    assert found.credentials == (Credential("h", "a", "bcde"),)


@pytest.mark.parametrize(
    ("condarc", "names", "count"),
    [
        ("denylist_channels: [evil]", ["evil", "good"], 1),
        ("denylist_channels: [defaults]", ["defaults"], 2),
        ("allowlist_channels: [good]", ["evil", "good"], 1),
        ("whitelist_channels: [good, defaults]", ["defaults", "good"], 0),
        ("allowlist_channels: []", ["x"], 0),
    ],
)
def test_allowed_and_denied_channels(desk, condarc, names, count):
    found = desk.condarc(condarc).channels.resolve(names)
    assert len(found.problems) == count
    assert all(problem.severity is Severity.ERROR for problem in found.problems)


names = st.text("abcxyz019-_./", min_size=1, max_size=30)


@given(names)
def test_any_name_gives_one_plain_address(name):
    settings = load_settings({}, home=Path("/nonexistent"))
    (group,) = settings.channels.resolve([name]).groups
    for url in group.urls:
        assert "://" in url
        assert url == "file:///" or not url.endswith("/")


def test_joining():
    assert join_url("https://h/", "/a/") == "https://h/a"
    assert join_url("https://h", "") == "https://h"


def test_dots_never_leave_the_root(tmp_path):
    assert path_to_url("../../../../../../../x", tmp_path, tmp_path) == "file:///x"


def test_a_channel_beside_a_spec_that_was_named_by_a_relative_path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    url = path_to_url("./channel", Path(), Path("/home/u"))
    assert url == (tmp_path / "channel").as_uri()
    assert path_to_url("../c", Path("specs/deep"), Path("/")) == (tmp_path / "specs" / "c").as_uri()
