"""What is there twice, and what pip did to conda's files."""

import pytest

from envbench.model.problem import Severity
from tests.envs.conftest import SITE


def test_one_module_of_two_distributions_is_told(patient):
    patient.become_venv()
    for name in ("opencv-python", "opencv-python-headless"):
        patient.dist(name, "4.10.0", files={"cv2/__init__.py": b"", "cv2/load.py": b""})
    [finding] = patient.examine()
    assert (finding.code, finding.severity) == ("duplicate.module", Severity.WARNING)
    assert finding.packages == ("opencv-python", "opencv-python-headless")
    kinds = [(change.kind, change.requirement) for change in finding.remedies[0].changes]
    assert kinds == [("remove", "opencv-python-headless"), ("require", "opencv-python")]


def test_shared_namespaces_and_careless_folders_are_not_told(patient):
    patient.become_venv()
    patient.dist(
        "one", files={"space/__init__.py": b"", "space/one.py": b"", "tests/__init__.py": b""}
    )
    patient.dist(
        "two", files={"space/__init__.py": b"", "space/two.py": b"", "tests/__init__.py": b""}
    )
    assert [finding.severity for finding in patient.examine()] == [Severity.INFO]


def test_parts_of_one_thing_that_bring_the_same_files_are_not_told(patient):
    patient.become_venv()
    for name in ("pyside6-essentials", "pyside6-addons"):
        info = patient.dist(
            name, "6.12", files={"PySide6/__init__.py": b"x", "PySide6/_config.py": b"y"}
        )
        rows = (info / "RECORD").read_text().replace(".py,,", ".py,sha256=abc,1")
        (info / "RECORD").write_text(rows)
    assert patient.examine() == ()
    (info / "RECORD").write_text(rows.replace("_config.py,sha256=abc", "_config.py,sha256=def"))
    [finding] = patient.examine()
    assert finding.evidence.startswith("1 files, such as") and "_config.py" in finding.evidence


def test_two_notes_of_one_distribution_are_told(patient):
    patient.become_venv()
    patient.dist("numpy", "1.26.4")
    patient.dist("numpy", "2.0.0")
    codes = {finding.code: finding for finding in patient.examine()}
    assert codes["duplicate.dist"].severity is Severity.WARNING
    assert "1.26.4, 2.0.0" in codes["duplicate.dist"].title


def test_remains_of_a_removal_are_worth_knowing(patient):
    patient.become_venv()
    (patient.prefix / SITE / "~umpy").mkdir()
    (patient.prefix / SITE / "~ip-23.0.dist-info").mkdir()
    [finding] = patient.examine()
    assert (finding.code, finding.severity) == ("duplicate.leftover", Severity.INFO)
    assert "~umpy" in finding.remedies[0].command


@pytest.mark.parametrize(
    ("names", "code"),
    [
        (("tensorflow", "tensorflow-cpu"), "duplicate.rivals"),
        (("onnxruntime", "onnxruntime-gpu"), "duplicate.rivals"),
        (("jax-cuda12-plugin", "jax-cuda13-plugin"), "duplicate.rivals"),
        (("cupy-cuda11x", "cupy-cuda12x"), "duplicate.rivals"),
    ],
)
def test_builds_of_one_framework_exclude_each_other(patient, names, code):
    patient.become_venv()
    for name in names:
        patient.dist(name, files={})
    findings = [finding for finding in patient.examine() if finding.severity is Severity.WARNING]
    assert [finding.code for finding in findings] == [code]
    assert findings[0].packages == names


def test_rivals_that_share_their_files_are_told_once(patient):
    patient.become_venv()
    for name in ("tensorflow", "tensorflow-cpu"):
        patient.dist(name, files={"tensorflow/core.py": b""})
    assert [finding.code for finding in patient.examine()] == ["duplicate.module"]


def test_the_retired_pynvml_hides_the_true_one(patient):
    patient.become_venv()
    patient.dist("nvidia_ml_py", "12.5", files={"pynvml.py": b""})
    patient.dist("pynvml", "11.5", files={"pynvml/__init__.py": b""})
    [finding] = patient.examine()
    assert finding.code == "duplicate.rivals"
    # Newer ones only ask for the true one.
    patient.dist("pynvml", "11.5", files={"pynvml_utils/__init__.py": b""})
    assert patient.examine() == ()


def test_cuda_libraries_of_two_major_versions_at_one_place_are_told(patient):
    patient.become_venv()
    library = {"nvidia/cudnn/lib/libcudnn.so.9": b"text"}
    patient.dist("nvidia-cudnn-cu11", "9.1", files=library)
    patient.dist("nvidia-cudnn-cu12", "9.2", files=library)
    patient.dist("nvidia-nccl-cu11", files={"nvidia/nccl11/libnccl.so.2": b"text"})
    patient.dist("nvidia-nccl-cu12", files={"nvidia/nccl/libnccl.so.2": b"text"})
    weights = {finding.packages[0]: finding.severity for finding in patient.find("duplicate.cuda")}
    assert weights == {"nvidia-cudnn-cu11": Severity.WARNING, "nvidia-nccl-cu11": Severity.INFO}


def test_cudnn_of_pip_beside_that_of_conda_is_told(patient):
    patient.python()
    patient.conda("cudnn", "8.9.7")
    patient.dist("nvidia-cudnn-cu12", "9.1", files={})
    [finding] = patient.find("duplicate.cuda")
    assert finding.severity is Severity.WARNING
    assert finding.packages == ("nvidia-cudnn-cu12", "cudnn")


@pytest.mark.usefixtures("compiler")
def test_two_copies_of_intels_openmp_are_told_and_gnus_is_not(patient):
    patient.become_venv()
    patient.compile(f"{SITE}/one/lib/libiomp5.so")
    patient.dist("one", paths=["one/lib/libiomp5.so"])
    patient.compile(f"{SITE}/two.libs/libgomp-a34b3233.so.1.0.0")
    patient.dist("two", paths=["two.libs/libgomp-a34b3233.so.1.0.0"])
    [finding] = patient.examine()
    assert (finding.code, finding.severity) == ("lib.duplicate_openmp", Severity.INFO)
    patient.compile(f"{SITE}/three/libiomp5.so")
    patient.dist("three", paths=["three/libiomp5.so"])
    [finding] = patient.examine()
    assert (finding.code, finding.severity) == ("lib.duplicate_openmp", Severity.WARNING)
    assert finding.packages == ("one", "three")


@pytest.mark.usefixtures("compiler")
def test_copies_of_gnus_openmp_are_normal(patient):
    patient.become_venv()
    for name in ("one", "two"):
        patient.compile(f"{SITE}/{name}.libs/libgomp-a34b3233.so.1.0.0")
        patient.dist(name, paths=[f"{name}.libs/libgomp-a34b3233.so.1.0.0"])
    assert patient.examine() == ()


def test_pip_over_conda_names_files_and_the_version_that_wins(patient):
    patient.python()
    patient.dist(
        "numpy", "1.26.4", files={"numpy/__init__.py": b"", "numpy/core.py": b""}, owner="numpy"
    )
    # pip removes the note of the old version and writes its own files over the others.
    for path in (patient.prefix / SITE / "numpy-1.26.4.dist-info").iterdir():
        path.unlink()
    (patient.prefix / SITE / "numpy-1.26.4.dist-info").rmdir()
    patient.dist("numpy", "2.2.6", files={"numpy/__init__.py": b"", "numpy/core.py": b""})
    [finding] = patient.examine()
    assert (finding.code, finding.severity) == ("duplicate.pip_over_conda", Severity.WARNING)
    assert "Python imports 2.2.6, conda believes in 1.26.4" in finding.cause
    assert "2 files of both" in finding.evidence
    changes = finding.remedies[0].changes
    assert [(c.kind, c.requirement, c.section) for c in changes] == [
        ("remove", "numpy", "pip"),
        ("require", "numpy 2.2.6", "conda"),
    ]


def test_pip_in_the_place_of_conda_is_told_though_no_file_is_of_both(patient):
    patient.python()
    patient.dist("six", "1.16.0", files={"six.py": b""}, owner="six")
    for path in [*(patient.prefix / SITE / "six-1.16.0.dist-info").iterdir()]:
        path.unlink()
    (patient.prefix / SITE / "six-1.16.0.dist-info").rmdir()
    patient.dist("six", "1.17.0", files={"other_six.py": b""})
    [finding] = patient.examine()
    assert finding.code == "duplicate.pip_over_conda"
    assert "is gone" in finding.evidence


def test_pip_beside_conda_is_fine(patient):
    patient.python()
    patient.dist("six", "1.16.0", files={"six.py": b""}, owner="six")
    patient.dist("rich", "13.0", requires=["six"])
    assert patient.examine() == ()
