"""Stands on a GPU of a stub box, until the trace that is recorded of it says so.

    python gpu_user.py BOX TRACES MIB ENDING

ENDING is an exit code, or the name of a signal to die of.
"""

import os
import signal
import sys
import time
from pathlib import Path


def main() -> None:
    box, traces, mib, ending = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], sys.argv[4]
    partial = box.with_name("box.partial")
    partial.write_text(box.read_text() + f"proc 1 {os.getpid()} {mib} C 50\n")
    partial.replace(box)
    print("on it", os.environ.get("CUDA_VISIBLE_DEVICES", "all"), flush=True)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        lines = [line for path in list_traces(traces) for line in path.read_text().splitlines()]
        if sum("own_memory_bytes" in line for line in lines) >= 2:
            break
        time.sleep(0.05)
    if ending.startswith("SIG"):
        os.kill(os.getpid(), getattr(signal, ending))
    sys.exit(int(ending))


def list_traces(path: Path) -> list[Path]:
    return sorted(path.glob("*.jsonl")) if path.is_dir() else [path] if path.exists() else []


main()
