"""What the rules about versions read out of a text: who needs what, and which code that is."""

import re
import sys

from packaging.version import Version

from envbench.probes.diagnosis.evidence import Evidence
from envbench.probes.diagnosis.module_names import (
    DISTRIBUTIONS,
    GONE_FROM_PYTHON,
    NEW_IN_PYTHON,
    distribution_of,
)
from envbench.probes.diagnosis.rule import Fields

_WORDS_NO_PACKAGE = frozenset(
    [
        "a",
        "an",
        "and",
        "the",
        "this",
        "that",
        "version",
        "versions",
        "release",
        "is",
        "are",
        "be",
        "it",
        "in",
        "of",
        "to",
        "for",
        "with",
        "by",
        "or",
        "not",
        "requires",
        "module",
        "package",
        "library",
        "found",
        "installed",
        "but",
        "least",
        "minimum",
        "which",
        "your",
        "you",
        "have",
        "please",
        "on",
        "python",
        "dependency",
        "from",
        "required",
        "driver",
        "cuda",
        "gpu",
        "using",
        "current",
        "compute",
        "capability",
    ]
)


def find(fields: Fields, stem: str) -> str:
    """Give what one of several branches of a pattern took: groups named `stem`, `stem2`, ..."""
    return next((v for k, v in fields.items() if k.rstrip("0123456789") == stem and v), "")


def read_range(fields: Fields, evidence: Evidence) -> Fields | None:
    """Read which package must be in which range, for whom; None when it names no package."""
    name = find(fields, "name").strip("'\"`.,:")
    wanted = re.sub(r"\s", "", find(fields, "wanted")).rstrip(".,;)")
    if name.lower() in _WORDS_NO_PACKAGE or not wanted:
        return None
    if wanted[0].isdigit():
        wanted = f">={wanted}"
    package = _distribution_name(name)
    found = find(fields, "found").strip("'\"`,;) ").rstrip(".") or evidence.version_of(package)
    user = find(fields, "user") or evidence.importer(name.replace("-", "_").lower())
    if user.lower() in _WORDS_NO_PACKAGE:
        user = evidence.importer(name.replace("-", "_").lower())
    told = {
        "name": package,
        "wanted": wanted,
        "found": found,
        "found_said": f", and this is {found}" if found else "",
        "user": user,
        "user_or_package": user or "a package",
    }
    return told | _code_of_range(package, user, wanted)


def _code_of_range(package: str, user: str, wanted: str) -> Fields:
    is_cap = wanted.startswith("<") and ">" not in wanted
    pair = {package.lower(), user.lower()}
    if package == "numpy":
        return {"code": "abi.numpy.too_new" if is_cap else "abi.numpy.too_old"}
    if package == "protobuf":
        return {"code": "pb.stale_descriptors" if is_cap else "pb.runtime_too_old"}
    if {"torch", "torchvision"} <= pair:
        return {"code": "pin.torchvision"}
    codes = {
        "jax": "pin.jaxlib",
        "jaxlib": "pin.jaxlib",
        "pydantic": "pin.pydantic",
        "pydantic-core": "pin.pydantic",
        "python": "pin.python",
    }
    return {"code": codes[package]} if package in codes else {}


def _distribution_name(name: str) -> str:
    lowered = name.lower()
    if lowered in {"pytorch", "torch"}:
        return "torch"
    return DISTRIBUTIONS.get(name, lowered.replace("_", "-"))


def read_removal(fields: Fields, evidence: Evidence) -> Fields | None:
    """Read what a package says that it has no longer, and since when."""
    name, release = find(fields, "name"), find(fields, "release")
    package = _distribution_name(name)
    if name.lower() in _WORDS_NO_PACKAGE or name[:1].isdigit():
        return None
    user = evidence.importer(name.lower())
    return {
        "name": package,
        "release": release,
        "user": user,
        "user_or_code": user or "the code that runs",
    } | _code_of_range(package, user, f"<{release}")


def read_jaxlib(fields: Fields, evidence: Evidence) -> Fields:
    """Name both releases, and the one that jax asks for."""
    jax = evidence.version_of("jax") or find(fields, "jax")
    return {
        "jaxlib": find(fields, "jaxlib") or evidence.version_of("jaxlib"),
        "jax_said": f" {jax}" if jax else "",
        "wanted": find(fields, "wanted").strip(". "),
        "jax_exact": jax,
    }


def read_name(fields: Fields, evidence: Evidence) -> Fields | None:
    """Explain a name that a module does not have: by what is known of it, else by who asks."""
    name, module = find(fields, "name").strip("'\"`"), find(fields, "module").strip("'\"`")
    top = module.partition(".")[0]
    if name == "__version__" and not top:
        return None
    path = find(fields, "path")
    user = evidence.importer(top) or ""
    package = distribution_of(module)
    version = evidence.version_of(package) or evidence.version_of(top)
    told = {
        "name": name,
        "module": module,
        "package": package,
        "version": version,
        "user": user,
        "user_or_code": user or "the code that runs",
        "version_said": f" {version}" if version else "",
    }
    if _lacks_own_part(name, module, path, evidence):
        return told | _of_cut_build(f"{module}.{name}")
    if top in sys.stdlib_module_names or f"{module}.{name}" in NEW_IN_PYTHON:
        path = path or evidence.find_on_python_path(top)
        return told | _of_python(f"{module}.{name}", user, path, evidence)
    if _is_compiled_part(name, module, evidence):
        return told | _of_other_build(f"{module}.{name}", evidence)
    return told | _code_of_name(top, module, name, user)


def _is_compiled_part(name: str, module: str, evidence: Evidence) -> bool:
    found = evidence.pythons_compiled_for(f"{module}.{name}")
    folder = evidence.module_folder(module)
    has_file = folder is not None and any(folder.glob(f"{name}.*so"))
    return bool(has_file and found and evidence.python and evidence.python not in found)


def _lacks_own_part(name: str, module: str, path: str, evidence: Evidence) -> bool:
    """Tell whether a package looks for a compiled part of its own, and does not have it."""
    top = module.partition(".")[0]
    is_own = evidence.importers[:1] == (top,) and path.endswith("__init__.py")
    is_compiled = any(part.startswith("_") for part in (name, *module.split(".")[1:]))
    return is_own and is_compiled and name.islower()


def _of_cut_build(module: str) -> Fields:
    top = module.partition(".")[0]
    return {
        "code": "abi.python_tag",
        "title": f"{top} has no compiled part for this Python: {module} is missing",
        "cause": "The package is there without this extension: a build for another Python or platform, or an "
        "installation that was cut short.",
        "fix": f"reinstall {distribution_of(top)} with this environment's Python",
    }


def _of_other_build(module: str, evidence: Evidence) -> Fields:
    pythons = ", ".join(evidence.pythons_compiled_for(module))
    top = module.partition(".")[0]
    return {
        "code": "abi.python_tag",
        "title": f"{top} was built for Python {pythons}, and this is {evidence.python}",
        "cause": f"Its compiled part {module} is there, for another Python only.",
        "fix": f"take the build of {distribution_of(top)} for Python {evidence.python}",
        "confidence": "certain",
    }


def _of_python(dotted: str, user: str, path: str, evidence: Evidence) -> Fields:
    who = user or "the code that runs"
    module = dotted.partition(".")[0]
    if gone := GONE_FROM_PYTHON.get(dotted) or GONE_FROM_PYTHON.get(module):
        return {
            "code": "pin.python",
            "title": f"{who} is too old for this Python: {dotted} went away with Python {gone}",
            "cause": f"Python {evidence.python or gone} no longer has what it uses.",
            "fix": f"take a newer {who}, or a Python before {gone}",
        }
    if new := NEW_IN_PYTHON.get(dotted):
        return {
            "code": "pin.python",
            "title": f"{who} needs Python {new} or newer: {dotted} came with it",
            "cause": f"This environment has Python {evidence.python or 'of an older version'}.",
            "fix": f"raise python to {new} or newer",
        }
    if path and not re.search(r"/lib/python\d\.\d+/(?!site-packages)", path):
        return {
            "code": "shadow.module",
            "title": f"a file named {path.rpartition('/')[2]} stands in for Python's own module {module}",
            "cause": f"{path} is found before the standard library.",
            "fix": f"rename {path}, or take its folder off the path",
            "confidence": "certain",
        }
    return {"fix": f"take a release of {who} that fits this Python"}


def _code_of_name(top: str, module: str, name: str, user: str) -> Fields:
    if top == "pydantic" or top == "pydantic_core":
        return {
            "code": "pin.pydantic",
            "title": f"{user or 'a package'} needs the other generation of pydantic",
            "cause": f"pydantic 1 and 2 have different names; {name} is only in one of them.",
            "fix": "take pydantic 2 where its users need RootModel, ConfigDict, field_validator or "
            "TypeAdapter; pydantic 1 where they are older",
        }
    if module.startswith("google.protobuf") or (top == "google" and "protobuf" in module):
        return {
            "code": "pb.runtime_too_old",
            "title": f"protobuf is not of the version that {user or 'its user'} was made for",
            "cause": f"The installed protobuf does not have {name}.",
            "fix": "raise protobuf to the version that its users were generated with",
        }
    if top in {"jax", "jaxlib", "jax_cuda12_plugin", "jax_plugins"}:
        return {
            "code": "pin.jaxlib",
            "title": f"{user or 'a package'} and this jax do not belong together: it has no {name}",
            "cause": f"{module}.{name} is not in the installed release: jax changes such names within months.",
            "fix": "take jax, jaxlib and what is built on them of one time",
        }
    if top == "torchvision" or (top == "torch" and user == "torchvision"):
        return {
            "code": "pin.torchvision",
            "title": "torch and torchvision, or what uses them, are of different releases",
            "cause": f"{module} has no {name} in this release.",
            "fix": "take torchvision of the release that belongs to this torch",
        }
    return {}


def read_protobuf(fields: Fields, evidence: Evidence) -> Fields:
    """Tell generated code that is too old for its library from a library too old for its code."""
    wanted = find(fields, "gencode").rstrip(".")
    runtime = find(fields, "runtime").rstrip(".") or evidence.version_of("protobuf")
    is_stale = bool(wanted and find(fields, "runtime") and Version(wanted) < Version(runtime))
    stale = {
        "code": "pb.stale_descriptors",
        "title": f"code generated for protobuf {wanted} runs with protobuf {runtime}",
        "cause": "The library at run time is a major release newer than the `_pb2` files allow.",
    }
    return (stale if is_stale else {}) | {
        "wanted": wanted,
        "runtime": f" {runtime}" if runtime else "",
        "runtime_said": f" {runtime}" if runtime else " the one",
        "wanted_said": f" {wanted}" if wanted else " a newer one",
        "user": evidence.importer("google"),
        "user_or_code": evidence.importer("google") or "generated code",
    }


def read_circle(fields: Fields, evidence: Evidence) -> Fields:
    """Tell a file of the user's that hides a module from a package that imports itself in a circle."""
    module, path = find(fields, "module").strip("'\""), find(fields, "path")
    top = module.partition(".")[0]
    told = {"module": module, "path": path or f"your {top}.py"}
    prefix = evidence.result.prefix
    inside = bool(
        re.search(rf"(?:site|dist)-packages/{re.escape(top)}\b", path)
        or (prefix and path.startswith(f"{prefix}/"))
    )
    dotted = f"{module}.{find(fields, 'name')}"
    if _is_compiled_part(find(fields, "name"), module, evidence):
        return told | _of_other_build(dotted, evidence)
    if inside and top == "torchvision":
        return told | {
            "code": "pin.torchvision",
            "title": "torchvision could not be imported whole: it does not belong to this torch",
            "cause": "Its operators were not registered, and then it was imported a second time.",
            "fix": "take torchvision of the release that belongs to this torch",
        }
    if not inside:
        return told | {
            "confidence": "certain" if path and top in sys.stdlib_module_names else "likely"
        }
    return told | {
        "code": "shadow.circular",
        "title": f"{top} is broken: its files are not of one release",
        "cause": f"Parts of {top} import each other in a circle, which happens when two releases, or two "
        f"packages with the same module, were installed over each other.",
        "fix": f"remove every package that brings {top}, and install one again",
    }


def read_pydantic(_fields: Fields, evidence: Evidence) -> Fields:
    """Tell which generation of pydantic is wanted, and by whom."""
    text = "\n".join(passage.text for passage in evidence.passages)
    wants_two = re.search(
        r"RootModel|ConfigDict|field_validator|model_validator|TypeAdapter|computed_field|field_serializer"
        r"|model_\w+|AliasChoices|validate_call|_core",
        text,
    )
    user = evidence.importer("pydantic", "pydantic_core")
    return {
        "user": user,
        "user_or_code": user or "a package",
        "pydantic": ">=2" if wants_two else "<2",
    }


def name_user(fields: Fields, evidence: Evidence) -> Fields | None:
    """Name who failed; code that is no installed package has a mistake of its own."""
    if evidence.result.stage != "import" or not evidence.importer():
        return None
    return {**fields, "user": evidence.importer(), "user_or_code": evidence.importer()}
