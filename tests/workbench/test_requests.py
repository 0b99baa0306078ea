"""From spec and settings to a request: which channels are asked, with what, and which never."""

import json
from pathlib import Path

import pytest

from envbench.formats.environment_yml import parse_spec
from envbench.model.errors import UsageError
from envbench.model.host import HostProfile
from envbench.model.spec import SpecText
from envbench.settings.load import Settings, load_settings
from envbench.workbench.requests import make_solve_request

HOST = HostProfile(platform="linux-64", linux="5.15", glibc="2.31")
SPEC = "name: a\nchannels: [conda-forge]\ndependencies: [python, 'internal::x=1']\n"


def load_with(condarc: str, home: Path) -> Settings:
    home.mkdir(exist_ok=True)
    (home / ".condarc").write_text(condarc)
    return load_settings({"HOME": str(home), "XDG_STATE_HOME": str(home / "state")}, home=home)


def ask(settings: Settings, text: str, folder: Path) -> list[tuple[str, tuple[str, ...]]]:
    spec = parse_spec(SpecText(text, str(folder / "environment.yml"))).spec
    request = make_solve_request(spec, settings, HOST)
    return [(group.name, group.urls) for group in request.channels]


def test_an_unlisted_channel_comes_last_with_its_credentials(tmp_path: Path) -> None:
    condarc = "custom_channels: {internal: 'https://me:hunter2222@corp.example/conda'}\n"
    settings = load_with(condarc, tmp_path / "home")
    found = ask(settings, SPEC, tmp_path)
    assert found == [
        ("conda-forge", ("https://conda.anaconda.org/conda-forge",)),
        ("internal", ("https://corp.example/conda/internal",)),
    ]
    stored = json.loads(settings.paths.credentials_file.read_text())
    assert "corp.example" in stored
    assert "hunter2222" not in str(found)


def test_an_unlisted_channel_is_bound_by_the_lists_of_condarc(tmp_path: Path) -> None:
    condarc = "denylist_channels: [internal]\n"
    settings = load_with(condarc, tmp_path / "home")
    with pytest.raises(UsageError, match="excluded by denylist_channels"):
        ask(settings, SPEC, tmp_path)


def test_configured_channels_are_not_doubled(tmp_path: Path) -> None:
    settings = load_with("channels: [bioconda]\n", tmp_path / "home")
    # As `conda env create` does: the spec's own, what condarc lists, then what `::` names.
    names = [name for name, _ in ask(settings, SPEC, tmp_path)]
    assert names == ["conda-forge", "bioconda", "internal"]
    closed = SPEC.replace("[conda-forge]", "[conda-forge, nodefaults]")
    assert [name for name, _ in ask(settings, closed, tmp_path)] == ["conda-forge", "internal"]
    alone = SPEC.replace("channels: [conda-forge]\n", "")
    assert [name for name, _ in ask(settings, alone, tmp_path)] == ["bioconda", "internal"]


def test_a_relative_folder_is_sought_beside_the_spec(tmp_path: Path) -> None:
    settings = load_with("{}\n", tmp_path / "home")
    found = ask(settings, SPEC.replace("internal::", "./mine::"), tmp_path)
    assert found[-1][1] == ((tmp_path / "mine").as_uri(),)
