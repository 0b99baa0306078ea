"""What the screen imports to read answers is light: it shares its process with the keys."""

import ast
import subprocess
import sys
from pathlib import Path

import envbench.workbench.desk

HEAVY = ("rattler", "psutil", "yaml", "zstandard", "pynvml", "envbench.settings.load")


def list_imports() -> list[str]:
    """List the modules that the methods of the desk import when they are called."""
    folder = Path(envbench.workbench.desk.__file__).parent
    functions = [
        node
        for path in (folder / "desk.py", *folder.glob("*_desk.py"))
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.AsyncFunctionDef)
    ]
    nodes = [node for function in functions for node in ast.walk(function)]
    return sorted({str(node.module) for node in nodes if isinstance(node, ast.ImportFrom)})


def test_the_values_of_all_answers_load_nothing_heavy():
    modules = list_imports()
    assert len(modules) > 10
    statements = "\n".join(f"import {name}" for name in ("envbench.workbench.desk.desk", *modules))
    code = f"import sys\n{statements}\nprint(*(n for n in {HEAVY!r} if n in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
