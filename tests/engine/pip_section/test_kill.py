"""uv killed in the middle: uv itself takes the wreck for installed, the RECORD check does not."""

import os
import signal
import threading
import time
from pathlib import Path

import pytest

from envbench.engine.pip_section import install_pip_section
from envbench.engine.pip_section.errors import PipBrokenError
from envbench.engine.pip_section.records import find_broken_distributions
from envbench.model.errors import EnvbenchError

FILES = 1500


def children() -> list[int]:
    return [
        int(pid)
        for task in Path("/proc/self/task").iterdir()
        for pid in (task / "children").read_text().split()
    ]


def kill_uv_when(condition, running: threading.Thread) -> None:
    deadline = time.monotonic() + 30
    while running.is_alive() and time.monotonic() < deadline:
        if condition():
            for pid in children():
                os.kill(pid, signal.SIGKILL)
            return
        time.sleep(0.0005)


def test_a_killed_installation_is_broken_and_known_to_be(bench):
    bench.wheel("big", "1.0", files={f"big/m{n}.py": f"x = {n}\n" for n in range(FILES)})
    for attempt in range(10):
        prefix = bench.prefix(f"env-{attempt}")
        caught: list[EnvbenchError] = []

        def install(prefix=prefix, caught=caught) -> None:
            try:
                install_pip_section(bench.request(bench.task("big"), prefix))
            except EnvbenchError as error:
                caught.append(error)

        thread = threading.Thread(target=install)
        thread.start()
        site_packages = next(prefix.glob("lib/python3*/site-packages"))
        kill_uv_when(
            lambda where=site_packages: any(where.glob("big-1.0.dist-info/RECORD")), thread
        )
        thread.join(60)
        if caught and find_broken_distributions(prefix):
            assert isinstance(caught[0], PipBrokenError)
            assert "killed by signal 9" in caught[0].what
            return
    pytest.fail("no kill hit the middle of an installation")


def test_a_missing_file_and_another_size_are_found(bench):
    bench.wheel("lib", "0.5", files={"lib/__init__.py": "a = 1\n", "lib/b.py": "b = 1\n"})
    prefix = bench.prefix()
    install_pip_section(bench.request(bench.task("lib"), prefix))
    site_packages = next(prefix.glob("lib/python3*/site-packages"))
    (site_packages / "lib" / "b.py").unlink()
    (site_packages / "lib" / "__init__.py").unlink()
    (site_packages / "lib" / "__init__.py").write_text("longer = 1\n")
    (broken,) = find_broken_distributions(prefix)
    assert broken.name == "lib"
    assert set(broken.faults) == {"missing: lib/b.py", "other size: lib/__init__.py"}


def test_a_record_that_leaves_the_prefix_is_a_fault(bench):
    bench.wheel("lib", "0.5")
    prefix = bench.prefix()
    install_pip_section(bench.request(bench.task("lib"), prefix))
    (record,) = prefix.glob("lib/python3*/site-packages/lib-0.5.dist-info/RECORD")
    with record.open("a") as file:
        file.write("../../../../outside,,\n")
    (broken,) = find_broken_distributions(prefix)
    assert broken.faults == ("outside of the prefix: ../../../../outside",)
