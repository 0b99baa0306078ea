"""Packages that need each other in certain versions: ranges, names that came or went, protobuf, pydantic.

Source: protocolbuffers/protobuf#10064, the version checks of protobuf 4 to 6, jax, transformers,
pandas, TensorFlow Probability, xformers and pkg_resources, and the threads named in the rows.
"""

import re
import sys

from packaging.version import Version

from envbench.model.diagnosis import Confidence
from envbench.probes.diagnosis.evidence import Evidence
from envbench.probes.diagnosis.module_names import (
    DISTRIBUTIONS,
    GONE_FROM_PYTHON,
    NEW_IN_PYTHON,
    distribution_of,
)
from envbench.probes.diagnosis.rule import Fields, Fix, Rank, Rule

_NAME = r"[A-Za-z][\w.-]*"
_VERSION = r"v?\d[\w.!+*-]*\w|\d"
_OPERATOR = r"(?:===?|~=|>=|<=|!=|>|<)"
_RANGE = rf"{_OPERATOR} ?\d[\w.*+!-]*(?:, ?{_OPERATOR} ?\d[\w.*+!-]*)*"
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


def _find(fields: Fields, stem: str) -> str:
    return next((v for k, v in fields.items() if k.rstrip("0123456789") == stem and v), "")


def _read_range(fields: Fields, evidence: Evidence) -> Fields | None:
    name = _find(fields, "name").strip("'\"`.,:")
    wanted = re.sub(r"\s", "", _find(fields, "wanted")).rstrip(".,;)")
    if name.lower() in _WORDS_NO_PACKAGE or not wanted:
        return None
    if wanted[0].isdigit():
        wanted = f">={wanted}"
    package = _distribution_name(name)
    found = _find(fields, "found").strip("'\"`,;) ").rstrip(".") or evidence.version_of(package)
    user = _find(fields, "user") or evidence.importer(name.replace("-", "_").lower())
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


def _read_removal(fields: Fields, evidence: Evidence) -> Fields | None:
    """Read what a package says that it has no longer, and since when."""
    name, release = _find(fields, "name"), _find(fields, "release")
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


def _read_jaxlib(fields: Fields, evidence: Evidence) -> Fields:
    jax = evidence.version_of("jax") or _find(fields, "jax")
    return {
        "jaxlib": _find(fields, "jaxlib") or evidence.version_of("jaxlib"),
        "jax_said": f" {jax}" if jax else "",
        "wanted": _find(fields, "wanted").strip(". "),
        "jax_exact": jax,
    }


def _read_name(fields: Fields, evidence: Evidence) -> Fields | None:
    """Explain a name that a module does not have: by what is known of it, else by who asks."""
    name, module = _find(fields, "name").strip("'\"`"), _find(fields, "module").strip("'\"`")
    top = module.partition(".")[0]
    if name == "__version__" and not top:
        return None
    path = _find(fields, "path")
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


def _read_protobuf(fields: Fields, evidence: Evidence) -> Fields:
    wanted = _find(fields, "gencode").rstrip(".")
    runtime = _find(fields, "runtime").rstrip(".") or evidence.version_of("protobuf")
    is_stale = bool(wanted and _find(fields, "runtime") and Version(wanted) < Version(runtime))
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


def _read_circle(fields: Fields, evidence: Evidence) -> Fields:
    """Tell a file of the user's that hides a module from a package that imports itself in a circle."""
    module, path = _find(fields, "module").strip("'\""), _find(fields, "path")
    top = module.partition(".")[0]
    told = {"module": module, "path": path or f"your {top}.py"}
    prefix = evidence.result.prefix
    inside = bool(
        re.search(rf"(?:site|dist)-packages/{re.escape(top)}\b", path)
        or (prefix and path.startswith(f"{prefix}/"))
    )
    dotted = f"{module}.{_find(fields, 'name')}"
    if _is_compiled_part(_find(fields, "name"), module, evidence):
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


def _read_pydantic(_fields: Fields, evidence: Evidence) -> Fields:
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


RULES = (
    Rule(
        code="shadow.module",
        pattern=r"(?:cannot import name '(?P<name>[\w.]+)' from )?partially initialized module (?P<module>'[\w.]+')(?:[^\n(]{0,80}\((?:most likely|probably) due to a"
        r" circular import\))?(?: \((?P<path>/[^)\n]+|<[^)\n]+)\))?"
        r"|module (?P<module2>'[\w.]+') has no attribute '\w+' \(consider renaming '?(?P<path2>[^'\n]+?)'?"
        r" (?:since|if) it has the same name",
        title="a file of yours has the name of the module {module}: {path}",
        cause="Python found this file first and took it for the module, while that was being imported.",
        fixes=(Fix("{fix}"), Fix("rename {path}, or take its folder off the path")),
        rank=Rank.SPECIFIC,
        refine=_read_circle,
    ),
    Rule(
        code="pb.stale_descriptors",
        pattern=r"Descriptors (?:cannot|should)(?: not)? be created directly"
        r"|generated code is out of date and must be regenerated with protoc",
        title="code generated for an old protobuf runs with a new one",
        cause="The `_pb2` files of {user_or_code} were generated before protobuf 4, which refuses them.",
        fixes=(
            Fix("take a newer {user}"),
            Fix("take protobuf 3.20", requires=("protobuf <=3.20.3",)),
        ),
        rank=Rank.SPECIFIC,
        refine=_read_protobuf,
        packages=("protobuf", "{user}"),
        references=("protocolbuffers/protobuf#10064",),
    ),
    Rule(
        code="pb.stale_descriptors",
        pattern=r"'?(?:MessageFactory|SymbolDatabase|FieldDescriptor|google\.protobuf\.[\w.]+|MessageDescriptor)'?"
        r"[^\n]{0,40}has no attribute '(?:GetPrototype|label|CreatePrototype|GetMessages)'"
        r"|No module named 'google\.protobuf\.pyext|cannot import name '(?:reflection|service|symbol_database)'"
        r" from 'google\.protobuf'"
        r"|couldn't (?:build|add) (?:file content|proto file)|Couldn't build proto file into descriptor pool"
        r"|duplicate file name|__init__\(\) got an unexpected keyword argument '(?:including_default_value_fields|"
        r"serialized_options|file|create_key)'",
        title="{user_or_code} was made for an older protobuf than{runtime_said} here",
        cause="It uses what newer releases of protobuf no longer have.",
        fixes=(
            Fix("take a newer {user}"),
            Fix("take an older protobuf", requires=("protobuf <5",)),
        ),
        refine=_read_protobuf,
        packages=("protobuf", "{user}"),
        references=("protocolbuffers/protobuf#10064",),
    ),
    Rule(
        code="pb.runtime_too_old",
        pattern=r"cannot import name '(?:runtime_version|builder)' from 'google\.protobuf"
        r"|No module named 'google\.protobuf\.(?:runtime_version|internal\.builder)"
        r"|Detected (?:incompatible|mismatched) Protobuf Gencode/Runtime (?:major )?versions?[^\n]*?"
        r"gencode (?P<gencode>[\d.]+)[^\n]*? runtime (?P<runtime>[\d.]+\d)"
        r"|Runtime version cannot be older than the linked gencode version"
        r"|program (?:was compiled against|requires) version (?P<gencode2>\d[\d.]*\d) of the Protocol Buffer runtime"
        r" library[^\n]{0,60}installed version (?:\(|is )(?P<runtime2>\d[\d.]*\d)"
        r"|(?:module|package) 'google\.protobuf[\w.]*' has no attribute '(?:runtime_version|builder|_internal_\w+)'"
        r"|Couldn't parse file content",
        title="protobuf{runtime} is older than what {user_or_code} was generated for",
        cause="The `_pb2` files were generated for{wanted_said}; the library at run time must not be older.",
        fixes=(
            Fix("raise protobuf to {wanted} or newer", requires=("protobuf >={wanted}",)),
            Fix("raise protobuf to the release that its users ask for"),
        ),
        rank=Rank.SPECIFIC,
        refine=_read_protobuf,
        packages=("protobuf", "{user}"),
    ),
    Rule(
        code="pin.jaxlib",
        pattern=r"jaxlib (?:is )?version (?P<jaxlib>[\d.\w]+\d)[^\n]{0,40} (?:but|is newer than|is older than|and)"
        r"[^\n]{0,60}?jax[^\n]{0,40}?(?:requires version (?P<wanted>[<>=!]+ ?[\d.]+\d)|version (?P<jax>[\d.]+\d))?"
        r"|JAX plugin \w+ version (?P<jaxlib2>[\d.]+\d) is installed, but it is not compatible with the installed"
        r" jaxlib version (?P<jax2>[\d.]+\d)"
        r"|jax(?:lib)?[^\n]{0,40}(?:incompatible|mismatch|not compatible)[^\n]{0,60}(?:jaxlib|plugin)"
        r"|Mismatched PJRT plugin|PJRT[^\n]{0,40} API version \([\d.]+\)[^\n]{0,40} framework"
        r"|No module named 'jaxlib\.\w+",
        title="jax{jax_said} and jaxlib {jaxlib} do not belong together",
        cause="jax, jaxlib and the GPU plugin are released together, and each takes only the others' near "
        "releases. {wanted}",
        fixes=(
            Fix(
                "take jaxlib and the plugin of the release of jax",
                requires=("jaxlib ={jax_exact}",),
            ),
            Fix("install all of them at once", "pip install -U jax jaxlib"),
        ),
        rank=Rank.SPECIFIC,
        refine=_read_jaxlib,
        packages=("jax", "jaxlib"),
        references=("https://docs.jax.dev/en/latest/jep/9419-jax-versioning.html",),
    ),
    Rule(
        code="pin.torchvision",
        pattern=r"operator torchvision::\w+ does not exist|Could not run 'torchvision::\w+'"
        r"|Couldn't load custom C\+\+ ops|PyTorch and (?:torchvision|torchaudio|TorchAudio) were compiled with different"
        r" CUDA|Failed to load image Python extension|torchvision[^\n]{0,60}(?:incompatible|not compatible)[^\n]{0,40}torch",
        title="torch and torchvision are not a pair",
        cause="torchvision's operators are built against exactly one release and one CUDA variant of torch; "
        "with another they are not registered.",
        fixes=(
            Fix(
                "take both of one release, from one source: 0.N+5 of torchvision with 2.N of torch"
            ),
            Fix("reinstall both at once", "pip install --force-reinstall torch torchvision"),
        ),
        rank=Rank.SPECIFIC,
        packages=("torch", "torchvision"),
        references=("pytorch/vision#8985", "pytorch/pytorch#157648"),
    ),
    Rule(
        code="pin.pydantic",
        pattern=r"has been (?:moved to|removed from)[^\n]{0,60}pydantic|errors\.pydantic\.dev|PydanticImportError"
        r"|PydanticUserError|`BaseSettings` has been moved|'(?:FieldInfo|ModelField|BaseModel)'[^\n]{0,40} has no"
        r" attribute '(?:model_\w+|__fields_set__|model_fields)'"
        r"|cannot import name '(?:RootModel|ConfigDict|field_validator|model_validator|TypeAdapter|computed_field|"
        r"field_serializer|model_serializer|AliasChoices|validate_call)' from 'pydantic"
        r"|'(?:FieldInfo|ModelField|ModelMetaclass|UndefinedType)' object has no attribute"
        r"|no validator found for <class|No module named 'pydantic(?:\.v1|_core|\.deprecated)'"
        r"|unable to infer type for attribute|pydantic-core version[^\n]{0,40}incompatible",
        title="{user_or_code} and this pydantic are of different generations",
        cause="pydantic 2 changed its interface: packages are written for 1 or for 2.",
        fixes=(
            Fix("take a newer {user}, made for the pydantic that is installed"),
            Fix(
                "take the generation of pydantic that the users need",
                requires=("pydantic {pydantic}",),
            ),
        ),
        refine=_read_pydantic,
        packages=("pydantic", "{user}"),
    ),
    Rule(
        code="pin.runtime_check",
        pattern=rf"(?P<name>{_NAME}) ?(?P<wanted>{_RANGE}) is required for a normal functioning of this module, but"
        rf" found (?:{_NAME}==)?(?P<found>[\w.+-]+)"
        rf"|(?P<user2>{_NAME}) requires version '(?P<wanted2>[^']+)' or newer of '(?P<name2>[^']+)' \(version"
        rf" '(?P<found2>[^']+)'"
        rf"|This version of (?P<user3>[\w ]+?) requires (?P<name3>{_NAME}) version (?P<wanted3>{_RANGE})[;.,]"
        rf"[^\n]{{0,60}}installation of version (?P<found3>[\w.+-]+\w)"
        rf"|The (?P<name4>{_NAME}) package installed is at version (?P<found4>[\w.]+\w),[^\n]{{0,120}}?depends on"
        rf" (?:{_NAME}) ?(?P<wanted4>{_RANGE})"
        rf"|(?P<name5>{_NAME}) ?(?P<wanted5>{_RANGE}),? (?:is |are )?(?:required|needed)[^\n]{{0,60}}?(?:but|,)[^\n]{{0,30}}?"
        rf"(?:found|got|have|installed|is)[^\n\d]{{0,30}}(?P<found5>\d[\w.+]*)"
        rf"|(?P<user6>{_NAME}) (?:\d[\w.]* )?(?:requires|needs|depends on|has requirement) (?P<name6>{_NAME})(?:\[\w+\])?"
        rf" ?(?P<wanted6>{_RANGE})(?:[;,.]? (?:but|and|which|however)[^\n\d]{{0,60}}(?P<found6>\d[\w.+]*))?"
        rf"|\((?P<name7>{_NAME}) (?P<found7>\d[\w.+]*) \([^)]*\), Requirement\.parse\('{_NAME}(?P<wanted7>[^']+)'\)"
        rf"(?:, \{{'(?P<user7>{_NAME})'\}})?"
        rf"|(?:Using|requires?|needs?|at least|minimum(?: required)?|please (?:install|upgrade(?: to)?|update)) "
        rf"(?P<name8>{_NAME}) ?(?:version )?(?P<wanted8>{_RANGE})(?:[^\n\d]{{0,60}}(?:found|got|have|installed|is|detected)"
        rf"[^\n\d]{{0,30}}(?P<found8>\d[\w.+]*))?"
        rf"|(?:requires?|needs?|expects?)(?: at least)? (?P<name9>{_NAME})(?: version)? (?P<wanted9>\d[\w.]*)(?:\+|"
        rf" or (?:newer|later|higher|above|greater))[^\n\d]{{0,80}}(?P<found9>\d[\w.+]*)?"
        rf"|(?P<user11>{_NAME}) (?:requires?|needs?)(?: at least)? version (?P<wanted11>{_VERSION})(?: or (?:newer|later|higher))? of"
        rf" (?P<name11>{_NAME})(?:[^\d]{{0,40}}?(?:found|have|installed)[^\d]{{0,20}}(?P<found11>\d[\w.+]*))?"
        rf"|The '(?P<name10>{_NAME})(?P<wanted10>{_OPERATOR}[^']+)' distribution was not found(?: and is required by (?P<user10>{_NAME}))?",
        title="{user_or_package} needs {name} {wanted}{found_said}",
        cause="The package checks this itself when it is imported, and refuses to go on.",
        fixes=(
            Fix("bring {name} into the range", requires=("{name} {wanted}",)),
            Fix("take another release of {user}"),
        ),
        rank=Rank.SPECIFIC,
        refine=_read_range,
        packages=("{name}", "{user}"),
    ),
    Rule(
        code="pin.runtime_check",
        pattern=r"Keras 3[^\n]{0,80}not (?:yet )?supported|(?:not|no longer) (?:supported|available) (?:in|by|with) Keras \d|install the backwards-compatible tf-keras"
        r"|Keras 2[^\n]{0,60}(?:no longer|not) supported|requires? the `?tf[-_]keras`? package",
        title="this Keras is of another generation than its user takes",
        cause="Keras 3 is another library than the Keras that belonged to TensorFlow before 2.16.",
        fixes=(Fix("add tf-keras", requires=("tf-keras >=0",)),),
        packages=("keras", "tf-keras"),
    ),
    Rule(
        code="pin.runtime_check",
        pattern=r"was built (?:for|with|against):? ?(?:PyTorch|torch)[: ]+(?P<built>[\d.]+\w*(?:\+\w+)?)[^\n]{0,80}"
        r"(?:you have|but|found|installed|running)[^\n\d]{0,20}(?P<have>[\d.]+\w*(?:\+\w+)?)"
        r"|xFormers (?:can't load|wasn't build) ",
        title="{user_or_it} was built for PyTorch {built}, and this is {have}",
        cause="Its compiled part fits one release and one CUDA variant of PyTorch only.",
        fixes=(Fix("take the release of {user_or_it} that belongs to this PyTorch"),),
        refine=lambda fields, evidence: {
            "built": fields["built"] or "another",
            "have": fields["have"] or "not it",
            "user": evidence.importer("torch"),
            "user_or_it": evidence.importer("torch") or "an extension",
        },
        packages=("{user}", "torch"),
    ),
    Rule(
        code="abi.python_tag",
        pattern=r"(?:compiled|built) for Python (?P<built>\d\.\d+)[^\n]{0,80}(?:interpreter|Python)[^\n]{0,40}?(?P<now>\d\.\d+)"
        r"|Python version mismatch: module was compiled"
        r"|bad magic number in|module was compiled for Python (?P<built2>[\d.]+)|RuntimeWarning: compile time Python version"
        r"|dynamic module does not define (?:module export|init) function",
        title="a compiled module is for another Python than this one",
        cause="Compiled modules, and byte code, fit one minor version of Python only.",
        fixes=(Fix("reinstall the package with this environment's Python"),),
        rank=Rank.SPECIFIC,
        refine=lambda fields, evidence: {**fields, "user": evidence.importer()},
        packages=("{user}",),
    ),
    Rule(
        code="pin.python",
        pattern=r"unsupported operand type\(s\) for \|: '\w+' and '\w+'|'type' object is not subscriptable"
        r"|(?:requires|needs|only supports|supports only) (?:a )?Python ?(?:version )?(?P<wanted>(?:>=? ?)?\d\.\d+)"
        r"|Python (?P<wanted2>\d\.\d+)(?:\.\d+)? or (?:newer|later|higher|above) is required"
        r"|f-string: (?:unmatched|expecting)|SyntaxError: (?:invalid syntax|expected ':'|multiple exception types must)",
        title="{user_or_code} is written for another Python than {python_said}",
        cause="It uses what this version of Python does not have.",
        fixes=(
            Fix("raise python to {wanted}", requires=("python >={wanted}",)),
            Fix("take a release of {user} that supports this Python"),
        ),
        rank=Rank.SYMPTOM,
        refine=lambda fields, evidence: {
            "wanted": _find(fields, "wanted").strip(">= "),
            "user": evidence.importer(),
            "user_or_code": evidence.importer() or "the code that runs",
            "python_said": evidence.python or "this",
        },
        packages=("python", "{user}"),
    ),
    Rule(
        code="pin.api",
        pattern=r"cannot import name (?P<name>'[\w.]+') from (?P<module>'[\w.]+')(?: \((?P<path>[^)\n]+)\))?"
        r"|module (?P<module2>'[\w.]+') has no attribute (?P<name2>'\w+')",
        title="{user_or_code} and {package}{version_said} do not fit: {module} has no {name}",
        cause="The name is not in the installed release: {package} is older, or newer, than the one that its "
        "user was written for.",
        fixes=(
            Fix("{fix}"),
            Fix(
                "take {package} and {user} of one time; the release notes of {package} name the change"
            ),
        ),
        refine=_read_name,
        rank=Rank.SYMPTOM,
        packages=("{package}", "{user}"),
    ),
    Rule(
        code="pin.api",
        pattern=r"\b(?:was|were|is|are|been) (?:removed|dropped|deleted|expired)\b[^\n]{0,80}? (?:in|from|since|as of|with)"
        r" (?:the )?(?P<name>[A-Za-z][\w-]*) (?:version |release )?v?(?P<release>\d[\d.]*)",
        title="{user_or_code} is too old for this {name}: it uses what {release} took away",
        cause="The message itself says that the name is gone, and since which release.",
        fixes=(
            Fix("take a newer {user}"),
            Fix("take {name} below {release}", requires=("{name} <{release}",)),
        ),
        rank=Rank.SPECIFIC,
        in_log=False,
        refine=_read_removal,
        packages=("{name}", "{user}"),
    ),
    Rule(
        code="pin.api",
        pattern=r"(?P<module>(?!numpy\.)[A-Za-z_]\w*(?:\.\w+)*)\.(?P<name>\w+) (?:size changed, may indicate binary|has the wrong size, try)",
        title="{user_or_code} was compiled against another {package} than{version_said} here: {name} has another size",
        cause="Compiled modules that share each other's types fit only in the versions they were built in.",
        fixes=(Fix("take {package} and {user} of one time, from one source"),),
        refine=_read_name,
        rank=Rank.SPECIFIC,
        packages=("{package}", "{user}"),
    ),
    Rule(
        code="pin.api",
        pattern=r"(?P<module>[\w.]+) does not export expected C (?:function|variable) (?P<name>\w+)"
        r"|(?P<module2>[\w.]+) has an unexpected signature for C function (?P<name2>\w+)"
        r"|C (?:function|variable) (?P<module3>[\w.]+)\.(?P<name3>\w+) has wrong signature",
        title="{user_or_code} was compiled against another {package} than{version_said} here: {name}",
        cause="Compiled modules that use each other's C functions fit only in the versions they were built in.",
        fixes=(Fix("take {package} and {user} of one time, from one source"),),
        refine=_read_name,
        rank=Rank.SPECIFIC,
        packages=("{package}", "{user}"),
    ),
    Rule(
        code="pin.api",
        pattern=r"(?P<name>[\w.]+)\(\) got an unexpected keyword argument '(?P<keyword>\w+)'",
        title="{user_or_code} calls {name}() with {keyword}, which this release does not take",
        cause="The function belongs to a package that is older, or newer, than the one its caller was written for.",
        fixes=(Fix("take {user} and what it calls of one time"),),
        rank=Rank.LAST,
        confidence=Confidence.GUESS,
        refine=lambda fields, evidence: {
            **fields,
            "user": evidence.importer(),
            "user_or_code": evidence.importer() or "the code that runs",
        },
        packages=("{user}",),
    ),
    Rule(
        code="pin.api",
        pattern=r"^AttributeError: '(?P<name>\w+)' object has no attribute '(?P<keyword>\w+)'",
        title="{user_or_code} uses {name}.{keyword}, which this release does not have",
        cause="The object belongs to a package that is older, or newer, than the one its user was written for.",
        fixes=(Fix("take {user} and the package of {name} of one time"),),
        rank=Rank.LAST,
        confidence=Confidence.GUESS,
        in_log=False,
        refine=lambda fields, evidence: _name_user(fields, evidence),
        packages=("{user}",),
    ),
    Rule(
        code="pin.pydantic",
        pattern=r"issubclass\(\) arg 1 must be a class|Pydantic V1 functionality isn't compatible with Python",
        title="this pydantic is older than this Python, or than its users, allow",
        cause="pydantic 1 takes type annotations apart in ways that newer releases of Python and of "
        "typing_extensions no longer have.",
        fixes=(
            Fix("take pydantic 2 and users made for it", requires=("pydantic >=2",)),
            Fix("take an older Python with pydantic 1"),
        ),
        rank=Rank.SYMPTOM,
        refine=lambda fields, evidence: fields if "pydantic" in evidence.importers else None,
        packages=("pydantic",),
    ),
    Rule(
        code="pin.duplicate",
        pattern=r"multiple (?P<name>[A-Za-z][\w-]*) packages are installed(?:: (?P<listed>[^\n.]+))?"
        r"|Only one of them may be installed",
        title="several packages bring the same module: {listed_or_name}",
        cause="They overwrite each other's files, so that parts of both are mixed.",
        fixes=(Fix("remove all of them, then install the one that fits this CUDA"),),
        rank=Rank.SPECIFIC,
        refine=lambda fields, evidence: {
            **fields,
            "listed_or_name": fields["listed"] or fields["name"] or evidence.importer(),
        },
        packages=("{name}",),
    ),
)


def _name_user(fields: Fields, evidence: Evidence) -> Fields | None:
    """Name who failed; code that is no installed package has a mistake of its own."""
    if evidence.result.stage != "import" or not evidence.importer():
        return None
    return {**fields, "user": evidence.importer(), "user_or_code": evidence.importer()}
