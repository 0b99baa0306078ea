"""The box: memory, threads, disk, rights, the CPU; and crashes that the log names.

Source: errno(3); messages of NumPy, PyTorch, OpenBLAS, libgomp, Arrow, OpenCV, XLA; tensorflow#17411,
#45744.
"""

import re

from envbench.probes.diagnosis.evidence import Evidence
from envbench.probes.diagnosis.rule import Fields, Fix, Rank, Rule


def _name_user(fields: Fields, evidence: Evidence) -> Fields:
    limit = re.search(r"allocate ([\d.]+ ?[KMGT]i?B|\d+ bytes)", "\n".join(fields.values()))
    return {
        **fields,
        "user": evidence.importer(),
        "user_or_it": evidence.importer() or "the package",
        "amount": f": {limit[1]} were asked for" if limit else "",
        "path_said": f": {fields['path']}" if fields.get("path") else "",
    }


def _name_features(fields: Fields, evidence: Evidence) -> Fields:
    text = fields.get("features") or ""
    named = [word.lower() for word in re.findall(r"\b[A-Za-z][\w.]{2,}\b", text)]
    wanted = [word for word in named if re.match(r"avx|sse|fma|bmi|aes|amx|neon|sve|x86", word)]
    flags = evidence.surroundings.cpu_flags
    missing = [word for word in wanted if flags and word.replace(".", "_") not in flags]
    named_here = ", ".join(missing or wanted)
    return {
        **_name_user(fields, evidence),
        "features_said": f" ({named_here})" if named_here else "",
        "confidence": "certain" if missing else "likely",
    }


_SMALLER = (
    Fix("free memory, or raise the limit of this job, container or shell", "ulimit -v unlimited"),
    Fix("let libraries start fewer threads", "export OMP_NUM_THREADS=1"),
)

RULES = (
    Rule(
        code="host.oom",
        pattern=r"Unable to allocate [^\n]{0,80}|DefaultCPUAllocator|_ArrayMemoryError|\bMemoryError\b|bad_alloc\b"
        r"|BLAS[^\n]{0,20}: ?(?:Memory allocation|Program is Terminated. Because you tried to allocate too many)"
        r"|OMP: System error #12\b|Errno 12\b"
        r"|(?<!TLS\x20)Cannot allocate memory|failed to map segment from shared object: Cannot allocate"
        r"|(?:malloc|realloc|mmap|posix_memalign)[^\n]{0,40} failed|Insufficient memory|LLVM ERROR: out of memory"
        r"|Failed to allocate \d+ bytes|out of memory trying to allocate|ArrowMemoryError|cannot allocate vector"
        r"|RESOURCE_EXHAUSTED[^\n]{0,40}Out of memory|OOM when allocating[^\n]*(?:CPU|cpu)"
        r"|(?<!CUDA\x20)(?<!GPU\x20)(?<!HIP\x20)(?<!card\x20)\bout of memory\b|Could not allocate memory",
        title="no memory was left{amount}",
        cause="The process asked for more than the box, its container or its limit (`ulimit -v`) gives.",
        fixes=_SMALLER,
        refine=_name_user,
        references=("https://docs.python.org/3/library/resource.html#resource.RLIMIT_AS",),
    ),
    Rule(
        code="host.threads",
        pattern=r"can't start new thread|pthread_create[^\n]{0,60}(?:failed|Resource temporarily|returned)"
        r"|Thread creation failed|(?:thread|fork|clone|spawn)[^\n]{0,80}Resource temporarily unavailable"
        r"|Resource temporarily unavailable[^\n]{0,60}(?:thread|fork)|thread constructor failed|failed to (?:spawn|create)"
        r" (?:a )?(?:new )?(?:worker )?thread|OMP: Error #34|BlockingIOError[^\n]{0,40}Errno 11"
        r"|OMP: System error #11|unable to (?:create|start)[^\n]{0,20}thread|creation via pthread_create"
        r"|system_error[\s\S]{0,40}Resource temporarily unavailable",
        title="no more threads or processes may be started",
        cause="The limit of the user, the container or the batch job (`ulimit -u`, `pids.max`) is reached; "
        "numerical libraries start one thread a core, each.",
        fixes=(
            Fix("let libraries start fewer threads", "export OMP_NUM_THREADS=1"),
            Fix("raise the limit", "ulimit -u unlimited"),
        ),
        rank=Rank.SPECIFIC,
        refine=_name_user,
    ),
    Rule(
        code="host.open_files",
        pattern=r"Too many open files|(?:Errno |System error #)24\b|EMFILE",
        title="too many files are open",
        cause="The limit of open files of this process or box is reached.",
        fixes=(Fix("raise the limit", "ulimit -n 65536"),),
        rank=Rank.SPECIFIC,
    ),
    Rule(
        code="host.shm",
        pattern=r"insufficient shared memory|out of shared memory|Can't open SHM\d?|creating shared memory segment|unable to (?:open|mmap|allocate) shared memory|unable to mmap"
        r" \d+ bytes from file </torch_|No space left on device[^\n]{0,80}/dev/shm|/dev/shm[^\n]{0,80}No space left",
        title="the shared memory of this box or container is full",
        cause="Worker processes hand data over through /dev/shm; containers get 64 MB of it by default.",
        fixes=(Fix("give the container more", "docker run --ipc=host ... (or --shm-size=8g)"),),
        rank=Rank.SPECIFIC,
    ),
    Rule(
        code="host.disk_full",
        pattern=r"No space left on device(?:: (?P<path>'[^'\n]+'))?|Disk quota exceeded|(?:Errno |System error #)(?:28|122)\b|ENOSPC",
        title="the disk is full{path_said}",
        cause="A file could not be written: no space, no inodes, or the quota is used up.",
        fixes=(
            Fix(
                "make room; see what caches take",
                "df -h; df -i; conda clean --all; pip cache purge",
            ),
            Fix("let temporary files go elsewhere", "export TMPDIR=..."),
        ),
        rank=Rank.SPECIFIC,
        refine=_name_user,
    ),
    Rule(
        code="host.read_only",
        pattern=r"Read-only file system(?:: (?P<path>'[^'\n]+'))?|(?:Errno |System error #)30\b",
        title="something is to be written where nothing can be{path_said}",
        cause="The file system is mounted read-only.",
        fixes=(
            Fix(
                "let caches lie elsewhere (XDG_CACHE_HOME, HF_HOME, MPLCONFIGDIR, NUMBA_CACHE_DIR)"
            ),
        ),
        rank=Rank.SPECIFIC,
        refine=_name_user,
    ),
    Rule(
        code="host.permission",
        pattern=r"(?:no locator available for file (?P<cached>'[^'\n]+')|Permission denied|(?:Errno |System error #)(?:1|13)\b[^\n:]*|Operation not permitted)(?:: (?P<path>'[^'\n]+'))?",
        title="this user may not use a file that is needed{path_said}",
        cause="The file, or a folder above it, is not open to this user.",
        fixes=(
            Fix("give the right to read and enter", "ls -l {path}"),
            Fix("give the right to read and enter it"),
        ),
        refine=_name_user,
    ),
    Rule(
        code="cpu.isa",
        pattern=r"(?:compiled|built) (?:to use|using|with|for)(?P<features>[^\n]{0,80}?(?:AVX|SSE|FMA|X86_V\d|x86-64-v\d|NEON|"
        r"instruct)[^\n]{0,80})[^\n]{0,80}(?:aren't|isn't|not|n't|unsupported)[^\n]{0,40}"
        r"(?:available|support|detect|machine|CPU)"
        r"|(?:baseline optimizations|baseline features)[\s\S]{0,80}(?:machine|CPU)[^\n]{0,20} (?:doesn't|does not) support"
        r"|(?:Missing required CPU features|required CPU features were not|CPU (?:does not|doesn't) (?:support|have))"
        r"(?P<features2>[^\n]{0,120})|requires a (?:CPU|processor) (?:with|that supports)(?P<features3>[^\n]{0,80})"
        r"|processor[^\n]{0,40}(?:lacks|without|not support)[^\n]{0,30}(?:AVX|SSE|instruction)",
        title="{user_or_it} was built for a newer CPU than this one{features_said}",
        cause="The build uses instructions that this CPU does not have.",
        fixes=(
            Fix(
                "take a build for older CPUs (conda-forge's default is x86-64-v1), or another release"
            ),
        ),
        rank=Rank.SPECIFIC,
        refine=lambda fields, evidence: _name_features(
            {
                "features": next(
                    (v for k, v in fields.items() if k.startswith("features") and v), ""
                )
            },
            evidence,
        ),
        packages=("{user}",),
        references=("tensorflow/tensorflow#17411", "tensorflow/tensorflow#45744"),
    ),
    Rule(
        code="net.offline",
        pattern=r"OfflineModeIsEnabled|offline mode|We couldn't connect to '|name resolution|Name or service not known"
        r"|Network is unreachable|Max retries exceeded|LocalEntryNotFoundError|CERTIFICATE_VERIFY_FAILED",
        title="the network was wanted, and a probe has none",
        cause="The package tried to load something from the network, or its certificates are not accepted.",
        fixes=(Fix("fetch what it needs beforehand, and let it look in the cache"),),
    ),
    Rule(
        code="lib.ssl",
        pattern=r"No module named '_ssl'|SSL module is not available|urllib3 v2(?:\.0)? only supports OpenSSL"
        r"|module 'lib' has no attribute '(?:X509_\w+|OpenSSL_\w+|SSL_\w+)'"
        r"|OpenSSL[^\n]{0,40}(?:version mismatch|legacy provider failed)",
        title="Python's, or cryptography's, OpenSSL is not the one that its users need",
        cause="OpenSSL, cryptography and pyopenssl are of different times, or another OpenSSL was found first.",
        fixes=(
            Fix("take openssl, cryptography and pyopenssl from one source, of one time"),
            Fix("take other copies of OpenSSL off LD_LIBRARY_PATH"),
        ),
        rank=Rank.SPECIFIC,
        packages=("openssl", "cryptography", "pyopenssl"),
    ),
)
