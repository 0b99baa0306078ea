"""Every lock of the environment that all consumers judge here, byte for byte, and what it loses.

`ENVBENCH_RENEW_GOLDEN=1` writes the files anew; read the difference before you keep it. Recipes
have their own in `tests/formats/exports`.
"""

import os
from pathlib import Path

import pytest

from envbench.engine.packing.items import select_items
from envbench.engine.packing.texts import write_texts
from envbench.formats.lock_formats import LOCK_FORMATS, export_lock
from envbench.model.lock import Lock
from tests.consumers.samples import CONDA_ONLY, GPU_BOX, LAPTOP, PLAIN_PIP

GOLDEN = Path(__file__).with_name("golden")
LOCKS = [form.name for form in LOCK_FORMATS if form.is_lock]
BOTH = (CONDA_ONLY, LAPTOP)
CASES: dict[str, tuple[str, tuple[Lock, ...]]] = {
    **{name: (name, (GPU_BOX,)) for name in (*LOCKS, "cyclonedx", "mlflow")},
    "requirements-hashed": ("requirements", (PLAIN_PIP,)),
    **{f"{name}-platforms": (name, BOTH) for name in ("conda-lock", "pixi-v6", "pixi-v7")},
}
BESIDE = {"explicit.txt": "explicit-sha256", "pixi.lock": "pixi-v6"}
"""Locks that lie beside a file of another format are those of their own format."""


@pytest.mark.parametrize("case", CASES)
def test_the_files_are_as_they_were_read_last(case: str):
    if case == "cyclonedx":
        pytest.importorskip("cyclonedx")
    name, locks = CASES[case]
    export = export_lock(locks, name)
    texts = {f"{case}/{export.file_name}": export.text}
    for file in export.companions:
        texts[f"{BESIDE.get(file.path, case)}/{file.path}"] = file.text
    texts[f"{case}/lost.txt"] = "".join(
        f"{loss.what}: {', '.join(loss.packages)}".rstrip() + f"\n  {loss.why}\n"
        for loss in export.lost
    )
    for path, text in texts.items():
        compare(GOLDEN / path, text)


def test_the_texts_of_a_pack_are_as_they_were_read_last():
    texts = write_texts(PLAIN_PIP, select_items(PLAIN_PIP))
    for path in ("README.txt", "environment.yml", "variables.json", "pip/requirements.txt"):
        compare(GOLDEN / "pack" / path, texts[path])


def compare(path: Path, text: str) -> None:
    if os.environ.get("ENVBENCH_RENEW_GOLDEN"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == text
