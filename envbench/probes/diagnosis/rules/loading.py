"""Shared libraries: missing, of a wrong version, damaged, refused, or there twice.

Source: messages of glibc's dynamic loader (elf/dl-load.c, dl-version.c, dl-lookup.c, dl-tls.c) and of
musl's; pytorch/pytorch#165812, #157709, #44282; isl-org/Open3D#5531; dmlc/xgboost#1715.
"""

import re

from envbench.probes.diagnosis.evidence import Evidence
from envbench.probes.diagnosis.rule import Fields, Fix, Rank, Rule
from envbench.probes.diagnosis.shared_libraries import cuda_major, find_source
from envbench.probes.diagnosis.symbols import demangle, find_family

_DRIVER_LIBRARIES = re.compile(r"lib(cuda|nvidia-ml|nvcuvid|nvidia-encode|cudadebugger)\.so")
_SYSTEM = re.compile(r"^(/usr)?/lib(32|64|x32)?/")
_LIBRARY = r"(?P<library>[\w.+-]*?lib[\w.+-]+?\.so[.\d]*|[\w.+-]+\.so[.\d]*)"


def _first(fields: Fields, *names: str) -> str:
    return next((fields[name] for name in names if fields.get(name)), "")


def _name_library(fields: Fields, evidence: Evidence) -> Fields | None:
    names = (
        "library",
        "library2",
        "library3",
        "library4",
        "library5",
        "library6",
        "library7",
        "library8",
    )
    library = _first(fields, *names).rpartition("/")[2].rstrip(".")
    if not library:
        return None
    if not library.startswith("lib") and ".so" not in library:
        library = f"lib{library}.so"
    user = evidence.importer()
    told = {
        **fields,
        "library": library,
        "user": user,
        "user_or_it": user or "the package",
        "what": "",
        "conda": "",
        "pip": "",
        "debian": "",
        "python_wanted": "",
    }
    if _DRIVER_LIBRARIES.match(library):
        return told | _NO_DRIVER
    if found := re.match(r"libpython(\d\.\d+)", library):
        return told | _of_other_python(found[1], evidence)
    if source := find_source(library):
        told |= {"conda": source.conda, "pip": source.pip, "debian": source.debian}
        told["what"] = f": {source.what}"
    if library.startswith("libc.musl"):
        told["what"] = ": the C library of Alpine Linux, so the build is for another kind of Linux"
    if (major := cuda_major(library)) and evidence.version_of("torch"):
        told["what"] += f" (CUDA {major})"
    is_pip = evidence.section_of(user or evidence.result.probe) == "pip" and told["pip"]
    if is_pip or not evidence.has_conda:
        told["conda"] = ""
    elif told["conda"]:
        told["pip"] = ""
    return told


_NO_DRIVER = {
    "code": "gpu.no_driver",
    "title": "no NVIDIA driver can be reached: {library} is not here",
    "cause": "This library comes with the driver, never with an environment. Either no driver is "
    "installed, or it was not mounted into this container.",
    "conda": "",
    "pip": "",
    "debian": "",
    "user": "",
    "driver_way": "install the NVIDIA driver on this box",
    "container_way": "in a container: start it with the GPUs",
}


def _of_other_python(wanted: str, evidence: Evidence) -> Fields:
    if wanted == evidence.python:
        return {"what": ": the interpreter's own library", "conda": "python", "pip": ""}
    return {
        "code": "abi.python_tag",
        "title": f"{evidence.importer() or 'an extension'} was built for Python {wanted}",
        "cause": f"It is linked to the library of Python {wanted}; this environment has Python "
        f"{evidence.python or 'of another version'}.",
        "conda": "",
        "pip": "",
        "debian": "",
    }


def _judge_symbol(fields: Fields, evidence: Evidence) -> Fields:
    symbol = _first(fields, "symbol", "symbol2", "symbol3", "symbol4").strip("'`\"(),;:")
    family, name = find_family(symbol), demangle(symbol)
    user = evidence.importer() or _package_of(_first(fields, "file", "file2"))
    torch = evidence.version_of("torch")
    known = {
        "user": user,
        "user_or_it": user or "the extension",
        "torch_said": torch or "the one installed",
        "python_or_this": evidence.python or "of this environment",
    }
    shown = name if len(name) < 80 else f"{name[:77]}..."
    told = {**fields, **known, "symbol": shown}
    if family is None:
        return told | {
            "title": f"a symbol is missing when {known['user_or_it']} is loaded: {shown}",
            "cause": "A library was found, and lacks a symbol that its user was built to find: the "
            "two are of different releases, or another copy of the library was found first.",
            "remedy": f"reinstall {known['user_or_it']} and what it is linked to from one source",
            "require": "",
        }
    return told | {
        "code": family.code,
        "title": f"{known['user_or_it']} does not fit {family.owner}: {shown} is missing",
        "cause": family.cause,
        "remedy": family.remedy.format_map(known),
        "require": family.require,
        "package": family.packages[0] if family.packages else "",
    }


def _package_of(path: str) -> str:
    found = re.search(r"(?:site-packages|dist-packages)/([A-Za-z_]\w*)", path)
    return found[1] if found else ""


def _judge_version(fields: Fields, evidence: Evidence) -> Fields:
    wanted = _first(fields, "version", "version2")
    if wanted.startswith("lib"):  # libraries of one CUDA give their own name as the version
        return _judge_symbol({"symbol": fields["symbol"]}, evidence)
    provider = _first(fields, "provider", "provider2")
    requirer = fields.get("requirer", "")
    user = _package_of(requirer) or evidence.importer() or requirer.rpartition("/")[2]
    name, _, number = wanted.partition("_")
    told = {
        **fields,
        "user": user,
        "user_or_it": user or "the extension",
        "wanted": wanted,
        "number": number,
        "provider": provider,
        "from_outside": "yes" if _SYSTEM.match(provider) else "",
        "require": "",
        "remedy2": "",
    }
    if name == "GLIBC":
        return told | {
            "code": "lib.glibc",
            "title": f"{told['user_or_it']} needs glibc {number}, and this Linux is older",
            "cause": "The build was made on a newer Linux. glibc belongs to the system: no "
            "environment can bring another one.",
            "remedy": "take a build of {user_or_it} for an older Linux (a conda package, or a "
            "manylinux wheel of a lower number), or run it on a newer system".format_map(told),
        }
    if name in {"GLIBCXX", "CXXABI", "GCC"}:
        return told | {
            "code": "lib.glibcxx",
            "title": f"{told['user_or_it']} needs a newer C++ runtime: {wanted} is missing in "
            f"{provider.rpartition('/')[2] or 'libstdc++'}",
            "cause": f"The libstdc++ that was loaded ({provider or 'the first that was found'}) is "
            "older than the compiler of the extension.",
            "remedy": "raise libstdcxx in the environment",
            "require": "libstdcxx >=13",
            "remedy2": "let nothing put the system's copy first: unset LD_LIBRARY_PATH",
        }
    return told | {
        "title": f"{told['user_or_it']} needs {wanted}, which "
        f"{provider.rpartition('/')[2] or 'the library found'} does not have",
        "cause": f"The library that was loaded ({provider or 'the first found'}) is of another "
        "release than the one that the extension was built with.",
        "remedy": f"have only one copy of {provider.rpartition('/')[2] or 'the library'}, of the "
        f"release that {told['user_or_it']} was built with; look at LD_LIBRARY_PATH",
    }


def _name_file(fields: Fields, evidence: Evidence) -> Fields:
    path = _first(fields, "file", "file2")
    user = _package_of(path) or evidence.importer()
    return {
        **fields,
        "file": path or "a library",
        "user": user,
        "user_or_it": user or "the package it belongs to",
    }


def _name_openmp(fields: Fields, evidence: Evidence) -> Fields:
    first, second = fields.get("first", ""), fields.get("second", "")
    both = " and ".join(name.rstrip(",") for name in (first, second) if name)
    return {**fields, "both": both, "user": evidence.importer()}


_FIND_LIBRARY = (
    Fix("add {conda} to the environment", requires=("{conda}",), section="conda"),
    Fix("add {pip} to the pip part", requires=("{pip}",), section="pip"),
    Fix("install {debian} on this box", command="apt-get install {debian}"),
    Fix("{driver_way}"),
    Fix("{container_way}", command="docker run --gpus all ..."),
    Fix("if it lies in the environment already, let nothing hide it: reinstall {user}"),
)

RULES = (
    Rule(
        code="lib.missing",
        pattern=r"(?P<library>[^\s:'\"(\[]*?[\w.+-]+\.so(?:[.\d]\w*)*): cannot open shared object file:? ?"
        r"(?:No such file|error)"
        r"|Error loading shared library (?P<library2>[\w.+-]+): No such file",
        title="{library} is not here{what}",
        cause="A library that {user_or_it} is linked to was found neither in the environment nor on "
        "this box.",
        fixes=_FIND_LIBRARY,
        rank=Rank.SPECIFIC,
        refine=_name_library,
        packages=("{conda}", "{pip}"),
        references=("pytorch/pytorch#165812", "microsoft/onnxruntime-genai#344"),
    ),
    Rule(
        code="lib.missing",
        pattern=r"(?:(?:could not|couldn't|cannot|can't|unable to|failed to) (?:load|find|open|dlopen|locate)"
        r"(?:/load)?|no such)"
        r"(?: the| any of| shared| dynamic| native| object| file:?| library:?)*:?"
        r" [{'\"`(\[]?(?P<library>lib(?!rar)[\w.+-]+(?:\.so[.\d]*)?)"
        r"|(?P<library2>sndfile|PortAudio|libsndfile|libmagic|zbar|geos_c?|spatialindex_c|cairo|libvips"
        r"|gobject-2\.0-0|pango-1\.0-0) (?:shared )?library (?:is )?not found"
        r"|(?:cannot load|unable to find|could not find|failed to find)(?: the)?(?: shared)? ?(?:library)?"
        r" '?(?P<library3>zbar|libmagic|geos_c|spatialindex_c|cairo|gobject-2\.0-0|pango-1\.0-0|sndfile)"
        r"|Cannot find (?P<library4>XGBoost|LightGBM) library"
        r"|\bcannot find -l(?P<library6>[\w.+-]+)"
        r"|\b(?P<library7>lib[A-Za-z]\w+) (?:cannot|could not|can't|was not) (?:be )?found"
        r"|\blibrary '?(?P<library8>(?!is\b|was\b|path)[A-Za-z]\w+)'? (?:was |is )?not found"
        r"|(?:cannot|could not|failed to|unable to) (?:load|find|open)(?: the)? (?P<library5>\w+) (?:shared|dynamic)"
        r" (?:library|object)",
        title="{library} is not here{what}",
        cause="A library that {user_or_it} opens by its name was found neither in the environment nor "
        "on this box.",
        fixes=_FIND_LIBRARY,
        refine=_name_library,
        packages=("{conda}", "{pip}"),
    ),
    Rule(
        code="lib.missing",
        pattern=r"Intel MKL FATAL ERROR: (?:Cannot load|Error on loading function)[^\n]*?"
        r"(?P<library>libmkl[\w.]*)?",
        title="MKL cannot load its own parts",
        cause="Parts of two releases of MKL are mixed, or MKL was loaded in a way that hides its "
        "symbols from its parts.",
        fixes=(
            Fix("have one MKL only: reinstall mkl, and take foreign ones off LD_LIBRARY_PATH"),
            Fix("use OpenBLAS instead", requires=("libblas =*=*openblas",)),
        ),
        rank=Rank.SPECIFIC,
        packages=("mkl",),
        references=("ContinuumIO/anaconda-issues#720",),
    ),
    Rule(
        code="lib.missing",
        pattern=r"could not (?:load|find) the Qt platform plugin ['\"]?(?P<plugin>\w*)|no Qt platform plugin could be initialized"
        r"|cannot (?:open|connect to) display|no display name and no \$DISPLAY",
        title="Qt, or Tk, cannot open a window here",
        cause="There is no screen, or a library of X11 that its plug-in needs is not on this box.",
        fixes=(
            Fix("do without windows", "export QT_QPA_PLATFORM=offscreen MPLBACKEND=agg"),
            Fix(
                "install what the plug-in needs",
                "apt-get install libxcb-cursor0 libxkbcommon-x11-0",
            ),
            Fix(
                "take opencv without windows",
                requires=("opencv-python-headless >=0",),
                section="pip",
            ),
        ),
    ),
    Rule(
        code="lib.glibcxx",
        pattern=r"(?:(?P<provider>[^\s:'\"]+): )?version [`'](?P<version>[A-Za-z][\w.+-]*)' not found"
        r"(?: \(required by (?P<requirer>[^)\n]+)\))?"
        r"|symbol [`']?(?P<symbol>\w+)[`']?,? version [`']?(?P<version2>[A-Za-z][\w.+-]*)[`']? not defined in file"
        r" (?P<provider2>\S+)",
        title="{title}",
        cause="{cause}",
        fixes=(
            Fix("{remedy}", requires=("{require}",)),
            Fix("{remedy}"),
            Fix("{remedy2}"),
        ),
        rank=Rank.SPECIFIC,
        refine=lambda fields, evidence: (
            {"code": "lib.undefined_symbol"} | _judge_version(fields, evidence)
        ),
        packages=("{user}",),
        references=("pytorch/pytorch#157709", "isl-org/Open3D#5531"),
    ),
    Rule(
        code="lib.undefined_symbol",
        pattern=r"(?:(?P<file>[^\s:'\"]+\.so[.\d]*): )?undefined symbol:? [`'\"]?(?P<symbol>[^\s,'\"`)]+)"
        r"|Error relocating (?P<file2>\S+): (?P<symbol2>\S+): symbol not found"
        r"|symbol not found in flat namespace [('\"]*_?(?P<symbol3>[^\s)'\"]+)"
        r"|undefined reference to [`'](?P<symbol4>[^'`]+)",
        title="{title}",
        cause="{cause}",
        fixes=(Fix("{remedy}", requires=("{require}",)), Fix("{remedy}")),
        rank=Rank.SPECIFIC,
        refine=_judge_symbol,
        packages=("{user}", "{package}"),
        references=("Dao-AILab/flash-attention#1644", "pytorch/pytorch#134929"),
    ),
    Rule(
        code="leak.variable",
        pattern=r"(?P<file>/[^\s:'\"]+)?[^\n]{0,120}(?:comes?|is|are|was) from (?:another|a different) (?P<name>[A-Za-z][\w-]*)"
        r" (?:installation|environment)",
        title="{name} is led to the data of another installation{file_said}",
        cause="A variable names a folder of data (PROJ_LIB, PROJ_DATA, GDAL_DATA and their like) that belongs to "
        "another release than the library of this environment.",
        fixes=(
            Fix("unset the variable that names that folder", "env | grep -iE '{name}|_DATA|_LIB'"),
            Fix("activate the environment, so that its own data are found"),
        ),
        rank=Rank.SPECIFIC,
        refine=lambda fields, evidence: {
            **fields,
            "file_said": f": {fields['file']}" if fields["file"] else "",
            "user": evidence.importer(),
        },
        packages=("{user}",),
        references=("corteva/geocube#96", "Riverscapes/riverscapes-tools#623"),
    ),
    Rule(
        code="lib.static_tls",
        pattern=r"(?P<file>[^\s:'\"]+): cannot allocate memory in static TLS block",
        title="{file} came too late: no room is left for its thread storage",
        cause="Libraries with static thread-local storage must be loaded early; too many were loaded "
        "before this one.",
        fixes=(
            Fix("import {user} before anything else, or preload it", "export LD_PRELOAD={file}"),
        ),
        rank=Rank.SPECIFIC,
        refine=_name_file,
        packages=("{user}",),
        references=("pytorch/pytorch#2575",),
    ),
    Rule(
        code="lib.exec_stack",
        pattern=r"(?:(?P<file>[^\s:'\"]+): )?cannot enable executable stack",
        title="{file} wants an executable stack, which this system forbids",
        cause="The library is marked as needing one, most often by mistake; glibc 2.41 and hardened "
        "kernels refuse it.",
        fixes=(
            Fix("take a newer release of {user}"),
            Fix("clear the mark", "patchelf --clear-execstack {file}"),
        ),
        rank=Rank.SPECIFIC,
        refine=_name_file,
        packages=("{user}",),
        references=("https://sourceware.org/bugzilla/show_bug.cgi?id=32653",),
    ),
    Rule(
        code="cpu.isa",
        pattern=r"(?:(?P<file>[^\s:'\"]+): )?CPU ISA level is lower than required"
        r"|Fatal glibc error: CPU does not support (?P<level>[\w-]+)",
        title="{file} was built for a newer CPU than this one",
        cause="The loader compared the instruction sets that the file is marked with to this CPU's.",
        fixes=(
            Fix("take a build for a lower x86-64 level (packages named or built `v2`, `generic`)"),
        ),
        rank=Rank.SPECIFIC,
        refine=_name_file,
        packages=("{user}",),
    ),
    Rule(
        code="lib.wrong_arch",
        pattern=r"(?:(?P<file>[^\s:'\"]+): )?(?:wrong ELF class: (?P<class>\w+)|ELF file data encoding not"
        r"|ELF file OS ABI invalid|incompatible architecture|ELF file's phentsize|Exec format error)",
        title="{file} was built for another kind of machine",
        cause="It is a library for another processor, or of 32 bits where 64 are needed.",
        fixes=(Fix("reinstall {user_or_it} for this platform"),),
        rank=Rank.SPECIFIC,
        refine=_name_file,
        packages=("{user}",),
    ),
    Rule(
        code="lib.corrupt",
        pattern=r"(?:(?P<file>[^\s:'\"]+): )?(?:file too short|invalid ELF header|cannot read file data"
        r"|object file has no (?:loadable segments|dynamic section)|ELF load command (?:alignment|address)"
        r"|ELF load command past end|cannot dynamically load (?:position|executable)|bad ELF|"
        r"not a (?:valid )?ELF|failed to map segment from shared object(?!: (?:Cannot allocate|Operation"
        r" not)))",
        title="{file} is damaged",
        cause="The file is no whole library: a broken download or copy, a full disk, a pointer of Git "
        "LFS, or a page size that it was not made for.",
        fixes=(
            Fix(
                "reinstall {user_or_it}, past the cache",
                "pip install --force-reinstall --no-cache-dir {user}",
            ),
            Fix("reinstall {user_or_it}, past the cache"),
        ),
        rank=Rank.SPECIFIC,
        refine=_name_file,
        packages=("{user}",),
    ),
    Rule(
        code="host.no_exec",
        pattern=r"(?:(?P<file>[^\s:'\"]+): )?failed to map segment from shared object: Operation not permitted",
        title="{file} lies where nothing may be run from",
        cause="The file system is mounted with `noexec`.",
        fixes=(Fix("put the environment, or TMPDIR, on a file system mounted without noexec"),),
        rank=Rank.SPECIFIC,
        refine=_name_file,
    ),
    Rule(
        code="lib.duplicate_openmp",
        pattern=r"OMP: Error #15: Initializing (?P<first>\S+?),? but found (?P<second>\S+) already"
        r"|OMP: Error #15"
        r"|MKL_THREADING_LAYER=\w+ is incompatible with (?P<second2>\S+) library"
        r"|Found \w+ OpenMP \('(?P<first3>\w+)'\) and \w+ OpenMP \('(?P<second3>\w+)'\) loaded",
        title="two OpenMP runtimes in one process ({both})",
        cause="Packages from different sources each brought their own; they fight for the threads, and "
        "numbers may go wrong silently.",
        fixes=(
            Fix("take numpy, scipy, torch and the like from one source, with one BLAS"),
            Fix("use the OpenBLAS family throughout", requires=("libblas =*=*openblas",)),
        ),
        rank=Rank.SPECIFIC,
        refine=lambda fields, evidence: _name_openmp(
            {
                "first": _first(fields, "first", "first3"),
                "second": _first(fields, "second", "second2", "second3"),
            },
            evidence,
        ),
        packages=("llvm-openmp", "intel-openmp"),
        references=("dmlc/xgboost#1715", "pytorch/pytorch#44282"),
    ),
    Rule(
        code="lib.hdf5_mismatch",
        pattern=r"HDF5 library version mismatched|Headers are (?P<built>[\d.]+), library is (?P<found>[\d.]+)",
        title="HDF5 is not the release that its user was built with",
        cause="The library found at run time is another release than the headers at build time; HDF5 "
        "ends the process then.",
        fixes=(Fix("take h5py, pytables, netcdf4 and hdf5 from one channel, and reinstall them"),),
        rank=Rank.SPECIFIC,
        packages=("hdf5", "h5py"),
        references=("h5py/h5py#853",),
    ),
)
