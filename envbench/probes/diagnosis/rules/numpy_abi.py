"""NumPy and what is compiled or written against it.

Source: NumPy's release notes (1.20, 1.24, 2.0 to 2.4), numpy/numpy#11628, jupyter/notebook#7522; texts
seen by running are pandas 2.1.1, numexpr 2.8.7 and numba 0.60.0 on NumPy 2.4.6.
"""

import re

from packaging.version import Version

from envbench.probes.diagnosis.evidence import Evidence
from envbench.probes.diagnosis.rule import Fields, Fix, Rank, Rule

_REMOVED_WORDS = """
bool int float object complex str unicode long
typeDict alen asscalar loads rank Bytes0 Str0 bool8 int0 uint0 object0 void0
float_ complex_ singlecomplex longfloat longcomplex clongfloat cfloat string_ unicode_ str0
Inf Infinity NaN NINF PINF NZERO PZERO infty mat cast source nbytes sctypes sctype2char
obj2sctype issctype issubclass_ issubsctype maximum_sctype find_common_type set_numeric_ops
product cumproduct sometrue alltrue round_ msort disp lookfor who deprecate
deprecate_with_doc byte_bounds compat recfromcsv recfromtxt safe_eval set_string_function
add_docstring add_newdoc add_newdoc_ufunc asfarray compare_chararrays DataSource geterrobj
seterrobj tracemalloc_domain VisibleDeprecationWarning ComplexWarning RankWarning
TooHardError AxisError ModuleDeprecationWarning row_stack trapz in1d distutils nosetester
decorators noseclasses oldnumeric numarray fastCopyAndTranspose PytestTester
"""
"""Names that 1.24 (the first eight), 1.25 and 2.0 to 2.4 took away."""
_ADDED_WORDS = """
exceptions dtypes _core strings astype concat permute_dims matrix_transpose vecdot trapezoid
isdtype unique_all unique_counts unique_inverse unique_values bitwise_count cumulative_sum
cumulative_prod StringDType matvec vecmat unstack acos asin atan acosh asinh atanh atan2 pow
bitwise_invert bitwise_left_shift bitwise_right_shift ulong typing NDArray sliding_window_view
broadcast_shapes lib.array_utils
"""
"""Names that came with 1.20 to 2.2."""
_REMOVED = frozenset(_REMOVED_WORDS.split())
_ADDED = frozenset(_ADDED_WORDS.split())


def _numpy_of(evidence: Evidence) -> str:
    if version := evidence.version_of("numpy"):
        return version
    text = " ".join(passage.text for passage in evidence.passages)
    found = re.search(r"(?:NumPy version is:? \"?|cannot be run in\s+NumPy )(\d+\.\d+[\w.]*)", text)
    return found[1] if found else ""


def _name_user(fields: Fields, evidence: Evidence) -> Fields:
    user, version = evidence.importer("numpy"), _numpy_of(evidence)
    return {
        **fields,
        "user": user,
        "user_or_any": user or "a compiled extension",
        "numpy": version,
        "numpy_said": f"NumPy {version}" if version else "this NumPy",
    }


def _judge_size(fields: Fields, evidence: Evidence) -> Fields:
    told = _name_user(fields, evidence)
    expected, got = int(fields["expected"] or 0), int(fields["got"] or 0)
    # `dtype` shrank from 96 to 88 bytes for the Cython headers of NumPy 2; `ndarray` grew from 80 to
    # 88 with 1.20 and to 96 with 1.22.
    is_dtype = fields["what"].lower() == "dtype"
    is_older = expected < got if is_dtype else expected > got
    if is_older and expected and got:
        told |= {
            "built": "a newer NumPy",
            "numpy_cap": "",
            "numpy_raise": {"dtype": "2", "ndarray": "1.22"}.get(fields["what"].lower(), ""),
        }
    else:
        told |= {"built": "NumPy 1" if is_dtype else "an older NumPy", "numpy_cap": "2"}
        told["numpy_raise"] = ""
    if told["numpy"] and told["numpy"].startswith("2") and not told["numpy_raise"]:
        told["confidence"] = "certain"
    return told


def _judge_import_failure(fields: Fields, evidence: Evidence) -> Fields:
    told = _name_user(fields, evidence)
    if fields.get("init"):
        return told | _judge_silent_failure(told["user"])
    if told["numpy"].startswith(("0.", "1.")):
        told["code"] = "abi.numpy.too_old"
        told["title"] = f"{told['user_or_any']} was built for a newer NumPy than {told['numpy']}"
        told["cause"] = "A compiled extension asks for more of the C interface than this NumPy has."
        told |= {"numpy_cap": "", "numpy_raise": told["numpy"]}
    else:
        told |= {"numpy_cap": "2", "numpy_raise": ""}
    told["confidence"] = "likely" if told["numpy"] else "a guess"
    return told


def _judge_silent_failure(user: str) -> Fields:
    if user in {"numba", "llvmlite"}:
        return {
            "code": "abi.numpy.too_new",
            "title": f"{user} is older than this NumPy allows",
            "cause": "Its compiled part gives up without a word when NumPy is newer than it knows.",
            "numpy_cap": "",
            "numpy_raise": "",
        }
    return {
        "code": "abi.python_tag",
        "title": f"a compiled part of {user or 'a package'} does not start in this Python",
        "cause": "It gave up without saying why: mostly it was built for another Python, or NumPy.",
        "confidence": "a guess",
        "numpy_cap": "",
        "numpy_raise": "",
    }


def _judge_api(fields: Fields, evidence: Evidence) -> Fields:
    told = _name_user(fields, evidence)
    built, running = int(fields["built"], 16), int(fields["running"], 16)
    if built < running and built >> 24 != running >> 24:
        return told | {
            "code": "abi.numpy.compiled_for_1x",
            "title": f"{told['user_or_any']} was built for another generation of NumPy",
            "numpy_cap": "2",
            "numpy_raise": "",
        }
    return told | {"numpy_raise": fields.get("named") or told["numpy"]}


def _judge_name(fields: Fields, evidence: Evidence) -> Fields | None:
    """Tell by the name that is asked for whether it has gone or has yet to come."""
    told = _name_user(fields, evidence)
    name = fields["name"].strip("'\"`")
    major_minor = tuple(int(part) for part in re.findall(r"\d+", told["numpy"])[:2])
    came_back = name in {"bool", "long"} and () < major_minor < (1, 24)
    if name.split(".")[0] in _REMOVED and not came_back:
        return told | {"name": name, "newer_user": told["user"]}
    if name in _ADDED or name.split(".")[0] in _ADDED:
        return told | {
            "name": name,
            "code": "abi.numpy.too_old",
            "title": f"{told['user_or_any']} needs a newer NumPy: numpy.{name} is not in "
            + (told["numpy"] or "this one"),
            "cause": f"numpy.{name} came with a later release than the one installed.",
            "numpy_cap": "",
            "numpy_raise": "2" if name not in {"exceptions", "dtypes", "typing"} else "1.25",
        }
    return None


def _name_needs(fields: Fields, evidence: Evidence) -> Fields:
    told = _name_user(fields, evidence)
    user = fields.get("who") or told["user"]
    told["who_needs"] = user or "a package"
    lower = fields.get("lower") or fields.get("lower2") or ""
    told |= {"numpy_raise": lower, "numpy_cap": ""}
    return told


def _name_cap(fields: Fields, evidence: Evidence) -> Fields:
    told = _name_user(fields, evidence)
    cap = fields["cap"]
    if told["numpy"] == "" and fields.get("got"):
        told["numpy"] = fields["got"]
    major, _, minor = cap.partition(".")
    above = f"{major}.{int(minor) + 1}" if minor.isdigit() else str(int(major) + 1)
    if fields.get("strict"):
        above = cap
    return told | {
        "who_needs": fields.get("who") or told["user"] or "a package",
        "numpy_cap": above,
        "numpy_raise": "",
    }


_LOWER_NUMPY = Fix("take numpy below {numpy_cap}", requires=("numpy <{numpy_cap}",))
_RAISE_NUMPY = Fix("raise numpy to {numpy_raise} or newer", requires=("numpy >={numpy_raise}",))
_REBUILD = Fix("take a newer release of {user}, one that is built for {numpy_said}")

RULES = (
    Rule(
        code="abi.numpy.compiled_for_1x",
        pattern=r"A module that was compiled using NumPy 1\.x cannot be run in NumPy (?P<v>[\d.]+\w*)"
        r"|_ARRAY_API not found|must be compiled with NumPy 2\.0",
        title="{user_or_any} was built for NumPy 1 and cannot run with {numpy_said}",
        cause="NumPy 2 changed the C interface: extensions built for NumPy 1 do not load with it.",
        fixes=(_REBUILD, Fix("take NumPy 1", requires=("numpy <2",))),
        rank=Rank.SPECIFIC,
        refine=_name_user,
        packages=("numpy", "{user}"),
        references=(
            "jupyter/notebook#7522",
            "https://numpy.org/doc/stable/numpy_2_0_migration_guide.html",
        ),
    ),
    Rule(
        code="abi.numpy.dtype_size",
        pattern=r"\bnumpy\.(?:\w+\.)*(?P<what>\w+) size changed"
        r"(?:.{0,80}Expected (?P<expected>\d+) from C header, got (?P<got>\d+) from PyObject)?"
        r"|\bnumpy\.(?:\w+\.)*(?P<what2>\w+) has the wrong size, try recompiling"
        r"(?:\. Expected (?P<expected2>\d+), got (?P<got2>\d+))?",
        title="{user_or_any} was built for {built} and does not fit {numpy_said}",
        cause="The extension was compiled against a NumPy whose objects have another size in memory.",
        fixes=(
            _RAISE_NUMPY,
            _REBUILD,
            _LOWER_NUMPY,
        ),
        rank=Rank.SPECIFIC,
        refine=lambda fields, evidence: _judge_size(
            {
                "what": fields["what"] or fields["what2"],
                "expected": fields["expected"] or fields["expected2"],
                "got": fields["got"] or fields["got2"],
            },
            evidence,
        ),
        packages=("numpy", "{user}"),
        references=(
            "numpy/numpy#11628",
            "https://numpy.org/doc/stable/user/troubleshooting-importerror.html",
        ),
    ),
    Rule(
        code="abi.numpy.too_old",
        pattern=r"module(?: was)? compiled against (?:NumPy )?(?:C-)?(?:API|ABI) version"
        r" (?P<built>0x[0-9a-f]+)(?: \(NumPy (?P<named>[\d.]+)\))?"
        r".{0,60}?(?:version of numpy|running NumPy)(?: has C-API version| is)?:?"
        r" (?P<running>0x[0-9a-f]+)",
        title="{user_or_any} was built for a newer NumPy than {numpy_said}",
        cause="The extension asks for version {built} of NumPy's C interface; this one is {running}.",
        fixes=(
            _RAISE_NUMPY,
            _REBUILD,
            Fix("take an older {user}, built for {numpy_said}"),
        ),
        rank=Rank.SPECIFIC,
        refine=_judge_api,
        packages=("numpy", "{user}"),
        references=(
            "https://numpy.org/doc/stable/user/troubleshooting-importerror.html#c-api-incompatibility",
        ),
    ),
    Rule(
        code="abi.numpy.too_new",
        pattern=r"(?P<who>[A-Za-z][\w-]*) (?:needs|requires|only supports|supports)(?: a)? numpy"
        r" (?:version )?(?:<=? ?)?(?P<cap>\d+(?:\.\d+)+) or (?:less|older|lower|earlier)"
        r"(?:\. Got NumPy (?P<got>[\d.]+))?",
        title="{who_needs} takes NumPy up to {cap}, and this is {numpy}",
        cause="The package checks NumPy's version when it is imported, and this one is too new for it.",
        fixes=(Fix("take a newer {who_needs}"), _LOWER_NUMPY),
        rank=Rank.SPECIFIC,
        refine=_name_cap,
        packages=("numpy", "{who_needs}"),
    ),
    Rule(
        code="abi.numpy.too_new",
        pattern=r"(?P<who>[A-Za-z][\w.-]*) [^\n]{0,60}(?:not (?:yet )?(?:compatible|work) with|does not"
        r" (?:yet )?support|incompatible with|not support(?:ed)?(?: on| with)?) numpy"
        r" ?(?:>=|version|versions|v)? ?(?P<cap>2(?:\.\d+|\.x)?)\b",
        title="{who_needs} does not work with {numpy_said}",
        cause="The package says itself that this generation of NumPy is too new for it.",
        fixes=(Fix("take a newer {who_needs}"), _LOWER_NUMPY),
        rank=Rank.SPECIFIC,
        refine=lambda fields, evidence: _name_cap(
            {**fields, "cap": fields["cap"].replace(".x", ""), "strict": "yes"}, evidence
        ),
        packages=("numpy", "{who_needs}"),
    ),
    Rule(
        code="abi.numpy.too_old",
        pattern=r"upgrade numpy to ?>?=? ?(?P<lower>\d[\d.]*)(?: to use this (?P<who>[\w-]+) version)?"
        r"|A NumPy version >=(?P<lower2>[\d.]+\w*) and <(?P<upper>[\d.]+) is required for this version of (?P<who2>\w+)",
        title="{who_needs} needs NumPy {numpy_raise} or newer, and this is {numpy}",
        cause="The package was built for a newer NumPy than the one that is installed.",
        fixes=(_RAISE_NUMPY, Fix("take an older {who_needs}")),
        rank=Rank.SPECIFIC,
        refine=lambda fields, evidence: _name_range(fields, evidence),
        packages=("numpy", "{who_needs}"),
    ),
    Rule(
        code="abi.numpy.too_new",
        pattern=r"module 'numpy(?:\.\w+)*' has no attribute '(?P<name>\w+)'"
        r"|`np\.(?P<name2>\w+)` was (?:removed|a deprecated alias)"
        r"|cannot import name '(?P<name3>\w+)' from 'numpy(?:\.\w+)*'"
        r"|No module named 'numpy\.(?P<name4>(?!_?core\.\w*multiarray)[\w.]+)'",
        title="{user_or_any} is too old for {numpy_said}: it uses numpy.{name}, which is gone",
        cause="NumPy 1.24 and 2.0 removed names that had long been deprecated; the code still uses one.",
        fixes=(_RAISE_NUMPY, Fix("take a newer {newer_user}"), _LOWER_NUMPY),
        rank=Rank.SPECIFIC,
        refine=lambda fields, evidence: _judge_name(
            {
                "name": next(value for value in fields.values() if value),
                "numpy_cap": _cap_for(next(value for value in fields.values() if value)),
                "numpy_raise": "",
            },
            evidence,
        ),
        packages=("numpy", "{user}"),
        references=("https://numpy.org/doc/stable/numpy_2_0_migration_guide.html",),
    ),
    Rule(
        code="abi.numpy.too_new",
        pattern=r"Unable to avoid copy while creating an array as requested|`?copy=False`? [^\n]{0,40}NumPy 2"
        r"|Python integer -?\d+ out of bounds for u?int\d+|The requested array has an inhomogeneous shape"
        r"|'numpy\.ndarray' object has no attribute '(?:newbyteorder|ptp|itemset|tostring)'",
        title="{user_or_any} is too old for {numpy_said}: it counts on what NumPy once allowed",
        cause="NumPy 1.24 and 2.0 refuse what older releases did silently; the code still relies on it.",
        fixes=(Fix("take a newer {user}"), _LOWER_NUMPY),
        refine=lambda fields, evidence: _name_user(fields, evidence) | {"numpy_cap": "2"},
        packages=("numpy", "{user}"),
        references=("https://numpy.org/doc/stable/numpy_2_0_migration_guide.html",),
    ),
    Rule(
        code="abi.numpy.compiled_for_1x",
        pattern=r"numpy\.(?:_?core\.)(?:multiarray|umath|_multiarray_umath) failed to import"
        r"|(?P<init>initialization of \w+) (?:failed without raising an|raised unreported) exception",
        title="{user_or_any} was built for another NumPy than {numpy_said}",
        cause="A compiled extension could not take up NumPy's C interface: most often it was built"
        " for NumPy 1, and NumPy 2 is installed.",
        fixes=(_RAISE_NUMPY, _REBUILD, _LOWER_NUMPY),
        rank=Rank.SYMPTOM,
        refine=_judge_import_failure,
        packages=("numpy", "{user}"),
        references=("https://numpy.org/doc/stable/user/troubleshooting-importerror.html",),
    ),
)


def _cap_for(name: str) -> str:
    first_eight = "bool int float object complex str unicode long"
    return "1.24" if name in first_eight.split() else "2"


def _name_range(fields: Fields, evidence: Evidence) -> Fields | None:
    """Tell from a range which side of it the installed version missed."""
    told = _name_needs({**fields, "who": fields["who"] or fields["who2"]}, evidence)
    version = told["numpy"]
    if not version:
        text = " ".join(passage.text for passage in evidence.passages)
        found = re.search(r"(?:detected version|numpy version is) ([\d.]+\d)", text, re.IGNORECASE)
        told["numpy"] = version = found[1] if found else "an older one"
    upper = fields.get("upper", "")
    if upper and version[:1].isdigit() and Version(version) >= Version(upper):
        return told | {
            "code": "abi.numpy.too_new",
            "title": f"{told['who_needs']} takes NumPy below {upper}, and this is {version}",
            "numpy_cap": upper,
            "numpy_raise": "",
        }
    return told
