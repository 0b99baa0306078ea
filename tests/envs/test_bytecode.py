"""Byte code of noarch packages: really compiled, named by the stable path, verified clean."""

import marshal
import subprocess
import sys
from pathlib import Path

from envbench.envs.bytecode import plan_compilation
from envbench.envs.verification import verify_prefix

SITE = f"lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages"


def test_noarch_packages_are_compiled_and_nothing_else(make_prefix, tmp_path):
    maker = make_prefix(tmp_path / ".generations" / "a-1")
    stable = tmp_path / "a"
    stable.symlink_to(".generations/a-1")
    (maker.prefix / "bin").mkdir()
    (maker.prefix / "bin" / "python").symlink_to(sys.executable)
    maker.conda(
        "pure",
        noarch="python",
        subdir="noarch",
        files={
            f"{SITE}/pure/__init__.py": b"def f(): pass\n",
            f"{SITE}/pure/template.py": b"def {{ name }}:\n",
            "bin/tool.py": b"x = 1\n",
        },
    )
    maker.conda("native", files={f"{SITE}/native.py": b"x = 1\n"})
    task = plan_compilation(maker.prefix, stable)
    assert task is not None
    assert task.files == 2
    subprocess.run(task.argv, input=task.stdin, timeout=60, check=False, capture_output=True)
    compiled = sorted(p.relative_to(maker.prefix) for p in maker.prefix.rglob("*.pyc"))
    (byte_code,) = compiled
    assert byte_code.parent == Path(SITE) / "pure" / "__pycache__"
    code = marshal.loads((maker.prefix / byte_code).read_bytes()[16:])
    assert code.co_filename == f"{stable}/{SITE}/pure/__init__.py"
    report = verify_prefix(stable, extra=True)
    assert report.is_fine
    assert report.extra == ("bin/python",)


def test_without_python_there_is_nothing_to_do(maker):
    maker.conda("pure", noarch="python", files={f"{SITE}/pure.py": b""})
    assert plan_compilation(maker.prefix, maker.prefix) is None
