"""Completion and inspection of specs: real metadata, a local channel, half-typed text, no cache."""

import json
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from envbench.model.channel import ChannelPriority
from envbench.model.completion import MAX_ITEMS, CompletionItem, CompletionReport
from envbench.model.errors import UsageError
from envbench.model.host import HostProfile
from envbench.model.inspection import MAX_HEADLINE, LineInspection
from envbench.model.spec_place import PlaceKind
from envbench.settings.load import Settings, load_settings
from envbench.workbench.package_index import complete, inspect
from tests.engine.solver.asking import HOST, write_channel
from tests.engine.solver.conftest import real_channels  # noqa: F401 - a fixture
from tests.workbench.conftest import Box


@dataclass
class Desk:
    """Asks about texts; the cursor is at the `@`."""

    settings: Settings
    folder: Path
    host: HostProfile = HOST

    def complete(self, marked: str) -> CompletionReport:
        before, _, after = marked.partition("@")
        line = before.count("\n") + 1
        column = len(before.rpartition("\n")[2])
        report = complete(
            before + after,
            line,
            column,
            path=str(self.folder / "env.yml"),
            settings=self.settings,
            platform="linux-64",
        )
        assert len(report.items) <= MAX_ITEMS
        encoded = msgspec.json.encode(report)
        assert msgspec.json.decode(encoded, type=CompletionReport) == report
        return report

    def offers(self, marked: str) -> list[str]:
        return [item.insert for item in self.complete(marked).items]

    def item(self, marked: str, insert: str) -> CompletionItem:
        return next(item for item in self.complete(marked).items if item.insert == insert)

    def inspect(self, text: str, line: int) -> LineInspection:
        found = inspect(
            text,
            line,
            path=str(self.folder / "env.yml"),
            settings=self.settings,
            host=self.host,
        )
        assert len(found.headline) <= MAX_HEADLINE
        assert bool(found.headline) != bool(found.reason)
        assert msgspec.json.decode(msgspec.json.encode(found), type=LineInspection) == found
        return found

    def look(self, head: str, item: str) -> LineInspection:
        """Inspect one more dependency behind a head."""
        return self.inspect(f"{head}  - {item}\n", head.count("\n") + 1)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = tmp_path / "home"
    home.mkdir()
    return home


def read(home: Path, **condarc: object) -> Settings:
    (home / ".condarc").write_text(json.dumps(condarc))
    return load_settings({"HOME": str(home)}, home=home)


@pytest.fixture
def desk(home: Path, tmp_path: Path) -> Desk:
    """Two small channels by name, `one` and `two`, and one that is not cached."""
    write_channel(
        tmp_path / "channels" / "one",
        [
            ("numpy", "1.23.5", ["python >=3.9,<3.10.0a0"], {"build": "py39_0", "size": 6_000_000}),
            ("numpy", "1.23.5", ["python >=3.10,<3.11.0a0"], {"build": "py310_0"}),
            ("numpy", "1.26.4", ["python >=3.11,<3.12.0a0"], {"build": "py311_0"}),
            ("numpydoc", "1.0", ["python >=3.8"]),
            ("python", "3.9.18"),
            ("python", "3.11.4"),
            ("pytorch", "2.1", ["__cuda >=99"], {"build": "cuda12_py311_0"}),
            ("pytorch", "2.1", [], {"build": "cpu_py311_0"}),
        ],
    )
    write_channel(tmp_path / "channels" / "two", [("numpy", "2.0"), ("only-two", "1.0")])
    base = (tmp_path / "channels").as_uri()
    settings = read(home, custom_channels={"one": base, "two": base}, channel_alias="https://h")
    return Desk(settings, tmp_path)


HEAD = "name: x\nchannels:\n  - one\n  - two\ndependencies:\n  - python=3.9\n"


def test_names(desk: Desk) -> None:
    report = desk.complete(f"{HEAD}  - num@")
    assert [item.insert for item in report.items] == ["numpy", "numpydoc"]
    assert report.items[0].detail == "1.26.4  one, two"
    assert report.items[0].positions == (0, 1, 2)
    assert report.items[0].start_column == 4
    assert (report.status, report.pending, report.query) == ("", False, "num")


def test_names_behind_a_channel(desk: Desk) -> None:
    assert desk.offers(f"{HEAD}  - two::@") == ["numpy", "only-two"]
    item = desk.item(f"{HEAD}  - two::nu@", "numpy")
    assert (item.start_column, item.detail) == (9, "2.0  two")
    assert desk.offers(f"{HEAD}  - three::@") == []


def test_a_channel_that_only_a_line_names_is_searched_too(desk: Desk) -> None:
    head = "channels: [one]\ndependencies:\n  - numpy\n"
    assert "only-two" not in desk.offers(f"{head}  - only@")
    assert desk.offers(f"{head}  - two::only@") == ["only-two"]


@pytest.mark.parametrize("operator", ["=", "==", ">=", ">=1,<", " ", "[version='"])
def test_versions(desk: Desk, operator: str) -> None:
    report = desk.complete(f"{HEAD}  - numpy{operator}@")
    assert [item.insert for item in report.items] == ["1.26.4", "1.23.5", "2.0"]
    assert report.items[1].detail == "py39 py310  2 builds  6.0 MB  one"
    assert report.items[0].start_column == len(f"  - numpy{operator}")


def test_versions_that_begin_so_and_of_one_channel(desk: Desk) -> None:
    assert desk.offers(f"{HEAD}  - numpy=1.2@") == ["1.26.4", "1.23.5"]
    assert desk.offers(f"{HEAD}  - numpy=1.23.*@") == ["1.23.5"]
    assert desk.offers(f"{HEAD}  - two::numpy=@") == ["2.0"]
    assert desk.offers(f"{HEAD}  - nothing=@") == []


def test_builds(desk: Desk) -> None:
    assert desk.offers(f"{HEAD}  - numpy=1.23.5=@") == ["py39_0", "py310_0"]
    assert desk.offers(f"{HEAD}  - numpy=1.23.5=py310@") == ["py310_0"]
    offers = desk.offers(f"{HEAD}  - pytorch=2.1=@")
    assert set(offers) == {"*cuda*", "*cpu*", "cuda12_py311_0", "cpu_py311_0"}
    detail = desk.item(f"{HEAD}  - pytorch 2.1 cu@", "cuda12_py311_0").detail
    assert "__cuda >=99" in detail


def test_channels(desk: Desk) -> None:
    offers = desk.offers("channels:\n  - one\n  - @\ndependencies:\n  - two::numpy\n")
    assert "two" in offers
    assert "conda-forge" in offers
    assert "one" not in offers
    report = desk.complete("channels:\n  - conda@")
    assert report.items[0].insert == "conda-forge"
    assert report.status == ""


def test_pip_names_say_what_conda_has(desk: Desk) -> None:
    head = f"{HEAD}  - pip:\n"
    assert "2.1" in desk.item(f"{head}      - tor@", "torch").detail
    assert "as pytorch" in desk.item(f"{head}      - tor@", "torch").detail
    assert desk.item(f"{head}      - transf@", "transformers").detail.endswith("PyPI is not asked")
    assert desk.item(f"{head}      - numpyd@", "numpydoc").detail == "conda has it too: 1.0  one"
    assert desk.offers(f"{head}      - torch==@") == []


def test_keys_and_platforms(desk: Desk) -> None:
    assert desk.offers("@") == ["name:", "channels:", "dependencies:", "variables:", "platforms:"]
    assert desk.offers("channels:\n- one\nd@") == ["dependencies:"]
    assert desk.offers("platforms:\n- linux-64\n- linux@")[0] != "linux-64"


@pytest.mark.parametrize(
    "text",
    ["name: n@", f"{HEAD}  - numpy # n@", "variables:\n  A: n@", f"{HEAD}  - numpy>=1.2 py3@", ""],
)
def test_nothing_is_offered_elsewhere(desk: Desk, text: str) -> None:
    if "@" in text:
        assert desk.complete(text).kind is PlaceKind.NOTHING
    assert complete(text, 99, 0, path="x", settings=desk.settings).items == ()


@pytest.mark.parametrize(
    "text",
    [
        "channels:\r\n  - one\r\ndependencies:\r\n  - num@\r\n  - broken: [\r\n",
        "channels: [one, two\ndependencies:\n  - num@",
        "\ufeffchannels:\n- one\ndependencies:\n- 'num@",
        "channels:\n  - one\n  -\n -\n%$: {{{\ndependencies:\n\t- num@\n",
        "channels:\n  - one\n  - one\ndependencies:\n  - num@",
    ],
)
def test_text_in_the_middle_of_an_edit(desk: Desk, text: str) -> None:
    assert desk.offers(text)[0] == "numpy"


def test_without_a_cache_it_says_so(desk: Desk) -> None:
    text = "channels:\n  - conda-forge\n  - nvidia\ndependencies:\n  - num@"
    report = desk.complete(text)
    assert report.items == ()
    assert report.status == "no index of conda-forge and nvidia is cached: solve once (s)"
    found = desk.inspect(text.replace("@", ""), 5)
    assert found.status == report.status
    assert found.headline == "num: any version, any channel of the list"
    assert found.builds is None
    folder = desk.complete("channels:\n  - ./none\ndependencies:\n  - num@")
    assert folder.status == "there is no index in the folder of ./none"
    assert not desk.settings.paths.cache_dir.exists()
    assert not desk.settings.paths.state_dir.exists()


def test_an_index_that_changes_is_seen(desk: Desk) -> None:
    text = "channels:\n  - ./mine\ndependencies:\n  - num@"
    write_channel(desk.folder / "mine", [("numpy", "1.0")])
    assert desk.complete(text).items[0].detail == "1.0  ./mine"
    write_channel(desk.folder / "mine", [("numpy", "1.0"), ("numpy", "1.5"), ("numba", "0.1")])
    assert desk.offers(text) == ["numba", "numpy"] or desk.offers(text) == ["numpy", "numba"]
    assert desk.item(text, "numpy").detail == "1.5  ./mine"


def test_a_broken_index_becomes_a_status(desk: Desk) -> None:
    write_channel(desk.folder / "mine", [("numpy", "1.0")])
    (desk.folder / "mine" / "noarch" / "repodata.json").write_text("{")
    text = "channels:\n  - ./mine\n  - one\ndependencies:\n  - num@"
    report = desk.complete(text)
    assert report.items[0].detail == "1.26.4  one"
    assert report.status.startswith("./mine: the index cannot be read: ")
    assert "cannot be read" in desk.inspect(text.replace("@", ""), 5).status


def test_reading_goes_on_with_the_next_question(desk: Desk) -> None:
    for name in ("a", "b"):
        write_channel(desk.folder / name, [(f"name-{name}", "1.0")])
    text = "channels:\n- ./a\n- ./b\ndependencies:\n- name"
    reports = [
        complete(text, 5, 6, path=str(desk.folder / "e.yml"), settings=desk.settings, budget_s=0)
        for _ in range(4)
    ]
    assert [report.pending for report in reports] == [True, True, True, False]
    assert reports[0].status == "reading the index of ./a and ./b"
    assert [item.insert for item in reports[-1].items] == ["name-a", "name-b"]


def test_hostile_names_are_never_offered(desk: Desk) -> None:
    write_channel(
        desk.folder / "bad",
        [
            ("nuok", "1.0", [], {"license": "\x1b]0;x\x07MIT", "build": "b\u202e0"}),
            ("nu\u202ebidi", "1.0"),
            ("nu[bold]", "1.0"),
            ("nuver", "1.0\u200b"),
        ],
    )
    text = "channels:\n  - ./bad\ndependencies:\n  - "
    offered = desk.complete(f"{text}nu@").items
    assert {item.insert for item in offered} <= {"nuok", "nuver"}
    assert "\u202e" not in str(desk.complete(f"{text}nuok=1.0=@"))
    found = desk.inspect(f"{text}nuok\n", 4)
    assert "\x1b" not in str(found)
    assert "\u202e" not in str(found)
    assert desk.inspect(f"{text}nuver\n", 4)


def test_secrets_of_channels_are_not_told(desk: Desk) -> None:
    text = "channels:\n  - https://user:hunter22@h/chan\n  - \ndependencies:\n  - nu\n"
    for line, column in ((2, 32), (3, 4), (5, 6)):
        report = complete(text, line, column, path="e.yml", settings=desk.settings)
        assert "hunter22" not in str(report)
        assert "hunter22" not in str(desk.inspect(text, line))
    assert not desk.settings.paths.credentials_file.exists()


def test_what_a_line_matches(desk: Desk) -> None:
    found = desk.look(HEAD, "numpy=1.23.*  # pinned")
    assert found.headline == "numpy 1.23.*: 1.23.5 from one, 2 builds; newest is 2.0"
    assert (found.builds, found.versions, found.winner) == (2, ("1.23.5",), "one")
    assert (found.name, found.newest) == ("numpy", "2.0")
    assert [(c.channel, c.builds, c.exists) for c in found.channels] == [
        ("one", 2, True),
        ("two", 0, True),
    ]
    assert found.best is not None
    assert found.best.pythons == ("3.9", "3.10")
    assert "newest of all: 2.0 (two), which this line leaves out" in found.details
    assert "for python=3.9 (line 6): 1.23.5, 1 build" in found.details


@pytest.mark.parametrize("priority", list(ChannelPriority))
def test_which_channel_wins(desk: Desk, priority: ChannelPriority) -> None:
    channels = replace(desk.settings.channels, priority=priority)
    desk.settings = replace(desk.settings, channels=channels)
    found = desk.look(HEAD, "numpy")
    winner = "two" if priority is ChannelPriority.DISABLED else "one"
    assert found.winner == winner
    assert any(detail.startswith(f"comes from {winner}: ") for detail in found.details)
    assert desk.look(HEAD, "two::numpy").winner == "two"


def test_builds_that_this_box_cannot_run(desk: Desk) -> None:
    found = desk.look(HEAD, "pytorch=2.1")
    assert found.best is not None
    assert found.best.build == "cpu_py311_0"
    assert "1 of 2 builds ask for __cuda >=99, which this box has not" in found.details
    lost = desk.look(HEAD, "pytorch=2.1=cuda*")
    assert lost.headline == "pytorch 2.1 cuda*: 1 build, none for this box"
    assert (lost.best, lost.winner) == (None, "")


def test_nothing_matches_or_nothing_exists(desk: Desk) -> None:
    found = desk.look(HEAD, "numpy>=9")
    assert found.headline == "numpy >=9: nothing matches; the newest of numpy is 2.0"
    assert found.builds == 0
    missing = desk.look(HEAD, "numpi")
    assert missing.headline == "no package numpi in one, two (did you mean numpy?)"
    assert missing.close_names[0] == "numpy"
    assert desk.look(HEAD, "torch").close_names[0] == "pytorch"
    assert desk.look(HEAD, "three::numpy").status.endswith("solve once (s)")


def test_a_pip_line(desk: Desk) -> None:
    text = f"{HEAD}  - pip:\n      - torch>=2\n      - nosuch\n      - -r x.txt\n"
    found = desk.inspect(text, 8)
    assert found.headline.startswith("pip: torch: version >=2")
    assert "conda has it too as pytorch: 2.1 (one)" in found.details
    assert any(detail.startswith("not resolved here") for detail in found.details)
    assert "these channels do not have it" in desk.inspect(text, 9).details
    assert desk.inspect(text, 10).headline


def test_virtual_packages(desk: Desk) -> None:
    assert "this box has __cuda 12.4, which fits" in desk.look(HEAD, "__cuda>=12").headline
    assert "which does not fit" in desk.look(HEAD, "__cuda>=13").headline
    desk.host = HostProfile(platform="linux-64")
    assert "this box has no __cuda" in desk.look(HEAD, "__cuda").headline


def test_a_channel_line(desk: Desk) -> None:
    found = desk.inspect(HEAD, 3)
    assert found.headline == "one: 4 packages, number 1 of 2 under flexible priority"
    assert any("file://" in detail for detail in found.details)


@pytest.mark.parametrize("item", ["numpy=", "numpy=>1", "numpy[", "", "-c conda-forge", "=", "::"])
def test_half_typed_lines_have_a_reason(desk: Desk, item: str) -> None:
    found = desk.look(HEAD, item)
    assert found.reason
    assert found.headline == ""


def test_other_lines_have_a_reason(desk: Desk) -> None:
    for line in (1, 2, 5, 99):
        assert desk.inspect(HEAD, line).reason


@pytest.mark.parametrize(("line", "column"), [(0, 0), (-1, 3), (1, -1)])
def test_no_place_at_all(desk: Desk, line: int, column: int) -> None:
    with pytest.raises(UsageError):
        complete("", line, column, path="x", settings=desk.settings)


_pieces = st.sampled_from(
    (
        *(
            "channels:",
            "dependencies:",
            "\n",
            "\n  - ",
            "\n  - pip:\n    - ",
            "one",
            "numpy",
            "two::",
        ),
        *("=", ">=", "1.", "*", "[", "]", " ", "#", "'", '"', "\r\n", "https://", "\x1b", "\u202e"),
    )
)


@hypothesis_settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(pieces=st.lists(_pieces, max_size=30), line=st.integers(1, 9), column=st.integers(0, 30))
def test_no_text_breaks_it(desk: Desk, pieces: list[str], line: int, column: int) -> None:
    text = HEAD + "".join(pieces)
    line += HEAD.count("\n")
    report = complete(text, line, column, path="e.yml", settings=desk.settings)
    found = inspect(text, line, path="e.yml", settings=desk.settings, host=HOST)
    for shown in (str(report), str(found)):
        assert "\x1b" not in shown
        assert "\\x1b" not in shown
    assert bool(found.headline) != bool(found.reason)


def test_a_channel_made_of_this_python(box: Box, python_channel: Path) -> None:
    desk = Desk(box.settings, box.root)
    head = f"channels:\n  - {python_channel.as_uri()}\ndependencies:\n"
    assert "pyyaml" in desk.offers(f"{head}  - py@")
    version = desk.offers(f"{head}  - pyyaml=@")[0]
    found = desk.look(head, f"pyyaml={version}")
    assert found.builds == 1
    assert found.best is not None
    assert found.best.size_bytes


@pytest.fixture
def real(home: Path, tmp_path: Path, real_channels: Path) -> Desk:  # noqa: F811
    base = real_channels.as_uri()
    names = ("conda-forge", "pytorch", "nvidia")
    return Desk(read(home, custom_channels=dict.fromkeys(names, base)), tmp_path)


REAL = "channels:\n  - pytorch\n  - conda-forge\n  - nvidia\ndependencies:\n  - python=3.9\n"


def test_real_metadata(real: Desk) -> None:
    assert real.offers(f"{REAL}  - num@")[:2] == ["numba", "numpy"]
    assert real.offers(f"{REAL}  - sklearn@") == ["scikit-learn"]
    assert real.offers(f"{REAL}  - tensorflow=2.1@")
    report = real.complete(f"{REAL}  - conda-forge::numpy=@")
    assert len(report.items) == MAX_ITEMS
    assert report.more > 0
    assert "*cuda*" in real.offers(f"{REAL}  - pytorch::pytorch=1.13.1=@")


def test_real_lines(real: Desk) -> None:
    numpy = real.look(REAL, "numpy=1.23.*")
    assert numpy.winner == "conda-forge"
    assert numpy.versions[0] == "1.23.5"
    assert numpy.best is not None
    assert numpy.best.license == "BSD-3-Clause"
    article = real.look(REAL, "tensorflow==2.13.0")
    assert article.builds == 0
    torch = real.look(REAL, "torch")
    assert torch.close_names[0] == "pytorch"
    pytorch = real.look(REAL, "pytorch=1.13.1")
    assert pytorch.winner == "pytorch"
    assert {c.channel for c in pytorch.channels if c.exists} == {"pytorch", "conda-forge"}
