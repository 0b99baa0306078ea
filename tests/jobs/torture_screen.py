"""Stands in for the screen: submits the request on standard input, then watches the job."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import msgspec

from envbench.jobs.follow import follow_events
from envbench.jobs.store import JobStore
from envbench.model.job import JobRequest

if __name__ == "__main__":
    request = msgspec.json.decode(sys.stdin.buffer.read(), type=JobRequest)
    job = JobStore(Path(sys.argv[1])).submit(request)
    for _ in follow_events(job):
        pass
