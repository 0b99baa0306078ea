from pathlib import Path

import pytest

from tests.channels import HOSTILE, index_channel, make_package


def test_same_content_gives_same_bytes(tmp_path: Path) -> None:
    one = make_package(tmp_path / "a", "zlib", files={"lib/z": "z", "lib/a": "a"})
    two = make_package(tmp_path / "b", "zlib", files={"lib/a": "a", "lib/z": "z"})
    assert one.read_bytes() == two.read_bytes()


@pytest.mark.parametrize("kind", sorted(HOSTILE))
def test_every_hostile_package_can_be_indexed(kind: str, tmp_path: Path) -> None:
    archive = HOSTILE[kind](tmp_path)
    paths = index_channel(tmp_path)
    assert any(archive.name in path.read_text() for path in paths)
