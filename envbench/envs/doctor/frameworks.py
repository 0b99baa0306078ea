"""The GPU frameworks of an environment and what their builds say of themselves, as text.

Nothing is imported: torch writes its CUDA version into `torch/version.py`, TensorFlow its whole
build into `build_info.py`, conda into build strings, others into their names.
"""

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from envbench.envs.doctor.view import Distribution, PrefixView
from envbench.files import read_bytes
from envbench.model.build_flavour import Flavour, read_flavour
from envbench.model.cleaning import clean
from envbench.model.compatibility.architectures import find_architectures
from envbench.model.errors import UsageError

_LIMIT_BYTES = 1024 * 1024
_BUILD_CUDA = re.compile(r"(?:^|_)(?:cuda|cu)(\d{2})\.?(\d)?")
_LOCAL_CUDA = re.compile(r"\+cu(\d{2})(\d)")
_TORCH_FIELD = r"^{}(?::[^=\n]*)?\s*=\s*(?:'([^'\n]*)'|None)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Framework:
    """One framework, as it is installed."""

    name: str
    """`torch`, `tensorflow`, `jax`, ..."""
    version: str
    kind: str
    """What it computes on: `cuda`, `rocm`, `cpu`; empty when nothing tells."""
    cuda: str = ""
    """CUDA version that it was built for, `12.4` or only `12`; empty when it is not told."""
    cudnn: str = ""
    codes: tuple[str, ...] = ()
    """The architectures that it has code for; empty when unknown."""
    codes_source: str = ""
    """Where `codes` are from: a file of the prefix, or a table with its date."""
    is_from_table: bool = False
    """`codes` are of a table, not of what is installed."""
    found_in: str = ""
    """The file that tells of the build."""
    packages: tuple[str, ...] = ()
    is_conda: bool = False

    @property
    def build(self) -> str:
        """`cuda 12.4`, `cpu`, or empty."""
        return f"cuda {self.cuda}" if self.kind == "cuda" and self.cuda else self.kind


def list_frameworks(view: PrefixView) -> tuple[Framework, ...]:
    """List the GPU frameworks that are installed, by the order of their fame."""
    return tuple(found for look in _LOOKS for found in look(view))


def _find_torch(view: PrefixView) -> Iterator[Framework]:
    torch = view.visible.get("torch")
    if torch is None:
        return
    path = _locate(torch, "torch/version.py")
    text = _read(view, path)
    cuda, hip = _field(text, "cuda"), _field(text, "hip")
    conda = _conda_kind(view, torch)
    kind = "cuda" if cuda else "rocm" if hip else "cpu" if text else conda[0]
    cuda = cuda or (conda[1] if kind == "cuda" else "") or _local_cuda(torch.version)
    row = find_architectures("torch", cuda) if kind == "cuda" and cuda else None
    yield Framework(
        name="torch",
        version=torch.version,
        kind=kind,
        cuda=cuda,
        codes=row.codes if row else (),
        codes_source=str(row.source) if row else "",
        is_from_table=row is not None,
        found_in=path or torch.info,
        packages=_packages(torch),
        is_conda=bool(torch.conda_package),
    )


def _find_tensorflow(view: PrefixView) -> Iterator[Framework]:
    names = ("tensorflow", "tensorflow-cpu", "tensorflow-gpu", "tf-nightly")
    found = next((view.visible[name] for name in names if name in view.visible), None)
    if found is None:
        return
    path = _locate(found, "tensorflow/python/platform/build_info.py")
    path = path or _locate_any(view, "tensorflow/python/platform/build_info.py")
    info = _read_build_info(_read(view, path))
    conda = _conda_kind(view, found)
    kind = conda[0]
    if info:
        kind = (
            "cuda" if info.get("is_cuda_build") else "rocm" if info.get("is_rocm_build") else "cpu"
        )
    codes = info.get("cuda_compute_capabilities", ())
    yield Framework(
        name="tensorflow",
        version=found.version,
        kind=kind,
        cuda=_plain(info.get("cuda_version")) or (conda[1] if kind == "cuda" else ""),
        cudnn=_plain(info.get("cudnn_version")),
        codes=tuple(_plain(code) for code in codes) if isinstance(codes, list | tuple) else (),
        codes_source=path,
        found_in=path or found.info,
        packages=_packages(found),
        is_conda=bool(found.conda_package),
    )


def _find_jax(view: PrefixView) -> Iterator[Framework]:
    jax, jaxlib = view.visible.get("jax"), view.visible.get("jaxlib")
    if jax is None or jaxlib is None:
        return
    plugins = [name for name in view.visible if re.fullmatch(r"jax-cuda1\d-plugin", name)]
    conda = _conda_kind(view, jaxlib)
    local = re.search(r"\+cuda(\d{2})", jaxlib.version)
    kind, cuda = conda
    if plugins:
        kind, cuda = "cuda", plugins[0][8:10]
    elif local:
        kind, cuda = "cuda", local[1]
    elif any(name.startswith("jax-rocm") for name in view.visible):
        kind, cuda = "rocm", ""
    yield Framework(
        name="jax",
        version=jax.version,
        kind=kind or "cpu",
        cuda=cuda,
        found_in=view.visible[plugins[0]].info if plugins else jaxlib.info,
        packages=("jax", "jaxlib", *plugins),
        is_conda=bool(jaxlib.conda_package),
    )


def _find_cupy(view: PrefixView) -> Iterator[Framework]:
    for name, each in view.visible.items():
        match = re.fullmatch(r"cupy(?:-(?:cuda(?P<cuda>\d{2,3}x?)|rocm-.*))?", name)
        if match is None:
            continue
        major = (match["cuda"] or "")[:2]
        conda = _conda_kind(view, each)
        kind = "rocm" if "rocm" in name else "cuda"
        yield Framework(
            name="cupy",
            version=each.version,
            kind=kind,
            cuda=major or conda[1],
            found_in=each.info,
            packages=_packages(each),
            is_conda=bool(each.conda_package),
        )


def _find_onnxruntime(view: PrefixView) -> Iterator[Framework]:
    for name in ("onnxruntime-gpu", "onnxruntime"):
        each = view.visible.get(name)
        if each is None:
            continue
        path = _locate(each, "onnxruntime/capi/build_and_package_info.py")
        text = _read(view, path)
        cuda = re.search(r"^cuda_version\s*=\s*'(\d+(?:\.\d+)?)", text, re.MULTILINE)
        conda = _conda_kind(view, each)
        is_gpu = name.endswith("-gpu") or cuda is not None or conda[0] == "cuda"
        yield Framework(
            name="onnxruntime",
            version=each.version,
            kind="cuda" if is_gpu else "cpu",
            cuda=cuda[1] if cuda else conda[1] if is_gpu else "",
            found_in=path or each.info,
            packages=_packages(each),
            is_conda=bool(each.conda_package),
        )
        return


def _find_others(view: PrefixView) -> Iterator[Framework]:
    """Find frameworks that are nothing without CUDA and do not say for which they were built."""
    for name in ("vllm", "flash-attn", "deepspeed", "bitsandbytes", "xgboost", "lightgbm"):
        each = view.visible.get(name)
        if each is not None:
            kind, cuda = _conda_kind(view, each)
            local = _local_cuda(each.version)
            yield Framework(
                name=name,
                version=each.version,
                kind="cuda" if local else kind,
                cuda=local or cuda,
                found_in=each.info,
                packages=_packages(each),
                is_conda=bool(each.conda_package),
            )


_LOOKS: tuple[Callable[[PrefixView], Iterator[Framework]], ...] = (
    _find_torch,
    _find_tensorflow,
    _find_jax,
    _find_cupy,
    _find_onnxruntime,
    _find_others,
)


def _packages(distribution: Distribution) -> tuple[str, ...]:
    return tuple(dict.fromkeys(n for n in (distribution.name, distribution.conda_package) if n))


def _conda_kind(view: PrefixView, distribution: Distribution) -> tuple[str, str]:
    """Read from conda's record what a build is for: kind, and CUDA version."""
    package = view.conda.get(distribution.conda_package)
    if package is None:
        return "", ""
    flavour = read_flavour(package.record)
    if flavour is Flavour.CPU:
        return "cpu", ""
    if flavour is not Flavour.GPU:
        return "", ""
    match = _BUILD_CUDA.search(package.record.build)
    version = view.conda.get("cuda-version") or view.conda.get("cudatoolkit")
    if match and match[2]:
        return "cuda", f"{match[1]}.{match[2]}"
    if version is not None:
        return "cuda", ".".join(version.record.version.split(".")[:2])
    return "cuda", match[1] if match else ""


def _local_cuda(version: str) -> str:
    match = _LOCAL_CUDA.search(version)
    return f"{match[1]}.{match[2]}" if match else ""


def _locate(distribution: Distribution, end: str) -> str:
    return next((path for path in distribution.paths if path.endswith(f"site-packages/{end}")), "")


def _locate_any(view: PrefixView, end: str) -> str:
    found = (f"{site}/{end}" for site in view.sites)
    return next((path for path in found if (view.prefix / path).is_file()), "")


def _read(view: PrefixView, path: str) -> str:
    if not path:
        return ""
    try:
        data = read_bytes(view.prefix / path, limit_bytes=_LIMIT_BYTES)
    except UsageError:
        return ""
    return data.decode("utf-8", "replace")


def _field(text: str, name: str) -> str:
    found = re.search(_TORCH_FIELD.format(name), text, re.MULTILINE)
    return clean(found[1] or "", limit=40) if found else ""


def _read_build_info(text: str) -> dict[str, Any]:
    """Read `collections.OrderedDict([(key, value), ...])` without running it."""
    found = re.search(r"^build_info = [\w.]*OrderedDict\((\[.*\])\)", text, re.MULTILINE)
    found = found or re.search(r"^build_info = (\{.*\})", text, re.MULTILINE | re.DOTALL)
    if found is None:
        return {}
    try:
        value = ast.literal_eval(found[1])
        return {str(key): entry for key, entry in dict(value).items()}
    except (ValueError, SyntaxError, TypeError, RecursionError, MemoryError):
        return {}


def _plain(value: object) -> str:
    return clean(value, limit=40) if isinstance(value, str) else ""
