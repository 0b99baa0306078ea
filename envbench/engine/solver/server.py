"""The solver process: reads requests from standard input, answers on standard output.

It never ends by returning: the native library may crash an interpreter that shuts down, so the
last step is always `os._exit`.
"""

import asyncio
import contextlib
import os
import queue
import sys
import threading
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

from envbench.engine.backends.rattler.repodata import RepodataStore, ReportPending
from envbench.engine.backends.rattler.search import search_name
from envbench.engine.backends.rattler.solve import TryOutcome, solve_request, try_request
from envbench.engine.backends.rattler.solver_memory import SolverMemory
from envbench.engine.engine_settings import EngineSettings
from envbench.engine.outside_text import show_text
from envbench.engine.solver.failures import to_failed
from envbench.engine.solver.guard import end_with_parent, set_limits
from envbench.engine.solver.protocol import (
    PROTOCOL,
    AnyAnswer,
    AnyRequest,
    Configure,
    Failed,
    FindPackages,
    Found,
    Pick,
    ProtocolError,
    Ready,
    Refused,
    Solve,
    Solved,
    Tried,
    Try,
    VersionsIn,
    Waiting,
    encode_message,
    read_requests,
)
from envbench.jobs.private_pipe import PrivatePipe
from envbench.model.cleaning import clean
from envbench.model.errors import EnvbenchError
from envbench.model.plan import Plan
from envbench.model.redaction import register_url_secret, split_url_secrets

if TYPE_CHECKING:
    from rattler import RepoDataRecord

_READ_BYTES = 1 << 16


def main() -> None:
    """Serve until standard input ends."""
    code = 1
    try:
        end_with_parent(os.getppid())
        _serve(PrivatePipe())
        code = 0
    finally:
        _leave(code)


def _leave(code: int) -> None:
    """End the process at once; the last words of a failure go to standard error."""
    if code:
        traceback.print_exc()
    sys.stderr.flush()
    os._exit(code)


def _serve(pipe: PrivatePipe) -> None:
    requests: queue.Queue[AnyRequest] = queue.Queue()
    threading.Thread(target=_read_forever, args=(requests,), daemon=True).start()
    first = requests.get()
    if not isinstance(first, Configure) or first.protocol != PROTOCOL:
        raise ProtocolError("the first line must be a configuration of this protocol")
    memory = SolverMemory(_prepare(first.settings))
    import rattler

    pipe.send(encode_message(Ready(pid=os.getpid(), library=f"py-rattler {rattler.__version__}")))
    with asyncio.Runner() as runner:
        while True:
            request = requests.get()
            if not isinstance(request, Configure):
                runner.run(_answer(memory, request, pipe))


def _read_forever(requests: "queue.Queue[AnyRequest]") -> None:
    """Hand on requests; end the process at the end of input, even in the middle of a solve."""
    code = 1
    try:
        reader = read_requests()
        while data := os.read(0, _READ_BYTES):
            for request in reader.feed(data):
                requests.put(request)
        code = 0
    finally:
        _leave(code)


def _prepare(settings: EngineSettings) -> RepodataStore:
    for url in settings.proxies.values():
        if secret := split_url_secrets(url)[1]:
            register_url_secret(secret)
    set_limits(file_bytes=settings.max_repodata_bytes, memory_bytes=settings.max_memory_bytes)
    with contextlib.suppress(OSError):  # a solve says what is wrong with it
        Path(settings.repodata_dir).mkdir(mode=0o700, parents=True, exist_ok=True)
    return RepodataStore(settings)


async def _answer(
    memory: SolverMemory, request: Solve | Try | FindPackages, pipe: PrivatePipe
) -> None:
    def report(channels: tuple[str, ...]) -> None:
        pipe.send(encode_message(Waiting(id=request.id, channels=channels)))

    try:
        if isinstance(request, Solve):
            answer = await _solve(memory, request, report)
        elif isinstance(request, Try):
            answer = await _try(memory, request, report)
        else:
            answer = await _search(memory.store, request, report)
    except EnvbenchError as error:
        answer = to_failed(request.id, error)
    except Exception as error:  # noqa: BLE001 - the edge of the process: whoever asked must hear of it
        answer = _fail_unexpectedly(request.id, error)
    pipe.send(encode_message(answer))


async def _solve(memory: SolverMemory, request: Solve, report: ReportPending) -> AnyAnswer:
    outcome = await solve_request(
        memory, request.request, report, lessons=request.lessons, explain=request.explain
    )
    if isinstance(outcome, Plan):
        return Solved(id=request.id, plan=outcome)
    return Refused(id=request.id, conflict=outcome)


async def _try(memory: SolverMemory, request: Try, report: ReportPending) -> AnyAnswer:
    outcome = await try_request(
        memory, request.request, request.kept, report, lessons=request.lessons
    )
    return Tried(
        id=request.id,
        picks=tuple(
            _pick(record, outcome)
            for record in sorted(outcome.picks, key=lambda r: r.name.normalized)
        ),
        refusal=outcome.refusal,
        solve_s=outcome.solve_s,
        records=outcome.records,
    )


def _pick(record: "RepoDataRecord", outcome: TryOutcome) -> Pick:
    return Pick(
        name=clean(record.name.normalized, limit=128),
        version=clean(str(record.version), limit=128),
        build=clean(str(record.build), limit=128),
        channel=outcome.name_channel(record.channel or ""),
    )


async def _search(store: RepodataStore, request: FindPackages, report: ReportPending) -> AnyAnswer:
    found = await search_name(
        store,
        request.name,
        request.channels,
        request.platform,
        offline=request.offline,
        report=report,
        silent_s=request.silent_s,
    )
    versions = tuple(VersionsIn(channel=c, versions=tuple(v)) for c, v in found.versions.items())
    return Found(id=request.id, versions=versions, close_names=found.close_names)


def _fail_unexpectedly(request_id: int, error: Exception) -> Failed:
    text = show_text(str(error), limit=1000)
    why = f"{type(error).__name__}: {text}"
    what = "the solver failed in an unexpected way"
    return Failed(id=request_id, error="engine", what=what, why=why, broken=True)
