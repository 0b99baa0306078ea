"""Writing one setting, and the list of all of them."""

import stat

import msgspec
import pytest

from envbench.model.errors import PreventedError, UsageError
from envbench.settings.keys import KEYS
from envbench.settings.load import load_settings
from envbench.settings.template import write_template
from envbench.workbench.preferences import (
    SettingRow,
    WrittenPreference,
    describe_settings,
    set_preference,
)


class Home:
    def __init__(self, path):
        self.path = path
        self.file = path / ".config/envbench/config.toml"

    def load(self, **environ):
        return load_settings(environ, home=self.path)

    def write(self, text):
        self.file.parent.mkdir(parents=True, exist_ok=True)
        self.file.write_bytes(text.encode() if isinstance(text, str) else text)

    def set(self, key, value, **environ):
        answer = set_preference(key, value, self.load(**environ))
        assert msgspec.json.decode(msgspec.json.encode(answer), type=WrittenPreference) == answer
        return answer


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path)


def test_the_theme_is_remembered(home):
    answer = home.set("theme", "nord")
    assert (answer.file, answer.overridden_by) == (str(home.file), "")
    assert home.load().own.theme == "nord"
    assert stat.S_IMODE(home.file.stat().st_mode) == 0o600
    home.set("theme", "gruvbox")
    assert home.file.read_text() == 'theme = "gruvbox"\n'


def test_every_key_can_be_written_into_the_template(home):
    home.write(write_template())
    given = {"envs_dir": "/e", "cache_dir": "/c", "state_dir": "/s", "glyphs": "ascii"}
    given |= {"notify": "osc9", "link": "slow", "build_priority": "normal", "backend": "rattler"}
    for key in KEYS:
        value = given.get(key.name, "text")
        if isinstance(key.default, bool):
            value = not key.default
        elif isinstance(key.default, int | float):
            value = 7
        elif isinstance(key.default, tuple):
            value = ["git"]
        home.set(key.name, value)
        assert home.load().problems == ()
        assert getattr(home.load().own, key.field) == (
            tuple(value) if isinstance(value, list) else value
        )
    kept = [line for line in home.file.read_text().splitlines() if line.startswith("#")]
    assert kept == [line for line in write_template().splitlines() if line.startswith("#")]


def test_comments_mode_mark_and_link_stay(home, tmp_path):
    home.write(b"\xef\xbb\xbf# mine\r\nmouse = true # yes\r\n")
    real = tmp_path / "dotfiles.toml"
    home.file.rename(real)
    real.chmod(0o644)
    home.file.symlink_to(real)
    home.set("mouse", False)
    assert real.read_bytes() == b"\xef\xbb\xbf# mine\r\nmouse = false # yes\r\n"
    assert home.file.is_symlink()
    assert stat.S_IMODE(real.stat().st_mode) == 0o644


def test_a_variable_that_counts_all_the_same_is_named(home):
    answer = home.set("theme", "nord", ENVBENCH_THEME="other")
    assert answer.overridden_by == "ENVBENCH_THEME"


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("thme", "nord", "did you mean theme"),
        ("glyphs", "emoji", "must be one of auto, unicode, ascii"),
        ("notify", True, "must be one of"),
        ("mouse", "perhaps", "must be true or false"),
        ("theme", "\x1b[31m", "without control characters"),
        ("conda.channels", "x", "there is no setting"),
    ],
)
def test_what_does_not_fit_is_refused(home, key, value, message):
    with pytest.raises(UsageError, match=message):
        home.set(key, value)
    assert not home.file.exists()


def test_a_damaged_file_is_left_alone(home):
    home.write("theme = ")
    with pytest.raises(UsageError, match="no valid TOML"):
        home.set("theme", "nord")
    assert home.file.read_text() == "theme = "


def test_a_place_where_no_file_can_be(home):
    (home.path / ".config").write_text("")
    with pytest.raises(PreventedError):
        home.set("theme", "nord")


def test_every_setting_is_described(home):
    home.write('theme = "nord"\nkeep_generations = 0\n[pip]\nindex_url = "https://u:pw12345@h/s"\n')
    rows = {row.key: row for row in describe_settings(home.load(ENVBENCH_LINK="slow"))}
    for row in rows.values():
        assert msgspec.json.decode(msgspec.json.encode(row), type=SettingRow) == row
        assert row.meaning, row.key
    assert {key.name for key in KEYS} <= rows.keys()
    assert (rows["theme"].value, rows["theme"].source) == ("nord", str(home.file))
    assert (rows["link"].value, rows["link"].source) == ("slow", "ENVBENCH_LINK")
    assert (rows["keep_generations"].value, rows["mouse"].value) == ("3", "true")
    assert rows["keep_generations"].problem == "must be a number from 1 to 100"
    assert "pw12345" not in repr(rows)
    assert (rows["conda.channels"].kind, rows["notify"].variable) == ("", "ENVBENCH_NOTIFY")


def test_problems_stand_where_they_belong(home):
    home.write("channels = 3\n")
    (home.path / ".condarc").write_text("channel_priority: sometimes\noffline: [1]\n")
    rows = {row.key: row for row in describe_settings(home.load())}
    assert rows["channels"].problem == "must be a list of texts"
    assert rows["conda.channel_priority"].problem
    assert rows["offline"].problem == ""
