"""The worker of `envbench pack`: `envbench.workers.pack`, run isolated."""

import os
from dataclasses import replace
from pathlib import Path

from envbench.engine.backends.rattler.errors import make_disk_error
from envbench.engine.backends.rattler.store import PackageStore
from envbench.engine.engine_settings import EngineSettings
from envbench.engine.packing.fetching import fetch_items, require_room
from envbench.engine.packing.items import select_items
from envbench.engine.packing.layout import LaidOut, lay_out
from envbench.engine.packing.tar_writing import WrittenTar, write_tar
from envbench.jobs.worker import WorkerContext, run_worker
from envbench.model.counting import count_of
from envbench.model.document import from_builtins, to_builtins
from envbench.model.job import JobResult, JobState
from envbench.model.pack import PackRequest, PackResult
from envbench.settings.load import Settings, load_settings
from envbench.workers.engine import describe_engine
from envbench.workers.phases import Phases


def pack(context: WorkerContext) -> JobResult:
    """Make the pack that the request asks for; whatever goes wrong leaves nothing behind."""
    request = from_builtins(context.request.payload, PackRequest)
    os.umask(request.umask)
    settings = load_settings()
    phases = Phases(context.emit)
    engine = describe_engine(settings, offline=request.offline)
    store = PackageStore(Path(engine.pkgs_dir))
    store.prepare()
    store.sweep()
    try:
        with store.make_work_folder() as folder:
            packed = _pack(request, settings, engine, folder, phases)
    except OSError as error:
        raise make_disk_error(error, "the pack could not be made", str(store.root)) from error
    return JobResult(state=JobState.DONE, payload=to_builtins(packed))


def _pack(
    request: PackRequest,
    settings: Settings,
    engine: EngineSettings,
    folder: Path,
    phases: Phases,
) -> PackResult:
    items = select_items(request.lock)
    with phases.run("fetch") as detail:
        pip_engine = _reach_indexes(engine, settings)
        facts = fetch_items(items, folder, engine, pip_engine, phases.forward)
        detail.append(count_of(len(items), "archive"))
    with phases.run("record") as detail:
        laid = lay_out(folder, request.lock, request.name, items, facts)
        detail.append(count_of(len(laid.manifest.files), "file"))
    for warning in laid.warnings:
        phases.say(warning, level="warning")
    output = Path(request.output)
    with phases.run("write") as detail:
        written = _write(laid, output, request.umask, phases)
        detail.append(f"{written.size_bytes >> 20} MiB")
    lock = laid.manifest.lock
    return PackResult(
        path=request.output, name=request.name, platform=lock.platform,
        sha256=written.sha256, size_bytes=written.size_bytes,
        conda_packages=len(lock.packages), pip_packages=len(lock.pip), warnings=laid.warnings,
    )  # fmt: skip


def _write(laid: LaidOut, output: Path, umask: int, phases: Phases) -> WrittenTar:
    require_room(output.parent, laid.size_bytes, "the pack")
    done = 0

    def tell(count: int, path: str) -> None:
        nonlocal done
        done += count
        phases.progress(done, laid.size_bytes, unit="bytes", item=path.rpartition("/")[2])

    return write_tar(output, laid.members, mode=0o666 & ~umask, on_bytes=tell, consume=True)


def _reach_indexes(engine: EngineSettings, settings: Settings) -> EngineSettings:
    """Reach package indexes with their own credentials and certificates."""
    credentials = settings.paths.index_credentials_file
    return replace(
        engine,
        auth_file=str(credentials) if credentials.exists() else None,
        ca_file=settings.pip.ca_file or engine.ca_file,
    )


if __name__ == "__main__":
    run_worker(pack)
