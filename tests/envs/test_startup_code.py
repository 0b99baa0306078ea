"""Code that an environment runs unasked is listed with who brought it."""

from envbench.envs.prefix_records import read_prefix_records
from envbench.envs.startup_code import list_startup_code

SITE = "lib/python3.11/site-packages"


def test_hostile_row_20_scripts_and_hooks_are_listed_with_their_owner(maker):
    maker.conda(
        "gcc",
        files={"etc/conda/activate.d/a.sh": b"", "bin/.gcc-post-link.sh": b"", "bin/gcc": b""},
    )
    maker.pip("hook", extra={f"{SITE}/hook.pth": b"import os; os.getpid()\n"})
    maker.write(f"{SITE}/paths.pth", b"/somewhere\n# import x\n")
    maker.write(f"{SITE}/sitecustomize.py", b"")
    found = list_startup_code(read_prefix_records(maker.prefix))
    assert [(c.path, c.kind.value, c.package) for c in found] == [
        ("bin/.gcc-post-link.sh", "installation or removal", "gcc"),
        ("etc/conda/activate.d/a.sh", "activation", "gcc"),
        (f"{SITE}/hook.pth", "start of python", "hook"),
        (f"{SITE}/sitecustomize.py", "start of python", ""),
    ]
