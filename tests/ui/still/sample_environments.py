"""Environments made by hand, and what is known of one: details, probes, locks, a comparison."""

from pathlib import Path

from envbench.envs.verification import PrefixVerification
from envbench.model.compatibility_report import (
    CompatibilityReport,
    CompatibilityRow,
    CompatibilityVerdict,
)
from envbench.model.diagnosis import Confidence, Diagnosis, Remedy, SpecChange
from envbench.model.gpu_trace import GpuUse, TraceSummary
from envbench.model.lock import Loss
from envbench.model.plan import ChangeKind
from envbench.model.probe import ProbeCheck, ProbeError, ProbeResult, ProbeStage, ProbeStatus
from envbench.model.problem import Severity
from envbench.workbench.values.doctor import DoctorReport
from envbench.workbench.values.environment_details import (
    EnvironmentContents,
    EnvironmentDetails,
    GenerationDetails,
    GenerationSize,
)
from envbench.workbench.values.environment_rows import EnvironmentRow, SpecState
from envbench.workbench.values.environment_users import EnvironmentUser
from envbench.workbench.values.generation_comparison import DifferenceRow, GenerationComparison
from envbench.workbench.values.lock_offers import LockOffer, LockOffers, LockOnDisk, LockPreview
from envbench.workbench.values.probe_records import ProbeRecord
from envbench.workbench.values.verifying import VerifyReport
from tests.ui.still.sample_project import DAY_S, FOLDER, HOUR_S, MINUTE_S, ago

NAME = "ai_dev_env"
ENVS = "/home/ada/envs"
GPU = "GPU-7c1d"
MB, GB = 10**6, 10**9
_TRAINING = EnvironmentUser(pid=81233, name="python", how="runs it", generation=3)
_SERVING = EnvironmentUser(pid=9021, name="vllm", how="runs it", generation=2)


def _row(name: str, key: str = "", **more: object) -> EnvironmentRow:
    key = key or f"{ENVS}/{name}"
    given = {"key": key, "name": name, "kind": "envbench", "path": key}
    return EnvironmentRow(**{**given, **more})


ROWS = (
    _row(
        NAME, live_generation=4, generations=3, built_from="ai_dev_env.yml", python="3.9.18",
        spec_state=SpecState.CHANGED, drift="1 pip added", size_bytes=round(7.4 * GB),
        unique_bytes=round(1.1 * GB), last_used=ago(0), users=(_TRAINING,),
    ),
    _row(
        "llm_serving", live_generation=2, generations=1, built_from="llm_serving.yml", drift="",
        spec_state=SpecState.OK, size_bytes=round(9.8 * GB), unique_bytes=round(6.2 * GB),
        last_used=ago(0), users=(_SERVING,),
    ),
    _row(
        "torch22", "/opt/conda/envs/torch22", kind="conda", extras="3 pip over conda",
        read_only="made by conda", size_bytes=round(6.1 * GB), unique_bytes=round(5.9 * GB),
        last_used=ago(41 * DAY_S),
    ),
    _row("tf_legacy", "spec:tf_legacy", kind="", path="", spec_state=SpecState.NOT_BUILT,
         built_from="tf_legacy.yml"),
    _row("vllm", "/home/bob/envs/vllm", kind="conda", read_only="read only for you", owner="bob",
         size_bytes=round(8.8 * GB), unique_bytes=round(8.8 * GB), last_used=ago(DAY_S)),
    _row("base", "/opt/conda", kind="conda base", size_bytes=round(1.2 * GB),
         unique_bytes=round(1.2 * GB), read_only="frozen: whoever made it forbids changes"),
)  # fmt: skip
"""Drift and an old user, sound, another tool's, not built, somebody else's, frozen."""
BROKEN_ROW = _row("lab", fault="its link leads nowhere")


def _generation(number: int, age_s: float, reason: str, packages: int, **more: object) -> object:
    given = {
        "number": number, "is_live": False, "created": ago(age_s), "created_by": "ada@gpu-box-3",
        "reason": reason, "job_id": "", "conda_packages": packages, "pip_packages": 19,
        "channels": ("conda-forge", "pytorch"), "spec_sha256": "", "kept_bytes": 5 * GB,
        "users": (), "kept_because": "",
    }  # fmt: skip
    return GenerationDetails(**{**given, **more})


DETAILS = EnvironmentDetails(
    name=NAME,
    kind="envbench",
    path=f"{ENVS}/{NAME}",
    prefix=f"{ENVS}/.generations/{NAME}-4",
    contents=EnvironmentContents(
        python="3.9.18", platform="linux-64", channels=("conda-forge", "pytorch"),
        variables=("TOKENIZERS_PARALLELISM",), conda_packages=213, pip_packages=19,
        drift="1 pip added", damage=(),
    ),
    generations=(
        _generation(4, 2 * HOUR_S, "build ai_dev_env.yml", 213, is_live=True, kept_because="live"),
        _generation(3, 6 * DAY_S, "build ai_dev_env.yml", 209, users=(_TRAINING,),
                    kept_because="in use by pid 81233"),
        _generation(2, 19 * DAY_S, "rollback to 1", 201),
    ),
    users=(_TRAINING,),
    activate=(),
    read_only="",
    fault="",
)  # fmt: skip
SIZES = (
    GenerationSize(number=4, total_bytes=5 * GB, unique_bytes=760 * MB),
    GenerationSize(number=3, total_bytes=5 * GB, unique_bytes=410 * MB),
    GenerationSize(number=2, total_bytes=4 * GB, unique_bytes=340 * MB),
)
COMPARISON = GenerationComparison(
    environment=NAME,
    a=3,
    b=4,
    rows=(
        DifferenceRow(part="conda", kind=ChangeKind.UPGRADE, name="pytorch", old="1.13.0", new="1.13.1"),
        DifferenceRow(part="conda", kind=ChangeKind.DOWNGRADE, name="typing-extensions", old="4.12.2", new="4.5.0"),
        DifferenceRow(part="pip", kind=ChangeKind.ADD, name="openai", old="", new="1.5.0"),
        DifferenceRow(part="variable", kind=ChangeKind.REBUILD, name="OMP_NUM_THREADS", old="8", new="16"),
    ),
)  # fmt: skip
SOUND_FILES = VerifyReport(
    environment=NAME,
    prefix=f"{ENVS}/{NAME}",
    lock="",
    format="",
    packages=None,
    files=PrefixVerification(
        prefix=Path(ENVS, NAME), conda_packages=213, pip_packages=19, checked_files=48211,
        checked_bytes=7 * GB, missing=(), changed=(), unchecked=0, damaged_records=(),
    ),
)  # fmt: skip

# -- Probes --


def _stages(import_s: float, peak: int) -> tuple[ProbeStage, ...]:
    return (
        ProbeStage(name="static", ok=True, duration_s=0.01),
        ProbeStage(name="import", ok=True, duration_s=import_s, memory_peak_bytes=peak),
        ProbeStage(name="facts", ok=True, duration_s=0.02),
        ProbeStage(name="check:matmul", ok=True, duration_s=0.3),
    )


def _right(device: str, error: float, tolerance: float) -> ProbeCheck:
    return ProbeCheck(name="matmul", device=device, ok=True, error=error, tolerance=tolerance)


def _probe(name: str, version: str, status: ProbeStatus, **more: object) -> ProbeResult:
    installed = {name: {"version": version, "build": ""}} if version else {}
    given = {"probe": name, "prefix": f"{ENVS}/{NAME}", "status": status, "mode": "isolated",
             "distributions": installed}  # fmt: skip
    return ProbeResult(**{**given, **more})


CPU_BUILD = Diagnosis(
    code="gpu.cpu_build",
    severity=Severity.WARNING,
    title="tensorflow is built for the CPU alone",
    cause="A CPU build was chosen: no __cuda was there when this was solved.",
    confidence=Confidence.CERTAIN,
    evidence="build string cpu_py39h4655687_0",
    found_in="facts",
    packages=("tensorflow",),
    references=("conda-forge/tensorflow-feedstock#321",),
    remedies=(
        Remedy(
            text="ask for a build with CUDA",
            changes=(SpecChange(kind="require", requirement="tensorflow * cuda*"),),
            proof="solved: tensorflow 2.13.1",
        ),
        Remedy(text="solve with the profile of the GPU box", command="envbench host > box.toml"),
        Remedy(text="take the wheel", is_refuted=True, proof="no solution: numpy 1.23.5 is too old",
               changes=(SpecChange(kind="require", requirement="tensorflow[and-cuda]", section="pip"),)),
    ),
)  # fmt: skip
EXAMINED = DoctorReport(
    environment=NAME,
    prefix=f"{ENVS}/{NAME}",
    generation=4,
    made=ago(2 * MINUTE_S),
    python="3.9.18",
    findings=(
        Diagnosis(
            code="abi.numpy",
            severity=Severity.ERROR,
            title="pandas was built for NumPy 2, and NumPy 1.23.5 is installed",
            cause="It will fail at import.",
            evidence="pandas/_libs/lib.so asks for _ARRAY_API 0x12",
            found_in=f"{ENVS}/{NAME}/lib/python3.9/site-packages",
            remedies=(Remedy(text="take numpy from conda again", command="pip uninstall numpy"),),
        ),
        CPU_BUILD,
    ),
    remedies_solved=2,
    notes=("3 libraries cannot be read",),
    duration_s=1.9,
)
COMPATIBILITY = CompatibilityReport(
    environment=NAME,
    prefix=f"{ENVS}/{NAME}",
    generation=4,
    made=ago(MINUTE_S),
    python="3.9.18",
    host="gpu-box-3",
    driver="550.54.15",
    cuda="12.4",
    rows=(
        CompatibilityRow(framework="numpy", version="1.23.5", build="openblas", device="cpu",
                         device_id="cpu", verdict=CompatibilityVerdict.WORKS, proof="matmul off by 4e-16"),
        CompatibilityRow(framework="torch", version="1.13.1", build="cuda 11.7", device="A100-SXM4-80GB",
                         device_id=GPU, verdict=CompatibilityVerdict.WORKS, proof="matmul off by 6e-4"),
        CompatibilityRow(framework="torch", version="1.13.1", build="cuda 11.7", device="H100",
                         device_id="GPU-9", verdict=CompatibilityVerdict.WILL_FAIL,
                         reason="no code for sm_90 in this build", proof="arch list sm_37 .. sm_86"),
        CompatibilityRow(framework="tensorflow", version="2.13.1", build="cpu", device="A100-SXM4-80GB",
                         device_id=GPU, verdict=CompatibilityVerdict.DEGRADED,
                         reason="it computes on the CPU", proof="probe of 7 min ago"),
        CompatibilityRow(framework="jax", version="", build="", device="cpu", device_id="cpu",
                         verdict=CompatibilityVerdict.UNKNOWN),
    ),
    findings=(CPU_BUILD,),
    probed=ago(7 * MINUTE_S),
    notes=("jax was not probed",),
)  # fmt: skip
ISOLATED = ProbeResult(probe="tensorflow", prefix=f"{ENVS}/{NAME}", status=ProbeStatus.DEGRADED)
TRACE = TraceSummary(
    started_s=0.0, duration_s=17.0, samples=17, period_s=1.0,
    gpus=(
        GpuUse(index=3, name="A100-SXM4-80GB", own_memory_peak_bytes=1200 * MB, was_used=True,
               utilization_mean_percent=34.2, energy_j=2500.0),
        GpuUse(index=4, name="A100-SXM4-80GB", memory_peak_bytes=GB),
    ),
)  # fmt: skip
_RESULTS = (
    _probe("numpy", "1.23.5", ProbeStatus.OK, stages=_stages(0.4, 42 * MB),
           memory_peak_bytes=42 * MB, checks=(_right("cpu", 4e-16, 1e-12),)),
    _probe("torch", "1.13.1 cu117", ProbeStatus.OK, stages=_stages(4.5, 1100 * MB),
           memory_peak_bytes=1100 * MB, checks=(_right(GPU, 6e-4, 1e-2),),
           facts={"devices": [{"uuid": GPU, "name": "A100-SXM4-80GB"}]}),
    _probe("tensorflow", "2.13.1 cpu", ProbeStatus.DEGRADED, stages=_stages(16.6, 576 * MB),
           memory_peak_bytes=576 * MB, checks=(_right("cpu", 1e-6, 1e-3),),
           reason="8 GPUs are here, it sees none", diagnoses=(CPU_BUILD,),
           unchecked=("mixed precision: no GPU was used",), isolated=ISOLATED, trace=TRACE),
    _probe("jax", "", ProbeStatus.NOT_INSTALLED, reason="jax is not installed"),
    _probe("transformers", "4.57", ProbeStatus.FAILED, stage="import",
           stages=(ProbeStage(name="static", ok=True, duration_s=0.01),
                   ProbeStage(name="import", ok=False, duration_s=2.4)),
           reason="ImportError: cannot import name 'cached_download'",
           errors=(ProbeError(type="ImportError", message="cannot import name 'cached_download'"),),
           frames=("transformers/utils/hub.py:31 in <module>",)),
    _probe("rapids", "23.10", ProbeStatus.TIMEOUT, stage="import",
           reason="no end after 120 s in stage import"),
)  # fmt: skip
PROBES = ProbeRecord(
    environment=NAME,
    job_id="1a205498631-2edbf3b6",
    job_kind="probe",
    state="failed",
    started=ago(7 * MINUTE_S),
    ended=ago(6 * MINUTE_S),
    duration_s=48.0,
    generation=4,
    live_generation=4,
    staleness="",
    asked=(),
    host_gpus=8,
    results=_RESULTS,
    reason="",
    notes=(),
)

# -- Locks --


def _disk(file_name: str, format_name: str, note: str, *, is_stale: bool) -> LockOnDisk:
    return LockOnDisk(
        path=f"{FOLDER}/{file_name}", written=ago(6 * DAY_S), format=format_name,
        is_stale=is_stale, note=note,
    )  # fmt: skip


def _offer(format_name: str, file_name: str, keeps: str, loses: str, **more: object) -> LockOffer:
    lost = (Loss(loses, ("openai", "transformers"), "Whoever reads it has to solve again."),)
    given = {
        "format": format_name, "file_name": file_name, "summary": f"what {format_name} is for",
        "keeps": keeps, "loses": loses, "lost": () if loses == "nothing" else lost, "refusal": "",
        "is_usual": True, "on_disk": None,
    }  # fmt: skip
    return LockOffer(**{**given, **more})


LOCKS = LockOffers(
    environment=NAME,
    generation=4,
    conda_packages=212,
    pip_packages=19,
    from_git=1,
    folder=FOLDER,
    offers=(
        _offer("environment-yml", "environment.yml", "versions", "builds, hashes", is_usual=False),
        _offer("environment-lock", "environment.lock.yml", "212 conda (versions), 19 pip (versions)",
               "platform, addresses, builds, hashes, pip addresses, pip hashes",
               on_disk=_disk("environment.lock.yml", "environment-lock",
                             "env moved on: 2 differ", is_stale=True)),
        _offer("explicit", "explicit.txt", "212 conda (builds, addresses, md5)", "pip packages",
               is_usual=False),
        _offer("explicit-sha256", "explicit.txt", "212 conda (builds, addresses, sha256)",
               "pip packages",
               on_disk=_disk("explicit.txt", "explicit-sha256", "as installed", is_stale=False)),
        _offer("conda-lock", "conda-lock.yml", "212 conda (builds, addresses, md5, sha256), 19 pip",
               "name, variables"),
        _offer("pixi-v6", "pixi.lock", "", "", refusal="openai comes from git without a commit"),
        _offer("pylock", "pylock.toml", "19 pip", "nothing", companions=("explicit.txt",)),
        _offer("dockerfile", "Dockerfile", "212 conda, 19 pip", "name", is_lock=False,
               is_usual=False, companions=("explicit.txt", "requirements.txt", ".dockerignore")),
        _offer("kubernetes", "job.yaml", "", "", is_lock=False, is_usual=False,
               refusal="no image is named"),
    ),
)  # fmt: skip
PREVIEW = LockPreview(
    format="explicit-sha256",
    file_name="explicit.txt",
    text="# platform: linux-64\n@EXPLICIT\nhttps://conda.example.org/conda-forge/linux-64/x.conda#0a1b",
    lines=214,
    is_cut=True,
)
