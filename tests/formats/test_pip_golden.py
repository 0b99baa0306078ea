"""Every format of the pip side for one realistic environment, byte for byte.

`ENVBENCH_RENEW_GOLDEN=1` writes the files anew; read the difference before you keep it.
"""

import hashlib
import os
from pathlib import Path

import pytest

from envbench.formats.lock_formats import export_lock
from tests.formats.mixed_environment import HASHED, MIXED

GOLDEN = Path(__file__).with_name("golden")
CASES = {
    "pylock": MIXED,
    "requirements": HASHED,
    "requirements-with-repository": MIXED,
    "cyclonedx": MIXED,
    "mlflow": MIXED,
}


@pytest.mark.parametrize("case", CASES)
def test_the_files_are_as_they_were_read_last(case):
    if case == "cyclonedx":
        pytest.importorskip("cyclonedx")
    form = case.removesuffix("-with-repository")
    export = export_lock(CASES[case], form)
    lost = "".join(
        f"{loss.what}: {', '.join(loss.packages)}\n  {loss.why}\n" for loss in export.lost
    )
    texts = {file.path: file.text for file in export.files} | {"lost.txt": lost}
    # The lock itself is another format's, with tests of its own.
    kept_lock = texts.pop("pixi.lock", None)
    if kept_lock:
        digest = hashlib.sha256(kept_lock.encode()).hexdigest()
        texts["mlflow_tags.py"] = texts["mlflow_tags.py"].replace(digest, "<sha256 of pixi.lock>")
    for name, text in texts.items():
        path = GOLDEN / case / name
        if os.environ.get("ENVBENCH_RENEW_GOLDEN"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        assert path.read_text(encoding="utf-8") == text
