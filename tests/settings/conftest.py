"""A home of its own for every test: no configuration of the box leaks in."""

from pathlib import Path

import pytest

from envbench.model import redaction
from envbench.settings import condarc_files
from envbench.settings.load import load_settings


@pytest.fixture(autouse=True)
def _own_box(tmp_path, monkeypatch):
    monkeypatch.setattr(redaction, "_REGISTRY", redaction._SecretRegistry())
    found = condarc_files._search_path

    def search(environ, home):
        # /etc/conda and /var/lib/conda of the box that runs the tests stay out.
        return (p for p in found(environ, home) if not str(p).startswith(("/etc/", "/var/")))

    monkeypatch.setattr(condarc_files, "_search_path", search)


class Desk:
    """A home directory with files, and what the settings make of it."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.environ = {"XDG_CONFIG_DIRS": str(home / "no-such")}

    def write(self, path: str, text: str) -> Path:
        target = self.home / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
        return target

    def load(self, **environ: str):
        return load_settings(self.environ | environ, home=self.home)

    def condarc(self, text: str, **environ: str):
        self.write(".condarc", text)
        return self.load(**environ)

    def urls(self, settings, *names: str) -> list[list[str]]:
        return [list(group.urls) for group in settings.channels.resolve(names).groups]


@pytest.fixture
def desk(tmp_path) -> Desk:
    home = tmp_path / "home"
    home.mkdir()
    return Desk(home)
