"""GPUs: the driver, the build, the card, and what stands between them.

Source: the threads named in the rows; texts of PyTorch 2.14, TensorFlow 2.21 and JAX 0.10 seen by running
them with a driver library that answers each code.
"""

import re
from functools import partial

from envbench.model.diagnosis import Confidence
from envbench.probes.diagnosis.cuda_errors import find_error
from envbench.probes.diagnosis.evidence import Evidence
from envbench.probes.diagnosis.rule import Fields, Fix, Rank, Rule

_CUDA_LINE = (
    r"(?P<line>^[^\n]*(?:cuda|\bHIP\b|hipError|cuInit|nvidia|\bgpu|kernel image|device function|\bPTX\b|system not yet"
    r" initialized|unsupported display driver|forward compatibility|busy or unavailable|ECC error"
    r"|launch failure|illegal memory access|misaligned address|device-side assert|MPS client)[^\n]*$)"
)
_FOUND_VERSION = re.compile(
    r"found version (\d+)|driver version(?: is)?:? (\d+[\d.]*)|supports? (?:up to )?CUDA (?:version )?(\d+\.\d+)",
    re.IGNORECASE,
)
_FRAMEWORKS = ("torch", "tensorflow", "jax", "cupy", "numba", "onnxruntime")
_GPU_VARIANTS = {
    "torch": "pytorch-gpu",
    "tensorflow": "tensorflow =*=cuda*",
    "jax": "jaxlib =*=cuda*",
    "xgboost": "xgboost =*=cuda*",
    "onnxruntime": "onnxruntime =*=*cuda",
}
"""What to ask conda for, by module."""

_WITH_CUDA = {"jax": "jax[cuda12]", "torch": "torch", "onnxruntime": "onnxruntime-gpu[cuda,cudnn]"}
"""What to ask pip for, so that CUDA's libraries come with it."""


def _framework(evidence: Evidence) -> str:
    return evidence.result.probe if evidence.result.probe in _FRAMEWORKS else evidence.importer()


def _name_box(fields: Fields, evidence: Evidence) -> Fields:
    visible = evidence.surroundings.environ.get("CUDA_VISIBLE_DEVICES")
    return {
        **fields,
        "user": _framework(evidence),
        "user_or_build": _framework(evidence) or "the framework",
        "driver_said": f" (driver {evidence.surroundings.driver})"
        if evidence.surroundings.driver
        else "",
        "visible": visible or "",
        "visible_said": f" CUDA_VISIBLE_DEVICES is {visible!r}." if visible is not None else "",
        "unset": "unset CUDA_VISIBLE_DEVICES" if visible is not None else "",
    }


def _name_variant(fields: Fields, evidence: Evidence) -> Fields:
    told = _name_box(fields, evidence)
    return told | {
        "gpu_package": _GPU_VARIANTS.get(told["user"], ""),
        "with_cuda": _WITH_CUDA.get(told["user"], "tensorflow[and-cuda]"),
    }


def _read_cuda_error(code: str, fields: Fields, evidence: Evidence) -> Fields | None:
    error = find_error(fields["line"])
    if error is None:
        return None
    told = _name_box(fields, evidence) | {"number": str(error.number)}
    wanted = error.code
    if error.number in {34, 35} and evidence.has_no_driver:
        # The runtime says "insufficient" also when there is no driver at all.
        wanted = "gpu.no_driver"
    return told | _read_driver_version(fields["line"]) if wanted == code else None


def _read_driver_version(text: str) -> Fields:
    found = _FOUND_VERSION.search(text)
    told = next((group for group in found.groups() if group), "") if found else ""
    if told.isdigit() and len(told) >= 4:  # 12040 is 12.4
        told = f"{int(told) // 1000}.{int(told) % 1000 // 10}"
    return {"serves": told, "serves_said": f" It serves CUDA {told} at most." if told else ""}


def _read_old_driver(fields: Fields, evidence: Evidence) -> Fields | None:
    text = next(
        (p.text for p in evidence.passages if _FOUND_VERSION.search(p.text)), fields.get("line", "")
    )
    told = _read_driver_version(text)
    if evidence.has_no_driver and not told["serves"]:
        return None  # the runtime calls a driver that is not there an old one
    return _name_box(fields, evidence) | told


def _judge_out_of_memory(fields: Fields, evidence: Evidence) -> Fields | None:
    """Tell whose memory ran out: the texts of TensorFlow and JAX are the same for both."""
    text = "\n".join(passage.text for passage in evidence.passages)
    if re.search(r"device:CPU:\d|by allocator cpu|TFRT_CPU|platform CPU", text, re.IGNORECASE):
        return None
    facts = evidence.result.facts
    only_cpu = facts.get("gpu_build") is False or facts.get("backend") == "cpu"
    is_ambiguous = "RESOURCE_EXHAUSTED" in fields.get("ambiguous", "").upper()
    if is_ambiguous and only_cpu:
        return None
    return _name_box(fields, evidence)


def _read_arch(fields: Fields, evidence: Evidence) -> Fields:
    text = "\n".join(passage.text for passage in evidence.passages)
    found = re.search(r"\b(?:sm|compute)_(\d{2,3}[a-z]?)", text)
    architectures = " ".join(map(str, evidence.result.facts.get("architectures") or ()))
    told = _name_box(fields, evidence)
    card = found[1] if found else ""
    told["card_said"] = f" (sm_{card})" if card else ""
    told["architectures_said"] = f" It has {architectures}." if architectures else ""
    return told


_DRIVER_FIXES = (
    Fix("install the NVIDIA driver on this box"),
    Fix("in a container: start it with the GPUs", "docker run --gpus all ..."),
    Fix("on a cluster: ask for a GPU", "srun --gres=gpu:1 ..."),
)
_SHOW_HOLDERS = Fix("see who holds the memory, and end or wait for it", "envbench gpus")

_MEANINGS = (
    Rule(
        code="gpu.driver_too_old",
        pattern=_CUDA_LINE,
        title="the NVIDIA driver is too old for {user_or_build}{driver_said}",
        cause="The build was made with a newer CUDA than this driver can serve.{serves_said}",
        fixes=(
            Fix("raise the NVIDIA driver on this box"),
            Fix("take a build of {user} for an older CUDA"),
            Fix("let the solver choose for this driver: solve against the host's __cuda"),
        ),
        rank=Rank.SPECIFIC,
        references=(
            "pytorch/pytorch#4546",
            "tensorflow/tensorflow#21832",
            "https://docs.nvidia.com/deploy/cuda-compatibility/",
        ),
    ),
    Rule(
        code="gpu.fabric",
        pattern=_CUDA_LINE,
        title="the GPUs are not ready: the Fabric Manager does not run (error 802)",
        cause="On boxes with NVSwitch the GPUs answer only once NVIDIA's Fabric Manager, of the very "
        "version of the driver, has set the switches up.",
        fixes=(
            Fix("start the Fabric Manager", "systemctl start nvidia-fabricmanager"),
            Fix("install the one of the driver's version, if it refuses to start"),
        ),
        rank=Rank.SPECIFIC,
        references=("microsoft/onnxruntime#21435", "gpustack/gpustack#1254"),
    ),
    Rule(
        code="gpu.driver_lib_mismatch",
        pattern=_CUDA_LINE,
        title="the driver's library does not belong to the driver that is loaded (error {number})",
        cause="`libcuda.so.1` and the kernel module are of different releases: the driver was updated "
        "without a restart, or another libcuda (a stub, a compat package) is found first.",
        fixes=(
            Fix("restart the box, or reload the kernel modules"),
            Fix("take stray copies of libcuda off LD_LIBRARY_PATH", "ldconfig -p | grep libcuda"),
        ),
        rank=Rank.SPECIFIC,
        references=("NVIDIA/nvidia-docker#1256",),
    ),
    Rule(
        code="gpu.compat",
        pattern=_CUDA_LINE,
        title="CUDA's compatibility package does not work with this card (error 804)",
        cause="Forward compatibility is for data-centre cards only; a `cuda-compat` library is on the "
        "path of the loader.",
        fixes=(
            Fix("take the cuda-compat folder off LD_LIBRARY_PATH"),
            Fix("raise the driver, so that it is not needed"),
        ),
        rank=Rank.SPECIFIC,
        references=("pytorch/pytorch#35710",),
    ),
    Rule(
        code="gpu.init_failed",
        pattern=_CUDA_LINE,
        title="the GPU driver does not start for this process (error {number})",
        cause="The driver is there and answers with an error: after a suspend, in a container without "
        "all device files, with a card in exclusive use, or with a module half loaded.",
        fixes=(
            Fix("reload the module for compute", "rmmod nvidia_uvm && modprobe nvidia_uvm"),
            Fix("restart the container; give it /dev/nvidia-uvm as well"),
            Fix(
                "see whether another process holds the card exclusively", "nvidia-smi -q -d COMPUTE"
            ),
        ),
        rank=Rank.SPECIFIC,
        references=("pytorch/pytorch#49081",),
    ),
    Rule(
        code="gpu.no_driver",
        pattern=_CUDA_LINE,
        title="no NVIDIA driver can be reached from here",
        cause="The driver's library was not found or could not be opened: no driver is installed, or "
        "it was not mounted into this container.",
        fixes=_DRIVER_FIXES,
        rank=Rank.SPECIFIC,
        references=("https://docs.nvidia.com/datacenter/cloud-native/container-toolkit/",),
    ),
    Rule(
        code="gpu.no_visible_device",
        pattern=_CUDA_LINE,
        title="{user_or_build} sees no GPU that it may use",
        cause="The driver works and shows this process no such device.{visible_said}",
        fixes=(
            Fix("show it the cards", "{unset}"),
            Fix("in a container or a batch job: ask for a GPU", "docker run --gpus all ..."),
        ),
        rank=Rank.SPECIFIC,
    ),
    Rule(
        code="gpu.arch",
        pattern=_CUDA_LINE,
        title="{user_or_build} was not built for this card{card_said}",
        cause="A build holds machine code for some generations of cards only, and none that this card "
        "can run.{architectures_said}",
        fixes=(
            Fix("take a build of {user} that has this card's generation"),
            Fix("take one for a newer CUDA when the card is new, for an older one when it is old"),
        ),
        rank=Rank.SPECIFIC,
        references=("pytorch/pytorch#149845", "pytorch/pytorch#167244", "pytorch/pytorch#31285"),
    ),
    Rule(
        code="gpu.oom",
        pattern=_CUDA_LINE,
        title="the GPU's memory is full",
        cause="Another process, or this one, holds most of it.",
        fixes=(_SHOW_HOLDERS, Fix("choose another GPU, or a smaller batch")),
        rank=Rank.SPECIFIC,
    ),
    Rule(
        code="gpu.fault",
        pattern=_CUDA_LINE,
        title="a computation on the GPU went wrong (error {number})",
        cause="A kernel touched what it must not, or the card has a fault; later calls of the process "
        "fail as well.",
        fixes=(
            Fix("find the call that did it", "export CUDA_LAUNCH_BLOCKING=1"),
            Fix("look for errors of the card in the kernel's log", "dmesg | grep -i xid"),
        ),
    ),
)


def _of_cuda_errors() -> tuple[Rule, ...]:
    """Make, of each meaning, the row that fires at CUDA's own numbers, names and words."""
    return tuple(
        Rule(
            code=meaning.code,
            pattern=meaning.pattern,
            title=meaning.title,
            cause=meaning.cause,
            fixes=meaning.fixes,
            rank=meaning.rank,
            references=meaning.references,
            packages=("{user}",),
            refine=partial(_read_cuda_error, meaning.code),
        )
        for meaning in _MEANINGS
    )


def _also(code: str, pattern: str, refine: object = _name_box, **more: object) -> Rule:
    """Make another row with the meaning of a code, for the words of a framework."""
    meaning = next(rule for rule in _MEANINGS if rule.code == code)
    fields: dict[str, object] = {
        "title": meaning.title,
        "cause": meaning.cause,
        "fixes": meaning.fixes,
        "rank": meaning.rank,
        "references": meaning.references,
        "packages": ("{user}",),
        "refine": refine,
        **more,
    }
    return Rule(code=code, pattern=pattern, **fields)  # type: ignore[arg-type]


RULES = (
    Rule(
        code="lib.cuda_runtime_missing",
        pattern=r"Could not find cuda drivers on your machine|Cannot dlopen some GPU libraries"
        r"|Could not load dynamic library '(?P<library>lib(?:cudart|cublas|cublasLt|cufft|curand|cusolver"
        r"|cusparse|cudnn)[\w.]*)'",
        title="{user_or_build} does not find CUDA's libraries, so it uses no GPU",
        cause="It says so when it cannot load CUDA's runtime libraries, whatever the driver: it was installed "
        "without them.",
        fixes=(
            Fix("install it with CUDA's libraries", "pip install '{with_cuda}'"),
            Fix("take conda's GPU build", requires=("{gpu_package}",)),
        ),
        rank=Rank.SPECIFIC,
        is_notice=True,
        refine=_name_variant,
        packages=("{user}",),
        references=(
            "tensorflow/tensorflow#62328",
            "tensorflow/tensorflow#66750",
            "tensorflow/tensorflow#60503",
        ),
    ),
    Rule(
        code="lib.cuda_runtime_missing",
        pattern=r"Failed to create (?P<provider>CUDA|Tensorrt)ExecutionProvider|Require cuDNN [\d.*]+ and CUDA [\d.*]+",
        title="ONNX Runtime cannot start its GPU part, so it uses the CPU",
        cause="The libraries of CUDA or cuDNN that this build needs are not there, or are of another release.",
        fixes=(
            Fix("install it with CUDA's libraries", "pip install 'onnxruntime-gpu[cuda,cudnn]'"),
            Fix(
                "load those that torch brings: import torch first, or call onnxruntime.preload_dlls()"
            ),
        ),
        packages=("onnxruntime-gpu",),
        references=("microsoft/onnxruntime#21684", "microsoft/onnxruntime#22930"),
    ),
    Rule(
        code="lib.outdated",
        pattern=r"Outdated (?P<name>(?!cuDNN)\w+) installation found(?:[\s\S]{0,200}?Minimum supported: (?P<wanted>\d+)"
        r"[\s\S]{0,60}?Installed version: (?P<found>\d+))?",
        title="{user_or_build} needs a newer {name}",
        cause="The library that was found is older than the build takes: another copy of CUDA stands before the "
        "one that came with it, or the wheels of CUDA are of another release.{versions}",
        fixes=(
            Fix("install {user} together with its own CUDA libraries, all of one release"),
            Fix("take other copies of CUDA off LD_LIBRARY_PATH"),
        ),
        rank=Rank.SPECIFIC,
        refine=lambda fields, evidence: {
            **_name_box(fields, evidence),
            "versions": f" It has {fields['found']}, and at least {fields['wanted']} is needed."
            if fields["wanted"]
            else "",
        },
        packages=("{user}",),
        references=("jax-ml/jax#17497",),
    ),
    Rule(
        code="lib.cuda_runtime_missing",
        pattern=r"Unable to load (?P<library>cu\w+|CUDA|nv\w+|NCCL)\. Is it installed",
        title="{user_or_build} does not find {library}, so it uses no GPU",
        cause="The libraries of CUDA that its GPU part is linked to were not found.",
        fixes=(Fix("install {user} together with its own CUDA libraries, all of one release"),),
        refine=_name_box,
        packages=("{user}",),
    ),
    _also(
        "gpu.driver_too_old",
        r"driver on your system is too old|driver version is (?:insufficient|too old|older)"
        r"|(?:please )?(?:update|upgrade) your (?:GPU|NVIDIA|CUDA)? ?driver"
        r"|Unsupported \.version [\d.]+; current version is"
        r"|requires? (?:at least )?(?:NVIDIA )?driver (?:version )?(?:>=? ?)?[\d.]+|Driver/library too old"
        r"|(?:unsupported|minimum required) (?:CUDA|NVIDIA) driver"
        r"|CUDA driver [^\n]{0,40}(?:older|lower) than[^\n]{0,40}(?:runtime|toolkit|required)",
        _read_old_driver,
    ),
    _also(
        "gpu.driver_lib_mismatch",
        r"Driver/library version mismatch|kernel version [\d.]+ does not match DSO version"
        r"|API mismatch: the client has the version",
        lambda fields, evidence: _name_box(fields, evidence) | {"number": "18 of NVML"},
    ),
    _also(
        "gpu.init_failed",
        r"CUDA driver initialization failed|CUDA unknown error|Unable to determine the device handle for"
        r"|GPU is lost|NVML: Unknown Error|failed to initialize (?:CUDA|NVML|cuda driver)(?!: Driver)",
        lambda fields, evidence: _name_box(fields, evidence) | {"number": "unknown"},
        rank=Rank.CAUSE,
    ),
    _also(
        "gpu.no_driver",
        r"Found no NVIDIA driver|no NVIDIA driver (?:was )?(?:found|installed|detected)"
        r"|NVIDIA driver (?:is |was )?not (?:found|installed|loaded|detected|present)|CUDA driver library cannot be found"
        r"|libcuda\.so(?:\.1)?[^\n]{0,10} cannot (?:be )?(?:open|found)|NVML Shared Library Not Found"
        r"|(?:can't|cannot|could ?n[o']t) (?:find|load|locate|communicate with)(?: the)? (?:libcuda|NVIDIA driver|CUDA driver)"
        r"|libcuda\.so(?:\.1)? (?:was )?not found|not find (?:an )?NVIDIA driver|0 active drivers"
        r"|kernel driver does not appear to be running",
    ),
    _also(
        "gpu.no_visible_device",
        r"No (?:CUDA|HIP|XPU) GPUs are available|no (?:CUDA|ROCm|HIP)[- ](?:capable )?(?:device|GPU)s?[^\n]{0,20}(?:available|detected|found|visible)"
        r"|CUDA_VISIBLE_DEVICES[^\n]{0,60}(?:invalid|hid|no )|Invalid device(?: ordinal| id| argument)"
        r"|No visible GPU devices|no GPUs? (?:were |was |are )?(?:found|available|detected|visible)",
        rank=Rank.CAUSE,
    ),
    _also(
        "gpu.arch",
        r"is not compatible with the current PyTorch installation"
        r"|(?:sm|compute)_\d+[a-z]? is not (?:compatible|supported)"
        r"|no longer supports this GPU because it is too old"
        r"|not built with CUDA kernel binaries compatible with compute capability"
        r"|invalid value for --gpu-architecture|Unsupported gpu architecture"
        r"|only supports? (?:Ampere|Hopper|Turing|Volta|Blackwell|Ada)[\w ]*GPUs"
        r"|(?:requires?|needs?|only supported on)[^\n]{0,60}(?:compute capability|CUDA capability)[^\n]{0,20}\d"
        r"|GPU[^\n]{0,60}(?:compute|CUDA) capability[^\n]{0,20}\d[^\n]{0,60}(?:not supported|too low|below|unsupported)"
        r"|PTX was compiled for a different|no (?:suitable|compatible) (?:cubin|kernel)"
        r"|No supported GPU compute capabilit|TensileLibrary|for GPU arch ?: ?gfx\d|CUDNN_STATUS_ARCH_MISMATCH|CUBLAS_STATUS_ARCH_MISMATCH",
        _read_arch,
    ),
    _also(
        "gpu.oom",
        r"(?:CUDA|HIP|GPU|device|cuda runtime error|out_of_memory: CUDA|cudaMalloc)[^\n]{0,80}"
        r"\bout of (?:device )?memory|OutOfMemoryError: (?:CUDA|HIP|Out of memory allocating)"
        r"|(?P<ambiguous>RESOURCE_EXHAUSTED)[^\n]{0,40}Out of memory|OOM when allocating tensor"
        r"|CUBLAS_STATUS_NOT_INITIALIZED|CUSOLVER_STATUS_NOT_INITIALIZED|CUBLAS_STATUS_ALLOC_FAILED|CUDNN_STATUS_ALLOC_FAILED|failed to allocate [^\n]{0,40}from device"
        r"|BFCArena::AllocateRawInternal|No available memory for the cache blocks"
        r"|rmm[^\n]{0,60}(?:out.of.memory|bad_alloc)|Free memory on device[^\n]{0,80}is less than",
        _judge_out_of_memory,
    ),
    *_of_cuda_errors(),
    Rule(
        code="gpu.cudnn_mismatch",
        pattern=r"Loaded runtime CuDNN library: (?P<found>[\d.]+) but source was compiled with: (?P<built>[\d.]+)"
        r"|cuDNN version incompatibility: PyTorch was compiled against (?P<built2>\([\d, ]+\)|[\d.]+)"
        r" but (?:found|linked against)(?: runtime version)? (?P<found2>\([\d, ]+\)|[\d.]+)"
        r"|(?P<status>CUDNN_STATUS_(?:NOT_INITIALIZED|INTERNAL_ERROR|EXECUTION_FAILED))"
        r"|CUDNN_STATUS_(?:SUBLIBRARY_)?VERSION_MISMATCH|CUDNN_STATUS_SUBLIBRARY_LOADING_FAILED"
        r"|cudnn[\w ]{0,20}(?:library )?version mismatch"
        r"|(?:jax|JAX) was (?:not )?(?:built|compiled)[^\n]{0,40}cuDNN[^\n]{0,60}(?:version|found)"
        r"|Outdated cuDNN installation found|cuDNN[^\n]{0,40}(?:older|newer) than[^\n]{0,60}(?:built|compiled|required)"
        r"|Unable to load any of \{libcudnn|Cannot load symbol cudnn\w+",
        title="cuDNN is another release than {user_or_build} was built with{versions}",
        cause="The cuDNN that was found at run time is older than the build's, or its parts come from two "
        "places; LD_LIBRARY_PATH often brings the wrong one.",
        fixes=(
            Fix("raise cudnn to {built} or newer", requires=("cudnn >={built}",)),
            Fix("take other copies of cuDNN off LD_LIBRARY_PATH"),
        ),
        rank=Rank.SPECIFIC,
        refine=lambda fields, evidence: _name_cudnn(fields, evidence),
        packages=("cudnn", "{user}"),
        references=(
            "tensorflow/tensorflow#60913",
            "jax-ml/jax#16038",
            "conda-forge/jaxlib-feedstock#329",
        ),
    ),
    Rule(
        code="gpu.nccl",
        pattern=r"\bncclUnhandledCudaError|\bnccl(?:System|Internal|Invalid\w*|Remote)Error|NCCL (?:error|failure)"
        r"|NCCL[^\n]{0,40}(?:version mismatch|unhandled|not compatible)|NCCL WARN|Duplicate GPU detected : rank"
        r"|built with(?:out)? NCCL support",
        title="NCCL cannot connect the GPUs",
        cause="NVIDIA's collective communication failed: its library does not fit the build, shared memory "
        "is too small, or the network between the cards is not usable.",
        fixes=(
            Fix("let it say more", "export NCCL_DEBUG=INFO"),
            Fix("in a container: give it shared memory", "docker run --ipc=host ..."),
        ),
        packages=("nccl",),
    ),
    Rule(
        code="gpu.ptxas",
        pattern=r"libdevice not found|Can't find libdevice|libdevice\.10\.bc"
        r"|ptxas[^\n]{0,120}(?:not found|too old|does not exist|No such file|is not defined for option|exited with|returned an error)"
        r"|Couldn't (?:invoke|get) ptxas|(?:Cannot|could not|failed to) find ptxas|ptxas fatal"
        r"|(?:cannot|could not|unable to) find (?:the )?CUDA_HOME|CUDA_HOME (?:environment variable is not set|does not exist)"
        r"|nvcc[^\n]{0,40}(?:not found|No such file)",
        title="CUDA's compiler tools are missing or too old",
        cause="XLA, Triton and extensions compile for the card while they run, and need `ptxas` and "
        "`libdevice`, which the runtime libraries do not bring.",
        fixes=(
            Fix("add CUDA's compiler", requires=("cuda-nvcc",)),
            Fix("tell XLA where it is", "export XLA_FLAGS=--xla_gpu_cuda_data_dir=$CONDA_PREFIX"),
        ),
        rank=Rank.SPECIFIC,
        packages=("cuda-nvcc",),
        references=(
            "tensorflow/tensorflow#56927",
            "conda-forge/tensorflow-feedstock#296",
        ),
    ),
    Rule(
        code="gpu.cpu_only_build",
        pattern=r"(?:not|n't|never) (?:been )?(?:compiled|built|build|installed|enabled|linked)[^\n.]{0,30}"
        r" (?:with|for|in)?[^\n.]{0,20}\b(?:CUDA|GPU|ROCm|HIP|cuDNN)\b"
        r"|(?:compiled|built|build) (?:\w+ )?(?:without|w/o|with no)[^\n.]{0,20} (?:CUDA|GPU|ROCm)"
        r"|CUDA[- ]enabled jaxlib is not installed|(?:CUDA|GPU)[\w ]{0,20} was not enabled in this build"
        r"|provider 'CUDAExecutionProvider' is not in available provider"
        r"|\bno (?:CUDA|GPU) support\b|CUDA support (?:is )?(?:not|disabled)|cpu[- ]only (?:build|version|install)"
        r"|(?:Compile|build) with USE_CUDA=1|'CUDA' backend[^\n]{0,80}doesn't exist for this backend"
        r"|has no attribute '(?-i:(?:\w+_)?(?:Standard)?(?:Gpu|Cuda)(?:[A-Z]\w*)?)'"
        r"|CUDA is not (?:supported|enabled) in this|no module named 'torch\._C\._cuda|_cuda_getDeviceCount'"
        r"|The installed version of bitsandbytes was compiled without GPU",
        title="{user_or_build} is a build for the CPU",
        cause="The variant that is installed has no code for GPUs at all: no driver and no setting will "
        "make it use one.",
        fixes=(
            Fix("take the GPU variant", requires=("{gpu_package}",)),
            Fix("take the wheel of {user} that is made for CUDA"),
        ),
        rank=Rank.SPECIFIC,
        refine=_name_variant,
        packages=("{user}",),
        references=("conda/conda#14761", "pytorch/pytorch#32369"),
    ),
    Rule(
        code="gpu.cuda_setup",
        pattern=r"CUDA Setup failed despite (?:GPU|CUDA) being available|CUDA SETUP: |bitsandbytes library load error"
        r"|Could not find the bitsandbytes CUDA binary|libbitsandbytes_\w+\.so",
        title="bitsandbytes has no library for this CUDA",
        cause="It carries one library for each CUDA it knows, and the one of this PyTorch is not among them, "
        "or cannot be loaded.",
        fixes=(
            Fix("take a newer bitsandbytes", requires=("bitsandbytes >=0.46",)),
            Fix("see what it looked for", "python -m bitsandbytes"),
        ),
        packages=("bitsandbytes",),
        references=("TimDettmers/bitsandbytes#1559", "TimDettmers/bitsandbytes#862"),
    ),
    Rule(
        code="gpu.no_visible_device",
        pattern=r"Unknown backend:? '(?:gpu|cuda)'|Unable to initialize backend '(?:cuda|gpu)'",
        title="JAX has no GPU to compute on",
        cause="Its GPU plugin is missing, could not start, or found no device.",
        fixes=(Fix("look at the first lines of the log: the plugin says why"),),
        rank=Rank.LAST,
        confidence=Confidence.GUESS,
        packages=("jax",),
    ),
)


def _name_cudnn(fields: Fields, evidence: Evidence) -> Fields:
    def plain(version: str) -> str:
        return ".".join(re.findall(r"\d+", version))

    built = plain(fields.get("built", "") or fields.get("built2", ""))
    found = plain(fields.get("found", "") or fields.get("found2", ""))
    said = f": {found} instead of {built}" if built and found else ""
    told = _name_box(fields, evidence) | {"built": built, "versions": said}
    if fields.get("status"):
        told["title"] = "cuDNN does not start, or breaks off"
        told["cause"] = (
            "Most often another cuDNN than the build's was found first, or no memory was left on the card."
        )
    return told
