"""Modules that are not there: never installed, gone from Python, or built for another one.

Source: the import system's messages; numpy's and scikit-learn's own texts about broken builds.
"""

import re

from envbench.probes.diagnosis.evidence import Evidence
from envbench.probes.diagnosis.module_names import (
    GONE_FROM_PYTHON,
    NEW_IN_PYTHON,
    PIP_NAMES,
    distribution_of,
)
from envbench.probes.diagnosis.rule import Fields, Fix, Rank, Rule

_COMPILED_NAME = re.compile(
    r"(?:^|\.)(?:_\w+|\w*(?:_ext|_cpp|_cuda|_C|core_cy|etree|strptime|cython\w*|native|pybind\w*))$"
)


_NO_NAMES = frozenset(
    {"the", "a", "it", "this", "that", "which", "package", "module", "library", "and", "or"}
)
_NAMESPACES = frozenset(
    {
        "google",
        "azure",
        "backports",
        "cuda",
        "jax_plugins",
        "mpl_toolkits",
        "nvidia",
        "ruamel",
        "sphinxcontrib",
    }
)
"""Packages that belong to nobody: a part of one is a package of its own."""


def _read_missing(fields: Fields, evidence: Evidence) -> Fields | None:
    module = next((value for value in fields.values() if value), "").strip("'\"`")
    if module.lower() in _NO_NAMES:
        return None
    top = module.partition(".")[0]
    package = distribution_of(module)
    user = evidence.importer(top)
    section = evidence.section_of(package)
    told = {
        "module": module,
        "package": PIP_NAMES.get(package, package) if section == "pip" else package,
        "user": user,
        "user_or_code": user or "the code that runs",
    }
    dotted = ".".join(module.split(".")[:2])
    if gone := GONE_FROM_PYTHON.get(top) or GONE_FROM_PYTHON.get(dotted):
        return told | {
            "title": f"{told['user_or_code']} is too old for this Python: {module} went away with {gone}",
            "cause": f"Python {gone} no longer has this module of the standard library.",
            "fix": f"take a newer {told['user_or_code']}, or a Python before {gone}",
            "package": "setuptools" if top == "distutils" else "",
        }
    if new := NEW_IN_PYTHON.get(module) or NEW_IN_PYTHON.get(dotted):
        return told | {
            "code": "pin.python",
            "title": f"{told['user_or_code']} needs Python {new} or newer: {module} came with it",
            "cause": f"This environment has Python {evidence.python or 'of an older version'}.",
            "fix": f"raise python to {new} or newer",
            "package": "",
        }
    if "." in module:
        return told | _read_submodule(module, evidence)
    if _is_the_framework(module, evidence):
        return told | {
            "code": "missing.dist",
            "title": f"{package} is not installed in this environment",
            "cause": "No package of this environment brings the module.",
        }
    return told


def _is_the_framework(module: str, evidence: Evidence) -> bool:
    probe = evidence.result.probe
    return module == probe or distribution_of(module) == distribution_of(probe)


def _read_submodule(module: str, evidence: Evidence) -> Fields:
    top, _, _ = module.partition(".")
    pythons = evidence.pythons_compiled_for(module)
    text = "\n".join(passage.text for passage in evidence.passages)
    listed = re.findall(rf"{module.rpartition('.')[2]}\.cpython-(\d)(\d+)", text)
    pythons = pythons or tuple(f"{major}.{minor}" for major, minor in listed)
    if pythons and evidence.python and evidence.python not in pythons:
        return {
            "code": "abi.python_tag",
            "title": f"{top} was built for Python {', '.join(pythons)}, and this is {evidence.python}",
            "cause": f"Its compiled part {module} is there, for another Python only.",
            "fix": f"take the build of {distribution_of(top)} for Python {evidence.python}",
            "package": "",
            "confidence": "certain",
        }
    if _COMPILED_NAME.search(module) or module.rpartition(".")[2] == top:
        return {
            "code": "abi.python_tag",
            "title": f"{top} has no compiled part for this Python: {module} is missing",
            "cause": "The package is there without this extension: a build for another Python or platform, "
            "a source folder, or an installation that was cut short.",
            "fix": f"reinstall {distribution_of(top)} with this environment's Python",
            "package": "",
        }
    if top in _NAMESPACES:
        return {}
    # Python looks for a part only in a package that it has found: that one is there.
    return {
        "code": "pin.torchvision" if top == "torchvision" else "pin.api",
        "title": f"{distribution_of(top)} has no {module} in the installed release",
        "cause": "The package is there, and this part of it is not: it was moved or came with another "
        "release than the one that is installed.",
        "fix": f"take the release of {distribution_of(top)} that {evidence.importer(top) or 'its user'} was "
        "written for",
        "package": "",
    }


RULES = (
    Rule(
        code="abi.python_tag",
        pattern=r"No module named '(?P<module>numpy(?:\.\w+)*\._?multiarray_umath|numpy\._?core\._multiarray_umath"
        r"|numpy\.core\.multiarray|[\w.]+\._\w+_(?:umath|impl))'",
        title="{package_top} has no compiled part for this Python",
        cause="Its extension {module} is not there for the Python that runs: a build for another Python, or the "
        "files of two releases over each other.",
        fixes=(
            Fix("{fix}"),
            Fix("take a foreign copy of {package_top} off the path"),
            Fix(
                "reinstall {package_top} with this environment's Python",
                "pip install --force-reinstall {package_top}",
            ),
        ),
        rank=Rank.SPECIFIC,
        refine=lambda fields, evidence: {
            **_read_submodule(fields["module"], evidence),
            "module": fields["module"],
            "package_top": fields["module"].partition(".")[0],
        },
        packages=("{package_top}",),
        references=("https://numpy.org/doc/stable/user/troubleshooting-importerror.html",),
    ),
    Rule(
        code="abi.python_tag",
        pattern=r"you should not try to import (?P<package>\w+) from its source"
        r"|Importing the (?P<package2>\w+) C-extensions failed"
        r"|C extension: (?P<package3>[\w.]+) not built|It seems that (?P<package4>scikit-learn|[\w-]+) has not been built"
        r" correctly|cannot import (?P<package5>\w+) while being in \w+ source directory"
        r"|the (?P<package6>\w+) (?:C |compiled )?extensions? (?:is|are) not (?:available|built)",
        title="{package} is here, and its compiled part does not load",
        cause="It says that it is a source folder; mostly it is a build for another Python, or one that was cut "
        "short.",
        fixes=(
            Fix(
                "reinstall {package} with this environment's Python",
                "pip install --force-reinstall {package}",
            ),
        ),
        rank=Rank.SYMPTOM,
        refine=lambda fields, evidence: _name_broken(fields, evidence),
        packages=("{package}",),
    ),
    Rule(
        code="missing.module",
        pattern=r"No module named (?P<module>'[\w.-]+'|[\w.]+)",
        title="{user_or_code} needs the module {module}, which is not installed",
        cause="No package of this environment brings it.",
        fixes=(
            Fix("{fix}"),
            Fix("add {package}", requires=("{package}",)),
        ),
        rank=Rank.LAST,
        refine=_read_missing,
        packages=("{package}", "{user}"),
    ),
    Rule(
        code="missing.module",
        pattern=r"Missing (?:optional|required) dependency '(?P<module>[\w.-]+)'"
        r"|(?:packages? (?:that were|was) not found in your environment|requires? the following packages?[^\n]{0,60}"
        r"not found[^\n]{0,30}):? (?P<module2>[\w.-]+)"
        r"|requires? (?:the )?`?(?P<module3>[\w.-]+)`? (?:library|package|module)(?: to be installed)?[^\n]{0,40}"
        r"(?:was not found|not found|not installed|to be installed|but it was not|missing)"
        r"|(?:please|run|try|do):? `?(?:pip|conda|mamba) install (?:-\S+ )*['\"]?(?P<module4>[A-Za-z][\w.-]*)"
        r"|(?P<module5>[A-Za-z][\w.-]*) (?:package |library )?is (?:not installed|required but not installed|missing)"
        r"|`(?:python -m )?(?:pip|conda|mamba) install (?:-\S+ )*['\"]?(?P<module7>[A-Za-z][\w.-]*)"
        r"|(?:needs?|requires?|must|should)(?: to)? have (?:the )?(?P<module8>[A-Za-z][\w.-]*)(?: package| library| module)? installed"
        r"|find a working (?P<module9>[A-Za-z][\w.-]*) installation"
        r"|No package metadata was found for (?P<module6>[\w.-]+)",
        title="{user_or_code} needs {module}, which is not installed",
        cause="The package says itself what it lacks.",
        fixes=(Fix("{fix}"), Fix("add {package}", requires=("{package}",))),
        rank=Rank.LAST,
        in_log=False,
        refine=_read_missing,
        packages=("{package}", "{user}"),
    ),
    Rule(
        code="missing.compiler",
        pattern=r"(?:failed to|could not|cannot|can't|unable to) find (?:an? |the |any )?(?:working |host |suitable )?"
        r"(?:C|C\+\+|host|gcc|g\+\+)[\w/+ ]{0,12}compiler|no (?:acceptable |working )?C(?:\+\+)? compiler"
        r"|(?:No such file or directory: |command )['\"]?(?P<tool>gcc|g\+\+|cc|c\+\+|clang|ninja|cmake|x86_64-linux-gnu-gcc)\b"
        r"|(?P<tool2>Ninja) is required to load C\+\+ extensions|(?:gcc|g\+\+): (?:command )?not found",
        title="a compiler is needed while it runs, and there is none here",
        cause="The package compiles parts of itself for this box when they are first used.",
        fixes=(
            Fix("add compilers to the environment", requires=("cxx-compiler",)),
            Fix("install one on this box", command="apt-get install build-essential"),
        ),
        rank=Rank.SPECIFIC,
    ),
)


def _name_broken(fields: Fields, evidence: Evidence) -> Fields:
    package = next((value for value in fields.values() if value), "")
    if package.lower() in {"none", "pandas._libs"}:
        package = "pandas"
    text = "\n".join(passage.text for passage in evidence.passages)
    listed = dict.fromkeys(re.findall(r"\.cpython-(\d\d+)-", text))
    pythons = evidence.pythons_compiled_for(package) or tuple(f"{v[0]}.{v[1:]}" for v in listed)
    told = {"package": package}
    if pythons and evidence.python and evidence.python not in pythons:
        told["confidence"] = "certain"
        told["cause"] = (
            f"Its files are for Python {', '.join(pythons)}, and this environment has {evidence.python}."
        )
    return told
