"""Compiled modules that will not load: told from their bytes, with a real compiler's files."""

import pytest

from envbench.envs.doctor import libraries
from envbench.envs.doctor.import_reach import find_reached, name_module
from envbench.model.problem import Severity
from tests.envs.conftest import SITE

pytestmark = pytest.mark.usefixtures("compiler")

MODULE = "_fast.cpython-311-x86_64-linux-gnu.so"


def install(patient, *, init: str = "from mine import _fast\n", module: str = MODULE) -> None:
    """Note the distribution that a compiled module belongs to."""
    files = {"mine/__init__.py": init.encode()}
    patient.dist("mine", files=files, paths=[f"mine/{module}"])


def link_to_gone(patient, path: str, name: str = "libgone.so.3") -> None:
    """Compile a module that needs a library, and take the library away."""
    library = patient.compile(
        f"build/{name}", "int gone(void) { return 1; }", f"-Wl,-soname,{name}"
    )
    patient.compile(path, "int gone(void); int use(void) { return gone(); }", str(library))
    library.unlink()


def test_a_library_that_is_gone_is_an_error_when_the_import_needs_it(patient):
    patient.become_venv()
    link_to_gone(patient, f"{SITE}/mine/{MODULE}")
    install(patient)
    [finding] = patient.examine()
    assert (finding.code, finding.severity) == ("lib.missing", Severity.ERROR)
    assert "libgone.so.3" in finding.title
    assert finding.packages == ("mine",)
    assert finding.evidence.endswith("NEEDED libgone.so.3")


@pytest.mark.parametrize(
    "init",
    [
        "try:\n    from mine import _fast\nexcept ImportError:\n    _fast = None\n",
        "def late():\n    from mine import _fast\n",
        "",
    ],
)
def test_it_is_only_worth_knowing_when_nothing_imports_it_at_once(patient, init):
    patient.become_venv()
    link_to_gone(patient, f"{SITE}/mine/{MODULE}")
    patient.compile(f"{SITE}/mine/_one.cpython-311-x86_64-linux-gnu.so")
    patient.compile(f"{SITE}/mine/_two.cpython-311-x86_64-linux-gnu.so")
    others = [f"mine/_{n}.cpython-311-x86_64-linux-gnu.so" for n in ("one", "two")]
    patient.dist(
        "mine", files={"mine/__init__.py": init.encode()}, paths=[f"mine/{MODULE}", *others]
    )
    [finding] = patient.examine()
    assert (finding.code, finding.severity) == ("lib.missing", Severity.INFO)


def test_a_plug_in_that_no_module_needs_is_only_worth_knowing(patient):
    patient.become_venv()
    link_to_gone(patient, f"{SITE}/mine/plugins/libextra.so", "libibverbs.so.1")
    install(patient, init="")
    [finding] = patient.examine()
    assert finding.severity is Severity.INFO
    assert "InfiniBand" in finding.cause


def test_a_plug_in_that_only_looks_like_a_module_is_none(patient):
    """As the operators for torch and tensorflow that open3d carries for whoever has these."""
    patient.become_venv()
    link_to_gone(patient, f"{SITE}/mine/torch_ops.so", "libc10.so")
    patient.dist("mine", files={"mine/__init__.py": b""}, paths=["mine/torch_ops.so"])
    assert [finding.severity for finding in patient.examine()] == [Severity.INFO]
    # Named and built as a module it is all that there is: then nothing of it works.
    (patient.prefix / SITE / "mine/torch_ops.so").unlink()
    link_to_gone(patient, f"{SITE}/mine/{MODULE}", "libc10.so")
    install(patient, init="")
    assert [finding.severity for finding in patient.examine()] == [Severity.ERROR]


def test_a_library_behind_a_module_counts_like_the_module(patient):
    patient.become_venv()
    link_to_gone(patient, f"{SITE}/mine/lib/libmiddle.so")
    middle = str(patient.prefix / SITE / "mine/lib/libmiddle.so")
    patient.compile(
        f"{SITE}/mine/{MODULE}",
        "int use(void); int both(void) { return use(); }",
        middle, "-Wl,--allow-shlib-undefined", "-Wl,-rpath,$ORIGIN/lib", "-Wl,--unresolved-symbols=ignore-all",
    )  # fmt: skip
    install(patient)
    assert [f.severity for f in patient.find("lib.missing")] == [Severity.ERROR]


def test_a_library_named_by_its_whole_path_must_be_there(patient):
    patient.become_venv()
    library = patient.compile("elsewhere/libplain.so", "int plain(void) { return 1; }")
    source = "int plain(void); int use(void) { return plain(); }"
    patient.compile(f"{SITE}/mine/{MODULE}", source, str(library))
    install(patient)
    assert patient.examine() == ()
    library.unlink()
    [finding] = patient.examine()
    assert (finding.code, finding.severity) == ("lib.missing", Severity.ERROR)
    assert str(library) in finding.title


@pytest.mark.parametrize(
    ("place", "options"),
    [
        (f"{SITE}/mine/lib", ("-Wl,-rpath,$ORIGIN/lib",)),
        (f"{SITE}/mine/lib", ("-Wl,-rpath,${ORIGIN}/lib", "-Wl,--disable-new-dtags")),
        # Whoever brings it loads it first, as the wheels of CUDA do.
        (f"{SITE}/nvidia/cudnn/lib", ()),
    ],
)
def test_a_library_that_is_found_is_not_told(patient, place, options):
    patient.become_venv()
    library = patient.compile(
        f"{place}/libthere.so.1", "int there(void) { return 1; }", "-Wl,-soname,libthere.so.1"
    )
    source = "int there(void); int use(void) { return there(); }"
    patient.compile(f"{SITE}/mine/{MODULE}", source, str(library), *options)
    install(patient)
    assert patient.examine() == ()


def test_the_lib_of_a_conda_prefix_is_searched_and_so_is_ld_library_path(patient, tmp_path):
    patient.python()
    library = patient.compile(
        "lib/libthere.so.1", "int there(void) { return 1; }", "-Wl,-soname,libthere.so.1"
    )
    source = "int there(void); int use(void) { return there(); }"
    patient.compile(f"{SITE}/mine/{MODULE}", source, str(library))
    install(patient)
    assert patient.examine() == ()
    library.rename(tmp_path / "libthere.so.1")
    assert [f.code for f in patient.examine()] == ["lib.missing"]
    patient.environ["LD_LIBRARY_PATH"] = str(tmp_path)
    assert patient.find("lib.missing") == []


def test_libraries_of_the_driver_are_no_matter_of_the_environment(patient):
    patient.become_venv()
    link_to_gone(patient, f"{SITE}/mine/{MODULE}", "libcuda.so.1")
    install(patient)
    assert patient.examine() == ()


def make_newer(patient, library: str, version: str) -> None:
    """Compile a module against a library that is newer than the one of this system."""
    script = patient.write("build/map", f"{version} {{ global: shiny; }};\n".encode())
    stub = patient.compile(
        f"build/{library}", "int shiny(void) { return 1; }",
        f"-Wl,-soname,{library}", f"-Wl,--version-script,{script}",
    )  # fmt: skip
    source = "int shiny(void); int use(void) { return shiny(); }"
    patient.compile(f"{SITE}/mine/{MODULE}", source, "-nostdlib", str(stub))
    stub.unlink()
    install(patient)


@pytest.mark.parametrize(
    ("library", "version", "code"),
    [
        ("libc.so.6", "GLIBC_9.99", "lib.glibc"),
        ("libm.so.6", "GLIBC_7.1", "lib.glibc"),
    ],
)
def test_a_system_that_is_too_old_is_told(patient, library, version, code):
    patient.become_venv()
    make_newer(patient, library, version)
    [finding] = patient.examine()
    assert (finding.code, finding.severity) == (code, Severity.ERROR)
    assert version in finding.title
    assert finding.packages == ("mine",)


def test_the_cxx_library_of_the_prefix_is_asked_before_the_systems(patient):
    patient.python()
    make_newer(patient, "libstdc++.so.6", "GLIBCXX_3.4.99")
    script = patient.write("build/old", b"GLIBCXX_3.4.1 { global: shiny; };\n")
    own = patient.compile(
        "lib/libstdc++.so.6", "int shiny(void) { return 1; }",
        "-Wl,-soname,libstdc++.so.6", f"-Wl,--version-script,{script}",
    )  # fmt: skip
    [finding] = patient.find("lib.glibcxx")
    assert str(own) in finding.evidence
    assert finding.remedies[0].changes[0].requirement == "libstdcxx-ng"
    script.write_text("GLIBCXX_3.4.1 { global: old; };\nGLIBCXX_3.4.99 { global: shiny; };\n")
    patient.compile(
        "lib/libstdc++.so.6", "int shiny(void) { return 1; } int old(void) { return 2; }",
        "-Wl,-soname,libstdc++.so.6", f"-Wl,--version-script,{script}",
    )  # fmt: skip
    assert patient.find("lib.glibcxx") == []


def test_a_library_that_is_cut_off_is_told(patient):
    patient.become_venv()
    path = patient.compile(f"{SITE}/mine/{MODULE}")
    install(patient)
    assert patient.examine() == ()
    path.write_bytes(path.read_bytes()[:5000])
    [finding] = patient.examine()
    assert (finding.code, finding.severity) == ("lib.damaged", Severity.ERROR)
    assert "cut off" in finding.evidence
    assert "--force-reinstall --no-deps mine" in finding.remedies[0].command


def test_an_empty_library_is_told_and_a_linker_script_is_not(patient):
    patient.become_venv()
    patient.write(f"{SITE}/mine/{MODULE}", b"")
    patient.write("lib/libtext.so", b"INPUT(libtext.so.1)\n")
    install(patient)
    [finding] = patient.examine()
    assert (finding.code, finding.packages) == ("lib.damaged", ("mine",))


def test_a_module_for_another_processor_is_told(patient):
    patient.become_venv()
    path = patient.compile(f"{SITE}/mine/{MODULE}")
    data = bytearray(path.read_bytes())
    data[18:20] = (183).to_bytes(2, "little")
    path.write_bytes(data)
    install(patient)
    [finding] = patient.examine()
    assert (finding.code, finding.severity) == ("lib.machine", Severity.ERROR)
    assert "aarch64" in finding.title


def test_modules_of_another_python_are_told_unless_they_have_a_counterpart(patient):
    patient.become_venv()
    foreign = "_fast.cpython-312-x86_64-linux-gnu.so"
    patient.compile(f"{SITE}/mine/{foreign}")
    install(patient, module=foreign)
    [finding] = patient.examine()
    assert (finding.code, finding.severity) == ("abi.python_tag", Severity.ERROR)
    assert "Python 3.12" in finding.title
    for other in (MODULE, "_fast.abi3.so", "_fast.so"):
        path = patient.compile(f"{SITE}/mine/{other}", "void *PyInit__fast(void) { return 0; }")
        assert patient.examine() == (), other
        path.unlink()


def test_a_folder_of_links_and_odd_names_is_read_without_harm(patient):
    patient.become_venv()
    patient.compile("lib/libreal.so.1.2")
    (patient.prefix / "lib" / "libreal.so.1").symlink_to("libreal.so.1.2")
    (patient.prefix / "lib" / "libloop.so").symlink_to("libloop.so")
    (patient.prefix / "lib" / "libout.so").symlink_to("/usr/lib/x86_64-linux-gnu/libc.so.6")
    (patient.prefix / "lib" / "back").symlink_to("..")
    found = libraries.read_libraries(patient.prefix)
    assert [library.path for library in found.libraries] == ["lib/libreal.so.1.2"]
    assert found.names["libreal.so.1"] == ("lib/libreal.so.1.2",)


def test_imports_are_followed_as_python_would(tmp_path):
    files = {
        "big/__init__.py": "from . import part\nfrom .deep.inner import thing\n",
        "big/part.py": "import big._a as a\n",
        "big/deep/__init__.py": "",
        "big/deep/inner.py": "from ..lazy import *\n",
        "big/lazy.py": "from big.deep import _b\n",
        "big/never.py": "from big import _c\n",
        "big/broken.py": "def (",
    }
    for path, text in files.items():
        target = tmp_path / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    wanted = ["big/_a.so", "big/deep/_b.abi3.so", "big/_c.cpython-311-x86_64-linux-gnu.so"]
    assert find_reached(tmp_path, [*files, *wanted], wanted) == frozenset(wanted[:2])
    assert name_module("cv2/cv2.abi3.so") == "cv2.cv2"
    assert find_reached(tmp_path, ["cv2/cv2.abi3.so"], ["cv2/cv2.abi3.so"])
