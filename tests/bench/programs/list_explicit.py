"""What `conda list --explicit --md5` does, without conda: every record read whole, one line each."""

import json
import sys
from pathlib import Path

print("@EXPLICIT")
for path in sorted(Path(sys.argv[1], "conda-meta").glob("*.json")):
    with path.open() as file:
        record = json.load(file)
    print(f"{record['url']}#{record['md5']}")
