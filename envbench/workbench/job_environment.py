"""Which environment variables a job gets: they lie on disk with it, so no secret may be in them."""

from collections.abc import Mapping

from envbench.model.redaction import holds_secret, redact
from envbench.settings.load import Settings

_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy")
_KEPT = (
    "HOME",
    "PATH",
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "LOGNAME",
    "USER",
    "SHELL",
    "TZ",
    "TMPDIR",
    "TERM",
    "XDG_CACHE_HOME",
    "XDG_CONFIG_HOME",
    "XDG_CONFIG_DIRS",
    "XDG_DATA_HOME",
    "XDG_STATE_HOME",
    "CONDARC",
    "MAMBA_ROOT_PREFIX",
    "LD_LIBRARY_PATH",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "NO_PROXY",
    "no_proxy",
    "NETRC",
    *_PROXIES,
)
_KEPT_PREFIXES = (
    "ENVBENCH_",
    "CONDA_",
    "PIP_",
    "UV_",
    "CUDA_",
    "NVIDIA_",
    "SLURM_JOB",
    # What steers frameworks, or leaks into them: a probe is to see what the user's programs see.
    "PYTHON",
    "OMP_",
    "MKL_",
    "KMP_",
    "OPENBLAS_",
    "NCCL_",
    "TORCH_",
    "PYTORCH_",
    "TF_",
    "XLA_",
    "JAX_",
)


def select_variables(environ: Mapping[str, str], settings: Settings) -> dict[str, str]:
    """Choose the variables that a worker needs, without any that holds a secret.

    A variable whose value would have to be masked is left out as a whole: half an address is worse
    than none. What such variables say of indexes has been read into the settings' credentials
    before; of what they say of proxies `warn_about_proxies` tells.
    """
    chosen = {
        name: value
        for name, value in environ.items()
        if (name in _KEPT or name.startswith(_KEPT_PREFIXES)) and not _is_secret(value)
    }
    auth_file = settings.paths.credentials_file
    if auth_file.exists():
        chosen["RATTLER_AUTH_FILE"] = str(auth_file)
    return chosen


def warn_about_proxies(environ: Mapping[str, str], settings: Settings) -> tuple[str, ...]:
    """Name the proxies that a job will not use, because their addresses hold passwords."""
    in_use = set(settings.network.proxies.values())
    return tuple(
        f"the job does not get {name}, because its address holds a password: put the proxy into"
        " proxy_servers of your condarc, where the job finds it"
        for name in _PROXIES
        if environ.get(name) in in_use and _is_secret(environ[name])
    )


def _is_secret(value: str) -> bool:
    return holds_secret(value) or redact(value) != value
