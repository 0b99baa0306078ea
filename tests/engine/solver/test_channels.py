"""`channel::package` means the channel as configured."""

import pytest

from envbench.engine.channels import (
    ChannelNames,
    build_sources,
    find_unlisted_channels,
    map_spec,
    normalise_url,
    split_channel,
    strip_channel,
)
from envbench.model.channel import ChannelGroup

GROUPS = (
    ChannelGroup("defaults", ("https://m/pkgs/main", "https://m/pkgs/r")),
    ChannelGroup("conda-forge", ("https://mirror.corp/cf",)),
    ChannelGroup("myorg/label/dev", ("https://conda.x/myorg/label/dev",)),
    ChannelGroup("https://direct/chan", ("https://direct/chan",)),
)


@pytest.mark.parametrize(
    ("spec", "mapped"),
    [
        ("numpy=1.2", "numpy=1.2"),
        ("conda-forge::numpy=1.2", "conda-forge::numpy=1.2"),
        ("conda-forge/linux-64::numpy", "conda-forge::numpy"),
        ("defaults::numpy", "defaults::numpy"),
        ("pkgs/main::x=1", "https://m/pkgs/main::x=1"),
        ("https://m/pkgs/r::x", "https://m/pkgs/r::x"),
        ("https://m/pkgs/r/linux-64::x", "https://m/pkgs/r::x"),
        ("myorg/label/dev::x", "myorg/label/dev::x"),
        ("https://mirror.corp/cf/::x", "conda-forge::x"),
        ("https://me:hunter22@mirror.corp/cf::x", "conda-forge::x"),
        ("https://direct/chan::x >=1", "https://direct/chan::x >=1"),
        ("bioconda::x", "bioconda::x"),
        ("chan::x", "https://direct/chan::x"),
        ("dev::x", "dev::x"),
        ("label/dev::x", "label/dev::x"),
        ("x[channel=pkgs/main]", 'x[channel="https://m/pkgs/main"]'),
        ("x[version='>=1', channel='conda-forge']", "x[version='>=1', channel=\"conda-forge\"]"),
    ],
)
def test_specs_are_mapped_to_the_configuration(spec, mapped):
    assert map_spec(spec, GROUPS) == mapped


@pytest.mark.parametrize(
    ("spec", "channel", "bare"),
    [
        ("a::b=1", "a", "b=1"),
        ("b=1", None, "b=1"),
        ("b[channel=a]", "a", "b"),
        ("b[channel=a,version=1]", "a", "b[version=1]"),
        ("b[version=1,channel='a']", "a", "b[version=1]"),
        ("file:///x y/z::b", None, "file:///x y/z::b"),
        ("file:///x%20y/z::b", "file:///x%20y/z", "b"),
    ],
)
def test_channels_are_split_off(spec, channel, bare):
    assert split_channel(spec)[0] == channel
    assert strip_channel(spec) == bare


def test_unlisted_channels_are_found_once_in_order():
    specs = ["z::a", "conda-forge::b", "y::c", "z::d", "e"]
    assert find_unlisted_channels(specs, GROUPS) == ("z", "y")


def test_addresses_are_normalised():
    assert normalise_url("https://u:pw@h/t/tok/c/linux-64/") == "https://h/c"
    assert normalise_url("file:///a/noarch") == "file:///a"


def test_names_are_found_for_the_librarys_spelling():
    names = ChannelNames((*GROUPS, ChannelGroup("spaced", ("file:///a b/c",))))
    assert names("https://m/pkgs/r/") == "defaults"
    assert names("https://mirror.corp/cf") == "conda-forge"
    assert names("file:///a%20b/c/") == "spaced"
    assert names("https://u:hunter22@elsewhere/x/") == "https://elsewhere/x"


def test_doubled_addresses_become_one_source():
    sources = build_sources((*GROUPS, ChannelGroup("again", ("https://mirror.corp/cf/",))))
    assert [source.name for source in sources] == [group.name for group in GROUPS]
