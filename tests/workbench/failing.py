"""What the tests of failures share: builds that must fail and change nothing, servers, gates."""

import contextlib
import http.server
import json
import os
import shutil
import subprocess
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from envbench.envs.lock import lock_environment
from envbench.jobs.follow import EventReader
from envbench.jobs.job import Job
from envbench.jobs.processes import Identity
from envbench.jobs.store import JobStore
from envbench.model.build import PipSettings
from envbench.model.event import PhaseStarted
from envbench.model.job import JobResult, JobState
from tests.channels import Executable, index_channel, make_package
from tests.workbench.conftest import Box, snapshot

PATIENCE_S = 60.0


def wait_until(condition: Callable[[], object], what: str) -> None:
    """Wait for a condition, with a deadline."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.002)


def wait_for_phase(job: Job, phase: str) -> None:
    """Wait until a job has told that a phase began."""
    reader = EventReader(job)
    begun: set[str] = set()

    def has_begun() -> bool:
        begun.update(e.phase for e in reader.poll() if isinstance(e, PhaseStarted))
        return phase in begun or job.result() is not None

    wait_until(has_begun, f"phase {phase} of {job.id}")


@contextlib.contextmanager
def unchanged(box: Box, name: str = "env") -> Iterator[None]:
    """Make sure that what is live stays so, byte for byte."""
    path = box.path(name)
    before = (path.readlink(), snapshot(path.resolve()))
    yield
    after = (path.readlink(), snapshot(path.resolve()))
    assert after == before, sorted(set(after[1].items()) ^ set(before[1].items()))


def fail_build(box: Box, spec: Path, **order: object) -> JobResult:
    """Build what cannot be built; the generation in use must stay as it is, and no litter."""
    with unchanged(box):
        result, _ = box.build(spec, **order)
    assert result.state is JobState.FAILED, result
    assert result.reason
    assert result.hint
    assert "unexpected error ended it" not in result.reason
    assert box.leftovers() == [], box.leftovers()
    return result


def list_litter(box: Box) -> list[str]:
    """Name what a good build must not leave behind, in the environments and in the cache."""
    envs, cache = box.settings.paths.envs_dir, box.settings.paths.cache_dir
    passing = (envs / ".generations").glob(".*")
    temporary = (*envs.rglob("*.tmp"), *cache.rglob("*.part"))
    fetching = (cache / "pkgs" / ".envbench" / "work").glob("*")
    installing = (cache / "work").glob("*")
    half_unpacked = [p for p in (cache / "pkgs").glob(".*") if p.is_dir() and p.name != ".envbench"]
    found = (*passing, *temporary, *fetching, *installing, *half_unpacked)
    return box.leftovers() + [str(path) for path in found]


def build_well(box: Box, spec: Path, **order: object) -> None:
    """Build what can be built, and make sure that everything of earlier builds is swept."""
    result, _ = box.build(spec, **order)
    assert result.state is JobState.DONE, result
    settle(box)
    litter = list_litter(box)
    assert not litter, litter


def settle(box: Box) -> None:
    """End the jobs that compile byte code: they go on writing into what is live."""
    for job in JobStore(box.settings.paths.jobs_dir).list():
        if job.request.kind == "bytecode":
            job.cancel()
            job.wait(PATIENCE_S)


def find_job_processes(job: Job) -> list[int]:
    """List the processes that bear the mark of a job, whoever their parent is."""
    mark = f"ENVBENCH_JOB={job.id}".encode()
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                if mark in (entry / "environ").read_bytes().split(b"\0"):
                    found.append(int(entry.name))
    return found


def make_gate(box: Box) -> Path:
    """Publish `gated`: a build with the probe `python` waits inside the phase `probe` for a file.

    Returns:
        The file that opens the gate.
    """
    gate = box.root / "gate"
    script = f"#!/bin/sh\nwhile [ ! -e '{gate}' ]; do sleep 0.05; done\nexit 1\n"
    make_package(box.channel, "gated", files={"bin/python": Executable(script)})
    return gate


class GatedServer(http.server.ThreadingHTTPServer):
    """Serves a folder; can ask for credentials, and hold or spoil the answers to some paths."""

    daemon_threads = True

    def __init__(self, folder: Path, host: str = "127.0.0.1") -> None:
        super().__init__((host, 0), _Handler)
        self.folder = folder
        self.host = host
        self.held = ""
        """Answers to paths that hold this text are begun, and wait for `gate`."""
        self.spoilt = ""
        """Answers to paths that hold this text break off in the middle."""
        self.gate = threading.Event()
        self.reached = threading.Event()
        """Set when a held answer was begun."""
        self.credentials = ""
        """`user:password` to ask for; empty asks for none."""
        self.token = ""
        """`/t/TOKEN` that paths must begin with."""
        self.is_proxy = False
        """Whether the credentials are those of a proxy."""
        self.refused = 0
        self.served: list[str] = []

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.server_address[1]}"

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that hang up are expected here."""


class _Handler(http.server.BaseHTTPRequestHandler):
    server: GatedServer

    def log_message(self, *arguments: object) -> None:
        pass

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def _answer(self, *, with_body: bool) -> None:
        path = self.path.partition("?")[0]
        if path.startswith("http://"):  # We are its proxy; each host is a folder of ours.
            path = path.removeprefix("http:/")
        if not self._may_pass(path):
            self.server.refused += 1
            self.send_response(407 if self.server.is_proxy else 401)
            self.send_header("WWW-Authenticate", 'Basic realm="test"')
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        path = path.removeprefix(f"/t/{self.server.token}") if self.server.token else path
        file = self.server.folder / path.lstrip("/")
        if (file / "index.html").is_file():
            body, kind = (file / "index.html").read_bytes(), "text/html"
        elif file.is_dir():
            links = "".join(f'<a href="{f.name}">{f.name}</a>\n' for f in sorted(file.iterdir()))
            body, kind = f"<!DOCTYPE html><html><body>{links}</body></html>".encode(), "text/html"
        elif file.is_file():
            body, kind = file.read_bytes(), "application/octet-stream"
        else:
            self.send_error(404)
            return
        self.server.served.append(path)
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if with_body:
            self._send(path, body)

    def _may_pass(self, path: str) -> bool:
        server = self.server
        if server.token and not path.startswith(f"/t/{server.token}/"):
            return False
        basic = "Basic " + b64encode(server.credentials.encode()).decode()
        header = "Proxy-Authorization" if server.is_proxy else "Authorization"
        return not server.credentials or self.headers.get(header) == basic

    def _send(self, path: str, body: bytes) -> None:
        server, half = self.server, len(body) // 2
        if server.held and server.held in path:
            self.wfile.write(body[:half])
            self.wfile.flush()
            server.reached.set()
            server.gate.wait(PATIENCE_S)
            body = body[half:]
        if server.spoilt and server.spoilt in path:
            body = body[:half]
            self.close_connection = True
        self.wfile.write(body)
        self.wfile.flush()


@contextlib.contextmanager
def serving(folder: Path, host: str = "127.0.0.1") -> Iterator[GatedServer]:
    """Serve a folder for as long as the block lasts."""
    with GatedServer(folder, host) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.gate.set()
            server.shutdown()
            thread.join(10)


@contextlib.contextmanager
def mounted(place: Path, options: str) -> Iterator[Path]:
    """Mount a tmpfs for as long as the block lasts; what lay at the place is copied into it."""
    if os.geteuid() != 0:
        pytest.skip("needs root to mount a tmpfs: run the tests under `unshare -rm`")
    place.mkdir(parents=True, exist_ok=True)
    aside = place.with_name(f"{place.name}.aside")
    shutil.copytree(place, aside, symlinks=True)
    mount = ["mount", "-t", "tmpfs", "-o", f"mode=0700,{options}", "none", str(place)]
    done = subprocess.run(mount, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"no tmpfs can be mounted here: {done.stderr.strip()[:100]}")
    try:
        shutil.copytree(aside, place, symlinks=True, dirs_exist_ok=True)
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


def fill_up(place: Path) -> Path:
    """Write until the file system has no block left; remove the file to make room again."""
    filler = place / "filler"
    with filler.open("wb", buffering=0) as stream:
        for size in (65536, 4096, 512, 1):
            with contextlib.suppress(OSError):
                while True:
                    stream.write(b"x" * size)
    return filler


def read_identity(job: Job, name: str) -> Identity:
    """Read who the supervisor (`sup.json`) or the worker (`worker.json`) of a job is."""
    path = job.directory / name
    wait_until(path.exists, str(path))
    found: Identity = json.loads(path.read_bytes())
    return found


class Stage:
    """Holds builds inside a phase of one's choice, so that something can happen to them there."""

    def __init__(self, box: Box, server: GatedServer) -> None:
        """Publish what the phases need; `server` serves the box's channel."""
        self.box = box
        self.server = server
        self.gate = make_gate(box)
        files = {f"share/heavy/{index}": f"{index}\n" * 99 for index in range(30)}
        make_package(box.channel, "heavy", files=files)
        for number in range(4):
            files = {f"share/many{number}/{i}.txt": f"{number} {i}\n" for i in range(700)}
            make_package(box.channel, f"many{number}", files=files)
        index_channel(box.channel)
        wheels = box.root / "wheels"
        wheels.mkdir()
        self.pip = PipSettings(find_links=(str(wheels),), no_index=True, offline=True)

    def write_spec(self, phase: str) -> Path:
        """Write the spec whose build can be held in a phase."""
        packages = {
            "fetch": ("app", "heavy"),
            "link": ("app", *(f"many{number}" for number in range(4))),
            "pip": ("gated",),
            "probe": ("gated",),
        }.get(phase, ("app",))
        pip = ("something",) if phase == "pip" else ()
        return self.box.write_spec(*packages, pip=pip, channel=self.server.url)

    @contextlib.contextmanager
    def holding(self, phase: str) -> Iterator[Job]:
        """Submit a build and yield it when it is inside a phase; let it go on at the end."""
        self.gate.unlink(missing_ok=True)
        self.server.gate.clear()
        self.server.reached.clear()
        self.server.held = {"solve": "repodata", "fetch": "heavy-1.0"}.get(phase, "")
        with contextlib.ExitStack() as held:
            if phase == "wait":
                envs = self.box.settings.paths.envs_dir
                held.enter_context(lock_environment(envs, "env", wait_s=5))
            probes = ("python",) if phase == "probe" else ()
            job = self.box.submit(self.write_spec(phase), self.pip, probes=probes)
            wait_for_phase(job, phase)
            if self.server.held:
                wait_until(self.server.reached.is_set, f"the request of {phase}")
            assert job.result() is None, f"{job.id} was faster than phase {phase}"
            try:
                yield job
            finally:
                self.gate.touch()
                self.server.gate.set()
                self.server.held = ""
