"""rattler as the judge of lock files, in a child process that ends without its clean-up."""

import json
import os
import subprocess
import sys
from pathlib import Path

_PROGRAM = """
import json, os, sys
from pathlib import Path
from rattler import LockFile
path = Path(sys.argv[1])
try:
    lock = LockFile.from_path(path)
    environment = lock.environment("default")
    found = {}
    for platform in lock.platforms():
        rows = []
        for package in environment.packages(platform) or []:
            # Where there is no hash, asking for one fails inside.
            hashes = package.hashes
            digests = {k: getattr(hashes, k, None) for k in ("sha256", "md5")}
            rows.append({
                "kind": type(package).__name__, "name": package.name,
                "version": str(package.version), "location": package.location,
                **{k: d.hex() if d else None for k, d in digests.items()},
            })
        found[platform.name] = {"packages": rows, "virtual": platform.virtual_packages}
    lock.to_path(path.with_suffix(".again"))
    print(json.dumps({"platforms": found, "channels": [str(c) for c in environment.channels()]}))
except Exception as error:
    print(json.dumps({"error": f"{type(error).__name__}: {error}"}))
sys.stdout.flush()
os._exit(0)
"""


def judge(text: str, file_name: str, folder: Path) -> dict[str, object]:
    """Let rattler read a lock; it is written again beside, as `<stem>.again`."""
    path = folder / file_name
    path.write_text(text, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, str(path)],
        capture_output=True, text=True, check=True, timeout=120, env={**os.environ},
    )  # fmt: skip
    found: dict[str, object] = json.loads(done.stdout)
    return found
